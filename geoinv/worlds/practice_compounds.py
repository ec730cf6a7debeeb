"""Practice plans of compounds: a wall and its gate, buildings of every form, towers, ways, water, things taken back."""

from __future__ import annotations

import math

import numpy as np
import shapely
from shapely import affinity
from shapely.geometry import LineString, Point, Polygon, box
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from geoinv.worlds.lettering import width_of
from geoinv.worlds.practice_hands import WORDS, Array, Hand, largest_part, parabola, put_notes

__all__ = ["put_compound"]


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


def _wall(hand: Hand) -> tuple[Polygon, Array]:
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
        ring = largest_part(ring.convex_hull)
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


def _gate_marks(hand: Hand, line: LineString, at: float, half: float) -> None:
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


def put_compound(hand: Hand) -> None:
    """Draw a compound by one hand, and note what is truly there."""
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
    put_notes(hand, ring, taken)


def _dressed(hand: Hand, shape: Polygon) -> None:
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
        text = str(rng.choice(WORDS))
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


def _towers(hand: Hand, ring: Polygon, taken: list[Polygon]) -> None:
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


def _ways(hand: Hand, ring: Polygon, gate: Array, taken: list[Polygon]) -> None:
    rng, (_, height) = hand.rng, hand.sheet.size
    if rng.random() < 0.7:
        out = np.array([gate[0] + float(rng.normal(0, 20)), height - 2.0])
        middle = (gate + out) / 2 + rng.normal(0, 4, 2)
        half = float(rng.uniform(2.5, 5))
        line = LineString(parabola(np.array([gate, middle, out])))
        for edge in (-half, half):
            part = line.offset_curve(edge)
            if isinstance(part, LineString) and part.length > 8:
                hand.stroke(np.asarray(part.coords), 1.0, "line")
                hand.sheet.lines.append(("road", part))
        hand.sheet.optional.append(line.buffer(half, cap_style="flat"))
    if rng.random() < 0.5 and len(taken) > 1:
        a, b = (np.array(taken[i].centroid.coords[0]) for i in rng.choice(len(taken), 2, replace=False))
        path = LineString(parabola(np.array([a, (a + b) / 2 + rng.normal(0, 8, 2), b])))
        free = path.difference(shapely.union_all([t.buffer(2.5) for t in taken]))
        for part in shapely.get_parts(free):
            if part.length > 12:
                _dashed(hand, part)
    if rng.random() < 0.25:
        _pond(hand, ring, taken)


def _dashed(hand: Hand, line: LineString) -> None:
    on, off = float(hand.rng.uniform(2.5, 5)), float(hand.rng.uniform(1.8, 3.5))
    at = 0.0
    while at < line.length - on:
        piece = substring(line, at, at + on)
        hand.stroke(np.asarray(piece.coords), 1.0, "line")
        at += on + off
    hand.sheet.lines.append(("path", line))


def _pond(hand: Hand, ring: Polygon, taken: list[Polygon]) -> None:
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


def _taken_back(hand: Hand, ring: Polygon, taken: list[Polygon]) -> None:
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
