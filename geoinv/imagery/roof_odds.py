"""How likely a real building stands where a scene suggests one: the detector's signs weighed by what worlds taught.

A detector's own score ranks what it finds; it is no probability. A logistic regression on that score and on the signs
that it was made of turns it into one. The weights are learned by ``scripts/learn_existence.py`` from simulated worlds
(docs/methods/imagery.md has its report).
"""

from __future__ import annotations

import math

from geoinv.imagery.roof_pieces import Piece

__all__ = ["SIGNS", "roof_odds", "signs_of"]

#: What is weighed, in order.
SIGNS = ("score", "form", "broken", "contrast", "shadow", "size", "size²", "edge", "unrest")
#: Constant, then one weight a sign.
_WEIGHTS = (-8.810, 0.404, 9.821, -24.378, 0.933, 6.494, 1.007, -0.808, -2.344, 0.918)
#: Logarithm of a common building's side in metres, about which size is counted.
_COMMON = math.log(11.0)


def signs_of(piece: Piece) -> tuple[float, ...]:
    """A piece's signs in the order of ``SIGNS``."""
    form, broken, away, shade, side = piece.signs
    size = side - _COMMON
    return (piece.score, form, broken, math.tanh(away / 15.0), min(shade, 0.3), size, size**2, piece.hard, piece.unrest)


def roof_odds(piece: Piece) -> float:
    """Probability that a real building stands under a piece, overlapping it by at least 0.4."""
    odds = _WEIGHTS[0] + sum(weight * sign for weight, sign in zip(_WEIGHTS[1:], signs_of(piece), strict=True))
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, odds))))
