"""Whose account a build may use: everybody's but theirs who refused it, or whose consent to it has ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from geoinv.records.consent import has_ended
from geoinv.records.decisions import RecordConsent

__all__ = ["ACCOUNTS", "NEEDED", "refusing"]

#: Kinds of records that are somebody's account, and what one and several are called.
ACCOUNTS = {
    "statement": ("statement", "statements"),
    "sketch": ("drawing", "drawings"),
    "incident": ("incident", "incidents"),
    "claim": ("claim", "claims"),
    "room account": ("room told of", "rooms told of"),
}
#: Acts without which nothing of an account may be used, in words.
NEEDED = {"collect": "collection", "use": "use"}


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
        if word.act not in NEEDED:
            continue
        why = ""
        if not word.given:
            why = f"consent to its {NEEDED[word.act]} was refused"
        elif has_ended(word.until, on):
            why = f"consent to its {NEEDED[word.act]} has ended ({word.until})"
        for audience in audiences or ("*",):
            if word.audience in (audience, "*"):
                refused.setdefault(word.witness, {}).setdefault(audience, {})[word.act] = why
    found = {}
    for witness, words in refused.items():
        every = [next(filter(None, words.get(audience, {}).values()), "") for audience in audiences or ("*",)]
        if all(every):
            found[witness] = every[0]
    return found
