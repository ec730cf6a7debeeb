"""Plain drawings for reports: a sketch as traced, and a building's rooms as fitted; SVG text in page units."""

from __future__ import annotations

from html import escape

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from geoinv.pages.furniture import FONTS, INK
from geoinv.pages.map_words import label_place
from geoinv.pages.styles import STATUS_STYLES
from geoinv.records.blueprint import Building
from geoinv.records.drawings import Sketch

__all__ = ["plan_figure", "sketch_figure"]

#: Line and fill of what a sketch shows, by role; anything else takes the last.
_ROLE_PAINT: dict[str, str] = {
    "building": f'fill="#eef1f4" stroke="{INK}" stroke-width="1.8"',
    "room": f'fill="#fff" stroke="{INK}" stroke-width="1.5"',
    "corridor": f'fill="#f3f5f7" stroke="{INK}" stroke-width="1.2"',
    "wall": f'fill="none" stroke="{INK}" stroke-width="2.6"',
    "fence": f'fill="none" stroke="{INK}" stroke-width="1.4" stroke-dasharray="7 4"',
    "gate": 'fill="#b3261e" fill-opacity=".15" stroke="#b3261e" stroke-width="2"',
    "tower": f'fill="#c9ced5" stroke="{INK}" stroke-width="1.5"',
    "road": 'fill="none" stroke="#8a94a0" stroke-width="1.6"',
    "path": 'fill="none" stroke="#8a94a0" stroke-width="1.4" stroke-dasharray="2 4"',
    "water": 'fill="#cfe3f1" stroke="#4f87ad" stroke-width="1.2"',
    "door": 'fill="none" stroke="#b3261e" stroke-width="2.4"',
    "other": 'fill="none" stroke="#8a94a0" stroke-width="1.2"',
}


class _Sheet:
    """Units of a drawing (y up) to units of the page (y down), the whole fitted into a width."""

    def __init__(self, shapes: list[BaseGeometry], width: float, pad: float = 16.0) -> None:
        left, bottom, right, top = unary_union(shapes).bounds
        self.scale = min((width - 2 * pad) / max(right - left, 1e-9), 360.0 / max(top - bottom, 1e-9))
        self.left, self.top, self.pad = left, top, pad
        self.width = (right - left) * self.scale + 2 * pad
        self.height = (top - bottom) * self.scale + 2 * pad

    def at(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(
            [self.pad + (xy[:, 0] - self.left) * self.scale, self.pad + (self.top - xy[:, 1]) * self.scale]
        )

    def path(self, geometry: BaseGeometry) -> str:
        if hasattr(geometry, "geoms"):
            return "".join(self.path(part) for part in geometry.geoms)
        if geometry.geom_type == "Point":
            (x, y) = self.at(np.asarray(geometry.coords)[:, :2])[0]
            return f"M{x - 4:.1f} {y:.1f}h8M{x:.1f} {y - 4:.1f}v8"
        rings = [geometry.exterior, *geometry.interiors] if isinstance(geometry, Polygon) else [geometry]
        lines = []
        for ring in rings:
            points = self.at(np.asarray(ring.coords)[:, :2])
            lines.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points))
        return "".join(lines)

    def words(self, geometry: BaseGeometry, text: str, size: float = 11.5) -> str:
        """A name on a polygon, in the middle of it."""
        x, y = self.at(np.array([label_place(geometry)]))[0]
        return (
            f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle" font-size="{size:g}" fill="{INK}" '
            f'paint-order="stroke" stroke="#fff" stroke-width="3">{escape(text)}</text>'
        )

    def svg(self, body: list[str], title: str) -> str:
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width:.1f} {self.height:.1f}" '
            f'width="{self.width:.0f}" role="img" font-family="{FONTS}"><title>{escape(title)}</title>'
            f"{''.join(body)}</svg>"
        )


def sketch_figure(sketch: Sketch, *, width: float = 420.0) -> str | None:
    """The tracing of a drawing as SVG; ``None`` where nothing was traced.

    It is drawn from the traced shapes, never from the scan, so that no handwriting is in it.
    """
    shapes = [element.geometry for element in sketch.elements if not element.geometry.is_empty]
    if not shapes:
        return None
    sheet = _Sheet(shapes, width)
    order = sorted(sketch.elements, key=lambda element: -element.geometry.area)
    body = []
    for element in order:
        faint = ' opacity=".45"' if element.certainty < 0.5 else ""
        paint = _ROLE_PAINT.get(element.role, _ROLE_PAINT["other"])
        body.append(f'<path d="{sheet.path(element.geometry)}" {paint} stroke-linejoin="round"{faint}/>')
    body += [sheet.words(element.geometry, element.label) for element in order if element.label]
    return sheet.svg(body, sketch.name)


def plan_figure(building: Building, *, width: float = 560.0) -> str | None:
    """A building's rooms as fitted into its outline, lines by status; ``None`` where nothing is known inside."""
    rooms = [room for storey in building.storeys[:1] for room in storey.rooms]
    walls = [wall for storey in building.storeys[:1] for wall in storey.walls]
    if not rooms and not walls:
        return None
    sheet = _Sheet([building.outline], width)
    body = [f'<path d="{sheet.path(building.outline)}" fill="#dfe3e8" stroke="{INK}" stroke-width="2"/>']
    for room in rooms:
        style = STATUS_STYLES[room.status]
        dash = f' stroke-dasharray="{style.dash}"' if style.dash else ""
        body.append(
            f'<path d="{sheet.path(room.polygon)}" fill="#fff" stroke="{style.color}" stroke-width="1.8"{dash}/>'
        )
    body += [f'<path d="{sheet.path(wall.line)}" fill="none" stroke="{INK}" stroke-width="3"/>' for wall in walls]
    for storey in building.storeys[:1]:
        for opening in storey.openings:
            x, y = sheet.at(np.array([opening.at]))[0]
            half = max(3.0, opening.width_m * sheet.scale / 2)
            body.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{half:.1f}" fill="none" stroke="#b3261e" stroke-width="1.6"/>'
            )
    body += [sheet.words(room.polygon, room.labels[0] if room.labels else room.role, 10.5) for room in rooms]
    return sheet.svg(body, building.labels[0] if building.labels else building.id)
