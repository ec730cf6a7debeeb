"""What programs and devices leave in pictures and PDFs: where a camera was, whose it is, who saved a file."""

from __future__ import annotations

import contextlib
import importlib
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2
from PIL import Image, UnidentifiedImageError

__all__ = ["PROGRAMS", "Text", "of_pdf", "of_picture"]

#: Programs that put themselves where a document's author should be.
PROGRAMS = re.compile(
    r"(?:python-docx|openpyxl|microsoft office user|unknown|user|admin|kobotoolbox|libreoffice.*"
    r"|google (?:docs|sheets)|pandas|xlsxwriter"
    r"|geoinv)?",
    re.IGNORECASE,
)
#: Tags of a picture that tell of a person or a device (Exif 2.32, tables 4-8; XPAuthor is Microsoft's).
_EXIF: dict[int, tuple[str, str]] = {
    0x013B: ("Artist", "account"), 0x8298: ("Copyright", "account"), 0x013C: ("HostComputer", "device"),
    0x9C9D: ("XPAuthor", "account"), 0xA430: ("CameraOwnerName", "account"), 0xA431: ("BodySerialNumber", "device"),
    0xA435: ("LensSerialNumber", "device"), 0xC62F: ("CameraSerialNumber", "device"),
    0xA420: ("ImageUniqueID", "device"),
    0x927C: ("MakerNote", "device"),
}  # fmt: skip
_GPS, _EXIF_BLOCK = 0x8825, 0x8769
_XMP_POSITION = re.compile(r"exif:GPS(?:Latitude|Longitude)")


@dataclass(frozen=True)
class Text:
    """A piece of text and where in its file it stands.

    Attributes
    ----------
    place
        Such as ``row 3``, ``paragraph 12``, ``line 40``, ``sheet “Form”, row 2``, ``EXIF``.
    text
        As it stands there.
    column
        The column, key or tag it is filed under; empty where there is none.
    tells
        What such a field tells by itself (``device``, ``position``, ``account``), whatever stands in it.
    """

    place: str
    text: str
    column: str = ""
    tells: str | None = None


def _words(value: Any) -> str:
    if isinstance(value, bytes):
        value = value.decode("utf-16-le" if b"\0" in value[:4] else "utf-8", "replace")
    return str(value).replace("\0", "").strip()


def of_picture(data: bytes, file: str) -> Iterator[Text]:
    """What a picture's tags, comments and text chunks say; its pixels are not unpacked.

    Parameters
    ----------
    data
        A picture's bytes.
    file
        Its name.
    """
    with contextlib.suppress(ImportError):  # without the extra a HEIC picture is refused by its reader
        importlib.import_module("pi_heif").register_heif_opener(thumbnails=False)
    try:
        image = Image.open(io.BytesIO(data))
        exif = image.getexif()
        tags = {**dict(exif), **dict(exif.get_ifd(_EXIF_BLOCK))}
        position = exif.get_ifd(_GPS)
    except UnidentifiedImageError:
        return
    except Exception:  # noqa: BLE001 - Pillow's decoders raise what they like on damaged pictures
        return
    if 2 in position or 4 in position:
        yield Text("EXIF", "latitude and longitude", column="GPS", tells="position")
    for tag, (name, tells) in _EXIF.items():
        value = _words(tags.get(tag, ""))
        if value and not PROGRAMS.fullmatch(value):
            yield Text("EXIF", value, column=name, tells=tells)
    for key, value in image.info.items():
        if key in (
            "comment",
            "Comment",
            "xmp",
            "XML:com.adobe.xmp",
            "Author",
            "Description",
            "parameters",
            "Title",
        ) or (isinstance(value, str) and len(value) > 3):
            yield from _note(str(key), _words(value))


def _note(key: str, words: str) -> Iterator[Text]:
    """A comment or an XMP packet."""
    if _XMP_POSITION.search(words):
        yield Text("XMP", "latitude and longitude", column="GPS", tells="position")
    for match in re.finditer(r"(?:SerialNumber|LensSerialNumber)(?:=\"|>)([^\"<]+)", words):
        yield Text("XMP", match.group(1), column="SerialNumber", tells="device")
    for match in re.finditer(r"<dc:creator>(.*?)</dc:creator>", words, re.DOTALL):
        author = re.sub(r"<[^>]*>", " ", match.group(1)).strip()
        if author and not PROGRAMS.fullmatch(author):
            yield Text("XMP", author, column="creator", tells="account")
    is_author = key == "Author" and not PROGRAMS.fullmatch(words)
    yield Text(
        f"{key} of the picture", re.sub(r"<[^>]*>", " ", words), column=key, tells="account" if is_author else None
    )


def of_pdf(data: bytes, file: str) -> Iterator[Text]:
    """Who a PDF says made it, and the words on its pages.

    Parameters
    ----------
    data
        A PDF's bytes.
    file
        Its name.
    """
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        return
    try:
        about = document.get_metadata_dict()
        author = str(about.get("Author", "")).strip()
        if not PROGRAMS.fullmatch(author):
            yield Text("properties", author, column="Author", tells="account")
        for key in ("Title", "Subject", "Keywords"):
            if about.get(key):
                yield Text("properties", str(about[key]), column=key)
        for number in range(len(document)):
            page = document[number]
            for line in page.get_textpage().get_text_bounded().splitlines():
                yield Text(f"page {number + 1}", line)
    except (pypdfium2.PdfiumError, zlib.error):
        return
    finally:
        document.close()
