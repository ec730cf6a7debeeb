"""HEIC pictures made by hand, as no library whose licence we could take writes them.

One HEVC picture (ITU-T H.265) of blocks whose samples stand as they are (PCM, 7.3.8.7), in the box format of
ISO/IEC 23008-12: what is read back must be what was written, to the pixel.
"""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

__all__ = ["heic"]

_BLOCK = 16
#: Ranges of the less probable sign, by state and by the range's quarter (H.265, table 9-46), as far as is needed.
_LPS = (
    (128, 176, 208, 240), (128, 167, 197, 227), (128, 158, 187, 216), (123, 150, 178, 205), (116, 142, 169, 195),
    (111, 135, 160, 185), (105, 128, 152, 175), (100, 122, 144, 166), (95, 116, 137, 158), (90, 110, 130, 150),
    (85, 104, 123, 142), (81, 99, 117, 135), (77, 94, 111, 128),
)  # fmt: skip


class _Bits:
    """Bits in the order they are written."""

    def __init__(self) -> None:
        self.text: list[str] = []

    def u(self, value: int, width: int) -> None:
        self.text.append(format(value, f"0{width}b"))

    def ue(self, *values: int) -> None:
        """Exponential Golomb codes (9.2)."""
        for value in values:
            code = format(value + 1, "b")
            self.text.append("0" * (len(code) - 1) + code)

    def flags(self, pattern: str) -> None:
        self.text.append(pattern)

    def align(self) -> None:
        self.text.append("0" * (-sum(map(len, self.text)) % 8))

    def stop(self) -> bytes:
        self.text.append("1")
        return self.whole()

    def whole(self) -> bytes:
        self.align()
        bits = "".join(self.text)
        return int(bits, 2).to_bytes(len(bits) // 8, "big")


class _Coder:
    """The arithmetic coder (9.3.5) for one context whose sign is always the more probable one."""

    def __init__(self, bits: _Bits) -> None:
        self.bits, self.state = bits, 0
        self.start()

    def start(self) -> None:
        self.low, self.range, self.first, self.waiting = 0, 510, True, 0

    def _put(self, bit: int) -> None:
        if self.first:
            self.first = False
        else:
            self.bits.u(bit, 1)
        self.bits.flags(str(1 - bit) * self.waiting)
        self.waiting = 0

    def _renormalise(self) -> None:
        while self.range < 256:
            if self.low < 256:
                self._put(0)
            elif self.low >= 512:
                self.low -= 512
                self._put(1)
            else:
                self.low -= 256
                self.waiting += 1
            self.range, self.low = self.range << 1, self.low << 1

    def probable(self) -> None:
        self.range -= _LPS[self.state][self.range >> 6 & 3]
        self.state += 1
        self._renormalise()

    def terminate(self, end: int) -> None:
        self.range -= 2
        if not end:
            self._renormalise()
            return
        self.low, self.range = self.low + self.range, 2
        self._renormalise()
        self._put(self.low >> 9 & 1)
        self.bits.u(self.low >> 7 & 3 | 1, 2)
        self.bits.align()


def _profile(bits: _Bits) -> None:
    bits.u(3, 8)  # main still picture
    bits.u(0x70000000, 32)
    bits.flags("1001" + "0" * 44)
    bits.u(93, 8)


def _parameters(width: int, height: int) -> tuple[bytes, bytes, bytes]:
    """Video, sequence and picture parameter sets (7.3.2)."""
    video, sequence, picture = _Bits(), _Bits(), _Bits()
    video.flags("0000" + "11" + "000000" + "000" + "1" + "1" * 16)
    _profile(video)
    video.flags("1")
    video.ue(0, 0, 0)
    video.u(0, 6)
    video.ue(0)
    video.flags("00")
    sequence.flags("0000" + "000" + "1")
    _profile(sequence)
    sequence.ue(0, 1, width, height)
    sequence.flags("0")
    sequence.ue(0, 0, 0)
    sequence.flags("1")
    sequence.ue(0, 0, 0)
    sequence.ue(1, 0, 0, 2, 0, 0)  # blocks of 16, transforms of 4 to 16
    sequence.flags("000" + "1" + "0111" + "0111")  # samples as they are, of eight bits
    sequence.ue(1, 0)
    sequence.flags("1")
    sequence.ue(0)
    sequence.flags("00000")
    picture.ue(0, 0)
    picture.flags("0000000")
    picture.ue(0, 0, 0)
    picture.flags("000")
    picture.ue(0, 0)
    picture.flags("000000" + "0" + "101" + "00")
    picture.ue(0)
    picture.flags("00")
    return video.stop(), sequence.stop(), picture.stop()


def _slice(grey: NDArray[np.uint8]) -> bytes:
    bits = _Bits()
    bits.flags("10")
    bits.ue(0, 2, 0)
    bits.flags("1")
    bits.align()
    coder = _Coder(bits)
    blocks = [(y, x) for y in range(0, grey.shape[0], _BLOCK) for x in range(0, grey.shape[1], _BLOCK)]
    for number, (y, x) in enumerate(blocks, 1):
        coder.probable()  # one block, undivided
        coder.terminate(1)  # its samples follow
        samples = grey[y : y + _BLOCK, x : x + _BLOCK].tobytes() + b"\x80" * (2 * 8 * 8)
        bits.u(int.from_bytes(samples, "big"), 8 * len(samples))
        coder.start()
        coder.terminate(int(number == len(blocks)))
    return bits.whole()


def _unit(kind: int, payload: bytes) -> bytes:
    """A NAL unit, with the bytes that keep start codes out of it (7.4.2)."""
    safe, zeros = bytearray(), 0
    for byte in payload:
        if zeros >= 2 and byte <= 3:
            safe.append(3)
            zeros = 0
        safe.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes([kind << 1, 1]) + bytes(safe)


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def _full(kind: bytes, version: int, *parts: bytes) -> bytes:
    return _box(kind, struct.pack(">I", version << 24), *parts)


def heic(grey: NDArray[np.uint8], *, exif: bytes = b"") -> bytes:
    """A HEIC file of a grey picture.

    Parameters
    ----------
    grey
        (rows, columns), both divisible by 16, at most 12 blocks of 16 × 16.
    exif
        A TIFF block to go with it, as cameras write it.
    """
    rows, columns = grey.shape
    units = [_unit(32 + at, body) for at, body in enumerate(_parameters(columns, rows))]
    unit = _unit(19, _slice(grey))
    picture = struct.pack(">I", len(unit)) + unit
    note = struct.pack(">I", 0) + exif
    arrays = b"".join(bytes([0xA0 + at]) + struct.pack(">HH", 1, len(one)) + one for at, one in enumerate(units))
    setup = bytes([1, 3]) + struct.pack(">I", 0x70000000) + b"\x90\0\0\0\0\0" + bytes([93])
    setup += b"\xf0\0\xfc\xfd\xf8\xf8\0\0\x0f" + bytes([3]) + arrays
    properties = _box(b"ipco", _box(b"hvcC", setup), _full(b"ispe", 0, struct.pack(">II", columns, rows)),
                      _box(b"colr", b"nclx", struct.pack(">HHHB", 1, 13, 6, 0x80)))  # fmt: skip
    owned = _full(b"ipma", 0, struct.pack(">IHB", 1, 1, 3), bytes([0x81, 2, 3]))
    items = [(1, b"hvc1", picture)] + ([(2, b"Exif", note)] if exif else [])
    listed = b"".join(_full(b"infe", 2, struct.pack(">HH4s", at, 0, kind), b"\0") for at, kind, _ in items)
    refers = _full(b"iref", 0, _box(b"cdsc", struct.pack(">HHH", 2, 1, 1))) if exif else b""

    def meta(start: int) -> bytes:
        places, at = b"", start
        for number, _, body in items:
            places += struct.pack(">HHHII", number, 0, 1, at, len(body))
            at += len(body)
        return _full(
            b"meta", 0, _full(b"hdlr", 0, struct.pack(">I4s", 0, b"pict"), b"\0" * 13), _full(b"pitm", 0, b"\0\1"),
            _full(b"iloc", 0, b"\x44\x00", struct.pack(">H", len(items)), places),
            _full(b"iinf", 0, struct.pack(">H", len(items)), listed), refers, _box(b"iprp", properties, owned),
        )  # fmt: skip

    head = _box(b"ftyp", b"heic\0\0\0\0mif1heic")
    start = len(head) + len(meta(0)) + 8
    return head + meta(start) + _box(b"mdat", *(body for _, _, body in items))
