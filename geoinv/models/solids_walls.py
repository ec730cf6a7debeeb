"""One storey in plan: what is wall, what is clear floor, and where the openings go through."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

import shapely
from shapely.geometry import LineString, MultiPolygon, Point
from shapely.geometry.base import BaseGeometry

from geoinv.models.solids_prisms import polygons_of
from geoinv.records.blueprint import Blueprint, Building, Fixture, Opening, Part, Room, Stair, Storey, Wall

__all__ = [
    "OVERSHOOT_M",
    "PlacedOpening",
    "StoreyPlan",
    "WallLines",
    "first_of",
    "preferred",
    "preferred_hypothesis",
    "storey_plan",
    "tangent",
    "wall_band",
]

#: A "wall" thicker than this at an opening is a part of the building nobody described.
UNKNOWN_M = 1.2
#: How far an opening's void reaches beyond the wall, metres: else a film of wall would remain.
OVERSHOOT_M = 0.05
#: Wall beyond an opening that is at most twice as thick as this is a film of its own wall, not another wall, metres.
_FILM_M = 0.001

P = TypeVar("P", bound=Part)


@dataclass(frozen=True)
class PlacedOpening:
    """An opening with the piece of wall it goes through.

    Attributes
    ----------
    opening
        As recorded.
    centre
        Middle of the wall's thickness at the opening, metres.
    direction
        Unit vector along the wall.
    depth
        The wall's thickness there, metres.
    nicked
        Where cutting a little deeper than the wall would nick another wall: the void's plan without that; else none.
    """

    opening: Opening
    centre: tuple[float, float]
    direction: tuple[float, float]
    depth: float
    nicked: BaseGeometry | None = None

    def outline(self, *, overshoot: float = 0.0) -> BaseGeometry:
        """The opening in plan, its depth longer by ``overshoot`` on both sides."""
        (x, y), (u, v) = self.centre, self.direction
        half, deep = self.opening.width_m / 2, self.depth / 2 + overshoot
        return shapely.Polygon(
            [
                (x + i * half * u - j * deep * v, y + i * half * v + j * deep * u)
                for i, j in ((-1, -1), (1, -1), (1, 1), (-1, 1))
            ]
        )


@dataclass(frozen=True)
class StoreyPlan:
    """A storey cut level.

    Attributes
    ----------
    storey
        As recorded.
    walls
        Everything solid, before openings are cut: outline less rooms where rooms are given; where walls are given,
        the outer ring and the walls; the whole outline where nothing is known of the interior.
    pieces
        Where walls are given: each wall's own share of ``walls``, so that shares neither overlap nor leave anything
        out; the last share (``None``) is the outer ring's.
    rooms, openings, stairs, fixtures
        Those of the hypothesis drawn.
    """

    storey: Storey
    walls: BaseGeometry
    pieces: tuple[tuple[Wall | None, BaseGeometry], ...]
    rooms: tuple[Room, ...]
    openings: tuple[PlacedOpening, ...]
    stairs: tuple[Stair, ...]
    fixtures: tuple[Fixture, ...]

    @property
    def interior_known(self) -> bool:
        """Whether anything at all is known of the inside."""
        return bool(self.rooms or any(wall is not None for wall, _ in self.pieces))


def preferred_hypothesis(blueprint: Blueprint) -> str | None:
    """The first by name of the rival hypotheses; ``None`` where there are none."""
    return first_of(blueprint.parts())


def first_of(parts: Iterable[Part]) -> str | None:
    """The first by name of the rival hypotheses among parts; ``None`` where there are none."""
    return min((name for part in parts for name in part.versions), default=None)


def preferred(parts: Iterable[P], hypothesis: str | None) -> tuple[P, ...]:
    """The parts all hypotheses share and those of one hypothesis."""
    return tuple(part for part in parts if not part.versions or hypothesis in part.versions)


def wall_band(line: BaseGeometry, thickness: float) -> BaseGeometry:
    """A wall's plan from its centre-line: flat ends, mitred corners."""
    if isinstance(line, LineString) and line.is_closed and len(line.coords) > 3:
        ring = shapely.Polygon(line)
        return _offset(ring, thickness / 2).difference(_offset(ring, -thickness / 2))
    return line.buffer(thickness / 2, cap_style="flat", join_style="mitre")


def _offset(shape: BaseGeometry, distance: float) -> BaseGeometry:
    return shape.buffer(distance, join_style="mitre")


class WallLines:
    """The lines along which a storey's walls run, to be asked which is nearest."""

    def __init__(self, lines: list[BaseGeometry]) -> None:
        self.lines = lines
        self._tree = shapely.STRtree(lines)

    def nearest(self, at: Point) -> BaseGeometry:
        """The line nearest to a point; of several as near, the first."""
        return self.lines[int(self._tree.query_nearest(at, all_matches=True).min())]

    def near(self, at: Point, reach: float) -> list[BaseGeometry]:
        """The lines within reach of a point, metres."""
        return [self.lines[i] for i in sorted(self._tree.query(at, predicate="dwithin", distance=reach).tolist())]


