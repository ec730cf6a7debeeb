"""The drawing on a floor plan: walls cut, doors, windows, rooms with their names and areas, overall dimensions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.models.sheets_frame import Layout
from geoinv.models.sheets_svg import FINE, INK, MARK, PALE, STROKES, Canvas, Stroke, centre_of
from geoinv.models.solids_style import placed_status
from geoinv.models.solids_walls import PlacedOpening, StoreyPlan
from geoinv.records.blueprint import Building, Part, Room
from geoinv.records.evidence import Status
from geoinv.records.measures import Interval

__all__ = [
    "area_words",
    "draw_dimensions",
    "draw_plan",
    "draw_section_marks",
    "fill_of",
    "place_label",
    "place_number",
    "section_lines",
    "size_words",
    "undescribed",
]

#: Walls thicker than this are not walls but parts nobody described, metres.
_SOLID_M = 1.2


def fill_of(canvas: Canvas, status: Status) -> str:
    """The fill of what is cut, by status: dense where well known, open where assumed."""
    if status in (Status.CORROBORATED, Status.OBSERVED):
        return "#5d626a"
    if status is Status.ATTESTED:
        return canvas.hatch("cut-attested", 0.85, Stroke(0.26, "#4a4f57"))
    if status is Status.CONTESTED:
        return canvas.hatch("cut-contested", 1.0, Stroke(0.2, MARK), crossed=True)
    if status is Status.INFERRED:
        return canvas.hatch("cut-inferred", 1.3, Stroke(0.2, "#6d7278"), angle=-45.0)
    return canvas.hatch("cut-conjectural", 2.0, Stroke(0.16, "#9a9ea4"))


def undescribed(canvas: Canvas) -> str:
    """The fill of what is solid only because nobody described it."""
    return canvas.hatch("undescribed", 2.4, Stroke(0.13, "#b4b7bb"))


def area_words(room: Room) -> str:
    """A room's floor from least to most, ``8.0–9.5``; ``≈ 8.7`` where nothing is known of its error.

    The interval is that in the evidence of ``area_m2`` or, where there is none, what the fit's strain leaves open: half
    the room's perimeter times the strain, each side out by that much, as a factor above and below, since the strain of
    a small room can be larger than the room and no floor is smaller than nothing.
    """
    area = float(room.polygon.area)
    given = room.evidence.get("area_m2")
    if given is not None and given.interval is not None and given.interval.unit == "m2":
        return f"{max(0.0, given.interval.low):.1f}–{given.interval.high:.1f}"
    if room.strain_m:
        factor = 1 + float(room.polygon.length) / 2 * room.strain_m / area
        return f"{area / factor:.1f}–{area * factor:.1f}"
    return f"≈ {area:.1f}"


def size_words(room: Room) -> str:
    """Width and depth of a room's floor in metres, ``2.1 × 3.0 ± 0.4``; with ≈ where nothing is known of the error.

    The sides are those of the smallest rectangle about it, the shorter first; the error is the fit's strain.
    """
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(room.polygon))[:3]
    sides = sorted(float(side) for side in np.hypot(*np.diff(corners, axis=0).T))
    words = " × ".join(f"{side:.1f}" for side in sides)
    return f"{words} ± {max(room.strain_m, 0.1):.1f}" if room.strain_m else f"≈ {words}"


def draw_plan(
    canvas: Canvas,
    layout: Layout,
    building: Building,
    plan: StoreyPlan,
    said: Mapping[str, str],
    numbers: Mapping[str, int],
) -> None:
    """A storey cut level, within the layout's area.

    Parameters
    ----------
    canvas, layout
        Where to draw.
    building, plan
        What to draw.
    said
        Words by key.
    numbers
        Each room's number in the table, by id.
    """
    gaps = [opening.outline(overshoot=0.001) for opening in plan.openings]
    walls = plan.walls.difference(shapely.union_all(gaps)) if gaps else plan.walls
    unknown = _undescribed(walls) if plan.interior_known else walls
    void = undescribed(canvas)
    cut = walls.difference(unknown) if not unknown.is_empty else walls
    canvas.shape(layout.on_paper(cut), fill=fill_of(canvas, placed_status(plan.storey, building)))
    canvas.shape(layout.on_paper(unknown), fill=void)
    canvas.shape(layout.on_paper(building.outline), stroke=STROKES[building.status])
    for room in plan.rooms:
        canvas.shape(layout.on_paper(room.polygon), fill="#ffffff", stroke=STROKES[room.status])
    swings = [swing for opening in plan.openings if (swing := _draw_opening(canvas, layout, plan, opening))]
    for room in sorted(plan.rooms, key=lambda room: numbers[room.id]):
        name = room.labels[0] if room.labels else said.get(room.role, room.role)
        label = (f"{numbers[room.id]}  {name}", f"{area_words(room)} m²")
        floor = layout.on_paper(room.polygon)
        free = floor.difference(shapely.union_all(swings)) if swings else floor
        # In the smallest rooms a door's swing leaves no place: then the number stands on it.
        for space in (free, floor):
            if place_label(canvas, space, label, str(numbers[room.id])):
                break
    if not plan.interior_known:
        outline = layout.on_paper(building.outline)
        at = outline.centroid if outline.contains(outline.centroid) else centre_of(outline)
        _white_text(canvas, at.x, at.y, said["unknown"], 2.6)
    elif not unknown.is_empty:
        for part in shapely.get_parts(layout.on_paper(unknown)):
            at = centre_of(part)
            box = canvas.text_box(at.x, at.y, said["unknown"], size=2.2, anchor="middle")
            if part.contains(box):
                _white_text(canvas, at.x, at.y, said["unknown"], 2.2)


def _undescribed(walls: BaseGeometry) -> BaseGeometry:
    """What of the "walls" is far too thick to be a wall."""
    core = walls.buffer(-_SOLID_M / 2, join_style="mitre")
    return core.buffer(_SOLID_M / 2 + 1e-6, join_style="mitre").intersection(walls) if not core.is_empty else Polygon()


def _white_text(canvas: Canvas, x: float, y: float, words: str, size: float) -> None:
    box = canvas.text_box(x, y, words, size=size, anchor="middle").buffer(0.5, join_style="mitre")
    canvas.shape(box, fill="#ffffff")
    canvas.text(x, y, words, size=size, anchor="middle", fill=PALE)


# ------------------------------------------------------------------------------------------------- openings


def _draw_opening(canvas: Canvas, layout: Layout, plan: StoreyPlan, placed: PlacedOpening) -> BaseGeometry | None:
    """An opening; returns, for a door, the part of the room its leaf sweeps, mm."""
    opening = placed.opening
    hole = layout.on_paper(placed.outline())
    stroke = STROKES[placed_status(opening)]
    corners = shapely.get_coordinates(hole)[:4]
    if opening.kind == "window":
        canvas.shape(hole, fill="#ffffff", stroke=Stroke(0.18, stroke.colour))
        middle = [(corners[0] + corners[3]) / 2, (corners[1] + corners[2]) / 2]
        canvas.line(middle, Stroke(0.25, stroke.colour, stroke.dashes, stroke.round_ends))
        return None
    # A little deeper than the wall, so that the rooms' edges do not run across the opening.
    canvas.shape(layout.on_paper(placed.outline(overshoot=0.8 * layout.scale / 1000)), fill="#ffffff")
    for side in ((0, 3), (1, 2)):  # the jambs
        canvas.line([corners[k] for k in side], Stroke(0.3))
    if opening.kind == "gap":
        for side in ((0, 1), (3, 2)):  # what is above the cut is dashed
            canvas.line([corners[k] for k in side], Stroke(0.15, PALE, (1.2, 0.8)))
        return None
    if opening.kind == "hatch":
        canvas.shape(hole, stroke=Stroke(0.2))
        canvas.line([corners[k] for k in (0, 2)], Stroke(0.2))
        return None
    return _draw_door(canvas, layout, plan, placed, stroke)


def _draw_door(canvas: Canvas, layout: Layout, plan: StoreyPlan, placed: PlacedOpening, stroke: Stroke) -> BaseGeometry:
    """A leaf at right angles to its wall, its swing a fine dashed quarter circle.

    Which way a door opened is not in the record: it is drawn into the room named first, hung on the left, as is
    customary.
    """
    opening, (u, v) = placed.opening, placed.direction
    normal = np.array([-v, u])
    rooms = {room.id: room for room in plan.rooms}
    into = next((rooms[name] for name in opening.connects if name in rooms), None)
    middle = np.array(placed.centre)
    if into is not None and not _is_towards(into.polygon, middle, normal, placed.depth):
        normal = -normal
    face = middle + normal * placed.depth / 2
    hinge = face - np.array([u, v]) * opening.width_m / 2
    strike = face + np.array([u, v]) * opening.width_m / 2
    tip = hinge + normal * opening.width_m
    a, b, c = (layout.point(point) for point in (hinge, strike, tip))
    canvas.line([a, c], Stroke(max(stroke.width, 0.3), stroke.colour))
    angles = np.radians(np.linspace(0, 90, 13))
    arc = [a + (b - a) * math.cos(t) + (c - a) * math.sin(t) for t in angles]
    canvas.line(arc, Stroke(0.13, PALE, (0.8, 0.5)))
    return Polygon([a, *arc]).buffer(0.3)


def _is_towards(polygon: BaseGeometry, middle: np.ndarray, normal: np.ndarray, depth: float) -> bool:
    probe = LineString([middle, middle + normal * (depth / 2 + 0.3)])
    other = LineString([middle, middle - normal * (depth / 2 + 0.3)])
    return bool(probe.intersection(polygon).length >= other.intersection(polygon).length)


# --------------------------------------------------------------------------------------------------- labels


def place_label(canvas: Canvas, free: BaseGeometry, label: Sequence[str], short: str) -> bool:
    """A name over an area inside a shape in mm; smaller, upright, or a number alone where there is no room.

    Returns
    -------
    bool
        Whether even the number fitted.
    """
    room = free.buffer(-0.35)
    places = _places(room)
    for turn in (0.0, -90.0):
        for size in (2.5, 2.2, 1.9, 1.7):
            for at in places:
                if _two_lines(canvas, room, at, label, size, turn):
                    return True
    return place_number(canvas, free, short)


def place_number(canvas: Canvas, free: BaseGeometry, short: str) -> bool:
    """A room's number alone inside a shape in mm, smaller where there is little room; whether it fitted."""
    room = free.buffer(-0.35)
    for size in (2.3, 1.8, 1.4):
        for at in _places(room):
            box = canvas.text_box(at.x, at.y + 0.27 * size, short, size=size, anchor="middle", bold=True)
            if room.contains(box) and canvas.is_free(box):
                canvas.text(at.x, at.y + 0.27 * size, short, size=size, anchor="middle", bold=True)
                return True
    return False


