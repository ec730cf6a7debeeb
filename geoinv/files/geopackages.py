"""What of a GeoPackage is computed when it is read: views can be endless, and nothing stops GDAL in one.

The schema is read from the file's own pages (SQLite file format, 1.5 and 2), so that not a line of the file's SQL runs.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from geoinv.errors import UnreadableFileError, UnsafeFileError

__all__ = ["computed_tables"]

#: Pages of a schema, and how much of an entry is looked at.
_MOST_PAGES, _ENTRY = 10_000, 4_000
_INTERIOR, _LEAF = 5, 13
_ENCODINGS = {1: "utf-8", 2: "utf-16-le", 3: "utf-16-be"}
_COMMENT = re.compile(r"/\*.*?(?:\*/|$)|--[^\n]*", re.DOTALL)
_STORED = re.compile(
    r"\s*CREATE\s+(?:TRIGGER|VIRTUAL\s+TABLE\s.*\bUSING\s+[\"'`\[]?rtree\b)", re.IGNORECASE | re.DOTALL
)
#: Tables that GDAL reads as soon as it opens the file.
_FORMAT = re.compile(r"(?:gpkg|sqlite)_.*")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for number in range(9):
        byte = data[at + number]
        if number == 8:
            return (value << 8) | byte, at + 9
        value = (value << 7) | (byte & 0x7F)
        if byte < 0x80:
            return value, at + number + 1
    raise ValueError("unreachable")


class _Pages:
    """The file's pages, and the entries of its schema."""

    def __init__(self, data: bytes) -> None:
        size = struct.unpack_from(">H", data, 16)[0]
        self.size = 65536 if size == 1 else size
        self.usable = self.size - data[20]
        self.encoding = _ENCODINGS.get(struct.unpack_from(">I", data, 56)[0], "utf-8")
        self.data = data
        if self.size < 512 or self.usable < 480:
            raise ValueError("no page size")

    def page(self, number: int) -> bytes:
        """A page; the first is numbered 1."""
        if not 1 <= number <= len(self.data) // self.size + 1:
            raise ValueError("a page is missing")
        return self.data[(number - 1) * self.size : number * self.size]

    def entries(self) -> Iterator[bytes]:
        """What the schema's b-tree holds, the beginning of each entry."""
        waiting, seen = [1], set[int]()
        while waiting:
            number = waiting.pop()
            if number in seen or len(seen) > _MOST_PAGES:
                raise ValueError("the schema goes round in circles")
            seen.add(number)
            page, head = self.page(number), 100 if number == 1 else 0
            kind, count = page[head], struct.unpack_from(">H", page, head + 3)[0]
            if kind not in (_INTERIOR, _LEAF):
                raise ValueError("no page of a table")
            cells = struct.unpack_from(f">{count}H", page, head + (12 if kind == _INTERIOR else 8))
            if kind == _INTERIOR:
                waiting += [struct.unpack_from(">I", page, at)[0] for at in (*cells, head + 8)]
            else:
                yield from (self._entry(page, at) for at in cells)

    def _entry(self, page: bytes, at: int) -> bytes:
        size, at = _varint(page, at)
        _, at = _varint(page, at)
        if size <= self.usable - 35:
            return page[at : at + size]
        least = (self.usable - 12) * 32 // 255 - 23
        here = least + (size - least) % (self.usable - 4)
        here = here if here <= self.usable - 35 else least
        found, following = page[at : at + here], struct.unpack_from(">I", page, at + here)[0]
        while following and len(found) < min(size, _ENTRY):
            more = self.page(following)
            following, found = struct.unpack_from(">I", more, 0)[0], found + more[4 : self.usable]
        return found[:size]

    def columns(self, entry: bytes) -> list[bytes | int]:
        """An entry's columns (2.1 of the format): text as bytes, numbers as such."""
        size, at = _varint(entry, 0)
        kinds = []
        while at < size:
            kind, at = _varint(entry, at)
            kinds.append(kind)
        found: list[bytes | int] = []
        for kind in kinds:
            width = (kind - 12) // 2 if kind >= 12 else (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)[kind % 10]
            value = entry[at : at + width]
            found.append(value if kind >= 12 else kind - 8 if kind in (8, 9) else int.from_bytes(value, "big"))
            at += width
        return found


def computed_tables(data: bytes, *, file: str) -> frozenset[str]:
    """Names, in small letters, of a GeoPackage's views and of its tables that another program's code would fill.

    Parameters
    ----------
    data
        The file.
    file
        Its name, for messages.

    Raises
    ------
    UnreadableFileError
        If its schema cannot be read.
    UnsafeFileError
        If what says which layers there are is itself computed.
    """
    found = set()
    try:
        pages = _Pages(data)
        for entry in pages.entries():
            kind, name, _, root, sql = pages.columns(entry)[:5]
            words = sql.decode(pages.encoding, "replace") if isinstance(sql, bytes) else ""
            if root == 0 and words and not _STORED.match(_COMMENT.sub(" ", words)):
                if not isinstance(name, bytes) or not isinstance(kind, bytes):
                    raise ValueError("an entry without a name")
                found.add(name.decode(pages.encoding, "replace").casefold())
    except (ValueError, IndexError, struct.error) as error:
        raise UnreadableFileError("this GeoPackage is damaged", do="export it again", file=file) from error
    if any(_FORMAT.fullmatch(name) for name in found):
        raise UnsafeFileError("this GeoPackage computes its own list of layers", do="export it again", file=file)
    return frozenset(found)
