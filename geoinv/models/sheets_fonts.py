"""The typeface of sheets and renders, and how wide a text in it is."""

from __future__ import annotations

from contextlib import ExitStack
from functools import lru_cache
from importlib import resources
from pathlib import Path

from PIL import ImageFont

__all__ = ["FAMILY", "font", "font_folder", "text_width"]

#: Family name of the vendored face, with what to use where it is not there.
FAMILY = "Geoinv Sans"
#: Kept open for the life of the process: a package in an archive has its files unpacked for as long.
_KEEP = ExitStack()


@lru_cache(maxsize=1)
def font_folder() -> Path | None:
    """Folder of the vendored fonts; ``None`` where the package was cut down and has none."""
    place = resources.files("geoinv") / "api" / "static" / "fonts"
    if not place.is_dir():
        return None
    return _KEEP.enter_context(resources.as_file(place))


@lru_cache(maxsize=64)
def font(size: float, *, bold: bool = False) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The face at a size in pixels; Pillow's own where the vendored one is not there (no Hangul then)."""
    folder = font_folder()
    path = folder / f"GeoinvSans-{'Bold' if bold else 'Regular'}.otf" if folder else None
    if path is None or not path.is_file():
        return ImageFont.load_default(size)
    return ImageFont.truetype(str(path), size)


@lru_cache(maxsize=4096)
def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a line of text is, in the unit of ``size``."""
    return float(font(100, bold=bold).getlength(text)) * size / 100
