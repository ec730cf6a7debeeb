"""A release's GeoPackage: layers with an R-tree each, and every feature also as the GeoJSON text that is served.

Written with the standard library (OGC 12-128r18), so that the same content gives the same bytes: GDAL stamps the time
of writing.
"""

from __future__ import annotations

import json
import sqlite3
import struct
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from geoinv.errors import ReadOnlyError, ReleaseError
from geoinv.files.atomic import temporary_prefix
from geoinv.files.geojson import feature

__all__ = ["Layer", "LayerFeature", "geopackage_bytes"]

_APPLICATION_ID, _USER_VERSION = 0x47504B47, 10300
#: Written where the format wants a time: a release is the same bytes whenever it is made.
_TIME = "1970-01-01T00:00:00.000Z"
#: SQLite's own version number in the header (offset 96) differs between machines; nothing reads it.
_SQLITE_VERSION = 3040001
#: SQLite's codes of a disk that takes no more: SQLITE_FULL, SQLITE_IOERR.
_NO_ROOM = (13, 10)
#: Columns that features are asked for by, over and over.
_ASKED = frozenset({"facility", "building", "room", "kind", "year", "perpetrator"})
_TYPES = {str: "TEXT", int: "INTEGER", float: "REAL", bool: "BOOLEAN"}

_WGS84 = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],'
    'UNIT["degree",0.0174532925199433],AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]'
)
_CORE = """
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, organization TEXT NOT
NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
  description TEXT DEFAULT '', last_change DATETIME NOT NULL, min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE,
  srs_id INTEGER REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL UNIQUE REFERENCES gpkg_contents(table_name),
  column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL REFERENCES
  gpkg_spatial_ref_sys(srs_id), z TINYINT NOT NULL, m TINYINT NOT NULL, PRIMARY KEY (table_name, column_name));
CREATE TABLE gpkg_extensions (table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL,
  scope TEXT NOT NULL, UNIQUE (table_name, column_name, extension_name));
CREATE TABLE geojson (fid INTEGER PRIMARY KEY AUTOINCREMENT, collection TEXT NOT NULL, number INTEGER NOT NULL,
  id TEXT NOT NULL, first_day TEXT, last_day TEXT, west DOUBLE, south DOUBLE, east DOUBLE, north DOUBLE,
  upright BOOLEAN NOT NULL, body TEXT NOT NULL, UNIQUE (collection, id), UNIQUE (collection, number));
CREATE INDEX geojson_days ON geojson (collection, first_day, last_day, number);
CREATE INDEX geojson_nowhere ON geojson (collection, number) WHERE west IS NULL;
"""


@dataclass(frozen=True)
class LayerFeature:
    """One feature of a layer.

    Attributes
    ----------
    id
        Unique in its layer.
    geometry
        Longitude and latitude, or ``None`` where no place is shown.
    properties
        JSON-ready; what is not known is left out.
    first_day, last_day
        ISO days between which it lies, ``None`` where not known.
    """

    id: str
    geometry: BaseGeometry | None
    properties: dict[str, Any]
    first_day: str | None = None
    last_day: str | None = None


@dataclass(frozen=True)
class Layer:
    """One layer: its name, what it holds in words, its columns with their types, its features."""

    name: str
    description: str
    columns: dict[str, type]
    features: tuple[LayerFeature, ...] = field(default=())


def _blob(geometry: BaseGeometry) -> bytes:
    """GeoPackage binary (clause 2.1.3): little-endian header with an envelope, then WKB."""
    west, south, east, north = geometry.bounds
    head = b"GP" + bytes([0, 0b00000011]) + struct.pack("<i4d", 4326, west, east, south, north)
    return head + bytes(shapely.to_wkb(geometry, byte_order=1))


def _is_upright(geometry: BaseGeometry | None) -> bool:
    """Whether a geometry is all that its bounds say: a point, a box along the axes, or none."""
    return geometry is None or geometry.geom_type == "Point" or bool(geometry.equals(box(*geometry.bounds)))


def _flat(value: Any) -> Any:
    """A property in a column: nested values are JSON text."""
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return int(value) if isinstance(value, bool) else value


