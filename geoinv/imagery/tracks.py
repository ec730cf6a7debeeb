"""Roads and tracks on a scene: long, even bands, paler than the ground at both sides.

A band is a strip paler than the strips at both its sides, whichever is nearer to it, over a length: an edge has one
such side only. Strips are thinned to lines, broken where they fork, and joined end to end where they run on. What a
line is worth is weighed by signs that worlds taught; dark bands are left out, since they are rivers and shadows as
often as paved roads.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely.geometry import LineString
from skimage.filters import apply_hysteresis_threshold
from skimage.morphology import skeletonize

from geoinv.imagery.masks import Field, lab
from geoinv.imagery.scene import Patch

__all__ = ["SIGNS", "Track", "track_odds", "tracks_of"]

#: Metres a pixel of the search; widths of bands and the length they are looked at over, metres; and the ways they run.
GSD = 1.0
_WIDTHS_M, _LONG_M, _WAYS = (3.0, 5.5), 14.0, 16
#: Lightness across a band, L*, from which one starts and goes on.
_SURE, _LEAST = 4.0, 2.0
#: The ground round about is the median of cells of so many metres, so many a side; how much darker and paler counts.
_CELL_M, _AROUND, _DARKER, _PALER = 3.0, 9, 6.0, 12.0
#: Shortest piece of ridge and shortest track, metres; ends this near that turn by less are one track.
_PIECE_M, _SHORTEST_M = 8.0, 40.0
_GAP_M, _TURN_DEG = 14.0, 30.0
#: Where the ground at its sides is read, metres from the middle; and metres between readings along it.
_BESIDE_M, _STEP_M = 6.5, 2.0
#: What is weighed, in order.
SIGNS = ("both sides", "length", "bends", "weakest", "unlike", "restless")
#: Constant, then one weight a sign, from `scripts/learn_suggestions.py`.
_WEIGHTS = (-5.169, 2.413, 0.718, -0.799, 4.578, -0.890, 2.673)
_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Track:
    """A band found.

    Attributes
    ----------
    line
        Its middle, metres of the patch's frame.
    signs
        In the order of ``SIGNS``: the share of it that is paler than both its sides, the logarithm of its length over
        100 m, mean turn a metre (degrees), how much paler its weakest fifth is, how unlike its sides are, and how
        lightness changes along it (all in tens of L*).
    """

    line: LineString
    signs: tuple[float, ...]


def tracks_of(patch: Patch) -> list[Track]:
    """The bands of a patch, longest first; its resolution should be near ``GSD``."""
    colours = lab(patch.rgb)
    ridge = _ridge(_calm(colours[..., 0], patch.gsd), patch.gsd)
    ridge[~ndimage.binary_erosion(patch.valid, iterations=max(1, round(4.0 / patch.gsd)), border_value=1)] = 0.0
    near = ndimage.grey_dilation(ridge, size=(3, 3))
    crests = skeletonize(ndimage.binary_closing(ridge > _LEAST, np.ones((3, 3), bool)))
    thin = crests & apply_hysteresis_threshold(near, _LEAST, _SURE)
    pieces = [patch.to_metres(line) for line in _pieces(thin, _PIECE_M / patch.gsd)]
    found = []
    for points in _joined(pieces):
        line = LineString(points).simplify(0.7)
        if isinstance(line, LineString) and line.length >= _SHORTEST_M:
            found.append(Track(line, _signs(line, colours, patch)))
    return sorted(found, key=lambda one: (-one.line.length, one.line.bounds))


def track_odds(track: Track) -> float:
    """Probability that a band is a road or track: at least seven tenths of it within 3 m of one's middle."""
    odds = _WEIGHTS[0] + sum(weight * sign for weight, sign in zip(_WEIGHTS[1:], track.signs, strict=True))
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, odds))))


def _calm(lightness: Field, gsd: float) -> Field:
    """Lightness against that of the ground round about, L*, which trees, shadows and roofs cannot pull far."""
    small = cv2.resize(lightness, None, fx=gsd / _CELL_M, fy=gsd / _CELL_M, interpolation=cv2.INTER_AREA)
    usual = ndimage.median_filter(small, size=_AROUND)
    wide = cv2.resize(usual, lightness.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip(lightness - wide, -_DARKER, _PALER), np.float32)


