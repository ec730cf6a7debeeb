"""The case as it stood at any earlier entry of its ledger: the chain is read again up to there, in memory only."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice, takewhile
from pathlib import Path
from typing import Any

from geoinv.case.folder import Case
from geoinv.case.ledger import Ledger
from geoinv.case.sqlite_store import SqliteStore
from geoinv.case.store import ChainRow, FileRow, KeptEntry, Store

__all__ = ["replayed", "whole_state"]

_BATCH = 5000
_BESIDES_RECORDS = ("case", "file", "decision", "consent", "withdrawal", "publish", "custody")


def whole_state(store: Store, number: int) -> int:
    """The first entry not before ``number`` at which the case was whole.

    A file and its records enter together: between two of them nobody ever saw the case.
    """
    last = store.last()
    head = last.number if last else 0
    number = min(max(number, 1), head)
    while number < head:
        following = store.entry(number + 1)
        if following is None or following.kind != "record":
            break
        number += 1
    return number


@contextmanager
def replayed(case: Case, number: int, *, only: Collection[str] | None = None) -> Iterator[Case]:
    """The case as the ledger's first ``number`` entries make it, without anything built and without its files.

    What was withdrawn since is erased from the ledger, and is in no state of it any more. Nothing of it is written to
    the disk, and nothing done to it comes back.

    Parameters
    ----------
    number
        Of the last entry read; see ``whole_state``.
    only
        Slugs of the facilities whose records are read, with those of none; the chain then lacks the other records'
        entries. By default all.
    """
    store = SqliteStore(Path(":memory:"))
    try:
        with tempfile.TemporaryDirectory() as nowhere:
            _fill(store, case.store, number, only)
            yield Case(Path(nowhere), case.settings, Ledger(store, case.ledger.mint))
    finally:
        store.close()


def _fill(store: Store, source: Store, number: int, only: Collection[str] | None) -> None:
    """Chain, files and records up to an entry; which records are current follows from the files' latest entries."""
    files: dict[str, FileRow] = {}
    for row in _until(source.chain("file"), number):
        if (file := _file_of(row)) is not None:
            files[file.path] = file
    rows = takewhile(lambda pair: pair[0].entry <= number, source.projected())
    records = [
        row
        for row, _ in rows
        if row.source in files
        and row.entry > files[row.source].entry
        and (only is None or row.facility is None or row.facility in only)
    ]
    chain = source.chain() if only is None else source.chain(*_BESIDES_RECORDS)
    with store.writing():
        store.set_meta("key", source.meta("key"))
        for batch in _batches(_until(chain, number)):
            store.append([KeptEntry(row.entry, row.salt, row.content) for row in batch])
        if only is not None:
            store.append([kept for row in records if (kept := _kept(source, row.entry)) is not None])
        for file in files.values():
            store.put_file(file)
        store.put_records(records)


def _until(rows: Iterable[ChainRow], number: int) -> Iterator[ChainRow]:
    return takewhile(lambda row: row.number <= number, rows)


def _batches(rows: Iterator[ChainRow]) -> Iterator[list[ChainRow]]:
    while batch := list(islice(rows, _BATCH)):
        yield batch


def _kept(source: Store, number: int) -> KeptEntry | None:
    """One entry with what is kept beside it."""
    entry, content = source.entry(number), source.content(number)
    return None if entry is None or content is None else KeptEntry(entry, *content)


def _file_of(row: ChainRow) -> FileRow | None:
    """The file that an entry of the chain took in; ``None`` where that was erased."""
    if row.content is None:
        return None
    told: dict[str, Any] = json.loads(row.content)
    return FileRow(told["path"], told["sha256"], told["size"], 0, told["kind"], told.get("facility"), entry=row.number)
