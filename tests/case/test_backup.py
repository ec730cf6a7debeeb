"""A backup is a whole case of one moment, and what it was made from comes back from it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from geoinv.case.backup import back_up, restore
from geoinv.case.check import check_case
from geoinv.case.decisions import decide
from geoinv.case.folder import Case
from geoinv.case.intake import take_in
from geoinv.errors import CaseError, LedgerError
from geoinv.records.decisions import RecordConsent
from tests.case.conftest import name_store

Maker = Callable[..., Path]
_GEOINV = str(Path(sys.executable).with_name("geoinv"))


def _live(root: Path) -> None:
    with Case.open(root) as case:
        take_in(case, by="ines")
        decide(case, RecordConsent(witness="w1", audience="public"), by="ines", reason="asked")


def _told(root: Path) -> tuple[object, ...]:
    with Case.open(root) as case:
        assert check_case(case) == []
        kept = [tuple(kept) for kept in case.store.walk() if kept.entry.kind != "custody"]
        return (
            kept,
            case.store.files(),
            list(case.store.projected()),
            case.key,
            case.statements("reef"),
            case.consents(),
        )


def test_what_was_lost_comes_back_whole(make_stored_case: Maker, tmp_path: Path) -> None:
    root = make_stored_case(seeded=False)
    _live(root)
    before = _told(root)
    with Case.open(root) as case:
        back_up(case, tmp_path / "backup", by="ines")
        last = case.store.last()
        assert last is not None and last.kind == "custody", "the ledger notes that there is a copy"
        assert check_case(case) == []
    settings = (tmp_path / "backup" / "case.toml").read_text()
    (tmp_path / "backup" / "case.toml").write_text(settings.replace('schema = "case_', 'schema = "back_'))
    restore(tmp_path / "backup", tmp_path / "again")
    assert _told(tmp_path / "again") == before
    assert (tmp_path / "again" / "case.db").exists() == (root / "case.db").exists()


@pytest.mark.needs("postgis")
def test_a_case_moves_between_the_stores_by_way_of_a_backup(make_case: Maker, tmp_path: Path, postgis: str) -> None:
    root = make_case()
    _live(root)
    with Case.open(root) as case:
        back_up(case, tmp_path / "backup", by="ines")
    name_store(tmp_path / "backup", postgis)
    restore(tmp_path / "backup", tmp_path / "team")
    assert not (tmp_path / "team" / "case.db").exists()
    assert _told(tmp_path / "team") == _told(root)
    with pytest.raises(CaseError, match="a case already"):
        restore(tmp_path / "backup", tmp_path / "twice")
    assert not (tmp_path / "twice").exists()


def test_a_backup_is_not_made_of_what_was_altered(make_case: Maker, tmp_path: Path) -> None:
    root = make_case()
    _live(root)
    kept = next(path for path in (root / "originals").rglob("*") if path.is_file())
    kept.chmod(0o644)
    kept.write_bytes(b"other")
    with Case.open(root) as case, pytest.raises(LedgerError, match="does not verify"):
        back_up(case, tmp_path / "backup", by="ines")
    assert not (tmp_path / "backup").exists()


def test_a_place_that_is_taken_or_inside_the_case_is_refused(make_case: Maker, tmp_path: Path) -> None:
    root = make_case()
    with Case.open(root) as case:
        with pytest.raises(CaseError, match="already"):
            back_up(case, tmp_path, by="ines")
        with pytest.raises(CaseError, match="lost with it"):
            back_up(case, root / "backup", by="ines")
    with pytest.raises(CaseError, match="no case.db"):
        restore(make_case("other"), tmp_path / "again")


def test_the_commands_back_up_and_restore(make_case: Maker, tmp_path: Path) -> None:
    root = make_case()
    _live(root)
    for words in (("backup", tmp_path / "b", "--case", root), ("restore", tmp_path / "b", tmp_path / "c")):
        done = subprocess.run([_GEOINV, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert subprocess.run([_GEOINV, "-q", "verify", tmp_path / "c"], check=False).returncode == 0
