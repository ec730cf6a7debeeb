"""Keeping what a file gave: its entry, its records and the superseding of its earlier version, all or nothing.

Small files are kept several in one transaction: the disk takes longer to hold one for certain than its content takes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from geoinv.case.ledger import Ledger
from geoinv.case.store import FileRow, RecordRow, Store

__all__ = ["Keeper", "Kept", "keep_file", "mark_of"]

#: A transaction takes at most so many files and records more, and waits at most so long for them, seconds.
_MOST_FILES, _MOST_RECORDS, _LONGEST = 200, 5000, 1.0

#: A record as a reader gives it: kind, item, JSON-ready content.
_Told = tuple[str, str, Any]


@dataclass(frozen=True)
class Kept:
    """What became of a file that was to be kept.

    Attributes
    ----------
    supersedes
        SHA-256 of the version it follows, if there was one with other content.
    notes
        What another person did to it in the meantime, and what was left out, a sentence each.
    known
        Whether another process has taken in this very content meanwhile; nothing was then written.
    """

    supersedes: str | None = None
    notes: tuple[str, ...] = ()
    known: bool = False


def mark_of(key: bytes, witness: str) -> str:
    """How a withdrawal's entry names the witness: by a keyed hash, known again but never read."""
    return hmac.new(key, f"withdrawn\x1f{witness}".encode(), hashlib.sha256).hexdigest()


def _withdrawn(store: Store) -> set[str]:
    """Marks of all witnesses who withdrew."""
    kept = (json.loads(one.content) for one in store.walk("withdrawal") if one.content is not None)
    return {str(content["witness"]) for content in kept if "witness" in content}


def _consented(store: Store, marks: set[str], records: Sequence[_Told]) -> Sequence[_Told]:
    """Records but those of witnesses who withdrew."""
    if not marks:
        return records
    key = bytes.fromhex(store.meta("key") or "")
    names = {data.get("witness") for _, _, data in records if isinstance(data, dict)}
    gone = {name for name in names if name is not None and mark_of(key, str(name)) in marks}
    return [one for one in records if not (isinstance(one[2], dict) and one[2].get("witness") in gone)]


@dataclass(frozen=True)
class _Waiting:
    """A file that is to be kept, and who is told what became of it."""

    file: FileRow
    records: Sequence[_Told]
    before: FileRow | None
    then: Callable[[Kept], None]


@dataclass
class Keeper:
    """Keeps files, as many small ones in a transaction as come within a second.

    A file that waits is in nobody's records yet: if the process ends, the next intake takes it in. End with ``settle``.

    Attributes
    ----------
    ledger, by
        Where they are kept, and who signs the entries.
    """

    ledger: Ledger
    by: str
    _waiting: list[_Waiting] = field(default_factory=list)
    _since: float = 0.0

    def keep(
        self, file: FileRow, records: Sequence[_Told], *, before: FileRow | None, then: Callable[[Kept], None]
    ) -> None:
        """Have a file kept, as ``keep_file`` does, now or soon.

        Parameters
        ----------
        file, records, before
            As for ``keep_file``.
        then
            Told what became of it.

        Raises
        ------
        CaseError
            If the store cannot be written; nothing that waited is then kept.
        """
        if not self._waiting:
            self._since = time.monotonic()
        self._waiting.append(_Waiting(file, records, before, then))
        most = sum(len(one.records) for one in self._waiting)
        late = time.monotonic() > self._since + _LONGEST
        if late or most >= _MOST_RECORDS or len(self._waiting) >= _MOST_FILES:
            self.settle()

    def settle_before(self, kind: str, facility: str | None) -> None:
        """Keep what waits if it bears on a facility's records of a kind, which somebody is about to read.

        Raises
        ------
        CaseError
            As ``settle``.
        """
        ours = (one for one in self._waiting if one.file.facility == facility)
        if any(one.before is not None or any(told[0] == kind for told in one.records) for one in ours):
            self.settle()

    def settle(self) -> None:
        """Keep all that waits.

        Raises
        ------
        CaseError
            If the store cannot be written; nothing that waited is then kept.
        """
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        with self.ledger.store.writing():
            marks = _withdrawn(self.ledger.store)
            kept = [_keep(self.ledger, one.file, one.records, one.before, marks, by=self.by) for one in waiting]
        for one, became in zip(waiting, kept, strict=True):
            one.then(became)


def keep_file(ledger: Ledger, file: FileRow, records: Sequence[_Told], *, by: str, before: FileRow | None) -> Kept:
    """Append a file and its records to the ledger and bring the projection up to date, in one transaction.

    Parameters
    ----------
    file
        What to keep; its ``entry`` is filled in here.
    records
        ``(kind, item, JSON-ready content)`` in the file's order.
    before
        The version the reader of the file knew of. Where another process has taken in a newer one since, both are kept
        in the order they came, and a note says so.

    Raises
    ------
    CaseError
        If the store cannot be written; nothing is then changed.
    """
    with ledger.store.writing():
        return _keep(ledger, file, records, before, _withdrawn(ledger.store), by=by)


def _keep(
    ledger: Ledger, file: FileRow, records: Sequence[_Told], before: FileRow | None, marks: set[str], *, by: str
) -> Kept:
    store = ledger.store
    now = store.file(file.path)
    met = now if now is not None and (before is None or now.entry != before.entry) else None
    if met is not None and met.sha256 == file.sha256:
        return Kept(known=True)
    supersedes = now.sha256 if now is not None and now.sha256 != file.sha256 else None
    kept = _consented(store, marks, records)
    notes = _notes(store, met, len(records) - len(kept))
    _append(ledger, file, kept, by=by, supersedes=supersedes)
    return Kept(supersedes, notes)


def _append(ledger: Ledger, file: FileRow, records: Sequence[_Told], *, by: str, supersedes: str | None) -> None:
    """The file's entry, an entry for each record, and their rows; inside a transaction."""
    store, first = ledger.store, ledger.next_number
    rows = [
        RecordRow(ledger.mint.id(kind[:3], number), kind, file.facility, file.path, item, number, b"")
        for number, (kind, item, _) in enumerate(records, first + 1)
    ]
    content = {
        "path": file.path,
        "sha256": file.sha256,
        "size": file.size,
        "kind": file.kind,
        "facility": file.facility,
        "supersedes": supersedes,
        # The chain vouches for the projection too: which records the file gave, and what they are called.
        "records": [[row.id, row.kind, row.item] for row in rows],
    }
    ledger.append("file", ledger.mint.id("fil", first), content, by=by)
    store.put_file(file._replace(entry=first))
    store.retire_records(file.path)
    contents = (data for _, _, data in records)
    ledger.append_all("record", ((row.id, data) for row, data in zip(rows, contents, strict=True)), by=by)
    store.put_records(rows)


def _notes(store: Store, met: FileRow | None, left_out: int) -> tuple[str, ...]:
    """What another person did to the file meanwhile, and what of it was left out."""
    notes = []
    if met is not None:
        notes.append(f"{_author(store, met)} took in another version of it meanwhile; both are kept.")
    if left_out:
        notes.append(
            f"{left_out} records are of a witness who withdrew: they were left out, but the file holds them; take them "
            "out of it and run “geoinv withdraw” again."
        )
    return tuple(notes)


def _author(store: Store, row: FileRow) -> str:
    entry = store.entry(row.entry)
    return entry.by if entry else "somebody"
