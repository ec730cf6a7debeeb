"""Rooms whose outlines a person drew, among fitted ones: what is drawn by hand stands, the others give way."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import shapely
from shapely.geometry import Polygon

from geoinv.models.fit import INNER_M, corridor_doors
from geoinv.records.blueprint import Contradiction
from geoinv.records.parts import Room, Storey

__all__ = ["given_way"]

#: Square metres that two floors may share before one gives way: less is how exactly people draw.
_SHARED_M2 = 0.05
#: A floor that is left smaller than this is none, square metres.
_LEAST_M2 = 0.5


def given_way(
    storey: Storey, by_hand: Collection[str], *, key: bytes
) -> tuple[Storey, tuple[Contradiction, ...], tuple[str, ...]]:
    """A storey in which fitted rooms give way to those drawn by hand, with its doors set anew.

    Where a room drawn by hand takes floor of a fitted one, the fitted one keeps its largest part beyond a wall. Two
    that are both drawn by hand are left as they are.

    Parameters
    ----------
    storey
        Its rooms, metres.
    by_hand
        Ids of the rooms whose outline a person drew.
    key
        The case's key: ids of doors derive from it.

    Returns
    -------
    The storey; a contradiction for each drawn room that has no floor left; and a sentence for each two outlines drawn
    by hand that lie on each other.
    """
    drawn = [room for room in storey.rooms if room.id in by_hand]
    kept: list[Room] = []
    covered: list[Contradiction] = []
    for room in storey.rooms:
        left = room if room.id in by_hand else _beside(room, drawn)
        if left is not None:
            kept.append(left)
        elif room.drawn:
            covered.append(_covered(room, drawn))
    doors = corridor_doors(kept, storey.id, key=key)
    return storey.model_copy(update={"rooms": tuple(kept), "openings": doors}), tuple(covered), _overlaps(drawn)


def _share(one: Room, other: Room) -> float:
    return float(one.polygon.intersection(other.polygon).area)


def _beside(room: Room, drawn: Sequence[Room]) -> Room | None:
    """What rooms drawn by hand leave of a fitted one; ``None`` where that is no floor."""
    takers = [other for other in drawn if _share(room, other) > _SHARED_M2]
    if not takers:
        return room
    walls = [other.polygon.buffer(INNER_M, join_style="mitre") for other in takers]
    rest = shapely.get_parts(room.polygon.difference(shapely.union_all(walls)))
    parts = [part for part in rest if isinstance(part, Polygon) and part.area >= _LEAST_M2]
    if not parts:
        return None
    evidence = dict(room.evidence)
    note = f"{evidence['polygon'].note or ''}; cut back to a wall from what a person drew beside it".removeprefix("; ")
    sources = tuple(dict.fromkeys((*evidence["polygon"].sources, *(one for other in takers for one in other.sources))))
    evidence["polygon"] = evidence["polygon"].model_copy(update={"note": note, "sources": sources})
    evidence.pop("width_m", None)  # it was of the floor as fitted
    largest = max(parts, key=lambda part: float(part.area))
    return room.model_copy(update={"polygon": largest, "strain_m": None, "evidence": evidence})


def _covered(room: Room, drawn: Sequence[Room]) -> Contradiction:
    over = max(drawn, key=lambda other: _share(room, other))
    return Contradiction(
        about=(over.id, *room.drawn),
        what="whether this room is here: a person drew another over all of its floor",
        versions={"A": f"drawn by {', '.join(room.drawn)}", "B": over.evidence["polygon"].note or "drawn by hand"},
        sources=(*room.drawn, *over.evidence["polygon"].sources),
    )


def _overlaps(drawn: Sequence[Room]) -> tuple[str, ...]:
    return tuple(
        f"{_name(one)} and {_name(other)}, both drawn by hand, lie on each other ({_share(one, other):.1f} m²)"
        for index, one in enumerate(drawn)
        for other in drawn[index + 1 :]
        if _share(one, other) > _SHARED_M2
    )


def _name(room: Room) -> str:
    return f"room “{room.labels[0]}”" if room.labels else f"room {room.id}"