def _places(room: BaseGeometry) -> list[Point]:
    """Where a name in a shape may stand: its middle first, then everywhere on a net."""
    if room.is_empty:
        return []
    west, north, east, south = room.bounds
    net = [Point(x, y) for y in np.linspace(north, south, 9) for x in np.linspace(west, east, 9)]
    return [room.centroid, centre_of(room), *net]


def _two_lines(canvas: Canvas, room: BaseGeometry, at: Point, label: Sequence[str], size: float, turn: float) -> bool:
    down = (0.0, 1.0) if not turn else (1.0, 0.0)
    lines = []
    for line, (words, share) in enumerate(zip(label, (1.0, 0.9), strict=True)):
        shift = (-0.15 + 1.3 * line) * size
        x, y = at.x + down[0] * shift, at.y + down[1] * shift
        box = canvas.text_box(x, y, words, size=size * share, anchor="middle", bold=line == 0, turn=turn)
        if not room.contains(box) or not canvas.is_free(box):
            return False
        lines.append((x, y, words, size * share, line == 0))
    for x, y, words, high, bold in lines:
        canvas.text(x, y, words, size=high, anchor="middle", bold=bold, turn=turn, fill=INK if bold else PALE)
    return True


# ----------------------------------------------------------------------------------------------- dimensions


