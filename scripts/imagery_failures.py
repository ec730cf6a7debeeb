"""Where the imagery craft fails, on made worlds: under trees, in dense towns, far off nadir, under snow.

    python scripts/imagery_failures.py --first 1000 --worlds 2 --figure docs/pictures/imagery-failures.webp

The same camps are rendered five times, as they are and under each hardship. Told for each: how well outlines fit that
were read under rough prompts (1 m, 3 degrees, 7 % off), against the prompts themselves; what is suggested without
prompts; how many buildings get a height and how far off it is. The figure shows for each hardship the three buildings
of the first camp that were outlined worst. All of it is invented and lies in the open ocean.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from PIL import Image, ImageDraw
from shapely.affinity import rotate, scale, translate
from shapely.geometry import Polygon

from geoinv.case.scenes import open_described
from geoinv.files.atomic import write_bytes, write_json
from geoinv.geometry.frames import frame_crs, to_local, to_lonlat
from geoinv.geometry.overlap import iou
from geoinv.imagery.detect import detect
from geoinv.imagery.height import height
from geoinv.imagery.scene import Scene
from geoinv.imagery.segment import segment
from geoinv.worlds.forms import Form, Wing
from geoinv.worlds.plan import Plan, make_plan
from geoinv.worlds.scenes import SceneSpec, render_scene, scene_specs
from geoinv.worlds.world import OCEAN

HARDSHIPS = ("as it is", "trees", "dense town", "35° off nadir", "snow")
#: How far from the wall buildings are judged, metres; a cell of the figure: metres shown and pixels.
_AROUND_M, _CELL_M, _CELL = 40.0, 34.0, 250


@dataclass(frozen=True)
class Judged:
    """One building under one hardship, metres of the plan's frame."""

    true: Polygon
    prompt: Polygon
    outline: Polygon
    method: str


def hard(plan: Plan, spec: SceneSpec, name: str, seed: int) -> tuple[Plan, SceneSpec]:
    """The camp and how its scene is taken under a hardship."""
    rng = np.random.default_rng([seed, HARDSHIPS.index(name), 77])
    around = plan.surroundings
    if name == "35° off nadir":
        return plan, replace(spec, off_nadir=35.0)
    if name == "snow":
        return plan, replace(spec, snow=0.85)
    if name == "trees":
        rows = [around.trees]
        for form in [*plan.compound.forms.values(), *around.houses]:
            count = max(2, int(form.outline.length / 14))
            at = rng.uniform(0, form.outline.length, count)
            spots = shapely.get_coordinates(shapely.line_interpolate_point(form.outline.exterior, at))
            radius = rng.uniform(2.5, 4.5, count)
            spots = spots + rng.normal(0, 1.0, spots.shape)
            rows.append(np.column_stack([spots, radius, radius * 1.6 + 3.5]))
        return replace(plan, surroundings=replace(around, trees=np.concatenate(rows))), spec
    if name == "dense town":
        return replace(plan, surroundings=replace(around, houses=(*around.houses, *_town(plan, rng)))), spec
    return plan, spec


def _town(plan: Plan, rng: np.random.Generator) -> list[Form]:
    """Low houses a metre or two apart all round the wall, as they come."""
    around = plan.surroundings
    kept_free = shapely.union_all(
        [plan.compound.ground.buffer(4.0), *(line.buffer(width / 2 + 1.5) for line, width in around.roads)]
        + [around.river.buffer(around.river_width_m / 2 + 3)]
        + [form.outline.buffer(1.2) for form in around.houses]
        + [plot.polygon.buffer(0.5) for plot in around.plots]
    )
    far = plan.compound.ground.buffer(_AROUND_M + 12.0)
    west, south, east, north = far.bounds
    found: list[Form] = []
    for x in np.arange(west, east, 9.0):
        for y in np.arange(south, north, 8.0):
            size = rng.uniform(6.0, 8.2), rng.uniform(5.2, 7.0)
            wing = Wing(
                x + float(rng.normal(0, 0.4)), y + float(rng.normal(0, 0.4)), *map(float, size), float(rng.normal(0, 5))
            )
            if not far.contains(wing.polygon) or wing.polygon.intersects(kept_free):
                continue
            surface = ("tile red", "tile grey", "sheet", "rusted sheet", "concrete")[int(rng.integers(5))]
            found.append(
                Form((wing,), float(rng.uniform(2.3, 3.2)), "gable", float(rng.uniform(0.6, 1.4)), 0.3, surface)
            )
            kept_free = kept_free.union(wing.polygon.buffer(0.8))
    return found


def judged(plan: Plan, spec: SceneSpec, scene: Scene, seed: int) -> tuple[list[Judged], dict[str, float]]:
    """Every building within reach of the wall, and the sums that the table is made of."""
    frame, day = plan.blueprint.frame, spec.taken.date().isoformat()
    near = plan.compound.ground.buffer(_AROUND_M)
    forms = [*plan.compound.forms.values(), *plan.surroundings.houses]
    stood = [form for form in forms if (form.since is None or form.since <= day) and near.contains(form.outline)]
    true = [translate(form.outline, *spec.shift_m) for form in stood]
    rng = np.random.default_rng([seed, 91])
    prompts = [_prompt(shape, rng) for shape in true]
    found = segment(scene, _table(plan, prompts))
    outlines = [to_local(frame, shape) for shape in found.geometry]
    rows = [Judged(*row) for row in zip(true, prompts, outlines, found.method, strict=True)]
    area = to_lonlat(frame, translate(near, *spec.shift_m))
    roofs = detect(scene, within=area)
    sure = [to_local(frame, shape) for shape in roofs.geometry[roofs.existence >= 0.5]]
    hit = sum(max((iou(shape, one) for one in sure), default=0.0) >= 0.5 for shape in true)
    heights = height(scene, _table(plan, true))
    eaves = np.array([form.eave_m + (form.rise_m if form.roof == "flat" else 0.0) for form in stood])
    told = heights.height_m.to_numpy(float)
    known = np.isfinite(told)
    return rows, {
        "buildings": len(true),
        "prompt": sum(iou(row.prompt, row.true) for row in rows),
        "outline": sum(iou(row.outline, row.true) for row in rows),
        "kept": sum(row.method == "prompt" for row in rows),
        "hit": hit,
        "told": len(sure),
        "heights": int(known.sum()),
        "height error": float(np.abs(told[known] - eaves[known]).sum()),
    }


