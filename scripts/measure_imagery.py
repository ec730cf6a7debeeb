"""Measure the imagery craft on made worlds against the truth: heights, changes, alignments, registrations, marks.

    python scripts/measure_imagery.py height --first 1000 --worlds 8
    python scripts/measure_imagery.py change --first 1000 --worlds 8
    python scripts/measure_imagery.py align --first 1000 --worlds 8 --cases 40
    python scripts/measure_imagery.py coregister --first 1000 --worlds 8
    python scripts/measure_imagery.py marks --first 1000 --worlds 8

Scenes are rendered once and kept in ``--scratch``. Seeds from 1000 on are for measuring only: nothing was set by them.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely.affinity import rotate, scale, translate
from shapely.geometry import LineString, MultiPoint, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from geoinv.case.scenes import open_described
from geoinv.files.atomic import write_bytes, write_json
from geoinv.geometry.frames import frame_crs, to_local, to_lonlat
from geoinv.geometry.overlap import iou
from geoinv.imagery.align import align
from geoinv.imagery.change import change
from geoinv.imagery.coregister import coregister
from geoinv.imagery.height import height
from geoinv.imagery.scene import Scene, open_scene
from geoinv.imagery.site_marks import tower_odds, tower_signs_of, wall_odds, wall_signs, walls_in
from geoinv.imagery.tracks import GSD, track_odds, tracks_of
from geoinv.records.places import Frame
from geoinv.worlds.forms import Form
from geoinv.worlds.plan import BUILT, Plan, make_plan
from geoinv.worlds.scenes import SceneSpec, render_scene, scene_specs
from geoinv.worlds.world import OCEAN


@dataclass(frozen=True)
class Made:
    """A world's truth and where its two scenes lie."""

    seed: int
    plan: Plan
    specs: tuple[SceneSpec, ...]
    paths: tuple[Path, ...]

    def forms(self) -> list[Form]:
        """Every building, the neighbours' too."""
        return [*self.plan.compound.forms.values(), *self.plan.surroundings.houses]


def made_worlds(first: int, count: int, scratch: Path) -> Iterator[Made]:
    """Camps of consecutive seeds, their scenes rendered where they are not yet."""
    for seed in range(first, first + count):
        rng = np.random.default_rng([seed, 1])
        at = type(OCEAN)(*(round(middle + float(rng.uniform(-2, 2)), 5) for middle in (OCEAN.lon, OCEAN.lat)))
        plan = make_plan("camp", seed, slug=f"camp-{seed}", title=f"Fictional camp {seed}", at=at, buildings=14)
        specs = scene_specs(plan, seed)
        paths = tuple(scratch / f"{seed}-{number}.tif" for number in range(len(specs)))
        for spec, path in zip(specs, paths, strict=True):
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                made = render_scene(plan, spec, seed)
                write_json(path.with_suffix(".json"), made.item)
                write_bytes(path, made.tif)
        yield Made(seed, plan, specs, paths)


def _stood(form: Form, spec: SceneSpec) -> bool:
    return form.since is None or form.since <= spec.taken.date().isoformat()


def _table(made: Made, shapes: Sequence[BaseGeometry]) -> gpd.GeoDataFrame:
    ids = [f"b{number}" for number in range(len(shapes))]
    table = gpd.GeoDataFrame({"id": ids}, geometry=shapes, crs=frame_crs(made.plan.blueprint.frame))
    return table.to_crs("EPSG:4326")


