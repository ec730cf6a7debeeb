"""What lies round a compound: road, river, village, fields and trees, and the landmarks that witnesses steer by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.worlds.compound import Compound
from geoinv.worlds.forms import Form, Place, Wing

__all__ = ["Field", "Mark", "Surroundings", "surroundings_of"]

FieldKind = Literal["maize", "paddy", "fallow", "vegetables", "grass"]


@dataclass(frozen=True)
class Field:
    """A field and the direction of its rows, degrees counter-clockwise from east; ``pale`` shifts its brightness."""

    polygon: Polygon
    kind: FieldKind
    rows_deg: float
    pale: float


@dataclass(frozen=True)
class Mark:
    """A landmark: what witnesses call it (English, Korean) and its place in metres."""

    names: tuple[str, str]
    geometry: BaseGeometry


@dataclass(frozen=True)
class Surroundings:
    """All that is outside the wall, metres.

    Attributes
    ----------
    roads
        Line and width; the first is the main road, the second the lane to the gate.
    river, river_width_m
        Its line and width.
    houses
        Neighbours' houses.
    plots
        Garden plots with low fences.
    fields
        Fields.
    trees
        East, north, crown radius, height; shape (n, 4).
    stack
        A brickworks' chimney: east, north, height.
    marks
        Landmarks by key.
    """

    roads: tuple[tuple[LineString, float], ...]
    river: LineString
    river_width_m: float
    houses: tuple[Form, ...]
    plots: tuple[Field, ...]
    fields: tuple[Field, ...]
    trees: NDArray[np.float64]
    stack: tuple[float, float, float]
    marks: dict[str, Mark]


def _meander(rng: np.random.Generator, start: float, end: float, level: float, sway: float) -> LineString:
    """A gently winding line along x at height ``level``."""
    x = np.linspace(start, end, 141)
    waves = sum(
        sway / k * np.sin(2 * np.pi * k * (x - start) / (end - start) * 1.3 + rng.uniform(0, 2 * np.pi))
        for k in (1, 2, 4)
    )
    return LineString(np.column_stack([x, level + waves]))


def _village(
    rng: np.random.Generator, along: LineString, keep_off: BaseGeometry, reach: float
) -> list[tuple[Form, Field]]:
    """Rows of low houses along the road's far side, each with a garden plot."""
    found: list[tuple[Form, Field]] = []
    taken = keep_off
    for row in range(2):
        x = float(rng.uniform(-reach, -reach + 14))
        while x < reach:
            length, width = float(rng.uniform(9, 21)), float(rng.uniform(5.6, 7.2))
            spot = along.interpolate(along.project(Point(x, along.centroid.y)))
            y = spot.y - 13 - row * 23 + float(rng.normal(0, 1.0))
            wing = Wing(x + length / 2, y, length, width, float(rng.normal(0, 3)))
            plot = Wing(x + length / 2, y - 9.2, length + 2, 9.0, wing.angle_deg).polygon
            x += length + float(rng.choice((3.5, 5.0, 12.0, 26.0), p=(0.4, 0.3, 0.2, 0.1)))
            if wing.polygon.buffer(2).intersects(taken):
                continue
            surface = ("tile red", "tile grey", "tile grey", "sheet", "rusted sheet")[int(rng.integers(5))]
            kind: Literal["gable", "hip"] = "gable" if rng.random() < 0.6 else "hip"
            form = Form((wing,), float(rng.uniform(2.3, 2.7)), kind, float(rng.uniform(1.2, 1.8)), 0.5, surface, True)
            found.append((form, Field(plot, "vegetables", wing.angle_deg + 90.0, float(rng.normal(0, 0.06)))))
            taken = taken.union(wing.polygon)
    return found


def _fields(rng: np.random.Generator, keep_off: BaseGeometry, reach: float) -> tuple[Field, ...]:
    """A patchwork: a turned grid of strips of unlike width, less everything else."""
    turn = float(rng.uniform(-18, 18))
    place = Place(0.0, 0.0, turn)
    prepared: list[Field] = []
    y = -reach * 1.4
    while y < reach * 1.4:
        height = float(rng.uniform(24, 52))
        x = -reach * 1.4
        while x < reach * 1.4:
            width = float(rng.uniform(22, 70))
            jitter = rng.normal(0, 1.2, (4, 2))
            corners = np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)]) + jitter
            cell = place.shape(Polygon(corners)).buffer(-float(rng.uniform(0.4, 1.3)), join_style="mitre")
            x += width
            rest = cell.difference(keep_off)
            part = max(shapely.get_parts(rest), key=lambda piece: piece.area, default=None)
            kind: FieldKind = ("maize", "paddy", "fallow", "vegetables", "grass")[
                int(rng.choice(5, p=(0.34, 0.16, 0.2, 0.12, 0.18)))
            ]
            rows = turn + (0.0 if rng.random() < 0.7 else 90.0)
            pale = float(rng.normal(0, 0.09))
            if isinstance(part, Polygon) and part.area > 120:
                prepared.append(Field(part, kind, rows, pale))
        y += height
    return tuple(prepared)


