"""Deciding as a person types it: a view given back, incidents bound, words made claims, consent, and the history."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pytest
from shapely.affinity import translate
from shapely.geometry import box, mapping

from geoinv.case.folder import Case
from geoinv.case.intake import take_in
from geoinv.case.views import case_view_bytes
from geoinv.files.geojson import write_table
from geoinv.geometry.frames import to_lonlat
from geoinv.records.scenes import SceneRecord
from tests.case.compound import BLOCK, FRAME, HUT, footprint, write_footprints
from tests.case.conftest import write_small_case
from tests.case.tiny import BUILDINGS, write_scene
from tests.case.tiny import FRAME as TINY
from tests.cli.conftest import Ran

Typed = Callable[..., Ran]
_BLOCK, _HUT = footprint("block", BLOCK), footprint("hut", HUT)
_SAID = """statements:
  - {id: s1, witness: w1, kind: pin, point: [-30.001, 5.001], said: "a cell of 5 pyeong"}
"""


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_small_case(tmp_path_factory.mktemp("decide") / "case")
    (root / "facilities/reef/testimony/cell.yaml").write_text(_SAID)
    with Case.open(root) as case:
        take_in(case, by="ines")
        (root / "models" / "reef").mkdir(parents=True)
        write_footprints(case.models_dir("reef"), (_BLOCK, _HUT))
        (root / "case.gpkg").write_bytes(case_view_bytes(case, beside=root))
    return root


@pytest.fixture
def root(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "case"))


def _role(root: Path, role: str) -> Path:
    with closing(sqlite3.connect(root / "case.gpkg")) as opened, opened:
        for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            opened.create_function(name, 1, lambda _: 1)  # what GDAL's own triggers ask for
        opened.execute("UPDATE footprints SET role = ? WHERE id = ?", (role, _HUT.id))
    return root / "case.gpkg"


def test_an_edited_view_is_shown_then_recorded_then_nothing_new(root: Path, geoinv: Typed) -> None:
    view = _role(root, "tower")
    shown = geoinv("add", view, "--case", root, "--dry-run")
    assert shown.status == 0 and "decides: footprints, building-hut “hut”: role: building → tower" in shown.out
    assert "Nothing was changed." in shown.out
    asked = geoinv("add", view, "--case", root)
    assert asked.status == 2 and "--reason" in asked.err
    done = geoinv("add", view, "--case", root, "--reason", "its shadow", "--by", "ines")
    assert done.status == 0 and "recorded as ent-" in done.out
    again = geoinv("add", view, "--case", root, "--reason", "its shadow")
    assert again.status == 0 and "nothing to decide" in again.out and "recorded" not in again.out
    told = geoinv("decide", "history", _HUT.id, "--case", root).out
    assert "ines: set target reef/building-hut, field role, value tower — its shadow" in told


def test_what_is_no_decision_ends_with_one(root: Path, geoinv: Typed) -> None:
    done = geoinv("add", _role(root, "palace"), "--case", root, "--reason", "so")
    assert done.status == 1 and "no decision: footprints, building-hut “hut”" in done.err


def test_a_view_of_another_case_is_one_sentence(root: Path, tmp_path: Path, geoinv: Typed) -> None:
    other = write_small_case(tmp_path / "other", seeded=False)
    done = geoinv("add", root / "case.gpkg", "--case", other)
    assert done.status == 1 and "another case" in done.err and len(done.err.strip().splitlines()) == 1


def test_an_incident_is_bound_and_a_building_added(root: Path, geoinv: Typed) -> None:
    assert geoinv("decide", "bind", "reef", "i1", "--reason", "x", "--case", root).status == 2
    done = geoinv("decide", "bind", "reef", "i1", "--building", "plan.svg#hut", "--reason", "asked", "--case", root)
    assert done.status == 0, done.err
    shape = root / "shed.geojson"
    outline = mapping(to_lonlat(FRAME, HUT.buffer(3, join_style="mitre")))
    shape.write_text(json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {}, "geometry": outline}]}))  # fmt: skip
    done = geoinv("decide", "building", "reef", shape, "--label", "shed", "--reason", "seen", "--case", root)
    assert done.status == 0, done.err
    listed = geoinv("decide", "list", "--case", root).out
    assert "bind facility reef, incident i1, footprint plan.svg#hut" in listed and "add facility reef" in listed


def test_a_room_is_added_only_where_an_inside_is_known(root: Path, geoinv: Typed) -> None:
    floor = to_lonlat(FRAME, box(1, 1, 4, 4))
    file = root / "closet.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {}, "geometry": mapping(floor)}]}))  # fmt: skip
    words = ("decide", "room", "reef", file, "--label", "closet", "--role", "cell", "--reason", "seen", "--case", root)
    refused = geoinv(*words)
    assert refused.status == 1 and "no building whose inside is known" in refused.err
    rooms = gpd.GeoDataFrame({"id": ["room-1"], "building": [_BLOCK.id]}, geometry=[floor], crs="EPSG:4326")
    write_table(root / "models" / "reef" / "rooms.geojson", rooms)
    done = geoinv(*words)
    assert done.status == 0, done.err
    assert "room facility reef" in geoinv("decide", "list", "--case", root).out


def test_an_area_in_words_becomes_a_claim(root: Path, geoinv: Typed) -> None:
    listed = geoinv("decide", "words", "reef", "--case", root).out
    assert "cell.yaml#s1:area" in listed and "it is a claim (dimension)" in listed
    bare = geoinv("decide", "words", "reef", "cell.yaml#s1:area", "--reason", "so", "--case", root)
    assert bare.status == 2 and "--subject" in bare.err
    done = geoinv("decide", "words", "reef", "cell.yaml#s1:area", "--subject", "cell", "--reason", "so", "--case", root)
    assert done.status == 0, done.err
    assert "1 claim" in geoinv("status", "--case", root).out


def test_a_consent_form_is_made_read_and_held_to(root: Path, tmp_path: Path, geoinv: Typed) -> None:
    form = tmp_path / "consent.csv"
    assert geoinv("template", "consent", "-o", form).status == 0
    form.write_text(form.read_text(encoding="utf-8-sig") + "w1,use,*,no,\nw2,use,*,maybe,\n")
    done = geoinv("add", form, "--facility", "reef", "--case", root)
    assert done.status == 1 and "row 3" in done.err and "given" in done.err, done
    told = geoinv("status", "--case", root).out
    assert "held back of w1: 2 statements, 1 incident; consent to its use was refused" in told


def test_a_source_that_is_not_there_is_said_when_it_is_named(root: Path, tmp_path: Path, geoinv: Typed) -> None:
    claims = tmp_path / "claims.csv"
    claims.write_text("witness,kind,subject,low,high,unit,source,page\nw1,dimension,cell,2,3,m,talk.docx,p4\n")
    done = geoinv("add", claims, "--facility", "reef", "--case", root)
    assert done.status == 0 and "its source “talk.docx” is no file of this case" in done.err


def test_a_scene_is_registered_by_ties_and_to_another_and_taken_back(tmp_path: Path, geoinv: Typed) -> None:
    root = write_small_case(tmp_path / "case")
    (root / "imagery").mkdir(exist_ok=True)
    forms = list(BUILDINGS.values())
    write_scene(root / "imagery" / "a.tif", forms)
    write_scene(root / "imagery" / "b.tif", [translate(form, 5, -3) for form in forms], date="2015-05-01T02:00:00Z")
    with Case.open(root) as case:
        take_in(case, by="ines")
    words = ("decide", "register", "imagery/b.tif", "--case", root, "--by", "ines", "--reason", "the older one fits")
    done = geoinv(*words, "--to", "imagery/a.tif")
    assert done.status == 0 and "90 %" in done.out
    with Case.open(root) as case:
        found = SceneRecord.read(dict(case.scenes())["imagery/b.tif"])
    assert found.registration is not None and found.registration.to == "imagery/a.tif"
    assert found.shift_m == pytest.approx((-5, 3), abs=0.7)
    lon, lat = TINY.lon, TINY.lat
    done = geoinv(*words, "--tie", f"{lon},{lat}={lon + 1e-5},{lat}", "--tie", f"{lon},{lat + 1e-4}={lon},{lat}")
    assert done.status == 0
    with Case.open(root) as case:
        found = SceneRecord.read(dict(case.scenes())["imagery/b.tif"])
        assert found.registration is not None and found.registration.method == "ties" and found.registration.count == 2
        assert found.registration.error_m is not None and found.registration.error_m > 3
    for wrong in (("--tie", "1,2"), ("--to", "imagery/b.tif"), ()):
        assert geoinv(*words, *wrong).status in (1, 2)
    assert geoinv("decide", "register", "imagery/x.tif", *words[3:], "--to", "imagery/a.tif").status == 1
