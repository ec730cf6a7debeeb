"""The ledger names whatever was altered, swapped, dropped or cut off."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoinv.case.chain import chain_notes, check_chain
from geoinv.case.check import check_case
from geoinv.case.decisions import decide
from geoinv.case.folder import Case
from geoinv.case.intake import take_in
from geoinv.case.ledger import Ledger
from geoinv.case.mint import RandomMint
from geoinv.errors import GeoinvError
from geoinv.records.base import sha256_hex
from geoinv.records.decisions import RecordConsent
from geoinv.records.ledger import commitment_of
from tests.case.conftest import write_small_case

_TEXTS = ["id", "at", "by", "kind", "subject", "commitment", "previous", "hash"]


def _live(root: Path) -> Path:
    with Case.open(root) as case:
        take_in(case, by="ines")
        decide(case, RecordConsent(witness="w1", audience="public"), by="ines", reason="asked")
    return root


@pytest.fixture
def case_root(make_case: Callable[..., Path]) -> Path:
    return _live(make_case())


@contextmanager
def _database(root: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(root / "case.db")) as database:
        database.execute("PRAGMA foreign_keys = OFF")
        yield database
        database.commit()


def _altered(root: Path, *statements: str) -> list[str]:
    with _database(root) as database:
        for statement in statements:
            assert database.execute(statement).rowcount >= 1
    with Case.open(root) as case:
        return check_case(case)


def test_an_untouched_case_verifies(case_root: Path) -> None:
    with Case.open(case_root) as case:
        assert check_case(case) == [] and chain_notes(case.store) == []


@pytest.mark.parametrize("column", [name for name in _TEXTS if name not in ("previous", "hash")])
def test_a_changed_entry_is_named_and_no_other(case_root: Path, column: str) -> None:
    problems = _altered(case_root, f"UPDATE entries SET \"{column}\" = 'custody' WHERE number = 3")
    chain = [problem for problem in problems if "entry 3" in problem]
    assert chain and all("altered" in problem for problem in chain)
    assert not any("entry 2 " in problem or "entry 4 " in problem for problem in problems)


def test_changed_content_is_named_and_no_other(case_root: Path) -> None:
    (problem,) = _altered(case_root, "UPDATE contents SET content = content || ' ' WHERE number = 4")
    assert "content of ledger entry 4 (record of dependence w2 of facilities/reef/facility.yaml" in problem


def test_a_changed_salt_is_named(case_root: Path) -> None:
    (problem,) = _altered(case_root, "UPDATE contents SET salt = zeroblob(32) WHERE number = 5")
    assert "content of ledger entry 5 " in problem and "altered" in problem


def test_content_that_no_withdrawal_erased_is_missed(case_root: Path) -> None:
    (problem,) = [p for p in _altered(case_root, "DELETE FROM contents WHERE number = 4") if "entry 4" in p]
    assert "is missing, and no withdrawal erased it" in problem


def test_swapped_contents_are_named(case_root: Path) -> None:
    problems = _altered(
        case_root,
        "UPDATE contents SET number = -3 WHERE number = 3",
        "UPDATE contents SET number = 3 WHERE number = 4",
        "UPDATE contents SET number = 4 WHERE number = -3",
    )
    assert problems == ["the contents of ledger entries 3 and 4 were swapped."]


@pytest.mark.parametrize(("one", "other"), [(3, 4), (2, 7), (4, 6)])
def test_swapped_entries_are_named(case_root: Path, one: int, other: int) -> None:
    problems = _altered(
        case_root,
        *(
            f"UPDATE {table} SET number = {after} WHERE number = {before}"
            for table in ("entries", "contents")
            for before, after in ((one, 1000), (other, one), (1000, other))
        ),
    )
    assert f"ledger entries {one} and {other} were swapped." in problems
    assert not any("was altered" in problem and "ledger entry" in problem for problem in problems)


def test_a_dropped_entry_is_named(case_root: Path) -> None:
    problems = _altered(case_root, "DELETE FROM contents WHERE number = 5", "DELETE FROM entries WHERE number = 5")
    assert any(problem.startswith("entry 5 of the ledger is missing before ledger entry 6") for problem in problems)


def test_an_entry_dropped_and_the_rest_renumbered_is_found_out(case_root: Path) -> None:
    problems = _altered(
        case_root,
        *(f"DELETE FROM {table} WHERE number = 5" for table in ("contents", "entries")),
        *(f"UPDATE {table} SET number = -number WHERE number > 5" for table in ("contents", "entries")),
        *(f"UPDATE {table} SET number = -number - 1 WHERE number < 0" for table in ("contents", "entries")),
    )
    assert any(problem.startswith("ledger entry 5 ") and "it was written as entry 6" in problem for problem in problems)


def test_a_replaced_entry_hashed_anew_is_found_out_by_the_next(case_root: Path) -> None:
    with Case.open(case_root) as case:
        kept = case.store.entry(3)
        assert kept is not None
        forged = kept.model_copy(update={"by": "nobody"})
        forged = forged.model_copy(update={"hash": forged.computed_hash()})
    problems = _altered(case_root, f"UPDATE entries SET by = 'nobody', hash = '{forged.hash}' WHERE number = 3")
    assert any("ledger entry 4" in problem and "after ledger entry 3" in problem for problem in problems)


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_a_cut_off_tail_shows_against_the_noted_head(case_root: Path, cut: int) -> None:
    with Case.open(case_root) as case:
        last = case.ledger.next_number - 1
        noted = case.ledger.head
    problems = _altered(
        case_root, *(f"DELETE FROM {table} WHERE number > {last - cut}" for table in ("contents", "entries"))
    )
    gone = f"entry {last}" if cut == 1 else f"entries {last - cut + 1} to {last}"
    assert any(f"{gone} of the ledger, up to the one noted, was cut off" in problem for problem in problems)
    with Case.open(case_root) as case:
        assert check_chain(case.store) == [], "the chain alone cannot tell"
        (problem,) = check_chain(case.store, heads=[noted])
        assert f"cut off after entry {last - cut}" in problem


def test_a_ledger_written_anew_shows_against_the_noted_head(case_root: Path) -> None:
    with Case.open(case_root) as case:
        noted = (case_root / "ledger.head").read_text()
    (case_root / "case.db").unlink()
    with Case.open(case_root) as case:
        for _ in range(30):
            with case.store.writing():
                case.ledger.append("custody", "case", {"event": "forged"}, by="nobody")
        (problem,) = check_chain(case.store, heads=[noted])
    assert "is not the one that was noted" in problem


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE records SET current = 0 WHERE kind = 'incident'", "incident i1 of .* is passed over"),
        ("UPDATE records SET facility = 'other' WHERE kind = 'incident'", "row of incident i1 .* was altered"),
        ("UPDATE records SET item = 'i9' WHERE kind = 'incident'", "row of incident i1 .* was altered"),
        ("DELETE FROM records WHERE kind = 'incident'", "incident i1 of .* is missing from the table"),
        ("UPDATE files SET facility = 'other' WHERE kind = 'incidents'", "row of facilities/reef/incidents.csv"),
        ("DELETE FROM files WHERE kind = 'incidents'", "facilities/reef/incidents.csv is missing from the table"),
        ("UPDATE meta SET value = 'ab' WHERE key = 'key'", "case's own key"),
        ("INSERT INTO files VALUES ('a.csv', 'x', 1, 1, 'table', 'reef', 2)", "a.csv, which no entry vouches for"),
        ("INSERT INTO records VALUES (1, 'r', 'incident', 'reef', 'a.csv', 'i', 1)", "no entry vouches for incident i"),
    ],
)
def test_tables_that_are_not_what_the_ledger_says_are_named(case_root: Path, statement: str, told: str) -> None:
    assert any(re.search(told, problem) for problem in _altered(case_root, statement))


# Any byte, anywhere.


@dataclass(frozen=True)
class Whole:
    """A case as it was left, and what reading all of it gives."""

    root: Path
    database: bytes = field(repr=False)
    told: object = field(repr=False)


def _everything(root: Path) -> object:
    with Case.open(root) as case:
        store = case.store
        kept = [tuple(kept) for kept in store.walk()]
        files = {path: row._replace(mtime_ns=0) for path, row in store.files().items()}  # when it was looked at last
        return kept, files, list(store.projected()), store.metas(), case.statements("reef"), case.decisions()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    root = _live(write_small_case(tmp_path_factory.mktemp("whole") / "case"))
    return Whole(root, (root / "case.db").read_bytes(), _everything(root))


def _troubles(root: Path) -> list[str]:
    try:
        with Case.open(root) as case:
            return check_case(case)
    except GeoinvError as error:
        assert "case.db" in error.sentence()
        return [error.sentence()]


@settings(max_examples=300)
@given(data=st.data())
def test_any_flipped_bit_of_the_file_is_named_or_changes_nothing(whole: Whole, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(whole.database) - 1))
    flipped = bytearray(whole.database)
    flipped[at] ^= 1 << data.draw(st.integers(0, 7))
    (whole.root / "case.db").write_bytes(flipped)
    try:
        # What no reader ever sees — free space, a page counter — may differ; whatever is read may not.
        assert _troubles(whole.root) or _everything(whole.root) == whole.told
    finally:
        (whole.root / "case.db").write_bytes(whole.database)


@given(data=st.data())
def test_any_flipped_bit_of_an_entry_names_that_entry(whole: Whole, data: st.DataObject) -> None:
    copy = whole.root.parent / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(whole.root, copy)
    with _database(copy) as database:
        (last,) = database.execute("SELECT max(number) FROM entries").fetchone()
        number = data.draw(st.integers(1, last))
        table, column = data.draw(
            st.sampled_from([*(("entries", name) for name in _TEXTS), ("contents", "salt"), ("contents", "content")])
        )
        (value,) = database.execute(
            f'SELECT CAST("{column}" AS BLOB) FROM {table} WHERE number = ?', (number,)
        ).fetchone()
        flipped = bytearray(value)
        flipped[data.draw(st.integers(0, len(value) - 1))] ^= 1 << data.draw(st.integers(0, 7))
        kind = "TEXT" if table == "entries" else "BLOB"
        database.execute(
            f'UPDATE {table} SET "{column}" = CAST(? AS {kind}) WHERE number = ?', (bytes(flipped), number)
        )
    with Case.open(copy) as case:
        problems = check_chain(case.store)
    assert problems and all(f"entry {number} " in problem for problem in problems), problems


# Clocks.


class _SlowClock(RandomMint):
    def now(self, number: int) -> str:
        return "2001-01-01T00:00:00Z"


def test_a_clock_set_back_keeps_the_order_and_is_said(make_case: Callable[..., Path]) -> None:
    with Case.open(make_case(seeded=False)) as case:
        assert case.ledger.clock_behind() is None
        behind = Ledger(case.store, _SlowClock())
        told = behind.clock_behind()
        assert told is not None and "clock is behind" in told and "set it right" in told
        with case.store.writing():
            late = behind.append("custody", "case", {}, by="ines")
        assert behind.clock_behind() == told, "the entry just written does not hide that"
        assert "behind" not in (case.ledger.clock_behind() or "")
        assert [entry.number for entry in case.store.entries()][-1] == late.number
        (note,) = chain_notes(case.store)
        assert f"ledger entry {late.number} bears an earlier time" in note
        case.note_head()
        assert check_case(case) == [], "an odd clock is told, it is no forgery"


def test_a_case_without_a_note_of_its_latest_time_gets_one(case_root: Path) -> None:
    with _database(case_root) as database:
        database.execute("DELETE FROM meta WHERE key = 'latest'")
    with Case.open(case_root) as case:
        behind = Ledger(case.store, _SlowClock())
        with case.store.writing():
            behind.append("custody", "case", {}, by="ines")
        case.note_head()
        assert behind.clock_behind() is not None and check_case(case) == []


def test_an_altered_note_of_the_latest_time_is_named(case_root: Path) -> None:
    (problem,) = _altered(case_root, "UPDATE meta SET value = '2001-01-01T00:00:00Z' WHERE key = 'latest'")
    assert problem == "the note of the ledger's latest time was altered."
    (problem,) = _altered(case_root, "UPDATE meta SET key = 'latesu' WHERE key = 'latest'")
    assert problem == "the case's settings hold “latesu”, which geoinv never wrote."


# The files beside it.


def test_a_changed_original_is_named(case_root: Path) -> None:
    kept = next(path for path in sorted((case_root / "originals").rglob("*")) if path.is_file())
    kept.chmod(0o644)
    kept.write_bytes(kept.read_bytes() + b"x")
    with Case.open(case_root) as case:
        assert any("kept original" in problem and "altered" in problem for problem in check_case(case))


def test_a_missing_original_is_named_with_what_to_do(case_root: Path) -> None:
    (case_root / "originals" / "6f").rename(case_root / "aside")
    with Case.open(case_root) as case:
        (problem,) = check_case(case)
    assert problem == "the kept original of facilities/reef/incidents.csv is missing: restore it from a backup."


def test_a_working_file_changed_after_intake_is_named(case_root: Path) -> None:
    path = case_root / "facilities" / "reef" / "incidents.csv"
    path.write_text(path.read_text().replace("Kitchen", "Chapel"))
    with Case.open(case_root) as case:
        assert any("incidents.csv is not as it was taken in" in problem for problem in check_case(case))


def test_the_chain_holds_no_name_of_a_file_or_witness(case_root: Path) -> None:
    with _database(case_root) as database:
        told = database.execute(f"SELECT {', '.join(_TEXTS)} FROM entries").fetchall()
    text = repr(told)
    assert not any(word in text for word in ("said.yaml", "incidents.csv", "w1", "w2", "quay", "Kitchen", "reef"))


def test_an_entry_is_hashed_as_the_documentation_says(case_root: Path) -> None:
    with _database(case_root) as database:
        row = database.execute(
            "SELECT number, id, at, by, kind, subject, commitment, previous, hash FROM entries"
        ).fetchall()[2]
        salt, content = database.execute("SELECT salt, content FROM contents WHERE number = 3").fetchone()
    names = ("number", "id", "at", "by", "kind", "subject", "commitment", "previous")
    text = json.dumps(dict(zip(names, row, strict=False)), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert sha256_hex(text.encode()) == row[-1]
    assert commitment_of(content, salt) == row[6] == sha256_hex(salt + content)


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
