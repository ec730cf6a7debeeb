"""One honest file of each format brought with `geoinv add`: what is in it is in the case, to number and word."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shapely.geometry import shape

from geoinv.case.folder import Case
from geoinv.files.drawings import read_drawing
from tests.case.conftest import write_small_case
from tests.case.odd.samples import INK, SAMPLES, SCENE_SAMPLES, ring, river

pytestmark = pytest.mark.usefixtures("case")

_FOLDER = "facilities/reef/testimony"


@pytest.fixture(scope="module")
def brought(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The case with every sample in it, and what `geoinv add` printed."""
    root = tmp_path_factory.mktemp("formats")
    write_small_case(root / "case")
    for folder, files in (("said", SAMPLES), ("seen", SCENE_SAMPLES)):
        (root / folder).mkdir()
        for name, data in files.items():
            (root / folder / name).write_bytes(data)
    program = [sys.executable, "-c", "from geoinv.cli.main import run; run()"]
    words = ["add", str(root / "said"), str(root / "seen"), "--facility", "reef", "--case", str(root / "case")]
    added = subprocess.run([*program, *words], capture_output=True, text=True, check=False)
    assert added.returncode == 0, added.stderr
    return root / "case", added.stdout


@pytest.fixture(scope="module")
def case(brought: tuple[Path, str]) -> Iterator[Case]:
    with Case.open(brought[0]) as opened:
        yield opened


def _records(case: Case, kind: str, file: str) -> dict[str, Any]:
    """Current records of one kind that one file gave, by item."""
    return {row.item: json.loads(row.content) for row in case.recorded(kind) if Path(row.source).name == file}


def _only(case: Case, kind: str, file: str) -> Any:
    (record,) = _records(case, kind, file).values()
    return record


def test_every_sample_is_taken_in_whole_and_none_is_misunderstood(brought: tuple[Path, str], case: Case) -> None:
    kept = {Path(name).name for name in case.store.files()}
    assert kept >= {*SAMPLES, *SCENE_SAMPLES}
    assert "not understood: 0 things" in brought[1]
    assert "facilities/reef/sketches/plan.svg: 1 sketch (by w1)" in brought[1]


@pytest.mark.parametrize("file", ["plain.kml", "laid.kmz"])
def test_kml_pins_areas_and_landmarks_of_nested_folders(case: Case, file: str) -> None:
    pins = _records(case, "statement", file)
    kitchen, yard = pins.values()
    assert kitchen["point"] == [-30.001, 5.002] and kitchen["radius_m"] == 150 and kitchen["witness"] == "w1"
    assert kitchen["of"] == "kitchen" and kitchen["said"] == "kitchen"
    assert kitchen["weather"] == "fog" and "ate" in kitchen["description"]
    assert yard["kind"] == "area" and yard["witness"] == "w2" and shape(yard["polygon"]).area > 0
    assert shape(_only(case, "landmark", file)["geometry"]).equals(river())


def test_a_kmz_lays_its_picture_on_the_ground_with_its_dates(brought: tuple[Path, str], case: Case) -> None:
    (laid,) = [record for _, record in case.scenes() if record["name"].startswith("reef-laid")]
    assert laid["bounds"] == pytest.approx(ring().bounds, abs=1e-9)
    assert laid["acquired"] == "2009/2010" and laid["laid_from"] == f"{_FOLDER}/laid.kmz#files/map.png"
    assert "a tour, “flight”, is not read" in brought[1] and "1 style (colours" in brought[1]


@pytest.mark.parametrize(
    ("file", "point", "witness", "words"),
    [
        ("track.gpx", (-30.5, 5.5), "track", {"said": "정문", "desc": "seen from the road"}),
        ("metres.geojson", (-30, 5), "w1", {"said": "here", "weather": "fog"}),
        ("kobo.csv", (-30.1, 5.1), "w1",
         {"said": "by the sea", "photo": "1690000000.jpg", "phone_accuracy_m": 8.4, "_uuid": "uuid-1"}),
        ("odk.csv", (-30.2, 5.2), "w1", {"said": "on the hill"}),
        ("cp949.csv", (-30.3, 5.3), "w1", {"said": "바닷가 옆", "radius_m": 50, "날씨": "맑음"}),
        ("utf16.csv", (-30.4, 5.4), "w1", {"said": "언덕 위", "radius_m": 60, "날씨": "흐림"}),
        ("sheet.xlsx", (-30.6, 5.6), "w2", {"said": "부두", "radius_m": 70, "날씨": "비"}),
        ("old.xls", (-30.7, 5.7), "w2", {"said": "길 끝"}),
        ("published.csv", (-30.8, 5.8), "w2", {"title": "Fictional"}),
        ("said.json", (-30.9, 5.9), "w1", {"id": "said.json#s9"}),
        ("places.json", (-30.5, 5.25), "published:places", {"kind": "published", "said": "Fictional place",
                                                           "decimals": 2}),
    ],
)  # fmt: skip
def test_a_pin_of_each_format(case: Case, file: str, point: tuple[float, float], witness: str, words: Any) -> None:
    pin = _only(case, "statement", file)
    assert pin["point"] == pytest.approx(point, abs=1e-6) and pin["witness"] == witness
    assert {key: pin.get(key) for key in words} == words


