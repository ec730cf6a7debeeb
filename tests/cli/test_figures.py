"""Figures from the commands: a map of statements and of placements, as SVG or PNG, in two languages."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Ran

Type = Callable[..., Ran]

PIN = {"kind": "pin", "radius_m": 300}
SAID = {
    "simulated": True,
    "landmarks": {"quay": {"type": "Point", "coordinates": [-140.0, 12.0]}},
    "statements": [
        {"id": "s1", "witness": "w1", "point": [-140.002, 12.001], **PIN},
        {"id": "s2", "witness": "w2", "point": [-140.0, 12.002], **PIN},
        {"id": "s3", "witness": "w3", "kind": "from", "landmark": "quay", "direction": "NW", "distance_m": 300},
        {"id": "s4", "witness": "w4", "kind": "area", "place": "a county nobody outlined"},
    ],
}


def _square(name: str, east: float, north: float, size: float) -> dict[str, object]:
    ring = [[east, north], [east + size, north], [east + size, north + size / 2], [east, north + size / 2]]
    geometry = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    return {"type": "Feature", "id": name, "properties": {"id": name, "role": "building"}, "geometry": geometry}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "said.json").write_text(json.dumps(SAID), encoding="utf-8")
    spots = [(0, 0), (30, 4), (8, 40), (50, 44), (70, 12)]
    drawn = [_square(f"b{n}", x, y, 14) for n, (x, y) in enumerate(spots)]
    ground = [_square(f"c{n}", -140 + x * 1e-5, 12 + y * 1e-5, 14e-5) for n, (x, y) in enumerate(spots)]
    sketch = {"type": "FeatureCollection", "coordinate_space": "drawing", "features": drawn}
    (tmp_path / "plan.geojson").write_text(json.dumps(sketch), encoding="utf-8")
    outlines = {"type": "FeatureCollection", "features": ground}
    (tmp_path / "ground.geojson").write_text(json.dumps(outlines), encoding="utf-8")
    return tmp_path


def test_locate_draws_what_was_said_and_tells_what_it_could_not_use(geoinv: Type, files: Path) -> None:
    done = geoinv("locate", files / "said.json", "-o", files / "l.geojson", "--figure", files / "l.svg", "--lang", "ko")
    assert done.status == 0 and "no outline of “a county nobody outlined”" in done.out
    figure = (files / "l.svg").read_text(encoding="utf-8")
    assert figure.startswith("<svg") and "추정 위치" in figure and "가상" in figure


def test_match_draws_where_the_drawing_lies(geoinv: Type, files: Path) -> None:
    done = geoinv(
        *("match", files / "ground.geojson", files / "plan.geojson", "-o", files / "m.json"),
        *("--figure", files / "m.png"),
    )
    assert done.status == 0, done.err
    assert (files / "m.png").read_bytes().startswith(b"\x89PNG")


def test_a_figure_of_another_kind_is_refused_in_words(geoinv: Type, files: Path) -> None:
    done = geoinv("locate", files / "said.json", "-o", files / "l.geojson", "--figure", files / "l.bmp")
    assert done.status == 2 and "neither SVG nor PNG" in done.err
    assert not (files / "l.geojson").exists()
