"""What makes a site besides its buildings, suggested blind: the wall all round, towers at its corners, tracks.

A penal facility is its wall. Each kind is told only as far as pixels bear it; ``existence`` is the probability that it
is there, learned from worlds (`scripts/learn_suggestions.py`), and what is less likely than ``_TOLD`` is not told.
A wall and a fence all round look the same from above, and both are told as ``wall``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import Any

import cv2
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon, box
from shapely.geometry.base import BaseGeometry

from geoinv.geometry.frames import frame_crs
from geoinv.geometry.overlap import iou
from geoinv.imagery.detect import detect
from geoinv.imagery.edge_search import oriented
from geoinv.imagery.enclosures import enclosures
from geoinv.imagery.masks import lab
from geoinv.imagery.perimeters import Perimeter, settled_perimeter, without_shadow_rims
from geoinv.imagery.scene import Patch, Scene
from geoinv.imagery.tiles import Tile, area_on, over_tiles, tiles_touching
from geoinv.imagery.tracks import GSD, track_odds, tracks_of

__all__ = [
    "marks_found",
    "suggestions",
    "tower_odds",
    "tower_signs",
    "tower_signs_of",
    "wall_odds",
    "wall_signs",
    "walls_in",
]

#: Least existence that is told.
_TOLD = 0.5
#: Tiles of the search for walls: metres a pixel, pixels a side and in the halo; the same for tracks.
_WALL_TILE, _TRACK_TILE = (2.0, 256, 32), (GSD, 768, 128)
#: Sides of a yard that are tried, metres; how far off they may be when settled; resolution that they are settled at.
_SIDES_M = tuple(float(side) for side in np.geomspace(26.0, 230.0, 14).round(1))
_SPREAD_M, _SETTLED_GSD, _BEYOND_M = 6.0, 0.5, 10.0
#: Overlap (IoU) above which two walls are one.
_SAME = 0.3
#: What a metre of edge is worth by chance, nats, and the logistic in the nats beyond that of the whole ring, hundreds.
_BY_CHANCE, _WALL_WEIGHTS = 0.25, (-5.714, 5.827, 0.327)
#: A tower's side, how wide the ground about it is read, and how far from a corner it may stand, metres.
_TOWER_M, _ABOUT_M, _CORNER_M = 3.0, 7.0, 6.0
#: Logistic in how far it stands out, how pale it is and how dark its shadow.
_TOWER_WEIGHTS = (-7.627, 1.679, 1.613, 0.554)
_Floats = NDArray[np.float64]


def wall_odds(wall: Perimeter) -> float:
    """Probability that a settled ring is a wall or fence all round: that it overlaps one by at least 0.7."""
    return _logistic(_WALL_WEIGHTS, wall_signs(wall))


def wall_signs(wall: Perimeter) -> tuple[float, ...]:
    """What the whole ring is worth beyond chance, hundreds of nats; and a metre of it, tenths of a nat."""
    return (wall.worth - _BY_CHANCE) * wall.ring.length / 100.0, (wall.worth - 0.5) * 10


def tower_odds(signs: Sequence[float]) -> float:
    """Probability that a tower stands within 3 m of the likeliest place at a true wall's corner."""
    return _logistic(_TOWER_WEIGHTS, signs)


def _logistic(weights: Sequence[float], signs: Sequence[float]) -> float:
    odds = weights[0] + sum(weight * sign for weight, sign in zip(weights[1:], signs, strict=True))
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, odds))))


def walls_in(scene: Scene, seen: tuple[float, float, float, float]) -> list[Perimeter]:
    """The rings that may be walls in a box of the scene's frame, metres, likeliest first, none over another."""
    west, south, east, north = seen
    centre, reach = ((west + east) / 2, (south + north) / 2), max(east - west, north - south) / 2
    yards = enclosures(scene, scene.frame, centre, reach, sides_m=_SIDES_M, step_m=_WALL_TILE[0])
    if not yards:
        return []
    bounds = (west - _BEYOND_M, south - _BEYOND_M, east + _BEYOND_M, north + _BEYOND_M)
    patch = scene.patch(scene.frame, bounds, max(scene.gsd, _SETTLED_GSD))
    field = without_shadow_rims(oriented(patch, round(20.0 / patch.gsd)), scene.record.sun_azimuth)
    settled = [settled_perimeter(field, yard.polygon, _SPREAD_M) for yard in yards]
    known = sorted((one for one in settled if one is not None), key=lambda one: -wall_odds(one))
    kept: list[Perimeter] = []
    for one in known:
        if all(iou(one.ring, other.ring) < _SAME for other in kept):
            kept.append(one)
    return kept


