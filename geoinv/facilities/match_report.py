"""What is said about one sketch in one placement: pairs, what found no partner and why, fits, residuals, relations."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import Delaunay, QhullError

from geoinv.facilities.match_groups import Group
from geoinv.facilities.match_items import Drawn, Ground
from geoinv.facilities.match_placed import Hypothesis
from geoinv.facilities.match_rank import Pool
from geoinv.geometry.fits import bidimensional_regression, leave_one_out
from geoinv.records.placements import Fit, Pair, SketchPlacement, Transform, Unmatched
from geoinv.records.places import Frame

__all__ = ["sketch_placement"]

Array = NDArray[np.float64]


def _transform(matrix: Array, frame: Frame) -> Transform:
    (a, b, east), (c, d, north) = ([float(f"{value:.9g}") for value in row] for row in matrix)
    return Transform(matrix=((a, b, east), (c, d, north)), origin=(frame.lon, frame.lat))


def _fits(drawn: Array, true: Array, mirror: bool) -> dict[str, Fit]:
    if len(drawn) < 3:
        return {}
    out = {}
    for kind in ("euclidean", "affine"):
        found = bidimensional_regression(true, drawn, kind=kind, mirror=mirror)
        out[kind] = Fit(r2=round(found.r2, 4), distortion_index=round(found.distortion_index, 2))
    return out


def _violated(drawn: Drawn, matched: NDArray[np.int64], true: Array) -> tuple[list[str], ...]:
    """Neighbouring threes (Delaunay) that lie the other way round on the ground than drawn."""
    if len(matched) < 4:
        return ()
    points = drawn.xy[matched]
    try:
        faces = Delaunay(points).simplices
    except QhullError:
        return ()
    out = []
    for face in np.sort(faces, axis=1):
        turns = []
        for at in (points[face], true[face]):
            (ax, ay), (bx, by) = at[1] - at[0], at[2] - at[0]
            turns.append(ax * by - ay * bx)
        if turns[0] * turns[1] < 0:
            out.append([drawn.ids[matched[k]] for k in face])
    return tuple(sorted(out))


def _line_pairs(pool: Pool, one: Hypothesis, probability: float) -> list[Pair]:
    """Drawn walls and roads that lie on a real one."""
    out = []
    radius = math.sqrt(abs(np.linalg.det(one.matrix[:, :2]))) * pool.problem.drawn.radius
    for line in pool.problem.drawn.lines:
        at = shapely.points(line.points @ one.matrix[:, :2].T + one.matrix[:, 2])
        near = [
            (float(shapely.distance(at, real.shape).mean()), real.id)
            for mine, real in pool.problem.pairs
            if mine.id == line.id
        ]
        if near and min(near)[0] < 0.25 * radius:
            out.append(Pair(sketch=(line.id,), candidates=(min(near)[1],), probability=round(probability, 4)))
    return out


def sketch_placement(
    pool: Pool,
    one: Hypothesis,
    frame: Frame,
    marginal: Array,
    probability: float,
    given: Transform | None,
    groups: Mapping[int, Group] = MappingProxyType({}),
) -> SketchPlacement:
    """One sketch in one placement as a record.

    Parameters
    ----------
    marginal
        Probability of every pair over all placements kept, shape (n, m).
    probability
        Of the placement, for its walls.
    given
        The transform a person gave, which is kept as it stands.
    groups
        Drawn things that stand for several outlines, instead of the one that the placement pairs them with.
    """
    drawn, ground = pool.problem.drawn, pool.problem.ground
    members = {
        i: groups[i].members if i in groups else (int(j),) for i, j in enumerate(one.pairs) if i in groups or j >= 0
    }
    matched = np.array(sorted(members), dtype=np.int64)
    true = np.array([_middle(ground, members[int(i)]) for i in matched]).reshape(-1, 2)
    mirror = bool(np.linalg.det(one.matrix[:, :2]) < 0)
    tied = {drawn.ids[index] for index, _, _ in pool.problem.ties}
    pairs = [
        _group(drawn.ids[i], ground, groups[i])
        if i in groups
        else Pair(
            sketch=(drawn.ids[i],),
            candidates=(ground.ids[one.pairs[i]],),
            probability=round(float(np.clip(marginal[i, one.pairs[i]], 0.0, 1.0)), 4),
        )
        for i in sorted(members)
    ]
    pairs += _line_pairs(pool, one, probability)
    said = {name for pair in pairs for name in pair.sketch} | tied
    unmatched = [
        Unmatched(sketch=name, why=_why(one.near_odds[i])) for i, name in enumerate(drawn.ids) if name not in said
    ]
    out = leave_one_out(drawn.xy[matched], true, mirror=mirror)
    residuals = {drawn.ids[i]: round(float(off), 2) for i, off in zip(matched, out, strict=True) if math.isfinite(off)}
    return SketchPlacement(
        transform=given or _transform(one.matrix, frame),
        pairs=tuple(pairs),
        unmatched=tuple(unmatched),
        fit=_fits(drawn.xy[matched], true, mirror),
        residuals_m=residuals,
        mirrored=mirror,
        relations_violated=_violated(drawn, matched, true),
    )


def _middle(ground: Ground, members: Sequence[int]) -> Array:
    """The common middle of outlines, by their areas."""
    area = np.exp(ground.log_area[list(members)]) if len(members) > 1 else np.ones(1)
    out: Array = area @ ground.xy[list(members)] / area.sum()
    return out


def _group(name: str, ground: Ground, group: Group) -> Pair:
    return Pair(
        sketch=(name,),
        candidates=tuple(ground.ids[j] for j in group.members),
        probability=round(group.probability, 4),
        each=tuple(round(one, 4) for one in group.each),
    )


def _why(odds: float) -> str:
    if odds < 0.0:
        return "no outline within reach that looks like it"
    return "the outline nearest to it is taken by something that fits better"
