"""What people decided about single footprints, put on them: an outline drawn by hand, an acceptance, a rejection."""

from __future__ import annotations

from collections.abc import Sequence

from geoinv.case.folder import Case
from geoinv.records.decisions import Decision, JudgeFootprint, SetOutline
from geoinv.records.evidence import Evidence, Status
from geoinv.records.footprints import Footprint

__all__ = ["as_judged"]


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
    return tuple(found)


def _meant(one: Footprint, name: str) -> bool:
    return name == one.id or name in one.drawn


def _outlined(one: Footprint, decision: Decision, body: SetOutline) -> Footprint:
    evidence = Evidence(status=Status.ATTESTED, sources=(decision.id,), by=decision.by, note=decision.reason)
    moved = one.geometry.intersection(body.geometry).area < 0.25 * one.geometry.area
    warnings = (
        (*one.warnings, "the outline drawn by hand lies elsewhere than what was found here") if moved else one.warnings
    )
    update = {
        "geometry": body.geometry,
        "outline_from": "person",
        "evidence": {**one.evidence, "geometry": evidence},
        "warnings": warnings,
    }
    return one.model_copy(update=update)


def _judged(one: Footprint, decision: Decision, *, accepted: bool) -> Footprint:
    word = "accepted" if accepted else "rejected"
    evidence = Evidence(value=word, status=one.status, sources=(decision.id,), by=decision.by, note=decision.reason)
    warnings = one.warnings if accepted else (*one.warnings, f"rejected by {decision.by}: {decision.reason}")
    return one.model_copy(update={"evidence": {**one.evidence, "judgement": evidence}, "warnings": warnings})
