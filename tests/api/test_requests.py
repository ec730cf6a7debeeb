"""What a granted request promises: one requester, named records, one end, in the ledger, no more than its audience."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from geoinv.api.dossier import dossier_document
from geoinv.api.exports import export
from geoinv.api.publish import plan_release
from geoinv.case.decisions import decide
from geoinv.case.folder import Case
from geoinv.errors import CaseError, FieldError, InputError, ReleaseError
from geoinv.pages.documents import all_text
from geoinv.records.decisions import OpenRequest, RecordConsent, Undo
from tests.api.whole_case import write_whole_case
from tests.pages import samples

SLUG, DAY = "example-centre", date(2026, 5, 1)
ASKED = {"audience": "request-court-2", "requester": "court-2", "within": "partners", "until": "2026-12-31"}


@pytest.fixture
def case(tmp_path: Path):
    with Case.open(write_whole_case(tmp_path / "case")) as opened:
        yield opened


def grant(case: Case, **changes: object):
    body = OpenRequest.read({**ASKED, "records": (f"{SLUG}/inc-canary-2",), **changes})
    return decide(case, body, by="ines", reason="fictional: asked in writing")


def incidents_in(package: bytes, folder: Path) -> int:
    """How many incidents a release's GeoPackage holds."""
    (folder / "held.gpkg").write_bytes(package)
    with closing(sqlite3.connect(folder / "held.gpkg")) as opened:
        return int(opened.execute("SELECT count(*) FROM incidents").fetchone()[0])


def text(case: Case, audience: str) -> str:
    return "\n".join(all_text(dossier_document(case, SLUG, audience=audience, on=DAY)))


def test_only_what_was_asked_for_is_shown_and_it_stands_in_the_ledger(case: Case) -> None:
    entry = grant(case)
    shown = text(case, "request-court-2")
    assert "held at the river" in shown and "kept standing" not in shown and "kept standing" in text(case, "partners")
    assert "inc-canary" not in shown and samples.ALLOWED not in shown
    row = next(one for one in case.history.decided if one.entry.id == entry.id)
    assert row.decision.body.requester == "court-2"


def test_a_release_and_an_export_take_its_name_and_hold_no_more(case: Case) -> None:
    grant(case, records=tuple(f"{SLUG}/inc-canary-{n}" for n in range(5, 10)))
    plan = plan_release(case, "request-court-2", on=DAY)
    assert plan.manifest.audience == "request-court-2"
    wide = plan_release(case, "partners", on=DAY)
    shown, all_shown = (incidents_in(made.files["data/release.gpkg"], case.root) for made in (plan, wide))
    assert 0 < shown < all_shown
    assert export(case, ("uwazi",), audience="request-court-2", on=DAY).files


def test_it_ends_and_without_a_day_it_has_ended(case: Case) -> None:
    grant(case)
    for day in (date(2027, 1, 1), None):
        with pytest.raises(ReleaseError, match="2026-12-31"):
            plan_release(case, "request-court-2", on=day)


def test_consent_counts_as_for_the_wider_audience_and_taking_it_back_ends_it(case: Case) -> None:
    grant(case)
    decide(case, RecordConsent(witness=samples.ALLOWED, audience="partners", given=False), by="ines", reason="said so")
    assert "held at the river" not in text(case, "request-court-2")


def test_a_request_that_is_taken_back_is_no_audience_any_more(case: Case) -> None:
    entry = grant(case)
    decide(case, Undo(entry=entry.id), by="ines", reason="withdrawn")
    with pytest.raises(ReleaseError, match="no audience"):
        plan_release(case, "request-court-2", on=DAY)


@pytest.mark.parametrize(
    "changes",
    [
        {"within": "nobody"}, {"records": ()}, {"until": "2026/.."}, {"until": "soon"}, {"facilities": ("elsewhere",)},
        {"records": (f"{SLUG}/inc-canary-99",)}, {"audience": "public"}, {"requester": ""},
    ],
)  # fmt: skip
def test_what_cannot_be_granted_is_refused(case: Case, changes: dict[str, object]) -> None:
    with pytest.raises((CaseError, FieldError, InputError)):
        grant(case, **changes)


def test_a_facility_that_was_not_asked_for_has_no_dossier(case: Case, tmp_path: Path) -> None:
    (case.root / "facilities" / "other").mkdir()
    (case.root / "facilities" / "other" / "facility.yaml").write_text("slug: other\nname: Other (fictional)\n")
    from geoinv.case.intake import take_in

    take_in(case, by="ines")
    grant(case, records=(), facilities=("other",))
    with pytest.raises(ReleaseError, match="not among"):
        dossier_document(case, SLUG, audience="request-court-2", on=DAY)
    assert plan_release(case, "request-court-2", on=DAY).manifest.facilities == ("other",)