@pytest.mark.parametrize("file", ["layer.gpkg", "shape.shp", "flat.fgb"])
def test_layers_with_korean_columns_wherever_their_coordinates_are(case: Case, file: str) -> None:
    first, second = _records(case, "statement", file).values()
    assert (first["witness"], second["witness"]) == ("w1", "w2")
    assert (first["said"], second["said"]) == ("부두 옆", "언덕 위")
    assert first["point"] == pytest.approx((-30.002, 5.003), abs=1e-7)
    assert second["point"] == pytest.approx((-30.004, 5.005), abs=1e-7)


def test_statements_landmarks_and_dependence_of_a_yaml(case: Case) -> None:
    walk, near = _records(case, "statement", "said.yaml").values()
    assert walk["minutes"] == [8, 12] and walk["direction"] == "N" and walk["said"] == "걸어서 10분"
    assert walk["exposure"] == ["imagery"] and near["distance_m"] == 300
    assert _records(case, "landmark", "said.yaml")["quay"]["name"] == "부두"
    assert _only(case, "dependence", "said.yaml")["witnesses"] == ["w1", "w2"]


@pytest.mark.parametrize(
    ("file", "passages"),
    [
        ("talk.docx", ["문: 어디였습니까?", "A: by the quay."]),
        ("talk.txt", ["문: 어디?", "답: 부두 옆이었어요."]),
        ("talk.hwpx", ["어디였습니까?", "부두 옆이었어요."]),
        ("talk.hwp", ["어디였습니까?", "언덕 위였어요."]),
        ("talk.doc", ["Q: where?", "답: 길 끝이었어요."]),
        ("talk.rtf", ["Q: where?", "답: 다리 옆이었어요."]),
    ],
)
def test_transcripts_are_kept_whole_by_paragraph(case: Case, file: str, passages: list[str]) -> None:
    kept = _only(case, "transcript", file)["passages"]
    assert [(one["number"], one["text"]) for one in kept] == list(enumerate(passages, 1))


def test_a_drawing_carries_what_lies_beside_it(case: Case) -> None:
    plan, scan = _only(case, "sketch", "plan.svg"), _only(case, "sketch", "scan.png")
    assert (plan["witness"], plan["drawn_by"], plan["period"]) == ("w1", "interviewer", "2009~/2011")
    assert plan["seen_before"] == ["imagery", "model"] and plan["north"] == 10 and plan["depicts"] == "식당"
    assert (scan["witness"], scan["drawn_by"]) == ("w2", "witness")
    sketch = next(sketch for sketch in case.sketches("reef") if sketch.name == "plan.svg")
    assert sketch.witness == "w1" and sketch.seen_before == ("imagery", "model")


@pytest.mark.parametrize("file", ["scan.png", "photo.jpg", "page.tif", "phone.heic", "print.pdf", "plan.svg"])
def test_the_ink_of_every_drawing_is_where_it_was_drawn(brought: tuple[Path, str], case: Case, file: str) -> None:
    if file.endswith(".heic"):
        pytest.importorskip("pi_heif")
    assert _only(case, "sketch", file)["name"] == file
    drawing = read_drawing(brought[0] / "facilities/reef/sketches" / file)
    if file.endswith(".svg"):
        (stroke,) = drawing.strokes  # type: ignore[union-attr]
        assert stroke.geometry.bounds == (16, 12, 48, 36) and drawing.texts[0][2] == "식당"  # type: ignore[union-attr]
        return
    dark = drawing.pixels[..., 0] < 175  # type: ignore[union-attr]
    height, width = dark.shape
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    box = (columns[0] / width, rows[0] / height, (columns[-1] + 1) / width, (rows[-1] + 1) / height)
    assert width > height and box == pytest.approx(INK, abs=0.02)
    assert dark.mean() == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize(
    ("file", "wanted"),
    [
        ("maxar.tif", {"acquired": "2014-04-18", "sun_azimuth": 151.2, "sun_elevation": 44.1, "off_nadir": 12.0,
                       "provider": "WV02"}),
        ("isd.tif", {"acquired": "2013-03-02", "sun_azimuth": 133.1, "sun_elevation": 33.3, "provider": "GE01"}),
        ("IMG_airbus.TIF", {"acquired": "2015-06-01", "sun_azimuth": 140.5, "sun_elevation": 50.5, "provider": "PHR"}),
        ("rational.tif", {"provider": "QB02", "acquired": None}),
        ("stac.tif", {"acquired": "2014-01-01/2014-02-01", "sun_azimuth": 150, "sun_elevation": None,
                      "provider": "A seller (fictional)"}),
        ("screenshot.png", {"acquired": "2014-05"}),
        ("declassified.tif", {"acquired": "1968-05-12"}),
    ],
)  # fmt: skip
def test_what_lies_beside_a_scene_is_on_its_record(case: Case, file: str, wanted: dict[str, Any]) -> None:
    record = _only(case, "scene", file)
    assert {key: record.get(key) for key in wanted} == wanted
    assert {key for key, value in wanted.items() if value is None} <= set(record["missing"])


