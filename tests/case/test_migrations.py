"""A case of an older format becomes one of today's, whole; nothing of its chain is rewritten."""

from __future__ import annotations

import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from geoinv.case.check import check_case
from geoinv.case.decisions import placements_of
from geoinv.case.folder import Case
from geoinv.case.intake import take_in
from geoinv.case.store import STORE_VERSION
from geoinv.errors import CaseError

#: The head of the committed case when geoinv of that format had last written to it.
_HEAD_1 = "79bf93eabac1b3868e5902221662d237da2b0b3bb7414bea011d3f5a3ef2d9ca"


@pytest.fixture
def format_1(tmp_path: Path) -> Path:
    """A fictional case as a geoinv of format 1 left it."""
    with zipfile.ZipFile(Path(__file__).with_name("format-1.zip")) as archive:
        archive.extractall(tmp_path / "case")
    return tmp_path / "case"


def _format(root: Path) -> int:
    with closing(sqlite3.connect(root / "case.db")) as database:
        return int(database.execute("PRAGMA user_version").fetchone()[0])


def _chain(root: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(root / "case.db")) as database:
        entries = "SELECT number, id, at, by, kind, subject, commitment, previous, hash FROM entries ORDER BY number"
        return [*database.execute(entries), *database.execute("SELECT * FROM contents ORDER BY number")]


def test_a_case_of_format_1_opens_whole_and_verifies(format_1: Path) -> None:
    before = _chain(format_1)
    assert _format(format_1) == 1
    with Case.open(format_1) as case:
        assert check_case(case, head=_HEAD_1) == []
        assert [incident.id for incident in case.incident_records("reef")] == ["i1", "i2"]
        assert [statement.id for statement in case.statements("reef").statements] == ["said.yaml#s1", "said.yaml#s2"]
        assert placements_of(case, "reef")["plan.svg"].ties[0].candidate == "c1"
        assert [consent.witness for consent in case.consents()] == ["w1"]
        last = case.store.last()
        assert last is not None and last.kind == "custody", "the ledger says that it was brought here"
        assert case.ledger_head == _HEAD_1, "and that changes nothing a release is made of"
    assert _format(format_1) == STORE_VERSION
    after = _chain(format_1)
    assert [row for row in before if row in after] == before


def test_it_is_brought_here_once_and_goes_on(format_1: Path) -> None:
    with Case.open(format_1) as case:
        head = case.ledger.head
    with Case.open(format_1) as case:
        assert case.ledger.head == head
        table = format_1 / "facilities/reef/incidents.csv"
        table.write_text(table.read_text() + "i3,2021,Yard,w1,search,Fictional: a third\n")
        take_in(case, by="ines")
        assert [incident.id for incident in case.incident_records("reef")] == ["i1", "i2", "i3"]
        assert check_case(case) == []


def test_an_altered_case_of_format_1_is_still_found_out(format_1: Path) -> None:
    with closing(sqlite3.connect(format_1 / "case.db")) as database:
        database.execute("UPDATE entries SET by = 'nobody' WHERE number = 4")
        database.commit()
    with Case.open(format_1) as case:
        assert any("ledger entry 4" in problem and "altered" in problem for problem in check_case(case))


def test_a_migration_that_fails_leaves_the_case_as_it_was(format_1: Path) -> None:
    with closing(sqlite3.connect(format_1 / "case.db")) as database:
        database.execute("DROP INDEX records_from")
        database.commit()
    before = (format_1 / "case.db").read_bytes()
    with pytest.raises(CaseError, match="restore it from a backup"):
        Case.open(format_1)
    assert (format_1 / "case.db").read_bytes() == before
