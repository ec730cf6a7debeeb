"""What all kinds of sheets share: how one is opened and closed, a building's storey, the notes beside the drawing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TypedDict

from geoinv.errors import InputError
from geoinv.models.sheet_words import sheet_words
from geoinv.models.sheets_frame import PAPERS, Column, Layout, draw_column, draw_frame
from geoinv.models.sheets_plan import area_words, size_words
from geoinv.models.sheets_svg import Canvas
from geoinv.models.solids import part_kind, part_role
from geoinv.models.solids_walls import StoreyPlan, preferred, preferred_hypothesis, storey_plan
from geoinv.records.blueprint import Blueprint, Building, Part, Room

__all__ = [
    "ROOM_WIDTHS",
    "Sheet",
    "SheetOptions",
    "building_notes",
    "building_of",
    "in_order",
    "named",
    "plan_of",
    "room_header",
    "room_rows",
    "site_notes",
]

#: Shares of the column's width in the table of rooms.
ROOM_WIDTHS = (0.055, 0.215, 0.205, 0.14, 0.205, 0.18)

Notes = tuple[tuple[str, tuple[str, ...]], ...]


class SheetOptions(TypedDict, total=False):
    """What any sheet may be asked for; all of it may be left out.

    Attributes
    ----------
    paper
        ``A4``, ``A3``, ``A2``, or ``auto`` (as without it) for the smaller of A4 and A3 where that loses no scale.
    hypothesis
        Which rival version to draw; the first by name if not said.
    lang, words
        Language (``en`` or ``ko``) and words in place of the defaults of :mod:`geoinv.models.sheet_words`.
    crs
        What the footer says of the coordinates, in place of the frame's origin: where a place is withheld.
    page
        Which page of how many this is, if it is one of a set.
    """

    paper: str
    hypothesis: str | None
    lang: str
    words: Mapping[str, str] | None
    crs: str | None
    page: tuple[int, int] | None


class Sheet:
    """One sheet from its empty paper to the SVG: opened at a layout, drawn on, and closed with column and frame.

    Attributes
    ----------
    paper, chosen, said
        Paper asked for, the rival version drawn, and the words of the sheet's language.

    Raises
    ------
    InputError
        If there is no such paper.
    """

    def __init__(self, blueprint: Blueprint, asked: SheetOptions) -> None:
        self._blueprint, self._asked = blueprint, asked
        self.paper = asked.get("paper", "auto")
        if self.paper not in (*PAPERS, "auto"):
            raise InputError(
                f"there is no paper called “{self.paper}”", do=f"choose {', '.join(PAPERS)} or auto", field="paper"
            )
        self.said = sheet_words(asked.get("lang", "en"), asked.get("words"))
        hypothesis = asked.get("hypothesis")
        self.chosen = hypothesis if hypothesis is not None else preferred_hypothesis(blueprint)

    @property
    def version(self) -> tuple[str, ...]:
        """Which of the rival versions is drawn, where there are any."""
        return (self.said["drawn version"].format(name=self.chosen),) if self.chosen else ()

    def opened(self, layout: Layout, heading: str) -> Canvas:
        """The empty paper, with a title and a description for those who cannot see it."""
        title = f"{self._blueprint.title or self._blueprint.facility} – {heading}"
        about = self.said["not a survey"] + (f" {self.said['fictional']}." if self._blueprint.fictional else "")
        return Canvas(*PAPERS[layout.paper], title=title, about=about, lang=self._asked.get("lang", "en"))

    def closed(self, canvas: Canvas, layout: Layout, column: Column) -> str:
        """The drawn sheet with its column and frame, as SVG whose user unit is one millimetre."""
        draw_column(canvas, layout, self._blueprint, self.said, column)
        draw_frame(canvas, layout, self._blueprint, self.said, self._asked.get("crs"), self._asked.get("page"))
        return canvas.svg()


def building_of(blueprint: Blueprint, building_id: str) -> Building:
    """A building by its id.

    Raises
    ------
    InputError
        If the blueprint has none of that id.
    """
    building = next((one for one in blueprint.buildings if one.id == building_id), None)
    if building is None:
        known = ", ".join(one.id for one in blueprint.buildings) or "none"
        raise InputError(f"the blueprint has no building “{building_id}”", do=f"choose one of: {known}")
    return building


def plan_of(building: Building, storey: int, hypothesis: str | None) -> StoreyPlan:
    """A storey of a building, counted from 0 at the lowest, of one hypothesis.

    Raises
    ------
    InputError
        If it has no such storey.
    """
    storeys = sorted(preferred(building.storeys, hypothesis), key=lambda one: (one.floor_m, one.id))
    if not 0 <= storey < len(storeys):
        raise InputError(
            f"the building has {len(storeys)} storeys, not {storey + 1}", do="count storeys from 0", item=building.id
        )
    return storey_plan(building, storeys[storey], hypothesis=hypothesis)


def in_order(rooms: Iterable[Room]) -> tuple[Room, ...]:
    """Rooms in the order of their numbers: from the north, then from the west."""
    return tuple(
        sorted(rooms, key=lambda room: (-round(room.polygon.centroid.y), round(room.polygon.centroid.x, 1), room.id))
    )


def room_header(said: Mapping[str, str]) -> tuple[str, ...]:
    """Heads of the table of rooms."""
    return tuple(said[key] for key in ("number", "name", "use", "area", "size", "known"))


def room_rows(rooms: Sequence[Room], said: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """The table of rooms: number, name, use, floor, width and depth, and how each is known."""
    return tuple(
        (
            str(number),
            room.labels[0] if room.labels else said["unlabelled"],
            said.get(room.role, room.role),
            area_words(room),
            size_words(room),
            said[f"short {room.status.value}"],
        )
        for number, room in enumerate(rooms, start=1)
    )


def named(building: Building) -> str:
    """What a building is called on a sheet."""
    return building.labels[0] if building.labels else building.id


def building_notes(blueprint: Blueprint, building: Building, parts: Sequence[Part], said: Mapping[str, str]) -> Notes:
    """What accounts of a building differ on, what is assumed of it, what to ask next, and sources."""
    rivals = {room.id for storey in building.storeys for room in storey.rooms}
    about = frozenset({building.id, *rivals, *(part.id for part in parts)})
    return (
        (said["contradictions"], _differences(blueprint, about)),
        (said["assumed"], building.sufficiency.get("assumed", ())),
        (said["ask"], building.sufficiency.get("ask", ())),
        (said["sources"], _sources((building, *parts))),
    )


def site_notes(blueprint: Blueprint, parts: Sequence[Part], said: Mapping[str, str]) -> Notes:
    """The same for a whole site; what is assumed of several parts alike is said once, with how many."""
    assumed = Counter(
        f"{part.labels[0] if part.labels else said.get(part_role(part), part_kind(part))}: "
        + ", ".join(name.removesuffix("_m").replace("_", " ") for name in weak)
        for part in parts
        if (weak := [name for name in type(part).shaping if part.evidence[name].status.value == "conjectural"])
    )
    lines = tuple(f"{line} (× {count})" if count > 1 else line for line, count in assumed.items())
    return (
        (said["contradictions"], _differences(blueprint, frozenset(part.id for part in parts))),
        (said["assumed"], lines),
        (said["sources"], _sources(parts)),
    )


def _sources(parts: Sequence[Part]) -> tuple[str, ...]:
    sources = sorted({source for part in parts for source in part.sources})
    return (", ".join(sources),) if sources else ()


def _differences(blueprint: Blueprint, about: frozenset[str]) -> tuple[str, ...]:
    return tuple(
        f"{item.what}: " + "; ".join(f"{name}: {words}" for name, words in sorted(item.versions.items()))
        for item in blueprint.contradictions
        if about & set(item.about)
    )
