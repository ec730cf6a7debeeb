"""How surely rooms of two drawings are one room: a pair of rows aligned in order, all alignments weighed at once.

A conditional random field over the alignments of two rows (Lafferty, McCallum and Pereira 2001; pair states as in
Durbin et al. 1998, chapter 4): two rooms are matched, or one is left alone where the other drawing has none. What
speaks for and against is weighed by numbers learned from made blocks (``data/interior_alignment.json``, by
``scripts/learn_interiors.py``), so that the probabilities given are right on such blocks.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from geoinv.facilities.interiors_way import Placed

__all__ = [
    "FEATURES",
    "Features",
    "Row",
    "Sweep",
    "Weights",
    "evidence",
    "features_of",
    "posteriors",
    "row_of",
    "sweep",
]

Floats = NDArray[np.float64]

_NONE = -1e9
#: A usual room's width, metres: distances along the corridor are told in it.
_ROOM_M = 3.0
#: Memory for one batch of alignments: cells of all tables together.
_CELLS = 400_000

_RELATIONS = (
    "unnamed", "one cell", "one latrine", "one other", "both cell", "both latrine", "both punishment cell",
    "both guard", "both other", "cell and punishment cell", "named otherwise",
)  # fmt: skip
#: What speaks for two rooms being one; for one being left alone; for two matched pairs following each other; and the
#: beginning and continuing of rooms left alone.
FEATURES: dict[str, tuple[str, ...]] = {
    "match": (
        "always", "distance", "root of distance", "distance in rooms", "rank from start", "rank from end",
        "least rank", "width", "width against its drawing", "first and at the start", "last and at the end",
        "uncertain", *_RELATIONS[1:], "same number", "number one off", "another number", "one of a row", "both of rows",
    ),
    "alone": (
        "always", "fits a blank", "at an end", "fits a blank at an end", "of a row", "uncertain", "one each",
        "interrogation", "unnamed",
    ),
    "follow": ("always", "both touch", "one touches", "steps differ", "of the same rows"),
    "gap": ("begins", "goes on", "changes drawing"),
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One side of one drawing as numbers: middles, widths and blanks (before each and after the last), metres."""

    placed: tuple[Placed, ...]
    length: float
    middle: Floats
    width: Floats
    blank: Floats
    of_row: Floats
    uncertain: Floats
    touches: NDArray[np.bool_]
    continues: NDArray[np.bool_]
    typical: float


def row_of(placed: Sequence[Placed], length: float) -> Row:
    """A side's rooms as numbers; ``length`` of the building's middle line, metres."""
    low, high = (np.array([getattr(one, end) for one in placed], dtype=float) for end in ("low", "high"))
    reached = np.maximum.accumulate(high) if len(high) else high
    blank = np.maximum(0.0, np.append(low, length) - np.append(0.0, reached))
    width = high - low
    names = [one.slot.drawn for one in placed]
    least = np.minimum(width[1:], width[:-1])
    return Row(
        placed=tuple(placed),
        length=length,
        middle=(low + high) / 2,
        width=width,
        blank=blank,
        of_row=np.array([one.slot.of > 1 for one in placed], dtype=float),
        uncertain=np.array([1.0 - one.slot.certainty for one in placed]),
        touches=np.append(False, blank[1:-1] < 0.25 * least) if len(width) else np.zeros(0, dtype=bool),
        continues=np.array([index > 0 and names[index - 1] == name for index, name in enumerate(names)], dtype=bool),
        typical=float(np.median(width)) if len(width) else 1.0,
    )


@dataclass(frozen=True)
class Features:
    """What speaks for each step of aligning two rows of n and m rooms.

    ``match`` (n, m, features), ``alone_one`` (n, m + 1, …), ``alone_other`` (n + 1, m, …), ``follow`` (n, m, …).
    """

    match: Floats
    alone_one: Floats
    alone_other: Floats
    follow: Floats


def features_of(one: Row, other: Row) -> Features:
    """What speaks for each step of aligning two rows; neither may be empty."""
    return Features(_match(one, other), _alone(one, other), _alone(other, one).transpose(1, 0, 2), _follow(one, other))


def _match(one: Row, other: Row) -> Floats:
    n, m = len(one.middle), len(other.middle)
    away = np.abs(one.middle[:, None] - other.middle[None])
    share = away / one.length
    start = np.abs(np.arange(n)[:, None] - np.arange(m)[None])
    end = np.abs(np.arange(n)[::-1][:, None] - np.arange(m)[::-1][None])
    wide = np.log(one.width)[:, None] - np.log(other.width)[None]
    scale = np.log(one.typical / other.typical)
    first, last = np.zeros((n, m)), np.zeros((n, m))
    first[0, 0] = one.blank[0] < 0.5 * one.typical and other.blank[0] < 0.5 * other.typical
    last[-1, -1] = one.blank[-1] < 0.5 * one.typical and other.blank[-1] < 0.5 * other.typical
    relations = _relations(one, other)
    numbers = _numbers(one, other)
    rows = one.of_row[:, None] + other.of_row[None]
    columns = [
        np.ones((n, m)), share, np.sqrt(share), np.minimum(away / _ROOM_M, 4.0), np.minimum(start, 6),
        np.minimum(end, 6), np.minimum(np.minimum(start, end), 4), np.minimum(np.abs(wide), 2.0),
        np.minimum(np.abs(wide - scale), 2.0), first, last, one.uncertain[:, None] + other.uncertain[None],
        *(relations == index for index in range(1, len(_RELATIONS))),
        numbers == 0, numbers == 1, numbers > 1, rows == 1, rows == 2,
    ]  # fmt: skip
    return np.stack(columns, axis=-1).astype(float)


