"""Where drawings of one place lie together: laid on each other first, then on the ground, and weighed as one.

What one witness drew is likelier among what another drew than among all outlines of a town: drawings are laid on each
other much more surely than on the ground. A placement of one is therefore a placement of all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geoinv.facilities.match_agreed import Agreed, agreed
from geoinv.facilities.match_evidence import Problem, to_complex
from geoinv.facilities.match_items import Drawn
from geoinv.facilities.match_parts import parts
from geoinv.facilities.match_placed import hypotheses_of
from geoinv.facilities.match_pooled import Witnesses, likeness, settle_together
from geoinv.facilities.match_rank import (
    KEEP,
    Joint,
    Pool,
    Weighed,
    best_fitting,
    joint_placements,
    said,
    signs_of,
    speaking,
    weighed,
)
from geoinv.facilities.match_ranker import SIGNS, pooled_ranker, ranker
from geoinv.facilities.match_search import rough_scores
from geoinv.facilities.match_settle import Settled
from geoinv.facilities.match_traits import traits

__all__ = ["Arranged", "Together", "arranged", "may_be_pooled", "pooled_placements", "settled_together", "witnesses_of"]

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

#: Fewer things than this are laid on another drawing in any way.
_LEAST = 3
#: Random pairs, rough and distinct placements of one drawing on another, and how many of them are looked at.
_TRIES, _ROUGH, _KEPT, _LOOKED = 8_000, 60, 30, 6
#: Of many drawings these, with most on them, are laid on all others; the rest only on these.
_ROOTS = 4
#: Arrangements of all drawings among themselves that are tried, those kept on the way, and how near, in radii, two are
#: the same.
_ARRANGED, _BEAM, _ALIKE = 6, 12, 0.2
#: Two drawings laid on a third and on each other agree by a normal law of how far apart they come (radii); against
#: this chance.
_AGREE, _CHANCE = 0.4, 0.01
#: Joint placements settled, of one compound and at least of each of several; how near two rough ones are the same; what
#: the arrangement's log weight counts beside the rough evidence.
_SETTLED, _SETTLED_LEAST, _SAME, _ARRANGEMENT = 64, 16, 0.3, 2.0
#: The drawings' evidence is summed and divided by this power of their number: all are drawn to the same outlines, and
#: each one's was already weighed with what the others say.
_TOGETHER = 0.8
#: Log odds where no drawing comes to anything.
_HOPELESS = 30.0


@dataclass(frozen=True)
class Arranged:
    """A way all drawings lie to each other.

    Attributes
    ----------
    g, t
        Similarities into the first drawing's frame, (s,).
    weight
        Logarithm of how well it goes together, against other ways.
    """

    g: Complex
    t: Complex
    weight: float


@dataclass(frozen=True)
class Together:
    """h joint placements of s drawings, settled and weighed.

    Attributes
    ----------
    settled, tables
        For each drawing, with its traits.
    heated
        Log weights, (h,).
    joined
        For each drawing, the same leaders in each.
    """

    settled: list[Settled]
    tables: list[Array]
    heated: Array
    joined: list[Agreed]

    @property
    def signs(self) -> Array:
        """What tells whether the first is right, in the order of ``SIGNS``: means over drawings, sums of counts."""
        rows = zip(self.joined, self.tables, strict=True)
        each = np.array([signs_of(joined, self.heated, table) for joined, table in rows])
        out: Array = each.mean(axis=0)
        for name in ("found", "looks"):
            out[SIGNS.index(name)] = each[:, SIGNS.index(name)].sum()
        out[SIGNS.index("drawn")] = math.log(np.exp(each[:, SIGNS.index("drawn")]).sum())
        return out


def may_be_pooled(problems: Sequence[Problem]) -> bool:
    """Whether drawings can be laid on each other: several, each of a few things with sizes."""
    return len(problems) > 1 and all(
        problem.sized and len(problem.drawn) >= _LEAST and len(problem.ground) for problem in problems
    )


def witnesses_of(problems: Sequence[Problem], apart: NDArray[np.bool_]) -> Witnesses:
    """Drawings with how each may lie on others; ``apart`` (s, s) as in ``Witnesses``."""
    many = sorted(range(len(problems)), key=lambda k: (-len(problems[k].drawn), k))[:_ROOTS]
    alike = {
        (a, b): likeness(problems[a].drawn, problems[b].drawn)
        for b in range(len(problems))
        for a in range(b)
        if a in many or b in many
    }
    return Witnesses(tuple(problems), alike, apart)


def arranged(witnesses: Witnesses, rng: np.random.Generator) -> list[Arranged]:
    """The likeliest ways in which the drawings lie to each other, best first.

    Parameters
    ----------
    witnesses
        The drawings.
    rng
        Seeded generator.
    """
    laid = _laid(witnesses, rng)
    drawn = [problem.drawn for problem in witnesses.problems]
    found: list[Arranged] = []
    for root in range(len(drawn)):
        if all((other, root) in laid for other in range(len(drawn)) if other != root):
            found += _about(drawn, laid, root)
    found.sort(key=lambda one: -one.weight)
    out: list[Arranged] = []
    for one in found:
        if all(_farthest(drawn, one, other) > _ALIKE for other in out):
            out.append(one)
        if len(out) == _ARRANGED:
            break
    return out


#: One drawing on another: similarities and the logarithm of their shares, each (r,).
_Laid = dict[tuple[int, int], tuple[Complex, Complex, Array]]


def _laid(witnesses: Witnesses, rng: np.random.Generator) -> _Laid:
    """Every two drawings on each other, both ways."""
    out: _Laid = {}
    for (a, b), problem in sorted(witnesses.alike.items()):
        found = weighed(problem, rng, tries=_TRIES, rough=_ROUGH, keep=_KEPT)
        if found is None:
            continue
        settled = found.settled
        radius = np.abs(settled.bend.factor)
        joined = agreed(settled.mean, radius, settled.near, settled.share, found.heated, len(problem.ground), KEEP)
        g, t = _similarities(problem, settled.take(joined.leaders[:_LOOKED]))
        weight = np.log(np.maximum(joined.weight[:_LOOKED], 1e-6))
        out[a, b] = g, t, weight
        out[b, a] = 1 / g, -t / g, weight
    return out


def _similarities(problem: Problem, settled: Settled) -> tuple[Complex, Complex]:
    g = settled.bend.factor / problem.drawn.radius
    return g, settled.bend.middle - g * complex(*problem.drawn.centre)


def _off(drawn: Drawn, g: complex, t: complex, others: Complex, shifts: Complex) -> Array:
    """How far a similarity and each of others (r,) put the drawn things apart, in radii (root mean square)."""
    z = to_complex(drawn.xy)
    apart = np.abs((others - g)[:, None] * z + (shifts - t)[:, None])
    out: Array = np.sqrt((apart**2).mean(axis=1)) / (np.sqrt(np.abs(g) * np.abs(others)) * drawn.radius)
    return out


def _about(drawn: Sequence[Drawn], laid: _Laid, root: int) -> list[Arranged]:
    """Arrangements in which every drawing lies on the root as it does by itself, the likeliest (beam search)."""
    ways: list[tuple[dict[int, tuple[complex, complex]], float]] = [({root: (1 + 0j, 0j)}, 0.0)]
    for number in range(len(drawn)):
        if number == root:
            continue
        longer = []
        for placed, weight in ways:
            for g, t, own in zip(*laid[number, root], strict=True):
                more = weight + float(own)
                for other, (scale, shift) in placed.items():
                    if other != root and (number, other) in laid:
                        there = _off(drawn[number], g / scale, (t - shift) / scale, *laid[number, other][:2])
                        shares = np.exp(laid[number, other][2] - 0.5 * (there / _AGREE) ** 2)
                        more += math.log(float(shares.sum()) + _CHANCE)
                longer.append(({**placed, number: (complex(g), complex(t))}, more))
        ways = sorted(longer, key=lambda one: -one[1])[:_BEAM]
    return [_in_first(placed, weight) for placed, weight in ways]


def _in_first(placed: dict[int, tuple[complex, complex]], weight: float) -> Arranged:
    scale, shift = placed[0]
    g = np.array([placed[k][0] / scale for k in range(len(placed))])
    return Arranged(g, np.array([(placed[k][1] - shift) / scale for k in range(len(placed))]), weight)


def _farthest(drawn: Sequence[Drawn], one: Arranged, other: Arranged) -> float:
    rows = zip(drawn, one.g, one.t, other.g, other.t, strict=True)
    return max(float(_off(own, g, t, np.array([a]), np.array([b]))[0]) for own, g, t, a, b in rows)


def settled_together(
    witnesses: Witnesses, pools: Sequence[Weighed | None], ways: Sequence[Arranged], keep: int = _SETTLED
) -> Together | None:
    """Joint placements, settled and weighed; ``None`` where there is none.

    Parameters
    ----------
    witnesses, pools
        The drawings with each one's own placements.
    ways
        How the drawings may lie to each other.
    keep
        How many are settled at most.
    """
    found = _seeds(witnesses, pools, ways, keep)
    if found is None:
        return None
    settled = settle_together(witnesses, *found)
    usable = np.flatnonzero(np.all([np.isfinite(one.mean).all(axis=1) for one in settled], axis=0))
    if not len(usable):
        return None
    settled = [one.take(usable) for one in settled]
    heated, tables = np.zeros(len(usable)), []
    for problem, one, share in zip(witnesses.problems, settled, witnesses.share, strict=True):
        tables.append(traits(problem, one))
        heated += share * (ranker("shapes").score(tables[-1], parts(problem, one)) + said(problem, one))
    heated /= witnesses.count**_TOGETHER
    mean = np.concatenate([one.mean for one in settled], axis=1)
    radius = np.exp(np.mean([np.log(np.abs(one.bend.factor)) for one in settled], axis=0))
    joined = [
        agreed(mean, radius, one.near, one.share, heated, len(problem.ground), KEEP)
        for problem, one in zip(witnesses.problems, settled, strict=True)
    ]
    return Together(settled, tables, heated, joined)


def _seeds(
    witnesses: Witnesses, pools: Sequence[Weighed | None], ways: Sequence[Arranged], keep: int
) -> tuple[Complex, Complex] | None:
    """Similarities of all drawings, (s, h): what any of them leads to by itself, the others arranged about it."""
    problems = witnesses.problems
    most = max(len(problem.ties) for problem in problems)
    gs, ts, weights = [], [], []
    for way in ways:
        for number, pool in enumerate(pools):
            # Where a person tied things, only the drawing with most ties leads.
            if pool is None or len(problems[number].ties) < most:
                continue
            g, t = _similarities(problems[number], pool.settled)
            first = g / way.g[number]
            shift = t - first * way.t[number]
            gs.append(first[None] * way.g[:, None])
            ts.append(first[None] * way.t[:, None] + shift[None])
            weights.append(np.full(len(g), way.weight))
    if not gs:
        return None
    g, t = np.concatenate(gs, axis=1), np.concatenate(ts, axis=1)
    rough = [rough_scores(problem, g[k], t[k]) for k, problem in enumerate(problems)]
    score = np.sum(rough, axis=0) / math.sqrt(len(problems)) + _ARRANGEMENT * np.concatenate(weights)
    chosen = _distinct(witnesses, g, t, score, keep)
    return g[:, chosen], t[:, chosen]


def _distinct(witnesses: Witnesses, g: Complex, t: Complex, score: Array, keep: int) -> list[int]:
    """Numbers of the best of each group of rough joint placements that lie nearly alike."""
    middle = np.array([g[k] * complex(*one.drawn.centre) + t[k] for k, one in enumerate(witnesses.problems)])
    arm = np.array([g[k] * one.drawn.radius for k, one in enumerate(witnesses.problems)])
    alive, out = np.isfinite(score), []
    for number in np.argsort(-score, kind="stable"):
        if not alive[number]:
            continue
        out.append(int(number))
        if len(out) == keep:
            break
        here, size = slice(number, number + 1), np.abs(arm[:, number, None]) ** 2
        apart = (np.abs(middle - middle[:, here]) ** 2 + np.abs(arm - arm[:, here]) ** 2) / size
        alive &= apart.mean(axis=0) > _SAME**2
    return out


def pooled_placements(
    groups: Sequence[tuple[Witnesses, Sequence[Weighed | None]]], names: Sequence[str], rng: np.random.Generator
) -> list[Joint]:
    """Placements of all drawings together, best first, on every group of outlines.

    Parameters
    ----------
    groups
        Per group of outlines the drawings, with each one's own placements.
    names
        The drawings' names.
    rng
        Seeded generator.
    """
    out: list[Joint] = []
    ways: dict[tuple[tuple[str, ...], ...], list[Arranged]] = {}
    keep = max(_SETTLED // len(groups), _SETTLED_LEAST)
    for witnesses, pools in groups:
        # How drawings lie to each other is the same on every ground, unless roads are things on one alone.
        key = tuple(problem.drawn.ids for problem in witnesses.problems)
        if key not in ways:
            ways[key] = arranged(witnesses, rng)
        found = settled_together(witnesses, pools, ways[key], keep)
        if found is not None:
            joints = _joints(witnesses, found, names)
            out += joints if len(groups) == 1 else _as_each_alone(joints, witnesses, pools, names)
    return sorted(out, key=lambda joint: -joint.logit)


def _as_each_alone(
    joints: Sequence[Joint], witnesses: Witnesses, pools: Sequence[Weighed | None], names: Sequence[str]
) -> list[Joint]:
    """Placements on one of several compounds, the first as likely as what the drawings come to each alone there.

    Drawings that settle together agree on a wrong compound too: which one it is, each says for itself.
    """
    alone = [
        Pool(problem, speaking(problem, pool), ranker("shapes"))
        for problem, pool in zip(witnesses.problems, pools, strict=True)
    ]
    best = max((joint.logit for joint in joint_placements([alone], names)), default=-_HOPELESS)
    return [replace(joint, logit=joint.logit - joints[0].logit + best, pooled=False) for joint in joints]


def _joints(witnesses: Witnesses, found: Together, names: Sequence[str]) -> list[Joint]:
    weighing = pooled_ranker()
    odds = weighing.present.above_none(found.signs, found.joined[0].weight)
    pools = []
    for problem, settled, joined in zip(witnesses.problems, found.settled, found.joined, strict=True):
        led = hypotheses_of(problem, settled.take(best_fitting(problem, settled, found.heated, joined)), odds)
        own = tuple(one.averaged(share) for one, share in zip(led, joined.share, strict=True))
        pools.append(Pool(problem, own, weighing))
    return [
        Joint({name: (pool, pool.found[k]) for name, pool in zip(names, pools, strict=True)}, float(logit), pooled=True)
        for k, logit in enumerate(odds)
    ]
