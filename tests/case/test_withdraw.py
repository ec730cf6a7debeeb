"""Consent withdrawn: no trace is left in any file of the case, the chain verifies, and people are told the rest."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest

from geoinv.case.build import build
from geoinv.case.check import check_case
from geoinv.case.decisions import decide
from geoinv.case.folder import Case
from geoinv.case.intake import take_in
from geoinv.case.withdraw import withdraw
from geoinv.errors import CaseError, FieldError
from geoinv.records.decisions import GradeSource, PlaceSketch, RecordConsent, SetProperty
from tests.case.compound import inside_svg

#: Words that only this witness said, and her codename: nothing of them may be found afterwards.
_HER = "wmagpie77"
_TRACES = [_HER, "turquoise shutters", "lantern room", "Lanternhof", "umbrella stand", "seven long benches"]

_FACILITY = f"""slug: reef
name: "Reef post (fictional)"
simulated: true
witnesses:
  {_HER}: {{role: "slept under turquoise shutters (fictional)"}}
  w2: {{role: "drove past (fictional)", heard_from: [{_HER}]}}
sketches:
  sketches/inside.svg: {{witness: {_HER}, depicts: "Lanternhof"}}
"""
_STATEMENTS = f"""landmarks:
  quay: {{type: Point, coordinates: [-30.0, 5.0]}}
statements:
  - {{id: s1, witness: {_HER}, kind: pin, point: [-30.001, 5.001], radius_m: 200, said: "by the turquoise shutters"}}
  - {{id: s2, witness: w2, kind: near, landmark: quay, distance_m: 300, said: "near the quay"}}
