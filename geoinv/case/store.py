"""Where a case's records are kept: the chain, the content beside it, and the tables that are its projection.

The interface and all SQL that both kinds of store understand stand here; ``geoinv.case.sqlite_store`` (one file, the
default) and ``geoinv.case.postgres_store`` (teams) add connecting, locking and what each database calls its errors. One
suite of contract tests holds both to the same answers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from heapq import merge
from typing import Any, NamedTuple

from geoinv.errors import FieldError
from geoinv.records.ledger import LedgerEntry

__all__ = ["STORE_VERSION", "ChainRow", "FileRow", "KeptEntry", "RecordRow", "Store"]

#: Version of the store's tables: the format of a case.
STORE_VERSION = 2

#: Rows read at once: a reader lets go of the store between pages, so that a long check keeps nobody from writing.
_PAGE = 5000
_ENTRY = tuple(LedgerEntry.model_fields)
#: Values named in one query: every SQLite takes as many.
_ASKED = 500
_ENTRY_COLUMNS = ", ".join(f"e.{name}" for name in _ENTRY)
_RECORDS = (
    "SELECT r.id, r.kind, r.facility, r.source, r.item, r.entry, c.content "
    "FROM records r JOIN contents c ON c.number = r.entry"
)


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
    """A record of the projection with its content; ``entry`` is the number of its entry in the chain."""

    id: str
    kind: str
    facility: str | None
    source: str
    item: str
    entry: int
    content: bytes


class KeptEntry(NamedTuple):
    """An entry of the chain with what is kept beside it; salt and content are ``None`` where they were erased."""

    entry: LedgerEntry
    salt: bytes | None
    content: bytes | None


class ChainRow(NamedTuple):
    """A row of the chain as it stands in the tables, whatever somebody made of it: not validated.

    Its fields are those of ``LedgerEntry``, then what is kept beside it; ``salt`` and ``content`` are ``None`` where
    they were erased.
    """

    number: Any
    id: Any
    at: Any
    by: Any
    kind: Any
    subject: Any
    commitment: Any
    previous: Any
    hash: Any
    salt: bytes | None
    content: bytes | None

    @property
    def entry(self) -> LedgerEntry:
        """The entry, not validated either: an altered one must be read as it stands, so that it can be named."""
        return _entry(self)


class Store(ABC):
    """The tables of one case.

    Attributes
    ----------
    name
        What to call the store in a message.
    """

    name: str

    @abstractmethod
    def writing(self) -> AbstractContextManager[None]:
        """One transaction that nobody else writes in: all of it or nothing.

        Raises
        ------
        CaseError
            If the store cannot be written, or another process holds it too long; nothing is then changed.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of the store."""

    @abstractmethod
    def compact(self) -> None:
        """Write the tables anew, so that nothing erased lies on in their free space."""

    @abstractmethod
    def damage(self) -> list[str]:
        """What of the database itself — a page, an index — is not as it must be, a sentence each."""

    @abstractmethod
    def size(self) -> int:
        """Bytes the store takes."""

    @abstractmethod
    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a query with ``?`` for its values."""

    @abstractmethod
    def _run_many(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement once a row; only inside ``writing``."""

    @abstractmethod
    def _insert(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Add rows to a table, however many; only inside ``writing``."""

    # ------------------------------------------------------------------------------------------ settings

    def meta(self, key: str) -> str | None:
        """A value of the case's own settings, or ``None``."""
        rows = self._rows("SELECT value FROM meta WHERE key = ?", (key,))
        return str(rows[0][0]) if rows else None

    def metas(self) -> dict[str, str]:
        """All of the case's own settings."""
        return {str(key): str(value) for key, value in self._rows("SELECT key, value FROM meta ORDER BY key")}

    def set_meta(self, key: str, value: str | None) -> None:
        """Set a value of the case's own settings, or take it away; only inside ``writing``."""
        self._run_many("DELETE FROM meta WHERE key = ?", [(key,)])
        if value is not None:
            self._insert("meta", ("key", "value"), [(key, value)])

    # ------------------------------------------------------------------------------------------ the chain

    def last(self, *, besides: Sequence[str] = ()) -> LedgerEntry | None:
        """The last entry of the chain that is of none of the kinds ``besides``; ``None`` if there is none."""
        marks = ", ".join("?" * len(besides))
        where = f"WHERE e.kind NOT IN ({marks})" if besides else ""
        rows = self._rows(
            f"SELECT {_ENTRY_COLUMNS} FROM entries e {where} ORDER BY e.number DESC LIMIT 1", tuple(besides)
        )
        return _entry(rows[0]) if rows else None

    def entry(self, number: int) -> LedgerEntry | None:
        """One entry by its number, or ``None``."""
        rows = self._rows(f"SELECT {_ENTRY_COLUMNS} FROM entries e WHERE e.number = ?", (number,))
        return _entry(rows[0]) if rows else None

    def append(self, kept: Sequence[KeptEntry]) -> None:
        """Append entries with their content; only inside ``writing``."""
        entries = (one.entry for one in kept)
        self._insert(
            "entries",
            _ENTRY,
            ((e.number, e.id, e.at, e.by, e.kind, e.subject, e.commitment, e.previous, e.hash) for e in entries),
        )
        told = ((one.entry.number, one.salt, one.content) for one in kept if one.content is not None)
        self._insert("contents", ("number", "salt", "content"), told)

    def entries(self, kind: str | None = None) -> list[LedgerEntry]:
        """The chain in order, or its entries of one kind."""
        return [kept.entry for kept in (self.walk() if kind is None else self.walk(kind))]

    def walk(self, *kinds: str) -> Iterator[KeptEntry]:
        """The chain in order with what is kept beside it, or its entries of some kinds, a page at a time."""
        return (KeptEntry(row.entry, row.salt, row.content) for row in self.chain(*kinds))

    def chain(self, *kinds: str) -> Iterator[ChainRow]:
        """As ``walk``, but the bare rows: to look through a chain of a million entries."""
        if len(kinds) > 1:
            yield from merge(*(self.chain(kind) for kind in kinds), key=lambda row: row.number)
            return
        where = "e.kind = ? AND" if kinds else ""
        query = (
            f"SELECT {_ENTRY_COLUMNS}, c.salt, c.content FROM entries e LEFT JOIN contents c ON c.number = e.number "
            f"WHERE {where} e.number > ? ORDER BY e.number LIMIT {_PAGE}"
        )
        after: int | None = -(2**62)
        while after is not None:
            rows = self._rows(query, (*kinds, after))
            yield from (ChainRow._make((*row[:-2], _bytes(row[-2]), _bytes(row[-1]))) for row in rows)
            after = rows[-1][0] if len(rows) == _PAGE else None

    def times(self) -> Iterator[tuple[int, str]]:
        """Number and time of every entry, in order."""
        query = f"SELECT number, at FROM entries WHERE number > ? ORDER BY number LIMIT {_PAGE}"
        after: int | None = -(2**62)
        while after is not None:
            rows = self._rows(query, (after,))
            yield from ((number, str(at)) for number, at in rows)
            after = rows[-1][0] if len(rows) == _PAGE else None

    def numbers_of(self, hashes: Iterable[str]) -> dict[str, int]:
        """Hash → number of the entries that bear one of some hashes."""
        wanted, found = sorted(set(hashes)), dict[str, int]()
        for begin in range(0, len(wanted), _ASKED):
            asked = wanted[begin : begin + _ASKED]
            marks = ", ".join("?" * len(asked))
            found |= dict(
                self._rows(f"SELECT hash, number FROM entries WHERE hash IN ({marks}) ORDER BY number", asked)
            )
        return found

    def content(self, number: int) -> tuple[bytes, bytes] | None:
        """Salt and content of an entry, or ``None`` where it was erased."""
        rows = self._rows("SELECT salt, content FROM contents WHERE number = ?", (number,))
        salt, content = (_bytes(rows[0][0]), _bytes(rows[0][1])) if rows else (None, None)
        return None if salt is None or content is None else (salt, content)

    def erase(self, numbers: Iterable[int]) -> None:
        """Erase content, salt and projection of entries; the entries stay. Only inside ``writing``.

        Follow it by ``compact``, or the erased lies on in the store's free space.
        """
        chosen = [(number,) for number in sorted(set(numbers))]
        for table, column in (("contents", "number"), ("records", "entry"), ("files", "entry")):
            self._run_many(f"DELETE FROM {table} WHERE {column} = ?", chosen)

    # ------------------------------------------------------------------------------------------ the projection

    def put_file(self, row: FileRow) -> None:
        """Record a file as last taken in; only inside ``writing``."""
        self._run_many("DELETE FROM files WHERE path = ?", [(row.path,)])
        self._insert("files", FileRow._fields, [row])

    def file(self, path: str) -> FileRow | None:
        """One file as last taken in, or ``None``."""
        rows = self._rows(f"SELECT {', '.join(FileRow._fields)} FROM files WHERE path = ?", (path,))
        return FileRow(*rows[0]) if rows else None

    def files(self) -> dict[str, FileRow]:
        """All files by path."""
        query = f"SELECT {', '.join(FileRow._fields)} FROM files ORDER BY path"
        return {row[0]: FileRow(*row) for row in self._rows(query)}

    def slugs(self) -> set[str]:
        """Slugs of the facilities that files were filed under."""
        return {str(row[0]) for row in self._rows("SELECT DISTINCT facility FROM files WHERE facility IS NOT NULL")}

    def put_records(self, rows: Sequence[RecordRow], *, current: bool = True) -> None:
        """Add records to the projection; only inside ``writing``.

        Raises
        ------
        FieldError
            If a name holds a character that no database keeps.
        """
        for row in rows:
            if any("\0" in str(part) for part in row[:5]):
                raise FieldError("a name holds a NUL character", do="take it out", item=row.item.replace("\0", ""))
        columns = ("entry", "id", "kind", "facility", "source", "item", "current")
        stands = int(current)
        told = ((row.entry, row.id, row.kind, row.facility, row.source, row.item, stands) for row in rows)
        self._insert("records", columns, told)

    def retire_records(self, source: str) -> None:
        """Mark the records of a file's earlier version as superseded.

        They stay in the ledger. Only inside ``writing``.
        """
        self._run_many("UPDATE records SET current = 0 WHERE source = ? AND current = 1", [(source,)])

    def records(self, kind: str, facility: str | None = None) -> list[RecordRow]:
        """Current records of a kind, in the order they entered."""
        if facility is not None:
            return list(self.each_record(kind, facility))
        rows = self._rows(f"{_RECORDS} WHERE r.kind = ? AND r.current = 1 ORDER BY r.entry", (kind,))
        return [_record(row) for row in rows]

    def each_record(self, kind: str, facility: str) -> Iterator[RecordRow]:
        """Current records of a kind of one facility, a page at a time: to go through a million of them."""
        where = "r.kind = ? AND r.facility = ? AND r.current = 1 AND r.entry > ?"
        query = f"{_RECORDS} WHERE {where} ORDER BY r.entry LIMIT {_PAGE}"
        after: int | None = -(2**62)
        while after is not None:
            rows = self._rows(query, (kind, facility, after))
            yield from map(_record, rows)
            after = rows[-1][5] if len(rows) == _PAGE else None

    def count(self, kind: str, facility: str) -> int:
        """How many current records of a kind were filed under a facility."""
        query = "SELECT count(*) FROM records WHERE kind = ? AND facility = ? AND current = 1"
        return int(self._rows(query, (kind, facility))[0][0])

    def projected(self) -> Iterator[tuple[RecordRow, bool]]:
        """Every record of the projection without its content, by entry, and whether it is current."""
        query = (
            "SELECT id, kind, facility, source, item, entry, current FROM records "
            f"WHERE entry > ? ORDER BY entry LIMIT {_PAGE}"
        )
        after: int | None = -(2**62)
        while after is not None:
            rows = self._rows(query, (after,))
            yield from ((RecordRow._make((*row[:6], b"")), row[6] == 1) for row in rows)
            after = rows[-1][5] if len(rows) == _PAGE else None

    def counts(self) -> dict[str | None, dict[str, int]]:
        """How many current records of each kind each facility has."""
        query = "SELECT kind, facility, count(*) FROM records WHERE current = 1 GROUP BY kind, facility"
        found: dict[str | None, dict[str, int]] = {}
        for kind, facility, count in self._rows(query):
            found.setdefault(facility, {})[kind] = count
        return found


def _entry(row: Sequence[Any]) -> LedgerEntry:
    return LedgerEntry.model_construct(**dict(zip(_ENTRY, row[: len(_ENTRY)], strict=True)))


def _record(row: Sequence[Any]) -> RecordRow:
    return RecordRow._make((*row[:6], _bytes(row[6]) or b""))


def _bytes(value: Any) -> bytes | None:
    """A blob; SQLite gives text or a number where somebody altered one."""
    if value is None or isinstance(value, bytes):
        return value
    return (
        value.encode()
        if isinstance(value, str)
        else bytes(value)
        if isinstance(value, memoryview)
        else repr(value).encode()
    )
