"""Verifying a case: the chain, the noted head, the tables, the originals, the files: what was altered is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from geoinv.case.chain import check_chain
from geoinv.case.folder import Case
from geoinv.case.store import FileRow, RecordRow, Store
from geoinv.files.hashes import file_sha256
from geoinv.records.base import sha256_hex

__all__ = ["check_case", "check_tables"]


def check_case(case: Case, *, head: str | None = None) -> list[str]:
    """What is wrong with a case, a sentence each; empty if it verifies.

    Parameters
    ----------
    head
        A head noted elsewhere; the one in ``ledger.head`` is checked in any case.
    """
    noted = case.root / "ledger.head"
    heads = [head] if head is not None else []
    if noted.is_file():
        heads.append(noted.read_text(encoding="utf-8", errors="replace"))
    problems = check_chain(case.store, heads=heads)
    if not noted.is_file():
        problems.append("ledger.head is missing beside the case's records.")
    return problems + case.store.damage() + check_tables(case.store) + list(_check_files(case))


def _listed(content: dict[str, Any], number: int) -> Iterator[tuple[int, RecordRow]]:
    """The records that a file's entry lists, each with the number of its own entry."""
    path, facility, listed = content["path"], content.get("facility"), content.get("records")
    for at, row in enumerate(listed if isinstance(listed, list) else (), number + 1):
        if isinstance(row, list) and len(row) == 3:  # what was altered is named by the chain's own check
            yield at, RecordRow(row[0], row[1], facility, path, row[2], at, b"")


def check_tables(store: Store) -> list[str]:
    """Where the tables are not what the ledger's entries say, a sentence each.

    Files taken in by a geoinv of format 1 list no records; theirs are not compared.
    """
    problems: list[str] = []
    expected: dict[int, RecordRow] = {}
    latest: dict[str, tuple[int, dict[str, Any]]] = {}
    unlisted: set[str] = set()
    for kept in store.walk("case", "file"):
        content = _read(kept.content)
        if kept.entry.kind == "case":
            if "key_sha256" in content and sha256_hex((store.meta("key") or "").encode()) != content["key_sha256"]:
                problems.append("the case's own key, from which ids are made, was altered.")
        elif isinstance(content.get("path"), str):
            latest[content["path"]] = kept.entry.number, content
            if "records" in content:
                expected |= dict(_listed(content, kept.entry.number))
            else:
                unlisted.add(content["path"])
    for row, current in store.projected():
        wanted = expected.pop(row.entry, None)
        if wanted is None and row.source in unlisted:
            continue
        newest = latest.get(row.source)
        if wanted is None:
            problems.append(f"no entry vouches for {row.kind} {row.item} of {row.source} in the table of records.")
        elif row != wanted:
            problems.append(f"the table's row of {wanted.kind} {wanted.item} of {wanted.source} was altered.")
        elif newest is not None and current != (row.entry > newest[0]):
            told = "is passed over, though it holds" if not current else "is used, though it was superseded"
            problems.append(f"{wanted.kind} {wanted.item} of {wanted.source} {told}: the table of records was altered.")
    lost = (row for row in expected.values() if store.content(row.entry) is not None)
    problems += [f"{row.kind} {row.item} of {row.source} is missing from the table of records." for row in lost]
    return problems + list(_check_file_rows(store.files(), latest))


def _read(content: bytes | None) -> dict[str, Any]:
    try:
        data = json.loads(content or b"{}")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _check_file_rows(rows: dict[str, FileRow], latest: dict[str, tuple[int, dict[str, Any]]]) -> Iterator[str]:
    for path, (number, content) in latest.items():
        row = rows.get(path)
        if row is None:
            yield f"{path} is missing from the table of files."
        elif (row.sha256, row.size, row.kind, row.entry) != (
            content.get("sha256"),
            content.get("size"),
            content.get("kind"),
            number,
        ) or row.facility != content.get("facility", row.facility):
            yield f"the table's row of {path} was altered."
    yield from (f"the table of files has {path}, which no entry vouches for." for path in rows if path not in latest)


def _check_files(case: Case) -> Iterator[str]:
    for row in case.store.files().values():
        original = case.originals_dir() / row.sha256[:2] / row.sha256
        if original.is_file():
            if file_sha256(original) != row.sha256:
                yield f"the kept original of {row.path} was altered."
        elif row.kind != "scene":
            yield f"the kept original of {row.path} is missing: restore it from a backup."
        working = case.root / row.path
        if not working.is_file():
            yield f"{row.path} is missing from its folder" + ("." if row.kind == "scene" else "; its original is kept.")
        elif file_sha256(working) != row.sha256:
            yield f"{row.path} is not as it was taken in; build or add takes in the new version."
