"""Outlines of the buildings under rough prompts: vote, fit, vote, and never worse than the prompt for want of evidence.

For each prompt classical voters look at the pixels under it; the prompt's form is fitted to edges, to the colours the
voters found and to how far prompts are usually off; the voters look again under the fitted form, and their majority,
with the fitted form as one more voice, is the outline. Where the pixels bear no building's edge (under trees, in
cloud) the prompt itself comes back, saying so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely.geometry import Point, Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.geometry.frames import to_frame
from geoinv.geometry.overlap import iou
from geoinv.imagery.masks import Mask, fill, lab, largest_polygon, outline_of
from geoinv.imagery.outline_fit import Evidence, Fit, Spread, colour_odds, evidence_of, fit_outline
from geoinv.imagery.scene import Patch, Scene
from geoinv.imagery.voters import vote
from geoinv.records.places import Frame

__all__ = ["ClassicalSegmenter", "Outline", "Prompt", "Segmenter", "segment"]

#: Side of the square that a bare point stands for, metres, and how far a point is off.
_POINT_SIDE, _POINT_SIGMA = 10.0, 3.0
#: Position error of a prompt, metres, before it is estimated from the prompts themselves.
_SIGMA = 1.5


@dataclass(frozen=True)
class Prompt:
    """One rough outline in pixels of a patch.

    Attributes
    ----------
    outline
        Where the building is thought to be.
    sigma
        Standard deviation of its place, pixels.
    others
        Pixels under other prompts: no ground to learn colours from.
    """

    outline: Polygon
    sigma: float
    others: Mask


@dataclass(frozen=True)
class Outline:
    """What a segmenter makes of one prompt.

    Attributes
    ----------
    outline
        In pixels of the patch.
    score
        How well the pixels bear it out, 0–1.
    method
        ``vote``, ``fit``, ``prompt`` (no evidence: the prompt as it came) or a back end's own name.
    shift
        How far the form was moved from the prompt, pixels.
    """

    outline: Polygon
    score: float
    method: str
    shift: tuple[float, float] = (0.0, 0.0)


class Segmenter(Protocol):
    """Whatever makes an outline of a prompt on a patch: the classical back end, or a model that a user brings."""

    def outline(self, patch: Patch, prompt: Prompt) -> Outline:
        """The building under the prompt."""
        ...


class ClassicalSegmenter:
    """Vote, fit, vote with classical voters; needs no weights."""

    def outline(self, patch: Patch, prompt: Prompt) -> Outline:
        """The building under the prompt; the prompt itself where the pixels do not bear one."""
        rough = fill(prompt.outline, patch.shape)
        unmoved = Outline(prompt.outline, 0.0, "prompt")
        if rough.sum() < 9 or patch.valid[rough].mean() < 0.6 or patch.rgb[rough].std() < 0.5:
            return unmoved
        first, agreement = vote(patch.rgb, rough, prompt.sigma, patch.gsd)
        evidence = _evidence(patch, prompt, rough, first > 0.5)
        fit = fit_outline(prompt.outline, evidence, Spread(prompt.sigma, 6.0, 0.12))
        fitted = fill(fit.outline, patch.shape)
        if fitted.sum() < 9:
            return unmoved
        second, sureness = vote(patch.rgb, fitted, 0.7 * prompt.sigma, patch.gsd)
        field = (5 * second + 2 * fitted) / 7
        found = outline_of(ndimage.gaussian_filter(field, 0.7))
        if found is None:
            return unmoved
        return _judged(found, fit, evidence, prompt, unmoved, min(agreement, sureness))


def _evidence(patch: Patch, prompt: Prompt, rough: Mask, majority: Mask) -> Evidence:
    """Edges, and colours learnt from where voters and prompt agree against what lies round about."""
    colours = lab(patch.rgb)
    core = ndimage.binary_erosion(majority & rough, iterations=1)
    margin = max(2, round(prompt.sigma))
    near = ndimage.distance_transform_edt(~(majority | rough))
    ground = (near > min(margin, 0.5 * near.max())) & patch.valid & ~prompt.others
    odds = colour_odds(colours, core if core.sum() > 20 else majority & rough, ground)
    return evidence_of(colours, odds, max(0.8, 0.3 / patch.gsd))


def _judged(
    found: Polygon, fit: Fit, evidence: Evidence, prompt: Prompt, unmoved: Outline, agreement: float
) -> Outline:
    """The voted outline if voters agree and it stays where a prompt can be; else the fitted form; else the prompt."""
    contrast = _contrast(found, evidence)
    score = float(np.clip(0.5 * agreement + 0.3 * min(1.0, fit.edge / 0.6) + 0.2 * (0.5 + contrast / 4), 0, 1))
    shift = (fit.parameters[0], fit.parameters[1])
    overlap = iou(found, fit.outline)
    if overlap >= 0.6:
        return Outline(found, score, "vote", shift)
    if fit.gain > 2.0 and fit.edge > 0.25:
        return Outline(fit.outline, 0.8 * score, "fit", shift)
    return unmoved


def _contrast(outline: Polygon, evidence: Evidence) -> float:
    """Mean colour log odds inside less mean just outside."""
    inside = fill(outline, evidence.odds.shape)
    rim = ndimage.binary_dilation(inside, iterations=4) & ~ndimage.binary_dilation(inside, iterations=1)
    if not inside.any() or not rim.any():
        return 0.0
    return float(np.clip(evidence.odds[inside].mean() - evidence.odds[rim].mean(), -2, 2))


def _forms(local: gpd.GeoDataFrame) -> list[Polygon | None]:
    """A polygon for every prompt: a point becomes a square, a line its hull, what has no place ``None``."""
    forms: list[Polygon | None] = []
    for geometry in local.geometry:
        if geometry is None or geometry.is_empty:
            forms.append(None)
        elif isinstance(geometry, Point):
            forms.append(geometry.buffer(_POINT_SIDE / 2, cap_style="square"))
        else:
            forms.append(largest_polygon(geometry) or largest_polygon(geometry.convex_hull.buffer(1.0)))
    return forms


def _sigmas(prompts: gpd.GeoDataFrame, estimated: float) -> NDArray[np.float64]:
    """How far each prompt is off, metres: as estimated from all of them, but a bare point's own."""
    points = np.array([isinstance(geometry, Point) for geometry in prompts.geometry], bool)
    return np.where(points, _POINT_SIGMA, estimated)


