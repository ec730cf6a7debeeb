"""Views of a case for people and their tools: tables with a CRS, and the GeoPackage for QGIS."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from geoinv.case.exported import REASON, exported_tables
from geoinv.case.folder import Case
from geoinv.case.geopackages import open_geopackage
from geoinv.errors import ReadOnlyError
from geoinv.files.atomic import has_room, temporary_prefix
from geoinv.files.geojson import read_tables

__all__ = ["case_layers", "case_view", "case_view_bytes", "flattened", "geopackage_bytes"]

#: One time wherever the format wants one, so that a view is the same bytes whenever it is made; and no waiting for the
#: disk after each layer: what is written here is temporary.
_OPTIONS = {
    "OGR_CURRENT_DATE": "2000-01-01T00:00:00Z",
    "OGR_SQLITE_SYNCHRONOUS": "OFF",
    "OGR_SQLITE_JOURNAL": "MEMORY",
}
#: SQLite's own version number in the header differs between machines; nothing reads it.
_SQLITE_VERSION, _VERSION_AT = 3040001, 96
_LAYERS = {
    "footprints": "footprints.geojson",
    "unplaced": "unplaced.geojson",
    "rooms": "rooms.geojson",
    "incidents": "incidents.geojson",
    "candidates": "candidates.geojson",
    "locations": "location.geojson",
}
#: Layers about whose rows a person can decide, and the columns that are there to be filled in, empty or not.
_DECIDED = {
    "footprints": ("id", "facility", "role", "labels", "drawn", "status", "not_before", "not_after", REASON),
    "rooms": ("role", "use", "labels", "drawn", REASON),
    "incidents": ("date", "place_label", "room_label", "summary", "certainty", "footprint", "room", REASON),
}


def case_layers(case: Case) -> dict[str, gpd.GeoDataFrame]:
    """Layers of ``case.gpkg``: everything built, of all facilities, each row with its facility."""
    slugs = [facility.slug for facility in case.facilities()]
    layers = {}
    for name, file in _LAYERS.items():
        tables = []
        for slug in slugs:
            table = read_tables([case.models_dir(slug) / file])
            tables.append(table if "facility" in table.columns else table.assign(facility=slug))
        tables = [table for table in tables if not table.empty]
        if tables:
            layers[name] = gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), geometry="geometry", crs="EPSG:4326")
    if slugs and "footprints" not in layers:  # a person may draw the first
        layers["footprints"] = gpd.GeoDataFrame({"id": pd.Series(dtype=object)}, geometry=[], crs="EPSG:4326")
    for name, columns in _DECIDED.items():
        if name in layers:
            missing = {column: None for column in columns if column not in layers[name].columns}
            layers[name] = layers[name].assign(**missing)
    return layers


def _flat(value: Any) -> Any:
    """A cell as a flat format holds it: nested values are JSON text, what is unknown is empty."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return None if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)) else value


def flattened(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A table whose nested cells are JSON text, as flat formats need it."""
    flat = table.copy()
    flat.attrs = {}
    for name in flat.columns:
        if name != flat.geometry.name and flat[name].dtype == object:
            cells = [_flat(value) for value in flat[name]]
            whole = all(cell is None or isinstance(cell, int | float) for cell in cells)
            flat[name] = pd.Series(cells, index=flat.index, dtype=float if whole and any(cells) else object)
    return flat


def geopackage_bytes(layers: Mapping[str, gpd.GeoDataFrame | None], *, beside: Path) -> bytes:
    """Tables as the layers of a GeoPackage (OGC 12-128), nested cells as JSON text: the same bytes for the same tables.

    Parameters
    ----------
    layers
        What to write.
    beside
        Folder in which it lies while it is written: a killed build must leave nothing in the system's temporary folder.

    Raises
    ------
    ReadOnlyError
        If there is no room to write it.
    """
    with _written(layers, beside) as path:
        return path.read_bytes()


@contextmanager
def case_view(case: Case, *, beside: Path) -> Iterator[Path]:
    """The view ``case.gpkg`` as it would be written now, with what it was made of; gone when the block ends.

    Parameters
    ----------
    case
        The case, built; it has a facility at least.
    beside
        As for ``geopackage_bytes``.

    Raises
    ------
    ReadOnlyError
        If there is no room to write it.
    """
    with _written(case_layers(case), beside) as path:
        with open_geopackage(path) as package:
            tables = exported_tables(case, package)
        with _gdal():
            for name, rows in tables.items():
                pyogrio.write_dataframe(rows, path, layer=name, driver="GPKG", append=True)
                _check_whole(path, name, len(rows))
        _unmark(path)
        yield path


def case_view_bytes(case: Case, *, beside: Path) -> bytes:
    """``case.gpkg``: the same bytes for the same built case at the same head of the ledger.

    Parameters
    ----------
    case, beside
        As for ``case_view``.

    Raises
    ------
    ReadOnlyError
        If there is no room to write it.
    """
    with case_view(case, beside=beside) as path:
        return path.read_bytes()


@contextmanager
def _gdal() -> Iterator[None]:
    """GDAL writes one and the same time wherever its formats want one; what it raises is in our words."""
    before = {name: pyogrio.get_gdal_config_option(name) for name in _OPTIONS}
    pyogrio.set_gdal_config_options(_OPTIONS)
    try:
        yield
    except OSError as error:
        raise ReadOnlyError(f"the GeoPackage cannot be written ({error})", do="make room on the disk") from error
    finally:
        pyogrio.set_gdal_config_options(before)


@contextmanager
def _written(layers: Mapping[str, gpd.GeoDataFrame | None], beside: Path) -> Iterator[Path]:
    """Tables written as the layers of a temporary GeoPackage."""
    with tempfile.TemporaryDirectory(prefix=temporary_prefix(), dir=beside) as folder:
        path = Path(folder) / "view.gpkg"
        with _gdal():
            for name, table in layers.items():
                if table is not None:
                    kinds = set(table.geom_type.dropna())
                    kind = "Polygon" if not kinds else None if len(kinds) == 1 else "Unknown"
                    pyogrio.write_dataframe(
                        flattened(table), path, layer=name, driver="GPKG", append=path.exists(), geometry_type=kind
                    )
                    _check_whole(path, name, len(table))
        _unmark(path)
        yield path


def _check_whole(path: Path, layer: str, rows: int) -> None:
    """Read back what was written: GDAL writes a GeoPackage on over a full disk without a word."""
    try:
        whole = pyogrio.read_info(path, layer=layer)["features"] == rows
    except (DataLayerError, DataSourceError):
        whole = False
    if not whole or not has_room(path.parent):
        raise ReadOnlyError("the disk is full", do="make room and run the command again", file=path.name)


def _unmark(path: Path) -> None:
    """Set SQLite's own version number to one and the same."""
    with path.open("r+b") as stream:
        stream.seek(_VERSION_AT)
        stream.write(_SQLITE_VERSION.to_bytes(4, "big"))
