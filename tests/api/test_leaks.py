"""Canaries in every protected field of a case: in no byte of a public release, however packed, and in no answer.

Every field of every record that publishing reads is filled, whatever the schema has (`filled`), and every text is
marked but for those that are public by design; a text that is the same in two records is marked the same, so that who
drew what still fits together. Whatever else a build leaves beside what is read is marked too.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import re
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from geoinv.api.casefiles import _without_computed
from geoinv.api.leaks import leaks, unpacked
from geoinv.api.publish import publish
from geoinv.api.server import create_app
from geoinv.files.geojson import feature, feature_collection, read_json
from geoinv.records.asks import Asks
from geoinv.records.blueprint import Blueprint
from geoinv.records.claims import Findings
from geoinv.records.consent import CaseSettings
from geoinv.records.drawings import Sketch
from geoinv.records.facility import Facility
from geoinv.records.footprints import Footprint
from geoinv.records.incidents import Binding, Incident
from geoinv.records.placements import Match
from geoinv.records.testimony import Statements
from tests.api.fake_case import FakeCase
from tests.api.filled import CHOICES, completed, filled
from tests.pages import samples

MARK = "zqxcanaryqz"
#: Fields whose text is public by design, or is a date, a number's unit or a choice from a list.
_FACILITY = {
    "slug",
    "name",
    "other_names",
    "names",
    "agency",
    "kind",
    "level",
    "place",
    "country",
    "languages",
    "publish_location",
    "consent",
    "cleared_for",
    "period",
    "stay",
    "scope",
}
_FOOTPRINT = {
    "id",
    "facility",
    "geometry",
    "role",
    "labels",
    "status",
    "outline_from",
    "not_before",
    "not_after",
    "unit",
    "confidence",
    "said",
}
_BLUEPRINT = {
    "facility",
    "title",
    "id",
    "kind",
    "role",
    "labels",
    "outline",
    "polygon",
    "line",
    "status",
    "hypothesis",
    "date",
    "unit",
    "type",
    "connects",
    "room",
    "to",
    "about",
    "entrance",
    "ground",
    "shape",
}
_DATE = re.compile(r"[\d./~?X%-]+")
#: Units and shapes of records that publishing only looks up names in.
_STATEMENT = _SKETCH = {"unit", "geometry", "type", "direction"}
_INCIDENT = {"id", "facility", "date", "kind", "summary", "certainty", "consent", "violation", "embargo_until", "point"}


def _marked(text: str) -> str:
    """A text with a mark in it: before the suffix of a file's name, so that it stays one."""
    base, sharp, element = text.partition("#")
    found = re.fullmatch(r"(.*?)(\.(?:svg|png|tif|docx|yaml))?", base, re.DOTALL)
    assert found is not None
    stem = found.group(1).rpartition("/")
    mark = MARK + hashlib.sha256(stem[2].encode()).hexdigest()[:6]
    return f"{stem[0]}{stem[1]}{stem[2]}{mark}{found.group(2) or ''}{sharp}{element}"


