"""Which drawn building is which on the ground: ranked placements of sketches on candidate outlines.

``match`` proposes; it never mirrors a sketch unless asked, keeps rival placements, and says "none of these" where
chance does as well.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from geoinv.errors import FieldError
from geoinv.facilities.match_evidence import Problem, with_said_scale
from geoinv.facilities.match_groups import Grouper
from geoinv.facilities.match_items import BARRIERS, WAYS, Drawn, Ground, drawn_of, ground_of, links_of
from geoinv.facilities.match_placed import Hypothesis, as_placed
from geoinv.facilities.match_rank import (
    Joint,
    Pool,
    joint_placements,
    mirrored,
    probabilities,
    ranker_of,
    search,
    weighed,
)
from geoinv.facilities.match_report import sketch_placement
from geoinv.facilities.match_settle import settle_as_placed
from geoinv.facilities.match_together import may_be_pooled, pooled_placements, witnesses_of
from geoinv.geometry.frames import frame_of, xy_to_local
from geoinv.records.drawings import Sketch, Tie
from geoinv.records.locations import Location
from geoinv.records.placements import Anchor, Match, Placement, Transform
from geoinv.records.places import Frame

__all__ = ["match", "pair_probabilities", "problem_of"]

Array = NDArray[np.float64]

#: What ``problem_of`` is told beside sketch and ground.
_Known = tuple[Frame, Location | None, Sequence[Anchor], Sequence[Tie], Sequence[Tie]]

#: Placements written at most.
PLACEMENTS = 20
#: Groups of outlines are sought in the first placement and in those at least so likely.
GROUPED = 0.05


def match(
    candidates: gpd.GeoDataFrame,
    sketches: Sequence[Sketch],
    *,
    prior: Location | None = None,
    anchors: Sequence[Anchor] = (),
    ties: Sequence[Tie] = (),
    refused: Sequence[Tie] = (),
    placements: Mapping[str, Transform] | None = None,
    allow_mirror: bool = False,
    seed: int = 0,
) -> Match:
    """Lay sketches on candidate outlines.

    Parameters
    ----------
    candidates
        Outlines, points or lines on the ground with ``id`` and, where known, ``existence`` (0–1), ``role``, ``label``
        and ``compound``; any CRS. Where compounds are named, each is tried by itself.
    sketches
        Drawings of one facility; interiors (``scope`` other than ``site``) are left out.
    prior
        Where the facility is.
    anchors
        Named places that a sketch may show.
    ties
        A person's word on single drawn things: one fixes the place, two turn and scale, more bend.
    refused, placements
        A person's word that a drawn thing is not a candidate; sketch name → transform that is used as it stands.
    allow_mirror
        Whether a sketch may be read mirrored; such placements say so.
    seed
        Of the random search.

    Returns
    -------
    Match
        Placements and ``none_probability`` add to 1.

    Raises
    ------
    FieldError
        If a tie names a sketch, element or candidate that is not there.
    """
    sites = [sketch for sketch in sketches if sketch.scope == "site"]
    _check_ties((*ties, *refused), sites, candidates)
    if not sites:
        return Match(none_probability=1.0)
    given = dict(placements or {})
    if candidates.empty:
        return _without_candidates(sites, given)
    placed = candidates.to_crs("EPSG:4326") if candidates.crs is not None else candidates.set_crs("EPSG:4326")
    frame = prior.frame if prior is not None else frame_of(placed)
    known = frame, prior, anchors, ties, refused
    grounds = _grounds(placed, frame, seed)
    joints = _joints(sites, grounds, known, given, allow_mirror, seed)[:PLACEMENTS]
    share, none = _rounded(*probabilities(joints, told=_is_told(sites, ties, given), groups=len(grounds)))
    return Match(none_probability=none, placements=_placements(joints, share, 1.0 - none, frame, given))


def _joints(
    sites: Sequence[Sketch],
    grounds: Sequence[tuple[Ground, np.random.Generator]],
    known: _Known,
    given: Mapping[str, Transform],
    allow_mirror: bool,
    seed: int,
) -> list[Joint]:
    """Placements of all sketches, best first."""
    # A mirrored reading or a transform as it stands is one sketch's own: these are not laid on each other.
    alone = len(sites) == 1 or given or allow_mirror
    joints = [] if alone else _pooled(sites, grounds, known, seed)
    if joints:
        return joints
    pools = [[_pool(one, on, *known, given.get(one.name), allow_mirror, rng) for one in sites] for on, rng in grounds]
    return joint_placements(pools, [sketch.name for sketch in sites])


def _pooled(
    sites: Sequence[Sketch], grounds: Sequence[tuple[Ground, np.random.Generator]], known: _Known, seed: int
) -> list[Joint]:
    """Placements of sketches weighed as one; none where they cannot be laid on each other."""
    problems = [[problem_of(one, ground, *known) for one in sites] for ground, _ in grounds]
    if not problems or not all(may_be_pooled(group) for group in problems):
        return []
    apart = np.array([[_independent(one, other) for other in sites] for one in sites])
    np.fill_diagonal(apart, val=False)
    groups = [
        (witnesses_of(group, apart), [weighed(problem, rng) for problem in group])
        for group, (_, rng) in zip(problems, grounds, strict=True)
    ]
    return pooled_placements(groups, [sketch.name for sketch in sites], np.random.default_rng([seed, len(groups), 1]))


def _independent(one: Sketch, other: Sketch) -> bool:
    """Whether two sketches are of different witnesses of whom neither is known to have seen the other's."""
    if one.witness is not None and one.witness == other.witness:
        return False
    return not any(
        name in _seen(viewer) for viewer, shown in ((one, other), (other, one)) for name in (shown.name, shown.witness)
    )