# ---------------------------------------------------------------- heights
def heights(made: Made) -> list[dict[str, Any]]:
    """Height of every building on both scenes against the edge that throws its shadow: the eaves, or a flat roof's top.

    Outlines are the true walls, each side drawn 5 % too long or short, on the scene as delivered; the sun's azimuth is
    told a degree off.
    """
    rows = []
    for number, (spec, path) in enumerate(zip(made.specs, made.paths, strict=True)):
        rng = np.random.default_rng([made.seed, number, 5])
        forms = [form for form in made.forms() if _stood(form, spec)]
        drawn = [_misdrawn(translate(form.outline, *spec.shift_m), rng, 0.05) for form in forms]
        with open_described(path) as scene:
            azimuth = float(scene.record.sun_azimuth or 0) + float(rng.normal(0, 1))
            found = height(scene, _table(made, drawn), sun_azimuth=azimuth)
        for form, row in zip(forms, found.itertuples(), strict=True):
            true = form.eave_m + (form.rise_m if form.roof == "flat" else 0.0)
            rows.append(
                {
                    "world": made.seed,
                    "scene": number,
                    "true": true,
                    "found": row.height_m,
                    "inside": bool(row.height_low_m <= true <= row.height_high_m),
                    "width": row.height_high_m - row.height_low_m,
                    "method": row.height_method,
                    "roof": form.roof,
                    "area": form.outline.area,
                }
            )
    return rows


def _misdrawn(shape: Polygon, rng: np.random.Generator, size: float) -> Polygon:
    return scale(shape, 1 + rng.normal(0, size), 1 + rng.normal(0, size), origin="centroid")


def tell_heights(rows: list[dict[str, Any]]) -> None:
    """Mean and median error, share of intervals that hold the truth, share of buildings with a number."""
    for name, kept in (("all", rows), *((f"scene {k}", [r for r in rows if r["scene"] == k]) for k in (0, 1))):
        seen = [row for row in kept if row["method"] == "shadow"]
        error = np.array([row["found"] - row["true"] for row in seen])
        inside = np.mean([row["inside"] for row in seen])
        width = np.median([row["width"] for row in seen])
        print(
            f"{name}: {len(seen)} of {len(kept)} with a number; MAE {np.abs(error).mean():.2f} m,"
            f" median {np.median(np.abs(error)):.2f} m, bias {error.mean():+.2f} m,"
            f" 90 % interval holds {inside:.2f}, median width {width:.1f} m"
        )


# ---------------------------------------------------------------- changes
def changed_worlds(first: int, count: int, scratch: Path) -> Iterator[tuple[Made, set[int]]]:
    """Worlds of which a third of the buildings did not stand yet on the first scene, and which those are."""
    for made in made_worlds(first, count, scratch):
        rng = np.random.default_rng([made.seed, 17])
        forms = made.plan.compound.forms
        late = {key for key in sorted(forms) if rng.random() < 1 / 3}
        new = {key: replace(form, since=BUILT if key in late else None) for key, form in forms.items()}
        plan = replace(made.plan, compound=replace(made.plan.compound, forms=new))
        path = scratch / f"{made.seed}-earlier.tif"
        if not path.exists():
            earlier = render_scene(plan, made.specs[0], made.seed)
            write_json(path.with_suffix(".json"), earlier.item)
            write_bytes(path, earlier.tif)
        yield (
            Made(made.seed, plan, made.specs, (path, made.paths[1])),
            {number for number, key in enumerate(new) if key in late},
        )


def changes(made: Made, late: set[int]) -> list[dict[str, Any]]:
    """State of every building of the compound on both scenes, its outline as it stands on the later one.

    Between the scenes lie three years: another season, another sun, another view and another error of place (1–2 m).
    """
    shapes = [translate(form.outline, *made.specs[1].shift_m) for form in made.plan.compound.forms.values()]
    with open_described(made.paths[0]) as one, open_described(made.paths[1]) as other:
        found = change(_table(made, shapes), [one, other])
    rows = []
    for number, states in enumerate(found.states):
        first, last = (item["state"] for item in states)
        said = first != last or "altered" in (first, last)
        rows.append({"world": made.seed, "late": number in late, "said": said, "states": (first, last)})
    return rows


