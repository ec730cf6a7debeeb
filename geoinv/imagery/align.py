"""Moving a placed sketch onto the scene as a whole, or refusing to where the place is not unique.

The plan is turned, scaled and shifted over the scene's directed edges. The best placement is taken only if no clearly
different one comes near it and if the plan lies clearly better than the same plan turned to where it cannot be
(placebos).
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

from geoinv.geometry.frames import frame_of, to_frame
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
from geoinv.imagery.masks import Field, largest_polygon
from geoinv.imagery.scene import Patch, Scene

__all__ = ["Alignment", "align"]

#: Turns at which a plan is sure not to lie, degrees; right angles among them, because most walls are parallel.
_PLACEBOS = (37.0, 68.0, 90.0, 127.0, 158.0, 180.0, 217.0, 248.0, 270.0, 323.0)
#: Least excess over placebos at which a placement is taken, their standard deviations.
_LEAST_EXCESS = 2.5
#: A plan that somebody laid roughly is turned by so many degrees, and too large or small by such a share.
_TURN_SD, _SIZE_SD = 6.0, 0.05
_Floats = NDArray[np.float64]
_UNMOVED = Pose()


@dataclass(frozen=True)
class Alignment:
    """What aligning gave.

    Attributes
    ----------
    outlines
        The rows as given, moved if ``aligned``.
    aligned
        Whether they were moved.
    why
        In words: how clear it was, or why nothing was moved.
    score
        Mean edge support of the outlines at the best placement, in standard deviations over the same outlines at all
        shifts: comparable between placements of one sketch on one scene.
    lead
        By how much (same unit) the best placement beats the best clearly different one.
    excess
        By how many standard deviations it beats the same plan at impossible turns.
    pose
        The best placement, whether or not it was taken: turn in degrees counter-clockwise and scale about ``centre``,
        then the shift.
    centre
        Metres in the frame of the outlines' middle.
    """

    outlines: gpd.GeoDataFrame
    aligned: bool
    why: str
    score: float = 0.0
    lead: float = 0.0
    excess: float = 0.0
    pose: Pose = Pose()
    centre: tuple[float, float] = (0.0, 0.0)

    @property
    def shift_m(self) -> tuple[float, float]:
        """East and north by which the plan's middle was moved, metres; zero if it was not."""
        return (self.pose.east, self.pose.north) if self.aligned else (0.0, 0.0)


@dataclass(frozen=True)
class _Search:
    """Total score over turns, scales and shifts."""

    totals: Field  # (poses, side, side)
    poses: tuple[Pose, ...]
    reach: int
    gsd: float

    def best(self) -> tuple[float, Pose]:
        """Highest score and where."""
        return self._at(int(self.totals.argmax()))

    def _at(self, flat: int) -> tuple[float, Pose]:
        index, row, column = np.unravel_index(flat, self.totals.shape)
        start = self.poses[int(index)]
        east = start.east + (int(column) - self.reach) * self.gsd
        north = start.north - (int(row) - self.reach) * self.gsd
        return float(self.totals.ravel()[flat]), Pose(start.turn_deg, start.scale, east, north)

    def runner_up(self, best: Pose, apart: float) -> float:
        """Highest score among placements whose shift differs by more than ``apart`` metres."""
        rows, columns = np.mgrid[: self.totals.shape[1], : self.totals.shape[2]]
        highest = -math.inf
        for index, start in enumerate(self.poses):
            east = start.east + (columns - self.reach) * self.gsd - best.east
            north = start.north - (rows - self.reach) * self.gsd - best.north
            far = np.hypot(east, north) > apart
            if far.any():
                highest = max(highest, float(self.totals[index][far].max()))
        return highest


def _search(
    field: Oriented, plan: Plan, poses: tuple[Pose, ...], reach: int, norm: tuple[Field, Field], laid_deg: float = 0.0
) -> _Search:
    middle, spread = norm
    totals = []
    for pose in poses:
        maps = (score_maps(field, plan, pose, reach) - middle) / spread
        totals.append(springs(maps, field.patch.gsd).mean(axis=0) - np.float32(_strain(pose, laid_deg) / plan.count))
    return _Search(np.stack(totals), poses, reach, field.patch.gsd)


def _strain(pose: Pose, laid_deg: float) -> float:
    """What a turn away from ``laid_deg`` and a change of size cost: half their squares in standard deviations."""
    return 0.5 * (((pose.turn_deg - laid_deg) / _TURN_SD) ** 2 + (math.log(pose.scale) / _SIZE_SD) ** 2)


def _norm(field: Oriented, plan: Plan, reach: int, turn_deg: float) -> tuple[Field, Field]:
    """Mean and deviation of each outline's score over all shifts at a few turns: its own placebos."""
    return chance(np.stack([score_maps(field, plan, Pose(turn), reach) for turn in (-turn_deg, 0.0, turn_deg)]))


def _poses(turns: _Floats, scales: _Floats, about: Pose = _UNMOVED) -> tuple[Pose, ...]:
    return tuple(
        Pose(about.turn_deg + float(turn), about.scale * float(scale), about.east, about.north)
        for turn, scale in itertools.product(turns, scales)
    )


def _field(scene: Scene, outlines: gpd.GeoDataFrame, reach_m: float, scale: float, gsd: float) -> Oriented:
    frame = frame_of(outlines)
    west, south, east, north = to_frame(frame, outlines).total_bounds
    grow = reach_m + 0.5 * scale * max(east - west, north - south) + 8.0
    width = max(east - west, north - south) + 2 * grow
    step = max(gsd, width / 2000)
    patch = scene.patch(frame, (west - grow, south - grow, east + grow, north + grow), step)
    # Placebos turn a plan about its middle, so its corners can leave the patch: the margin is neutral.
    shade = shade_of(scene.record.sun_azimuth, scene.record.sun_elevation)
    return oriented(patch, math.ceil((reach_m + 0.3 * width) / step), shade=shade)


