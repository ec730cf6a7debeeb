"""Learn how much each sign of a placement is worth to ``geoinv match``, from generated cases whose truth is known.

    python scripts/learn_match.py --table build/match.pkl

A conditional logit (McFadden 1974) over the placements found is fitted to those that are right; the temperature, the
level of "none of these" and the calibration of pairs on cases kept apart; the report is on further ones. Writes
``geoinv/facilities/data/match_ranker.json``. Seeds below 1000 are for learning, from 1000 on for the report.
"""

from __future__ import annotations

import argparse
import json
import pickle
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from match_cases import FRAME, LEVELS, Case, make_case, make_rooms
from numpy.typing import NDArray
from scipy.optimize import minimize

from geoinv.facilities.match import problem_of
from geoinv.facilities.match_items import ground_of
from geoinv.facilities.match_placed import hypotheses_of
from geoinv.facilities.match_rank import DECOY_KEPT, DECOY_TRIES, DECOY_WEIGHED, decoys_of, settled_pool
from geoinv.facilities.match_ranker import Ranker
from geoinv.facilities.match_traits import TRAITS, traits

Array = NDArray[np.float64]
_OUT = Path(__file__).parents[1] / "geoinv" / "facilities" / "data" / "match_ranker.json"
#: A placement is as good as the best found if its F1 is within about this of it; below so much it is wrong.
_NEAR, _WRONG = 0.07, 0.35
#: Share of absent compounds for which a placement may be likelier than not.
_CONFIDENT = 0.02
#: Strength with which weights are held to nothing.
_HELD = 0.05
#: Share of learning cases in which the drawn compound is not there, and with two strange compounds beside it.
_ABSENT, _BESIDE = 0.25, 0.2


@dataclass(frozen=True)
class Row:
    """One case as learned from.

    Attributes
    ----------
    traits, f1
        Of the placements found, (h, len(TRAITS)) and (h,).
    decoys
        Traits of what was found for each decoy.
    share
        Largest probability of each drawn thing's pairs by placement with its candidate and whether it is right:
        (h, n, k) probabilities, candidates and rights.
    pairs
        Candidate of each drawn thing by placement, (h, n).
    """

    level: str
    present: bool
    traits: Array
    f1: Array
    decoys: tuple[Array, ...]
    share: Array
    near: NDArray[np.int64]
    right: NDArray[np.bool_]
    pairs: NDArray[np.int64]


