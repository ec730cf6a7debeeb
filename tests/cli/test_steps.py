"""Every single step typed as a person types it, on small fictional files: file in, file out, twice the same bytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rasterio
from shapely.affinity import rotate, scale, translate
from shapely.geometry import Polygon, box, shape

import geoinv as package
from geoinv.files.hashes import file_sha256
from geoinv.geometry.frames import to_lonlat
from geoinv.models.formats import FORMATS
from geoinv.records.schemas import SCHEMAS
from tests.case.compound import inside_svg
from tests.case.tiny import BUILDINGS, ELSEWHERE, FRAME, on_ground, plan_svg, write_scene
from tests.cli.conftest import Ran

Type = Callable[..., Ran]

#: Buildings with a rough prompt.
ROUGH = ("block", "kitchen", "office")


def _outlines(path: Path, shapes: dict[str, Polygon], **properties: Any) -> Path:
    features = [
        {
            "type": "Feature",
            "properties": {"id": name, **properties},
            "geometry": json.loads(json.dumps(to_lonlat(FRAME, outline).__geo_interface__)),
        }
        for name, outline in shapes.items()
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def _rough(outline: Polygon, number: int) -> Polygon:
    return translate(rotate(scale(outline, 1.1, 0.93), 4), *((1.2, -0.8), (-0.9, 1.1))[number % 2])


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("steps")
    write_scene(folder / "scene.tif", list(BUILDINGS.values()))
    later = {name: outline for name, outline in BUILDINGS.items() if name != "post"}
    write_scene(folder / "earlier.tif", list(later.values()), date="2015-05-01T02:00:00Z")
    _outlines(folder / "true.geojson", BUILDINGS, existence=0.9)
    _outlines(folder / "rough.geojson", {n: _rough(BUILDINGS[n], i) for i, n in enumerate(ROUGH)})
    _outlines(folder / "moved.geojson", {n: translate(s, 4, -3) for n, s in BUILDINGS.items()})
    _outlines(folder / "block.geojson", {"block": BUILDINGS["block"]}, label="block")
    (folder / "plan.svg").write_text(plan_svg(BUILDINGS))
    (folder / "elsewhere.svg").write_text(plan_svg(ELSEWHERE))
    (folder / "inside.svg").write_text(inside_svg(("cell 1", "cell 2", "cell 3", "guard", "latrine", "cell 4")))
    said = {
        "landmarks": {"quay": {"type": "Point", "coordinates": [-30.002, 5.0]}},
        "statements": [
            {"id": "s1", "witness": "w1", "kind": "pin", "point": [-30.0, 5.0], "radius_m": 50},
            {"id": "s2", "witness": "w2", "kind": "near", "landmark": "quay", "distance_m": 220},
        ],
    }
    (folder / "said.json").write_text(json.dumps(said))
    return folder


def _done(geoinv: Type, command: str, *words: str | Path, out: Path) -> dict[str, Any]:
    """Type it twice: it ends well, writes the same bytes both times, and says how they were made."""
    ran = geoinv(command, *words, "-o", out)
    assert (ran.status, ran.err) == (0, "")
    first = out.read_bytes()
    assert geoinv("-q", command, *words, "-o", out).out == ""
    assert out.read_bytes() == first
    data: dict[str, Any] = json.loads(first)
    made = data["geoinv"]
    assert (made["version"], made["command"]) == (package.__version__, command)
    named = {Path(word).name: Path(word) for word in words if isinstance(word, Path)}
    assert made["inputs"].items() <= {name: file_sha256(path) for name, path in named.items() if path.is_file()}.items()
    return data


def _iou(feature: dict[str, Any], name: str) -> float:
    found, true = shape(feature["geometry"]), on_ground(name)
    return float(found.intersection(true).area / found.union(true).area)


def test_locate(geoinv: Type, files: Path, tmp_path: Path) -> None:
    found = _done(geoinv, "locate", files / "said.json", out=tmp_path / "where.geojson")
    kinds = [(item["properties"]["kind"], item["properties"].get("level")) for item in found["features"]]
    assert ("best", None) in kinds and ("region", 0.5) in kinds and ("region", 0.9) in kinds
    best = next(item for item in found["features"] if item["properties"]["kind"] == "best")
    assert best["geometry"]["coordinates"] == pytest.approx([-30.0, 5.0], abs=2e-3)
    assert {row["id"] for row in found["diagnostics"]["statements"]} == {"s1", "s2"}
    assert geoinv("locate", files / "said.json", "-o", tmp_path / "w", "--raster", tmp_path / "p.tif").status == 0
    with rasterio.open(tmp_path / "p.tif") as raster:
        assert raster.crs is not None and raster.read(1).max() > 0


def test_detect_and_within(geoinv: Type, files: Path, tmp_path: Path) -> None:
    found = _done(geoinv, "detect", files / "scene.tif", out=tmp_path / "c.geojson")["features"]
    assert all(0 <= item["properties"]["existence"] <= 1 and item["id"] for item in found)
    assert sum(max(_iou(item, name) for item in found) > 0.5 for name in BUILDINGS) >= 4
    area = _outlines(tmp_path / "area.geojson", {"a": box(-32, 10, 24, 28)})
    fewer = _done(geoinv, "detect", files / "scene.tif", "--within", area, out=tmp_path / "d.geojson")["features"]
    assert 0 < len(fewer) < len(found)


def test_segment_takes_no_hints_from_its_prompts(geoinv: Type, files: Path, tmp_path: Path) -> None:
    words = (files / "scene.tif", files / "rough.geojson")
    found = _done(geoinv, "segment", *words, out=tmp_path / "o.geojson")["features"]
    assert [item["id"] for item in found] == list(ROUGH)
    prompts = json.loads((files / "rough.geojson").read_text())["features"]
    gains = [_iou(item, item["id"]) - _iou(prompt, item["id"]) for item, prompt in zip(found, prompts, strict=True)]
    assert sum(gains) / len(gains) > 0.1
    assert all(0 <= item["properties"]["score"] <= 1 and item["properties"]["method"] for item in found)
    hinted = json.loads((files / "rough.geojson").read_text())
    for item in hinted["features"]:
        item["properties"]["sigma_m"] = 4.5
    (tmp_path / "hinted.geojson").write_text(json.dumps(hinted))
    assert geoinv("segment", files / "scene.tif", tmp_path / "hinted.geojson", "-o", tmp_path / "h").status == 0
    again = json.loads((tmp_path / "h").read_text())["features"]
    assert [item["geometry"] for item in again] == [item["geometry"] for item in found]


def test_regularize(geoinv: Type, files: Path, tmp_path: Path) -> None:
    words = (files / "rough.geojson", "--pixel", "0.5")
    found = _done(geoinv, "regularize", *words, out=tmp_path / "r.geojson")
    assert [item["id"] for item in found["features"]] == list(ROUGH)
    assert found["geoinv"]["settings"]["pixel"] == 0.5


def test_coregister_lays_a_scene_on_another_and_on_outlines(geoinv: Type, files: Path, tmp_path: Path) -> None:
    for number, known in enumerate(("earlier.tif", "true.geojson")):
        found = _done(geoinv, "coregister", files / "scene.tif", files / known, out=tmp_path / f"{number}.json")
        assert found["registered"] is True and found["to"] == known and found["geoinv"]["command"] == "coregister"
        assert max(map(abs, found["offset_m"])) < 1 and found["error_m"] > 0


def test_align_moves_what_fits_and_refuses_what_does_not(geoinv: Type, files: Path, tmp_path: Path) -> None:
    words = (files / "scene.tif", files / "moved.geojson")
    found = _done(geoinv, "align", *words, out=tmp_path / "a.geojson")
    assert found["aligned"] is True
    assert min(_iou(item, item["id"]) for item in found["features"]) > 0.7
    other = _outlines(tmp_path / "other.geojson", {n: translate(s, -50, -20) for n, s in ELSEWHERE.items()})
    refused = geoinv("align", files / "scene.tif", other, "-o", tmp_path / "b.geojson")
    data = json.loads((tmp_path / "b.geojson").read_text())
    assert refused.status == 0 and "Not moved" in refused.out
    assert data["aligned"] is False and data["why"]
    assert [item["geometry"] for item in data["features"]] == [
        item["geometry"] for item in json.loads(other.read_text())["features"]
    ]


def test_height_says_what_it_does_not_know(geoinv: Type, files: Path, tmp_path: Path) -> None:
    sun = ("--sun-azimuth", "140", "--sun-elevation", "35")
    found = _done(geoinv, "height", files / "scene.tif", files / "true.geojson", *sun, out=tmp_path / "h.geojson")
    for item in found["features"]:
        known = item["properties"]
        assert known["height_method"]
        if "height_m" in known:
            assert known["height_low_m"] <= known["height_m"] <= known["height_high_m"]
    blind = _done(geoinv, "height", files / "scene.tif", files / "true.geojson", out=tmp_path / "i.geojson")
    assert all("height_m" not in item["properties"] for item in blind["features"]), "without a sun there is no height"


def test_change_says_since_when_a_building_may_stand(geoinv: Type, files: Path, tmp_path: Path) -> None:
    words = (files / "true.geojson", files / "earlier.tif", files / "scene.tif")
    found = _done(geoinv, "change", *words, out=tmp_path / "c.geojson")
    states = {item["id"]: item["properties"]["states"] for item in found["features"]}
    for told in states.values():
        assert [state["scene"] for state in told] == ["earlier.tif", "scene.tif"]
        assert {state["state"] for state in told} <= {"present", "absent", "altered", "unsure"}
    assert [state["state"] for state in states["post"]] == ["absent", "present"]
    post = next(item["properties"] for item in found["features"] if item["id"] == "post")
    assert post["not_before"] == "2015-05-01" and "not_after" not in post, "it stands yet, as far as is known"


def test_trace_then_match_then_none_of_these(geoinv: Type, files: Path, tmp_path: Path) -> None:
    sketch = tmp_path / "plan.geojson"
    traced = _done(geoinv, "trace", files / "plan.svg", out=sketch)
    assert traced["coordinate_space"] == "drawing" and len(traced["features"]) == len(BUILDINGS)
    assert {item["properties"]["label"] for item in traced["features"]} == set(BUILDINGS)
    words = (files / "true.geojson", sketch)
    found = _done(geoinv, "match", *words, out=tmp_path / "m.json")
    best = found["placements"][0]["sketches"]["plan.geojson"]
    pairs = {pair["sketch"][0]: pair["candidates"] for pair in best["pairs"]}
    assert sum(pairs.get(name) == [name] for name in BUILDINGS) >= 5
    total = found["none_probability"] + sum(item["probability"] for item in found["placements"])
    assert total == pytest.approx(1, abs=1e-3)
    tied = geoinv("match", *words, "-o", tmp_path / "t.json", "--tie", "plan.geojson#block=store")
    assert tied.status == 0
    elsewhere = tmp_path / "elsewhere.geojson"
    assert geoinv("trace", files / "elsewhere.svg", "-o", elsewhere).status == 0
    refused = geoinv("match", files / "true.geojson", elsewhere, "-o", tmp_path / "n.json")
    assert refused.status == 0 and refused.out.startswith("None of these")
    assert json.loads((tmp_path / "n.json").read_text())["none_probability"] >= 0.5


def test_trace_then_interior_then_model(geoinv: Type, files: Path, tmp_path: Path) -> None:
    drawing, rooms, made = tmp_path / "inside.geojson", tmp_path / "rooms.geojson", tmp_path / "blueprint.json"
    assert geoinv("trace", files / "inside.svg", "-o", drawing).status == 0
    data = json.loads(drawing.read_text())
    drawing.write_text(json.dumps({**data, "scope": "building", "depicts": "block", "witness": "w1"}))
    blueprint = _done(geoinv, "interior", files / "block.geojson", drawing, "--rooms", rooms, out=made)
    assert SCHEMAS["blueprint"].model_validate({k: v for k, v in blueprint.items() if k != "geoinv"})
    assert blueprint["title"] == "block"
    inside = json.loads(rooms.read_text())
    drawn = {name for item in inside["features"] for name in item["properties"]["drawn"]}
    assert {f"inside.geojson#r{number}" for number in range(6)} <= drawn
    assert inside["cell_count"]["low"] <= 4 <= inside["cell_count"]["high"]
    block = on_ground("block").buffer(1e-6)
    assert all(block.covers(shape(item["geometry"])) for item in inside["features"])
    written = geoinv("model", made, "-o", tmp_path / "model", "--formats", "glb,svg", "--lang", "ko")
    assert written.status == 0, written.err
    assert set(written.out.split()) == {str(path) for path in (tmp_path / "model").rglob("*") if path.is_file()}
    assert (tmp_path / "model" / "model.glb").read_bytes()[:4] == b"glTF"
    sheets = {path.name for path in (tmp_path / "model" / "sheets").iterdir()}
    assert sheets == {"site.svg", "block.svg", "views-block.svg", "axonometric-block.svg"}
    assert {"glb", "svg", "pdf", "png"} <= set(FORMATS)


def test_a_tie_between_drawn_rooms_is_honoured(geoinv: Type, files: Path, tmp_path: Path) -> None:
    drawings = []
    for name in ("one", "two"):
        drawings.append(tmp_path / f"{name}.geojson")
        assert geoinv("trace", files / "inside.svg", "-o", drawings[-1]).status == 0
        told = {**json.loads(drawings[-1].read_text()), "scope": "building", "witness": name}
        drawings[-1].write_text(json.dumps(told))
    rooms, tie = tmp_path / "rooms.geojson", "one.geojson#r0=two.geojson#r4"
    options = ("--rooms", rooms, "--tie", tie)
    made = _done(geoinv, "interior", files / "block.geojson", *drawings, *options, out=tmp_path / "blueprint.json")
    assert made["geoinv"]["settings"]["tie"] == [tie]
    together = [set(item["properties"]["drawn"]) for item in json.loads(rooms.read_text())["features"]]
    assert any({"one.geojson#r0", "two.geojson#r4"} <= names for names in together)
    for wrong, says in (("one.geojson#r0", "is not a tie"), ("one.geojson#r0=two.geojson#r99", "two.geojson#r99")):
        ran = geoinv("interior", files / "block.geojson", *drawings, "--tie", wrong, "-o", tmp_path / "out.json")
        assert ran.status == 2 and says in ran.err and not (tmp_path / "out.json").exists()


def test_a_blueprint_of_a_newer_version_is_refused(geoinv: Type, tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text(json.dumps({"version": 99, "facility": "x"}))
    ran = geoinv("model", tmp_path / "b.json", "-o", tmp_path / "out")
    assert ran.status == 1 and "newer geoinv" in ran.err


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"geometry": {"type": "Point", "coordinates": [-30, 5]}}, "geometry"),
        ({"properties": {"id": "b", "entrance": "the north door"}}, "entrance"),
        ({"properties": {"id": "b", "entrance": [5, 130]}}, "entrance"),
    ],
)
def test_an_outline_that_holds_no_inside_is_named(
    geoinv: Type, files: Path, tmp_path: Path, change: dict[str, Any], says: str
) -> None:
    outline = json.loads((files / "block.geojson").read_text())
    outline["features"][0] |= change
    (tmp_path / "bad.geojson").write_text(json.dumps(outline))
    assert geoinv("trace", files / "inside.svg", "-o", tmp_path / "inside.geojson").status == 0
    ran = geoinv("interior", tmp_path / "bad.geojson", tmp_path / "inside.geojson", "-o", tmp_path / "out.json")
    assert ran.status == 1 and ran.err.startswith("bad.geojson") and says in ran.err
    assert not (tmp_path / "out.json").exists()
