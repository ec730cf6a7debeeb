"""The ledger: appending to the chain, its head, and a clock that runs behind it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from geoinv.case.mint import Mint
from geoinv.case.store import KeptEntry, Store
from geoinv.records.base import canonical_json
from geoinv.records.ledger import GENESIS, EntryKind, LedgerEntry, commitment_of, hash_of_entry

__all__ = ["LATEST", "Ledger"]

#: Kinds of entries that change nothing a release is made of.
_NO_EVIDENCE: tuple[EntryKind, ...] = ("publish", "custody")
#: The setting that holds the latest time of any entry.
LATEST = "latest"
#: Entries written in one go: bounds the memory that a table of a million rows takes.
_BATCH = 5000


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
        """Hash of the last entry that a release could depend on.

        Publishing and custody change nothing that a release is made of, so that a release made twice is the same
        release.
        """
        last = self.last_evidence
        return last.hash if last else GENESIS

    @property
    def last_evidence(self) -> LedgerEntry | None:
        """The entry that ``evidence_head`` is of; ``None`` if there is none."""
        return self.store.last(besides=_NO_EVIDENCE)

    @property
    def next_number(self) -> int:
        """Number of the next entry; it stays so inside ``store.writing()``."""
        last = self.store.last()
        return last.number + 1 if last else 1

    def append(self, kind: EntryKind, subject: str, content: Any, *, by: str) -> LedgerEntry:
        """Append one entry; only inside ``store.writing()``.

        Parameters
        ----------
        kind, subject
            What happened, and to which record or file: an id or a plain word, never what a withdrawal must erase.
        content
            JSON-ready data, committed to by a salted hash.
        by
            Who — named, not authenticated.
        """
        last = self.store.last()
        kept = self._kept(last, kind, subject, content, by)
        self.store.append([kept])
        self._note_time(kept.entry)
        return kept.entry

    def append_all(self, kind: EntryKind, items: Iterable[tuple[str, Any]], *, by: str) -> None:
        """Append an entry for each ``(subject, content)``, in order; only inside ``store.writing()``."""
        last = self.store.last()
        batch: list[KeptEntry] = []
        for subject, content in items:
            kept = self._kept(last, kind, subject, content, by)
            last = kept.entry
            batch.append(kept)
            if len(batch) == _BATCH:
                self.store.append(batch)
                batch = []
        self.store.append(batch)
        if last is not None:
            self._note_time(last)

    def _kept(self, last: LedgerEntry | None, kind: EntryKind, subject: str, content: Any, by: str) -> KeptEntry:
        """The entry that follows ``last``, with what is kept beside it."""
        number, previous = (last.number + 1, last.hash) if last else (1, GENESIS)
        body, salt = canonical_json(content), self.mint.salt(number)
        entry_id, at, commitment = self.mint.id("ent", number), self.mint.now(number), commitment_of(body, salt)
        entry = LedgerEntry(
            number=number,
            id=entry_id,
            at=at,
            by=by,
            kind=kind,
            subject=subject,
            commitment=commitment,
            previous=previous,
            hash=hash_of_entry(number, entry_id, at, by, kind, subject, commitment, previous),
        )
        return KeptEntry(entry, salt, body)

    def _note_time(self, entry: LedgerEntry) -> None:
        """Remember the latest time that any entry bears: of a clock set back, later entries do not tell it."""
        noted = self.store.meta(LATEST)
        if noted is None:  # a case of before this was noted
            noted = max(at for _, at in self.store.times())
            self.store.set_meta(LATEST, noted)
        elif entry.at > noted:
            self.store.set_meta(LATEST, entry.at)

    def clock_behind(self) -> str | None:
        """A sentence if this machine's clock is behind an entry; the chain keeps its order all the same."""
        last = self.store.last()
        latest = max(self.store.meta(LATEST) or "", last.at if last else "")
        if last is None or self.mint.now(last.number + 1) >= latest:
            return None
        return (
            f"this machine's clock is behind the ledger's latest entry ({latest}): set it right; entries keep their "
            "order, but their times will not."
        )
