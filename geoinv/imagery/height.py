"""Building heights from shadows: how far the dark strip on the lee side reaches, and how surely.

On level ground a roof edge h metres up throws its shadow h / tan(elevation) away from the sun. Seen from off nadir the
roof itself leans h · tan(off-nadir) away from the satellite, over its shadow or off it, while the shadow lies where it
lies: in the picture the shadow's edge is the roof's edge moved by h times one fixed vector. Each outline is first laid
on the roof that the scene shows; from its lee side rays run along that vector, each from where roof turns to shadow to
where shadow turns to ground, and the height is where most rays end. Without the sun's place there is no number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely.geometry import Polygon

from geoinv.geometry.frames import to_frame
from geoinv.imagery.masks import Mask, fill, lab, largest_polygon
from geoinv.imagery.outline_fit import Spread, evidence_of, fit_outline
from geoinv.imagery.scene import Patch, Scene
from geoinv.records.scenes import SceneRecord

__all__ = ["height"]

_Floats = NDArray[np.float64]
#: Lowest and highest building considered, metres.
_LOWEST_M, _HIGHEST_M = 1.5, 40.0
#: Rays begin so far inside the outline, and do not look for other outlines nearer than this, metres.
_INSIDE_M, _OWN_M = 1.5, 0.5
#: Longest shadow followed, metres.
_LONGEST_M = 90.0
#: One standard deviation of the sun's elevation (degrees) and of an outline's edge (metres), for the interval.
_SUN_DEG, _EDGE_M = 0.5, 0.35
#: How far outlines may lie off the roofs that the scene shows, metres (one standard deviation).
_LAID_M = 0.8
#: Least difference in lightness of a shadow and the ground, and how far ground is looked for, metres.
_LEAST_CONTRAST, _AROUND_M = 8.0, 15.0
#: So much ground ends a shadow, metres.
_GROUND_M = 0.5
#: Spread of where rays end, metres; share of rays that end elsewhere; share of rays that count; least share that agree.
_RAY_M, _STRAY, _RAYS_COUNT, _LEAST_AGREEING = 0.45, 0.3, 0.4, 0.3
#: Usual height of a building, metres, and the spread of its logarithm.
_USUAL_M, _USUAL_SPREAD = 4.5, 0.6


def _rays(patch: Patch, form: Polygon, toward: _Floats, reach: float, blocked: Mask) -> tuple[_Floats, _Floats]:
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
    distances = np.arange(-_INSIDE_M, reach, max(patch.gsd / 2, 0.15))
    where = start[:, None, :] + distances[None, :, None] * toward
    pixels = patch.to_pixels(where.reshape(-1, 2))
    rows, columns = pixels[:, 1] - 0.5, pixels[:, 0] - 0.5
    light = ndimage.map_coordinates(lab(patch.rgb)[..., 0], [rows, columns], order=1, mode="nearest").astype(np.float64)
    seen = ndimage.map_coordinates(patch.valid.astype(np.float32), [rows, columns], order=0, mode="constant") > 0
    light[~seen] = np.nan
    standing = ndimage.map_coordinates(blocked.astype(np.float32), [rows, columns], order=0, mode="constant") > 0
    # About its own edge a ray looks at its own building.
    light[standing & (np.tile(distances, len(start)) > _OWN_M)] = np.nan
    light = light.reshape(len(start), len(distances))
    # Behind what blocks a ray lies another building's shadow: nothing there tells of this one.
    light[np.cumsum(np.isnan(light), axis=1) > 0] = np.nan
    return light, distances


def _levels(light: _Floats, distances: _Floats) -> tuple[float, float] | None:
    """Lightness of this shadow and of the ground beyond, or ``None`` where the first is no darker than the second."""
    near = _known(light[:, (distances > 0.2) & (distances < 1.2)])
    around = _known(light[:, (distances > 0.2) & (distances < _AROUND_M)])
    if near.size < 6 or around.size < 20:
        return None
    # Blur brings some roof into the first metre: its darker pixels are the shadow.
    dark, lit = float(np.percentile(near, 20)), float(np.median(around))
    return (dark, lit) if lit - dark >= _LEAST_CONTRAST else None


def _known(values: _Floats) -> _Floats:
    found: _Floats = values[np.isfinite(values)]
    return found


def _starts(light: _Floats, distances: _Floats, dark: float) -> float:
    """Where shadow begins along the rays, metres: half-way from roof to shadow; 0 where the roof is as dark."""
    roof = _known(light[:, distances < -0.6])
    if roof.size < 6 or float(np.median(roof)) - dark < _LEAST_CONTRAST:
        return 0.0
    edge = (distances > -1.25) & (distances < 1.3)
    # Where no ray has light at a distance, what it is there stays unknown.
    seen = edge & np.isfinite(light).any(axis=0)
    profile, at = np.full(int(edge.sum()), np.nan), distances[edge]
    profile[seen[edge]] = np.nanmedian(light[:, seen], axis=0)
    level = (dark + float(np.median(roof))) / 2
    falls = np.flatnonzero((profile[:-1] >= level) & (profile[1:] < level))
    if not falls.size:
        return 0.0
    k = int(falls[np.abs(at[falls]).argmin()])
    return float(at[k] + (profile[k] - level) / max(profile[k] - profile[k + 1], 1e-6) * (at[k + 1] - at[k]))


def _ends(light: _Floats, distances: _Floats, dark: float, lit: float) -> _Floats:
    """Where each ray leaves the shadow, metres; rays that never do, or see too little, are left out."""
    outside = distances > 0.2
    seen, at = light[:, outside], distances[outside]
    known = np.isfinite(seen)
    step = float(at[1] - at[0])
    # For shadow up to here and ground after: sums of how much darker than half-way, each pixel one at most.
    odds = np.clip(((dark + lit) / 2 - np.where(known, seen, lit)) / ((lit - dark) / 2), -1, 1)
    gained = np.cumsum(np.where(known, odds, 0.0), axis=1) * step
    found = []
    for gain, count in zip(gained, known.sum(axis=1).tolist(), strict=True):
        if count < 4:
            continue
        gain = gain[:count]
        # Half a metre of ground ends a shadow: what is dark behind it is something else.
        fallen = np.flatnonzero(np.maximum.accumulate(gain) - gain > _GROUND_M)
        best = int(gain[: fallen[0] if fallen.size else count].argmax())
        if fallen.size or best < count - 2:
            found.append(float(at[best] + step / 2) if gain[best] > 0 else 0.0)
    return np.array(found)


def _one(light: _Floats, distances: _Floats, reach: _Reach) -> tuple[float, float, float] | None:
    """Height with its 90 % interval from the rays of one building, or ``None`` where no shadow ends clearly."""
    levels = _levels(light, distances) if len(light) >= 3 else None
    if levels is None:
        return None
    ends = _ends(light, distances, *levels) - _starts(light, distances, levels[0])
    if len(ends) < 3:
        return None
    lengths = np.arange(0.2, _HIGHEST_M / reach.rise, 0.05)
    tall = lengths * reach.rise
    # Rays over other things end anywhere; neighbouring rays see the same ground, so that less than half of them count.
    apart = (ends[:, None] - lengths) / _RAY_M
    likely = (1 - _STRAY) * np.exp(-0.5 * apart**2) / (_RAY_M * math.sqrt(2 * math.pi)) + _STRAY / 30.0
    usual = -0.5 * (np.log(tall / _USUAL_M) / _USUAL_SPREAD) ** 2
    total = _RAYS_COUNT * np.log(likely).sum(axis=0) + usual
    best = int(total.argmax())
    if tall[best] < _LOWEST_M or float((np.abs(apart[:, best]) < 2).mean()) < _LEAST_AGREEING:
        return None
    share = np.cumsum(np.exp(total - total[best]))
    low, high = (float(np.interp(q, share / share[-1], tall)) for q in (0.05, 0.95))
    # Blunt ends, the roof's edge and the sun's own error widen what the rays alone would say.
    found = float(tall[best])
    spread = 1.645 * math.hypot(_EDGE_M * reach.rise, found * reach.sun_share)
    return found, found - math.hypot(found - low, spread), found + math.hypot(high - found, spread)


@dataclass(frozen=True)
class _Reach:
    """How far and where to a shadow reaches from the roof's edge in the picture.

    Attributes
    ----------
    toward
        Unit vector east, north.
    rise
        Metres of height a metre of reach.
    sun_share
        Share of the height that one standard deviation of the sun's elevation makes.
    """

    toward: _Floats
    rise: float
    sun_share: float


def _reach_of(azimuth: float, elevation: float, record: SceneRecord) -> _Reach:
    """The vector of a metre of height: the shadow's end less the lean of the roof (relief displacement)."""
    low = math.radians(elevation)
    vector = np.array([-math.sin(math.radians(azimuth)), -math.cos(math.radians(azimuth))]) / math.tan(low)
    if record.off_nadir and record.view_azimuth is not None:
        # The roof leans away from the satellite, so its shadow ends as much further towards it.
        view = math.radians(record.view_azimuth)
        vector += math.tan(math.radians(record.off_nadir)) * np.array([math.sin(view), math.cos(view)])
    length = float(np.hypot(*vector))
    share = math.radians(_SUN_DEG) / (math.sin(low) * math.cos(low))
    return _Reach(vector / length, 1.0 / length, share)


