"""Which parts of a blueprint a claim speaks of, under one hypothesis, and what they may be taken for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import Point, Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.errors import RefusalError
from geoinv.models.solids_walls import preferred
from geoinv.records.blueprint import Blueprint, Building, Fixture, Opening, Part, Room, Storey

__all__ = ["Place", "Untestable", "adjacent_rooms", "ground_of", "named", "one_version", "places", "rooms_called"]

#: Rooms with at most this much wall between them, along at least this much of it, are next to each other, metres.
APART_M, FRONT_M = 0.9, 0.5


class Untestable(RefusalError):
    """A claim cannot be tested; ``what`` says why, in a sentence without its full stop."""


@dataclass(frozen=True)
class Place:
    """A part with the building and storey that it is in, where it is in one."""

    part: Part
    building: Building | None = None
    storey: Storey | None = None

    @property
    def ground(self) -> BaseGeometry:
        """Its shape in plan, metres."""
        return ground_of(self.part)

    @property
    def name(self) -> str:
        """What it is called; of what has no label, what it is."""
        return self.part.labels[0] if self.part.labels else f"a {_kind(self.part).replace('_', ' ')} without a name"


def one_version(blueprint: Blueprint, hypothesis: str | None) -> Blueprint:
    """A blueprint with the parts of one hypothesis and those that all share."""
    site = blueprint.site
    buildings = tuple(
        building.model_copy(
            update={
                "storeys": tuple(_one_storey(storey, hypothesis) for storey in preferred(building.storeys, hypothesis))
            }
        )
        for building in preferred(blueprint.buildings, hypothesis)
    )
    chosen = {name: preferred(getattr(site, name), hypothesis) for name in ("walls", "gates", "towers", "paths")}
    return blueprint.model_copy(update={"buildings": buildings, "site": site.model_copy(update=chosen)})


def _one_storey(storey: Storey, hypothesis: str | None) -> Storey:
    names = ("rooms", "walls", "openings", "stairs", "fixtures")
    return storey.model_copy(update={name: preferred(getattr(storey, name), hypothesis) for name in names})


def places(blueprint: Blueprint) -> Iterator[Place]:
    """Every part, with where it is."""
    for building in blueprint.buildings:
        yield Place(building, building)
        for storey in building.storeys:
            yield Place(storey, building, storey)
            for part in storey.inside():
                yield Place(part, building, storey)
    for part in blueprint.site.parts():
        yield Place(part)


def ground_of(part: Part) -> BaseGeometry:
    """A part's shape in plan: a polygon, a line or a point, metres; empty of what has none."""
    for name in ("polygon", "outline", "line"):
        shape = getattr(part, name, None)
        if shape is not None:
            return shape  # type: ignore[no-any-return]
    at = getattr(part, "at", None)
    return Point(at) if at is not None else Polygon()


def _word(text: str) -> str:
    return " ".join(text.casefold().replace("_", " ").split())


def _kind(part: Part) -> str:
    if isinstance(part, Room):
        return part.role
    if isinstance(part, Opening | Fixture):
        return part.kind
    return {"PerimeterWall": "wall"}.get(type(part).__name__, type(part).__name__.lower())


#: What a word may mean, tried in this order; the first that any part answers to counts.
_WAYS: tuple[Callable[[Part, str], bool], ...] = (
    lambda part, wanted: part.id == wanted,
    lambda part, wanted: wanted in part.drawn,
    lambda part, wanted: _word(wanted) in map(_word, part.labels),
    lambda part, wanted: _word(wanted) == _kind(part),
)


def named(blueprint: Blueprint, wanted: str) -> Place:
    """The one part that a claim means by a word: by id, by what was drawn, by label, by role or kind.

    Raises
    ------
    Untestable
        If no part or several parts answer to it.
    """
    every = list(places(blueprint))
    for answers in _WAYS:
        found = [place for place in every if answers(place.part, wanted)]
        # A room is meant before the door or the building of the same name.
        rooms = [place for place in found if isinstance(place.part, Room)]
        if len(rooms or found) == 1:
            return (rooms or found)[0]
        if found:
            raise Untestable(f"“{wanted}” can mean {len(rooms or found)} parts of the model")
    if _word(wanted) in ("entrance", "way in", "입구"):
        doors = [one for one in every if isinstance(one.part, Opening) and "outside" in one.part.connects]
        if len(doors) == 1:
            return doors[0]
    raise Untestable(f"nothing in the model is called “{wanted}”")


def rooms_called(blueprint: Blueprint, wanted: str) -> tuple[Place, ...]:
    """Every room of a role, or with a label that begins so (“cell” of “Cell 3”), in the blueprint's order.

    ``cell`` counts punishment cells only where it is said.

    Raises
    ------
    Untestable
        If no inside is known, or no room answers to it.
    """
    rooms = [place for place in places(blueprint) if isinstance(place.part, Room)]
    if not rooms:
        raise Untestable("no room of the model is known")
    word = _word(wanted).removesuffix("s") if len(_word(wanted)) > 3 else _word(wanted)
    found = [one for one in rooms if isinstance(one.part, Room) and _word(one.part.role) == word]
    found = found or [one for one in rooms if any(_word(label).startswith(word) for label in one.part.labels)]
    if not found:
        raise Untestable(f"no room of the model is called “{wanted}”")
    return tuple(found)


def adjacent_rooms(one: BaseGeometry, other: BaseGeometry) -> bool:
    """Whether two rooms share a wall: at most 0.9 m apart along at least 0.5 m, more than a corner."""
    if one.distance(other) > APART_M:
        return False
    least = min(one.area, other.area)
    if least > 0 and one.intersection(other).area > 0.2 * least:
        return False
    return _front(one, other) >= FRONT_M


def _front(one: BaseGeometry, other: BaseGeometry) -> float:
    """Length along which one room's walls face the other's, metres."""
    best = 0.0
    for start, end in _sides(one):
        way = end - start
        length = float(np.hypot(*way))
        if length < 1e-9:
            continue
        along, out = way / length, np.array((way[1], -way[0])) / length
        for low, high in _sides(other):
            other_way = high - low
            size = float(np.hypot(*other_way))
            if size < 1e-9 or abs(float(along @ other_way)) < 0.9 * size:
                continue
            away = [float((point - start) @ out) for point in (low, high)]
            if max(abs(value) for value in away) > APART_M + 0.2:
                continue
            spans = sorted(float((point - start) @ along) for point in (low, high))
            best = max(best, min(length, spans[1]) - max(0.0, spans[0]))
    return best


def _sides(shape: BaseGeometry) -> Sequence[tuple[np.ndarray, np.ndarray]]:
    polygons = [part for part in shapely.get_parts(shape) if isinstance(part, Polygon)]
    found = []
    for polygon in polygons:
        ring = np.asarray(shapely.geometry.polygon.orient(polygon).exterior.coords)[:, :2]
        found += list(zip(ring[:-1], ring[1:], strict=True))
    return found