def tower_signs_of(scene: Scene, ring: Polygon) -> list[tuple[tuple[float, float], tuple[float, float, float]]]:
    """`tower_signs` on the scene's own pixels; the ring in metres of its frame."""
    patch = scene.patch(scene.frame, ring.buffer(_CORNER_M + _ABOUT_M).bounds, max(scene.gsd, 0.3))
    return tower_signs(patch, ring, scene.record.sun_azimuth)


def tower_signs(
    patch: Patch, ring: Polygon, sun_azimuth: float | None
) -> list[tuple[tuple[float, float], tuple[float, float, float]]]:
    """The likeliest place of a tower at each corner of a ring, metres, and what speaks for it.

    How much paler a square there is than what lies about it, in standard deviations over the whole ring's neighbourhood
    and in tens of L*; and how much darker it is where its shadow falls (0 where the sun is not known), in tens of L*.
    """
    lightness = np.ascontiguousarray(lab(patch.rgb)[..., 0])
    side, wide = (2 * round(metres / patch.gsd / 2) + 1 for metres in (_TOWER_M, _ABOUT_M))
    square = cv2.blur(lightness, (side, side))
    about = (cv2.blur(lightness, (wide, wide)) * wide**2 - square * side**2) / (wide**2 - side**2)
    paler = square - about
    rows, columns = np.indices(paler.shape)
    metres = patch.to_metres(np.column_stack([columns.ravel() + 0.5, rows.ravel() + 0.5])).reshape(*paler.shape, 2)
    band = shapely.distance(ring.exterior, shapely.points(metres)) < _CORNER_M
    usual, spread = float(paler[band].mean()), max(float(paler[band].std()), 0.5)
    shade = np.zeros_like(paler)
    if sun_azimuth is not None:
        away = np.radians(sun_azimuth + 180.0)
        shift = np.array([np.sin(away), -np.cos(away)]) * (_TOWER_M + 1.0) / patch.gsd
        moved = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float32)
        shade = about - cv2.warpAffine(
            square, moved, square.shape[::-1], flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderValue=50.0
        )
    found = []
    for corner in shapely.get_coordinates(ring.exterior)[:-1]:
        near = np.hypot(*(metres - corner).transpose(2, 0, 1)) < _CORNER_M
        if not near.any():
            continue
        row, column = np.unravel_index(int(np.where(near, paler, -np.inf).argmax()), paler.shape)
        value = float(paler[row, column])
        signs = ((value - usual) / spread, value / 10, float(shade[row, column]) / 10)
        found.append(((float(metres[row, column, 0]), float(metres[row, column, 1])), signs))
    return found


def _walls_on(scene: Scene, tile: Tile, settings: Any) -> list[Any]:
    """The walls that a tile answers for and their towers, as plain data."""
    found: list[Any] = []
    for wall in walls_in(scene, tile.seen):
        existence, middle = wall_odds(wall), wall.ring.centroid
        if existence >= _TOLD and tile.answers_for(middle.x, middle.y):
            found.append(_told("wall", existence, LineString(wall.ring.exterior)))
            # A tower is at a wall's corner: where there is no wall there is no tower either.
            for at, signs in tower_signs_of(scene, wall.ring):
                odds = existence * tower_odds(signs)
                if odds >= _TOLD:
                    found.append(_told("tower", odds, _square(*at)))
    return found


