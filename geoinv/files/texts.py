"""All text that a file holds, wherever in it: cells, paragraphs, lines, and what programs and devices left beside them.

Readers take from a file what it says of a place; this takes everything, so that it can be looked through before it
comes into a case. It understands nothing, and leaves pixels and sound alone.
"""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from geoinv.errors import GeoinvError
from geoinv.files.archives import check_archive, read_members
from geoinv.files.left_behind import PROGRAMS, Text, of_pdf, of_picture
from geoinv.files.limits import MEGABYTE, read_bytes
from geoinv.files.spreadsheets import decode, read_sheets
from geoinv.files.transcripts import read_transcript

__all__ = ["texts_in"]

_LINES = {".kml", ".gpx", ".geojson", ".json", ".yaml", ".yml", ".svg", ".txt", ".md", ".dae", ".gltf", ".xml", ".html",
          ".mtl", ".prj", ".cpg", ".qmd"}  # fmt: skip
_TABLES, _WORKBOOKS = {".csv", ".tsv"}, {".xlsx", ".xlsm"}
_DOCUMENTS, _ARCHIVES = {".docx", ".odt", ".hwpx"}, {".zip", ".kmz"}
_PICTURES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".heic", ".heif", ".bmp", ".webp", ".gif"}
_LAYERS = {".gpkg", ".shp", ".fgb"}
_MESHES = {".obj", ".ply", ".stl", ".glb", ".las", ".laz"}
_MOST = 256 * MEGABYTE
#: How much of a mesh is looked at: what programs write of themselves stands at its head.
_HEAD = 64 << 10
_TAG = re.compile(rb"<[^<>]*>")
_AUTHOR = re.compile(rb"(?:w:author|w15:author|office:author|dc:creator-name)=\"([^\"]*)\"")
_CREATOR = re.compile(
    rb"<(?:\w+:)?(?:creator|lastModifiedBy|initial-creator|author|manager|company)(?: [^>]*)?>([^<]*)<", re.IGNORECASE
)


def texts_in(path: Path, *, suffix: str | None = None) -> Iterator[Text]:
    """Every piece of text in a file; nothing where it is damaged, since its reader says so.

    Parameters
    ----------
    path
        Any file.
    suffix
        Tells the format where the file's own name does not.
    """
    yield Text("the file's name", re.sub(r"[_.+]+", " ", path.stem))
    suffix = (path.suffix if suffix is None else suffix).lower()
    walk = _walker(suffix)
    if walk is None:
        return
    try:
        if suffix in _LAYERS:
            yield from _layers(path)
        elif suffix in _WORKBOOKS:
            yield from _workbook(path)
        elif suffix in _DOCUMENTS:
            yield from _document(path)
        elif suffix in _MESHES:
            with path.open("rb") as stream:
                yield from _mesh(stream.read(_HEAD))
        else:
            yield from walk(read_bytes(path, most=_MOST), path.name)
    except (GeoinvError, OSError):
        return


def _walker(suffix: str) -> Callable[[bytes, str], Iterator[Text]] | None:
    """What walks a file's bytes, by its suffix."""
    if suffix in _LINES:
        return _lines
    if suffix in _TABLES:
        return _table
    if suffix in _WORKBOOKS | _DOCUMENTS:
        return _parts
    if suffix in _ARCHIVES:
        return _archive
    if suffix in _PICTURES:
        return of_picture
    if suffix == ".pdf":
        return of_pdf
    return _table if suffix in _LAYERS | _MESHES else None


def _lines(data: bytes, file: str) -> Iterator[Text]:
    """Lines of text; escapes of JSON and XML read as the signs they stand for."""
    text = decode(data, file=file)
    for number, line in enumerate(text.splitlines(), 1):
        place = f"line {number}"
        if "&" in line:
            line = html.unescape(line)
        if "\\u" in line:
            line = re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match.group(1), 16)), line)
        yield Text(place, line)
        for key, value in _pairs(line):
            yield Text(place, value, column=key)


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


def _table(data: bytes, file: str) -> Iterator[Text]:
    text = decode(data, file=file)
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


def _workbook(path: Path) -> Iterator[Text]:
    """Cells of the visible sheets with their places; then whatever else the workbook's parts hold."""
    seen: set[str] = set()
    for table in read_sheets(path):
        prefix = f"sheet “{table.sheet}”, " if table.sheet else ""
        for row in table.rows:
            for column, value in row.values.items():
                if value:
                    seen.add(value)
                    yield Text(f"{prefix}row {row.number}", value, column=column)
    for text in _parts(read_bytes(path), path.name):
        if text.text not in seen:
            yield text


