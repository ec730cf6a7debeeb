"""Searching a picture for a plan: how well outlines lie on edges that run their way, for many placements at once.

Edges are split into directions, so a wall counts only where the picture changes across it. Each outline is a few dozen
points; its score for every shift is a sum of shifted windows of the picture, one per point. Outlines are tied to each
other by springs, not welded (pictorial structures: Felzenszwalb & Huttenlocher 2005): each may sit a little off for a
price, since drawn plans are distorted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon
from shapely.geometry.polygon import orient

from geoinv.imagery.masks import Field, gradients, lab
from geoinv.imagery.scene import Patch

__all__ = ["Oriented", "Plan", "Pose", "chance", "oriented", "plan_of", "posed", "score_maps", "shade_of", "springs"]

_DIRECTIONS = 12
#: An outline beyond the picture's edge scores the same everywhere; its spread counts as this share of the middle one's.
_LEAST_SPREAD = 0.25
#: A side is shaded where its outward direction and the shadows' have a cosine of so much; what its darkness weighs.
_SHADED, _DARK = 0.4, 0.5
_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pose:
    """A turn and a scale about a plan's centre, then a shift: degrees counter-clockwise, factor, metres."""

    turn_deg: float = 0.0
    scale: float = 1.0
    east: float = 0.0
    north: float = 0.0


@dataclass(frozen=True)
class Oriented:
    """Edge strength by direction.

    Attributes
    ----------
    fields
        float32, (directions, height + 2·pad, width + 2·pad): strength of edges running in each direction, mean taken
        off.
    busy
        float32, (height + 2·pad, width + 2·pad): strength in any direction, mean taken off.
    pad
        Neutral margin in pixels.
    patch
        Where it lies.
    dark, shade
        float32, as ``busy``: how dark it is (1 at the darkest twentieth, 0 at the middle), mean taken off; and from a
        wall's foot well into its shadow, metres east and north. Both ``None`` where the sun is not known.
    """

    fields: Field
    busy: Field
    pad: int
    patch: Patch
    dark: Field | None = None
    shade: tuple[float, float] | None = None


@dataclass(frozen=True)
class Plan:
    """A plan as points in metres.

    Attributes
    ----------
    points, along
        (n, 2): points on the outlines and the unit direction of the outline there.
    inner
        (m, 2): points inside.
    owner, inner_owner
        Which outline each belongs to.
    solid
        (n,) bool: whether the outline there is of something that throws a shadow, walked counter-clockwise.
    count
        Number of outlines.
    centre
        (2,): what a pose turns about.
    """

    points: _Floats
    along: _Floats
    inner: _Floats
    owner: NDArray[np.int64]
    inner_owner: NDArray[np.int64]
    count: int
    centre: _Floats
    solid: NDArray[np.bool_]


def shade_of(sun_azimuth: float | None, sun_elevation: float | None) -> tuple[float, float] | None:
    """From a wall's foot well into its shadow, metres east and north; ``None`` where the sun is not known.

    Seven tenths of the shadow of an eave 2.5 m high, between 0.6 and 2.5 m: beyond the shadow of a garden fence. In
    degrees, the azimuth clockwise from north.
    """
    if sun_azimuth is None:
        return None
    high = math.radians(min(max(45.0 if sun_elevation is None else sun_elevation, 5.0), 85.0))
    length = min(max(0.7 * 2.5 / math.tan(high), 0.6), 2.5)
    return -length * math.sin(math.radians(sun_azimuth)), -length * math.cos(math.radians(sun_azimuth))


