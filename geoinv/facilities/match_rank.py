"""From settled placements to ranked ones: near-duplicates joined, decoys tried, sketches combined, probabilities.

The same search is run on decoys: the sketch mirrored, and stretched, so that rows stay rows. What a decoy reaches is
what chance reaches here, and "none of these" follows that level, so that a crowded compound has no advantage.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from shapely.affinity import scale as stretched

from geoinv.facilities.match_evidence import Problem, link_score, where_score
from geoinv.facilities.match_items import Drawn, Line
from geoinv.facilities.match_placed import Hypothesis, hypotheses_of
from geoinv.facilities.match_ranker import Ranker, ranker, total
from geoinv.facilities.match_search import hypotheses
from geoinv.facilities.match_settle import Settled, settle
from geoinv.facilities.match_traits import traits

__all__ = [
    "Joint",
    "Pool",
    "chance_level",
    "decoys_of",
    "joint_placements",
    "mirrored",
    "probabilities",
    "ranker_of",
    "search",
    "settled_pool",
]

Array = NDArray[np.float64]
Index = NDArray[np.int64]

#: Rough placements that settle, and distinct settled ones that are weighed; the same for a decoy.
ROUGH_KEPT, WEIGHED = 300, 60
DECOY_KEPT, DECOY_WEIGHED, DECOY_TRIES = 120, 20, 45_000
#: Placements kept per sketch and group.
KEEP = 24
#: How much longer than wide decoys are made.
STRETCH = 1.4
#: Settled placements are one while weighing if the drawn things lie this near, in radii.
_SAME = 0.1
#: Scale of a placement against the expected one, natural logarithm, beyond which it is none.
_SCALES = 1.2


@dataclass(frozen=True)
class Pool:
    """Distinct hypotheses of one sketch on one group of candidates, best first, and the level that chance reaches.

    Attributes
    ----------
    problem
        What was searched.
    found
        Best first.
    chance
        What decoys reach.
    """

    problem: Problem
    found: tuple[Hypothesis, ...]
    chance: float


@dataclass(frozen=True)
class Joint:
    """One hypothesis for every sketch at once.

    Attributes
    ----------
    parts
        Sketch name → (pool, hypothesis); a sketch with no hypothesis is left out.
    logit
        Evidence above chance, in units of log probability.
    """

    parts: dict[str, tuple[Pool, Hypothesis]]
    logit: float


def mirrored(drawn: Drawn) -> Drawn:
    """A sketch with left and right exchanged."""
    flip = np.array([-1.0, 1.0])
    lines = tuple(_flipped(line) for line in drawn.lines)
    return replace(
        drawn,
        xy=drawn.xy * flip,
        centre=drawn.centre * flip,
        angle=(math.pi - drawn.angle) % math.pi,
        lines=lines,
        north=None if drawn.north is None else -drawn.north,
    )


def _flipped(line: Line) -> Line:
    return replace(
        line, points=line.points * np.array([-1.0, 1.0]), shape=stretched(line.shape, -1.0, 1.0, origin=(0.0, 0.0))
    )


def _bent(drawn: Drawn, axis: float) -> Drawn:
    """A mirrored sketch stretched along an axis: rows stay rows, so that order alone does not look like a match."""
    other = mirrored(drawn)
    along = np.array([math.cos(axis), math.sin(axis)])
    linear = np.eye(2) / math.sqrt(STRETCH) + (math.sqrt(STRETCH) - 1 / math.sqrt(STRETCH)) * np.outer(along, along)
    return replace(other, xy=(other.xy - other.centre) @ linear.T + other.centre)


def ranker_of(problem: Problem) -> Ranker:
    """The weighing learned for drawings such as this: of shapes, or of points alone."""
    return ranker("shapes" if problem.sized else "points")


def settled_pool(
    problem: Problem, rng: np.random.Generator, *, tries: int = 90_000, rough: int = ROUGH_KEPT, keep: int = WEIGHED
) -> Settled | None:
    """Distinct settled placements, at most ``keep``; ``None`` where there is none."""
    if not len(problem.drawn) or not len(problem.ground):
        return None
    found = hypotheses(problem, rng, tries=tries, keep=rough)
    if not found:
        return None
    settled = settle(problem, np.array([g for g, _ in found]), np.array([t for _, t in found]))
    off = np.abs(np.log(np.abs(settled.bend.factor) / problem.radius_m))
    usable = np.isfinite(settled.mean).all(axis=1) & (off < _SCALES)
    first = settled.share.max(axis=2).sum(axis=1) - 0.1 * settled.bend.strain / settled.level**2
    first += 0.5 * _said(problem, settled)
    chosen = _distinct(settled, np.where(usable, first, -np.inf), keep)
    return settled.take(chosen) if len(chosen) else None


def _said(problem: Problem, settled: Settled) -> Array:
    """Log odds from what is known of the place apart from outlines: testimony, a north arrow, links; (h,)."""
    factor = settled.bend.factor
    g = factor / problem.drawn.radius
    places = np.stack([settled.mean.real, settled.mean.imag], axis=-1)
    where = where_score(problem, g, settled.bend.middle - g * complex(*problem.drawn.centre))
    return where + 0.6 * link_score(problem, places, np.abs(factor))


def _distinct(settled: Settled, score: Array, keep: int) -> Index:
    """Numbers of the best of each group of settled placements that lie within a tenth of the radius."""
    out: list[int] = []
    for k in np.argsort(-score, kind="stable"):
        if not np.isfinite(score[k]) or len(out) == keep:
            break
        apart = np.sqrt((np.abs(settled.mean[out] - settled.mean[k]) ** 2).mean(axis=1))
        if not (apart < _SAME * np.abs(settled.bend.factor[k])).any():
            out.append(int(k))
    return np.array(out, dtype=np.int64)


def search(problem: Problem, rng: np.random.Generator) -> tuple[Hypothesis, ...]:
    """Distinct settled hypotheses, best first; of what differs by a nudge only the best stays."""
    settled = settled_pool(problem, rng)
    if settled is None:
        return ()
    weighing = ranker_of(problem)
    scores = weighing.score(traits(problem, settled)) + weighing.temperature * _said(problem, settled)
    order = np.argsort(-scores, kind="stable")
    kept: list[Hypothesis] = []
    for one in hypotheses_of(problem, settled.take(order), scores[order]):
        if all(_apart(problem, one, other) for other in kept):
            kept.append(one)
        if len(kept) == KEEP:
            break
    return tuple(kept)


def _apart(problem: Problem, one: Hypothesis, other: Hypothesis) -> bool:
    """Whether two hypotheses are more than a nudge apart: neither the same pairs nor nearly the same places."""
    both = (one.pairs >= 0) & (other.pairs >= 0)
    same = int((one.pairs[both] == other.pairs[both]).sum())
    least = max(1, min(int((one.pairs >= 0).sum()), int((other.pairs >= 0).sum())))
    xy = problem.drawn.xy
    shift = xy @ (one.matrix[:, :2] - other.matrix[:, :2]).T + one.matrix[:, 2] - other.matrix[:, 2]
    radius = math.sqrt(abs(np.linalg.det(one.matrix[:, :2]))) * problem.drawn.radius
    moved = float(np.sqrt((shift**2).sum(axis=1).mean()))
    return same < 0.7 * least and moved > 0.15 * radius


def decoys_of(problem: Problem) -> tuple[Problem, ...]:
    """The sketch mirrored, and mirrored and stretched along its long axis, to be searched just as hard."""
    drawn = problem.drawn
    bent = (mirrored(drawn), _bent(drawn, _long_axis(drawn)))
    return tuple(replace(problem, drawn=one, ties=(), refused=()) for one in bent)


def chance_level(problem: Problem, rng: np.random.Generator) -> float:
    """What decoys reach: the mean over decoys of the logarithm of all their placements' weights."""
    if not len(problem.drawn) or not len(problem.ground):
        return 0.0
    weighing = ranker_of(problem)
    reached = []
    for decoy in decoys_of(problem):
        settled = settled_pool(decoy, rng, tries=DECOY_TRIES, rough=DECOY_KEPT, keep=DECOY_WEIGHED)
        scores = weighing.score(traits(decoy, settled)) if settled is not None else np.zeros(0)
        reached.append(total(scores / weighing.temperature))
    return float(np.mean(reached))