dependent: [[{_HER}, w2]]
"""
_INCIDENTS = (
    "id,date,place_label,witness,kind,summary\n"
    f"i1,2019-03,Kitchen,{_HER},search,Fictional: beside the umbrella stand\n"
    "i2,2019-04,Kitchen,w2,search,Fictional: another search\n"
)


def _lived(root: Path) -> None:
    """A case in which she said much, some of it twice, some of it beside others."""
    facility = root / "facilities" / "reef"
    (facility / "sketches").mkdir()
    (facility / "facility.yaml").write_text(_FACILITY)
    (facility / "testimony" / "said.yaml").write_text(_STATEMENTS.replace("200", "250"))
    (facility / "testimony" / f"{_HER}.csv").write_text(f"latitude,longitude,witness\n5.0003,-30.0002,{_HER}\n")
    (facility / "testimony" / "minutes.md").write_text("Fictional: nobody is named here.\n")
    (facility / "incidents.csv").write_text(_INCIDENTS)
    (facility / "sketches" / "inside.svg").write_text(inside_svg(("lantern room", "cell 2", "guard", "store")))
    with Case.open(root) as case:
        take_in(case, by="ines")
        (facility / "testimony" / "said.yaml").write_text(_STATEMENTS)  # a second version: the first must go too
        build(case, by="ines")
        decide(case, RecordConsent(witness=_HER, audience="public"), by="ines", reason=f"asked {_HER}")
        decide(
            case, PlaceSketch(facility="reef", sketch="inside.svg", none=True), by="ines", reason="seven long benches"
        )
        decide(case, GradeSource(source="w2", reliability="B"), by="ines", reason="drove past often")


def _found(root: Path, words: list[str]) -> dict[str, list[str]]:
    """Word → files of the case that hold it anywhere: in a name, in text, in free pages."""
    paths = [path for path in root.rglob("*") if path.is_file()]
    return {
        word: [str(path) for path in paths if word.encode() in path.read_bytes() or word in str(path)] for word in words
    }


def test_no_trace_is_left_in_any_file_and_the_rest_stands(make_case: Callable[..., Path]) -> None:
    root = make_case(seeded=False)
    _lived(root)
    assert all(_found(root, _TRACES).values()), "everything she said is in the case before"
    with Case.open(root) as case:
        done = withdraw(case, _HER, by="ines", reason="asked by telephone")
        assert not any(_found(root, _TRACES).values()), {k: v for k, v in _found(root, _TRACES).items() if v}
        assert check_case(case) == []
        assert [statement.said for statement in case.statements("reef").statements] == ["near the quay"]
        assert [incident.id for incident in case.incident_records("reef")] == ["i2"]
        assert case.facility("reef").witnesses.keys() == {"w2"}
        assert case.sketches("reef") == () and case.consents() == ()
        assert [decision.body.kind for _, decision in case.decisions()] == ["grade"]
    assert done.rebuild == ("reef",) and done.recall == ()
    assert done.look == ("facilities/reef/testimony/minutes.md",)
    assert f"facilities/reef/testimony/{_HER}.csv" in done.deleted
    assert done.rewritten == (
        "facilities/reef/facility.yaml",
        "facilities/reef/incidents.json",
        "facilities/reef/testimony/said.yaml",
    )
    with Case.open(root) as case:
        build(case, by="ines")
        assert not any(_found(root, _TRACES).values())
        assert check_case(case) == []


def test_both_stores_erase_alike(make_stored_case: Callable[..., Path]) -> None:
    root = make_stored_case(seeded=False)
    _lived(root)
    with Case.open(root) as case:
        withdraw(case, _HER, by="ines", reason="asked by telephone")
        kept = [one.content for one in case.store.walk() if one.content is not None]
        assert not any(word.encode() in content for word in _TRACES for content in kept)
        assert not any(word in repr(row) for word in _TRACES for row in case.store.projected())
        assert not any(word in repr(row) for word in _TRACES for row in case.store.files().values())
        assert check_case(case) == []


def test_releases_that_showed_her_are_to_be_recalled(make_case: Callable[..., Path]) -> None:
    root = make_case()
    _lived(root)
    for name, shown in (("aa", ["reef"]), ("bb", ["other"])):
        folder = root / "api" / "public" / name
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text(json.dumps({"facilities": shown}))
    with Case.open(root) as case:
        assert withdraw(case, _HER, by="ines", reason="asked by telephone").recall == ("api/public/aa",)


def test_what_comes_in_of_her_later_is_left_out_and_said(make_case: Callable[..., Path]) -> None:
    root = make_case()
    _lived(root)
    with Case.open(root) as case:
        withdraw(case, _HER, by="ines", reason="asked by telephone")
        (root / "facilities/reef/testimony/again.yaml").write_text(_STATEMENTS)
        (outcome,) = take_in(case, by="bo").files
        assert any("1 records are of a witness who withdrew" in note for note in outcome.notes)
        assert [s.id for s in case.statements("reef").statements] == ["said.yaml#s2", "again.yaml#s2"]


def test_a_codename_nobody_has_and_a_reason_that_tells_are_refused(make_case: Callable[..., Path]) -> None:
    root = make_case()
    _lived(root)
    with Case.open(root) as case:
        head = case.ledger.head
        with pytest.raises(CaseError, match="nothing in this case rests on “wm”"):
            withdraw(case, "wm", by="ines", reason="asked")
        with pytest.raises(FieldError, match="not name the witness"):
            withdraw(case, _HER, by="ines", reason=f"{_HER} called")
        assert case.ledger.head == head


# Planted through every format that intake reads.


def _packed(name: str, data: str | bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return made.getvalue()


def _workbook(*rows: list[object]) -> bytes:
    book, made = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(made)
    return made.getvalue()


_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PIN = (
    f"<kml><Document><Placemark><name>MARK</name><ExtendedData><Data name='witness'><value>{_HER}</value></Data>"
    "</ExtendedData><Point><coordinates>-30,5</coordinates></Point></Placemark></Document></kml>"
)


def _said(mark: str) -> str:
    return json.dumps({"statements": [{"id": "a", "witness": _HER, "kind": "pin", "point": [-30, 5], "said": mark}]})


def _feature(mark: str) -> str:
    place = {"type": "Point", "coordinates": [-30, 5]}
    return json.dumps({"type": "Feature", "properties": {"witness": _HER, "note": mark}, "geometry": place})


def _uwazi(mark: str) -> str:
    acts = [{"violation": "torture", "victim": _HER}]
    return json.dumps({"incidents": [{"id": "u1", "date": "2019", "kind": "search", "summary": mark, "acts": acts}]})


#: Path below the facility → its content with a word that only she, or somebody of her, said.
_PLANTED: dict[str, Callable[[str], str | bytes]] = {
    "testimony/k.csv": lambda m: f"latitude,longitude,witness,note\n5,-30,{_HER},{m}\n5.001,-30,w2,kept words\n",
    "testimony/extra.csv": lambda m: f"latitude,longitude,witness,other\n5,-30,{_HER},{m}\n5.001,-30,w2,\n",
    "testimony/k.xlsx": lambda m: _workbook(
        ["latitude", "longitude", "witness", "note"], [5, -30, _HER, m], [5, -30, "w2", "x"]
    ),
    "testimony/hers.kml": lambda m: _PIN.replace("MARK", m),
    f"testimony/{_HER}-pins.kmz": lambda m: _packed("doc.kml", _PIN.replace("MARK", m)),
    "testimony/pack.zip": lambda m: _packed("inner/own.csv", f"latitude,longitude,witness,note\n5,-30,{_HER},{m}\n"),
    f"testimony/{_HER}.txt": lambda m: f"I said {m}.\n\nAnd more.",
    "testimony/interview.txt": lambda m: f"{_HER}: {m}\n\nw2: these stay",
    f"testimony/talk-{_HER}.docx": lambda m: _packed(
        "word/document.xml",
        f"<w:document xmlns:w='{_WORD}'><w:body><w:p><w:r><w:t>{m}</w:t></w:r></w:p></w:body></w:document>",
    ),
    "testimony/said2.json": _said,
    "testimony/place.geojson": lambda m: _feature(m),
    "testimony/track.gpx": lambda m: (
        f"<gpx version='1.1' creator='x'><wpt lat='5' lon='-30'><name>{m}</name><desc>{_HER}</desc></wpt></gpx>"
    ),
    f"testimony/recorded-{_HER}.mp3": lambda m: b"ID3" + m.encode(),
    "testimony/remark.md": lambda m: f"{_HER} pointed at {m}",
    "sketches/annex.svg": lambda m: inside_svg((m, "cell 2", "guard", "store")),
    "sketches/annex.yaml": lambda m: f"witness: {_HER}\ndepicts: {m}\n",
    "incidents.csv": lambda m: (
        f"id,date,place_label,witness,kind,summary\ni1,2019,Hall,{_HER},search,{m}\n"
        f"i2,2019,Hall,w2,search,told of {_HER}: {m}\ni3,2019,Hall,w2,search,of nobody\n"
    ),
    "incidents-more.json": _uwazi,
}


def _depths(data: bytes) -> Iterator[bytes]:
    """A file's bytes, and those of what is packed in it."""
    yield data
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield from _depths(archive.read(name))


