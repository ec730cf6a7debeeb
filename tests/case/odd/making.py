"""What an odd file is, and the small machines that make them."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Odd", "csv_of", "kml", "kmz", "pin", "png", "zipped"]


@dataclass(frozen=True)
class Odd:
    """One odd file and what taking it in must give.

    Attributes
    ----------
    name
        File name, unique in the corpus.
    data
        Its bytes.
    gives
        Records by kind, of the file itself.
    problems
        How many sentences say what was not understood.
    says
        Words that must stand in the sentences (problems first, then what was assumed, then notes).
    folder
        Folder below the facility's; ``imagery`` is the case's own.
    beside
        Files beside it.
    """

    name: str
    data: bytes
    gives: Mapping[str, int] = field(default_factory=dict)
    problems: int = 0
    says: tuple[str, ...] = ()
    folder: str = "testimony"
    beside: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def format(self) -> str:
        """The format, by its suffix."""
        return self.name.rpartition(".")[2].lower()


def pin(name: str = "here", at: str = "-30,5", inner: str = "") -> str:
    """A placemark with a point."""
    return f"<Placemark><name>{name}</name>{inner}<Point><coordinates>{at}</coordinates></Point></Placemark>"


def kml(body: str, *, encoding: str = "UTF-8") -> bytes:
    """A KML document."""
    head = f'<?xml version="1.0" encoding="{encoding}"?><kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="g">'
    return (head + f"<Document>{body}</Document></kml>").encode("cp949" if encoding == "EUC-KR" else encoding)


def zipped(members: Mapping[str, bytes], *, compress: bool = True) -> bytes:
    """A zip of members, the same bytes every time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
            archive.writestr(info, data)
    return out.getvalue()


def kmz(body: str, **others: bytes) -> bytes:
    """A KMZ with ``doc.kml`` and other members by name."""
    return zipped({"doc.kml": kml(body), **others})


def csv_of(*rows: str) -> bytes:
    """Lines of a CSV in UTF-8."""
    return ("\n".join(rows) + "\n").encode()


def png(width: int = 40, height: int = 30, grey: int = 200) -> bytes:
    """A grey PNG, written by hand (ISO/IEC 15948)."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b"".join(b"\0" + bytes([grey]) * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
