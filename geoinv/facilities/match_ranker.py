"""The learned weighing of placements: a conditional logit (McFadden 1974) over rivals, and whether the first is right.

A placement's log weight is linear in its traits, and a sum over its pieces of a small network's answer to each (Zaheer
et al. 2017). The numbers lie in ``data/match_ranker.json``, written by ``scripts/learn_match.py`` from generated cases.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geoinv.facilities.match_parts import PARTS, Rows
from geoinv.facilities.match_traits import TRAITS

__all__ = ["SIGNS", "Layer", "Present", "Ranker", "pooled_ranker", "ranker", "ranker_from", "total"]

Array = NDArray[np.float64]

#: Traits, pieces and signs are held within so many standard deviations of what was learned from.
WITHIN = 4.0
#: What tells whether the first placement is right, in the order of the numbers.
SIGNS = (
    "weight",  # log of all weights
    "rivals",  # log share of the first and all about it, of all weight
    "expected",  # F1 expected of the first's pairs
    "found",  # pairs expected to be right
    "found_share",  # the same per drawn thing
    "looks",  # log odds of sizes, sides, directions and names: rows that only lie alike have little of it
    "drawn",  # log number of drawn things
    "many",  # log number of outlines
)
#: Log odds of the first placement where it must not be called likelier than not.
_UNSURE = -0.02
#: Few outlines leave few rivals, and the laws, learned where there were more, take that for certainty. Where there are
#: fewer than those learned from (by two standard deviations of their logarithm), and less than half of the drawn things
#: is expected to have been found, nothing is likelier than not.
_FEW, _FOUND = -2.0, 0.5


@dataclass(frozen=True)
class Layer:
    """What one kind of piece is worth: ``Σ outer · tanh(inner' z + shift)`` over its rows, z standardised."""

    middle: Array
    spread: Array
    inner: Array
    shift: Array
    outer: Array

    def worth(self, rows: Rows, count: int) -> Array:
        """Sums over the rows of ``count`` placements, (count,)."""
        values, owner = rows
        z = np.clip((values - self.middle) / self.spread, -WITHIN, WITHIN)
        each = np.tanh(z @ self.inner + self.shift) @ self.outer
        return np.bincount(owner, each, count).astype(np.float64)


@dataclass(frozen=True)
class Present:
    """Logistic laws of whether the first placement is right, and whether any that is kept is.

    Attributes
    ----------
    middle, spread
        Of the signs, each (len(SIGNS),).
    first, any
        Weights of the signs and a constant, each (len(SIGNS) + 1,).
    firm
        Log odds from which on a placement may be called likelier than not: where the drawn compound is not there, the
        first hardly ever reaches them.
    """

    middle: Array
    spread: Array
    first: Array
    any: Array
    firm: float

    def odds(self, signs: Array) -> tuple[float, float]:
        """Log odds that the first placement is right, and that any is."""
        z = np.append(np.clip((signs - self.middle) / self.spread, -WITHIN, WITHIN), 1.0)
        few = z[SIGNS.index("many")] < _FEW and signs[SIGNS.index("found_share")] < _FOUND
        most = _UNSURE if few else math.inf
        return min(float(z @ self.first), most), min(float(z @ self.any), most)

    def above_none(self, signs: Array, weight: Array, most: float = 1.0) -> Array:
        """Log odds of placements against "none of these", (c,), from their shares of all weight, first the first.

        The first is as likely as its law says, ``most`` at most; rivals share what is left until any is as likely as
        the other law says.
        """
        odds, some = self.odds(signs)
        first = min(_share(odds if odds > self.firm else min(odds, _UNSURE)), most)
        rest = weight[1:] / max(float(weight[1:].sum()), 1e-12)
        # No rival is likelier than the first.
        others = np.minimum(rest * max(_share(some) - first, 0.0), first * weight[1:] / weight[0])
        none = max(1.0 - first - float(others.sum()), 1e-9)
        out: Array = np.log(np.maximum(np.append(first, others), 1e-12) / none)
        return out


def _share(odds: float) -> float:
    return 1 / (1 + math.exp(-min(max(odds, -30.0), 30.0)))


@dataclass(frozen=True)
class Ranker:
    """Weights of one kind of drawing.

    Attributes
    ----------
    middle, spread, weights
        Of the traits, each (len(TRAITS),).
    layers
        Of the pieces, by kind; kinds that are not there are worth nothing.
    temperature
        Log weights are divided by it.
    present
        Whether the first placement is right, or any.
    pairs
        Constant, slope by a pair's marginal log odds, and slope by the log odds of any placement: calibrated log odds.
    """

    middle: Array
    spread: Array
    weights: Array
    layers: Mapping[str, Layer]
    temperature: float
    present: Present
    pairs: tuple[float, float, float]

    def score(self, traits: Array, parts: Mapping[str, Rows]) -> Array:
        """Log weights (h,) of placements with traits (h, len(TRAITS)) and pieces."""
        out: Array = np.clip((traits - self.middle) / self.spread, -WITHIN, WITHIN) @ self.weights
        for name, layer in self.layers.items():
            out = out + layer.worth(parts[name], len(traits))
        return out / self.temperature

    def pair(self, share: Array, limit: float) -> Array:
        """Calibrated probabilities of pairs from their marginal probabilities.

        Parameters
        ----------
        share, limit
            Marginal probabilities, and the probability of any placement.
        """
        top = min(max(limit, 1e-6), 1 - 1e-6)
        held = np.clip(share / top, 1e-6, 1 - 1e-6)
        constant, slope, pull = self.pairs
        odds = constant + slope * np.log(held / (1 - held)) + pull * min(math.log(top / (1 - top)), WITHIN)
        return np.where(share > 0, 1 / (1 + np.exp(-np.clip(odds, -30, 30))), 0.0)


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
    named = {"traits": list(TRAITS), "signs": list(SIGNS), "parts": {name: list(cols) for name, cols in PARTS.items()}}
    if any(data[name] != value for name, value in named.items()):
        raise ValueError("data/match_ranker.json was learned with other traits: run scripts/learn_match.py again")
    return ranker_from(data)


def ranker_from(data: Mapping[str, Any]) -> Ranker:
    """A weighing from its numbers as written in JSON.

    Raises
    ------
    ValueError
        If one of them is none.
    """
    layers = {name: Layer(**_arrays(one)) for name, one in data["layers"].items()}
    own = _arrays({name: data[name] for name in ("middle", "spread", "weights")})
    heat = float(data["temperature"])
    if not math.isfinite(heat):
        raise ValueError("data/match_ranker.json holds a number that is none")
    law, pairs = _laws(data)
    parts = own["middle"], own["spread"], own["weights"]
    return Ranker(*parts, layers=layers, temperature=heat, present=law, pairs=pairs)


@cache
def pooled_ranker() -> Ranker:
    """The weighing of several drawings of shapes together: that of one, with laws of its own for what is right.

    Raises
    ------
    ValueError
        If the committed laws are of other signs than the code's.
    """
    data = json.loads(resources.files("geoinv.facilities").joinpath("data/match_pooled.json").read_text("utf-8"))
    if data["signs"] != list(SIGNS):
        raise ValueError("data/match_pooled.json was learned with other signs: run scripts/learn_pooled.py again")
    law, pairs = _laws(data)
    return replace(ranker("shapes"), present=law, pairs=pairs)


def _laws(data: Mapping[str, Any]) -> tuple[Present, tuple[float, float, float]]:
    """The laws of whether a placement is right, and of pairs."""
    present = data["present"]
    signs = _arrays({name: present[name] for name in ("middle", "spread", "first", "any")})
    firm = float(present["firm"])
    constant, slope, pull = (float(one) for one in data["pairs"])
    if not all(math.isfinite(one) for one in (firm, constant, slope, pull)):
        raise ValueError("a law of match holds a number that is none")
    law = Present(signs["middle"], signs["spread"], signs["first"], signs["any"], firm)
    return law, (constant, slope, pull)


def _arrays(data: Mapping[str, Any]) -> dict[str, Array]:
    found = {name: np.array(value, dtype=np.float64) for name, value in data.items()}
    if not all(np.isfinite(value).all() for value in found.values()):
        raise ValueError("data/match_ranker.json holds a number that is none")
    return found
