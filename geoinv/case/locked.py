"""A whole case in one locked file: a backup that may lie anywhere, and a case at rest.

While people work on a case its folder is open to them; a locked disk protects it then. What is not worked on is locked.
"""

from __future__ import annotations

import hashlib
import shutil
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from geoinv.case.backup import copy_store, restore
from geoinv.case.chain import check_chain
from geoinv.case.folder import Case
from geoinv.case.locks import Key, locking, outside_cases, unlocking
from geoinv.case.sqlite_store import SqliteStore
from geoinv.case.stores import STORE_FILE
from geoinv.errors import CaseError, LedgerError, ReadOnlyError, UnsafeFileError
from geoinv.files.atomic import temporary_prefix
from geoinv.records.ledger import GENESIS

__all__ = ["back_up_locked", "lock_case", "unlock_case"]


@contextmanager
def _records(case: Case) -> Iterator[tuple[Path, str]]:
    """A copy of a case's records as they are at one moment, and the ledger's head; gone when the block ends."""
    with tempfile.TemporaryDirectory(prefix=temporary_prefix(), dir=case.root) as folder:
        copy = SqliteStore(Path(folder, STORE_FILE))
        try:
            copy_store(case.store, copy)
            problems, last = check_chain(copy), copy.last()
        finally:
            copy.close()
        if problems:
            raise LedgerError(f"the case does not verify ({problems[0]})", do="run “geoinv verify”")
        yield Path(folder, STORE_FILE), f"{last.hash} {last.number}\n" if last else f"{GENESIS} 0\n"


#: What a build makes again, and the records, which go in as a copy of one moment.
_MADE_AGAIN = {"models", "case.gpkg", "build.json", STORE_FILE, f"{STORE_FILE}-journal", "ledger.head"}


def _members(case: Case) -> Iterator[Path]:
    """Files that go into it, below the case: all but what a build makes again, whatever people laid beside them."""
    for path in sorted(case.root.rglob("*")):
        relative = path.relative_to(case.root)
        passing = any(part.startswith(".tmp-") for part in relative.parts)
        if path.is_file() and not path.is_symlink() and not passing and relative.parts[0] not in _MADE_AGAIN:
            yield relative


class _Hashing:
    """Reads on, and keeps the SHA-256 of what was read."""

    def __init__(self, source: BinaryIO) -> None:
        self._source, self.sha256 = source, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size)
        self.sha256.update(data)
        return data


def _pack(stream: BinaryIO, members: Sequence[tuple[Path, str]]) -> dict[str, str]:
    """Write files as a tar stream, owners and times of nobody; name → SHA-256 of what went in."""
    packed: dict[str, str] = {}
    with tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        for path, name in members:
            info = tarfile.TarInfo(name)
            info.size, info.mode = path.stat().st_size, 0o600
            with path.open("rb") as source:
                hashing = _Hashing(source)
                archive.addfile(info, hashing)
            packed[name] = hashing.sha256.hexdigest()
    return packed


def _write(case: Case, target: Path, recipients: Sequence[str]) -> dict[str, str]:
    with _records(case) as (records, head):
        note = records.with_name("ledger.head")
        note.write_text(head, encoding="utf-8")
        members = [(records, STORE_FILE), (note, "ledger.head")]
        members += [(case.root / one, one.as_posix()) for one in _members(case)]
        with locking(target, recipients) as stream:
            return _pack(stream, members)


def _target(file: Path) -> Path:
    target = outside_cases(file, what="a locked case")
    if target.exists():
        raise CaseError("there is something of that name already", do="name a new file", file=file.name)
    return target


def back_up_locked(case: Case, file: Path, recipients: Sequence[str], *, by: str) -> Path:
    """Write a backup as one locked file; the ledger notes that there is one.

    Parameters
    ----------
    recipients
        Public halves of the keys that open it.

    Raises
    ------
    CaseError
        If the file is there already or lies in a case.
    FieldError
        If somebody's public key is none.
    LedgerError
        If the case does not verify.
    """
    target = _target(file)
    _write(case, target, recipients)
    with case.store.writing():
        case.ledger.append("custody", "case", {"event": "backed up, locked"}, by=by)
    case.note_head()
    return target


def lock_case(case: Case, file: Path, recipients: Sequence[str], key: Key, *, by: str) -> Path:
    """Put a case to rest: lock it, read every byte back with a key, then delete its folder.

    Parameters
    ----------
    recipients
        Public halves of the keys that open it; the key's own is always among them.
    key
        Proves that it can be opened again.

    Raises
    ------
    CaseError
        If it cannot be locked; the folder is then untouched.
    """
    if case.settings.store is not None:
        raise CaseError("the records of this case lie in a database, which is not locked with it",
                        do="back it up, and lock the backup with “geoinv backup --to”")  # fmt: skip
    target = _target(file)
    with case.store.writing():
        case.ledger.append("custody", "case", {"event": "locked"}, by=by)
    case.note_head()
    everybody = tuple(dict.fromkeys((*recipients, key.public)))
    packed = _write(case, target, everybody)
    if _unpacked(target, key) != packed:
        target.unlink()
        raise CaseError("what was locked does not read back as it was", do="check the disk; nothing was deleted")
    case.close()
    shutil.rmtree(case.root)
    return target


def _unpacked(file: Path, key: Key) -> dict[str, str]:
    """Name → SHA-256 of what a locked case holds."""
    found = {}
    with unlocking(file, key) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        for info in archive:
            source = archive.extractfile(info)
            if source is not None:
                digest = hashlib.sha256()
                while part := source.read(1 << 20):
                    digest.update(part)
                found[info.name] = digest.hexdigest()
    return found


def unlock_case(file: Path, folder: Path, key: Key, *, timeout: float = 10.0) -> None:
    """Make a case of a locked one, in a new folder that only its owner can enter.

    Raises
    ------
    CaseError
        If the key does not open it, it was altered, or the folder is there already.
    UnsafeFileError
        If it holds a file that would lie outside.
    """
    if folder.exists():
        raise CaseError("there is something of that name already", do="name a new folder", file=str(folder))
    try:
        folder.resolve().parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=temporary_prefix(), dir=folder.resolve().parent) as temporary:
            with unlocking(file, key) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
                archive.extractall(temporary, filter="data")
            restore(Path(temporary), folder, timeout=timeout)
    except tarfile.FilterError as error:
        raise UnsafeFileError("it holds a file that would lie outside", do="do not use it", file=file.name) from error
    except tarfile.TarError as error:
        raise CaseError("this holds no case", do="name another file", file=file.name) from error
    except OSError as error:
        raise ReadOnlyError(
            "this cannot be written", do="make room, or ask for permission", file=str(folder)
        ) from error
    folder.chmod(0o700)
