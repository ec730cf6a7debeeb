"""Bending a placed plan onto a scene: what drawing from memory distorts, within what such distortion looks like.

Where people draw buildings wrongly they draw neighbours wrongly alike: displacements are a Gaussian field (an affine
part, a smooth part, and a little of each building's own; Rasmussen & Williams 2006, ch. 2). Each outline looks for
edges near where the others predict it; its belief about its own place and the field's prediction from the others'
beliefs are made to agree, sweep by sweep (mean field). How well the pixels bear the bent plan out, as a likelihood
ratio against chance, tells rival placements apart.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import cv2
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.affinity import rotate, scale, translate
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.imagery.edge_search import Oriented, Pose, chance, oriented, plan_of, score_maps, shade_of
from geoinv.imagery.masks import Field, lab
from geoinv.imagery.scene import Patch, Scene
from geoinv.imagery.standing import claims_of
from geoinv.records.places import Frame

__all__ = ["BentPlan", "Surroundings", "bend", "glance", "surroundings"]

#: Metres a pixel, and the neutral margin round the piece that is read.
_GSD, _MARGIN_M = 0.5, 40.0
#: One outline's own turns (degrees) and sizes, and their standard deviations.
_TURNS, _SIZES, _TURN_SD, _SIZE_SD = (-8.0, -4.0, 0.0, 4.0, 8.0), (0.74, 0.86, 1.0, 1.16, 1.35), 5.0, 0.16
#: How near a person's tie puts a building's centre, standard deviation in metres.
_PIN_M = 1.2
#: Standard deviation of the field's shift, metres.
_SHIFT = 3.0
#: How far one outline may move, as a share of the radius, and in metres.
_REACH, _LEAST_REACH, _MOST_REACH = 0.35, 8.0, 24.0
#: Least of each in metres, where a plan is small.
_LEAST = 1.2
#: What a standard deviation of edge support is worth in nats; true places lie about three deviations up.
_WORTH = 0.9
_SWEEPS = 8
#: Weight of colour contrast beside edges.
_CONTRAST = 0.5
_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Law:
    """How much a drawing is bent: standard deviations of its field along an axis, as shares of the plan's radius.

    Attributes
    ----------
    affine, smooth, own
        Of the affine part, of the smooth one, and of each building's own.
    length
        Of the smooth part.
    """

    affine: float
    smooth: float
    own: float
    length: float


#: A careful drawing, and one bent as much as most: real drawings' r² of .88 to .97 leaves residuals of a sixth to a
#: third of the radius. Which it is, each plan's own evidence decides (type II maximum likelihood; Rasmussen & Williams,
#: ch. 5).
_LAWS = (_Law(0.08, 0.08, 0.025, 0.7), _Law(0.10, 0.16, 0.07, 0.8))
#: A building's outline, or a piece of a wall.
_Drawn = Polygon | LineString
_Kind = TypeVar("_Kind", bound=_Drawn, covariant=True)


@dataclass(frozen=True)
class BentPlan(Generic[_Kind]):
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
        (n,): log likelihood ratio of each outline's pixels, given where the others predict it, against chance. Their
        sum weighs one placement of a plan against another; zero is what a plan of another place gives.
    claimed
        (n, standing): how surely each is each of the standing buildings.
    """

    outlines: tuple[_Kind, ...]
    shift: _Floats
    spread_m: _Floats
    support: _Floats
    evidence: _Floats
    claimed: _Floats

    def parted(self) -> tuple[BentPlan[Polygon], BentPlan[LineString]]:
        """The buildings, and the pieces of wall, each in the order given."""
        is_wall = np.array([isinstance(one, LineString) for one in self.outlines], bool)
        buildings, walls = (
            (self.shift[part], self.spread_m[part], self.support[part], self.evidence[part], self.claimed[part])
            for part in (~is_wall, is_wall)
        )
        return (
            BentPlan(tuple(one for one in self.outlines if isinstance(one, Polygon)), *buildings),
            BentPlan(tuple(one for one in self.outlines if isinstance(one, LineString)), *walls),
        )


