"""Drawings of one place settle together: what one shows of a building helps to place the others' drawings of it.

Memories err apart: where two witnesses draw one building, an outline must suit both, and where one has it beside an
outline, the other is bent towards that. Which drawn things are one building is itself only probable, by where they
come to lie, by size, sides, direction and name, and is found with the pairs (expectation and maximisation in turn:
Dempster, Laird and Rubin 1977).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import MultiPoint

from geoinv.facilities.match_bend import OWN
from geoinv.facilities.match_evidence import Problem, to_complex
from geoinv.facilities.match_items import Drawn, Ground
from geoinv.facilities.match_kinds import Spreads, fixed_kinds, kinds
from geoinv.facilities.match_settle import WIDENED, Settled, Settling, place_odds, with_odds

__all__ = ["Witnesses", "likeness", "settle_together"]

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Index = NDArray[np.int64]

#: Share of what one witness drew that another drew as well.
_BOTH = 0.65
#: What others say against a pair counts no more than this, as a likelihood ratio: that two drawn things are one
#: building is never certain.
_AGAINST = 0.1
#: Likelihood ratios of one drawn thing on one outline, as logarithms, are held to this.
_HELD = 8.0
#: How far about its outermost centres a drawing reaches, in radii.
_MARGIN = 0.3


@dataclass(frozen=True)
class Witnesses:
    """Drawings of one place on one ground.

    Attributes
    ----------
    problems
        One for each drawing.
    alike
        First of two drawings and second, first < second → the first to be laid on the second (``likeness``).
    apart
        Whether two drawings are by witnesses independent of each other, (s, s): only then does one speak for the other.
    """

    problems: tuple[Problem, ...]
    alike: Mapping[tuple[int, int], Problem]
    apart: NDArray[np.bool_]

    @property
    def count(self) -> float:
        """How many independent witnesses there are: drawings of one count once."""
        return float((1.0 / (~self.apart).sum(axis=1)).sum())

    @property
    def share(self) -> Array:
        """What each drawing weighs beside the others of its witness, (s,)."""
        out: Array = 1.0 / (~self.apart).sum(axis=1)
        return out


def likeness(one: Drawn, other: Drawn) -> Problem:
    """One drawing to be laid on another, in the other's drawing units, as if that were the ground."""
    reach = max(_MARGIN * other.radius, 1e-9)
    area = float(MultiPoint(other.xy).convex_hull.buffer(reach).area)
    ground = Ground(
        ids=other.ids,
        roles=tuple("" if role == "building" else role for role in other.roles),
        words=other.words,
        xy=other.xy,
        log_area=other.log_area,
        angle=other.angle,
        elongation=other.elongation,
        existence=np.ones(len(other)),
        density=len(other) / area,
        area_m2=area,
    )
    scale = float(np.exp((np.nanmedian(other.log_area) - np.nanmedian(one.log_area)) / 2))
    # Lengths said and north are of the ground: of another drawing only the two norths' difference is known.
    nothing = np.full((len(one), 2), np.nan)
    north = None if one.north is None or other.north is None else one.north - other.north
    return Problem(
        replace(one, north=north, said_sides=nothing, said_errors=nothing, said_scale=None), ground, scale, sized=True
    )


def settle_together(witnesses: Witnesses, g: Complex, t: Complex) -> list[Settled]:
    """Settle h joint placements, each a similarity for every drawing.

    Parameters
    ----------
    witnesses
        The drawings.
    g, t
        Similarities ``z → g·z + t``, (s, h).

    Returns
    -------
    list of Settled
        One for each drawing; their pairs are those that all drawings together make likely.
    """
    whole = [Settling.rough(problem, *one) for problem, *one in zip(witnesses.problems, g, t, strict=True)]
    for widened in WIDENED:
        alone = [one.paired(widened) for one in whole]
        links = _links(witnesses, whole, widened)
        told = _told(witnesses, whole, alone, links, widened)
        pulls = [_pull(whole, links, number, now) for number, now in enumerate(told)]
        for one, now, pull in zip(whole, told, pulls, strict=True):
            one.move(now, pull)
    return _told(witnesses, whole, [one.paired() for one in whole], _links(witnesses, whole, 1.0), 1.0)


