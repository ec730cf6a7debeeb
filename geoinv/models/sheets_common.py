"""What all kinds of sheets share: their paper, an empty canvas, a building's storey, the notes beside the drawing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from geoinv.errors import InputError
from geoinv.models.sheets_frame import PAPERS
from geoinv.models.sheets_plan import area_words, size_words
from geoinv.models.sheets_svg import Canvas
from geoinv.models.solids import part_kind, part_role
from geoinv.models.solids_walls import StoreyPlan, preferred, storey_plan
from geoinv.records.blueprint import Blueprint, Building, Part, Room

__all__ = [
    "ROOM_WIDTHS",
    "building_notes",
    "building_of",
    "checked_paper",
    "empty_canvas",
    "in_order",
    "named",
    "plan_of",
    "room_header",
    "room_rows",
    "site_notes",
    "version",
]

#: Shares of the column's width in the table of rooms.
ROOM_WIDTHS = (0.055, 0.215, 0.205, 0.14, 0.205, 0.18)

Notes = tuple[tuple[str, tuple[str, ...]], ...]


def checked_paper(paper: str) -> str:
    """A paper's name, if there is such a paper.

    Raises
    ------
    InputError
        If not.
    """
    if paper not in (*PAPERS, "auto"):
        raise InputError(f"there is no paper called “{paper}”", do=f"choose {', '.join(PAPERS)} or auto")
    return paper


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


def empty_canvas(paper: str, blueprint: Blueprint, heading: str, said: Mapping[str, str], lang: str) -> Canvas:
    """A sheet of paper with a title and a description for those who cannot see it."""
    title = f"{blueprint.title or blueprint.facility} – {heading}"
    about = said["not a survey"] + (f" {said['fictional']}." if blueprint.fictional else "")
    return Canvas(*PAPERS[paper], title=title, about=about, lang=lang)


def version(hypothesis: str | None, said: Mapping[str, str]) -> tuple[str, ...]:
    """Which of the rival versions is drawn, where there are any."""
    return (said["drawn version"].format(name=hypothesis),) if hypothesis else ()


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
