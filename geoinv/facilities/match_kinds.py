"""Whether a drawn thing looks like a candidate: names, sizes, ratio of sides, direction, each as log odds.

Odds are of "this is it" against "any candidate": what is common among the candidates says little.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geoinv.facilities.match_evidence import Problem
from geoinv.facilities.match_items import APART, Drawn, Ground, same_words

__all__ = ["Kinds", "Spreads", "fixed_kinds", "kinds", "named"]

Array = NDArray[np.float64]
Index = NDArray[np.int64]

#: Weights of size, ratio of sides and direction, fitted to pairs of generated cases (docs/methods/match.md).
_SIZE, _RATIO = 0.9, 0.8
#: Direction where everything is drawn along the page: which of two ways a thing lies may still be told.
_PAGE = 0.45
#: Share of drawn directions that mean nothing.
_LOST = 0.2
#: Degrees of freedom of the laws of sizes and ratios (Student's t), whose tails hold what was drawn quite wrongly.
_TAIL = 4.0
#: Standard error of the logarithm of an outline's side, where one that was said is held against it.
_OUTLINED = 0.08
#: Share of named things whose candidate bears the same name, another name, no name.
_SAME, _OTHER, _NONE = 0.6, 0.08, 0.32
#: Share of nameless drawn things whose candidate bears a name.
_SILENT = 0.06


@dataclass(frozen=True)
class Spreads:
    """What one sketch does to looks in each of h placements, shape (h, 1, 1).

    Attributes
    ----------
    size, ratio, turn
        Standard errors of log areas, log ratios, directions.
    grown
        By how much all is drawn larger than the layout's scale says, log area.
    """

    size: Array
    ratio: Array
    turn: Array
    grown: Array

    @classmethod
    def usual(cls, count: int) -> Spreads:
        """What is expected before looking."""
        size, ratio, turn = (np.full((count, 1, 1), value) for value in _USUAL)
        return cls(size, ratio, turn, np.zeros((count, 1, 1)))

    def learned(self, seen: Kinds, share: Array) -> Spreads:
        """Spreads after looking at pairs that hold with probability ``share``, (h, n, k)."""
        grown = _grown(seen.off_size, share)
        rows = zip((seen.off_size - grown, seen.off_ratio, seen.off_turn), _USUAL, _BOUNDS, strict=True)
        size, ratio, turn = (_spread(off, share, usual, bounds) for off, usual, bounds in rows)
        return Spreads(size, ratio, turn, grown)


#: Usual spreads, and the least and largest thought possible.
_USUAL = (0.5, 0.35, 0.2)
_BOUNDS = ((0.15, 1.0), (0.1, 0.8), (0.05, 0.5))
#: What the usual spreads weigh, in pairs; what no growth weighs.
_HELD, _HELD_GROWN = 6.0, 2.0


def _grown(off: Array, share: Array) -> Array:
    """By how much all is drawn larger than the layout's scale says (log area), held to nothing, (h, 1, 1)."""
    known = np.isfinite(off)
    weight = np.where(known, share, 0.0)
    more = (weight * np.where(known, np.clip(off, -1.5, 1.5), 0.0)).sum(axis=(1, 2))
    out: Array = (more / (_HELD_GROWN + weight.sum(axis=(1, 2))))[:, None, None]
    return out


def _spread(off: Array, share: Array, usual: float, bounds: tuple[float, float]) -> Array:
    known = np.isfinite(off)
    weight = np.where(known, share, 0.0)
    square = np.where(known, np.minimum(off**2, (2.5 * usual) ** 2), 0.0)
    variance = (_HELD * usual**2 + (weight * square).sum(axis=(1, 2))) / (_HELD + weight.sum(axis=(1, 2)))
    out: Array = np.sqrt(np.clip(variance, bounds[0] ** 2, bounds[1] ** 2))[:, None, None]
    return out


@dataclass(frozen=True)
class Kinds:
    """Log odds by kind, (h, n, k), and how far off each pair is: log area, log ratio, radians; NaN where unknown."""

    size: Array
    ratio: Array
    turn: Array
    off_size: Array
    off_ratio: Array
    off_turn: Array

    @property
    def total(self) -> Array:
        """Weighted sum of the three."""
        out: Array = _SIZE * self.size + _RATIO * self.ratio + self.turn
        return out


