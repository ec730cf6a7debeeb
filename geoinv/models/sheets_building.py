"""A building from its sides: two sections and four elevations on one sheet, and an axonometric on another.

What is cut is filled like a wall on a plan; what is seen behind is drawn in fine lines, each part outlined in the line
of its status. An axonometric is a plan turned, with heights drawn upwards: both can be measured on it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Unpack

import numpy as np
import shapely
import trimesh
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geoinv.models.hidden_lines import Cut, Facet, Projection, seen
from geoinv.models.sheets_common import (
    ROOM_WIDTHS,
    Sheet,
    SheetOptions,
    building_notes,
    building_of,
    in_order,
    named,
    room_header,
    room_rows,
)
from geoinv.models.sheets_frame import Column, Layout, choose_layout, choose_rows
from geoinv.models.sheets_plan import fill_of, place_number, section_lines, undescribed
from geoinv.models.sheets_svg import FINE, PALE, STROKES, Canvas, Stroke
from geoinv.models.solids import build_solids
from geoinv.models.solids_style import placed_status
from geoinv.models.solids_walls import preferred
from geoinv.records.blueprint import Blueprint, Building, Part, Room, Site
from geoinv.records.evidence import Evidence, Status

__all__ = ["axonometric_sheet", "views_sheet"]

Floats = NDArray[np.float64]

#: Height above the lowest floor at which an axonometric is cut, metres: low enough to look into rooms.
_CUT_M = 1.2
#: By how much an axonometric's plan is turned from the building's own axis, degrees.
_TURNED = 30.0
#: Tints of faces that look up, and that look to one side and to the other.
_UP, _SIDES = "#ffffff", ("#e9eaea", "#d6d8da")
#: Room beside each view for its heights, and under it for its name, mm.
_AIR = (24.0, 14.0)
_SIDES_OF = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")


#: How well each part's place is known, and which parts are solid only because nobody knows their inside.
_Known = tuple[Mapping[str, Status], frozenset[str]]


@dataclass(frozen=True)
class _View:
    """One drawing on a sheet of several: its name, what is seen, and whether heights are marked beside it."""

    name: str
    facets: tuple[Facet, ...]
    is_section: bool

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """On the page, metres; the ground is always within."""
        west, south, east, north = shapely.total_bounds([facet.shape for facet in self.facets])
        return float(west), min(float(south), 0.0), float(east), float(north)


def views_sheet(blueprint: Blueprint, building_id: str, **asked: Unpack[SheetOptions]) -> str:
    """A building's two sections, where the plan's marks A–A and B–B stand, and its four elevations.

    Parameters
    ----------
    blueprint, building_id
        What to draw.
    **asked
        :class:`geoinv.models.sheets_common.SheetOptions`: paper, version, language, words, coordinates, page.

    Returns
    -------
    str
        SVG whose user unit is one millimetre.

    Raises
    ------
    InputError
        If the blueprint has no such building, or there is no such paper.
    """
    sheet = Sheet(blueprint, asked)
    said, chosen = sheet.said, sheet.chosen
    building = building_of(blueprint, building_id)
    solids, status = _solids(blueprint, building, chosen)
    massing = frozenset(name for name, mesh in solids.items() if not mesh.metadata.get("interior", True))
    views = _views(solids, building, chosen, said)
    sizes = [(view.bounds[2] - view.bounds[0], view.bounds[3] - view.bounds[1]) for view in views]
    layout, places = choose_rows(sizes, sheet.paper, air=_AIR)
    heading = f"{said['views']} · {named(building)}"
    canvas = sheet.opened(layout, heading)
    levels = _levels(building, chosen, said)
    for view, place in zip(views, places, strict=True):
        _draw_view(canvas, layout, view, place, (status, massing), levels)
    column = Column(
        heading=heading,
        lines=sheet.version,
        table_title=said["levels"],
        header=(said["level"], said["height"], said["known"]),
        rows=tuple((name, words_, said[f"short {known.value}"]) for name, _, words_, known in levels),
        widths=(0.45, 0.3, 0.25),
        notes=building_notes(blueprint, building, _parts(building, chosen), said),
        signs=("cut",),
        statuses=frozenset(status[facet.part] for view in views for facet in view.facets),
        turned=None,
    )
    return sheet.closed(canvas, layout, column)


def axonometric_sheet(blueprint: Blueprint, building_id: str, **asked: Unpack[SheetOptions]) -> str:
    """A building's lowest storey cut 1.2 m above its floor, the plan turned and heights drawn upwards, all to scale.

    Parameters, result and errors are those of :func:`views_sheet`.
    """
    sheet = Sheet(blueprint, asked)
    said, chosen = sheet.said, sheet.chosen
    building = building_of(blueprint, building_id)
    solids, status = _solids(blueprint, building, chosen)
    massing = frozenset(name for name, mesh in solids.items() if not mesh.metadata.get("interior", True))
    along = section_lines(building, ())[0]
    turned = _TURNED - math.degrees(math.atan2(along[1][1] - along[0][1], along[1][0] - along[0][0]))
    turned = (turned + 90.0) % 180.0 - 90.0
    floor = min((storey.floor_m for storey in preferred(building.storeys, chosen)), default=0.0)
    facets = seen(solids, Projection.plan_oblique(turned), Cut((0.0, 0.0, 1.0), floor + _CUT_M))
    west, south, east, north = shapely.total_bounds([facet.shape for facet in facets])
    rooms = _lowest(building, chosen)
    layout = choose_layout((west, south, east, north), sheet.paper, rows=len(rooms))
    heading = f"{said['axonometric']} · {named(building)}"
    canvas = sheet.opened(layout, heading)
    _draw_facets(canvas, facets, (status, massing), layout.on_paper)
    floors = {facet.part: layout.on_paper(facet.shape) for facet in facets if facet.normal[2] > 0.99}
    for number, room in enumerate(rooms, start=1):
        if room.id in floors:
            place_number(canvas, floors[room.id], str(number))
    column = Column(
        heading=heading,
        lines=(said["axonometric rule"], said["cut at"].format(height=f"{_CUT_M:g}"), *sheet.version),
        table_title=said["rooms"],
        header=room_header(said),
        rows=room_rows(rooms, said),
        widths=ROOM_WIDTHS,
        notes=building_notes(blueprint, building, _parts(building, chosen), said),
        signs=("cut",),
        statuses=frozenset(status[facet.part] for facet in facets),
        turned=turned,
    )
    return sheet.closed(canvas, layout, column)


# ------------------------------------------------------------------------------------------------ what is drawn


def _solids(
    blueprint: Blueprint, building: Building, hypothesis: str | None
) -> tuple[dict[str, trimesh.Trimesh], dict[str, Status]]:
    """The building's solids by part, and how well each part's place is known."""
    alone = blueprint.model_copy(update={"buildings": (building,), "site": Site()})
    geometry = build_solids(alone, hypothesis=hypothesis).geometry
    status = {part.id: placed_status(part, building) for part in alone.parts()}
    return dict(geometry), status


def _views(
    solids: Mapping[str, trimesh.Trimesh], building: Building, hypothesis: str | None, said: Mapping[str, str]
) -> list[_View]:
    rooms = [room for storey in preferred(building.storeys, hypothesis) for room in preferred(storey.rooms, hypothesis)]
    found, sides = [], []
    for letter, (start, end) in zip("AB", section_lines(building, rooms), strict=True):
        azimuth = _facing(start, end)
        projection = Projection.level(azimuth)
        x, y, _ = (float(value) for value in projection.toward)
        cut = Cut((x, y, 0.0), x * start[0] + y * start[1])
        found.append(_View(said["section"].format(name=letter), seen(solids, projection, cut), True))
        sides += [azimuth, azimuth + 180.0]
    for azimuth in (sides[0], sides[2], sides[1], sides[3]):
        side = said[f"{_SIDES_OF[round((azimuth % 360.0) / 45.0) % 8]} side"]
        name = said["elevation"].format(side=side)
        found.append(_View(name, seen(solids, Projection.level(azimuth)), False))
    return [view for view in found if view.facets]


def _facing(start: Floats, end: Floats) -> float:
    """From which side a section is looked at: of its two, the one nearer to the south, degrees from north."""
    east, north = end - start
    azimuth = math.degrees(math.atan2(north, -east)) % 360.0
    return azimuth if 90.0 < azimuth <= 270.0 else (azimuth + 180.0) % 360.0


def _parts(building: Building, hypothesis: str | None) -> tuple[Part, ...]:
    storeys = preferred(building.storeys, hypothesis)
    return tuple(part for storey in storeys for part in (storey, *preferred(storey.inside(), hypothesis)))


def _lowest(building: Building, hypothesis: str | None) -> tuple[Room, ...]:
    """Rooms of the lowest storey, in the order of the plan's numbers."""
    storeys = sorted(preferred(building.storeys, hypothesis), key=lambda one: (one.floor_m, one.id))
    return in_order(preferred(storeys[0].rooms, hypothesis)) if storeys else ()


