"""Files dropped on the desk, good and odd; tiles of large scenes; drafts; and shapes that people drew in a drawing."""

from __future__ import annotations

import io
import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
import rasterio
from affine import Affine
from PIL import Image
from shapely.geometry import box

from geoinv.api.desk.desk import Desk
from geoinv.api.desk.sketches import drawn_named
from geoinv.api.desk.tiles import SIDE, Tiles
from geoinv.case.decisions import decide
from geoinv.case.folder import Case
from geoinv.case.intake import take_in
from geoinv.case.making import trace
from geoinv.case.steps import StepLog
from geoinv.errors import CaseError, FieldError
from geoinv.geometry.frames import frame_crs
from geoinv.records.decisions import GradeSource, TraceElement, Undo
from geoinv.records.scenes import SceneRecord
from tests.api.desk.conftest import Visitor
from tests.case.tiny import FRAME

Sign = Callable[..., Visitor]


def _drop(one: Visitor, files: dict[str, bytes], facility: str | None = "reef") -> str:
    batch = str(one.send("/intake", {"facility": facility or ""}).json()["batch"])
    for name, content in files.items():
        headers = {**one.own, "x-geoinv-token": one.token}
        answer = one.client.put(f"/intake/{batch}", params={"name": name}, content=content, headers=headers)
        assert answer.status_code == 200, answer.text
    return batch


def _look(one: Visitor, batch: str) -> str:
    answer = one.client.get(f"/intake/{batch}", headers={"accept": "text/html"})
    assert answer.status_code == 200
    return str(answer.text)


def _photo() -> bytes:
    stream = io.BytesIO()
    Image.new("L", (20_000, 10_000), 200).save(stream, "JPEG", quality=20)
    return stream.getvalue()


def _pdf(pages: int) -> bytes:
    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(200, 200)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def test_nothing_is_taken_in_before_somebody_has_looked(visitor: Sign, desk: Desk) -> None:
    one = visitor("bo")
    with desk.case() as case:
        before = case.ledger.head
    batch = _drop(one, {"more.yaml": b"statements:\n  - {id: s9, witness: w1, kind: pin, point: [-30.0001, 5.0]}\n"})
    assert "1 statement" in _look(one, batch)
    with desk.case() as case:
        assert case.ledger.head == before
    assert one.send(f"/intake/{batch}/take", {}).json()["counts"] == {"statement": 1}
    with desk.case() as case:
        last = case.store.last()
        assert last is not None and last.by == "bo"
        assert (case.root / "facilities/reef/testimony/more.yaml").is_file()
    assert one.send(f"/intake/{batch}/take", {}).status_code == 400, "a double click takes nothing twice"


def test_what_may_name_somebody_waits_for_an_answer(visitor: Sign, desk: Desk) -> None:
    one = visitor()
    batch = _drop(one, {"list.csv": b"name,phone,lat,lon\nKim Example,+82 10 5555 0199,5.0,-30.0\n"})
    assert "codenames only" in _look(one, batch)
    refused = one.send(f"/intake/{batch}/take", {})
    assert refused.status_code == 400 and "names nobody" in refused.json()["detail"]
    assert one.send(f"/intake/{batch}/leave", {"name": "list.csv"}).json() == {"left": 0}
    assert not list((desk.root / ".desk/incoming").glob("*"))


@pytest.mark.parametrize(
    ("name", "make", "told"),
    [
        ("plan.png", lambda: b"%PDF-1.4 not really", ""),
        ("plan.jpg", lambda: b"MZ\x90\x00 a program", "no picture|not a picture|cannot be read"),
        ("scan.pdf", lambda: _pdf(300), "page"),
        ("photo.jpg", _photo, ""),
        ("plan.svg", lambda: b"<svg><script>alert(1)</script>", ""),
        ("empty.kml", lambda: b"", "empty"),
    ],
)
def test_an_odd_file_is_a_sentence_and_harms_nothing(
    visitor: Sign, name: str, make: Callable[[], bytes], told: str
) -> None:
    import re

    one = visitor()
    page = _look(one, _drop(one, {name: make()}))
    assert re.search(told, page), "what is wrong with it, or what was taken for granted, is told"
    assert "<script>alert" not in page and "Traceback" not in page


def test_a_scene_that_shows_another_place_is_no_ground_here(visitor: Sign, desk: Desk) -> None:
    with desk.case() as case:
        (case.root / "imagery").rename(case.root / "elsewhere")
        (case.root / "imagery").mkdir()
    ground = visitor().client.get("/facilities/reef/ground").json()
    assert ground["scenes"] == [] and len(ground["problems"]) == 1


def test_a_scene_that_does_not_overlap_the_drawing_is_told_and_harms_nothing(visitor: Sign, desk: Desk) -> None:
    scene = desk.root / "imagery/scene.tif"
    with rasterio.open(scene, "r+") as picture:
        picture.transform = Affine.translation(9000, 0) @ picture.transform
    with desk.case() as case:
        take_in(case, by="ines")
    one = visitor()
    ground = one.client.get("/facilities/reef/ground").json()
    assert [round(scene["away"], -3) for scene in ground["scenes"]] == [9000], "the page says how far off it is"
    assert one.client.get("/facilities/reef/place").status_code == 200
    laid = {"kind": "place", "facility": "reef", "sketch": "plan.svg", "none": True}
    sent = {"body": laid, "reason": "the scene shows another place", "seen": 10**6}
    assert one.send("/decide", sent).status_code == 200, "and a person can say so"


