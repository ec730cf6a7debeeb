"""The embedded store: one SQLite file, ``case.db``, holding the chain, the content beside it and its projection.

Only what the standard library's sqlite3 always has is used: no loadable extensions, no FTS. Every write is one
transaction with the file locked, so that a process killed at any moment leaves either all of it or none.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from geoinv.errors import CaseError, CaseLockedError, NewerVersionError, ReadOnlyError
from geoinv.records.ledger import LedgerEntry

__all__ = ["STORE_VERSION", "FileRow", "RecordRow", "Store"]

#: Version of the store's tables.
STORE_VERSION = 1

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE entries (number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, at TEXT NOT NULL, by TEXT NOT NULL,
  kind TEXT NOT NULL, subject TEXT NOT NULL, commitment TEXT NOT NULL, previous TEXT NOT NULL,
  hash TEXT UNIQUE NOT NULL);
CREATE TABLE contents (number INTEGER PRIMARY KEY REFERENCES entries, salt BLOB NOT NULL, content BLOB NOT NULL);
CREATE TABLE files (path TEXT PRIMARY KEY, sha256 TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
  kind TEXT NOT NULL, facility TEXT, entry INTEGER NOT NULL REFERENCES entries) WITHOUT ROWID;
CREATE TABLE records (id TEXT PRIMARY KEY, kind TEXT NOT NULL, facility TEXT, source TEXT NOT NULL, item TEXT NOT NULL,
  entry INTEGER NOT NULL REFERENCES entries, current INTEGER NOT NULL DEFAULT 1) WITHOUT ROWID;
CREATE INDEX records_of ON records (kind, facility, current);
CREATE INDEX records_from ON records (source, current);
"""


class FileRow(NamedTuple):
    """A file of the case as last taken in."""

    path: str
    sha256: str
    size: int
    mtime_ns: int
    kind: str
    facility: str | None
    entry: int


class RecordRow(NamedTuple):
    """A record of the projection with its content."""

    id: str
    kind: str
    facility: str | None
    source: str
    item: str
    entry: int
    content: bytes


