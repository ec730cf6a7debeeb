"""Learn how likely a real building stands where a scene suggests one, from worlds whose truth is known.

    python scripts/learn_existence.py --first 700 --worlds 24 --table build/existence.json

Every outline that ``geoinv detect`` suggests on both scenes of every world, within 120 m of the facility, is right if
it overlaps a building that stood on the day of the scene by at least 0.4 (intersection over union). A logistic
regression on the detector's own log odds, form, size, contrast, shadow and edge is fitted to that, held towards zero
by a normal prior. Two worlds in three are learned from; the report is on the others. The weights are copied by hand
into ``geoinv/imagery/roof_odds.py``. Seeds from 1000 on are kept for measuring and never learned from.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from shapely.affinity import translate
from shapely.geometry import Point, Polygon
from shapely.strtree import STRtree

from geoinv.case.scenes import open_described
from geoinv.files.atomic import write_bytes, write_json
from geoinv.geometry.frames import to_local, to_lonlat
from geoinv.imagery.detect import roofs_found
from geoinv.imagery.regularize import regularized
from geoinv.imagery.roof_odds import SIGNS, roof_odds, signs_of
from geoinv.worlds.plan import DIFFICULTIES, FacilityKind
from geoinv.worlds.scenes import RenderedScene
from geoinv.worlds.world import World, make_world

_KINDS: tuple[FacilityKind, ...] = ("camp", "county")
#: Overlap from which an outline is a building; how far around the facility is looked, metres.
_RIGHT, _AROUND_M = 0.4, 120.0
#: Standard deviation of the prior on each weight, its sign scaled to one.
_HELD = 2.0
_STEPS = (0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 1.0)

Floats = NDArray[np.float64]


def main() -> None:
    """Make the table if there is none, learn, and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=700)
    parser.add_argument("--worlds", type=int, default=24)
    parser.add_argument("--table", type=Path, default=Path("build/existence.json"))
    parser.add_argument("--measure", action="store_true", help="only report the committed weights on this table")
    options = parser.parse_args()
    if not options.table.exists():
        rows: list[dict[str, Any]] = []
        for seed in range(options.first, options.first + options.worlds):
            made = _of_world(seed)
            rows += made
            options.table.parent.mkdir(parents=True, exist_ok=True)
            options.table.write_text(json.dumps(rows))
            print(f"{seed}: {len(made)} outlines, {sum(row['right'] for row in made)} right", flush=True)
    table = json.loads(options.table.read_text())
    if options.measure:
        reliability("committed weights", table, np.array([row["probability"] for row in table]))
    else:
        learn(table)