def _seen(sketch: Sketch) -> tuple[str, ...]:
    seen = sketch.seen_before
    return () if seen is None else (seen,) if isinstance(seen, str) else tuple(seen)


def _is_told(sites: Sequence[Sketch], ties: Sequence[Tie], given: Mapping[str, Transform]) -> bool:
    """Whether a person placed every sketch: by two ties or more, or a transform."""
    return all(sketch.name in given or sum(tie.sketch == sketch.name for tie in ties) >= 2 for sketch in sites)


def _grounds(placed: gpd.GeoDataFrame, frame: Frame, seed: int) -> list[tuple[Ground, np.random.Generator]]:
    """What each compound offers to lay a sketch on, with a random generator of its own."""
    found = ((number, ground_of(group, frame)) for number, group in enumerate(_groups(placed)))
    return [(ground, np.random.default_rng([seed, number])) for number, ground in found if len(ground)]


def _rounded(share: Sequence[float], none: float) -> tuple[list[float], float]:
    """Probabilities rounded down to 1e-6, and the rest, which goes to "none"."""
    whole = [math.floor(one * 1e6) for one in share]
    return [one / 1e6 for one in whole], round(none, 6) if not share else (1_000_000 - sum(whole)) / 1e6


def _without_candidates(sites: Sequence[Sketch], given: Mapping[str, Transform]) -> Match:
    from_person = {sketch.name: given[sketch.name] for sketch in sites if sketch.name in given}
    if not from_person:
        return Match(none_probability=1.0)
    records = {
        name: {"transform": transform, "mirrored": transform.mirrored} for name, transform in from_person.items()
    }
    return Match(
        none_probability=0.0, placements=(Placement.read({"rank": 1, "probability": 1.0, "sketches": records}),)
    )


def _check_ties(ties: Sequence[Tie], sites: Sequence[Sketch], candidates: gpd.GeoDataFrame) -> None:
    known = {sketch.name: {element.id for element in sketch.elements} for sketch in sites}
    ids = {str(name) for name in candidates["id"]} if "id" in candidates.columns else set()
    for tie in ties:
        if tie.element not in known.get(tie.sketch, set()):
            raise FieldError(
                f"no site plan “{tie.sketch}” has an element “{tie.element}”",
                do="check the tie's two names",
                field="tie",
            )
        if tie.candidate is not None and tie.candidate not in ids:
            raise FieldError(f"there is no candidate “{tie.candidate}”", do="check the tie's candidate", field="tie")
        if tie.candidate is None and tie.point is None:
            raise FieldError("this tie names neither a candidate nor a point", do="give one of them", field="tie")


