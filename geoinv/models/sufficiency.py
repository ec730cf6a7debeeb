"""What is attested of a building, what is assumed so that its model closes, and what to ask next, in words."""

from __future__ import annotations

from collections.abc import Sequence

from geoinv.models.solids_walls import first_of, preferred
from geoinv.records.blueprint import Contradiction, Fixture, Opening, Part, Roof, Room, Storey
from geoinv.records.evidence import Status

__all__ = ["entrance_of", "sufficiency"]

#: What to ask a witness for each property that was assumed.
_QUESTIONS: dict[tuple[str, str], str] = {
    ("Storey", "height_m"): "how high the ceiling was: could a person touch it, or stand on a bunk upright",
    ("Storey", "wall_thickness_m"): "how thick the outer walls were, seen at a door or a window",
    ("Storey", "floor_m"): "whether one stepped up or down to go in",
    ("Roof", "kind"): "what shape the roof was, and what it was made of",
    ("Room", "polygon"): "how large the room was, in paces or in people lying side by side",
    ("Opening", "at"): "where the door was, and which way it opened",
    ("Stair", "line"): "where the stairs began and ended, and how many steps there were",
    ("Stair", "rise_m"): "how many steps the stairs had, and how high one was",
    ("Fixture", "size_m"): "how large the things in the room were, against a person's own body",
    ("Fixture", "at"): "where in the room the things stood: by which wall, how far from the door",
}


def entrance_of(storeys: Sequence[Storey]) -> tuple[float, float] | None:
    """The widest door that leads out of the lowest storey, metres; ``None`` where none is known."""
    if not storeys:
        return None
    lowest = min(storeys, key=lambda storey: storey.floor_m)
    doors = [door for door in preferred(lowest.openings, None) if door.kind == "door" and "outside" in door.connects]
    return max(doors, key=lambda door: (door.width_m, door.id)).at if doors else None


def sufficiency(
    building: str,
    status: Status,
    storeys: Sequence[Storey],
    roof: Roof | None,
    contradictions: Sequence[Contradiction] = (),
    *,
    outline_from: str = "",
) -> dict[str, tuple[str, ...]]:
    """Whether what is known of a building is enough, in words.

    Parameters
    ----------
    building, status
        Its id, and how well its outline is known.
    storeys, roof
        What is known of it.
    contradictions
        Of the whole blueprint; those about this building are asked about.
    outline_from
        Where the outline comes from, in a word or two.

    Returns
    -------
    ``attested`` (what stands on somebody's word or on imagery, counted by status), ``assumed`` (each shaping property
    that is conjectural, with its value) and ``ask`` (what to ask next, most telling first).
    """
    inside = [part for storey in storeys for part in storey.inside()]
    # Of rival versions the first is what a model shows.
    inside = list(preferred(inside, first_of(inside)))
    rooms = [part for part in inside if isinstance(part, Room)]
    openings = [part for part in inside if isinstance(part, Opening)]
    things = [part for part in inside if not isinstance(part, Room | Opening)]
    about = {building, *(part.id for part in (*storeys, *rooms, *openings, *things))}
    source = f" (from {outline_from})" if outline_from else ""
    attested = [f"the outline is {status.value}{source}"]
    attested += _counted(rooms, "room") + _counted(openings, "opening") + _counted(things, "thing")
    assumed, ask = [], []
    for part in (*storeys, *((roof,) if roof is not None else ()), *rooms, *openings, *things):
        weak = [name for name in type(part).shaping if part.evidence[name].status is Status.CONJECTURAL]
        assumed += [_assumption(part, name) for name in weak]
        ask += [_QUESTIONS[type(part).__name__, name] for name in weak if (type(part).__name__, name) in _QUESTIONS]
    if not rooms and not any(storey.walls for storey in storeys):
        ask.insert(0, "what was inside: rooms, corridors, and who was kept there")
    elif entrance_of(storeys) is None:
        ask.insert(0, "where one went in")
    ask += [f"{item.what} (accounts differ)" for item in contradictions if about & set(item.about)]
    return {
        name: tuple(dict.fromkeys(lines))
        for name, lines in (("attested", attested), ("assumed", assumed), ("ask", ask))
    }


def _counted(parts: Sequence[Part], noun: str) -> list[str]:
    """``3 rooms are corroborated`` for each status at which there are any but assumed ones."""
    lines = []
    for status in Status:
        count = sum(part.status is status for part in parts)
        if count and status is not Status.CONJECTURAL:
            lines.append(f"{count} {noun}{'s are' if count > 1 else ' is'} {status.value}")
    return lines


def _assumption(part: Part, name: str) -> str:
    value = part.evidence[name].value
    if value is None:
        value = getattr(part, name)
    shown = f" ({value:g} m)" if isinstance(value, int | float) else f" ({value})" if isinstance(value, str) else ""
    if isinstance(part, Fixture):
        return f"{part.kind}: {name.removesuffix('_m').replace('_', ' ')}"
    what = part.labels[0] if part.labels else "an opening" if isinstance(part, Opening) else type(part).__name__.lower()
    return f"{what}: {name.removesuffix('_m').replace('_', ' ')}{shown}"
