"""All text of office files: cells, paragraphs, remarks, changes, hidden sheets, and who their properties name."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from geoinv.errors import UnreadableFileError
from geoinv.files.archives import check_archive, read_members
from geoinv.files.compound import authors_of, is_compound, properties_of, streams_of
from geoinv.files.left_behind import PROGRAMS, Text, Unseen, of_picture
from geoinv.files.old_documents import compound_paragraphs
from geoinv.files.old_workbooks import old_remarks, old_sheets
from geoinv.files.rich_text import rtf_paragraphs
from geoinv.files.spreadsheets import parse_sheets
from geoinv.files.transcripts import parse_transcript

__all__ = ["of_document", "of_package", "of_workbook"]

Found = Iterator[Text | Unseen]

_TAG = re.compile(rb"<[^<>]*>")
_AUTHOR = re.compile(rb"(?:w:author|w15:author|office:author|dc:creator-name|hp:author)=\"([^\"]*)\"")
_CREATOR = re.compile(
    rb"<(?:\w+:)?(?:creator|lastModifiedBy|initial-creator|author|manager|company)(?: [^>]*)?>([^<]*)<", re.IGNORECASE
)
_HWPX_CREATOR = re.compile(rb"<(?:\w+:)?meta name=\"(?:creator|lastsaveby)\"[^>]*>([^<]*)<")
_RTF_AUTHOR = re.compile(rb"\{\\(author|operator|manager|company) ([^{}\\]+)\}")
#: Parts of an office file that hold no words of people: looks, and lists of the other parts.
_LOOKS = re.compile(
    r"(?:^|/)(?:styles|theme\d*|settings|webSettings|fontTable|numbering|\[Content_Types\]|workbook)\.xml$|\.rels$"
)
_EMBEDDED_PICTURE = re.compile(r"\.(?:png|jpe?g|tiff?|gif|bmp|webp|heic|heif|emf|wmf)$", re.IGNORECASE)
_EMBEDDED = re.compile(r"(?:^|/)(?:embeddings|ObjectReplacements|BinData)/", re.IGNORECASE)


def of_workbook(data: bytes, file: str) -> Found:
    """Cells of the visible sheets with their places; then whatever else the workbook holds.

    Parameters
    ----------
    data
        XLSX or XLS.
    file
        Its name.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    if is_compound(data):
        yield from _old_workbook(data, file)
        return
    seen: set[str] = set()
    for table in parse_sheets(data, file=file):
        prefix = f"sheet “{table.sheet}”, " if table.sheet else ""
        for row in table.rows:
            for column, value in row.values.items():
                if value:
                    seen.add(value)
                    yield Text(f"{prefix}row {row.number}", value, column=column)
    for found in of_package(data, file) if data.startswith(b"PK") else ():
        if isinstance(found, Unseen) or found.text not in seen:
            yield found


def _old_workbook(data: bytes, file: str) -> Found:
    yield from _properties(data, file)
    for name, rows, _ in old_sheets(data, file=file):
        header = [str(value or "") for value in rows[0]] if rows else []
        for number, row in enumerate(rows, 1):
            for at, value in enumerate(row):
                if value is not None and str(value).strip():
                    column = header[at] if at < len(header) and number > 1 else ""
                    yield Text(f"sheet “{name}”, row {number}", _whole(value), column=column)
    for author, text in old_remarks(data, file=file):
        yield Text("a remark on a cell", text)
        if not PROGRAMS.fullmatch(author.strip()):
            yield Text("a remark on a cell", author, column="author", tells="account")


