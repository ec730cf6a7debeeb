"""Where a picture without map coordinates lies: its corners as typed by hand or by its provider, and world files."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
from affine import Affine

from geoinv.errors import FieldError, UnreadableFileError
from geoinv.files.limits import MEGABYTE, read_bytes
from geoinv.files.overlays import Corners

__all__ = ["corners_of", "pam_text", "plane_of", "read_world_file", "world_file_of"]

#: Order of a picture's corners everywhere: clockwise from the top left.
_ORDER = ("nw", "ne", "se", "sw")
_SPELLINGS = {
    "nw": ("nw", "northwest", "upper_left", "top_left", "ul"),
    "ne": ("ne", "northeast", "upper_right", "top_right", "ur"),
    "se": ("se", "southeast", "lower_right", "bottom_right", "lr"),
    "sw": ("sw", "southwest", "lower_left", "bottom_left", "ll"),
}
_WORLD = {".tif": (".tfw", ".tifw"), ".tiff": (".tfw", ".tiffw"), ".png": (".pgw", ".pngw"), ".jpg": (".jgw", ".jpgw"),
          ".jpeg": (".jgw", ".jpegw"), ".jp2": (".j2w",), ".bmp": (".bpw",)}  # fmt: skip


def _fold(name: str) -> str:
    return re.sub(r"[^a-z]+", "_", name.casefold()).strip("_")


def _degrees(value: Any, field: str, file: str, most: float) -> float:
    try:
        number = math.nan if isinstance(value, bool) else float(str(value).strip().rstrip("°"))
    except ValueError:
        number = math.nan
    if not -most <= number <= most:
        raise FieldError(
            f"“{str(value)[:40]}” is not a number of degrees", do="write decimal degrees such as 42.9051", file=file,
            field=field,
        )  # fmt: skip
    return number


def _listed(value: Any, file: str) -> Corners:
    """Corners as ``{nw: [lon, lat], …}`` or as a list of four, clockwise from the top left."""
    if isinstance(value, Mapping):
        named = {_fold(str(key)): item for key, item in value.items()}
        found = [next((named[name] for name in _SPELLINGS[key] if name in named), None) for key in _ORDER]
    else:
        found = list(value) if isinstance(value, list | tuple) else []
    if len(found) != 4 or any(not isinstance(pair, list | tuple) or len(pair) != 2 for pair in found):
        raise FieldError(
            "a picture has four corners, each with longitude and latitude", do="write nw, ne, se and sw, each as "
            "[longitude, latitude]", file=file, field="corners",
        )  # fmt: skip
    pairs = [
        (_degrees(pair[0], "corners", file, 540), _degrees(pair[1], "corners", file, 90))
        for pair in found
        if isinstance(pair, list | tuple)
    ]
    return pairs[0], pairs[1], pairs[2], pairs[3]


def _flat(told: Mapping[str, Any], file: str) -> Corners | None:
    """Corners as the archives of declassified pictures name them: ``NW Corner Lat dec``, ``NW Corner Long dec``."""
    folded = {_fold(str(key)): (str(key), value) for key, value in told.items()}
    pairs = []
    for corner in _ORDER:
        pair = []
        for words, most in ((("long_dec", "lon_dec", "long", "lon"), 540), (("lat_dec", "lat"), 90)):
            names = [f"{spelling}_corner_{word}" for spelling in _SPELLINGS[corner] for word in words]
            names += [f"{spelling}_{word}" for spelling in _SPELLINGS[corner] for word in words]
            name = next((name for name in names if name in folded and folded[name][1] not in (None, "")), None)
            if name is None:
                return None
            pair.append(_degrees(folded[name][1], folded[name][0], file, most))
        pairs.append((pair[0], pair[1]))
    return pairs[0], pairs[1], pairs[2], pairs[3]


def corners_of(told: Mapping[str, Any], *, file: str) -> Corners | None:
    """Corners of a picture that a sidecar gives, or ``None``.

    Parameters
    ----------
    told
        The sidecar's values: ``corners`` with ``nw``, ``ne``, ``se``, ``sw`` (or a list of four, clockwise from the
        top left), or USGS's eight columns (``NW Corner Lat dec`` …).
    file
        The sidecar's name, for messages.

    Raises
    ------
    FieldError
        If they are given and impossible.
    """
    value = told.get("corners")
    corners = _listed(value, file) if value is not None else _flat(told, file)
    if corners is None:
        return None
    lons, lats = zip(*corners, strict=True)
    if max(lons) - min(lons) > 180 or max(lats) == min(lats) or max(lons) == min(lons):
        raise FieldError("these corners enclose no ground", do="check the four corners", file=file, field="corners")
    return corners


def plane_of(corners: Corners, width: int, height: int) -> tuple[Affine, float]:
    """The plane map from pixels to degrees that fits four corners best, and by how much it misses them.

    Parameters
    ----------
    corners
        Longitude and latitude of the outer corners of the picture, clockwise from the top left.
    width, height
        Pixels.

    Returns
    -------
    affine
        From column and row (outer corner of the top left pixel at 0, 0) to longitude and latitude; least squares.
    off_m
        Largest distance between a corner and where the plane puts it, metres. A tilted view is not a plane.
    """
    pixels = np.array([[0, 0, 1], [width, 0, 1], [width, height, 1], [0, height, 1]], dtype=float)
    ground = np.array(corners, dtype=float)
    solution = np.linalg.lstsq(pixels, ground, rcond=None)[0]
    (a, d), (b, e), (c, f) = solution
    miss = pixels @ solution - ground
    metres = miss * np.array([111_320 * math.cos(math.radians(float(ground[:, 1].mean()))), 110_574])
    return Affine(a, b, c, d, e, f), float(np.hypot(metres[:, 0], metres[:, 1]).max())


def pam_text(affine: Affine, crs: str) -> str:
    """GDAL's own note beside a picture (``NAME.aux.xml``) saying where it lies; the picture is left as it is.

    Parameters
    ----------
    affine
        From column and row to ``crs``.
    crs
        As ``EPSG:4326``.
    """
    numbers = ", ".join(f"{value:.17g}" for value in affine.to_gdal())
    axes = ' dataAxisToSRSAxisMapping="2,1"' if crs == "EPSG:4326" else ""
    return f"<PAMDataset>\n  <SRS{axes}>{escape(crs)}</SRS>\n  <GeoTransform>{numbers}</GeoTransform>\n</PAMDataset>\n"


def world_file_of(picture: Path) -> Path | None:
    """The world file beside a picture (``.tfw``, ``.pgw``, ``.jgw``, ``.wld`` …), or ``None``."""
    suffixes = (*_WORLD.get(picture.suffix.lower(), ()), ".wld")
    names = [name for suffix in suffixes for name in (picture.with_suffix(suffix), picture.with_suffix(suffix.upper()))]
    return next((path for path in names if path.is_file()), None)


def read_world_file(path: Path) -> Affine:
    """The six numbers of a world file as a map from pixels (outer corner of the top left one) to its coordinates.

    Raises
    ------
    UnreadableFileError
        If there are not six numbers in it.
    """
    words = read_bytes(path, most=MEGABYTE).decode("ascii", "replace").replace(",", ".").split()
    try:
        a, d, b, e, c, f = (float(word) for word in words)
    except ValueError as error:
        raise UnreadableFileError("a world file has six numbers", do="export it again", file=path.name) from error
    if not all(map(math.isfinite, (a, b, c, d, e, f))) or a * e == b * d:
        raise UnreadableFileError("this world file covers no ground", do="export it again", file=path.name)
    # It names the middle of the top left pixel.
    return Affine(a, b, c - a / 2 - b / 2, d, e, f - d / 2 - e / 2)
