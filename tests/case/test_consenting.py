"""Consent to use: a build uses nothing of a witness who refused it, says so, and takes it up again when it is given."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from geoinv.case.build import BuildReport, build
from geoinv.case.check import check_case
from geoinv.case.consenting import refusing
from geoinv.case.decisions import decide
from geoinv.case.folder import Case
from geoinv.case.intake import take_in
from geoinv.case.mint import SeededMint
from geoinv.case.overview import overview
from geoinv.case.withdraw import withdraw
from geoinv.records.decisions import RecordConsent
from tests.case.compound import inside_svg

_FACILITY = """slug: reef
name: "Reef post (fictional)"
simulated: true
witnesses:
  wren: {role: "held there (fictional)"}
  w2: {role: "drove past (fictional)"}
sketches:
  sketches/inside.svg: {witness: wren, drawn_by: witness, scope: building}
"""
_SAID = """landmarks:
  quay: {type: Point, coordinates: [-30.0, 5.0]}
statements:
  - {id: s1, witness: wren, kind: pin, point: [-30.02, 5.02], radius_m: 50, said: "by the turquoise shutters"}
  - {id: s2, witness: w2, kind: near, landmark: quay, distance_m: 300}
"""
_HERS = """landmarks:
  lantern: {type: Point, coordinates: [-30.021, 5.02]}
statements:
  - {id: h1, witness: wren, kind: near, landmark: lantern, distance_m: 100}
"""
_INCIDENTS = """id,date,place_label,witness,kind,summary
i1,2019-03,Kitchen,wren,search,Fictional: beside the umbrella stand
i2,2019-04,Kitchen,w2,search,Fictional: another search
"""
_CLAIMS = "witness,kind,subject,low,high,unit\nwren,dimension,cell,2,3,m\nw2,dimension,yard,20,30,m\n"
#: What only she told, and what only her drawing shows.
_TRACES = ("turquoise shutters", "umbrella stand", "lantern", "inside.svg", "30.02,")


@pytest.fixture
def root(make_case: Callable[..., Path]) -> Path:
    root = make_case()
    folder = root / "facilities" / "reef"
    (folder / "sketches").mkdir()
    (folder / "facility.yaml").write_text(_FACILITY)
    (folder / "testimony" / "said.yaml").write_text(_SAID)
    (folder / "testimony" / "hers.yaml").write_text(_HERS)
    (folder / "testimony" / "claims.csv").write_text(_CLAIMS)
    (folder / "incidents.csv").write_text(_INCIDENTS)
    (folder / "sketches" / "inside.svg").write_text(inside_svg(("cell 1", "cell 2", "guard", "store")))
    return root


def _built(root: Path) -> BuildReport:
    with Case.open(root) as case:
        return build(case, by="ines")


def _models(root: Path) -> dict[str, bytes]:
    """Everything that was built but the log of how; the view has the ledger's head in it."""
    folder = root / "models"
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "build.json")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def _traces(root: Path) -> set[str]:
    made = {**_models(root), "case.gpkg": (root / "case.gpkg").read_bytes()}
    return {word for word in _TRACES for data in made.values() if word.encode() in data}


def _decided(root: Path, *, given: bool, act: str = "use", audience: str = "*", witness: str = "wren") -> None:
    with Case.open(root) as case:
        body = RecordConsent(witness=witness, act=act, audience=audience, given=given)  # type: ignore[arg-type]
        decide(case, body, by="ines", reason="asked by telephone")


def test_nothing_of_a_witness_who_refused_use_is_in_anything_built_and_a_later_consent_brings_it_back(
    root: Path,
) -> None:
    _built(root)
    whole = _models(root)
    assert _traces(root) >= {"turquoise shutters", "umbrella stand", "inside.svg"}
    _decided(root, given=False)
    report = _built(root)
    assert _traces(root) == set()
    (told,) = report.facilities[0].held_back
    assert told == "held back of wren: 2 statements, 1 drawing, 1 incident, 1 claim; consent to its use was refused"
    with Case.open(root) as case:
        assert told in "\n".join(overview(case))
        assert [one.id for one in case.incident_records("reef")] == ["i2"]
        assert [one.witness for one in case.statements("reef").statements] == ["w2"]
        assert case.sketches("reef") == () and len(case.rows("claim", "reef")) == 1
        assert "lantern" not in case.statements("reef").landmarks
        assert check_case(case) == []
    _decided(root, given=True)
    report = _built(root)
    assert report.facilities[0].held_back == () and _models(root) == whole


