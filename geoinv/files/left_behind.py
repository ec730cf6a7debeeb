"""What programs and devices leave in pictures and PDFs: where a camera was, whose it is, who saved a file."""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import re
import struct
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, IptcImagePlugin

from geoinv.errors import UnreadableFileError

__all__ = ["PROGRAMS", "Text", "Unseen", "of_pdf", "of_picture"]

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
#: Tags that hold somebody's words.
_EXIF_WORDS = {0x010D: "DocumentName", 0x010E: "ImageDescription", 0x011D: "PageName", 0x9286: "UserComment",
               0x9C9B: "XPTitle", 0x9C9C: "XPComment", 0x9C9E: "XPKeywords", 0x9C9F: "XPSubject"}  # fmt: skip
_GPS, _EXIF_BLOCK = 0x8825, 0x8769
#: Datasets of an IPTC block: who made the picture, and in words what it shows (IIM 4.2, record 2).
_IPTC_PEOPLE, _IPTC_WORDS = {80: "By-line", 110: "Credit", 115: "Source", 116: "Copyright", 122: "Writer"}, {
    5: "Title", 25: "Keywords", 40: "Instructions", 105: "Headline", 120: "Caption"}  # fmt: skip
_XMP_POSITION = re.compile(r"exif:GPS(?:Latitude|Longitude)")
_NOTES = ("comment", "Comment", "xmp", "XML:com.adobe.xmp", "Author", "Description", "parameters", "Title")
#: How far a text in a PNG is unpacked.
_MOST_NOTE = 1 << 20


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


@dataclass(frozen=True)
class Unseen:
    """Something in a file that cannot be looked through.

    Attributes
    ----------
    what
        In words that end “not looked through for names: …”.
    """

    what: str


def _words(value: Any) -> str:
    if isinstance(value, bytes):
        marks = {b"ASCII\0\0\0": "utf-8", b"UNICODE\0": "utf-16-le", b"JIS\0\0\0\0\0": "iso2022_jp"}
        encoding = marks.get(value[:8])
        if encoding is not None:  # a UserComment says first how it is written
            value = value[8:].decode(encoding, "replace")
        else:
            value = value.decode("utf-16-le" if b"\0" in value[:4] else "utf-8", "replace")
    return str(value).replace("\0", "").strip()


def of_picture(source: BinaryIO) -> Iterator[Text | Unseen]:
    """What a picture's tags, comments and text chunks say; its pixels are not unpacked, which is said.

    Parameters
    ----------
    source
        A picture's bytes.
    """
    yield Unseen("what is written in its pixels")
    with contextlib.suppress(ImportError):  # without the extra a HEIC picture is refused by its reader
        importlib.import_module("pi_heif").register_heif_opener(thumbnails=False)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's remarks on size and on damaged tags
            image = Image.open(source)
            exif = image.getexif()
            tags = {**dict(exif), **dict(exif.get_ifd(_EXIF_BLOCK))}
            position = exif.get_ifd(_GPS)
            iptc = IptcImagePlugin.getiptcinfo(image) or {}
    except Exception:  # noqa: BLE001 - Pillow's decoders raise what they like on damaged pictures
        yield Unseen("what its tags say: they cannot be read")
        return
    if 2 in position or 4 in position:
        yield Text("EXIF", "latitude and longitude", column="GPS", tells="position")
    for tag, (name, tells) in _EXIF.items():
        value = _words(tags.get(tag, ""))
        if value and not PROGRAMS.fullmatch(value):
            yield Text("EXIF", value, column=name, tells=tells)
    for tag, name in _EXIF_WORDS.items():
        if value := _words(tags.get(tag, "")):
            yield Text("EXIF", value, column=name)
    yield from _iptc(iptc)
    for key, value in image.info.items():
        if key in _NOTES or (isinstance(value, str) and len(value) > 3 and image.format != "PNG"):
            yield from _note(str(key), _words(value))
    if image.format == "PNG":
        yield from _png_notes(source, seen=frozenset(map(str, image.info)))


def _iptc(found: dict[Any, Any]) -> Iterator[Text]:
    for (record, number), values in sorted(found.items()):
        for value in values if isinstance(values, list) else [values]:
            words = _words(value)
            if record != 2 or not words:
                continue
            if number in _IPTC_WORDS:
                yield Text("IPTC", words, column=_IPTC_WORDS[number])
            elif number in _IPTC_PEOPLE and not PROGRAMS.fullmatch(words):
                yield Text("IPTC", words, column=_IPTC_PEOPLE[number], tells="account")


