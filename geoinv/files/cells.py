"""What people type into the cells of a filled-in table: ranges, yes and no, compass points, in English and Korean."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any, TypeVar

from geoinv.errors import FieldError
from geoinv.files.columns import recognise
from geoinv.files.spreadsheets import Row, Table
from geoinv.files.tables import number_of
from geoinv.records.base import Record
from geoinv.records.measures import Interval

__all__ = ["compass_or_degrees", "each_row", "given_cells", "interval_of", "kind_word", "need_columns", "range_of",
           "read_row", "row_id", "unnamed_cells", "yes_or_no"]  # fmt: skip

_Record = TypeVar("_Record", bound=Record)

#: Korean words for what a template's lists offer.
_KINDS = {
    "핀": "pin", "지점": "pin", "부터": "from", "에서": "from", "도보": "walk", "걸어서": "walk", "쪽": "side",
    "보임": "sees", "보인다": "sees", "시야": "sees", "가까이": "near", "근처": "near", "사이": "between",
    "거리": "distance", "개수": "count", "1인당면적": "area_per_person", "햇빛": "sun_patch", "인접": "adjacent",
    "치수": "dimension", "도보시간": "walk_time",
}  # fmt: skip
_COMPASS = {"북": "N", "북동": "NE", "동": "E", "남동": "SE", "남": "S", "남서": "SW", "서": "W", "북서": "NW",
            "동북": "NE", "동남": "SE", "서남": "SW", "서북": "NW", "왼쪽": "left", "오른쪽": "right"}  # fmt: skip
_YES = {"yes", "y", "true", "1", "x", "예", "네", "참", "o", "○"}
_NO = {"no", "n", "false", "0", "아니오", "아니요", "거짓", ""}


def range_of(text: str, field: str) -> float | tuple[float, float]:
    """A number or a range typed into a cell: ``1200``, ``300-500``, ``300–500``, ``300~500``, ``300 to 500``.

    Raises
    ------
    FieldError
        Naming the column.
    """
    parts = re.split(r"\s*(?:[-–—~〜]|\bto\b|에서)\s*", text.strip())
    if len(parts) == 2 and all(parts):
        low, high = (number_of(part, field) for part in parts)
        if low > high:
            raise FieldError(f"“{text[:40]}” ends below where it begins", do="write the smaller number first",
                             field=field)  # fmt: skip
        return low, high
    return number_of(text, field)


def interval_of(text: str, field: str, unit: str) -> Interval:
    """``range_of`` a cell as an interval of ``unit``, with the words as typed.

    Raises
    ------
    FieldError
        Naming the column.
    """
    value = range_of(text, field)
    return Interval.of(value, unit=unit).model_copy(update={"said": text})


def yes_or_no(text: str, field: str) -> bool:
    """Yes or no as typed in either language; an empty cell is no.

    Raises
    ------
    FieldError
        Naming the column, if it is neither.
    """
    if text.casefold() in _YES or text.casefold() in _NO:
        return text.casefold() in _YES
    raise FieldError(f"“{text[:40]}” is neither yes nor no", do="write yes or leave it empty", field=field)


def given_cells(row: Row, named: Mapping[str, str]) -> dict[str, str]:
    """The row's filled cells by what their columns mean."""
    return {meaning: cell for meaning, name in named.items() if (cell := row.values[name])}


def unnamed_cells(row: Row, named: Mapping[str, str], record: type[Record]) -> dict[str, Any]:
    """Columns nobody knows, kept under their own names; an empty cell is unknown, not empty."""
    taken = set(named.values()) | set(record.model_fields)
    return {name: cell for name, cell in row.values.items() if cell and name not in taken}


def read_row(
    record: type[_Record], data: dict[str, Any], named: Mapping[str, str], meanings: Mapping[str, str]
) -> _Record:
    """A record of a row, whose errors name the column rather than the record's field."""
    try:
        return record.read({key: value for key, value in data.items() if value is not None})
    except FieldError as error:
        head = str(error.field or "").split(".")[0]
        # pydantic names no field where several together are wrong; the sentence itself then says which is wanted.
        wanted = next((key for key in meanings if f"“{key}”" in error.what), head)
        column = named.get(meanings.get(wanted, wanted), error.field)
        what = error.what.removeprefix("value error, ")
        raise FieldError(what, do="correct that cell and add the file again", field=column) from error


def each_row(table: Table, make: Callable[[Row], Any]) -> tuple[list[Any], list[str]]:
    """What every row gives, and a sentence for each that gives nothing."""
    made: list[Any] = []
    problems = list(table.problems)
    seen: dict[str, int] = {}
    for row in table.rows:
        try:
            item = make(row)
            if item.id in seen:
                raise FieldError(
                    f"the id “{item.id}” is used by row {seen[item.id]} too", do="give each its own id",
                    field=recognise(table.columns, ("id",)).get("id"),
                )  # fmt: skip
        except FieldError as problem:
            problems.append(table.placed(problem, row))
            continue
        seen[item.id] = row.number
        made.append(item)
    return made, problems


def row_id(table: Table, row: Row, given: Mapping[str, str]) -> str:
    """The row's own id, or the file's stem and the row's number."""
    return given.get("id") or f"{PurePath(table.file).stem}-{row.number}"


def compass_or_degrees(text: str) -> str | float:
    """A direction or side as typed: a compass point, a Korean one, or degrees."""
    word = re.sub(r"(쪽|방향|향|편)$", "", text.strip())
    if word in _COMPASS or text in _COMPASS:
        return _COMPASS.get(text, _COMPASS.get(word, text))
    return float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else text


def need_columns(table: Table, named: Mapping[str, str], needed: tuple[str, ...]) -> None:
    """Refuse a table without the columns that every row of it needs.

    Raises
    ------
    FieldError
        Naming the sheet and the column.
    """
    for meaning in needed:
        if meaning not in named:
            item = "row 1" if table.sheet is None else f"sheet “{table.sheet}”, row 1"
            raise FieldError(f"no column “{meaning}” was found", do="name the columns as “geoinv template” does",
                             file=table.file, item=item)  # fmt: skip


def kind_word(text: str) -> str:
    """A kind as typed, in the house's word: ``walk`` of ``도보``; small letters and underscores otherwise."""
    return _KINDS.get(text.replace(" ", ""), text.strip().casefold().replace(" ", "_"))