def _anywhere(root: Path, word: str) -> list[str]:
    paths = [path for path in sorted(root.rglob("*")) if path.is_file()]
    return [
        str(path.relative_to(root))
        for path in paths
        if word in str(path) or any(word.encode() in part for part in _depths(path.read_bytes()))
    ]


def test_no_trace_of_what_came_through_any_format(make_case: Callable[..., Path]) -> None:
    root = make_case(seeded=False)
    facility = root / "facilities/reef"
    (facility / "facility.yaml").write_text(_FACILITY.replace("inside.svg", "none.svg"))
    marks = {}
    for number, (name, content) in enumerate(_PLANTED.items()):
        marks[name] = f"Marker{number}Quill"
        data = content(marks[name])
        (facility / name).parent.mkdir(exist_ok=True)
        (facility / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    said, places = {"witness": [_HER, "w2"], "note": ["MarkerShape", "ok"]}, gpd.points_from_xy([-30, -30], [5, 5.001])
    shape = gpd.GeoDataFrame(said, geometry=places, crs=4326)
    shape.to_file(facility / "testimony/layer.gpkg", driver="GPKG")
    shape.to_file(facility / "testimony/shape.shp")
    marks["layer.gpkg and shape.shp"] = "MarkerShape"
    with Case.open(root) as case:
        assert not take_in(case, by="ines").held_back
        build(case, by="ines")
        assert all(_anywhere(root, mark) for mark in marks.values())
        done = withdraw(case, _HER, by="ines", reason="asked by telephone")
        left = {word: _anywhere(root, word) for word in (*marks.values(), _HER)}
        assert not any(left.values()), left
        assert any("interview.txt" in one for one in done.look)
        assert "these stay" in (facility / "testimony/interview.txt").read_text()
        assert {one.id for one in case.incident_records("reef")} == {"i3"}
        assert {one.witness for one in case.statements("reef").statements} == {"w1", "w2"}
        build(case, by="ines")
        left = {word: _anywhere(root, word) for word in (*marks.values(), _HER)}
        assert not any(left.values()) and check_case(case) == []


def test_what_others_said_in_tables_of_several_kinds_is_kept_whole(make_case: Callable[..., Path]) -> None:
    root = make_case(seeded=False)
    testimony = root / "facilities/reef/testimony"
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in {
        "Statements": [["witness", "kind", "landmark", "distance_m", "quotation"],
                       [_HER, "near", "quay", 100, "umbrella stand"], ["w2", "near", "quay", 300, "near the quay"]],
        "Claims": [["id", "witness", "kind", "subject", "object", "low", "high", "unit", "source", "page", "colour"],
                   ["c1", _HER, "distance", "gate", "hall", 1, 2, "m", "", "", "umbrella stand"],
                   ["c2", "w2", "distance", "gate", "hall", 20, 30, "m", "talk.txt", "p2", "green"]],
        "Rooms": [["id", "witness", "building", "room", "use", "count", "occupants", "length_m", "next_to"],
                  ["r1", _HER, "hall", "umbrella stand", "", "", "", "", ""],
                  ["r2", "w2", "hall", "bunks", "sleeping", 6, "10-15", "3.5", "cell 2, latrine"]],
        "Incidents": [["id", "date", "place_label", "witness", "kind", "summary", "violation", "victim"],
                      ["i8", "2019", "Hall", _HER, "search", "umbrella stand", "", ""],
                      ["i9", "2019", "Hall", "w2", "search", "of nobody", "", ""]],
    }.items():  # fmt: skip
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(testimony / "everything.xlsx")
    (testimony / "alone.csv").write_text(f"witness,kind,subject,low,high,unit\n{_HER},count,cell,5,6,count\n"
                                         "w2,count,cell,7,8,count\n")  # fmt: skip
    with Case.open(root) as case:
        take_in(case, by="ines")
        before = {kind: _of_others(case, kind) for kind in ("statement", "claim", "room account", "incident")}
        assert [len(found) for found in before.values()] == [2, 2, 1, 1], before
        done = withdraw(case, _HER, by="ines", reason="asked by telephone")
        after = {kind: _of_others(case, kind) for kind in before}
        assert after == before
        assert check_case(case) == [] and not _anywhere(root, _HER) and not _anywhere(root, "umbrella stand")
    assert {Path(path).name for path in done.rewritten} == {
        "alone.csv", "everything.json", "everything-claims.csv", "everything-rooms.csv", "incidents-everything.json",
    }  # fmt: skip


def _of_others(case: Case, kind: str) -> list[dict[str, object]]:
    """What w2 said, but for the name of the file it stands in."""
    told = [json.loads(row.content) for row in case.recorded(kind, "reef")]
    return [
        {key: value for key, value in one.items() if key != "id" and value not in ([], "")}
        for one in told
        if one.get("witness") == "w2"
    ]


def test_decisions_about_what_was_hers_go_too_though_they_do_not_name_her(make_case: Callable[..., Path]) -> None:
    root = make_case()
    _lived(root)
    with Case.open(root) as case:
        for target, field, value in (
            ("reef/said.yaml#s1", "of", "the lantern room"),
            ("reef/i1", "place_label", "Lanternhof"),
            ("reef/said.yaml#s2", "of", "quay hut"),
        ):
            decide(case, SetProperty(target=target, field=field, value=value), by="ines", reason="asked again")
        (root / "case-edited-0123.gpkg").write_bytes(b"kept aside")
        withdraw(case, _HER, by="ines", reason="asked by telephone")
        left = [decision.body.target for _, decision in case.decisions() if decision.body.kind == "set"]
        assert left == ["reef/said.yaml#s2"]
        assert not any(_found(root, _TRACES).values()) and not list(root.glob("case-edited*"))