def main() -> None:
    """Make the table if there is none, learn, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=450)
    parser.add_argument("--rooms", type=int, default=200)
    parser.add_argument("--checks", type=int, default=30, help="per level")
    parser.add_argument("--table", type=Path, default=Path("build/match.pkl"))
    options = parser.parse_args()
    if not options.table.exists():
        options.table.parent.mkdir(parents=True, exist_ok=True)
        options.table.write_bytes(pickle.dumps(_tables(options.cases, options.rooms, options.checks, options.table)))
    found = pickle.loads(options.table.read_bytes())
    learned = {"shapes": _learn(found["shapes"]), "points": _learn(found["points"])}
    _OUT.write_text(json.dumps(learned, indent=1) + "\n")
    for kind, rows in (("shapes", found["checks"]), ("points", found["point checks"])):
        _report(_ranker(learned[kind]), rows)


def _tables(cases: int, rooms: int, checks: int, path: Path) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {"shapes": [], "points": [], "checks": [], "point checks": []}
    for seed in range(cases):
        found["shapes"] += _row(_learning_case(seed))
        if seed % 50 == 49:
            print(f"{seed + 1} cases", flush=True)
            path.with_suffix(".part").write_bytes(pickle.dumps(found))
    found["points"] = [row for seed in range(rooms) for row in _row(make_rooms(seed))]
    found["point checks"] = [row for seed in range(1000, 1000 + 2 * checks) for row in _row(make_rooms(seed))]
    for level in LEVELS:
        for seed in range(1000, 1000 + checks):
            found["checks"] += _row(make_case(seed, level=level, walled=False))
    for seed in range(1000, 1000 + checks):
        found["checks"] += _row(make_case(seed, level="hard", walled=True), "hard + wall")
        found["checks"] += _row(make_case(5000 + seed, level="medium", walled=False, present=False), "absent")
    return found


def _learning_case(seed: int) -> Case:
    place = (seed * 0.6180339887) % 1.0
    if place < _ABSENT:
        return make_case(seed, present=False)
    return make_case(seed, compounds=3 if place < _ABSENT + _BESIDE else 1)


def _row(case: Case, level: str | None = None) -> list[Row]:
    """The row of a case; none where nothing is found."""
    parts = []
    names = sorted(set(case.candidates["compound"])) if "compound" in case.candidates.columns else [None]
    answer = case.pairs[0]
    decoys: list[Array] = []
    for number, name in enumerate(names):
        table = case.candidates if name is None else case.candidates[case.candidates["compound"] == name]
        rng = np.random.default_rng([7, number])
        problem = problem_of(case.sketches[0], ground_of(table, FRAME), FRAME)
        settled = settled_pool(problem, rng)
        if settled is None:
            continue
        found = hypotheses_of(problem, settled, np.zeros(len(settled.level)))
        ids, there = problem.drawn.ids, problem.ground.ids
        right = np.array([[there[j] in answer.get(ids[i], ()) for j in range(len(there))] for i in range(len(ids))])
        pairs = np.array([one.pairs for one in found])
        f1 = np.array([_f1(one, right, sum(map(bool, answer.values()))) for one in pairs])
        rights = right[np.arange(len(ids))[None, :, None], settled.near]
        width = min(8, settled.near.shape[2])
        parts.append((traits(problem, settled), f1, settled.share[..., :width], settled.near + 10_000 * number, rights,
                      np.where(pairs >= 0, pairs + 10_000 * number, -1)))  # fmt: skip
        if not number:
            for decoy in decoys_of(problem):
                other = settled_pool(decoy, rng, tries=DECOY_TRIES, rough=DECOY_KEPT, keep=DECOY_WEIGHED)
                decoys += [traits(decoy, other)] if other is not None else []
    if not parts:
        return []
    width = min(part[2].shape[2] for part in parts)
    share, near, rights = (np.concatenate([part[k][..., :width] for part in parts]) for k in (2, 3, 4))
    present = any(part[1].max() > 0 for part in parts)
    columns = (np.concatenate([part[k] for part in parts]) for k in (0, 1, 5))
    table, f1, pairs = columns
    return [Row(level or case.level, present, table, f1, tuple(decoys), share, near, rights, pairs)]


def _f1(pairs: NDArray[np.int64], right: NDArray[np.bool_], total: int) -> float:
    made = np.flatnonzero(pairs >= 0)
    hits = int(right[made, pairs[made]].sum())
    return 2 * hits / (len(made) + total) if hits else 0.0


def _target(row: Row) -> Array:
    """What share of belief each placement deserves; all zero where none is right."""
    if row.f1.max() < _WRONG:
        return np.zeros(len(row.f1))
    good = np.exp((row.f1 - row.f1.max()) / _NEAR)
    return np.asarray(good / good.sum())


def _learn(rows: list[Row]) -> dict[str, Any]:
    """Weights from two thirds of the rows, the rest of the numbers from the others."""
    own = [row for k, row in enumerate(rows) if k % 3]
    every = np.concatenate([row.traits for row in own])
    middle, spread = every.mean(axis=0), np.maximum(every.std(axis=0), 1e-3)
    held = [(np.clip((row.traits - middle) / spread, -4, 4), _target(row)) for row in own]
    held = [(z, q) for z, q in held if q.any()]

    def loss(weights: Array) -> tuple[float, Array]:
        value, slope = 0.0, np.zeros(len(weights))
        for z, q in held:
            logit = z @ weights
            share = np.exp(logit - logit.max())
            share /= share.sum()
            value -= float(q @ np.log(share + 1e-12))
            slope += z.T @ (share - q)
        return value / len(held) + _HELD / 2 * float(weights @ weights), slope / len(held) + _HELD * weights

    weights = minimize(loss, np.zeros(len(TRAITS)), jac=True, method="L-BFGS-B").x
    found: dict[str, Any] = {"traits": TRAITS, "middle": middle, "spread": spread, "weights": weights}
    found |= {"none": (0.0, 1.0), "temperature": 1.0, "pairs": (0.0, 1.0)}
    thinned = [_thinned(_ranker(found), row) for row in rows]
    others = thinned[::3]
    found |= _calibrated(found, others, thinned)
    found |= {"pairs": _pairs(found, others)}
    plain = {name: np.round(value, 5).tolist() for name, value in found.items() if name != "traits"}
    return {"traits": list(TRAITS), **plain}


def _ranker(found: dict[str, Any]) -> Ranker:
    return Ranker(
        *(np.asarray(found[name]) for name in ("middle", "spread", "weights")),
        none=tuple(found["none"]), temperature=float(found["temperature"]), pairs=tuple(found["pairs"]),
    )  # fmt: skip


def _thinned(weighing: Ranker, row: Row) -> Row:
    """A row with only the best of placements that share most of their pairs, as ``match`` keeps them."""
    kept: list[int] = []
    made = (row.pairs >= 0).sum(axis=1)
    for k in np.argsort(-weighing.score(row.traits), kind="stable"):
        same = ((row.pairs[kept] == row.pairs[k]) & (row.pairs[k] >= 0)).sum(axis=1)
        if (same < 0.7 * np.maximum(np.minimum(made[kept], made[k]), 1)).all():
            kept.append(int(k))
    parts = {name: getattr(row, name)[kept] for name in ("traits", "f1", "share", "near", "right", "pairs")}
    return replace(row, **parts)


def _logits(weighing: Ranker, row: Row) -> Array:
    heat = weighing.temperature
    reached = [float(np.logaddexp.reduce(weighing.score(one) / heat)) for one in row.decoys]
    chance = float(np.mean(reached)) if reached else 0.0
    return np.array([weighing.above_none(one, chance) for one in weighing.score(row.traits)])


def _beliefs(weighing: Ranker, row: Row) -> tuple[Array, float]:
    """Probabilities of the placements and of none."""
    logits = np.append(_logits(weighing, row), 0.0)
    share = np.exp(logits - logits.max())
    share /= share.sum()
    return share[:-1], float(share[-1])


def _calibrated(found: dict[str, Any], rows: list[Row], every: list[Row]) -> dict[str, Any]:
    """Temperature and the level of "none of these", by likelihood."""

    def loss(numbers: Array) -> float:
        weighing = _ranker({**found, "temperature": np.exp(numbers[0]), "none": (numbers[1], numbers[2])})
        value = 0.0
        for row in rows:
            share, none = _beliefs(weighing, row)
            right = row.f1 > max(_WRONG, row.f1.max() - 0.25)
            value -= float(np.log((share[right].sum() if right.any() else none) + 1e-6))
        return value / len(rows) + 0.02 * float(numbers[0] ** 2 + (numbers[2] - 0.5) ** 2)

    best = minimize(loss, np.array([0.0, 0.0, 0.5]), method="Nelder-Mead", options={"maxiter": 160}).x
    found = {**found, "temperature": float(np.exp(best[0])), "none": (float(best[1]), float(best[2]))}
    # Wrong confidence is worse than no answer: where the compound is absent, hardly ever is one likelier than not.
    above = [_top(_ranker(found), row) for row in every if not row.present]
    firm = max(float(np.quantile(above, 1 - _CONFIDENT)), 0.0) if above else 0.0
    return {"temperature": found["temperature"], "none": (found["none"][0] + firm, found["none"][1])}


def _top(weighing: Ranker, row: Row) -> float:
    """By how much "none of these" must rise until the first placement is no likelier than not."""
    share, none = _beliefs(weighing, row)
    best = float(share.max())
    rivals = 1.0 - none - best
    return float(np.log(max(best - rivals, 1e-6) / max(none, 1e-6)))


def _marginals(weighing: Ranker, row: Row) -> tuple[Array, float, NDArray[np.bool_], int]:
    """Marginals of the best placement's pairs, one minus none, which pairs are right, and the placement's number."""
    share, none = _beliefs(weighing, row)
    best = int(np.argmax(share))
    rows = np.arange(row.pairs.shape[1])
    kept = row.pairs[best] >= 0
    same = row.near == row.pairs[best][None, :, None]
    marginal = (share[:, None, None] * row.share * same).sum(axis=(0, 2))
    hit = (row.right[best] & (row.near[best] == row.pairs[best][:, None])).any(axis=1)
    return marginal[rows[kept]], 1 - none, hit[kept], best


def _pairs(found: dict[str, Any], rows: list[Row]) -> tuple[float, float]:
    """Constant and slope of pairs' log odds (Platt 1999)."""
    weighing = _ranker(found)
    seen = [_marginals(weighing, row)[:3] for row in rows]

    def loss(numbers: Array) -> float:
        value = 0.0
        made = Ranker(weighing.middle, weighing.spread, weighing.weights, weighing.none, weighing.temperature,
                      (numbers[0], numbers[1]))  # fmt: skip
        for marginal, limit, hit in seen:
            share = np.clip(made.pair(marginal, limit), 1e-6, 1 - 1e-6)
            value -= float(np.log(np.where(hit, share, 1 - share)).sum())
        return value

    best = minimize(loss, np.array([0.0, 1.0]), method="Nelder-Mead").x
    return float(best[0]), float(best[1])


