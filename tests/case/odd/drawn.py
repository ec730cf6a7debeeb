"""Odd drawings: SVG, PNG, JPEG, TIFF, PDF, HEIC."""

from __future__ import annotations

import importlib.util
import io
from typing import Any

from PIL import Image, ImageDraw

from tests.case.odd.making import Odd, png

__all__ = ["DRAWN"]

_ONE = {"sketch": 1}


def _svg(body: str, head: str = 'viewBox="0 0 100 80"') -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" {head}>{body}</svg>'.encode()


def _picture(form: str, mode: str = "RGB", size: tuple[int, int] = (60, 40), **options: Any) -> bytes:
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).rectangle((8, 8, 40, 30), outline="black")
    out = io.BytesIO()
    image.convert(mode).save(out, form, **options)
    return out.getvalue()


def _pages(form: str, count: int) -> bytes:
    first, *others = [Image.new("RGB", (60 + number, 40), "white") for number in range(count)]
    out = io.BytesIO()
    first.save(out, form, save_all=True, append_images=others)
    return out.getvalue()


def _turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return _picture("JPEG", exif=exif)


def _heic() -> Odd:
    """A HEIC picture where the extra is installed, else the sentence that says so."""
    data = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 40
    if importlib.util.find_spec("pi_heif") is None:
        return Odd("photo.heic", data, {}, 1, ("extra “heic”",), "sketches")
    return Odd("photo.heic", data, {}, 1, ("photo.heic",), "sketches")


_RECT = '<rect id="a" x="10" y="10" width="30" height="20" fill="none" stroke="black"/>'
_SVG = (
    Odd("plain.svg", _svg(_RECT), _ONE, 0, ("says of this drawing",), "sketches"),
    Odd("told.svg", _svg(_RECT), _ONE, 0, (), "sketches",
        {"told.yaml": b"witness: w1\ndrawn_by: witness\nperiod: 2009~\n"
        b"exposure: [imagery]\n"}),
    Odd("half-told.svg", _svg(_RECT + "<!-- -->"), _ONE, 0, ("which period it shows",), "sketches",
        {"half-told.yaml": b"witness: w1\ndrawn_by: interviewer\nseen_before: none\n"}),
    Odd("mistold.svg", _svg(_RECT + "<g/>"), {}, 1, ("mistold.yaml", "north"), "sketches",
        {"mistold.yaml": b"north: up\n"}),
    Odd("bomb.svg", b"<!DOCTYPE s [<!ENTITY a 'a'>]><svg>&a;</svg>", {}, 1, ("entities",), "sketches"),
    Odd("script.svg", _svg("<script>fetch('https://example.invalid')</script>" + _RECT), _ONE, folder="sketches"),
    Odd("image.svg", _svg('<image href="https://example.invalid/a.png"/>' + _RECT), _ONE, folder="sketches"),
    Odd("nan.svg", _svg('<path d="M nan 5 L 1e999 3"/>'), {}, 1, folder="sketches"),
    Odd("flat.svg", _svg(_RECT, 'viewBox="0 0 0 0"'), {}, 1, folder="sketches"),
    Odd("loop.svg", _svg('<g id="a"><use href="#a"/></g>'), _ONE, folder="sketches"),
    Odd("cut.svg", _svg(_RECT)[:60], {}, 1, ("not well-formed",), "sketches"),
    Odd("page.svg", b"<html/>", {}, 1, ("not",), "sketches"),
    Odd("text.svg", _svg('<text x="5" y="5">식당</text>'), _ONE, folder="sketches"),
)  # fmt: skip
_PIXELS = (
    Odd("plain.png", png(61, 41), _ONE, folder="sketches"),
    Odd("grey.png", _picture("PNG", "L"), _ONE, folder="sketches"),
    Odd("deep.tif", _picture("TIFF", "I"), _ONE, folder="sketches"),
    Odd("clear.png", _picture("PNG", "RGBA"), _ONE, folder="sketches"),
    Odd("palette.png", _picture("PNG", "P"), _ONE, folder="sketches"),
    Odd("line.png", _picture("PNG", "1"), _ONE, folder="sketches"),
    Odd("cut.png", png()[:50], {}, 1, ("damaged or cut off",), "sketches"),
    Odd("noise.png", b"\x89PNG\r\n\x1a\n" + b"x" * 200, {}, 1, (), "sketches"),
    Odd("tiny.png", png(4, 4), {}, 1, ("too small",), "sketches"),
    Odd("huge.png", png()[:16] + b"\0\1\x86\xa0\0\1\x86\xa0" + png()[24:], {}, 1, (), "sketches"),
    Odd("nothing.png", b"", {}, 1, ("empty",), "sketches"),
    Odd("plain.jpg", _picture("JPEG"), _ONE, folder="sketches"),
    Odd("turned.jpeg", _turned(), _ONE, folder="sketches"),
    Odd("print.jpg", _picture("JPEG", "CMYK"), _ONE, folder="sketches"),
    Odd("cut.jpg", _picture("JPEG", size=(61, 43))[:300], {}, 1, (), "sketches"),
    Odd("really-png.jpg", png(62, 42), _ONE, folder="sketches"),
    Odd("plain.tif", _picture("TIFF"), _ONE, folder="sketches"),
    Odd("fax.tif", _picture("TIFF", "1", compression="group4"), _ONE, folder="sketches"),
    Odd("pages.tif", _pages("TIFF", 3), _ONE, 0, ("first of its 3 pages",), "sketches"),
    Odd("cut.tiff", _picture("TIFF", size=(63, 43))[:200], {}, 1, (), "sketches"),
    Odd("plain.bmp", _picture("BMP"), _ONE, folder="sketches"),
    Odd("plain.webp", _picture("WEBP"), _ONE, folder="sketches"),
    Odd("plain.gif", _picture("GIF"), _ONE, folder="sketches"),
    Odd("plain.pdf", _pages("PDF", 1), _ONE, folder="sketches"),
    Odd("pages.pdf", _pages("PDF", 4), _ONE, 0, ("first of its 4 pages",), "sketches"),
    Odd("cut.pdf", _pages("PDF", 2)[:150], {}, 1, (), "sketches"),
    Odd("noise.pdf", b"%PDF-1.7\n" + b"x" * 100, {}, 1, ("not a PDF",), "sketches"),
    _heic(),
    Odd("notes.txt", b"two drawings by w1", {}, folder="sketches"),
    Odd("program.exe", b"MZ", {}, 1, ("does not know this kind",), "sketches"),
)  # fmt: skip

DRAWN: tuple[Odd, ...] = (*_SVG, *_PIXELS)
