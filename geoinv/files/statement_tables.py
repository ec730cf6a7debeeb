"""Statements and landmarks from tables filled in by people (``geoinv template statements``), English or Korean."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from shapely.geometry import Point

from geoinv.errors import FieldError
from geoinv.files.account_tables import CLAIM_COLUMNS, ROOM_COLUMNS
from geoinv.files.cells import (
    compass_or_degrees,
    each_row,
    given_cells,
    kind_word,
    need_columns,
    range_of,
    read_row,
    row_id,
    unnamed_cells,
    yes_or_no,
)
from geoinv.files.columns import recognise
from geoinv.files.consent_tables import CONSENT_COLUMNS
from geoinv.files.pins import Told
from geoinv.files.spreadsheets import Row, Table
from geoinv.files.tables import place_of_row, sources_of
from geoinv.records.testimony import Landmark, Statement

__all__ = ["landmarks_from_table", "statements_from_table", "table_kind"]

_STATEMENT = ("id", "witness", "kind", "landmark", "other_landmark", "direction", "distance_m", "minutes", "side",
              "negated", "lat", "lon", "geopoint", "radius_m", "by", "of", "source", "page", "quotation",
              "note")  # fmt: skip
_SHEETS = {
    "statements": re.compile(r"statements?\b.*|진술.*", re.IGNORECASE),
    "landmarks": re.compile(r"landmarks?\b.*|지형지물.*", re.IGNORECASE),
    "claims": re.compile(r"claims?\b.*|주장.*", re.IGNORECASE),
    "rooms": re.compile(r"rooms?\b.*|방.*", re.IGNORECASE),
    "consents": re.compile(r"consents?\b.*|동의.*", re.IGNORECASE),
    "incidents": re.compile(r"incidents?\b.*|사건.*", re.IGNORECASE),
}


def table_kind(table: Table) -> str:
    """What the rows of a table are.

    ``statements``, ``landmarks``, ``claims``, ``rooms``, ``consents``, ``incidents`` or ``pins``.

    The sheet's name says so in a template; else the columns do. A table of places alone is one of pins; one of
    neither places nor anything else known is ``unknown``.
    """
    for kind, pattern in _SHEETS.items():
        if table.sheet is not None and pattern.fullmatch(table.sheet.strip()):
            return kind
    if {"witness", "act", "audience"} <= recognise(table.columns, CONSENT_COLUMNS).keys():
        return "consents"
    statement = recognise(table.columns, _STATEMENT).keys()
    if {"kind", "landmark"} <= statement:
        return "statements"
    if {"kind", "subject"} <= recognise(table.columns, CLAIM_COLUMNS).keys():
        return "claims"
    room = recognise(table.columns, ROOM_COLUMNS).keys()
    if {"room_label", "witness"} <= room and {"building", "length_m", "width_m", "occupants", "next_to"} & room:
        return "rooms"
    places = recognise(table.columns, ("lat", "lon", "geopoint", "geolocation")).keys()
    if {"lat", "lon"} <= places or {"geopoint", "geolocation"} & places:
        return "pins"
    incident = recognise(table.columns, ("date", "violation", "victim", "summary", "kind")).keys()
    return "incidents" if {"violation", "victim"} & incident or {"date", "summary"} <= incident else "unknown"


def _statement(table: Table, row: Row, named: Mapping[str, str], known: Collection[str]) -> Statement:
    given = given_cells(row, named)
    kind = given.get("kind", "pin" if {"lat", "geopoint"} & given.keys() else "")
    data: dict[str, Any] = unnamed_cells(row, named, Statement) | {
        "id": row_id(table, row, given), "witness": given.get("witness"),
        "kind": kind_word(kind), "point": place_of_row(row, named),
        "said": given.get("quotation") or given.get("note"), "of": given.get("of"), "by": given.get("by"),
    }  # fmt: skip
    for key in ("distance_m", "minutes", "radius_m"):
        if key in given:
            data[key] = range_of(given[key], named[key])
    for key in ("direction", "side"):
        if key in given:
            data[key] = compass_or_degrees(given[key])
    if "negated" in given:
        data["negated"] = yes_or_no(given["negated"], named["negated"])
    marks = [given[key] for key in ("landmark", "other_landmark") if key in given]
    for key in ("landmark", "other_landmark"):
        if key in given and given[key] not in known:
            raise FieldError(
                f"there is no landmark “{given[key]}”", do="list it with its place in the sheet “Landmarks”",
                field=named[key],
            )  # fmt: skip
    if data["kind"] == "between":
        data["landmarks"] = tuple(marks)
    elif marks:
        data["landmark"] = marks[0]
    if sources := sources_of(table, row, named):
        data["sources"] = [source.plain() for source in sources]
    meanings = {"point": "lat", "landmarks": "landmark", "note": "note"} | {key: key for key in _STATEMENT}
    return read_row(Statement, data, named, meanings)


def statements_from_table(table: Table, landmarks: Collection[str]) -> Told:
    """Statements of a table as ``geoinv template statements`` makes it, one row each.

    Parameters
    ----------
    table
        Columns in English or Korean; unknown ones are kept on the record.
    landmarks
        Keys that a row may name.

    Returns
    -------
    Told
        One problem per row that could not be used, naming the cell.

    Raises
    ------
    FieldError
        If there is no column for the witness.
    """
    named = recognise(table.columns, _STATEMENT)
    need_columns(table, named, ("witness",))
    statements, problems = each_row(table, lambda row: _statement(table, row, named, landmarks))
    return Told(tuple(statements), problems=tuple(problems))


def landmarks_from_table(table: Table) -> tuple[dict[str, Landmark], tuple[str, ...]]:
    """Landmarks of a table with a name, a latitude and a longitude a row, by name.

    Returns
    -------
    landmarks, problems
        One problem per row without a usable name or place.

    Raises
    ------
    FieldError
        If there are no columns for name and place.
    """
    named = recognise(table.columns, ("landmark", "title", "lat", "lon", "geopoint"))
    key = named.get("landmark", named.get("title"))
    if key is None:
        need_columns(table, named, ("landmark",))
    found: dict[str, Landmark] = {}
    problems = list(table.problems)
    for row in table.rows:
        try:
            name, place = row.values[key or ""], place_of_row(row, named)
            if not name or place is None:
                raise FieldError("a landmark needs a name, a latitude and a longitude", do="add what is missing",
                                 field=key)  # fmt: skip
            if name in found:
                raise FieldError(f"the landmark “{name}” is listed above too", do="give each its own name", field=key)
            found[name] = Landmark(name=name, geometry=Point(place))
        except FieldError as problem:
            problems.append(table.placed(problem, row))
    return found, tuple(problems)
