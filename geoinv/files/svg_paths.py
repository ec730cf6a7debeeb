"""SVG 1.1 path data, transforms and lengths as arrays of points: curves are flattened to a stated tolerance."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

__all__ = ["Matrix", "flatten_ellipse", "flatten_path", "length_of", "numbers_of", "transform_of"]

Points = NDArray[np.float64]
#: 2 × 3 affine, ``[x', y'] = M · [x, y, 1]``.
Matrix = NDArray[np.float64]

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_NUMBERS = re.compile(_NUMBER)
_COMMANDS = re.compile(rf"([MmLlHhVvCcSsQqTtAaZz])|({_NUMBER})")
_TRANSFORMS = re.compile(r"(matrix|translate|scale|rotate|skewX|skewY)\s*\(([^)]*)\)")
_ARITY = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7, "Z": 0}
_UNITS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0, "em": 16.0}
_MOST_STEPS = 64


def numbers_of(text: str) -> list[float]:
    """All numbers in a text, in order.

    Raises
    ------
    ValueError
        If one of them is not finite.
    """
    values = [float(token) for token in _NUMBERS.findall(text)]
    if not all(map(math.isfinite, values)):
        raise ValueError("a number is not finite")
    return values


def length_of(text: str | None, *, whole: float, default: float = 0.0) -> float:
    """A length in user units; per cent are of ``whole``.

    Raises
    ------
    ValueError
        If the text is no length.
    """
    if text is None or not text.strip():
        return default
    found = re.fullmatch(rf"\s*({_NUMBER})\s*([a-z%]*)\s*", text)
    if found is None or (found.group(2) not in _UNITS and found.group(2) != "%"):
        raise ValueError(f"“{text[:40]}” is no length")
    value = float(found.group(1))
    if not math.isfinite(value):
        raise ValueError("a length is not finite")
    return value * whole / 100 if found.group(2) == "%" else value * _UNITS[found.group(2)]


def _one_transform(kind: str, v: list[float]) -> Matrix:
    if kind == "matrix" and len(v) == 6:
        return np.array([[v[0], v[2], v[4]], [v[1], v[3], v[5]]])
    if kind == "translate" and len(v) in (1, 2):
        return np.array([[1.0, 0.0, v[0]], [0.0, 1.0, v[1] if len(v) == 2 else 0.0]])
    if kind == "scale" and len(v) in (1, 2):
        return np.array([[v[0], 0.0, 0.0], [0.0, v[-1], 0.0]])
    if kind == "rotate" and len(v) in (1, 3):
        c, s = math.cos(math.radians(v[0])), math.sin(math.radians(v[0]))
        x, y = v[1:] if len(v) == 3 else (0.0, 0.0)
        return np.array([[c, -s, x - c * x + s * y], [s, c, y - s * x - c * y]])
    if kind in ("skewX", "skewY") and len(v) == 1:
        lean = math.tan(math.radians(v[0]))
        return np.array([[1.0, lean, 0.0], [0.0, 1.0, 0.0]] if kind == "skewX" else [[1.0, 0.0, 0.0], [lean, 1.0, 0.0]])
    raise ValueError(f"“{kind}” has the wrong number of values")


def transform_of(text: str | None, parent: Matrix) -> Matrix:
    """The parent's transform followed inwards by an element's own (SVG 1.1, section 7.6).

    Raises
    ------
    ValueError
        If it cannot be read.
    """
    matrix = np.vstack([parent, [0.0, 0.0, 1.0]])
    for kind, inside in _TRANSFORMS.findall(text or ""):
        with np.errstate(all="ignore"):  # what overflows is refused below
            matrix = matrix @ np.vstack([_one_transform(kind, numbers_of(inside)), [0.0, 0.0, 1.0]])
    if not np.isfinite(matrix).all():
        raise ValueError("a transform is not finite")
    return matrix[:2]


def _steps(points: list[complex], tolerance: float) -> int:
    """Pieces for a curve whose control points bend away from a line by at most this much (Wang's bound for cubics)."""
    bend = max((abs(a - 2 * b + c) for a, b, c in zip(points, points[1:], points[2:], strict=False)), default=0.0)
    if not math.isfinite(bend):
        raise ValueError("a curve is not finite")
    return max(1, min(_MOST_STEPS, math.ceil(math.sqrt(0.75 * bend / tolerance))))


def _bezier(points: list[complex], tolerance: float) -> list[complex]:
    count = _steps(points, tolerance)
    out = []
    for step in range(1, count + 1):
        t = step / count
        level = points
        while len(level) > 1:
            level = [a + (b - a) * t for a, b in zip(level, level[1:], strict=False)]
        out.append(level[0])
    return out


def _arc(start: complex, v: list[float], end: complex, tolerance: float) -> list[complex]:
    """An elliptical arc by its centre (SVG 1.1, appendix F.6.5)."""
    rx, ry = abs(v[0]), abs(v[1])
    if rx == 0 or ry == 0 or start == end:
        return [end]
    turn = complex(math.cos(math.radians(v[2])), math.sin(math.radians(v[2])))
    half = (start - end) / 2 * turn.conjugate()
    over = (half.real / rx) ** 2 + (half.imag / ry) ** 2
    if over > 1:
        rx, ry = rx * math.sqrt(over), ry * math.sqrt(over)
        over = 1.0
    root = math.sqrt(max(0.0, 1 / over - 1)) * (-1 if bool(v[3]) == bool(v[4]) else 1)
    centre = complex(root * rx * half.imag / ry, -root * ry * half.real / rx)
    first = complex((half.real - centre.real) / rx, (half.imag - centre.imag) / ry)
    last = complex((-half.real - centre.real) / rx, (-half.imag - centre.imag) / ry)
    begin = math.atan2(first.imag, first.real)
    sweep = math.atan2(last.imag, last.real) - begin
    sweep += 2 * math.pi if v[4] and sweep < 0 else -2 * math.pi if not v[4] and sweep > 0 else 0.0
    middle = centre * turn + (start + end) / 2
    count = max(2, min(4 * _MOST_STEPS, math.ceil(abs(sweep) * math.sqrt(max(rx, ry) / (8 * tolerance)))))
    angles = [begin + sweep * step / count for step in range(1, count)]
    return [middle + complex(rx * math.cos(a), ry * math.sin(a)) * turn for a in angles] + [end]


class _Pen:
    """Where the pen is while path data are read."""

    def __init__(self, tolerance: float) -> None:
        self.tolerance = tolerance
        self.at, self.start, self.control = 0j, 0j, 0j
        self.last = ""
        self.parts: list[tuple[list[complex], bool]] = []

    def run(self, command: str, v: list[float]) -> None:
        kind, relative = command.upper(), command.islower()
        base = self.at if relative else 0j
        if kind == "M":
            self.start = self.at = base + complex(*v)
            self.parts.append(([self.at], False))
        elif kind == "Z":
            if self.parts:
                self.parts[-1] = (self.parts[-1][0], True)
            self.at = self.start
        else:
            if not self.parts or self.parts[-1][1]:
                self.parts.append(([self.at], False))
            _DRAW[kind](self, base, v, relative)
        self.last = kind

    def to(self, points: list[complex]) -> None:
        self.parts[-1][0].extend(points)
        self.at = points[-1]

    def straight(self, base: complex, v: list[float], relative: bool) -> None:
        self.to([base + complex(*v)])

    def level(self, base: complex, v: list[float], relative: bool) -> None:
        self.to([complex(base.real + v[0], self.at.imag)])

    def upright(self, base: complex, v: list[float], relative: bool) -> None:
        self.to([complex(self.at.real, base.imag + v[0])])

    def _mirrored(self, kinds: str) -> complex:
        return 2 * self.at - self.control if self.last in kinds and self.last else self.at

    def _curve(self, points: list[complex]) -> None:
        self.control = points[-2]
        self.to(_bezier([self.at, *points], self.tolerance))

    def cubic(self, base: complex, v: list[float], relative: bool) -> None:
        self._curve([base + complex(*v[i : i + 2]) for i in (0, 2, 4)])

    def smooth(self, base: complex, v: list[float], relative: bool) -> None:
        self._curve([self._mirrored("CS"), *(base + complex(*v[i : i + 2]) for i in (0, 2))])

    def quadratic(self, base: complex, v: list[float], relative: bool) -> None:
        self._curve([base + complex(*v[i : i + 2]) for i in (0, 2)])

    def smooth_quadratic(self, base: complex, v: list[float], relative: bool) -> None:
        self._curve([self._mirrored("QT"), base + complex(*v)])

    def arc(self, base: complex, v: list[float], relative: bool) -> None:
        self.to(_arc(self.at, v[:5], base + complex(*v[5:]), self.tolerance))


_DRAW: dict[str, Callable[[_Pen, complex, list[float], bool], None]] = {
    "L": _Pen.straight, "H": _Pen.level, "V": _Pen.upright, "C": _Pen.cubic, "S": _Pen.smooth, "Q": _Pen.quadratic,
    "T": _Pen.smooth_quadratic, "A": _Pen.arc,
}  # fmt: skip


def _commands(data: str) -> Iterator[tuple[str, list[float]]]:
    command, values = "", list[float]()
    for letter, number in _COMMANDS.findall(data):
        if letter:
            if values:
                raise ValueError("path data stop in the middle of a command")
            command = letter
            if letter in "Zz":
                yield letter, []
            continue
        if not command or command in "Zz":
            raise ValueError("path data have a number without a command")
        # The flags of an arc may be written without a space ("01"), which no number otherwise is.
        if command in "Aa" and len(values) in (3, 4) and number[0] in "01" and len(number) > 1:
            values.append(float(number[0]))
            number = number[1:]
            if len(values) == 4 and number[0] in "01" and len(number) > 1:
                values.append(float(number[0]))
                number = number[1:]
        values.append(float(number))
        if len(values) == _ARITY[command.upper()]:
            yield command, values
            values = []
            command = {"M": "L", "m": "l"}.get(command, command)
    if values:
        raise ValueError("path data stop in the middle of a command")


def flatten_path(data: str, tolerance: float) -> list[tuple[Points, bool]]:
    """Subpaths of SVG path data.

    Parameters
    ----------
    data
        The ``d`` attribute.
    tolerance
        Largest distance between a curve and its pieces, in the path's own units.

    Returns
    -------
    list of (points (n, 2), closed)
        Subpaths of two points or more; ``closed`` is whether a ``Z`` ended it.

    Raises
    ------
    ValueError
        If the data cannot be read or are not finite.
    """
    pen = _Pen(tolerance)
    for command, values in _commands(data):
        pen.run(command, values)
    out = []
    for points, closed in pen.parts:
        array = np.array([(p.real, p.imag) for p in points], dtype=np.float64)
        if not np.isfinite(array).all():
            raise ValueError("a place is not finite")
        if len(array) >= 2:
            out.append((array, closed))
    return out


def flatten_ellipse(cx: float, cy: float, rx: float, ry: float) -> Points:
    """An ellipse as 48 points; 0.2 % of its radius is the largest distance from it."""
    angles = np.arange(48) * (2 * np.pi / 48)
    return np.column_stack([cx + rx * np.cos(angles), cy + ry * np.sin(angles)])
