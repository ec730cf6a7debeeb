"""What decoding a whole layout could give: drawings of made blocks aligned with plans of which more or less is known.

    python scripts/measure_layouts.py --learn 150 --first 400 --blocks 40

Every sheet lies the right way. Prints, for one, three and five medium drawings, F1 of drawn rooms on the right true
room and of pairs of drawn rooms together, where the plan is known whole; where it has so many rooms alike on a side, no
more; where their uses are found from all drawings by expectation-maximisation; and where the number of rooms is
searched for too. docs/methods/interior.md says what follows. Seeds below 1000.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from interior_drawings import LEVELS
from interior_worlds import Case, make_case
from learn_interiors import FEATURES, _counts, _objective, _path, _weights, laid_right, stands_for
from scipy.optimize import minimize

from geoinv.facilities.interiors_align import Features, Row, Weights, features_of, row_of, sweep
from geoinv.facilities.interiors_read import Slot
from geoinv.facilities.interiors_way import Laid, Placed

KINDS = {"cell": "cell", "punishment": "punishment cell", "interrogation": "interrogation", "guard": "guard",
         "latrine": "latrine", "office": "office", "store": "store"}  # fmt: skip
#: How often a room is each of these, and how often a label is wrong; least and most metres of a room that are tried.
SHARES, WRONG, WIDTHS = np.array([0.62, 0.07, 0.09, 0.03, 0.05, 0.07, 0.07]), 0.06, (1.8, 6.0)
#: A link missed costs as much as a wrong one.
SURE = 0.05


def plan_row(case: Case, ids: Sequence[str], side: int, length: float, known: bool) -> tuple[Placed, ...]:
    """A side's true rooms from end to end: with their widths and uses, or as many alike."""
    rooms = {room["id"]: room for room in case.rooms}
    widths = np.array([rooms[i]["high"] - rooms[i]["low"] + 0.2 if known else 1.0 for i in ids])
    ends = np.concatenate([[0.0], np.cumsum(widths)]) / max(widths.sum(), 1e-9) * length
    uses = [KINDS[rooms[i]["kind"]] if known else None for i in ids]
    numbers = [rooms[i].get("number") if known else None for i in ids]
    return tuple(
        Placed(Slot(f"plan#{i}", use, number, None, side, a, b), side, float(a), float(b))
        for i, use, number, a, b in zip(ids, uses, numbers, ends[:-1], ends[1:], strict=True)
    )


def sides_of(truth: dict[str, tuple[float, int]]) -> dict[int, list[str]]:
    """True rooms of each side, in order."""
    return {side: sorted((i for i in truth if truth[i][1] == side), key=lambda i: truth[i][0]) for side in (1, -1)}


def learned(seeds: range, known: bool) -> Weights:
    """Weights for a drawing against a plan."""
    pairs: list[tuple[Features, Any]] = []
    for seed in seeds:
        case = make_case(seed, list(LEVELS)[seed % 3], 3)
        ground, truth, laid = laid_right(case)
        for (one, drawn), (side, ids) in itertools.product(laid, sides_of(truth).items()):
            if one.row(side) and ids:
                stands = stands_for(one.row(side), drawn, truth)
                same = np.array([[float(a == b) for b in ids] for a in stands])
                plan = row_of(plan_row(case, ids, side, ground.length, known), ground.length)
                features = features_of(row_of(one.row(side), ground.length), plan)
                pairs.append((features, _counts(_path(same), features, *same.shape)))
    pairs.sort(key=lambda pair: sum(pair[0].match.shape[:2]))
    batches = [pairs[at : at + 100] for at in range(0, len(pairs), 100)]
    start = np.zeros(sum(len(names) for names in FEATURES.values()))
    found = minimize(_objective, start, args=(batches,), jac=True, method="L-BFGS-B", options={"maxiter": 40})
    return _weights(found.x)


def matched(rows: Sequence[Row], plan: Sequence[Placed], length: float, weights: Weights) -> tuple[list[Any], float]:
    """Probability of every drawn room being each of the plan, a table a drawing; and the log sum of all alignments."""
    swept = [sweep([features_of(row, row_of(plan, length))], weights) for row in rows]
    return [one.matched()[0] for one in swept], float(sum(one.total[0] for one in swept))


def with_uses(rows: Sequence[Row], plan: Sequence[Placed], length: float, weights: Weights) -> tuple[list[Any], float]:
    """The same where uses are not known: likeliest uses by what is drawn there, drawings aligned again, four times."""
    kinds = list(KINDS.values())
    told = np.log(np.full((len(kinds), len(kinds)), WRONG / len(kinds)) + (1 - WRONG) * np.eye(len(kinds)))
    tables, total = matched(rows, plan, length, weights)
    for _ in range(4):
        evidence = np.tile(np.log(SHARES), (len(plan), 1))
        for table, row in zip(tables, rows, strict=True):
            for chance, one in zip(table, row.placed, strict=True):
                if one.slot.role in kinds:
                    evidence += chance[:, None] * told[:, kinds.index(one.slot.role)]
        uses = [kinds[index] for index in evidence.argmax(axis=1)]
        plan = [Placed(Slot(p.slot.drawn, use, None, None, p.side, p.low, p.high), p.side, p.low, p.high)
                for p, use in zip(plan, uses, strict=True)]  # fmt: skip
        tables, total = matched(rows, plan, length, weights)
    return tables, total