def _relations(one: Row, other: Row) -> NDArray[np.int64]:
    roles = [sorted({p.slot.role or "" for p in row.placed}) for row in (one, other)]
    table = {(a, b): _RELATIONS.index(_relation(a, b)) for a in roles[0] for b in roles[1]}
    return np.array([[table[p.slot.role or "", q.slot.role or ""] for q in other.placed] for p in one.placed])


def _relation(one: str, other: str) -> str:
    if not one or not other:
        known = one or other
        if not known:
            return "unnamed"
        return {"cell": "one cell", "punishment cell": "one cell", "latrine": "one latrine"}.get(known, "one other")
    if one == other:
        return f"both {one}" if f"both {one}" in _RELATIONS else "both other"
    return "cell and punishment cell" if {one, other} == {"cell", "punishment cell"} else "named otherwise"


def _numbers(one: Row, other: Row) -> Floats:
    """Differences of the numbers in the labels, shape (n, m); -1 where one has none."""
    first, second = (
        np.array([np.nan if p.slot.number is None else p.slot.number for p in row.placed], dtype=float)
        for row in (one, other)
    )
    apart: Floats = np.nan_to_num(np.abs(first[:, None] - second[None]), nan=-1.0)
    return apart


def _alone(one: Row, other: Row) -> Floats:
    n, m = len(one.middle), len(other.middle)
    fits = np.minimum(1.0, other.blank[None] / (0.7 * one.width[:, None]))
    ends = np.zeros((n, m + 1))
    ends[:, [0, -1]] = 1.0
    roles = [p.slot.role for p in one.placed]
    own = [
        one.of_row, one.uncertain, np.array([role in ("latrine", "guard") for role in roles], dtype=float),
        np.array([role == "interrogation" for role in roles], dtype=float),
        np.array([role is None for role in roles], dtype=float),
    ]  # fmt: skip
    every = np.ones((n, m + 1))
    return np.stack([every, fits, ends, ends * fits, *(column[:, None] * every for column in own)], axis=-1)


def _follow(one: Row, other: Row) -> Floats:
    n, m = len(one.middle), len(other.middle)
    found = np.zeros((n, m, len(FEATURES["follow"])))
    if n > 1 and m > 1:
        steps = [np.log(np.maximum(np.diff(row.middle), 0.1)) for row in (one, other)]
        touch, touch_other = one.touches[1:, None], other.touches[None, 1:]
        found[1:, 1:, 0] = 1.0
        found[1:, 1:, 1] = touch & touch_other
        found[1:, 1:, 2] = touch ^ touch_other
        found[1:, 1:, 3] = np.minimum(2.0, np.abs(steps[0][:, None] - steps[1][None]))
        found[1:, 1:, 4] = one.continues[1:, None] & other.continues[None, 1:]
    return found


@dataclass(frozen=True)
class Weights:
    """What each of ``FEATURES`` weighs."""

    match: Floats
    alone: Floats
    follow: Floats
    gap: Floats

    @staticmethod
    @cache
    def learned() -> Weights:
        """As learned from made blocks."""
        text = files("geoinv").joinpath("facilities/data/interior_alignment.json").read_text(encoding="utf-8")
        given = json.loads(text)["weights"]
        return Weights(**{kind: np.array([given[kind][name] for name in names]) for kind, names in FEATURES.items()})


@dataclass(frozen=True)
class Sweep:
    """A batch of alignments weighed: log sums of all ways to each cell and from it, by state.

    ``before`` and ``after`` (3 states, batch, n + 2, m + 2; the cell i, j of ``before`` is at i + 1, j + 1),
    ``scores`` as weighed (match, alone_one, alone_other, follow) and ``total`` (batch,), the log sum of all alignments.
    """

    before: Floats
    after: Floats
    scores: tuple[Floats, Floats, Floats, Floats]
    total: Floats

    def matched(self) -> Floats:
        """Probability that room i of the one is room j of the other, shape (batch, n, m)."""
        log = self.before[0][:, 2:, 2:] + self.after[0][:, 1:-1, 1:-1] - self.total[:, None, None]
        sure: Floats = np.exp(np.minimum(log, 0.0))
        return sure