def draw_dimensions(canvas: Canvas, layout: Layout, part: Part, shape: BaseGeometry) -> None:
    """Overall length and width of a shape on dimension lines outside it, with ± where the evidence has it."""
    box = shapely.orient_polygons(shapely.minimum_rotated_rectangle(shape), exterior_cw=False)
    corners = shapely.get_coordinates(box)[:4]
    evidence = part.evidence.get("outline")
    spread = evidence.interval if evidence is not None and evidence.interval is not None else None
    sides = [(corners[k], corners[(k + 1) % 4]) for k in range(4)]
    # The side lowest on the page and the one farthest to the left: where dimension lines are looked for.
    low = min(sides, key=lambda side: float(side[0][1] + side[1][1]))
    left = min((side for side in sides if side is not low), key=lambda side: float(side[0][0] + side[1][0]))
    for start, end in (low, left):
        _dimension(canvas, layout, start, end, spread)


def _dimension(canvas: Canvas, layout: Layout, start: np.ndarray, end: np.ndarray, spread: Interval | None) -> None:
    length = float(np.linalg.norm(end - start))
    a, b = (layout.point(point) for point in (start, end))
    along = (b - a) / np.linalg.norm(b - a)
    # Sides run counter-clockwise east and north, so outside is to the left of them on a page whose y points down.
    out = np.array([-along[1], along[0]])
    p, q = a + out * 6.5, b + out * 6.5
    for from_, to in ((a, p), (b, q)):
        canvas.line([from_ + out * 1.5, to + out * 1.2], FINE)
    canvas.line([p, q], FINE)
    for point in (p, q):
        tick = (along + out) / math.sqrt(2) * 0.9
        canvas.line([point - tick, point + tick], Stroke(0.3))
    words = f"≈ {length:.1f} m"
    if spread is not None and spread.unit == "m":
        words = f"{length:.1f} ± {spread.width / 2:.1f} m"
    turn = math.degrees(math.atan2(along[1], along[0]))
    turn = turn - 180 if turn > 90 else turn + 180 if turn <= -90 else turn
    # Text stands on its line, read from below or from the right (ISO 129-1).
    up = np.array([math.sin(math.radians(turn)), -math.cos(math.radians(turn))])
    at = (p + q) / 2 + up * 0.9
    if canvas.is_free(canvas.text_box(at[0], at[1], words, size=2.3, anchor="middle", turn=turn)):
        canvas.text(float(at[0]), float(at[1]), words, size=2.3, anchor="middle", turn=turn)


