"""Measure where ``geoinv locate`` puts facilities whose place is known, under several laws of what witnesses say.

    python scripts/measure_locate.py --first 1000 --cases 40

Per law: median error in metres, its ratio to that of the geometric median of the pins, the share of facilities within
the 50 % and the 90 % region, the area under the ROC curve of ``probability_valid``, and CPU seconds a facility. Seeds
below 1000 are for setting things, seeds from 1000 on for measuring only. The last law is what witnesses of made worlds
say (``geoinv.worlds``). With ``--told`` statements that are wrong are left out, as if a person knew which: what is left
of the error is the model's own, and the ratio is still to the median of all pins.
"""

from __future__ import annotations

import argparse
import math
import time
from dataclasses import dataclass

import numpy as np
from locate_laws import LAWS, case_of
from scipy.stats import rankdata
from shapely.geometry import Point

from geoinv.facilities.locate import posterior
from geoinv.facilities.locate_cells import spatial_median
from geoinv.geometry.frames import xy_to_local
from geoinv.records.testimony import Statements


@dataclass(frozen=True)
class Scored:
    """One facility's result."""

    error: float
    plain: float
    half: bool
    most: bool
    area: float
    seconds: float


def score(
    statements: Statements, truth: tuple[float, float], used: Statements | None = None
) -> tuple[Scored, list[float]]:
    """Locate and compare with the truth (longitude, latitude); the probabilities of being valid beside.

    ``used`` is what is located from, if not all of the statements.
    """
    start = time.process_time()
    found = posterior(used or statements)
    best, half, most = found.best(), found.region(0.5), found.region(0.9)
    seconds = time.process_time() - start
    true = xy_to_local(found.frame, np.array([truth]))[0]
    points = np.array([s.point for s in statements.statements if s.kind == "pin"], dtype=float).reshape(-1, 2)
    pin_xy = xy_to_local(found.frame, points) if len(points) else np.zeros((1, 2))
    plain = float(np.hypot(*(spatial_median(pin_xy, np.ones(len(pin_xy)), floor=1.0) - true)))
    spot = Point(true)
    scored = Scored(
        float(np.hypot(*(best - true))), plain, half.contains(spot), most.contains(spot), most.area / 1e6, seconds
    )
    return scored, [float(v) for v in found.validity]


def auc(chances: list[float], valid: list[bool]) -> float:
    """Area under the ROC curve (Mann & Whitney 1947)."""
    good = np.array(valid)
    if good.all() or not good.any():
        return math.nan
    ranks = rankdata(chances)
    return float((ranks[good].sum() - good.sum() * (good.sum() + 1) / 2) / (good.sum() * (~good).sum()))


def _row(name: str, scored: list[Scored], chances: list[float], valid: list[bool]) -> None:
    error = float(np.median([one.error for one in scored]))
    plain = float(np.median([one.plain for one in scored]))
    ninth = float(np.quantile([one.error for one in scored], 0.9))
    half, most = (float(np.mean([getattr(one, key) for one in scored])) for key in ("half", "most"))
    area = float(np.median([one.area for one in scored]))
    seconds = float(np.mean([one.seconds for one in scored]))
    sizes = f"{error:8.0f} {ninth:9.0f} {error / plain:6.2f} {half:6.2f} {most:6.2f} {area:9.2f}"
    print(f"{name:>14} {len(scored):4d} {sizes} {auc(chances, valid):6.3f} {seconds:6.2f}", flush=True)


def right_ones(statements: Statements, right: list[bool]) -> Statements | None:
    """The statements that are right, ``None`` if no pin is among them."""
    kept = tuple(one for one, good in zip(statements.statements, right, strict=True) if good)
    return statements.model_copy(update={"statements": kept}) if any(one.kind == "pin" for one in kept) else None


def main() -> None:
    """Make, locate and score."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=1000)
    parser.add_argument("--cases", type=int, default=40)
    parser.add_argument("--laws", default=",".join([*LAWS, "worlds"]))
    parser.add_argument("--told", action="store_true", help="leave out what is wrong")
    options = parser.parse_args()
    columns = f"{'median':>8} {'p90':>9} {'ratio':>6} {'50 %':>6} {'90 %':>6} {'km2':>9}"
    print(f"{'law':>14} {'n':>4} {columns} {'AUC':>6} {'s':>6}")
    for name in options.laws.split(","):
        scored: list[Scored] = []
        chances: list[float] = []
        valid: list[bool] = []
        for seed in range(options.first, options.first + options.cases):
            statements, truth, right = case_of(name, seed)
            used = right_ones(statements, right) if options.told else statements
            if used is None:
                continue
            one, said = score(statements, truth, used)
            scored.append(one)
            chances += said
            valid += [True] * len(said) if options.told else right
        _row(name, scored, chances, valid)


if __name__ == "__main__":
    main()
