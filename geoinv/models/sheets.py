"""Drawings to scale: a site plan and floor plans as SVG in millimetres, and the same as PDF and PNG.

A sheet says of every line how it is known (solid, thin, dashed, marked, dotted, pale: DESIGN of statuses), states its
scale as ``1:N`` with a bar of 50 mm, and that it is not a survey.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Unpack

import numpy as np
import pypdfium2
import typst

from geoinv.errors import InputError
from geoinv.models.renders_png import png_bytes
from geoinv.models.sheets_common import (
    ROOM_WIDTHS,
    Sheet,
    SheetOptions,
    building_notes,
    building_of,
    in_order,
    named,
    plan_of,
    room_header,
    room_rows,
    site_notes,
)
from geoinv.models.sheets_fonts import font_folder
from geoinv.models.sheets_frame import Column, choose_layout, model_hash
from geoinv.models.sheets_plan import draw_dimensions, draw_plan, draw_section_marks
from geoinv.models.sheets_site import Ground, draw_site, grid_step, site_bounds, site_parts
from geoinv.models.solids import part_role
from geoinv.models.solids_style import placed_status
from geoinv.models.solids_walls import StoreyPlan
from geoinv.records.blueprint import Blueprint, Building, Part, Room

__all__ = ["model_hash", "plan_sheet", "sheet_pdf", "sheet_png", "site_sheet"]

#: Height above the floor at which a plan is cut, metres: over the sills of most windows.
CUT_M = 1.2


def site_sheet(blueprint: Blueprint, *, ground: Ground | None = None, **asked: Unpack[SheetOptions]) -> str:
    """The site plan.

    Parameters
    ----------
    blueprint
        What to draw.
    ground
        What to draw it over, if anything.
    **asked
        :class:`geoinv.models.sheets_common.SheetOptions`: paper, version, language, words, coordinates, page.

    Returns
    -------
    str
        SVG whose user unit is one millimetre; the same for the same blueprint.

    Raises
    ------
    InputError
        If there is no such paper.
    """
    sheet = Sheet(blueprint, asked)
    said, chosen = sheet.said, sheet.chosen
    parts = site_parts(blueprint, chosen)
    layout = choose_layout(site_bounds(blueprint), sheet.paper, rows=len(parts))
    numbers = {part.id: number for number, part in enumerate(parts, start=1)}
    canvas = sheet.opened(layout, said["site plan"])
    draw_site(canvas, layout, blueprint, chosen, said, numbers, ground)
    column = Column(
        heading=said["site plan"],
        lines=(*sheet.version, said["crosses"].format(step=grid_step(layout)), *_under(ground, said)),
        table_title=said["buildings"],
        header=(said["number"], said["name"], said["use"], said["area"], said["known"]),
        rows=_site_rows(parts, said),
        widths=(0.08, 0.32, 0.24, 0.15, 0.21),
        notes=site_notes(blueprint, parts, said),
        signs=("entrance",) if any(isinstance(part, Building) and part.entrance for part in parts) else (),
        statuses=frozenset(placed_status(part) for part in parts),
    )
    return sheet.closed(canvas, layout, column)


def _under(ground: Ground | None, said: Mapping[str, str]) -> tuple[str, ...]:
    """What the sheet is drawn over."""
    return (said["over"].format(scene=ground.said),) if ground is not None else ()


def _site_rows(parts: Sequence[Part], said: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """The table of buildings and of what stands about them: number, name, use, ground, and how each is known."""
    return tuple(
        (
            str(number),
            part.labels[0] if part.labels else said["unlabelled"],
            said.get(part_role(part), part_role(part)),
            f"≈ {part.outline.area:.0f}" if isinstance(part, Building) else "",
            said[f"short {placed_status(part).value}"],
        )
        for number, part in enumerate(parts, start=1)
    )


def plan_sheet(blueprint: Blueprint, building_id: str, *, storey: int = 0, **asked: Unpack[SheetOptions]) -> str:
    """A building's floor plan, cut 1.2 m above the floor.

    Parameters
    ----------
    blueprint, building_id
        What to draw.
    storey
        Which storey, counted from 0 at the lowest.
    **asked
        :class:`geoinv.models.sheets_common.SheetOptions`: paper, version, language, words, coordinates, page.

    Returns
    -------
    str
        SVG whose user unit is one millimetre.

    Raises
    ------
    InputError
        If the blueprint has no such building, the building no such storey, or there is no such paper.
    """
    sheet = Sheet(blueprint, asked)
    said, chosen = sheet.said, sheet.chosen
    building = building_of(blueprint, building_id)
    plan = plan_of(building, storey, chosen)
    layout = choose_layout(building.outline.bounds, sheet.paper, rows=len(plan.rooms))
    rooms = in_order(plan.rooms)
    numbers = {room.id: number for number, room in enumerate(rooms, start=1)}
    heading = f"{said['floor plan']} · {named(building)} · {said['storey'].format(number=storey + 1)}"
    canvas = sheet.opened(layout, heading)
    draw_plan(canvas, layout, building, plan, said, numbers)
    draw_dimensions(canvas, layout, building, building.outline)
    draw_section_marks(canvas, layout, building, rooms)
    column = _plan_column(blueprint, building, plan, rooms, heading, sheet.version, said)
    return sheet.closed(canvas, layout, column)


def _plan_column(
    blueprint: Blueprint,
    building: Building,
    plan: StoreyPlan,
    rooms: Sequence[Room],
    heading: str,
    drawn: tuple[str, ...],
    said: Mapping[str, str],
) -> Column:
    openings = [placed.opening for placed in plan.openings]
    return Column(
        heading=heading,
        lines=(said["cut at"].format(height=f"{CUT_M:g}"), *drawn),
        table_title=said["rooms"],
        header=room_header(said),
        rows=room_rows(rooms, said),
        widths=ROOM_WIDTHS,
        notes=building_notes(blueprint, building, (plan.storey, *rooms, *openings), said),
        signs=_signs(plan),
        statuses=frozenset(
            {
                building.status,
                placed_status(plan.storey, building),
                *(placed_status(part) for part in (*rooms, *openings)),
            }
        ),
    )


def _signs(plan: StoreyPlan) -> tuple[str, ...]:
    """Which signs the plan uses, for its legend."""
    kinds = {placed.opening.kind for placed in plan.openings}
    return (*(("cut",) if plan.interior_known else ()), *(kind for kind in ("door", "window", "gap") if kind in kinds))


# ------------------------------------------------------------------------------------------------ PDF and PNG

_PAGE = """#page(width: {width}mm, height: {height}mm)[#image(bytes(sys.inputs.at("{number}")), format: "svg", \
width: {width}mm, height: {height}mm)]
"""


def sheet_pdf(*svgs: str) -> bytes:
    """Sheets as a PDF of one page each, of their exact sizes, text selectable, without a date: always the same bytes.

    Raises
    ------
    InputError
        If there is none, or one does not say its size in millimetres or cannot be typeset.
    """
    if not svgs:
        raise InputError("there is no sheet to print", do="give at least one")
    pages = []
    for number, svg in enumerate(svgs):
        width, height = _size(svg)
        pages.append(_PAGE.format(width=width, height=height, number=number))
    try:
        made: bytes = typst.compile(
            ("#set document(date: none)\n#set page(margin: 0mm)\n" + "".join(pages)).encode(),
            format="pdf",
            sys_inputs={str(number): svg for number, svg in enumerate(svgs)},
            font_paths=_typefaces(),
        )
    except typst.TypstError as error:
        raise InputError(
            f"the sheet cannot be typeset ({error})", do="check that it is an SVG made by geoinv"
        ) from error
    return made


def sheet_png(svg: str, dpi: float = 150) -> bytes:
    """A sheet as PNG at a resolution in dots per inch.

    Painted from the PDF: typst's own PNG writer (0.15) drops rows of pixels from SVG images, through letters and lines.

    Raises
    ------
    InputError
        If the SVG does not say its size in millimetres or cannot be typeset.
    """
    width, height = (round(float(side) / 25.4 * dpi) for side in _size(svg))
    document = pypdfium2.PdfDocument(sheet_pdf(svg))
    try:
        picture = document[0].render(scale=dpi / 72).to_pil().convert("RGB")
    finally:
        document.close()
    # The page is rounded up to whole pixels; what is over is a white edge.
    return png_bytes(np.asarray(picture)[:height, :width])


@lru_cache(maxsize=1)
def _typefaces() -> typst.Fonts:
    """The vendored face alone, so that a sheet is the same on every machine; the system's where it is not there."""
    folder = font_folder()
    return typst.Fonts(include_system_fonts=folder is None, font_paths=[str(folder)] if folder else [])


def _size(svg: str) -> tuple[str, str]:
    found = re.search(r'<svg[^>]*\swidth="([\d.]+)mm"[^>]*\sheight="([\d.]+)mm"', svg)
    if found is None:
        raise InputError("the SVG does not say its size in millimetres", do="use a sheet made by geoinv")
    return found[1], found[2]
