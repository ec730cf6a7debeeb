"""What of a model can be picked, in lists or on a plan, and what its parts are called there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shapely.geometry import Polygon, mapping
from shapely.geometry.base import BaseGeometry

from geoinv.models.claims_parts import Place, ground_of, places
from geoinv.records.blueprint import Blueprint, Building, Opening, Part, Room

__all__ = ["kind_of", "parts_by_building", "site_to_pick", "sort_of"]


def sort_of(part: Part) -> str:
    """What sort of part it is: ``building``, ``room``, ``opening``  and so on."""
    return type(part).__name__.lower()


def kind_of(part: Part) -> str:
    """Its role, or what kind of opening or fixture it is; of what has neither, its sort."""
    return str(getattr(part, "role", None) or getattr(part, "kind", None) or sort_of(part))


def parts_by_building(blueprint: Blueprint, words: dict[str, str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """What can be picked, by building: itself, rooms, doors, stairs; last what stands on the grounds."""
    called = {one.part.id: _called(one, words) for one in places(blueprint)}
    groups = []
    for building in blueprint.buildings:
        name = called[building.id]
        rooms = sorted(((one.id, called[one.id]) for one in _rooms(building)), key=lambda pair: pair[1])
        openings = [
            (one.id, f"{words.get(one.kind, one.kind)}: " + " – ".join(_sides(one, called)))
            for storey in building.storeys
            for one in storey.openings
        ]
        stairs = [(one.id, called[one.id]) for storey in building.storeys for one in storey.stairs]
        groups.append((name, [(building.id, name), *rooms, *sorted(openings, key=lambda pair: pair[1]), *stairs]))
    grounds = [(one.id, called[one.id]) for one in blueprint.site.parts() if not ground_of(one).is_empty]
    return [*groups, (words["grounds"], grounds)] if grounds else groups


def _rooms(building: Building) -> Iterator[Room]:
    for storey in building.storeys:
        yield from storey.rooms


def _sides(opening: Opening, called: dict[str, str]) -> list[str]:
    """The rooms on both sides of an opening, by name."""
    return [called.get(one, one) for one in opening.connects] or [opening.id]


def _called(place: Place, words: dict[str, str]) -> str:
    part, plain = place.part, kind_of(place.part)
    named = ", ".join(part.labels)
    return named or (part.id if place.building is not None and part is place.building else words.get(plain, plain))


def site_to_pick(blueprint: Blueprint, words: dict[str, str]) -> dict[str, Any] | None:
    """The whole site as a plan on which buildings, walls, gates and towers are picked; ``None`` of an empty one."""
    standing = [Place(one) for one in (*blueprint.buildings, *blueprint.site.parts())]
    shapes = [(one, _spread(one)) for one in standing]
    shapes = [(one, shape) for one, shape in shapes if not shape.is_empty]
    if not shapes:
        return None
    bounds = [shape.bounds for _, shape in shapes]
    west, south, east, north = (pick(one[axis] for one in bounds) for axis, pick in enumerate((min, min, max, max)))
    rooms = [
        {"id": one.part.id, "role": sort_of(one.part), "labels": [_called(one, words)],
         "polygon": mapping(shape), "status": str(one.part.status), "middle": shape.representative_point().coords[0]}
        for one, shape in sorted(shapes, key=lambda pair: -pair[1].area)
    ]  # fmt: skip
    outline = mapping(Polygon([(west, south), (east, south), (east, north), (west, north)]))
    plan = {"outline": outline, "storeys": [{"rooms": rooms}], "north_up": True}
    return {"id": "site", "labels": [words["whole site"]], **plan}


def _spread(place: Place) -> BaseGeometry:
    """A part's shape, lines and points made wide enough to be clicked, metres."""
    shape = ground_of(place.part)
    return shape if shape.geom_type in ("Polygon", "MultiPolygon") else shape.buffer(0.8, quad_segs=4)
