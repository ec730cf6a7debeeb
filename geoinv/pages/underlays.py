"""Underlays: a dated picture of the ground in display colours, cut from a scene to a facility's surroundings."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from geoinv.errors import RefusalError
from geoinv.geometry.frames import to_local, to_lonlat
from geoinv.imagery.scene import Scene
from geoinv.records.places import Frame

__all__ = ["Underlay", "data_uri", "jpeg_bytes", "surroundings", "underlay_of", "webp_bytes"]

#: Longest side of an underlay in pixels: sharp on a page and in print, and under half a megabyte as JPEG.
LONGEST_SIDE = 1400


@dataclass(frozen=True)
class Underlay:
    """A picture of the ground, north up.

    Attributes
    ----------
    pixels
        ``uint8`` RGB, shape (height, width, 3).
    bounds
        West, south, east, north in degrees.
    date
        When the picture was taken, as known.
    attribution
        Whose picture it is; printed under every figure.
    simulated
        Whether the pixels were made by a program.
    """

    pixels: NDArray[np.uint8]
    bounds: tuple[float, float, float, float]
    date: str | None = None
    attribution: str = ""
    simulated: bool = False


def surroundings(shapes: Iterable[BaseGeometry], *, margin: float = 0.35, least_m: float = 25.0) -> BaseGeometry:
    """The box around shapes (longitude, latitude) with a margin: a share of the longer side, at least ``least_m``.

    Raises
    ------
    RefusalError
        If there are no shapes.
    """
    whole = unary_union([shape for shape in shapes if not shape.is_empty])
    if whole.is_empty:
        raise RefusalError("there is nothing to draw a map around", do="build the facility's footprints first")
    frame = Frame.about((whole.centroid.x, whole.centroid.y))
    west, south, east, north = to_local(frame, whole).bounds
    pad = max(least_m, margin * max(east - west, north - south))
    return to_lonlat(frame, box(west - pad, south - pad, east + pad, north + pad))


def underlay_of(scene: Scene, around: BaseGeometry) -> Underlay:
    """Cut an underlay from an open scene.

    Parameters
    ----------
    scene
        Open scene; its record gives date and attribution.
    around
        Area to show, longitude and latitude; the bounding box of what the scene shows of it is used.

    Raises
    ------
    RefusalError
        If the scene does not show the area.
    """
    if not scene.bounds.intersects(around):
        raise RefusalError("the scene does not show this place", do="use a scene that covers it", file=scene.name)
    shown = around.intersection(scene.bounds)
    frame = Frame.about((shown.centroid.x, shown.centroid.y))
    west, south, east, north = to_local(frame, shown).bounds
    gsd = max(scene.gsd, max(east - west, north - south) / LONGEST_SIDE)
    patch = scene.patch(frame, (west, south, east, north), gsd)
    pixels = patch.rgb.copy()
    pixels[~patch.valid] = 238
    height, width = patch.shape
    corners = box(patch.west, patch.north - height * patch.gsd, patch.west + width * patch.gsd, patch.north)
    record = scene.record
    attribution = record.attribution or record.provider or ""
    date = str(record.acquired) if record.acquired else None
    return Underlay(pixels, to_lonlat(frame, corners).bounds, date, attribution, record.simulated)


def jpeg_bytes(pixels: NDArray[np.uint8], *, quality: int = 74) -> bytes:
    """Pixels as a JPEG without any metadata: re-rendered, so that nothing of the original file comes along."""
    stream = io.BytesIO()
    Image.fromarray(pixels, "RGB").save(stream, "JPEG", quality=quality, optimize=True)
    return stream.getvalue()


def webp_bytes(pixels: NDArray[np.uint8], *, quality: int = 76) -> bytes:
    """Pixels as a WebP without any metadata, for pages: a third smaller than a JPEG that looks the same.

    Figures that people put into other programs keep JPEG: not every word processor reads WebP.
    """
    stream = io.BytesIO()
    Image.fromarray(pixels, "RGB").save(stream, "WEBP", quality=quality, method=6)
    return stream.getvalue()


def data_uri(content: bytes, media_type: str) -> str:
    """Bytes as a ``data:`` URI (RFC 2397)."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"
