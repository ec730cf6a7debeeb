"""The ledger: appending to the chain, its head, and saying exactly what was altered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from geoinv.case.mint import Mint
from geoinv.case.store import Store
from geoinv.records.base import canonical_json
from geoinv.records.ledger import GENESIS, EntryKind, LedgerEntry, commitment_of

__all__ = ["Ledger", "check_chain"]


@dataclass(frozen=True)
class Ledger:
    """Appends to a store's chain.

    Attributes
    ----------
    store
        Where the chain is kept.
    mint
        Where ids, salts and times come from.
    """

    store: Store
    mint: Mint

    @property
    def head(self) -> str:
        """Hash of the last entry; 64 zeros of an empty chain."""
        last = self.store.last()
        return last.hash if last else GENESIS

    @property
    def evidence_head(self) -> str:
        """Hash of the last entry that is not a publication.

        Publishing changes nothing that a release is made of, so that a release made twice is the same release.
        """
        for entry in reversed(self.store.entries()):
            if entry.kind != "publish":
                return entry.hash
        return GENESIS

    def append(self, kind: EntryKind, subject: str, content: Any, *, by: str) -> LedgerEntry:
        """Append one entry; only inside ``store.writing()``.

        Parameters
        ----------
        kind, subject
            What happened, and to which record or file.
        content
            JSON-ready data, committed to by a salted hash.
        by
            Who — named, not authenticated.
        """
        last = self.store.last()
        number = last.number + 1 if last else 1
        body, salt = canonical_json(content), self.mint.salt(number)
        unsealed = LedgerEntry(
            number=number,
            id=self.mint.id("ent", number),
            at=self.mint.now(number),
            by=by,
            kind=kind,
            subject=subject,
            commitment=commitment_of(body, salt),
            previous=last.hash if last else GENESIS,
            hash="",
        )
        entry = unsealed.model_copy(update={"hash": unsealed.computed_hash()})
        self.store.append(entry, salt, body)
        return entry


def check_chain(store: Store, *, head: str | None = None) -> list[str]:
    """What is wrong with a chain, a sentence each; empty if it verifies.

    Parameters
    ----------
    store
        The store to check.
    head
        A hash noted elsewhere that must be in the chain: shows a cut-off tail.
    """
    problems: list[str] = []
    previous, expected, seen = GENESIS, 1, {GENESIS}
    for entry in store.entries():
        name = f"ledger entry {entry.number} ({entry.kind} of {entry.subject}, {entry.at})"
        if entry.number != expected:
            missing = (
                f"entry {expected}" if entry.number == expected + 1 else f"entries {expected} to {entry.number - 1}"
            )
            problems.append(f"{missing} of the ledger is missing before {name}.")
        elif entry.previous != previous:
            problems.append(f"{name} does not follow the entry before it.")
        if entry.computed_hash() != entry.hash:
            problems.append(f"{name} was altered.")
        kept = store.content(entry.number)
        if kept is not None and commitment_of(kept[1], kept[0]) != entry.commitment:
            problems.append(f"the content of {name} was altered.")
        previous, expected = entry.hash, entry.number + 1
        seen.add(entry.hash)
    if head is not None and head not in seen:
        problems.append(
            f"the ledger does not hold the noted head {head[:12]}…: its end was cut off or it was written anew."
        )
    return problems
