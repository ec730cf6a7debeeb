"""CSV, XLSX and XLS as rows of text, whatever the encoding, the delimiter or the program they came from."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from openpyxl.utils import get_column_letter

from geoinv.errors import FieldError, UnreadableFileError
from geoinv.files.compound import is_compound
from geoinv.files.delimited import DAMAGED, delimited_lines
from geoinv.files.limits import MEGABYTE, read_bytes
from geoinv.files.workbooks import workbook_sheets

__all__ = ["Row", "Table", "decode", "decode_table", "parse_sheets", "read_sheet", "read_sheets"]

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
        A sentence for each row that has more cells than the header, or cannot be told from its neighbours for an open
        quotation mark; such rows are not among ``rows``.
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


#: In UTF-16 one byte of so many is zero at least: those beside delimiters, digits and line ends.
_SIGNS_A_ZERO = 100
#: One damaged sign in so many lines is forgiven; beyond that, the table's encoding is another.
_DAMAGE_SHARE = 10
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
    elif data.count(0) * _SIGNS_A_ZERO > len(data):
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


def decode_table(data: bytes, *, file: str) -> str:
    """Text of a CSV of which a few lines may be damaged: NUL is left in, and bytes that are no sign as surrogates.

    Parameters
    ----------
    data, file
        As for ``decode``.

    Raises
    ------
    UnreadableFileError
        As ``decode``, if more than a few lines cannot be read.
    """
    try:
        return decode(data, file=file)
    except UnreadableFileError:
        for encoding in ("utf-8-sig", "cp949"):
            text = data.decode(encoding, errors="surrogateescape")
            sound = DAMAGED.sub("", text)
            header = text.lstrip().partition("\n")[0]
            few = len(text) - len(sound) <= text.count("\n") // _DAMAGE_SHARE and not DAMAGED.search(header)
            if few and (encoding != "cp949" or _hangul_share(sound) >= 0.8):
                return text
        raise


def _csv_lines(data: bytes, file: str) -> tuple[list[list[str]], Mapping[int, FieldError]]:
    text = decode_table(data, file=file)
    if text.lstrip().startswith(("<", "{\\rtf", "%PDF", "PK\x03")):
        raise UnreadableFileError("this is not a CSV table", do="export it as CSV", file=file)
    return delimited_lines(text, file=file)


def _header(line: list[str], file: str) -> list[str]:
    names = [unicodedata.normalize("NFC", cell.strip().strip("\ufeff")) for cell in line]
    named = [name for name in names if name]
    if len(set(named)) < len(named):
        twice = next(name for name in named if named.count(name) > 1)
        raise FieldError(
            f"two columns are called “{twice}”", do="rename one of them", file=file, item="row 1", field=twice
        )
    return names


def _named(names: list[str], lines: list[list[str]]) -> list[str]:
    """The headings; a column without one that holds something is called by its letter, so that it is not lost."""
    if all(names):
        return names
    bare = [at for at, name in enumerate(names) if not name]
    used = {at for line in lines for at in bare if at < len(line) and line[at].strip()}
    return [f"column {get_column_letter(at + 1)}" if at in used else name for at, name in enumerate(names)]


def _table(
    lines: list[list[str]], file: str, sheet: str | None, broken: Mapping[int, FieldError] = MappingProxyType({})
) -> Table | None:
    """Lines with a header as a table; ``None`` where every cell is empty. ``broken`` lines are problems."""
    start = next((index for index, line in enumerate(lines) if any(cell.strip() for cell in line)), None)
    if start is None:
        return None
    names = _named(_header(lines[start], file), lines[start + 1 :])
    letters = {} if sheet is None else {name: get_column_letter(i) for i, name in enumerate(names, 1) if name}
    table = Table(file, tuple(name for name in names if name), (), sheet, letters)
    rows: list[Row] = []
    problems: list[str] = []
    for number, line in enumerate(lines[start + 1 :], start + 2):
        cells = [unicodedata.normalize("NFC", cell.strip()) for cell in line]
        if (wrong := broken.get(number - 1)) is not None:
            problems.append(table.placed(wrong, Row(number, {})))
        elif any(cells[len(names) :]):
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
        sheets = workbook_sheets(data, file=file)
        named = [(name, lines) for name, lines in sheets if not _EXPLAINING.fullmatch(name.strip())]
        tables = [_table(lines, file, name) for name, lines in named]
    else:
        csv_lines, broken = _csv_lines(data, file)
        tables = [_table(csv_lines, file, None, broken)]
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
