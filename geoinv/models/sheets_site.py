"""The drawing on a site plan: buildings, walls with their gates, posts, paths, and a net of crosses."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from geoinv.models.sheets_frame import Layout
from geoinv.models.sheets_plan import fill_of, place_label
from geoinv.models.sheets_svg import FINE, INK, STROKES, Canvas, Stroke
from geoinv.models.solids_site import PlacedGate, perimeter_plan, place_gate
from geoinv.models.solids_style import placed_status
from geoinv.models.solids_walls import preferred, storey_plan
from geoinv.records.blueprint import Blueprint, Building, Part

__all__ = ["Ground", "draw_site", "grid_step", "site_bounds", "site_parts"]


#: How much of a scene's own light is left under a drawing, and how bright the rest is.
_LIGHT, _PAPER = 0.4, 255.0


@dataclass(frozen=True)
class Ground:
    """A picture of the ground to draw on, north up.

    Attributes
    ----------
    pixels
        RGB, shape (rows, columns, 3).
    west, north
        Its corner, metres of the blueprint's frame.
    pixel_m
        Size of a pixel.
    said
        Which scene it is, of when and whose, for the notes.
    """

    pixels: NDArray[np.uint8]
    west: float
    north: float
    pixel_m: float
    said: str


def site_parts(blueprint: Blueprint, hypothesis: str | None) -> tuple[Part, ...]:
    """What the site plan numbers, in the order of its table: buildings from west to east, then walls, gates, posts."""
    buildings = sorted(
        preferred(blueprint.buildings, hypothesis), key=lambda part: (round(part.outline.centroid.x, 2), part.id)
    )
    site = blueprint.site
    rest: list[Part] = [*site.walls, *site.gates, *site.towers, *site.paths]
    return (*buildings, *preferred(rest, hypothesis))


def site_bounds(blueprint: Blueprint) -> tuple[float, float, float, float]:
    """West, south, east, north of everything on the site, metres; 10 m about the origin if there is nothing."""
    site = blueprint.site
    shapes = [building.outline for building in blueprint.buildings]
    shapes += [wall.line for wall in site.walls] + [path.line for path in site.paths]
    shapes += [tower.outline for tower in site.towers] + [Point(gate.at).buffer(gate.width_m) for gate in site.gates]
    if not shapes:
        return (-10.0, -10.0, 10.0, 10.0)
    west, south, east, north = shapely.total_bounds(shapes)
    return float(west), float(south), float(east), float(north)


def grid_step(layout: Layout) -> int:
    """Distance of the net's crosses, metres: 10 to 20 mm on paper, more or less."""
    return next((step for step in (5, 10, 20, 50, 100, 200, 500) if layout.mm(step) >= 18), 1000)


def draw_site(
    canvas: Canvas,
    layout: Layout,
    blueprint: Blueprint,
    hypothesis: str | None,
    said: Mapping[str, str],
    numbers: Mapping[str, int],
    ground: Ground | None = None,
) -> None:
    """The whole site, within the layout's area; over a picture of the ground where one is given."""
    if ground is not None:
        _draw_ground(canvas, layout, ground)
    _net(canvas, layout)
    site = blueprint.site
    walls = preferred(site.walls, hypothesis)
    gates = tuple(place_gate(gate, walls) for gate in preferred(site.gates, hypothesis))
    for path in preferred(site.paths, hypothesis):
        strip = path.line.buffer(path.width_m / 2, cap_style="flat", join_style="mitre")
        canvas.shape(layout.on_paper(strip), fill="#f1f0ec", stroke=STROKES[placed_status(path)])
    for wall in walls:
        # On small scales a wall's true width would vanish; it is never drawn thinner than 0.35 mm.
        thin = max(wall.thickness_m, 0.35 * layout.scale / 1000)
        band = perimeter_plan(wall.model_copy(update={"thickness_m": thin}), gates)
        canvas.shape(
            layout.on_paper(band), fill=fill_of(canvas, placed_status(wall)), stroke=STROKES[placed_status(wall)]
        )
    for building in preferred(blueprint.buildings, hypothesis):
        _draw_building(canvas, layout, building, hypothesis, "#e4e5e4" if ground is None else "none")
    for tower in preferred(site.towers, hypothesis):
        shape = layout.on_paper(tower.outline)
        canvas.shape(shape, fill="#ffffff", stroke=STROKES[placed_status(tower)])
        corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(shape))
        for k in (0, 1):
            canvas.line([corners[k], corners[k + 2]], FINE)
    for gate in gates:
        _draw_gate(canvas, layout, gate)
    _labels(canvas, layout, blueprint, hypothesis, said, numbers)