def _levels(
    building: Building, hypothesis: str | None, said: Mapping[str, str]
) -> list[tuple[str, float, str, Status]]:
    """Floors, ceilings and the roof's top: name, metres above ground, in words with ±, and how it is known."""
    found = []
    storeys = sorted(preferred(building.storeys, hypothesis), key=lambda one: (one.floor_m, one.id))
    for number, storey in enumerate(storeys, start=1):
        called = said["storey"].format(number=number)
        found.append((f"{called}, {said['floor']}", storey.floor_m, *_known(storey, "floor_m", storey.floor_m)))
        top = storey.floor_m + storey.height_m
        found.append((f"{called}, {said['ceiling']}", top, *_known(storey, "height_m", top)))
    if building.roof is not None and storeys:
        top = max(storey.floor_m + storey.height_m for storey in storeys) + building.roof.rise_m
        found.append((said["top"], top, *_known(building.roof, "rise_m", top)))
    return found


def _known(part: Part, name: str, value: float) -> tuple[str, Status]:
    evidence: Evidence | None = part.evidence.get(name)
    if evidence is None:
        return f"≈ {value:.2f}", part.status
    if evidence.interval is None:
        return f"≈ {value:.2f}", evidence.status
    return f"{value:.2f} ± {evidence.interval.width / 2:.2f}", evidence.status


