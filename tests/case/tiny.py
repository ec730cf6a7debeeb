"""A whole case as small as one can be: one scene of six roofs, one drawing of them, a pin, two incidents; fictional."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from affine import Affine
from scipy import ndimage
from shapely.geometry import Polygon, box

from geoinv.files.rasters import write_geotiff
from geoinv.geometry.frames import frame_crs, to_lonlat
from geoinv.imagery.masks import fill
from geoinv.records.places import Frame

#: Open Atlantic.
FRAME = Frame(lon=-30.0, lat=5.0)
SIDE_M, GSD_M = 80.0, 0.5

#: Name → outline, metres; laid out so that no mirror image of it, turned, lies on itself.
BUILDINGS: dict[str, Polygon] = {
    "block": box(-28, 14, 2, 22),
    "kitchen": box(10, 16, 20, 23),
    "store": box(-28, -26, -22, -12),
    "office": box(6, -4, 14, 4),
    "workshop": box(-8, -26, 10, -18),
    "post": box(24, -28, 29, -23),
}
#: Another facility's, laid out in no way alike.
ELSEWHERE: dict[str, Polygon] = {
    "barrack A": box(0, 0, 60, 6),
    "barrack B": box(0, 14, 36, 20),
    "mess": box(70, -20, 100, 4),
    "barn": box(20, -40, 50, -28),
    "gatehouse": box(-30, 30, -18, 36),
    "tower": box(50, 40, 54, 44),
}

_SETTINGS = """title = "A tiny fictional case"
simulated = true
mint_seed = 11
languages = ["en"]
audiences = ["public"]

[[people]]
id = "ines"
name = "Ines (fictional)"
may_sign = true
"""
_FACILITY = """slug: reef
name: "Reef post (fictional)"
simulated: true
witnesses:
  w1: {role: "held there (fictional)"}
sketches:
  sketches/plan.svg: {witness: w1, drawn_by: witness, north: 0, period: "2018"}
"""
_STATEMENTS = """landmarks:
  quay: {type: Point, coordinates: [-30.002, 5.0]}
statements:
  - {id: s1, witness: w1, kind: pin, point: [-30.00005, 5.00003], radius_m: 25}
  - {id: s2, witness: w1, kind: near, landmark: quay, distance_m: 220}
"""
_INCIDENTS = """id,date,place_label,witness,kind,summary
i1,2019-03,kitchen,w1,search,Fictional: a search
i2,2019~,block,w1,search,Fictional: another search
"""


def scene_pixels(buildings: Sequence[Polygon], *, seed: int = 5) -> np.ndarray:
    """Bytes, (3, n, n): rough grey-brown ground, one bright even roof for each building."""
    generator = np.random.default_rng(seed)
    n = round(SIDE_M / GSD_M)
    rough = 10 * ndimage.gaussian_filter(generator.normal(size=(n, n)), 1.5) + generator.normal(size=(n, n)) * 2
    picture = np.stack([112 + rough, 104 + rough, 84 + rough])
    for number, shape in enumerate(buildings):
        xy = np.asarray(shape.exterior.coords)
        mask = fill(Polygon(np.column_stack([xy[:, 0] + SIDE_M / 2, SIDE_M / 2 - xy[:, 1]]) / GSD_M), (n, n))
        picture[:, mask] = np.array([[215, 212, 205], [190, 196, 208]][number % 2])[:, None]
    return np.clip(ndimage.gaussian_filter(picture, (0, 0.5, 0.5)), 0, 255).astype(np.uint8)


def plan_svg(buildings: dict[str, Polygon], *, seed: int = 3) -> str:
    """A drawing of buildings: off by a metre or two and a tenth of their size, north up, three units a metre."""
    generator = np.random.default_rng(seed)
    west, south, east, north = np.array([shape.bounds for shape in buildings.values()]).T
    low, high = np.array([west.min(), south.min()]), np.array([east.max(), north.max()])
    marks = []
    for name, shape in buildings.items():
        left, bottom, right, top = shape.bounds
        middle = np.array([(left + right) / 2, (bottom + top) / 2]) + generator.normal(0, 0.8, 2)
        size = np.array([right - left, top - bottom]) * np.exp(generator.normal(0, 0.08, 2))
        x, y = 3 * (middle[0] - size[0] / 2 - low[0]) + 20, 3 * (high[1] - middle[1] - size[1] / 2) + 20
        marks.append(
            f'<rect id="{name.replace(" ", "-")}" class="building" x="{x:.1f}" y="{y:.1f}" '
            f'width="{3 * size[0]:.1f}" height="{3 * size[1]:.1f}"/>'
            f'<text x="{x + 1.5 * size[0]:.1f}" y="{y + 1.5 * size[1] + 2:.1f}" text-anchor="middle" '
            f'font-size="6">{name}</text>'
        )
    wide, tall = 3 * (high - low) + 40
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:.0f} {tall:.0f}">\n'
        f'<g fill="none" stroke="black">\n{chr(10).join(marks)}\n</g></svg>\n'
    )


def write_scene(path: Path, buildings: Sequence[Polygon], *, date: str | None = "2020-05-01T02:00:00Z") -> None:
    """The scene and, where it has a date, the STAC item beside it."""
    transform = Affine(GSD_M, 0, -SIDE_M / 2, 0, -GSD_M, SIDE_M / 2)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_geotiff(path, scene_pixels(buildings), transform, frame_crs(FRAME).to_wkt())
    if date:
        properties = {"datetime": date, "attribution": "fictional", "simulated": True}
        path.with_suffix(".json").write_text(json.dumps({"type": "Feature", "properties": properties}))


def write_case(root: Path) -> Path:
    """The case's folder."""
    facility = root / "facilities" / "reef"
    for folder in (facility / "testimony", facility / "sketches", root / "imagery", root / "models"):
        folder.mkdir(parents=True)
    (root / "case.toml").write_text(_SETTINGS)
    (facility / "facility.yaml").write_text(_FACILITY)
    (facility / "testimony" / "said.yaml").write_text(_STATEMENTS)
    (facility / "incidents.csv").write_text(_INCIDENTS)
    (facility / "sketches" / "plan.svg").write_text(plan_svg(BUILDINGS))
    write_scene(root / "imagery" / "scene.tif", list(BUILDINGS.values()))
    return root


def on_ground(name: str) -> Polygon:
    """A building's outline, longitude and latitude."""
    ground = to_lonlat(FRAME, BUILDINGS[name])
    assert isinstance(ground, Polygon)
    return ground