def _on_roof(scene: Scene, form: Polygon, gsd: float) -> Polygon:
    """The outline, in metres, laid on the edges that the scene shows under it."""
    west, south, east, north = form.buffer(4 * _LAID_M).bounds
    patch = scene.patch(scene.frame, (west, south, east, north), gsd)
    outline = patch.drawn(form)
    colours = lab(patch.rgb)
    evidence = evidence_of(colours, np.zeros(patch.shape, np.float32), max(0.8, 0.3 / patch.gsd))
    fit = fit_outline(outline, evidence, Spread(_LAID_M / patch.gsd, 1.5, 0.04), colour_weight=0.0)
    return patch.ground(fit.outline) if fit.gain > 0 else form


def _seen(patch: Patch, form: Polygon) -> bool:
    """Whether most of a building lies where the scene has pixels; one of less than a pixel if its patch does."""
    inside = patch.valid[fill(patch.drawn(form), patch.shape)]
    return bool((inside if inside.size else patch.valid).mean() > 0.5)


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
        ``shadow``; ``no shadow`` where none ends clearly; ``not seen`` where the scene has no pixels; ``unknown``
        where the sun's place is not known or it stands too low or too high. A number comes with ``shadow`` only.

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
    tree = shapely.STRtree([form for form in forms if form is not None])
    reach = _reach_of(azimuth, elevation, scene.record)
    longest = min(_LONGEST_M, _HIGHEST_M / reach.rise)
    found: list[tuple[float, float, float] | None] = [None] * len(forms)
    methods = ["not seen"] * len(forms)
    for row, form in enumerate(forms):
        if form is None:
            continue
        whole = shapely.union_all([form, shapely.transform(form, lambda xy: xy + reach.toward * longest)])
        west, south, east, north = whole.bounds
        patch = scene.patch(frame, (west - 2, south - 2, east + 2, north + 2), max(scene.gsd, 0.2))
        near = [patch.drawn(tree.geometries[k]) for k in sorted(tree.query(whole).tolist())]
        blocked = fill(shapely.MultiPolygon(near), patch.shape)
        light, distances = _rays(patch, _on_roof(scene, form, patch.gsd), reach.toward, longest, blocked)
        found[row] = _one(light, distances, reach)
        methods[row] = "shadow" if found[row] else "no shadow" if _seen(patch, form) else "not seen"
    missing = (math.nan, math.nan, math.nan)
    for column, position in (("height_m", 0), ("height_low_m", 1), ("height_high_m", 2)):
        result[column] = [round((item or missing)[position], 2) for item in found]
    result["height_method"] = methods
    return result.to_crs("EPSG:4326")
