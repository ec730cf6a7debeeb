"""Drawings to scale: a site plan and floor plans as SVG in millimetres, and the same as PDF and PNG.

A sheet says of every line how it is known (solid, thin, dashed, marked, dotted, pale: DESIGN of statuses), states its
scale as ``1:N`` with a bar of 50 mm, and that it is not a survey.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import pypdfium2
import typst

from geoinv.errors import InputError
from geoinv.models.renders_png import png_bytes
from geoinv.models.sheet_words import sheet_words
from geoinv.models.sheets_fonts import font_folder
from geoinv.models.sheets_frame import PAPERS, Column, choose_layout, draw_column, draw_frame, model_hash
from geoinv.models.sheets_plan import area_words, draw_dimensions, draw_plan
from geoinv.models.sheets_site import draw_site, grid_step, site_bounds, site_parts
from geoinv.models.sheets_svg import Canvas
from geoinv.models.solids import part_kind, part_role
from geoinv.models.solids_style import placed_status
from geoinv.models.solids_walls import StoreyPlan, preferred, preferred_hypothesis, storey_plan
from geoinv.records.blueprint import Blueprint, Building, Part, Room

__all__ = ["model_hash", "plan_sheet", "sheet_pdf", "sheet_png", "site_sheet"]

#: Height above the floor at which a plan is cut, metres: over the sills of most windows.
CUT_M = 1.2


def site_sheet(
    blueprint: Blueprint,
    *,
    paper: str = "auto",
    hypothesis: str | None = None,
    lang: str = "en",
    words: Mapping[str, str] | None = None,
    crs: str | None = None,
) -> str:
    """The site plan.

    Parameters
    ----------
    blueprint
        What to draw.
    paper
        ``A4``, ``A3``, or ``auto`` for A4 where that loses no scale.
    hypothesis
        Which rival version to draw; the first by name if not said.
    lang, words
        Language (``en`` or ``ko``) and words in place of the defaults of :mod:`geoinv.models.sheet_words`.
    crs
        What the footer says of the coordinates, in place of the frame's origin: where a place is withheld.

    Returns
    -------
    str
        SVG whose user unit is one millimetre; the same for the same blueprint.
    """
    said = sheet_words(lang, words)
    chosen = hypothesis if hypothesis is not None else preferred_hypothesis(blueprint)
    parts = site_parts(blueprint, chosen)
    layout = choose_layout(site_bounds(blueprint), _paper(paper), rows=len(parts))
    numbers = {part.id: number for number, part in enumerate(parts, start=1)}
    canvas = _canvas(layout.paper, blueprint, said["site plan"], said, lang)
    draw_site(canvas, layout, blueprint, chosen, said, numbers)
    rows = tuple(
        (
            str(numbers[part.id]),
            part.labels[0] if part.labels else said["unlabelled"],
            said.get(part_role(part), part_role(part)),
            f"≈ {part.outline.area:.0f}" if isinstance(part, Building) else "",
            said[f"short {placed_status(part).value}"],
        )
        for part in parts
    )
    column = Column(
        heading=said["site plan"],
        lines=(*_version(chosen, said), said["crosses"].format(step=grid_step(layout))),
        table_title=said["buildings"],
        header=(said["number"], said["name"], said["use"], said["area"], said["known"]),
        rows=rows,
        widths=(0.08, 0.32, 0.24, 0.15, 0.21),
        notes=_site_notes(blueprint, parts, said),
        signs=("entrance",) if any(isinstance(part, Building) and part.entrance for part in parts) else (),
        statuses=frozenset(placed_status(part) for part in parts),
    )
    draw_column(canvas, layout, blueprint, said, column)
    draw_frame(canvas, layout, blueprint, said, crs)
    return canvas.svg()


def plan_sheet(
    blueprint: Blueprint,
    building_id: str,
    *,
    storey: int = 0,
    paper: str = "auto",
    hypothesis: str | None = None,
    lang: str = "en",
    words: Mapping[str, str] | None = None,
    crs: str | None = None,
) -> str:
    """A building's floor plan, cut 1.2 m above the floor.

    Parameters
    ----------
    blueprint, building_id
        What to draw.
    storey
        Which storey, counted from 0 at the lowest.
    paper, hypothesis, lang, words, crs
        As for :func:`site_sheet`.

    Returns
    -------
    str
        SVG whose user unit is one millimetre.

    Raises
    ------
    InputError
        If the blueprint has no such building, or the building no such storey.
    """
    said = sheet_words(lang, words)
    chosen = hypothesis if hypothesis is not None else preferred_hypothesis(blueprint)
    building, plan = _plan_of(blueprint, building_id, storey, chosen)
    layout = choose_layout(building.outline.bounds, _paper(paper), rows=len(plan.rooms))
    rooms = sorted(
        plan.rooms, key=lambda room: (-round(room.polygon.centroid.y), round(room.polygon.centroid.x, 1), room.id)
    )
    numbers = {room.id: number for number, room in enumerate(rooms, start=1)}
    name = building.labels[0] if building.labels else building.id
    heading = f"{said['floor plan']} · {name} · {said['storey'].format(number=storey + 1)}"
    canvas = _canvas(layout.paper, blueprint, heading, said, lang)
    draw_plan(canvas, layout, building, plan, said, numbers)
    draw_dimensions(canvas, layout, building, building.outline)
    column = _plan_column(blueprint, building, plan, rooms, heading, _version(chosen, said), said)
    draw_column(canvas, layout, blueprint, said, column)
    draw_frame(canvas, layout, blueprint, said, crs)
    return canvas.svg()


def _plan_column(
    blueprint: Blueprint,
    building: Building,
    plan: StoreyPlan,
    rooms: list[Room],
    heading: str,
    version: tuple[str, ...],
    said: Mapping[str, str],
) -> Column:
    openings = [placed.opening for placed in plan.openings]
    return Column(
        heading=heading,
        lines=(said["cut at"].format(height=f"{CUT_M:g}"), *version),
        table_title=said["rooms"],
        header=(said["number"], said["name"], said["use"], said["area"], said["known"]),
        rows=tuple(
            (
                str(number),
                room.labels[0] if room.labels else said["unlabelled"],
                said.get(room.role, room.role),
                area_words(room),
                said[f"short {room.status.value}"],
            )
            for number, room in enumerate(rooms, start=1)
        ),
        widths=(0.08, 0.24, 0.28, 0.19, 0.21),
        notes=_plan_notes(blueprint, building, (plan.storey, *rooms, *openings), said),
        signs=_signs(plan),
        statuses=frozenset(
            {
                building.status,
                placed_status(plan.storey, building),
                *(placed_status(part) for part in (*rooms, *openings)),
            }
        ),
    )


def _paper(paper: str) -> str:
    if paper not in ("A4", "A3", "auto"):
        raise InputError(f"there is no paper called “{paper}”", do="choose A4, A3 or auto")
    return paper


def _plan_of(
    blueprint: Blueprint, building_id: str, storey: int, hypothesis: str | None
) -> tuple[Building, StoreyPlan]:
    building = next((one for one in blueprint.buildings if one.id == building_id), None)
    if building is None:
        known = ", ".join(one.id for one in blueprint.buildings) or "none"
        raise InputError(f"the blueprint has no building “{building_id}”", do=f"choose one of: {known}")
    storeys = sorted(preferred(building.storeys, hypothesis), key=lambda one: (one.floor_m, one.id))
    if not 0 <= storey < len(storeys):
        raise InputError(
            f"the building has {len(storeys)} storeys, not {storey + 1}", do="count storeys from 0", item=building_id
        )
    return building, storey_plan(building, storeys[storey], hypothesis=hypothesis)


def _canvas(paper: str, blueprint: Blueprint, heading: str, said: Mapping[str, str], lang: str) -> Canvas:
    title = f"{blueprint.title or blueprint.facility} – {heading}"
    about = said["not a survey"] + (f" {said['fictional']}." if blueprint.fictional else "")
    return Canvas(*PAPERS[paper], title=title, about=about, lang=lang)


def _version(hypothesis: str | None, said: Mapping[str, str]) -> tuple[str, ...]:
    return (said["drawn version"].format(name=hypothesis),) if hypothesis else ()


def _signs(plan: StoreyPlan) -> tuple[str, ...]:
    """Which signs the plan uses, for its legend."""
    kinds = {placed.opening.kind for placed in plan.openings}
    return (*(("cut",) if plan.interior_known else ()), *(kind for kind in ("door", "window", "gap") if kind in kinds))


def _differences(blueprint: Blueprint, about: frozenset[str]) -> tuple[str, ...]:
    return tuple(
        f"{item.what}: " + "; ".join(f"{name}: {words}" for name, words in sorted(item.versions.items()))
        for item in blueprint.contradictions
        if about & set(item.about)
    )


def _plan_notes(
    blueprint: Blueprint, building: Building, parts: tuple[Part, ...], said: Mapping[str, str]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    rivals = {room.id for storey in building.storeys for room in storey.rooms}
    about = frozenset({building.id, *rivals, *(part.id for part in parts)})
    sources = sorted({source for part in (building, *parts) for source in part.sources})
    return (
        (said["contradictions"], _differences(blueprint, about)),
        (said["assumed"], building.sufficiency.get("assumed", ())),
        (said["ask"], building.sufficiency.get("ask", ())),
        (said["sources"], (", ".join(sources),) if sources else ()),
    )


def _site_notes(
    blueprint: Blueprint, parts: tuple[Part, ...], said: Mapping[str, str]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    shown = frozenset(part.id for part in parts)
    sources = sorted({source for part in parts for source in part.sources})
    assumed = tuple(
        f"{part.labels[0] if part.labels else said.get(part_role(part), part_kind(part))}: "
        + ", ".join(name.removesuffix("_m").replace("_", " ") for name in weak)
        for part in parts
        if (weak := [name for name in type(part).shaping if part.evidence[name].status.value == "conjectural"])
    )
    return (
        (said["contradictions"], _differences(blueprint, shown)),
        (said["assumed"], assumed),
        (said["sources"], (", ".join(sources),) if sources else ()),
    )


# ------------------------------------------------------------------------------------------------ PDF and PNG

_PAGE = """#set document(date: none)
#set page(width: {width}mm, height: {height}mm, margin: 0mm)
#image(bytes(sys.inputs.svg), format: "svg", width: {width}mm, height: {height}mm)
"""


def sheet_pdf(svg: str) -> bytes:
    """A sheet as a one-page PDF of its exact size, text selectable, without a date: the same bytes for the same sheet.

    Raises
    ------
    InputError
        If the SVG does not say its size in millimetres or cannot be typeset.
    """
    width, height = _size(svg)
    try:
        made: bytes = typst.compile(
            _PAGE.format(width=width, height=height).encode(),
            format="pdf",
            sys_inputs={"svg": svg},
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