def storey_plan(building: Building, storey: Storey, *, hypothesis: str | None = None) -> StoreyPlan:
    """A storey cut level, under one hypothesis.

    Parameters
    ----------
    building, storey
        The storey and the building it is of.
    hypothesis
        Which rival version of contested parts to draw.
    """
    rooms = preferred(storey.rooms, hypothesis)
    walls = preferred(storey.walls, hypothesis)
    outline = building.outline
    pieces: list[tuple[Wall | None, BaseGeometry]] = []
    if walls:
        region = _share_out(outline, walls, storey.wall_thickness_m, pieces)
    else:
        # Rooms that reach the outline's edge would leave no outer wall, and the solid would be open: the fit must not
        # do that, but a hand-written blueprint can, and then says what it says.
        region = outline.difference(shapely.union_all([room.polygon for room in rooms])) if rooms else outline
        pieces.append((None, region))
    region = MultiPolygon(polygons_of(region))
    lines = WallLines([outline.boundary, *(room.polygon.boundary for room in rooms), *(wall.line for wall in walls)])
    solid = _Solid(outline if not walls else region, [room.polygon for room in rooms] if not walls else [])
    placed = tuple(
        _placed(opening, solid, lines, storey.wall_thickness_m)
        for opening in preferred(storey.openings, hypothesis)
        if not region.is_empty
    )
    stairs, fixtures = preferred(storey.stairs, hypothesis), preferred(storey.fixtures, hypothesis)
    return StoreyPlan(storey, region, tuple(pieces), rooms, placed, stairs, fixtures)


def _share_out(
    outline: BaseGeometry, walls: tuple[Wall, ...], outer: float, pieces: list[tuple[Wall | None, BaseGeometry]]
) -> BaseGeometry:
    taken: BaseGeometry = shapely.Polygon()
    for wall in walls:
        band = wall_band(wall.line, wall.thickness_m).difference(taken)
        pieces.append((wall, band))
        taken = taken.union(band)
    ring = outline.difference(_offset(outline, -outer)).difference(taken)
    pieces.append((None, ring))
    return taken.union(ring)


class _Solid:
    """What of a plane shape lies in wall: asked of nearby rooms only, since a storey can have thousands."""

    def __init__(self, whole: BaseGeometry, clear: list[BaseGeometry]) -> None:
        self._whole, self._clear = whole, clear
        self._tree = shapely.STRtree(clear) if clear else None

    def within(self, probe: BaseGeometry) -> BaseGeometry:
        left = probe.intersection(self._whole)
        near = self._tree.query(probe).tolist() if self._tree is not None else []
        return left.difference(shapely.union_all([self._clear[i] for i in sorted(near)])) if near else left


def _placed(opening: Opening, solid: _Solid, lines: WallLines, thickness: float) -> PlacedOpening:
    """Direction from the nearest wall line; depth from how far the wall reaches on both sides."""
    at = Point(opening.at)
    direction = tangent(lines.nearest(at), at)
    normal = (-direction[1], direction[0])
    probe = LineString([(at.x - 5 * normal[0], at.y - 5 * normal[1]), (at.x + 5 * normal[0], at.y + 5 * normal[1])])
    crossed = shapely.get_parts(solid.within(probe))
    runs = [run for run in crossed if isinstance(run, LineString) and run.length > 1e-6]
    if not runs:
        return PlacedOpening(opening, opening.at, direction, thickness)
    run = min(runs, key=lambda part: part.distance(at))
    along = _along(at, normal)
    low, high = sorted(along(end) for end in run.coords)
    if high - low > UNKNOWN_M:  # a door into the undescribed: a niche as deep as a wall
        low, high = (low, low + thickness) if abs(low) <= abs(high) else (high - thickness, high)
    middle = (low + high) / 2
    centre = (at.x + middle * normal[0], at.y + middle * normal[1])
    placed = PlacedOpening(opening, centre, direction, high - low)
    deeper = placed.outline(overshoot=OVERSHOOT_M)
    nick = _offset(_offset(solid.within(deeper.difference(placed.outline())), -_FILM_M), _FILM_M)
    return replace(placed, nicked=deeper.difference(nick)) if nick.area > 1e-9 else placed


def _along(at: Point, normal: tuple[float, float]) -> Callable[[tuple[float, ...]], float]:
    return lambda end: (end[0] - at.x) * normal[0] + (end[1] - at.y) * normal[1]


def tangent(line: BaseGeometry, at: Point) -> tuple[float, float]:
    """Unit vector along the segment of a line nearest to a point."""
    best, found = math.inf, (1.0, 0.0)
    for part in shapely.get_parts(line):
        corners = list(part.coords)
        for (x0, y0), (x1, y1) in zip(corners[:-1], corners[1:], strict=True):
            length = math.hypot(x1 - x0, y1 - y0)
            away = LineString([(x0, y0), (x1, y1)]).distance(at) if length > 1e-9 else math.inf
            if away < best:
                best, found = away, ((x1 - x0) / length, (y1 - y0) / length)
    return found
