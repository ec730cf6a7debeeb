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
from functools import cached_property, lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import numpy as np
import rasterio
import rasterio.warp
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio.crs import CRS
from rasterio.enums import ColorInterp, MaskFlags, Resampling
from rasterio.env import defenv, hasenv
from rasterio.errors import NotGeoreferencedWarning, RasterioError, RasterioIOError
from rasterio.transform import GCPTransformer, RPCTransformer
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window
from shapely.geometry.base import BaseGeometry

from geoinv.errors import FieldError, GeoinvError, UnreadableFileError
from geoinv.geometry.frames import frame_crs
from geoinv.imagery.metadata import band_names, scene_record
from geoinv.imagery.sensor import nodes_of, resampled, spread, window_of
from geoinv.records.places import Frame
from geoinv.records.scenes import SceneRecord

__all__ = ["Patch", "Scene", "open_scene", "record_of"]

Geometry = TypeVar("Geometry", bound=BaseGeometry)

#: Largest patch that is read at once, pixels; callers tile beyond it.
_LARGEST = 25_000_000
#: Megabytes of blocks that GDAL remembers; by itself it takes a twentieth of the machine.
_CACHE_MB = 200
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


class _Place:
    """Where a picture's pixels lie on the Earth: a transform and a CRS, a sensor's model (RPC), or control points.

    Pixels are columns and rows from the outer corner of the top left one. A model needs a height of the ground above
    the ellipsoid: the one told, else the model's own middle height.
    """

    def __init__(self, source: rasterio.io.DatasetReader, height_m: float | None) -> None:
        self._transform, self._crs = source.transform, source.crs
        self._model: RPCTransformer | GCPTransformer | None = None
        self._raised: RPCTransformer | None = None
        self.kind, self.height_m = "transform", None
        points, points_crs = source.gcps
        if source.crs is not None and not source.transform.is_identity:
            return
        if source.rpcs is not None:
            self.kind, self._crs = "rpc", "EPSG:4326"
            self.height_m = float(source.rpcs.height_off if height_m is None else height_m)
            self._model = RPCTransformer(source.rpcs, rpc_height=self.height_m)
            self._raised = RPCTransformer(source.rpcs, rpc_height=self.height_m + 100.0)
        elif len(points) >= 3 and points_crs is not None:
            self.kind, self._crs = "points", points_crs
            self._model = GCPTransformer(points)

    def close(self) -> None:
        for model in (self._model, self._raised):
            if model is not None:
                model.close()

    def lonlat(self, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
        """Longitude and latitude, (n, 2), of columns and rows, (n, 2)."""
        if self._model is None:
            xs, ys = _applied(self._transform, pixels[:, 0], pixels[:, 1])
        else:
            xs, ys = self._model.xy(pixels[:, 1].tolist(), pixels[:, 0].tolist(), offset="ul")
        lon, lat = rasterio.warp.transform(self._crs, "EPSG:4326", list(xs), list(ys))[:2]
        return np.column_stack([lon, lat])

    def pixels(self, lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        """Columns and rows, (n, 2), of longitude and latitude, (n, 2)."""
        xs, ys = rasterio.warp.transform("EPSG:4326", self._crs, lonlat[:, 0].tolist(), lonlat[:, 1].tolist())[:2]
        if self._model is None:
            return np.column_stack(_applied(~self._transform, np.asarray(xs), np.asarray(ys)))
        rows, columns = self._model.rowcol(xs, ys, op=lambda value: value)
        return np.column_stack([columns, rows]).astype(np.float64)

    def lean(self, size: tuple[int, int]) -> float | None:
        """Metres by which the picture's middle moves for each metre that the ground lies higher; ``None`` if not."""
        if self._model is None or self._raised is None:
            return None
        middle = [size[1] / 2], [size[0] / 2]
        one, other = (np.column_stack(model.xy(*middle, offset="ul"))[0] for model in (self._model, self._raised))
        return float(np.hypot(*((other - one) * _degree_m(math.radians(one[1]))))) / 100.0


class Scene:
    """An open scene; use with ``with``.

    Attributes
    ----------
    path
        Where it lies.
    record
        What is known of it; its ``shift_m`` shifts every patch.
    """

    def __init__(self, path: Path, source: rasterio.io.DatasetReader, record: SceneRecord) -> None:
        self.path, self._source, self.record = path, source, record
        self._place = _Place(source, record.ground_height_m)
        alpha = [index for index, kind in enumerate(source.colorinterp, 1) if kind == ColorInterp.alpha]
        self._bands = tuple(index for index in source.indexes if index not in alpha)
        # No nodata value, mask or alpha: every pixel of the file is valid, if it is a number.
        self._whole = all(MaskFlags.all_valid in flags for flags in source.mask_flag_enums)
        self._floating = any(np.issubdtype(np.dtype(kind), np.floating) for kind in source.dtypes)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._place.close()
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
        lonlat = self._place.lonlat(ring)
        middle = lonlat.mean(axis=0)
        east, north = self.record.shift_m
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
        return _measured_gsd(self._place, self.size)

    @cached_property
    def bands(self) -> tuple[str | None, ...]:
        """What each band shows (``red``, ``nir``, ``pan`` …): as the record says, else the file; else ``None``."""
        own = [self._source.colorinterp[index - 1].name for index in self._bands]
        described = [self._source.descriptions[index - 1] for index in self._bands]
        return band_names(len(self._bands), (self.record.bands, described, own))

    @cached_property
    def display(self) -> tuple[int, int, int]:
        """Indices of red, green and blue as `bands` names them, else the first three, else the first thrice."""
        if all(name in self.bands for name in ("red", "green", "blue")):
            red, green, blue = (self.bands.index(name) for name in ("red", "green", "blue"))
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

    def placed(self) -> dict[str, Any]:
        """How the picture is placed, as fields of its record: georeference, ground height and lean of an RPC, bands."""
        lean = self._place.lean(self.size)
        return {
            "georeference": self._place.kind,
            "ground_height_m": self._place.height_m,
            "lean_m_per_m": None if lean is None else round(lean, 4),
            "bands": None if None in self.bands else self.bands,
        }

    def tags(self) -> dict[str, str]:
        """The file's own tags, all domains that can speak of the picture in one mapping; never the file's date."""
        found: dict[str, str] = {}
        for space in (None, "IMD", "IMAGERY"):
            found |= self._source.tags() if space is None else self._source.tags(ns=space)
        return {key: value for key, value in found.items() if key.upper() != "TIFFTAG_DATETIME"}

    def window(
        self, part: tuple[int, int, int, int], shape: tuple[int, int] | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Pixels of a part of the picture as they lie in the file.

        Parameters
        ----------
        part
            Column, row, width and height, within the picture.
        shape
            Rows and columns to average it to; its own by default.

        Returns
        -------
        tuple
            float32 (bands, rows, columns) without alpha, and bool (rows, columns) where they are valid.

        Raises
        ------
        UnreadableFileError
            If pixels cannot be read.
        """
        rows, columns = shape or (part[3], part[2])
        with _reading(self.path):
            pixels = self._source.read(
                self._bands,
                window=Window(*part),
                out_shape=(len(self._bands), rows, columns),
                out_dtype="float32",
                resampling=Resampling.nearest if shape is None else Resampling.average,
            )
            if self._whole:
                return pixels, np.ones((rows, columns), bool)
            return pixels, self._source.dataset_mask(window=Window(*part), out_shape=(rows, columns)) > 0

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
        shift_east, shift_north = self.record.shift_m
        transform = Affine(step, 0, west - shift_east, 0, -step, north - shift_north)
        nodes, shape = nodes_of(frame, transform, width, height)
        on_scene = self._place.pixels(nodes)
        margin = on_scene.min(axis=0).min(), (np.array(self.size) - on_scene.max(axis=0)).min()
        within = min(margin) >= 0
        with _reading(self.path):
            if self._place.kind == "transform":
                pixels, valid = self._warped(frame, transform, (width, height), step)
            else:
                columns, rows = (spread(on_scene[:, k].reshape(shape), width, height) for k in (0, 1))
                pixels, valid = self._modelled(columns, rows, step)
        if not within:
            # Without nodata, mask or alpha the warper cannot say where the scene ends.
            columns, rows = (spread(on_scene[:, k].reshape(shape), width, height) for k in (0, 1))
            valid &= (columns >= 0) & (columns <= self.size[0]) & (rows >= 0) & (rows <= self.size[1])
        if self._floating:
            valid &= np.isfinite(pixels).all(axis=0)
        if not valid.all():
            pixels[:, ~valid] = 0.0
        return Patch(pixels, valid, frame, west, north, step, self.stretch, self.display)

    def _warped(
        self, frame: Frame, transform: Affine, size: tuple[int, int], step: float
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Pixels of a patch of a scene that a transform places, by GDAL's warper."""
        # Averaging keeps fine texture from aliasing where the patch is coarser; cubic keeps edges where it is not.
        resampling = Resampling.average if step > 1.5 * self.gsd else Resampling.cubic
        with WarpedVRT(
            self._source,
            crs=_warp_crs(frame),
            transform=transform,
            width=size[0],
            height=size[1],
            resampling=resampling,
            dtype="float32",
        ) as warped:
            pixels = warped.read(self._bands).astype(np.float32, copy=False)
            return pixels, np.ones(size[::-1], bool) if self._whole else warped.dataset_mask() > 0

    def _modelled(
        self, columns: NDArray[np.float64], rows: NDArray[np.float64], step: float
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Pixels of a patch of a scene that a sensor's model or control points place."""
        part = window_of(columns, rows, self.size)
        if part is None:
            return np.zeros((len(self._bands), *columns.shape), np.float32), np.zeros(columns.shape, bool)
        shrink = max(1.0, step / self.gsd)
        shape = max(1, round(part[3] / shrink)), max(1, round(part[2] / shrink))
        return resampled(columns, rows, part, shape, lambda: self.window(part, shape))


@lru_cache(maxsize=64)
def _warp_crs(frame: Frame) -> CRS:
    """The frame's CRS as the warper wants it; reading it from text takes longer than a small patch."""
    return CRS.from_wkt(frame_crs(frame).to_wkt())


def _applied(
    transform: Affine, x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return transform.a * x + transform.b * y + transform.c, transform.d * x + transform.e * y + transform.f


def _degree_m(lat: float) -> NDArray[np.float64]:
    """Metres of a degree of longitude and of latitude on WGS 84 to 1e-4, at a latitude in radians (NGA.STND.0036)."""
    return np.array([111_412.84 * math.cos(lat) - 93.5 * math.cos(3 * lat), 111_132.92 - 559.82 * math.cos(2 * lat)])


def _measured_gsd(place: _Place, size: tuple[int, int]) -> float:
    """Square root of the ground area of the middle pixel, metres."""
    c, r = size[0] / 2, size[1] / 2
    corners = place.lonlat(np.array([[c, r], [c + 1, r], [c + 1, r + 1], [c, r + 1]]))
    metres = _degree_m(math.radians(float(corners[:, 1].mean())))
    area = float(shapely.Polygon((corners - corners[0]) * metres).area)
    return math.sqrt(area) if area > 0 else 1.0


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Read within the memory that is allowed, and say in a sentence what cannot be read."""
    try:
        if not hasenv():
            # Made once a thread and kept: an environment for every window costs a tenth of what reading it does.
            defenv(GDAL_CACHEMAX=_CACHE_MB)
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
    crs = source.crs or (source.gcps[1] if len(source.gcps[0]) >= 3 else None)
    placed = crs is not None and (crs.is_geographic or crs.is_projected)
    straight = placed and not source.transform.is_identity
    if not straight and source.rpcs is None and not (placed and len(source.gcps[0]) >= 3):
        raise FieldError(
            "this picture does not say where on the Earth it lies",
            do="georeference it (a CRS and a transform) or give the product that came with its map coordinates or RPC",
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


def open_scene(
    path: Path, record: SceneRecord | None = None, *, stretch: tuple[tuple[float, float], ...] | None = None
) -> Scene:
    """Open a scene.

    Parameters
    ----------
    path
        GeoTIFF, COG or anything GDAL reads, with a CRS and a transform, with control points, or with an RPC (inside
        it or in a .RPB or _RPC.TXT beside it).
    record
        What is known of it; by default only its name and what its georeference gives (see `record_of`).
    stretch
        The contrast stretch if it was taken before (`Scene.stretch`).

    Raises
    ------
    UnreadableFileError
        If it is no picture, truncated, or of complex radar values.
    FieldError
        If nothing places it: no CRS and transform, no control points, no RPC.
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
        if stretch is not None:
            scene.__dict__["stretch"] = stretch
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
    told = scene_record(path.name, tags=tags, sidecar=sidecar)
    with open_scene(path, told) as scene:
        placed = scene.placed()
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
        placed=placed,
        sha256=digest.hexdigest(),
        gsd_m=gsd,
        bounds=(west, south, east, north),
    )
