"""From refined hypotheses to ranked placements: near-duplicates joined, decoys tried, sketches combined, probabilities.

The same search is run on decoys: the sketch mirrored, and stretched, so that rows stay rows. What a decoy reaches is
what chance reaches here, and "none of these" stands above that level. Evidence is compared after subtracting it, so
that a crowded compound has no advantage.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from shapely.affinity import scale as stretched

from geoinv.facilities.match_evidence import Problem
from geoinv.facilities.match_items import Drawn, Line
from geoinv.facilities.match_refine import Hypothesis, refine
from geoinv.facilities.match_search import hypotheses

__all__ = ["Joint", "Pool", "chance_level", "joint_placements", "mirrored", "probabilities", "search"]

Array = NDArray[np.float64]

#: Placements kept per sketch and group.
KEEP = 24
#: Rivals worth keeping for the imagery to judge, even where the sketch alone seems sure.
ENOUGH = 12
#: How much longer than wide decoys are made.
STRETCH = 1.4
#: Log odds per unit of log probability, and how far above chance "none of these" stands; fitted on generated compounds
#: (docs/methods/match.md).
TEMPERATURE, ABOVE_CHANCE = 1.2, 4.5


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
        Mean best score of the decoys.
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


def search(problem: Problem, rng: np.random.Generator) -> tuple[Hypothesis, ...]:
    """Distinct refined hypotheses, best first."""
    if not len(problem.drawn) or not len(problem.ground):
        return ()
    rough = hypotheses(problem, rng, keep=110)
    seen: set[tuple[int, bytes]] = set()
    kept = _distinct(problem, (), [refine(problem, g, t, seen) for g, t in rough])
    if len(kept) < ENOUGH:
        # Where one basin draws everything in, the rivals are what was rough and went one step only.
        kept = _distinct(problem, kept, [refine(problem, g, t, seen, rounds=()) for g, t in rough])
    return tuple(sorted(kept, key=lambda one: -one.score))


def _distinct(
    problem: Problem, kept: Sequence[Hypothesis], more: Sequence[Hypothesis | None]
) -> tuple[Hypothesis, ...]:
    """The best of every group of hypotheses that are but a nudge apart, those already kept first."""
    out = list(kept)
    for one in sorted((one for one in more if one is not None), key=lambda one: -one.score):
        if all(_apart(problem, one, other) for other in out):
            out.append(one)
        if len(out) == KEEP:
            break
    return tuple(out)


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


def chance_level(problem: Problem, rng: np.random.Generator) -> float:
    """What mirrored and stretched versions of the sketch reach: halfway between their mean and their best score."""
    best: list[float] = []
    if not len(problem.drawn) or not len(problem.ground):
        return 0.0
    axis = _long_axis(problem.drawn)
    turned = [_bent(problem.drawn, axis + turn) for turn in (0.0, math.pi / 2)]
    for drawn in (mirrored(problem.drawn), *turned):
        decoy = replace(problem, drawn=drawn, ties=())
        seen: set[tuple[int, bytes]] = set()
        found = [refine(decoy, g, t, seen) for g, t in hypotheses(decoy, rng, tries=45_000, keep=40)]
        scores = [one.score for one in found if one is not None]
        best += [max(scores)] if scores else []
    return float(np.mean(best) + np.max(best)) / 2 if best else 0.0


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
    logit = (seed.score - group[lead].chance) / TEMPERATURE
    for other, pool in enumerate(group):
        if other == lead or not pool.found:
            continue
        gains = [
            (one.score - pool.chance) / TEMPERATURE
            + float(np.mean([_agreement((group[k], mine), (pool, one)) for k, mine in picked.items()]))
            for one in pool.found
        ]
        best = int(np.argmax(gains))
        picked[other] = pool.found[best]
        logit += gains[best]
    return picked, logit


def probabilities(joints: Sequence[Joint], *, told: bool) -> tuple[list[float], float]:
    """Probabilities of the placements and of none of them; they add to 1.

    Parameters
    ----------
    told
        Whether a person placed the sketch (two ties or more, or a transform): then hardly anything is left for "none".
    """
    if not joints:
        return [], 1.0
    none = ABOVE_CHANCE / TEMPERATURE if not told else joints[0].logit - 4.0
    logits = np.array([*(joint.logit for joint in joints), none])
    weight = np.exp(logits - logits.max())
    share = weight / weight.sum()
    return [float(one) for one in share[:-1]], float(share[-1])