class Store:
    """The tables of one case.

    Parameters
    ----------
    path
        ``case.db``; made if absent.
    timeout
        Seconds to wait for another writer.

    Raises
    ------
    CaseError
        If the file is no case database; its subclasses if it is locked, read-only or of a newer version.
    """

    def __init__(self, path: Path, *, timeout: float = 10.0) -> None:
        self.path = path
        try:
            self._db = sqlite3.connect(path, timeout=timeout, isolation_level=None)
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute("PRAGMA foreign_keys = ON")
            self._db.execute("PRAGMA secure_delete = ON")
            self._ready()
        except sqlite3.Error as error:
            raise self._explained(error) from error

    def _ready(self) -> None:
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version > STORE_VERSION:
            raise NewerVersionError(
                f"this case was written by a newer geoinv (format {version}, this one knows {STORE_VERSION})",
                do="install the newer geoinv",
                file=self.path.name,
            )
        if version == 0:
            with self.writing():
                if self._db.execute("PRAGMA user_version").fetchone()[0] == 0:
                    for statement in _TABLES.split(";"):
                        self._db.execute(statement)
                    self._db.execute(f"PRAGMA user_version = {STORE_VERSION}")

    def _explained(self, error: sqlite3.Error) -> CaseError:
        text = str(error)
        name = self.path.name
        if "locked" in text or "busy" in text:
            return CaseLockedError(
                "another program is writing to this case", do="wait for it to end and try again", file=name
            )
        if "readonly" in text or "unable to open" in text:
            return ReadOnlyError(
                "this case cannot be written", do="ask for permission to write to its folder", file=name
            )
        if "full" in text:
            return ReadOnlyError("the disk is full", do="make room and run the command again", file=name)
        return CaseError(
            f"this is not a case database that can be read ({text})", do="restore it from a backup", file=name
        )

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction with the file locked: all of it or nothing.

        Raises
        ------
        CaseError
            If the store cannot be written; nothing is then changed.
        """
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise self._explained(error) from error
        try:
            yield
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._db.execute("ROLLBACK")
            raise self._explained(error) from error
        except BaseException:
            self._db.execute("ROLLBACK")
            raise

    def _rows(self, query: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise self._explained(error) from error

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def meta(self, key: str) -> str | None:
        """A value of the case's own settings, or ``None``."""
        rows = self._rows("SELECT value FROM meta WHERE key = ?", (key,))
        return str(rows[0][0]) if rows else None

    def set_meta(self, key: str, value: str) -> None:
        """Set a value of the case's own settings; only inside ``writing``."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def last(self) -> LedgerEntry | None:
        """The last entry of the chain, or ``None`` of an empty one."""
        rows = self._rows("SELECT * FROM entries ORDER BY number DESC LIMIT 1")
        return _entry(rows[0]) if rows else None

    def append(self, entry: LedgerEntry, salt: bytes, content: bytes) -> None:
        """Append an entry with its content; only inside ``writing``."""
        row = (
            entry.number,
            entry.id,
            entry.at,
            entry.by,
            entry.kind,
            entry.subject,
            entry.commitment,
            entry.previous,
            entry.hash,
        )
        self._db.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        self._db.execute("INSERT INTO contents VALUES (?, ?, ?)", (entry.number, salt, content))

    def entries(self, kind: str | None = None) -> list[LedgerEntry]:
        """The chain in order, or its entries of one kind."""
        where, values = ("WHERE kind = ?", (kind,)) if kind else ("", ())
        return [_entry(row) for row in self._rows(f"SELECT * FROM entries {where} ORDER BY number", values)]

    def content(self, number: int) -> tuple[bytes, bytes] | None:
        """Salt and content of an entry, or ``None`` where it was erased."""
        rows = self._rows("SELECT salt, content FROM contents WHERE number = ?", (number,))
        return (_bytes(rows[0][0]), _bytes(rows[0][1])) if rows else None

    def put_file(self, row: FileRow) -> None:
        """Record a file as last taken in; only inside ``writing``."""
        self._db.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def files(self) -> dict[str, FileRow]:
        """All files by path."""
        return {row[0]: FileRow(*row) for row in self._rows("SELECT * FROM files ORDER BY path")}

    def put_record(self, row: RecordRow) -> None:
        """Add a record to the projection; only inside ``writing``."""
        values = (row.id, row.kind, row.facility, row.source, row.item, row.entry)
        self._db.execute(
            "INSERT INTO records (id, kind, facility, source, item, entry) VALUES (?, ?, ?, ?, ?, ?)", values
        )

    def retire_records(self, source: str) -> None:
        """Mark the records of a file's earlier version as superseded.

        They stay in the ledger. Only inside ``writing``.
        """
        self._db.execute("UPDATE records SET current = 0 WHERE source = ?", (source,))

    def records(self, kind: str, facility: str | None = None) -> list[RecordRow]:
        """Current records of a kind, in the order they entered."""
        where, values = ("AND r.facility = ?", (kind, facility)) if facility is not None else ("", (kind,))
        query = (
            "SELECT r.id, r.kind, r.facility, r.source, r.item, r.entry, c.content "
            "FROM records r JOIN contents c ON c.number = r.entry "
            f"WHERE r.kind = ? AND r.current = 1 {where} ORDER BY r.entry"
        )
        return [RecordRow._make((*row[:6], _bytes(row[6]))) for row in self._rows(query, values)]


def _entry(row: tuple[Any, ...]) -> LedgerEntry:
    names = ("number", "id", "at", "by", "kind", "subject", "commitment", "previous", "hash")
    # Not validated: an altered entry must be read as it stands, so that it can be named.
    return LedgerEntry.model_construct(**dict(zip(names, row, strict=True)))


def _bytes(value: bytes | str) -> bytes:
    """A blob; SQLite gives text where somebody altered one."""
    return value.encode() if isinstance(value, str) else bytes(value)
