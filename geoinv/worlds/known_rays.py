"""What was truly seen from one room of a made block into another, and where the sun truly fell: geometry by itself.

Nothing here uses the solids or the rays of the tests: sight is a straight line through floors and doorways in plan,
with its height in each doorway; sunlit floor is what a window's two faces let through, less what stands before them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.geometry.sun import sun_position
from geoinv.records.blueprint import Blueprint, Building, Opening, Room, Storey

__all__ = ["EYE_M", "Sunlight", "seen_share", "sunlit_m2"]

Floats = NDArray[np.float64]

#: Eyes of somebody standing, metres; how far from walls they are kept; heights that are looked at.
EYE_M, _FROM_WALL_M, _LOOKED_AT = 1.52, 0.25, (0.1, 1.6)
#: About so many places of the eyes, and so many places looked at, in plan.
_EYES, _LOOKED = 36, 36
#: Open air about a building that sight may cross, metres.
_AROUND_M = 10.0
#: Doorways reach so far into the rooms, so that floor and doorway are one without a seam, metres.
_SEAM_M = 0.02
#: Spacing of the points of floor asked for sun; their height, metres.
_STEP_M, _LEVEL_M = 0.1, 0.03


def _home(truth: Blueprint, room: Room) -> tuple[Building, Storey]:
    for building in truth.buildings:
        for storey in building.storeys:
            if any(one.id == room.id for one in storey.rooms):
                return building, storey
    raise ValueError(f"{room.id} is in no building")


def _grid(shape: BaseGeometry, count: int) -> Floats:
    """A square grid of about so many points over a floor."""
    west, south, east, north = shape.bounds
    step = max(float(np.sqrt(shape.area / count)), 1e-3)
    across, up = np.arange(west + step / 2, east, step), np.arange(south + step / 2, north, step)
    points = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    kept: Floats = points[shapely.contains_xy(shape, points)]
    return kept


@dataclass(frozen=True)
class _Hole:
    """An opening in plan: its middle, the direction through its wall away from a room, and half its width."""

    one: Opening
    through: Floats
    inner: float
    outer: float

    @property
    def along(self) -> Floats:
        return np.array([-self.through[1], self.through[0]])

    def shape(self) -> Polygon:
        at, half = np.array(self.one.at), self.one.width_m / 2
        near, far = at - (self.inner + _SEAM_M) * self.through, at + (self.outer + _SEAM_M) * self.through
        side = half * self.along
        return Polygon([near - side, near + side, far + side, far - side])


def _hole(one: Opening, storey: Storey) -> _Hole:
    """An opening with the wall it goes through: from its room's edge to the other room's, or to the open."""
    at = Point(one.at)
    rooms = [room.polygon for room in storey.rooms if room.id in one.connects]
    edges = [shapely.shortest_line(at, room) for room in rooms]
    first = edges[0]
    way = np.array(one.at) - shapely.get_coordinates(first)[-1]
    inner = float(np.hypot(*way))
    outer = float(edges[1].length) if len(edges) > 1 else storey.wall_thickness_m - inner
    return _Hole(one, way / inner, inner, outer)


def seen_share(truth: Blueprint, start: Room, end: Room) -> float:
    """Share of pairs of a standing witness' place in one room and a place in another that see each other, doors open.

    Windows are looked through too, across a yard into another wing.

    Parameters
    ----------
    truth
        As it is.
    start, end
        Rooms of one storey; eyes are at 1.52 m, a quarter of a metre or more from walls; what is looked at is between
        0.1 and 1.6 m above the floor.
    """
    home, storey = _home(truth, start)
    doors = [_hole(one, storey) for one in storey.openings]
    ways = [door.shape() for door in doors]
    standing = shapely.union_all([ground for ground, _, _ in _standing(truth, home, wide=False)])
    open_air = home.outline.buffer(_AROUND_M).difference(standing)
    free = shapely.union_all([*(room.polygon for room in storey.rooms), *ways, open_air])
    away = start.polygon.buffer(-_FROM_WALL_M)
    eyes = _grid(start.polygon if away.is_empty else away, _EYES)
    looked = _grid(end.polygon, _LOOKED)
    pairs = np.stack([np.repeat(eyes, len(looked), axis=0), np.tile(looked, (len(eyes), 1))], axis=1)
    if not len(pairs):
        return 0.0
    lines = [LineString(pair) for pair in pairs]
    shapely.prepare(free)
    clear = np.flatnonzero(shapely.covers(free, np.array(lines, object)))
    seen = sum(_fits(lines[index], doors, ways) for index in clear)
    return float(seen / len(lines))


def _fits(line: LineString, doors: list[_Hole], ways: list[Polygon]) -> bool:
    """Whether a line from the eyes can end somewhere between the heights looked at, under every lintel on its way."""
    low, high = _LOOKED_AT
    start = Point(line.coords[0])
    for door, way in zip(doors, ways, strict=True):
        inside = line.intersection(way)
        if inside.is_empty or inside.length < 1e-6:
            continue
        for corner in shapely.get_coordinates(inside):
            share = start.distance(Point(corner)) / line.length
            if share < 1e-9:
                continue
            # EYE + share × (end − EYE) must lie between sill and head.
            low = max(low, EYE_M + (door.one.sill_m - EYE_M) / share)
            high = min(high, EYE_M + (door.one.head_m - EYE_M) / share)
    return low <= high


@dataclass(frozen=True)
class Sunlight:
    """Sun on a floor, m²: at least, as if all that stands outside reached as high and as wide as it may; at most."""

    least_m2: float
    most_m2: float
    elevation_deg: float


def sunlit_m2(truth: Blueprint, room: Room, when: datetime) -> Sunlight:
    """How much of a room's floor the sun reaches through its own windows, its doors shut.

    Parameters
    ----------
    truth
        As it is: the room's windows, its building's eaves and wings, other buildings, walls and towers.
    when
        In universal time.
    """
    sun = sun_position(truth.frame.lon, truth.frame.lat, when)
    if sun.elevation <= 0.3:
        return Sunlight(0.0, 0.0, sun.elevation)
    building, storey = _home(truth, room)
    towards = np.array([np.sin(np.radians(sun.azimuth)), np.cos(np.radians(sun.azimuth))])
    rise = float(np.tan(np.radians(sun.elevation)))
    floor = _grid(room.polygon, max(1, round(room.polygon.area / _STEP_M**2)))
    windows = [_hole(one, storey) for one in storey.openings if one.kind == "window" and room.id in one.connects]
    least, most = np.zeros(len(floor), bool), np.zeros(len(floor), bool)
    for window in windows:
        leaves = _through(floor, window, towards, rise)
        lit = ~np.isnan(leaves)
        for kept, wide in ((least, True), (most, False)):
            open_ = lit.copy()
            open_[lit] = ~_shaded(truth, building, floor[lit], leaves[lit], towards, rise, wide=wide)
            kept |= open_
    share = room.polygon.area / max(1, len(floor))
    return Sunlight(float(least.sum() * share), float(most.sum() * share), sun.elevation)


def _through(floor: Floats, window: _Hole, towards: Floats, rise: float) -> Floats:
    """How far from each point its ray to the sun leaves by a window's outer face, in plan; not a number if nowhere."""
    one = window.one
    ahead = float(towards @ window.through)
    if ahead <= 1e-6:
        return np.full(len(floor), np.nan)
    depth = (np.array(one.at) - floor) @ window.through
    lit = np.ones(len(floor), bool)
    leaves = np.full(len(floor), np.nan)
    for face in (-window.inner, window.outer):
        leaves = (depth + face) / ahead
        aside = (floor + leaves[:, None] * towards - np.array(one.at)) @ window.along
        height = _LEVEL_M + leaves * rise
        lit &= (leaves > 0) & (np.abs(aside) <= one.width_m / 2) & (height >= one.sill_m) & (height <= one.head_m)
    return np.where(lit, leaves, np.nan)


