"""Counting incidents: acts, people and incidents apart; over years, places, violations; never one number for all.

A victim is counted once however many acts and incidents name the codename. Acts without a codename are told beside, not
guessed to be further people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from geoinv.facilities.incident_queries import current, degree_of, violations_of
from geoinv.facilities.vocabulary import Published, violation_called, violations
from geoinv.records.dates import PartialDate
from geoinv.records.incidents import Act, Binding, Incident

__all__ = [
    "Chart",
    "ChartRow",
    "Heat",
    "Tally",
    "Year",
    "by_degree",
    "by_violation",
    "chart",
    "heat",
    "since",
    "tally",
    "timeline",
]


@dataclass(frozen=True)
class Tally:
    """Three counts that are never added.

    Attributes
    ----------
    incidents, acts
        Records, and acts in them.
    victims, perpetrators
        Different codenames.
    acts_without_victim
        Acts whose victim has no codename: some may be of people who are counted already.
    """

    incidents: int = 0
    acts: int = 0
    victims: int = 0
    perpetrators: int = 0
    acts_without_victim: int = 0


@dataclass(frozen=True)
class Year:
    """One year of a timeline: what surely happened in it, and what may have."""

    year: int
    sure: Tally
    possible: Tally


@dataclass(frozen=True)
class ChartRow:
    """One bar: a violation, what the records count of it, and the figure published of the whole system, if one was."""

    violation: str
    label: str
    counted: Tally
    published: Published | None = None


@dataclass(frozen=True)
class Chart:
    """A quantified analysis after paragraphs 18 (``freedom exercised``) and 19 (``guarantee denied``)."""

    name: str
    rows: tuple[ChartRow, ...]


@dataclass(frozen=True)
class Heat:
    """How much was told of one building or room, and of what.

    Attributes
    ----------
    violations
        Acts by violation, most first.
    least_sure
        The lowest probability among the bindings that put incidents there.
    """

    place: str
    counted: Tally
    violations: Mapping[str, int] = field(default_factory=dict)
    least_sure: float = 1.0


def _count(pairs: Iterable[tuple[Incident, Sequence[Act]]]) -> Tally:
    listed = list(pairs)
    acts = [act for _, some in listed for act in some]
    return Tally(
        incidents=len({(one.facility, one.id) for one, _ in listed}),
        acts=len(acts),
        victims=len({act.victim for act in acts if act.victim}),
        perpetrators=len({act.perpetrator for act in acts if act.perpetrator}),
        acts_without_victim=sum(1 for act in acts if not act.victim),
    )


def tally(incidents: Iterable[Incident], *, of: Callable[[Act], bool] | None = None) -> Tally:
    """Counts of incidents; with ``of``, only of those acts, and of incidents that have one."""
    chosen = ((one, [act for act in one.acts if of is None or of(act)]) for one in current(incidents))
    return _count((one, acts) for one, acts in chosen if of is None or acts)


def by_violation(incidents: Iterable[Incident]) -> dict[str, Tally]:
    """Counts by violation id, in the vocabulary's order; an act counts under its own type and under the wider one.

    Words that the vocabulary does not have come last, as they stand.
    """
    told = current(incidents)
    order = {name: place for place, name in enumerate(violations())}
    named = {name for one in told for act in one.acts for name in violations_of(act)}

    def counted(name: str) -> Tally:
        return tally(told, of=lambda act: name in violations_of(act))

    return {name: counted(name) for name in sorted(named, key=lambda name: (order.get(name, len(order)), name))}


def chart(incidents: Iterable[Incident], name: str, *, language: str = "en") -> Chart:
    """Acts and people by freedom exercised, or by guarantee denied; every bar of the published analysis is there."""
    told = current(incidents)
    rows = []
    for entry in violations().values():
        if entry.chart == name:
            counted = tally(told, of=lambda act, wanted=entry.id: violations_of(act)[0] == wanted)  # type: ignore[misc]
            rows.append(ChartRow(entry.id, entry.word(language), counted, entry.published))
    return Chart(name, tuple(rows))


def timeline(incidents: Iterable[Incident]) -> tuple[Year, ...]:
    """Counts by year, three-valued; a date open at one end is possible only in years that others name.

    An incident whose date lies wholly inside one year is sure there; one that may be of several years is possible in
    each. Undated incidents are in none.
    """
    told = [one for one in current(incidents) if one.date is not None and one.date.known]
    closed = [one.date for one in told if one.date and one.date.earliest.year > 1 and one.date.latest.year < 9999]
    if not closed:
        return ()
    first, last = min(d.earliest.year for d in closed), max(d.latest.year for d in closed)
    years = []
    for year in range(first, last + 1):
        sure: list[Incident] = []
        possible: list[Incident] = []
        for one in told:
            assert one.date is not None
            if one.date.earliest.year <= year <= one.date.latest.year:
                (sure if one.date.earliest.year == one.date.latest.year else possible).append(one)
        years.append(Year(year, tally(sure), tally(possible)))
    return tuple(years)


def since(incidents: Iterable[Incident], day: date) -> tuple[tuple[Incident, ...], tuple[Incident, ...]]:
    """Incidents surely on or after a day, and those that may be (their date reaches over it, or is not known)."""
    wanted = PartialDate(f"{day.isoformat()}/..")
    sure, possible = [], []
    for one in current(incidents):
        if one.date is None or not one.date.known:
            possible.append(one)
        elif one.date.earliest >= wanted.earliest:
            sure.append(one)
        elif one.date.latest >= wanted.earliest:
            possible.append(one)
    return tuple(sure), tuple(possible)


def heat(incidents: Iterable[Incident], bindings: Sequence[Binding], *, by: str = "footprint") -> tuple[Heat, ...]:
    """What was told of each building (``by="footprint"``) or room (``by="room"``), most incidents first."""
    bound = {binding.incident: binding for binding in bindings}
    told: dict[str, list[Incident]] = {}
    for one in current(incidents):
        binding = bound.get(one.id)
        place = getattr(binding, by) if binding is not None else None
        if place is not None:
            told.setdefault(place, []).append(one)
    found = []
    for place, some in told.items():
        kinds: dict[str, int] = {}
        for act in (act for one in some for act in one.acts):
            known = violation_called(act.violation)
            name = known.id if known else act.violation
            kinds[name] = kinds.get(name, 0) + 1
        ranked = dict(sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0])))
        found.append(Heat(place, tally(some), ranked, min(bound[one.id].probability for one in some)))
    return tuple(sorted(found, key=lambda one: (-one.counted.incidents, one.place)))


def by_degree(incidents: Iterable[Incident]) -> dict[str, Tally]:
    """Counts by degree of the perpetrator's involvement."""
    told = current(incidents)
    degrees = sorted({degree_of(act) for one in told for act in one.acts})
    return {name: tally(told, of=lambda act, wanted=name: degree_of(act) == wanted) for name in degrees}  # type: ignore[misc]
