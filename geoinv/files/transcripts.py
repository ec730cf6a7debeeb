"""Transcripts from Word, LibreOffice, Hangul, RTF and plain text: kept whole, quotable by paragraph."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from geoinv.errors import UnreadableFileError
from geoinv.files.archives import read_members
from geoinv.files.compound import is_compound
from geoinv.files.limits import MEGABYTE, read_bytes
from geoinv.files.old_documents import compound_paragraphs
from geoinv.files.rich_text import rtf_paragraphs
from geoinv.files.spreadsheets import decode
from geoinv.files.xmls import local, parse_xml
from geoinv.records.accounts import Passage, Transcript

__all__ = ["parse_transcript", "read_transcript"]

#: What is told of a document of a format that keeps more than its reader can tell apart.
_OLD = "its format is old: deleted words cannot be told from the others; compare with the original before quoting."
_MARGIN = "comments, headers and text boxes are not part of the transcript; the original keeps them."
#: Parts of a Word paragraph whose text is no longer, or was never, in the running text.
_NOT_SAID = {"del", "moveFrom", "instrText", "delText", "Fallback"}


def _word_texts(element: Element) -> Iterator[str]:
    """Text of a Word paragraph (ECMA-376, part 1, 17.3): accepted as if every change had been accepted."""
    for child in element:
        kind = local(child)
        if kind in _NOT_SAID or kind == "p":
            continue
        if kind == "t":
            yield child.text or ""
        elif kind == "tab":
            yield "\t"
        elif kind in ("br", "cr"):
            yield "\n"
        else:
            yield from _word_texts(child)


def _odt_texts(element: Element) -> Iterator[str]:
    """Text of an OpenDocument paragraph, without its comments."""
    yield element.text or ""
    for child in element:
        kind = local(child)
        if kind in ("tab", "s"):
            yield " "
        elif kind == "line-break":
            yield "\n"
        elif kind not in ("annotation", "note-citation", "p"):
            yield from _odt_texts(child)
        yield child.tail or ""


def _hwpx_texts(element: Element) -> Iterator[str]:
    """Text of a Hangul paragraph (OWPML, KS X 6101)."""
    for child in element:
        kind = local(child)
        if kind == "p":
            continue
        if kind == "t":
            yield "".join(child.itertext())
        else:
            yield from _hwpx_texts(child)


def _paragraphs(root: Element, names: tuple[str, ...], texts: Callable[[Element], Iterator[str]]) -> Iterator[str]:
    for element in root:
        if local(element) in names:
            yield "".join(texts(element))
        if local(element) != "Fallback":  # the same words once more, for older programs
            yield from _paragraphs(element, names, texts)


def _count(root: Element, *names: str) -> int:
    return sum(local(element) in names for element in root.iter())


def _word(members: dict[str, bytes], file: str) -> tuple[list[str], list[str]]:
    found: list[str] = []
    notes: list[str] = []
    for part in ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml"):
        if part not in members:
            continue
        root = parse_xml(members[part], file=file, what="DOCX")
        found += _paragraphs(root, ("p",), _word_texts)
        if deleted := _count(root, "del", "moveFrom"):
            notes.append(f"{deleted} tracked deletions are left out; the original keeps them.")
        if pictures := _count(root, "blip", "imagedata"):
            notes.append(f"{pictures} pictures in the text are not read; save drawings as files of their own.")
    if "word/comments.xml" in members:
        notes.append("comments in the margin are not part of the transcript; the original keeps them.")
    return found, notes


def _odt(members: dict[str, bytes], file: str) -> tuple[list[str], list[str]]:
    root = parse_xml(members["content.xml"], file=file, what="ODT")
    notes = ["comments in the margin are not part of the transcript; the original keeps them."]
    return list(_paragraphs(root, ("p", "h"), _odt_texts)), notes if _count(root, "annotation") else []


def _hwpx(members: dict[str, bytes], file: str) -> tuple[list[str], list[str]]:
    sections = sorted(
        (name for name in members if re.fullmatch(r"Contents/section\d+\.xml", name)),
        key=lambda name: int(re.sub(r"\D", "", name)),
    )
    found: list[str] = []
    for name in sections:
        found += _paragraphs(parse_xml(members[name], file=file, what="HWPX"), ("p",), _hwpx_texts)
    return found, []


def _archive(data: bytes, file: str) -> tuple[list[str], list[str]]:
    """Paragraphs and notes of the kind of document that the archive holds."""
    members = read_members(data, file=file, wanted=lambda name: name.endswith(".xml"))
    if "word/document.xml" in members:
        return _word(members, file)
    if "Contents/section0.xml" in members:
        return _hwpx(members, file)
    if "content.xml" in members:
        return _odt(members, file)
    raise UnreadableFileError("there is no text document in this archive", do="save it again as DOCX", file=file)


def _plain(data: bytes, file: str) -> list[str]:
    """Paragraphs of plain text: parted by empty lines where there are any, else every line is one."""
    text = decode(data, file=file).replace("\r\n", "\n").replace("\r", "\n")
    return re.split(r"\n[ \t]*\n", text) if re.search(r"\S[ \t]*\n[ \t]*\n", text) else text.split("\n")


def read_transcript(path: Path) -> Transcript:
    """A transcript with its paragraphs numbered.

    Parameters
    ----------
    path
        DOCX, ODT, HWPX, DOC, HWP or RTF, known by content, or text in UTF-8, UTF-16 or cp949.

    Returns
    -------
    Transcript
        Its passages hold every paragraph with words, tables' cells and footnotes among them.

    Raises
    ------
    UnreadableFileError
        If it is no such document, is damaged, or has no words.
    UnsafeFileError
        If it is a trap or far too large.
    """
    return parse_transcript(read_bytes(path, most=64 * MEGABYTE), name=path.name)


def parse_transcript(data: bytes, *, name: str) -> Transcript:
    """``read_transcript`` of a file's bytes.

    Raises
    ------
    UnreadableFileError, UnsafeFileError
        As ``read_transcript``.
    """
    if data.startswith(b"%PDF"):
        raise UnreadableFileError("this is a PDF", do="save the transcript as DOCX or text", file=name)
    notes: list[str] = []
    if data.startswith(b"PK"):
        found, notes = _archive(data, name)
    elif is_compound(data):
        found, beside = compound_paragraphs(data, file=name)
        notes = [_OLD, *([_MARGIN] if beside else [])]
    elif data.startswith(b"{\\rtf"):
        found, beside = rtf_paragraphs(data, file=name)
        notes = [_MARGIN] if beside else []
    elif name.lower().endswith((".docx", ".odt", ".hwpx", ".doc", ".hwp", ".rtf")):
        raise UnreadableFileError("this is not a document that can be read", do="save it again as DOCX", file=name)
    else:
        found = _plain(data, name)
    texts = [text.strip() for text in found if text.strip()]
    if not texts:
        raise UnreadableFileError("this document has no words", do="check that it is the right file", file=name)
    passages = tuple(Passage(number=number, text=text) for number, text in enumerate(texts, 1))
    return Transcript(name=name, passages=passages, notes=tuple(notes))
