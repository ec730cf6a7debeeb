"""Two states of a facility compared in one view: what changed of its parts, and what was decided in between."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response

from geoinv.api.desk.changed import Change, changes
from geoinv.api.desk.changed_figure import changes_svg
from geoinv.api.desk.shell import Seated, language_of_request, page
from geoinv.api.desk.states import State
from geoinv.api.desk.words import desk_words
from geoinv.case.folder import Case
from geoinv.case.histories import decision_said
from geoinv.case.standing import Decided
from geoinv.records.base import canonical_json
from geoinv.records.decisions import SetProperty, Undo, concerns

__all__ = ["router"]

router = APIRouter()


@dataclass(frozen=True)
class _Row:
    """One part that changed, as the page shows it.

    Attributes
    ----------
    how
        What became of it: key of the words, and what fills their braces.
    decided
        Numbers of the decisions in between that name it.
    """

    number: int
    change: Change
    how: list[tuple[str, dict[str, str]]]
    decided: list[int]


@router.get("/facilities/{slug}/changes")
def compare(request: Request, seat: Seated, slug: str, earlier: int = 0, later: int = 0) -> Response:
    """What changed between two builds; by default between the last two."""
    words = dict(desk_words(language_of_request(request)))
    with seat.desk.case() as case:
        facility = case.facility(slug)
        seat.desk.states.keep(case, slug)
        states = seat.desk.states.of(case, slug)
        one, other = _two(states, earlier, later)
        told = changes(one.standing, other.standing) if one and other else []
        decided = _between(case, slug, one, other)
        rows = [
            _Row(number, change, _how(change, words), _deciding(change, decided))
            for number, change in enumerate((change for change in told if change.how), 1)
        ]
        title = f"{facility.name}: {one.number} → {other.number}" if one and other else ""
        return page(
            request, "changes.html", seat=seat, case=case, facility=facility, states=states, one=one, other=other,
            rows=rows, same=len(told) - len(rows), picture=changes_svg(told, title),
            decided=[(row, decision_said(row)) for row in decided],
        )  # fmt: skip


def _two(states: list[State], earlier: int, later: int) -> tuple[State | None, State | None]:
    """The states of two numbers, the earlier first; where none is asked for, the last two."""
    if len(states) < 2:
        return None, None
    by_number = {one.number: one for one in states}
    first = by_number.get(earlier, states[-2])
    second = by_number.get(later, states[-1])
    return (first, second) if first.number <= second.number else (second, first)


def _between(case: Case, slug: str, one: State | None, other: State | None) -> list[Decided]:
    """The decisions of a facility that lie between two states, undos with what they took back."""
    if one is None or other is None:
        return []
    by_id = {row.entry.id: row for row in case.history.decided}

    def touches(row: Decided) -> bool:
        body = row.decision.body
        if isinstance(body, Undo) and body.entry in by_id:
            return touches(by_id[body.entry])
        return concerns(body, slug) and not (isinstance(body, SetProperty) and body.target.startswith("imagery/"))

    return [row for row in case.history.decided if one.number < row.entry.number <= other.number and touches(row)]


def _how(change: Change, words: dict[str, str]) -> list[tuple[str, dict[str, str]]]:
    """What became of a part, as keys of words with what fills them."""
    before, after = change.before, change.after
    if before is None or after is None:
        return [(f"change {change.how[0]}", {})]
    named = {"status": (words.get(before.status, before.status), words.get(after.status, after.status)),
             "renamed": (", ".join(before.labels) or "–", ", ".join(after.labels) or "–"),
             "kind": (words.get(before.kind, before.kind), words.get(after.kind, after.kind)),
             "height": (f"{before.height_m} m", f"{after.height_m} m"),
             "drawn": (str(len(before.drawn)), str(len(after.drawn))),
             "reshaped": (f"{before.wide.area:.1f} m²", f"{after.wide.area:.1f} m²")}  # fmt: skip
    told = []
    for how in change.how:
        was, now = named.get(how, ("", ""))
        told.append((f"change {how}", {"was": was, "now": now, "metres": f"{change.moved_m:.1f}"}))
    return told


def _deciding(change: Change, decided: list[Decided]) -> list[int]:
    """Numbers of the decisions that name a part, or something that was drawn of it."""
    parts = [one for one in (change.before, change.after) if one is not None]
    names = {f'"{name}"' for one in parts for name in (one.id, *one.drawn)}
    names |= {f'/{name}"' for one in parts for name in (one.id, *one.drawn)}
    texts = ((row.entry.number, canonical_json(row.decision.body.plain()).decode()) for row in decided)
    return [number for number, text in texts if any(name in text for name in names)]
