"""Bending a placed plan onto a scene: what drawing from memory distorts, within what such distortion looks like.

Where people draw buildings wrongly they draw neighbours wrongly alike: displacements are a Gaussian field (an affine part, a smooth
part, and a little of each building's own; Rasmussen & Williams 2006, ch. 2). Each outline looks for edges near where the others
predict it; its belief about its own place and the field's prediction from the others' beliefs are made to agree, sweep by sweep
(mean field). How well the pixels bear the bent plan out, as a likelihood ratio against chance, tells rival placements apart.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.affinity import rotate, scale, translate
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.imagery.edge_search import Oriented, Pose, oriented, plan_of, score_maps
from geoinv.imagery.masks import Field, lab
from geoinv.imagery.scene import Patch, Scene
from geoinv.records.places import Frame

__all__ = ["BentPlan", "bend"]

_GSD = 0.5
#: One outline's own turns (degrees) and sizes, and their standard deviations.
_TURNS, _SIZES, _TURN_SD, _SIZE_SD = (-8.0, -4.0, 0.0, 4.0, 8.0), (0.86, 0.93, 1.0, 1.08, 1.16), 5.0, 0.10
#: Standard deviations of the field's parts in metres: shift, affine at the plan's radius, smooth, each building's own; and the
#: smooth part's length as a share of the radius.
_SHIFT, _AFFINE, _SMOOTH, _OWN, _LENGTH = 3.0, 3.5, 3.5, 1.3, 0.7
#: What a standard deviation of edge support is worth in nats; true places lie about three deviations up.
_WORTH = 0.9
_SWEEPS = 8
#: Weight of colour contrast beside edges.
_CONTRAST = 0.5
_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class BentPlan:
    """A plan bent onto a scene; all per outline, in the order given.

    Attributes
    ----------
    outlines
        Metres of the frame.
    shift
        (n, 2): east and north by which each was moved.
    spread_m
        (n,): standard deviation of each one's place, per axis.
    support
        (n,): edge support at the chosen place, in standard deviations over the outline's own surroundings.
    evidence
        (n,): log likelihood ratio of each outline's pixels, given where the others predict it, against chance. Their sum weighs
        one placement of a plan against another; zero is what a plan of another place gives.
    """

    outlines: tuple[Polygon, ...]
    shift: _Floats
    spread_m: _Floats
    support: _Floats
    evidence: _Floats


@dataclass(frozen=True)
class _Unary:
    """Per outline and shift: the best support over its own turns and sizes, and which that was."""

    support: Field  # (n, side, side)
    which: NDArray[np.int64]
    forms: tuple[tuple[float, float], ...]
    shifts: _Floats  # (side * side, 2)


def bend(scene: Scene, frame: Frame, outlines: Sequence[Polygon], *, reach_m: float = 10.0) -> BentPlan:
    """Bend a placed plan onto a scene.

    Parameters
    ----------
    scene
        The picture.
    frame
        Whose metres.
    outlines
        The plan's buildings as placed.
    reach_m
        Farthest that one outline may move, each way.

    Raises
    ------
    UnreadableFileError
        If the scene's pixels cannot be read.
    """
    count = len(outlines)
    if not count:
        return BentPlan((), np.empty((0, 2)), np.empty(0), np.empty(0), np.empty(0))
    unary = _unary(scene, frame, outlines, reach_m)
    centres = np.array([outline.centroid.coords[0] for outline in outlines])
    prior = _field_covariance(centres)
    flat = unary.support.reshape(count, -1).astype(np.float64) * _WORTH
    mean, variance = np.zeros((count, 2)), np.full(count, 0.5 * reach_m**2)
    belief = np.zeros_like(flat)
    evidence = np.zeros(count)
    for _ in range(_SWEEPS):
        for index in range(count):
            at, spread = _predicted(prior, mean, variance, index)
            distance = ((unary.shifts - at) ** 2).sum(axis=1)
            expected = -0.5 * distance / spread
            expected -= np.log(np.exp(expected - expected.max()).sum()) + expected.max()
            joint = expected + flat[index]
            peak = joint.max()
            total = float(np.log(np.exp(joint - peak).sum()) + peak)
            belief[index] = np.exp(joint - total)
            # Chance support is about standard normal, so its mean worth is half the worth squared.
            evidence[index] = total - 0.5 * _WORTH**2
            mean[index] = belief[index] @ unary.shifts
            variance[index] = max(0.5 * float(belief[index] @ ((unary.shifts - mean[index]) ** 2).sum(axis=1)), 0.05)
    return _bent(outlines, unary, belief, variance, evidence)


def _unary(scene: Scene, frame: Frame, outlines: Sequence[Polygon], reach_m: float) -> _Unary:
    field = _edges(scene, frame, outlines, reach_m)
    reach = math.ceil(reach_m / field.patch.gsd)
    plain = score_maps(field, plan_of(outlines), Pose(), reach)
    middle = plain.mean(axis=(1, 2))[:, None, None]
    spread = np.maximum(plain.std(axis=(1, 2)), 1e-3)[:, None, None]
    forms = tuple(itertools.product(_TURNS, _SIZES))
    best = np.full(plain.shape, -np.inf, np.float32)
    which = np.zeros(plain.shape, np.int64)
    for number, (turn, size) in enumerate(forms):
        formed = [scale(rotate(one, turn, "centroid"), size, size, origin="centroid") for one in outlines]
        maps = (score_maps(field, plan_of(formed), Pose(), reach) - middle) / spread
        cost = 0.5 * (turn / _TURN_SD) ** 2 + 0.5 * (math.log(size) / _SIZE_SD) ** 2
        maps = maps - np.float32(cost / _WORTH)
        better = maps > best
        best[better], which[better] = maps[better], number
    best = best + np.float32(_CONTRAST) * _contrast(field, outlines, reach)
    # Trying forms lifts chance scores too: measured again, so that chance is standard normal still.
    best = (best - best.mean(axis=(1, 2))[:, None, None]) / np.maximum(best.std(axis=(1, 2)), 1e-3)[:, None, None]
    rows, columns = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    shifts = np.stack([columns.ravel(), -rows.ravel()], axis=1) * field.patch.gsd
    return _Unary(best, which, forms, shifts)


def _contrast(field: Oriented, outlines: Sequence[Polygon], reach: int) -> Field:
    """How much the colour inside each outline differs from the colour around it, for every shift, as a standard score.

    The difference of mean colours over the spread inside and around (a Fisher ratio): roofs are of a piece and unlike their yard.
    """
    patch = field.patch
    colours = lab(patch.rgb)
    moments = np.dstack([colours, (colours**2).sum(axis=2)]).astype(np.float32)
    maps = np.zeros((len(outlines), 2 * reach + 1, 2 * reach + 1), np.float32)
    for index, outline in enumerate(outlines):
        inner, around = _stamps(patch, outline)
        half = inner.shape[0] // 2
        column, row = np.round(patch.to_pixels(np.array(outline.centroid.coords))[0]).astype(int)
        grow = half + reach
        window = cv2.copyMakeBorder(moments, grow, grow, grow, grow, cv2.BORDER_REFLECT_101)
        window = window[row : row + 2 * grow + 1, column : column + 2 * grow + 1]
        inside, outside = (cv2.filter2D(window, -1, stamp, borderType=cv2.BORDER_CONSTANT) for stamp in (inner, around))
        inside, outside = (part[half : half + 2 * reach + 1, half : half + 2 * reach + 1] for part in (inside, outside))
        apart = ((inside[..., :3] - outside[..., :3]) ** 2).sum(axis=2)
        spread = sum(np.maximum(part[..., 3] - (part[..., :3] ** 2).sum(axis=2), 0) for part in (inside, outside))
        ratio = np.sqrt(apart / (spread + 25.0))
        maps[index] = (ratio - ratio.mean()) / max(float(ratio.std()), 1e-3)
    return maps


def _stamps(patch: Patch, outline: Polygon) -> tuple[Field, Field]:
    """Square kernels that average inside an outline and in a two-metre band around it, centred on its centroid."""
    away = np.array(outline.centroid.coords)[0]
    centred = translate(outline, -away[0], -away[1])
    reach = max(abs(value) for value in centred.bounds) + 3.5
    half = math.ceil(reach / patch.gsd)
    core = centred.buffer(-0.5)
    inner = _stamp(core if core.area > 0.3 * centred.area else centred, half, patch.gsd)
    band = _stamp(centred.buffer(2.5), half, patch.gsd) * (1 - _stamp(centred.buffer(0.7), half, patch.gsd))
    return inner / max(float(inner.sum()), 1.0), band / max(float(band.sum()), 1.0)


def _stamp(shape: BaseGeometry, half: int, gsd: float) -> Field:
    """A shape about the origin as a mask, its middle pixel the origin."""
    stamp = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    for part in getattr(shape, "geoms", [shape]):
        pixels = shapely.get_coordinates(part.exterior) / gsd * [1, -1] + half
        cv2.fillPoly(stamp, [np.round(pixels).astype(np.int32)], 1.0)
    return stamp


def _edges(scene: Scene, frame: Frame, outlines: Sequence[Polygon], reach_m: float) -> Oriented:
    bounds = np.array([outline.bounds for outline in outlines])
    grow = reach_m + 6.0
    west, south = bounds[:, :2].min(axis=0) - grow
    east, north = bounds[:, 2:].max(axis=0) + grow
    step = max(scene.gsd, _GSD, (east - west) / 3000)
    return oriented(scene.patch(frame, (west, south, east, north), step), math.ceil(reach_m / step) + 2)


def _field_covariance(centres: _Floats) -> _Floats:
    """Covariance of displacements along one axis between outlines, metres squared, (n, n)."""
    apart = centres - centres.mean(axis=0)
    radius = max(float(np.sqrt((apart**2).sum(axis=1).mean())), 5.0)
    distance = ((centres[:, None] - centres[None]) ** 2).sum(axis=2)
    smooth = _SMOOTH**2 * np.exp(-0.5 * distance / (_LENGTH * radius) ** 2)
    covariance: _Floats = _SHIFT**2 + _AFFINE**2 * (apart @ apart.T) / radius**2 + smooth
    return covariance


def _predicted(prior: _Floats, mean: _Floats, variance: _Floats, index: int) -> tuple[_Floats, float]:
    """Where the others' beliefs put one outline: mean (2,) and variance per axis, its own part included."""
    others = np.arange(len(prior)) != index
    across = prior[index, others]
    inner = prior[np.ix_(others, others)] + np.diag(variance[others] + _OWN**2)
    weights = np.linalg.solve(inner, across) if others.any() else across
    spread = float(prior[index, index] - weights @ across) + _OWN**2
    return weights @ mean[others], max(spread, 0.1)


def _bent(
    outlines: Sequence[Polygon], unary: _Unary, belief: _Floats, variance: _Floats, evidence: _Floats
) -> BentPlan:
    moved, shifts, support = [], [], []
    for index, outline in enumerate(outlines):
        best = int(belief[index].argmax())
        east, north = unary.shifts[best]
        turn, size = unary.forms[int(unary.which[index].ravel()[best])]
        formed = scale(rotate(outline, turn, "centroid"), size, size, origin="centroid")
        moved.append(translate(formed, east, north))
        shifts.append((east, north))
        support.append(float(unary.support[index].ravel()[best]))
    return BentPlan(tuple(moved), np.array(shifts), np.sqrt(variance), np.array(support), evidence.copy())
