"""Scenes' pictures before GDAL is let loose on them: whether they are what they say, their size and their place."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import rasterio
from affine import Affine
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from geoinv.errors import UnreadableFileError, UnsafeFileError
from geoinv.files.limits import MEGABYTE, read_bytes
from geoinv.files.xmls import local, parse_xml, words_of

__all__ = ["PicturePlace", "picture_place"]

#: How pictures begin → GDAL's drivers for them. A suffix is not believed: GDAL opens lists of links under any name.
_DRIVERS: tuple[tuple[bytes, str], ...] = (
    (b"II*\0", "GTiff"), (b"MM\0*", "GTiff"), (b"II+\0", "GTiff"), (b"MM\0+", "GTiff"), (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"), (b"\0\0\0\x0cjP  ", "JP2OpenJPEG"), (b"\xff\x4f\xff\x51", "JP2OpenJPEG"), (b"BM", "BMP"),
)  # fmt: skip
#: Elements by which a VRT does more than arrange the files it names.
_NOT_PLAIN = {"PixelFunctionType", "PixelFunctionCode", "GDALWarpOptions", "PansharpeningOptions"}


@dataclass(frozen=True)
class PicturePlace:
    """Size of a picture and where its own file, or a world file beside it, puts it.

    Attributes
    ----------
    width, height
        Pixels.
    crs
        As the file says; ``None`` if it does not.
    affine
        From column and row to ``crs``; ``None`` if the file has none.
    modelled
        Whether control points or a sensor's model (RPC, in the file or beside it) place it instead.
    """

    width: int
    height: int
    crs: str | None
    affine: Affine | None
    modelled: bool = False


def _check_vrt(path: Path) -> None:
    """Let a VRT through only if it arranges plain pictures that lie in its own folder."""
    root = parse_xml(read_bytes(path, most=MEGABYTE), file=path.name, what="VRT")
    for element in root.iter():
        kind = local(element)
        if kind in _NOT_PLAIN or element.get("subClass") is not None:
            raise UnsafeFileError("this VRT computes rather than arranges", do="add the GeoTIFFs themselves",
                                  file=path.name, item=kind or None)  # fmt: skip
        if kind in ("SourceFilename", "SourceDataset"):
            name = words_of(element)
            beside = path.parent / name
            if element.get("relativeToVRT") != "1" or beside.name != name or not _lies(beside):
                raise UnsafeFileError(
                    "this VRT names a file that does not lie beside it, and such links are not followed",
                    do="add the GeoTIFFs themselves", file=path.name, item=f"“{name[:60]}”",
                )  # fmt: skip
            if _driver(beside) == "VRT":
                raise UnsafeFileError("this VRT names another VRT", do="add the GeoTIFFs themselves", file=path.name)


def _lies(path: Path) -> bool:
    """Whether there is such a file; no name that a disk cannot have is one."""
    try:
        return path.is_file()
    except OSError:
        return False


def _driver(path: Path) -> str | None:
    try:
        with path.open("rb") as stream:
            start = stream.read(512)
    except OSError as error:
        raise UnreadableFileError("this file cannot be opened", do="check its permissions", file=path.name) from error
    if not start:
        raise UnreadableFileError("this file is empty", do="export it again", file=path.name)
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<VRTDataset", b"<?xml")) and b"<VRTDataset" in start:
        return "VRT"
    return next((driver for magic, driver in _DRIVERS if start.startswith(magic)), None)


def picture_place(path: Path) -> PicturePlace:
    """Size and place of a scene's picture; no pixel is read.

    Parameters
    ----------
    path
        GeoTIFF, JPEG 2000, PNG, JPEG or BMP, known by content; a VRT only over such files in its own folder.

    Raises
    ------
    UnreadableFileError
        If it is none of these, or is damaged at its head.
    UnsafeFileError
        If it is a VRT that computes, or names files elsewhere.
    """
    driver = _driver(path)
    if driver is None:
        raise UnreadableFileError("this is not a picture that can be read", do="export it as GeoTIFF", file=path.name)
    if driver == "VRT":
        _check_vrt(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(path, driver=driver) as source:
                affine = None if source.transform.is_identity else source.transform
                crs = source.crs.to_string() if source.crs else None
                points, points_crs = source.gcps
                modelled = affine is None and (source.rpcs is not None or (len(points) >= 3 and points_crs is not None))
                return PicturePlace(source.width, source.height, crs, affine, modelled)
    except (RasterioError, ValueError, OSError) as error:
        raise UnreadableFileError(
            "this picture is damaged or incomplete", do="fetch or export it again", file=path.name
        ) from error
