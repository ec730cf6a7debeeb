"""Parts made from what people say in one breath: six cells in a row, a corridor, a tower, a fence, a bench.

Each gives parts whose every shaping property has the evidence it was made with; ids derive from the parent's id and the
part's role, so that the same words give the same ids.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon

from geoinv.errors import InputError
from geoinv.records.base import derived_id
from geoinv.records.blueprint import Fixture, Opening, PerimeterWall, Room, Tower
from geoinv.records.evidence import Evidence, weakest

__all__ = ["FIXTURES_M", "cell_row", "corridor", "fence", "fixture", "tower"]

#: Length, depth, height and underside above the floor of things that testimony names, metres: assumed where nobody
#: said. Furniture after common sizes; a hatch is one in a door, at the height of a tray.
FIXTURES_M: dict[str, tuple[float, float, float, float]] = {
    "bed": (1.9, 0.7, 0.45, 0.0),
    "bench": (1.8, 0.4, 0.45, 0.0),
    "bucket": (0.3, 0.3, 0.3, 0.0),
    "camera": (0.15, 0.15, 0.12, 2.3),
    "chair": (0.45, 0.45, 0.85, 0.0),
    "desk": (1.2, 0.6, 0.75, 0.0),
    "hatch": (0.35, 0.05, 0.2, 1.0),
    "lamp": (0.25, 0.25, 0.15, 2.2),
    "latrine": (0.6, 0.4, 0.35, 0.0),
    "loudspeaker": (0.25, 0.2, 0.3, 2.2),
    "sink": (0.5, 0.4, 0.25, 0.65),
    "stove": (0.6, 0.5, 0.9, 0.0),
    "table": (1.2, 0.7, 0.75, 0.0),
}

_BY = "geoinv generators"
Given = Mapping[str, Evidence]


def _evidence(given: Given, names: tuple[str, ...], note: str) -> dict[str, Evidence]:
    """Evidence for each shaping property: as given, under its name or ``*``, else assumed."""
    assumed = Evidence(by=_BY, note="nothing is known of it; assumed so that the model closes")
    found = {name: given.get(name, given.get("*", assumed)) for name in names}
    return {name: one if one.note else one.model_copy(update={"note": note}) for name, one in found.items()}


def _combined(given: Given, names: tuple[str, ...], note: str) -> Evidence:
    """Evidence of a shape that several stated properties make: their weakest status, all their sources."""
    parts = [given.get(name, given.get("*", Evidence())) for name in names]
    sources = tuple(sorted({source for part in parts for source in part.sources}))
    return Evidence(status=weakest(part.status for part in parts), sources=sources, by=_BY, note=note)


def _axes(direction_deg: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Unit vectors along a bearing (degrees clockwise from north) and to its left."""
    turned = math.radians(direction_deg)
    along = np.array([math.sin(turned), math.cos(turned)])
    return along, np.array([-along[1], along[0]])


def cell_row(
    parent: str,
    start: tuple[float, float],
    *,
    count: int,
    width_m: float,
    depth_m: float,
    direction_deg: float = 90.0,
    wall_m: float = 0.2,
    door_width_m: float = 0.8,
    door_head_m: float = 1.9,
    role: str = "cell",
    corridor_id: str | None = None,
    name: str = "row",
    labels: tuple[str, ...] = (),
    evidence: Given,
    key: bytes = b"geoinv",
) -> tuple[tuple[Room, ...], tuple[Opening, ...]]:
    """A row of equal rooms ("six cells like this"), each with a door in the wall towards the corridor.

    Parameters
    ----------
    parent
        Id of the storey.
    start
        Corner of the first room's clear floor on the corridor's side, metres; the row runs from it along
        ``direction_deg`` (degrees clockwise from north) and lies to the left of that.
    count, width_m, depth_m, wall_m
        How many; clear size of each along the row and away from the corridor; thickness of the walls.
    corridor_id, labels
        Of the room the doors lead to; one for each room, or none.
    name, key
        Unique among the storey's rows, and the case's key: ids derive from them.
    evidence
        By property: ``count``, ``width_m``, ``depth_m``, ``door`` (where doors are), or ``*`` for all not named. A
        room is as well known as the weakest of count, width and depth; a door's place as ``door``.

    Raises
    ------
    InputError
        If the numbers make no rooms, or labels do not match the count.
    """
    _check_row(count, min(width_m, depth_m, wall_m), labels)
    along, left = _axes(direction_deg)
    shape = _combined(evidence, ("count", "width_m", "depth_m"), f"one of {count} in a row, all of one size")
    stated = {"polygon": shape} | {
        item: one for item, one in evidence.items() if item in ("count", "width_m", "depth_m")
    }
    rooms, doors = [], []
    for number in range(count):
        low = np.asarray(start, float) + along * number * (width_m + wall_m)
        ring = (low, low + along * width_m, low + along * width_m + left * depth_m, low + left * depth_m)
        ident, called = derived_id(parent, f"room:{name}:{number}", key=key), labels[number : number + 1]
        rooms.append(Room(id=ident, role=role, polygon=_rounded(Polygon(ring)), labels=called, evidence=stated))
        at = _place(low + along * width_m / 2 - left * wall_m / 2)
        size, connects = (min(door_width_m, width_m), door_head_m), (ident, *((corridor_id,) if corridor_id else ()))
        door = derived_id(parent, f"door:{name}:{number}", key=key)
        doors.append(_door(door, at, size, connects, evidence.get("door", shape)))
    return tuple(rooms), tuple(doors)