def _planted(value: Any, keep: set[str], key: str = "") -> Any:
    # Evidence is named by what it is of, as if it were the outline itself.
    if key in keep and not (isinstance(value, dict) and "status" in value):
        return value
    if isinstance(value, dict):
        named = key in ("witnesses", "sketches", "perpetrators")
        return {(_marked(name) if named else name): _planted(item, keep, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_planted(item, keep, key) for item in value]
    if not isinstance(value, str) or value in CHOICES or _DATE.fullmatch(value):
        return value
    # Scenes keep their names, which are canaries of their own, so that they are still found.
    return value if "scene-canary" in value else _marked(value)


def _extra(data: dict[str, Any]) -> dict[str, Any]:
    """A record with a field that nobody knows, as outside formats have them."""
    return {**data, "zz_note": f"{MARK}extra", "organisation_note": [f"{MARK}inlist"]}


_DRAWN = "sketch-by-heron.svg#b1"
#: What a build leaves that no release reads: whoever copies one of them instead of drawing it anew is found out.
_UNREAD = ("report.html", "map.html", "sheets/site.svg", "sheets/section-a.svg", "sheets/site.pdf", "renders/site.png",
           "figures/site.svg", "scene.jpg", "model.glb", "unplaced.geojson", "candidates.geojson")  # fmt: skip


class MarkedCase(FakeCase):
    """The sample case with every field filled, and a mark in every protected text."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, languages=("en", "ko"))
        accused = {"perp-canary": {"cleared_for": ["public"], "note": "of the guard"}}
        given = {**completed(self.facility, _DRAWN).plain(), "perpetrators": accused}
        self.facility = Facility.read(_extra(_planted(given, _FACILITY)))
        told = (completed(one, _DRAWN).model_copy(update={"supersedes": None}) for one in self.incidents)
        self.incidents = tuple(Incident.read(_extra(_planted(one.plain(), _INCIDENT))) for one in told)
        self.bound = tuple(Binding.read({**one.plain(), "why": f"{MARK}why"}) for one in self.bound)
        partner = {"id": _marked("zzWitnessNoteorganisation"), "share": ["public"]}
        self.settings = CaseSettings.read({**self.settings.plain(), "organisations": [partner]})
        self._mark_models()

    def _mark_models(self) -> None:
        folder = self.models_dir(self.facility.slug)
        rows = []
        for item in samples.footprints():
            plain = _extra(_planted(completed(item, _DRAWN).plain(), _FOOTPRINT)) | {"warnings": [f"{MARK}warning"]}
            Footprint.read(plain)
            rows.append(feature({key: value for key, value in plain.items() if key != "geometry"}, item.geometry))
        (folder / "footprints.geojson").write_text(json.dumps(feature_collection(rows, zz=f"{MARK}member")))
        place = read_json(folder / "location.geojson")
        place["features"][0]["properties"]["why"] = f"{MARK}place"
        (folder / "location.geojson").write_text(json.dumps(place))
        blueprint = _planted(completed(samples.blueprint(), _DRAWN).plain(), _BLUEPRINT)
        Blueprint.read(_without_computed(blueprint))
        (folder / "blueprint.json").write_text(json.dumps(blueprint))
        for name, record in (("asks.json", Asks), ("findings.json", Findings), ("match.json", Match)):
            told = _planted(filled(record, _DRAWN).model_dump(mode="json"), set())
            (folder / name).write_text(json.dumps(told))
        for name in _UNREAD:
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(f"{MARK}{name}".encode())

    def statements(self, slug: str) -> Statements:
        told = samples.statements()
        lone = (
            completed(one, _DRAWN).model_copy(update={"landmark": None, "landmarks": ()}) for one in told.statements
        )
        plain = told.model_copy(update={"statements": tuple(lone)}).model_dump(mode="json")
        return Statements.read(_planted(plain, _STATEMENT))

    def sketches(self, slug: str) -> tuple[Sketch, ...]:
        found = (completed(one, _DRAWN) for one in samples.sketches())
        return tuple(Sketch.read(_planted(one.model_dump(mode="json"), _SKETCH)) for one in found)

    def scenes(self) -> tuple[tuple[str, dict[str, Any]], ...]:
        return tuple((path, {**_extra(data), "license": f"{MARK}licence"}) for path, data in super().scenes())


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = publish(MarkedCase(tmp_path_factory.mktemp("marked")), "public")
    assert isinstance(path, Path)
    return path


def _readings(content: bytes) -> Iterator[bytes]:
    for each in unpacked(content):
        yield each.lower()
        yield re.sub(rb"\\u([0-9a-f]{4})", lambda found: chr(int(found.group(1), 16)).encode("utf-8", "replace"), each)


def test_the_case_is_full_of_marks_and_shows_something(marked: Path, tmp_path: Path) -> None:
    case = MarkedCase(tmp_path)
    texts = [case.facility.model_dump_json(), *(one.model_dump_json() for one in case.incidents)]
    left = sorted(path for path in case.models_dir(case.facility.slug).rglob("*") if path.is_file())
    texts += [path.read_text() for path in left]
    assert len(left) >= 6 + len(_UNREAD) and all(MARK in text for text in texts[-len(left) :])
    assert sum(text.count(MARK) for text in texts) > 500
    with TestClient(create_app(marked)) as asking:
        assert asking.get("/collections/incidents/items").json()["numberMatched"] > 10
        footprints = asking.get("/collections/footprints/items").json()["features"]
        assert any("labels" in item["properties"] for item in footprints)
        assert asking.get("/facilities/example-centre/model.glb").status_code == 200


def test_no_mark_is_in_any_byte_of_the_release(marked: Path) -> None:
    for path in sorted(marked.rglob("*")):
        assert MARK not in str(path.relative_to(marked))
        if path.is_file():
            for reading in _readings(path.read_bytes()):
                for coding in ("utf-8", "utf-16-le", "utf-16-be"):
                    assert MARK.encode(coding) not in reading, path.name


def test_no_mark_is_in_a_free_page_or_slack_of_the_geopackage(marked: Path) -> None:
    with sqlite3.connect(marked / "data/release.gpkg") as db:
        assert db.execute("PRAGMA freelist_count").fetchone() == (0,)
        told = [
            str(row)
            for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for row in db.execute(f'SELECT * FROM "{name}"')
        ]
    assert not any(MARK in row for row in told)


def test_no_mark_is_in_any_answer_to_any_path_the_server_tells_of(marked: Path) -> None:
    """Every link of every page and every file of the release, asked for as JSON and as a page, and every header."""
    with TestClient(create_app(marked), raise_server_exceptions=False) as asking:
        manifest = json.loads((marked / "manifest.json").read_text())
        wanted = [
            "/",
            "/openapi.json",
            "/docs",
            "/conformance",
            "/collections",
            "/releases",
            "/health",
            "/nothing",
            "/collections/incidents/items?bbox=1",
        ]
        wanted += [f"/releases/{marked.name}/files/{one['path']}" for one in manifest["files"]]
        seen: set[str] = set()
        while wanted:
            path = wanted.pop()
            if path in seen or len(seen) > 400:
                continue
            seen.add(path)
            for accept in ("application/json", "text/html"):
                answer = asking.get(path, headers={"Accept": accept})
                assert answer.status_code < 500, path
                assert MARK not in str(answer.headers).lower()
                assert all(MARK.encode() not in reading for reading in _readings(answer.content)), path
                if answer.headers["content-type"].startswith(("text/html", "application/")):
                    found = re.findall(r'(?:href|src)="(/[^"#]*)"|"href": "http://testserver(/[^"]*)"', answer.text)
                    wanted += [(one or two).replace("&amp;", "&") for one, two in found]
        assert len(seen) > 60


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.zip", "zip"), ("a.json.gz", "gzip"), ("a.png", "png"), ("a.pdf", "pdf"), ("a.html", "inside"),
        ("a.bin", "wide"), ("a.kmz", "nested"), ("heron-canary.glb", "name"),
    ],
)  # fmt: skip
def test_the_last_look_finds_a_word_however_it_is_packed(name: str, content: str) -> None:
    word = b"said by Heron-Canary twice"
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("doc.kml", word * 20)
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("in.zip", archive.getvalue())
    text = b"Comment\x00\x00" + zlib.compress(word)
    made = {
        "zip": archive.getvalue(),
        "gzip": gzip.compress(word),
        "png": b"\x89PNG\r\n\x1a\n" + struct.pack(">I4s", len(text), b"zTXt") + text + b"\x00" * 4,
        "pdf": b"%PDF-1.7\n1 0 obj\nstream\n" + zlib.compress(word) + b"\nendstream",
        "inside": b'<img src="data:image/png;base64,' + base64.b64encode(word) + b'">',
        "wide": b"\x00\x01" + word.decode().encode("utf-16-le"),
        "nested": outer.getvalue(),
        "name": b"glTF",
    }[content]
    assert leaks({name: made, "clean.bin": bytes(range(256)) * 50}, ["heron-canary", "otter-canary"]) == [name]


def test_thousands_of_words_are_looked_for_at_once() -> None:
    words = [f"V-{number:06d}" for number in range(3000)]
    body = (b"x" * 997 + b"\x00") * 300
    assert leaks({"a.bin": body}, words) == []
    assert leaks({"a.bin": body + b"v-002999" + body}, words) == ["a.bin"]


def test_markup_in_every_public_text_is_shown_as_text(tmp_path: Path) -> None:
    bad = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&\u202e"
    facility = samples.facility(
        name=f"Name {bad}", other_names=(bad,), agency=bad, kind=bad, place=bad, country=bad, languages=("en", "ko")
    )
    case = FakeCase(tmp_path, facility=facility)
    case.incidents = tuple(one.model_copy(update={"kind": bad, "summary": bad}) for one in case.incidents)
    path = publish(case, "public")
    assert isinstance(path, Path)
    for page in path.rglob("*.html"):
        told = page.read_text()
        assert not [one for one in ("<script>alert", "<img src=x", "\u202e", "\x00") if one in told], page.name
    with TestClient(create_app(path)) as asking:
        for address in (
            "/",
            "/collections/facilities/items",
            "/collections/incidents/items",
            "/facilities/example-centre",
            "/facilities/example-centre/map",
            "/facilities/example-centre/model",
            "/releases",
            "/search?q=Name",
        ):
            answer = asking.get(address, headers={"Accept": "text/html"})
            assert answer.status_code == 200, address
            assert not [one for one in ("<script>alert", "<img src=x", "\u202e") if one in answer.text], address
