"""All text that a file holds, wherever in it: cells, paragraphs, lines, and what programs and devices left beside them.

Readers take from a file what it says of a place; this takes everything, so that it can be looked through before it
comes into a case. It understands nothing. What it cannot look through (pixels, sound, a locked document) it says.
"""

from __future__ import annotations

import csv
import html
import io
import json
import re
import struct
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from geoinv.errors import GeoinvError
from geoinv.files.archives import check_archive, read_members
from geoinv.files.compound import is_compound
from geoinv.files.delimited import DAMAGED
from geoinv.files.left_behind import Text, Unseen, of_pdf, of_picture
from geoinv.files.limits import MEGABYTE, read_bytes
from geoinv.files.office_texts import of_document, of_package, of_workbook
from geoinv.files.spreadsheets import decode, decode_table
from geoinv.files.xmls import element_words, parse_xml

__all__ = ["texts_in"]

Found = Iterator[Text | Unseen]

_LINES = {".geojson", ".json", ".yaml", ".yml", ".txt", ".md", ".html", ".gltf", ".mtl", ".prj", ".cpg", ".imd", ".rpb"}
_XML = {".kml", ".gpx", ".svg", ".dae", ".xml", ".qmd"}
_TABLES, _WORKBOOKS = {".csv", ".tsv"}, {".xlsx", ".xlsm", ".xls"}
_DOCUMENTS, _ARCHIVES = {".docx", ".odt", ".hwpx", ".doc", ".hwp", ".rtf"}, {".zip", ".kmz"}
_PICTURES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".heic", ".heif", ".bmp", ".webp", ".gif"}
_LAYERS = {".gpkg", ".shp", ".fgb"}
_MESHES = {".obj", ".ply", ".stl", ".glb", ".las", ".laz"}
_SOUND = {".mp3", ".m4a", ".wav", ".ogg", ".amr", ".flac"}
_FILM = {".mp4", ".mov", ".3gp", ".avi"}
#: Parts of a Shapefile and of meshes: numbers, looked through with the file whose part they are.
_PARTS = {".shx", ".dbf", ".sbn", ".sbx", ".qix", ".qpj", ".bin", ".tfw", ".pgw", ".jgw", ".wld", ".ovr"}
_MOST = 256 * MEGABYTE
#: How much of a binary mesh is looked at: what programs write of themselves stands at its head.
_HEAD = 64 << 10
#: How much of a file tells what it is.
_START = 1024


def texts_in(path: Path, *, suffix: str | None = None) -> Found:
    """Every piece of text in a file, and what of it could not be looked through.

    Parameters
    ----------
    path
        Any file.
    suffix
        Tells the format where the file's own name does not.
    """
    yield Text("the file's name", re.sub(r"[_.+]+", " ", path.stem))
    suffix = (path.suffix if suffix is None else suffix).lower()
    try:
        if suffix in _LAYERS:
            yield from _layers(path, suffix)
        elif suffix in _SOUND | _FILM:
            yield Unseen("what is said in it" if suffix in _SOUND else "what is said and seen in it")
        elif suffix not in _PARTS:
            data = read_bytes(path, most=_MOST)
            yield from _walker(suffix, data[:_START])(data, path.stem + suffix)
    except (GeoinvError, OSError):
        yield Unseen("whatever is in it: it cannot be opened")


def _walker(suffix: str, start: bytes) -> Callable[[bytes, str], Found]:
    """What walks a file's bytes, by its suffix, and where readers go by content by how it begins."""
    if start.startswith(b"PK\x03\x04") and suffix in _XML | _TABLES | _LINES:
        return _archive if suffix in _XML else of_workbook if suffix in _TABLES else of_document
    if is_compound(start) and suffix in _TABLES | _LINES:
        return of_workbook if suffix in _TABLES else of_document
    if b"%PDF-" in start and suffix in _PICTURES:
        return of_pdf
    if suffix == ".txt" and start.startswith(b"{\\rtf"):
        return of_document
    if suffix in _XML or (suffix == ".kmz" and not start.startswith(b"PK")):
        return _xml
    if suffix in _TABLES:
        return _table
    if suffix in _WORKBOOKS:
        return of_workbook
    if suffix in _DOCUMENTS:
        return of_document
    if suffix in _ARCHIVES:
        return _archive
    if suffix in _PICTURES:
        return lambda data, file: of_picture(io.BytesIO(data))
    if suffix in _MESHES:
        return _mesh
    return of_pdf if suffix == ".pdf" else _lines if suffix in _LINES else _anything


def _anything(data: bytes, file: str) -> Found:
    """A file of no kind that is known: its lines, if it has any, or the words of what is packed in it."""
    if data.startswith(b"PK\x03\x04"):
        yield from of_package(data, file)
        yield Unseen("whatever in it is no text: this kind of file is not known")
        return
    try:
        yield from _lines(data, file)
    except GeoinvError:
        yield Unseen("whatever is in it: this kind of file is not known")


def _lines(data: bytes, file: str) -> Found:
    """Lines of text; escapes of JSON and XML read as the signs they stand for."""
    text = decode(data, file=file)
    if "\0" in text:
        yield Unseen("whatever is in it: this is not text")
        return
    for number, line in enumerate(text.splitlines(), 1):
        place = f"line {number}"
        if "&" in line:
            line = html.unescape(line)
        if "\\u" in line:
            line = re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match.group(1), 16)), line)
        for key, value in _pairs(line):
            yield Text(place, value, column=key)
        yield Text(place, line)