def _check_row(count: int, least_m: float, labels: tuple[str, ...]) -> None:
    if count < 1 or least_m <= 0:
        raise InputError(f"{count} rooms with a side of {least_m:g} m make no row", do="give positive numbers")
    if labels and len(labels) != count:
        raise InputError(f"there are {len(labels)} labels for {count} rooms", do="give one for each room, or none")


def _door(
    ident: str, at: tuple[float, float], size: tuple[float, float], connects: tuple[str, ...], placed: Evidence
) -> Opening:
    """A door whose place is known as said, and whose size is assumed."""
    note = "in the middle of the cell's wall towards the corridor"
    evidence = _evidence({"at": placed}, ("at", "width_m", "sill_m", "head_m"), note)
    return Opening(id=ident, at=at, width_m=size[0], head_m=size[1], connects=connects, evidence=evidence)


def _place(point: NDArray[np.float64]) -> tuple[float, float]:
    return round(float(point[0]), 4), round(float(point[1]), 4)


def _rounded(shape: Polygon) -> Polygon:
    found: Polygon = shapely.transform(shape, lambda xy: np.round(xy, 4) + 0.0)
    return found


def corridor(
    parent: str,
    line: LineString,
    *,
    width_m: float,
    name: str = "corridor",
    labels: tuple[str, ...] = (),
    evidence: Given,
    key: bytes = b"geoinv",
) -> Room:
    """A corridor's clear floor along its middle line; evidence by ``line``, ``width_m`` or ``*``."""
    if width_m <= 0 or line.length <= 0:
        raise InputError("a corridor needs a length and a width", do="give positive numbers", item=name)
    floor = line.buffer(width_m / 2, cap_style="flat", join_style="mitre")
    return Room(
        id=derived_id(parent, f"room:{name}", key=key),
        role="corridor",
        polygon=_rounded(floor),
        labels=labels,
        evidence={"polygon": _combined(evidence, ("line", "width_m"), "its middle line at its width")},
    )


def tower(
    parent: str,
    at: tuple[float, float],
    *,
    side_m: float = 2.5,
    height_m: float = 5.0,
    turned_deg: float = 0.0,
    name: str = "tower",
    labels: tuple[str, ...] = (),
    evidence: Given,
    key: bytes = b"geoinv",
) -> Tower:
    """A square tower about a point; evidence by ``at``, ``side_m``, ``height_m`` or ``*``."""
    along, left = _axes(turned_deg)
    middle, half = np.asarray(at, float), side_m / 2
    ring = [middle + half * (i * along + j * left) for i, j in ((-1, -1), (-1, 1), (1, 1), (1, -1))]
    outline = _combined(evidence, ("at", "side_m"), f"a square of {side_m:g} m about a point")
    height = _evidence(evidence, ("height_m",), "as said")["height_m"]
    return Tower(
        id=derived_id(parent, f"tower:{name}", key=key),
        outline=_rounded(Polygon(ring)),
        height_m=height_m,
        labels=labels,
        evidence={"outline": outline, "height_m": height},
    )


def fence(
    parent: str,
    line: LineString,
    *,
    height_m: float = 2.0,
    post_spacing_m: float | None = 3.0,
    thickness_m: float = 0.05,
    name: str = "fence",
    labels: tuple[str, ...] = (),
    evidence: Given,
    key: bytes = b"geoinv",
) -> PerimeterWall:
    """A fence with posts along a line; evidence by ``line``, ``height_m``, ``thickness_m`` or ``*``."""
    return PerimeterWall(
        id=derived_id(parent, f"fence:{name}", key=key),
        kind="fence",
        line=line,
        height_m=height_m,
        thickness_m=thickness_m,
        post_spacing_m=post_spacing_m,
        labels=labels,
        evidence=_evidence(evidence, ("line", "height_m", "thickness_m"), "as said"),
    )


def fixture(
    parent: str,
    kind: str,
    at: tuple[float, float],
    *,
    size_m: tuple[float, float, float] | None = None,
    turned_deg: float = 90.0,
    base_m: float | None = None,
    room: str | None = None,
    name: str | None = None,
    evidence: Given,
    key: bytes = b"geoinv",
) -> Fixture:
    """A thing that testimony names; its size assumed from :data:`FIXTURES_M` where nobody said.

    Raises
    ------
    InputError
        If no size is given for a thing of which none is assumed.
    """
    usual = FIXTURES_M.get(kind)
    if size_m is None and usual is None:
        raise InputError(f"nothing is known of the size of “{kind}”", do="give its size, or call it by a common name")
    found = _evidence(evidence, ("kind", "at", "size_m"), "as said")
    if size_m is None:
        note = f"nobody said how large it was: the size of an ordinary {kind} is assumed"
        found["size_m"] = Evidence(by=_BY, note=note)
    length, depth, height, base = usual or (0.0, 0.0, 0.0, 0.0)
    return Fixture(
        id=derived_id(parent, f"fixture:{name or kind}", key=key),
        kind=kind,
        at=(round(at[0], 4), round(at[1], 4)),
        size_m=size_m or (length, depth, height),
        turned_deg=turned_deg,
        base_m=base if base_m is None else base_m,
        room=room,
        evidence=found,
    )
