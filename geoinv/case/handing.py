"""What was handed out of a case beside its releases: dossiers, annexes and exports, each an entry of the ledger.

An entry tells who made it, for which audience or requester, at which head, and the hash of every file: so that a copy
that turns up elsewhere is known, and whoever holds one can be told when a consent is withdrawn. It changes nothing
that is built or published.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from geoinv.case.folder import Case
from geoinv.case.store import ChainRow
from geoinv.records.base import sha256_hex
from geoinv.records.decisions import OpenRequest
from geoinv.records.ledger import LedgerEntry

__all__ = ["Document", "handed_out", "note_handed_out"]

Document = Literal["dossier", "annex", "export"]
#: What the entries say happened; seals, backups and hand-overs of originals are custody of other kinds.
_EVENT = "handed out"


def note_handed_out(
    case: Case,
    what: Document,
    files: Mapping[str, bytes],
    *,
    audience: str | None,
    facilities: Sequence[str],
    by: str,
    through: str,
) -> LedgerEntry:
    """Put on record what is about to leave the case; nothing should be written before this has returned.

    Parameters
    ----------
    files
        Name → content, as they will be written.
    audience
        For whom; ``None`` for the case's own people. Of a granted request, requester and grant are noted too.
    facilities
        Slugs of those it tells of.
    by
        Who makes it (a codename).
    through
        Where it was asked for, in words.

    Raises
    ------
    CaseError
        If the case cannot be written.
    """
    content = {
        "event": _EVENT,
        "what": what,
        "audience": audience,
        **_grant(case, audience),
        "facilities": sorted(facilities),
        "head": case.ledger_head,
        "through": through,
        "files": {name: sha256_hex(held) for name, held in sorted(files.items())},
    }
    with case.store.writing():
        entry = case.ledger.append("custody", "case", content, by=by)
    case.note_head()
    return entry


def _grant(case: Case, audience: str | None) -> dict[str, str]:
    """Of an audience that is a granted request: who asked, and the entry that granted it."""
    if audience is None or case.settings.audience(audience) is not None:
        return {}
    grants = [
        (entry.id, decision.body)
        for entry, decision in case.decisions()
        if isinstance(decision.body, OpenRequest) and decision.body.audience == audience
    ]
    return {"requester": grants[-1][1].requester, "granted": grants[-1][0]} if grants else {}


def handed_out(case: Case) -> Iterator[str]:
    """What was handed out, oldest first: a line each, then one for every file."""
    for row in case.store.chain("custody"):
        told = _read(row)
        if told.get("event") != _EVENT:
            continue
        whom = f"for “{told['audience']}”" if told.get("audience") else "internal"
        asked = f", asked for by {told['requester']}, granted in {told['granted']}" if told.get("requester") else ""
        about = ", ".join(told.get("facilities", ()))
        yield (
            f"{row.at}  {told.get('what')} of {about}, {whom}{asked}; made by {row.by} through {told.get('through')} "
            f"at head {str(told.get('head'))[:12]} (entry {row.number})"
        )
        for name, digest in sorted(dict(told.get("files", {})).items()):
            yield f"    {digest}  {name}"


def _read(row: ChainRow) -> dict[str, Any]:
    try:
        data = json.loads(row.content or b"{}")
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