# ------------------------------------------------------------------------------------------------------- drawing


def _draw_view(
    canvas: Canvas,
    layout: Layout,
    view: _View,
    place: tuple[float, float],
    known: _Known,
    levels: Sequence[tuple[str, float, str, Status]],
) -> None:
    """A view with its lower left corner at a place on the sheet, mm: ground line, heights beside it, name under it."""
    west, south, east, _ = view.bounds
    factor = layout.mm(1.0)

    def on_paper(shape: BaseGeometry) -> BaseGeometry:
        return shapely.transform(
            shape, lambda xy: (xy - np.array([west, south])) * np.array([factor, -factor]) + np.array(place)
        )

    _draw_facets(canvas, view.facets, known, on_paper)
    left, right = place[0], place[0] + (east - west) * factor
    ground = place[1] + south * factor
    canvas.line([(left - 4, ground), (right + 4, ground)], Stroke(0.7))
    if view.is_section:
        _mark_levels(canvas, right + 1.5, ground, factor, levels)
    canvas.text((left + right) / 2, place[1] + 5.5, view.name, size=2.6, bold=True, anchor="middle")


def _mark_levels(
    canvas: Canvas, x: float, ground: float, factor: float, levels: Sequence[tuple[str, float, str, Status]]
) -> None:
    """Each height as a line with a small triangle on it and the height in metres, where there is room to write."""
    for _, height, words, _ in levels:
        y = ground - height * factor
        canvas.line([(x, y), (x + 4.0, y)], FINE)
        canvas.shape(shapely.Polygon([(x + 2, y), (x + 1.2, y - 1.2), (x + 2.8, y - 1.2)]), stroke=FINE)
        for lift in (0.7, -1.7, -4.1):  # heights close together are written above each other
            box = canvas.text_box(x + 4.6, y + lift, words, size=1.9)
            if canvas.is_free(box):
                canvas.text(x + 4.6, y + lift, words, size=1.9, fill=PALE)
                break


def _draw_facets(
    canvas: Canvas,
    facets: Sequence[Facet],
    known: _Known,
    on_paper: Callable[[BaseGeometry], BaseGeometry],
) -> None:
    """Faces tinted by which way they look, what is cut filled by status; then outlines, those of what is cut last."""
    status, massing = known
    for facet in (one for one in facets if not one.is_cut):
        canvas.shape(on_paper(facet.shape), fill=_tint(facet), stroke=FINE)
    for name in dict.fromkeys(facet.part for facet in facets):
        whole = shapely.union_all([facet.shape for facet in facets if facet.part == name and not facet.is_cut])
        if not whole.is_empty:
            line = STROKES[status[name]]
            thin = Stroke(0.6 * line.width, line.colour, line.dashes, line.round_ends, line.marked)
            canvas.shape(on_paper(whole), stroke=thin)
    for facet in (one for one in facets if one.is_cut):
        shape = on_paper(facet.shape)
        canvas.shape(shape, fill="#ffffff")
        fill = undescribed(canvas) if facet.part in massing else fill_of(canvas, status[facet.part])
        canvas.shape(shape, fill=fill, stroke=STROKES[status[facet.part]])


def _tint(facet: Facet) -> str:
    x, y, z = facet.normal
    return _UP if z > 0.5 else _SIDES[int(abs(x) > abs(y))]
