"""Two states of one facility compared, part by part: added, taken out, moved, reshaped, renamed, known otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from geoinv.geometry.frames import to_local, to_lonlat
from geoinv.records.places import Frame

__all__ = ["Change", "Standing", "StandingPart", "change_of", "changes"]

#: What is moved less than this is where it was, metres; fits are rounded to the centimetre, and frames shift a little.
MOVED_M = 0.25
#: What covers so much of the ground of both has the shape it had.
_SAME_SHAPE = 0.9
#: Two shapes that share so much of their ground may be one part under two ids.
_ALIKE = 0.3
#: Lines and points are compared as wide as this, metres.
_WIDE_M = 0.6


@dataclass(frozen=True)
class StandingPart:
    """One part of a state.

    Attributes
    ----------
    sort, kind
        ``building``, ``room``, ``opening`` …; its role, or what sort of opening it is.
    drawn
        The elements that were drawn of it.
    shape
        In plan, metres in the state's frame.
    """

    id: str
    sort: str
    kind: str
    labels: tuple[str, ...]
    drawn: frozenset[str]
    status: str
    hypothesis: str | None
    height_m: float | None
    shape: BaseGeometry

    @property
    def wide(self) -> BaseGeometry:
        """Its ground; of a line or a point, a little about it."""
        ground = self.shape if self.shape.geom_type in ("Polygon", "MultiPolygon") else self.shape.buffer(_WIDE_M)
        return ground if ground.is_valid else shapely.make_valid(ground)


@dataclass(frozen=True)
class Standing:
    """A facility's parts at one time."""

    frame: Frame
    parts: tuple[StandingPart, ...]

    @classmethod
    def read(cls, data: dict[str, Any]) -> Standing:
        """From what was kept."""
        parts = tuple(
            StandingPart(**{**one, "labels": tuple(one["labels"]), "drawn": frozenset(one["drawn"]),
                            "shape": shape(one["shape"])})
            for one in data["parts"]
        )  # fmt: skip
        return cls(Frame(**data["frame"]), parts)

    def within(self, frame: Frame) -> Standing:
        """The same in another frame's metres."""
        if frame == self.frame:
            return self
        moved = (
            StandingPart(**{**vars(one), "shape": to_local(frame, to_lonlat(self.frame, one.shape))})
            for one in self.parts
        )
        return Standing(frame, tuple(moved))


@dataclass(frozen=True)
class Change:
    """What became of one part.

    Attributes
    ----------
    before, after
        As it was and as it is, in one frame; ``None`` of what was not there, or is no more.
    how
        ``added``, ``removed``, or some of ``moved``, ``reshaped``, ``status``, ``renamed``, ``kind``, ``height``,
        ``drawn``; empty where nothing changed.
    moved_m
        How far its middle went, metres.
    """

    before: StandingPart | None
    after: StandingPart | None
    how: tuple[str, ...]
    moved_m: float = 0.0

    @property
    def part(self) -> StandingPart:
        """As it is, or was."""
        found = self.after or self.before
        assert found is not None
        return found


def changes(before: Standing, after: Standing) -> list[Change]:
    """What became of every part, those unchanged included.

    A part is the same if most was drawn alike of it or most of its ground is shared, rather than by its id: ids of
    rooms follow from their place in a row, which shifts where one is added before it.

    Returns
    -------
    list of Change
        In the frame of ``after``: its parts in their order, then what is no more.
    """
    before = before.within(after.frame)
    pairs = _pairs(before.parts, after.parts)
    told = [change_of(pairs.get(index), part) for index, part in enumerate(after.parts)]
    left = {id(one) for one in pairs.values()}
    return [*told, *(change_of(one, None) for one in before.parts if id(one) not in left)]


def _pairs(before: Sequence[StandingPart], after: Sequence[StandingPart]) -> dict[int, StandingPart]:
    """Place in ``after`` → the part it was; the likeliest pairs first, each part once."""
    rated = [
        (_likeness(before[i], after[j]), i, j)
        for i, j in _candidates(before, after)
        if before[i].sort == after[j].sort and before[i].hypothesis == after[j].hypothesis
    ]
    taken: set[int] = set()
    found: dict[int, StandingPart] = {}
    for likeness, i, j in sorted(rated, key=lambda rating: (-rating[0], rating[1], rating[2])):
        if likeness > 0 and i not in taken and j not in found:
            taken.add(i)
            found[j] = before[i]
    return found


def _candidates(before: Sequence[StandingPart], after: Sequence[StandingPart]) -> set[tuple[int, int]]:
    """Pairs that overlap, or share their id or something that was drawn of both."""
    if not before or not after:
        return set()
    tree = shapely.STRtree([one.wide for one in before])
    found = {(int(i), j) for j, part in enumerate(after) for i in tree.query(part.wide)}
    named: dict[str, list[int]] = {}
    for i, part in enumerate(before):
        for name in (part.id, *part.drawn):
            named.setdefault(name, []).append(i)
    return found | {
        (i, j) for j, part in enumerate(after) for name in (part.id, *part.drawn) for i in named.get(name, ())
    }


def _likeness(one: StandingPart, other: StandingPart) -> float:
    """How likely two are one part: by what was drawn of them, by the ground they share, last by their id."""
    drawn = len(one.drawn & other.drawn) / max(len(one.drawn | other.drawn), 1)
    shared = _shared(one.wide, other.wide)
    named = 0.1 * (one.id == other.id)
    if drawn == 0 and shared < _ALIKE:
        # The same id far away is the same part only where nobody drew either: what was drawn says better.
        return named if not one.drawn and not other.drawn else 0.0
    return 2 * drawn + shared + named


def _shared(one: BaseGeometry, other: BaseGeometry) -> float:
    whole = one.union(other).area
    return float(one.intersection(other).area / whole) if whole else 0.0


def change_of(before: StandingPart | None, after: StandingPart | None) -> Change:
    """What became of one part, both in one frame's metres; ``None`` where it was not there."""
    if before is None or after is None:
        return Change(before, after, ("added",) if before is None else ("removed",))
    went = float(before.shape.centroid.distance(after.shape.centroid))
    return Change(before, after, tuple(_how(before, after, went)), went)


def _how(before: StandingPart, after: StandingPart, went: float) -> Iterator[str]:
    if went >= MOVED_M:
        yield "moved"
    size = (before.wide.area, after.wide.area)
    if went < MOVED_M and min(size) < _SAME_SHAPE * max(size):
        yield "reshaped"
    if before.status != after.status:
        yield "status"
    if before.labels != after.labels and after.sort != "opening":
        yield "renamed"
    if before.kind != after.kind:
        yield "kind"
    if before.height_m is not None and after.height_m is not None and abs(before.height_m - after.height_m) >= 0.05:
        yield "height"
    if before.drawn != after.drawn:
        yield "drawn"
