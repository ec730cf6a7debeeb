"""The inside of a detention block: rooms in strips along a corridor, with doors and windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from shapely.geometry import Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from geoinv.worlds.forms import Place, Wing, l_wings

__all__ = ["Block", "BlockDoor", "BlockRoom", "l_block", "straight_block"]

#: Thickness of outer walls, of partitions; clear width of the corridor; metres.
OUTER, INNER, CORRIDOR = 0.36, 0.22, 1.5
#: Clear widths drawn for each role, metres (low, high): narrow punishment cells, cells of about three metres.
WIDTHS = {
    "cell": (2.7, 3.5),
    "punishment cell": (1.15, 1.45),
    "interrogation": (3.0, 3.9),
    "latrine": (2.0, 2.7),
    "guard": (3.2, 4.2),
    "room": (2.8, 3.8),
}


@dataclass(frozen=True)
class BlockRoom:
    """One room: a key unique in its block, its role, names (English, Korean), clear floor and strip."""

    key: str
    role: str
    names: tuple[str, str]
    polygon: Polygon
    strip: str


@dataclass(frozen=True)
class BlockDoor:
    """An opening between two rooms, or a room and ``outside``; ``along_deg`` is the direction of its wall."""

    kind: str
    at: tuple[float, float]
    along_deg: float
    width_m: float
    sill_m: float
    head_m: float
    connects: tuple[str, str]


@dataclass(frozen=True)
class Block:
    """A block with its rooms, metres."""

    wings: tuple[Wing, ...]
    rooms: tuple[BlockRoom, ...]
    doors: tuple[BlockDoor, ...]
    entrance: tuple[float, float]

    def placed(self, place: Place) -> Block:
        """The block moved as a whole."""
        rooms = tuple(BlockRoom(r.key, r.role, r.names, _polygon(place.shape(r.polygon)), r.strip) for r in self.rooms)
        doors = tuple(
            BlockDoor(
                d.kind, place.point(*d.at), _turned(d.along_deg, place), d.width_m, d.sill_m, d.head_m, d.connects
            )
            for d in self.doors
        )
        return Block(tuple(place.wing(wing) for wing in self.wings), rooms, doors, place.point(*self.entrance))


def _polygon(geometry: BaseGeometry) -> Polygon:
    if not isinstance(geometry, Polygon):
        raise TypeError("a room is one polygon")
    return geometry


def _turned(angle: float, place: Place) -> float:
    return ((180.0 - angle if place.mirrored else angle) + place.turned_deg) % 180.0


@dataclass(frozen=True)
class _Strip:
    """A row of rooms: from ``start`` to ``end`` along the corridor, ``near`` its side there and ``far`` outside."""

    name: str
    upright: bool
    start: float
    end: float
    near: float
    far: float

    def floor(self, low: float, high: float) -> Polygon:
        """The clear floor of a room between two distances along the strip."""
        side = sorted((self.near, self.far))
        return box(side[0], low, side[1], high) if self.upright else box(low, side[0], high, side[1])

    def across(self, along: float, offset: float) -> tuple[float, float]:
        """A point at a distance along the strip and a coordinate across it."""
        return (offset, along) if self.upright else (along, offset)


def _divide(
    rng: np.random.Generator, length: float, head: Sequence[str], tail: Sequence[str], filler: str
) -> list[tuple[str, float]]:
    """Rooms that fill a strip exactly: those of ``head``, as many fillers as fit, those of ``tail``."""

    def widths(roles: Sequence[str]) -> list[float]:
        return [float(rng.uniform(*WIDTHS[role])) for role in roles]

    fixed = sum(widths([*head, *tail])) + INNER * (len(head) + len(tail))
    fill = float(rng.uniform(*WIDTHS[filler]))
    count = max(0 if head or tail else 1, round((length - fixed + INNER) / (fill + INNER)))
    roles = [*head, *[filler] * count, *tail]
    drawn = widths(roles)
    scale = (length - INNER * (len(roles) - 1)) / sum(drawn)
    return [(role, width * scale) for role, width in zip(roles, drawn, strict=True)]


_NAMES = {
    "cell": ("cell {n}", "{n}호 감방"),
    "punishment cell": ("punishment cell {n}", "독방 {n}"),
    "interrogation": ("interrogation room {n}", "조사실 {n}"),
    "latrine": ("latrine", "변소"),
    "guard": ("guard room", "경비실"),
    "corridor": ("corridor", "복도"),
}
_OTHER = (
    ("store room", "창고방"),
    ("office", "사무실"),
    ("waiting room", "대기실"),
    ("records room", "문서실"),
    ("wash room", "세면장"),
    ("tool room", "공구실"),
    ("boiler room", "보일러실"),
)


class _Rooms:
    """Rooms and openings gathered strip by strip, with names counted along the way."""

    def __init__(self) -> None:
        self.rooms: list[BlockRoom] = []
        self.doors: list[BlockDoor] = []
        self.counts: dict[str, int] = {}

    def names(self, role: str) -> tuple[str, str]:
        count = self.counts[role] = self.counts.get(role, 0) + 1
        if role == "room":
            return _OTHER[(count - 1) % len(_OTHER)]
        english, korean = _NAMES[role]
        return english.format(n=count), korean.format(n=count)

    def strip(self, strip: _Strip, plan: Sequence[tuple[str, float]], door_from: float) -> None:
        """Add a strip's rooms; doors lie no nearer to the strip's start than ``door_from``."""
        at = strip.start
        for role, width in plan:
            key = f"r{len(self.rooms) + 1}"
            self.rooms.append(BlockRoom(key, role, self.names(role), strip.floor(at, at + width), strip.name))
            low = max(at, door_from)
            middle = (low + at + width) / 2
            wall = strip.near + (-INNER / 2 if strip.near < strip.far else INNER / 2)
            outside = strip.far + (OUTER / 2 if strip.near < strip.far else -OUTER / 2)
            angle = 90.0 if strip.upright else 0.0
            leaf = 0.7 if role == "punishment cell" else 0.85
            head = 0.8 if role == "punishment cell" else 1.95
            self.doors.append(BlockDoor("door", strip.across(middle, wall), angle, leaf, 0.0, head, (key, "corridor")))
            if role != "punishment cell":
                sill, top, size = (1.9, 2.3, 0.5) if role in ("cell", "latrine") else (1.0, 2.2, 1.1)
                window = strip.across(at + width / 2, outside)
                self.doors.append(BlockDoor("window", window, angle, size, sill, top, (key, "outside")))
            at += width + INNER


def l_block(rng: np.random.Generator) -> Block:
    """An L-shaped block: a long wing of cells, a short wing of guards and interrogators, one corridor through both.

    Its corner is at 0, 0; the long wing runs along x (24–32 m), the short one up along y (16–21 m); the way in is at
    the short wing's far end.
    """
    depths = rng.uniform((2.7, 2.4, 2.6, 2.4), (3.4, 3.0, 3.3, 3.0))
    south, north, west, east = (float(depth) for depth in depths)
    v0 = OUTER + south + INNER
    v1 = v0 + CORRIDOR
    u0 = OUTER + west + INNER
    u1 = u0 + CORRIDOR
    width, leg_width = v1 + INNER + north + OUTER, u1 + INNER + east + OUTER
    length, leg = float(rng.uniform(25, 32)), float(rng.uniform(16.5, 21))
    gathered = _Rooms()
    corner = u0 - OUTER + 1.5
    strip = _Strip("long outer", False, OUTER, length - OUTER, v0 - INNER, OUTER)
    rest = _divide(rng, length - 2 * OUTER - corner - INNER, (), ("latrine",), "cell")
    gathered.strip(strip, [("room", corner), *rest], u0 + 0.3)
    strip = _Strip("long inner", False, u1 + INNER, length - OUTER, v1 + INNER, width - OUTER)
    plan = _divide(rng, strip.end - strip.start, ("interrogation",), ("punishment cell",) * 3, "cell")
    gathered.strip(strip, plan, strip.start)
    strip = _Strip("short outer", True, v0, leg - OUTER, u0 - INNER, OUTER)
    gathered.strip(strip, _divide(rng, strip.end - strip.start, ("interrogation",), ("guard",), "room"), strip.start)
    strip = _Strip("short inner", True, width - OUTER + INNER, leg - OUTER, u1 + INNER, leg_width - OUTER)
    gathered.strip(strip, _divide(rng, strip.end - strip.start, (), (), "room"), strip.start)
    ways = Polygon(
        [(u0, v0), (length - OUTER, v0), (length - OUTER, v1), (u1, v1), (u1, leg - OUTER), (u0, leg - OUTER)]
    )
    return _closed(gathered, l_wings(length, width, leg, leg_width), ways, ((u0 + u1) / 2, leg - OUTER / 2), 0.0)


def straight_block(rng: np.random.Generator) -> Block:
    """One wing with a corridor between two strips: cells and punishment cells; the way in is where x is 0."""
    south, north = (float(depth) for depth in rng.uniform((2.5, 2.3), (3.2, 2.9)))
    v0 = OUTER + south + INNER
    v1 = v0 + CORRIDOR
    width, length = v1 + INNER + north + OUTER, float(rng.uniform(19, 26))
    gathered = _Rooms()
    strip = _Strip("south", False, OUTER, length - OUTER, v0 - INNER, OUTER)
    plan = _divide(rng, strip.end - strip.start, ("guard",), ("latrine",), "cell")
    gathered.strip(strip, plan, strip.start)
    strip = _Strip("north", False, OUTER, length - OUTER, v1 + INNER, width - OUTER)
    plan = _divide(rng, strip.end - strip.start, ("room", "interrogation"), (), "punishment cell")
    gathered.strip(strip, plan, strip.start)
    ways = box(OUTER, v0, length - OUTER, v1)
    wings = (Wing(length / 2, width / 2, length, width, 0.0),)
    return _closed(gathered, wings, ways, (OUTER / 2, (v0 + v1) / 2), 90.0)


def _closed(
    gathered: _Rooms, wings: tuple[Wing, ...], ways: Polygon, entrance: tuple[float, float], along: float
) -> Block:
    """The block with its corridor and the way in."""
    corridor = BlockRoom("corridor", "corridor", gathered.names("corridor"), ways, "corridor")
    way_in = BlockDoor("door", entrance, along, 1.1, 0.0, 2.05, ("corridor", "outside"))
    if ways.distance(Point(entrance)) > OUTER:
        raise ValueError("the way in must lead into the corridor")
    return Block(wings, (*gathered.rooms, corridor), (*gathered.doors, way_in), entrance)
