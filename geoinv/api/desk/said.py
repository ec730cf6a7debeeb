"""What was decided, in the page's language: one line a decision."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from geoinv.api.desk.claim_forms import form_of
from geoinv.case.standing import Decided, History
from geoinv.records.decisions import (
    AddFootprint,
    AddRoom,
    BindIncident,
    CheckCodenames,
    DecisionBody,
    GradeSource,
    JudgeFootprint,
    MergeFacilities,
    OpenRequest,
    PlaceSketch,
    RecordClaim,
    RecordConsent,
    SetOutline,
    SetProperty,
    SplitFacility,
    TraceElement,
    Undo,
)

__all__ = ["decision_in_words"]


def decision_in_words(one: Decided, words: Mapping[str, str], history: History) -> str:
    """What was decided, in a line; of an undo, what it took back.

    Parameters
    ----------
    words
        Of the page's language.
    history
        In which an undo's decision is looked up.
    """
    body = one.decision.body
    if isinstance(body, Undo):
        taken_back = next((other for other in history.decided if other.entry.id == body.entry), None)
        what = body.entry if taken_back is None else decision_in_words(taken_back, words, history)
        return words["did undo"].format(what=what)
    key, values = _drawn(body, words) or _said(body, words)
    return words[key].format(**values)


_Told = tuple[str, dict[str, Any]]


def _drawn(body: DecisionBody, words: Mapping[str, str]) -> _Told | None:
    """Of what is drawn or laid: key of the words, and what fills their braces."""
    match body:
        case PlaceSketch(none=True):
            return "did place none", {"sketch": body.sketch}
        case PlaceSketch() if body.ties:
            names = ", ".join(tie.element for tie in body.ties)
            return "did place ties", {"sketch": body.sketch, "count": len(body.ties), "names": names}
        case PlaceSketch():
            return "did place hand", {"sketch": body.sketch}
        case JudgeFootprint():
            return f"did judge {'yes' if body.accept else 'no'}", {"name": body.element or body.footprint}
        case SetOutline():
            return "did outline", {"name": body.element}
        case TraceElement():
            return _traced(body, words)
        case AddFootprint():
            named = ", ".join(body.labels) or body.footprint
            return "did add", {"role": words.get(body.role, body.role), "name": named}
        case AddRoom():
            return "did room", {"name": ", ".join(body.labels) or body.room}
        case _:
            return None


def _traced(body: TraceElement, words: Mapping[str, str]) -> _Told:
    name = f"{body.sketch}#{body.element}"
    if body.geometry is None:
        return "did trace gone", {"name": name}
    named = [words.get(body.role, body.role)] if body.role else []
    named += [f"“{body.label}”"] if body.label else []
    return "did trace named" if named else "did trace drawn", {"name": name, "value": ", ".join(named)}


def _said(body: DecisionBody, words: Mapping[str, str]) -> _Told:
    """Of what is said, set or allowed: key of the words, and what fills their braces."""
    match body:
        case BindIncident(incident=incident):
            place = body.room or body.footprint
            return "did bind" if place else "did bind none", {"incident": incident, "name": place}
        case RecordClaim(claim=claim):
            to = f" → {claim.object}" if claim.object else ""
            form = f"{words[f'claim form {form_of(claim)}']}, {claim.subject}{to}"
            return "did claim", {"name": claim.id, "form": form}
        case SetProperty():
            value = body.value if isinstance(body.value, str) else json.dumps(body.value, ensure_ascii=False)
            field = words.get(f"field {body.field}", body.field)
            return "did set", {"name": body.target, "field": field, "value": value[:300]}
        case GradeSource():
            return "did grade", {"name": body.source, "value": f"{body.reliability}{body.credibility or ''}"}
        case MergeFacilities():
            return "did merge", {"names": ", ".join(body.others), "name": body.facility}
        case SplitFacility():
            return "did split", {"into": body.into, "name": body.facility}
        case RecordConsent():
            values = {"name": body.witness, "act": words[f"act {body.act}"], "audience": body.audience}
            return f"did consent {'yes' if body.given else 'no'}", values
        case OpenRequest():
            return "did request", {"name": body.requester}
        case CheckCodenames():
            return "did codenames", {"name": body.file}
        case _:
            return "did other", {"name": body.kind}
