"""GeoJSON (RFC 7946) in and out, and any vector format GDAL reads, by file suffix.

A legacy ``crs`` member naming an EPSG code is honoured. Nested values are JSON text where a format is flat.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError
from shapely.errors import ShapelyError
from shapely.geometry import Polygon, mapping, shape
from shapely.geometry.base import BaseGeometry

from geoinv.errors import FieldError, UnreadableFileError, UnsafeFileError
from geoinv.files.atomic import write_json

__all__ = [
    "crs_of",
    "feature",
    "feature_collection",
    "read_json",
    "read_table",
    "read_tables",
    "table_features",
    "write_table",
]

_JSON = {".geojson", ".json"}


def read_json(path: Path) -> Any:
    """Parsed JSON of a UTF-8 file.

    Raises
    ------
    UnreadableFileError
        If the file is missing, not UTF-8 or not JSON; the message names the line.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise UnreadableFileError("there is no such file", do="check the name", file=path.name) from error
    except json.JSONDecodeError as error:
        raise UnreadableFileError(
            f"this is not JSON (line {error.lineno}, column {error.colno})", do="export it again", file=path.name
        ) from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise UnreadableFileError(
            "this is not UTF-8 JSON", do="save it as UTF-8 and try again", file=path.name
        ) from error
    except OSError as error:
        raise UnreadableFileError("this file cannot be opened", do="check its permissions", file=path.name) from error


def crs_of(data: dict[str, Any], name: str) -> CRS:
    """CRS of a parsed collection: its legacy ``crs`` member, else WGS 84; ``name`` is the file's.

    Raises
    ------
    FieldError
        If the member names no CRS.
    """
    member = data.get("crs")
    if not isinstance(member, dict):
        return CRS.from_epsg(4326)
    properties = member.get("properties")
    text = str(properties.get("name", "") if isinstance(properties, dict) else "")
    if text.upper().endswith("CRS84"):
        return CRS.from_epsg(4326)
    found = re.fullmatch(r"(?:urn:ogc:def:crs:)?EPSG:(?:[\d.]*:)?(\d{4,6})", text.strip(), re.IGNORECASE)
    try:
        if found is None:  # any other text could name a file for PROJ to open
            raise CRSError("no EPSG code")
        return CRS.from_epsg(int(found.group(1)))
    except CRSError as error:
        raise FieldError(f"“{text}” is no CRS", do="name an EPSG code", file=name, field="crs") from error