def _whole(value: object) -> str:
    """A number as it was typed: telephone numbers are kept as decimals."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _properties(data: bytes, file: str) -> Found:
    """Who a compound file says made it, and what it says of itself."""
    people = set(authors_of(data, file=file))
    for name, words in properties_of(data, file=file):
        if (name, words) not in people:
            yield Text("properties", words, column=name)
        elif not PROGRAMS.fullmatch(words):
            yield Text("properties", words, column=name, tells="account")


def of_document(data: bytes, file: str) -> Found:
    """Paragraphs with their numbers; then comments, deletions, headers and the document's properties.

    Parameters
    ----------
    data
        DOCX, ODT, HWPX, DOC, HWP or RTF.
    file
        Its name.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    if is_compound(data):
        yield from _properties(data, file)
        running, beside = compound_paragraphs(data, file=file)
        yield from _numbered(running, beside)
        if any(re.match(r"BinData/|ObjectPool/|Data$", name) for name in streams_of(data, file=file)):
            yield Unseen("pictures in it")
        return
    if data.startswith(b"{\\rtf"):
        for key, author in _RTF_AUTHOR.findall(data[: 1 << 20]):
            if not PROGRAMS.fullmatch(words := author.decode("latin-1").strip()):
                yield Text("properties", words, column=key.decode(), tells="account")
        yield from _numbered(*rtf_paragraphs(data, file=file))
        if b"\\pict" in data or b"\\objdata" in data:
            yield Unseen("pictures in it")
        return
    seen: list[str] = []
    try:
        for passage in parse_transcript(data, name=file).passages:
            seen.append(passage.text)
            yield Text(f"paragraph {passage.number}", passage.text)
    except UnreadableFileError:
        if not data.startswith(b"PK"):
            raise  # else a document without running text may still have remarks and properties
    running_text = "\n".join(seen)
    for found in of_package(data, file):
        if isinstance(found, Unseen) or found.text not in running_text:
            yield found


def _numbered(running: list[str], beside: list[str]) -> Iterator[Text]:
    for number, text in enumerate(running, 1):
        yield Text(f"paragraph {number}", text)
    for text in beside:
        yield Text("beside the text", text)


def _is_looked_at(name: str) -> bool:
    return name.lower().endswith((".xml", ".vml")) or _EMBEDDED_PICTURE.search(name) is not None


def of_package(data: bytes, file: str) -> Found:
    """Text of every XML part of an office file, tags taken away, who it names as author, and its pictures' tags.

    Parameters
    ----------
    data
        A zip of XML: DOCX, XLSX, ODT, HWPX, a presentation …
    file
        Its name.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    pictures = 0
    for name, part in read_members(data, file=file, wanted=_is_looked_at).items():
        short = PurePosixPath(name).name
        if _EMBEDDED_PICTURE.search(name):
            pictures += 1
            for found in of_picture(io.BytesIO(part)):
                if isinstance(found, Text):
                    yield Text(f"picture {short}, {found.place}", found.text, found.column, found.tells)
        else:
            yield from _part(name, short, part)
    for info in check_archive(data, file=file):
        if _EMBEDDED.search(info.filename) and not _is_looked_at(info.filename):
            yield Unseen(f"“{PurePosixPath(info.filename).name}”, which lies in it")
    if pictures:
        yield Unseen(f"what is written in the pixels of {pictures} picture{'s' if pictures > 1 else ''} in it")


def _part(name: str, short: str, part: bytes) -> Iterator[Text]:
    authors = (*_AUTHOR.findall(part), *_CREATOR.findall(part), *_HWPX_CREATOR.findall(part))
    for author in dict.fromkeys(authors):
        value = html.unescape(author.decode("utf-8", "replace")).strip()
        if not PROGRAMS.fullmatch(value):
            yield Text(f"properties ({short})", value, column="author", tells="account")
    if _LOOKS.search(name) or name.lower() == "docprops/app.xml":
        return
    ends = rb"</[^>]*>" if name.lower().startswith("docprops/") else rb"</(?:w:p|text:p|hp:p|si|t|c|row|p)>"
    broken = re.sub(ends, b"\n", part)
    for line in dict.fromkeys(_TAG.sub(b"", broken).decode("utf-8", "replace").splitlines()):
        if line.strip() and not re.fullmatch(r"[\d.\s-]*", line):
            yield Text(f"part {short}", html.unescape(line))