def _ridge(lightness: Field, gsd: float) -> Field:
    """How much paler a band of any width and way is than both its sides, L*, on the middle of such a band; else 0."""
    size = 2 * math.ceil((_LONG_M / 2 + max(_WIDTHS_M) * 1.5) / gsd) + 1
    steps = (np.arange(size) - size // 2) * gsd
    best, way = np.zeros(lightness.shape, np.float32), np.zeros(lightness.shape, np.int64)
    for number in range(_WAYS):
        turn = number * math.pi / _WAYS
        along = steps[None, :] * math.cos(turn) + steps[:, None] * math.sin(turn)
        off = steps[:, None] * math.cos(turn) - steps[None, :] * math.sin(turn)
        for width in _WIDTHS_M:
            middle, left, right = (_strip(lightness, along, off - at * width, width) for at in (0.0, 1.25, -1.25))
            paler = middle - np.maximum(left, right)
            way[paler > best] = number
            np.maximum(best, paler, out=best)
    rows, columns = np.indices(best.shape, sparse=False)
    crest = np.ones(best.shape, bool)
    for side in (-1.5, -0.75, 0.75, 1.5):
        turned = way * math.pi / _WAYS
        beside = [rows + side * np.cos(turned), columns - side * np.sin(turned)]
        crest &= best >= ndimage.map_coordinates(best, beside, order=1, mode="nearest")
    return np.asarray(np.where(crest, best, 0.0), np.float32)


def _strip(lightness: Field, along: _Floats, off: _Floats, width: float) -> Field:
    """Mean over a strip of a width and ``_LONG_M`` long about each pixel."""
    reach = np.clip(0.5 + (width / 2 - np.abs(off)), 0, 1) * (np.abs(along) <= _LONG_M / 2)
    return np.asarray(cv2.filter2D(lightness, cv2.CV_32F, (reach / reach.sum()).astype(np.float32)), np.float32)


def _pieces(thin: NDArray[np.bool_], least: float) -> Iterator[_Floats]:
    """Lines of a skeleton between its forks, pixel centres in order (column, row), of at least so many pixels."""
    around = ndimage.convolve(thin.astype(np.uint8), np.ones((3, 3), np.uint8), mode="constant") - 1
    open_ = thin & (around <= 2)
    labels, _ = ndimage.label(open_, np.ones((3, 3)))
    for index, where in enumerate(ndimage.find_objects(labels), 1):
        cells = np.argwhere(labels[where] == index)
        if len(cells) >= least:
            yield _ordered(cells + [where[0].start, where[1].start])[:, ::-1] + 0.5


def _ordered(cells: NDArray[np.int64]) -> _Floats:
    """Cells of a line from one of its ends to the other."""
    apart = np.abs(cells[:, None] - cells[None]).max(axis=2)
    near = (apart == 1).sum(axis=1)
    here, order = int(near.argmin()), []
    left = np.ones(len(cells), bool)
    while True:
        order.append(here)
        left[here] = False
        steps = np.where(left & (apart[here] == 1), np.abs(cells - cells[here]).sum(axis=1), 9)
        if not left.any() or steps.min() == 9:
            return cells[order].astype(np.float64)
        here = int(steps.argmin())


def _joined(pieces: Sequence[_Floats]) -> list[_Floats]:
    """Pieces joined end to end, nearest ends first, where one runs on into the other."""
    lines = list(pieces)
    while True:
        best: tuple[float, int, int, _Floats] | None = None
        ends = np.array([[line[0], line[-1]] for line in lines]).reshape(-1, 2)
        apart = np.hypot(*(ends[:, None] - ends[None]).transpose(2, 0, 1)) if len(ends) else np.empty((0, 0))
        for one, other in np.argwhere(apart < _GAP_M):
            if one // 2 >= other // 2:
                continue
            first = lines[one // 2] if one % 2 else lines[one // 2][::-1]
            second = lines[other // 2] if not other % 2 else lines[other // 2][::-1]
            if _runs_on(first, second) and (best is None or apart[one, other] < best[0]):
                best = (float(apart[one, other]), one // 2, other // 2, np.concatenate([first, second]))
        if best is None:
            return lines
        lines = [line for index, line in enumerate(lines) if index not in best[1:3]] + [best[3]]


def _runs_on(first: _Floats, second: _Floats) -> bool:
    """Whether the end of one line runs on into the start of the other: neither bend between them is sharp."""
    out = first[-1] - first[max(0, len(first) - 10)]
    into = second[min(len(second) - 1, 9)] - second[0]
    over = second[0] - first[-1]
    between = over if np.hypot(*over) > 3.0 else into
    return max(_turn(out, between), _turn(between, into), _turn(out, into)) < _TURN_DEG


def _turn(one: _Floats, other: _Floats) -> float:
    size = float(np.hypot(*one) * np.hypot(*other))
    return math.degrees(math.acos(float(np.clip((one @ other) / size, -1, 1)))) if size > 0 else 0.0


def _signs(line: LineString, colours: Field, patch: Patch) -> tuple[float, ...]:
    at = np.arange(_STEP_M / 2, line.length, _STEP_M)
    points, ahead = (shapely.get_coordinates(shapely.line_interpolate_point(line, at + off)) for off in (-0.5, 0.5))
    along = (ahead - points) / np.maximum(np.linalg.norm(ahead - points, axis=1), 1e-9)[:, None]
    across = np.column_stack([-along[:, 1], along[:, 0]])
    smooth = [ndimage.gaussian_filter(colours[..., k], 0.8 / patch.gsd) for k in range(2)]
    here, left, right = (_read(smooth, patch, points + off * across) for off in (0.0, _BESIDE_M, -_BESIDE_M))
    paler = np.minimum(here[0] - left[0], here[0] - right[0])
    vertices = shapely.get_coordinates(line)
    runs = np.diff(vertices, axis=0)
    bends = sum(_turn(one, other) for one, other in zip(runs[:-1], runs[1:], strict=True)) / line.length
    return (
        float((paler > 0.5).mean()),
        math.log(line.length / 100.0),
        float(bends),
        float(np.percentile(paler, 20)) / 10,
        float(np.median(np.abs(left[0] - right[0]))) / 10,
        float(np.std(here[0])) / 10,
    )


def _read(smooth: Sequence[Field], patch: Patch, metres: _Floats) -> list[_Floats]:
    pixels = patch.to_pixels(metres) - 0.5
    return [
        np.asarray(ndimage.map_coordinates(one, [pixels[:, 1], pixels[:, 0]], order=1, mode="nearest"))
        for one in smooth
    ]
