"""Asking incidents: by place, period, violation, pillar, agency and what the victim was doing, in three values.

A record that does not say is neither in nor out: it comes back under ``possible``, with the reason. Counts of the two
are never added.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from geoinv.facilities.vocabulary import (
    Activity,
    Theme,
    activities,
    agency_of,
    involvements,
    term_of,
    themes,
    violation_called,
    violations,
)
from geoinv.records.dates import PartialDate
from geoinv.records.incidents import Act, Binding, Incident
from geoinv.records.measures import Answer

__all__ = [
    "Possible",
    "Question",
    "Selection",
    "activity_of",
    "current",
    "degree_of",
    "pillars_of",
    "select",
    "violations_of",
]

_RANK = {Answer.NO: 0, Answer.CANNOT_TELL: 1, Answer.YES: 2}


@dataclass(frozen=True)
class Question:
    """What is asked; an empty field asks nothing.

    Attributes
    ----------
    facility
        Slug.
    building, room
        Ids.
    period
        The incident lies inside it.
    violation
        Id or words; kinds of it count too.
    pillar
        ``crime_base``, ``contextual_elements`` or ``perpetrator_linkage``.
    agency
        Id or words, by any of its names.
    activity
        What the victim was doing: an id of the vocabulary, or words that stand in the record.
    theme
        A theme collection, by id.
    """

    facility: str | None = None
    building: str | None = None
    room: str | None = None
    period: PartialDate | None = None
    violation: str | None = None
    pillar: str | None = None
    agency: str | None = None
    activity: str | None = None
    theme: str | None = None


@dataclass(frozen=True)
class Possible:
    """An incident that may fit, and what its record does not say."""

    incident: Incident
    why: tuple[str, ...]


@dataclass(frozen=True)
class Selection:
    """Incidents that surely fit, and those of which their records do not tell."""

    sure: tuple[Incident, ...] = ()
    possible: tuple[Possible, ...] = field(default=())


def current(incidents: Iterable[Incident]) -> tuple[Incident, ...]:
    """Incidents without those that another of the same facility supersedes."""
    listed = tuple(incidents)
    replaced = {(one.facility, one.supersedes) for one in listed if one.supersedes and one.supersedes != one.id}
    return tuple(one for one in listed if (one.facility, one.id) not in replaced)


def violations_of(act: Act) -> tuple[str, ...]:
    """Ids of an act's violation and of the wider type it is a kind of; the record's own words if nobody knows it."""
    found = violation_called(act.violation)
    if found is None:
        return (act.violation,)
    return (found.id, found.parent) if found.parent else (found.id,)


def pillars_of(incident: Incident) -> tuple[str, ...]:
    """Pillars a record serves: as a person said, and what its acts show (a violation; who did it, or in what post)."""
    shown = set(incident.pillars)
    if incident.acts:
        shown.add("crime_base")
    if any(act.perpetrator or act.post or act.agency for act in incident.acts):
        shown.add("perpetrator_linkage")
    return tuple(sorted(shown))


def activity_of(act: Act) -> Activity | None:
    """What the victim was doing, as the vocabulary has it; ``None`` where it was not said or fits no entry."""
    found = term_of(act.victim_activity, activities())
    return activities()[found.id] if found else None


def degree_of(act: Act) -> str:
    """Degree of the perpetrator's involvement: an id of the vocabulary, ``unknown`` where it was not said."""
    found = term_of(act.involvement, involvements())
    return found.id if found else "unknown"


def select(incidents: Iterable[Incident], question: Question, *, bindings: Sequence[Binding] = ()) -> Selection:
    """Incidents that fit a question, surely or possibly, in their order; superseded ones are left out.

    Parameters
    ----------
    question
        A theme that the vocabulary does not have is a ``KeyError``.
    bindings
        Where they were bound to; needed to ask by building or room. Ids of incidents are unique in a facility: pass the
        bindings of the facility that is asked about.
    """
    bound = {binding.incident: binding for binding in bindings}
    tests = _tests(question, bound)
    sure, possible = [], []
    for incident in current(incidents):
        answers = [(name, test(incident)) for name, test in tests]
        worst = min((answer for _, answer in answers), key=_RANK.__getitem__, default=Answer.YES)
        if worst is Answer.YES:
            sure.append(incident)
        elif worst is Answer.CANNOT_TELL:
            why = tuple(name for name, answer in answers if answer is Answer.CANNOT_TELL)
            possible.append(Possible(incident, tuple(f"the {name} is not known well enough" for name in why)))
    return Selection(tuple(sure), tuple(possible))