def _png_notes(source: BinaryIO, seen: frozenset[str]) -> Iterator[Text]:
    """Texts of a PNG wherever they stand: Pillow reads those behind the pixels only with the pixels."""
    source.seek(0)
    data = source.read()
    at = 8
    while at + 12 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + size]
        key, _, rest = body.partition(b"\0")
        name = key.decode("latin-1")
        if kind in (b"tEXt", b"zTXt", b"iTXt") and not (name in _NOTES and name in seen):
            yield from _note(name, _png_words(kind, rest))
        at += 12 + size


def _png_words(kind: bytes, rest: bytes) -> str:
    """The text of a chunk behind its keyword (PNG specification, 11.3.4)."""
    packed = kind == b"zTXt"
    if kind == b"iTXt":
        packed, rest = rest[:1] == b"\1", rest[2:].partition(b"\0")[2].partition(b"\0")[2]
    elif packed:
        rest = rest[1:]
    if packed:
        with contextlib.suppress(zlib.error):
            rest = zlib.decompressobj().decompress(rest, _MOST_NOTE)
    return rest.decode("utf-8" if kind == b"iTXt" else "latin-1", "replace")


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


def of_pdf(data: bytes, file: str) -> Iterator[Text | Unseen]:
    """Who a PDF says made it, the words on its pages, and remarks on them; pages without words are told.

    Parameters
    ----------
    data
        A PDF's bytes.
    file
        Its name.

    Raises
    ------
    UnreadableFileError
        If it cannot be opened.
    """
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise UnreadableFileError("this is not a PDF that can be read", do="save it again", file=file) from error
    try:
        about = document.get_metadata_dict()
        author = str(about.get("Author", "")).strip()
        if not PROGRAMS.fullmatch(author):
            yield Text("properties", author, column="Author", tells="account")
        for key in ("Title", "Subject", "Keywords"):
            if about.get(key):
                yield Text("properties", str(about[key]), column=key)
        start = data.find(b"<x:xmpmeta")
        end = data.find(b"</x:xmpmeta>", start)
        if 0 <= start < end:
            yield from _note("XMP", data[start:end].decode("utf-8", "replace"))
        bare = 0
        for number in range(len(document)):
            page = document[number]
            lines = page.get_textpage().get_text_bounded().splitlines()
            for line in lines:
                yield Text(f"page {number + 1}", line)
            yield from _remarks(page, number + 1)
            bare += not any(line.strip() for line in lines)
        if bare:
            which = "its page, which is a picture" if len(document) == 1 else (
                f"{bare} of its {len(document)} pages, which have no words but in pixels")  # fmt: skip
            yield Unseen(which)
        if attached := document.count_attachments():
            yield Unseen(f"{attached} file{'s' if attached > 1 else ''} attached to it")
    except (pypdfium2.PdfiumError, zlib.error):
        yield Unseen("some of its pages: they cannot be read")
    finally:
        document.close()


def _remarks(page: Any, number: int) -> Iterator[Text]:
    """Remarks on a page of a PDF, who wrote them, and what was typed into its fields (PDF 1.7, 12.5)."""
    for at in range(pdfium.FPDFPage_GetAnnotCount(page)):
        remark = pdfium.FPDFPage_GetAnnot(page, at)
        try:
            for key, tells in (("Contents", None), ("V", None), ("T", "account")):
                size = pdfium.FPDFAnnot_GetStringValue(remark, key.encode(), None, 0)
                if not 2 < size < _MOST_NOTE:
                    continue
                held = ctypes.create_string_buffer(size)
                into = ctypes.cast(held, ctypes.POINTER(ctypes.c_ushort))
                pdfium.FPDFAnnot_GetStringValue(remark, key.encode(), into, size)
                words = held.raw[: size - 2].decode("utf-16-le", "replace").strip()
                is_field = pdfium.FPDFAnnot_GetSubtype(remark) == pdfium.FPDF_ANNOT_WIDGET
                if words and not (tells and (is_field or PROGRAMS.fullmatch(words))):
                    yield Text(f"remark on page {number}", words, column=key, tells=tells)
        finally:
            pdfium.FPDFPage_CloseAnnot(remark)