@dataclass(frozen=True)
class Surroundings:
    """A piece of a scene made ready for bending plans onto it, many times.

    Attributes
    ----------
    field
        Its edges by direction.
    moments
        float32, (height + 2·``border``, width + 2·``border``, 4): colour, and the squares of colour summed.
    border
        Mirrored margin in pixels.
    """

    field: Oriented
    moments: Field
    border: int


@dataclass(frozen=True)
class _Unary:
    """Per outline and shift: the best support over its own turns and sizes, and which that was."""

    support: Field  # (n, side, side)
    which: NDArray[np.int64]
    forms: tuple[tuple[float, float], ...]
    shifts: _Floats  # (side * side, 2)


@dataclass(frozen=True)
class _Beliefs:
    """Per outline: belief over shifts, (n, shifts), its variance per axis, its log likelihood ratio against chance.

    And how surely it is each standing building, (n, standing).
    """

    belief: _Floats
    variance: _Floats
    evidence: _Floats
    claimed: _Floats


def surroundings(scene: Scene, frame: Frame, centre: tuple[float, float], half_m: float) -> Surroundings:
    """Read the square about a place that plans are to be bent onto.

    Parameters
    ----------
    scene
        The picture.
    frame, centre
        Metres, and the middle of the square in them.
    half_m
        Half its side.

    Raises
    ------
    UnreadableFileError
        If the scene's pixels cannot be read.
    """
    east, north = centre
    step = max(scene.gsd, _GSD, half_m / 1200)
    patch = scene.patch(frame, (east - half_m, north - half_m, east + half_m, north + half_m), step)
    colours = lab(patch.rgb)
    moments = np.dstack([colours, (colours**2).sum(axis=2)]).astype(np.float32)
    border = math.ceil(_MARGIN_M / step)
    padded = np.pad(moments, ((border, border), (border, border), (0, 0)), mode="reflect")
    shade = shade_of(scene.record.sun_azimuth, scene.record.sun_elevation)
    return Surroundings(oriented(patch, border, shade=shade), padded, border)


def bend(
    ground: Surroundings,
    outlines: Sequence[_Drawn],
    *,
    reach_m: float | None = None,
    standing: Sequence[Polygon] = (),
    pinned: Mapping[int, tuple[float, float]] | None = None,
) -> BentPlan[_Drawn]:
    """Bend a placed plan onto a scene.

    Parameters
    ----------
    ground
        The scene round about.
    outlines
        The plan's buildings as placed, metres, and pieces of its walls: these are held to edges along them, and bend
        with the rest.
    reach_m
        Farthest that one outline may move, each way; by default a third of the plan's radius, 8 to 24 m.
    standing
        Buildings that were found without any drawing, or that other drawings were laid on: what is drawn here is likely
        some of them, each once.
    pinned
        Outlines whose centre a person knows, by index: metres east and north to about ``_PIN_M``; the others bend
        with them.
    """
    if not outlines:
        nothing = np.empty(0)
        return BentPlan((), np.empty((0, 2)), nothing, nothing, nothing, np.empty((0, len(standing))))
    forms = tuple(itertools.product(_TURNS, _SIZES))
    shifts = {
        index: np.asarray(place) - np.array(outlines[index].centroid.coords[0])
        for index, place in (pinned or {}).items()
    }
    reach = max(_reach(outlines, reach_m), *(float(np.abs(shift).max()) + 3.0 for shift in shifts.values()), 0.0)
    unary = _unary(ground, outlines, min(reach, _MARGIN_M - 2.0), forms)
    beliefs = _settled(outlines, unary, standing, _SWEEPS, shifts)
    return _bent(outlines, unary, beliefs)


