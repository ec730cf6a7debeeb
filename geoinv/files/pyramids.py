"""Shrunken copies of large pictures, so that a map zoomed out need not read every pixel; read and written by strips."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.windows import Window

from geoinv.errors import UnreadableFileError
from geoinv.files.atomic import atomic_path

__all__ = ["shrunk_copy"]

#: Rows of the copy that are made at once.
_ROWS = 256


def shrunk_copy(path: Path, target: Path, factor: int) -> None:
    """Write a copy of a placed picture, each pixel the average of ``factor`` × ``factor``.

    Bands, pixel type, nodata value and mask are kept; memory is that of a few hundred rows. A picture's own overviews
    are used where it has them.

    Parameters
    ----------
    path
        A picture with a transform.
    target
        GeoTIFF to write.
    factor
        At least 2.

    Raises
    ------
    UnreadableFileError
        If its pixels cannot be read.
    ReadOnlyError
        If the copy cannot be written.
    """
    with atomic_path(target, mode=0o600) as temporary:
        try:
            with rasterio.open(path) as source:
                _copy(source, temporary, factor)
        except (RasterioError, ValueError) as error:
            raise UnreadableFileError(
                "part of this picture cannot be read: the file is damaged or incomplete",
                do="fetch or export it again",
                file=path.name,
            ) from error


def _copy(source: rasterio.io.DatasetReader, target: Path, factor: int) -> None:
    width, height = max(1, source.width // factor), max(1, source.height // factor)
    profile = {
        "driver": "GTiff", "width": width, "height": height, "count": source.count, "dtype": source.dtypes[0],
        "crs": source.crs, "nodata": source.nodata, "tiled": True, "blockxsize": 256, "blockysize": 256,
        "compress": "deflate", "zlevel": 1, "BIGTIFF": "IF_SAFER",
        "transform": source.transform @ Affine.scale(source.width / width, source.height / height),
    }  # fmt: skip
    masked = any(rasterio.enums.MaskFlags.per_dataset in flags for flags in source.mask_flag_enums)
    alpha = any(rasterio.enums.MaskFlags.alpha in flags for flags in source.mask_flag_enums)
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(target, "w", **profile) as made:
        made.colorinterp = source.colorinterp
        masks = []
        for row in range(0, height, _ROWS):
            rows = min(_ROWS, height - row)
            window = Window(0, row * source.height / height, source.width, rows * source.height / height)
            pixels = source.read(window=window, out_shape=(source.count, rows, width), resampling=Resampling.average)
            made.write(pixels, window=Window(0, row, width, rows))
            if masked and not alpha:
                masks.append(source.dataset_mask(window=window, out_shape=(rows, width)))
        if masks:
            made.write_mask(np.concatenate(masks))
