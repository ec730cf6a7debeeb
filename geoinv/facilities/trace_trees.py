"""Small boosted trees: what they say of a row of signs, and how they are kept."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Trees", "load_trees"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Trees:
    """Additive regression trees of one depth on log-odds (Friedman 2001), then a straight line per stretch of them.

    Attributes
    ----------
    signs
        Names of the columns.
    feature, threshold
        Shape (trees, 2**depth − 1): which column is asked, and above which value one goes right; heap order.
    leaf
        Shape (trees, 2**depth): what is added.
    start
        Log-odds before any tree.
    raw, sure
        Log-odds and the share that was right there, on sheets not learned from, rising.
    """

    signs: tuple[str, ...]
    feature: NDArray[np.int64]
    threshold: Array
    leaf: Array
    start: float
    raw: Array
    sure: Array

    @property
    def depth(self) -> int:
        """Questions from root to leaf."""
        return int(np.log2(self.leaf.shape[1]))

    def log_odds(self, rows: Array) -> Array:
        """What the trees add up to.

        Parameters
        ----------
        rows
            Shape (n, signs).
        """
        out = np.full(len(rows), self.start)
        index = np.arange(len(rows))
        for feature, threshold, leaf in zip(self.feature, self.threshold, self.leaf, strict=True):
            node = np.zeros(len(rows), dtype=np.int64)
            for _ in range(self.depth):
                node = 2 * node + 1 + (rows[index, feature[node]] > threshold[node])
            out += leaf[node - len(feature)]
        return out

    def certainty(self, rows: Array) -> Array:
        """How often such a row was right.

        Parameters
        ----------
        rows
            Shape (n, signs).
        """
        return np.asarray(np.interp(self.log_odds(rows), self.raw, self.sure))

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return {"signs": list(self.signs), "start": round(self.start, 5), "feature": self.feature.tolist(),
                "threshold": [[float(f"{v:.5g}") for v in row] for row in self.threshold],
                "leaf": [[round(float(v), 4) for v in row] for row in self.leaf],
                "raw": [round(float(v), 4) for v in self.raw],
                "sure": [round(float(v), 4) for v in self.sure]}  # fmt: skip

    @classmethod
    def read(cls, plain: dict[str, Any]) -> Trees:
        """From ``plain``.

        Parameters
        ----------
        plain
            As given by ``plain``.
        """
        return cls(tuple(plain["signs"]), np.array(plain["feature"], np.int64), np.array(plain["threshold"], float),
                   np.array(plain["leaf"], float), float(plain["start"]), np.array(plain["raw"], float),
                   np.array(plain["sure"], float))  # fmt: skip


@cache
def load_trees(name: str) -> Trees:
    """The trees learned by ``scripts/learn_trace.py``.

    Parameters
    ----------
    name
        ``shapes`` or ``lines``.
    """
    text = (files("geoinv.facilities") / "data" / f"trace_{name}.json").read_text(encoding="utf-8")
    return Trees.read(json.loads(text))
