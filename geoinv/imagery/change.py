"""Whether each footprint stands on each of several scenes: one by one, after local alignment, never pixel by pixel.

Light, season, sensor and paint change every pixel while the building stays; what stays with a building is where its
edges run. For each outline the scenes are shifted onto each other by the edges round about, then the edges at the
outline are compared without regard to which side is brighter, and the outline's own edge support on each scene is
weighed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import cv2
import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely.geometry import Polygon

from geoinv.errors import InputError
from geoinv.geometry.frames import to_frame
from geoinv.imagery.masks import Mask, fill, gradients, lab, largest_polygon
from geoinv.imagery.outline_fit import edge_support, evidence_of
from geoinv.imagery.scene import Patch, Scene
from geoinv.records.dates import PartialDate

__all__ = ["change"]

#: How far scenes may lie apart at an outline, metres, and how wide its surroundings are.
_REACH_M, _AROUND_M = 4.0, 14.0
_Complex = NDArray[np.complex128]


@dataclass(frozen=True)
class _View:
    """One outline on one scene."""

    edges: _Complex  # strength · e^{2i·direction}
    support: float
    seen: bool


def _view(patch: Patch, outline: Polygon, inside: Mask) -> _View:
    colours = lab(patch.rgb)
    sigma = max(1.0, 0.4 / patch.gsd)
    east, south = gradients(colours, sigma)
    strength = np.hypot(east, south)
    scale = max(float(np.percentile(strength, 85)), 0.5)
    angle = np.arctan2(south, east)
    edges = np.tanh(strength / scale) * np.exp(2j * angle)
    evidence = evidence_of(colours, np.zeros(patch.shape, np.float32), sigma)
    return _View(edges, _best_support(outline, evidence, patch.gsd), bool(patch.valid[inside].mean() > 0.9))


def _best_support(outline: Polygon, evidence: Any, gsd: float) -> float:
    """Edge support at the best of 49 places within 2 m, less the mean over them: 0 where no place is better."""
    steps = np.linspace(-2.0, 2.0, 7) / gsd
    values = [
        edge_support(shapely.transform(outline, _mover(east, south)), evidence) for east in steps for south in steps
    ]
    return float(max(values) - np.mean(values))


def _mover(east: float, south: float) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """A shift of coordinates, (n, 2), in pixels."""
    return lambda xy: xy + np.array([east, south])


def _shift(one: _Complex, other: _Complex, weight: NDArray[np.float64], reach: int) -> tuple[int, int]:
    """Rows and columns by which ``other`` must be rolled to lie on ``one``."""
    product = np.fft.ifft2(np.fft.fft2(one * weight) * np.conj(np.fft.fft2(other * weight))).real
    rows = np.r_[0 : reach + 1, -reach:0]
    window = product[np.ix_(rows, rows)]
    row, column = np.unravel_index(int(window.argmax()), window.shape)
    return int(rows[row]), int(rows[column])


def _likeness(one: _Complex, other: _Complex, where: Mask) -> float:
    """Correlation −1 to 1 of two edge pictures over a mask, mean taken off."""
    a, b = one[where], other[where]
    a, b = a - a.mean(), b - b.mean()
    norm = math.sqrt(float((np.abs(a) ** 2).sum() * (np.abs(b) ** 2).sum()))
    return float((a * np.conj(b)).real.sum() / norm) if norm > 0 else 0.0


def _likenesses(views: list[_View], inside: Mask, rim: Mask, gsd: float) -> NDArray[np.float64]:
    """Likeness at the outline of every scene to every other, after shifting by the surroundings, (n, n)."""
    count = len(views)
    result = np.eye(count)
    # The outline itself counts little in finding the shift: where it has gone it must not pull.
    weight = np.where(ndimage.binary_dilation(inside, iterations=max(1, round(1.5 / gsd))), 0.3, 1.0)
    reach = max(1, round(_REACH_M / gsd))
    for first in range(count):
        for second in range(first + 1, count):
            row, column = _shift(views[first].edges, views[second].edges, weight, reach)
            rolled = np.roll(views[second].edges, (row, column), (0, 1))
            result[first, second] = result[second, first] = _likeness(views[first].edges, rolled, rim)
    return result


def _studied(scenes: Sequence[Scene], form: Polygon, frame: Any, gsd: float) -> tuple[list[_View], NDArray[np.float64]]:
    west, south, east, north = form.bounds
    box = (west - _AROUND_M, south - _AROUND_M, east + _AROUND_M, north + _AROUND_M)
    patches = [scene.patch(frame, box, gsd) for scene in scenes]
    outline = patches[0].drawn(form)
    inside = fill(outline, patches[0].shape)
    rim = fill(outline.buffer(1.5 / gsd), patches[0].shape)
    views = [_view(patch, outline, inside) for patch in patches]
    return views, _likenesses(views, inside, rim, gsd)


def _odds(views: list[_View], likeness: NDArray[np.float64], usual: float) -> NDArray[np.float64]:
    """Log odds that the building stands on each scene, given that it stands on the scene that bears it best."""
    reference = int(np.argmax([view.support if view.seen else -1.0 for view in views]))
    most = views[reference].support
    odds = np.zeros(len(views))
    for index, view in enumerate(views):
        if index == reference:
            odds[index] = 12.0 * (most - 0.08)
            continue
        same = likeness[index, reference] / max(usual, 0.15)
        odds[index] = 7.0 * (same - 0.55) + 6.0 * (view.support - 0.6 * most)
    return odds


def _state(odds: float, same: float, view: _View) -> tuple[str, float]:
    """State and its probability."""
    if not view.seen:
        return "unsure", 0.0
    present = 1 / (1 + math.exp(-odds))
    if present >= 0.6:
        return "present", present
    if present <= 0.4:
        return ("altered", 1 - present) if view.support > 0.15 and same < 0.4 else ("absent", 1 - present)
    return "unsure", max(present, 1 - present)


def _brackets(states: list[dict[str, Any]], scenes: Sequence[Scene]) -> tuple[str | None, str | None]:
    """Latest date it was still absent before it first stood, and earliest date it was gone after it last stood.

    Only scenes with a known date bound anything.
    """
    dated = [
        (scene.record.acquired, item["state"])
        for scene, item in zip(scenes, states, strict=True)
        if scene.record.acquired is not None and scene.record.acquired.known
    ]
    standing = [when for when, state in dated if state in ("present", "altered")]
    gone = [when for when, state in dated if state == "absent"]
    if not standing:
        return None, None
    first: date = min(when.latest for when in standing)
    last: date = max(when.earliest for when in standing)
    before: list[PartialDate] = [when for when in gone if when.latest < first]
    after: list[PartialDate] = [when for when in gone if when.earliest > last]
    not_before = max(before, key=lambda when: (when.earliest, when.text)).text if before else None
    not_after = min(after, key=lambda when: (when.latest, when.text)).text if after else None
    return not_before, not_after


def change(outlines: gpd.GeoDataFrame, scenes: Sequence[Scene]) -> gpd.GeoDataFrame:
    """Judge each outline on each scene.

    Parameters
    ----------
    outlines
        Polygons with an ``id``, any CRS.
    scenes
        In any order; the answer keeps it.

    Returns
    -------
    GeoDataFrame
        The same rows in CRS 4326 with ``states``: a list in scene order of ``{scene, date, state, probability}``,
        ``state`` one of ``present``, ``absent``, ``altered``, ``unsure``; and ``not_before``, ``not_after``: the
        bracket (EDTF) that dated scenes give, ``None`` where they give none. A scene without a date bounds nothing.

    Raises
    ------
    InputError
        If no scene is given.
    FrameError
        If the outlines have no CRS.
    UnreadableFileError
        If a scene's pixels cannot be read.
    """
    if not scenes:
        raise InputError("there is no scene to judge the outlines on", do="give at least one scene")
    result = outlines.copy()
    if outlines.empty or outlines.geometry.is_empty.all():
        return result.assign(states=None, not_before=None, not_after=None)
    cv2.setNumThreads(1)
    frame = scenes[0].frame
    local = to_frame(frame, outlines)
    forms = [largest_polygon(geometry) for geometry in local.geometry]
    gsd = max(0.3, *(scene.gsd for scene in scenes)) if len(scenes) > 1 else max(0.3, scenes[0].gsd)
    studied = [None if form is None else _studied(scenes, form, frame, gsd) for form in forms]
    usual = _usual([item[1] for item in studied if item is not None])
    rows: list[list[dict[str, Any]]] = []
    for item in studied:
        rows.append([] if item is None else _told(scenes, item[0], item[1], usual))
    brackets = [_brackets(row, scenes) if row else (None, None) for row in rows]
    result["states"] = rows
    result["not_before"] = [low for low, _ in brackets]
    result["not_after"] = [high for _, high in brackets]
    return result.to_crs("EPSG:4326")


def _usual(likenesses: list[NDArray[np.float64]]) -> float:
    """What likeness unchanged buildings have: the upper quartile over outlines, since change is the exception."""
    values = [matrix[np.triu_indices(len(matrix), 1)] for matrix in likenesses]
    joined = np.concatenate(values) if values else np.empty(0)
    return float(np.percentile(joined, 75)) if joined.size else 1.0


def _told(
    scenes: Sequence[Scene], views: list[_View], likeness: NDArray[np.float64], usual: float
) -> list[dict[str, Any]]:
    odds = _odds(views, likeness, usual)
    reference = int(np.argmax([view.support if view.seen else -1.0 for view in views]))
    told = []
    for index, (scene, view) in enumerate(zip(scenes, views, strict=True)):
        state, probability = _state(float(odds[index]), float(likeness[index, reference]) / max(usual, 0.15), view)
        when = scene.record.acquired
        told.append(
            {
                "scene": scene.name,
                "date": when.text if when is not None and when.known else None,
                "state": state,
                "probability": round(probability, 3),
            }
        )
    return told
