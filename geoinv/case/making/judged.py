"""What people decided about single footprints and drawings: an outline by hand, a name, an acceptance, a rejection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from geoinv.case.build import Job
from geoinv.case.folder import Case
from geoinv.facilities.footprint_choice import IMAGERY_M
from geoinv.facilities.footprint_readings import READINGS_DIFFER
from geoinv.records.base import derived_id
from geoinv.records.decisions import AddFootprint, Decision, GradeSource, JudgeFootprint, SetOutline, SetProperty
from geoinv.records.drawings import Sketch, SketchElement
from geoinv.records.evidence import Confidence, Evidence, Status
from geoinv.records.footprints import Footprint

__all__ = ["as_judged", "depicts_of"]

#: Share of the smaller of two outlines from which one lies on the other.
_COVERED = 0.25


def as_judged(
    footprints: Sequence[Footprint], case: Case, facility: str, drawn: Mapping[str, SketchElement] | None = None
) -> tuple[Footprint, ...]:
    """Footprints as people decided, the latest word standing.

    A rejected one stays on record, marked; a drawn element whose match was rejected no longer speaks for it. A drawn
    building that has no place, and one that nobody drew, get the outline that a person gave them.

    Parameters
    ----------
    drawn
        The facility's drawn elements by full name.
    """
    found = list(footprints)
    for _, decision in case.decisions():
        body = decision.body
        if isinstance(body, AddFootprint) and body.facility == facility:
            found.append(_added(decision, body))
        elif isinstance(body, SetOutline) and body.facility == facility:
            element = (drawn or {}).get(body.element)
            if element is not None and not any(_meant(one, body.element) for one in found):
                found.append(_drawn_by_hand(decision, body, element, case.key))
            found = [_outlined(one, decision, body) if _meant(one, body.element) else one for one in found]
        elif isinstance(body, SetProperty) and body.field == "label":
            target = _here(body.target, facility)
            found = [_named(one, decision, str(body.value)) if _meant(one, target) else one for one in found]
        elif isinstance(body, SetProperty):
            found = [_as_set(one, decision, body) if body.target == f"{facility}/{one.id}" else one for one in found]
        elif isinstance(body, JudgeFootprint) and body.facility == facility and body.footprint and body.element:
            found = [_matched(one, decision, body) if one.id == body.footprint else one for one in found]
        elif isinstance(body, JudgeFootprint) and body.facility == facility:
            target = body.footprint or body.element or ""
            found = [_judged(one, decision, accepted=body.accept) if _meant(one, target) else one for one in found]
    return tuple(_graded(one, case, facility) for one in _without_covered(found))


def _without_covered(found: Sequence[Footprint]) -> list[Footprint]:
    """Without what only imagery suggested where a person's outline now says what stands there."""
    by_hand = [one.geometry for one in found if one.outline_from == "person"]

    def covered(one: Footprint) -> bool:
        least = [min(one.geometry.area, shape.area) for shape in by_hand]
        shared = [one.geometry.intersection(shape).area for shape in by_hand]
        return any(part > _COVERED * area for part, area in zip(shared, least, strict=True))

    return [one for one in found if one.drawn or one.outline_from != "imagery" or not covered(one)]


def _as_set(one: Footprint, decision: Decision, body: SetProperty) -> Footprint:
    evidence = Evidence(
        value=body.value, status=Status.ATTESTED, sources=(decision.id,), by=decision.by, note=decision.reason
    )
    told = {**one.plain(), body.field: body.value, "evidence": {**one.evidence, body.field: evidence}}
    if body.field == "status" and body.value != one.status.value:
        # What follows from the evidence stays in sight beside what a person made of it.
        told["warnings"] = (
            *one.warnings,
            f"{decision.by} set its status to {body.value}; its evidence makes it {one.status.value}",
        )
    return Footprint.read(told, item=body.target)


def _matched(one: Footprint, decision: Decision, body: JudgeFootprint) -> Footprint:
    """A footprint with one drawn element's match to it accepted or rejected."""
    word = "accepted" if body.accept else "rejected"
    evidence = Evidence(value=word, status=one.status, sources=(decision.id,), by=decision.by, note=decision.reason)
    update = {"evidence": {**one.evidence, f"match {body.element}": evidence}}
    if body.accept or body.element not in one.drawn:
        return one.model_copy(update=update)
    drawn = tuple(name for name in one.drawn if name != body.element)
    status = one.status if drawn or one.outline_from != "imagery" else Status.OBSERVED
    warning = f"{decision.by} found that {body.element} is not this building: {decision.reason}"
    return one.model_copy(update={**update, "drawn": drawn, "status": status, "warnings": (*one.warnings, warning)})


