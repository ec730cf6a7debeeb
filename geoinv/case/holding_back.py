"""What a case holds back from its builds for want of consent: told to its keepers, and entered where a consent ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from geoinv.case.consenting import ACCOUNTS, NEEDED
from geoinv.case.folder import Case
from geoinv.records.consent import has_ended

__all__ = ["held_back_from", "note_ended"]


def held_back_from(case: Case, slug: str) -> Iterator[str]:
    """A sentence for each witness of whom something about a facility is held back from its build."""
    if not case.held_back:
        return
    counts = {kind: Counter(whose for _, whose in case.whose(kind, slug)) for kind in ACCOUNTS}
    for witness, why in sorted(case.held_back.items()):
        of_hers = {kind: count[witness] for kind, count in counts.items() if count[witness]}
        told = ", ".join(f"{count} {ACCOUNTS[kind][count > 1]}" for kind, count in of_hers.items())
        if told:
            yield f"held back of {witness}: {told}; {why}"


def note_ended(case: Case, *, by: str) -> None:
    """Enter into the ledger that consents have ended since its last entry, so that what is built follows from it.

    Ends are judged by the day of the ledger's last entry that evidence or a decision made: the same head gives the same
    models, whenever they are built.
    """
    last = case.ledger.last_evidence
    if last is None:
        return
    then, now = case.evidence_day, date.fromisoformat(case.ledger.mint.now(last.number + 1)[:10])
    ended = sum(
        word.given and word.act in NEEDED and has_ended(word.until, now) and not has_ended(word.until, then)
        for word in case.consents()
    )
    if ended:
        with case.store.writing():
            case.ledger.append("case", "case", {"event": "consent ended", "words": ended, "on": str(now)}, by=by)
        case.note_head()
