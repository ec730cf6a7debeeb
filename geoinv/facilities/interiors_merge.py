"""Rooms of several drawings put together: which way each sheet lies, and which drawn rooms are one room, in order."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geoinv.facilities.interiors_align import Row, evidence, posteriors, row_of
from geoinv.facilities.interiors_way import Laid, Placed, cost_between

__all__ = ["Joined", "choose_ways", "join", "on_one_side_each"]

Floats = NDArray[np.float64]

#: How much the agreement of two drawings weighs against entrance, north and shape (both log likelihoods, but all
#: pairs of drawings are not independent), set on made blocks; ways costlier than the best by this much are not tried.
_AGREEMENT, _TRIED = 0.4, 6.0
#: How sure it must be that two rooms are one: lower than a half, since a link missed costs as much as a wrong one.
_SURE = 0.05
_ROUNDS = 3
#: What tied rooms on different sides of the corridor, or a whole corridor apart, weigh against a way.
_TIE_COST = 25.0
#: More drawings than this are laid one after another, not all at once.
_AT_ONCE = 6


@dataclass(frozen=True)
class Joined:
    """Slots of different drawings held to be one room.

    Attributes
    ----------
    members
        The slots, one of a drawing.
    distinct
        How many rooms of their own they are expected to be: near 1 where all that is likely the same is joined, less
        where they likely are what other drawings show beside it.
    """

    members: tuple[Placed, ...]
    distinct: float = 1.0

    @property
    def side(self) -> int:
        """1 for left of the middle line, -1 for right."""
        return self.members[0].side

    @property
    def middle(self) -> float:
        """Metres along, mean over the drawings."""
        return float(np.mean([one.middle for one in self.members]))

    @property
    def roles(self) -> tuple[str, ...]:
        """Roles its labels tell, sorted."""
        return tuple(sorted({one.slot.role for one in self.members if one.slot.role}))


def choose_ways(
    ways: Sequence[Sequence[Laid]], length: float, together: Sequence[frozenset[str]] = ()
) -> tuple[Laid, ...]:
    """One way for each drawing: likely by itself, and such that the drawings agree with each other.

    Parameters
    ----------
    ways
        Of each drawing, likeliest first.
    length
        Of the building's middle line, metres.
    together
        Full names of drawn rooms that a person knows to be one: they should lie on one side, and near each other.
    """
    tried = [[laid for laid in some if laid.cost <= some[0].cost + _TRIED] for some in ways]
    if len(tried) > _AT_ONCE:  # those that are surest of themselves first
        tried = [some if index < _AT_ONCE else some[:1] for index, some in enumerate(tried)]
    rows = [[[row_of(laid.row(side), length) for side in (1, -1)] for laid in some] for some in tried]
    keys, pairs = [], []
    for i, j in itertools.combinations(range(len(tried)), 2):
        for a, b in itertools.product(range(len(tried[i])), range(len(tried[j]))):
            for side in (0, 1):
                keys.append((i, a, j, b))
                pairs.append((rows[i][a][side], rows[j][b][side]))
    agreement: dict[tuple[int, int, int, int], float] = {}
    for key, value in zip(keys, evidence(pairs), strict=True):
        agreement[key] = agreement.get(key, 0.0) + float(value)
    for key in agreement:
        agreement[key] -= _apart(tried[key[0]][key[1]], tried[key[2]][key[3]], length, together)
    best = min(
        itertools.product(*(range(len(some)) for some in tried)), key=lambda chosen: _cost(chosen, tried, agreement)
    )
    return tuple(some[index] for some, index in zip(tried, best, strict=True))


def _apart(one: Laid, other: Laid, length: float, together: Sequence[frozenset[str]]) -> float:
    """How far two drawings are from holding what a person tied together, as a cost."""
    cost = 0.0
    for group in together:
        first = [placed for placed in one.placed if placed.slot.drawn in group]
        second = [placed for placed in other.placed if placed.slot.drawn in group]
        for a, b in itertools.product(first[:1], second[:1]):
            cost += _TIE_COST * ((a.side != b.side) + abs(a.middle - b.middle) / length)
    return cost


def _cost(
    chosen: Sequence[int], tried: Sequence[Sequence[Laid]], agreement: Mapping[tuple[int, int, int, int], float]
) -> float:
    laid = [some[index] for some, index in zip(tried, chosen, strict=True)]
    cost = sum(one.cost for one in laid)
    for i, j in itertools.combinations(range(len(laid)), 2):
        cost -= 2 * _AGREEMENT / len(laid) * agreement[i, chosen[i], j, chosen[j]]
        one, other = laid[i].entrance, laid[j].entrance
        if one is not None and other is not None:
            cost += cost_between(one, other) / (len(laid) - 1)
    return cost


def join(laid: Sequence[Laid], length: float, together: Sequence[frozenset[str]] = ()) -> tuple[Joined, ...]:
    """Which slots of several drawings are one room: the left side first, each side in order.

    Probabilities of pairs are made consistent over third drawings (Do et al. 2005), then drawings are aligned one
    after another, in order, so that the expected number of right links is largest, and each again with the rest.

    Parameters
    ----------
    laid
        The drawings, each in the way it lies.
    length
        Of the building's middle line, metres.
    together
        Full names of drawn rooms that a person knows to be one; they are joined whatever the drawings say.
    """
    found: list[Joined] = []
    for side in (1, -1):
        rows = [row_of(one.row(side), length) for one in laid]
        found += _one_side(rows, together)
    return tuple(found)


def _one_side(rows: Sequence[Row], together: Sequence[frozenset[str]]) -> list[Joined]:
    pairs = list(itertools.combinations(range(len(rows)), 2))
    tables: dict[tuple[int, int], Floats] = {}
    for (i, j), table in zip(pairs, posteriors([(rows[i], rows[j]) for i, j in pairs]), strict=True):
        tables[i, j], tables[j, i] = table, table.T
    matches = [
        sum((tables[k, other].sum(axis=1) for other in range(len(rows)) if other != k), np.zeros(len(row.middle)))
        for k, row in enumerate(rows)
    ]
    tables = _tied(_consistent(tables, len(rows)), rows, together)
    order = sorted(range(len(rows)), key=lambda k: (-len(rows[k].middle), k))
    columns: list[list[tuple[int, int]]] = []
    for k in order:
        columns = _added(columns, k, rows, tables)
    for _ in range(_ROUNDS):
        before = sorted(sorted(column) for column in columns)
        for k in order:
            rest = [[item for item in column if item[0] != k] for column in columns]
            columns = _added([column for column in rest if column], k, rows, tables)
        if sorted(sorted(column) for column in columns) == before:
            break
    columns = _held_together(columns, rows, together)
    return [
        Joined(
            tuple(rows[d].placed[i] for d, i in sorted(column)),
            # A slot expected to have m equals in the other drawings is the (m + 1)th part of a room.
            distinct=float(sum(1 / (1 + matches[d][i]) for d, i in column)),
        )
        for column in columns
    ]


def _consistent(tables: dict[tuple[int, int], Floats], count: int) -> dict[tuple[int, int], Floats]:
    if count < 3:
        return tables
    found = {}
    for (i, j), table in tables.items():
        through = sum((tables[i, k] @ tables[k, j] for k in range(count) if k not in (i, j)), np.zeros_like(table))
        found[i, j] = (2 * table + through) / count
    return found


def _tied(
    tables: dict[tuple[int, int], Floats], rows: Sequence[Row], together: Sequence[frozenset[str]]
) -> dict[tuple[int, int], Floats]:
    """A person's word that rooms are one outweighs all else, as does that they are different ones."""
    if not together:
        return tables
    group = {name: index for index, names in enumerate(together) for name in names}
    given = [np.array([group.get(one.slot.drawn, -1) for one in row.placed], dtype=int) for row in rows]
    found = {}
    for (i, j), table in tables.items():
        both = (given[i][:, None] >= 0) & (given[j][None] >= 0)
        same = given[i][:, None] == given[j][None]
        found[i, j] = np.where(both, np.where(same, _TIED, -_TIED), table)
    return found