def _graded(one: Footprint, case: Case, facility: str) -> Footprint:
    """With the grade of its weakest drawing, once all of them, or their witnesses, were graded."""
    grades = {d.body.source: d.body for _, d in case.decisions() if isinstance(d.body, GradeSource)}
    witness = {sketch.name: sketch.witness for sketch in case.sketches(facility)} if grades else {}
    names = {drawn.partition("#")[0] for drawn in one.drawn}
    found = [grades.get(name) or grades.get(witness.get(name) or "") for name in sorted(names)]
    known = [grade for grade in found if grade is not None]
    if not known or len(known) < len(found):
        return one
    items = [grade.credibility for grade in known]
    worst = {
        "source": max(grade.reliability for grade in known),
        "item": "not graded" if None in items else max(item for item in items if item is not None),
    }
    return one.model_copy(update={"confidence": one.confidence.model_copy(update=worst)})


def depicts_of(job: Job, drawing: Sketch) -> str | None:
    """Which building a drawing of an inside shows: as a person decided last, else as it is noted of the drawing.

    A building's label, or the name of a drawn element of it (``sketch-file#element``), or its footprint's id.
    """
    said = drawing.depicts
    for _, decision in job.case.decisions():
        body = decision.body
        if isinstance(body, SetProperty) and body.field == "depicts":
            said = str(body.value) if _here(body.target, job.facility.slug) == drawing.name else said
    return said


def _here(target: str, facility: str) -> str:
    """The target of a decision about this facility, without its slug: ``SLUG/sketch.svg#b3``."""
    return target.removeprefix(f"{facility}/")


def _meant(one: Footprint, name: str) -> bool:
    return name == one.id or name in one.drawn


def _by_hand(
    decision: Decision, body: AddFootprint | SetOutline, name: str, role: str, labels: tuple[str, ...]
) -> Footprint:
    """A footprint that stands on a person's word alone."""
    evidence = Evidence(status=Status.ATTESTED, sources=(decision.id,), by=decision.by, note=decision.reason)
    return Footprint.read(
        {
            "id": name,
            "facility": body.facility,
            "geometry": body.geometry,
            "role": role,
            "labels": labels,
            "status": Status.ATTESTED,
            "confidence": Confidence(geometry_m=IMAGERY_M),
            "outline_from": "person",
            "evidence": {"geometry": evidence},
            "warnings": (f"drawn by hand by {decision.by}: {decision.reason}",),
        },
        item=name,
    )


def _added(decision: Decision, body: AddFootprint) -> Footprint:
    """A building that no drawing shows."""
    return _by_hand(decision, body, body.footprint, body.role, body.labels)


def _drawn_by_hand(decision: Decision, body: SetOutline, element: SketchElement, key: bytes) -> Footprint:
    """A drawn building that found no place, where a person put it."""
    role = element.role if element.role in ("wall", "gate", "tower") else "building"
    name = derived_id(body.facility, f"{role}:{body.element}", key=key)
    labels = (element.label,) if element.label else ()
    return _by_hand(decision, body, name, role, labels).model_copy(update={"drawn": (body.element,)})


def _outlined(one: Footprint, decision: Decision, body: SetOutline) -> Footprint:
    evidence = Evidence(status=Status.ATTESTED, sources=(decision.id,), by=decision.by, note=decision.reason)
    # How far readings of the scene differ no longer matters where a person drew the outline.
    kept = tuple(warning for warning in one.warnings if not warning.startswith(READINGS_DIFFER))
    moved = one.geometry.intersection(body.geometry).area < 0.25 * one.geometry.area
    warnings = (*kept, "the outline drawn by hand lies elsewhere than what was found here") if moved else kept
    update = {
        "geometry": body.geometry,
        "outline_from": "person",
        "confidence": one.confidence.model_copy(update={"geometry_m": IMAGERY_M}),
        "evidence": {**one.evidence, "geometry": evidence},
        "warnings": warnings,
    }
    return one.model_copy(update=update)


def _named(one: Footprint, decision: Decision, label: str) -> Footprint:
    labels = tuple(dict.fromkeys((*one.labels, label)))
    given = one.evidence.get("labels")
    sources = (*(given.sources if given else ()), decision.id)
    evidence = Evidence(
        value=list(labels), status=Status.ATTESTED, sources=sources, by=decision.by, note=decision.reason
    )
    return one.model_copy(update={"labels": labels, "evidence": {**one.evidence, "labels": evidence}})


def _judged(one: Footprint, decision: Decision, *, accepted: bool) -> Footprint:
    word = "accepted" if accepted else "rejected"
    evidence = Evidence(value=word, status=one.status, sources=(decision.id,), by=decision.by, note=decision.reason)
    warnings = one.warnings if accepted else (*one.warnings, f"rejected by {decision.by}: {decision.reason}")
    return one.model_copy(update={"evidence": {**one.evidence, "judgement": evidence}, "warnings": warnings})
