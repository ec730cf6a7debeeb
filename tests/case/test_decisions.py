"""People decide: with a name and a reason, never overridden, undone only by another decision."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from shapely.geometry import box

from geoinv.case.check import check_case
from geoinv.case.decisions import Seen, decide, placements_of
from geoinv.case.folder import Case
from geoinv.case.intake import take_in
from geoinv.errors import CaseError, DecidedMeanwhileError, FieldError
from geoinv.facilities.sketch_io import sketch_geojson
from geoinv.records.decisions import (
    GradeSource,
    JudgeFootprint,
    MergeFacilities,
    PlaceSketch,
    RecordConsent,
    SetOutline,
    SetProperty,
    SplitFacility,
    Undo,
)
from geoinv.records.drawings import Sketch, SketchElement, Tie
from tests.case.compound import inside_svg

Maker = Callable[..., Path]


def _placed(*ties: tuple[str, str]) -> PlaceSketch:
    return PlaceSketch(
        facility="reef", sketch="plan.svg", ties=tuple(Tie(sketch="plan.svg", element=a, candidate=b) for a, b in ties)
    )


@pytest.fixture
def make_drawn(make_case: Maker) -> Maker:
    """A case with a drawing and a second facility, `quay`, of the same name of a file."""

    def make(name: str = "case") -> Path:
        root = make_case(name)
        for slug in ("reef", "quay"):
            folder = root / "facilities" / slug
            (folder / "sketches").mkdir(parents=True)
            (folder / "sketches" / "plan.svg").write_text(inside_svg((f"{slug} 1", "cell 2", "guard", "store")))
        reef, quay = root / "facilities/reef", root / "facilities/quay"
        (quay / "testimony").mkdir()
        (quay / "testimony" / "said.yaml").write_text((reef / "testimony" / "said.yaml").read_text())
        (quay / "incidents.csv").write_text((reef / "incidents.csv").read_text().replace("i1", "q1"))
        return root

    return make


def test_a_decision_keeps_who_why_and_what_was_proposed(make_drawn: Maker) -> None:
    with Case.open(make_drawn()) as case:
        decide(case, _placed(("b1", "c1")), by="ines", reason="the well is there", proposed={"matrix": [1]})
        ((_, decision),) = case.decisions()
        assert (decision.by, decision.reason, decision.proposed) == ("ines", "the well is there", {"matrix": [1]})


def test_the_latest_word_stands_and_the_earlier_stays_on_record(make_drawn: Maker) -> None:
    with Case.open(make_drawn()) as case:
        first = decide(case, _placed(("b1", "c1")), by="ines", reason="first")
        later = decide(case, _placed(("b1", "c2")), by="bo", reason="second look")
        assert placements_of(case, "reef")["plan.svg"].ties[0].candidate == "c2"
        told = [(one.entry.id, one.stands, one.overtaken_by) for one in case.history.decided]
        assert told == [(first.id, False, later), (later.id, True, None)]
        ((earlier, stands),) = case.history.disputes
        assert (earlier.decision.by, stands.decision.by) == ("ines", "bo"), "two people differ: shown, not merged"


def test_an_undo_takes_back_and_can_be_taken_back(make_drawn: Maker) -> None:
    with Case.open(make_drawn()) as case:
        first = decide(case, _placed(("b1", "c1")), by="ines", reason="first")
        undo = decide(case, Undo(entry=first.id), by="ines", reason="wrong well")
        assert placements_of(case, "reef") == {}
        assert case.history.decided[0].undone_by == undo
        decide(case, Undo(entry=undo.id), by="ines", reason="it was right after all")
        assert "plan.svg" in placements_of(case, "reef")
        assert len(case.store.entries("decision")) == 3


def test_undoing_the_later_word_lets_the_earlier_stand_again(make_drawn: Maker) -> None:
    with Case.open(make_drawn()) as case:
        decide(case, _placed(("b1", "c1")), by="ines", reason="first")
        later = decide(case, _placed(("b1", "c2")), by="bo", reason="second look")
        decide(case, Undo(entry=later.id), by="bo", reason="no")
        assert placements_of(case, "reef")["plan.svg"].ties[0].candidate == "c1"
        assert case.history.disputes == ()


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (Undo(entry="ent-0"), "no decision"),
        (
            PlaceSketch(facility="nowhere", sketch="plan.svg", none=True),
            "no facility “nowhere”; choose one of: quay, reef",
        ),
        (PlaceSketch(facility="reef", sketch="lost.svg", none=True), "no drawing “lost.svg”; choose one of: plan.svg"),
        (SetOutline(facility="reef", element="f0", geometry=box(0, 0, 1, 1)), "no footprint “f0”"),
        (SetOutline(facility="reef", element="lost.svg#b1", geometry=box(0, 0, 1, 1)), "no drawing “lost.svg”"),
        (JudgeFootprint(facility="reef", footprint="f0", accept=True), "no footprint “f0”; build the case"),
        (SetProperty(target="imagery/lost.tif", field="acquired", value="2020"), "no scene"),
        (SetProperty(target="reef/plan.svg#b9", field="role", value="gate"), "nothing “b9” was found in plan.svg"),
        (MergeFacilities(facility="reef", others=("reef",)), "into itself"),
        (MergeFacilities(facility="reef", others=("nowhere",)), "no facility"),
        (SplitFacility(facility="reef", into="annex", name="Annex", sources=("testimony/lost.kml",)), "no file"),
        (SplitFacility(facility="reef", into="quay", name="Annex", sources=("incidents.csv",)), "already"),
    ],
)
def test_a_decision_about_what_is_not_there_is_refused_in_a_sentence(
    make_drawn: Maker, body: object, told: str
) -> None:
    with Case.open(make_drawn()) as case:
        take_in(case, by="ines")
        with pytest.raises(CaseError, match=told):
            decide(case, body, by="ines", reason="so it seems")  # type: ignore[arg-type]
        assert case.decisions() == ()


def test_an_empty_reason_is_refused(make_drawn: Maker) -> None:
    with Case.open(make_drawn()) as case, pytest.raises(FieldError, match="reason"):
        decide(case, _placed(("b1", "c1")), by="ines", reason="  ")


@pytest.mark.parametrize(
    ("target", "field", "value", "read"),
    [
        ("reef", "agency", "coast guard (fictional)", lambda case: case.facility("reef").agency),
        ("reef/plan.svg", "period", "2018~", lambda case: str(case.sketches("reef")[0].period)),
        ("reef/plan.svg", "north", 12.0, lambda case: case.sketches("reef")[0].north),
        ("reef/said.yaml#s1", "radius_m", 90.0, lambda case: case.statements("reef").statements[0].radius_m),
        ("reef/i1", "place_label", "Yard", lambda case: case.incident_records("reef")[0].place_label),
    ],
)
def test_what_a_person_sets_is_used_and_undone(
    make_drawn: Maker, target: str, field: str, value: object, read: Callable[[Case], object]
) -> None:
    with Case.open(make_drawn()) as case:
        take_in(case, by="ines")
        before = read(case)
        entry = decide(case, SetProperty(target=target, field=field, value=value), by="ines", reason="asked again")
        assert read(case) == value != before
        proposed = case.history.decided[-1].decision.proposed
        assert proposed == (None if before in (None, "None") else before), "what it was is kept"
        decide(case, Undo(entry=entry.id), by="ines", reason="no")
        assert read(case) == before


@pytest.mark.parametrize(
    ("target", "field", "value", "told"),
    [
        ("reef", "slug", "other", "nothing that can be set"),
        ("reef/plan.svg", "colour", "red", "choose one of: depicts, drawn_by"),
        ("reef/plan.svg", "period", "the year of the flood", "period"),
        ("reef/said.yaml#s1", "witness", "w9", "nothing that can be set"),
    ],
)
def test_what_cannot_be_set_is_refused_in_a_sentence(
    make_drawn: Maker, target: str, field: str, value: str, told: str
) -> None:
    with Case.open(make_drawn()) as case:
        take_in(case, by="ines")
        with pytest.raises(FieldError, match=told):
            decide(case, SetProperty(target=target, field=field, value=value), by="ines", reason="x")
        assert case.decisions() == ()


def test_a_length_said_of_a_drawn_thing_is_set_in_metres_or_words(make_drawn: Maker) -> None:
    with Case.open(make_drawn()) as case:
        take_in(case, by="ines")
        traced = case.models_dir("reef") / "sketches" / "plan.svg.geojson"
        traced.parent.mkdir(parents=True)
        element = SketchElement(id="b1", role="building", geometry=box(0, 0, 4, 2))
        traced.write_text(json.dumps(sketch_geojson(Sketch(name="plan.svg", elements=(element,)))))
        for said in (30, [25, 35], "80 paces"):
            decide(case, SetProperty(target="reef/plan.svg#b1", field="length_m", value=said), by="ines", reason="said")
        with pytest.raises(FieldError, match="length_m: “quite long” is not one length"):
            decide(
                case, SetProperty(target="reef/plan.svg#b1", field="length_m", value="quite long"), by="i", reason="x"
            )
        assert len(case.decisions()) == 3


def test_facilities_found_to_be_one_are_one_until_undone(make_drawn: Maker) -> None:
    with Case.open(make_drawn()) as case:
        take_in(case, by="ines")
        merge = decide(case, MergeFacilities(facility="reef", others=("quay",)), by="ines", reason="one gate")
        assert [facility.slug for facility in case.facilities()] == ["reef"]
        assert {one.id for one in case.incident_records("reef")} == {"i1", "q1"}
        assert {one.facility for one in case.incident_records("reef")} == {"reef"}
        ids = [statement.id for statement in case.statements("reef").statements]
        assert sorted(ids) == ["quay-said.yaml#s1", "quay-said.yaml#s2", "said.yaml#s1", "said.yaml#s2"]
        files = {sketch.name: path.as_posix() for sketch, path in case.sketch_files("reef")}
        assert sorted(files.values()) == ["facilities/quay/sketches/plan.svg", "facilities/reef/sketches/plan.svg"]
        assert len(files) == 2
        with pytest.raises(CaseError, match="was found to be “reef”"):
            case.facility("quay")
        decide(case, Undo(entry=merge.id), by="ines", reason="two gates")
        assert [facility.slug for facility in case.facilities()] == ["quay", "reef"]
        assert len(case.statements("reef").statements) == 2
        assert check_case(case) == []


def test_a_facility_found_to_be_two_is_two_until_undone(make_drawn: Maker) -> None:
    with Case.open(make_drawn()) as case:
        take_in(case, by="ines")
        body = SplitFacility(facility="reef", into="annex", name="Annex (fictional)", sources=("incidents.csv",))
        split = decide(case, body, by="ines", reason="another agency's")
        assert [(one.slug, one.name) for one in case.facilities()][0] == ("annex", "Annex (fictional)")
        assert case.facility("annex").simulated
        assert [(one.id, one.facility) for one in case.incident_records("annex")] == [("i1", "annex")]
        assert case.incident_records("reef") == ()
        assert len(case.statements("reef").statements) == 2 and case.statements("annex").statements == ()
        decide(case, Undo(entry=split.id), by="ines", reason="one after all")
        assert [one.id for one in case.incident_records("reef")] == ["i1"]


def test_consent_is_recorded_by_act_and_can_be_refused_later(make_drawn: Maker) -> None:
    with Case.open(make_drawn()) as case:
        for act in ("use", "share"):
            decide(case, RecordConsent(witness="w1", act=act, audience="public"), by="ines", reason="asked w1")  # type: ignore[arg-type]
        decide(case, RecordConsent(witness="w1", audience="public", given=False), by="ines", reason="w1 called")
        assert [(consent.act, consent.given) for consent in case.consents()] == [
            ("use", True),
            ("share", True),
            ("share", False),
        ]
        assert [one.stands for one in case.history.decided] == [True, False, True]


def test_a_reader_of_the_history_sees_what_was_decided_in_another_process(make_drawn: Maker) -> None:
    root = make_drawn()
    with Case.open(root) as one, Case.open(root) as other:
        assert one.decisions() == ()
        decide(other, GradeSource(source="w1", reliability="B"), by="bo", reason="was there")
        assert [decision.by for _, decision in one.decisions()] == ["bo"]


def test_history_is_plain_data(make_drawn: Maker) -> None:
    with Case.open(make_drawn()) as case:
        decide(case, GradeSource(source="w1", reliability="B", credibility=2), by="bo", reason="was there")
        ((_, decision),) = case.decisions()
        assert json.loads(json.dumps(decision.plain()))["body"] == {
            "kind": "grade",
            "source": "w1",
            "reliability": "B",
            "credibility": 2,
        }


def test_of_two_people_none_overwrites_the_other_unseen(make_drawn: Maker) -> None:
    with Case.open(make_drawn()) as case:
        last = case.store.last()
        seen = Seen(last.number if last else 0)
        first = decide(case, _placed(("b1", "c1")), by="ines", reason="first", seen=seen)
        with pytest.raises(DecidedMeanwhileError, match="ines decided so .*: first; look at it again"):
            decide(case, _placed(("b1", "c2")), by="bo", reason="mine", seen=seen)
        assert decide(case, _placed(("b1", "c1")), by="ines", reason="first", seen=seen) == first, "sent twice"
        own = Seen(seen.number, frozenset([first.id]))
        again = decide(case, _placed(("b1", "c3")), by="ines", reason="closer", seen=own)
        decide(case, Undo(entry=again.id), by="ines", reason="no", seen=Seen(again.number))
        with pytest.raises(DecidedMeanwhileError, match="took ines's decision back"):
            decide(case, _placed(("b1", "c2")), by="bo", reason="mine", seen=Seen(again.number))
        assert len(case.history.decided) == 3