def _of_world(seed: int) -> list[dict[str, Any]]:
    """One row per outline suggested on each scene of a world."""
    world = make_world(_KINDS[seed % 2], seed, difficulty=DIFFICULTIES[seed // 2 % 3])
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        for number, made in enumerate(world.scenes()):
            path = Path(scratch) / f"scene-{number}.tif"
            write_bytes(path, made.tif)
            write_json(path.with_suffix(".json"), made.item)
            rows += [{"world": seed, "scene": number, **row} for row in _of_scene(world, made, path)]
    return rows


def _of_scene(world: World, made: RenderedScene, path: Path) -> list[dict[str, Any]]:
    plan = world.plan
    day = made.spec.taken.date().isoformat()
    forms = [*plan.compound.forms.values(), *plan.surroundings.houses]
    stood = [translate(form.outline, *made.spec.shift_m) for form in forms if form.since is None or form.since <= day]
    stood += [translate(wing.polygon, *made.spec.shift_m) for wing, _ in plan.compound.towers]
    tree, yard = STRtree(stood), translate(plan.compound.ground, *made.spec.shift_m)
    frame = plan.blueprint.frame
    rows = []
    with open_described(path) as scene:
        around = to_lonlat(frame, Point(0, 0).buffer(_AROUND_M))
        for piece in roofs_found(scene, around):
            outline = to_local(frame, to_lonlat(scene.frame, regularized(piece.outline, max(scene.gsd, 0.3))))
            best = max((_overlap(outline, stood[int(index)]) for index in tree.query(outline)), default=0.0)
            rows.append(
                {
                    "inside": bool(yard.buffer(5.0).contains(outline.centroid)),
                    "overlap": round(best, 3),
                    "right": best >= _RIGHT,
                    "existence": round(1 / (1 + float(np.exp(-piece.score))), 3),
                    "signs": [round(value, 4) for value in signs_of(piece)],
                    "probability": round(roof_odds(piece), 4),
                }
            )
    return rows


def _overlap(one: Polygon, other: Polygon) -> float:
    return float(one.intersection(other).area / one.union(other).area)


def learn(rows: Sequence[dict[str, Any]]) -> None:
    """Fit on two worlds of three, report on the third, then fit on all and print what to copy."""
    signs = np.array([row["signs"] for row in rows])
    right = np.array([row["right"] for row in rows], dtype=float)
    held_out = np.array([row["world"] % 3 == 2 for row in rows])
    weights = fitted(signs[~held_out], right[~held_out])
    kept = [row for row, out in zip(rows, held_out, strict=True) if out]
    print(f"learned from {int((~held_out).sum())} outlines; reported on {int(held_out.sum())}")
    reliability("existence as it was", kept, np.array([row["existence"] for row in kept]))
    reliability("learned", kept, predicted(weights, signs[held_out]))
    for name, value in zip(("constant", *SIGNS), fitted(signs, right), strict=True):
        print(f"{name:>12} {value:+.3f}")


def fitted(signs: Floats, right: Floats) -> Floats:
    """Weights of a logistic regression, constant first, shape (k + 1,)."""
    scale = signs.std(axis=0)
    wide = np.column_stack([np.ones(len(signs)), signs / scale])

    def loss(weights: Floats) -> tuple[float, Floats]:
        odds = wide @ weights
        chance = 1 / (1 + np.exp(-odds))
        held = np.append(0.0, weights[1:]) / _HELD**2
        value = float(np.logaddexp(0, odds).sum() - right @ odds + 0.5 * (held @ weights))
        return value, np.asarray(wide.T @ (chance - right) + held)

    weights = minimize(loss, np.zeros(wide.shape[1]), jac=True, method="L-BFGS-B").x
    return np.append(weights[0], weights[1:] / scale)


def predicted(weights: Floats, signs: Floats) -> Floats:
    """Probabilities, shape (n,)."""
    return np.asarray(1 / (1 + np.exp(-(weights[0] + signs @ weights[1:]))))


def reliability(name: str, rows: Sequence[dict[str, Any]], chance: Floats) -> None:
    """Print what was said against what was so, everywhere and inside the wall, and the calibration error."""
    print(f"\n{name}")
    for where in ("everywhere", "inside the wall"):
        chosen = np.array([where == "everywhere" or row["inside"] for row in rows])
        right = np.array([row["right"] for row in rows], dtype=float)[chosen]
        said = chance[chosen]
        error, lines = 0.0, []
        for low, high in zip(_STEPS[:-1], _STEPS[1:], strict=True):
            here = (said >= low) & ((said < high) | (high == 1.0))
            if here.any():
                error += here.mean() * abs(said[here].mean() - right[here].mean())
                lines.append(
                    f"{low:.1f}–{high:.1f}: said {said[here].mean():.2f}, so {right[here].mean():.2f} ({here.sum()})"
                )
        brier = float(((said - right) ** 2).mean())
        print(f"  {where}: n {len(said)}, Brier {brier:.3f}, calibration error {error:.3f}")
        print("    " + "; ".join(lines))
        for least in (0.5, 0.6, 0.7, 0.8, 0.85, 0.9):
            kept = said >= least
            if kept.any():
                share, found = right[kept].mean(), right[kept].sum() / max(right.sum(), 1)
                print(f"    from {least:.2f}: {share:.3f} right of {int(kept.sum())}, of all right ones {found:.2f}")


if __name__ == "__main__":
    main()
