"""Bodies compressed once and kept: a release never changes, so that the same answer is asked for again and again."""

from __future__ import annotations

import gzip
from collections import OrderedDict

__all__ = ["Compressor"]

_LEAST = 1024
#: Media that compress; pictures and models in GLB hold packed data already, or are packed by nobody.
_PACKED = ("image/jpeg", "image/png", "image/webp", "application/pdf", "application/zip", "font/woff2")


class Compressor:
    """gzip (RFC 1952) of bodies, the latest kept.

    Parameters
    ----------
    most
        Bytes of compressed bodies to keep.
    """

    def __init__(self, most: int = 64 << 20) -> None:
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._size, self._most = 0, most

    def wanted(self, accepted: str, body: bytes, media_type: str) -> bool:
        """Whether a body is worth it, and the client says that it can read it."""
        if len(body) < _LEAST or media_type.startswith(_PACKED) or "gzip" not in accepted:
            return False
        for part in accepted.split(","):
            name, _, weight = part.strip().partition(";")
            if name.strip().lower() == "gzip":
                return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
        return False

    def packed(self, tag: str, body: bytes) -> bytes:
        """A body packed; ``tag`` tells bodies apart."""
        found = self._kept.get(tag)
        if found is not None:
            self._kept.move_to_end(tag)
            return found
        made = gzip.compress(body, 6, mtime=0)
        self._kept[tag] = made
        self._size += len(made)
        while self._size > self._most and len(self._kept) > 1:
            self._size -= len(self._kept.popitem(last=False)[1])
        return made
