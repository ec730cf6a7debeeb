"""Workbooks (XLSX, XLS) as lines of text, sheet by sheet; cells that only have a look are no cells."""

from __future__ import annotations

import io
import math
import re
import warnings
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

import openpyxl

from geoinv.errors import UnreadableFileError, UnsafeFileError
from geoinv.files.archives import check_archive, read_members
from geoinv.files.compound import is_compound
from geoinv.files.limits import MEGABYTE, MOST_ROWS
from geoinv.files.old_workbooks import old_sheets

__all__ = ["workbook_sheets"]

_MOST_COLUMNS, _MOST_CELLS = 2_000, 4_000_000
#: A sheet has 1,048,576 lines at most (ECMA-376 leaves it open; all programs stop there); a row may lie that its number
#: is any, and the lines before it would be laid out empty. The same for the places of cells without a value.
_MOST_LINES, _MOST_PLACES = 4 * 2**20, 100_000_000
_DECLARES = re.compile(rb"<\0?!\0?(?:E\0?N\0?T\0?I\0?T\0?Y|D\0?O\0?C\0?T\0?Y\0?P\0?E)")
#: Sheets smaller than this are read as they are.
_LARGE = 4 * MEGABYTE
#: Cells and rows that have a place and a look, but no value: people format a million rows to colour three.
_BARE_CELL = re.compile(rb"<c\s[^<>]{0,99}?\br=\"[A-Z]{1,3}\d{1,7}\"[^<>]{0,99}?(?:/>|></c>)")
_BARE_ROW = re.compile(rb"<row\s[^<>]{0,300}?\br=\"\d{1,7}\"[^<>]{0,300}?(?:/>|>\s{0,9}</row>)")
#: A cell or row whose place follows from those before it: where there is one, none may be taken away.
_UNPLACED = re.compile(rb"<(?:c|row)(?![^<>]*\br=\")[\s/>]")
_EMPTY: list[str] = []


def _text(value: Any) -> str:
    """A cell as people see it: whole numbers without decimals, dates as ISO 8601."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and math.isfinite(value) and value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return str(value)


class _Counter:
    """Lines with anything in them, and their cells, held to what an honest workbook has."""

    def __init__(self, file: str) -> None:
        self.file, self.rows, self.cells, self.lines, self.places = file, 0, 0, 0, 0

    def line(self, values: Sequence[Any]) -> list[str]:
        """A row as text; rows without any value take no memory."""
        self.lines, self.places = self.lines + 1, self.places + len(values)
        if self.lines > _MOST_LINES or self.places > _MOST_PLACES:
            raise UnsafeFileError(
                "this workbook has a row or cell far below or beside all others",
                do="delete the empty rows and columns around the table, or save the table as CSV",
                file=self.file,
            )
        if all(value is None for value in values):
            return _EMPTY
        self.rows, self.cells = self.rows + 1, self.cells + len(values)
        if self.rows > MOST_ROWS or len(values) > _MOST_COLUMNS:
            raise UnsafeFileError(
                f"this table has more than {MOST_ROWS} rows or {_MOST_COLUMNS} columns",
                do="save it as CSV UTF-8 and add that",
                file=self.file,
            )
        if self.cells > _MOST_CELLS:
            raise UnsafeFileError("this workbook has too many cells", do="delete the empty columns", file=self.file)
        return [_text(value) for value in values]


def _slimmed(data: bytes, file: str) -> bytes:
    """The workbook without cells and rows that have no value, its entities refused.

    Parts are read one after the other, so that no more than one is held.
    """
    slim: dict[str, bytes] = {}
    for info in check_archive(data, file=file):
        name = info.filename
        if not name.lower().endswith((".xml", ".rels")):
            continue
        part = read_members(data, file=file, wanted=name.__eq__)[name]
        if _DECLARES.search(part):
            raise UnsafeFileError("this workbook declares XML entities", do="save it again as XLSX", file=file)
        if len(part) > _LARGE and "worksheets/" in name and not _UNPLACED.search(part):
            slim[name] = _BARE_ROW.sub(b"", _BARE_CELL.sub(b"", part))
    if not slim:
        return data
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            target.writestr(info.filename, slim[info.filename] if info.filename in slim else source.read(info))
    return out.getvalue()


def _new_sheets(data: bytes, file: str) -> list[tuple[str, list[list[str]]]]:
    slim = _slimmed(data, file)
    counter = _Counter(file)
    found: list[tuple[str, list[list[str]]]] = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl's remarks on styles and extensions it leaves out
            book = openpyxl.load_workbook(io.BytesIO(slim), read_only=True, data_only=True, keep_links=False)
            shown = any(page.sheet_state == "visible" for page in book.worksheets)
            for number, sheet in enumerate(book.worksheets):
                if sheet.sheet_state == "visible" or (not shown and number == 0):
                    # A workbook's stated size can lie; without it the rows really there are read.
                    sheet.reset_dimensions()
                    lines = [counter.line(values) for values in sheet.iter_rows(values_only=True)]
                    found.append((str(sheet.title), lines))
            book.close()
    except UnsafeFileError:
        raise
    except Exception as error:  # openpyxl raises what it likes on a damaged workbook
        raise UnreadableFileError(
            "this is not a workbook that can be read", do="save it again as XLSX", file=file
        ) from error
    return found


def workbook_sheets(data: bytes, *, file: str) -> list[tuple[str, list[list[str]]]]:
    """Name and lines of a workbook's visible sheets, the first one even if all are hidden.

    Parameters
    ----------
    data
        XLSX, or XLS of Excel 2.0 to 2003, by content.
    file
        Its name, for messages.

    Returns
    -------
    list of (str, list of list of str)
        The first line is row 1; rows without any value are empty lists.

    Raises
    ------
    UnreadableFileError
        If it is no workbook, is damaged or locked.
    UnsafeFileError
        If it is far too large or a trap.
    """
    if not is_compound(data):
        return _new_sheets(data, file)
    counter = _Counter(file)
    sheets = list(old_sheets(data, file=file))
    shown = [sheet for sheet in sheets if sheet[2]] or sheets[:1]
    return [(name, [counter.line(row) for row in rows]) for name, rows, _ in shown]