def _long_axis(drawn: Drawn) -> float:
    """Direction in which the mirrored layout is longest, radians."""
    spread = mirrored(drawn).xy - mirrored(drawn).centre
    return float(0.5 * np.angle(((spread[:, 0] + 1j * spread[:, 1]) ** 2).sum()))


def _middle(pool: Pool, one: Hypothesis) -> tuple[Array, float]:
    centre = one.matrix[:, :2] @ pool.problem.drawn.centre + one.matrix[:, 2]
    return centre, math.sqrt(abs(np.linalg.det(one.matrix[:, :2]))) * pool.problem.drawn.radius


def _agreement(first: tuple[Pool, Hypothesis], second: tuple[Pool, Hypothesis]) -> float:
    """How well two sketches' placements go together: the same ground, size, candidates and names."""
    (centre, radius), (other, reach) = _middle(*first), _middle(*second)
    mean = 0.5 * (radius + reach)
    score = (
        -0.5 * float(((centre - other) ** 2).sum()) / (0.7 * mean) ** 2 - 0.5 * (math.log(radius / reach) / 0.4) ** 2
    )
    ground = {first[0].problem.ground.ids[j]: i for i, j in enumerate(first[1].pairs) if j >= 0}
    for index, j in enumerate(second[1].pairs):
        partner = ground.get(second[0].problem.ground.ids[j]) if j >= 0 else None
        if partner is None:
            continue
        score += 0.5
        words = first[0].problem.drawn.words[partner], second[0].problem.drawn.words[index]
        if words[0] and words[0] == words[1]:
            score += 2.0
    return max(score, -8.0)