def _shaded(
    truth: Blueprint, home: Building, points: Floats, leaves: Floats, towards: Floats, rise: float, *, wide: bool
) -> NDArray[np.bool_]:
    """Which rays something outside stops; ``wide``: roofs taken as blocks to their ridges, eaves included."""
    shaded = np.zeros(len(points), bool)
    for ground, top, own in _standing(truth, home, wide):
        reach = (top - _LEVEL_M) / rise
        from_ = np.maximum(leaves + 0.02, 0.0) if own else leaves * 0.0
        far = np.flatnonzero(from_ < reach)
        ends = np.stack([points + from_[:, None] * towards, points + reach * towards], axis=1)[far]
        shaded[far] |= shapely.intersects(ground, shapely.linestrings(ends)) if len(far) else False
    eaves = home.outline.buffer(home.roof.overhang_m, join_style="mitre") if home.roof else home.outline
    over = points + (max(0.0, _top(home) - _LEVEL_M) / rise) * towards
    beyond = leaves < (_top(home) - _LEVEL_M) / rise
    return np.asarray(shaded | (beyond & shapely.contains_xy(eaves, over)))


def _top(building: Building) -> float:
    return max((storey.floor_m + storey.height_m for storey in building.storeys), default=0.0)


def _standing(truth: Blueprint, home: Building, wide: bool) -> list[tuple[BaseGeometry, float, bool]]:
    """What may stand in the sun's way: its ground, its height, and whether the ray begins in it."""
    found: list[tuple[BaseGeometry, float, bool]] = []
    for building in truth.buildings:
        own = building.id == home.id
        roof = building.roof
        ground = building.outline
        if wide and roof is not None and not own:
            ground = ground.buffer(roof.overhang_m, join_style="mitre")
        found.append((ground, _top(building) + (roof.rise_m if wide and roof else 0.0), own))
    found += [(wall.line.buffer(wall.thickness_m / 2), wall.height_m, False) for wall in truth.site.walls]
    grown = 0.5 if wide else 0.0
    found += [(one.outline.buffer(grown), one.height_m + 2 * grown, False) for one in truth.site.towers]
    return found
