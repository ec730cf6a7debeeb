"""Which building or room a label means: by the same words, by words for the same thing in two languages, by its kind.

Never by guessing: a label that may mean several things means none of them until a person says which.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from shapely.geometry import Point

from geoinv.facilities.place_words import Named, building_named, main_kind, room_named, said_alike
from geoinv.geometry.frames import to_local
from geoinv.records.footprints import Footprint
from geoinv.records.places import Frame
from geoinv.records.testimony import Statement

__all__ = ["Called", "Which", "building_called", "called_by_drawings", "called_by_pins", "room_called"]

#: How surely a label means a thing: by words for the same thing; as the main building of such a facility; as the only
#: one of its kind; by a near-miss of spelling; by a pin that lies nearest to it. Judgements, not measured rates.
_SAME_THING, _MAIN, _ONLY_KIND, _MISSPELT, _PINNED = 0.9, 0.75, 0.6, 0.7, 0.5
#: Labels at least this alike are taken for misspellings, with a warning; below, nothing is guessed.
_FUZZY = 0.84
#: A pin that claims no radius may be this far from the building it is of, metres.
_PIN_M = 40.0
_Thing = Literal["building", "room"]


@dataclass(frozen=True)
class Called:
    """A name that something goes by.

    Attributes
    ----------
    item
        Id of the footprint or room.
    label
        As written.
    probability
        That it is this thing's name.
    why
        What says so, where that is not a witness's own drawing.
    """

    item: str
    label: str
    probability: float = 1.0
    why: str = ""


@dataclass(frozen=True)
class Which:
    """What a label means.

    Attributes
    ----------
    item
        Id of the one thing it means; ``None`` where it means none, or may mean several.
    probability
        That it does.
    why
        In words.
    among
        Ids of the things it may mean, where that is a question to a person.
    """

    item: str | None
    probability: float
    why: str
    among: tuple[str, ...] = ()


def called_by_drawings(footprints: Sequence[Footprint]) -> tuple[Called, ...]:
    """What the buildings are called on drawings and by people's decisions."""
    return tuple(Called(one.id, label) for one in footprints for label in one.labels)


def called_by_pins(footprints: Sequence[Footprint], statements: Sequence[Statement]) -> tuple[Called, ...]:
    """Names of buildings that no drawing names, from pins that are ``of`` a building and near one only."""
    nameless = [one for one in footprints if one.role == "building" and not one.labels]
    found = []
    for pin in statements:
        if pin.kind != "pin" or not pin.of or pin.point is None:
            continue
        if any(_alike(pin.of, label, building_named) for one in footprints for label in one.labels):
            continue  # that building is known by a drawing: a pin of it is no second building
        frame = Frame.about(pin.point)
        reach = pin.radius_m or _PIN_M
        near = [one for one in nameless if to_local(frame, one.geometry).distance(Point(0, 0)) <= reach]
        if len(near) == 1:
            why = f"{pin.witness}'s pin “{pin.of}” lies by it and by no other building without a name"
            found.append(Called(near[0].id, pin.of, _PINNED, why))
    return tuple(found)


def building_called(label: str, called: Sequence[Called], *, facility_kind: str | None = None) -> Which:
    """Which building a label means.

    Parameters
    ----------
    label
        In any language.
    called
        What the facility's buildings are called.
    facility_kind
        Kind of the facility: its main building has that kind's word for a name too.
    """
    return _which(label, called, building_named, "building", main_kind(facility_kind))


def room_called(label: str, called: Sequence[Called]) -> Which:
    """Which room a label means."""
    return _which(label, called, room_named, "room", None)


def _which(
    label: str, called: Sequence[Called], named: Callable[[str], Named], thing: _Thing, main: str | None
) -> Which:
    means = named(label)
    exact = [one for one in called if said_alike(one.label, label)]
    if exact:
        return _one(label, exact, 1.0, f"witnesses call this {thing} “{label}”", thing)
    same = [one for one in called if means.means(named(one.label))]
    if same:
        why = f"“{label}” and “{same[0].label}”, as witnesses call this {thing}, are both words for: {_told(means)}"
        return _one(label, same, _SAME_THING, why, thing)
    if main is not None and means.number is None:
        either = {main, "main building"}
        mains = [one for one in called if {named(one.label).kind, means.kind} == either]
        if mains:
            why = f"the main building (“{mains[0].label}”) of such a place is its {main}"
            return _one(label, mains, _MAIN, why, thing)
    kind = [one for one in called if _only_vaguer(means, named(one.label))]
    if kind:
        why = f"“{kind[0].label}” is the only {means.kind} drawn here"
        return _one(label, kind, _ONLY_KIND, why, thing)
    return _nearly(label, called, named, thing)


def _one(label: str, found: Sequence[Called], probability: float, why: str, thing: _Thing) -> Which:
    ids = tuple(dict.fromkeys(one.item for one in found))
    if len(ids) > 1:
        told = f"{len(ids)} {thing}s are called “{label}” or mean the same: which one was meant cannot be said"
        return Which(None, 0.0, told, ids)
    best = max(found, key=lambda one: one.probability)
    return Which(ids[0], round(probability * best.probability, 2), f"{why} ({best.why})" if best.why else why)


def _told(named: Named) -> str:
    number = "" if named.number is None else f" {named.number}"
    return f"{named.kind}{number}"


def _only_vaguer(one: Named, other: Named) -> bool:
    """Whether two labels are of one kind and one only says less than the other: no number, or fewer other words."""
    if one.kind is None or one.kind != other.kind or one.many or one.number != other.number:
        return False
    return set(one.rest) <= set(other.rest) or set(other.rest) <= set(one.rest)


def _alike(one: str, other: str, named: Callable[[str], Named]) -> bool:
    return said_alike(one, other) or named(one).means(named(other))


def _nearly(label: str, called: Sequence[Called], named: Callable[[str], Named], thing: _Thing) -> Which:
    """A near-miss of spelling; another number is no misspelling, and two-letter labels are all alike."""
    wanted = label.casefold().strip()
    number = named(label).number
    likeness = [
        (difflib.SequenceMatcher(None, wanted, one.label.casefold().strip(), autojunk=False).ratio(), one)
        for one in called
        if named(one.label).number == number
    ]
    best = max((ratio for ratio, _ in likeness), default=0.0)
    if best < _FUZZY or len(wanted) < 4:
        return Which(None, 0.0, f"no {thing} is called “{label}”")
    near = [one for ratio, one in likeness if ratio >= best - 1e-9]
    why = f"“{label}” is nearly “{near[0].label}”, as witnesses call this {thing}: check that it is not another one"
    return _one(label, near, _MISSPELT, why, thing)
