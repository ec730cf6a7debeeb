"""Footprints and unplaced buildings as tables (COMMANDS.md's footprints.geojson and unplaced.geojson), and back."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geoinv.records.footprints import Footprint, Unplaced

__all__ = ["footprints_table", "read_footprints", "read_unplaced", "unplaced_table"]

#: Columns in the order they are written.
COLUMNS = (
    *("id", "facility", "role", "labels", "drawn", "status", "confidence", "outline_from", "probability", "scene"),
    *(
        "not_before",
        "not_after",
        "height_m",
        "height_low_m",
        "height_high_m",
        "height_interval",
        "evidence",
        "warnings",
    ),
)
_NESTED = ("labels", "drawn", "confidence", "height_interval", "evidence", "warnings")


def _row(footprint: Footprint) -> dict[str, Any]:
    row = footprint.plain()
    row.pop("geometry")
    interval = row.pop("height_m", None)
    if interval is not None:
        row.update(height_m=interval["best"], height_low_m=interval["low"], height_high_m=interval["high"])
        row["height_interval"] = interval
    return row


def footprints_table(footprints: Sequence[Footprint]) -> gpd.GeoDataFrame:
    """One row a building, EPSG:4326.

    ``height_m`` with ``height_low_m`` and ``height_high_m`` are numbers; ``height_interval`` keeps the whole interval.
    Lists and mappings stay such; a flat format's writer turns them into JSON text. Unknown extra fields become columns.
    """
    rows = [_row(footprint) for footprint in footprints]
    extra = sorted({name for row in rows for name in row} - set(COLUMNS))
    table = pd.DataFrame(
        [{name: row.get(name) for name in (*COLUMNS, *extra)} for row in rows], columns=[*COLUMNS, *extra]
    )
    table = table.astype(object).where(table.notna(), None)
    return gpd.GeoDataFrame(table, geometry=[footprint.geometry for footprint in footprints], crs="EPSG:4326")


def unplaced_table(unplaced: Sequence[Unplaced]) -> gpd.GeoDataFrame:
    """One row a drawn building without a place; its geometry is the region it must lie in, EPSG:4326."""
    columns = ["id", "facility", "drawn", "labels", "why"]
    rows = [{name: one.plain().get(name) for name in columns} for one in unplaced]
    table = pd.DataFrame(rows, columns=columns).astype(object)
    return gpd.GeoDataFrame(table, geometry=[one.geometry for one in unplaced], crs="EPSG:4326")


def _value(name: str, value: Any) -> Any:
    """A cell as the record wants it; ``None`` where unknown."""
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, np.generic):
        value = value.item()
    if name in _NESTED and isinstance(value, str):
        try:
            return json.loads(value)
        except json.JSONDecodeError:
            return value
    return value


def _cells(table: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    names = [str(name) for name in table.columns if name != table.geometry.name]
    rows = []
    for index in range(len(table)):
        cells = {name: _value(name, table[name].iloc[index]) for name in names}
        rows.append({name: value for name, value in cells.items() if value is not None})
    return rows


def read_footprints(table: gpd.GeoDataFrame, *, file: str | None = None) -> tuple[Footprint, ...]:
    """Footprints from a table as ``footprints_table`` makes it, also where nested cells became JSON text.

    Raises
    ------
    FieldError
        Naming the footprint and the first field that is missing or impossible.
    """
    placed = table if table.crs is None else table.to_crs("EPSG:4326")
    out = []
    for row, shape in zip(_cells(placed), placed.geometry, strict=True):
        best, low, high = (row.pop(name, None) for name in ("height_m", "height_low_m", "height_high_m"))
        interval = row.pop("height_interval", None)
        if interval is None and best is not None:
            interval = {"low": best if low is None else low, "best": best, "high": best if high is None else high}
        if interval is not None:
            row["height_m"] = interval
        out.append(Footprint.read({**row, "geometry": shape}, file=file, item=f"feature {row.get('id', '?')}"))
    return tuple(out)


def read_unplaced(table: gpd.GeoDataFrame, *, file: str | None = None) -> tuple[Unplaced, ...]:
    """Unplaced buildings from a table as ``unplaced_table`` makes it.

    Raises
    ------
    FieldError
        Naming the row and the first field that is missing or impossible.
    """
    placed = table if table.crs is None else table.to_crs("EPSG:4326")
    return tuple(
        Unplaced.read({**row, "geometry": shape}, file=file, item=f"feature {row.get('id', '?')}")
        for row, shape in zip(_cells(placed), placed.geometry, strict=True)
    )
