"""The custody of originals: who handed them to whom, when, how — entries of the ledger, told in order and verified."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from geoinv.case.folder import Case
from geoinv.case.store import ChainRow, Store
from geoinv.errors import CaseError, FieldError
from geoinv.records.custody import Custody
from geoinv.records.ledger import LedgerEntry

__all__ = ["Handed", "check_custody", "handed", "history_of", "note_custody", "origins"]

#: Kinds of files that investigators write themselves.
_OWN = {"facility", "about", "note"}


class Handed(NamedTuple):
    """One custody event as the ledger holds it; ``custody`` is ``None`` where it is not one that can be read."""

    entry: LedgerEntry
    custody: Custody | None


def note_custody(case: Case, events: Sequence[Custody], *, by: str) -> list[LedgerEntry]:
    """Put custody events on record, all or none.

    Parameters
    ----------
    events
        Of files that the case has; an empty ``sha256`` stands for the version last taken in.
    by
        Who notes them.

    Raises
    ------
    CaseError
        If the case has no such file or never had that version, or cannot be written.
    FieldError
        If a text looks as if it told who somebody is: the ledger keeps codenames only.
    """
    for event in events:
        _check_words(event)
    noted = []
    with case.store.writing():
        versions = _versions(case.store)
        for event in events:
            row = case.store.file(event.file)
            if row is None:
                raise CaseError("the case has no such file", do="add it first, or check its name", file=event.file)
            whole = event if event.sha256 else event.model_copy(update={"sha256": row.sha256})
            if (whole.file, whole.sha256) not in versions:
                raise CaseError("the case never had that version of this file", do="leave --sha256 out, or check it",
                                file=event.file)  # fmt: skip
            subject = list(versions[whole.file, whole.sha256])[-1]
            noted.append(case.ledger.append("custody", subject, whole.plain(), by=by))
    case.note_head()
    return noted


def _check_words(event: Custody) -> None:
    """Refuse names, numbers and addresses: what custody events say is kept for as long as the file is."""
    from geoinv.facilities.identifying import identifying_in

    for field in ("person", "channel", "note"):
        found = identifying_in(getattr(event, field) or "")
        if found:
            raise FieldError(
                f"this holds what looks like a {found[0].kind}",
                do="write a codename; who is behind it belongs into “geoinv identities”",
                field=f"--{field}",
            )


def _versions(store: Store) -> dict[tuple[str, str], dict[str, int]]:
    """Path and SHA-256 of every version of every file → id → number of each entry of it: one may be read again."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    for row in store.chain("file"):
        told = _read(row)
        found.setdefault((str(told.get("path")), str(told.get("sha256"))), {})[str(row.subject)] = row.number
    return found


def _read(row: ChainRow) -> dict[str, Any]:
    try:
        data = json.loads(row.content or b"{}")
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def handed(store: Store) -> Iterator[Handed]:
    """Every custody event of an original, oldest first; seals, backups and the like are not among them."""
    for row in store.chain("custody"):
        told = _read(row)
        if "file" in told:
            try:
                yield Handed(row.entry, Custody.read(told))
            except FieldError:
                yield Handed(row.entry, None)


def check_custody(store: Store) -> list[str]:
    """What is wrong with the custody events, a sentence each: each must be of a version that was taken in before it."""
    events = list(handed(store))
    versions = _versions(store) if events else {}
    problems = []
    for entry, custody in events:
        taken_in = versions.get((custody.file, custody.sha256), {}) if custody else {}
        if custody is None:
            problems.append(f"ledger entry {entry.number} tells a custody event that cannot be read.")
        elif taken_in.get(entry.subject, entry.number) >= entry.number:
            problems.append(
                f"ledger entry {entry.number} tells that {custody.file} was {custody.event}, of a version that the "
                "case did not have."
            )
    return problems


def history_of(case: Case, file: str) -> list[str]:
    """A file's life, a line an event, oldest first: each version taken in, and what happened to it outside the case.

    Raises
    ------
    CaseError
        If the case never had such a file.
    """
    lines: list[tuple[int, str]] = []
    for row in case.store.chain("file"):
        told = _read(row)
        if told.get("path") == file:
            again = " in place of the version before" if told.get("supersedes") else ""
            line = f"taken in{again} by {row.by}: {told.get('size')} bytes, SHA-256 {told.get('sha256')}"
            lines.append((row.number, f"{row.at}  {line} (entry {row.number})"))
    if not lines:
        raise CaseError("the case never had such a file", do="name it as “geoinv custody list” does", file=file)
    lines += [
        (entry.number, f"{entry.at}  {_sentence(custody)}; noted by {entry.by} (entry {entry.number})")
        for entry, custody in handed(case.store)
        if custody is not None and custody.file == file
    ]
    return [line for _, line in sorted(lines)]


_TOWARDS = {"received": "from", "returned": "to", "handed over": "to"}


def _sentence(custody: Custody) -> str:
    """A custody event in words."""
    who = f" {_TOWARDS.get(custody.event, 'by')} {custody.person}" if custody.person else ""
    when = f", {custody.when}" if custody.when else ""
    how = f", {custody.channel}" if custody.channel else ""
    note = f" ({custody.note})" if custody.note else ""
    return f"{custody.event}{who}{when}{how}{note}, SHA-256 {custody.sha256[:12]}…"


def origins(case: Case) -> dict[str, str]:
    """What people gave: path → how the version last taken in was received, in words; empty where nobody said."""
    received = {
        (one.custody.file, one.custody.sha256): _sentence(one.custody)
        for one in handed(case.store)
        if one.custody is not None and one.custody.event == "received"
    }
    rows = (row for row in case.store.files().values() if row.facility and row.kind not in _OWN)
    return {row.path: received.get((row.path, row.sha256), "") for row in rows}
