"""Workbooks of before (XLS, BIFF): sheets as lines of text, and the remarks in their margins."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import xlrd

from geoinv.errors import UnreadableFileError

__all__ = ["old_remarks", "old_sheets"]


def _opened(data: bytes, file: str) -> Any:
    try:
        return xlrd.open_workbook(file_contents=data, logfile=io.StringIO(), ragged_rows=True)
    except Exception as error:  # xlrd raises what it likes on damaged workbooks
        locked = isinstance(error, xlrd.XLRDError) and "encrypt" in str(error).casefold()
        what = "this workbook is locked with a password" if locked else "this old XLS workbook cannot be read"
        raise UnreadableFileError(what, do="save it as XLSX", file=file) from error


def _value(cell: Any, book: Any) -> Any:
    """A cell as openpyxl would give it: dates as dates, truth values as such, errors in words."""
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            return xlrd.xldate_as_datetime(cell.value, book.datemode)
        except (xlrd.xldate.XLDateError, ValueError, OverflowError):
            return cell.value
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(cell.value)
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(cell.value, "#ERROR")
    return cell.value or None if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK) else cell.value


def old_sheets(data: bytes, *, file: str) -> Iterator[tuple[str, list[list[Any]], bool]]:
    """Name and rows of values of each sheet, and whether it is shown.

    Parameters
    ----------
    data
        A workbook of Excel 2.0 to 2003.
    file
        Its name, for messages.

    Raises
    ------
    UnreadableFileError
        If it is damaged or locked.
    """
    book = _opened(data, file)
    for sheet in book.sheets():
        rows = [[_value(cell, book) for cell in sheet.row(at)] for at in range(sheet.nrows)]
        yield str(sheet.name), rows, sheet.visibility == 0


def old_remarks(data: bytes, *, file: str) -> Iterator[tuple[str, str]]:
    """Author and text of every remark on a cell, hidden sheets' too.

    Raises
    ------
    UnreadableFileError
        As ``old_sheets``.
    """
    for sheet in _opened(data, file).sheets():
        for note in sheet.cell_note_map.values():
            yield str(note.author), str(note.text)
