"""Fictional incidents by building and room, with partial dates and codenames, each calling itself fictional."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from geoinv.records.dates import PartialDate
from geoinv.records.incidents import Act, Incident, SourceRef
from geoinv.worlds.plan import Plan
from geoinv.worlds.witnesses import WITNESSES

__all__ = ["VIOLATIONS", "incidents_of", "interview_of", "interviews"]

#: Ids of the violations vocabulary used, with what is told (always marked as fictional) and where it can happen.
VIOLATIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "arbitrary_arrest_detention": ("held without being told why", ("cell", "block", "barracks", "punishment", "annex")),
    "denial_family_notification": ("the family was told nothing", ("guard", "administration", "gatehouse")),
    "torture": ("made to hold one posture for days", ("punishment cell", "punishment", "interrogation", "block")),
    "cidt": ("kept in a cell too low to stand in", ("punishment cell", "punishment")),
    "conditions_accommodation": ("many more people than could lie down", ("cell", "barracks", "annex")),
    "conditions_food": ("one small meal a day", ("kitchen", "cell", "barracks")),
    "conditions_medical": ("illness left untreated", ("infirmary", "cell", "annex")),
    "slavery_forced_labour": ("labour from before dawn", ("workshop", "sawmill", "store", "stock", "yard")),
    "freedom_religion": ("questioned about a belief", ("interrogation", "administration")),
    "arb_detention_movement": ("held for having crossed a river", ("interrogation", "cell", "block")),
}
_KINDS = {
    "arbitrary_arrest_detention": "detention",
    "arb_detention_movement": "detention",
    "denial_family_notification": "due process",
    "slavery_forced_labour": "labour",
    "freedom_religion": "interrogation",
}
_DATES = (
    "{y}-{m:02d}-{d:02d}",
    "{y}-{m:02d}",
    "{y}",
    "{y}~",
    "{y}-{m:02d}~",
    "{y}-{m:02d}?",
    "{y}-{m:02d}/{y}-{n:02d}",
    "201X",
    "{y}/",
    "../{y}",
    "",
)
_WEIGHTS = (0.2, 0.24, 0.1, 0.1, 0.08, 0.05, 0.1, 0.03, 0.03, 0.03, 0.04)


#: Years each witness can speak of.
_YEARS = {"w1": (2015, 2016), "w2": (2012, 2013), "w3": (2014, 2016), "w4": (2016, 2016), "w5": (2016, 2017)}


def _date(rng: np.random.Generator, first: int, last: int) -> str:
    """A date known in part, or not at all."""
    year, month, day = int(rng.integers(first, last + 1)), int(rng.integers(1, 10)), int(rng.integers(1, 29))
    form = _DATES[int(rng.choice(len(_DATES), p=_WEIGHTS))]
    return form.format(y=year, m=month, n=month + int(rng.integers(1, 3)), d=day)


def interview_of(witness: str) -> str:
    """Name of the file that a witness's interview is in."""
    return f"interview-{witness}.txt"


def interviews(incidents: Sequence[Incident]) -> dict[str, str]:
    """What each witness told of incidents, by file: invented, a paragraph each, in the order sources count them."""
    files: dict[str, list[str]] = {}
    for one in incidents:
        if one.witness is None:
            continue
        heading = f"Fictional interview with {one.witness}. Invented by a program; nobody said any of this."
        where = ", ".join(part for part in (one.place_label, one.room_label) if part) or "a place not remembered"
        when = str(one.date) if one.date else "not remembered"
        files.setdefault(interview_of(one.witness), [heading]).append(f"{one.summary}. Where: {where}. When: {when}.")
    return {name: "\n\n".join(paragraphs) + "\n" for name, paragraphs in files.items()}


