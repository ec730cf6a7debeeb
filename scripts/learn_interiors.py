"""Learn from made blocks what speaks for two drawn rooms being one (``facilities/data/interior_alignment.json``).

    python scripts/learn_interiors.py --seeds 240

Seeds from 0 on; none of them is used for measuring (``scripts/measure_interiors.py`` starts at 3000).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from interior_drawings import LEVELS, Drawn
from interior_worlds import Case, make_case
from scipy.optimize import minimize
from shapely.geometry import Point

from geoinv.facilities.interiors_align import FEATURES, Features, Weights, features_of, row_of, sweep
from geoinv.facilities.interiors_read import read_inside
from geoinv.facilities.interiors_spine import spine_of, unrolled
from geoinv.facilities.interiors_way import Ground, Laid, Placed, ground_of, ways_of

_OUT = Path(__file__).parents[1] / "geoinv/facilities/data/interior_alignment.json"
_KINDS = tuple(FEATURES)


def truth_along(case: Case, ground: Ground) -> dict[str, tuple[float, int]]:
    """Metres along the building's middle line and side of every true room."""
    found = {}
    for room in case.rooms:
        near = shapely.shortest_line(room["polygon"].centroid, case.corridor)
        middle, hall = unrolled(ground.spine, shapely.get_coordinates(near))
        found[room["id"]] = float(middle[0]), 1 if middle[1] > hall[1] else -1
    return found


def right_way(ways: tuple[Laid, ...], drawn: Drawn, truth: dict[str, tuple[float, int]], length: float) -> Laid:
    """The way in which a drawing's rooms come nearest to where they truly are."""

    def off(laid: Laid) -> float:
        known = [(one, [truth[t] for t in drawn.rooms[one.slot.drawn.split("#")[1]]]) for one in laid.placed]
        gaps = [
            min(10 * abs(p.middle - at) / length + 2 * (p.side != s) for at, s in spots) for p, spots in known if spots
        ]
        return float(np.mean(gaps)) if gaps else 0.0

    return min(ways, key=off)


def laid_right(case: Case) -> tuple[Ground, dict[str, tuple[float, int]], list[tuple[Laid, Drawn]]]:
    """A case's ground, where its rooms truly are, and its drawings laid the right way."""
    ground = ground_of(spine_of(case.outline), Point(case.entrance) if case.entrance else None)
    truth = truth_along(case, ground)
    found = []
    for drawn in case.drawings:
        reading = read_inside(drawn.sketch, ground.spine)
        if reading is not None:
            found.append((right_way(ways_of(reading, ground), drawn, truth, ground.length), drawn))
    return ground, truth, found


