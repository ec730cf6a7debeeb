"""Text of old Word documents (MS-DOC) and of Hangul documents of version 5 (HWP), paragraph by paragraph."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator

from geoinv.errors import UnreadableFileError
from geoinv.files.compound import streams_of
from geoinv.files.limits import MEGABYTE

__all__ = ["Paragraphs", "compound_paragraphs"]

#: Paragraphs of a document's running text, and those beside it: comments, headers, text boxes.
Paragraphs = tuple[list[str], list[str]]

_MOST_TEXT = 64 * MEGABYTE
# Offsets in the file information block of Word 97 and later (MS-DOC 2.5.1, 2.5.4, 2.5.6).
_WORD_MAGIC, _FLAGS, _COUNTS, _CLX = 0xA5EC, 0x0A, 0x4C, 0x1A2
_ENCRYPTED, _ONE_TABLE = 0x0100, 0x0200
#: Fields: what they were made from stands between 0x13 and 0x14, what they show between 0x14 and 0x15.
_FIELD_CODE = re.compile("\x13[^\x13\x14\x15]*(?:\x14|(?=\x15))|\x15")
_NO_WORDS = re.compile("[\x00-\x06\x08\x0e-\x1d\x1f]")
# Hangul: records' tags, and signs that stand for something else (Hancom's description of HWP 5.0, tables 6 and 57).
_PARA_TEXT = 0x10 + 51
_SINGLE = {0, 10, 13, 24, 25, 26, 27, 28, 29, 30, 31}
_COMPRESSED, _LOCKED, _DISTRIBUTED = 0x1, 0x2, 0x4


def _bad(what: str, file: str, do: str = "save it as DOCX or HWPX and add that") -> UnreadableFileError:
    return UnreadableFileError(what, do=do, file=file)


def _pieces(table: bytes, start: int, length: int) -> Iterator[tuple[int, int, int, bool]]:
    """Each piece's first and last character, its place in the main stream, and whether it has one byte a sign."""
    at, end = start, min(start + length, len(table))
    while at < end and table[at] == 1:  # formatting, before the table of pieces
        at += 3 + struct.unpack_from("<H", table, at + 1)[0]
    if at >= end or table[at] != 2:
        raise ValueError("no table of pieces")
    size = struct.unpack_from("<I", table, at + 1)[0]
    count = (size - 4) // 12
    if count < 1 or at + 5 + size > len(table):
        raise ValueError("the table of pieces is cut off")
    places = struct.unpack_from(f"<{count + 1}I", table, at + 5)
    for number in range(count):
        where = struct.unpack_from("<I", table, at + 5 + 4 * (count + 1) + 8 * number + 2)[0]
        narrow = bool(where & 0x40000000)
        where &= 0x3FFFFFFF
        yield places[number], places[number + 1], where // 2 if narrow else where, narrow


def _word_text(streams: dict[str, bytes], file: str) -> tuple[str, int]:
    """All characters of a Word document, and how many of them are its running text and footnotes."""
    main = streams["WordDocument"]
    magic, flags = struct.unpack_from("<H", main, 0)[0], struct.unpack_from("<H", main, _FLAGS)[0]
    if magic != _WORD_MAGIC:
        raise ValueError("not of Word 97 or later")
    if flags & _ENCRYPTED:
        raise _bad("this document is locked with a password", file, "unlock it and save it as DOCX")
    table = streams["1Table" if flags & _ONE_TABLE else "0Table"]
    body, footnotes = struct.unpack_from("<2I", main, _COUNTS)
    parts: list[str] = []
    total = 0
    for first, last, where, narrow in _pieces(table, *struct.unpack_from("<2I", main, _CLX)):
        size = (last - first) * (1 if narrow else 2)
        total += size
        if last < first or total > _MOST_TEXT:
            raise ValueError("pieces beyond anything honest")
        parts.append(main[where : where + size].decode("cp1252" if narrow else "utf-16-le", "replace"))
    return "".join(parts), body + footnotes


def _word_paragraphs(text: str) -> list[str]:
    plain = _FIELD_CODE.sub("", _FIELD_CODE.sub("", text))
    plain = _NO_WORDS.sub("", plain).replace("\x0b", "\n").replace("\x1e", "-")
    return [part for part in re.split("[\r\x07\x0c]", plain) if part.strip()]


def _unpacked(data: bytes) -> bytes:
    """A stream of raw deflate, no longer than any honest text."""
    engine = zlib.decompressobj(-15)
    plain = engine.decompress(data, _MOST_TEXT)
    if engine.unconsumed_tail:
        raise ValueError("unpacks to far more than anything honest")
    return plain


def _hangul_text(record: bytes) -> str:
    """Words of one paragraph's record: signs below 32 stand for tabs, tables and pictures, most of them eight wide."""
    units = struct.unpack(f"<{len(record) // 2}H", record[: len(record) // 2 * 2])
    kept, at = bytearray(), 0
    while at < len(units):
        unit = units[at]
        if unit >= 32:
            kept += struct.pack("<H", unit)
        elif unit in (9, 10, 30, 31):
            kept += struct.pack("<H", 10 if unit == 10 else 32)
        at += 1 if unit >= 32 or unit in _SINGLE else 8
    return kept.decode("utf-16-le", "replace")


def _hangul_paragraphs(section: bytes) -> Iterator[str]:
    at = 0
    while at + 4 <= len(section):
        head = struct.unpack_from("<I", section, at)[0]
        tag, size = head & 0x3FF, head >> 20
        at += 4
        if size == 0xFFF:
            size = struct.unpack_from("<I", section, at)[0]
            at += 4
        if tag == _PARA_TEXT and (text := _hangul_text(section[at : at + size])).strip():
            yield text
        at += size


def _hangul(streams: dict[str, bytes], file: str) -> Paragraphs:
    flags = struct.unpack_from("<I", streams["FileHeader"], 36)[0]
    if flags & (_LOCKED | _DISTRIBUTED):
        raise _bad("this document is locked with a password, or against copying", file, "unlock it and save it as HWPX")
    names = [name for name in streams if re.fullmatch(r"BodyText/Section\d{1,4}", name)]
    found: list[str] = []
    for name in sorted(names, key=lambda name: int(re.sub(r"\D", "", name))):
        found += _hangul_paragraphs(_unpacked(streams[name]) if flags & _COMPRESSED else streams[name])
    return found, []


def compound_paragraphs(data: bytes, *, file: str) -> Paragraphs:
    """Paragraphs of an old Word or Hangul document.

    Parameters
    ----------
    data
        A compound file: Word 97 to 2003, or Hangul from 5.0 on.
    file
        Its name, for messages.

    Returns
    -------
    running, beside
        Paragraphs of the running text (tables' cells and footnotes among them), and of what stands beside it. Words
        that a tracked change deleted cannot be told from the others.

    Raises
    ------
    UnreadableFileError
        If it is neither, is damaged, or is locked.
    """
    streams = streams_of(data, file=file)
    try:
        if "FileHeader" in streams and streams["FileHeader"].startswith(b"HWP Document File"):
            return _hangul(streams, file)
        if "WordDocument" in streams:
            text, running = _word_text(streams, file)
            return _word_paragraphs(text[:running]), _word_paragraphs(text[running:])
    except (struct.error, ValueError, KeyError, IndexError, zlib.error) as error:
        raise _bad("this old document is damaged, or older than Word 97 and Hangul 5", file) from error
    raise _bad("this is neither a Word nor a Hangul document", file)
