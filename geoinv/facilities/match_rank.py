"""From settled placements to ranked ones: near-duplicates joined, the first one judged, sketches combined."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from shapely.affinity import scale as stretched

from geoinv.facilities.match_agreed import Agreed, agreed, expected_best
from geoinv.facilities.match_evidence import Problem, link_score, to_complex, where_score
from geoinv.facilities.match_few import few_ways, is_few
from geoinv.facilities.match_items import Drawn, Line
from geoinv.facilities.match_parts import parts
from geoinv.facilities.match_placed import Hypothesis, hypotheses_of
from geoinv.facilities.match_ranker import Ranker, ranker, total
from geoinv.facilities.match_search import hypotheses
from geoinv.facilities.match_settle import Settled, settle
from geoinv.facilities.match_traits import TRAITS, traits

__all__ = [
    "Joint",
    "Pool",
    "Weighed",
    "best_fitting",
    "joint_placements",
    "mirrored",
    "odds_of_every_way",
    "probabilities",
    "ranker_of",
    "said",
    "search",
    "settled_pool",
    "signs_of",
    "speaking",
    "weighed",
]

Array = NDArray[np.float64]
Index = NDArray[np.int64]

#: Rough placements that settle, and distinct settled ones that are weighed.
ROUGH_KEPT, WEIGHED = 300, 60
#: Placements kept per sketch and group.
KEEP = 24
#: Settled placements are one while weighing if the drawn things lie this near, in radii.
_SAME = 0.1
#: Sketches of one place err alike, for the same outlines draw them all: their evidence is summed and divided by this
#: power of their number (0 if they erred independently, 1 if wholly alike), and poor ones agree by chance: "none of
#: these" gains so much, as a logarithm, with every further one (docs/methods/match.md).
_ALIKE, _SEVERAL = 0.6, 1.1
#: Scale of a placement against the expected one, natural logarithm, beyond which it is none.
_SCALES = 1.2
#: How far off, in radii, and how much lighter, as a logarithm, a placement may be whose transform fits better.
_BESIDE, _LIGHTER = 0.5, 4.0
#: Traits of what paired things look like, as against where they lie.
_LOOKS = [TRAITS.index(name) for name in ("size", "ratio", "turn", "turn_along_page", "names")]


@dataclass(frozen=True)
class Pool:
    """Distinct hypotheses of one sketch on one group of candidates, best first.

    Attributes
    ----------
    problem
        What was searched.
    found
        Best first.
    weighing
        By which the probabilities of pairs are calibrated.
    """

    problem: Problem
    found: tuple[Hypothesis, ...]
    weighing: Ranker


@dataclass(frozen=True)
class Weighed:
    """h settled placements of one sketch on one group of candidates.

    Attributes
    ----------
    settled, table
        The placements and their traits.
    heated
        Log weights, with what is known of the place apart from outlines, (h,).
    """

    settled: Settled
    table: Array
    heated: Array


@dataclass(frozen=True)
class Joint:
    """One hypothesis for every sketch at once.

    Attributes
    ----------
    parts
        Sketch name → (pool, hypothesis); a sketch with no hypothesis is left out.
    logit
        Evidence above chance, in units of log probability.
    pooled
        Whether all sketches were weighed as one, so that the evidence is against "none of these" for all of them.
    """

    parts: dict[str, tuple[Pool, Hypothesis]]
    logit: float
    pooled: bool = False


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
        shapes=tuple(stretched(shape, -1.0, 1.0, origin=(0.0, 0.0)) for shape in drawn.shapes),
        north=None if drawn.north is None else -drawn.north,
    )


def _flipped(line: Line) -> Line:
    return replace(
        line, points=line.points * np.array([-1.0, 1.0]), shape=stretched(line.shape, -1.0, 1.0, origin=(0.0, 0.0))
    )


def ranker_of(problem: Problem) -> Ranker:
    """The weighing learned for drawings such as this: of shapes, of points alone, or of few points."""
    return ranker("few" if is_few(problem) else "shapes" if problem.sized else "points")


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
    first += 0.5 * said(problem, settled)
    chosen = _distinct(settled, np.where(usable, first, -np.inf), keep)
    return settled.take(chosen) if len(chosen) else None


def said(problem: Problem, settled: Settled) -> Array:
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
    """Distinct hypotheses with their log odds against "none of these", best first."""
    return speaking(problem, weighed(problem, rng))


def weighed(
    problem: Problem, rng: np.random.Generator, *, tries: int = 90_000, rough: int = ROUGH_KEPT, keep: int = WEIGHED
) -> Weighed | None:
    """Settled placements with their weights; ``None`` where there is none.

    Parameters
    ----------
    problem, rng
        What is searched, and a seeded generator.
    tries, rough, keep
        As for ``settled_pool``.
    """
    weighing = ranker_of(problem)
    if is_few(problem):
        ways = few_ways(problem)
        table, weight = traits(problem, ways.settled), ways.weight / weighing.temperature
        return Weighed(ways.settled, table, weight + said(problem, ways.settled))
    settled = settled_pool(problem, rng, tries=tries, rough=rough, keep=keep)
    if settled is None:
        return None
    table = traits(problem, settled)
    return Weighed(settled, table, weighing.score(table, parts(problem, settled)) + said(problem, settled))


def speaking(problem: Problem, found: Weighed | None) -> tuple[Hypothesis, ...]:
    """Distinct hypotheses, best first: each speaks for all settled placements about it, its pairs do best on these."""
    if found is None:
        return ()
    weighing, settled, heated = ranker_of(problem), found.settled, found.heated
    radius = np.abs(settled.bend.factor)
    joined = agreed(settled.mean, radius, settled.near, settled.share, heated, len(problem.ground), KEEP)
    signs = signs_of(joined, heated, found.table)
    odds = (
        odds_of_every_way(weighing, joined, signs)
        if is_few(problem)
        else weighing.present.above_none(signs, joined.weight)
    )
    led = hypotheses_of(problem, settled.take(best_fitting(problem, settled, heated, joined)), odds)
    return tuple(one.averaged(share) for one, share in zip(led, joined.share, strict=True))


def best_fitting(problem: Problem, settled: Settled, heated: Array, joined: Agreed) -> Index:
    """For each leader the settled placement by whose transform it is drawn, (c,).

    Of its own close by and nearly as heavy it is the one whose things lie nearest their partners: of two that pair
    alike one may have settled at a turn or scale that is a little off.
    """
    place = to_complex(problem.ground.xy)[settled.near]
    radius = np.abs(settled.bend.factor)
    off = (settled.share * np.abs(settled.mean[:, :, None] - place) ** 2).sum(axis=(1, 2))
    off /= np.maximum(settled.share.sum(axis=(1, 2)), 1e-9) * radius**2
    out = []
    for number, one in enumerate(joined.leaders):
        apart = np.sqrt((np.abs(settled.mean - settled.mean[one]) ** 2).mean(axis=1) / (radius * radius[one]))
        usable = (joined.member == number) & (apart <= _BESIDE) & (heated >= heated[one] - _LIGHTER)
        out.append(int(np.argmin(np.where(usable, off, np.inf))))
    return np.array(out, dtype=np.int64)


def odds_of_every_way(weighing: Ranker, joined: Agreed, signs: Array) -> Array:
    """Log odds of placements against none of them where every way of pairing was weighed, (c,).

    Then the share of all weight that lies nearest a placement is its probability if any is right, and the first is no
    likelier: of two ways to lay a symmetrical plan neither is likelier than not. Sixty searched placements are too
    rough a sample for that.
    """
    return weighing.present.above_none(signs, joined.own, max(float(joined.own[0]), 1e-9))


def signs_of(joined: Agreed, heated: Array, table: Array) -> Array:
    """What tells whether the first placement is right, (len(SIGNS),).

    Parameters
    ----------
    joined
        Placements, first the first.
    heated, table
        Log weights and traits of all settled ones.
    """
    drawn, many = joined.share.shape[1:]
    pairs, reached = expected_best(joined.share[0])
    made = np.flatnonzero(pairs >= 0)
    found = float(joined.share[0, made, pairs[made]].sum())
    rivals = math.log(max(float(joined.weight[0]), 1e-9))
    looks = float(table[joined.leaders[0], _LOOKS].sum())
    signs = total(heated), rivals, reached, found, found / drawn, looks, math.log(drawn), math.log(many)
    return np.array(signs, dtype=np.float64)


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
    ways: dict[tuple[int, ...], int] = {}
    for number, group in enumerate(pools):
        for lead, pool in enumerate(group):
            for seed in pool.found:
                picked, logit = _completed(group, lead, seed)
                key = (number, *(id(picked[k]) for k in sorted(picked)))
                ways[key] = ways.get(key, 0) + 1
                if key not in out:
                    out[key] = Joint({names[k]: (group[k], one) for k, one in sorted(picked.items())}, logit)
    # What every sketch leads to counts once; what one alone leads to, a share: else chance would be counted oftener.
    joints = [replace(joint, logit=joint.logit + math.log(ways[key] / len(joint.parts))) for key, joint in out.items()]
    return sorted(joints, key=lambda joint: -joint.logit)


def _completed(group: Sequence[Pool], lead: int, seed: Hypothesis) -> tuple[dict[int, Hypothesis], float]:
    """The best hypothesis of every other sketch beside a seed, and the whole's evidence."""
    picked = {lead: seed}
    logit = seed.score
    for other, pool in enumerate(group):
        if other == lead or not pool.found:
            continue
        gains = [
            one.score + float(np.mean([_agreement((group[k], mine), (pool, one)) for k, mine in picked.items()]))
            for one in pool.found
        ]
        best = int(np.argmax(gains))
        picked[other] = pool.found[best]
        logit += gains[best]
    return picked, logit / len(picked) ** _ALIKE


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
    sketches = 1 if joints[0].pooled else max(len(joint.parts) for joint in joints)
    none = math.log(max(groups, 1)) + _SEVERAL * (sketches - 1) if not told else joints[0].logit - 4.0
    logits = np.array([*(joint.logit for joint in joints), none])
    weight = np.exp(logits - logits.max())
    share = weight / weight.sum()
    return [float(one) for one in share[:-1]], float(share[-1])