_Test = tuple[str, Callable[[Incident], Answer]]


def _tests(question: Question, bound: Mapping[str, Binding]) -> list[_Test]:
    tests: list[_Test] = []
    if question.facility is not None:
        tests.append(("facility", lambda one: _same(one.facility, question.facility)))
    if question.building is not None:
        tests.append(("building", lambda one: _bound(bound.get(one.id), "footprint", question.building)))
    if question.room is not None:
        tests.append(("room", lambda one: _bound(bound.get(one.id), "room", question.room)))
    if (period := question.period) is not None:
        tests.append(("date", lambda one: one.date.within(period) if one.date else Answer.CANNOT_TELL))
    if question.violation is not None:
        known = violation_called(question.violation)
        wanted = known.id if known else question.violation
        tests.append(("violation", lambda one: _any(one, lambda act: _same_or(wanted, violations_of(act)))))
    if question.pillar is not None:
        tests.append(("pillar", lambda one: _pillar(one, question.pillar)))
    if question.agency is not None:
        tests.append(("agency", lambda one: _any(one, lambda act: _agency(act, question.agency))))
    if question.activity is not None:
        tests.append(("victim's activity", lambda one: _any(one, lambda act: _activity(act, question.activity or ""))))
    if question.theme is not None:
        theme = themes()[question.theme]
        tests.append(("victim's activity", lambda one: _any(one, lambda act: _of_theme(act, theme))))
    return tests


def _of_theme(act: Act, theme: Theme) -> Answer:
    """Whether an act is of a theme: by its violation, else by what the victim was doing, where that was told."""
    if set(violations_of(act)) & set(theme.violations):
        return Answer.YES
    if not theme.activities:
        return Answer.NO
    doing = activity_of(act)
    if doing is not None:
        return Answer.YES if doing.id in theme.activities else Answer.NO
    return Answer.NO if act.victim_activity else Answer.CANNOT_TELL


def _same(one: str | None, other: str | None) -> Answer:
    return Answer.YES if one == other else Answer.NO


def _same_or(wanted: str, found: Sequence[str]) -> Answer:
    if wanted in found:
        return Answer.YES
    # A wider type may turn out to be the kind that is asked for.
    known = violations().get(wanted)
    return Answer.CANNOT_TELL if known is not None and known.parent in found[:1] else Answer.NO


def _bound(binding: Binding | None, part: str, wanted: str | None) -> Answer:
    there = getattr(binding, part) if binding is not None else None
    return Answer.CANNOT_TELL if there is None else _same(there, wanted)


def _any(incident: Incident, test: Callable[[Act], Answer]) -> Answer:
    if not incident.acts:
        return Answer.CANNOT_TELL
    return max((test(act) for act in incident.acts), key=_RANK.__getitem__)


def _pillar(incident: Incident, wanted: str | None) -> Answer:
    if wanted in pillars_of(incident):
        return Answer.YES
    # Whether a record shows a pattern or a policy only a person can say.
    return Answer.CANNOT_TELL if not incident.acts and not incident.pillars else Answer.NO


def _agency(act: Act, wanted: str | None) -> Answer:
    if not act.agency:
        return Answer.CANNOT_TELL
    asked, there = agency_of(wanted), agency_of(act.agency)
    if asked is None or there is None:
        return _same((wanted or "").casefold(), act.agency.casefold())
    return _same(asked.id, there.id)


def _activity(act: Act, wanted: str) -> Answer:
    if not act.victim_activity:
        return Answer.CANNOT_TELL
    known = activity_of(act)
    if wanted in activities():
        return _same(known.id, wanted) if known else Answer.CANNOT_TELL
    return Answer.YES if wanted.casefold() in act.victim_activity.casefold() else Answer.NO
