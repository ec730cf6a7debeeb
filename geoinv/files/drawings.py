"""Drawings by content: pictures (PNG, JPEG, TIFF, HEIC …), SVG strokes, and the first page of a PDF as pixels."""

from __future__ import annotations

import importlib
import io
import warnings
from pathlib import Path

import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from geoinv.errors import FieldError, UnreadableFileError, UnsafeFileError
from geoinv.files.limits import MEGABYTE, MOST_PIXELS, read_bytes
from geoinv.files.svg import parse_svg
from geoinv.records.drawings import Drawing, RasterDrawing

__all__ = ["pages_of", "read_drawing"]

#: Brands of an ISO base media file that are still pictures (ISO/IEC 23008-12, annex B).
_HEIC = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1")
_FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "WEBP", "GIF")
#: A PDF's longer side in pixels: about 200 dots per inch on A4.
_PDF_SIDE = 2400
_LEAST_SIDE = 16
#: A JPEG is unpacked at a half, a quarter … of its size, as long as its longer side keeps this many pixels. It may then
#: be larger than other pictures: phones make 200 megapixels.
_KEPT_SIDE, _MOST_JPEG = 4000, 2.5 * MOST_PIXELS


def _plain_rgb(image: Image.Image) -> NDArray[np.uint8]:
    """Eight-bit RGB on white, of any mode a scanner or phone writes."""
    if image.mode.startswith("I") or image.mode == "F":
        values = np.asarray(image, dtype=np.float64)
        low, high = np.nanmin(values), np.nanmax(values)
        span = high - low if np.isfinite(high - low) and high > low else 1.0
        grey = np.nan_to_num((values - low) / span * 255).clip(0, 255).astype(np.uint8)
        return np.repeat(grey[..., np.newaxis], 3, axis=2)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        top = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", top.size, "white"), top)
    return np.ascontiguousarray(np.asarray(image.convert("RGB"), dtype=np.uint8))


def _dots(image: Image.Image) -> float | None:
    dots = image.info.get("dpi")
    try:
        value = float(dots[0]) if isinstance(dots, tuple) else 0.0
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    # Programs write 1 or 72 where they know nothing.
    return value if 73 <= value <= 4800 else None


def _is_heic(data: bytes) -> bool:
    return data[4:8] == b"ftyp" and data[8:12] in _HEIC


def _heic_reader(file: str) -> str:
    """Teach Pillow HEIC, if the extra is installed, and name the format.

    Raises
    ------
    UnreadableFileError
        If it is not installed: its decoder is LGPL, so nobody gets it unasked.
    """
    try:
        heif = importlib.import_module("pi_heif")
    except ImportError as error:
        raise UnreadableFileError(
            "this is a HEIC picture, which is not read without the extra “heic”",
            do="run “pip install geoinv[heic]”, or save it as JPEG and keep both", file=file,
        ) from error  # fmt: skip
    heif.register_heif_opener(thumbnails=False)
    return "HEIF"


def _picture(data: bytes, file: str) -> RasterDrawing:
    formats = (_heic_reader(file),) if _is_heic(data) else _FORMATS
    try:
        with warnings.catch_warnings():
            # The size is checked below, before a pixel is unpacked.
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(data), formats=formats)
            width, height = image.size
            # A progressive JPEG is held whole before it can be made smaller.
            in_parts = image.format == "JPEG" and not image.info.get("progressive")
            most = _MOST_JPEG if in_parts else MOST_PIXELS
            if width * height > most:
                raise UnsafeFileError(
                    f"this picture has {width * height / 1e6:.0f} megapixels, more than {most / 1e6:.0f}",
                    do="scan it at a lower resolution", file=file,
                )  # fmt: skip
            part = _KEPT_SIDE / max(width, height)
            if in_parts and part <= 0.5:
                image.draft(None, (int(width * part), int(height * part)))
            image.load()
            dots, shrunk = _dots(image), max(width, height) / max(image.size)
            pixels = _plain_rgb(ImageOps.exif_transpose(image))
    except UnsafeFileError:
        raise
    except UnidentifiedImageError as error:
        raise UnreadableFileError(
            "this is not a drawing that can be read", do="save it as PNG, JPEG, TIFF, PDF or SVG", file=file
        ) from error
    except Image.DecompressionBombError as error:
        raise UnsafeFileError("this picture is far too large", do="scan it at a lower resolution", file=file) from error
    except Exception as error:  # Pillow's decoders raise what they like on damaged pictures
        raise UnreadableFileError(
            "this picture is damaged or cut off", do="copy or scan it again", file=file
        ) from error
    if min(pixels.shape[:2]) < _LEAST_SIDE:
        raise FieldError("this picture is too small to hold a drawing", do="scan it again", file=file)
    return RasterDrawing(pixels, dots, shrunk=shrunk)