def _groups(candidates: gpd.GeoDataFrame) -> list[gpd.GeoDataFrame]:
    if "compound" not in candidates.columns or candidates["compound"].isna().all():
        return [candidates]
    names = sorted({str(name) for name in candidates["compound"].dropna()})
    return [candidates[candidates["compound"].astype(str) == name] for name in names]


def _near_prior(ground: Ground, centre: Array, reach: float) -> Ground:
    """Candidates within reach of where the facility may be; all of them if that leaves hardly any."""
    keep = np.hypot(*(ground.xy - centre).T) < reach
    if keep.sum() < 3 or keep.all():
        return ground
    index = np.flatnonzero(keep)
    return replace(
        ground,
        ids=tuple(ground.ids[i] for i in index),
        roles=tuple(ground.roles[i] for i in index),
        words=tuple(ground.words[i] for i in index),
        xy=ground.xy[index],
        log_area=ground.log_area[index],
        angle=ground.angle[index],
        elongation=ground.elongation[index],
        shapes=tuple(ground.shapes[i] for i in index),
        existence=ground.existence[index],
        density=float(keep.sum()) / (math.pi * reach**2) if keep.sum() > 20 else ground.density,
        area_m2=min(ground.area_m2, math.pi * reach**2),
    )


def _scale(drawn: Drawn, ground: Ground) -> tuple[float, bool]:
    """Expected metres per drawing unit, with what was said of lengths, and whether things have sizes."""
    sized = bool(np.isfinite(drawn.log_area).mean() > 0.5 and np.isfinite(ground.log_area).mean() > 0.5)
    if sized:
        rate = float(np.nanmedian(ground.log_area) - np.nanmedian(drawn.log_area)) / 2
    else:
        spread = ground.xy - ground.xy.mean(axis=0)
        rate = math.log((float(np.sqrt((spread**2).sum(axis=1).mean())) or 1.0) / drawn.radius)
    return math.exp(with_said_scale(drawn, rate)), sized


def problem_of(
    sketch: Sketch,
    ground: Ground,
    frame: Frame,
    prior: Location | None = None,
    anchors: Sequence[Anchor] = (),
    ties: Sequence[Tie] = (),
    refused: Sequence[Tie] = (),
) -> Problem:
    """What is to be solved: one sketch on one group of candidates, with what is known beside them.

    Parameters
    ----------
    sketch, prior, anchors, ties, refused
        As for ``match``.
    ground, frame
        Candidates in metres of the frame.
    """
    drawn = drawn_of(sketch, with_ways=any(role in WAYS for role in ground.roles))
    scale, sized = _scale(drawn, ground) if len(drawn) else (1.0, False)
    centre, inner, spread = None, 0.0, 1.0
    if prior is not None:
        east, north = xy_to_local(frame, np.array([prior.best]))[0]
        centre = float(east), float(north)
        inner = math.sqrt(prior.region(0.5).area_m2 / math.pi)
        spread = max((math.sqrt(prior.region(0.9).area_m2 / math.pi) - inner) / 1.3, 0.25 * inner, 3.0)
        ground = _near_prior(ground, np.array(centre), inner + 2.5 * spread + 2.0 * scale * drawn.radius)
    at = {name: index for index, name in enumerate(drawn.ids)}
    which = {name: index for index, name in enumerate(ground.ids)}
    told: list[tuple[int, int | None, tuple[float, float]]] = []
    for tie in ties:
        if tie.sketch != sketch.name or tie.element not in at:
            continue
        index = which.get(tie.candidate) if tie.candidate is not None else None
        if index is not None:
            told.append((at[tie.element], index, (float(ground.xy[index, 0]), float(ground.xy[index, 1]))))
        elif tie.point is not None:
            east, north = xy_to_local(frame, np.array([tie.point]))[0]
            told.append((at[tie.element], None, (float(east), float(north))))
    kinds = (BARRIERS, WAYS)
    pairs = tuple(
        (one, real)
        for one in drawn.lines
        for real in ground.lines
        if any(one.role in kind and real.role in kind for kind in kinds) and one.role in BARRIERS
    )
    apart = tuple(
        (at[one.element], which[one.candidate])
        for one in refused
        if one.sketch == sketch.name and one.element in at and one.candidate in which
    )
    links = links_of(drawn, anchors, frame)
    return Problem(drawn, ground, scale, sized, links, pairs, centre, inner, spread, tuple(told), apart)