def _read_geojson(path: Path) -> gpd.GeoDataFrame:
    data = read_json(path)
    if isinstance(data, dict) and data.get("type") == "Feature":
        data = {"type": "FeatureCollection", "features": [data]}
    if not isinstance(data, dict) or not isinstance(data.get("features"), list):
        raise UnreadableFileError("this is not a GeoJSON feature collection", do="export it as GeoJSON", file=path.name)
    rows: list[dict[str, Any]] = []
    shapes: list[BaseGeometry | None] = []
    for number, item in enumerate(data["features"], 1):
        if not isinstance(item, dict):
            raise UnreadableFileError(
                "this is not a feature", do="export the file again", file=path.name, item=f"feature {number}"
            )
        row = dict(item.get("properties") or {})
        row.setdefault("id", item.get("id", str(number)))
        row["id"] = str(row["id"])
        try:
            shapes.append(None if item.get("geometry") is None else _geometry(item["geometry"]))
        except (ShapelyError, AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
            raise FieldError(
                "this is not a GeoJSON geometry",
                do="draw it again",
                file=path.name,
                item=f"feature {row['id']}",
                field="geometry",
            ) from error
        rows.append(row)
    table = gpd.GeoDataFrame(pd.DataFrame(rows, columns=_columns(rows)), geometry=shapes, crs=crs_of(data, path.name))
    table.attrs["members"] = {
        key: value for key, value in data.items() if key not in {"type", "features", "crs", "bbox"}
    }
    return table


def _geometry(data: Any) -> BaseGeometry:
    """A GeoJSON geometry in the plane."""
    if data["type"] != "Polygon" or not data["coordinates"]:
        return shapely.force_2d(shape(data))
    # Outlines traced from pixels have hundreds of corners: as arrays they are read in half the time.
    rings = [np.asarray(ring, np.float64)[:, :2] for ring in data["coordinates"]]
    return Polygon(rings[0], rings[1:])


def _columns(rows: list[dict[str, Any]]) -> list[str]:
    names = dict.fromkeys(name for row in rows for name in row if name != "geometry")
    return list(names) or ["id"]


def _refuse_links(path: Path) -> None:
    """GDAL opens a list of links to other files and hosts (an OGR VRT) under any name; we do not."""
    try:
        with path.open("rb") as stream:
            start = stream.read(4096)
    except OSError as error:
        raise UnreadableFileError("this file cannot be opened", do="check its permissions", file=path.name) from error
    if b"<OGRVRT" in start or start.lstrip().startswith(b"{") and b'"gdalg"' in start:
        raise UnsafeFileError(
            "this file only names other files, and such links are not followed",
            do="give the file itself",
            file=path.name,
        )


def read_table(path: Path) -> gpd.GeoDataFrame:
    """Features of a vector file, with their CRS; column ``id`` is text.

    Parameters
    ----------
    path
        GeoJSON, or any format GDAL reads (GPKG, SHP, KML, FlatGeobuf), by suffix.

    Returns
    -------
    GeoDataFrame
        Foreign members of a GeoJSON collection are in ``attrs["members"]``.

    Raises
    ------
    UnreadableFileError
        If the file cannot be read.
    UnsafeFileError
        If it only names other files or hosts.
    FieldError
        If a feature's geometry or the CRS cannot be used.
    """
    if path.suffix.lower() in _JSON:
        return _read_geojson(path)
    if not path.exists():
        raise UnreadableFileError("there is no such file", do="check the name", file=path.name)
    _refuse_links(path)
    try:
        table = pyogrio.read_dataframe(path)
    except Exception as error:  # GDAL's drivers raise what they like
        raise UnreadableFileError(
            "this is not a vector file that can be read", do="export it as GeoJSON or GPKG", file=path.name
        ) from error
    if not isinstance(table, gpd.GeoDataFrame) or table.crs is None:
        raise FieldError(
            "the file does not say which CRS it is in", do="export it with its CRS", file=path.name, field="crs"
        )
    try:
        Transformer.from_crs(table.crs, "EPSG:4326")
    except ProjError as error:  # a system of axes in some yard
        raise FieldError(
            "the CRS that this file names is no place on the earth",
            do="export it with an EPSG code, such as EPSG:4326",
            file=path.name,
            field="crs",
        ) from error
    if "id" not in table.columns:
        table.insert(0, "id", [str(number) for number in range(1, len(table) + 1)])
    table["id"] = table["id"].astype(str)
    table.attrs["members"] = {}
    return table


def read_tables(paths: Sequence[Path]) -> gpd.GeoDataFrame:
    """GeoJSON files as one table in EPSG:4326; files that do not exist are left out.

    Raises
    ------
    UnreadableFileError, FieldError
        As ``read_table``.
    """
    tables = [read_table(path) for path in paths if path.is_file()]
    tables = [table for table in tables if not table.empty]
    if not tables:
        return gpd.GeoDataFrame({"id": pd.Series(dtype=str)}, geometry=[], crs="EPSG:4326")
    for table in tables:
        table.attrs = {}  # joining compares them, and a file's members are of that file alone
    joined = pd.concat(tables, ignore_index=True)
    return gpd.GeoDataFrame(joined, geometry="geometry", crs="EPSG:4326")


def feature(properties: dict[str, Any], geometry: BaseGeometry | None) -> dict[str, Any]:
    """One GeoJSON feature; ``id`` in the properties is repeated as the feature's."""
    body = None if geometry is None else json.loads(json.dumps(mapping(geometry)))
    head = {"type": "Feature", **({"id": properties["id"]} if "id" in properties else {})}
    return {**head, "properties": properties, "geometry": body}


def feature_collection(features: list[dict[str, Any]], **members: Any) -> dict[str, Any]:
    """A GeoJSON feature collection with foreign members before its features."""
    return {"type": "FeatureCollection", **members, "features": features}


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, np.ndarray):
        return [_plain(item) for item in value.tolist()]
    if value is None or (isinstance(value, float) and not np.isfinite(value)) or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool) else str(value)


def table_features(table: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Rows of a table as GeoJSON features in longitude and latitude.

    A missing value is left out (unknown, never zero).
    """
    placed = table if table.crs is None or table.crs.to_epsg() == 4326 else table.to_crs("EPSG:4326")
    names = [name for name in placed.columns if name != placed.geometry.name]
    rows = placed[names].to_dict("records")
    features = []
    for row, geometry in zip(rows, placed.geometry, strict=True):
        properties = {str(key): plain for key, value in row.items() if (plain := _plain(value)) is not None}
        rounded = None if geometry is None else shapely.transform(geometry, lambda xy: np.round(xy, 8))
        features.append(feature(properties, rounded))
    return features


def write_table(path: Path, table: gpd.GeoDataFrame, **members: Any) -> None:
    """Write a table as GeoJSON in longitude and latitude, whole or not at all.

    Parameters
    ----------
    path
        Target, ``.geojson``.
    table
        In any CRS; ``None`` means longitude and latitude.
    members
        Foreign members of the collection (``geoinv`` for how it was made).
    """
    write_json(path, feature_collection(table_features(table), **members))
