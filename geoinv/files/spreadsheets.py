"""CSV, XLSX and XLS as rows of text, whatever the encoding, the delimiter or the program they came from."""

from __future__ import annotations

import csv
import io
import math
import re
import unicodedata
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter

from geoinv.errors import FieldError, UnreadableFileError, UnsafeFileError
from geoinv.files.archives import read_members
from geoinv.files.compound import is_compound
from geoinv.files.limits import MEGABYTE, MOST_ROWS, read_bytes
from geoinv.files.old_workbooks import old_sheets

__all__ = ["Row", "Table", "decode", "parse_sheets", "read_sheet", "read_sheets"]

_DELIMITERS = ",;\t|"
_MOST_COLUMNS = 2_000
_MOST_CELLS = 4_000_000
_EXCEL = (".xlsx", ".xlsm")
#: Sheets that explain the others: those of geoinv's own templates.
_EXPLAINING = re.compile(r"read ?me.*|lists?", re.IGNORECASE)


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
    sheet
        The sheet's name in a workbook; ``None`` of a CSV.
    letters
        Column → its letter in the workbook; empty of a CSV.
    problems
        A sentence for each row that has more cells than the header; such rows are not among ``rows``.
    """

    file: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    sheet: str | None = None
    letters: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    def placed(self, problem: FieldError, row: Row) -> str:
        """What is wrong with a row in one sentence that names it, and in a workbook the sheet and the cell."""
        letter = self.letters.get(problem.field or "")
        place = f"cell {letter}{row.number}" if letter else f"row {row.number}"
        item = f"sheet “{self.sheet}”, {place}" if self.sheet is not None else place
        return problem.at(file=self.file, item=item).sentence()


#: Signs that Korean tables use beside Hangul and that say nothing of the language.
_NEUTRAL = set("°′″·×±～〜–—―…“”‘’㎡㎢㎞℃「」『』")


def _hangul_share(text: str) -> float:
    foreign = [sign for sign in text if ord(sign) > 127 and sign not in _NEUTRAL]
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


def _sheets(data: bytes, file: str) -> list[tuple[str, list[list[str]]]]:
    """Name and lines of a workbook's visible sheets, the first one even if all are hidden."""
    parts = read_members(data, file=file, wanted=lambda name: name.lower().endswith((".xml", ".rels")))
    if any(b"<!ENTITY" in part or b"<!DOCTYPE" in part for part in parts.values()):
        raise UnsafeFileError("this workbook declares XML entities", do="save it again as XLSX", file=file)
    found: list[tuple[str, list[list[str]]]] = []
    cells = 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl's remarks on styles and extensions it leaves out
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            visible = [page for page in book.worksheets if page.sheet_state == "visible"]
            for sheet in visible or book.worksheets[:1]:
                # A workbook's stated size can lie; without it the rows really there are read.
                sheet.reset_dimensions()
                lines: list[list[str]] = []
                for values in sheet.iter_rows(values_only=True):
                    lines.append([_cell(value) for value in values])
                    cells += len(values)
                    _check_size(lines, file)
                    if cells > _MOST_CELLS:
                        raise UnsafeFileError("this sheet has too many cells", do="delete the empty columns", file=file)
                found.append((str(sheet.title), lines))
            book.close()
    except UnsafeFileError:
        raise
    except Exception as error:  # openpyxl raises what it likes on a damaged workbook
        raise UnreadableFileError(
            "this is not a workbook that can be read", do="save it again as XLSX", file=file
        ) from error
    return found


def _old_sheets(data: bytes, file: str) -> list[tuple[str, list[list[str]]]]:
    """Name and lines of an old workbook's visible sheets, the first one even if all are hidden."""
    found = list(old_sheets(data, file=file))
    shown = [(name, rows) for name, rows, visible in found if visible] or [(name, rows) for name, rows, _ in found[:1]]
    return [(name, [[_cell(value) for value in row] for row in rows]) for name, rows in shown]


def _header(line: list[str], file: str) -> list[str]:
    names = [unicodedata.normalize("NFC", cell.strip().strip("\ufeff")) for cell in line]
    named = [name for name in names if name]
    if len(set(named)) < len(named):
        twice = next(name for name in named if named.count(name) > 1)
        raise FieldError(
            f"two columns are called “{twice}”", do="rename one of them", file=file, item="row 1", field=twice
        )
    return names


def _table(lines: list[list[str]], file: str, sheet: str | None) -> Table | None:
    """Lines with a header as a table; ``None`` where every cell is empty."""
    start = next((index for index, line in enumerate(lines) if any(cell.strip() for cell in line)), None)
    if start is None:
        return None
    names = _header(lines[start], file)
    letters = {} if sheet is None else {name: get_column_letter(i) for i, name in enumerate(names, 1) if name}
    table = Table(file, tuple(name for name in names if name), (), sheet, letters)
    rows: list[Row] = []
    problems: list[str] = []
    for number, line in enumerate(lines[start + 1 :], start + 2):
        cells = [unicodedata.normalize("NFC", cell.strip()) for cell in line]
        if any(cells[len(names) :]):
            wide = FieldError("this row has more cells than the header", do="put quotation marks around cells with "
                              "commas in them, or give every column a heading")  # fmt: skip
            problems.append(table.placed(wide, Row(number, {})))
        elif any(cells):
            filled = cells + [""] * (len(names) - len(cells))
            rows.append(Row(number, {name: cell for name, cell in zip(names, filled, strict=False) if name}))
    return replace(table, rows=tuple(rows), problems=tuple(problems))


def read_sheets(path: Path) -> tuple[Table, ...]:
    """Rows of a CSV file, or of every visible sheet of a workbook that has any.

    Parameters
    ----------
    path
        ``.csv``, ``.tsv``, ``.txt``, ``.xlsx`` or ``.xls``; a workbook is known by its content.

    Returns
    -------
    tuple of Table
        In the workbook's order, at least one. The first filled row of each is its header; sheets called "Read me" or
        "Lists" explain the others and are left out.

    Raises
    ------
    UnreadableFileError
        If it is no table, or its encoding is not known.
    UnsafeFileError
        If it is far too large or a trap.
    FieldError
        If two columns have one name.
    """
    return parse_sheets(read_bytes(path, most=64 * MEGABYTE), file=path.name)


def parse_sheets(data: bytes, *, file: str) -> tuple[Table, ...]:
    """``read_sheets`` of a file's bytes; ``file`` is its name, for messages.

    Raises
    ------
    UnreadableFileError, UnsafeFileError, FieldError
        As ``read_sheets``.
    """
    if is_compound(data) or data.startswith(b"PK") or file.lower().endswith(_EXCEL):
        sheets = _old_sheets(data, file) if is_compound(data) else _sheets(data, file)
        named = [(name, lines) for name, lines in sheets if not _EXPLAINING.fullmatch(name.strip())]
        tables = [_table(lines, file, name) for name, lines in named]
    else:
        tables = [_table(_csv_lines(data, file), file, None)]
    found = tuple(table for table in tables if table is not None)
    if not found:
        raise UnreadableFileError("this table has no rows", do="export it again", file=file)
    return found


def read_sheet(path: Path) -> Table:
    """The first table of ``read_sheets``.

    Raises
    ------
    UnreadableFileError, UnsafeFileError, FieldError
        As ``read_sheets``.
    """
    return read_sheets(path)[0]
