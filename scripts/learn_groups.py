"""Learn which adjoining outlines a drawn block stands for, from generated cases whose truth is known.

    python scripts/learn_groups.py --table build/groups.pkl --jobs 1

Streets whose rows are drawn as one block, and compounds of all laws, each matched as ``geoinv match`` does; what is
learned is of the first placement, right or wrong. Writes ``geoinv/facilities/data/match_groups.json`` and reports on
cases weighed by what the others taught, and on further ones (seeds from 1000 on).
"""

from __future__ import annotations

import argparse
import json
import pickle
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from match_cases import Case, make_case, make_streets
from numpy.typing import NDArray
from scipy.optimize import minimize

from geoinv.facilities.match import pair_probabilities, problem_of
from geoinv.facilities.match_evidence import Problem
from geoinv.facilities.match_group_laws import ANY, EACH, TRAITS, GroupLaws, Law, laws_from
from geoinv.facilities.match_groups import Grouper, Tried
from geoinv.facilities.match_items import ground_of
from geoinv.facilities.match_placed import Hypothesis
from geoinv.facilities.match_rank import Pool, joint_placements, probabilities, ranker_of, search
from geoinv.geometry.frames import frame_of

Array = NDArray[np.float64]

_OUT = Path(__file__).parents[1] / "geoinv" / "facilities" / "data" / "match_groups.json"
_FOLDS = 4
#: What each law's weights are held to nothing with.
_HELD = 1.0


@dataclass(frozen=True)
class Row:
    """The first placement of one case, what stands where, and the groups tried."""

    level: str
    problem: Problem
    one: Hypothesis
    found: Array
    limit: float
    answer: dict[str, frozenset[str]]
    tried: dict[int, Tried]

    def right(self, index: int) -> frozenset[int]:
        """The outlines that a drawn thing stands for."""
        ids = self.answer.get(self.problem.drawn.ids[index], frozenset())
        return frozenset(j for j, name in enumerate(self.problem.ground.ids) if name in ids)


def main() -> None:
    """Make the table if there is none, learn, report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--table", type=Path, default=Path("build/groups.pkl"))
    parser.add_argument("--checks", type=int, default=60, help="further cases per level of the report")
    options = parser.parse_args()
    if not options.table.exists():
        options.table.parent.mkdir(parents=True, exist_ok=True)
        asked = {"learn": _plan(), "check": _checks(options.checks)}
        with ProcessPoolExecutor(options.jobs) as workers:
            made = {
                name: [one for one in workers.map(_made, plan, chunksize=10) if one] for name, plan in asked.items()
            }
        options.table.write_bytes(pickle.dumps(made))
    table = pickle.loads(options.table.read_bytes())
    rows = [with_tried(row) for row in table["learn"]]
    _OUT.write_text(json.dumps(learned(rows), indent=1) + "\n")
    print("cases weighed by what the others taught")
    report(rows, [laws_from(learned([o for k, o in enumerate(rows) if k % _FOLDS != f])) for f in range(_FOLDS)])
    if checks := [with_tried(row) for row in table["check"]]:
        print("further cases")
        report(checks, [laws_from(json.loads(_OUT.read_text()))])


def _plan() -> list[tuple[str, int]]:
    """Streets that the ranking was not learned from, and compounds of another series than its own."""
    compounds = [(level, seed) for level in ("any", "medium", "hard") for seed in range(120)]
    return [*(("streets", seed) for seed in range(250, 1000)), *compounds]


def _checks(count: int) -> list[tuple[str, int]]:
    return [(level, seed) for level in ("streets", "medium", "hard") for seed in range(1000, 1000 + count)]


def _made(asked: tuple[str, int]) -> Row | None:
    level, seed = asked
    if level == "streets":
        return row_of(make_streets(seed), level)
    return row_of(make_case(seed, level=None if level == "any" else level, series=5), level)


def row_of(case: Case, level: str) -> Row | None:
    """The first placement of a case, as ``geoinv match`` has it."""
    frame = frame_of(case.candidates)
    problem = problem_of(case.sketches[0], ground_of(case.candidates, frame), frame)
    pool = Pool(problem, search(problem, np.random.default_rng([0, 0])), ranker_of(problem))
    joints = joint_placements([[pool]], [case.sketches[0].name])[:20]
    if not joints:
        return None
    share, none = probabilities(joints, told=False)
    (found,) = pair_probabilities(joints, share, 1.0 - none).values()
    ((_, one),) = joints[0].parts.values()
    return Row(level, problem, one, found, 1.0 - none, case.pairs[0], {})


def with_tried(row: Row) -> Row:
    """A row with the groups tried."""
    tried = Grouper(row.problem).tried(row.one, row.found, row.limit) if row.problem.sized else {}
    return Row(**{**vars(row), "tried": tried})


def learned(rows: list[Row]) -> dict[str, object]:
    """The three laws as written in JSON."""
    values = np.concatenate([one.values for row in rows for one in row.tried.values()])
    group = _fitted(values, np.array([is_group for row in rows for is_group in _groups_right(row)]), TRAITS)
    law = _law(group)
    any_x, any_y, each_x, each_y = [], [], [], []
    for row in rows:
        for index, k, signs, each in _chosen(row, law):
            hits = [j in row.right(index) for j in row.tried[index].members[k]]
            any_x.append(signs)
            any_y.append(any(hits))
            each_x.append(each)
            each_y += hits
    return {
        "group": group,
        "any": _fitted(np.array(any_x), np.array(any_y), ANY),
        "each": _fitted(np.concatenate(each_x), np.array(each_y), EACH),
    }


def _groups_right(row: Row) -> list[bool]:
    """Of every group tried, whether it is what was drawn: two of its members or more are, and half of them."""
    out = []
    for index, tried in row.tried.items():
        right = row.right(index)
        for members in tried.members:
            hits = sum(j in right for j in members)
            out.append(hits >= 2 and 2 * hits >= len(members))
    return out


def _chosen(row: Row, law: Law) -> list[tuple[int, int, Array, Array]]:
    grouper, out = Grouper(row.problem), []
    for index, k in grouper.chosen(row.one, row.found, row.tried, law).items():
        tried = row.tried[index]
        odds = float(law.odds(tried.values[k : k + 1])[0])
        out.append((index, k, *grouper.signs(row.one, row.found, row.limit, index, tried, k, odds)))
    return out


def _fitted(values: Array, right: NDArray[np.bool_], columns: tuple[str, ...]) -> dict[str, object]:
    """A logistic law, its weights held to nothing."""
    middle, spread = values.mean(axis=0), values.std(axis=0) + 1e-9
    z = np.column_stack([np.clip((values - middle) / spread, -4.0, 4.0), np.ones(len(values))])

    def loss(weights: Array) -> tuple[float, Array]:
        odds = z @ weights
        held = np.append(weights[:-1], 0.0)
        gradient = z.T @ (1.0 / (1.0 + np.exp(-odds)) - right) + _HELD * held
        return float((np.logaddexp(0.0, odds) - right * odds).sum() + 0.5 * _HELD * (held**2).sum()), gradient

    weights = minimize(loss, np.zeros(z.shape[1]), jac=True).x
    numbers = {"middle": middle, "spread": spread, "weights": weights}
    return {"of": list(columns), **{name: [float(f"{v:.6g}") for v in one] for name, one in numbers.items()}}


def _law(data: dict[str, object]) -> Law:
    return Law(*(np.array(data[name], dtype=np.float64) for name in ("middle", "spread", "weights")))


def report(rows: list[Row], laws: list[GroupLaws]) -> None:
    """F1 of the first placement's pairs without and with groups, and how right what is printed is."""
    print("level | cases | F1 | with groups | groups | these right | any of these | said | pairs' ECE | with groups")
    for level in sorted({row.level for row in rows}):
        chosen = [(row, laws[k % len(laws)]) for k, row in enumerate(rows) if row.level == level]
        print(_line(level, chosen))
        some = [(row, law) for row, law in chosen if any(len(row.right(i)) > 1 for i in range(len(row.problem.drawn)))]
        print(_line(f"{level} with blocks", some))


