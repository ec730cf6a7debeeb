"""Measure ``geoinv match`` on generated cases with known answers, beside the specification's own bench.

    python scripts/measure_match.py ties 2000 40        three ties, and the true placement told, against no help
    python scripts/measure_match.py small 2000 40       compounds of one, two and three buildings
    python scripts/measure_match.py absent 7120 200     the drawn compound is not among the outlines
    python scripts/measure_match.py witnesses 2000 20   each of three sketches of one place alone, and all together
    python scripts/measure_match.py said 2000 40        lengths said of four buildings, against none

Cases come from ``match_cases``; seeds below 1000 are for setting things, seeds from 1000 on for measuring only.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
import shapely
from match_cases import FRAME, Case, make_case, make_small

from geoinv.facilities.match import match
from geoinv.geometry.frames import to_local
from geoinv.records.drawings import Sketch, Tie
from geoinv.records.placements import Match, Transform


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=sorted(_MEASURES))
    parser.add_argument("first", type=int)
    parser.add_argument("cases", type=int)
    options = parser.parse_args()
    _MEASURES[options.what](range(options.first, options.first + options.cases))


def f1_of(found: Match, case: Case) -> float:
    """F1 of the pairs of the first placement, mean over sketches; a group's precision is the share that is right."""
    scores = []
    for sketch, answer in zip(case.sketches, case.pairs, strict=True):
        placed = found.placements[0].sketches.get(sketch.name) if found.placements else None
        made = [] if placed is None else [(answer.get(p.sketch[0], frozenset()), p.candidates) for p in placed.pairs]
        shares = [len(right.intersection(there)) / len(there) for right, there in made]
        hits, there = sum(share > 0 for share in shares), sum(map(bool, answer.values()))
        precision, recall = sum(shares) / max(len(shares), 1), hits / max(there, 1)
        scores.append(2 * precision * recall / (precision + recall) if hits else 0.0)
    return float(np.mean(scores))


def _ties(seeds: range) -> None:
    print("level | free | three ties | told the true affine placement")
    for level, walled in (("easy", False), ("medium", False), ("hard", False), ("hard", True)):
        rows = []
        for seed in seeds:
            case = make_case(seed, level=level, walled=walled)
            ties = _three(case)
            if len(ties) < 3:
                continue
            told = {case.sketches[0].name: _true_placement(case)}
            helped = ({}, {"ties": ties}, {"placements": told})
            rows.append([f1_of(match(case.candidates, case.sketches, **more), case) for more in helped])  # type: ignore[arg-type]
        print(
            f"{level}{' with wall' * walled} ({len(rows)}) | "
            + " | ".join(f"{one:.3f}" for one in np.mean(rows, axis=0)),
            flush=True,
        )


def _three(case: Case) -> list[Tie]:
    """Three drawn things far apart, each tied to its outline: what a person would tie first."""
    sketch, answer = case.sketches[0], case.pairs[0]
    known = [one for one in sketch.elements if answer.get(one.id)]
    xy = np.array([one.geometry.centroid.coords[0] for one in known]).reshape(-1, 2)
    if len(known) < 3:
        return []
    picked = [int(np.argmax(np.hypot(*(xy - xy.mean(axis=0)).T)))]
    while len(picked) < 3:
        apart = np.min([np.hypot(*(xy - xy[k]).T) for k in picked], axis=0)
        picked.append(int(np.argmax(apart)))
    return [Tie(sketch=sketch.name, element=known[k].id, candidate=sorted(answer[known[k].id])[0]) for k in picked]


def _true_placement(case: Case) -> Transform:
    """The affine placement that fits the true places best."""
    places = case.places[0]
    there = np.array(list(places.values()))
    drawn = {one.id: one.geometry.centroid.coords[0] for one in case.sketches[0].elements}
    basis = np.array([[*drawn[name], 1.0] for name in places])
    (a, c), (b, d), (east, north) = np.linalg.lstsq(basis, there, rcond=None)[0]
    return Transform(matrix=((a, b, east), (c, d, north)), origin=(FRAME.lon, FRAME.lat))