def tell_changes(rows: list[dict[str, Any]]) -> None:
    """Precision, recall and F1 of "changed", as the bench counts them."""
    hit = sum(row["late"] and row["said"] for row in rows)
    said, late = sum(row["said"] for row in rows), sum(row["late"] for row in rows)
    states = Counter((row["late"], *row["states"]) for row in rows)
    print(
        f"{len(rows)} buildings, {late} changed; precision {hit / max(said, 1):.3f}, recall {hit / max(late, 1):.3f},",
        end=" ",
    )
    print(f"F1 {2 * hit / max(said + late, 1):.3f}")
    for (changed, first, last), count in sorted(states.items()):
        print(f"  {'changed' if changed else 'same'}: {first} then {last}: {count}")


# ---------------------------------------------------------------- alignment
def alignments(made: Made, cases: int, others: Sequence[Plan]) -> list[dict[str, Any]]:
    """Plans of 4, 8 and 16 buildings laid roughly on the later scene, every fifth of another place.

    Off by 6 m an axis, 3 degrees and 2 % together, and each building by 0.7 m, 3 degrees and 7 % by itself.
    """
    rows = []
    with open_described(made.paths[1]) as scene:
        for case in range(cases):
            rng = np.random.default_rng([made.seed, case, 31])
            foreign = case % 5 == 4
            buildings = (4, 8, 16)[case % 3]
            source = others[case % len(others)] if foreign else made.plan
            forms = [*source.compound.forms.values(), *source.surroundings.houses]
            stood = [form for form in forms if _stood(form, made.specs[1])]
            true = [translate(form.outline, *made.specs[1].shift_m) for form in stood]
            true = [shape for shape in true if _on(scene, made, shape)]
            near = true[int(rng.integers(len(true)))].centroid
            true = sorted(true, key=lambda shape: shape.centroid.distance(near))[:buildings]
            middle = MultiPoint([shape.centroid for shape in true]).centroid
            turn, size = float(rng.normal(0, 3)), 1 + float(rng.normal(0, 0.02))
            if foreign:
                turn += float(rng.uniform(20, 70))
            east, north = rng.normal(0, 6, 2)
            drawn = []
            for shape in true:
                own = shape.minimum_rotated_rectangle
                own = scale(own, 1 + rng.normal(0, 0.07), 1 + rng.normal(0, 0.07), origin="centroid")
                own = translate(rotate(own, float(rng.normal(0, 3)), origin="centroid"), *rng.normal(0, 0.7, 2))
                own = scale(rotate(own, turn, origin=middle), size, size, origin=middle)
                drawn.append(translate(own, float(east), float(north)))
            found = align(scene, _table(made, drawn))
            placed = found.outlines.to_crs(frame_crs(made.plan.blueprint.frame)).geometry
            error = np.mean([a.centroid.distance(b.centroid) for a, b in zip(placed, true, strict=True)])
            rows.append(
                {
                    "buildings": len(true),
                    "foreign": foreign,
                    "aligned": found.aligned,
                    "error": float(error),
                    "seed": made.seed,
                }
            )
    return rows


def _on(scene: Scene, made: Made, shape: BaseGeometry) -> bool:
    """Whether the whole of an outline lies where the scene has pixels."""
    patch = scene.patch(made.plan.blueprint.frame, shape.bounds, 2.0)
    return bool(patch.valid.all())


def tell_alignments(rows: list[dict[str, Any]]) -> None:
    """Share within 2 m, refusals and wrong acceptances by number of buildings."""
    for buildings in sorted({row["buildings"] for row in rows}):
        own = [row for row in rows if row["buildings"] == buildings and not row["foreign"]]
        elsewhere = [row for row in rows if row["buildings"] == buildings and row["foreign"]]
        within = sum(row["aligned"] and row["error"] <= 2 for row in own)
        wrong = sum(row["aligned"] and row["error"] > 2 for row in own)
        taken = sum(row["aligned"] for row in elsewhere)
        print(
            f"{buildings} buildings: {len(own)} plans of this place, within 2 m {within / max(len(own), 1):.3f},"
            f" taken wrongly {wrong}; {len(elsewhere)} of elsewhere, taken {taken}"
        )
    wrong = sum(row["aligned"] and (row["foreign"] or row["error"] > 2) for row in rows)
    print(f"all: {len(rows)} cases, wrong acceptances {wrong} ({wrong / len(rows):.1%})")


