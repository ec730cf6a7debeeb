"""What leaves a case as dossier, annex or export is on record: who, for whom, at which head, every file by its hash."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from geoinv.api.dossier import dossier_document
from geoinv.api.publish import plan_release
from geoinv.case.build import build
from geoinv.case.decisions import decide
from geoinv.case.folder import Case
from geoinv.case.handing import handed_out, note_handed_out
from geoinv.records.decisions import OpenRequest
from tests.api.whole_case import write_whole_case

SLUG = "example-centre"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_whole_case(tmp_path / "case")


def test_an_entry_names_who_asked_and_the_entry_that_granted_it(root: Path) -> None:
    with Case.open(root) as case:
        body = OpenRequest.read({"audience": "request-court-2", "requester": "court-2", "within": "partners",
                                 "until": "2026-12-31", "facilities": (SLUG,)})  # fmt: skip
        granted = decide(case, body, by="ines", reason="fictional: asked in writing")
        note_handed_out(case, "dossier", {"a.docx": b"x"}, audience="request-court-2", facilities=[SLUG], by="bo",
                        through="geoinv dossier")  # fmt: skip
        first, file = handed_out(case)
        assert f"asked for by court-2, granted in {granted.id}; made by bo" in first
        assert file.split() == [sha256(b"x").hexdigest(), "a.docx"]


def test_handing_out_changes_nothing_that_is_built_published_or_handed_out_again(root: Path) -> None:
    with Case.open(root) as case:
        head, number = case.ledger_head, case.ledger.next_number
        before = dossier_document(case, SLUG, audience="partners"), plan_release(case, "public").name
        note_handed_out(
            case, "dossier", {"a.html": b"x"}, audience="partners", facilities=[SLUG], by="bo", through="here"
        )
        assert (case.ledger_head, case.ledger.next_number) == (head, number + 1)
        assert before == (dossier_document(case, SLUG, audience="partners"), plan_release(case, "public").name)


def test_a_build_after_it_has_nothing_to_do(make_stored_case) -> None:
    with Case.open(make_stored_case()) as case:
        build(case)
        before = {path: path.read_bytes() for path in sorted((case.root / "models").rglob("*")) if path.is_file()}
        note_handed_out(case, "export", {"a.kmz": b"x"}, audience=None, facilities=["reef"], by="bo", through="here")
        again = build(case)
        assert not any(step.redone for one in again.facilities for step in one.steps)
        assert {
            path: path.read_bytes() for path in sorted((case.root / "models").rglob("*")) if path.is_file()
        } == before
