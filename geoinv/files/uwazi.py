"""Uwazi's JSON exports: entities with their coordinates as published places, and as incidents."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any

from geoinv.errors import FieldError
from geoinv.files.pins import Told
from geoinv.files.tables import place_of
from geoinv.records.places import LonLat
from geoinv.records.testimony import Statement

__all__ = ["entities_of", "published_places", "told_by_entity"]


def entities_of(data: Any) -> list[Any] | None:
    """The entities of a Uwazi export (``rows`` or ``entities``, or a bare list of them); ``None`` if it is none."""
    rows = data if isinstance(data, list) else None
    if isinstance(data, dict):
        rows = data.get("rows", data.get("entities"))
    if not isinstance(rows, list) or not rows:
        return None
    looks = [isinstance(row, dict) and "title" in row and ("metadata" in row or "template" in row) for row in rows]
    return rows if any(looks) else None


def _values(entity: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Every property's values, whether the export wraps them in ``{"value": …}`` or not."""
    metadata = entity.get("metadata")
    found: dict[str, list[Any]] = {}
    for name, values in (metadata if isinstance(metadata, dict) else {}).items():
        listed = values if isinstance(values, list) else [values]
        found[str(name)] = [_value(item) for item in listed]
    return found


def _value(item: Any) -> Any:
    """A property's value; of a term or a link its words, since its value is only an id."""
    if not isinstance(item, dict) or "value" not in item:
        return item
    value, label = item["value"], item.get("label")
    return label if isinstance(value, str) and isinstance(label, str) and label else value


def _point(values: Mapping[str, list[Any]]) -> LonLat | None:
    for name, listed in values.items():
        for value in listed:
            if isinstance(value, dict) and {"lat", "lon"} <= value.keys():
                try:
                    lat, lon = float(value["lat"]), float(value["lon"])
                except (TypeError, ValueError):
                    lat = lon = math.nan
                if not (math.isfinite(lat) and math.isfinite(lon)):
                    raise FieldError("its coordinates are not numbers", do="correct them in Uwazi", field=name)
                return place_of(lat, lon, fields=(name, name))
    return None


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("label", value.get("title", "")))
    return str(value)


def _date(values: Mapping[str, list[Any]]) -> str | None:
    """The first date: Uwazi keeps seconds since 1970 (UTC), or ``{from, to}`` of a range."""
    for name, listed in values.items():
        if "date" not in name.casefold() and "날짜" not in name:
            continue
        for value in listed:
            ends = [value.get("from"), value.get("to")] if isinstance(value, dict) else [value, value]
            days = [_day(end) for end in ends]
            if any(days):
                first, last = days[0] or "", days[1] or ""
                return first if first == last else f"{first}/{last}"
    return None


def _day(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    try:
        return datetime.fromtimestamp(value, UTC).date().isoformat()
    except (OverflowError, OSError, ValueError):
        return None


def _decimals(point: LonLat) -> int:
    """Decimals a coordinate is published with: they say nothing of how accurate it is."""
    return max(len(repr(float(value)).partition(".")[2].rstrip("0")) for value in point)


def _entity(row: Any, number: int) -> Mapping[str, Any]:
    if not isinstance(row, dict) or not isinstance(row.get("title"), str):
        raise FieldError("this is no Uwazi entity: it has no title", do="export it again")
    return row


def published_places(rows: list[Any], *, file: str) -> Told:
    """Entities with coordinates as ``published`` statements.

    Parameters
    ----------
    rows
        As ``entities_of`` gives them.
    file
        The file's name: its stem begins the statements' ids.

    Returns
    -------
    Told
        A published coordinate is a statement like any other, by the source named in ``witness``.
    """
    statements: list[Statement] = []
    problems: list[str] = []
    stem = PurePath(file).stem
    for number, row in enumerate(rows, 1):
        item = f"entity {number}"
        try:
            entity = _entity(row, number)
            item += f" “{entity['title'][:60]}”"
            point = _point(_values(entity))
            if point is None:
                raise FieldError("it has no coordinates", do="add them in Uwazi if the place is known")
            data = {"id": f"{stem}-{number}", "witness": f"published:{stem}", "kind": "published", "point": point,
                    "said": entity["title"], "source": file, "decimals": _decimals(point)}  # fmt: skip
            statements.append(Statement.read(data))
        except FieldError as error:
            problems.append(error.at(file=file, item=item).sentence())
    assumed = (f"{len(statements)} places count as published coordinates of one source, “published:{stem}”.",)
    return Told(tuple(statements), assumed=assumed if statements else (), problems=tuple(problems))


def told_by_entity(row: Any, number: int, *, facility: str, file: str) -> dict[str, Any]:
    """An entity as the fields of an incident: its title, date, place and every other property in words.

    Raises
    ------
    FieldError
        If it is no entity, or its coordinates are impossible.
    """
    entity = _entity(row, number)
    values = _values(entity)
    fields: dict[str, Any] = {
        "id": str(entity.get("sharedId") or entity.get("_id") or f"{PurePath(file).stem}-{number}"),
        "facility": facility, "summary": entity["title"], "date": _date(values), "point": _point(values),
    }  # fmt: skip
    others = {
        f"uwazi_{name}": "; ".join(filter(None, map(_words, listed)))
        for name, listed in values.items()
        if listed and not any(isinstance(value, dict) and "lat" in value for value in listed)
    }
    return {key: value for key, value in (others | fields).items() if value is not None and value != ""}