def _draw_ground(canvas: Canvas, layout: Layout, ground: Ground) -> None:
    """What of the picture lies within the drawing's frame, in pale grey, so that every line stays readable on it."""
    left, top, right, bottom = layout.area
    rows, columns = ground.pixels.shape[:2]
    x0, y0 = (float(value) for value in layout.point((ground.west, ground.north)))
    step = layout.mm(ground.pixel_m)
    first, last = max(0, math.ceil((left + 0.3 - x0) / step)), min(columns, math.floor((right - 0.3 - x0) / step))
    upper, lower = max(0, math.ceil((top + 0.3 - y0) / step)), min(rows, math.floor((bottom - 0.3 - y0) / step))
    if first >= last or upper >= lower:
        return
    grey = ground.pixels[upper:lower, first:last].astype(np.float64) @ np.array([0.299, 0.587, 0.114])
    pale = np.round(_PAPER - _LIGHT * (_PAPER - grey)).astype(np.uint8)
    place = (x0 + first * step, y0 + upper * step, (last - first) * step, (lower - upper) * step)
    canvas.picture(*place, np.repeat(pale[..., None], 3, axis=2))


def _net(canvas: Canvas, layout: Layout) -> None:
    step, (left, top, right, bottom) = grid_step(layout), layout.area
    half = ((right - left) / 2 / layout.mm(1), (bottom - top) / 2 / layout.mm(1))
    inside = shapely.box(left + 3, top + 3, right - 3, bottom - 3)
    for k in range(int(np.ceil((layout.middle[0] - half[0]) / step)), int((layout.middle[0] + half[0]) // step) + 1):
        for m in range(
            int(np.ceil((layout.middle[1] - half[1]) / step)), int((layout.middle[1] + half[1]) // step) + 1
        ):
            at = Point(layout.point((k * step, m * step)))
            if inside.contains(at):
                canvas.line([(at.x - 1, at.y), (at.x + 1, at.y)], Stroke(0.1, "#b4b7bb"))
                canvas.line([(at.x, at.y - 1), (at.x, at.y + 1)], Stroke(0.1, "#b4b7bb"))


def _draw_building(canvas: Canvas, layout: Layout, building: Building, hypothesis: str | None, fill: str) -> None:
    outline = layout.on_paper(building.outline)
    canvas.shape(outline, fill=fill)
    ground = preferred(building.storeys, hypothesis)[:1]
    for storey in ground:
        for room in storey_plan(building, storey, hypothesis=hypothesis).rooms:
            canvas.shape(layout.on_paper(room.polygon), fill="#f6f6f4", stroke=Stroke(0.1, "#8b9097"))
    canvas.shape(outline, stroke=STROKES[building.status])
    if building.entrance is not None:
        at = Point(layout.point(building.entrance))
        edge = outline.exterior if hasattr(outline, "exterior") else outline.boundary
        foot = edge.interpolate(edge.project(at))
        ahead = edge.interpolate(edge.project(at) + 0.5)
        along = np.array([ahead.x - foot.x, ahead.y - foot.y])
        out = np.array([along[1], -along[0]]) / max(float(np.linalg.norm(along)), 1e-9)
        out = out if outline.distance(Point(foot.x + out[0], foot.y + out[1])) > 0 else -out
        side = np.array([-out[1], out[0]])
        tip = np.array([foot.x, foot.y])
        canvas.shape(shapely.Polygon([tip, tip + out * 2.2 + side, tip + out * 2.2 - side]), fill=INK)


def _draw_gate(canvas: Canvas, layout: Layout, gate: PlacedGate) -> None:
    """Two leaves half open: the usual sign; which way they opened is not recorded."""
    (x, y), (u, v) = gate.centre, gate.direction
    half = gate.gate.width_m / 2
    stroke = STROKES[placed_status(gate.gate)]
    solid = Stroke(max(stroke.width, 0.3), stroke.colour)
    for sign in (-1, 1):
        hinge = np.array([x + sign * half * u, y + sign * half * v])
        tip = hinge + (np.array([-sign * u, -sign * v]) + np.array([-v, u]) * 0.9) / 1.345 * half
        a, b = (layout.point(point) for point in (hinge, tip))
        canvas.line([a, b], solid)
    ends = [(x - half * u, y - half * v), (x + half * u, y + half * v)]
    p, q = (layout.point(end) for end in ends)
    canvas.line([p, q], Stroke(0.13, dashes=(0.8, 0.5)))


def _labels(
    canvas: Canvas,
    layout: Layout,
    blueprint: Blueprint,
    hypothesis: str | None,
    said: Mapping[str, str],
    numbers: Mapping[str, int],
) -> None:
    for building in preferred(blueprint.buildings, hypothesis):
        name = building.labels[0] if building.labels else said["building"]
        label = (f"{numbers[building.id]}  {name}", f"≈ {building.outline.area:.0f} m²")
        outline = layout.on_paper(building.outline)
        _on_plate(canvas, outline, label, str(numbers[building.id]))
    site = blueprint.site
    inside = site_bounds(blueprint)
    drawn = _drawn(layout, blueprint, hypothesis)
    middle = Point((inside[0] + inside[2]) / 2, (inside[1] + inside[3]) / 2)
    for tower in preferred(site.towers, hypothesis):
        _beside(canvas, layout, tower.outline.centroid, middle, _called(tower, said["tower"], numbers), drawn)
    for gate in preferred(site.gates, hypothesis):
        _beside(canvas, layout, Point(gate.at), middle, _called(gate, said["gate"], numbers), drawn)
    for path in preferred(site.paths, hypothesis):
        halfway = path.line.interpolate(0.5, normalized=True)
        _beside(canvas, layout, halfway, middle, _called(path, said["path"], numbers), drawn)
    for wall in preferred(site.walls, hypothesis):
        corner = wall.line.interpolate(0.11, normalized=True)
        _beside(canvas, layout, corner, middle, _called(wall, said[wall.kind], numbers), drawn)


def _drawn(layout: Layout, blueprint: Blueprint, hypothesis: str | None) -> BaseGeometry:
    """Everything names must keep off, mm."""
    site = blueprint.site
    shapes: list[BaseGeometry] = [
        wall.line.buffer(wall.thickness_m / 2 + 0.1) for wall in preferred(site.walls, hypothesis)
    ]
    shapes += [*(tower.outline for tower in site.towers), *(building.outline for building in blueprint.buildings)]
    shapes += [Point(gate.at).buffer(gate.width_m / 2) for gate in site.gates]
    shapes += [path.line.buffer(path.width_m / 2) for path in site.paths]
    return layout.on_paper(shapely.union_all(shapes)).buffer(0.4)


def _called(part: Part, word: str, numbers: Mapping[str, int]) -> str:
    return f"{numbers[part.id]}  {part.labels[0] if part.labels else word}"


def _on_plate(canvas: Canvas, outline: BaseGeometry, label: Sequence[str], short: str) -> None:
    before = len(canvas.taken)
    probe = Canvas(canvas.width, canvas.height, title="", about="", lang="en")
    probe.taken = list(canvas.taken)
    if place_label(probe, outline, label, short):
        for box in probe.taken[before:]:
            canvas.shape(box.buffer(0.4, join_style="mitre"), fill="#f6f6f4")
    place_label(canvas, outline, label, short)


def _beside(canvas: Canvas, layout: Layout, at: Point, middle: Point, words: str, drawn: BaseGeometry) -> None:
    """A name next to a place, outwards from the middle of the site, where nothing is written yet."""
    mark, centre = (Point(layout.point((place.x, place.y))) for place in (at, middle))
    left, top, right, bottom = layout.area
    page = shapely.box(left + 1, top + 10, right - 1, bottom - 1)
    outwards = np.arctan2(mark.y - centre.y, mark.x - centre.x)
    for away in (3.0, 4.5, 6.0, 8.0, 11.0, 15.0, 20.0, 26.0):
        for turn in np.radians([0, 30, -30, 60, -60, 90, -90, 130, -130, 180]):
            x, y = mark.x + away * np.cos(outwards + turn), mark.y + away * np.sin(outwards + turn) + 0.8
            lean = np.cos(outwards + turn)
            anchor = "start" if lean > 0.4 else "end" if lean < -0.4 else "middle"
            box = canvas.text_box(float(x), float(y), words, size=2.3, anchor=anchor)
            if page.contains(box) and canvas.is_free(box) and not drawn.intersects(box):
                canvas.shape(box.buffer(0.3, join_style="mitre"), fill="#ffffff")
                canvas.text(float(x), float(y), words, size=2.3, anchor=anchor)
                return
