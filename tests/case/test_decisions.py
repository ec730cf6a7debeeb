"""People decide: with a name and a reason, never overridden, undone only by another decision."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from geoinv.case.check import check_case
from geoinv.case.decisions import decide, placements_of
from geoinv.case.folder import Case
from geoinv.errors import CaseError, FieldError
from geoinv.records.decisions import PlaceSketch, RecordConsent, Undo
from geoinv.records.drawings import Tie


def _placed(*ties: tuple[str, str]) -> PlaceSketch:
    return PlaceSketch(
        facility="reef", sketch="plan.svg", ties=tuple(Tie(sketch="plan.svg", element=a, candidate=b) for a, b in ties)
    )


def test_a_decision_keeps_who_why_and_what_was_proposed(make_case: Callable[..., Path]) -> None:
    with Case.open(make_case()) as case:
        decide(case, _placed(("b1", "c1")), by="ines", reason="the well is there", proposed={"matrix": [1]})
        ((_, decision),) = case.decisions()
        assert (decision.by, decision.reason, decision.proposed) == ("ines", "the well is there", {"matrix": [1]})
        assert check_case(case) == []


def test_the_latest_word_stands(make_case: Callable[..., Path]) -> None:
    with Case.open(make_case()) as case:
        decide(case, _placed(("b1", "c1")), by="ines", reason="first")
        decide(case, _placed(("b1", "c2")), by="ines", reason="second look")
        assert placements_of(case, "reef")["plan.svg"].ties[0].candidate == "c2"


def test_an_undo_takes_back_and_can_be_taken_back(make_case: Callable[..., Path]) -> None:
    with Case.open(make_case()) as case:
        first = decide(case, _placed(("b1", "c1")), by="ines", reason="first")
        undo = decide(case, Undo(entry=first.id), by="ines", reason="wrong well")
        assert placements_of(case, "reef") == {}
        decide(case, Undo(entry=undo.id), by="ines", reason="it was right after all")
        assert "plan.svg" in placements_of(case, "reef")
        assert len(case.store.entries("decision")) == 3


def test_an_empty_reason_and_an_unknown_undo_are_refused(make_case: Callable[..., Path]) -> None:
    with Case.open(make_case()) as case:
        with pytest.raises(FieldError, match="reason"):
            decide(case, _placed(("b1", "c1")), by="ines", reason="  ")
        with pytest.raises(CaseError, match="no decision"):
            decide(case, Undo(entry="ent-0"), by="ines", reason="gone")
        assert case.decisions() == ()


def test_consent_is_recorded_and_can_be_refused_later(make_case: Callable[..., Path]) -> None:
    with Case.open(make_case()) as case:
        for given in (True, False):
            decide(case, RecordConsent(witness="w1", audience="public", given=given), by="ines", reason="asked w1")
        assert [consent.given for consent in case.consents()] == [True, False]