def glance(ground: Surroundings, outlines: Sequence[_Drawn]) -> _Floats:
    """Evidence, (n,), for a placed plan as ``bend`` gives it, rough and fast: outlines keep their turns and sizes."""
    if not outlines:
        return np.empty(0)
    unary = _unary(ground, outlines, _reach(outlines, None), ((0.0, 1.0),))
    return _settled(outlines, unary, (), 3).evidence


def _reach(outlines: Sequence[_Drawn], reach_m: float | None) -> float:
    centres = np.array([outline.centroid.coords[0] for outline in outlines])
    return reach_m if reach_m is not None else float(np.clip(_REACH * _radius(centres), _LEAST_REACH, _MOST_REACH))


def _settled(
    outlines: Sequence[_Drawn],
    unary: _Unary,
    standing: Sequence[Polygon],
    sweeps: int,
    pinned: Mapping[int, _Floats] | None = None,
) -> _Beliefs:
    """Beliefs under the law that the outlines' evidence speaks for most."""
    under = [_settled_under(law, outlines, unary, standing, sweeps, pinned or {}) for law in _LAWS]
    return max(under, key=lambda beliefs: float(beliefs.evidence.sum()))


def _settled_under(
    law: _Law,
    outlines: Sequence[_Drawn],
    unary: _Unary,
    standing: Sequence[Polygon],
    sweeps: int,
    pinned: Mapping[int, _Floats],
) -> _Beliefs:
    """Beliefs after so many sweeps, each outline told by the others in turn."""
    count = len(outlines)
    centres = np.array([outline.centroid.coords[0] for outline in outlines])
    prior = _field_covariance(centres, law)
    own = max(law.own * _radius(centres), 0.8) ** 2
    flat = unary.support.reshape(count, -1).astype(np.float64) * _WORTH
    claims = claims_of(outlines, standing, unary.shifts)
    reach = float(unary.shifts.max())
    mean, variance = np.zeros((count, 2)), np.full(count, 0.5 * reach**2)
    belief, evidence = np.zeros_like(flat), np.zeros(count)
    for _ in range(sweeps):
        for index in range(count):
            at, spread = _predicted(prior, mean, variance, own, index)
            if index in pinned:
                at, spread = pinned[index], _PIN_M**2
            expected = -0.5 * ((unary.shifts - at) ** 2).sum(axis=1) / spread
            expected -= np.log(np.exp(expected - expected.max()).sum()) + expected.max()
            joint = expected + flat[index] + claims.odds(index)
            peak = joint.max()
            total = float(np.log(np.exp(joint - peak).sum()) + peak)
            belief[index] = np.exp(joint - total)
            claims.settle(index, belief[index])
            # Chance support is about standard normal, so its mean worth is half the worth squared.
            evidence[index] = total - 0.5 * _WORTH**2
            mean[index] = belief[index] @ unary.shifts
            variance[index] = max(0.5 * float(belief[index] @ ((unary.shifts - mean[index]) ** 2).sum(axis=1)), 0.05)
    return _Beliefs(belief, variance, evidence, claims.claimed)


def _unary(
    ground: Surroundings, outlines: Sequence[_Drawn], reach_m: float, forms: tuple[tuple[float, float], ...]
) -> _Unary:
    field = ground.field
    reach = math.ceil(reach_m / field.patch.gsd)
    plain = score_maps(field, plan_of(outlines), Pose(), reach)
    middle, spread = chance(plain[None])
    best = np.full(plain.shape, -np.inf, np.float32)
    which = np.zeros(plain.shape, np.int64)
    for number, (turn, size) in enumerate(forms):
        formed = [scale(rotate(one, turn, "centroid"), size, size, origin="centroid") for one in outlines]
        maps = plain if (turn, size) == (0.0, 1.0) else score_maps(field, plan_of(formed), Pose(), reach)
        cost = 0.5 * (turn / _TURN_SD) ** 2 + 0.5 * (math.log(size) / _SIZE_SD) ** 2
        worth = (maps - middle) / spread - np.float32(cost / _WORTH)
        better = worth > best
        best[better], which[better] = worth[better], number
    best = best + np.float32(_CONTRAST) * _contrast(ground, outlines, reach)
    # Trying forms lifts chance scores too: measured again, so that chance is standard normal still.
    again = chance(best[None])
    best = (best - again[0]) / again[1]
    rows, columns = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    shifts = np.stack([columns.ravel(), -rows.ravel()], axis=1) * field.patch.gsd
    return _Unary(best, which, forms, shifts)


