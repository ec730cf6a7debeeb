"""The embedded store: one SQLite file, ``case.db``.

Only what the standard library's sqlite3 always has is used: no loadable extensions, no FTS. Every write is one
transaction with the file locked, so that a process killed at any moment leaves either all of it or none.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from geoinv.case.migrations import SQLITE_TABLES, check_version, migrate_sqlite
from geoinv.case.store import STORE_VERSION, Store
from geoinv.errors import CaseError, CaseLockedError, ReadOnlyError

__all__ = ["SqliteStore"]

#: SQLite's primary error codes (sqlite.org/rescode.html) that a person can do something about.
_BUSY, _LOCKED, _READONLY, _IOERR, _FULL, _CANTOPEN = 5, 6, 8, 10, 13, 14
#: What sqlite3 raises: where a damaged file's own words are no text, it fails over telling what is wrong.
_TROUBLE = (sqlite3.Error, UnicodeDecodeError)
#: How long a writer sleeps before it asks for the lock again, seconds: SQLite's own waiting grows to 0.1 s, in which
#: two busy writers starve each other.
_ASK_AGAIN = 0.002
#: Kibibytes of pages held in memory: random ids land all over their index.
_CACHE_KIB = 65536


class SqliteStore(Store):
    """The tables of one case in one file.

    Parameters
    ----------
    path
        ``case.db``; made if absent, brought to today's format if older.
    timeout
        Seconds to wait for another writer.

    Raises
    ------
    CaseError
        If the file is no case database; its subclasses if it is locked, read-only or of a newer version.
    """

    def __init__(self, path: Path, *, timeout: float = 10.0) -> None:
        self.path, self.name, self._timeout = path, path.name, timeout
        try:
            self._db = sqlite3.connect(path, timeout=timeout, isolation_level=None)
        except _TROUBLE as error:
            raise self._explained(error) from error
        try:
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute("PRAGMA foreign_keys = ON")
            self._db.execute("PRAGMA secure_delete = ON")
            self._db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            self._ready()
        except _TROUBLE as error:
            self._db.close()
            raise self._explained(error) from error
        except BaseException:
            self._db.close()
            raise

    def _version(self) -> int:
        return int(self._db.execute("PRAGMA user_version").fetchone()[0])

    def _ready(self) -> None:
        version = self._version()
        check_version(version, name=self.name)
        if version == STORE_VERSION:
            return
        # Tables that refer to each other are taken apart and put together again.
        self._db.execute("PRAGMA foreign_keys = OFF")
        with self.writing():
            version = self._version()  # another process may have been faster
            if version == 0:
                for statement in SQLITE_TABLES.split(";"):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version = {STORE_VERSION}")
            elif version < STORE_VERSION:
                migrate_sqlite(version, self._db.execute)
        self._db.execute("PRAGMA foreign_keys = ON")

    def _explained(self, error: Exception) -> CaseError:
        code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
        if code in (_BUSY, _LOCKED):
            return CaseLockedError(
                "another program is writing to this case", do="wait for it to end and try again", file=self.name
            )
        if code in (_READONLY, _CANTOPEN):
            return ReadOnlyError(
                "this case cannot be written", do="ask for permission to write to its folder", file=self.name
            )
        if code == _FULL:
            return ReadOnlyError("the disk is full", do="make room and run the command again", file=self.name)
        if code == _IOERR:
            return ReadOnlyError(
                f"the disk did not take or give what was asked of it ({error})",
                do="make room, check the disk, and run the command again",
                file=self.name,
            )
        return CaseError(
            f"this is not a case database that can be read ({error})", do="restore it from a backup", file=self.name
        )

    def _lock(self) -> None:
        """Begin a transaction that nobody else writes in, asking for it often rather than ever more seldom."""
        deadline = time.monotonic() + self._timeout
        self._db.execute("PRAGMA busy_timeout = 0")
        try:
            while True:
                try:
                    self._db.execute("BEGIN IMMEDIATE")
                    return
                except sqlite3.OperationalError as error:
                    if error.sqlite_errorcode & 0xFF != _BUSY or time.monotonic() > deadline:
                        raise
                time.sleep(_ASK_AGAIN)
        finally:
            self._db.execute(f"PRAGMA busy_timeout = {round(self._timeout * 1000)}")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """See ``Store.writing``."""
        try:
            self._lock()
        except _TROUBLE as error:
            raise self._explained(error) from error
        try:
            yield
            self._db.execute("COMMIT")
        except _TROUBLE as error:
            self._roll_back()
            raise self._explained(error) from error
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        if self._db.in_transaction:  # SQLite has done it already where the disk was full
            self._db.execute("ROLLBACK")

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.OperationalError as error:
            if "decode" not in str(error):
                raise self._explained(error) from error
        except _TROUBLE as error:
            raise self._explained(error) from error
        return self._odd_rows(query, values)

    def _odd_rows(self, query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Rows of which somebody altered a text into bytes that are none: read all the same, so that it is named."""
        self._db.text_factory = lambda text: text.decode(errors="replace")
        try:
            return self._db.execute(query, values).fetchall()
        except _TROUBLE as error:
            raise self._explained(error) from error
        finally:
            self._db.text_factory = str

    def _run_many(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        self._db.executemany(statement, rows)

    def _insert(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        marks = ", ".join("?" * len(columns))
        self._db.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def compact(self) -> None:
        """See ``Store.compact``: VACUUM writes every page anew; the journal it needs is gone when it has ended."""
        try:
            self._db.execute("PRAGMA journal_mode = DELETE")
            self._db.execute("PRAGMA temp_store = MEMORY")  # no copy of the case in a temporary folder
            self._db.execute("VACUUM")
        except _TROUBLE as error:
            raise self._explained(error) from error

    def damage(self) -> list[str]:
        """See ``Store.damage``: an index that disagrees with its table hides rows that are there."""
        found = [str(row[0]) for row in self._rows("PRAGMA integrity_check(3)")]
        return [f"{self.name} is damaged ({told}): restore it from a backup." for told in found if told != "ok"]

    def size(self) -> int:
        """Bytes of the file."""
        return self.path.stat().st_size

    def snapshot(self, target: Path) -> None:
        """Copy the whole store, as it is at one moment, while others go on using it (SQLite's online backup).

        Raises
        ------
        CaseError
            If it cannot be read or the copy cannot be written.
        """
        try:
            with closing(sqlite3.connect(target)) as copy:
                self._db.backup(copy)
        except _TROUBLE as error:
            raise self._explained(error) from error
