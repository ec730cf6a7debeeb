"""Learn how much each sign of a placement is worth to ``geoinv match``, from generated cases whose truth is known.

    python scripts/learn_match.py --table build/match.pkl --jobs 2

Weights of placements are fitted to those that are right, and to the F1 expected under them (``match_learning``).
Whether the first is right, temperature and the calibration of pairs are learned from cases weighed by what others
taught. The report is on further cases (seeds from 1000 on). Writes ``geoinv/facilities/data/match_ranker.json``.
"""

from __future__ import annotations

import argparse
import json
import pickle
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from match_cases import FRAME, LEVELS, Case, make_case, make_rooms, make_streets
from match_learning import Part, Row, learned, report

from geoinv.facilities.match import problem_of
from geoinv.facilities.match_evidence import Problem
from geoinv.facilities.match_few import few_ways, is_few
from geoinv.facilities.match_items import ground_of
from geoinv.facilities.match_parts import parts
from geoinv.facilities.match_placed import hypotheses_of
from geoinv.facilities.match_rank import settled_pool
from geoinv.facilities.match_ranker import ranker_from
from geoinv.facilities.match_settle import Settled
from geoinv.facilities.match_traits import traits

_OUT = Path(__file__).parents[1] / "geoinv" / "facilities" / "data" / "match_ranker.json"
#: Share of learning cases with two strange compounds beside the drawn one.
_BESIDE = 0.2
#: Levels at which every way of pairing is weighed.
_FEW, _FEW_ABSENT = "few points", "few points, absent"

Asked = tuple[Callable[..., Case], tuple[Any, ...], str]


def main() -> None:
    """Make the table if there is none, learn, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--table", type=Path, default=Path("build/match.pkl"))
    parser.add_argument("--checks", type=int, default=30, help="cases per level of the report")
    options = parser.parse_args()
    if not options.table.exists():
        options.table.parent.mkdir(parents=True, exist_ok=True)
        with ProcessPoolExecutor(options.jobs) as workers:
            made = {name: list(workers.map(_made, asked, chunksize=10)) for name, asked in plan(options.checks).items()}
        options.table.write_bytes(pickle.dumps({name: [row for row in rows if row] for name, rows in made.items()}))
    found = pickle.loads(options.table.read_bytes())
    numbers = {kind: learned(found[kind], kind) for kind in ("shapes", "points", "few")}
    _OUT.write_text(json.dumps(numbers, indent=1) + "\n")
    for kind in numbers:
        report(ranker_from(numbers[kind]), found[f"{kind} checks"])


def plan(checks: int) -> dict[str, list[Asked]]:
    """The cases to learn from (seeds below 1000) and to report on (seeds from 1000 on), by kind of drawing."""
    late = range(1000, 1000 + checks)
    return {
        "shapes": [
            *((_any_case, (seed,), "any") for seed in range(600)),
            *((make_streets, (seed,), "streets") for seed in range(250)),
            *((_absent_case, (seed,), "absent") for seed in range(350)),
            *((_sure_absent_case, (seed,), "absent") for seed in range(200)),
        ],
        "points": [
            *((make_rooms, (seed,), "rooms") for seed in range(200)),
            *((_other_rooms, (seed,), "absent") for seed in range(60)),
        ],
        "shapes checks": [
            *((_level_case, (seed, level), level) for level in LEVELS for seed in late),
            *((_level_case, (seed, "hard", True), "hard with wall") for seed in late),
            *((make_streets, (seed,), "streets") for seed in late),
            *((_level_case, (4000 + seed, "medium", False, False), "medium, absent") for seed in late),
        ],
        "few": [
            *((make_rooms, (seed,), _FEW) for seed in range(300)),
            *((_other_rooms, (seed,), _FEW) for seed in range(120)),
        ],
        "few checks": [
            *((make_rooms, (seed,), _FEW) for seed in range(1000, 1000 + 4 * checks)),
            *((_other_rooms, (seed,), _FEW_ABSENT) for seed in range(1000, 1000 + 2 * checks)),
        ],
        "points checks": [(make_rooms, (seed,), "rooms") for seed in range(1000, 1000 + 2 * checks)],
    }


def _any_case(seed: int) -> Case:
    return make_case(seed, compounds=3 if (seed * 0.6180339887) % 1.0 < _BESIDE else 1)


def _absent_case(seed: int) -> Case:
    return make_case(seed, present=False, series=1)


def _sure_absent_case(seed: int) -> Case:
    """A careful drawing of what is not there: where chance reaches highest."""
    return make_case(seed, level=("easy", "medium")[seed % 2], present=False, series=2)


def _other_rooms(seed: int) -> Case:
    """Rooms drawn, and those of another floor to lay them on."""
    case = make_rooms(seed)
    nothing = tuple({name: frozenset[str]() for name in one} for one in case.pairs)
    return replace(case, candidates=make_rooms(seed + 500).candidates, pairs=nothing)


def _level_case(seed: int, level: str, walled: bool = False, present: bool = True) -> Case:
    return make_case(seed, level=level, walled=walled, present=present)


def _made(asked: Asked) -> Row | None:
    make, arguments, level = asked
    case = make(*arguments)
    names = sorted(set(case.candidates["compound"])) if "compound" in case.candidates.columns else [None]
    found = []
    for number, name in enumerate(names):
        table = case.candidates if name is None else case.candidates[case.candidates["compound"] == name]
        problem = problem_of(case.sketches[0], ground_of(table, FRAME), FRAME)
        if level in (_FEW, _FEW_ABSENT):
            if not is_few(problem):
                continue
            ways = few_ways(problem)
            found.append(replace(part_of(problem, ways.settled, case.pairs[0]), given=ways.weight))
            continue
        settled = settled_pool(problem, np.random.default_rng([7, number]))
        if settled is not None:
            found.append(part_of(problem, settled, case.pairs[0]))
    return Row(level, found) if found else None


def part_of(problem: Problem, settled: Settled, answer: dict[str, frozenset[str]]) -> Part:
    """What was found on one group of candidates, with the answer."""
    ids, there = problem.drawn.ids, problem.ground.ids
    right = np.array([[name in answer.get(one, ()) for name in there] for one in ids])
    pairs = np.array([one.pairs for one in hypotheses_of(problem, settled, np.zeros(len(settled.level)))])
    radius = np.abs(settled.bend.factor)
    return Part(
        traits(problem, settled), parts(problem, settled), pairs, settled.mean, radius,
        settled.near, settled.share, right, sum(map(bool, answer.values())),
    )  # fmt: skip


if __name__ == "__main__":
    main()
