"""The sheet's four sides: straight steps in colour that together frame it, then placed within a fraction of a pixel."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from geoinv.facilities.trace_lid import set_off, unlike_lid

__all__ = ["Corners", "sharpened", "sides_of"]

Corners = NDArray[np.float64]
Array = NDArray[np.float64]

#: Longer side of the picture in which sides are sought, in pixels.
_SEARCH_SIDE = 640
#: Lines sought a direction, and how many of them are tried together.
_LINES, _TRIED = 16, 9
#: A step in colour (eight-bit Lab) that counts half.
_HALF_STEP = 9.0
#: What is surely not the lid about it differs from the lid by so much.
_OFF_LID = 30.0
#: Of 160 places along a side, at most so many to either hand are taken together.
_ALONG = 6
#: What the picture's own frame counts as a side, and what area adds.
_FRAME, _AREA = 0.22, 0.4
#: A sheet fills at least this share of the picture.
_LEAST_SHARE = 0.18


@dataclass(frozen=True)
class _Line:
    """A straight line n·p = rho, with the step across it at every pixel along it (prefix sums)."""

    normal: Array
    rho: float
    along: Array
    origin: float
    step: Array
    seen: Array
    frame: bool = False


def _votes(lab: NDArray[np.float32]) -> tuple[Array, Array, Array, Array]:
    """Places, directions and strengths of edges in colour."""
    gx = np.stack([cv2.Sobel(lab[..., k], cv2.CV_32F, 1, 0, ksize=3) for k in range(lab.shape[2])], axis=-1)
    gy = np.stack([cv2.Sobel(lab[..., k], cv2.CV_32F, 0, 1, ksize=3) for k in range(lab.shape[2])], axis=-1)
    # The direction in which all channels together change most (Di Zenzo 1986).
    xx, yy, xy = (gx * gx).sum(-1), (gy * gy).sum(-1), (gx * gy).sum(-1)
    angle = 0.5 * np.arctan2(2 * xy, xx - yy)
    strength = np.sqrt(np.maximum(0.5 * (xx + yy + np.hypot(xx - yy, 2 * xy)), 0))
    ridge = strength >= cv2.dilate(strength, np.ones((3, 3), np.uint8)) * 0.6
    least = max(4.0, 2.0 * float(np.median(strength)))
    rows, columns = np.nonzero(ridge & (strength > least))
    return (
        columns.astype(float),
        rows.astype(float),
        angle[rows, columns].astype(float),
        np.minimum(strength[rows, columns] / 60.0, 1.0).astype(float),
    )


def _peaks(lab: NDArray[np.float32]) -> list[tuple[float, float]]:
    """Directions and distances of the straightest edges (Hough 1962, with the edges' own directions)."""
    x, y, angle, weight = _votes(lab)
    reach = int(np.hypot(*lab.shape[:2])) + 2
    table = np.zeros((180, 2 * reach), np.float32)
    for off in range(-3, 4):
        theta = np.round(np.degrees(angle) + off).astype(int) % 180
        rad = np.radians(theta)
        rho = np.round(x * np.cos(rad) + y * np.sin(rad)).astype(int) + reach
        np.add.at(table, (theta, rho), weight)
    table = np.asarray(cv2.GaussianBlur(table, (3, 3), 0.8), np.float32)
    found: list[tuple[float, float]] = []
    for level in (True, False):
        part = table.copy()
        steep = np.abs(np.arange(180) - 90) < 45
        part[~steep if level else steep] = 0
        for _ in range(_LINES):
            row, at = divmod(int(part.argmax()), part.shape[1])
            if part[row, at] <= 0.1 * min(lab.shape[:2]):
                break
            found.append((float(np.radians(row)), float(at - reach)))
            _clear(part, row, at, reach)
    return found


def _clear(table: NDArray[np.float32], theta: int, at: int, reach: int) -> None:
    """Take a peak and what is nearly the same line out of the table."""
    for t in range(theta - 4, theta + 5):
        middle = at if 0 <= t < 180 else 2 * reach - at
        table[t % 180, max(0, middle - 6) : middle + 7] = 0


def _line(lab: NDArray[np.float32], theta: float, rho: float, *, frame: bool = False) -> _Line:
    """A line with the step in colour across it: what lies a little to either side, not what lies on it."""
    normal = np.array([np.cos(theta), np.sin(theta)])
    along = np.array([-normal[1], normal[0]])
    reach = int(np.hypot(*lab.shape[:2]))
    at = np.arange(-reach, reach + 1, dtype=np.float32)
    foot = normal * rho
    steps = []
    # Close by, and far enough off that a broad stroke has paper on both sides again.
    for off in (3.0, 5.5, 9.0, 13.0):
        left, right = (_sampled(lab, foot, along, at, normal * (sign * off)) for sign in (-1, 1))
        steps.append(np.abs(left - right).max(axis=-1))
    inside = _inside(lab, foot, along, at)
    step = np.minimum.reduce([steps[0] * 1.5, steps[1], steps[2] * 1.2, steps[3] * 1.4])
    # Along the side the step must hold: a median over neighbours drops strokes and patterns that cross it.
    step = cv2.medianBlur(step.astype(np.float32).reshape(1, -1), 5).ravel()
    share = np.where(inside, step / (step + _HALF_STEP), 0.0)
    return _Line(normal, rho, along, float(reach), np.concatenate([[0], np.cumsum(share)]),
                 np.concatenate([[0], np.cumsum(inside)]), frame)  # fmt: skip


def _sampled(
    lab: NDArray[np.float32], foot: Array, along: Array, at: NDArray[np.float32], shift: Array
) -> NDArray[np.float32]:
    points = (foot + shift)[None, :] + at[:, None] * along[None, :]
    xy = points.astype(np.float32)
    out = cv2.remap(lab, xy[:, 0:1].copy(), xy[:, 1:2].copy(), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(out[:, 0], np.float32)


def _inside(lab: NDArray[np.float32], foot: Array, along: Array, at: NDArray[np.float32]) -> NDArray[np.bool_]:
    points = foot[None, :] + at[:, None] * along[None, :]
    rows, columns = lab.shape[:2]
    return np.asarray(
        (points[:, 0] > 2) & (points[:, 0] < columns - 3) & (points[:, 1] > 2) & (points[:, 1] < rows - 3)
    )


def _steady(line: _Line, length: float) -> float:
    """The strongest mean step over a stretch of some length."""
    n = int(length)
    return float((line.step[n:] - line.step[:-n]).max() / n)


def _crossing(a: _Line, b: _Line) -> Array | None:
    matrix = np.array([a.normal, b.normal])
    if abs(float(np.linalg.det(matrix))) < 0.4:
        return None
    return np.asarray(np.linalg.solve(matrix, np.array([a.rho, b.rho])))


def _support(line: _Line, start: Array, end: Array) -> tuple[float, float]:
    """Mean step along a side as far as it is in the picture, and what share of it is."""
    if line.frame:
        return _FRAME, 1.0
    low, high = sorted((float(line.along @ start), float(line.along @ end)))
    i, j = (int(np.clip(round(v + line.origin), 0, len(line.step) - 1)) for v in (low, high))
    seen = line.seen[j] - line.seen[i]
    return float((line.step[j] - line.step[i]) / max(1.0, seen)), float(seen / max(1.0, high - low))


def _score(sides: tuple[_Line, _Line, _Line, _Line], size: tuple[int, int]) -> tuple[float, Corners] | None:
    """How well top, right, bottom and left frame a sheet; its corners clockwise from the top left."""
    top, right, bottom, left = sides
    crossings = [_crossing(a, b) for a, b in ((top, left), (top, right), (bottom, right), (bottom, left))]
    if any(point is None for point in crossings):
        return None
    corners = np.array(crossings, dtype=np.float64)
    rows, columns = size
    slack = 0.12 * max(size)
    if (corners < -slack).any() or (corners > np.array([columns, rows]) + slack).any():
        return None
    area = _area(corners)
    if area < _LEAST_SHARE * rows * columns or not _square_enough(corners):
        return None
    found = [_support(line, corners[i], corners[(i + 1) % 4]) for i, line in enumerate(sides)]
    real = sum(not line.frame for line in sides)
    if min(seen for _, seen in found) < 0.3 or (real and real < 3 and (area < 0.7 * rows * columns or min(
        value for (value, _), line in zip(found, sides, strict=True) if not line.frame) < 0.6)):  # fmt: skip
        return None
    values = [value for value, _ in found]
    return float(np.mean(values)) + 0.5 * min(values) + _AREA * min(1.0, area / (rows * columns)), corners


def _stands_out(lab: NDArray[np.float32], sides: tuple[_Line, _Line, _Line, _Line], corners: Corners) -> bool:
    return set_off(lab, corners, [index for index, line in enumerate(sides) if not line.frame])


def _area(corners: Corners) -> float:
    x, y = corners.T
    return float(0.5 * (x @ np.roll(y, -1) - y @ np.roll(x, -1)))


def _square_enough(corners: Corners) -> bool:
    sides = np.roll(corners, -1, axis=0) - corners
    lengths = np.hypot(*sides.T)
    turn = sides[:, 0] * np.roll(sides, -1, 0)[:, 1] - sides[:, 1] * np.roll(sides, -1, 0)[:, 0]
    sines = turn / np.maximum(lengths * np.roll(lengths, -1), 1e-9)
    return bool((sines > 0.75).all() and lengths.min() > 0.3 * lengths.max())


def _looks(pixels: NDArray[np.uint8], factor: float) -> NDArray[np.float32]:
    """A picture made smaller, without its thin lines: Lab, and how unlike a scanner's lid it is."""
    small = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    # Pen strokes and printed lines are thin: a median drops them, and keeps the sheet's edge where it is.
    lab = cv2.cvtColor(cv2.medianBlur(np.asarray(small, np.uint8), 7), cv2.COLOR_RGB2LAB)
    other = cv2.medianBlur((255 * unlike_lid(pixels, (lab.shape[0], lab.shape[1]))).astype(np.uint8), 5)
    return np.dstack([np.asarray(lab, np.float32), other.astype(np.float32) * (_OFF_LID / 255)])


def sides_of(pixels: NDArray[np.uint8]) -> Corners | None:
    """Roughly the corners of the sheet in a picture.

    Parameters
    ----------
    pixels
        ``uint8`` RGB.

    Returns
    -------
    array (4, 2) or None
        Clockwise from the top left. Of all fours of straight edges, those across which colour changes most over their
        whole length; ``None`` if the picture's own frame is as good.
    """
    factor = min(1.0, _SEARCH_SIDE / max(pixels.shape[:2]))
    lab = _looks(pixels, factor)
    rows, columns = lab.shape[:2]
    lines = [_line(lab, theta, rho) for theta, rho in _peaks(lab)]
    lines.sort(key=lambda line: -_steady(line, 0.4 * min(rows, columns)))
    frames = [(np.pi / 2, 0.0), (0.0, float(columns)), (np.pi / 2, float(rows)), (0.0, 0.0)]
    frame = [_line(lab, theta, rho, frame=True) for theta, rho in frames]
    level = [line for line in lines if abs(line.normal[1]) > abs(line.normal[0])][:_TRIED]
    upright = [line for line in lines if abs(line.normal[1]) <= abs(line.normal[0])][:_TRIED]
    best, corners = 1.5 * _FRAME + _AREA + 0.02, None
    for (top, bottom), (left, right) in itertools.product(
        _opposite(level, frame[0], frame[2], columns / 2, 1), _opposite(upright, frame[3], frame[1], rows / 2, 0)
    ):
        made = _score((top, right, bottom, left), (rows, columns))
        if made is not None and made[0] > best and _stands_out(lab, (top, right, bottom, left), made[1]):
            best, corners = made
    return None if corners is None else (corners + 0.5) / factor


def _opposite(lines: list[_Line], low: _Line, high: _Line, middle: float, axis: int) -> list[tuple[_Line, _Line]]:
    """Pairs of lines that may be opposite sides, the upper or left one first."""

    def place(line: _Line) -> float:
        return float((line.rho - middle * line.normal[1 - axis]) / line.normal[axis])

    reach = place(high)
    ranked = sorted([low, *lines, high], key=place)
    return [(a, b) for a, b in itertools.combinations(ranked, 2) if place(b) - place(a) > 0.35 * reach]


def sharpened(pixels: NDArray[np.uint8], corners: Corners) -> Corners:
    """Corners where lines fitted to the sheet's very edge meet.

    Parameters
    ----------
    pixels
        ``uint8`` RGB.
    corners
        Roughly, as from ``sides_of``, in pixels of the same picture.
    """
    lab = cv2.cvtColor(cv2.GaussianBlur(pixels, (0, 0), 0.8), cv2.COLOR_RGB2LAB)
    reach = max(8, round(6 * max(pixels.shape[:2]) / _SEARCH_SIDE))
    lines = []
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        line = _edge_line(lab, start, end, reach)
        lines.append(line if line is not None else (start, (end - start) / max(1e-9, float(np.hypot(*(end - start))))))
    out = []
    for (p, d), (q, e) in zip(lines[-1:] + lines[:-1], lines, strict=True):
        cross = d[0] * e[1] - d[1] * e[0]
        out.append(p + d * ((q - p)[0] * e[1] - (q - p)[1] * e[0]) / cross if abs(cross) > 0.2 else q)
    fitted = np.array(out)
    return np.where(np.abs(fitted - corners).max(axis=1, keepdims=True) < 4 * reach, fitted, corners)


def _edge_line(lab: cv2.typing.MatLike, start: Array, end: Array, reach: int) -> tuple[Array, Array] | None:
    """A point and the direction of the line along which colour steps, near a side."""
    length = float(np.hypot(*(end - start)))
    along = (end - start) / max(length, 1e-9)
    normal = np.array([along[1], -along[0]])
    share = np.linspace(0.03, 0.97, 160)
    offsets = np.arange(-2 * reach, 2 * reach + 1)
    points = start + share[:, None, None] * (end - start) + offsets[None, :, None] * normal
    rows, columns = lab.shape[:2]
    inside = ((points > 1) & (points < np.array([columns - 2, rows - 2]))).all(axis=(1, 2))
    if inside.sum() < 24:
        return None
    xy = points[inside].astype(np.float32)
    profile = cv2.remap(lab, xy[..., 0].copy(), xy[..., 1].copy(), cv2.INTER_LINEAR).astype(np.float32)
    # Which colours change from sheet to surroundings on this side: edges of another kind do not pull.
    change = np.median(profile[:, -reach:], axis=(0, 1)) - np.median(profile[:, :reach], axis=(0, 1))
    size = float(np.linalg.norm(change))
    if size < 1.5:
        return None
    value = profile @ (change / size)
    # The slighter the step, the more neighbours along the side it is averaged over: paper's grain has steps too.
    value = np.asarray(cv2.blur(value, (1, 1 + 2 * int(min(_ALONG, 30.0 / size)))))
    w = max(2, reach // 4)
    sums = np.concatenate([np.zeros((len(value), 1)), np.cumsum(value, axis=1)], axis=1)
    k = np.arange(w, len(offsets) - w)
    step = (sums[:, k + w] - sums[:, k] - sums[:, k] + sums[:, k - w]) / w
    at = step.argmax(axis=1)
    strong = step[np.arange(len(at)), at] > 0.35 * size
    if strong.sum() < 20:
        return None
    where = _peak(step, at)[strong] + offsets[w] - 0.5
    t = share[inside][strong] * length
    slope, shift = _straight(t, where)
    point = start + normal * shift
    way = along + normal * slope
    return point, way / float(np.hypot(*way))


def _peak(step: Array, at: NDArray[np.intp]) -> Array:
    """Where a parabola through the largest value and its neighbours is highest."""
    rows = np.arange(len(at))
    inner = np.clip(at, 1, step.shape[1] - 2)
    a, b, c = step[rows, inner - 1], step[rows, inner], step[rows, inner + 1]
    bend = a - 2 * b + c
    bent = np.abs(bend) > 1e-6
    return np.asarray(inner + np.where(bent, 0.5 * (a - c) / np.where(bent, bend, 1.0), 0.0).clip(-1, 1))


def _straight(t: Array, y: Array) -> tuple[float, float]:
    """Slope and offset of a line through most of the points (least absolute differences by reweighting)."""
    weight = np.ones_like(t)
    slope, shift = 0.0, float(np.median(y))
    for _ in range(25):
        a = np.column_stack([t, np.ones_like(t)]) * weight[:, None]
        slope, shift = (float(v) for v in np.linalg.lstsq(a, y * weight, rcond=None)[0])
        off = np.abs(y - slope * t - shift)
        weight = np.sqrt(1.0 / np.maximum(off, 0.3) * (off < max(2.0, 4 * float(np.median(off)))))
    return slope, shift