def _xml(data: bytes, file: str) -> Found:
    """Lines of XML, and the words of each element with its marks taken away: one word may stand in several spans."""
    pictures = len(re.findall(rb"data:image/(?!svg)", data))
    if pictures:
        yield Unseen(f"what is written in the pixels of {_number(pictures, 'picture')} in it")
        data = re.sub(rb"(data:image/[\w.+-]+;base64,)[A-Za-z0-9+/=\s]+", rb"\1", data)
    yield from _lines(data, file)
    written = decode(data, file=file)
    for name, words in element_words(parse_xml(data, file=file, what="XML")):
        plain = re.sub(r"<[^<>]*>", "", words)
        if plain not in written:
            yield Text(f"element <{name}>", plain, column=name)


_PAIR = re.compile(
    r"[\"']([^\"'\n]{1,60})[\"']\s*:\s*\"([^\"\n]*)\"|^[\s-]*([\w가-힣 ./-]{1,60}):[ \t]+([^\n{\[]+)$"
    r"|<(\w{2,40})>([^<\n]+)</|(?:Data|SimpleData) name=\"([^\"]+)\">(?:\s*<value>)?([^<]+)<"
    r"|([{,])\s*(\w{2,40}):\s*([^,{}\[\]]+)"
)


def _pairs(line: str) -> Iterator[tuple[str, str]]:
    """Keys and values on a line of JSON, YAML or XML."""
    for match in _PAIR.finditer(line):
        parts = [part for part in match.groups() if part is not None and part not in "{,"]
        if len(parts) == 2:
            yield parts[0].strip(), parts[1].strip().strip("\"'")


def _table(data: bytes, file: str) -> Found:
    text = DAMAGED.sub("\ufffd", decode_table(data, file=file))
    head = text.partition("\n")[0]
    delimiter = max(",;\t|", key=lambda sign: (head.count(sign), sign == ","))
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header: list[str] = []
    try:
        for number, row in enumerate(rows, 1):
            if not header:
                header = row
            for at, cell in enumerate(row):
                if cell:
                    column = header[at] if at < len(header) and row is not header else ""
                    yield Text(f"row {number}", cell, column=column)
    except csv.Error:
        yield from _lines(data, file)


def _number(count: int, word: str) -> str:
    return f"{count} {word}{'s' if count != 1 else ''}"


def _archive(data: bytes, file: str) -> Found:
    """What lies in an archive, one member after the other; a zip's own archives and layers are laid out and come again.

    A KMZ is not laid out: what lies in it is looked through here or not at all.
    """
    laid_out = not file.lower().endswith(".kmz")
    for info in check_archive(data, file=file):
        name, suffix = info.filename, PurePosixPath(info.filename).suffix.lower()
        short = PurePosixPath(name).name
        yield Text("the file's name", re.sub(r"[_.+/]+", " ", name))
        if suffix in _ARCHIVES or suffix in (".7z", ".rar", ".tar", ".gz"):
            yield Unseen(f"the archive “{short}” in it")
        elif suffix in _SOUND | _FILM or (suffix in _LAYERS and not laid_out):
            yield Unseen(f"“{short}” in it")
        elif suffix not in _PARTS | _LAYERS:
            try:
                member = read_members(data, file=file, wanted=name.__eq__)[name]
                yield from _inside(member, short, suffix)
            except GeoinvError:
                yield Unseen(f"“{short}” in it")


def _inside(member: bytes, name: str, suffix: str) -> Found:
    for found in _walker(suffix, member[:_START])(member, name):
        if isinstance(found, Unseen):
            yield Unseen(f"{found.what} (“{name}”)")
        else:
            yield Text(f"{name}, {found.place}", found.text, found.column, found.tells)


def _layers(path: Path, suffix: str) -> Found:
    """Every attribute of every feature, and the layers' names."""
    from geoinv.files.places import layer_tables

    for name, table in layer_tables(path, suffix=suffix):
        yield Text("a layer's name", re.sub(r"[_.+]+", " ", name))
        if table is None:
            yield Unseen(f"the view “{name}” in it")
            continue
        for column in table.columns:
            for number, value in enumerate(table[column], 1):
                if isinstance(value, str) and value:
                    yield Text(f"layer “{name}”, feature {number}", value, column=str(column))


#: Lines of a mesh in text that hold nothing but corners and faces.
_NUMBERS = re.compile(rb"(?m)^\s*(?:v|vn|vt|vp|f|l|p|s|facet|vertex|normal|outer|endloop|endfacet)\b.*$")


def _mesh(data: bytes, file: str) -> Found:
    """Words of a mesh or point cloud: anywhere in an OBJ, a GLB's description, other files' heads."""
    if data[:4] == b"glTF" and len(data) >= 20:
        text = data[20 : 20 + struct.unpack_from("<I", data, 12)[0]]
        pictures = len(re.findall(rb'"mimeType"\s*:\s*"image/', text))
        if pictures:
            yield Unseen(f"what is written in the pixels of {_number(pictures, 'picture')} in it")
        try:
            text = json.dumps(json.loads(text), ensure_ascii=False, indent=0).encode()
        except (ValueError, RecursionError):
            yield Unseen("its description, which cannot be read")
        yield from _lines(text, file)
        return
    shown = _NUMBERS.sub(b"", data) if file.lower().endswith((".obj", ".stl")) else data[:_HEAD]
    for number, match in enumerate(re.findall(rb"[\x20-\x7e\xc2-\xf4\x80-\xbf]{6,}", shown), 1):
        text = match.decode("utf-8", "replace")
        if not re.fullmatch(r"(?:v|vn|vt|f|l|s|facet|vertex|normal)\b[ \d./e+-]*", text):
            yield Text(f"text {number} in it", text)
            for key, value in _pairs(text):
                yield Text(f"text {number} in it", value, column=key, tells="account" if key == "author" else None)