def _pool(
    sketch: Sketch,
    ground: Ground,
    frame: Frame,
    prior: Location | None,
    anchors: Sequence[Anchor],
    ties: Sequence[Tie],
    refused: Sequence[Tie],
    given: Transform | None,
    allow_mirror: bool,
    rng: np.random.Generator,
) -> Pool:
    """Hypotheses of one sketch on one group of candidates."""
    problem = problem_of(sketch, ground, frame, prior, anchors, ties, refused)
    if given is not None:
        matrix = _in_frame(given, frame)
        return Pool(problem, (as_placed(problem, settle_as_placed(problem, matrix), matrix),), ranker_of(problem))
    found = search(problem, rng)
    if allow_mirror:
        turned = [_unflipped(one) for one in search(replace(problem, drawn=mirrored(problem.drawn)), rng)]
        found = tuple(sorted((*found, *turned), key=lambda one: -one.score))
    return Pool(problem, found, ranker_of(problem))


def _unflipped(one: Hypothesis) -> Hypothesis:
    return replace(one, matrix=one.matrix * np.array([-1.0, 1.0, 1.0]))


def _in_frame(given: Transform, frame: Frame) -> Array:
    """A transform's matrix in metres of another frame: shifted by the origins' offset (parallel within 10 km)."""
    matrix = given.array.copy()
    matrix[:, 2] += xy_to_local(frame, np.array([given.origin]))[0]
    return matrix


def pair_probabilities(joints: Sequence[Joint], share: Sequence[float], limit: float) -> dict[tuple[str, int], Array]:
    """Calibrated probability of every pair over all placements, (n, m), by sketch name and id of its pool.

    Parameters
    ----------
    joints, share
        Placements and their probabilities.
    limit
        Probability of any placement: no pair is surer than that.
    """
    sums: dict[tuple[str, int], Array] = {}
    pools: dict[tuple[str, int], Pool] = {}
    for joint, probability in zip(joints, share, strict=True):
        for name, (pool, one) in joint.parts.items():
            key = (name, id(pool))
            pools[key] = pool
            sums[key] = sums.get(key, 0.0) + probability * one.shares(len(pool.problem.ground))
    return {key: np.minimum(pool.weighing.pair(sums[key], limit), limit) for key, pool in pools.items()}


def _placements(
    joints: Sequence[Joint], share: Sequence[float], limit: float, frame: Frame, given: Mapping[str, Transform]
) -> tuple[Placement, ...]:
    found = pair_probabilities(joints, share, limit)
    groupers: dict[int, Grouper] = {}
    out = []
    for rank, (joint, probability) in enumerate(zip(joints, share, strict=True), 1):
        sketches = {}
        for name, (pool, one) in joint.parts.items():
            key = id(pool)
            groups = {}
            if rank == 1 or probability >= GROUPED:
                grouper = groupers.setdefault(key, Grouper(pool.problem))
                groups = grouper.groups(one, found[name, key], limit)
            sketches[name] = sketch_placement(pool, one, frame, found[name, key], probability, given.get(name), groups)
        out.append(Placement(rank=rank, probability=probability, sketches=sketches))
    return tuple(out)
