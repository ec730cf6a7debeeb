"""Lines of a CSV, whatever its delimiter: a quotation mark that is never closed costs its own row and no other."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping

from geoinv.errors import FieldError, UnreadableFileError, UnsafeFileError
from geoinv.files.limits import MOST_ROWS

__all__ = ["DAMAGED", "delimited_lines", "delimiter_of"]

_DELIMITERS = ",;\t|"
#: NUL, and what stands for a byte that is no sign in the file's encoding (``surrogateescape``).
DAMAGED = re.compile("[\0\udc80-\udcff]")
_MOST_COLUMNS = 2_000
#: Quotation marks never closed that are forgiven in one file: so many, or one in so many lines.
_MOST_OPEN, _OPEN_SHARE = 20, 20
#: What is wrong with a row, and what to do.
_UNREAD = "signs of this row cannot be read, or are NUL", "type them anew"
_ROWS_IN_IT = "a cell of this row holds what looks like other rows", "check its quotation marks"
_NEVER_CLOSED = "a quotation mark in this row is never closed", "close it or remove it"


def delimiter_of(text: str) -> str:
    """The delimiter that splits the header into most columns; a comma if none does.

    Parameters
    ----------
    text
        The table.
    """
    header = next((line for line in io.StringIO(text, newline="") if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", header)
    return max(_DELIMITERS, key=lambda sign: (bare.count(sign), sign == ","))


def _strictly(lines: list[str], delimiter: str) -> str:
    """What is wrong with how a record of several lines is quoted; empty if nothing is."""
    try:
        list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error as error:
        return str(error)
    return ""


def _swallows(line: list[str], delimiter: str, columns: int) -> bool:
    """Whether a cell of several lines holds what looks like whole rows: prose has blanks behind its commas."""
    for number, cell in enumerate(line):
        first, *others = re.split(r"[\r\n]+", cell)
        # Behind the mark that swallowed it stands the rest of its own row, and then the rows after it.
        pieces = [(first, columns - 1 - number), *((other, columns - 1) for other in others)]
        if others and any(0 < wanted == row.count(delimiter) and delimiter + " " not in row for row, wanted in pieces):
            return True
    return False


def delimited_lines(text: str, *, file: str) -> tuple[list[list[str]], Mapping[int, FieldError]]:
    """Cells of each line of a table, and what is wrong with the lines that cannot be split into cells.

    Parameters
    ----------
    text
        The table; bytes that could not be read stand in it as ``surrogateescape`` leaves them, and cost their row.
    file
        Its name, for messages.

    Returns
    -------
    lines
        In file order; of a line that cannot be split there are no cells.
    broken
        By place in ``lines``.

    Raises
    ------
    UnreadableFileError
        If it is no table of cells.
    UnsafeFileError
        If it has far too many rows or columns.
    """
    delimiter = delimiter_of(text)
    physical = list(io.StringIO(text, newline=""))
    damaged = DAMAGED.search(text) is not None
    lines: list[list[str]] = []
    broken: dict[int, FieldError] = {}
    columns = at = opened = 0
    while at < len(physical):
        try:
            for line, start, end in _records(physical, at, delimiter):
                if end == len(physical) and "unexpected end" in _strictly(physical[start:end], delimiter):
                    raise _Open(start)
                swallows = end - start > 1 and columns > 1 and _swallows(line, delimiter, columns)
                if swallows and _strictly(physical[start:end], delimiter):
                    raise _Open(start)  # what closed it opens a cell of a later row
                lines.append(line)
                columns = columns or (len(line) if any(line) else 0)
                if damaged and any(map(DAMAGED.search, line)):
                    broken[len(lines) - 1] = FieldError(_UNREAD[0], do=_UNREAD[1])
                elif swallows:
                    broken[len(lines) - 1] = FieldError(_ROWS_IN_IT[0], do=_ROWS_IN_IT[1])
                if len(lines) > MOST_ROWS or len(line) > _MOST_COLUMNS:
                    raise UnsafeFileError(
                        f"this table has more than {MOST_ROWS} rows or {_MOST_COLUMNS} columns", do="split it",
                        file=file,
                    )  # fmt: skip
            break
        except _Open as mark:
            opened += 1
            if opened > max(_MOST_OPEN, len(physical) // _OPEN_SHARE) or not columns or mark.start < at:
                what = f"this is not a CSV table from row {len(lines) + 1} on"
                raise UnreadableFileError(what, do="export it again", file=file) from mark
            broken[len(lines)] = FieldError(_NEVER_CLOSED[0], do=_NEVER_CLOSED[1])
            lines.append([])
            at = mark.start + 1
    return lines, broken


class _Open(Exception):
    """A record that is never closed, or longer than any cell; the line where it starts."""

    def __init__(self, start: int) -> None:
        super().__init__(start)
        self.start = start


def _records(physical: list[str], at: int, delimiter: str) -> Iterator[tuple[list[str], int, int]]:
    """Each record's cells, the line it starts on and the line behind it."""
    reader = csv.reader((physical[number] for number in range(at, len(physical))), delimiter=delimiter)
    start = at
    try:
        for line in reader:
            end = at + reader.line_num
            yield line, start, end
            start = end
    except csv.Error as error:
        if at + reader.line_num - start <= 1:  # one line that is no row whatever its quotation marks
            raise _Open(-1) from error
        raise _Open(start) from error