def test_a_draft_outlives_a_crash_but_not_a_withdrawal(visitor: Sign, desk: Desk) -> None:
    one = visitor()
    assert one.send("/draft", {"page": "/p", "state": {"ties": [1]}}, method="PUT").status_code == 200
    assert one.client.get("/draft?page=/p").json()["state"] == {"ties": [1]}
    assert visitor("bo").client.get("/draft?page=/p").json() == {}, "a draft is its author's"
    with desk.case() as case, case.store.writing():
        case.ledger.append("withdrawal", "w1", {}, by="ines")
    assert one.client.get("/draft?page=/p").json() == {}
    assert not list((desk.root / ".desk/drafts").glob("*.json"))


def test_a_large_scene_pans_in_bounded_time(tmp_path: Path) -> None:
    path = tmp_path / "large.tif"
    profile = {"driver": "GTiff", "width": 10_000, "height": 10_000, "count": 3, "dtype": "uint8", "tiled": True}
    transform = Affine(0.5, 0, -2500, 0, -0.5, 2500)
    strip = np.random.default_rng(3).integers(60, 190, (3, 500, 10_000), dtype=np.uint8)
    with rasterio.open(path, "w", crs=frame_crs(FRAME).to_wkt(), transform=transform, **profile) as out:
        for row in range(0, 10_000, 500):
            out.write(strip, window=rasterio.windows.Window(0, row, 10_000, 500))
    tiles = Tiles(tmp_path / "tiles")
    name = tiles.register(path, SceneRecord(name="large.tif"))
    try:
        assert tiles.tile(name, FRAME, 1, 0, 0) is not None, "full pixels at once"
        deadline = time.monotonic() + 120
        while tiles.tile(name, FRAME, -4, 0, 0) is None and time.monotonic() < deadline:
            time.sleep(0.2)
        spent = []
        for z in (1, 0, -2, -4):
            for x in range(3):
                start = time.process_time()
                made = tiles.tile(name, FRAME, z, x, x)
                spent.append(time.process_time() - start)
                assert made is not None
                with Image.open(io.BytesIO(made)) as picture:
                    assert picture.size == (SIDE, SIDE)
        assert float(np.median(spent)) < 0.25
        assert tiles.tile(name, FRAME, 1, 10**6, 0) == tiles.tile(name, FRAME, 1, 10**6, 0), "transparent beyond"
    finally:
        tiles.close()


def test_a_drawing_is_read_once_before_a_build_until_somebody_says_what_bears_on_it(visitor: Sign, desk: Desk) -> None:
    shutil.rmtree(desk.root / "models" / "reef")
    one = visitor()
    with desk.case() as case:
        first = drawn_named(case, "reef", "plan.svg").traced
        decide(case, GradeSource(source="w1", reliability="B"), by="ines", reason="known well")
        assert first and drawn_named(case, "reef", "plan.svg").traced is first
        number = case.ledger.next_number - 1
    body = {"kind": "set", "target": "reef/plan.svg", "field": "scope", "value": "building"}
    assert "&#34;scope&#34;" in one.client.get("/facilities/reef/place").text, "the page offers to say so"
    assert one.send("/decide", {"body": body, "reason": "cells along a corridor", "seen": number}).status_code == 200
    moved = one.client.get("/facilities/reef/place?drawing=plan.svg")
    assert (moved.status_code, moved.headers["location"]) == (303, "/facilities/reef/place")
    lost = one.client.get("/facilities/reef/place?drawing=lost.svg")
    assert lost.status_code == 400


def test_a_person_draws_redraws_and_takes_out_a_shape_of_a_drawing(root: Path) -> None:
    def traced(case: Case) -> dict[str, dict[str, object]]:
        from geoinv.case.build import Job

        folder = case.models_dir("reef")
        assert trace.make(Job(case, case.facility("reef"), StepLog.load(folder)), folder) == []
        features = json.loads((folder / "sketches/plan.svg.geojson").read_text())["features"]
        return {one["properties"]["id"]: one for one in features}

    def drawn(element: str, shape: object = None, **more: object) -> TraceElement:
        return TraceElement.model_validate(
            {"facility": "reef", "sketch": "plan.svg", "element": element, "geometry": shape, **more}
        )

    with Case.open(root) as case:
        decide(case, drawn("post"), by="ines", reason="a stain")
        with pytest.raises(CaseError):
            decide(case, drawn("nothing"), by="ines", reason="not there at all")
        with pytest.raises(FieldError, match="role"):
            decide(case, drawn("new", box(0, 0, 9, 9), role="palace"), by="ines", reason="a new one")
        entry = decide(
            case, drawn("new", box(0, 0, 9, 9), role="tower", label="post 2"), by="ines", reason="overlooked"
        )
        decide(case, drawn("store", box(0, 0, 30, 30)), by="ines", reason="the line runs on")
        found = traced(case)
        assert "post" not in found
        assert found["new"]["properties"] | {"role": "tower", "label": "post 2"} == found["new"]["properties"]
        assert found["store"]["properties"]["role"] == "building", "what was read of it stays"
        decide(case, Undo(entry=entry.id), by="ines", reason="it was a stain too")
        assert "new" not in traced(case)
