"""Learn when several drawings of one place, weighed as one, are right: the laws in ``data/match_pooled.json``.

    python scripts/learn_pooled.py --table build/pooled.pkl

Cases are those of ``match_cases`` with two or three witnesses, a third of them of absent compounds (a series of their
own, so that the weighing of placements was not learned from them), seeds below 1000. The report is cross-fitted.
"""

from __future__ import annotations

import argparse
import json
import pickle
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from match_cases import FRAME, make_case
from match_learning import ABSENT, ABSENT_ANY, CONFIDENT, calibration_error, f1_of, logistic, plain
from numpy.typing import NDArray
from scipy.optimize import minimize

from geoinv.facilities.match import problem_of
from geoinv.facilities.match_agreed import expected_best
from geoinv.facilities.match_items import ground_of
from geoinv.facilities.match_rank import weighed
from geoinv.facilities.match_ranker import SIGNS, WITHIN, Present, Ranker, ranker
from geoinv.facilities.match_together import arranged, settled_together, witnesses_of

_OUT = Path(__file__).parents[1] / "geoinv" / "facilities" / "data" / "match_pooled.json"
#: A series of cases of its own, and folds of the report.
_SERIES, _FOLDS = 5, 5

Array = NDArray[np.float64]
#: Seed, level, whether the compound is there, and number of witnesses.
Asked = tuple[int, str | None, bool, int]


@dataclass(frozen=True)
class Seen:
    """One case: signs, shares of leaders, their F1 (mean over drawings), and the pairs the first prints.

    Attributes
    ----------
    pairs
        Probability of each printed pair under each leader, (c, p).
    right
        Which of them are right, (p,).
    best
        F1 of the best settled placement, from its own pairs.
    """

    level: str
    present: bool
    signs: Array
    weight: Array
    f1: Array
    best: float
    pairs: Array
    right: NDArray[np.bool_]


def main() -> None:
    """Make the table if there is none, learn, report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--table", type=Path, default=Path("build/pooled.pkl"))
    options = parser.parse_args()
    if not options.table.exists():
        options.table.parent.mkdir(parents=True, exist_ok=True)
        with ProcessPoolExecutor(options.jobs) as workers:
            made = list(workers.map(_seen, _to_learn(), chunksize=4))
        options.table.write_bytes(pickle.dumps([row for row in made if row]))
    rows: list[Seen] = pickle.loads(options.table.read_bytes())
    _OUT.write_text(json.dumps({"signs": list(SIGNS), **plain(_learned(rows))}, indent=1) + "\n")
    folds = [_with(_learned([row for k, row in enumerate(rows) if k % _FOLDS != fold])) for fold in range(_FOLDS)]
    _report([(row, folds[k % _FOLDS]) for k, row in enumerate(rows)])


def _to_learn() -> list[Asked]:
    levels = (None, None, "medium", "hard")
    there: list[Asked] = [(seed, levels[seed % 4], True, 2 + (seed // 4 % 3 > 0)) for seed in range(90)]
    return there + [(500 + seed, levels[seed % 4], False, 2 + (seed // 4 % 3 > 0)) for seed in range(66)]


def _seen(asked: Asked) -> Seen | None:
    seed, level, present, many = asked
    case = make_case(seed, level=level, present=present, sketches=many, series=_SERIES)
    ground, rng = ground_of(case.candidates, FRAME), np.random.default_rng([0, 0])
    problems = [problem_of(one, ground, FRAME) for one in case.sketches]
    witnesses = witnesses_of(problems, ~np.eye(many, dtype=bool))
    pools = [weighed(problem, rng) for problem in problems]
    found = settled_together(witnesses, pools, arranged(witnesses, np.random.default_rng([0, 1, 1])))
    if found is None:
        return None
    each, best, pairs, rights = [], [], [], []
    for problem, settled, joined, answer in zip(problems, found.settled, found.joined, case.pairs, strict=True):
        right = np.array([[name in answer.get(one, ()) for name in ground.ids] for one in problem.drawn.ids])
        answered = sum(map(bool, answer.values()))
        printed = [expected_best(share)[0] for share in joined.share]
        each.append([f1_of(one, right, answered) for one in printed])
        best.append([_own(settled.near[h], settled.share[h], right, answered) for h in range(len(settled.near))])
        made = np.flatnonzero(printed[0] >= 0)
        pairs.append(joined.share[:, made, printed[0][made]])
        rights.append(right[made, printed[0][made]])
    level = (level or "any") + ("" if present else ", absent")
    return Seen(
        level, present, found.signs, found.joined[0].weight, np.mean(each, axis=0),
        float(np.mean(best, axis=0).max()), np.concatenate(pairs, axis=1), np.concatenate(rights),
    )  # fmt: skip


def _own(near: NDArray[np.int64], share: Array, right: NDArray[np.bool_], answered: int) -> float:
    whole = np.zeros(right.shape)
    np.add.at(whole, (np.arange(len(near))[:, None], near), share)
    return f1_of(expected_best(np.minimum(whole, 1.0))[0], right, answered)


def _rights(row: Seen) -> float:
    """F1 from which on a placement is right: half of it, or hardly less than the best found."""
    return max(0.35, min(0.5, row.best - 0.25))


def _learned(rows: list[Seen]) -> dict[str, Any]:
    signs = np.array([row.signs for row in rows])
    middle, spread = signs.mean(axis=0), np.maximum(signs.std(axis=0), 1e-3)
    z = np.column_stack([np.clip((signs - middle) / spread, -WITHIN, WITHIN), np.ones(len(signs))])
    there = np.array([row.present for row in rows])
    reached = [row.f1 >= _rights(row) if row.present else np.zeros(1, bool) for row in rows]
    first = logistic(z, np.array([one[0] for one in reached]), np.where(there, 1.0, ABSENT))
    some = logistic(z, np.array([one.any() for one in reached]), np.where(there, 1.0, ABSENT_ANY))
    firm = max(float(np.quantile(z[~there] @ first, 1 - CONFIDENT)), 0.0)
    present = {"middle": middle, "spread": spread, "first": first, "any": some, "firm": firm}
    numbers: dict[str, Any] = {"present": present, "pairs": (0.0, 1.0, 0.0)}
    numbers["pairs"] = _pairs(_with(numbers), rows)
    return numbers


def _with(numbers: dict[str, Any]) -> Ranker:
    return replace(ranker("shapes"), present=Present(**numbers["present"]), pairs=tuple(numbers["pairs"]))


def _printed(weighing: Ranker, row: Seen) -> tuple[Array, float, float]:
    """Marginal probabilities of the printed pairs, one minus none, and the first's probability."""
    odds = np.append(weighing.present.above_none(row.signs, row.weight), 0.0)
    share = np.exp(odds - odds.max())
    share /= share.sum()
    return share[:-1] @ row.pairs, 1.0 - float(share[-1]), float(share[0])


