from __future__ import annotations

import base64
import contextlib
import gzip
import io
import json
import re
import shutil
import sqlite3
import subprocess
import sys
import zlib
from pathlib import Path

import geopandas as gpd
import pypdfium2
import pytest
from PIL import Image

from geoinv.api.publish import ReleasePlan, plan_release, publish
from geoinv.api.releases import OpenRelease, check_release, find_release
from geoinv.errors import ReleaseError
from geoinv.records.decisions import RecordConsent
from tests.api.fake_case import FakeCase
from tests.pages import samples


def _readings(content: bytes) -> list[bytes]:
    """The bytes as they lie there, and as they read once unpacked, in several encodings."""
    found = [content]
    for match in re.finditer(rb"base64,([A-Za-z0-9+/=]{40,})", content):
        found.append(base64.b64decode(match.group(1)))
    for match in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
        with contextlib.suppress(zlib.error):
            found.append(zlib.decompress(match.group(1)))
    if content[:2] == b"\x1f\x8b":
        found.append(gzip.decompress(content))
    if content[:4] == b"\x89PNG":
        found.append(repr(Image.open(io.BytesIO(content)).info).encode())
    unescape = re.compile(rb"\\u([0-9a-fA-F]{4})")
    return found + [
        unescape.sub(lambda one: chr(int(one.group(1), 16)).encode("utf-8", "replace"), each) for each in found
    ]


def test_no_canary_is_in_any_byte_of_a_public_release(published: Path) -> None:
    seen = 0
    for path in sorted(published.rglob("*")):
        if not path.is_file():
            continue
        for reading in _readings(path.read_bytes()):
            seen += 1
            for canary in samples.CANARIES:
                for encoding in ("utf-8", "utf-16-le"):
                    assert canary.encode(encoding) not in reading, f"{canary} in {path.name}"
    assert seen > 15
    assert not any(canary in str(path) for path in published.rglob("*") for canary in samples.CANARIES)


def test_no_internal_id_is_in_a_public_release(published: Path) -> None:
    for path in published.rglob("*"):
        if path.is_file():
            body = path.read_bytes()
            assert b"footprint-b1" not in body
            assert b"room-canary" not in body


def test_publishing_twice_gives_the_same_bytes_and_the_same_path(tmp_path: Path) -> None:
    case = FakeCase(tmp_path)
    first = publish(case, "public")
    assert isinstance(first, Path)
    before = {path.relative_to(first): path.read_bytes() for path in first.rglob("*") if path.is_file()}
    shutil.rmtree(first)
    again = publish(case, "public")
    assert again == first
    after = {path.relative_to(first): path.read_bytes() for path in first.rglob("*") if path.is_file()}
    assert after == before
    third = publish(case, "public")
    assert third == first
    assert [entry[0] for entry in case.ledger.entries] == ["publish", "publish"]


def test_another_ledger_head_gives_ids_that_cannot_be_joined(tmp_path: Path) -> None:
    case = FakeCase(tmp_path)
    one = json.loads(plan_release(case, "public").files["data/facilities/example-centre/map.json"])
    case.ledger_head = "cd" * 32
    two = json.loads(plan_release(case, "public").files["data/facilities/example-centre/map.json"])
    ids = [{item["id"] for item in each["footprints"]} for each in (one, two)]
    assert ids[0].isdisjoint(ids[1])


def test_a_dry_run_writes_nothing_and_names_every_rule(tmp_path: Path) -> None:
    case = FakeCase(tmp_path)
    plan = publish(case, "public", dry_run=True)
    assert isinstance(plan, ReleasePlan)
    assert not (tmp_path / "api").exists()
    rules = {item.rule for item in plan.withheld}
    assert "incident without consent for this audience" in rules
    assert "outline from an account without consent" in rules
    assert "perpetrators not cleared" in rules
    assert next(item.count for item in plan.withheld if item.rule == "incident without consent for this audience") == 7


def test_a_plan_says_of_every_record_which_rule_kept_it_back_and_no_release_says_so(tmp_path: Path) -> None:
    case = FakeCase(tmp_path)
    plan = publish(case, "public", dry_run=True)
    assert isinstance(plan, ReleasePlan)
    told = [row for row in plan.explained if row[2] == "incident without consent for this audience"]
    assert len({record for record, *_ in told}) == 7
    known = {f"{one.facility}/{one.id}" for one in case.incident_records("example-centre")}
    assert {record for record, *_ in told} < known
    by_rule = {(what, rule) for _, what, rule, _ in plan.explained}
    counted = {(one.what, one.rule) for one in plan.withheld}
    assert by_rule <= counted
    assert not any(b"example-centre/inc" in content for content in plan.files.values())


