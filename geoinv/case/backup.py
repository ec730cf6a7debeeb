"""Backups: a copy of a case as it is at one moment, made while others work on it, and the way back.

A backup is laid out as a case, its records in ``case.db`` whatever store the case has; that of a case whose records lie
there anyhow can be opened as it is. What a build makes again (``models/``, ``case.gpkg``) is left out; releases, which
nobody can make again once the case has changed, are in it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from geoinv.case.chain import check_chain
from geoinv.case.folder import Case, read_settings
from geoinv.case.sqlite_store import SqliteStore
from geoinv.case.store import KeptEntry, RecordRow, Store
from geoinv.case.stores import STORE_FILE, open_store
from geoinv.errors import CaseError, LedgerError, ReadOnlyError
from geoinv.files.atomic import write_folder
from geoinv.files.hashes import file_sha256
from geoinv.records.ledger import GENESIS

__all__ = ["back_up", "copy_store", "restore"]

_FOLDERS = ("facilities", "imagery", "originals", "api")
_FILES = ("case.toml", ".gitignore", "README.md")
#: Entries copied at once.
_BATCH = 5000


def copy_store(source: Store, target: Store) -> None:
    """Copy all of a store into an empty one, of the same kind or the other, in one transaction on each.

    Raises
    ------
    CaseError
        If the target holds a case already, or either cannot be used.
    """
    if target.last() is not None or target.meta("key") is not None:
        raise CaseError("there is a case already where this one would go", do="name an empty place", file=target.name)
    with source.writing(), target.writing():  # nobody appends to the source meanwhile: the copy is of one moment
        for key, value in source.metas().items():
            if key != "format":
                target.set_meta(key, value)
        entries: Iterator[KeptEntry] = source.walk()
        while batch := list(islice(entries, _BATCH)):
            target.append(batch)
        for file in source.files().values():
            target.put_file(file)
        rows = source.projected()
        while pairs := list(islice(rows, _BATCH)):
            for current in (True, False):
                chosen: list[RecordRow] = [row for row, stands in pairs if stands is current]
                target.put_records(chosen, current=current)


def back_up(case: Case, folder: Path, *, by: str) -> Path:
    """Write a backup of a case, verified, to a new folder; the ledger notes that there is one.

    Raises
    ------
    CaseError
        If the folder is there already, lies in the case, or cannot be written.
    LedgerError
        If what was copied does not verify; nothing is then left.
    """
    target = folder.resolve()
    if target.exists():
        raise CaseError("there is something of that name already", do="name a new folder", file=str(folder))
    if target.is_relative_to(case.root.resolve()):
        raise CaseError(
            "a backup inside the case would be lost with it", do="name a folder elsewhere", file=str(folder)
        )
    with write_folder(target, mode=0o700) as temporary:
        copy = SqliteStore(temporary / STORE_FILE)
        try:
            copy_store(case.store, copy)
            problems = check_chain(copy)
            last = copy.last()
        finally:
            copy.close()
        for name in _FOLDERS:
            if (case.root / name).is_dir():
                shutil.copytree(case.root / name, temporary / name, ignore=shutil.ignore_patterns(".tmp-*"))
        for name in _FILES:
            if (case.root / name).is_file():
                shutil.copy2(case.root / name, temporary / name)
        head = f"{last.hash} {last.number}\n" if last else f"{GENESIS} 0\n"
        (temporary / "ledger.head").write_text(head, encoding="utf-8")
        problems += _differing(case.root, temporary)
        if problems:
            raise LedgerError(
                f"the copy does not verify ({problems[0]})",
                do="run “geoinv verify”, then back up again",
                file=folder.name,
            )
    with case.store.writing():
        case.ledger.append("custody", "case", {"event": "backed up", "head": head.strip()}, by=by)
    case.note_head()
    return target


def _differing(root: Path, copy: Path) -> list[str]:
    """Originals that did not arrive as they are."""
    originals = (path for path in sorted((copy / "originals").rglob("*")) if path.is_file())
    return [f"{path.relative_to(copy)} was altered" for path in originals if file_sha256(path) != path.name]


def restore(backup: Path, folder: Path, *, timeout: float = 10.0) -> None:
    """Make a case from a backup in a new folder, in the store that its ``case.toml`` names.

    Raises
    ------
    CaseError
        If the backup is none, the folder is there already, or the database it names holds a case.
    """
    settings = read_settings(backup)
    if not (backup / STORE_FILE).is_file():
        raise CaseError(
            "there is no case.db in this backup", do="name a folder that “geoinv backup” made", file=str(backup)
        )
    if folder.exists():
        raise CaseError("there is something of that name already", do="name a new folder", file=str(folder))
    with write_folder(folder.resolve(), mode=0o700) as temporary:
        shutil.copytree(backup, temporary, dirs_exist_ok=True)
        if settings.store is None:
            return
        kept, target = SqliteStore(temporary / STORE_FILE), None
        try:
            target = open_store(temporary, settings.store, timeout=timeout)
            copy_store(kept, target)
        finally:
            kept.close()
            if target is not None:
                target.close()
        try:
            (temporary / STORE_FILE).unlink()
        except OSError as error:
            raise ReadOnlyError("this cannot be written", do="ask for permission", file=str(folder)) from error