def _pairs(weighing: Ranker, rows: list[Seen]) -> tuple[float, float, float]:
    """Constant and slopes of pairs' log odds (Platt 1999)."""
    usual = np.array([0.0, 1.0, 0.0])
    seen = [(row, *_printed(weighing, row)[:2]) for row in rows]

    def loss(numbers: Array) -> float:
        made, value = replace(weighing, pairs=(float(numbers[0]), float(numbers[1]), float(numbers[2]))), 0.0
        for row, marginal, limit in seen:
            share = np.clip(made.pair(marginal, limit), 1e-6, 1 - 1e-6)
            value -= (1.0 if row.present else ABSENT) * float(np.log(np.where(row.right, share, 1 - share)).sum())
        return value / len(seen) + 0.5 * float(((np.asarray(numbers) - usual) ** 2).sum())

    constant, slope, pull = minimize(loss, usual, method="Nelder-Mead").x
    return float(constant), float(slope), float(pull)


def _report(rows: list[tuple[Seen, Ranker]]) -> None:
    """Print what laws learned from the other folds do."""
    print("level | cases | F1 best in pool | first | none ≥ .5 | placement > .5 | calibration error | pairs ≥ .9 right")
    for level in sorted({row.level for row, _ in rows}):
        own = [(row, weighing, *_printed(weighing, row)) for row, weighing in rows if row.level == level]
        sure = [
            (min(float(share), limit), bool(hit))
            for row, weighing, marginal, limit, _ in own
            for share, hit in zip(weighing.pair(marginal, limit), row.right, strict=True)
        ]
        top = [hit for share, hit in sure if share >= 0.9]
        print(f"{level} | {len(own)} | {np.mean([one[0].best for one in own]):.3f} | "
              f"{np.mean([one[0].f1[0] for one in own]):.3f} | {np.mean([one[3] <= 0.5 for one in own]):.2f} | "
              f"{np.mean([one[4] > 0.5 for one in own]):.3f} | {calibration_error(sure):.3f} | "
              f"{sum(top)}/{len(top)}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