def oriented(patch: Patch, pad: int, blur_m: float = 0.5, shade: tuple[float, float] | None = None) -> Oriented:
    """Edges of a patch by direction, blurred by ``blur_m`` metres, with a neutral margin of ``pad`` pixels.

    With ``shade``, as of `shade_of`, plans are held to their shadows too.
    """
    colours = lab(patch.rgb)
    east, south = gradients(colours, max(0.8, 0.35 / patch.gsd))
    strength = np.hypot(east, south)
    # What is not seen has an edge of its own, which is nobody's wall.
    seen = cv2.erode(patch.valid.astype(np.uint8), np.ones((5, 5), np.uint8), borderValue=1).astype(bool)
    scale = max(float(np.percentile(strength[seen], 85)) if seen.any() else 1.0, 0.5)
    weight = np.where(seen, np.tanh(strength / scale), 0).astype(np.float32)
    # Direction of the edge itself (not of its gradient), counter-clockwise from east, y up.
    direction = np.arctan2(-south, east) + math.pi / 2
    fields = np.zeros((_DIRECTIONS, seen.shape[0] + 2 * pad, seen.shape[1] + 2 * pad), np.float32)
    busy = _padded(weight, pad, blur_m / patch.gsd, seen)
    for k in range(_DIRECTIONS):
        agree = np.maximum(np.cos(2 * (direction - k * math.pi / _DIRECTIONS)), 0) ** 2
        fields[k] = _padded((weight * agree).astype(np.float32), pad, blur_m / patch.gsd, seen)
    if shade is None or not seen.any():
        return Oriented(fields, busy, pad, patch)
    lightness = colours[..., 0]
    darkest, middle = np.percentile(lightness[seen], (5, 50))
    dark = np.clip((middle - lightness) / max(float(middle - darkest), 1.0), 0, 1).astype(np.float32)
    return Oriented(fields, busy, pad, patch, _padded(dark, pad, blur_m / patch.gsd, seen), shade)


def _padded(field: Field, pad: int, sigma: float, seen: NDArray[np.bool_]) -> Field:
    mean = float(field[seen].mean()) if seen.any() else 0.0
    centred = np.where(seen, field - mean, 0).astype(np.float32)
    blurred = cv2.GaussianBlur(centred, (0, 0), max(sigma, 0.3))
    return np.pad(blurred, pad)


def plan_of(outlines: Sequence[Polygon | LineString], step: float = 0.7) -> Plan:
    """Points every ``step`` metres (24 to 90 an outline) of outlines, or of lines such as one side of a wall."""
    points, along, inner, owner, inner_owner = [], [], [], [], []
    for index, outline in enumerate(outlines):
        ring = orient(outline).exterior if isinstance(outline, Polygon) else outline
        count = int(np.clip(ring.length / step, 24, 90))
        at = (np.arange(count) + 0.5) / count * ring.length
        here = shapely.get_coordinates(shapely.line_interpolate_point(ring, at))
        ahead = shapely.get_coordinates(shapely.line_interpolate_point(ring, np.minimum(at + 0.05, ring.length)))
        behind = shapely.get_coordinates(shapely.line_interpolate_point(ring, np.maximum(at - 0.05, 0)))
        run = ahead - behind
        points.append(here)
        along.append(run / np.maximum(np.hypot(run[:, 0], run[:, 1]), 1e-9)[:, None])
        owner.append(np.full(count, index))
        inside = _inside(outline)
        inner.append(inside)
        inner_owner.append(np.full(len(inside), index))
    stacked = np.concatenate(points)
    return Plan(
        stacked,
        np.concatenate(along),
        np.concatenate(inner),
        np.concatenate(owner),
        np.concatenate(inner_owner),
        len(outlines),
        np.asarray([stacked[:, 0].mean(), stacked[:, 1].mean()]),
        np.array([isinstance(outline, Polygon) for outline in outlines])[np.concatenate(owner)],
    )


def _inside(outline: Polygon | LineString) -> _Floats:
    """About 30 points on a grid well inside an outline; none in a line."""
    core = outline.buffer(-1.2)
    if core.is_empty:
        return np.empty((0, 2))
    west, south, east, north = core.bounds
    step = max(0.8, math.sqrt(core.area / 30))
    grid = np.stack(np.meshgrid(np.arange(west, east, step), np.arange(south, north, step)), -1).reshape(-1, 2)
    kept: _Floats = grid[shapely.contains_xy(core, grid[:, 0], grid[:, 1])]
    return kept


def _rotation(pose: Pose) -> _Floats:
    angle = math.radians(pose.turn_deg)
    return np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])


def posed(plan_centre: _Floats, pose: Pose, xy: _Floats) -> _Floats:
    """Points in metres, (n, 2), under a pose about a centre."""
    result: _Floats = (xy - plan_centre) @ (_rotation(pose) * pose.scale).T + plan_centre + [pose.east, pose.north]
    return result