# ---------------------------------------------------------------------------------------------------- sections


def section_lines(building: Building, rooms: Sequence[Room]) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """Where a building is cut: A along it, B across it, each through as many rooms as it can, nearest to its middle.

    Parameters
    ----------
    building
        Its outline tells what is along: the longer side of the smallest rectangle about it.
    rooms
        Corridors do not count: a section along one would show nothing but its wall.

    Returns
    -------
    Two pairs of places, metres east and north, on opposite sides of that rectangle.
    """
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(building.outline))[:4]
    sides = [corners[(k + 1) % 4] - corners[k] for k in (0, 1)]
    order = sorted((0, 1), key=lambda k: -round(float(np.hypot(*sides[k])), 3))
    middle = corners.mean(axis=0)
    floors = [room.polygon for room in rooms if room.role != "corridor"]
    found = []
    for k in order:
        along, across = sides[k], sides[1 - k]
        places = [0.0, *(float((c - middle) @ across / (across @ across)) for c in _middles(floors))]
        lines = [(middle + p * across - along / 2, middle + p * across + along / 2) for p in places]
        met = [sum(LineString(line).intersects(floor) for floor in floors) for line in lines]
        best = min(range(len(lines)), key=lambda i: (-met[i], round(abs(places[i]), 3), i))
        found.append(lines[best])
    return tuple(found)


def _middles(floors: Sequence[BaseGeometry]) -> list[np.ndarray]:
    return [np.array([floor.centroid.x, floor.centroid.y]) for floor in floors]


def draw_section_marks(canvas: Canvas, layout: Layout, building: Building, rooms: Sequence[Room]) -> None:
    """Where the building's sections are cut: a short thick line at both ends, with its letter, where there is room."""
    left, top, right, bottom = layout.area
    page = shapely.box(left + 1, top + 1, right - 1, bottom - 1)
    for letter, (start, end) in zip("AB", section_lines(building, rooms), strict=True):
        a, b = (layout.point(place) for place in (start, end))
        way = (b - a) / np.linalg.norm(b - a)
        for at, out in ((a, -way), (b, way)):
            x, y = (float(value) for value in at + out * 12.8 + np.array([0.0, 0.9]))
            box = canvas.text_box(x, y, letter, size=2.8, anchor="middle", bold=True)
            if page.contains(box) and canvas.is_free(box):
                canvas.line([at + out * 7.6, at + out * 10.6], Stroke(0.6))
                canvas.text(x, y, letter, size=2.8, anchor="middle", bold=True)
