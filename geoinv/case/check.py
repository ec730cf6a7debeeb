"""Verifying a case: the chain, the noted head, the tables, the originals, the files: what was altered is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any, NamedTuple

from geoinv.case.bringing import is_copied
from geoinv.case.chain import check_chain
from geoinv.case.custody import check_custody
from geoinv.case.folder import Case
from geoinv.case.ledger import LATEST
from geoinv.case.migrations import MIGRATED
from geoinv.case.store import ChainRow, FileRow, RecordRow, Store
from geoinv.files.hashes import file_sha256
from geoinv.records.base import sha256_hex

__all__ = ["check_case", "check_tables"]

_SETTINGS = {"format", "key", LATEST, MIGRATED}


def check_case(case: Case, *, head: str | None = None) -> list[str]:
    """What is wrong with a case, a sentence each; empty if it verifies.

    Parameters
    ----------
    head
        A head noted elsewhere; the one in ``ledger.head`` is checked in any case.
    """
    begun = case.ledger.next_number
    problems = _checked(case, head)
    if not problems or case.ledger.next_number == begun:
        return problems
    with case.store.writing():  # somebody wrote meanwhile: what looked wrong may be half of what they wrote
        return _checked(case, head)


def _checked(case: Case, head: str | None) -> list[str]:
    noted = case.root / "ledger.head"
    heads = [head] if head is not None else []
    if noted.is_file():
        heads.append(noted.read_text(encoding="utf-8", errors="replace"))
    problems = check_chain(case.store, heads=heads)
    if not noted.is_file():
        problems.append("ledger.head is missing beside the case's records.")
    files = _files(case.store)
    tables = [*_check_key(case.store), *_check_tables(case.store, files), *check_custody(case.store)]
    problems += [*case.store.damage(), *tables, *_check_files(case, files)]
    return problems or list(_check_settings(case.store))  # made from the chain: told where the chain itself is whole


def _check_settings(store: Store) -> Iterator[str]:
    """What the store notes beside the chain: the latest time of any entry, and nothing that geoinv never wrote."""
    settings = store.metas()
    latest = settings.get(LATEST)
    if latest is not None and latest != max((at for _, at in store.times()), default=""):
        yield "the note of the ledger's latest time was altered."
    yield from (f"the case's settings hold “{key}”, which geoinv never wrote." for key in settings.keys() - _SETTINGS)


@dataclass(frozen=True)
class _Latest:
    """What the newest entry of a file says of it."""

    number: int
    content: dict[str, Any]  # without its records


class _Version(NamedTuple):
    """One version of a file, by the number of its entry."""

    number: int
    path: str
    copied: bool


@dataclass(frozen=True)
class _Files:
    """What the chain's entries of files say, but for the records they list.

    Attributes
    ----------
    latest
        By path.
    versions
        SHA-256 of every version of every file.
    unlisted
        Paths of files that were taken in by a geoinv of format 1, which listed no records.
    """

    latest: dict[str, _Latest]
    versions: dict[str, _Version]
    unlisted: frozenset[str]


def _files(store: Store) -> _Files:
    latest: dict[str, _Latest] = {}
    versions: dict[str, _Version] = {}
    unlisted: set[str] = set()
    for row in store.chain("file"):
        content = _read(row.content)
        path, size = content.get("path"), content.get("size")
        if isinstance(path, str):
            if content.pop("records", None) is None:
                unlisted.add(path)
            latest[path] = _Latest(row.number, content)
            copied, digest = isinstance(size, int) and is_copied(str(content.get("kind")), size), content.get("sha256")
            if copied or digest not in versions:
                versions[str(digest)] = _Version(row.number, path, copied)
    return _Files(latest, versions, frozenset(unlisted))


def _listed(row: ChainRow) -> dict[int, RecordRow]:
    """Number of its own entry → record, as a file's entry lists them."""
    content = _read(row.content)
    path, facility, listed = content.get("path"), content.get("facility"), content.get("records")
    if not isinstance(path, str) or not isinstance(listed, list):
        return {}  # what was altered is named by the chain's own check
    return {
        at: RecordRow(one[0], one[1], facility, path, one[2], at, b"")
        for at, one in enumerate(listed, row.number + 1)
        if isinstance(one, list) and len(one) == 3
    }


