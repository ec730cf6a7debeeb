"""Under which heads of targeted human rights sanctions records may fall: a list of places to look, never a conclusion.

The table (``data/regimes.json``) follows the paragraph numbers of its source. What a regime lets count only under a
condition (a pattern; what the victim was doing) carries the condition and whether the records speak to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from geoinv.facilities.analyses import Tally, Year, tally, timeline
from geoinv.facilities.incident_queries import activity_of, current, violations_of
from geoinv.facilities.vocabulary import Violation, violation_called, violations, vocabulary
from geoinv.records.incidents import Act, Incident
from geoinv.records.measures import Answer

__all__ = ["Head", "LegalRow", "Regime", "heads_of", "legal_notes", "mapping", "regimes", "standing_in_words"]


@dataclass(frozen=True)
class Regime:
    """A sanctions regime; ``text_read`` is false where its categories were not in the source."""

    id: str
    jurisdiction: str
    en: str
    ko: str
    paragraphs: tuple[str, ...]
    text_read: bool

    def word(self, language: str) -> str:
        """Its name in a language."""
        return self.ko if language == "ko" else self.en


@dataclass(frozen=True)
class Head:
    """One violation under one regime.

    Attributes
    ----------
    standing
        ``explicit``, ``within_named_right``, ``within_catch_all``, ``not_listed`` or ``no_text``.
    paragraphs
        Of the source.
    condition
        What must be so besides, as a key of ``regimes.json``; ``None`` if nothing.
    through
        The wider type whose row this is, where the violation has none of its own.
    """

    regime: str
    violation: str
    standing: str
    paragraphs: str
    condition: str | None = None
    through: str | None = None


@dataclass(frozen=True)
class LegalRow:
    """What the records hold under one head.

    Attributes
    ----------
    counted
        All acts of the violation.
    conditioned
        Of these, acts whose record speaks for the condition; ``None`` where there is none, or only a pattern would do.
    met
        Whether the records speak for the condition: ``cannot tell`` for a pattern, which only a person can find.
    years
        Counts over time.
    inferred
        Whether the regime does not name the violation outright: a lawyer must confirm that it falls under the head.
    """

    head: Head
    counted: Tally
    conditioned: Tally | None
    met: Answer
    years: tuple[Year, ...]
    inferred: bool


@cache
def regimes() -> dict[str, Regime]:
    """Regimes by id."""
    return {
        one["id"]: Regime(
            one["id"], one["jurisdiction"], one["en"], one["ko"], tuple(one["paragraphs"]), one["text_read"]
        )
        for one in vocabulary("regimes")["regimes"]
    }


def legal_notes(language: str = "en") -> tuple[str, ...]:
    """What is inconsistent in the source, and how the table goes about it."""
    return tuple(pair[language == "ko"] for pair in vocabulary("regimes")["notes"])


def standing_in_words(head: Head, language: str = "en") -> str:
    """A standing with its condition, in words of a language."""
    data, at = vocabulary("regimes"), int(language == "ko")
    words = str(data["standings"][head.standing][at])
    return f"{words}; {data['conditions'][head.condition][at]}" if head.condition else words


def heads_of(violation: str) -> tuple[Head, ...]:
    """Where a violation stands in every regime; one without a row takes its wider type's, and says so."""
    known = violation_called(violation)
    matrix = vocabulary("regimes")["matrix"]
    name, through = _row_of(known, matrix)
    found = []
    for regime in regimes().values():
        entry = matrix[name].get(regime.id) if name else None
        if entry is None:
            standing = "not_listed" if regime.text_read and name is None else "no_text"
            found.append(Head(regime.id, violation, standing, ", ".join(regime.paragraphs)))
        else:
            found.append(
                Head(regime.id, violation, entry["standing"], entry["paragraphs"], entry.get("condition"), through)
            )
    return tuple(found)


def _row_of(known: Violation | None, matrix: dict[str, object]) -> tuple[str | None, str | None]:
    if known is None:
        return None, None
    if known.id in matrix:
        return known.id, None
    return (known.parent, known.parent) if known.parent in matrix else (None, None)


def mapping(incidents: Iterable[Incident], *, regime: str | None = None) -> tuple[LegalRow, ...]:
    """What records hold under each head of one regime or of all, heads with nothing under them left out.

    Rows come in the order of the regimes and then of the violations; a regime whose text was not read has none.
    """
    told = current(incidents)
    named = {violations_of(act)[0] for one in told for act in one.acts}
    order = [name for name in violations() if name in named] + sorted(named - set(violations()))
    rows = []
    for one in regimes().values():
        if regime not in (None, one.id):
            continue
        for name in order:
            head = next(head for head in heads_of(name) if head.regime == one.id)
            if head.standing not in ("not_listed", "no_text"):
                rows.append(_row(told, head))
    return tuple(rows)


def _row(told: Sequence[Incident], head: Head) -> LegalRow:
    def mine(act: Act) -> bool:
        return violations_of(act)[0] == head.violation

    some = [one for one in told if any(mine(act) for act in one.acts)]
    counted, conditioned, met = tally(some, of=mine), None, Answer.YES
    if head.condition is not None:
        met = Answer.CANNOT_TELL
    if head.condition == "victim activity":
        conditioned = tally(some, of=lambda act: mine(act) and (doing := activity_of(act)) is not None
                            and doing.named_right)  # fmt: skip
        if conditioned.acts:
            met = Answer.YES
        elif all(act.victim_activity for one in some for act in one.acts if mine(act)):
            met = Answer.NO
    return LegalRow(head, counted, conditioned, met, timeline(some), head.standing != "explicit")
