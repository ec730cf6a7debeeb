"""Learn how much each sign of a drawing's place is worth, from worlds whose truth is known.

    python scripts/learn_placing.py --first 600 --worlds 24 --table build/placing.json

Every plan of every world is laid as ``geoinv build`` lays it, its mirror image too, and one plan of another world as a
stranger. A conditional logit (McFadden 1974) over the places found, the mirror image's and "none of these" is fitted to
the places that are right. Two thirds of the worlds are learned from; the report is on the others. The weights are
copied by hand into ``geoinv/case/weighing.py``. Seeds from 1000 on are kept for measuring and never learned from.
"""

from __future__ import annotations

import argparse
import importlib
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize
from shapely.geometry import shape

from geoinv.case.build import Job
from geoinv.case.folder import Case
from geoinv.case.ground import Ground
from geoinv.case.intake import take_in
from geoinv.case.making.common import anchors_of, location_of, opened_scenes, sketches_of
from geoinv.case.making.place import candidates_of, clearest, facility_frame
from geoinv.case.placing import Laying, apart, mirrored, weighed_places
from geoinv.case.proposing import proposed
from geoinv.case.steps import StepLog
from geoinv.case.weighing import Traits
from geoinv.facilities.sketch_shapes import drawn_buildings
from geoinv.geometry.frames import to_local
from geoinv.records.drawings import Sketch
from geoinv.worlds.plan import DIFFICULTIES, FacilityKind
from geoinv.worlds.truth import truth_of
from geoinv.worlds.world import World, make_world
from geoinv.worlds.write import write_case

_KINDS: tuple[FacilityKind, ...] = ("camp", "county")
#: A place is right if half the buildings' centres lie within this share of the compound's side of the true ones.
_RIGHT = 0.22
#: Strength with which weights are held to one half (walls, said …) in units of one drawing each.
_HELD = 0.5
_NAMES = tuple(one.name for one in fields(Traits))


