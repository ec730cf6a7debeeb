"""Moving each building of an aligned plan by itself: what a sketch distorts, within what its neighbours allow.

People draw each building several metres off on its own, but neighbours tend to be off alike. Each outline looks for
edges near where it was placed; its own best place and the mean move of its neighbours are weighed against each other
until they settle.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.affinity import translate
from shapely.geometry import Polygon

from geoinv.geometry.frames import frame_of, to_frame
from geoinv.imagery.edge_search import Oriented, Plan, Pose, chance, oriented, plan_of, score_maps
from geoinv.imagery.masks import Field, lab, largest_polygon
from geoinv.imagery.outline_fit import Spread, evidence_of, fit_outline
from geoinv.imagery.scene import Patch, Scene

__all__ = ["align_each"]

#: How many neighbours hold a building, and edge support (standard deviations) below which it only follows them.
_NEIGHBOURS, _LEAST_SUPPORT = 4, 1.5
_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Choices:
    """Per outline and shift: the best support over turns and sizes, and which turn and size gave it."""

    support: Field  # (outlines, side, side)
    which: NDArray[np.int64]
    poses: tuple[Pose, ...]
    shifts: _Floats  # (side · side, 2) metres


def align_each(
    scene: Scene,
    drawn: gpd.GeoDataFrame,
    *,
    reach_m: float = 4.0,
    turn_deg: float = 5.0,
    scale: float = 0.10,
    neighbour_m: float = 2.0,
) -> gpd.GeoDataFrame:
    """Move each outline of an already aligned plan by itself.

    Parameters
    ----------
    scene
        The picture.
    drawn
        Outlines with an ``id``, after `align`.
    reach_m, turn_deg, scale
        How far one outline may be off: metres each way, degrees each way, fraction each way.
    neighbour_m
        Standard deviation of the difference between neighbours' moves, metres.

    Returns
    -------
    GeoDataFrame
        The same rows in the same order, in CRS 4326, with ``shift_east_m``, ``shift_north_m`` and ``support``: edge
        support at the chosen place in standard deviations over the outline's own surroundings (its shifted placebos);
        below 1.5 the outline was only carried along by its neighbours.

    Raises
    ------
    FrameError
        If the outlines have no CRS.
    UnreadableFileError
        If the scene's pixels cannot be read.
    """
    result = drawn.copy()
    if drawn.empty or drawn.geometry.is_empty.all():
        return result.assign(shift_east_m=0.0, shift_north_m=0.0, support=0.0)
    frame = frame_of(drawn)
    local = to_frame(frame, drawn)
    forms = [largest_polygon(geometry) for geometry in local.geometry]
    at = [index for index, form in enumerate(forms) if form is not None]
    standing = [form for form in forms if form is not None]
    shifts, support = np.zeros((len(drawn), 2)), np.zeros(len(drawn))
    geometries = list(local.geometry)
    if standing:
        patch = _patch(scene, drawn, reach_m)
        choices = _choices(patch, standing, reach_m, turn_deg, scale)
        picked = _settled(choices, standing, neighbour_m)
        for order, index in enumerate(at):
            moved, place = _placed(patch, standing[order], choices, order, int(picked[order]))
            geometries[index], shifts[index] = moved, place
            support[index] = float(choices.support[order].ravel()[picked[order]])
    result = result.set_geometry(gpd.GeoSeries(geometries, index=drawn.index, crs=local.crs)).to_crs("EPSG:4326")
    return result.assign(
        shift_east_m=np.round(shifts[:, 0], 2), shift_north_m=np.round(shifts[:, 1], 2), support=np.round(support, 2)
    )


def _patch(scene: Scene, drawn: gpd.GeoDataFrame, reach_m: float) -> Patch:
    frame = frame_of(drawn)
    west, south, east, north = to_frame(frame, drawn).total_bounds
    grow = reach_m + 15.0
    step = max(scene.gsd, 0.3, (max(east - west, north - south) + 2 * grow) / 2500)
    return scene.patch(frame, (west - grow, south - grow, east + grow, north + grow), step)


def _choices(patch: Patch, forms: list[Polygon], reach_m: float, turn_deg: float, scale: float) -> _Choices:
    """Support of every outline for all shifts, each outline turned and scaled about its own middle."""
    reach = math.ceil(reach_m / patch.gsd)
    # Placebos come from twice as far: an outline's own surroundings.
    wide = 2 * reach
    field = oriented(patch, wide + 4)
    poses = tuple(
        Pose(float(turn), float(factor))
        for turn, factor in itertools.product(
            (-turn_deg, -turn_deg / 2, 0.0, turn_deg / 2, turn_deg), (1 - scale, 1.0, 1 + scale)
        )
    )
    best: Field | None = None
    which = np.zeros((len(forms), 2 * reach + 1, 2 * reach + 1), np.int64)
    norm = _own_maps(field, forms, Pose(), wide)
    middle, spread = chance(norm[None])
    for index, pose in enumerate(poses):
        strain = 0.5 * ((pose.turn_deg / turn_deg) ** 2 + (math.log(pose.scale) / scale) ** 2)
        maps = ((_own_maps(field, forms, pose, reach) - middle) / spread - 0.3 * strain).astype(np.float32)
        if best is None:
            best = maps
        else:
            which[maps > best] = index
            best = np.maximum(best, maps)
    assert best is not None
    steps = (np.arange(2 * reach + 1) - reach) * patch.gsd
    shifts = np.column_stack([np.tile(steps, len(steps)), np.repeat(-steps, len(steps))])
    return _Choices(best, which, poses, shifts)


def _own_maps(field: Oriented, forms: list[Polygon], pose: Pose, reach: int) -> Field:
    turned = [_turned(form, pose) for form in forms]
    plan: Plan = plan_of(turned)
    return score_maps(field, plan, Pose(), reach)


def _turned(form: Polygon, pose: Pose) -> Polygon:
    centre = np.asarray(form.centroid.coords[0])
    angle = math.radians(pose.turn_deg)
    matrix = pose.scale * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    return shapely.transform(form, lambda xy: (xy - centre) @ matrix.T + centre)


def _settled(choices: _Choices, forms: list[Polygon], neighbour_m: float) -> NDArray[np.int64]:
    """Index of the chosen shift of each outline: own support against neighbours' moves, settled in turn."""
    support = choices.support.reshape(len(forms), -1)
    # How far a drawn building is off by itself; keeps outlines without neighbours from wandering.
    own = -0.5 * (choices.shifts**2).sum(axis=1) / 3.0**2
    picked = (support + own).argmax(axis=1)
    places = np.array([form.centroid.coords[0] for form in forms])
    gap = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    np.fill_diagonal(gap, np.inf)
    count = min(_NEIGHBOURS, len(forms) - 1)
    nearest = np.argsort(gap, axis=1, kind="stable")[:, :count]
    for _ in range(6):
        before = picked.copy()
        for index in range(len(forms)):
            pull = np.zeros(len(choices.shifts))
            if count:
                around = nearest[index]
                trust = np.maximum(support[around, picked[around]], 0.1)
                mean = (choices.shifts[picked[around]] * trust[:, None]).sum(axis=0) / trust.sum()
                pull = -0.5 * ((choices.shifts - mean) ** 2).sum(axis=1) / neighbour_m**2
            weight = 1.0 if support[index].max() >= _LEAST_SUPPORT else 0.1
            picked[index] = int((weight * support[index] + own + pull).argmax())
        if np.array_equal(before, picked):
            break
    return np.asarray(picked, np.int64)


