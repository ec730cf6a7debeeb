"""Keeping what a file gave: its entry, its records and the superseding of its earlier version, all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from geoinv.case.ledger import Ledger
from geoinv.case.store import FileRow, RecordRow, Store

__all__ = ["Kept", "keep_file"]


@dataclass(frozen=True)
class Kept:
    """What became of a file that was to be kept.

    Attributes
    ----------
    supersedes
        SHA-256 of the version it follows, if there was one with other content.
    notes
        What another person did to it in the meantime, a sentence each.
    known
        Whether another process has taken in this very content meanwhile; nothing was then written.
    """

    supersedes: str | None = None
    notes: tuple[str, ...] = ()
    known: bool = False


def keep_file(
    ledger: Ledger,
    file: FileRow,
    records: Sequence[tuple[str, str, Any]],
    *,
    by: str,
    before: FileRow | None,
) -> Kept:
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
    store = ledger.store
    with store.writing():
        now = store.file(file.path)
        met = now if now is not None and (before is None or now.entry != before.entry) else None
        if met is not None and met.sha256 == file.sha256:
            return Kept(known=True)
        supersedes = now.sha256 if now is not None and now.sha256 != file.sha256 else None
        notes = (f"{_author(store, met)} took in another version of it meanwhile; both are kept.",) if met else ()
        first = ledger.next_number
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
    return Kept(supersedes, notes)


def _author(store: Store, row: FileRow) -> str:
    entry = store.entry(row.entry)
    return entry.by if entry else "somebody"
