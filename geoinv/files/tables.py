"""Pins and incidents from tables: good rows are kept, and every row that cannot be used is said in one sentence."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from geoinv.errors import FieldError
from geoinv.files.columns import recognise
from geoinv.files.pins import Told
from geoinv.files.spreadsheets import Row, Table, read_sheet
from geoinv.files.typed_dates import edtf_of
from geoinv.records.incidents import Act, Incident, SourceRef
from geoinv.records.places import LonLat
from geoinv.records.testimony import Statement

__all__ = [
    "Bounds",
    "Row",
    "Table",
    "attachments_named",
    "incidents_from_table",
    "number_of",
    "pins_from_table",
    "place_of",
    "place_of_row",
    "read_sheet",
    "sources_of",
]

#: West, south, east, north in degrees.
Bounds = tuple[float, float, float, float]

_PIN = ("lat", "lon", "precision", "geopoint", "geolocation", "radius_m", "witness", "note", "of")
_ACT = ("violation", "victim", "perpetrator", "involvement", "agency", "post", "victim_activity")
_SOURCE = ("source", "page", "quotation")
_INCIDENT = ("id", "date", "place_label", "room_label", "witness", "kind", "summary", "certainty", *_ACT, *_SOURCE,
             "consent", "embargo_until", "pillars", "supersedes", "lat", "lon", "precision")  # fmt: skip
_MEDIA = re.compile(
    r"[^/\\:*?\"<>|]+\.(?:jpe?g|png|heic|tiff?|pdf|svg|m4a|mp3|mp4|wav|ogg|amr|3gpp?|mov)", re.IGNORECASE
)
_CERTAINTY = {"낮음": "low", "중간": "medium", "보통": "medium", "높음": "high"}


def number_of(text: str, field: str) -> float:
    """A number typed into a cell, with a point or a comma before its decimals.

    Raises
    ------
    FieldError
        Naming the column, if it is no finite number.
    """
    plain = text.replace(" ", "").removesuffix("°")
    if plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    try:
        value = float(plain)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise FieldError(f"“{text[:40]}” is not a number", do="write decimal degrees such as 42.9051", field=field)
    return value


def _inside(lon: float, lat: float, region: Bounds) -> bool:
    west, south, east, north = region
    return west <= lon <= east and south <= lat <= north


def place_of(
    lat: float, lon: float, *, region: Bounds | None = None, fields: tuple[str, str] = ("lat", "lon")
) -> LonLat:
    """A place from latitude and longitude, refused where they are impossible or look swapped.

    Parameters
    ----------
    lat, lon
        Degrees, as the table has them.
    region
        Where places are expected; swapped values that would fall inside it, while these do not, are refused.
    fields
        Names of the two columns, for the message.

    Raises
    ------
    FieldError
        Naming the column.
    """
    swap = "swap the two columns and add the file again"
    if abs(lat) > 90 >= abs(lon) and abs(lat) <= 180:
        raise FieldError(
            f"latitude {lat:g} is beyond 90 degrees: latitude and longitude are swapped", do=swap, field=fields[0]
        )
    if abs(lat) > 90 or abs(lon) > 180:
        name, value = (fields[0], lat) if abs(lat) > 90 else (fields[1], lon)
        raise FieldError(f"{value:g} is no place on Earth", do="write decimal degrees such as 42.9051", field=name)
    if region is not None and not _inside(lon, lat, region) and _inside(lat, lon, region):
        raise FieldError(
            f"latitude {lat:g}, longitude {lon:g} lies far from the rest and would fit if swapped", do=swap,
            field=fields[0],
        )  # fmt: skip
    return LonLat(lon, lat)


def _pair(row: Row, named: Mapping[str, str]) -> tuple[str, str, tuple[str, str]]:
    """Latitude and longitude as typed, and the names of their columns."""
    lat, lon = (row.values.get(named.get(key, ""), "") for key in ("lat", "lon"))
    if not lat and not lon and (words := row.values.get(named.get("geolocation", ""), "")):
        # Uwazi: latitude first, a bar between; a third part is a label.
        parts = [part.strip() for part in words.split("|")]
        lat, lon = (parts + ["", ""])[:2]
        return lat, lon, (named["geolocation"], named["geolocation"])
    if not lat and not lon and (words := row.values.get(named.get("geopoint", ""), "")):
        spaced = words.split()
        lat, lon = spaced[:2] if len(spaced) in (2, 3, 4) else ("", "")
        return lat, lon, (named["geopoint"], named["geopoint"])
    return lat, lon, (named.get("lat", "latitude"), named.get("lon", "longitude"))


def place_of_row(row: Row, named: Mapping[str, str], region: Bounds | None = None) -> LonLat | None:
    """Place of a row: two columns, ODK's ``latitude longitude …`` or Uwazi's ``latitude|longitude``; ``None`` if empty.

    Parameters
    ----------
    named
        Column by meaning, as ``recognise`` gives it.
    region
        As for ``place_of``.

    Raises
    ------
    FieldError
        Naming the column.
    """
    lat, lon, fields = _pair(row, named)
    if not lat and not lon:
        return None
    if not lat or not lon:
        missing = fields[0] if not lat else fields[1]
        raise FieldError("only one of latitude and longitude is given", do="give both", field=missing)
    return place_of(number_of(lat, fields[0]), number_of(lon, fields[1]), region=region, fields=fields)


def attachments_named(table: Table) -> tuple[tuple[int, str], ...]:
    """Row and file name of every attachment that a survey's table names (KoBo and ODK keep the files beside it)."""
    return tuple(
        (row.number, cell)
        for row in table.rows
        for name, cell in row.values.items()
        # A template's own column for the source file names what a quotation was taken from, not an attachment.
        if _MEDIA.fullmatch(cell) and name not in recognise(table.columns, ("source",)).values()
    )