def _report(weighing: Ranker, rows: list[Row]) -> None:
    print(f"none {weighing.none}, temperature {weighing.temperature:.2f}, pairs {weighing.pairs}")
    print("level | cases | F1 best in pool | first | none ≥ .5 | placement > .5 | calibration error | pairs ≥ .9 right")
    for level in dict.fromkeys(row.level for row in rows):
        own = [_thinned(weighing, row) for row in rows if row.level == level]
        top, none, best, pairs = [], [], [], []
        for row in own:
            share, rest = _beliefs(weighing, row)
            top.append(share.max())
            none.append(rest)
            marginal, limit, hit, first = _marginals(weighing, row)
            best.append(row.f1[first])
            pairs += list(zip(weighing.pair(marginal, limit), hit, strict=True))
        sure = [hit for share, hit in pairs if share >= 0.9]
        print(f"{level} | {len(own)} | {np.mean([row.f1.max() for row in own]):.3f} | {np.mean(best):.3f} | "
              f"{np.mean(np.array(none) >= 0.5):.2f} | {np.mean(np.array(top) > 0.5):.3f} | {_ece(pairs):.3f} | "
              f"{sum(sure)}/{len(sure)}", flush=True)  # fmt: skip


def _ece(pairs: list[tuple[float, bool]]) -> float:
    if not pairs:
        return 0.0
    share, hit = np.array([one for one, _ in pairs]), np.array([float(one) for _, one in pairs])
    bins = np.minimum((share * 10).astype(int), 9)
    return float(sum(abs((share - hit)[bins == k].sum()) for k in range(10)) / len(pairs))


if __name__ == "__main__":
    main()