def check_tables(store: Store) -> list[str]:
    """Where the tables are not what the ledger's entries say, a sentence each.

    Chain and tables are read side by side, a file's records at a time, so that a large case takes no more memory.
    Files taken in by a geoinv of format 1 list no records; theirs are not compared.
    """
    return [*_check_key(store), *_check_tables(store, _files(store))]


def _check_key(store: Store) -> Iterator[str]:
    for row in store.chain("case"):
        key = _read(row.content).get("key_sha256")
        if key is not None and sha256_hex((store.meta("key") or "").encode()) != key:
            yield "the case's own key, from which ids are made, was altered."


def _check_tables(store: Store, files: _Files) -> Iterator[str]:
    lost: list[RecordRow] = []
    rows = store.projected()
    pending = next(rows, None)
    for before, file in pairwise(chain([None], store.chain("file"), [None])):
        # The records of a file stand between its entry and the next file's.
        expected = _listed(before) if before is not None else {}
        while pending is not None and (file is None or _number(pending[0]) < file.number):
            yield from _check_record(pending[0], pending[1], expected.pop(pending[0].entry, None), files)
            pending = next(rows, None)
        lost += expected.values()
    for row in lost:
        if store.content(row.entry) is not None:
            yield f"{row.kind} {row.item} of {row.source} is missing from the table of records."
    yield from _check_file_rows(store.files(), files.latest)


def _number(row: RecordRow) -> int:
    """The entry that a row of the table names; before all of them where what stands there is no number any more."""
    return row.entry if isinstance(row.entry, int) else -1


def _check_record(row: RecordRow, current: bool, wanted: RecordRow | None, files: _Files) -> Iterator[str]:
    """What is wrong with a row of the table of records, of which the chain says that it is ``wanted``."""
    if wanted is None:
        if row.source not in files.unlisted:
            yield f"no entry vouches for {row.kind} {row.item} of {row.source} in the table of records."
        return
    newest = files.latest.get(row.source)
    if row != wanted:
        yield f"the table's row of {wanted.kind} {wanted.item} of {wanted.source} was altered."
    elif newest is not None and current != (row.entry > newest.number):
        told = "is passed over, though it holds" if not current else "is used, though it was superseded"
        yield f"{wanted.kind} {wanted.item} of {wanted.source} {told}: the table of records was altered."


def _read(content: bytes | None) -> dict[str, Any]:
    try:
        data = json.loads(content or b"{}")
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _check_file_rows(rows: dict[str, FileRow], latest: dict[str, _Latest]) -> Iterator[str]:
    for path, newest in latest.items():
        row, content = rows.get(path), newest.content
        if row is None:
            yield f"{path} is missing from the table of files."
        elif (row.sha256, row.size, row.kind, row.entry) != (
            content.get("sha256"),
            content.get("size"),
            content.get("kind"),
            newest.number,
        ) or row.facility != content.get("facility", row.facility):
            yield f"the table's row of {path} was altered."
    yield from (f"the table of files has {path}, which no entry vouches for." for path in rows if path not in latest)


def _check_files(case: Case, files: _Files) -> Iterator[str]:
    for digest, version in files.versions.items():
        original = case.originals_dir() / digest[:2] / digest
        earlier = version.number != files.latest[version.path].number
        named = f"an earlier version of {version.path} (entry {version.number})" if earlier else version.path
        if original.is_file():
            if file_sha256(original) != digest:
                yield f"the kept original of {named} was altered."
        elif version.copied:
            yield f"the kept original of {named} is missing: restore it from a backup."
    for row in case.store.files().values():
        working = case.root / row.path
        if not working.is_file():
            kept = (case.originals_dir() / row.sha256[:2] / row.sha256).is_file()
            yield f"{row.path} is missing from its folder" + ("; its original is kept." if kept else ".")
        elif file_sha256(working) != row.sha256:
            yield f"{row.path} is not as it was taken in; build or add takes in the new version."