def _pin(table: Table, row: Row, named: Mapping[str, str], witness: str | None, region: Bounds | None) -> Statement:
    def cell(meaning: str) -> str:
        return row.values.get(named.get(meaning, ""), "")

    place = place_of_row(row, named, region)
    if place is None:
        raise FieldError("this row gives no latitude and longitude", do="add them if the pin was placed later")
    who = cell("witness") or witness
    if not who:
        raise FieldError("no witness is named", do="give the codename", field=named.get("witness", "witness"))
    # Columns nobody knows are kept under their own names, a survey's attachments among them.
    taken = {*named.values(), *Statement.model_fields}
    data: dict[str, Any] = {name: cell for name, cell in row.values.items() if cell and name not in taken}
    data |= {
        "id": f"{PurePath(table.file).stem}-{row.number}", "witness": who, "kind": "pin", "point": place,
        "said": cell("note") or None, "of": cell("of") or None,
    }  # fmt: skip
    if cell("radius_m"):
        data["radius_m"] = number_of(cell("radius_m"), named["radius_m"])
    if cell("precision"):
        # How well the phone knew its own place: it says nothing of how well the witness knew the facility's.
        data["phone_accuracy_m"] = number_of(cell("precision"), named["precision"])
    return Statement.read({key: value for key, value in data.items() if value is not None})


def pins_from_table(table: Table, *, witness: str | None = None, region: Bounds | None = None) -> Told:
    """Pins of a KoBo or ODK export, or of a table typed by hand.

    Parameters
    ----------
    table
        Rows with latitude and longitude, or with ODK's ``geopoint`` or Uwazi's ``geolocation``, in English or Korean.
    witness
        Codename for rows that name nobody; that it was used is told among the assumptions.
    region
        West, south, east, north where places are expected, to notice swapped columns.

    Returns
    -------
    Told
        Ids are the file's stem and the row's number. A precision column becomes ``phone_accuracy_m``, never
        ``radius_m``. One problem per row that gave no pin.

    Raises
    ------
    FieldError
        If no column gives a place.
    """
    named = recognise(table.columns, _PIN)
    if not ({"lat", "lon"} <= named.keys() or {"geopoint", "geolocation"} & named.keys()):
        raise FieldError("no columns for latitude and longitude were found", do="name them latitude and longitude",
                         file=table.file, item="row 1")  # fmt: skip
    pins: list[Statement] = []
    problems: list[str] = list(table.problems)
    unnamed = 0
    for row in table.rows:
        try:
            pins.append(_pin(table, row, named, witness, region))
        except FieldError as problem:
            problems.append(table.placed(problem, row))
        else:
            unnamed += not row.values.get(named.get("witness", ""), "")
    taken = f"{unnamed} of {len(pins)} rows name no witness; they are taken to be “{witness}”'s."
    return Told(tuple(pins), assumed=(taken,) if unnamed else (), problems=tuple(problems))


