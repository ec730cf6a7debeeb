"""What people decided about single footprints and drawings: an outline by hand, a name, an acceptance, a rejection."""

from __future__ import annotations

from collections.abc import Sequence

from geoinv.case.build import Job
from geoinv.case.folder import Case
from geoinv.facilities.footprint_choice import IMAGERY_M
from geoinv.facilities.footprint_readings import READINGS_DIFFER
from geoinv.records.decisions import Decision, JudgeFootprint, SetOutline, SetProperty
from geoinv.records.drawings import Sketch
from geoinv.records.evidence import Evidence, Status
from geoinv.records.footprints import Footprint

__all__ = ["as_judged", "depicts_of"]


def as_judged(footprints: Sequence[Footprint], case: Case, facility: str) -> tuple[Footprint, ...]:
    """Footprints as people decided, the latest word standing; a rejected one stays on record, marked."""
    found = list(footprints)
    for _, decision in case.decisions():
        body = decision.body
        if isinstance(body, SetOutline) and body.facility == facility:
            found = [_outlined(one, decision, body) if _meant(one, body.element) else one for one in found]
        elif isinstance(body, JudgeFootprint) and body.facility == facility:
            target = body.footprint or body.element or ""
            found = [_judged(one, decision, accepted=body.accept) if _meant(one, target) else one for one in found]
        elif isinstance(body, SetProperty) and body.field == "label":
            target = _here(body.target, facility)
            found = [_named(one, decision, str(body.value)) if _meant(one, target) else one for one in found]
    return tuple(found)


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
