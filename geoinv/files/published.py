"""Building outlines that others published, read as candidates: each with its own existence, its source and its date.

Such sets were drawn from imagery too, often years earlier: they propose where a building may be, and vouch for no
drawing. Columns are those of Open Buildings, Microsoft's footprints and OpenStreetMap exports; other files pass as
they are.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoinv.errors import FieldError, UnreadableFileError
from geoinv.files.geojson import read_table

__all__ = ["read_candidates"]

_PARQUET, _CSV = {".parquet", ".geoparquet"}, {".csv"}
#: Columns, any of a group, by which a set is known, the most telling first → its name.
_SETS: tuple[tuple[tuple[frozenset[str], ...], str], ...] = (
    ((frozenset({"area_in_meters", "confidence"}), frozenset({"full_plus_code"})), "Open Buildings"),
    ((frozenset({"osm_id"}), frozenset({"@id", "building"}), frozenset({"osm_way_id"})), "OpenStreetMap"),
    ((frozenset({"height", "confidence"}), frozenset({"capture_dates_range"})), "Microsoft building footprints"),
)
_IDS = ("full_plus_code", "osm_id", "@id", "osm_way_id")
_DATES = ("capture_dates_range", "@timestamp", "timestamp", "imagery_date", "inference_date")


def _of(path: Path, read: Callable[[Path], Any]) -> gpd.GeoDataFrame:
    """A table by a reader that raises what it likes."""
    if not path.exists():
        raise UnreadableFileError("there is no such file", do="check the name", file=path.name)
    try:
        table = read(path)
    except Exception as error:  # pandas, pyarrow and GEOS raise what they like
        raise UnreadableFileError(
            "this is not a table of outlines that can be read", do="export it as GeoJSON or GPKG", file=path.name
        ) from error
    if not isinstance(table, gpd.GeoDataFrame) or table.crs is None:
        raise FieldError(
            "the file does not say which CRS it is in", do="export it with its CRS", file=path.name, field="crs"
        )
    return table


def _csv(path: Path) -> gpd.GeoDataFrame:
    """Outlines as WKT in longitude and latitude in a column ``geometry``, as Open Buildings delivers them."""
    rows = pd.read_csv(path)
    shapes = shapely.from_wkt([one if isinstance(one, str) else None for one in rows["geometry"]])
    return gpd.GeoDataFrame(rows.drop(columns="geometry"), geometry=shapes, crs="EPSG:4326")


def read_candidates(path: Path) -> gpd.GeoDataFrame:
    """Outlines that may be the drawn buildings.

    Parameters
    ----------
    path
        GeoJSON, any format GDAL reads, GeoParquet (with ``geoinv[parquet]``) or CSV with WKT.

    Returns
    -------
    GeoDataFrame
        As :func:`geoinv.files.geojson.read_table`. Of a published set also ``published`` (its name),
        ``published_date`` (the picture's or edit's date, ``None`` where it has none) and ``existence``: the set's own
        confidence; NaN, unknown, where it gives none (−1 in Microsoft's; a person's drawing in OpenStreetMap), and
        rows without a polygon are left out. Of what ``geoinv detect`` suggests only buildings (``kind``): a wall or a
        track is no drawn building.

    Raises
    ------
    UnreadableFileError
        If the file cannot be read.
    FieldError
        If it has no CRS, or a confidence is over 1.
    """
    suffix = path.suffix.lower()
    if suffix in _PARQUET:
        table = _of(path, gpd.read_parquet)
    else:
        table = _of(path, _csv) if suffix in _CSV else read_table(path)
    if {"kind", "existence"} <= set(table.columns):
        table = table[table["kind"] == "building"].reset_index(drop=True)
    name = next((name for groups, name in _SETS if any(group <= set(table.columns) for group in groups)), None)
    return table if name is None or "existence" in table.columns else _as_candidates(table, name, path.name)


def _as_candidates(table: gpd.GeoDataFrame, name: str, file: str) -> gpd.GeoDataFrame:
    kinds = table.geometry.geom_type.isin(["Polygon", "MultiPolygon"]) & ~table.geometry.is_empty
    kept = table[kinds.to_numpy()].reset_index(drop=True)
    given = (
        pd.to_numeric(kept["confidence"], errors="coerce") if "confidence" in kept else pd.Series(np.nan, kept.index)
    )
    if (given > 1).any():
        raise FieldError(
            "a confidence is over 1", do="give shares from 0 to 1, not per cent", file=file, field="confidence"
        )
    own = next((column for column in _IDS if column in kept.columns), None)
    numbered = pd.Series([f"p{number}" for number in range(1, len(kept) + 1)], kept.index)
    names = numbered if own is None else kept[own].astype("string").fillna(numbered)
    dated = next((column for column in _DATES if column in kept.columns), None)
    told = [None] * len(kept) if dated is None else [None if pd.isna(one) else str(one) for one in kept[dated]]
    return kept.assign(
        id=names.where(~names.duplicated(), names + "-" + numbered).astype(object),
        existence=given.where(given >= 0).to_numpy(np.float64),
        published=name,
        published_date=pd.Series(told, kept.index, dtype=object),
    )