def _placed(patch: Patch, form: Polygon, choices: _Choices, order: int, pick: int) -> tuple[Polygon, _Floats]:
    """The outline at its chosen place, fitted the last half metre, and how far its middle went."""
    shift = choices.shifts[pick]
    pose = choices.poses[int(choices.which[order].ravel()[pick])]
    borne = float(choices.support[order].ravel()[pick]) >= _LEAST_SUPPORT
    start = _turned(form, pose) if borne else form
    start = shapely.transform(start, lambda xy: xy + shift)
    if borne:
        start = _fitted(patch, start)
    went = np.asarray(start.centroid.coords[0]) - np.asarray(form.centroid.coords[0])
    return start, went


def _fitted(patch: Patch, form: Polygon) -> Polygon:
    """The last half metre, by edges alone."""
    pixels = patch.drawn(form)
    west, north, east, south = pixels.bounds
    margin = math.ceil(6.0 / patch.gsd)
    left, top = max(0, math.floor(west) - margin), max(0, math.floor(north) - margin)
    right, bottom = math.ceil(east) + margin, math.ceil(south) + margin
    window = patch.rgb[top:bottom, left:right]
    if min(window.shape[:2]) < 8:
        return form
    colours = lab(window)
    evidence = evidence_of(colours, np.zeros(window.shape[:2], np.float32), max(0.8, 0.3 / patch.gsd))
    inside = translate(pixels, -left, -top)
    fit = fit_outline(inside, evidence, Spread(0.6 / patch.gsd, 2.0, 0.05), colour_weight=0.0)
    return patch.ground(translate(fit.outline, left, top))
