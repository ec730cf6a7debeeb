"""Where a thing came from and who decided what about it; which decisions new evidence speaks against, by every kind."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from geoinv.case.build import Job
from geoinv.case.decisions import decide
from geoinv.case.folder import Case
from geoinv.case.histories import history_of
from geoinv.case.intake import take_in
from geoinv.case.making import bind, interior, locate, trace
from geoinv.case.making.judged import as_judged
from geoinv.case.offers import accepted, offer_named, offers_of
from geoinv.case.second_looks import second_looks
from geoinv.case.steps import StepLog
from geoinv.errors import CaseError, FieldError
from geoinv.records.decisions import (
    AddFootprint,
    BindIncident,
    DecisionBody,
    GradeSource,
    RecordConsent,
    SetOutline,
    SetProperty,
    SplitFacility,
    Undo,
)
from tests.case.compound import BLOCK, HUT, footprint, inside_svg, write_footprints
from tests.case.conftest import write_small_case

_NOTES = """
sketches:
  sketches/inside.svg: {witness: w1, scope: building, depicts: block}
"""
_INCIDENTS = """id,date,place_label,room_label,witness,kind,summary
i1,2019-03,block,cell 2,w1,search,Fictional: a search
i2,2019-04,somewhere,,w1,search,Fictional: another
"""
_SAID = """landmarks:
  quay: {type: Point, coordinates: [-30.0, 5.0]}
statements:
  - {id: s1, witness: w1, kind: pin, point: [-30.001, 5.001], radius_m: 200, of: cell, said: "a cell of 5 pyeong"}
