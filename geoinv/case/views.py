"""Views of a case for people and their tools: tables with a CRS, and the GeoPackage for QGIS."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd

from geoinv.files.geojson import read_table

__all__ = ["built_table"]


def built_table(paths: Sequence[Path]) -> gpd.GeoDataFrame:
    """Built GeoJSON files as one table in EPSG:4326; files that do not exist yet are left out."""
    tables = [read_table(path) for path in paths if path.is_file()]
    tables = [table for table in tables if not table.empty]
    if not tables:
        return gpd.GeoDataFrame({"id": pd.Series(dtype=str)}, geometry=[], crs="EPSG:4326")
    joined = pd.concat(tables, ignore_index=True)
    return gpd.GeoDataFrame(joined, geometry="geometry", crs="EPSG:4326")
