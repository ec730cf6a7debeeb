"""Practice plans of interiors: rooms on one or both sides of a corridor, doors, beds, stairs, words."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from shapely.geometry import LineString, Polygon, box

from geoinv.worlds.lettering import width_of
from geoinv.worlds.practice_hands import WORDS, Array, Hand, put_notes

__all__ = ["put_interior"]

#: Draws a wall between two points, so thick.
_Put = Callable[[tuple[float, float], tuple[float, float], float], None]


def put_interior(hand: Hand) -> None:
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
    put_notes(hand, Polygon(), [_page_box((west, top, east, bottom), upright).buffer(3)])
    _openings(hand.apart(), (west, top, east, bottom), corridor, upright)


def _page_box(b: tuple[float, float, float, float], upright: bool) -> Polygon:
    return box(b[1], b[0], b[3], b[2]) if upright else box(*b)


def _hall_wall(hand: Hand, edges: list[float], y: float, upright: bool, doors: str, put: _Put) -> None:
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
        put((at, y), (d, y), 1.0)
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
    put((at, y), (edges[-1], y), 1.0)


def _openings(
    hand: Hand,
    outline: tuple[float, float, float, float],
    corridor: tuple[float, float, float, float],
    upright: bool,
) -> None:
    """Windows in the outer walls, a door's leaf, and an arrow along which somebody was led: marks, not walls."""
    rng = hand.rng

    def mark(points: list[tuple[float, float]]) -> None:
        drawn = np.array(points, float)
        hand.stroke(drawn[:, ::-1] if upright else drawn, 0.8, "mark")

    west, top, east, bottom = outline
    if rng.random() < 0.4:
        wide, kind = float(rng.uniform(5, 12)), int(rng.integers(3))
        for y in (top, bottom):
            for x in np.arange(west + wide, east - 1.5 * wide, float(rng.uniform(2.2, 5.0)) * wide).tolist():
                if kind == 0:
                    mark([(x, y - 1.6), (x, y + 1.6)])
                    mark([(x + wide, y - 1.6), (x + wide, y + 1.6)])
                elif kind == 1:
                    mark([(x, y + 1.8), (x + wide, y + 1.8)])
                else:
                    mark([(x, y - 1.2), (x + wide, y - 1.2), (x + wide, y + 1.2), (x, y + 1.2), (x, y - 1.2)])
                hand.sheet.clutter.append(_page_box((x, y - 2, x + wide, y + 2), upright))
    low, high = corridor[1], corridor[3]
    for y, into in ((low, -1.0), (high, 1.0)):
        for _ in range(int(rng.integers(0, 3)) if rng.random() < 0.3 else 0):
            x, leaf = float(rng.uniform(west + 12, east - 12)), float(rng.uniform(5, 9))
            mark([(x, y), (x + 0.6 * leaf, y + into * 0.8 * leaf)])
            hand.sheet.clutter.append(
                _page_box((x, min(y, y + into * leaf), x + leaf, max(y, y + into * leaf)), upright)
            )
    if rng.random() < 0.25:
        middle = (low + high) / 2
        ends = np.array([(west - 4.0, middle), (float(rng.uniform(west + 30, east - 20)), middle)])
        hand.arrow(*(ends[:, ::-1] if upright else ends))


def _furnished(hand: Hand, room: tuple[float, float, float, float], door_high: bool, upright: bool) -> None:
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
        text = str(rng.choice(WORDS))
        tall = float(np.clip(0.8 * wide / max(1.0, width_of(text, 1.0)), 2.0, hand.manner.letter))
        x, y = (a + b) / 2, (low + high) / 2
        hand.words(*((y, x) if upright else (x, y)), text, tall)