def _contrast(ground: Surroundings, outlines: Sequence[_Drawn], reach: int) -> Field:
    """How much the colour inside each outline differs from the colour around it, for every shift, as a standard score.

    The difference of mean colours over the spread inside and around (a Fisher ratio): roofs are of a piece and unlike
    their yard. Nothing is said of an outline outside the scene's piece.
    """
    patch, side = ground.field.patch, 2 * reach + 1
    maps = np.zeros((len(outlines), side, side), np.float32)
    for index, outline in enumerate(outlines):
        if isinstance(outline, LineString):
            continue
        inner, around = _stamps(patch, outline)
        half = inner.shape[0] // 2
        column, row = np.round(patch.to_pixels(np.array(outline.centroid.coords))[0]).astype(int)
        left, top = column + ground.border - half - reach, row + ground.border - half - reach
        across = 2 * (half + reach) + 1
        if min(left, top) < 0 or top + across > ground.moments.shape[0] or left + across > ground.moments.shape[1]:
            continue
        window = ground.moments[top : top + across, left : left + across]
        inside, outside = (cv2.filter2D(window, -1, stamp, borderType=cv2.BORDER_CONSTANT) for stamp in (inner, around))
        inside, outside = (part[half : half + side, half : half + side] for part in (inside, outside))
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


def _radius(centres: _Floats) -> float:
    apart = centres - centres.mean(axis=0)
    return max(float(np.sqrt((apart**2).sum(axis=1).mean())), 5.0)


def _field_covariance(centres: _Floats, law: _Law) -> _Floats:
    """Covariance of displacements along one axis between outlines, metres squared, (n, n)."""
    apart = centres - centres.mean(axis=0)
    radius = _radius(centres)
    distance = ((centres[:, None] - centres[None]) ** 2).sum(axis=2)
    smooth = max(law.smooth * radius, _LEAST) ** 2 * np.exp(-0.5 * distance / (law.length * radius) ** 2)
    affine = max(law.affine * radius, _LEAST) ** 2 * (apart @ apart.T) / radius**2
    covariance: _Floats = _SHIFT**2 + affine + smooth
    return covariance


def _predicted(prior: _Floats, mean: _Floats, variance: _Floats, own: float, index: int) -> tuple[_Floats, float]:
    """Where the others' beliefs put one outline: mean (2,) and variance per axis, its own part included."""
    others = np.arange(len(prior)) != index
    across = prior[index, others]
    inner = prior[np.ix_(others, others)] + np.diag(variance[others] + own)
    weights = np.linalg.solve(inner, across) if others.any() else across
    spread = float(prior[index, index] - weights @ across) + own
    return weights @ mean[others], max(spread, 0.1)


def _bent(outlines: Sequence[_Drawn], unary: _Unary, beliefs: _Beliefs) -> BentPlan[_Drawn]:
    moved, shifts, support = [], [], []
    for index, outline in enumerate(outlines):
        best = int(beliefs.belief[index].argmax())
        east, north = unary.shifts[best]
        turn, size = unary.forms[int(unary.which[index].ravel()[best])]
        formed = scale(rotate(outline, turn, "centroid"), size, size, origin="centroid")
        moved.append(translate(formed, east, north))
        shifts.append((east, north))
        support.append(float(unary.support[index].ravel()[best]))
    return BentPlan(
        tuple(moved),
        np.array(shifts),
        np.sqrt(beliefs.variance),
        np.array(support),
        beliefs.evidence,
        beliefs.claimed,
    )
