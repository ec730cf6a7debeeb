"""What exports promise: for others only what a release shows, for the case's own people everything, and it is said."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from functools import cache
from pathlib import Path

import geopandas as gpd
import pytest

from geoinv.api.exports import EXPORT_FORMATS, Exported, export
from geoinv.api.publish import publish
from geoinv.case.decisions import decide
from geoinv.case.folder import Case
from geoinv.errors import FieldError, ReleaseError
from geoinv.records.decisions import RecordConsent
from tests.api.whole_case import write_whole_case
from tests.pages import samples


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = write_whole_case(tmp_path_factory.mktemp("exports"))
    with Case.open(made) as case:
        publish(case, "public")
    return made


@cache
def made(root: Path, audience: str | None) -> Exported:
    with Case.open(root) as case:
        return export(case, EXPORT_FORMATS, audience=audience)


def members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def file(root: Path, audience: str | None, ending: str) -> bytes:
    return next(content for name, content in made(root, audience).files.items() if name.endswith(ending))


@pytest.mark.parametrize("audience", ["public", "partners"])
def test_no_export_for_others_holds_a_codename_a_file_or_a_record_of_the_case(root: Path, audience: str) -> None:
    for name, content in made(root, audience).files.items():
        parts = members(content) if zipfile.is_zipfile(io.BytesIO(content)) else {name: content}
        for part, data in parts.items():
            for canary in samples.CANARIES:
                assert canary.encode() not in data, (name, part, canary)


def test_an_internal_export_says_what_it_carries_and_an_audiences_what_it_withholds(root: Path) -> None:
    inside, outside = made(root, None), made(root, "public")
    assert any("witnesses' codenames" in one for one in inside.carries)
    assert "INTERNAL" in members(file(root, None, ".kmz"))["doc.kml"].decode()
    assert "Nothing but what release" in outside.carries[0] and len(outside.carries) > 3
    assert all("internal" in name for name in inside.files) and all("public" in name for name in outside.files)


def test_every_table_holds_the_same_rows_whatever_the_format(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.gpkg"
    path.write_bytes(file(root, "partners", ".gpkg"))
    for layer in ("facilities", "footprints"):
        package = gpd.read_file(path, layer=layer)
        parquet = gpd.read_parquet(io.BytesIO(file(root, "partners", f"{layer}.parquet")))
        assert len(package) == len(parquet) and parquet.crs.to_epsg() == 4326
        assert sorted(package["id"]) == sorted(parquet["id"])
    rows = list(csv.DictReader(io.StringIO(file(root, "partners", "uwazi-facilities.csv").decode())))
    assert rows[0]["title"] == samples.facility().name
    lat, lon = (float(part) for part in rows[0]["geolocation"].split("|")[:2])
    assert lat == pytest.approx(-40, abs=0.01) and lon == pytest.approx(-150, abs=0.01)


def test_an_archive_is_a_whole_bag_with_a_crate(root: Path) -> None:
    for audience in (None, "public"):
        bag = members(file(root, audience, "-bag.zip"))
        listed = dict(line.split("  ", 1)[::-1] for line in bag["manifest-sha256.txt"].decode().splitlines())
        payload = {name for name in bag if name.startswith("data/")}
        assert set(listed) == payload
        assert all(hashlib.sha256(bag[name]).hexdigest() == digest for name, digest in listed.items())
        crate = json.loads(bag["data/ro-crate-metadata.json"])
        named = {part["@id"] for part in crate["@graph"]}
        assert {name.removeprefix("data/") for name in payload} - named <= {"ro-crate-metadata.json"}


def test_the_same_case_gives_the_same_bytes(root: Path) -> None:
    with Case.open(root) as case:
        again = export(case, ("kmz", "uwazi", "gpkg", "ro-crate"), audience=None)
    assert all(made(root, None).files[name] == content for name, content in again.files.items())


def test_who_reads_of_groups_only_gets_an_export_of_a_state_that_was_published(tmp_path: Path) -> None:
    with Case.open(write_whole_case(tmp_path / "case")) as case:
        with pytest.raises(ReleaseError, match="was not published for it"):
            export(case, ("uwazi",), audience="public")
        publish(case, "public")
        assert export(case, ("uwazi",), audience="public").files
        decide(case, RecordConsent(witness="w9", audience="public"), by="ines", reason="asked")
        with pytest.raises(ReleaseError, match="geoinv publish --audience public"):
            export(case, ("uwazi",), audience="public")
        assert export(case, ("uwazi",), audience="partners").files


def test_what_cannot_be_exported_is_refused(root: Path) -> None:
    with Case.open(root) as case:
        with pytest.raises(FieldError, match="dwg"):
            export(case, ("dwg",))
        with pytest.raises(ReleaseError, match="nobody"):
            export(case, ("kmz",), audience="nobody")