def _one(
    scene: Scene, frame: Frame, form: Polygon, sigma: float, tree: shapely.STRtree, index: int, back_end: Segmenter
) -> tuple[Outline, Polygon, tuple[float, float]]:
    """Outline of one prompt: in pixels as found, in metres, and the shift in metres."""
    west, south, east, north = form.bounds
    margin = max(4.0, 0.5 * max(east - west, north - south), 3 * sigma)
    # Finer than 0.2 m shows tiles and laundry, not walls; coarser than 700 pixels a side says no more and takes long.
    gsd = max(scene.gsd, 0.2, (max(east - west, north - south) + 2 * margin) / 700)
    patch = scene.patch(frame, (west - margin, south - margin, east + margin, north + margin), gsd)
    others = np.zeros(patch.shape, bool)
    near = tree.query(form.buffer(margin))
    for other in sorted(int(k) for k in near):
        if other != index:
            others |= fill(patch.drawn(tree.geometries[other]), patch.shape)
    found = back_end.outline(patch, Prompt(patch.drawn(form), sigma / gsd, others))
    return found, patch.ground(found.outline), (found.shift[0] * gsd, -found.shift[1] * gsd)


def _estimated(scene: Scene, frame: Frame, forms: list[Polygon], back_end: Segmenter) -> float:
    """How far prompts are off, from how far at most 12 of them are moved: 1.48 × the median shift per axis, metres."""
    tree = shapely.STRtree(forms)
    step = max(1, len(forms) // 12)
    shifts = []
    for index in range(0, len(forms), step):
        found, _, shift = _one(scene, frame, forms[index], _SIGMA, tree, index, back_end)
        if found.method != "prompt":
            shifts += [abs(shift[0]), abs(shift[1])]
    # Few prompts say little: the usual error counts as four more measurements.
    measured = 1.48 * float(np.median(shifts)) if shifts else _SIGMA
    weight = len(shifts) / (len(shifts) + 8)
    return float(np.clip(weight * measured + (1 - weight) * _SIGMA, 0.5, 4.0))


def segment(scene: Scene, prompts: gpd.GeoDataFrame, *, segmenter: Segmenter | None = None) -> gpd.GeoDataFrame:
    """One outline per prompt.

    Parameters
    ----------
    scene
        The picture.
    prompts
        Rough outlines, boxes or points with an ``id``; how far they are off is estimated from the prompts themselves.
    segmenter
        Back end; the classical one by default.

    Returns
    -------
    GeoDataFrame
        The same rows in the same order and CRS 4326, geometry a Polygon (``None`` only where the prompt had none), with
        ``score`` (0–1), ``method`` (``vote``, ``fit``, ``prompt``), ``outline_from`` and ``scene``.

    Raises
    ------
    FrameError
        If the prompts have no CRS.
    UnreadableFileError
        If the scene's pixels cannot be read.
    """
    result = prompts.copy()
    if prompts.empty or prompts.geometry.is_empty.all():
        return result.assign(score=0.0, method="prompt", outline_from="sketch", scene=scene.name)
    back_end = segmenter or ClassicalSegmenter()
    frame = scene.frame
    local = to_frame(frame, prompts)
    forms = _forms(local)
    standing = [form for form in forms if form is not None]
    tree = shapely.STRtree(standing)
    position = iter(range(len(standing)))
    sigmas = _sigmas(prompts, _estimated(scene, frame, standing, back_end))
    geometries: list[BaseGeometry | None] = []
    found: list[Outline | None] = []
    for form, sigma in zip(forms, sigmas, strict=True):
        if form is None:
            geometries.append(None)
            found.append(None)
            continue
        outline, ground, _ = _one(scene, frame, form, float(sigma), tree, next(position), back_end)
        geometries.append(ground)
        found.append(outline)
    result = result.set_geometry(gpd.GeoSeries(geometries, index=prompts.index, crs=local.crs)).to_crs("EPSG:4326")
    result["score"] = [round(item.score, 4) if item else 0.0 for item in found]
    result["method"] = [item.method if item else "prompt" for item in found]
    result["outline_from"] = [
        "sketch" if item is None or item.method == "prompt" else "imagery prompted" for item in found
    ]
    result["scene"] = scene.name
    return result