# ----------------------------------------------------------- registrations
def registrations(made: Made) -> list[dict[str, Any]]:
    """The later scene registered to the earlier, each moved besides; and where it lies too far off to be found."""
    rng = np.random.default_rng([made.seed, 11])
    first, second = made.specs[0].shift_m, made.specs[1].shift_m
    rows = []
    for far in (False, False, False, False, True, True):
        moved = rng.uniform(-15, 15, 2) if not far else rng.choice([-1, 1], 2) * rng.uniform(45, 90, 2)
        with open_described(made.paths[0]) as reference, open_described(made.paths[1]) as later:
            record = later.record.model_copy(update={"offset_m": tuple(map(float, moved))})
            with open_scene(made.paths[1], record) as scene:
                found = coregister(scene, reference)
        true = np.array(first) - np.array(second) - moved
        rows.append(
            {
                "world": made.seed,
                "far": far,
                "registered": found.registered,
                "off": float(np.hypot(*(np.array(found.offset_m) - true))),
                "error": found.error_m,
                "lead": found.lead,
                "why": found.why,
            }
        )
    return rows


def tell_registrations(rows: list[dict[str, Any]]) -> None:
    """How far off, how often the stated error holds the truth, refusals, and what was taken wrongly."""
    near, far = ([row for row in rows if row["far"] is side] for side in (False, True))
    taken = [row for row in near if row["registered"]]
    off = np.array([row["off"] for row in taken])
    held = np.mean([row["off"] <= row["error"] for row in taken]) if taken else float("nan")
    print(
        f"{len(near)} within reach: registered {len(taken)}, median {np.median(off):.2f} m off, "
        f"90 % {np.percentile(off, 90):.2f} m, most {off.max():.2f} m; the stated radius holds {held:.2f}"
    )
    print(f"{len(far)} beyond reach: taken {sum(row['registered'] for row in far)}")


# -------------------------------------------------- walls, towers, tracks
def marks(made: Made) -> list[dict[str, Any]]:
    """Every wall, tower and track that either scene suggests, and whether it is one; besides, what is there to find.

    A wall is right where it overlaps the true one by 0.7, a tower within 3 m of one's middle, a track where seven
    tenths of it lie within 3 m of the middle of a road or path. Of roads, what is told is the length.
    """
    rows: list[dict[str, Any]] = []
    frame, reach = made.plan.blueprint.frame, made.plan.reach_m
    for number, (spec, path) in enumerate(zip(made.specs, made.paths, strict=True)):
        yard = translate(made.plan.compound.ground, *spec.shift_m)
        posts = [translate(wing.polygon.centroid, *spec.shift_m) for wing, _ in made.plan.compound.towers]
        roads = [line for line, _ in made.plan.surroundings.roads]
        ways = [*roads, *(LineString(line) for line, _ in made.plan.compound.paths)]
        near, seen = shapely.union_all(ways).buffer(3.0), box(-reach, -reach, reach, reach).buffer(-8.0)
        near, roads = translate(near, *spec.shift_m), [translate(line, *spec.shift_m) for line in roads]
        with open_described(path) as scene:
            to_plan = partial(_between, scene.frame, frame)
            walls = walls_in(scene, to_local(scene.frame, scene.bounds).bounds)
            tracks = tracks_of(scene.patch(frame, (-reach, -reach, reach, reach), GSD))
            sure = [(wall, wall_odds(wall)) for wall in walls if wall_odds(wall) >= 0.5]
            towers = [(wall, odds, *one) for wall, odds in sure for one in tower_signs_of(scene, wall.ring)]
        walled = {wall.ring: iou(to_plan(wall.ring), yard) >= 0.7 for wall in walls}
        told = [("wall", walled[wall.ring], wall_odds(wall), wall_signs(wall), 1.0) for wall in walls]
        for wall, odds, at, signs in towers:
            right = min(to_plan(Point(at)).distance(post) for post in posts) <= 3.0
            told.append(("tower", right, odds * tower_odds(signs), signs, float(walled[wall.ring])))
        told += [
            (
                "track",
                one.line.intersection(near).length >= 0.7 * one.line.length,
                track_odds(one),
                one.signs,
                one.line.length,
            )
            for one in tracks
        ]
        bands = [one.line.buffer(4.0) for one in tracks if track_odds(one) >= 0.5]
        shown = [line.intersection(seen) for line in roads]
        length = sum(line.length for line in shown)
        hit = sum(line.intersection(shapely.union_all(bands)).length for line in shown)
        there = {"wall": 1.0, "tower": float(len(posts)), "track": length}
        rows += [{"seed": made.seed, "kind": kind, "there": there[kind], "road": hit} for kind in there]
        rows += [
            {"seed": made.seed, "scene": number, "kind": a, "right": b, "odds": c, "signs": d, "size": e}
            for a, b, c, d, e in told
        ]
    return rows


