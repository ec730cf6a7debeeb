"""Made blocks: buildings of one corridor, straight or bent, with rooms beside it (all fictional)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon

__all__ = ["Block", "Shape", "Strip", "make_block"]

_WIDTHS = {"cell": (2.0, 4.2), "punishment": (1.1, 1.7), "interrogation": (2.6, 4.5), "guard": (2.5, 4.5),
           "office": (2.6, 5.5), "latrine": (1.4, 3.0), "store": (1.6, 4.5)}  # fmt: skip


@dataclass
class Strip:
    """A row of rooms: its frame (origin, along, outward), from ``start`` to ``end`` along its arm."""

    arm: int
    side: str
    origin: Any
    along: Any
    out: Any
    start: float
    end: float
    near: float
    far: float

    def rectangle(self, low: float, high: float, depth: float = 1.0) -> Polygon:
        """From ``low`` to ``high`` along the row, over a share of its depth."""
        far = self.near + (self.far - self.near) * depth
        spots = ((low, self.near), (high, self.near), (high, far), (low, far))
        return Polygon([self.origin + a * self.along + b * self.out for a, b in spots])


@dataclass
class Shape:
    """A corridor's arms (lengths of its middle line), turns between them (±1), width, depths of the rows."""

    arms: list[float]
    turns: list[int]
    width: float
    depth: dict[str, float]
    corner: dict[tuple[int, str], int]  # (bend, side): which of its two arms takes the corner
    wall: float = 0.25

    def line(self) -> Any:
        """The corridor's middle line, shape (arms + 1, 2)."""
        points, way = [np.zeros(2)], np.array([1.0, 0.0])
        for index, length in enumerate(self.arms):
            points.append(points[-1] + length * way)
            if index < len(self.turns):
                way = np.array([-way[1], way[0]]) * self.turns[index]
        return np.array(points)

    def corridor(self) -> Polygon:
        """The corridor's floor."""
        line = self.line()
        return shapely.buffer(LineString(line), self.width / 2, cap_style="flat", join_style="mitre")

    def strips(self) -> list[Strip]:
        """The rows beside each arm that has rooms there."""
        line, found, half = self.line(), [], self.width / 2
        for arm, length in enumerate(self.arms):
            along = (line[arm + 1] - line[arm]) / length
            for side, sign in (("L", 1.0), ("R", -1.0)):
                depth = self.depth[side]
                if depth <= 0:
                    continue
                start, end = 0.0, length
                reach = half + depth + 2 * self.wall
                if arm > 0:
                    takes = self.corner[arm - 1, side] == arm
                    inner = (self.turns[arm - 1] > 0) == (side == "L")
                    start = (
                        (half + self.wall if takes else reach) if inner else (-reach + self.wall if takes else -half)
                    )
                if arm < len(self.turns):
                    takes = self.corner[arm, side] == arm
                    inner = (self.turns[arm] > 0) == (side == "L")
                    end = length - (
                        (half + self.wall if takes else reach) if inner else (-reach + self.wall if takes else -half)
                    )
                out = sign * np.array([-along[1], along[0]])
                found.append(
                    Strip(arm, side, line[arm], along, out, start, end, half + self.wall, half + self.wall + depth)
                )
        return found


@dataclass
class Block:
    """A block's truth: rooms with id, kind, strip, extent and polygon; where one goes in, and whether that is known."""

    shape: Shape
    rooms: list[dict[str, Any]]  # id, kind, strip (arm, side), low, high, polygon, number
    outline: Polygon
    entrance: tuple[float, float]
    entrance_at: tuple[str, float]  # "start", "end" or "side", and the share along the corridor
    given: bool
    turned: float = 0.0  # of its axes against east, radians


