"""Learn how likely a wall, a tower or a track is where a scene suggests one, from camps whose truth is known.

    python scripts/learn_suggestions.py --first 40 --worlds 11

Both scenes of every camp are looked at as ``scripts/measure_imagery.py marks`` does. One logistic regression a kind is
fitted to its signs, held towards zero; the report is of each camp by weights learned on the others. Weights are copied
by hand into ``geoinv/imagery/site_marks.py`` and ``tracks.py``. Seeds from 1000 on are for measuring only.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from scripts.learn_existence import fitted, predicted
from scripts.measure_imagery import made_worlds, marks, tell_marks


def main() -> None:
    """Look at the scenes, report, and print what to copy."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=40)
    parser.add_argument("--worlds", type=int, default=11)
    parser.add_argument("--scratch", type=Path, default=Path("build/imagery"))
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for made in made_worlds(options.first, options.worlds, options.scratch):
        rows += marks(made)
    learn(rows)


def learn(rows: list[dict[str, Any]]) -> None:
    """Fit every kind, report each camp by the others' weights, print the weights of all."""
    weights = {}
    for kind in ("wall", "tower", "track"):
        own = [row for row in rows if row["kind"] == kind and "odds" in row]
        # What is learned of a tower is how likely it is at the corner of a true wall.
        own = [row for row in own if kind != "tower" or row["size"] == 1.0]
        signs = np.array([row["signs"] for row in own])
        right = np.array([row["right"] for row in own], dtype=float)
        seeds = np.array([row["seed"] for row in own])
        for seed in np.unique(seeds):
            said = predicted(fitted(signs[seeds != seed], right[seeds != seed]), signs[seeds == seed])
            for index, odds in zip(np.flatnonzero(seeds == seed), said, strict=True):
                own[index]["odds"] = float(odds)
        weights[kind] = fitted(signs, right).round(3).tolist()
    tell_marks(rows)
    for kind, found in weights.items():
        print(kind, found)


if __name__ == "__main__":
    main()