def _write_core(db: sqlite3.Connection) -> None:
    undefined = [
        ("Undefined Cartesian", -1, "NONE", -1, "undefined"),
        ("Undefined geographic", 0, "NONE", 0, "undefined"),
    ]
    rows = [*undefined, ("WGS 84", 4326, "EPSG", 4326, _WGS84)]
    db.executemany("INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, NULL)", rows)
    text = "features as they are served, ready-made"
    db.execute(
        "INSERT INTO gpkg_contents VALUES ('geojson', 'attributes', 'geojson', ?, ?, NULL, NULL, NULL, NULL, NULL)",
        (text, _TIME),
    )


def _write_layer(db: sqlite3.Connection, layer: Layer) -> None:
    name = layer.name
    columns = ", ".join(f'"{column}" {_TYPES[kind]}' for column, kind in layer.columns.items())
    db.execute(f'CREATE TABLE "{name}" (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom GEOMETRY, {columns})')
    db.execute(f'CREATE VIRTUAL TABLE "rtree_{name}_geom" USING rtree(id, minx, maxx, miny, maxy)')
    places = [item.geometry for item in layer.features if item.geometry is not None]
    bounds = tuple(float(edge) for edge in shapely.total_bounds(places)) if places else (None,) * 4
    db.execute(
        "INSERT INTO gpkg_contents VALUES (?, 'features', ?, ?, ?, ?, ?, ?, ?, 4326)",
        (name, name, layer.description, _TIME, *bounds),
    )
    db.execute("INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', 'GEOMETRY', 4326, 0, 0)", (name,))
    db.execute(
        "INSERT INTO gpkg_extensions VALUES (?, 'geom', 'gpkg_rtree_index', "
        "'http://www.geopackage.org/spec120/#extension_rtree', 'write-only')",
        (name,),
    )
    for column in sorted(_ASKED & layer.columns.keys()):
        db.execute(f'CREATE INDEX "{name}_{column}" ON "{name}" ("{column}")')
    holes = ", ".join("?" for _ in range(len(layer.columns) + 2))
    for number, item in enumerate(sorted(layer.features, key=lambda one: one.id), 1):
        values = [_flat(item.properties.get(column)) for column in layer.columns]
        blob = None if item.geometry is None else _blob(item.geometry)
        db.execute(f'INSERT INTO "{name}" VALUES ({holes})', (number, blob, *values))
        edges: tuple[float | None, ...] = (None,) * 4
        if item.geometry is not None:
            west, south, east, north = edges = item.geometry.bounds
            db.execute(f'INSERT INTO "rtree_{name}_geom" VALUES (?, ?, ?, ?, ?)', (number, west, east, south, north))
        body = json.dumps(
            feature(item.properties, item.geometry), ensure_ascii=False, separators=(",", ":"), allow_nan=False
        )
        db.execute(
            "INSERT INTO geojson "
            "(collection, number, id, first_day, last_day, west, south, east, north, upright, body) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (name, number, item.id, item.first_day, item.last_day, *edges, _is_upright(item.geometry), body),
        )


def geopackage_bytes(layers: Sequence[Layer], *, beside: Path) -> bytes:
    """The layers as a GeoPackage: the same bytes for the same content.

    Parameters
    ----------
    layers
        What to write.
    beside
        Folder in which it lies while it is written: a killed run must leave nothing in the system's temporary folder.

    Raises
    ------
    ReadOnlyError
        If the disk is full.
    ReleaseError
        If it cannot be written for another reason.
    """
    with tempfile.TemporaryDirectory(prefix=temporary_prefix(), dir=beside) as folder:
        path = Path(folder) / "release.gpkg"
        try:
            db = sqlite3.connect(path, isolation_level=None)
            db.execute("PRAGMA page_size = 4096")
            db.execute("PRAGMA journal_mode = MEMORY")
            db.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            db.execute(f"PRAGMA user_version = {_USER_VERSION}")
            db.executescript(_CORE)  # commits: only what follows is one transaction
            db.execute("BEGIN")
            _write_core(db)
            for layer in layers:
                _write_layer(db, layer)
            if db.in_transaction:
                db.execute("COMMIT")
            # Rewritten from scratch: no page keeps what an earlier state of it held.
            db.execute("VACUUM")
            db.close()
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in _NO_ROOM:
                raise ReadOnlyError(
                    "the disk is full", do="make room and run the command again", file=str(beside)
                ) from error
            raise ReleaseError(
                f"the release's GeoPackage cannot be written ({error})", do="run “geoinv doctor”"
            ) from error
        content = bytearray(path.read_bytes())
    content[96:100] = _SQLITE_VERSION.to_bytes(4, "big")
    return bytes(content)
