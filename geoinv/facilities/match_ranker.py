"""The learned weighing of placements: a conditional logit (McFadden 1974) over rivals, and what chance reaches.

The numbers lie in ``data/match_ranker.json``, written by ``scripts/learn_match.py`` from generated cases.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from geoinv.facilities.match_traits import TRAITS

__all__ = ["Ranker", "ranker"]

Array = NDArray[np.float64]

#: Traits are held within so many standard deviations of what was learned from.
_WITHIN = 4.0


@dataclass(frozen=True)
class Ranker:
    """Weights of one kind of drawing.

    Attributes
    ----------
    middle, spread, weights
        Of the traits, each (len(TRAITS),).
    none
        The level at which "none of these" stands: constant, and what of the decoys' level it follows.
    temperature
        Log weights are divided by it.
    pairs
        Constant and slope that turn the log odds of a pair's marginal probability into calibrated ones.
    """

    middle: Array
    spread: Array
    weights: Array
    none: tuple[float, float]
    temperature: float
    pairs: tuple[float, float]

    def score(self, traits: Array) -> Array:
        """Log weights (h,) of placements with traits (h, len(TRAITS))."""
        out: Array = np.clip((traits - self.middle) / self.spread, -_WITHIN, _WITHIN) @ self.weights
        return out

    def above_none(self, score: float, chance: float) -> float:
        """Log odds of one placement against "none of these", given what decoys reach."""
        return score / self.temperature - self.none[0] - self.none[1] * chance

    def pair(self, share: Array, limit: float) -> Array:
        """Calibrated probabilities of pairs, never above ``limit``, from their marginal probabilities."""
        held = np.clip(share / max(limit, 1e-9), 1e-6, 1 - 1e-6)
        odds = self.pairs[0] + self.pairs[1] * np.log(held / (1 - held))
        return np.where(share > 0, limit / (1 + np.exp(-odds)), 0.0)


def total(scores: Array) -> float:
    """Logarithm of the sum of weights whose logarithms are given; −30 for none."""
    return float(np.logaddexp.reduce(scores)) if len(scores) else -30.0


@cache
def ranker(kind: str) -> Ranker:
    """The weighing for drawings of ``shapes`` or of ``points`` alone.

    Raises
    ------
    ValueError
        If the committed weights are of other traits than the code's.
    """
    data = json.loads(resources.files("geoinv.facilities").joinpath("data/match_ranker.json").read_text("utf-8"))[kind]
    if tuple(data["traits"]) != TRAITS:
        raise ValueError("data/match_ranker.json was learned with other traits: run scripts/learn_match.py again")
    middle, spread, weights = (np.array(data[name], dtype=np.float64) for name in ("middle", "spread", "weights"))
    level, slope = (float(value) for value in data["none"])
    constant, pull = (float(value) for value in data["pairs"])
    if not all(math.isfinite(value) for value in (*middle, *spread, *weights, level, slope, constant, pull)):
        raise ValueError("data/match_ranker.json holds a number that is none")
    return Ranker(middle, spread, weights, (level, slope), float(data["temperature"]), (constant, pull))
