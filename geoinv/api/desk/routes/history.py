"""History: who decided what, when and why, against what proposal; one state of the case compared with another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response

from geoinv.api.desk.shell import Seated, page
from geoinv.case.folder import Case
from geoinv.case.histories import decision_said, history_of
from geoinv.case.standing import Decided
from geoinv.errors import GeoinvError
from geoinv.records.decisions import SetProperty, concerns
from geoinv.records.ledger import LedgerEntry

__all__ = ["router"]

router = APIRouter()
_SHOWN = 200


@dataclass(frozen=True)
class _Row:
    """One decision as the page shows it."""

    entry: LedgerEntry
    told: str
    by: str
    reason: str
    one: Decided


@router.get("/history")
def history(
    request: Request, seat: Seated, facility: str = "", about: str = "", since: int = 0, until: int = 0, before: int = 0
) -> Response:
    """Decisions, latest first; of one facility or thing, or between two states of the ledger."""
    with seat.desk.case() as case:
        last = case.store.last()
        head = last.number if last else 0
        to = min(until or head, head)
        rows = [
            _row(one)
            for one in reversed(case.history.decided)
            if since < one.entry.number <= to
            and (not before or one.entry.number < before)
            and (not facility or _of(one, facility))
        ]
        lines, wrong = _thing(case, about)
        return page(
            request, "history.html", seat=seat, case=case, rows=rows[:_SHOWN], more=len(rows) > _SHOWN,
            chosen=facility, about=about, lines=lines, wrong=wrong, since=since, until=to, head=last,
            facilities=case.facilities(), between=_between(case, since, to) if since or until else None,
        )  # fmt: skip


def _of(one: Decided, slug: str) -> bool:
    body = one.decision.body
    return concerns(body, slug) and not (isinstance(body, SetProperty) and body.target.startswith("imagery/"))


def _row(one: Decided) -> _Row:
    return _Row(one.entry, decision_said(one), one.decision.by, one.decision.reason, one)


def _thing(case: Case, about: str) -> tuple[list[str], str]:
    """Where one thing came from and what was decided of it; or why that cannot be told."""
    if not about.strip():
        return [], ""
    try:
        return list(history_of(case, about.strip())), ""
    except GeoinvError as error:
        return [], error.sentence()


def _between(case: Case, since: int, until: int) -> dict[str, int]:
    """How many entries of each kind lie between two states."""
    return dict(sorted(Counter(_kinds(case, since, until)).items()))


def _kinds(case: Case, since: int, until: int) -> Iterator[str]:
    for row in case.store.chain():
        if since < row.number <= until:
            yield str(row.kind)
