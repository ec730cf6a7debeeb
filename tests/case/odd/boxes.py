"""Old office files made by hand: compound files (MS-CFB) with Word, Hangul and Excel documents in them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence

__all__ = ["compound", "doc", "hwp", "rtf", "summary", "xls"]

_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SECTOR, _MINI, _CUTOFF = 512, 64, 4096


def _chain(count: int, start: int) -> list[int]:
    return [*range(start + 1, start + count), _END] if count else []


def _entry(name: str, kind: int, right: int, child: int, start: int, size: int) -> bytes:
    spelt = (name + "\0").encode("utf-16-le")
    head = spelt.ljust(64, b"\0") + struct.pack("<HBB3I", len(spelt), kind, 1, _FREE, right, child)
    return head + b"\0" * 36 + struct.pack("<IQ", start, size)


def compound(streams: Mapping[str, bytes]) -> bytes:
    """A compound file of streams; ``A/b`` lies in the storage A."""
    storages = list(dict.fromkeys(name.partition("/")[0] for name in streams if "/" in name))
    rows: list[tuple[str, str | None, bytes | None]] = [(name, None, None) for name in storages]
    rows += [(name.rpartition("/")[2], name.rpartition("/")[0] or None, data) for name, data in streams.items()]
    mini, mini_fat, big, fat = b"", list[int](), b"", list[int]()
    starts = []
    for _, _, data in rows:
        if data is None or not data:
            starts.append(_END)
        elif len(data) < _CUTOFF:
            starts.append(len(mini) // _MINI)
            mini_fat += _chain(-(-len(data) // _MINI), len(mini) // _MINI)
            mini += data.ljust(-(-len(data) // _MINI) * _MINI, b"\0")
        else:
            starts.append(len(fat))
            fat += _chain(-(-len(data) // _SECTOR), len(fat))
            big += data.ljust(-(-len(data) // _SECTOR) * _SECTOR, b"\0")

    def put(body: bytes) -> int:
        nonlocal big, fat
        if not body:
            return _END
        start, count = len(fat), -(-len(body) // _SECTOR)
        fat += _chain(count, start)
        big += body.ljust(count * _SECTOR, b"\0")
        return start

    within: dict[str | None, list[int]] = {}
    for at, (_, storage, _) in enumerate(rows):
        within.setdefault(storage, []).append(at + 1)
    follows = {one: other for held in within.values() for one, other in zip(held, held[1:], strict=False)}
    mini_start = put(mini)
    entries = [_entry("Root Entry", 5, _FREE, within[None][0], mini_start, len(mini))]
    for at, (name, _, data) in enumerate(rows, 1):
        child = within[name][0] if data is None else _FREE
        kind = 1 if data is None else 2
        start = 0 if data is None else starts[at - 1]
        entries.append(_entry(name, kind, follows.get(at, _FREE), child, start, len(data or b"")))
    listing = b"".join(entries).ljust(-(-len(entries) // 4) * _SECTOR, b"\0")
    directory = put(listing)
    mini_start_fat = put(struct.pack(f"<{len(mini_fat)}I", *mini_fat) + b"\xff" * (-4 * len(mini_fat) % _SECTOR))
    tables = 1
    while (len(fat) + tables) * 4 > tables * _SECTOR:
        tables += 1
    places = list(range(len(fat), len(fat) + tables))
    fat += [_FAT] * tables
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(tables * _SECTOR, b"\xff")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<5H6s", 0x3E, 3, 0xFFFE, 9, 6, b"\0" * 6)
    head += struct.pack("<9I", 0, tables, directory, 0, _CUTOFF, mini_start_fat, int(bool(mini_fat)), _END, 0)
    head += struct.pack(f"<{tables}I", *places).ljust(109 * 4, b"\xff")
    return head + big + table


def summary(**values: str) -> bytes:
    """A set of properties (MS-OLEPS): ``author``, ``title`` …, in cp949."""
    numbers = {"title": 2, "subject": 3, "author": 4, "keywords": 5, "comments": 6, "saved_by": 8}
    body, listed = b"", struct.pack("<II", 1, 8 + 8 * (len(values) + 1))
    body += struct.pack("<Ihh", 2, 949, 0)
    for name, value in values.items():
        words = value.encode("cp949") + b"\0"
        listed += struct.pack("<II", numbers[name], 8 + 8 * (len(values) + 1) + len(body))
        body += struct.pack("<II", 30, len(words)) + words.ljust(-(-len(words) // 4) * 4, b"\0")
    section = struct.pack("<II", 8 + len(listed) + len(body), len(values) + 1) + listed + body
    kind = bytes.fromhex("e0859ff2f94f6810ab9108002b27b3d9")
    return struct.pack("<HHI16sI", 0xFFFE, 0, 0, b"\0" * 16, 1) + kind + struct.pack("<I", 48) + section


def doc(*paragraphs: str, beside: Sequence[str] = (), author: str = "", locked: bool = False) -> bytes:
    """A Word 97 document: its last piece, where all its signs have one byte, is kept so."""
    running = "".join(text + "\r" for text in paragraphs)
    pieces = [running, "".join(text + "\r" for text in beside)]
    main, places, narrow = bytearray(b"\0" * 0x400), [0], []
    described = []
    for piece in filter(None, pieces):
        narrow.append(all(ord(sign) < 128 for sign in piece))
        where = len(main)
        main += piece.encode("cp1252" if narrow[-1] else "utf-16-le")
        places.append(places[-1] + len(piece))
        described.append(struct.pack("<HIH", 0, where * 2 | 0x40000000 if narrow[-1] else where, 0))
    table = struct.pack(f"<{len(places)}I", *places) + b"".join(described)
    clx = b"\x01\x02\x00\xaa\xbb" + b"\x02" + struct.pack("<I", len(table)) + table
    struct.pack_into("<HH", main, 0, 0xA5EC, 0xC1)
    struct.pack_into("<H", main, 0x0A, 0x0200 | (0x0100 if locked else 0))
    struct.pack_into("<2I", main, 0x4C, len(running), 0)
    struct.pack_into("<2I", main, 0x1A2, 0, len(clx))
    more = {"\x05SummaryInformation": summary(author=author)} if author else {}
    return compound({"WordDocument": bytes(main), "1Table": clx, **more})


def hwp(*paragraphs: str, packed: bool = True, flags: int = 0, more: Mapping[str, bytes] | None = None) -> bytes:
    """A Hangul 5 document; ``more`` streams beside its text."""
    body = b""
    for text in paragraphs:
        words = text.encode("utf-16-le") + b"\r\0"
        # a table's sign, eight wide, before the words
        words = struct.pack("<8H", 11, 0x7462, 0x6C20, 0, 0, 0, 0, 11) + words
        body += struct.pack("<I", 66 | 22 << 20) + b"\0" * 22
        body += struct.pack("<I", 67 | 1 << 10 | min(len(words), 0xFFF) << 20)
        body += (struct.pack("<I", len(words)) if len(words) >= 0xFFF else b"") + words
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    section = engine.compress(body) + engine.flush() if packed else body
    head = b"HWP Document File".ljust(32, b"\0") + struct.pack("<II", 0x05000300, flags | int(packed)) + b"\0" * 216
    return compound({"FileHeader": head, "DocInfo": b"\0" * 8, "BodyText/Section0": section, **(more or {})})


def rtf(*paragraphs: str, head: str = "") -> bytes:
    """An RTF document in cp949, its Hangul as bytes and its other signs by number."""

    def spelt(text: str) -> str:
        return "".join(
            sign if ord(sign) < 128 else "".join(f"\\'{byte:02x}" for byte in sign.encode("cp949"))
            if "가" <= sign <= "힣" else f"\\u{ord(sign)}?" for sign in text
        )  # fmt: skip

    body = "".join(f"\\pard\\f1 {spelt(text)}\\par\n" for text in paragraphs)
    fonts = r"{\fonttbl{\f0\fcharset0 Times;}{\f1\fcharset129 Batang;}}"
    return (r"{\rtf1\ansi\ansicpg1252\uc1" + fonts + r"{\colortbl;\red0\green0\blue0;}" + head + body + "}").encode()


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def xls(**sheets: Sequence[Sequence[object]]) -> bytes:
    """An Excel 97 workbook of sheets of words and numbers; a sheet called ``hidden…`` is hidden."""
    words = list(dict.fromkeys(v for rows in sheets.values() for row in rows for v in row if isinstance(v, str)))
    bodies = []
    for rows in sheets.values():
        body = _record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))
        for y, row in enumerate(rows):
            for x, value in enumerate(row):
                if isinstance(value, str):
                    body += _record(0xFD, struct.pack("<HHHI", y, x, 0, words.index(value)))
                elif value is not None:
                    body += _record(0x203, struct.pack("<HHHd", y, x, 0, float(str(value))))
        bodies.append(body + _record(0x0A, b""))
    table = b"".join(struct.pack("<HB", len(word), 1) + word.encode("utf-16-le") for word in words)

    def globals_(places: Sequence[int]) -> bytes:
        made = _record(0x809, struct.pack("<HHHHII", 0x600, 0x05, 0, 0, 0, 0)) + _record(0x42, b"\xb0\x04")
        for name, place in zip(sheets, places, strict=True):
            state = int(name.startswith("hidden"))
            spelt = name.encode("utf-16-le")
            made += _record(0x85, struct.pack("<IBBBB", place, state, 0, len(name), 1) + spelt)
        made += _record(0xFC, struct.pack("<II", len(words), len(words)) + table)
        return made + _record(0x0A, b"")

    start = len(globals_([0] * len(sheets)))
    places = [start + sum(map(len, bodies[:at])) for at in range(len(bodies))]
    return compound({"Workbook": (globals_(places) + b"".join(bodies)).ljust(_CUTOFF, b"\0")})