@pytest.mark.parametrize(
    ("file", "bounds"),
    [
        ("screenshot.png", (-30, 5, -29.99, 5.01)),
        ("declassified.tif", (-31, 6, -30.99, 6.01)),
        ("maxar.tif", (-30, 5 - 24e-5, -30 + 32e-5, 5)),
    ],
)
def test_scenes_lie_where_their_coordinates_or_corners_say(case: Case, file: str, bounds: tuple[float, ...]) -> None:
    assert _only(case, "scene", file)["bounds"] == pytest.approx(bounds, abs=1e-7)


def test_a_world_file_lays_a_picture_to_the_pixel(case: Case) -> None:
    from pyproj import Transformer

    west, south, east, north = _only(case, "scene", "world.png")["bounds"]
    back = Transformer.from_crs("EPSG:4326", "EPSG:32626", always_xy=True).transform
    middle = back((west + east) / 2, (south + north) / 2)
    assert middle == pytest.approx((500_000 + 640 / 2, 552_000 - 480 / 2), abs=1)


def test_incidents_of_each_format(case: Case) -> None:
    first = _only(case, "incident", "incidents.csv")
    assert (first["id"], first["date"], first["room_label"], first["certainty"]) == ("i1", "2009-05~", "3", "high")
    assert first["acts"][0]["violation"] == "search" and first["consent"] == ["public"] and first["weather"] == "fog"
    assert first["sources"][0] == {"source": "talk.docx", "page": "2", "quotation": "by the quay"}
    second = _only(case, "incident", "incidents-2.xlsx")
    assert (second["id"], second["date"], second["place_label"]) == ("k1", "2009-05-12", "식당")
    assert second["point"] == [-30.01, 5.01]
    third = _only(case, "incident", "incidents-3.json")
    assert (third["id"], third["date"], third["uwazi_kind"]) == ("u1", "2009-05-12", "search")


def test_meshes_and_point_clouds_are_described(case: Case) -> None:
    box, cloud = _only(case, "reference", "box.glb"), _only(case, "reference", "cloud.laz")
    assert (box["form"], box["units"], box["size"]) == ("mesh", "m", [8, 12])
    assert box["extent"] == pytest.approx([-2, -1.5, -1, 2, 1.5, 1])
    assert (cloud["form"], cloud["size"], cloud["extent"]) == ("point cloud", [9], [0, 0, 0, 8, 8, 0])


def test_a_surveys_photograph_is_kept_with_the_table_that_names_it(brought: tuple[Path, str], case: Case) -> None:
    assert (brought[0] / _FOLDER / "1690000000.jpg").is_file()
    photo = _only(case, "reference", "1690000000.jpg")
    assert (photo["form"], photo["size"]) == ("picture", [80, 60])
    assert "is not beside the table" not in brought[1]


def test_a_file_brought_again_is_not_taken_twice_and_a_new_version_supersedes(brought: tuple[Path, str]) -> None:
    root, _ = brought
    program = [sys.executable, "-c", "from geoinv.cli.main import run; run()", "add"]
    again = root.parent / "again"
    again.mkdir()
    (again / "copy of odk.csv").write_bytes(SAMPLES["odk.csv"])
    (again / "old.xls").write_bytes(SAMPLES["old.xls"])
    (again / "sheet.xlsx").write_bytes(SAMPLES["incidents-2.xlsx"])
    told = subprocess.run([*program, str(again), "--facility", "reef", "--case", str(root)], capture_output=True,
                          text=True, check=False)  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert f"copy of odk.csv: the same as {_FOLDER}/odk.csv, taken in before; nothing is taken twice" in told.stdout
    assert "sheet.xlsx: 1 incident (a new version; the old one is kept)" in told.stdout
    with Case.open(root) as case:
        assert _records(case, "statement", "copy of odk.csv") == _records(case, "statement", "sheet.xlsx") == {}
        digest = hashlib.sha256(SAMPLES["sheet.xlsx"]).hexdigest()
        assert (case.originals_dir() / digest[:2] / digest).read_bytes() == SAMPLES["sheet.xlsx"]
