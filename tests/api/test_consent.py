"""Consent per person, act, audience and time, and the terms of others: default-deny, each refusal with its reason."""

from __future__ import annotations

from datetime import date
from itertools import product
from pathlib import Path

import pytest

from geoinv.api.consent import consenting, incident_allowed, standing
from geoinv.api.publish import plan_release
from geoinv.case.decisions import decide
from geoinv.case.folder import Case
from geoinv.case.intake import take_in
from geoinv.case.withdraw import withdraw
from geoinv.files.consent_tables import consents_from_table
from geoinv.files.spreadsheets import read_sheets
from geoinv.records.consent import Organisation
from geoinv.records.decisions import RecordConsent
from geoinv.records.facility import Facility, WitnessNote
from geoinv.records.incidents import Incident
from tests.case.conftest import write_small_case

_DAY = date(2026, 3, 1)
_FORM = (
    "witness,act,audience,given,until\n"
    "w1,share,public,yes,\nw1,use,*,yes,2030\nw2,share,public,yes,2025-12-31\nw2,share,partners,,\n"
)


def _facility(**witnesses: WitnessNote) -> Facility:
    return Facility(slug="reef", name="Reef post (fictional)", simulated=True, witnesses=witnesses)


def _why(word: RecordConsent | None, *, on: date | None = _DAY, note: WitnessNote | None = None) -> str | None:
    words = [] if word is None else [word]
    return standing(_facility(w1=note or WitnessNote()), words, "public", on=on)["w1"]


def test_who_said_nothing_does_not_agree() -> None:
    assert "no consent" in str(_why(None))
    assert _why(None, note=WitnessNote(consent=("public",))) is None
    assert _why(RecordConsent(witness="w1", audience="partners")) is not None, "another audience is another consent"
    assert _why(RecordConsent(witness="w1", audience="public")) is None


@pytest.mark.parametrize("act", ["collect", "use"])
def test_who_refuses_collection_or_use_is_not_shared_whatever_else_was_said(act: str) -> None:
    agreed = RecordConsent(witness="w1", audience="public")
    refused = RecordConsent(witness="w1", act=act, audience="*", given=False)
    assert act in str(standing(_facility(w1=WitnessNote()), [refused, agreed], "public", on=_DAY)["w1"])
    given_again = refused.model_copy(update={"given": True})
    assert standing(_facility(w1=WitnessNote()), [agreed, refused, given_again], "public", on=_DAY)["w1"] is None


def test_consent_ends_on_its_day_and_has_ended_where_no_day_is_given() -> None:
    word = RecordConsent(witness="w1", audience="public", until="2026-02")
    assert "ended" in str(_why(word))
    assert _why(word, on=date(2026, 1, 31)) is None
    assert "ended" in str(_why(word, on=None))


def test_over_every_combination_only_one_agrees_who_agreed_to_all_of_it() -> None:
    """An oracle written apart: agreed = the last word on sharing is a yes that lasts, and no refusal stands."""
    for shared, lasts, used, theirs in product(
        (None, True, False), (True, False), (None, True, False), (None, True, False)
    ):
        words = [] if used is None else [RecordConsent(witness="w1", act="use", audience="*", given=used)]
        until = "2030" if lasts else "2020"
        words += [] if shared is None else [RecordConsent(witness="w1", audience="public", given=shared, until=until)]
        note = WitnessNote(organisation=None if theirs is None else "partner-a")
        terms = [Organisation(id="partner-a", share=("public",) if theirs else ("partners",))]
        expected = bool(shared) and lasts and used is not False and theirs is not False
        agreeing = consenting(_facility(w1=note), words, "public", on=_DAY, organisations=terms)
        assert ("w1" in agreeing) is expected, (shared, lasts, used, theirs)


def test_another_organisation_s_incident_keeps_its_own_terms() -> None:
    incident = Incident.read({"id": "i1", "facility": "reef", "consent": ["public"], "organisation": "partner-a"})

    def rule(*terms: Organisation) -> str | None:
        return incident_allowed(incident, frozenset(), frozenset(), "public", on=_DAY, organisations=terms)

    assert "terms" in str(rule())
    assert "terms" in str(rule(Organisation(id="partner-a", share=("partners",))))
    assert "terms" in str(rule(Organisation(id="partner-a", share=("public",), until="2025")))
    assert rule(Organisation(id="partner-a", share=("public",))) is None


def test_a_form_is_read_row_by_row_in_both_languages_and_an_empty_cell_is_no(tmp_path: Path) -> None:
    (tmp_path / "form.csv").write_text(_FORM + "w3,lend,public,yes,\n,share,public,yes,\nw4,share,public,yes,soon\n")
    consents, problems = consents_from_table(read_sheets(tmp_path / "form.csv")[0])
    assert [(one.witness, one.act, one.given) for one in consents] == [
        ("w1", "share", True), ("w1", "use", True), ("w2", "share", True), ("w2", "share", False)
    ]  # fmt: skip
    assert [problem.split(":")[0] for problem in problems] == [
        "form.csv, row 6, act", "form.csv, row 7, witness", "form.csv, row 8, until"
    ]  # fmt: skip
    (tmp_path / "서식.csv").write_text("증언자,동의행위,공개대상,동의여부,기한\nw1,공유,public,예,2030\n")
    (one,) = consents_from_table(read_sheets(tmp_path / "서식.csv")[0])[0]
    assert (one.act, one.given, one.until) == ("share", True, "2030")


def test_a_form_in_the_case_counts_and_a_decision_has_the_last_word(tmp_path: Path) -> None:
    root = write_small_case(tmp_path / "case", seeded=False)
    (root / "facilities/reef/testimony/form.csv").write_text(_FORM)
    with Case.open(root) as case:
        report = take_in(case, by="ines")
        assert report.counts["consent"] == 4 and not report.problems
        agreed = consenting(case.facility("reef"), case.consents(), "public", on=_DAY)
        assert agreed == {"w1"}
        told = {(one.what, one.rule, one.count) for one in plan_release(case, "public", on=_DAY).withheld}
        assert ("witnesses", "consent to sharing has ended", 1) in told
        decide(case, RecordConsent(witness="w1", audience="public", given=False), by="ines", reason="asked again")
        (root / "facilities/reef/testimony/form.csv").write_text(_FORM + "w9,share,public,yes,\n")
        take_in(case, by="ines")
        assert "w1" not in consenting(case.facility("reef"), case.consents(), "public", on=_DAY)
        withdraw(case, "w1", by="ines", reason="asked by telephone")
        assert {one.witness for one in case.consents()} == {"w2", "w9"}
        assert "w1," not in (root / "facilities/reef/testimony/form.csv").read_text()
