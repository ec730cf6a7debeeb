"""A full disk, a store that another program holds, a store that is none: one sentence, and nothing recorded is lost."""

from __future__ import annotations

import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from geoinv.case.check import check_case
from geoinv.case.folder import Case
from geoinv.case.intake import take_in
from geoinv.case.sqlite_store import SqliteStore
from geoinv.errors import CaseError, CaseLockedError, ReadOnlyError

Maker = Callable[..., Path]
_GEOINV = str(Path(sys.executable).with_name("geoinv"))


def _many(root: Path, files: int) -> None:
    testimony = root / "facilities" / "reef" / "testimony"
    for number in range(files):
        rows = "".join(f"5.{row:03},-30.{number:03},w{number}\n" for row in range(50))
        (testimony / f"pins-{number}.csv").write_text("latitude,longitude,witness\n" + rows)


@pytest.mark.parametrize("room", [20_000, 60_000, 150_000])
def test_where_no_file_can_grow_any_more_the_rest_waits_for_room(make_case: Maker, room: int) -> None:
    root = make_case(seeded=False)
    _many(root, 12)

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    command = [_GEOINV, "add", root / "facilities", "--case", root]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=full)
    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr and "fault in geoinv" not in ran.stderr
    assert "room" in ran.stderr or "permission" in ran.stderr, ran.stderr
    again = subprocess.run(command, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    with Case.open(root) as case:
        assert len(case.statements("reef").statements) == 2 + 12 * 50
        assert check_case(case) == []


def test_a_full_disk_is_told_and_the_transaction_is_undone(make_case: Maker) -> None:
    root = make_case()
    with Case.open(root) as case:
        take_in(case, by="ines")
        head = case.ledger.head
        assert isinstance(case.store, SqliteStore)
        (pages,) = case.store._rows("PRAGMA page_count")[0]
        case.store._rows(f"PRAGMA max_page_count = {pages}")
        _many(root, 3)
        with pytest.raises(ReadOnlyError, match="disk is full; make room"):
            take_in(case, by="ines")
        assert case.ledger.head == head
        case.store._rows("PRAGMA max_page_count = 1000000")
        take_in(case, by="ines")
        assert len(case.statements("reef").statements) == 2 + 3 * 50
        assert check_case(case) == []


def test_a_store_that_another_program_holds_is_told(make_case: Maker) -> None:
    root = make_case()
    with Case.open(root) as case:
        take_in(case, by="ines")
    with closing(sqlite3.connect(root / "case.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(CaseLockedError, match="another program .* wait for it to end"):
            Case.open(root, timeout=0.05)
        other.execute("ROLLBACK")
    with Case.open(root) as case:
        assert check_case(case) == []


@pytest.mark.parametrize("content", [b"", b"not a database at all, though long enough to be one" * 40])
def test_a_store_that_is_none_is_told_or_begun(make_case: Maker, content: bytes) -> None:
    root = make_case()
    (root / "case.db").write_bytes(content)
    if content:
        with pytest.raises(CaseError, match="case.db: this is not a case database .* restore it from a backup"):
            Case.open(root)
        assert (root / "case.db").read_bytes() == content
    else:
        with Case.open(root) as case:
            assert len(case.store.entries()) == 1


def test_a_store_cut_short_is_named(make_case: Maker) -> None:
    root = make_case()
    with Case.open(root) as case:
        take_in(case, by="ines")
    whole = (root / "case.db").read_bytes()
    (root / "case.db").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CaseError, match="case.db"), Case.open(root) as case:
        check_case(case)
