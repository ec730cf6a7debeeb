"""The ledger names whatever was altered, swapped, dropped or cut off."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from geoinv.case.check import check_case
from geoinv.case.folder import Case
from geoinv.case.intake import take_in
from geoinv.case.ledger import check_chain


@pytest.fixture
def case_root(make_case: Callable[..., Path]) -> Path:
    root = make_case()
    with Case.open(root) as case:
        take_in(case, by="ines")
    return root


def _altered(root: Path, statement: str, values: tuple[object, ...] = ()) -> list[str]:
    with sqlite3.connect(root / "case.db") as database:
        assert database.execute(statement, values).rowcount == 1
    database.close()
    with Case.open(root) as case:
        return check_case(case)


def test_an_untouched_case_verifies(case_root: Path) -> None:
    with Case.open(case_root) as case:
        assert check_case(case) == []


@pytest.mark.parametrize("column", ["at", "by", "kind", "subject", "commitment", "id"])
def test_a_changed_entry_is_named(case_root: Path, column: str) -> None:
    problems = _altered(case_root, f"UPDATE entries SET \"{column}\" = 'custody' WHERE number = 3")
    assert any("ledger entry 3" in problem and "altered" in problem for problem in problems)


def test_changed_content_is_named(case_root: Path) -> None:
    problems = _altered(case_root, "UPDATE contents SET content = content || ' ' WHERE number = 4")
    assert any("content of ledger entry 4" in problem for problem in problems)


def test_erased_content_still_verifies(case_root: Path) -> None:
    assert _altered(case_root, "DELETE FROM contents WHERE number = 4") == []


def test_a_dropped_entry_is_named(case_root: Path) -> None:
    with sqlite3.connect(case_root / "case.db") as database:
        database.execute("DELETE FROM contents WHERE number = 5")
        database.execute("DELETE FROM entries WHERE number = 5")
    database.close()
    with Case.open(case_root) as case:
        assert any("entry 5 of the ledger is missing" in problem for problem in check_chain(case.store))


def test_a_cut_off_tail_shows_against_the_noted_head(case_root: Path) -> None:
    with sqlite3.connect(case_root / "case.db") as database:
        (last,) = database.execute("SELECT max(number) FROM entries").fetchone()
        for table in ("contents", "entries"):
            database.execute(f"DELETE FROM {table} WHERE number = ?", (last,))
    database.close()
    with Case.open(case_root) as case:
        assert check_chain(case.store) == []
        assert any("cut off" in problem for problem in check_case(case))


def test_swapped_entries_are_named(case_root: Path) -> None:
    with sqlite3.connect(case_root / "case.db") as database:
        database.execute("PRAGMA foreign_keys = OFF")
        for before, after in ((3, 1003), (4, 3), (1003, 4)):
            database.execute("UPDATE entries SET number = ? WHERE number = ?", (after, before))
    database.close()
    with Case.open(case_root) as case:
        problems = check_chain(case.store)
    assert any("ledger entry 3" in problem for problem in problems)


def test_a_changed_original_is_named(case_root: Path) -> None:
    kept = next(path for path in sorted((case_root / "originals").rglob("*")) if path.is_file())
    kept.chmod(0o644)
    kept.write_bytes(kept.read_bytes() + b"x")
    with Case.open(case_root) as case:
        assert any("kept original" in problem and "altered" in problem for problem in check_case(case))


def test_a_working_file_changed_after_intake_is_named(case_root: Path) -> None:
    path = case_root / "facilities" / "reef" / "incidents.csv"
    path.write_text(path.read_text().replace("Kitchen", "Chapel"))
    with Case.open(case_root) as case:
        assert any("incidents.csv is not as it was taken in" in problem for problem in check_case(case))


def test_two_fictional_cases_with_one_seed_have_one_head(make_case: Callable[..., Path]) -> None:
    heads = []
    for name in ("one", "two"):
        with Case.open(make_case(name)) as case:
            take_in(case, by="ines")
            heads.append(case.ledger.head)
    assert heads[0] == heads[1]


def test_two_real_cases_never_share_ids_or_heads(make_case: Callable[..., Path]) -> None:
    ids = []
    for name in ("one", "two"):
        with Case.open(make_case(name, seeded=False)) as case:
            take_in(case, by="ines")
            ids.append({entry.id for entry in case.store.entries()} | {case.ledger.head, case.key.hex()})
    assert not ids[0] & ids[1]
