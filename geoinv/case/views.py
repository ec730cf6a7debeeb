"""Views of a case for people and their tools: tables with a CRS, and the GeoPackage for QGIS."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from geoinv.case.folder import Case
from geoinv.errors import ReadOnlyError
from geoinv.files.atomic import temporary_prefix
from geoinv.files.geojson import read_table

__all__ = ["built_table", "case_layers", "geopackage_bytes"]

#: Written where the format wants a time: a view is the same bytes whenever it is made.
_TIME = "2000-01-01T00:00:00Z"
#: SQLite's own version number in the header differs between machines; nothing reads it.
_SQLITE_VERSION, _VERSION_AT = 3040001, slice(96, 100)
_LAYERS = {
    "footprints": "footprints.geojson",
    "unplaced": "unplaced.geojson",
    "rooms": "rooms.geojson",
    "incidents": "incidents.geojson",
    "candidates": "candidates.geojson",
    "locations": "location.geojson",
}


def built_table(paths: Sequence[Path]) -> gpd.GeoDataFrame:
    """Built GeoJSON files as one table in EPSG:4326; files that do not exist yet are left out."""
    tables = [read_table(path) for path in paths if path.is_file()]
    tables = [table for table in tables if not table.empty]
    if not tables:
        return gpd.GeoDataFrame({"id": pd.Series(dtype=str)}, geometry=[], crs="EPSG:4326")
    for table in tables:
        table.attrs = {}  # joining compares them, and a file's members are of that file alone
    joined = pd.concat(tables, ignore_index=True)
    return gpd.GeoDataFrame(joined, geometry="geometry", crs="EPSG:4326")


def case_layers(case: Case) -> dict[str, gpd.GeoDataFrame]:
    """Layers of ``case.gpkg``: everything built, of all facilities, each row with its facility."""
    slugs = [facility.slug for facility in case.facilities()]
    layers = {}
    for name, file in _LAYERS.items():
        tables = []
        for slug in slugs:
            table = built_table([case.models_dir(slug) / file])
            tables.append(table if "facility" in table.columns else table.assign(facility=slug))
        tables = [table for table in tables if not table.empty]
        if tables:
            layers[name] = gpd.GeoDataFrame(pd.concat(tables, ignore_index=True), geometry="geometry", crs="EPSG:4326")
    return layers


def _flat(value: Any) -> Any:
    """A cell as a flat format holds it: nested values are JSON text, what is unknown is empty."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return None if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)) else value


def _flattened(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
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
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _TIME})
    try:
        with tempfile.TemporaryDirectory(prefix=temporary_prefix(), dir=beside) as folder:
            path = Path(folder) / "view.gpkg"
            for name, table in layers.items():
                if table is not None:
                    kind = None if len(set(table.geom_type.dropna())) == 1 else "Unknown"
                    pyogrio.write_dataframe(
                        _flattened(table), path, layer=name, driver="GPKG", append=path.exists(), geometry_type=kind
                    )
            content = bytearray(path.read_bytes())
    except OSError as error:
        raise ReadOnlyError(f"the GeoPackage cannot be written ({error})", do="make room on the disk") from error
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
    content[_VERSION_AT] = _SQLITE_VERSION.to_bytes(4, "big")
    return bytes(content)