def _document(path: Path) -> Iterator[Text]:
    """Paragraphs with their numbers; then comments, deletions, headers and the document's properties."""
    seen: list[str] = []
    for passage in read_transcript(path).passages:
        seen.append(passage.text)
        yield Text(f"paragraph {passage.number}", passage.text)
    running = "\n".join(seen)
    for text in _parts(read_bytes(path), path.name):
        if text.text not in running:
            yield text


#: Parts of an office file that hold no words of people: looks, and lists of the other parts.
_LOOKS = re.compile(
    r"(?:^|/)(?:styles|theme\d*|settings|webSettings|fontTable|numbering|\[Content_Types\]|workbook)\.xml$|\.rels$"
)


def _is_xml(name: str) -> bool:
    return name.lower().endswith(".xml")


def _parts(data: bytes, file: str) -> Iterator[Text]:
    """Text of every XML part of an office file, tags taken away, and who its properties say wrote it."""
    members = read_members(data, file=file, wanted=_is_xml)
    for name, part in members.items():
        short = PurePosixPath(name).name
        for author in dict.fromkeys((*_AUTHOR.findall(part), *_CREATOR.findall(part))):
            value = html.unescape(author.decode("utf-8", "replace")).strip()
            if not PROGRAMS.fullmatch(value):
                yield Text(f"properties ({short})", value, column="author", tells="account")
        if _LOOKS.search(name) or name.lower().startswith("docprops/"):
            continue
        broken = re.sub(rb"</(?:w:p|text:p|hp:p|si|t|c|row|p)>", b"\n", part)
        for line in dict.fromkeys(_TAG.sub(b"", broken).decode("utf-8", "replace").splitlines()):
            if line.strip() and not re.fullmatch(r"[\d.\s-]*", line):
                yield Text(f"part {short}", html.unescape(line))


def _is_looked_at(name: str) -> bool:
    """Whether a member is looked at where it lies: archives in archives are laid out and looked at by themselves."""
    suffix = PurePosixPath(name).suffix.lower()
    return suffix not in _ARCHIVES | _LAYERS and _walker(suffix) is not None


def _archive(data: bytes, file: str) -> Iterator[Text]:
    """What lies in an archive, one member after the other."""
    members = read_members(data, file=file, wanted=_is_looked_at)
    for info in check_archive(data, file=file):
        name, suffix = info.filename, PurePosixPath(info.filename).suffix.lower()
        yield Text("the file's name", re.sub(r"[_.+/]+", " ", name))
        walk = _walker(suffix)
        if name not in members or walk is None:
            continue
        try:
            inside = list(_mesh(members[name][:_HEAD]) if suffix in _MESHES else walk(members[name], name))
        except GeoinvError:
            continue
        for text in inside:
            yield Text(f"{PurePosixPath(name).name}, {text.place}", text.text, text.column, text.tells)


def _layers(path: Path) -> Iterator[Text]:
    """Every attribute of every feature."""
    import pyogrio

    try:
        names = [str(name) for name, _ in pyogrio.list_layers(path)]
        for name in names:
            table = pyogrio.read_dataframe(path, layer=name, read_geometry=False)
            for column in table.columns:
                for number, value in enumerate(table[column], 1):
                    if isinstance(value, str) and value:
                        yield Text(f"layer “{name}”, feature {number}", value, column=str(column))
    except Exception:  # noqa: BLE001 - GDAL raises what it likes; the layer's reader says what is wrong with it
        return


def _mesh(head: bytes) -> Iterator[Text]:
    """Words at a mesh's head: remarks, its author, the folder it was made in."""
    for number, match in enumerate(re.findall(rb"[\x20-\x7e\xc2-\xf4\x80-\xbf]{6,}", head), 1):
        text = match.decode("utf-8", "replace")
        if not re.fullmatch(r"(?:v|vn|vt|f|l|s|facet|vertex|normal)\b[ \d./e+-]*", text):
            yield Text(f"text {number} at its head", text)
            for key, value in _pairs(text):
                yield Text(
                    f"text {number} at its head", value, column=key, tells="account" if key == "author" else None
                )