def sweep(features: Sequence[Features], weights: Weights, *, backward: bool = True) -> Sweep:
    """All alignments of each pair of rows weighed, forward and (if wanted) backward."""
    sizes = np.array([one.match.shape[:2] for one in features])
    n, m = (int(size) for size in sizes.max(axis=0))
    match, follow = np.zeros((len(features), n, m)), np.zeros((len(features), n, m))
    first, second = np.zeros((len(features), n, m + 1)), np.zeros((len(features), n + 1, m))
    for index, (one, (a, b)) in enumerate(zip(features, sizes, strict=True)):
        match[index, :a, :b], follow[index, :a, :b] = one.match @ weights.match, one.follow @ weights.follow
        first[index, :a, : b + 1] = one.alone_one @ weights.alone
        second[index, : a + 1, :b] = one.alone_other @ weights.alone
    scores = match, first, second, follow
    before = _forward(scores, weights.gap)
    every = np.arange(len(features))
    total = np.logaddexp.reduce(before[:, every, sizes[:, 0] + 1, sizes[:, 1] + 1], axis=0)
    after = _backward(scores, weights.gap, sizes) if backward else np.full((3, 1, 1, 1), _NONE)
    return Sweep(before, after, scores, total)


def _forward(scores: tuple[Floats, Floats, Floats, Floats], gap: Floats) -> Floats:
    match, first, second, follow = scores
    count, n, m = match.shape
    begins, goes_on, changes = gap
    f = np.full((3, count, n + 2, m + 2), _NONE)
    f[0, :, 1, 1] = 0.0
    for diagonal in range(1, n + m + 1):  # cells i + j = diagonal hang on earlier diagonals only
        i = np.arange(max(0, diagonal - m), min(n, diagonal) + 1)
        j = diagonal - i
        both, up, left = f[:, :, i, j], f[:, :, i, j + 1], f[:, :, i + 1, j]
        f[0, :, i + 1, j + 1] = (
            match[:, i - 1, j - 1] + np.logaddexp(both[0] + follow[:, i - 1, j - 1], np.logaddexp(both[1], both[2]))
        ).T
        f[1, :, i + 1, j + 1] = (first[:, i - 1, j] + np.logaddexp(up[0] + begins, up[1] + goes_on)).T
        other = np.logaddexp(left[0] + begins, np.logaddexp(left[1] + changes, left[2] + goes_on))
        f[2, :, i + 1, j + 1] = (second[:, i, j - 1] + other).T
    return f


def _backward(scores: tuple[Floats, Floats, Floats, Floats], gap: Floats, sizes: NDArray[np.int64]) -> Floats:
    match, first, second, follow = scores
    count, n, m = match.shape
    begins, goes_on, changes = gap
    g = np.full((3, count, n + 2, m + 2), _NONE)
    for diagonal in range(n + m, -1, -1):
        i = np.arange(max(0, diagonal - m), min(n, diagonal) + 1)
        j = diagonal - i
        a, b = np.minimum(i, n - 1), np.minimum(j, m - 1)  # beyond the edge the tables hold nothing
        both = match[:, a, b] + g[0][:, i + 1, j + 1]
        down = first[:, a, j] + g[1][:, i + 1, j]
        right = second[:, i, b] + g[2][:, i, j + 1]
        end = np.where((sizes[:, :1] == i) & (sizes[:, 1:] == j), 0.0, _NONE)
        from_match = np.logaddexp(both + follow[:, a, b], np.logaddexp(down + begins, right + begins))
        from_first = np.logaddexp(both, np.logaddexp(down + goes_on, right + changes))
        from_second = np.logaddexp(both, right + goes_on)
        for state, value in enumerate((from_match, from_first, from_second)):
            g[state, :, i, j] = np.logaddexp(end, value).T
    return g


def posteriors(pairs: Sequence[tuple[Row, Row]]) -> list[Floats]:
    """For each pair of rows the probability that room i of the one is room j of the other, shape (n, m)."""
    found: list[Floats] = [np.zeros((len(one.middle), len(other.middle))) for one, other in pairs]
    for chunk in _batches(pairs):
        swept = sweep([features_of(*pairs[index]) for index in chunk], Weights.learned())
        for index, table in zip(chunk, swept.matched(), strict=True):
            n, m = found[index].shape
            found[index] = table[:n, :m]
    return found


def evidence(pairs: Sequence[tuple[Row, Row]]) -> Floats:
    """For each pair of rows the log sum of all its alignments: how well they agree, if laid as they are."""
    weights = Weights.learned()
    gaps = [len(one.middle) + len(other.middle) for one, other in pairs]
    alone = weights.alone[0] + 0.5 * weights.alone[1]
    found = np.array([weights.gap[0] + (n - 1) * weights.gap[1] + n * alone if n else 0.0 for n in gaps])
    for chunk in _batches(pairs):
        swept = sweep([features_of(*pairs[index]) for index in chunk], weights, backward=False)
        found[chunk] = swept.total
    return found


def _batches(pairs: Sequence[tuple[Row, Row]]) -> list[list[int]]:
    """Pairs of which both have rooms, in batches of like size that fit into memory."""
    sizes = [(len(one.middle) * len(other.middle), index) for index, (one, other) in enumerate(pairs)]
    found: list[list[int]] = []
    cells = 0
    for size, index in sorted(item for item in sizes if item[0]):
        if not found or (cells + size) > _CELLS:
            found.append([])
            cells = 0
        found[-1].append(index)
        cells = size * len(found[-1])
    return found
