"""Building heights from shadows: how far the dark strip on the lee side reaches, and how surely.

On level ground a roof edge h metres up throws its shadow h / tan(elevation) away from the sun. From the lee side of
each outline rays run along the shadow; the height is where two grey levels, dark before and light after, explain the
rays best. Without the sun's place there is no number.
"""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely.geometry import Polygon

from geoinv.geometry.frames import to_frame
from geoinv.imagery.masks import lab, largest_polygon
from geoinv.imagery.scene import Patch, Scene

__all__ = ["height"]

_Floats = NDArray[np.float64]
#: Lowest and highest building considered, metres.
_LOWEST_M, _HIGHEST_M = 1.5, 60.0
#: Longest shadow followed, metres.
_LONGEST_M = 90.0
#: One standard deviation of the sun's elevation (degrees) and of an outline's edge (metres), for the interval.
_SUN_DEG, _EDGE_M = 0.5, 0.35
#: Least step from shadow to ground, in standard deviations of the grey values.
_LEAST_STEP = 1.0


def _rays(
    patch: Patch, form: Polygon, toward: _Floats, reach: float, blocked: shapely.STRtree
) -> tuple[_Floats, _Floats]:
    """Lightness along rays from the lee side, (rays, distances), nan where it cannot be seen; and the distances."""
    ring = form.exterior
    count = int(np.clip(ring.length / 0.6, 24, 200))
    at = (np.arange(count) + 0.5) / count * ring.length
    points = shapely.get_coordinates(shapely.line_interpolate_point(ring, at))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(ring, np.minimum(at + 0.05, ring.length)))
    along = ahead - points
    # Outward normal of a ring, whichever way it runs.
    turn = 1.0 if shapely.is_ccw(ring) else -1.0
    facing = (
        turn
        * (along[:, 1] * toward[0] - along[:, 0] * toward[1])
        / np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)
    )
    start = points[facing > 0.35]
    distances = np.arange(0.25, reach, max(patch.gsd / 2, 0.15))
    where = start[:, None, :] + distances[None, :, None] * toward
    pixels = patch.to_pixels(where.reshape(-1, 2))
    rows, columns = pixels[:, 1] - 0.5, pixels[:, 0] - 0.5
    light = ndimage.map_coordinates(lab(patch.rgb)[..., 0], [rows, columns], order=1, mode="nearest").astype(np.float64)
    seen = ndimage.map_coordinates(patch.valid.astype(np.float32), [rows, columns], order=0, mode="constant") > 0
    light[~seen] = np.nan
    hidden = blocked.query(shapely.points(where.reshape(-1, 2)), predicate="intersects")[0]
    light[hidden] = np.nan
    light = light.reshape(len(start), len(distances))
    # Behind what blocks a ray lies another building's shadow: nothing there tells of this one.
    light[np.cumsum(np.isnan(light), axis=1) > 0] = np.nan
    return light, distances


def _steps(light: _Floats, distances: _Floats) -> tuple[_Floats, _Floats]:
    """Log posterior of where the shadow ends, for each distance, and the step there in standard deviations."""
    known = np.isfinite(light)
    filled = np.where(known, light, 0.0)
    # Ground a little beyond the end is what the shadow is told from; farther off it is other ground.
    total = np.full(len(distances), -np.inf)
    step = np.zeros(len(distances))
    count, sums, squares = (v.sum(axis=0).cumsum() for v in (known, filled, filled**2))
    for index in range(2, len(distances) - 3):
        end = min(len(distances) - 1, max(2 * index, index + 12))
        dark, whole = count[index], count[end]
        bright = whole - dark
        if dark < 8 or bright < 8:
            continue
        low, high = sums[index] / dark, (sums[end] - sums[index]) / bright
        spread = squares[end] - dark * low**2 - bright * high**2
        variance = max(spread / whole, 1.0)
        mean = sums[end] / whole
        raw = max((squares[end] - whole * mean**2) / whole, 1.0)
        step[index] = (high - low) / math.sqrt(variance)
        if high > low:
            # Neighbouring rays and samples see the same ground: a tenth of them count. Gain over one grey level
            # throughout.
            total[index] = 0.5 * 0.1 * whole * math.log(raw / variance)
    return total, step