def _prompt(shape: Polygon, rng: np.random.Generator) -> Polygon:
    rough = shape.minimum_rotated_rectangle
    rough = scale(rough, *(1 + rng.normal(0, 0.07, 2)), origin="centroid")
    return translate(rotate(rough, float(rng.normal(0, 3)), origin="centroid"), *rng.normal(0, 1.0, 2))


def _table(plan: Plan, shapes: Sequence[Polygon]) -> gpd.GeoDataFrame:
    ids = [f"b{number}" for number in range(len(shapes))]
    table = gpd.GeoDataFrame({"id": ids}, geometry=list(shapes), crs=frame_crs(plan.blueprint.frame))
    return table.to_crs("EPSG:4326")


def cells(plan: Plan, scene: Scene, rows: Sequence[Judged]) -> list[Image.Image]:
    """The three buildings outlined worst: the truth in white, the prompt in blue, what was read in orange."""
    made = []
    for row in sorted(rows, key=lambda row: iou(row.outline, row.true))[:3]:
        middle, half = row.true.centroid, _CELL_M / 2
        around = (middle.x - half, middle.y - half, middle.x + half, middle.y + half)
        patch = scene.patch(plan.blueprint.frame, around, scene.gsd)
        picture = Image.fromarray(patch.rgb).resize((_CELL, _CELL), Image.Resampling.BICUBIC)
        pen = ImageDraw.Draw(picture)
        for shape, colour, wide in ((row.true, "white", 2), (row.prompt, "#56B4E9", 2), (row.outline, "#E69F00", 3)):
            pixels = shapely.get_coordinates(patch.drawn(shape).exterior) * (_CELL / patch.shape[0])
            pen.line([tuple(at) for at in pixels.tolist()], fill=colour, width=wide)
        pen.rectangle((0, _CELL - 17, _CELL, _CELL), fill="black")
        said = f"IoU {iou(row.outline, row.true):.2f}, prompt {iou(row.prompt, row.true):.2f}" + (
            " (prompt kept)" if row.method == "prompt" else ""
        )
        pen.text((4, _CELL - 15), said, fill="white")
        made.append(picture)
    return made


def sheet(columns: Sequence[tuple[str, Sequence[Image.Image]]]) -> Image.Image:
    """One column a hardship."""
    page = Image.new("RGB", (len(columns) * (_CELL + 6), 3 * (_CELL + 6) + 20), "white")
    pen = ImageDraw.Draw(page)
    for number, (name, made) in enumerate(columns):
        pen.text((number * (_CELL + 6) + 4, 4), f"{name} (fictional)", fill="black")
        for row, cell in enumerate(made):
            page.paste(cell, (number * (_CELL + 6), 20 + row * (_CELL + 6)))
    return page


def tell(name: str, rows: Sequence[dict[str, Any]]) -> None:
    """One line of the table."""
    total = {key: sum(row[key] for row in rows) for key in rows[0]}
    count, told = total["buildings"], max(total["told"], 1)
    precision, recall = total["hit"] / told, total["hit"] / count
    print(
        f"{name}: {count} buildings; outlines {total['outline'] / count:.2f} (prompts {total['prompt'] / count:.2f},"
        f" {total['kept']} kept); suggested: precision {precision:.2f}, recall {recall:.2f},"
        f" F1 {2 * total['hit'] / (told + count):.2f}; heights for {total['heights'] / count:.2f},"
        f" MAE {total['height error'] / max(total['heights'], 1):.2f} m",
        flush=True,
    )


def main() -> None:
    """Render, judge, tell, draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=1000)
    parser.add_argument("--worlds", type=int, default=2)
    parser.add_argument("--figure", type=Path)
    parser.add_argument("--scratch", type=Path, default=Path("build/imagery"))
    options = parser.parse_args()
    columns: list[tuple[str, list[Image.Image]]] = []
    for name in HARDSHIPS:
        told = []
        for seed in range(options.first, options.first + options.worlds):
            plan = make_plan("camp", seed, slug=f"camp-{seed}", title=f"Fictional camp {seed}", at=OCEAN, buildings=14)
            harder, spec = hard(plan, scene_specs(plan, seed)[1], name, seed)
            path = options.scratch / f"{seed}-{name.replace(' ', '-')}.tif"
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                made = render_scene(harder, spec, seed)
                write_json(path.with_suffix(".json"), made.item)
                write_bytes(path, made.tif)
            with open_described(path) as scene:
                rows, sums = judged(harder, spec, scene, seed)
                told.append(sums)
                if seed == options.first:
                    columns.append((name, cells(harder, scene, rows)))
        tell(name, told)
    if options.figure:
        options.figure.parent.mkdir(parents=True, exist_ok=True)
        sheet(columns).save(options.figure, quality=56, method=6)


if __name__ == "__main__":
    main()
