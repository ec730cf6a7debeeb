"""What the drawings of one inside disagree on: kept with who supports which version, never averaged away."""

from __future__ import annotations

from collections.abc import Sequence

from geoinv.facilities.interiors_layout import touch
from geoinv.facilities.interiors_merge import Joined
from geoinv.facilities.interiors_way import Placed
from geoinv.records.blueprint import Contradiction

__all__ = ["conflicts_of"]

#: Roles of which a block has one: two drawings that put it in different rooms contradict each other. (Of cells and
#: interrogation rooms it has several.)
_ONE_EACH = ("latrine", "guard", "kitchen")
#: Drawings that must show a room's neighbours touching before it is contested: one may simply have left it out.
_AGAINST = 2


def conflicts_of(joined: Sequence[Joined]) -> tuple[dict[int, str], tuple[Contradiction, ...]]:
    """Rooms about which drawings exclude each other, by index with the reason, and the contradictions in words.

    Labels that exclude each other; a room of which a block has one in two places; a room that one drawing puts
    between two which at least two other witnesses show touching each other.
    """
    contested: dict[int, str] = {}
    found: list[Contradiction] = []
    for index, room in enumerate(joined):
        roles = {one.slot.role: one.slot for one in room.members if one.slot.role}
        if len(roles) > 1 and len({slot.drawn.rpartition("#")[0] for slot in roles.values()}) > 1:
            contested[index] = "its labels exclude each other"
            found.append(
                _contradiction("what this room was", [(role, [slot.drawn]) for role, slot in sorted(roles.items())])
            )
    for role in _ONE_EACH:
        places = [(i, room) for i, room in enumerate(joined) if role in room.roles]
        sheets = [{_sheet(one) for one in room.members if one.slot.role == role} for _, room in places]
        if len(places) < 2 or set.intersection(*sheets):  # one witness who drew two of them means two
            continue
        contested.update((index, f"drawings put the {role} in different places") for index, _ in places)
        versions = [
            (
                f"{'left' if room.side > 0 else 'right'} side, room {_rank(joined, i) + 1} from the start",
                [one.slot.drawn for one in room.members if one.slot.role == role],
            )
            for i, room in places
        ]
        found.append(_contradiction(f"where the {role} is", versions))
    for index, (drawn, against) in _between(joined).items():
        contested.setdefault(index, "other drawings show the rooms beside it touching each other")
        versions = [("a room is here", drawn), ("the rooms beside it touch", against)]
        found.append(_contradiction("whether there is a room between its neighbours", versions))
    return contested, tuple(found)


def _between(joined: Sequence[Joined]) -> dict[int, tuple[list[str], list[str]]]:
    """Rooms of one drawing between two that other drawings show touching: names of the room, and of those two."""
    found = {}
    for index in range(1, len(joined) - 1):
        before, room, after = joined[index - 1 : index + 2]
        sheets = {_sheet(one) for one in room.members}
        if len(sheets) > 1 or before.side != room.side or after.side != room.side:
            continue
        touching = [
            (one.slot.drawn, other.slot.drawn)
            for one in before.members
            for other in after.members
            if _sheet(one) == _sheet(other) and _sheet(one) not in sheets and touch(one, other)
        ]
        if len(touching) >= _AGAINST:
            drawn = list(dict.fromkeys(one.slot.drawn for one in room.members))
            found[index] = drawn, list(dict.fromkeys(name for pair in touching for name in pair))
    return found


def _contradiction(what: str, versions: Sequence[tuple[str, Sequence[str]]]) -> Contradiction:
    drawn = tuple(dict.fromkeys(name for _, names in versions for name in names))
    words = {chr(ord("A") + i): f"{text} ({', '.join(names)})" for i, (text, names) in enumerate(versions)}
    return Contradiction(about=drawn, what=what, versions=words, sources=drawn)


def _rank(joined: Sequence[Joined], index: int) -> int:
    return sum(room.side == joined[index].side for room in joined[:index])


def _sheet(one: Placed) -> str:
    return one.slot.drawn.rpartition("#")[0]