def stands_for(row: tuple[Placed, ...], drawn: Drawn, truth: dict[str, tuple[float, int]]) -> list[str | None]:
    """The true room of each slot of a row; those of a room with a count in order."""
    seen: dict[str, int] = {}
    found: list[str | None] = []
    for one in row:
        ids = sorted(drawn.rooms[one.slot.drawn.split("#")[1]], key=lambda t: truth[t][0])
        rank = seen[one.slot.drawn] = seen.get(one.slot.drawn, -1) + 1
        found.append(ids[min(len(ids) - 1, rank * len(ids) // one.slot.of)] if ids else None)
    return found


def _path(same: Any) -> list[tuple[int, int]]:
    """The matches of the alignment that has most true ones, in order."""
    n, m = same.shape
    best = np.zeros((n + 1, m + 1))
    for i in range(n):
        for j in range(m):
            best[i + 1, j + 1] = max(best[i, j] + same[i, j], best[i, j + 1], best[i + 1, j])
    found, i, j = [], n, m
    while i and j:
        if same[i - 1, j - 1] and best[i, j] == best[i - 1, j - 1] + 1:
            i, j = i - 1, j - 1
            found.append((i, j))
        elif best[i, j] == best[i - 1, j]:
            i -= 1
        else:
            j -= 1
    return found[::-1]


def _counts(path: list[tuple[int, int]], f: Features, n: int, m: int) -> Any:
    """Sums of the features along an alignment."""
    sums = {kind: np.zeros(len(names)) for kind, names in FEATURES.items()}
    i = j = 0
    state = "match"
    for a, b in [*path, (n, m)]:
        while i < a:
            sums["alone"] += f.alone_one[i, j]
            sums["gap"][0 if state == "match" else 1] += 1
            state, i = "one", i + 1
        while j < b:
            sums["alone"] += f.alone_other[i, j]
            sums["gap"][{"match": 0, "one": 2, "other": 1}[state]] += 1
            state, j = "other", j + 1
        if (a, b) != (n, m):
            sums["match"] += f.match[a, b]
            sums["follow"] += f.follow[a, b] if state == "match" else 0.0
            state, i, j = "match", i + 1, j + 1
    return np.concatenate([sums[kind] for kind in _KINDS])


def examples(seeds: range, drawings: int = 4) -> Iterator[tuple[Features, Any]]:
    """Pairs of rows of made blocks with the features of their true alignment."""
    for seed in seeds:
        ground, truth, laid = laid_right(make_case(seed, list(LEVELS)[seed % 3], drawings))
        for i, (one, drawn) in enumerate(laid):
            for other, drawn_other in laid[:i]:
                for side in (1, -1):
                    rows = one.row(side), other.row(side)
                    if not all(rows) or max(len(row) for row in rows) > 26:
                        continue
                    ids = stands_for(rows[0], drawn, truth), stands_for(rows[1], drawn_other, truth)
                    same = np.array([[float(a is not None and a == b) for b in ids[1]] for a in ids[0]])
                    f = features_of(*(row_of(row, ground.length) for row in rows))
                    yield f, _counts(_path(same), f, *same.shape)


def _weights(flat: Any) -> Weights:
    ends = np.cumsum([len(FEATURES[kind]) for kind in _KINDS])[:-1]
    return Weights(**dict(zip(_KINDS, np.split(flat, ends), strict=True)))


def _objective(flat: Any, batches: list[list[tuple[Features, Any]]], penalty: float = 2.0) -> tuple[float, Any]:
    """Negative log likelihood of the true alignments, and its gradient: features expected less those found."""
    value, slope = 0.5 * penalty * float(flat @ flat), penalty * flat
    weights = _weights(flat)
    begins, goes_on, changes = weights.gap
    for batch in batches:
        features = [f for f, _ in batch]
        swept = sweep(features, weights)
        (match, first, second, follow), total = swept.scores, swept.total[:, None, None]
        f, g = swept.before[:, :, 1:, 1:], swept.after
        to_match = match + g[0][:, 1:-1, 1:-1]
        to_first, to_second = first + g[1][:, 1:-1, :-1], second + g[2][:, :-1, 1:-1]

        def sure(log: Any, total: Any = total) -> Any:
            return np.exp(np.minimum(log - total, 0.0))

        follows = sure(f[0][:, :-1, :-1] + follow + to_match)
        alone = sure(f[1][:, 1:, :] + g[1][:, 1:-1, :-1]), sure(f[2][:, :, 1:] + g[2][:, :-1, 1:-1])
        gaps = np.array([
            sure(f[0][:, :-1, :] + begins + to_first).sum() + sure(f[0][:, :, :-1] + begins + to_second).sum(),
            sure(f[1][:, :-1, :] + goes_on + to_first).sum() + sure(f[2][:, :, :-1] + goes_on + to_second).sum(),
            sure(f[1][:, :, :-1] + changes + to_second).sum(),
        ])  # fmt: skip
        matched, expected = swept.matched(), {kind: np.zeros(len(names)) for kind, names in FEATURES.items()}
        for index, one in enumerate(features):
            n, m = one.match.shape[:2]
            expected["match"] += np.einsum("ij,ijk->k", matched[index, :n, :m], one.match)
            expected["follow"] += np.einsum("ij,ijk->k", follows[index, :n, :m], one.follow)
            expected["alone"] += np.einsum("ij,ijk->k", alone[0][index, :n, : m + 1], one.alone_one)
            expected["alone"] += np.einsum("ij,ijk->k", alone[1][index, : n + 1, :m], one.alone_other)
        expected["gap"] = gaps
        found = sum(counts for _, counts in batch)
        value += float(swept.total.sum() - found @ flat)
        slope = slope + np.concatenate([expected[kind] for kind in _KINDS]) - found
    return value, slope


def main() -> None:
    """Learn and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=240)
    parser.add_argument("--rounds", type=int, default=60)
    chosen = parser.parse_args()
    pairs = sorted(examples(range(chosen.seeds)), key=lambda pair: sum(pair[0].match.shape[:2]))
    batches = [pairs[at : at + 100] for at in range(0, len(pairs), 100)]
    start = np.zeros(sum(len(names) for names in FEATURES.values()))
    found = minimize(
        _objective, start, args=(batches,), jac=True, method="L-BFGS-B", options={"maxiter": chosen.rounds}
    )
    weights = _weights(found.x)
    data = {
        "learned": f"scripts/learn_interiors.py --seeds {chosen.seeds}: {len(pairs)} pairs of rows of made blocks",
        "weights": {
            kind: {name: round(float(v), 3) for name, v in zip(names, getattr(weights, kind), strict=True)}
            for kind, names in FEATURES.items()
        },
    }
    _OUT.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    print(f"{len(pairs)} pairs, {found.fun / len(pairs):.3f} nats each after {found.nit} rounds")


if __name__ == "__main__":
    main()