def searched(rows: Sequence[Row], side: int, length: float, weights: Weights) -> tuple[list[Any], int]:
    """The number of rooms of which the drawings' alignments and a usual room's width together say most."""
    found = []
    for count in range(max(2, int(length / WIDTHS[1])), int(length / WIDTHS[0]) + 1):
        ends = np.linspace(0, length, count + 1)
        plan = [Placed(Slot("plan", None, None, None, side, a, b), side, float(a), float(b))
                for a, b in itertools.pairwise(ends)]  # fmt: skip
        tables, total = with_uses(rows, plan, length, weights)
        found.append((total - 0.5 * (np.log(length / count / 3.1) / 0.33) ** 2, tables, count))
    _, tables, count = max(found, key=lambda item: item[0])
    return tables, count


def chosen(table: Any) -> list[tuple[int, int]]:
    """The alignment with the largest expected number of right matches."""
    n, m = table.shape
    best = np.zeros((n + 1, m + 1))
    for i, j in itertools.product(range(n), range(m)):
        best[i + 1, j + 1] = max(best[i, j] + table[i, j] - SURE, best[i, j + 1], best[i + 1, j])
    found, i, j = [], n, m
    while i and j:
        if best[i, j] == best[i - 1, j]:
            i -= 1
        elif best[i, j] == best[i, j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            found.append((i, j))
    return found


def _decoded(
    how: str, laid: Sequence[Laid], case: Case, ids: Sequence[str], side: int, length: float, weights: Weights
) -> list[Any]:
    """Of each drawing (side, room) → the true room that it is put on: of a plan alike, the one of most overlap."""
    rows = [row_of(one.row(side), length) for one in laid]
    if how == "searched":
        tables, count = searched(rows, side, length, weights)
    else:
        plan, count = plan_row(case, ids, side, length, how == "plan"), len(ids)
        tables, _ = (with_uses if how == "uses" else matched)(rows, plan, length, weights)
    if how == "plan":
        return [{i: ids[j] for i, j in chosen(table)} for table in tables]
    true, ends = plan_row(case, ids, side, length, True), np.linspace(0, length, count + 1)
    over = [[(min(b, p.high) - max(a, p.low)) / (max(b, p.high) - min(a, p.low)) for p in true]
            for a, b in itertools.pairwise(ends)]  # fmt: skip
    return [{i: ids[int(np.argmax(over[j]))] for i, j in chosen(table)} for table in tables]


def score(seed: int, drawings: int, how: str, weights: Weights) -> tuple[float, float]:
    """F1 of rooms on the ground, and of links, of one block."""
    case = make_case(seed, "medium", drawings)
    ground, truth, laid = laid_right(case)
    placed, real, right, pairs = 0, 0, 0, []
    for side, ids in sides_of(truth).items():
        shown = [(one, drawn) for one, drawn in laid if one.row(side)]
        stands = [stands_for(one.row(side), drawn, truth) for one, drawn in shown]
        real += sum(name is not None for names in stands for name in names)
        if not shown or not ids:
            continue
        on = _decoded(how, [one for one, _ in shown], case, ids, side, ground.length, weights)
        for sheet, (names, where) in enumerate(zip(stands, on, strict=True)):
            placed += len(where)
            right += sum(names[i] == name for i, name in where.items())
            pairs += [(sheet, side, name, names[i]) for i, name in where.items()]
    two = [(a, b) for a, b in itertools.combinations(pairs, 2) if a[0] != b[0] and a[1] == b[1]]
    found = [a[2] == b[2] for a, b in two]
    wanted = [a[3] is not None and a[3] == b[3] for a, b in two]
    both = sum(f and w for f, w in zip(found, wanted, strict=True))
    links = 2 * both / (sum(found) + sum(wanted)) if sum(wanted) else float("nan")
    return 2 * right / max(1, placed + real), links


def main() -> None:
    """Learn, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--learn", type=int, default=150, help="blocks to learn from, seeds from 0 on")
    parser.add_argument("--first", type=int, default=400)
    parser.add_argument("--blocks", type=int, default=40)
    given = parser.parse_args()
    weights = {known: learned(range(given.learn), known) for known in (True, False)}
    for how, drawings in itertools.product(("plan", "alike", "uses", "searched"), (1, 3, 5)):
        seeds = range(given.first, given.first + given.blocks)
        figures = np.array([score(seed, drawings, how, weights[how != "alike"]) for seed in seeds])
        ground, links = figures[:, 0].mean(), np.nanmean(figures[:, 1]) if drawings > 1 else float("nan")
        print(f"{how:9s} {drawings} drawings: on the ground {ground:.2f}, links {links:.2f}", flush=True)


if __name__ == "__main__":
    main()
