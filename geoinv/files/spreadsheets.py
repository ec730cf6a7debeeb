"""CSV and XLSX as rows of text, whatever the encoding, the delimiter or the program they came from."""

from __future__ import annotations

import csv
import io
import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl

from geoinv.errors import FieldError, UnreadableFileError, UnsafeFileError
from geoinv.files.archives import read_members
from geoinv.files.limits import MEGABYTE, MOST_ROWS, read_bytes

__all__ = ["Row", "Table", "decode", "read_sheet"]

_DELIMITERS = ",;\t|"
_MOST_COLUMNS = 2_000
_MOST_CELLS = 4_000_000
_EXCEL = {".xlsx", ".xlsm"}


@dataclass(frozen=True)
class Row:
    """One row.

    Attributes
    ----------
    number
        As a spreadsheet numbers it: the header is row 1.
    values
        Trimmed text by column name; an empty cell is empty text.
    """

    number: int
    values: dict[str, str]


@dataclass(frozen=True)
class Table:
    """A sheet of rows.

    Attributes
    ----------
    file
        The file's name, for messages.
    columns
        Header, in file order.
    rows
        Rows with at least one filled cell.
    """

    file: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def _hangul_share(text: str) -> float:
    foreign = [sign for sign in text if ord(sign) > 127]
    known = sum(unicodedata.name(sign, "").startswith(("HANGUL", "CJK")) for sign in foreign)
    return known / len(foreign) if foreign else 1.0


def decode(data: bytes, *, file: str) -> str:
    """Text of a CSV: UTF-8 (with or without mark), UTF-16, or cp949 as a Korean Excel writes it.

    Parameters
    ----------
    data
        The file's bytes.
    file
        Its name, for messages.

    Raises
    ------
    UnreadableFileError
        If it is none of these; a guess would change names in silence.
    """
    candidates = ["utf-8-sig"]
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        candidates = ["utf-16"]
    elif b"\0" in data:
        # Commas, digits and line ends have a zero byte beside them: after them, if the low byte comes first.
        candidates = ["utf-16-le" if data[1::2].count(0) > data[::2].count(0) else "utf-16-be"]
    else:
        candidates.append("cp949")
    for encoding in candidates:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text and (encoding != "cp949" or _hangul_share(text) >= 0.8):
            return text
    raise UnreadableFileError("the encoding of this file is not known", do="save it as CSV UTF-8", file=file)


def _delimiter(text: str) -> str:
    """The delimiter that splits the header into most columns; a comma if none does."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", header)
    return max(_DELIMITERS, key=lambda sign: (bare.count(sign), sign == ","))


def _csv_lines(data: bytes, file: str) -> list[list[str]]:
    text = decode(data, file=file)
    if text.lstrip().startswith(("<", "{\\rtf", "%PDF", "PK\x03")):
        raise UnreadableFileError("this is not a CSV table", do="export it as CSV", file=file)
    lines: list[list[str]] = []
    try:
        for line in csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)):
            lines.append(line)
            _check_size(lines, file)
    except csv.Error as error:
        raise UnreadableFileError(
            f"this is not a CSV table from row {len(lines) + 1} on", do="export it again", file=file
        ) from error
    return lines


def _check_size(lines: list[list[str]], file: str) -> None:
    if len(lines) > MOST_ROWS or len(lines[-1]) > _MOST_COLUMNS:
        raise UnsafeFileError(
            f"this table has more than {MOST_ROWS} rows or {_MOST_COLUMNS} columns", do="split it", file=file
        )


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and math.isfinite(value) and value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _xlsx_lines(data: bytes, file: str) -> list[list[str]]:
    parts = read_members(data, file=file, wanted=lambda name: name.lower().endswith((".xml", ".rels")))
    if any(b"<!ENTITY" in part or b"<!DOCTYPE" in part for part in parts.values()):
        raise UnsafeFileError("this workbook declares XML entities", do="save it again as XLSX", file=file)
    lines: list[list[str]] = []
    cells = 0
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = next((page for page in book.worksheets if page.sheet_state == "visible"), book.worksheets[0])
        # A workbook's stated size can lie; without it the rows really there are read.
        sheet.reset_dimensions()
        for values in sheet.iter_rows(values_only=True):
            lines.append([_cell(value) for value in values])
            cells += len(values)
            _check_size(lines, file)
            if cells > _MOST_CELLS:
                raise UnsafeFileError("this sheet has too many cells", do="delete the empty columns", file=file)
        book.close()
    except UnsafeFileError:
        raise
    except Exception as error:  # openpyxl raises what it likes on a damaged workbook
        raise UnreadableFileError(
            "this is not a workbook that can be read", do="save it again as XLSX", file=file
        ) from error
    return lines


def _header(line: list[str], file: str) -> list[str]:
    names = [unicodedata.normalize("NFC", cell.strip().strip("\ufeff")) for cell in line]
    named = [name for name in names if name]
    if len(set(named)) < len(named):
        twice = next(name for name in named if named.count(name) > 1)
        raise FieldError(
            f"two columns are called “{twice}”", do="rename one of them", file=file, item="row 1", field=twice
        )
    return names


def read_sheet(path: Path) -> Table:
    """Rows of a CSV file, or of the first visible sheet of a workbook.

    Parameters
    ----------
    path
        ``.csv``, ``.tsv``, ``.txt`` or ``.xlsx``; a workbook is known by its content.

    Returns
    -------
    Table
        The first filled row is the header.

    Raises
    ------
    UnreadableFileError
        If it is no table, or its encoding is not known.
    UnsafeFileError
        If it is far too large or a trap.
    FieldError
        If two columns have one name, or a row has more cells than the header.
    """
    data = read_bytes(path, most=64 * MEGABYTE)
    excel = data.startswith(b"PK") or path.suffix.lower() in _EXCEL
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableFileError("this is an old XLS workbook", do="save it as XLSX", file=path.name)
    lines = _xlsx_lines(data, path.name) if excel else _csv_lines(data, path.name)
    start = next((index for index, line in enumerate(lines) if any(cell.strip() for cell in line)), None)
    if start is None:
        raise UnreadableFileError("this table has no rows", do="export it again", file=path.name)
    names = _header(lines[start], path.name)
    rows = []
    for number, line in enumerate(lines[start + 1 :], start + 2):
        cells = [unicodedata.normalize("NFC", cell.strip()) for cell in line]
        if any(cells[len(names) :]):
            raise FieldError(
                "this row has more cells than the header", do="put quotation marks around cells with commas in them",
                file=path.name, item=f"row {number}",
            )  # fmt: skip
        if any(cells):
            filled = cells + [""] * (len(names) - len(cells))
            rows.append(Row(number, {name: cell for name, cell in zip(names, filled, strict=False) if name}))
    return Table(path.name, tuple(name for name in names if name), tuple(rows))
