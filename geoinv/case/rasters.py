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
    rows, columns = max(1, round((north - south) / step)), max(1, round((east - west) / step))
    density = np.zeros((rows, columns), np.float32)
    # Large cells first, so that a small cell inside a pixel of a large one's edge wins.
    for index in kept[np.argsort(-half[kept], kind="stable")]:
        left, right = np.clip(np.round((centre[index, 0] + half[index] * np.array([-1, 1]) - west) / step), 0, columns)
        top, bottom = np.clip(np.round((north - centre[index, 1] + half[index] * np.array([-1, 1])) / step), 0, rows)
        density[int(top) : max(int(bottom), int(top) + 1), int(left) : max(int(right), int(left) + 1)] = np.exp(
            fused.log_density[index]
        )
    write_geotiff(path, density, Affine(step, 0, west, 0, -step, north), fused.frame.proj, nodata=0.0)
