"""What is odd about the drawings of one inside by themselves: told in words, the rest read all the same."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from shapely import STRtree

from geoinv.facilities.interiors_read import Reading
from geoinv.facilities.interiors_way import Ground
from geoinv.records.blueprint import Contradiction
from geoinv.records.drawings import Sketch, SketchElement

__all__ = ["doubts_of"]

#: Share of the smaller of two drawn rooms that both cover, from which they are no neighbours drawn unsteadily.
_SHARED = 0.4
#: Multiples of the usual distance of a sheet's rooms from their middle, from which one belongs to something else.
_FAR = 6.0


def doubts_of(sketches: Sequence[Sketch], readings: Sequence[Reading], ground: Ground) -> tuple[Contradiction, ...]:
    """Rooms of one sheet on top of each other or far off, and sheets that show a building of another shape."""
    found: list[Contradiction] = []
    for sketch in sketches:
        rooms = [element for element in sketch.of_role("room") if element.geometry.area > 0]
        found += _overlaps(sketch, rooms) + _far_off(sketch, rooms)
    for reading in readings:
        if len(reading.turns) != len(ground.turns):
            found.append(_other_shape(reading, ground))
    return tuple(found)


def _overlaps(sketch: Sketch, rooms: Sequence[SketchElement]) -> list[Contradiction]:
    if len(rooms) < 2:
        return []
    shapes = [room.geometry.buffer(0) for room in rooms]
    found = []
    for i, j in sorted(zip(*STRtree(shapes).query(shapes, predicate="intersects").tolist(), strict=True)):
        if i < j and shapes[i].intersection(shapes[j]).area > _SHARED * min(shapes[i].area, shapes[j].area):
            names = (sketch.full_name(rooms[i].id), sketch.full_name(rooms[j].id))
            found.append(
                Contradiction(
                    about=names,
                    what="whether these are one room or two: they lie on top of each other on the sheet",
                    versions={"A": f"two rooms, side by side ({', '.join(names)})", "B": "one room, drawn twice"},
                    sources=names,
                )
            )
    return found


def _far_off(sketch: Sketch, rooms: Sequence[SketchElement]) -> list[Contradiction]:
    if len(rooms) < 3:
        return []
    centres = np.array([room.geometry.centroid.coords[0] for room in rooms])
    away = np.hypot(*(centres - np.median(centres, axis=0)).T)
    found = []
    for room, distance in zip(rooms, away, strict=True):
        if distance > _FAR * max(float(np.median(away)), float(np.sqrt(room.geometry.area))):
            name = sketch.full_name(room.id)
            found.append(
                Contradiction(
                    about=(name,),
                    what="whether this room is in this building: it is drawn far from all others",
                    versions={"A": f"at the building's end ({name})", "B": "in another building"},
                    sources=(name,),
                )
            )
    return found


def _other_shape(reading: Reading, ground: Ground) -> Contradiction:
    words = {0: "straight", 1: "bent once"}
    drawn, real = (words.get(len(turns), f"bent {len(turns)} times") for turns in (reading.turns, ground.turns))
    return Contradiction(
        about=(reading.name,),
        what=f"whether {reading.name} shows this building",
        versions={"A": f"the outline is {real}", "B": f"the corridor is drawn {drawn} ({reading.name})"},
        sources=(reading.name,),
    )