def test_only_what_depended_on_it_is_built_anew(root: Path) -> None:
    _built(root)
    _decided(root, given=False, witness="w3")
    redone = {step.name for step in _built(root).facilities[0].steps if step.redone}
    assert redone <= {"sum"}, "w3 told nothing"
    (root / "facilities/reef/incidents.csv").write_text(_INCIDENTS + "i3,2019-05,Yard,w3,search,Fictional: more\n")
    _decided(root, given=True, witness="w3")
    _built(root)
    _decided(root, given=False, witness="w3")
    redone = {step.name for step in _built(root).facilities[0].steps if step.redone}
    assert redone <= {"bind", "show", "sum"} and "bind" in redone


def test_who_refused_some_audience_only_is_used_for_the_others(root: Path) -> None:
    settings = root / "case.toml"
    settings.write_text(settings.read_text().replace('["public"]', '["public", "partners"]'))
    with Case.open(root) as case:
        take_in(case, by="ines")
    _decided(root, given=False, audience="public")
    with Case.open(root) as case:
        assert case.held_back == {}
    _decided(root, given=False, audience="partners")
    with Case.open(root) as case:
        assert set(case.held_back) == {"wren"}


def test_collection_refused_is_use_refused_and_a_form_counts_until_a_person_decides(root: Path) -> None:
    form = root / "facilities/reef/testimony/consent.csv"
    form.write_text("witness,act,audience,given\nwren,collect,*,no\n")
    with Case.open(root) as case:
        take_in(case, by="ines")
        assert case.held_back == {"wren": "consent to its collection was refused"}
    _decided(root, given=True, act="collect")
    with Case.open(root) as case:
        assert case.held_back == {}


def test_sharing_refused_keeps_nothing_from_a_build(root: Path) -> None:
    with Case.open(root) as case:
        take_in(case, by="ines")
    _decided(root, given=False, act="share")
    with Case.open(root) as case:
        assert case.held_back == {}


class _Later(SeededMint):
    """The same mint in a later year."""

    def now(self, number: int) -> str:
        return super().now(number).replace("2026", "2031")


def test_a_consent_that_ends_is_used_until_a_build_finds_it_ended_and_the_ledger_says_when(root: Path) -> None:
    with Case.open(root) as case:
        take_in(case, by="ines")
        word = RecordConsent(witness="wren", act="use", audience="*", until="2030")
        decide(case, word, by="ines", reason="signed for four years")
        assert case.held_back == {}
        build(case, by="ines")
        entries = len(case.store.entries("case"))
    with Case.open(root) as case:
        object.__setattr__(case.ledger, "mint", _Later(7))
        report = build(case, by="ines")
        assert "has ended (2030)" in report.facilities[0].held_back[0] and _traces(root) == set()
        assert len(case.store.entries("case")) == entries + 1
        build(case, by="ines")
        assert len(case.store.entries("case")) == entries + 1, "it is entered once"
        assert check_case(case) == []
    with Case.open(root) as case:
        assert set(case.held_back) == {"wren"}, "whoever opens the case later finds the same"


def test_who_withdrew_is_not_brought_back_by_a_later_consent(root: Path) -> None:
    _built(root)
    _decided(root, given=False)
    _built(root)
    with Case.open(root) as case:
        withdraw(case, "wren", by="ines", reason="asked by letter")
    _decided(root, given=True)
    _built(root)
    assert _traces(root) == set()
    with Case.open(root) as case:
        assert {row.source for row in case.recorded("statement")} == {"facilities/reef/testimony/said.yaml"}


@pytest.mark.parametrize(
    ("words", "held"),
    [
        ([], False),
        ([("use", "*", False, None)], True),
        ([("use", "*", False, None), ("use", "partners", True, None)], False),
        ([("use", "partners", True, None), ("use", "*", False, None)], True),
        ([("use", "*", True, "2020")], True),
        ([("use", "*", True, "2040")], False),
        ([("use", "*", True, "when the war ends")], True),
        ([("use", "*", True, None), ("collect", "*", False, None)], True),
    ],
)
def test_the_latest_word_on_each_act_and_audience_counts(
    words: list[tuple[str, str, bool, str | None]], held: bool
) -> None:
    told = [RecordConsent(witness="w1", act=a, audience=b, given=g, until=u) for a, b, g, u in words]  # type: ignore[arg-type]
    assert bool(refusing(told, ("public", "partners"), date(2026, 1, 1))) is held


def test_what_a_build_says_was_read_leaves_out_the_files_in_which_only_they_speak(root: Path) -> None:
    _built(root)
    _decided(root, given=False)
    _built(root)
    made = json.loads((root / "models/reef/location.geojson").read_text())["geoinv"]["inputs"]
    assert "facilities/reef/testimony/said.yaml" in made and "facilities/reef/testimony/hers.yaml" not in made
