"""Measure the whole way on made worlds: how many drawn buildings get the right footprint, and how many a wrong one.

    python scripts/measure_worlds.py --seeds 20 --first 1000

Prints one line per drawing and the means. The worlds are made from their seeds; none of them was used to set anything.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from shapely.affinity import translate
from shapely.geometry import shape

from geoinv.case.build import build
from geoinv.case.decisions import decide
from geoinv.case.folder import Case
from geoinv.geometry.frames import to_local
from geoinv.records.decisions import PlaceSketch
from geoinv.records.drawings import Tie
from geoinv.records.places import Frame
from geoinv.worlds.truth import truth_of
from geoinv.worlds.world import World, make_world
from geoinv.worlds.write import write_case

_KINDS = ("camp", "county")
_DIFFICULTIES = ("easy", "medium", "hard")


@dataclass(frozen=True)
class Score:
    """One drawing's result: buildings drawn, right on the ground, right on the scene, wrong though unflagged."""

    world: str
    sketch: str
    drawn: int
    right: int
    right_on_scene: int
    wrong_unflagged: int
    placed: bool


def _overlap(one: Any, other: Any) -> float:
    return float(one.intersection(other).area / one.union(other).area)


def _list(value: Any) -> list[Any]:
    return json.loads(value) if isinstance(value, str) else list(value or [])


def scores(world: World, models: Path) -> list[Score]:
    """Compare a built world's footprints with its truth, per site plan drawn as SVG."""
    truth = truth_of(world)
    frame = Frame.about(tuple(truth["facility_point"]))
    real = {name: to_local(frame, shape(item["geometry"])) for name, item in truth["buildings"].items()}
    built = (
        json.loads((models / "footprints.geojson").read_text())["features"]
        if (models / "footprints.geojson").exists()
        else []
    )
    # The finest scene is the one that outlines are read off; it lies a little out of place itself.
    shift = list(truth["scene_shifts_m"].values())[-1]
    named: dict[str, tuple[Any, bool]] = {}
    for feature in built:
        properties = feature["properties"]
        flagged = bool(_list(properties.get("warnings"))) or (properties.get("probability") or 1.0) < 0.6
        for name in _list(properties.get("drawn")):
            named[name] = (to_local(frame, shape(feature["geometry"])).buffer(0), flagged)
    found = []
    sketches = dict.fromkeys(Path(item["sketch"]).name for item in truth["elements"] if item["element"])
    for sketch in sketches:
        items = [
            i for i in truth["elements"] if Path(i["sketch"]).name == sketch and i["element"] and i["building"] in real
        ]
        if not items:
            continue
        right = on_scene = wrong = 0
        for item in items:
            shape_, flagged = named.get(f"{sketch}#{item['element']}", (None, True))
            target = real[item["building"]]
            seen = shape_ is not None and _overlap(shape_, translate(target, *shift)) >= 0.5
            right += shape_ is not None and _overlap(shape_, target) >= 0.5
            on_scene += seen
            wrong += not seen and not flagged
        placed = any(name.startswith(sketch + "#") for name in named)
        found.append(Score(world.slug, sketch, len(items), right, on_scene, wrong, placed))
    return found


def tie(case: Case, world: World, most: int) -> None:
    """Place every plan drawn as SVG by up to so many ties, read off the scene by a person: off by about a metre."""
    truth = truth_of(world)
    east, north = list(truth["scene_shifts_m"].values())[-1]
    rng = np.random.default_rng(world.seed)
    by_sketch: dict[str, list[Any]] = {}
    for item in truth["elements"]:
        if item["element"] and item["building"]:
            by_sketch.setdefault(Path(item["sketch"]).name, []).append(item)
    for sketch, items in sorted(by_sketch.items()):
        if truth["sketches"][f"sketches/{sketch}"]["mirrored"]:
            continue
        chosen = [items[index] for index in rng.permutation(len(items))[:most]]
        ties = tuple(
            Tie(
                sketch=sketch,
                element=item["element"],
                point=(
                    item["position"][0] + rng.normal(east, 1) / (111_320 * math.cos(math.radians(item["position"][1]))),
                    item["position"][1] + rng.normal(north, 1) / 111_320,
                ),
            )
            for item in chosen
        )
        decide(case, PlaceSketch(facility=world.slug, sketch=sketch, ties=ties), by="measure", reason="measured")


def main() -> None:
    """Make, build and score worlds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=1000)
    parser.add_argument("--keep", type=Path, help="folder to keep the cases in")
    parser.add_argument("--ties", type=int, default=0, help="buildings of each plan that a person ties to the scene")
    options = parser.parse_args()
    every: list[Score] = []
    for number in range(options.seeds):
        seed = options.first + number
        world = make_world(_KINDS[seed % 2], seed, difficulty=_DIFFICULTIES[seed // 2 % 3])
        start = time.process_time()
        with tempfile.TemporaryDirectory() as scratch:
            root = (options.keep or Path(scratch)) / f"case-{seed}"
            if not root.exists():
                write_case([world], root)
            with Case.open(root) as case:
                if options.ties:
                    tie(case, world, options.ties)
                report = build(case)
            found = scores(world, root / "models" / world.slug)
        every += found
        for one in found:
            print(
                f"{seed} {one.world} {world.difficulty} {one.sketch}: {one.right}/{one.drawn} right on the ground, "
                f"{one.right_on_scene} on the scene, "
                f"{one.wrong_unflagged} wrong and unflagged, placed {one.placed}",
                flush=True,
            )
        print(
            f"  {time.process_time() - start:.0f} s CPU; {[p for f in report.facilities for p in f.problems][:6]}",
            flush=True,
        )
    placed = [one for one in every if one.placed]
    for name, chosen in (("all drawings", every), ("placed drawings", placed)):
        count = max(len(chosen), 1)
        ground = sum(one.right / one.drawn for one in chosen) / count
        scene = sum(one.right_on_scene / one.drawn for one in chosen) / count
        print(f"mean share right, {name}: on the ground {ground:.3f}, on the scene {scene:.3f} (n = {len(chosen)})")
    wrong = sum(one.wrong_unflagged for one in every) / max(len(every), 1)
    print(f"wrong and unflagged, mean per drawing: {wrong:.2f}")


if __name__ == "__main__":
    main()