def joint_placements(pools: Sequence[Sequence[Pool]], names: Sequence[str]) -> list[Joint]:
    """Placements of all sketches together, best first.

    Parameters
    ----------
    pools
        Per group of candidates, one pool per sketch.
    names
        The sketches' names, in the pools' order.
    """
    out: dict[tuple[int, ...], Joint] = {}
    for number, group in enumerate(pools):
        for lead, pool in enumerate(group):
            for seed in pool.found:
                picked, logit = _completed(group, lead, seed)
                key = (number, *(id(picked[k]) for k in sorted(picked)))
                if key not in out:
                    out[key] = Joint({names[k]: (group[k], one) for k, one in sorted(picked.items())}, logit)
    return sorted(out.values(), key=lambda joint: -joint.logit)


def _completed(group: Sequence[Pool], lead: int, seed: Hypothesis) -> tuple[dict[int, Hypothesis], float]:
    """The best hypothesis of every other sketch beside a seed, and the whole's evidence."""
    picked = {lead: seed}
    logit = ranker_of(group[lead].problem).above_none(seed.score, group[lead].chance)
    for other, pool in enumerate(group):
        if other == lead or not pool.found:
            continue
        gains = [
            ranker_of(pool.problem).above_none(one.score, pool.chance)
            + float(np.mean([_agreement((group[k], mine), (pool, one)) for k, mine in picked.items()]))
            for one in pool.found
        ]
        best = int(np.argmax(gains))
        picked[other] = pool.found[best]
        logit += gains[best]
    # Witnesses of one place err alike: their evidence is averaged, and only its agreement adds.
    return picked, logit / len(picked)


def probabilities(joints: Sequence[Joint], *, told: bool, groups: int = 1) -> tuple[list[float], float]:
    """Probabilities of the placements and of none of them; they add to 1.

    Parameters
    ----------
    told
        Whether a person placed the sketch (two ties or more, or a transform): then hardly anything is left for "none".
    groups
        Compounds tried: the more are looked at, the better the best does by chance.
    """
    if not joints:
        return [], 1.0
    none = math.log(max(groups, 1)) if not told else joints[0].logit - 4.0
    logits = np.array([*(joint.logit for joint in joints), none])
    weight = np.exp(logits - logits.max())
    share = weight / weight.sum()
    return [float(one) for one in share[:-1]], float(share[-1])