def main() -> None:
    """Make the table if there is none, learn, and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=600)
    parser.add_argument("--worlds", type=int, default=24)
    parser.add_argument("--table", type=Path, default=Path("build/placing.json"))
    options = parser.parse_args()
    if not options.table.exists():
        rows: list[dict[str, Any]] = []
        strangers: list[Sketch] = []
        for seed in range(options.first, options.first + options.worlds):
            made, strangers = _of_world(seed, strangers)
            rows += made
            options.table.parent.mkdir(parents=True, exist_ok=True)
            options.table.write_text(json.dumps(rows))
            print(f"{seed}: {len(made)} drawings", flush=True)
    report(json.loads(options.table.read_text()))


def _of_world(seed: int, strangers: Sequence[Sketch]) -> tuple[list[dict[str, Any]], list[Sketch]]:
    """One row per plan drawn as SVG of a world, and of the first stranger; and this world's plans."""
    world = make_world(_KINDS[seed % 2], seed, difficulty=DIFFICULTIES[seed // 2 % 3])
    rows: list[dict[str, Any]] = []
    own: list[Sketch] = []
    with tempfile.TemporaryDirectory() as scratch:
        write_case([world], Path(scratch) / "case")
        with Case.open(Path(scratch) / "case") as case:
            for ground, sketches in _grounds(case):
                about: dict[str, Any] = _truth(world, ground)
                own = [sketch for sketch in sketches if sketch.scope == "site" and sketch.name in about]
                for sketch in (*own, *strangers[:1]):
                    home = sketch in own
                    rows.append({"world": seed, "sketch": sketch.name, "home": home, "places": _places(sketch, ground)})
                    for place in rows[-1]["places"]:
                        place["off"] = _off(place.pop("centres"), place["mirror"], about[sketch.name]) if home else None
    return rows, own


def _grounds(case: Case) -> Iterator[tuple[Ground, tuple[Sketch, ...]]]:
    """What the drawings of each facility of a case are laid on, with its drawings."""
    take_in(case, by="learn")
    for facility in case.facilities():
        log = StepLog.load(case.models_dir(facility.slug))
        job = Job(case, facility, log)
        for step in ("trace", "locate"):
            make = importlib.import_module(f"geoinv.case.making.{step}").make
            log.run(step, {}, partial(make, job))
        location = location_of(job)
        with opened_scenes(job, []) as scenes:
            scene = clearest(scenes, location)
            assert scene is not None
            frame = facility_frame(location, scene)
            candidates = candidates_of(scene, frame, location)
            yield Ground(scene, frame, candidates, location, anchors_of(job)), sketches_of(job)


def _truth(world: World, ground: Ground) -> dict[str, Any]:
    """Per plan drawn as SVG: whether it is mirrored, the compound's side, and where each drawn building stands."""
    truth = truth_of(world)
    centres = {
        key: to_local(ground.frame, shape(item["geometry"])).centroid for key, item in truth["buildings"].items()
    }
    side = float(np.sqrt(world.plan.compound.ground.area))
    about: dict[str, Any] = {}
    for item in truth["elements"]:
        if item["element"] and item["building"]:
            name = Path(item["sketch"]).name
            known = about.setdefault(
                name, {"mirrored": truth["sketches"][item["sketch"]]["mirrored"], "side": side, "centres": {}}
            )
            known["centres"][item["element"]] = centres[item["building"]].coords[0]
    return about


def _places(sketch: Sketch, ground: Ground) -> list[dict[str, Any]]:
    """The places of a plan and of its mirror image, with their traits and where they put each building."""
    found = []
    for mirror, one in ((False, sketch), (True, mirrored(sketch))):
        for laying in apart(weighed_places(one, ground, proposed(one, ground))):
            found.append({"mirror": mirror, **asdict(laying.traits), "centres": _centres(one, laying)})
    return found


def _centres(sketch: Sketch, laying: Laying) -> dict[str, tuple[float, ...]]:
    drawn = drawn_buildings(sketch)
    return {
        element.id: outline.centroid.coords[0]
        for (element, _), outline in zip(drawn, laying.bent.outlines, strict=True)
    }


def _off(centres: dict[str, tuple[float, ...]], mirror: bool, about: dict[str, Any]) -> float | None:
    """Median distance of buildings from where they stand, in sides of the compound; ``None`` the wrong way round."""
    off = [np.hypot(*np.subtract(centres[name], there)) for name, there in about["centres"].items() if name in centres]
    return float(np.median(off)) / about["side"] if off and mirror == about["mirrored"] else None


def report(rows: Sequence[dict[str, Any]]) -> None:
    """Learn from two thirds of the worlds and say how the rest come out."""
    learned = [row for row in rows if row["world"] % 3]
    kept = [row for row in rows if not row["world"] % 3]
    weights = learn(learned)
    print(
        "weights:", {name: round(float(w), 3) for name, w in zip((*_NAMES, "MIRRORED", "NONE"), weights, strict=True)}
    )
    for name, chosen in (("learned from", learned), ("kept", kept)):
        print(f"{name}: {_summary(chosen, weights)}")


def learn(rows: Sequence[dict[str, Any]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Weights of the traits, then of a mirror image and of "none of these"."""
    start = np.array([0.5] * len(_NAMES) + [-2.0, 4.0])

    def loss(weights: np.ndarray[Any, np.dtype[np.float64]]) -> float:
        total = _HELD * float(((weights - start) ** 2).sum())
        for row in rows:
            share, right = _shares(row, weights)
            total -= float(np.log(share[right].sum() + 1e-9))
        return total

    bounds = [(0.0, 3.0)] * len(_NAMES) + [(-6.0, 0.0), (-5.0, 20.0)]
    found = minimize(loss, start, bounds=bounds, method="L-BFGS-B")
    result: np.ndarray[Any, np.dtype[np.float64]] = found.x
    return result


def _shares(
    row: dict[str, Any], weights: np.ndarray[Any, np.dtype[np.float64]]
) -> tuple[np.ndarray[Any, np.dtype[np.float64]], np.ndarray[Any, np.dtype[np.bool_]]]:
    """Probability of each place and, last, of none; and which of these are right."""
    traits = np.array([[place[name] for name in _NAMES] for place in row["places"]]).reshape(-1, len(_NAMES))
    mirror = np.array([place["mirror"] for place in row["places"]], float)
    score = np.append(traits @ weights[:-2] + mirror * weights[-2], weights[-1])
    share = np.exp(score - score.max())
    right = np.array([place["off"] is not None and place["off"] <= _RIGHT for place in row["places"]] + [False])
    right[-1] = not right.any()
    return share / share.sum(), right


def _summary(rows: Sequence[dict[str, Any]], weights: np.ndarray[Any, np.dtype[np.float64]]) -> str:
    told = placed = wrong = strangers = taken = reachable = 0
    sure = []
    for row in rows:
        share, right = _shares(row, weights)
        plain = np.array([not place["mirror"] for place in row["places"]] + [False])
        best = int(np.argmax(np.where(plain, share, -1)))
        believed = share[best] >= 2 / 3
        sure.append((float(share[best]), bool(right[best])))
        if row["home"]:
            told += 1
            reachable += bool((right & plain).any())
            placed += believed and bool(right[best])
            wrong += believed and not right[best]
        else:
            strangers += 1
            taken += believed
    table = np.array(sure, float).reshape(-1, 2)
    gaps = []
    for low, high in ((0, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 1.01)):
        part = table[(table[:, 0] >= low) & (table[:, 0] < high)]
        if len(part):
            gaps.append(f"{part[:, 0].mean():.2f}→{part[:, 1].mean():.2f} (n={len(part)})")
    return (
        f"{placed} of {told} plans placed right ({reachable} had the right place among those tried), {wrong} wrong; "
        f"{taken} of {strangers} strangers placed; said → was right: {', '.join(gaps)}"
    )


if __name__ == "__main__":
    main()
