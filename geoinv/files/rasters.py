"""GeoTIFF out: whole or not at all, the same bytes every time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.errors import RasterioError

from geoinv.errors import FieldError, ReadOnlyError
from geoinv.files.atomic import atomic_path

__all__ = ["write_geotiff"]


def write_geotiff(path: Path, array: NDArray[Any], affine: Affine, crs: Any, *, nodata: float | None = None) -> None:
    """Write a tiled, deflated GeoTIFF.

    Parameters
    ----------
    path
        Target, ``.tif``.
    array
        Shape (height, width) or (bands, height, width); ``uint8``, ``uint16``, ``int16``, ``float32`` or ``float64``.
    affine
        From pixel (column, row, from the top left corner) to ``crs`` units.
    crs
        Anything rasterio takes (``"EPSG:4326"``, a PROJ string).
    nodata
        Value of pixels that are not known.

    Raises
    ------
    FieldError
        If the array or the CRS cannot be written.
    ReadOnlyError
        If the folder cannot be written.
    """
    bands = array[np.newaxis] if array.ndim == 2 else array
    if bands.ndim != 3 or not bands.size:
        raise FieldError("there are no pixels to write", do="give one or more bands of pixels", file=path.name)
    profile = {
        "driver": "GTiff", "width": bands.shape[2], "height": bands.shape[1], "count": bands.shape[0],
        "dtype": bands.dtype.name, "transform": affine, "crs": crs, "nodata": nodata, "compress": "deflate",
        "tiled": True, "blockxsize": 256, "blockysize": 256, "BIGTIFF": "IF_SAFER",
    }  # fmt: skip
    if bands.shape[0] == 3 and bands.dtype == np.uint8:
        profile["photometric"] = "RGB"
    try:
        with atomic_path(path) as temporary, rasterio.open(temporary, "w", **profile) as out:
            out.write(bands)
    except ReadOnlyError:
        raise
    except (RasterioError, ValueError, TypeError, KeyError) as error:
        raise FieldError("these pixels cannot be written as GeoTIFF", do="check the CRS and the kind of number",
                         file=path.name) from error  # fmt: skip
