"""Scenes: satellite pictures opened where they lie, read by windows, resampled to a facility's own metres.

The only module of the crafts that opens rasters. A scene of any CRS, rotated or not, of any real pixel type, with
nodata value, mask or alpha band, becomes north-up patches in metres of a `Frame`, so that everything after it thinks
in metres.
"""

from __future__ import annotations

import hashlib
import math
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import numpy as np
import rasterio
import rasterio.warp
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio.enums import ColorInterp, Resampling
from rasterio.errors import NotGeoreferencedWarning, RasterioError, RasterioIOError
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window
from shapely.geometry.base import BaseGeometry

from geoinv.errors import FieldError, GeoinvError, UnreadableFileError
from geoinv.geometry.frames import frame_crs, xy_to_lonlat
from geoinv.imagery.metadata import scene_record
from geoinv.records.places import Frame
from geoinv.records.scenes import SceneRecord

__all__ = ["Patch", "Scene", "open_scene", "record_of"]

Geometry = TypeVar("Geometry", bound=BaseGeometry)

#: Largest patch that is read at once, pixels; callers tile beyond it.
_LARGEST = 25_000_000
#: Pixels a side of the picture that the contrast stretch is taken from.
_THUMBNAIL = 1024


@dataclass(frozen=True)
class Patch:
    """A north-up piece of a scene in metres of a frame.

    Attributes
    ----------
    pixels
        float32, shape (bands, height, width); 0 where not ``valid``.
    valid
        bool, shape (height, width): where the scene has pixels.
    frame
        The frame of the metres.
    west, north
        Metres of the outer corner of the top left pixel.
    gsd
        Metres a pixel.
    stretch
        Per scene: (low, high) per displayed band, for `rgb`.
    display
        Indices into ``pixels`` of red, green, blue.
    """

    pixels: NDArray[np.float32]
    valid: NDArray[np.bool_]
    frame: Frame
    west: float
    north: float
    gsd: float
    stretch: tuple[tuple[float, float], ...]
    display: tuple[int, int, int]

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.valid.shape[0], self.valid.shape[1]

    @cached_property
    def rgb(self) -> NDArray[np.uint8]:
        """Red, green, blue under the scene's own stretch, shape (height, width, 3); grey scenes thrice the same."""
        out = np.zeros((*self.shape, 3), np.uint8)
        for channel, (band, (low, high)) in enumerate(zip(self.display, self.stretch, strict=True)):
            scaled = (self.pixels[band] - low) * (255.0 / max(high - low, 1e-12))
            out[..., channel] = np.clip(np.where(np.isfinite(scaled), scaled, 0), 0, 255).round().astype(np.uint8)
        return out

    @property
    def coloured(self) -> bool:
        """Whether the three displayed bands differ."""
        return len(set(self.display)) == 3

    def to_pixels(self, local: NDArray[np.float64]) -> NDArray[np.float64]:
        """Metres east and north, (n, 2), to column and row, (n, 2), from the outer corner of the top left pixel."""
        return np.column_stack([(local[:, 0] - self.west) / self.gsd, (self.north - local[:, 1]) / self.gsd])

    def to_metres(self, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
        """Column and row, (n, 2), to metres east and north, (n, 2)."""
        return np.column_stack([self.west + pixels[:, 0] * self.gsd, self.north - pixels[:, 1] * self.gsd])

    def drawn(self, geometry: Geometry) -> Geometry:
        """A geometry in metres of the frame in pixels of the patch."""
        return shapely.transform(geometry, self.to_pixels)

    def ground(self, geometry: Geometry) -> Geometry:
        """A geometry in pixels of the patch in metres of the frame."""
        return shapely.transform(geometry, self.to_metres)


class Scene:
    """An open scene; use with ``with``.

    Attributes
    ----------
    path
        Where it lies.
    record
        What is known of it; its ``offset_m`` shifts every patch.
    """

    def __init__(self, path: Path, source: rasterio.io.DatasetReader, record: SceneRecord) -> None:
        self.path, self._source, self.record = path, source, record
        alpha = [index for index, kind in enumerate(source.colorinterp, 1) if kind == ColorInterp.alpha]
        self._bands = tuple(index for index in source.indexes if index not in alpha)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._source.close()

    @property
    def name(self) -> str:
        """File name, as footprints cite it."""
        return self.record.name

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self._source.width, self._source.height

    @cached_property
    def bounds(self) -> BaseGeometry:
        """The scene's edge, longitude and latitude, with its offset applied."""
        width, height = self._source.width, self._source.height
        steps = np.linspace(0, 1, 9)[:-1]
        ring = np.concatenate(
            [
                np.column_stack([steps * width, 0 * steps]),
                np.column_stack([0 * steps + width, steps * height]),
                np.column_stack([(1 - steps) * width, 0 * steps + height]),
                np.column_stack([0 * steps, (1 - steps) * height]),
            ]
        )
        lonlat = _to_lonlat(self._source, ring)
        middle = lonlat.mean(axis=0)
        east, north = self.record.offset_m
        lonlat[:, 0] += east / (111_320 * max(math.cos(math.radians(middle[1])), 1e-6))
        lonlat[:, 1] += north / 110_574
        return shapely.Polygon(lonlat)

    @cached_property
    def frame(self) -> Frame:
        """A frame about the scene's middle."""
        middle = self.bounds.centroid
        return Frame.about((middle.x, middle.y))

    @cached_property
    def gsd(self) -> float:
        """Metres a pixel at the scene's middle, measured from its georeference."""
        return _measured_gsd(self._source)

    @cached_property
    def display(self) -> tuple[int, int, int]:
        """Indices of red, green and blue: as the file says, else the first three, else the first thrice."""
        kinds = [self._source.colorinterp[index - 1] for index in self._bands]
        named = [ColorInterp.red, ColorInterp.green, ColorInterp.blue]
        if all(kind in kinds for kind in named):
            red, green, blue = (kinds.index(kind) for kind in named)
            return red, green, blue
        return (0, 1, 2) if len(self._bands) >= 3 else (0, 0, 0)

    @cached_property
    def stretch(self) -> tuple[tuple[float, float], ...]:
        """Low and high value of each displayed band: all but a thousandth of the whole scene at either end.

        Taken from a thumbnail: shadows and bright roofs, which are little of a scene, stay apart. Byte pictures keep
        0 to 255: they were stretched by whoever made them.
        """
        if all(self._source.dtypes[self._bands[band] - 1] == "uint8" for band in self.display):
            return ((0.0, 255.0),) * 3
        shrink = max(1.0, max(self._source.width, self._source.height) / _THUMBNAIL)
        size = (max(1, round(self._source.height / shrink)), max(1, round(self._source.width / shrink)))
        found = []
        for band in self.display:
            with _reading(self.path):
                values = self._source.read(self._bands[band], out_shape=size, masked=True).astype(np.float64)
            kept = values.compressed()
            kept = kept[np.isfinite(kept)]
            low, high = np.percentile(kept, [0.1, 99.9]) if kept.size else (0.0, 1.0)
            found.append((float(low), float(high) if high > low else float(low) + 1.0))
        return tuple(found)

    def tags(self) -> dict[str, str]:
        """The file's own tags, all domains that can speak of the picture in one mapping; never the file's date."""
        found: dict[str, str] = {}
        for space in (None, "IMD", "IMAGERY"):
            found |= self._source.tags() if space is None else self._source.tags(ns=space)
        return {key: value for key, value in found.items() if key.upper() != "TIFFTAG_DATETIME"}

    def patch(self, frame: Frame, bounds: tuple[float, float, float, float], gsd: float | None = None) -> Patch:
        """Read a piece of the scene, north-up in metres.

        Parameters
        ----------
        frame
            Whose metres.
        bounds
            West, south, east, north in metres of the frame; the patch reaches at least so far.
        gsd
            Metres a pixel; the scene's own by default.

        Raises
        ------
        UnreadableFileError
            If pixels cannot be read (a truncated file), or the piece is too large to hold.
        """
        step = gsd or self.gsd
        west, south, east, north = bounds
        width, height = max(1, math.ceil((east - west) / step - 1e-6)), max(1, math.ceil((north - south) / step - 1e-6))
        if width * height > _LARGEST:
            raise UnreadableFileError(
                f"a piece of {width} × {height} pixels is too large to read at once",
                do="ask for a smaller area",
                file=self.path.name,
            )
        shift_east, shift_north = self.record.offset_m
        transform = Affine(step, 0, west - shift_east, 0, -step, north - shift_north)
        # Averaging keeps fine texture from aliasing where the patch is coarser; cubic keeps edges where it is not.
        resampling = Resampling.average if step > 1.5 * self.gsd else Resampling.cubic
        with (
            _reading(self.path),
            WarpedVRT(
                self._source,
                crs=frame_crs(frame).to_wkt(),
                transform=transform,
                width=width,
                height=height,
                resampling=resampling,
                dtype="float32",
            ) as warped,
        ):
            pixels = warped.read(self._bands).astype(np.float32)
            valid = warped.dataset_mask() > 0
        valid &= np.isfinite(pixels).all(axis=0)
        pixels[:, ~valid] = 0.0
        inside = _inside(self._source, frame, transform, width, height)
        valid &= inside
        pixels[:, ~inside] = 0.0
        return Patch(pixels, valid, frame, west, north, step, self.stretch, self.display)


def _applied(
    transform: Affine, x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return transform.a * x + transform.b * y + transform.c, transform.d * x + transform.e * y + transform.f


def _inside(
    source: rasterio.io.DatasetReader, frame: Frame, transform: Affine, width: int, height: int
) -> NDArray[np.bool_]:
    """Which pixels of a patch fall on the scene: without nodata, mask or alpha the warper cannot say so itself."""
    columns, rows = np.arange(0, width + 16, 16)[: width // 16 + 2], np.arange(0, height + 16, 16)[: height // 16 + 2]
    grid_c, grid_r = np.meshgrid(columns, rows)
    xs, ys = _applied(transform, grid_c.ravel().astype(np.float64), grid_r.ravel().astype(np.float64))
    lonlat = xy_to_lonlat(frame, np.column_stack([xs, ys]))
    east, north = rasterio.warp.transform("EPSG:4326", source.crs, lonlat[:, 0].tolist(), lonlat[:, 1].tolist())[:2]
    column, row = _applied(~source.transform, np.asarray(east), np.asarray(north))
    # Bilinear between nodes 16 pixels apart: a frame's metres bend against a map projection by far less than a pixel.
    at = [_spread(np.asarray(v).reshape(grid_c.shape), width, height) for v in (column, row)]
    inside: NDArray[np.bool_] = (at[0] >= 0) & (at[0] <= source.width) & (at[1] >= 0) & (at[1] <= source.height)
    return inside


def _spread(nodes: NDArray[np.float64], width: int, height: int) -> NDArray[np.float64]:
    """Values at pixel centres from nodes every 16 pixels."""
    across, down = (np.arange(width) + 0.5) / 16, (np.arange(height) + 0.5) / 16
    c, r = np.floor(across).astype(int), np.floor(down).astype(int)
    fc, fr = across - c, (down - r)[:, None]
    top = nodes[r][:, c] * (1 - fc) + nodes[r][:, c + 1] * fc
    bottom = nodes[r + 1][:, c] * (1 - fc) + nodes[r + 1][:, c + 1] * fc
    result: NDArray[np.float64] = top * (1 - fr) + bottom * fr
    return result


def _to_lonlat(source: rasterio.io.DatasetReader, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    xs, ys = _applied(source.transform, pixels[:, 0], pixels[:, 1])
    lon, lat = rasterio.warp.transform(source.crs, "EPSG:4326", list(xs), list(ys))[:2]
    return np.column_stack([lon, lat])


def _measured_gsd(source: rasterio.io.DatasetReader) -> float:
    """Square root of the ground area of the middle pixel, metres."""
    c, r = source.width / 2, source.height / 2
    corners = _to_lonlat(source, np.array([[c, r], [c + 1, r], [c + 1, r + 1], [c, r + 1]]))
    lat = math.radians(float(corners[:, 1].mean()))
    # Lengths of a degree on WGS 84 to 1e-4, series in the latitude (NGA.STND.0036).
    metres = np.array([111_412.84 * math.cos(lat) - 93.5 * math.cos(3 * lat), 111_132.92 - 559.82 * math.cos(2 * lat)])
    area = float(shapely.Polygon((corners - corners[0]) * metres).area)
    return math.sqrt(area) if area > 0 else 1.0


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except GeoinvError:
        raise
    except (RasterioError, ValueError, OSError) as error:
        raise UnreadableFileError(
            "part of this picture cannot be read: the file is damaged or incomplete",
            do="fetch or export it again",
            file=path.name,
        ) from error


def _check(path: Path, source: rasterio.io.DatasetReader) -> None:
    """Refuse what can never be placed or read, before anyone waits for it."""
    # A building site's own grid (an engineering CRS) is a CRS too, but leads to no place on the Earth.
    placed = source.crs is not None and (source.crs.is_geographic or source.crs.is_projected)
    if not placed or source.transform.is_identity:
        raise FieldError(
            "this picture does not say where on the Earth it lies",
            do="georeference it (a CRS and a transform) or give the product that came with its map coordinates",
            file=path.name,
            field="CRS",
        )
    if any(
        np.issubdtype(np.dtype(kind), np.complexfloating) for kind in source.dtypes if not kind.startswith("complex_")
    ):
        raise UnreadableFileError(
            "this picture holds complex radar values, not brightness", do="convert it to amplitude", file=path.name
        )
    rows, columns = source.block_shapes[0]
    last = Window(
        (source.width - 1) // columns * columns,
        (source.height - 1) // rows * rows,
        source.width - (source.width - 1) // columns * columns,
        source.height - (source.height - 1) // rows * rows,
    )
    for window in (Window(0, 0, min(columns, source.width), min(rows, source.height)), last):
        with _reading(path):
            source.read(1, window=window)


def open_scene(path: Path, record: SceneRecord | None = None) -> Scene:
    """Open a scene.

    Parameters
    ----------
    path
        GeoTIFF, COG or anything GDAL reads, with a CRS.
    record
        What is known of it; by default only its name and what its georeference gives (see `record_of`).

    Raises
    ------
    UnreadableFileError
        If it is no picture, truncated, or of complex radar values.
    FieldError
        If it has no CRS or no transform.
    """
    path = Path(path)
    if not path.exists():
        raise UnreadableFileError("there is no such file", do="check the name", file=path.name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # said below, in words
            source = rasterio.open(path)
    except RasterioIOError as error:
        raise UnreadableFileError(
            "this is not a picture that can be read", do="export it as GeoTIFF", file=path.name
        ) from error
    try:
        _check(path, source)
        scene = Scene(path, source, record or SceneRecord(name=path.name))
    except GeoinvError:
        source.close()
        raise
    return scene


def record_of(path: Path, sidecar: Mapping[str, Any] | None = None) -> SceneRecord:
    """What is known of a scene: its tags, what its georeference gives, and its sidecar, which goes before the tags.

    Parameters
    ----------
    path
        The picture.
    sidecar
        A STAC item or a plain mapping beside it, as parsed.

    Returns
    -------
    SceneRecord
        With ``missing`` naming what nobody gave.

    Raises
    ------
    UnreadableFileError, FieldError
        As `open_scene`; FieldError too if a field of the sidecar is impossible.
    """
    path = Path(path)
    with open_scene(path) as scene:
        tags = scene.tags()
        west, south, east, north = (round(float(value), 7) for value in scene.bounds.bounds)
        gsd = round(scene.gsd, 4)
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return scene_record(
        path.name,
        tags=tags,
        sidecar=sidecar,
        sha256=digest.hexdigest(),
        gsd_m=gsd,
        bounds=(west, south, east, north),
    )
