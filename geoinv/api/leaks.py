"""A last look before anything is written: no codename, file name or person of the case in any byte of a release.

Files are unpacked first: archives, gzip, what is deflated in a PDF or in a PNG's chunks, and pictures that stand inside
pages. Long words are found by their first six bytes, all at once, so that thousands of words cost as much as one.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import io
import re
import struct
import zipfile
import zlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from geoinv.records.naming import Naming

__all__ = ["leaks", "unpacked"]

#: Shorter words turn up in any binary by chance; they are looked for as whole words in text only, so are Korean ones.
_LONG = 6
#: Of the bits of a word's beginning, how many are looked at first; and 2³² divided by the golden ratio.
_BITS, _GOLDEN = 20, np.uint32(0x9E3779B9)
_TEXT = (".html", ".json", ".svg", ".md", ".txt")
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_INSIDE = re.compile(rb"data:[\w/+.-]+;base64,([\w+/=]{8,})")
#: Archives in archives are followed so deep.
_DEPTH = 4
#: Carried scripts, styles and fonts are the same in every release and hold any two letters; so does the name of SVG.
_CARRIED = re.compile(
    r"<script>/\* @preserve.*?</script>|<style>.*?</style>|data:[\w/+.-]+;base64,[\w+/=]*|http://www\.w3\.org/[\w./#]*",
    re.DOTALL,
)


def unpacked(content: bytes, *, depth: int = _DEPTH) -> Iterator[bytes]:
    """A file's bytes, then everything that lies packed in them, however it is packed.

    What only looks packed is passed over: the bytes themselves are looked through in any case.
    """
    yield content
    if depth == 0:
        return
    for inner in _members(content):
        yield from unpacked(inner, depth=depth - 1)


def _members(content: bytes) -> Iterator[bytes]:
    if content[:4] == b"PK\x03\x04":
        yield from _zipped(content)
    elif content[:2] == b"\x1f\x8b":
        try:
            yield gzip.decompress(content)
        except (OSError, EOFError, zlib.error):
            return
    elif content[:8] == b"\x89PNG\r\n\x1a\n":
        yield from _png_chunks(content)
    elif content[:5] == b"%PDF-":
        for found in _STREAM.finditer(content):
            yield from _inflated(found.group(1))
    for found in _INSIDE.finditer(content):
        try:
            yield base64.b64decode(found.group(1))
        except binascii.Error:
            continue


def _zipped(content: bytes) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in archive.infolist():
                yield entry.filename.encode() + b"\n" + entry.comment
                yield archive.read(entry)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, OSError):
        return


def _png_chunks(content: bytes) -> Iterator[bytes]:
    """Texts, profiles and EXIF of a PNG (ISO/IEC 15948, section 11), and whatever lies behind its end."""
    at = 8
    while at + 12 <= len(content):
        length, kind = struct.unpack(">I4s", content[at : at + 8])
        body = content[at + 8 : at + 8 + length]
        if kind in (b"zTXt", b"iCCP", b"iTXt"):
            for start in range(len(body)):
                if body[start : start + 1] == b"\x78":
                    yield from _inflated(body[start:])
        at += 12 + length


def _inflated(body: bytes) -> Iterator[bytes]:
    try:
        yield zlib.decompressobj().decompress(body)
    except zlib.error:
        return


class _Words:
    """Long words, found in bytes by their beginnings: one pass whatever their number."""

    def __init__(self, words: Iterable[bytes]) -> None:
        self.words = sorted(set(words))
        # Almost no place of a file begins a word: a table by four bytes says so before any word is looked for.
        self._likely = np.zeros(1 << _BITS, bool)
        for word in self.words:
            self._likely[self._few(word[:_LONG])[0]] = True

    @staticmethod
    def _few(body: bytes) -> NDArray[np.uint32]:
        """A few bits of each run of four bytes (Knuth, The Art of Computer Programming 3, 6.4: multiplicative)."""
        runs = np.ndarray((len(body) - 3,), np.dtype("<u4"), body, strides=(1,))
        mixed: NDArray[np.uint32] = runs * _GOLDEN
        mixed >>= np.uint32(32 - _BITS)
        return mixed

    def within(self, body: bytes) -> bool:
        """Whether one of them is in a body of lower-case bytes."""
        if len(body) < _LONG or not self.words:
            return False
        near = np.flatnonzero(self._likely[self._few(body)]).tolist()
        return any(
            body.startswith(word, place) for place in near for word in self._beginning(body[place : place + _LONG])
        )

    def _beginning(self, head: bytes) -> Iterator[bytes]:
        index = bisect_left(self.words, head)
        while index < len(self.words) and self.words[index].startswith(head):
            yield self.words[index]
            index += 1


def leaks(files: Mapping[str, bytes], secrets: Iterable[str]) -> list[str]:
    """Which file holds a word that must stay in, a line each, without repeating the word.

    Parameters
    ----------
    files
        Path → bytes.
    secrets
        Codenames, file names, people.
    """
    words = sorted({word.casefold() for word in secrets if word.strip()})
    long = _Words(
        word.encode(coding) for word in words if len(word) >= _LONG for coding in ("utf-8", "utf-16-le", "utf-16-be")
    )
    # Long ones in ASCII were looked for in every byte; others may be written in several ways.
    whole = Naming(word for word in words if 2 <= len(word) < _LONG or not word.isascii())
    found = []
    for path, content in sorted(files.items()):
        # Lower-cases ASCII only, which leaves every other byte where it was.
        clear = long.within(path.encode().lower()) or any(long.within(each.lower()) for each in unpacked(content))
        if not clear and path.endswith(_TEXT):
            clear = whole.as_word(_CARRIED.sub("", content.decode("utf-8", "replace")))
        if clear:
            found.append(path)
    return found
