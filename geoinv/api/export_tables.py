"""Layers as what other tools show: placemarks in folders, and rows with a title."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pandas as pd

from geoinv.errors import FieldError
from geoinv.files.kmz import KmlFolder, KmlPlace
from geoinv.files.uwazi_tables import uwazi_date_range, uwazi_place
from geoinv.pages.styles import STATUS_STYLES
from geoinv.records.dates import PartialDate

__all__ = ["kml_folders", "uwazi_rows"]

_TITLES = {"facilities": "Facilities", "footprints": "Buildings", "rooms": "Rooms", "incidents": "Incidents"}
#: Columns that people read, in order; others stay in the tables.
_SHOWN = {
    "facilities": ("other_names", "agency", "kind", "level", "place", "country", "precision", "fictional"),
    "footprints": ("facility", "role", "status", "height_m", "not_before", "not_after", "outline_from", "incidents"),
    "rooms": ("facility", "building", "role", "use", "status"),
    "incidents": ("facility", "date", "year", "kind", "summary", "certainty", "building", "footprint", "room", "why"),
}  # fmt: skip


def _words(value: Any) -> str:
    """A cell in words; empty where it is not known."""
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value))
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _name(layer: str, row: Mapping[str, Any]) -> str:
    """What a row is called: its own name, its labels, or what happened and when."""
    if layer == "facilities":
        return _words(row.get("name"))
    labels = _words(row.get("labels")).strip("[]").replace('"', "")
    if layer == "incidents":
        when = _words(row.get("date")) or _words(row.get("year"))
        return " ".join(filter(None, (_words(row.get("kind")) or "incident", when)))
    return labels or _words(row.get("role"))


def _span(row: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The days between which a row's date lies, as ISO dates."""
    text = _words(row.get("date")) or _words(row.get("year"))
    try:
        date = PartialDate(text)
    except FieldError:
        return None, None
    begin = date.earliest.isoformat() if date.earliest.year > 1 else None
    end = date.latest.isoformat() if date.latest.year < 9999 else None
    return begin, end


def kml_folders(layers: Mapping[str, gpd.GeoDataFrame]) -> tuple[KmlFolder, ...]:
    """Every layer as a folder of placemarks, coloured by how a part is known."""
    colors = {str(status): style.color for status, style in STATUS_STYLES.items()}
    folders = []
    for layer, title in _TITLES.items():
        table = layers.get(layer)
        if table is None or table.empty:
            continue
        places = []
        for row, shape in zip(table.drop(columns=table.geometry.name).to_dict("records"), table.geometry, strict=True):
            told = {name: words for name in _SHOWN[layer] if (words := _words(row.get(name)))}
            begin, end = _span(row) if layer == "incidents" else (None, None)
            color = colors.get(_words(row.get("status")), "#0072B2")
            places.append(KmlPlace(_name(layer, row), shape, told, color, begin, end))
        folders.append(KmlFolder(title, tuple(places)))
    return tuple(folders)


def uwazi_rows(layers: Mapping[str, gpd.GeoDataFrame]) -> dict[str, list[dict[str, str]]]:
    """Facilities and incidents as rows for Uwazi's import: points only, dates as ranges, the words beside them."""
    found: dict[str, list[dict[str, str]]] = {}
    for layer in ("facilities", "incidents"):
        table = layers.get(layer)
        if table is None or table.empty:
            continue
        rows = []
        for row, shape in zip(table.drop(columns=table.geometry.name).to_dict("records"), table.geometry, strict=True):
            made = {"title": _name(layer, row), "geolocation": uwazi_place(shape, _name(layer, row))}
            if layer == "incidents":
                known = _words(row.get("date")) or _words(row.get("year"))
                made |= {"date": uwazi_date_range(known), "date known as": known, "record": _words(row.get("id"))}
            made |= {name.replace("_", " "): _words(row.get(name)) for name in _SHOWN[layer] if name in row
                     and name not in ("date", "year", "why")}  # fmt: skip
            rows.append(made)
        found[layer] = rows
    return found