def sources_of(table: Table, row: Row, named: Mapping[str, str]) -> tuple[SourceRef, ...]:
    """Where a row's words stand: its source file (the table itself where none is named), page and quotation."""
    cited = {key: cell for key in _SOURCE if (cell := row.values.get(named.get(key, ""), ""))}
    return (SourceRef.read({"source": table.file, **cited}),) if cited else ()


def _incident(table: Table, row: Row, named: Mapping[str, str], facility: str) -> Incident:
    given = {meaning: cell for meaning, name in named.items() if (cell := row.values[name])}
    # Columns nobody knows are kept under their own names; an empty cell is unknown, not empty.
    data: dict[str, Any] = {
        name: cell
        for name, cell in row.values.items()
        if cell and name not in named.values() and name not in Incident.model_fields
    }
    data |= {key: cell for key, cell in given.items() if key in Incident.model_fields}
    data |= {"facility": facility, "id": given.get("id") or f"{PurePath(table.file).stem}-{row.number}"}
    if "date" in given:
        data["date"] = edtf_of(given["date"])
    if "certainty" in given:
        data["certainty"] = _CERTAINTY.get(given["certainty"], given["certainty"].casefold())
    for listed in ("consent", "pillars"):
        if listed in given:
            data[listed] = tuple(part for part in re.split(r"[;,\s]+", given[listed]) if part)
    if (place := place_of_row(row, named)) is not None:
        data["point"] = place
    if acts := {key: given[key] for key in _ACT if key in given}:
        if "violation" not in acts:
            raise FieldError("an act needs its violation", do="name it", field=named.get("violation", "violation"))
        data["acts"] = (Act.read(acts),)
    if sources := sources_of(table, row, named):
        data["sources"] = sources
    try:
        return Incident.read(data)
    except FieldError as error:
        column = named.get(str(error.field), error.field)
        raise FieldError(error.what, do=error.do, field=column) from error


def incidents_from_table(table: Table, facility: str) -> tuple[tuple[Incident, ...], tuple[str, ...]]:
    """Incidents of a table, a row for each act: rows of one id that differ in nothing else are one incident's acts.

    Parameters
    ----------
    table
        Columns as in ``incidents.csv``, in English or Korean; unknown columns are kept on the record.
    facility
        Slug of the facility the rows belong to.

    Returns
    -------
    incidents
        Good rows, in order. A row without an id gets the file's stem and its number.
    problems
        One sentence per row that could not be used.

    Raises
    ------
    FieldError
        If no column says what happened where or when.
    """
    named = recognise(table.columns, _INCIDENT)
    if not {"date", "place_label", "kind", "summary"} & named.keys():
        raise FieldError(
            "no column for a date, a place, a kind or a summary was found",
            do="name the columns as “geoinv template incidents” does", file=table.file, item="row 1",
        )  # fmt: skip
    incidents: list[Incident] = []
    problems: list[str] = list(table.problems)
    seen: dict[str, tuple[int, int]] = {}
    for row in table.rows:
        try:
            incident = _incident(table, row, named, facility)
            at = seen.get(incident.id)
            if at is not None and (joined := _one_more_act(incidents[at[1]], incident)) is not None:
                incidents[at[1]] = joined
                continue
            if at is not None:
                raise FieldError(
                    f"the id “{incident.id}” is used by row {at[0]} too", do="give each its own id",
                    field=named.get("id", "id"),
                )  # fmt: skip
        except FieldError as problem:
            problems.append(table.placed(problem, row))
            continue
        seen[incident.id] = row.number, len(incidents)
        incidents.append(incident)
    return tuple(incidents), tuple(problems)


def _one_more_act(first: Incident, second: Incident) -> Incident | None:
    """An incident with the acts of a further row of its own, which says nothing else of it; else ``None``."""
    if not second.acts or not first.acts:
        return None
    told, again = first.plain(), second.plain()
    apart = ("acts", "sources")
    if any(told.get(key) != value for key, value in again.items() if key not in apart and value not in ("", [])):
        return None
    more = tuple(source for source in second.sources if source not in first.sources)
    return first.model_copy(update={"acts": first.acts + second.acts, "sources": first.sources + more})