def _places(
    plan: Plan, words: tuple[str, ...]
) -> list[tuple[str, tuple[str, ...], str | None, tuple[str, str] | None]]:
    """Buildings and rooms where something can happen: building id, its labels, room id, room labels."""
    found: list[tuple[str, tuple[str, ...], str | None, tuple[str, str] | None]] = []
    for building in plan.blueprint.buildings:
        key = plan.key_of(building.id)
        if any(key.startswith(word) for word in words):
            found.append((building.id, building.labels, None, None))
        for room in (room for storey in building.storeys for room in storey.rooms):
            if room.role in words:
                found.append((building.id, building.labels, room.id, (room.labels[0], room.labels[1])))
    return found


def _act(rng: np.random.Generator, violation: str, *, victims: int) -> Act:
    """Who did what to whom, as far as it is told."""
    return Act(
        violation=violation,
        victim=f"V-{int(rng.integers(1, victims)):02d}",
        perpetrator=f"P-{int(rng.integers(1, 7)):02d}" if rng.random() < 0.55 else None,
        involvement=("ordered", "carried out", "was present")[int(rng.integers(3))] if rng.random() < 0.4 else None,
        victim_activity="crossing a river" if violation == "arb_detention_movement" else None,
    )


def _consented(chance: float) -> tuple[str, ...]:
    """Audiences that whoever tells an incident consented to, by chance 0–1."""
    return ("public", "partners") if chance < 0.55 else ("partners",) if chance < 0.8 else ()


def incidents_of(
    plan: Plan, seed: int, *, count: int, witnesses: int
) -> tuple[tuple[Incident, ...], dict[str, dict[str, str | None]]]:
    """Incidents of a world, and for each the building and room it happened in.

    Parameters
    ----------
    count
        How many. One names a building that nobody drew; one names none.
    witnesses
        How many witnesses tell them.

    Returns
    -------
    tuple
        The records, and by incident id ``{"building": id or None, "room": id or None}``.
    """
    rng = np.random.default_rng([seed, 121])
    incidents: list[Incident] = []
    truth: dict[str, dict[str, str | None]] = {}
    told: Counter[str] = Counter()
    names = list(VIOLATIONS)
    for number in range(1, count + 1):
        places: list[tuple[str, tuple[str, ...], str | None, tuple[str, str] | None]] = []
        while not places:
            violation = names[int(rng.integers(len(names)))]
            places = _places(plan, VIOLATIONS[violation][1])
        building, labels, room, rooms = places[int(rng.integers(len(places)))]
        tongue = -1 if rng.random() < 0.3 else 0
        place: str | None = labels[tongue]
        room_label: str | None = rooms[tongue] if rooms else None
        stands: dict[str, str | None] = {"building": building, "room": room}
        if number in (count // 2, count - 1):
            place, room_label = ("the old barn", None) if number == count - 1 else (None, None)
            stands = {"building": None, "room": None}
        # Rooms are told by those who were inside; the guard and the one who brought food speak of buildings.
        tellers = [name for name in list(WITNESSES)[:witnesses] if room is None or name not in ("w3", "w4")]
        witness = tellers[int(rng.integers(len(tellers)))]
        told[witness] += 1
        truth[key := f"i{number:02d}"] = stands
        consent = _consented(rng.random())
        one = Incident(
            id=key,
            facility=plan.blueprint.facility,
            date=PartialDate(_date(rng, *_YEARS[witness])),
            place_label=place,
            room_label=room_label,
            witness=witness,
            kind=_KINDS.get(violation, "treatment"),
            summary=f"Fictional: {VIOLATIONS[violation][0]}",
            certainty=(None, "low", "medium", "high")[int(rng.choice(4, p=(0.1, 0.2, 0.4, 0.3)))],
            acts=(_act(rng, violation, victims=max(4, count // 2)),),
            # Paragraph 1 of an interview says that it is invented.
            sources=(SourceRef(source=interview_of(witness), page=f"p{told[witness] + 1}"),),
            consent=consent,
            embargo_until=PartialDate("2031-01-01") if rng.random() < 0.06 else None,
        )
        incidents.append(one)
    return tuple(incidents), truth
