"""Where on a scene a whole drawn plan may lie, at any turn: the few clearly different places whose edges fit it best.

`align` mends a rough placement; this finds rough placements where there is none, from the pixels alone. It proposes,
it does not decide: the caller weighs the places found with what witnesses said, and `align` refuses what is not
unique.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon

from geoinv.imagery.edge_search import (
    Oriented,
    Plan,
    Pose,
    chance,
    oriented,
    plan_of,
    posed,
    score_maps,
    shade_of,
    springs,
)
from geoinv.imagery.masks import Field
from geoinv.imagery.scene import Scene
from geoinv.records.places import Frame

__all__ = ["PlacedPlan", "search_poses"]

#: Metres a pixel of the search: edges of walls survive it, roof texture does not.
_GSD = 1.0
#: Shifts each way at most, pixels.
_ACROSS = 45.0
#: Points on an outline and inside it at most: far fewer than in `align`, which looks again.
_AROUND, _INSIDE = 16, 6
#: Two places are one where the plan's points lie nearer than this on average, as a share of the plan's radius.
_SAME = 0.15
_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PlacedPlan:
    """One place a plan may lie.

    Attributes
    ----------
    pose
        Turn (degrees counter-clockwise) and scale about ``centre``, then the shift in metres.
    centre
        Metres of the frame that the pose turns about.
    score
        Mean edge support of the outlines, each within a spring's reach, in standard deviations over all shifts and
        turns.
    """

    pose: Pose
    centre: tuple[float, float]
    score: float

    def placed(self, xy: _Floats) -> _Floats:
        """Points in metres, (n, 2), as this place puts them."""
        return posed(np.asarray(self.centre), self.pose, xy)


def search_poses(
    scene: Scene,
    frame: Frame,
    outlines: Sequence[Polygon | LineString],
    *,
    reach_m: float,
    turns_deg: Sequence[float],
    scales: Sequence[float],
    keep: int = 12,
) -> list[PlacedPlan]:
    """The best clearly different places of a plan on a scene.

    Parameters
    ----------
    scene
        The picture.
    frame
        Whose metres.
    outlines
        The plan's buildings, and pieces of its walls, in metres of the frame: at a guessed scale and turn, its middle
        where it is most likely.
    reach_m
        How far the middle may be off, each way.
    turns_deg, scales
        Turns (counter-clockwise) and scales to try; six degrees and eight per cent apart are near enough.
    keep
        How many places to return at most.

    Returns
    -------
    list of PlacedPlan
        Best first; empty where the plan's surroundings have hardly any pixels.

    Raises
    ------
    UnreadableFileError
        If the scene's pixels cannot be read.
    """
    if not outlines:
        return []
    plan = _thinned(plan_of(outlines))
    field = _field(scene, frame, plan, reach_m * 1.05, max(scales))
    if field.patch.valid.mean() < 0.1:
        return []
    reach = math.ceil(reach_m / field.patch.gsd)
    poses = [Pose(float(turn), float(scale)) for turn in turns_deg for scale in scales]
    middle, spread = _placebos(field, plan, poses, reach)
    found: list[PlacedPlan] = []
    for pose in poses:
        maps = (score_maps(field, plan, pose, reach) - middle) / spread
        total = springs(maps, field.patch.gsd, stiffness_m=2.0).mean(axis=0)
        found += _peaks(total, pose, plan, field.patch.gsd, reach)
    found.sort(key=lambda one: -one.score)
    return _different(found, plan, keep)


def _thinned(plan: Plan) -> Plan:
    """The plan with few, evenly spread points an outline."""
    around = np.concatenate([_spread_over(np.flatnonzero(plan.owner == k), _AROUND) for k in range(plan.count)])
    inside = np.concatenate([_spread_over(np.flatnonzero(plan.inner_owner == k), _INSIDE) for k in range(plan.count)])
    return replace(
        plan,
        points=plan.points[around],
        along=plan.along[around],
        owner=plan.owner[around],
        inner=plan.inner[inside],
        inner_owner=plan.inner_owner[inside],
        solid=plan.solid[around],
    )


def _spread_over(indices: NDArray[np.intp], most: int) -> NDArray[np.intp]:
    return (
        indices[np.linspace(0, len(indices) - 1, min(most, len(indices))).round().astype(int)]
        if len(indices)
        else indices
    )


def _field(scene: Scene, frame: Frame, plan: Plan, reach_m: float, scale: float) -> Oriented:
    radius = float(np.hypot(*(plan.points - plan.centre).T).max()) * scale
    grow = radius + reach_m + 4.0
    east, north = plan.centre
    # A wider search can be coarser: what it finds is only a beginning.
    step = max(scene.gsd, _GSD, reach_m / _ACROSS)
    patch = scene.patch(frame, (east - grow, north - grow, east + grow, north + grow), step)
    shade = shade_of(scene.record.sun_azimuth, scene.record.sun_elevation)
    return oriented(patch, math.ceil(reach_m / step) + 2, shade=shade)


def _placebos(field: Oriented, plan: Plan, poses: Sequence[Pose], reach: int) -> tuple[Field, Field]:
    """Mean and deviation of each outline's score over all shifts at a few of the poses."""
    chosen = poses[:: max(1, len(poses) // 8)]
    return chance(np.stack([score_maps(field, plan, pose, reach) for pose in chosen]))


def _peaks(total: Field, pose: Pose, plan: Plan, gsd: float, reach: int, most: int = 3) -> list[PlacedPlan]:
    """The highest shifts of one turn and scale, each clearly apart from the others."""
    rest, apart = total.copy(), max(2, round(5.0 / gsd))
    centre = (float(plan.centre[0]), float(plan.centre[1]))
    peaks = []
    for _ in range(most):
        row, column = np.unravel_index(int(rest.argmax()), rest.shape)
        score = float(rest[row, column])
        if not math.isfinite(score):
            break
        shift = Pose(pose.turn_deg, pose.scale, (int(column) - reach) * gsd, (reach - int(row)) * gsd)
        peaks.append(PlacedPlan(shift, centre, score))
        top, left = max(0, int(row) - apart), max(0, int(column) - apart)
        rest[top : int(row) + apart + 1, left : int(column) + apart + 1] = -np.inf
    return peaks


def _different(found: Sequence[PlacedPlan], plan: Plan, keep: int) -> list[PlacedPlan]:
    """The best of each cluster of places that put the plan nearly alike."""
    sample = plan.points[:: max(1, len(plan.points) // 60)]
    radius = float(np.sqrt(((sample - plan.centre) ** 2).sum(axis=1).mean()))
    kept: list[PlacedPlan] = []
    spots: list[_Floats] = []
    for one in found:
        spot = one.placed(sample)
        if all(np.hypot(*(spot - other).T).mean() > _SAME * radius for other in spots):
            kept.append(one)
            spots.append(spot)
        if len(kept) == keep:
            break
    return kept
