"""Made hands: how one draws a stroke, a ring, a word, hatching or an arrow on a practice sheet, and what it keeps.

Units are millimetres of the sheet, y down, origin at its top left.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import affinity
from shapely.geometry import LineString, Polygon, box
from shapely.geometry.base import BaseGeometry

from geoinv.worlds.lettering import strokes_of, width_of

__all__ = [
    "WORDS",
    "Array",
    "Hand",
    "Ink",
    "Manner",
    "Practice",
    "PracticeKind",
    "free_spot",
    "largest_part",
    "manner_of",
    "parabola",
    "put_notes",
]

Array = NDArray[np.float64]
PracticeKind = Literal["compound", "interior"]

WORDS = (
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
class Manner:
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


def manner_of(rng: np.random.Generator) -> Manner:
    """A manner by chance: the less care, the more it wavers, overshoots and leaves gaps."""
    care = float(rng.beta(2, 2))
    return Manner(
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


class Hand:
    """Puts strokes on a sheet and keeps its truth."""

    def __init__(self, sheet: Practice, manner: Manner, rng: np.random.Generator) -> None:
        self.sheet, self.manner, self.rng = sheet, manner, rng

    def apart(self) -> Hand:
        """The same hand with chances of its own: what it adds leaves the rest of the sheet as it was."""
        return Hand(self.sheet, self.manner, self.rng.spawn(1)[0])

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
        curve = parabola(points)
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
            return outline if len(drawn) < 4 else largest_part(shapely.make_valid(Polygon(np.vstack([path, path[:1]]))))
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
        """An arrow from ``a`` to ``b``, a head at its tip or at both ends."""
        self.stroke(np.array([a, b]), 0.9, "mark")
        way = (b - a) / max(1e-9, float(np.hypot(*(b - a))))
        side = np.array([-way[1], way[0]])
        for tip, back in ((b, -way), (a, way)) if both else ((b, -way),):
            self.stroke(np.array([tip + 3 * back + 1.6 * side, tip, tip + 3 * back - 1.6 * side]), 0.9, "mark")
        self.sheet.clutter.append(LineString([a, b]).buffer(2.0))


def largest_part(shape: BaseGeometry) -> Polygon:
    """The largest polygon of what was made valid."""
    parts = [part for part in shapely.get_parts(shape) if isinstance(part, Polygon)]
    return max(parts, key=lambda part: float(part.area), default=Polygon())


def parabola(points: Array) -> Array:
    """A parabola through the ends, by way of the middle."""
    t = np.linspace(0, 1, 9)[:, None]
    a, m, b = points
    return np.asarray(a + (b - a) * t + (m - (a + b) / 2) * 4 * t * (1 - t))


def free_spot(hand: Hand, taken: list[Polygon], wide: float, tall: float) -> tuple[float, float] | None:
    """The middle of a free place ``wide`` by ``tall`` millimetres, by chance; ``None`` where none is met."""
    width, height = hand.sheet.size
    busy = shapely.union_all([*taken, *(line.buffer(2) for _, line in hand.sheet.lines), *hand.sheet.clutter])
    for _ in range(60):
        x = float(hand.rng.uniform(wide / 2 + 5, max(wide / 2 + 6, width - wide / 2 - 5)))
        y = float(hand.rng.uniform(tall + 5, height - tall - 5))
        if box(x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2).distance(busy) > 2:
            return x, y
    return None


def put_notes(hand: Hand, ring: Polygon, taken: list[Polygon]) -> None:
    """Words beside things, a title, a north arrow, a dimension, leaders."""
    rng = hand.rng
    for _ in range(int(rng.integers(0, 6))):
        text, tall = str(rng.choice(WORDS)), hand.manner.letter * float(rng.uniform(0.8, 1.4))
        spot = free_spot(hand, taken, width_of(text, tall), tall)
        if spot is not None:
            hand.words(*spot, text, tall, pen=int(hand.manner.second_pen))
    if rng.random() < 0.5 and (spot := free_spot(hand, taken, 12, 34)) is not None:
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
