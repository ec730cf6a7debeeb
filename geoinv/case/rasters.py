"""The posterior of a location as a raster that GIS programs open."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from affine import Affine

from geoinv.facilities.locate import Posterior
from geoinv.files.rasters import write_geotiff

__all__ = ["write_posterior"]

#: Pixels a side; the area written holds all but a thousandth of the probability.
_SIDE, _LEFT_OUT = 400, 1e-3


def write_posterior(path: Path, fused: Posterior) -> None:
    """Write a posterior's probability density per square metre as a float32 GeoTIFF in the location's own metres."""
    centre, half = fused.cells.centre, fused.cells.size / 2
    mass = np.exp(fused.log_density + fused.cells.log_area)
    order = np.argsort(fused.log_density)[::-1]
    kept = order[: int(np.searchsorted(np.cumsum(mass[order]) / mass.sum(), 1 - _LEFT_OUT)) + 1]
    west, south = (centre[kept] - half[kept, None]).min(axis=0)
    east, north = (centre[kept] + half[kept, None]).max(axis=0)
    step = max(east - west, north - south) / _SIDE
    density = fused.raster((float(west), float(south), float(east), float(north)), float(step)).astype(np.float32)
    write_geotiff(path, density, Affine(step, 0, west, 0, -step, north), fused.frame.proj, nodata=0.0)
