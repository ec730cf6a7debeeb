"""Whose account a build may use: everybody's but theirs who refused it, or whose consent to it has ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from geoinv.records.consent import has_ended
from geoinv.records.decisions import RecordConsent

if TYPE_CHECKING:
    from geoinv.case.folder import Case

__all__ = ["ACCOUNTS", "held_back_from", "note_ended", "refusing"]

#: Kinds of records that are somebody's account, and what one and several are called.
ACCOUNTS = {
    "statement": ("statement", "statements"),
    "sketch": ("drawing", "drawings"),
    "incident": ("incident", "incidents"),
    "claim": ("claim", "claims"),
    "room account": ("room told of", "rooms told of"),
}
#: Acts without which nothing of an account may be used, in words.
_NEEDED = {"collect": "collection", "use": "use"}


def refusing(consents: Iterable[RecordConsent], audiences: Sequence[str], on: date | None) -> dict[str, str]:
    """Codename → why a build may not use what that witness told.

    A build serves every audience, and each release leaves out whom its own audience may not see. So a witness is left
    out of the build where collection or use was refused, or has ended, for every audience there is. Where nothing was
    recorded about use, the account is used.

    Parameters
    ----------
    consents
        Words of consent, the latest last.
    audiences
        The case's audiences.
    on
        The day for which ends are judged; without one, what ends has ended.
    """
    refused: dict[str, dict[str, dict[str, str]]] = {}  # witness → audience → act → why
    for word in consents:
        if word.act not in _NEEDED:
            continue
        why = ""
        if not word.given:
            why = f"consent to its {_NEEDED[word.act]} was refused"
        elif has_ended(word.until, on):
            why = f"consent to its {_NEEDED[word.act]} has ended ({word.until})"
        for audience in audiences or ("*",):
            if word.audience in (audience, "*"):
                refused.setdefault(word.witness, {}).setdefault(audience, {})[word.act] = why
    found = {}
    for witness, words in refused.items():
        every = [next(filter(None, words.get(audience, {}).values()), "") for audience in audiences or ("*",)]
        if all(every):
            found[witness] = every[0]
    return found


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
        word.given and word.act in _NEEDED and has_ended(word.until, now) and not has_ended(word.until, then)
        for word in case.consents()
    )
    if ended:
        with case.store.writing():
            case.ledger.append("case", "case", {"event": "consent ended", "words": ended, "on": str(now)}, by=by)
        case.note_head()
