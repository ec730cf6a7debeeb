"""Practice sheets: plans and interiors by many hands, stroke by stroke, with what is truly on them.

They are what ``trace`` learns its certainty from and is measured on. Nothing on them exists anywhere: places, words and
hands are chance. Units are millimetres of the sheet, y down, origin at its top left.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import affinity
from shapely.geometry import LineString, Point, Polygon, box
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from geoinv.worlds.lettering import strokes_of, width_of

__all__ = ["Ink", "Practice", "PracticeKind", "practice_sheet"]

Array = NDArray[np.float64]
PracticeKind = Literal["compound", "interior"]

_SIZES = ((297.0, 210.0), (210.0, 297.0), (279.0, 216.0), (210.0, 148.0), (257.0, 182.0))
_WORDS = (
    *("kitchen", "office", "gate", "store", "guards", "yard", "cell 4", "no 2", "water", "men", "women", "boiler"),
    *("취사장", "사무실", "정문", "창고", "초소", "감방", "마당", "변소", "보위부", "작업반", "12", "3", "A", "old"),
    *("here we stood", "I was here", "road to town", "강", "길", "about 40 m", "6 m"),
)


@dataclass(frozen=True)
class Ink:
    """One stroke of a pen.

    Attributes
    ----------
    points
        Shape (n, 2), millimetres, y down.
    thick
        In multiples of the pen's width.
    pen
        0 for the first pen of the sheet, 1 for the second.
    kind
        ``outline``, ``line`` or ``mark`` (lettering, hatching, arrows).
    """

    points: Array
    thick: float = 1.0
    pen: int = 0
    kind: str = "outline"


@dataclass
class Practice:
    """A sheet and its truth.

    Attributes
    ----------
    size
        Width and height in millimetres.
    strokes
        In drawing order.
    shapes, optional, crossed_out, clutter
        Closed things as drawn; such as may be taken for shapes or not (a wall's ring); what was taken back; letters,
        hatching, arrows.
    lines
        Role and centre line.
    """

    size: tuple[float, float]
    kind: PracticeKind
    strokes: list[Ink] = field(default_factory=list)
    shapes: list[Polygon] = field(default_factory=list)
    optional: list[Polygon] = field(default_factory=list)
    crossed_out: list[Polygon] = field(default_factory=list)
    clutter: list[Polygon] = field(default_factory=list)
    lines: list[tuple[str, LineString]] = field(default_factory=list)


@dataclass(frozen=True)
class _Manner:
    """How one hand draws."""

    waver: float
    over: float
    gap: float
    bow: float
    twice: float
    one_go: float
    round_: float
    hatch: float
    letter: float
    second_pen: bool


def _manner(rng: np.random.Generator) -> _Manner:
    care = float(rng.beta(2, 2))
    return _Manner(
        waver=0.12 + 0.5 * care * float(rng.random()),
        over=float(rng.uniform(0.2, 2.2)) * care,
        gap=float(rng.uniform(0.0, 0.35)) * care,
        bow=float(rng.uniform(0.0, 0.018)),
        twice=float(rng.choice((0.0, 0.04, 0.15))),
        one_go=float(rng.choice((0.0, 0.3, 0.9))),
        round_=float(rng.choice((0.0, 0.0, 1.0, 2.5))),
        hatch=float(rng.choice((0.0, 0.12, 0.3))),
        letter=float(rng.uniform(3.0, 7.0)),
        second_pen=bool(rng.random() < 0.2),
    )


class _Hand:
    """Puts strokes on a sheet and keeps its truth."""

    def __init__(self, sheet: Practice, manner: _Manner, rng: np.random.Generator) -> None:
        self.sheet, self.manner, self.rng = sheet, manner, rng

    def stroke(self, points: Array, thick: float = 1.0, kind: str = "outline", pen: int = 0) -> Array:
        """One stroke as the hand makes it: slow swings about what was meant, and a tremor."""
        line = LineString(points)
        if line.length < 0.3:
            return points
        dense = np.asarray(shapely.segmentize(line, 1.2).coords)
        count = len(dense)
        swing = np.cumsum(self.rng.normal(0, 1, (count, 2)), axis=0)
        ramp = np.linspace(0, 1, count)[:, None]
        swing -= swing[0] * (1 - ramp) + swing[-1] * ramp
        swing *= self.manner.waver * min(1.0, line.length / 25) / max(1.0, math.sqrt(count) / 3)
        drawn = dense + swing + self.rng.normal(0, 0.04, dense.shape)
        self.sheet.strokes.append(Ink(drawn, thick, pen, kind))
        return drawn

    def side(self, a: Array, b: Array, thick: float, closing: float = 1.0) -> None:
        """One side of a box: a little past its corners or short of them, perhaps bowed, perhaps twice."""
        rng, length = self.rng, float(np.hypot(*(b - a)))
        along = (b - a) / max(length, 1e-9)
        ends = rng.normal(0.15, self.manner.over * 0.5 + 0.15, 2)
        if rng.random() < self.manner.gap * closing:
            ends[int(rng.integers(2))] -= rng.uniform(0.5, 4.0) * min(1.0, length / 20)
        bow = float(rng.normal(0, self.manner.bow)) * length * np.array([-along[1], along[0]])
        points = np.array([a - along * ends[0], (a + b) / 2 + bow, b + along * ends[1]])
        curve = _bent(points)
        self.stroke(curve, thick)
        if rng.random() < self.manner.twice:
            self.stroke(curve + rng.normal(0, 0.5, (1, 2)), thick)

    def ring(self, outline: Polygon, thick: float = 1.0) -> Polygon:
        """A closed outline, side by side or in one go; gives it back as drawn."""
        corners = np.asarray(outline.exterior.coords)
        if self.rng.random() < self.manner.one_go or len(corners) > 9:
            rounded = outline
            if self.manner.round_ and len(corners) <= 9:
                r = min(self.manner.round_, 0.12 * math.sqrt(outline.area))
                rounded = outline.buffer(-r).buffer(r) if isinstance(outline.buffer(-r), Polygon) else outline
            path = np.asarray(rounded.exterior.coords)[:-1]
            start = int(self.rng.integers(len(path)))
            path = np.roll(path, -start, axis=0)
            close = path[:1] + self.rng.normal(0, 0.25 + self.manner.over * 0.4, (1, 2))
            drawn = self.stroke(np.vstack([path, close]), thick)
            return outline if len(drawn) < 4 else _largest(shapely.make_valid(Polygon(np.vstack([path, path[:1]]))))
        for a, b in zip(corners, corners[1:], strict=False):
            self.side(a, b, thick)
        return outline

    def words(self, x: float, y: float, text: str, height: float, *, pen: int = 0, lean: float = 0.0) -> None:
        """A word about a middle point."""
        strokes = strokes_of(text, height, self.rng)
        if not strokes:
            return
        wide = width_of(text, height)
        a = math.radians(lean + float(self.rng.normal(0, 2.5)))
        turn = np.array(((math.cos(a), math.sin(a)), (-math.sin(a), math.cos(a))))
        placed = [((s - (wide / 2, height / 2)) * (1, -1)) @ turn + (x, y) for s in strokes]
        for points in placed:
            self.sheet.strokes.append(Ink(points, 0.8, pen, "mark"))
        self.sheet.clutter.append(shapely.MultiPoint(np.vstack(placed)).minimum_rotated_rectangle.buffer(0.8))

    def hatch(self, shape: Polygon, *, every: float, angle: float, inset: float = 0.0) -> None:
        """Parallel strokes across a shape, some short of its edge, some over it."""
        inner = shape.buffer(-inset)
        if inner.is_empty:
            return
        turned = affinity.rotate(inner, -angle, origin=(0, 0))
        west, south, east, north = turned.bounds
        y = south + every * float(self.rng.uniform(0.3, 0.9))
        while y < north:
            for part in shapely.get_parts(LineString([(west - 1, y), (east + 1, y)]).intersection(turned)):
                if part.length > 0.8 * every:
                    slip = self.rng.normal(0, 0.5, 2)
                    ends = np.asarray(part.coords) + np.array([[-slip[0], 0.0], [slip[1], 0.0]])
                    back = affinity.rotate(LineString(ends), angle, origin=(0, 0))
                    self.stroke(np.asarray(back.coords), 0.9, "mark")
            y += every * float(self.rng.uniform(0.8, 1.25))
        self.sheet.clutter.append(inner.buffer(-0.5 * every) if inner.area > 9 * every**2 else inner)

    def arrow(self, a: Array, b: Array, *, both: bool = False) -> None:
        self.stroke(np.array([a, b]), 0.9, "mark")
        way = (b - a) / max(1e-9, float(np.hypot(*(b - a))))
        side = np.array([-way[1], way[0]])
        for tip, back in ((b, -way), (a, way)) if both else ((b, -way),):
            self.stroke(np.array([tip + 3 * back + 1.6 * side, tip, tip + 3 * back - 1.6 * side]), 0.9, "mark")
        self.sheet.clutter.append(LineString([a, b]).buffer(2.0))


def _largest(shape: BaseGeometry) -> Polygon:
    """The largest polygon of what was made valid."""
    parts = [part for part in shapely.get_parts(shape) if isinstance(part, Polygon)]
    return max(parts, key=lambda part: float(part.area), default=Polygon())


def _bent(points: Array) -> Array:
    """A parabola through the ends, by way of the middle."""
    t = np.linspace(0, 1, 9)[:, None]
    a, m, b = points
    return np.asarray(a + (b - a) * t + (m - (a + b) / 2) * 4 * t * (1 - t))


# ------------------------------------------------------------------------------------------------- compounds


def _block(rng: np.random.Generator, size: float) -> Polygon:
    """One building about its own middle: mostly a box, sometimes an L, U or T, a house with a ridge, a round hut."""
    w, h = size * float(rng.uniform(0.7, 1.8)), size * float(rng.uniform(0.5, 1.0))
    kind = rng.random()
    made: BaseGeometry
    if kind < 0.68:
        made = box(-w / 2, -h / 2, w / 2, h / 2)
    elif kind < 0.82:
        made = box(-w / 2, -h / 2, w / 2, h / 2).difference(
            box(-w / 2 + w * rng.uniform(0.35, 0.6), -h, w, h / 2 - h * rng.uniform(0.35, 0.6))
        )
    elif kind < 0.88:
        made = box(-w / 2, -h / 2, w / 2, h / 2).difference(box(-w * 0.2, -h, w * 0.2, h * rng.uniform(-0.1, 0.15)))
    elif kind < 0.92:
        made = box(-w / 2, -h / 2, w / 2, 0).union(box(-w * 0.17, -0.1, w * 0.17, h / 2))
    elif kind < 0.96:
        made = Point(0, 0).buffer(size * 0.45, quad_segs=8)
    else:
        made = Polygon([(-w / 2, h / 2), (-w / 2, -h / 4), (0, -h * 0.7), (w / 2, -h / 4), (w / 2, h / 2)])
    flipped = affinity.scale(made, rng.choice((-1, 1)), rng.choice((-1, 1)))
    skew = affinity.skew(flipped, float(rng.normal(0, 2.0)), float(rng.normal(0, 2.0)))
    return skew if isinstance(skew, Polygon) else box(-w / 2, -h / 2, w / 2, h / 2)


def _wall(hand: _Hand) -> tuple[Polygon, Array]:
    """The compound's ring with its gate open; its area and the gate's middle."""
    rng, (width, height) = hand.rng, hand.sheet.size
    inset = rng.uniform(0.07, 0.2, 4)
    corners = np.array([(inset[0], inset[1]), (1 - inset[2], inset[1]), (1 - inset[2], 1 - inset[3]),
                        (inset[0], 1 - inset[3])]) * (width, height)  # fmt: skip
    corners = corners + rng.normal(0, 0.02 * width, (4, 2))
    if rng.random() < 0.3:
        corners = np.insert(corners, 2, (corners[1] + corners[2]) / 2 + (0.05 * width * rng.uniform(-1, 1), 0), axis=0)
    ring = Polygon(corners)
    if not ring.is_valid:
        ring = _largest(ring.convex_hull)
    line = LineString(ring.exterior.coords)
    at = line.project(Point(corners[-1] + (corners[-2] - corners[-1]) * float(rng.uniform(0.3, 0.7))))
    gate = np.asarray(line.interpolate(at).coords[0])
    if rng.random() < 0.88:
        half, thick = float(rng.uniform(4, 9)), float(rng.choice((1.0, 1.3, 1.7)))
        open_line = line.difference(Point(gate).buffer(half))
        parts = list(shapely.get_parts(shapely.line_merge(open_line)))
        if len(parts) > 1:
            first = np.vstack([np.asarray(parts[1].coords), np.asarray(parts[0].coords)[1:]])
            path = LineString(first) if parts[1].coords[-1] == parts[0].coords[0] else LineString(parts[0])
            parts = [path] if path.length > 0.7 * line.length else parts
        fence, double = rng.random() < 0.2, rng.random() < 0.12
        for part in parts:
            points = np.asarray(part.coords)
            if rng.random() < 0.5:
                hand.stroke(points, thick, "line")
            else:
                for a, b in zip(points, points[1:], strict=False):
                    hand.side(a, b, thick, 0.3)
            hand.sheet.lines.append(("wall", part))
            if double:
                inner = part.offset_curve(float(rng.choice((-1, 1))) * float(rng.uniform(2.5, 4)))
                for piece in shapely.get_parts(inner):
                    if piece.length > 8:
                        hand.stroke(np.asarray(piece.coords), thick, "line")
            if fence:
                step = float(rng.uniform(6, 14))
                for d in np.arange(step, part.length, step):
                    p = np.asarray(part.interpolate(d).coords[0])
                    a = float(rng.uniform(0.5, 1.2))
                    hand.stroke(np.array([p + (-a, -a), p + (a, a)]), 0.8, "mark")
                    if step > 9:
                        hand.stroke(np.array([p + (-a, a), p + (a, -a)]), 0.8, "mark")
        hand.sheet.optional.append(ring)
        _gate_marks(hand, line, at, half)
    return ring, gate


def _gate_marks(hand: _Hand, line: LineString, at: float, half: float) -> None:
    rng = hand.rng
    a, b = (np.asarray(line.interpolate((at + s * half) % line.length).coords[0]) for s in (-1, 1))
    way = (b - a) / max(1e-9, float(np.hypot(*(b - a))))
    side = np.array([-way[1], way[0]])
    kind = int(rng.integers(4))
    if kind == 0:
        for p in (a, b):
            hand.stroke(np.array([p - 2.2 * side, p + 2.2 * side]), 1.2, "mark")
    elif kind == 1:
        for p in (a, b):
            hand.ring(box(*(p - 1.3), *(p + 1.3)))
    elif kind == 2:
        hand.stroke(np.array([a, a + (way + side) * half * 0.8]), 1.0, "mark")
        hand.stroke(np.array([b, b + (-way + side) * half * 0.8]), 1.0, "mark")
    hand.sheet.clutter.append(LineString([a, b]).buffer(2.8))


def _sited(ring: Polygon, rng: np.random.Generator, scale: float) -> list[Polygon]:
    """Buildings inside a ring that do not touch, rows of like ones among them, now and then two that share a wall."""
    out: list[Polygon] = []
    angle = float(rng.normal(0, 4))
    if rng.random() < 0.4:
        west, south, east, north = ring.bounds
        size, n = scale * float(rng.uniform(0.06, 0.1)), int(rng.integers(3, 6))
        x, y = float(rng.uniform(west + size, (west + east) / 2)), float(rng.uniform(south + size, north - size))
        for i in range(n):
            row = box(x, y, x + size * 0.8, y + size * 2.2)
            row = affinity.rotate(affinity.translate(row, i * size * 1.35, float(rng.normal(0, 1))), rng.normal(0, 1.5))
            if ring.buffer(-4).contains(row):
                out.append(row)
    for _ in range(160):
        if len(out) >= 5 + int(14 * rng.beta(1.6, 2.0)):
            break
        west, south, east, north = ring.bounds
        shape = _block(rng, scale * float(rng.lognormal(-2.15, 0.45)))
        turn = angle + (90 if rng.random() < 0.3 else 0) + (float(rng.uniform(-45, 45)) if rng.random() < 0.12 else 0)
        shape = affinity.translate(affinity.rotate(shape, turn), rng.uniform(west, east), rng.uniform(south, north))
        if not ring.buffer(-4).contains(shape) or any(shape.distance(other) < 4 for other in out):
            continue
        out.append(shape)
        if rng.random() < 0.12 and len(shape.exterior.coords) == 5:
            c = np.asarray(shape.exterior.coords)
            k = int(rng.integers(4))
            a, b = c[k], c[k + 1]
            back = (c[k - 1 if k else 3] - a) * float(rng.uniform(-0.9, -0.4))
            twin = Polygon([a, b, b + back, a + back])
            if ring.buffer(-3).contains(twin) and all(o is shape or twin.distance(o) > 3 for o in out):
                out.append(twin)
    return out


def _compound(hand: _Hand) -> None:
    rng, sheet = hand.rng, hand.sheet
    width, height = sheet.size
    scale = math.sqrt(width * height)
    ring, gate = _wall(hand)
    taken = _sited(ring, rng, scale)
    for index, shape in enumerate(taken):
        shared = next((o for o in taken[:index] if shape.intersection(o.exterior).length > 5), None)
        if shared is None:
            sheet.shapes.append(hand.ring(shape))
        else:
            line = shape.exterior.difference(shared.buffer(0.3))
            for part in shapely.get_parts(shapely.line_merge(line)):
                points = np.asarray(part.coords)
                for a, b in zip(points, points[1:], strict=False):
                    hand.side(a, b, 1.0)
            sheet.shapes.append(shape)
        _dressed(hand, shape)
    _towers(hand, ring, taken)
    _ways(hand, ring, gate, taken)
    _taken_back(hand, ring, taken)
    _notes(hand, ring, taken)


def _dressed(hand: _Hand, shape: Polygon) -> None:
    """A label, hatching, a door or a shape within."""
    rng, size = hand.rng, math.sqrt(shape.area)
    if rng.random() < hand.manner.hatch and size > 7:
        angle = float(rng.choice((45, -45, 20, 90, 0))) + float(rng.normal(0, 4))
        every = float(rng.uniform(1.6, 4.0))
        inset = float(rng.choice((0.0, 0.0, 0.8)))
        hand.hatch(shape, every=every, angle=angle, inset=inset)
        if rng.random() < 0.15:
            hand.hatch(shape, every=every, angle=angle + 90, inset=inset)
    elif rng.random() < 0.6:
        text = str(rng.choice(_WORDS))
        at = shape.representative_point()
        room = shape.bounds[2] - shape.bounds[0]
        tall = float(np.clip(0.85 * room / max(1.0, width_of(text, 1.0)), 2.0, hand.manner.letter))
        pen = int(hand.manner.second_pen)
        if tall > 2.3:
            hand.words(at.x, at.y, text, tall, pen=pen)
        else:
            x = at.x + float(rng.normal(0, 3))
            hand.words(x, shape.bounds[3] + hand.manner.letter * 0.9, text, 0.8 * hand.manner.letter, pen=pen)
    elif rng.random() < 0.25 and size > 12:
        c = np.asarray(shape.exterior.coords)
        p = c[0] + (c[1] - c[0]) * float(rng.uniform(0.3, 0.6))
        way = (c[1] - c[0]) / max(1e-9, float(np.hypot(*(c[1] - c[0]))))
        side = np.array([-way[1], way[0]]) * 2.2
        hand.stroke(np.array([p - side, p + side]), 1.0, "mark")
        hand.sheet.clutter.append(Point(p).buffer(2.5))


def _towers(hand: _Hand, ring: Polygon, taken: list[Polygon]) -> None:
    rng = hand.rng
    if rng.random() < 0.45:
        return
    for corner in np.asarray(ring.exterior.coords)[:-1]:
        if rng.random() < 0.6:
            half = float(rng.uniform(2.5, 5))
            at = corner + (np.array(ring.centroid.coords[0]) - corner) * float(rng.choice((0.0, 0.06)))
            shape = box(*(at - half), *(at + half))
            if all(shape.distance(o) > 1.5 for o in taken) and box(3, 3, *np.array(hand.sheet.size) - 3).contains(
                shape
            ):
                hand.sheet.shapes.append(hand.ring(shape))
                if rng.random() < 0.2:
                    hand.stroke(np.array([at - half, at + half]), 0.9, "mark")
                    hand.stroke(np.array([at + (-half, half), at + (half, -half)]), 0.9, "mark")


def _ways(hand: _Hand, ring: Polygon, gate: Array, taken: list[Polygon]) -> None:
    rng, (_, height) = hand.rng, hand.sheet.size
    if rng.random() < 0.7:
        out = np.array([gate[0] + float(rng.normal(0, 20)), height - 2.0])
        middle = (gate + out) / 2 + rng.normal(0, 4, 2)
        half = float(rng.uniform(2.5, 5))
        line = LineString(_bent(np.array([gate, middle, out])))
        for edge in (-half, half):
            part = line.offset_curve(edge)
            if isinstance(part, LineString) and part.length > 8:
                hand.stroke(np.asarray(part.coords), 1.0, "line")
                hand.sheet.lines.append(("road", part))
        hand.sheet.optional.append(line.buffer(half, cap_style="flat"))
    if rng.random() < 0.5 and len(taken) > 1:
        a, b = (np.array(taken[i].centroid.coords[0]) for i in rng.choice(len(taken), 2, replace=False))
        path = LineString(_bent(np.array([a, (a + b) / 2 + rng.normal(0, 8, 2), b])))
        free = path.difference(shapely.union_all([t.buffer(2.5) for t in taken]))
        for part in shapely.get_parts(free):
            if part.length > 12:
                _dashed(hand, part)
    if rng.random() < 0.25:
        _pond(hand, ring, taken)


def _dashed(hand: _Hand, line: LineString) -> None:
    on, off = float(hand.rng.uniform(2.5, 5)), float(hand.rng.uniform(1.8, 3.5))
    at = 0.0
    while at < line.length - on:
        piece = substring(line, at, at + on)
        hand.stroke(np.asarray(piece.coords), 1.0, "line")
        at += on + off
    hand.sheet.lines.append(("path", line))


def _pond(hand: _Hand, ring: Polygon, taken: list[Polygon]) -> None:
    rng, (width, height) = hand.rng, hand.sheet.size
    for _ in range(30):
        r = float(rng.uniform(8, 18))
        x, y = float(rng.uniform(r + 5, width - r - 5)), float(rng.uniform(r + 5, height - r - 5))
        t = np.linspace(0, 2 * math.pi, 40)[:-1]
        radius = r * (1 + 0.18 * np.sin(2 * t + rng.uniform(0, 6)) + 0.1 * np.sin(3 * t + rng.uniform(0, 6)))
        blob = Polygon(np.column_stack([x + radius * np.cos(t), y + 0.7 * radius * np.sin(t)]))
        if all(blob.distance(o) > 4 for o in taken) and all(blob.distance(line) > 4 for _, line in hand.sheet.lines):
            hand.sheet.shapes.append(hand.ring(blob))
            for k in range(int(rng.integers(0, 3))):
                wave = np.column_stack([np.linspace(-4, 4, 12), 0.7 * np.sin(np.linspace(0, 9, 12))])
                hand.stroke(wave + (x, y + 3 * k - 2), 0.8, "mark")
            hand.sheet.clutter.append(blob.buffer(-2.5))
            taken.append(blob)
            return


def _taken_back(hand: _Hand, ring: Polygon, taken: list[Polygon]) -> None:
    """Something drawn and crossed out."""
    rng = hand.rng
    if rng.random() > 0.3:
        return
    for _ in range(40):
        west, south, east, north = ring.bounds
        shape = affinity.translate(_block(rng, float(rng.uniform(14, 30))), rng.uniform(west, east),
                                   rng.uniform(south, north))  # fmt: skip
        if ring.buffer(-4).contains(shape) and all(shape.distance(o) > 4 for o in taken):
            hand.ring(shape)
            w, s, e, n = shape.bounds
            if rng.random() < 0.5:
                for a, b in (((w, s), (e, n)), ((w, n), (e, s))):
                    hand.stroke(np.array([a, b]) + rng.normal(0, 1.5, (2, 2)), 1.0, "mark")
            else:
                k = int(rng.integers(5, 10))
                xs = np.linspace(w - 2, e + 2, k)
                hand.stroke(np.column_stack([xs, np.where(np.arange(k) % 2, s - 1, n + 1)]), 1.0, "mark")
            hand.sheet.crossed_out.append(shape)
            hand.sheet.clutter.append(shape)
            taken.append(shape)
            return


def _free_spot(hand: _Hand, taken: list[Polygon], wide: float, tall: float) -> tuple[float, float] | None:
    width, height = hand.sheet.size
    busy = shapely.union_all([*taken, *(line.buffer(2) for _, line in hand.sheet.lines), *hand.sheet.clutter])
    for _ in range(60):
        x = float(hand.rng.uniform(wide / 2 + 5, max(wide / 2 + 6, width - wide / 2 - 5)))
        y = float(hand.rng.uniform(tall + 5, height - tall - 5))
        if box(x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2).distance(busy) > 2:
            return x, y
    return None


def _notes(hand: _Hand, ring: Polygon, taken: list[Polygon]) -> None:
    """Words beside things, a title, a north arrow, a dimension, leaders."""
    rng = hand.rng
    for _ in range(int(rng.integers(0, 6))):
        text, tall = str(rng.choice(_WORDS)), hand.manner.letter * float(rng.uniform(0.8, 1.4))
        spot = _free_spot(hand, taken, width_of(text, tall), tall)
        if spot is not None:
            hand.words(*spot, text, tall, pen=int(hand.manner.second_pen))
    if rng.random() < 0.5 and (spot := _free_spot(hand, taken, 12, 34)) is not None:
        at, a = np.array(spot), float(rng.normal(0, 0.3))
        way = np.array([math.sin(a), -math.cos(a)])
        hand.arrow(at - 11 * way, at + 11 * way)
        tip = at + 15 * way
        hand.words(float(tip[0]), float(tip[1]), "N", 5.0)
    if rng.random() < 0.3 and taken:
        shape = taken[int(rng.integers(len(taken)))]
        w, s, e, n = shape.bounds
        hand.arrow(np.array([w, n + 3.5]), np.array([e, n + 3.5]), both=True)
    if rng.random() < 0.3 and taken:
        shape = taken[int(rng.integers(len(taken)))]
        edge = np.asarray(shape.exterior.interpolate(float(rng.random()), normalized=True).coords[0])
        away = edge - np.array(shape.centroid.coords[0])
        away /= max(1e-9, float(np.hypot(*away)))
        hand.arrow(edge + 16 * away, edge + 1.5 * away)


# ------------------------------------------------------------------------------------------------- interiors


def _interior(hand: _Hand) -> None:
    """Rooms on one or both sides of a corridor; doors as gaps, swings or marks; beds, stairs, windows."""
    rng, sheet = hand.rng, hand.sheet
    width, height = sheet.size
    upright = height > width
    long, short = (height, width) if upright else (width, height)
    west, east = long * float(rng.uniform(0.06, 0.14)), long * float(rng.uniform(0.86, 0.94))
    depth, hall = short * float(rng.uniform(0.2, 0.32)), short * float(rng.uniform(0.09, 0.15))
    both = rng.random() < 0.75
    top = short * float(rng.uniform(0.1, 0.3)) if both else short * float(rng.uniform(0.2, 0.45))
    if top + 2 * depth + hall > 0.93 * short:
        top = max(0.06 * short, 0.93 * short - 2 * depth - hall)
    bottom = top + depth + hall + (depth if both else 0)

    def page(xy: Array) -> Array:
        return xy[:, ::-1] if upright else xy

    def put(a: tuple[float, float], b: tuple[float, float], thick: float, *, wall: bool = True) -> None:
        points = page(np.array([a, b], float))
        hand.side(points[0], points[1], thick, 0.5)
        if wall:
            sheet.lines.append(("wall", LineString(points)))

    outer, inner = float(rng.choice((1.0, 1.4))), 1.0
    doors = str(rng.choice(("gap", "swing", "mark", "gap")))
    rows = [(top, top + depth, top + depth)] + ([(top + depth + hall, bottom, top + depth + hall)] if both else [])
    for a, b in (((west, top), (east, top)), ((east, top), (east, bottom)), ((east, bottom), (west, bottom)),
                 ((west, bottom), (west, top))):  # fmt: skip
        put(a, b, outer)
    sheet.optional.append(Polygon(page(np.array([(west, top), (east, top), (east, bottom), (west, bottom)]))))
    corridor = (west, top + depth, east, top + depth + hall)
    if rng.random() < 0.85:
        sheet.shapes.append(_page_box(corridor, upright))
    for low, high, hallside in rows:
        cuts = np.sort(rng.dirichlet(np.full(int(rng.integers(3, 9)), 6.0)).cumsum()[:-1]) * (east - west) + west
        edges = [west, *cuts.tolist(), east]
        for cut in cuts:
            put((float(cut), low), (float(cut), high), inner)
        _hall_wall(hand, edges, hallside, upright, doors, put)
        for a, b in zip(edges, edges[1:], strict=False):
            sheet.shapes.append(_page_box((a, low, b, high), upright))
            _furnished(hand, (a, low, b, high), hallside == high, upright)
    _notes(hand, Polygon(), [_page_box((west, top, east, bottom), upright).buffer(3)])


def _page_box(b: tuple[float, float, float, float], upright: bool) -> Polygon:
    return box(b[1], b[0], b[3], b[2]) if upright else box(*b)


def _hall_wall(hand: _Hand, edges: list[float], y: float, upright: bool, doors: str, put: object) -> None:
    """The wall between rooms and corridor, with a door to each room."""
    rng = hand.rng
    at = edges[0]
    for a, b in zip(edges, edges[1:], strict=False):
        wide = min(0.4 * (b - a), float(rng.uniform(5, 9)))
        d = a + (b - a) * float(rng.uniform(0.15, 0.45))
        if doors == "mark":
            points = np.array([(d, y - 1.8), (d + wide, y - 1.8), (d + wide, y + 1.8), (d, y + 1.8), (d, y - 1.8)])
            hand.stroke(points[:, ::-1] if upright else points, 0.9, "mark")
            hand.sheet.clutter.append(_page_box((d, y - 2, d + wide, y + 2), upright))
            continue
        put((at, y), (d, y), 1.0)  # type: ignore[operator]
        at = d + wide
        if doors == "swing":
            t = np.linspace(0, math.pi / 2, 8)
            sign = float(rng.choice((-1, 1)))
            arc = np.column_stack([d + wide * np.cos(t), y + sign * wide * np.sin(t)])
            swing = np.vstack([arc, [[d, y]]])
            hand.stroke(swing[:, ::-1] if upright else swing, 0.8, "mark")
            hand.sheet.clutter.append(
                _page_box((d, min(y, y + sign * wide), d + wide, max(y, y + sign * wide)), upright)
            )
    put((at, y), (edges[-1], y), 1.0)  # type: ignore[operator]


def _furnished(hand: _Hand, room: tuple[float, float, float, float], door_high: bool, upright: bool) -> None:
    rng = hand.rng
    a, low, b, high = room
    wide, deep = b - a, high - low
    draw = rng.random()
    if draw < 0.3 and wide > 16 and deep > 22:
        for k in range(int(rng.integers(1, 3))):
            gap = float(rng.uniform(1.0, 2.5))
            w, d = min(9.0, wide * 0.35), min(18.0, deep * 0.45)
            x = a + gap if k == 0 else b - gap - w
            y = low + gap if door_high else high - gap - d
            bed = _page_box((x, y, x + w, y + d), upright)
            hand.sheet.shapes.append(hand.ring(bed))
            if rng.random() < 0.3:
                pillow = _page_box((x + 1.5, y + 1.5, x + w - 1.5, y + 4.5), upright)
                hand.stroke(np.asarray(pillow.exterior.coords), 0.8, "mark")
                hand.sheet.clutter.append(pillow)
    elif draw < 0.38 and wide > 14:
        for y in np.arange(low + 3, high - 1, float(rng.uniform(2.6, 3.6))):
            points = np.array([(a, y), (b, y)])
            hand.stroke(points[:, ::-1] if upright else points, 0.9, "mark")
        hand.sheet.clutter.append(_page_box((a + 2, low + 2, b - 2, high - 2), upright))
    elif draw < 0.85:
        text = str(rng.choice(_WORDS))
        tall = float(np.clip(0.8 * wide / max(1.0, width_of(text, 1.0)), 2.0, hand.manner.letter))
        x, y = (a + b) / 2, (low + high) / 2
        hand.words(*((y, x) if upright else (x, y)), text, tall)


def practice_sheet(seed: int, kind: PracticeKind) -> Practice:
    """A sheet by one hand.

    Parameters
    ----------
    seed
        The same seed gives the same sheet.
    kind
        A compound's plan or a building's rooms.

    Returns
    -------
    Practice
        Strokes in drawing order and what is truly there.
    """
    rng = np.random.default_rng([seed, 401, 0 if kind == "compound" else 1])
    width, height = _SIZES[int(rng.choice(len(_SIZES), p=(0.5, 0.15, 0.15, 0.1, 0.1)))]
    sheet = Practice((width, height), kind)
    hand = _Hand(sheet, _manner(rng), rng)
    if kind == "compound":
        _compound(hand)
    else:
        _interior(hand)
    return sheet