def kinds(problem: Problem, scale: Array, turn: Array, spreads: Spreads, i: Index, j: Index) -> Kinds:
    """What size, ratio of sides and direction say of drawn things ``i`` on candidates ``j``.

    Parameters
    ----------
    scale, turn
        Metres per drawing unit, and rotation in radians; broadcast with the indices.
    """
    drawn, ground = problem.drawn, problem.ground
    off_size = drawn.log_area[i] + 2 * np.log(scale) - ground.log_area[j]
    known = np.isfinite(drawn.log_area[i]) & np.isfinite(ground.log_area[j])
    off_ratio = np.where(known, np.log(drawn.elongation)[i] - np.log(ground.elongation)[j], np.nan)
    off_turn, fold = _off_turn(drawn, ground, turn, i, j)
    larger = _student(off_size - spreads.grown, spreads.size) - problem.usual_sizes[j]
    size = np.where(known, np.clip(larger, -5.0, 4.0), 0.0) + _said_size(problem, i, j)
    ratio = np.where(known, np.clip(_student(off_ratio, spreads.ratio) - problem.usual_ratios[j], -4.0, 3.0), 0.0)
    inside = np.exp(-0.5 * (off_turn / spreads.turn) ** 2) * np.pi / (fold * spreads.turn * math.sqrt(2 * np.pi))
    odds = np.log((1 - _LOST) * inside + _LOST) * (_PAGE if drawn.parallel else 1.0)
    return Kinds(size, ratio, np.where(np.isfinite(off_turn), odds, 0.0), off_size, off_ratio, off_turn)


def _said_size(problem: Problem, i: Index, j: Index) -> Array:
    """What sizes that were said of drawn things say of candidates, as log odds; 0 where none was.

    They need no scale, and no spread learned from how things were drawn. Drawn and said sizes err independently.
    """
    if not np.isfinite(problem.drawn.said_sides).any():
        return np.zeros(np.broadcast_shapes(i.shape, j.shape))
    errors = np.hypot(problem.drawn.said_errors[i], _OUTLINED)
    odds = _student(problem.drawn.said_sides[i] - problem.ground.sides[j], errors) - problem.usual_sides[j]
    out: Array = np.clip(np.where(np.isfinite(odds), odds, 0.0), -4.0, 3.0).sum(axis=-1)
    return out


def _student(off: Array, spread: Array) -> Array:
    norm = math.lgamma((_TAIL + 1) / 2) - math.lgamma(_TAIL / 2) - 0.5 * math.log(_TAIL * math.pi)
    out: Array = norm - np.log(spread) - (_TAIL + 1) / 2 * np.log1p((off / spread) ** 2 / _TAIL)
    return out


def _off_turn(drawn: Drawn, ground: Ground, turn: Array, i: Index, j: Index) -> tuple[Array, Array]:
    """Difference of directions, and 2 where it is known but for a quarter turn only (nearly square things)."""
    fold = np.where((drawn.elongation[i] > 1.35) & (ground.elongation[j] > 1.35), 1.0, 2.0)
    difference = (drawn.angle[i] - ground.angle[j] + turn) * fold
    off = ((difference + np.pi / 2) % np.pi - np.pi / 2) / fold
    known = np.isfinite(off) & (drawn.elongation[i] > 1.1) & (ground.elongation[j] > 1.1)
    return np.where(known, off, np.nan), fold


def fixed_kinds(problem: Problem) -> Array:
    """Log odds that no placement changes: names, roles and existence, (n, m)."""
    existence = problem.ground.existence
    out: Array = named(problem.drawn, problem.ground) + np.log(existence / existence.mean())[None, :]
    return out


def named(drawn: Drawn, ground: Ground) -> Array:
    """Log odds from names and roles, (n, m): a name that many candidates bear says less than one that few do."""
    out = np.zeros((len(drawn), len(ground)))
    borne = np.array([bool(words) for words in ground.words])
    if borne.any():
        nameless = (len(ground) - borne.sum() + 0.5) / (len(ground) + 1.0)
        for i, words in enumerate(drawn.words):
            out[i] = _name_odds(words, ground, borne, float(nameless))
    roles = np.array([role or "other" for role in ground.roles], dtype=object)
    apart = np.isin(roles, sorted(APART))
    for i, role in enumerate(drawn.roles):
        unlike = (roles != role) & (apart | (role in APART))
        if unlike.any():
            words = drawn.words[i]
            unlike &= np.array([not (other and other == words) for other in ground.words])
            # A candidate without a role may be anything; one with another role is not this.
            out[i] -= np.where(unlike, np.where(roles == "other", 0.5, 6.0), 0.0)
    return out


def _name_odds(words: frozenset[str], ground: Ground, borne: NDArray[np.bool_], nameless: float) -> Array:
    """Log odds of one drawn thing's name over the candidates, (m,)."""
    if not words:
        silent = max(-2.0, math.log(_SILENT / max(1 - nameless, _SILENT)))
        return np.where(borne, silent, math.log((1 - _SILENT) / nameless))
    same = np.array([same_words(words, other) > 0.5 for other in ground.words])
    if not same.any():
        return np.where(borne, -1.5, 0.0)
    share = (same.sum() + 0.5) / (len(ground) + 1.0)
    other = math.log(_OTHER / max(1 - nameless, _OTHER))
    out: Array = np.where(same, math.log(_SAME / min(share, _SAME)), np.where(borne, other, math.log(_NONE / nameless)))
    return out
