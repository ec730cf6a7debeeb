"""A CSV too long to be held is cut into shorter ones, each with its heading, line by line and in bounded memory.

It is cut only where a row ends, and never between rows of one id, since those are one record's. What is wrong with a
row is not looked at here: who reads the piece names it.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from geoinv.errors import UnreadableFileError, UnsafeFileError
from geoinv.files.columns import recognise
from geoinv.files.delimited import delimiter_of
from geoinv.files.limits import MEGABYTE
from geoinv.files.spreadsheets import decode_table

__all__ = ["PIECE_ROWS", "Cut", "cut_table", "is_long"]

#: Lines of a piece; a table of up to twice as many is read as it is.
PIECE_ROWS = 50_000
_PIECE_BYTES = 24 * MEGABYTE
_MOST_LINE = MEGABYTE
#: Lines that a heading may take, and after which a quotation mark is taken for one that was never closed.
_HEADING, _OPEN = 50, 100
_BLOCK = 1 << 16


@dataclass
class Cut:
    """What was noticed while a table was cut.

    Attributes
    ----------
    pieces
        How many pieces it gave.
    apart
        Ids of which rows stand in more than one piece, the first few; and how many rows that are.
    """

    pieces: int = 0
    apart: list[str] = field(default_factory=list)
    rows_apart: int = 0


def is_long(path: Path) -> bool:
    """Whether a CSV has more lines or bytes than are read at once.

    Raises
    ------
    UnreadableFileError
        If the file cannot be opened.
    """
    lines = size = 0
    try:
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                lines, size = lines + block.count(b"\n"), size + len(block)
                if lines > 2 * PIECE_ROWS or size > 2 * _PIECE_BYTES:
                    return True
    except OSError as error:
        raise UnreadableFileError("this file cannot be opened", do="check its permissions", file=path.name) from error
    return False


def cut_table(path: Path, cut: Cut) -> Iterator[bytes]:
    """The pieces of a table, one after the other; each begins with the table's heading.

    Parameters
    ----------
    path
        A CSV in UTF-8 or cp949, whatever its delimiter.
    cut
        Is told what was noticed.

    Raises
    ------
    UnreadableFileError
        If the file cannot be read, or its encoding is not known.
    UnsafeFileError
        If it is written in UTF-16, or its lines have no end.
    """
    try:
        with path.open("rb") as stream:
            yield from _pieces(stream, path.name, cut)
    except OSError as error:
        raise UnreadableFileError("this file cannot be read", do="check its disk", file=path.name) from error


def _pieces(stream: BinaryIO, file: str, cut: Cut) -> Iterator[bytes]:
    _refuse_wide(stream.read(_BLOCK), file)
    stream.seek(0)
    heading, delimiter, columns = _heading(stream, file)
    named = recognise(columns, ("id",))
    reads = _Rows(delimiter, len(columns), columns.index(named["id"]) if "id" in named else None)
    held: list[bytes] = []
    size = 0
    for line in _lines(stream, file):
        if (len(held) >= PIECE_ROWS or size >= _PIECE_BYTES) and reads.begins(line, over=len(held) - PIECE_ROWS):
            yield heading + b"".join(held)
            held, size = [], 0
            reads.next_piece(cut)
        held.append(line)
        size += len(line)
        reads.read(line, cut)
    if held:
        yield heading + b"".join(held)
        reads.next_piece(cut)


def _refuse_wide(start: bytes, file: str) -> None:
    """UTF-16 has a zero beside every sign of a delimiter, and cannot be cut at bytes."""
    if start[:2] in (b"\xff\xfe", b"\xfe\xff") or start.count(0) > len(start) // 10:
        raise UnsafeFileError("this table is too long to be read in UTF-16", do="save it as CSV UTF-8", file=file)


def _lines(stream: BinaryIO, file: str) -> Iterator[bytes]:
    while line := stream.readline(_MOST_LINE):
        if len(line) >= _MOST_LINE:
            raise UnsafeFileError("a line of this table is longer than 1 MB", do="save it as CSV UTF-8", file=file)
        yield line


def _heading(stream: BinaryIO, file: str) -> tuple[bytes, str, tuple[str, ...]]:
    """The heading's bytes, the delimiter and the columns' names; blank lines before it are left out."""
    taken = b""
    for count, line in enumerate(_lines(stream, file)):
        taken = taken + line if taken.strip() else line
        if taken.strip() and taken.count(b'"') % 2 == 0:
            text = decode_table(taken, file=file)
            delimiter = delimiter_of(text)
            columns = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
            return taken, delimiter, tuple(name.strip().strip("\ufeff") for name in columns)
        if count > _HEADING:
            break
    raise UnreadableFileError("this table has no heading", do="export it again", file=file)


class _Rows:
    """Follows a table's lines: where rows begin and end, and of which id they are."""

    def __init__(self, delimiter: str, columns: int, id_column: int | None) -> None:
        self._delimiter, self._columns, self._id_column = delimiter, columns, id_column
        self._row: list[bytes] = []  # lines of a row that has not ended
        self._sound = False  # whether the last row that ended had as many cells as the heading
        self._last: str | None = None
        self._here: set[bytes] = set()
        self._before: set[bytes] = set()

    def begins(self, line: bytes, *, over: int) -> bool:
        """Whether a row of another id than the last begins with a line; ``over``, how long one was looked for."""
        if over > PIECE_ROWS:
            return True
        if self._row or not self._sound:
            return False
        begun = self._id_of(self._cells([line])) if self._id_column is not None else None
        return begun is None or begun != self._last

    def read(self, line: bytes, cut: Cut) -> None:
        """Note a line that comes next."""
        self._row.append(line)
        if sum(part.count(b'"') for part in self._row) % 2:
            if len(self._row) > _OPEN:
                self._row, self._sound = [], False
            return
        cells, self._row = self._cells(self._row), []
        self._sound = len(cells) == self._columns
        name = self._id_of(cells) if self._sound else None
        if name is None or name == self._last:
            return
        mark = hashlib.blake2b(name.encode("utf-8", "surrogateescape"), digest_size=8).digest()
        self._here.add(mark)
        self._last = name
        if mark in self._before:
            cut.rows_apart += 1
            cut.apart = [*cut.apart, name][:3]

    def next_piece(self, cut: Cut) -> None:
        """Note that a piece ended."""
        cut.pieces += 1
        self._before |= self._here
        self._here = set()

    def _id_of(self, cells: list[str]) -> str | None:
        """The id that a row's cells give."""
        at = self._id_column
        return (cells[at].strip() or None) if at is not None and at < len(cells) else None

    def _cells(self, lines: list[bytes]) -> list[str]:
        """The cells of a row, or of as much of it as there is."""
        text = b"".join(lines).decode("utf-8", "surrogateescape")
        try:
            return next(csv.reader(io.StringIO(text, newline=""), delimiter=self._delimiter), [])
        except csv.Error:
            return []
