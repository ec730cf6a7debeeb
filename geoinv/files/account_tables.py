"""Claims and rooms from tables filled in by people (``geoinv template claims`` and ``rooms``), English or Korean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from geoinv.errors import FieldError
from geoinv.files.cells import (
    each_row,
    given_cells,
    interval_of,
    kind_word,
    need_columns,
    read_row,
    row_id,
    unnamed_cells,
    yes_or_no,
)
from geoinv.files.columns import recognise
from geoinv.files.spreadsheets import Row, Table
from geoinv.files.tables import number_of, sources_of
from geoinv.records.accounts import RoomAccount
from geoinv.records.claims import Claim
from geoinv.records.measures import Interval

__all__ = ["CLAIM_COLUMNS", "ROOM_COLUMNS", "claims_from_table", "rooms_from_table"]

#: Meanings of a claims table's columns, most important first.
CLAIM_COLUMNS = ("id", "witness", "kind", "subject", "object", "low", "high", "unit", "negated", "source", "page",
          "quotation", "note")  # fmt: skip
#: Meanings of a rooms table's columns, most important first.
ROOM_COLUMNS = ("id", "witness", "building", "room_label", "role_of_room", "count", "occupants", "length_m", "width_m",
         "height_m", "storey", "next_to", "source", "page", "quotation", "note")  # fmt: skip


def _claim(table: Table, row: Row, named: Mapping[str, str]) -> Claim:
    given = given_cells(row, named)
    data: dict[str, Any] = unnamed_cells(row, named, Claim) | {
        "id": row_id(table, row, given), "witness": given.get("witness"), "subject": given.get("subject"),
        "kind": kind_word(given.get("kind", "")), "object": given.get("object"),
        "said": given.get("quotation") or given.get("note") or "",
    }  # fmt: skip
    if "low" in given or "high" in given:
        if "unit" not in given:
            raise FieldError("a value needs its unit", do="write m, m2, min, deg or count",
                             field=named.get("unit", "unit"))  # fmt: skip
        low, high = (number_of(given.get(key, given.get(other, "")), named.get(key, key))
                     for key, other in (("low", "high"), ("high", "low")))  # fmt: skip
        if low > high:
            field = named.get("high", "high")
            raise FieldError("the highest is below the lowest", do="swap the two cells", field=field)
        data["said_value"] = Interval(
            low=low, best=(low + high) / 2, high=high, unit=given["unit"], said=data["said"] or None
        )
    if "negated" in given:
        data["negated"] = yes_or_no(given["negated"], named["negated"])
    if sources := sources_of(table, row, named):
        data["sources"] = [source.plain() for source in sources]
    return read_row(Claim, data, named, {key: key for key in CLAIM_COLUMNS})


def claims_from_table(table: Table) -> tuple[tuple[Claim, ...], tuple[str, ...]]:
    """Claims of a table as ``geoinv template claims`` makes it, and a sentence per row that could not be used.

    Raises
    ------
    FieldError
        If there are no columns for witness, kind and subject.
    """
    named = recognise(table.columns, CLAIM_COLUMNS)
    need_columns(table, named, ("witness", "kind", "subject"))
    claims, problems = each_row(table, lambda row: _claim(table, row, named))
    return tuple(claims), tuple(problems)


def _room(table: Table, row: Row, named: Mapping[str, str]) -> RoomAccount:
    given = given_cells(row, named)
    data: dict[str, Any] = unnamed_cells(row, named, RoomAccount) | {
        "id": row_id(table, row, given), "witness": given.get("witness"), "building": given.get("building"),
        "room": given.get("room_label"), "role": given.get("role_of_room"), "storey": given.get("storey"),
        "said": given.get("quotation") or given.get("note"), "sources": sources_of(table, row, named),
        "next_to": tuple(part.strip() for part in re.split(r"[,;，、]", given.get("next_to", "")) if part.strip()),
    }  # fmt: skip
    for key, unit in (("occupants", "count"), ("length_m", "m"), ("width_m", "m"), ("height_m", "m")):
        if key in given:
            data[key] = interval_of(given[key], named[key], unit)
    if "count" in given:
        data["count"] = number_of(given["count"], named["count"])
    meanings = {"room": "room_label", "role": "role_of_room"} | {key: key for key in ROOM_COLUMNS}
    return read_row(RoomAccount, data, named, meanings)


def rooms_from_table(table: Table) -> tuple[tuple[RoomAccount, ...], tuple[str, ...]]:
    """Rooms of a table as ``geoinv template rooms`` makes it, and a sentence per row that could not be used.

    Raises
    ------
    FieldError
        If there are no columns for witness and room.
    """
    named = recognise(table.columns, ROOM_COLUMNS)
    need_columns(table, named, ("witness", "room_label"))
    rooms, problems = each_row(table, lambda row: _room(table, row, named))
    return tuple(rooms), tuple(problems)