def _links(witnesses: Witnesses, whole: Sequence[Settling], widened: float) -> dict[tuple[int, int], Array]:
    """How probably things of two independent drawings are one building, (h, n, n'), for both orders of the two."""
    out: dict[tuple[int, int], Array] = {}
    for (a, b), both in sorted(witnesses.alike.items()):
        if not witnesses.apart[a, b]:
            continue
        odds = np.exp(np.clip(_same(both, whole[a], whole[b], widened), -30.0, 30.0))
        rows, columns = odds.sum(axis=2, keepdims=True), odds.sum(axis=1, keepdims=True)
        out[a, b] = odds / (1.0 + rows + columns - odds)
        out[b, a] = out[a, b].transpose(0, 2, 1)
    return out


def _same(both: Problem, one: Settling, other: Settling, widened: float) -> Array:
    """Log odds that things of two drawings are one building, (h, n, n')."""
    scale, size = (np.abs(each.factor) / each.problem.drawn.radius for each in (one, other))
    apart = np.abs(one.things[:, :, None] - other.things[:, None, :])
    wide = (one.variance[:, :, None] + other.variance[:, None, :]) * widened
    usual = both.usual_places[None, :] - 2 * np.log(size)[:, None]
    odds = place_odds(apart, wide, usual[:, None, :])
    mine, theirs = one.spreads, other.spreads
    spreads = Spreads(
        np.hypot(mine.size, theirs.size),
        np.hypot(mine.ratio, theirs.ratio),
        np.hypot(mine.turn, theirs.turn),
        mine.grown - theirs.grown,
    )
    i, j = np.arange(len(both.drawn))[None, :, None], np.arange(len(both.ground))[None, None, :]
    turn = np.angle(one.factor) - np.angle(other.factor)
    looks = kinds(both, (scale / size)[:, None, None], turn[:, None, None], spreads, i, j)
    out: Array = odds + looks.total + fixed_kinds(both)[None] + np.log(_BOTH / (1 - _BOTH))
    return out


def _told(
    witnesses: Witnesses,
    whole: Sequence[Settling],
    alone: Sequence[Settled],
    links: Mapping[tuple[int, int], Array],
    widened: float,
) -> list[Settled]:
    """Pairs of every drawing with what the others say of the same outlines."""
    says = [_says(one, widened) for one in whole]
    out = []
    for a, now in enumerate(alone):
        odds = now.odds.copy()
        for b, other in enumerate(whole):
            if (a, b) not in links:
                continue
            link = links[a, b]
            rest = np.maximum(1.0 - link.sum(axis=2, keepdims=True), 0.0)
            ratio = rest + link @ _on(says[b], other.problem.ground, whole[a].problem.ground)
            odds += np.log(np.maximum(np.take_along_axis(ratio, now.near, axis=2), _AGAINST))
        out.append(with_odds(whole[a].problem, now, odds))
    return out


def _says(one: Settling, widened: float) -> Array:
    """Likelihood ratio of every drawn thing on every outline against any outline, (h, n, m)."""
    problem = one.problem
    ground = to_complex(problem.ground.xy)
    wide = (one.variance * widened)[:, :, None]
    apart = np.abs(one.things[:, :, None] - ground[None, None])
    odds = place_odds(apart, wide, problem.usual_places[None, None])
    i, j = np.arange(len(problem.drawn))[None, :, None], np.arange(len(ground))[None, None, :]
    scale = np.abs(one.factor) / problem.drawn.radius
    looks = kinds(problem, scale[:, None, None], np.angle(one.factor)[:, None, None], one.spreads, i, j)
    out: Array = np.exp(np.clip(odds + looks.total + one.fixed[None], -_HELD, _HELD))
    return out


def _on(ratio: Array, own: Ground, other: Ground) -> Array:
    """Ratios for the outlines another drawing is laid on: where what is known of the place left some out, little."""
    if own.ids == other.ids:
        return ratio
    at = {name: index for index, name in enumerate(own.ids)}
    index = np.array([at.get(name, -1) for name in other.ids])
    return np.where(index >= 0, ratio[:, :, index], np.exp(-_HELD))


def _pull(
    whole: Sequence[Settling], links: Mapping[tuple[int, int], Array], number: int, now: Settled
) -> tuple[Complex, Array]:
    """Where the others put what a drawing shows and no outline is found for, and weights, each (h, n)."""
    own = ((OWN * whole[number].radius) ** 2)[:, None, None]
    place = np.zeros(now.mean.shape, dtype=np.complex128)
    weight = np.zeros(now.mean.shape)
    for b, other in enumerate(whole):
        if (number, b) in links:
            each = links[number, b] * own / (own + other.variance[:, None, :])
            place += (each * other.things[:, None, :]).sum(axis=2)
            weight += each.sum(axis=2)
    left = np.clip(1.0 - now.share.sum(axis=2), 0.0, 1.0)
    return place / np.maximum(weight, 1e-12), left * weight