def _one(light: _Floats, distances: _Floats, elevation: float) -> tuple[float, float, float] | None:
    """Height with its 90 % interval from the rays of one building, or ``None`` where no shadow ends clearly."""
    if light.shape[0] < 3:
        return None
    total, step = _steps(light, distances)
    if not np.isfinite(total).any():
        return None
    best = int(total.argmax())
    tangent = math.tan(math.radians(elevation))
    if step[best] < _LEAST_STEP or distances[best] * tangent < _LOWEST_M:
        return None
    weight = np.exp(total - total[best])
    share = np.cumsum(weight) / weight.sum()
    low, high = (float(np.interp(q, share, distances)) for q in (0.05, 0.95))
    end = float(distances[best])
    # A blunt end, the outline's edge and the sun's own error widen what the rays alone would say.
    edge = 1.645 * _EDGE_M * tangent
    sun = (
        1.645
        * end
        * tangent
        * math.radians(_SUN_DEG)
        / (math.sin(math.radians(elevation)) * math.cos(math.radians(elevation)))
    )
    tall = end * tangent
    return tall, tall - math.hypot(tall - low * tangent, edge, sun), tall + math.hypot(high * tangent - tall, edge, sun)


def height(
    scene: Scene, outlines: gpd.GeoDataFrame, *, sun_azimuth: float | None = None, sun_elevation: float | None = None
) -> gpd.GeoDataFrame:
    """Heights of buildings from their shadows.

    Parameters
    ----------
    scene
        The picture; its record's sun is used where none is given.
    outlines
        Polygons with an ``id``, any CRS.
    sun_azimuth, sun_elevation
        Degrees clockwise from true north, degrees above the horizon.

    Returns
    -------
    GeoDataFrame
        The same rows in CRS 4326 with ``height_m``, ``height_low_m``, ``height_high_m`` (90 %) and ``height_method``:
        ``shadow``; ``no shadow`` where none ends clearly; ``unknown`` where the sun's place is not known or it stands
        too low or too high. There is no number but with ``shadow``.

    Raises
    ------
    FrameError
        If the outlines have no CRS.
    UnreadableFileError
        If the scene's pixels cannot be read.
    """
    azimuth = scene.record.sun_azimuth if sun_azimuth is None else sun_azimuth
    elevation = scene.record.sun_elevation if sun_elevation is None else sun_elevation
    result = outlines.copy()
    if outlines.empty or azimuth is None or elevation is None or not 8.0 <= elevation <= 80.0:
        return result.assign(height_m=math.nan, height_low_m=math.nan, height_high_m=math.nan, height_method="unknown")
    frame = scene.frame
    local = to_frame(frame, outlines)
    forms = [largest_polygon(geometry) for geometry in local.geometry]
    blocked = shapely.STRtree([form.buffer(-0.2) for form in forms if form is not None])
    away = math.radians(azimuth + 180.0)
    toward = np.array([math.sin(away), math.cos(away)])
    reach = min(_LONGEST_M, _HIGHEST_M / math.tan(math.radians(elevation)))
    found: list[tuple[float, float, float] | None] = []
    for form in forms:
        if form is None:
            found.append(None)
            continue
        whole = shapely.union_all([form, shapely.transform(form, lambda xy: xy + toward * reach)])
        west, south, east, north = whole.bounds
        patch = scene.patch(frame, (west - 2, south - 2, east + 2, north + 2), max(scene.gsd, 0.2))
        light, distances = _rays(patch, form, toward, reach, blocked)
        found.append(_one(light, distances, elevation))
    missing = (math.nan, math.nan, math.nan)
    for column, position in (("height_m", 0), ("height_low_m", 1), ("height_high_m", 2)):
        result[column] = [round((item or missing)[position], 2) for item in found]
    result["height_method"] = ["shadow" if item else "no shadow" for item in found]
    return result.to_crs("EPSG:4326")
