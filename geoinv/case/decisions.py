"""Recording what a person decided: in the ledger, with a name and a reason; an undo erases nothing."""

from __future__ import annotations

from typing import Any

from geoinv.case.folder import Case
from geoinv.errors import CaseError, FieldError
from geoinv.records.decisions import Decision, DecisionBody, PlaceSketch, RecordConsent, Undo
from geoinv.records.ledger import EntryKind, LedgerEntry

__all__ = ["decide", "placements_of"]


def decide(case: Case, body: DecisionBody, *, by: str, reason: str, proposed: Any = None) -> LedgerEntry:
    """Record one decision.

    Parameters
    ----------
    body
        What was decided.
    by, reason
        Who and why; both are needed.
    proposed
        What the software proposed at that time, JSON-ready.

    Returns
    -------
    LedgerEntry
        The decision's entry; its id takes it back (``geoinv decide undo``).

    Raises
    ------
    FieldError
        If the reason is empty.
    CaseError
        If an undo names no decision, or the case cannot be written.
    """
    if not reason.strip():
        raise FieldError("a decision needs a reason", do="say why with --reason", field="reason")
    if isinstance(body, Undo) and body.entry not in {
        entry.id for entry in case.store.entries("decision") + case.store.entries("consent")
    }:
        raise CaseError(f"there is no decision “{body.entry}”", do="list them with “geoinv decide list”")
    kind: EntryKind = "consent" if isinstance(body, RecordConsent) else "decision"
    with case.store.writing():
        last = case.store.last()
        number = last.number + 1 if last else 1
        decision = Decision(
            id=case.ledger.mint.id("dec", number), by=by, reason=reason.strip(), body=body, proposed=proposed
        )
        entry = case.ledger.append(kind, body.kind, decision.plain(), by=by)
    case.note_head()
    return entry


def placements_of(case: Case, facility: str) -> dict[str, PlaceSketch]:
    """Sketch name → the placement a person decided for it, the latest word standing."""
    bodies = (decision.body for _, decision in case.decisions())
    return {body.sketch: body for body in bodies if isinstance(body, PlaceSketch) and body.facility == facility}