def _small(seeds: range) -> None:
    print("buildings | F1 | a placement above one half | of these right | none of one half or more")
    for buildings in (1, 2, 3):
        rows = []
        for seed in seeds:
            case = make_small(seed, buildings)
            found = match(case.candidates, case.sketches)
            sure = bool(found.placements) and found.placements[0].probability > 0.5
            rows.append((f1_of(found, case), sure, found.none_probability >= 0.5))
        f1, sure, none = np.array(rows, dtype=np.float64).T
        right = f"{(f1[sure > 0] >= 0.5).sum()} of {int(sure.sum())}"
        print(f"{buildings} | {f1.mean():.3f} | {sure.mean():.2f} | {right} | {none.mean():.2f}", flush=True)


def _absent(seeds: range) -> None:
    levels = ("medium", None, "hard", "easy")
    rows = []
    for seed in seeds:
        case = make_case(seed, level=levels[seed % 4], present=False)
        found = match(case.candidates, case.sketches)
        rows.append((max((one.probability for one in found.placements), default=0.0), found.none_probability >= 0.5))
    top, none = np.array(rows, dtype=np.float64).T
    print(f"a placement above one half in {(top > 0.5).sum()} of {len(top)}; abstains {none.mean():.2f}")


def _witnesses(seeds: range) -> None:
    print("level | each of three alone | three together | difference ± standard error")
    for level in ("medium", "hard"):
        rows = []
        for seed in seeds:
            case = make_case(seed, level=level, walled=False, sketches=3)
            alone = [f1_of(match(case.candidates, [sketch]), _only(case, k)) for k, sketch in enumerate(case.sketches)]
            rows.append([float(np.mean(alone)), f1_of(match(case.candidates, case.sketches), case)])
        gain = np.diff(rows, axis=1)
        error = gain.std(ddof=1) / np.sqrt(len(rows))
        means = " | ".join(f"{one:.3f}" for one in np.mean(rows, axis=0))
        print(f"{level} | {means} | {gain.mean():.3f} ± {error:.3f}", flush=True)


def _said(seeds: range) -> None:
    print("level | nothing said | four lengths said")
    for level in ("medium", "hard"):
        rows = []
        for seed in seeds:
            case = make_case(seed, level=level, walled=False)
            rows.append([f1_of(match(case.candidates, [one]), case) for one in (case.sketches[0], _paced(case, seed))])
        print(f"{level} | " + " | ".join(f"{one:.3f}" for one in np.mean(rows, axis=0)), flush=True)


def _paced(case: Case, seed: int) -> Sketch:
    """The first sketch with the lengths of its first four buildings: a pace wrong by 10 %, each by 15 % more."""
    rng, said = np.random.default_rng([seed, 81]), {}
    shapes = dict(zip(case.candidates["id"], case.candidates.geometry, strict=True))
    pace = rng.normal(0, 0.1)
    for one in case.sketches[0].elements:
        there = case.pairs[0].get(one.id)
        if there and one.role == "building" and len(said) < 4:
            box = shapely.oriented_envelope(to_local(FRAME, shapes[min(there)]))
            sides = np.diff(shapely.get_coordinates(box)[:3], axis=0)
            said[one.id] = float(np.hypot(sides[:, 0], sides[:, 1]).max() * np.exp(pace + rng.normal(0, 0.15)))
    elements = tuple(one.model_copy(update={"length_m": said.get(one.id)}) for one in case.sketches[0].elements)
    return case.sketches[0].model_copy(update={"elements": elements})


def _only(case: Case, k: int) -> Case:
    one = slice(k, k + 1)
    return Case(case.candidates, case.sketches[one], case.pairs[one], case.places[one], case.radius_m, case.level)


_MEASURES: dict[str, Callable[[range], None]] = {
    "ties": _ties,
    "small": _small,
    "absent": _absent,
    "witnesses": _witnesses,
    "said": _said,
}


if __name__ == "__main__":
    main()