def score_maps(field: Oriented, plan: Plan, pose: Pose, reach: int) -> Field:
    """How well each outline lies on the picture, for every shift up to ``reach`` pixels.

    Parameters
    ----------
    field
        With a pad of at least ``reach`` pixels.
    plan
        In metres of the patch's frame.
    pose
        Turn, scale and shift to start from.
    reach
        Largest further shift, pixels.

    Returns
    -------
    ndarray
        float32, (outlines, 2·reach + 1, 2·reach + 1): mean edge strength along the outline less a third of the mean
        unrest inside, and, where the sun is known, half of how dark it is just beyond its shaded sides: a fenced garden
        is as rectangular and calm as a roof, but throws no shadow. Rows go south, columns east.
    """
    along = plan.along @ _rotation(pose).T
    channel = np.round(np.arctan2(along[:, 1], along[:, 0]) / math.pi * _DIRECTIONS).astype(int) % _DIRECTIONS
    points = posed(plan.centre, pose, plan.points)
    maps = np.zeros((plan.count, 2 * reach + 1, 2 * reach + 1), np.float32)
    for layer in range(_DIRECTIONS):
        here = channel == layer
        share = 1.0 / np.bincount(plan.owner, minlength=plan.count)[plan.owner[here]]
        _add(maps, field.fields[layer], field, points[here], plan.owner[here], share)
    inner = posed(plan.centre, pose, plan.inner)
    _add(maps, field.busy, field, inner, plan.inner_owner, -_shares(plan.inner_owner) / 3)
    if field.dark is not None and field.shade is not None:
        shade = np.asarray(field.shade)
        # Counter-clockwise, what is right of the way is outside.
        outward = np.column_stack([along[:, 1], -along[:, 0]])
        shaded = plan.solid & (outward @ shade > _SHADED * np.hypot(*shade))
        owner = plan.owner[shaded]
        _add(maps, field.dark, field, points[shaded] + shade, owner, _DARK * _shares(owner))
    return maps


def _shares(owner: NDArray[np.int64]) -> _Floats:
    """One over how many points the outline of each has."""
    return 1.0 / np.bincount(owner)[owner] if len(owner) else np.empty(0)


def _add(maps: Field, source: Field, field: Oriented, xy: _Floats, owner: NDArray[np.int64], weights: _Floats) -> None:
    """Add the windows of a picture about points, each by its weight, to the maps of the outlines that own them."""
    if not len(xy):
        return
    side, (height, width) = maps.shape[1], source.shape
    pixel = np.floor(field.patch.to_pixels(xy)).astype(int) + field.pad - side // 2
    fits = (pixel >= 0).all(axis=1) & (pixel[:, 0] + side <= width) & (pixel[:, 1] + side <= height)
    for (column, row), who, weight in zip(pixel[fits], owner[fits], weights[fits].astype(np.float32), strict=True):
        maps[who] += source[row : row + side, column : column + side] * weight


def chance(maps: Field) -> tuple[Field, Field]:
    """Mean and standard deviation of each outline's scores over all shifts and poses: what it would score by chance.

    Parameters
    ----------
    maps
        (poses, outlines, rows, columns), as of `score_maps` at several poses.

    Returns
    -------
    tuple of ndarray
        Two of shape (outlines, 1, 1). The deviation is at least a quarter of the middle outline's: one that lies where
        the picture has no pixels must not turn a little unrest at its edge into many standard deviations.
    """
    middle, spread = maps.mean(axis=(0, 2, 3)), maps.std(axis=(0, 2, 3))
    least = max(_LEAST_SPREAD * float(np.median(spread)), 1e-3)
    return middle[:, None, None].astype(np.float32), np.maximum(spread, least)[:, None, None].astype(np.float32)


def springs(maps: Field, gsd: float, stiffness_m: float = 1.2) -> Field:
    """Best score of each outline on its spring: max over further shifts d of score − ½ (d / ``stiffness_m``)².

    Scores are in standard deviations. Computed by growing the maps two pixels at a time, three times.
    """
    best = maps.copy()
    for radius in (1, 2, 3):
        cost = np.float32(0.5 * (radius * gsd / stiffness_m) ** 2)
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
        for index in range(len(maps)):
            np.maximum(best[index], cv2.dilate(maps[index], kernel) - cost, out=best[index])
    return best
