"""What the drawings of one inside disagree on: kept with who supports which version, never averaged away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from geoinv.facilities.interiors_layout import touch
from geoinv.facilities.interiors_merge import Joined
from geoinv.facilities.interiors_way import Placed
from geoinv.records.blueprint import Contradiction

__all__ = ["Conflicts", "conflicts_of"]

#: Roles of which a block has one: two drawings that put it in different rooms contradict each other. (Of cells and
#: interrogation rooms it has several.)
_ONE_EACH = ("latrine", "guard", "kitchen")
#: Drawings that must show a room's neighbours touching before it is contested: one may simply have left it out.
_AGAINST = 2


@dataclass(frozen=True)
class Conflicts:
    """What drawings exclude of each other, and the rooms of the two versions that follow from it.

    Attributes
    ----------
    contested
        Rooms by index, with the reason.
    contradictions
        The same in words; of each, version ``A`` is what ``first`` holds and ``B`` what ``second`` holds.
    first, second
        Joined rooms by index as each version has them; ``None`` where it has none. Rooms that are in neither mapping
        are the same in both. A version takes one side of every question.
    """

    contested: Mapping[int, str]
    contradictions: tuple[Contradiction, ...]
    first: Mapping[int, Joined | None]
    second: Mapping[int, Joined | None]

    def rooms(self, joined: Sequence[Joined], version: Mapping[int, Joined | None]) -> list[tuple[Joined, str | None]]:
        """The rooms of one version in order, each with the reason why it is contested, if it is."""
        found = ((version.get(index, room), self.contested.get(index)) for index, room in enumerate(joined))
        return [(room, why) for room, why in found if room is not None]


def conflicts_of(joined: Sequence[Joined]) -> Conflicts:
    """About which rooms drawings exclude each other, and the versions that this leaves.

    Labels that exclude each other; a room of which a block has one in two places; a room that one drawing puts
    between two which at least two other witnesses show touching each other.
    """
    found = _Found(joined)
    for index, room in enumerate(joined):
        found.labels(index, room)
    for role in _ONE_EACH:
        found.places(role)
    for index, (drawn, against) in _between(joined).items():
        found.between(index, drawn, against)
    return Conflicts(found.contested, tuple(found.contradictions), found.first, found.second)


class _Found:
    """Conflicts while they are being found."""

    def __init__(self, joined: Sequence[Joined]) -> None:
        self.joined = joined
        self.contested: dict[int, str] = {}
        self.contradictions: list[Contradiction] = []
        self.first: dict[int, Joined | None] = {}
        self.second: dict[int, Joined | None] = {}

    def labels(self, index: int, room: Joined) -> None:
        """Labels of one room that exclude each other: what most say first."""
        roles = {one.slot.role: one.slot for one in room.members if one.slot.role}
        if len(roles) < 2 or len({slot.drawn.rpartition("#")[0] for slot in roles.values()}) < 2:
            return
        named = [one.slot.role for one in room.members]
        order = sorted(roles, key=lambda role: (-named.count(role), role))
        self.contested[index] = "its labels exclude each other"
        self.contradictions.append(
            _contradiction("what this room was", [(role, [roles[role].drawn]) for role in order])
        )
        self.second[index] = _called(room, order[1])

    def places(self, role: str) -> None:
        """A room of which there is one, in several places: where most drawings have it first."""
        places = [(i, room) for i, room in enumerate(self.joined) if role in room.roles]
        sheets = [{_sheet(one) for one in room.members if one.slot.role == role} for _, room in places]
        if len(places) < 2 or set.intersection(*sheets):  # one witness who drew two of them means two
            return
        ranked = sorted(zip(places, sheets, strict=True), key=lambda item: (-len(item[1]), item[0][0]))
        ordered = [place for place, _ in ranked]
        self.contested.update((index, f"drawings put the {role} in different places") for index, _ in ordered)
        versions = [
            (
                f"{'left' if room.side > 0 else 'right'} side, room {_rank(self.joined, i) + 1} from the start",
                [one.slot.drawn for one in room.members if one.slot.role == role],
            )
            for i, room in ordered
        ]
        self.contradictions.append(_contradiction(f"where the {role} is", versions))
        self.first.update((index, _uncalled(room, role)) for index, room in ordered[1:])
        self.second[ordered[0][0]] = _uncalled(ordered[0][1], role)

    def between(self, index: int, drawn: list[str], against: list[str]) -> None:
        """A room that others have no place for: it stands first, and is not there in the second."""
        self.contested.setdefault(index, "other drawings show the rooms beside it touching each other")
        versions = [("a room is here", drawn), ("the rooms beside it touch", against)]
        self.contradictions.append(_contradiction("whether there is a room between its neighbours", versions))
        self.second[index] = None


def _called(room: Joined, role: str) -> Joined:
    """A room with the labels that call it something else passed over."""
    return replace(room, members=tuple(one if one.slot.role == role else _unnamed(one) for one in room.members))


def _uncalled(room: Joined, role: str) -> Joined | None:
    """A room that is not what some call it: there by those who drew it otherwise, ``None`` where there are none."""
    if all(one.slot.role == role for one in room.members):
        return None
    return replace(room, members=tuple(_unnamed(one) if one.slot.role == role else one for one in room.members))


def _unnamed(one: Placed) -> Placed:
    return replace(one, slot=replace(one.slot, role=None))


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
