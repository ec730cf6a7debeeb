"""How a case of an older format becomes one of today's: one step a format, each inside one transaction.

A case is never rewritten beyond its tables: entries of the chain stand as they were written, whatever wrote them.
"""

from __future__ import annotations

from collections.abc import Callable

from geoinv.case.store import STORE_VERSION
from geoinv.errors import CaseError, NewerVersionError

__all__ = ["MIGRATED", "SQLITE_TABLES", "check_version", "migrate_sqlite"]

#: The setting that says which format a case was brought here from, until the ledger has an entry of it.
MIGRATED = "migrated_from"

Run = Callable[[str], object]

SQLITE_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE entries (number INTEGER PRIMARY KEY, id TEXT NOT NULL, at TEXT NOT NULL, by TEXT NOT NULL,
  kind TEXT NOT NULL, subject TEXT NOT NULL, commitment TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL);
CREATE INDEX entries_of ON entries (kind, number);
CREATE TABLE contents (number INTEGER PRIMARY KEY REFERENCES entries, salt BLOB NOT NULL, content BLOB NOT NULL);
CREATE TABLE files (path TEXT PRIMARY KEY, sha256 TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
  kind TEXT NOT NULL, facility TEXT, entry INTEGER NOT NULL REFERENCES entries) WITHOUT ROWID;
CREATE TABLE records (entry INTEGER PRIMARY KEY REFERENCES entries, id TEXT UNIQUE NOT NULL, kind TEXT NOT NULL,
  facility TEXT, source TEXT NOT NULL, item TEXT NOT NULL, current INTEGER NOT NULL DEFAULT 1);
CREATE INDEX records_of ON records (kind, facility, current);
CREATE INDEX records_from ON records (source, current);
"""


def _from_1(run: Run) -> None:
    """Format 2 keeps records and entries in the order of the chain, so that a million of them are added as fast as ten.

    It also finds entries by kind.
    """
    run("ALTER TABLE records RENAME TO records_1")
    run("ALTER TABLE entries RENAME TO entries_1")
    run("ALTER TABLE contents RENAME TO contents_1")
    run("ALTER TABLE files RENAME TO files_1")
    run("DROP INDEX records_of")
    run("DROP INDEX records_from")
    for statement in SQLITE_TABLES.split(";"):
        if "TABLE meta" not in statement:
            run(statement)
    columns = "number, id, at, by, kind, subject, commitment, previous, hash"
    run(f"INSERT INTO entries ({columns}) SELECT {columns} FROM entries_1 ORDER BY number")
    run("INSERT INTO contents SELECT * FROM contents_1 ORDER BY number")
    run("INSERT INTO files SELECT * FROM files_1")
    columns = "entry, id, kind, facility, source, item, current"
    run(f"INSERT INTO records ({columns}) SELECT {columns} FROM records_1 ORDER BY entry")
    for name in ("records", "files", "contents", "entries"):
        run(f"DROP TABLE {name}_1")


#: Format → what brings a SQLite case of it to the next. PostgreSQL cases begin with format 2.
_STEPS: dict[int, Callable[[Run], None]] = {1: _from_1}


def check_version(version: int, *, name: str) -> None:
    """Refuse a case of a format that does not exist yet.

    Raises
    ------
    NewerVersionError
        If the case was written by a newer geoinv.
    CaseError
        If its format is none that ever was.
    """
    if version > STORE_VERSION:
        raise NewerVersionError(
            f"this case was written by a newer geoinv (format {version}, this one knows {STORE_VERSION})",
            do="install the newer geoinv",
            file=name,
        )
    if version < 0:
        raise CaseError(
            f"this case is of a format that never was ({version})", do="restore it from a backup", file=name
        )


def migrate_sqlite(version: int, run: Run) -> None:
    """Bring the tables of a SQLite case from a format to today's and note where it came from; inside a transaction."""
    for step in range(version, STORE_VERSION):
        _STEPS[step](run)
    run(f"INSERT OR REPLACE INTO meta (key, value) VALUES ('{MIGRATED}', '{version}')")
    run(f"PRAGMA user_version = {STORE_VERSION}")
