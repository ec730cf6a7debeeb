"""What people decided about single rooms: an outline by hand, a name, what it was, a rejection, a room nobody drew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.case.subjects import is_same_room
from geoinv.facilities.place_words import role_of
from geoinv.geometry.frames import FrameShape, to_local
from geoinv.models.fit_hand import given_way
from geoinv.records.base import derived_id
from geoinv.records.blueprint import Contradiction
from geoinv.records.decisions import AddRoom, Decision, JudgeFootprint, SetOutline, SetProperty, matter_of
from geoinv.records.drawings import Sketch, SketchElement
from geoinv.records.evidence import Evidence, Status
from geoinv.records.parts import Room, Storey

__all__ = ["drawn_inside", "rooms_as_decided"]

#: Square metres by which a room may reach beyond the building's outline before it is said.
_BEYOND_M2 = 0.1
#: Fields of a room that a person sets.
_SET = ("role", "labels")


def drawn_inside(drawings: Sequence[Sketch]) -> dict[str, SketchElement]:
    """Full name → element of everything in drawings of insides."""
    return {one.full_name(item.id): item for one in drawings if one.scope == "building" for item in one.elements}


def rooms_as_decided(
    storey: Storey,
    decisions: Sequence[Decision],
    outline: FrameShape,
    *,
    facility: str,
    drawn: Mapping[str, SketchElement],
    key: bytes,
) -> tuple[Storey, tuple[Contradiction, ...], tuple[str, ...]]:
    """A storey's rooms as people decided, the latest word standing.

    A drawn room that was fitted nowhere gets the outline that a person gave it. Of a drawn room that was rejected the
    floor stays, without its name and use; one that stands on nothing drawn goes. Fitted rooms give way to those drawn
    by hand.

    Parameters
    ----------
    storey
        As fitted, in metres of the outline's frame.
    decisions
        Those that stand, oldest first; what is of other facilities or things is passed over.
    outline
        The building's outer walls.
    facility
        Slug.
    drawn
        What the storey's own drawings show, by full name.
    key
        The case's key: ids derive from it.

    Returns
    -------
    The storey, what drawings and people exclude of each other, and what a person should know, in words.
    """
    rooms = _Rooms(list(storey.rooms), outline, facility, drawn, key)
    last = {matter_of(decision.body): decision.id for decision in decisions}
    for decision in decisions:
        if last[matter_of(decision.body)] == decision.id:
            rooms.take(decision, storey.id)
    if tuple(rooms.found) == storey.rooms:
        return storey, (), ()
    told = storey.model_copy(update={"rooms": tuple(rooms.found)})
    standing, contradictions, overlaps = given_way(told, rooms.by_hand, key=key)
    return standing, contradictions, (*rooms.warnings, *rooms.beyond(), *overlaps)


class _Rooms:
    """The rooms of a storey while decisions are read one after the other."""

    def __init__(
        self, found: list[Room], outline: FrameShape, facility: str, drawn: Mapping[str, SketchElement], key: bytes
    ) -> None:
        self.found, self.outline, self.facility, self.drawn, self.key = found, outline, facility, drawn, key
        self.by_hand: set[str] = set()
        self.warnings: list[str] = []

    def take(self, decision: Decision, storey: str) -> None:
        """Follow one decision, if it is about a room here."""
        body = decision.body
        if getattr(body, "facility", self.facility) != self.facility:
            return
        match body:
            case SetOutline():
                self._outlined(decision, body, storey)
            case AddRoom():
                self._added(decision, body)
            case JudgeFootprint() if (body.footprint is None) != (body.element is None):
                self._judged(decision, body)
            case SetProperty() if body.field in _SET and body.target.startswith(f"{self.facility}/"):
                name = body.target.removeprefix(f"{self.facility}/")
                meant = [one for one in self.found if one.id == name and is_same_room(one.drawn, decision)]
                self.found = [
                    _as_set(one, decision, body) if any(one is it or _is_rival(one, it) for it in meant) else one
                    for one in self.found
                ]
            case _:
                pass

    def beyond(self) -> list[str]:
        """A sentence for each room drawn by hand that reaches beyond the building."""
        over = ((one, one.polygon.difference(self.outline.shape).area) for one in self.found if one.id in self.by_hand)
        return [
            f"{_name(one)}, drawn by hand, reaches {area:.1f} m² beyond the building's outline"
            for one, area in over
            if area > _BEYOND_M2
        ]

    def _floor(self, shape: BaseGeometry) -> Polygon | None:
        local = to_local(self.outline.frame, shape)
        return local if isinstance(local, Polygon) else None

    def _outlined(self, decision: Decision, body: SetOutline, storey: str) -> None:
        floor, element = self._floor(body.geometry), self.drawn.get(body.element)
        if floor is None:
            return
        at = next((index for index, one in enumerate(self.found) if _meant(one, body.element, decision)), None)
        if at is not None:
            at = self._settled(at)
            self.found[at] = _by_hand(self.found[at], decision, floor)
        elif element is not None and element.role in ("room", "corridor") and _lies(floor, self.outline):
            self.found.append(_placed(decision, body.element, element, floor, storey, self.key))
            at = -1
        if at is not None:
            self.by_hand.add(self.found[at].id)

    def _settled(self, index: int) -> int:
        """Makes a room one of every rival version, without its likes in others: a person has spoken of it."""
        one = self.found[index]
        self.found[index] = settled = one.model_copy(update={"hypothesis": None})
        self.found = [other for other in self.found if other is settled or not _is_rival(other, one)]
        return next(place for place, other in enumerate(self.found) if other is settled)

    def _added(self, decision: Decision, body: AddRoom) -> None:
        floor = self._floor(body.geometry)
        if floor is not None and _lies(floor, self.outline):
            evidence = {"polygon": _word(decision, "drawn by hand"), "role": _word(decision, body.role)}
            self.found.append(Room(id=body.room, role=body.role, labels=body.labels, polygon=floor, evidence=evidence))
            self.by_hand.add(body.room)

    def _judged(self, decision: Decision, body: JudgeFootprint) -> None:
        name = body.footprint or body.element or ""
        for index, one in enumerate(self.found):
            if not _meant(one, name, decision):
                continue
            index = self._settled(index)
            one = self.found[index]
            if body.accept:
                self.found[index] = one.model_copy(
                    update={"evidence": {**one.evidence, "judgement": _word(decision, "accepted", one.status)}}
                )
                return
            drawn = f" ({', '.join(one.drawn)})" if one.drawn else ""
            self.warnings.append(f"{decision.by} rejected {_name(one)}{drawn}: {decision.reason}")
            self.found[index : index + 1] = [_floor_alone(one, decision)] if one.drawn else []
            return


def _meant(one: Room, name: str, decision: Decision) -> bool:
    return name in one.drawn or (name == one.id and is_same_room(one.drawn, decision))


def _is_rival(one: Room, other: Room) -> bool:
    """Whether two rooms are the same drawn one in two rival versions."""
    return one.hypothesis != other.hypothesis and bool(one.drawn) and set(one.drawn) == set(other.drawn)


def _lies(floor: Polygon, outline: FrameShape) -> bool:
    """Whether most of a floor is in the building."""
    return bool(2 * floor.intersection(outline.shape).area > floor.area)


def _name(room: Room) -> str:
    return f"room “{room.labels[0]}”" if room.labels else f"room {room.id}"


def _word(decision: Decision, value: object, status: Status = Status.ATTESTED, *more: str) -> Evidence:
    return Evidence(value=value, status=status, sources=(decision.id, *more), by=decision.by, note=decision.reason)


def _by_hand(one: Room, decision: Decision, floor: Polygon) -> Room:
    """A room with the floor that a person drew; its own width was of the floor as fitted."""
    kept = {name: item for name, item in one.evidence.items() if name != "width_m"}
    evidence = {**kept, "polygon": _word(decision, "drawn by hand", Status.ATTESTED, *one.drawn)}
    return one.model_copy(update={"polygon": floor, "strain_m": None, "evidence": evidence})


def _placed(decision: Decision, name: str, element: SketchElement, floor: Polygon, storey: str, key: bytes) -> Room:
    """A drawn room that was fitted nowhere, where a person put it."""
    role = "corridor" if element.role == "corridor" else role_of(element.label) or "room"
    return Room(
        id=derived_id(storey, f"room:{name}", key=key),
        role=role,
        labels=(element.label,) if element.label else (),
        drawn=(name,),
        polygon=floor,
        evidence={
            "polygon": _word(decision, "drawn by hand", Status.ATTESTED, name),
            "role": Evidence(value=role, status=Status.ATTESTED, sources=(name,), note="from the labels"),
        },
    )


def _floor_alone(one: Room, decision: Decision) -> Room:
    """The floor of a rejected room: what was there is not known."""
    note = f"{decision.by} found that the drawn room was not here: {decision.reason}; what was is not known"
    evidence = Evidence(value="clear floor", status=Status.INFERRED, sources=(decision.id,), by=decision.by, note=note)
    return Room(id=one.id, polygon=one.polygon, evidence={"polygon": evidence})


def _as_set(one: Room, decision: Decision, body: SetProperty) -> Room:
    value = body.value if body.value is not None else ("room" if body.field == "role" else ())
    evidence = {**one.evidence, body.field: _word(decision, body.value)}
    return Room.read({**one.plain(), body.field: value, "evidence": evidence}, item=body.target)
