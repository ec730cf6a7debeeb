"""What witnesses draw of one block: the rooms they knew, in order, of other widths, sometimes at the wrong end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from shapely import affinity, transform
from shapely.geometry import LineString, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from geoinv.worlds.block import Block, BlockRoom
from geoinv.worlds.compound import NAMES
from geoinv.worlds.distortion import R2, Distortion, distortion_of, likeness
from geoinv.worlds.drawings import Hand, Sheet, SimulatedDrawing, about_of, label_of
from geoinv.worlds.plan import Difficulty, Plan, room_of

__all__ = ["draw_interior"]


def _known_rooms(block: Block, hand: Hand, difficulty: Difficulty, rng: np.random.Generator) -> list[BlockRoom]:
    """The own cell and its neighbours, the way there, latrine, interrogation and guard room; others by chance."""
    rooms = [room for room in block.rooms if room.role != "corridor"]
    cells = [index for index, room in enumerate(rooms) if room.role == "cell"]
    own = cells[int(rng.integers(len(cells)))] if cells else 0
    chance = {"easy": 0.85, "medium": 0.68, "hard": 0.5}[difficulty]
    sure = {"latrine": 0.95, "interrogation": 0.85, "guard": 0.85, "punishment cell": 0.75}
    return [
        room
        for index, room in enumerate(rooms)
        if (abs(index - own) <= 2 and room.strip == rooms[own].strip) or rng.random() < sure.get(room.role, chance)
    ]


def _resized(rooms: Sequence[BlockRoom], turn: float, rng: np.random.Generator, spread: float) -> dict[str, Polygon]:
    """Rooms in axes along the block, those of each strip with other widths but in the same order."""
    found: dict[str, Polygon] = {}
    straight = {room.key: affinity.rotate(room.polygon, -turn, origin=(0, 0)).envelope for room in rooms}
    for strip in dict.fromkeys(room.strip for room in rooms):
        members = [room for room in rooms if room.strip == strip]
        bounds = np.array([straight[room.key].bounds for room in members])
        axis = 0 if np.ptp(bounds[:, 0]) >= np.ptp(bounds[:, 1]) else 1
        order = np.argsort(bounds[:, axis])
        low, high = bounds[order[0], axis], bounds[order[-1], axis + 2]
        widths = (bounds[order, axis + 2] - bounds[order, axis]) * np.exp(rng.normal(0, spread, len(order)))
        gap = 0.12
        widths *= (high - low - gap * (len(order) - 1)) / widths.sum()
        at = low
        for index, width in zip(order, widths, strict=True):
            west, south, east, north = bounds[index]
            along = (at, south, at + width, north) if axis == 0 else (west, at, east, at + width)
            found[members[index].key] = box(*along)
            at += width + gap
    return found


def draw_interior(
    plan: Plan, building: str, hand: Hand, name: str, difficulty: Difficulty, seed: int, said: str | None = None
) -> SimulatedDrawing:
    """A plan of the rooms of one building as a witness draws it.

    Parameters
    ----------
    building
        Key of a building whose rooms are known.
    said
        Words about the size of the first cell drawn, written into it (``"5평"``).
    """
    rng = np.random.default_rng([seed, 92, sum(name.encode())])
    block = plan.compound.blocks[building]
    turn = block.wings[0].angle_deg
    spread = {"easy": 0.15, "medium": 0.24, "hard": 0.38}[difficulty]
    shapes = _resized([room for room in block.rooms if room.role != "corridor"], turn, rng, spread)
    known = _known_rooms(block, hand, difficulty, rng)
    ids = {room.key: room_of(plan.blueprint, plan.ids[building], room.names) for room in block.rooms}
    places = np.array([shapes[room.key].centroid.coords[0] for room in block.rooms if room.key in shapes])
    span = float(np.ptp(places, axis=0).max())
    bend = distortion_of(rng, places, span, float(rng.uniform(*R2[difficulty])) ** 0.5, own=lambda index: 0.0)
    turned = (float(rng.choice((0.0, 90.0, 180.0, 270.0))) + float(rng.normal(0, 3))) % 360.0
    sheet = Sheet(hand, turned)
    corridor = next(room for room in block.rooms if room.role == "corridor")
    ways = affinity.rotate(corridor.polygon, -turn, origin=(0, 0))
    names = _spoken(known, block, hand, rng)
    outline = affinity.rotate(
        shapely.union_all([wing.polygon for wing in block.wings], grid_size=1e-4), -turn, origin=(0, 0)
    )
    ring = transform(
        shapely.segmentize(LineString(shapely.get_coordinates(shapely.get_exterior_ring(outline))), 3.0), bend.field
    )
    sheet.add("outline", ring, "wall", None, None)
    words = {"en": "corridor", "ko": "복도"}[hand.language]
    sheet.add("k1", transform(shapely.segmentize(ways, 3.0), bend.field), "corridor", words, (ids["corridor"],))
    extra = _rooms(sheet, known, shapes, names, ids, bend, said)
    _doors(sheet, block, known, shapes, turn, bend, rng)
    shown = set(sum(sheet.truth.values(), ()))
    about = about_of(hand, turned - turn, rng)
    depicts = label_of(NAMES[building], hand.language, rng)
    sketch = sheet.sketch(name.rsplit("/", 1)[-1], 940.0, scope="building", depicts=depicts, **about)
    return SimulatedDrawing(
        sketch=sketch,
        form=hand.form,
        truth=sheet.truth,
        omitted=tuple(ids[room.key] for room in block.rooms if ids[room.key] not in shown),
        mirrored=hand.mirrored,
        turned_deg=round(turned - turn, 1) % 360.0,
        r2=round(likeness(places, bend.field(places)), 3),
        extra=extra | {"building": plan.ids[building]},
    )


def _spoken(known: list[BlockRoom], block: Block, hand: Hand, rng: np.random.Generator) -> dict[str, str]:
    """What each room is called on the sheet; the latrine may be named at the wrong end."""
    index = 0 if hand.language == "en" else 1
    names = {room.key: room.names[index] for room in known if rng.random() < 0.9}
    latrine = next((room for room in block.rooms if room.role == "latrine"), None)
    if hand.swaps_latrine and latrine is not None:
        strip = [room for room in block.rooms if room.strip == latrine.strip]
        other = strip[0] if strip[-1].key == latrine.key else strip[-1]
        for room, words in ((latrine, other.names[index]), (other, latrine.names[index])):
            names[room.key] = words
            if room not in known:
                known.append(room)
    return names


def _rooms(
    sheet: Sheet,
    known: list[BlockRoom],
    shapes: dict[str, Polygon],
    names: dict[str, str],
    ids: dict[str, str],
    bend: Distortion,
    said: str | None,
) -> dict[str, Any]:
    """Put the rooms down; a row of punishment cells is drawn once by whoever writes Korean ("×3")."""
    row = [room for room in known if room.role == "punishment cell"]
    together = sheet.hand.language == "ko" and len(row) > 1
    extra: dict[str, Any] = {}
    number = 0
    for room in known:
        if together and room in row and room is not row[0]:
            continue
        number += 1
        key, label = f"r{number}", names.get(room.key)
        shape: BaseGeometry = shapes[room.key]
        more: dict[str, Any] = {}
        stands: tuple[str, ...] = (ids[room.key],)
        if together and room is row[0]:
            shape = shapely.union_all([shapes[other.key] for other in row]).envelope
            stands, more, label = tuple(ids[other.key] for other in row), {"count": len(row)}, f"독방 ×{len(row)}"
        if said and room.role == "cell" and "said" not in extra:
            extra["said"], more["said_area"] = {"room": ids[room.key], "words": said, "element": key}, said
            label = f"{label or ''} {said}".strip()
        sheet.add(key, transform(shapely.segmentize(shape, 2.5), bend.field), "room", label, stands, **more)
    return extra


def _doors(
    sheet: Sheet,
    block: Block,
    known: list[BlockRoom],
    shapes: dict[str, Polygon],
    turn: float,
    bend: Distortion,
    rng: np.random.Generator,
) -> None:
    """Doors of some rooms, windows of few, and the way in."""
    straight = {room.key: affinity.rotate(room.polygon, -turn, origin=(0, 0)).envelope for room in block.rooms}
    listed = {room.key for room in known}
    number = 0
    for door in block.doors:
        way_in = door.connects == ("corridor", "outside")
        chance = 1.0 if way_in else 0.75 if door.kind == "door" else 0.25
        if (not way_in and door.connects[0] not in listed) or rng.random() > chance:
            continue
        number += 1
        at = affinity.rotate(Point(door.at), -turn, origin=(0, 0))
        if not way_in:
            old, new = np.array(straight[door.connects[0]].bounds), np.array(shapes[door.connects[0]].bounds)
            share = (np.array((at.x, at.y)) - old[:2]) / np.maximum(old[2:] - old[:2], 1e-6)
            at = Point(*(new[:2] + share * (new[2:] - new[:2])))
        half = 0.5 * max(door.width_m, 0.9)
        angle = np.radians(door.along_deg - turn)
        step = half * np.array((np.cos(angle), np.sin(angle)))
        line = LineString([(at.x - step[0], at.y - step[1]), (at.x + step[0], at.y + step[1])])
        words = {"en": "entrance", "ko": "출입문"}[sheet.hand.language] if way_in else None
        kind = "door" if door.kind == "door" else "window"
        sheet.add(f"{kind[0]}{number}", transform(line, bend.field), kind, words, None)
