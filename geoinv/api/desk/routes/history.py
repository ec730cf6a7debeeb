"""History: who decided what, when and why, against what proposal; one state of the case compared with another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response

from geoinv.api.desk.moments import is_about
from geoinv.api.desk.said import decision_in_words
from geoinv.api.desk.shell import Seated, language_of_request, page
from geoinv.api.desk.words import desk_words
from geoinv.case.folder import Case
from geoinv.case.histories import history_of
from geoinv.case.standing import Decided, History
from geoinv.errors import GeoinvError
from geoinv.records.ledger import LedgerEntry

__all__ = ["router"]

router = APIRouter()
_SHOWN = 200


@dataclass(frozen=True)
class _Row:
    """One decision as the page shows it.

    Attributes
    ----------
    told
        What was decided, in the page's language.
    slug
        Of the facility whose states before and after it can be compared, if it is of one.
    """

    entry: LedgerEntry
    told: str
    one: Decided
    slug: str | None


@router.get("/history")
def history(
    request: Request, seat: Seated, facility: str = "", about: str = "", since: int = 0, until: int = 0, before: int = 0
) -> Response:
    """Decisions, latest first; of one facility or thing, or between two states of the ledger."""
    words = desk_words(language_of_request(request))
    with seat.desk.case() as case:
        last = case.store.last()
        head = last.number if last else 0
        to = min(until or head, head)
        found = [
            one
            for one in reversed(case.history.decided)
            if since < one.entry.number <= to
            and (not before or one.entry.number < before)
            and (not facility or is_about(case, one, facility))
        ]
        slugs = {one.slug for one in case.facilities()}
        rows = [_row(one, words, case.history, slugs) for one in found[:_SHOWN]]
        lines, wrong = _thing(case, about)
        return page(
            request, "history.html", seat=seat, case=case, rows=rows, more=len(found) > _SHOWN,
            chosen=facility, about=about, lines=lines, wrong=wrong, since=since, until=to, head=last,
            facilities=case.facilities(), between=_between(case, since, to) if since or until else None,
        )  # fmt: skip


def _row(one: Decided, words: Mapping[str, str], history: History, slugs: Collection[str]) -> _Row:
    slug = getattr(one.decision.body, "facility", None)
    return _Row(one.entry, decision_in_words(one, words, history), one, slug if slug in slugs else None)


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
