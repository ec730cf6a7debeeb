"""Two states of a facility compared in one view: what changed of its parts, and what was decided in between."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.affinity import translate
from shapely.geometry import LineString, Point, Polygon, box, mapping

from geoinv.api.desk.building import main
from geoinv.api.desk.changed import Change, Standing, changes
from geoinv.api.desk.changed_figure import changes_svg
from geoinv.api.desk.desk import Desk
from geoinv.api.desk.said import decision_in_words
from geoinv.api.desk.words import desk_words
from geoinv.case.decisions import decide
from geoinv.case.folder import Case
from geoinv.case.reading import built_blueprint, built_location
from geoinv.case.standing import Decided, History
from geoinv.geometry.frames import xy_to_lonlat
from geoinv.pages.words import LANGUAGES, Language
from geoinv.records.decisions import (
    AddFootprint,
    AddRoom,
    BindIncident,
    CheckCodenames,
    Decision,
    GradeSource,
    JudgeFootprint,
    MergeFacilities,
    PlaceSketch,
    RecordConsent,
    SetOutline,
    SetProperty,
    SplitFacility,
    TraceElement,
    Undo,
)
from geoinv.records.drawings import Tie
from geoinv.records.ledger import LedgerEntry
from tests.api.desk.conftest import Visitor

Sign = Callable[..., Visitor]
FRAME = {"lon": -30.0, "lat": 5.0}


def _part(name: str, shape: object, sort: str = "building", **more: object) -> dict[str, object]:
    plain = {"id": name, "sort": sort, "kind": sort, "labels": [], "drawn": [], "status": "attested"}
    return {**plain, "hypothesis": None, "height_m": None, "shape": mapping(shape), **more}


def _standing(*parts: dict[str, object], frame: dict[str, float] = FRAME) -> Standing:
    return Standing.read({"frame": frame, "parts": list(parts)})


def _told(found: list[Change]) -> dict[str, tuple[str, ...]]:
    return {one.part.id: one.how for one in found}


def test_what_came_went_moved_and_is_known_otherwise_is_told_apart() -> None:
    house, hut = box(0, 0, 10, 6), box(20, 0, 24, 4)
    before = _standing(
        _part("a", house, labels=["block"], drawn=["p#1"]), _part("b", hut, drawn=["p#2"]),
        _part("c", box(40, 0, 44, 4)),
        _part("w", LineString([(-5, -5), (50, -5)]), "perimeterwall"), _part("t", Point(1, 30), "tower", height_m=4.0),
    )  # fmt: skip
    after = _standing(
        _part("a", house, labels=["block", "prison"], drawn=["p#1"], status="corroborated"),
        _part("b", translate(hut, 3, 4), drawn=["p#2"]), _part("d", box(60, 0, 64, 4)),
        _part("w", LineString([(-5, -5), (50, -5)]), "perimeterwall"), _part("t", Point(1, 30), "tower", height_m=6.0),
    )  # fmt: skip
    found = changes(before, after)
    assert _told(found) == {
        "a": ("status", "renamed"), "b": ("moved",), "c": ("removed",), "d": ("added",), "w": (), "t": ("height",),
    }  # fmt: skip
    assert next(one.moved_m for one in found if one.part.id == "b") == pytest.approx(5)
    picture = changes_svg(found, "<b> & c")
    assert picture.count("<text") == 6 and "<b>" not in picture and "style" not in picture
    assert changes_svg([], "nothing") == ""


def test_a_room_is_known_again_by_what_was_drawn_of_it_not_by_its_place_in_the_row() -> None:
    cells = [_part(f"r{n}", box(3 * n, 0, 3 * n + 3, 4), "room", drawn=[f"p#{n}"]) for n in range(3)]
    more = [_part("r0", box(0, 0, 3, 4), "room"), *(
        _part(f"r{n + 1}", box(3 * n + 3, 0, 3 * n + 6, 4), "room", drawn=[f"p#{n}"]) for n in range(3)
    )]  # fmt: skip
    assert _told(changes(_standing(*cells), _standing(*more))) == {
        "r0": ("added",), "r1": ("moved",), "r2": ("moved",), "r3": ("moved",)
    }  # fmt: skip


def test_states_of_different_frames_are_compared_on_the_ground() -> None:
    before = _standing(_part("a", box(0, 0, 10, 6)))
    elsewhere = before.within(Standing.read({"frame": {"lon": -30.001, "lat": 5.001}, "parts": []}).frame)
    assert elsewhere.parts[0].shape.centroid.distance(before.parts[0].shape.centroid) > 100
    assert _told(changes(elsewhere, before)) == {"a": ()}


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(1, 9)), max_size=12))
def test_a_state_compared_with_itself_has_not_changed_and_nothing_is_lost(boxes: list[tuple[int, int, int]]) -> None:
    parts = [_part(f"p{n}", box(x, y, x + side, y + 3)) for n, (x, y, side) in enumerate(boxes)]
    one, none = _standing(*parts), _standing()
    assert all(not change.how for change in changes(one, one))
    assert [change.how for change in changes(none, one)] == [("added",)] * len(parts)
    assert [change.how for change in changes(one, none)] == [("removed",)] * len(parts)


def test_any_two_entries_are_compared_also_where_no_model_was_kept(visitor: Sign, root: Path) -> None:
    one = visitor("ray")
    hut_at = AddFootprint(facility="reef", footprint="hut", geometry=_hut(root), labels=("a <hut>",))
    with Case.open(root) as case:
        begun = case.ledger.next_number - 1
        entry = decide(case, hut_at, by="bo", reason="seen")
        decide(case, BindIncident(facility="reef", incident="i1"), by="ines", reason="she did not say")
        decide(case, Undo(entry=entry.id), by="ines", reason="a rock")
        head = case.ledger.next_number - 1

    def told(earlier: int, later: int, language: str = "en") -> str:
        page = one.client.get(f"/facilities/reef/changes?earlier={earlier}&later={later}&lang={language}")
        assert page.status_code == 200, (earlier, later)
        return str(page.text)

    first = told(1, begun)
    assert "№ 1: there was no such facility then." in first and "№ 1: no model of it" in first
    for name, group in (("s1", "Statements"), ("plan.svg", "Drawings"), ("i2", "Incidents"), ("w1", "Witnesses")):
        assert re.search(rf'<td>([\w.]+#)?{re.escape(name)} <span class="tag">{group}</span></td>', first), name
    added = told(begun, begun + 1)
    assert 'hut <span class="tag">Outlines decided</span>' in added and "a &lt;hut&gt;" in added
    assert '<td class="number">1</td><td>hut' in added and 'fill="#9fdcc6" stroke="#00664b" stroke-width' in added
    assert "is no more" in told(begun + 1, head).split("On record")[-1] and "윤곽" in told(begun + 1, head, "ko")
    assert "The same was on record in both states." in told(begun, begun)
    assert told(begun + 1, begun).count("№") == added.count("№"), "the earlier comes first"
    for number in range(1, head + 1):
        told(number, head)
    told(-5, head + 999)


def _hut(root: Path) -> Polygon:
    """A hut in the middle of the place as it was built."""
    location = built_location(root / "models" / "reef")
    assert location is not None
    x, y = xy_to_lonlat(location.frame, np.zeros((1, 2)))[0]
    return box(x, y, x + 1e-4, y + 5e-5)


def test_two_builds_are_compared_with_the_decision_between_them(visitor: Sign, desk: Desk, root: Path) -> None:
    one = visitor("ray")
    with Case.open(root) as case:
        desk.states.keep(case, "reef")
        assert desk.states.of(case, "reef") == [], "what waits for a build is of no one state of the ledger"
        decide(case, Undo(entry=case.history.all[-1][0].id), by="ines", reason="it stands as it was built after all")
    assert "no model of it, or of an earlier state, was kept" in one.client.get("/facilities/reef/changes").text
    blueprint = built_blueprint(root / "models" / "reef")
    assert blueprint is not None
    gone = blueprint.buildings[0]
    with Case.open(root) as case:
        body = JudgeFootprint(facility="reef", footprint=gone.id, accept=False)
        entry = decide(case, body, by="ines", reason="a <b>shadow</b>")
    assert main(root, "ines") == 0
    for language, told in (("en", "is no more"), ("ko", "사라짐")):
        page = one.client.get(f"/facilities/reef/changes?lang={language}").text
        assert told in page.split("<table>")[1] and "<svg xmlns" in page
        assert f'href="#entry-{entry.number}"' in page, "the decision that did it stands beside it"
        assert "a &lt;b&gt;shadow" in page
    same = one.client.get(f"/facilities/reef/changes?earlier={entry.number + 999}&later=x")
    assert same.status_code == 404, "a number that is none"
    with Case.open(root) as case:
        assert len(desk.states.of(case, "reef")) == 2
        with case.store.writing():
            case.ledger.append("withdrawal", "w1", {}, by="ines")
        assert desk.states.of(case, "reef") == [], "none outlives a withdrawal"
    assert not list((root / ".desk/states").glob("*/*.json"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_decision_is_told_in_words(language: Language) -> None:
    words, shape = desk_words(language), box(0, 0, 1, 1)
    f = {"facility": "reef"}
    bodies = [
        PlaceSketch(**f, sketch="p", none=True), PlaceSketch(**f, sketch="p", ties=(Tie(sketch="p", element="b"),)),
        PlaceSketch(**f, sketch="p"), JudgeFootprint(**f, footprint="x", accept=True),
        SetOutline(**f, element="p#b", geometry=shape), TraceElement(**f, sketch="p", element="b"),
        TraceElement(**f, sketch="p", element="b", geometry=shape, role="tower"),
        AddFootprint(**f, footprint="x", geometry=shape), AddRoom(**f, room="r", geometry=shape),
        BindIncident(**f, incident="i"), BindIncident(**f, incident="i", room="r"),
        SetProperty(target="reef", field="north", value=3.0), GradeSource(source="w1", reliability="B", credibility=2),
        MergeFacilities(**f, others=("b",)), SplitFacility(**f, into="b", name="B", sources=("s",)),
        RecordConsent(witness="w1", audience="public"), RecordConsent(witness="w1", audience="public", given=False),
        CheckCodenames(file="a.csv", sha256="0" * 64) if "sha256" in CheckCodenames.model_fields
        else CheckCodenames(file="a.csv"),
    ]  # fmt: skip
    entry = _entry(1)
    told = [decision_in_words(Decided(entry, _decision(body)), words, History(())) for body in bodies]
    assert len(set(told)) == len(told) and not any("{" in one or "did " in one for one in told)
    first = Decided(entry, _decision(bodies[0]))
    taken_back = _decision(Undo(entry=entry.id))
    said = decision_in_words(Decided(_entry(2), taken_back), words, History(((entry, first.decision),)))
    assert told[0] in said


def _entry(number: int) -> LedgerEntry:
    plain = {"at": "2026-01-01T00:00:00Z", "by": "ines", "kind": "decision", "subject": "d", "commitment": "",
             "previous": "", "hash": ""}  # fmt: skip
    return LedgerEntry(number=number, id=f"ent-{number}", **plain)


def _decision(body: Any) -> Decision:
    return Decision(id="d", by="ines", reason="so", body=body)