def _held_together(
    columns: list[list[tuple[int, int]]], rows: Sequence[Row], together: Sequence[frozenset[str]]
) -> list[list[tuple[int, int]]]:
    """Tied rooms put into one column even where their order in the drawings crosses that of others."""

    def name(item: tuple[int, int]) -> str:
        return rows[item[0]].placed[item[1]].slot.drawn

    for group in together:
        shares = [len({name(item) for item in column} & group) for column in columns]
        if not shares or max(shares) == 0:
            continue
        home = columns[shares.index(max(shares))]
        missing = group - {name(item) for item in home}
        for wanted in sorted(missing):
            item = next((item for column in columns for item in column if name(item) == wanted), None)
            if item is None:  # on the other side, or in no drawing that was read
                continue
            next(column for column in columns if item in column).remove(item)
            other = [one for one in home if one[0] == item[0]]  # what the same drawing has there stands beside it
            for one in other:
                home.remove(one)
                columns.insert(columns.index(home) + (1 if one > item else 0), [one])
            home.append(item)
        columns = [column for column in columns if column]
    return columns


def on_one_side_each(laid: Sequence[Laid], together: Sequence[frozenset[str]]) -> tuple[Laid, ...]:
    """The drawings with tied rooms on one side of the corridor: the side on which most of them are drawn."""
    sides: dict[str, int] = {}
    for group in together:
        drawn = [one for item in laid for one in item.placed if one.slot.drawn in group]
        side = 1 if sum(one.side for one in drawn) >= 0 else -1
        sides |= dict.fromkeys(group, side)
    return tuple(
        replace(item, placed=tuple(replace(one, side=sides.get(one.slot.drawn, one.side)) for one in item.placed))
        for item in laid
    )


#: What a tie weighs against probabilities, of which a row has fewer than this in sum.
_TIED = 1000.0


def _added(
    columns: list[list[tuple[int, int]]], k: int, rows: Sequence[Row], tables: Mapping[tuple[int, int], Floats]
) -> list[list[tuple[int, int]]]:
    """Columns with drawing ``k``'s slots put in, order kept, so that the sum of sure links is largest."""
    n, m = len(columns), len(rows[k].middle)
    if not n or not m:
        return columns if n else [[(k, index)] for index in range(m)]
    gain = np.array([np.mean([tables[d, k][i] for d, i in column], axis=0) - _SURE for column in columns])
    gain *= np.sqrt([[len(column)] for column in columns])
    best = np.zeros((n + 1, m + 1))
    for i in range(n):
        matched = best[i, :-1] + gain[i]
        best[i + 1] = np.maximum.accumulate(np.append(best[i, :1], np.maximum(matched, best[i, 1:])))
    middles = [np.mean([rows[d].middle[i] for d, i in column]) for column in columns]
    found, i, j = [], n, m
    while i or j:
        up, left = i > 0 and best[i, j] == best[i - 1, j], j > 0 and best[i, j] == best[i, j - 1]
        if not up and not left:
            i, j = i - 1, j - 1
            found.append([*columns[i], (k, j)])
        elif up and (not left or middles[i - 1] >= rows[k].middle[j - 1]):
            i -= 1
            found.append(columns[i])
        else:
            j -= 1
            found.append([(k, j)])
    return found[::-1]