def make_block(rng: np.random.Generator) -> Block:
    """One block's truth, its corridor's middle line starting at 0, 0 along x, walked from the entrance's end."""
    form = rng.choice(["I", "L", "U"], p=[0.62, 0.25, 0.13])
    while True:
        double = rng.random() < 0.72
        depth = float(rng.uniform(2.4, 5.0))
        sides = {"L": depth, "R": float(rng.uniform(2.4, 5.0)) if rng.random() < 0.4 else depth}
        if not double:
            sides[str(rng.choice(["L", "R"]))] = 0.0
        total = float(rng.uniform(13 if form == "I" else 22, 55))
        turns = {"I": [], "L": [int(rng.choice([-1, 1]))], "U": [int(rng.choice([-1, 1]))] * 2}[str(form)]
        shares = rng.dirichlet([6.0] * (len(turns) + 1)) if turns else np.ones(1)
        arms = [float(total * share) for share in shares]
        corner = {(b, s): b + int(rng.random() < 0.5) for b in range(len(turns)) for s in "LR"}
        shape = Shape(arms, turns, float(rng.uniform(1.2, 2.0)), sides, corner, float(rng.uniform(0.12, 0.25)))
        strips = shape.strips()
        if all(strip.end - strip.start > 2.5 for strip in strips) and min(arms) > 5 + 2 * max(sides.values()) * (
            form != "I"
        ):
            rooms = _filled(rng, strips)
            if 4 <= len(rooms) <= 30:
                break
    for room in rooms:
        room["polygon"] = next(s for s in strips if (s.arm, s.side) == room["strip"]).rectangle(
            room["low"], room["high"]
        )
    outer = float(rng.uniform(0.25, 0.5))
    floors = [shape.corridor(), *(strip.rectangle(strip.start, strip.end) for strip in strips)]
    solid = shapely.union_all([floor.buffer(0.3, join_style="mitre") for floor in floors])
    outline = Polygon(
        shapely.get_exterior_ring(solid.buffer(1.0, join_style="mitre").buffer(outer - 1.3, join_style="mitre"))
    )
    line, at = LineString(shape.line()), ("start", 0.0)
    if not double and rng.random() < 0.4:
        at = ("side", float(rng.uniform(0.1, 0.9)))
        place = np.array(line.interpolate(at[1], normalized=True).coords[0])
    else:
        place = np.array(line.coords[0])
    spot = outline.exterior.interpolate(outline.exterior.project(Point(place)))
    return Block(shape, rooms, outline, (spot.x, spot.y), at, bool(rng.random() < 0.67))


def _filled(rng: np.random.Generator, strips: list[Strip]) -> list[dict[str, Any]]:
    rooms: list[dict[str, Any]] = []
    cell = float(rng.uniform(*_WIDTHS["cell"]))
    unlike = float(rng.choice([0.04, 0.12, 0.3]))
    once = {"latrine", "guard"}
    for index, strip in enumerate(strips):
        length, row = strip.end - strip.start, []
        if strip.arm == 0 and rng.random() < 0.7:
            row += [str(k) for k in rng.choice(["guard", "office", "interrogation", "store"], int(rng.integers(1, 4)))]
        main = "cell" if rng.random() < 0.75 else str(rng.choice(["punishment", "interrogation", "office"]))
        tail = []
        if index == len(strips) - 1 or rng.random() < 0.35:
            tail = [
                str(k)
                for k in rng.choice(
                    ["latrine", "store", "latrine", "punishment", "interrogation"], int(rng.integers(1, 3))
                )
            ]
        row, tail = (
            [k for k in row if k not in once or _first(once, k)],
            [k for k in tail if k not in once or _first(once, k)],
        )
        size = {k: float(rng.uniform(*_WIDTHS[k])) for k in _WIDTHS} | {"cell": cell}
        middle = [main] * max(0, round((length - sum(size[k] for k in row + tail)) / size[main]))
        if len(middle) > 3 and rng.random() < 0.4:
            middle[int(rng.integers(1, len(middle) - 1))] = str(rng.choice(["store", "interrogation", "office"]))
        kinds = row + middle + tail or [main]
        widths = np.array(
            [size[k] * np.exp(rng.normal(0, unlike if k == "cell" else max(0.15, unlike))) for k in kinds]
        )
        walls = 0.22
        widths *= (length - walls * (len(kinds) - 1)) / widths.sum()
        if widths.min() < 0.8:
            return []
        at = strip.start
        for kind, width in zip(kinds, widths, strict=True):
            rooms.append(
                {
                    "id": f"t{len(rooms) + 1}",
                    "kind": kind,
                    "strip": (strip.arm, strip.side),
                    "low": at,
                    "high": at + width,
                }
            )
            at += width + walls
    if rooms and not any(r["kind"] == "cell" for r in rooms):
        return []
    cells = sorted((r for r in rooms if r["kind"] == "cell"), key=lambda r: (r["strip"], r["low"]))
    for number, room in enumerate(cells, 1):
        room["number"] = number
    return rooms


def _first(once: set[str], kind: str) -> bool:
    once.discard(kind)
    return True
