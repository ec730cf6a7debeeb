"""The case as it stood at any earlier entry of its ledger: the chain is read again up to there, in memory only."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import Any

from geoinv.case.folder import Case
from geoinv.case.ledger import Ledger
from geoinv.case.sqlite_store import SqliteStore
from geoinv.case.store import ChainRow, FileRow, KeptEntry, RecordRow, Store

__all__ = ["replayed", "whole_state"]

_BATCH = 5000


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
def replayed(case: Case, number: int) -> Iterator[Case]:
    """The case as the ledger's first ``number`` entries make it, without anything built and without its files.

    What was withdrawn since is erased from the ledger, and is in no state of it any more. Nothing of it is written to
    the disk, and nothing done to it comes back.

    Parameters
    ----------
    number
        Of the last entry read; see ``whole_state``.
    """
    store = SqliteStore(Path(":memory:"))
    try:
        with tempfile.TemporaryDirectory() as nowhere:
            _fill(store, case.store, number)
            yield Case(Path(nowhere), case.settings, Ledger(store, case.ledger.mint))
    finally:
        store.close()


def _fill(store: Store, source: Store, number: int) -> None:
    """Chain, files and records up to an entry; which records are current follows from the files' latest entries."""
    rows: list[ChainRow] = []
    files: dict[str, FileRow] = {}
    with store.writing():
        store.set_meta("key", source.meta("key"))
        for row in takewhile(lambda one: one.number <= number, source.chain()):
            rows.append(row)
            if row.kind == "file" and (file := _file_of(row)) is not None:
                files[file.path] = file
            if len(rows) == _BATCH:
                _append(store, rows)
                rows = []
        _append(store, rows)
        for file in files.values():
            store.put_file(file)
        store.put_records(_records(source, files, number))


def _append(store: Store, rows: Sequence[ChainRow]) -> None:
    store.append([KeptEntry(row.entry, row.salt, row.content) for row in rows])


def _file_of(row: ChainRow) -> FileRow | None:
    """The file that an entry of the chain took in; ``None`` where that was erased."""
    if row.content is None:
        return None
    told: dict[str, Any] = json.loads(row.content)
    return FileRow(told["path"], told["sha256"], told["size"], 0, told["kind"], told.get("facility"), entry=row.number)


def _records(source: Store, files: dict[str, FileRow], number: int) -> list[RecordRow]:
    """The records that were current: those that the files' latest versions gave."""
    rows = takewhile(lambda pair: pair[0].entry <= number, source.projected())
    return [row for row, _ in rows if row.source in files and row.entry > files[row.source].entry]
