"""The entries of the ledger after which a facility stood otherwise than before: states that are worth choosing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from geoinv.api.desk.said import decision_in_words
from geoinv.case.folder import Case
from geoinv.case.standing import Decided
from geoinv.records.decisions import SetProperty, Undo, concerns

__all__ = ["Moment", "is_about", "moments_of"]

#: Kinds of entries, besides decisions, that end a state, and the words that tell them.
_TOLD = {"case": "the case began", "withdrawal": "withdrawal entry"}


@dataclass(frozen=True)
class Moment:
    """One state that can be chosen.

    Attributes
    ----------
    number, at, by
        Of the entry after which it stood.
    told
        What that entry did, in the page's language.
    """

    number: int
    at: str
    by: str
    told: str


def is_about(case: Case, one: Decided, slug: str) -> bool:
    """Whether a decision is about a facility; an undo is about what it took back, scenes are of none."""
    body = one.decision.body
    if isinstance(body, Undo):
        taken_back = next((other for other in case.history.decided if other.entry.id == body.entry), None)
        return taken_back is not None and is_about(case, taken_back, slug)
    return concerns(body, slug) and not (isinstance(body, SetProperty) and body.target.startswith("imagery/"))


def moments_of(case: Case, slug: str, words: Mapping[str, str]) -> list[Moment]:
    """The states of a facility, oldest first: after each file, decision, consent and withdrawal."""
    decided = {one.entry.number: one for one in case.history.decided}
    return list(_moments(case, slug, words, decided))


def _moments(case: Case, slug: str, words: Mapping[str, str], decided: Mapping[int, Decided]) -> Iterator[Moment]:
    filed = {*case.history.filed_under(slug), None}
    for row in case.store.chain("case", "file", "decision", "consent", "withdrawal"):
        one = decided.get(row.number)
        told = words.get(_TOLD.get(row.kind, ""), "")
        if row.kind == "file":
            content: dict[str, Any] = json.loads(row.content or b"{}")
            if content.get("facility") not in filed:
                continue
            told = words["came in"].format(name=str(content.get("path", "?")).removeprefix(f"facilities/{slug}/"))
        elif one is not None:
            if row.kind == "decision" and not is_about(case, one, slug):
                continue
            told = decision_in_words(one, words, case.history)
        elif row.kind in ("decision", "consent"):  # erased
            continue
        yield Moment(row.number, row.at, row.by, told)