"""
_BLOCK, _HUT = footprint("block", BLOCK), footprint("hut", HUT, not_after="2015")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_small_case(tmp_path_factory.mktemp("history") / "case")
    folder = root / "facilities" / "reef"
    (folder / "sketches").mkdir()
    (folder / "sketches" / "inside.svg").write_text(inside_svg(("cell 1", "cell 2", "guard", "store")))
    (folder / "facility.yaml").write_text((folder / "facility.yaml").read_text() + _NOTES)
    (folder / "incidents.csv").write_text(_INCIDENTS)
    (folder / "testimony" / "said.yaml").write_text(_SAID)
    (folder / "testimony" / "talk.txt").write_text("The gate was green.\n\nWe slept six to a room.\n")
    (folder / "testimony" / "rooms.csv").write_text(
        "witness,building,room,length_m,source,page\nw1,hall,bunks,4,talk.txt,p2\n"
    )
    with Case.open(root) as case:
        take_in(case, by="ines")
        _steps(case)
    return root


def _steps(case: Case) -> list[str]:
    built = case.models_dir("reef")
    job = Job(case, case.facility("reef"), StepLog.load(built), {})
    for step in (trace, locate):
        step.make(job, built)
    write_footprints(built, as_judged((_BLOCK, _HUT), case, "reef"))
    return [problem for step in (interior, bind) for problem in step.make(job, built)]


@pytest.fixture
def root(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "case"))


def _decided(case: Case, *bodies: DecisionBody) -> None:
    for body in bodies:
        decide(case, body, by="ines", reason="asked w1 again")


def test_a_persons_word_on_where_an_incident_was_stands_and_is_marked_until_it_is_undone(root: Path) -> None:
    with Case.open(root) as case:
        before = {one.incident: one for one in case.bindings("reef")}
        assert before["i1"].how == "room label" and before["i2"].how == "none"
        _decided(
            case,
            BindIncident(facility="reef", incident="i1", room="inside.svg#r3"),
            BindIncident(facility="reef", incident="i2", footprint="plan.svg#hut"),
        )
        assert case.history.decided[0].decision.proposed["room"] == before["i1"].room
        assert _steps(case) == []
        now = {one.incident: one for one in case.bindings("reef")}
        assert (now["i1"].how, now["i1"].footprint, now["i1"].why) == ("person", _BLOCK.id, "ines: asked w1 again")
        assert now["i1"].room not in (None, before["i1"].room)
        assert (now["i2"].how, now["i2"].footprint, now["i2"].room) == ("person", _HUT.id, None)
        kept = json.loads((case.models_dir("reef") / "bindings.json").read_text())["proposed"]
        assert {one["incident"]: one["how"] for one in kept} == {"i1": "room label", "i2": "none"}
        point = case.incidents("reef").set_index("id").geometry["i2"]
        assert _HUT.geometry.contains(point)
        for entry, _ in list(case.decisions()):
            decide(case, Undo(entry=entry.id), by="bo", reason="no")
        _steps(case)
        assert {one.incident: one for one in case.bindings("reef")} == before


def test_nowhere_is_a_word_too(root: Path) -> None:
    with Case.open(root) as case:
        _decided(case, BindIncident(facility="reef", incident="i1"))
        _steps(case)
        bound = {one.incident: one for one in case.bindings("reef")}["i1"]
    assert (bound.how, bound.footprint, bound.room) == ("person", None, None)


def test_what_a_binding_names_must_be_there_and_its_loss_is_said(root: Path) -> None:
    with Case.open(root) as case:
        for body, told in (
            (BindIncident(facility="reef", incident="i9"), "no incident"),
            (BindIncident(facility="reef", incident="i1", footprint="nothing"), "no footprint"),
            (BindIncident(facility="reef", incident="i1", room="nothing"), "no room"),
            (
                BindIncident(facility="reef", incident="i1", room="inside.svg#r3", footprint=_HUT.id),
                "is in the building",
            ),
        ):
            with pytest.raises(CaseError, match=told):
                decide(case, body, by="ines", reason="so")
        _decided(case, BindIncident(facility="reef", incident="i1", footprint=_HUT.id))
        built = case.models_dir("reef")
        write_footprints(built, (_BLOCK,))
        job = Job(case, case.facility("reef"), StepLog.load(built), {})
        (problem,) = bind.make(job, built)
        assert "not found any more" in problem and "i1" in problem
        assert {one.incident: one.how for one in case.bindings("reef")}["i1"] == "room label"
        assert any("is no longer found" in look for look in second_looks(case, "reef"))


def test_history_tells_who_when_why_and_against_what(root: Path) -> None:
    with Case.open(root) as case:
        _decided(
            case,
            BindIncident(facility="reef", incident="i1", room="inside.svg#r3"),
            SetOutline(facility="reef", element="plan.svg#hut", geometry=_HUT.geometry.buffer(1e-5)),
            GradeSource(source="w1", reliability="B"),
        )
        decide(case, BindIncident(facility="reef", incident="i1"), by="bo", reason="neither")
        whole = list(history_of(case))
        assert len([line for line in whole if line.startswith("ent-")]) == 4
        of_incident = "\n".join(history_of(case, "reef/i1"))
        assert "incident i1 of w1, from facilities/reef/incidents.csv, taken in by ines on 2026-" in of_incident
        assert "ines: bind facility reef, incident i1, room inside.svg#r3 — asked w1 again" in of_incident
        assert "the software had proposed: room-" in of_incident and "overtaken by bo on 2026-" in of_incident
        for name in (_HUT.id, "plan.svg#hut", f"reef/{_HUT.id}"):
            told = "\n".join(history_of(case, name))
            assert "outline facility reef, element plan.svg#hut" in told and "id building-hut, status attested" in told
            assert "grade" not in told
        of_all = "\n".join(history_of(case, "reef"))
        assert "testimony/said.yaml: 1 statement, 1 landmark; taken in by ines" in of_all and "grade" in of_all
        assert list(history_of(case, "said.yaml#s1"))[-1] == "Nobody has decided anything about it."


def test_history_shows_accounts_claims_transcripts_and_passages(root: Path) -> None:
    with Case.open(root) as case:
        offer = offer_named(offers_of(case, "reef"), "said.yaml#s1:area")
        decide(case, accepted(offer, "reef"), by="ines", reason="so meant", proposed=offer.reading.plain())
        told = "\n".join(history_of(case, "said.yaml#s1"))
        assert "statement said.yaml#s1 of w1" in told and "claim said.yaml#s1:area: dimension of cell" in told
        assert "reading “5 pyeong”" in told or "reading “a cell of 5 pyeong”" in told
        assert "transcript talk.txt" in "\n".join(history_of(case, "talk.txt"))
        assert "room account" in "\n".join(history_of(case, "w1"))
        passage = list(history_of(case, "transcript:talk.txt#p2"))
        assert passage[0] == "reef, talk.txt#p2: We slept six to a room."
        assert "cited by room account" in passage[1]
        with pytest.raises(CaseError, match="nothing in this case is called"):
            list(history_of(case, "nothing-of-the-kind"))
        with pytest.raises(FieldError, match="no paragraph 9"):
            list(history_of(case, "talk.txt#p9"))


def _new_form(case: Case, given: str) -> None:
    path = case.root / "facilities/reef/testimony/form.csv"
    path.write_text(f"witness,act,audience,given\nw1,use,*,{given}\n")
    take_in(case, by="bo")


def test_new_evidence_speaks_against_a_decision_of_every_kind(root: Path) -> None:
    folder = root / "facilities/reef"
    with Case.open(root) as case:
        claim = accepted(offer_named(offers_of(case, "reef"), "said.yaml#s1:area"), "reef")
        _decided(
            case,
            RecordConsent(witness="w1", act="use", audience="*", given=True),
            SetProperty(target="reef", field="agency", value="coast guard (fictional)"),
            SetProperty(target="reef/i2", field="place_label", value="hut"),
            SetProperty(target="reef/said.yaml#s1", field="radius_m", value=50),
            AddFootprint(facility="reef", footprint="building-x", geometry=_HUT.geometry.buffer(1e-5)),
            BindIncident(facility="reef", incident="i2", footprint=_HUT.id),
            claim,
            SplitFacility(facility="reef", into="annex", name="Annex (fictional)", sources=("testimony/talk.txt",)),
        )
        early = "\n".join(second_looks(case, "reef"))
        assert "scenes say did not stand then" in early and "now found where building-x was drawn" in early
        assert early.count("look again") == 2
        (folder / "facility.yaml").write_text((folder / "facility.yaml").read_text() + "agency: navy (fictional)\n")
        (folder / "incidents.csv").write_text(_INCIDENTS.replace("somewhere", "the mess"))
        (folder / "testimony/said.yaml").write_text(_SAID.replace("5 pyeong", "9 pyeong").replace("200", "350"))
        _new_form(case, "no")
        late = "\n".join(second_looks(case, "reef"))
    for told in (
        "gives agency of reef as navy (fictional)",
        "gives place_label of reef/i2 as the mess",
        "gives radius_m of reef/said.yaml#s1 as 350",
        "the words of said.yaml#s1 are others now",
        "form.csv, taken in since, refuses the consent of w1 to use (*)",
    ):
        assert told in late, late


def test_what_new_evidence_repeats_speaks_against_nothing(root: Path) -> None:
    folder = root / "facilities/reef"
    with Case.open(root) as case:
        _decided(case, SetProperty(target="reef/i2", field="place_label", value="hut"),
                 RecordConsent(witness="w1", act="use", audience="*", given=True))  # fmt: skip
        (folder / "incidents.csv").write_text(_INCIDENTS + "i3,2019-05,hut,,w1,search,Fictional: more\n")
        _new_form(case, "yes")
        assert second_looks(case, "reef") == []