def _pdf(data: bytes, file: str) -> RasterDrawing:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        what = "this PDF is locked with a password" if "assword" in str(error) else "this is not a PDF that can be read"
        raise UnreadableFileError(what, do="save it again without a password", file=file) from error
    try:
        if len(document) == 0:
            raise UnreadableFileError("this PDF has no pages", do="export it again", file=file)
        page = document[0]
        width, height = page.get_size()
        if not (min(width, height) > 0 and max(width, height) < 1e6 and max(width, height) < 50 * min(width, height)):
            raise FieldError("the page has no usable size", do="export it again", file=file, item="page 1")
        scale = _PDF_SIDE / max(width, height)
        pixels = page.render(scale=scale, fill_color=(255, 255, 255, 255)).to_numpy()
    except (pypdfium2.PdfiumError, ValueError, MemoryError) as error:
        raise UnreadableFileError("the first page cannot be drawn", do="export it again", file=file) from error
    finally:
        document.close()
    rgb = np.repeat(pixels[..., :1], 3, axis=2) if pixels.shape[2] == 1 else pixels[..., 2::-1]
    return RasterDrawing(np.ascontiguousarray(rgb, dtype=np.uint8), 72 * scale, whole_page=True)


def read_drawing(path: Path) -> Drawing:
    """A drawing as received, lying the right way up.

    Parameters
    ----------
    path
        PNG, JPEG, TIFF (first page), BMP, WebP, GIF, HEIC (with the extra ``heic``), PDF (first page, rendered) or
        SVG, known by content.

    Returns
    -------
    RasterDrawing or VectorDrawing
        A picture's EXIF orientation is applied; transparency becomes white paper.

    Raises
    ------
    UnreadableFileError
        If the file is missing, empty, damaged or no drawing.
    UnsafeFileError
        If it has more than 100 megapixels (a JPEG: 250), or is a trap.
    FieldError
        If a shape or page in it cannot be used.
    """
    data = read_bytes(path, most=256 * MEGABYTE)
    if data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"%PDF") or b"%PDF-" in data[:1024]:
        return _pdf(data, path.name)
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if path.suffix.lower() == ".svg" or start.startswith((b"<?xml", b"<svg", b"<!DOCTYPE svg", b"<!--")):
        return parse_svg(data, file=path.name)
    return _picture(data, path.name)


def pages_of(path: Path) -> int:
    """How many pages or pictures a drawing's file holds; 1 where that cannot be said.

    Raises
    ------
    UnreadableFileError, UnsafeFileError
        If the file is missing, empty or far too large.
    """
    data = read_bytes(path, most=256 * MEGABYTE)
    try:
        if b"%PDF-" in data[:1024]:
            document = pypdfium2.PdfDocument(data)
            try:
                return len(document)
            finally:
                document.close()
        if data[:2] in (b"II", b"MM"):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return int(getattr(Image.open(io.BytesIO(data), formats=("TIFF",)), "n_frames", 1))
    except Exception:  # noqa: BLE001 - a count is a courtesy: what is wrong with the file is said by its reader
        return 1
    return 1