def _trees(
    rng: np.random.Generator,
    lines: list[tuple[LineString, float]],
    houses: list[Form],
    keep_off: BaseGeometry,
    reach: float,
) -> NDArray[np.float64]:
    """Trees in lines along water and road, by the houses, and here and there."""
    spots: list[tuple[float, float]] = []
    for line, off in lines:
        at = float(rng.uniform(0, 20))
        while at < line.length:
            point = line.interpolate(at)
            side = off if rng.random() < 0.5 else -off
            spots.append((point.x + float(rng.normal(0, 1.5)), point.y + side + float(rng.normal(0, 1.5))))
            at += float(rng.choice((5.0, 8.0, 15.0, 45.0), p=(0.3, 0.3, 0.25, 0.15)))
    for house in houses:
        if rng.random() < 0.55:
            middle = house.outline.centroid
            spots.append((middle.x + float(rng.uniform(-9, 9)), middle.y + float(rng.choice((-6.5, 6.5)))))
    spots += [(float(x), float(y)) for x, y in rng.uniform(-reach, reach, (int(reach / 4), 2))]
    # Trees seed themselves: half of them have bushes beside them.
    bushes = [
        (x + float(rng.normal(0, 3)), y + float(rng.normal(0, 3)))
        for x, y in spots
        for _ in range(int(rng.integers(0, 4)))
    ]
    kept = []
    for index, (x, y) in enumerate(spots + bushes):
        radius = float(rng.lognormal(0.7, 0.35) if index < len(spots) else rng.lognormal(-0.1, 0.3))
        if abs(x) < reach * 1.2 and abs(y) < reach * 1.2 and keep_off.distance(Point(x, y)) > radius * 0.9:
            kept.append((x, y, radius, radius * float(rng.uniform(1.7, 2.8)) + 1.0))
    return np.array(kept, float).reshape(-1, 4)


def surroundings_of(rng: np.random.Generator, compound: Compound, reach: float) -> Surroundings:
    """The neighbourhood of a compound whose axes are centred in its middle.

    Parameters
    ----------
    reach
        Half the width in metres within which houses, fields and trees are made; roads and river run on beyond it.
    """
    ground = compound.ground
    south, north = ground.bounds[1], ground.bounds[3]
    gate = compound.gates[0]
    road = _meander(rng, -1400, 1400, south - float(rng.uniform(22, 38)), 9.0)
    foot = road.interpolate(road.project(Point(gate[0], gate[1])))
    lane = LineString([(gate[0], gate[1]), (gate[0] + float(rng.normal(0, 0.6)), gate[1] - 9), (foot.x, foot.y)])
    width = float(rng.uniform(9, 16))
    river = _river(rng, road, north + width + float(rng.uniform(24, 48)))
    bridge = road.intersection(river)
    bridge_at = bridge if isinstance(bridge, Point) else shapely.get_parts(bridge)[0].centroid
    side = float(rng.choice((-1.0, 1.0)))
    cross_x = -np.sign(bridge_at.x) * float(rng.uniform(260, 420))
    crossing = road.interpolate(road.project(Point(cross_x, road.centroid.y)))
    side_road = LineString([(crossing.x, crossing.y), (crossing.x + 60 * side, crossing.y - 500)])
    stack = (
        float(rng.choice((-1, 1))) * (reach * float(rng.uniform(0.66, 0.82))),
        road.centroid.y - reach * 0.42,
        24.0,
    )
    built = shapely.union_all(
        [ground.buffer(7), road.buffer(5), lane.buffer(4), river.buffer(width / 2 + 7), Point(stack[:2]).buffer(9)]
    )
    village = _village(rng, road, built, reach)
    houses = [form for form, _ in village]
    yards = shapely.union_all(
        [form.outline.buffer(3) for form in houses] + [plot.polygon.buffer(1) for _, plot in village]
    )
    fields = _fields(rng, built.union(yards), reach)
    walls = shapely.union_all([ground.buffer(1.0), lane.buffer(2.5), road.buffer(3.0), river.buffer(width / 2)])
    trees = _trees(
        rng,
        [(river, width / 2 + 3.5), (road, 5.0)],
        houses,
        walls.union(shapely.union_all([h.outline for h in houses])),
        reach,
    )
    station = Point(
        bridge_at.x + float(rng.uniform(250, 500)) * np.sign(bridge_at.x), road.centroid.y + float(rng.uniform(60, 160))
    )
    marks = {
        "bridge": Mark(("the bridge", "다리"), bridge_at),
        "river": Mark(("the river", "강"), river),
        "road": Mark(("the main road", "큰길"), road),
        "crossroads": Mark(("the crossroads", "네거리"), crossing),
        "chimney": Mark(("the brickworks chimney", "벽돌공장 굴뚝"), Point(stack[:2])),
        "station": Mark(("the railway halt", "역"), station),
    }
    roads = ((road, 5.5), (lane, 3.6), (side_road, 4.2))
    plots = tuple(plot for _, plot in village)
    return Surroundings(roads, river, width, tuple(houses), plots, fields, trees, stack, marks)


def _river(rng: np.random.Generator, road: LineString, level: float) -> LineString:
    """A river behind the compound that bends down and crosses the road some hundred metres on."""
    side = float(rng.choice((-1.0, 1.0)))
    bend = float(rng.uniform(300, 480))
    floor = road.centroid.y
    x = np.linspace(-1300, bend, 160)
    sway = 10 * np.sin(x / 90 + rng.uniform(0, 6)) + 5 * np.sin(x / 37 + rng.uniform(0, 6))
    down = level + sway - 0.00002 * np.maximum(x, 0) ** 2
    turn = np.linspace(0, 1, 40)[1:]
    line = [*zip(x * side, down, strict=True)]
    last = (x[-1], down[-1])
    for t in turn:
        line.append(
            ((last[0] + 90 * np.sin(t * np.pi / 2) + 60 * t) * side, last[1] + (floor - 420 - last[1]) * t**1.5)
        )
    return LineString(line)