def _between(one: Frame, other: Frame, shape: BaseGeometry) -> BaseGeometry:
    """A shape in metres of one frame in those of another."""
    return to_local(other, to_lonlat(one, shape))


def tell_marks(rows: list[dict[str, Any]]) -> None:
    """Precision from several existences, and the share found, by kind."""
    for kind in ("wall", "tower", "track"):
        own = [row for row in rows if row["kind"] == kind and "odds" in row]
        scenes = [row for row in rows if row["kind"] == kind and "there" in row]
        there = sum(row["there"] for row in scenes)
        error = np.mean([(row["odds"] - row["right"]) ** 2 for row in own])
        print(f"{kind}: {len(own)} looked at on {len(scenes)} scenes, Brier {error:.3f}")
        for least in (0.3, 0.5, 0.8):
            sure = [row for row in own if row["odds"] >= least]
            right = sum(row["right"] for row in sure)
            print(f"  from {least}: {len(sure)} told, {right / max(len(sure), 1):.2f} right", end="")
            print(f", {right / there:.2f} of those there found" if kind != "track" else "")
        if kind == "track":
            print(f"  from 0.5: {sum(row['road'] for row in scenes) / there:.2f} of the length of roads found")


def main() -> None:
    """Measure one thing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("height", "change", "align", "coregister", "marks"))
    parser.add_argument("--first", type=int, default=1000)
    parser.add_argument("--worlds", type=int, default=6)
    parser.add_argument("--cases", type=int, default=40, help="alignments a world")
    parser.add_argument("--scratch", type=Path, default=Path("build/imagery"))
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    if options.what == "change":
        for made, late in changed_worlds(options.first, options.worlds, options.scratch):
            rows += changes(made, late)
        return tell_changes(rows)
    worlds = list(made_worlds(options.first, options.worlds, options.scratch))
    for number, made in enumerate(worlds):
        if options.what == "height":
            rows += heights(made)
        elif options.what == "coregister":
            rows += registrations(made)
        elif options.what == "marks":
            rows += marks(made)
        else:
            others = [one.plan for one in worlds[:number] + worlds[number + 1 :]]
            rows += alignments(made, options.cases, others)
            print(f"{made.seed}: {len(rows)} cases so far", flush=True)
            tell_alignments(rows)
    if options.what == "coregister":
        return tell_registrations(rows)
    if options.what == "marks":
        return tell_marks(rows)
    return tell_heights(rows) if options.what == "height" else None


if __name__ == "__main__":
    main()