def _line(level: str, chosen: list[tuple[Row, GroupLaws]]) -> str:
    scores, before, after, groups = [], [], [], []
    for row, laws in chosen:
        single = {i: ((int(j),), float(row.found[i, j])) for i, j in enumerate(row.one.pairs) if j >= 0}
        made = {}
        if row.problem.sized:
            found = Grouper(row.problem).groups(row.one, row.found, row.limit, laws)
            made = {i: (group.members, group.probability) for i, group in found.items()}
        scores.append((_f1(row, single), _f1(row, {**single, **made})))
        before += [(p, bool(row.right(i) & set(js))) for i, (js, p) in single.items()]
        after += [(p, bool(row.right(i) & set(js))) for i, (js, p) in {**single, **made}.items()]
        groups += [(len(row.right(i) & set(js)), len(js), p) for i, (js, p) in made.items()]
    f1 = np.mean(scores, axis=0) if scores else (np.nan, np.nan)
    right = sum(hit >= 2 and 2 * hit >= count for hit, count, _ in groups)
    some, said = sum(hit > 0 for hit, _, _ in groups), sum(p for _, _, p in groups)
    shown = f"{level} | {len(scores)} | {f1[0]:.3f} | {f1[1]:.3f} | {len(groups)} | {right} | {some} | {said:.1f}"
    return f"{shown} | {_ece(before):.3f} | {_ece(after):.3f}"


def _f1(row: Row, pairs: Mapping[int, tuple[tuple[int, ...], float]]) -> float:
    """As ``bench/match`` scores: a drawn thing's precision is the share of its outlines that are right."""
    shares = [len(row.right(i) & set(js)) / len(js) for i, (js, _) in pairs.items()]
    hits, there = sum(share > 0 for share in shares), sum(map(bool, row.answer.values()))
    if not hits:
        return 0.0
    precision, recall = float(np.mean(shares)), hits / there
    return 2 * precision * recall / (precision + recall)


def _ece(pairs: list[tuple[float, bool]]) -> float:
    """Expected calibration error in ten bins."""
    if not pairs:
        return 0.0
    sure, right = np.array(pairs, dtype=np.float64).T
    bins = np.minimum((10 * sure).astype(int), 9)
    return float(sum(abs((sure - right)[bins == k].sum()) for k in range(10)) / len(pairs))


if __name__ == "__main__":
    main()