def test_a_flipped_byte_is_named(published: Path, tmp_path: Path) -> None:
    copy = tmp_path / published.name
    shutil.copytree(published, copy)
    target = copy / "data/facilities/example-centre/model.glb"
    body = bytearray(target.read_bytes())
    body[40] ^= 1
    target.write_bytes(bytes(body))
    (copy / "extra.txt").write_text("x")
    ran = subprocess.run([sys.executable, "-I", str(copy / "verify.py")], capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "data/facilities/example-centre/model.glb was altered." in ran.stdout
    assert "extra.txt does not belong" in ran.stdout
    assert check_release(copy) == ran.stdout.strip().splitlines()
    assert check_release(published) == []


def test_an_altered_manifest_no_longer_fits_its_folder(published: Path, tmp_path: Path) -> None:
    copy = tmp_path / published.name
    shutil.copytree(published, copy)
    (copy / "manifest.json").write_bytes((copy / "manifest.json").read_bytes().replace(b"Fictional", b"Factual__"))
    assert "manifest.json was altered" in check_release(copy)[0]


def test_an_altered_release_is_not_passed_off_as_new(tmp_path: Path) -> None:
    case = FakeCase(tmp_path)
    path = publish(case, "public")
    assert isinstance(path, Path)
    (path / "README.md").write_text("other")
    with pytest.raises(ReleaseError, match="altered"):
        publish(case, "public")


def test_gdal_reads_the_geopackage_and_its_features_are_those_served(published: Path) -> None:
    footprints = gpd.read_file(published / "data/release.gpkg", layer="footprints")
    assert footprints.crs is not None and footprints.crs.to_epsg() == 4326
    assert footprints.geometry.is_valid.all()
    assert len(footprints) == 5
    assert len(gpd.read_file(published / "data/release.gpkg", layer="footprints", bbox=(0, 0, 1, 1))) == 0
    served = OpenRelease(published).features("footprints")
    assert sorted(footprints["id"]) == [json.loads(body)["id"] for body in served.bodies]
    with sqlite3.connect(published / "data/release.gpkg") as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_name_kept_back_on_the_map_is_kept_back_on_sheets_and_models_too(published: Path) -> None:
    # One who agrees drew its inside; its footprint was also named by one who does not.
    for path in published.rglob("*"):
        if path.is_file():
            assert b"Main block" not in path.read_bytes(), path.name
    printed = pypdfium2.PdfDocument(next(published.rglob("sheets/all.pdf")))
    assert all("Main block" not in page.get_textpage().get_text_range() for page in printed)


def test_a_release_has_every_sheet_of_what_may_be_shown_and_one_pdf_of_them(published: Path) -> None:
    folder = published / "data/facilities/example-centre/sheets"
    names = [path.stem for path in folder.glob("*.svg")]
    inside = {name for name in names if re.fullmatch(r"building-\d+", name)}
    assert set(names) == {"site", *inside} | {f"{kind}-{name}" for kind in ("views", "axonometric") for name in inside}
    assert inside
    assert len(pypdfium2.PdfDocument(folder / "all.pdf")) == len(names)
    scenes = list(folder.parent.glob("scenes/*.jpg"))
    assert ("<image" in (folder / "site.svg").read_text(encoding="utf-8")) == bool(scenes)


def test_the_model_has_only_parts_that_may_be_shown(published: Path) -> None:
    body = (published / "data/facilities/example-centre/model.glb").read_bytes()
    length = int.from_bytes(body[12:16], "little")
    tree = json.loads(body[20 : 20 + length])
    names = [node["name"] for node in tree["nodes"]]
    assert len(names) >= 5
    assert all(re.match(r"^(building|part)-[0-9a-f]{16}", name) for name in names)


@pytest.mark.parametrize("precision", ["county", "withheld"])
def test_without_an_exact_place_nothing_gives_it_away(tmp_path: Path, precision: str) -> None:
    case = FakeCase(tmp_path, facility=samples.facility(publish_location=precision, languages=("en",)))
    plan = plan_release(case, "public")
    assert not [path for path in plan.files if path.endswith((".jpg", ".glb", ".svg", ".html"))]
    path = publish(case, "public")
    assert isinstance(path, Path)
    release = OpenRelease(path)
    assert release.features("footprints").matched == 0
    place = release.feature("facilities", "example-centre")["geometry"]
    if precision == "withheld":
        assert place is None
        assert all(json.loads(body)["geometry"] is None for body in release.features("incidents").bodies)
        assert b"Open Ocean County" not in b"".join(plan.files.values())
    else:
        assert place["type"] == "Polygon"
        assert {round(x * 10) / 10 for x, _ in place["coordinates"][0]} == {x for x, _ in place["coordinates"][0]}
    digits = re.compile(rb"149\.99\d|150\.00[1-9]|39\.99\d|40\.00[1-9]")
    assert not any(digits.search(body) for body in plan.files.values())


def test_a_refusal_in_the_ledger_takes_everything_of_that_witness_out(tmp_path: Path) -> None:
    case = FakeCase(tmp_path)
    case.given = (RecordConsent(witness=samples.ALLOWED, audience="public", given=False),)
    path = publish(case, "public")
    assert isinstance(path, Path)
    release = OpenRelease(path)
    assert release.features("incidents").matched == 0
    shown = [json.loads(body)["properties"] for body in release.features("footprints").bodies]
    assert {item["status"] for item in shown} == {"observed"}
    assert not any("labels" in item for item in shown)


def test_an_unknown_audience_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="public, partners"):
        publish(FakeCase(tmp_path), "press")


def test_the_audience_nobody_agreed_to_sees_no_account(tmp_path: Path) -> None:
    path = publish(FakeCase(tmp_path), "partners")
    assert isinstance(path, Path)
    release = OpenRelease(path)
    assert release.features("incidents").matched == 0


def test_the_release_made_last_is_found_from_its_parent(published: Path) -> None:
    assert find_release(published.parent) == published
    with pytest.raises(ReleaseError, match="no release"):
        find_release(published / "facilities")


def test_a_real_facility_has_no_model_unless_somebody_cleared_it(tmp_path: Path) -> None:
    case = FakeCase(tmp_path, facility=samples.facility(simulated=False, languages=("en",)))
    assert not [path for path in plan_release(case, "public").files if "model" in path or "sheets" in path]
    cleared = samples.facility(simulated=False).model_dump(mode="json") | {"publish_model": True}
    case.facility = type(case.facility).read(cleared)
    assert [path for path in plan_release(case, "public").files if path.endswith("model.glb")]