def _tracks_on(scene: Scene, tile: Tile, settings: Any) -> list[Any]:
    """The parts of tracks in a tile's core, as plain data; what a track is worth is judged from all that is seen."""
    patch = scene.patch(scene.frame, tile.seen, tile.gsd)
    if min(patch.shape) < 24 or patch.valid.mean() < 0.02:
        return []
    west, south, east, north = tile.core
    seen = tile.seen
    core = box(max(west, seen[0]), max(south, seen[1]), min(east, seen[2]), min(north, seen[3]))
    found = []
    for track in tracks_of(patch):
        existence = track_odds(track)
        parts = list(shapely.get_parts(track.line.intersection(core))) if existence >= _TOLD else []
        found += [_told("track", existence, part) for part in parts if isinstance(part, LineString)]
    return found


def _square(east: float, north: float) -> Polygon:
    half = _TOWER_M / 2
    return box(east - half, north - half, east + half, north + half)


def _told(kind: str, existence: float, shape: BaseGeometry) -> Mapping[str, Any]:
    return {"kind": kind, "existence": existence, "shape": shapely.to_wkb(shape, hex=True, flavor="iso")}


def marks_found(
    scene: Scene,
    *,
    within: BaseGeometry | None = None,
    scheduler: str | None = None,
    kept: MutableMapping[str, Any] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> gpd.GeoDataFrame:
    """Suggest walls, towers and tracks on a scene.

    Parameters
    ----------
    scene, within, scheduler, kept, progress
        As of :func:`geoinv.imagery.detect.detect`.

    Returns
    -------
    GeoDataFrame
        ``id``, ``kind`` (``wall``: a closed line; ``tower``: a polygon; ``track``: a line), ``existence`` and
        ``probability`` (the same here), ``method``, ``scene``; CRS 4326. Tracks end where tiles of a wide scene meet.
    """
    area = area_on(scene, within)
    found: list[tuple[str, float, BaseGeometry]] = []
    for work, (gsd, side, halo) in ((_walls_on, _WALL_TILE), (_tracks_on, _TRACK_TILE)):
        tiles = tiles_touching(scene, area, gsd, side=side, halo=halo)
        for told in over_tiles(scene, tiles, work, work.__name__, scheduler=scheduler, kept=kept, progress=progress):
            found += [(one["kind"], one["existence"], shapely.from_wkb(one["shape"])) for one in told]
    inside = [one for one in found if within is None or area.contains(one[2].representative_point())]
    inside.sort(key=lambda one: (-one[1], one[0], one[2].bounds))
    existence = [round(odds, 3) for _, odds, _ in inside]
    letters = {"wall": "w", "tower": "t", "track": "r"}
    table = gpd.GeoDataFrame(
        {
            "id": [f"{letters[kind]}{number}" for number, (kind, _, _) in enumerate(inside, 1)],
            "kind": [kind for kind, _, _ in inside],
            "existence": existence,
            "probability": existence,
            "method": [
                {"wall": "ring of edges", "tower": "pale square", "track": "pale band"}[one] for one, _, _ in inside
            ],
            "scene": [scene.name] * len(inside),
        },
        geometry=[shape for _, _, shape in inside],
        crs=frame_crs(scene.frame),
    )
    return table.to_crs("EPSG:4326")


def suggestions(
    scene: Scene,
    *,
    within: BaseGeometry | None = None,
    scheduler: str | None = None,
    kept: MutableMapping[str, Any] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> gpd.GeoDataFrame:
    """All that a scene suggests: buildings as of :func:`geoinv.imagery.detect.detect`, then walls, towers and tracks.

    Parameters
    ----------
    scene, within, scheduler, kept, progress
        As of :func:`geoinv.imagery.detect.detect`.

    Returns
    -------
    GeoDataFrame
        The columns of both; ``kind`` is ``building`` for buildings.
    """
    roofs = detect(scene, within=within, scheduler=scheduler, kept=kept, progress=progress)
    marks = marks_found(scene, within=within, scheduler=scheduler, kept=kept, progress=progress)
    roofs.insert(1, "kind", "building")
    both = [one for one in (roofs, marks) if len(one)] or [roofs]
    return gpd.GeoDataFrame(pd.concat(both, ignore_index=True), crs="EPSG:4326")