def _usable(outlines: gpd.GeoDataFrame) -> list[Polygon | None]:
    return [largest_polygon(geometry) for geometry in outlines.geometry]


def _seen(patch: Patch, form: Polygon) -> bool:
    """Whether at least half of an outline lies where the scene has pixels; one that does not goes along unasked."""
    at = np.floor(patch.to_pixels(plan_of([form]).points)).astype(int)
    inside = ((at >= 0) & (at < np.array(patch.valid.shape)[::-1])).all(axis=1)
    return bool(patch.valid[at[inside, 1], at[inside, 0]].sum() >= 0.5 * len(at))


def _refusal(outlines: gpd.GeoDataFrame, why: str) -> Alignment:
    return Alignment(outlines.copy(), False, why)


def align(
    scene: Scene, drawn: gpd.GeoDataFrame, *, reach_m: float = 15.0, turn_deg: float = 12.0, scale: float = 0.10
) -> Alignment:
    """Move outlines that are roughly placed onto the scene, all together.

    Parameters
    ----------
    scene
        The picture.
    drawn
        Outlines with an ``id``, in any CRS.
    reach_m, turn_deg, scale
        How far the plan may be off: metres each way, degrees each way, fraction each way.

    Returns
    -------
    Alignment
        ``aligned`` is false, and the outlines are as they came, where the placement is not unique or most outlines lie
        beyond the scene. Those that do go along with the others.

    Raises
    ------
    FrameError
        If the outlines have no CRS.
    UnreadableFileError
        If the scene's pixels cannot be read.
    """
    if drawn.empty or drawn.geometry.is_empty.all():
        return _refusal(drawn, "there are no outlines to align")
    local = to_frame(frame_of(drawn), drawn)
    forms = [form for form in _usable(local) if form is not None]
    if not forms:
        return _refusal(drawn, "there are no outlines to align")
    field = _field(scene, drawn, reach_m, scale, max(scene.gsd, 0.6))
    seen = [form for form in forms if _seen(field.patch, form)]
    if 2 * len(seen) < len(forms):
        return _refusal(drawn, "most of the outlines lie outside the scene, or where it has no pixels")
    plan = plan_of(seen)
    reach = math.ceil(reach_m / field.patch.gsd)
    norm = _norm(field, plan, reach, turn_deg)
    turns = np.arange(-turn_deg, turn_deg + 0.01, 2.0)
    scales = np.linspace(1 - scale, 1 + scale, 5)
    search = _search(field, plan, _poses(turns, scales), reach, norm)
    score, pose = search.best()
    lead = score - search.runner_up(pose, 4.0)
    highs = [
        _search(field, plan, _poses(turns[::3] + placebo, scales[1:4:2]), reach, norm, placebo).best()[0]
        for placebo in _PLACEBOS
    ]
    excess = (score - float(np.mean(highs))) / max(float(np.std(highs)), 0.08)
    pose = _refined(scene, drawn, plan, pose, scale)
    why = _reason(len(seen), lead, excess, score - max(highs))
    centre = (float(plan.centre[0]), float(plan.centre[1]))
    if why:
        return Alignment(drawn.copy(), False, why, score, lead, excess, pose, centre)
    told = (
        f"moved {math.hypot(pose.east, pose.north):.1f} m, turned {pose.turn_deg:.1f}°, scaled {pose.scale:.3f}; "
        f"leads the next placement by {lead:.2f} and impossible turns by {excess:.1f} standard deviations"
    )
    return Alignment(_moved(drawn, local, plan, pose), True, told, score, lead, excess, pose, centre)


def _moved(drawn: gpd.GeoDataFrame, local: gpd.GeoDataFrame, plan: Plan, pose: Pose) -> gpd.GeoDataFrame:
    """The outlines as drawn, with their geometry moved by a pose."""
    shapes = [
        None if geometry is None else shapely.transform(geometry, lambda xy: posed(plan.centre, pose, xy))
        for geometry in local.geometry
    ]
    return drawn.copy().set_geometry(gpd.GeoSeries(shapes, index=drawn.index, crs=local.crs)).to_crs("EPSG:4326")


def _refined(scene: Scene, drawn: gpd.GeoDataFrame, plan: Plan, pose: Pose, scale: float) -> Pose:
    """The placement again at the scene's own resolution, within a degree, two per cent and a metre and a half."""
    field = _field(scene, drawn, 3.0 + math.hypot(pose.east, pose.north), scale, max(scene.gsd, 0.3))
    reach = math.ceil(1.5 / field.patch.gsd)
    norm = _norm(field, plan, math.ceil(6.0 / field.patch.gsd), 4.0)
    poses = _poses(np.arange(-1.0, 1.01, 0.5), np.array([0.98, 1.0, 1.02]), pose)
    return _search(field, plan, poses, reach, norm).best()[1]


def _reason(count: int, lead: float, excess: float, over: float) -> str:
    """Why a placement is not taken; empty if it is."""
    if excess < _LEAST_EXCESS or over <= 0:
        return "the plan fits the scene no better here than turned to where it cannot be, so it was left unmoved"
    # Few outlines find a chance fit elsewhere more easily, so they must lead by more.
    if lead < 0.25 + 1.0 / count:
        return "two clearly different placements fit about equally well, so the plan was left unmoved"
    return ""
