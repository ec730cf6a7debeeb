"""The words of the field as versioned data, English and Korean: agencies, kinds of facilities, violations, places.

Every entry names where it was read (``sources`` of its file); ``background`` is general knowledge, to be checked before
it is printed. Names of agencies have dates: which name was in use is asked with ``Agency.name_on``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Literal

from geoinv.records.dates import PartialDate
from geoinv.records.measures import Answer

__all__ = [
    "Activity",
    "Agency",
    "Published",
    "Term",
    "Theme",
    "Violation",
    "activities",
    "agencies",
    "agency_of",
    "facility_types",
    "involvements",
    "kind_of_facility",
    "pillars",
    "published_totals",
    "term_of",
    "themes",
    "violation_called",
    "violations",
    "vocabulary",
]

Name = Literal["agencies", "facility_types", "violations", "regimes", "place_names", "place_words"]


@cache
def vocabulary(name: Name) -> Mapping[str, Any]:
    """One vocabulary as its file has it: ``version``, ``about``, ``sources`` and its entries."""
    data: dict[str, Any] = json.loads(files("geoinv").joinpath(f"facilities/data/{name}.json").read_text("utf-8"))
    return data


@dataclass(frozen=True)
class Term:
    """An entry of a vocabulary.

    Attributes
    ----------
    id
        How records name it.
    en, ko
        What people read.
    aka
        Other words for it, in any spelling.
    sources
        Where it was read.
    """

    id: str
    en: str
    ko: str
    aka: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def word(self, language: str) -> str:
        """The entry in a language (``en`` or ``ko``)."""
        return self.ko if language == "ko" else self.en

    @property
    def words(self) -> tuple[str, ...]:
        """Everything it is called."""
        return tuple(dict.fromkeys((self.id, self.en, self.ko, *self.aka)))


@dataclass(frozen=True)
class Agency(Term):
    """Who runs places of detention; ``names`` are its own by period, with the source of each."""

    names: tuple[tuple[str, str, PartialDate, str], ...] = ()

    def name_on(self, date: PartialDate, language: str = "en") -> str:
        """The name surely in use at a date, or today's where that cannot be told."""
        sure = [name for name in self.names if date.within(name[2]) is Answer.YES]
        if len(sure) != 1:
            return self.word(language)
        english, korean, _, _ = sure[0]
        return korean if language == "ko" else english

    @property
    def words(self) -> tuple[str, ...]:
        """Everything it is or was called."""
        return tuple(dict.fromkeys((*super().words, *(word for name in self.names for word in (name[0], name[1])))))


@dataclass(frozen=True)
class Published:
    """A figure that was published of a violation, and whether its label was printed beside it or is inferred."""

    acts: int
    status: Literal["printed", "inferred"]
    other_reading: int | None = None


@dataclass(frozen=True)
class Violation(Term):
    """A type of violation.

    Attributes
    ----------
    parent
        The wider type it is a kind of; it is counted under both.
    chart
        The quantified analysis it belongs to (``freedom exercised``: paragraph 18; ``guarantee denied``: 19).
    paragraphs
        Of the source that names it.
    """

    parent: str | None = None
    chart: Literal["freedom exercised", "guarantee denied"] | None = None
    paragraphs: tuple[str, ...] = ()
    published: Published | None = None


@dataclass(frozen=True)
class Activity(Term):
    """What a victim was doing; ``named_right`` where paragraph 38d names exactly that right."""

    named_right: bool = False


def _term(item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": item["id"],
        "en": item["en"],
        "ko": item["ko"],
        "aka": tuple(item.get("aka", ())),
        "sources": tuple(item.get("sources", ())),
    }


@cache
def agencies() -> Mapping[str, Agency]:
    """Agencies by id."""
    found = {}
    for item in vocabulary("agencies")["terms"]:
        names = tuple((one["name"], one["ko"], PartialDate(one["period"]), one["source"]) for one in item["names"])
        found[item["id"]] = Agency(**_term(item), names=names)
    return found


@cache
def facility_types() -> Mapping[str, Term]:
    """Kinds of facilities by id."""
    return {item["id"]: Term(**_term(item)) for item in vocabulary("facility_types")["terms"]}


@cache
def violations() -> Mapping[str, Violation]:
    """Types of violations by id."""
    found = {}
    for item in vocabulary("violations")["terms"]:
        given = item.get("published")
        published = Published(given["acts"], given["status"], given.get("or")) if given else None
        more = {key: item.get(key) for key in ("parent", "chart")}
        found[item["id"]] = Violation(
            **_term(item), **more, paragraphs=tuple(item.get("paragraphs", ())), published=published
        )
    return found


@dataclass(frozen=True)
class Theme(Term):
    """A collection over the same records: acts of these violations, or done to people for these activities."""

    violations: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()


@cache
def themes() -> Mapping[str, Theme]:
    """Theme collections by id (paragraph 47 and others)."""
    return {
        item["id"]: Theme(**_term(item), violations=tuple(item["violations"]), activities=tuple(item["activities"]))
        for item in vocabulary("violations")["themes"]
    }


@cache
def involvements() -> Mapping[str, Term]:
    """Degrees of a perpetrator's involvement by id."""
    return {item["id"]: Term(**_term(item)) for item in vocabulary("violations")["involvements"]}


@cache
def activities() -> Mapping[str, Activity]:
    """What victims were doing, by id."""
    rows = vocabulary("violations")["activities"]
    return {item["id"]: Activity(**_term(item), named_right=item["named_right"]) for item in rows}


def pillars() -> Mapping[str, Term]:
    """The three pillars of an investigation by id (paragraph 44)."""
    return {item["id"]: Term(**_term(item)) for item in vocabulary("violations")["pillars"]}


def published_totals() -> Mapping[str, int]:
    """Incidents, facilities, victims and perpetrators as published (paragraph 45)."""
    return {key: value for key, value in vocabulary("violations")["published_totals"].items() if key != "paragraph"}


def _plain(text: str) -> str:
    return re.sub(r"[\s'’.-]+", " ", text).strip().casefold()


def _holds(text: str, word: str) -> bool:
    """Whether a text holds a word or phrase: a whole one in Latin letters, any part in Hangul."""
    wanted = _plain(word)
    if not wanted.isascii():
        return wanted.replace(" ", "") in text.replace(" ", "")
    return re.search(rf"(?<![a-z0-9]){re.escape(wanted)}(?![a-z0-9])", text) is not None


def term_of(text: str | None, terms: Mapping[str, Term]) -> Term | None:
    """The entry a text names: the one whose longest word it holds, ``None`` where none or several are as long."""
    if not text or not text.strip():
        return None
    if text in terms:
        return terms[text]
    plain = _plain(text)
    best: dict[int, set[str]] = {}
    for term in terms.values():
        lengths = [len(_plain(word)) for word in term.words if _holds(plain, word)]
        if lengths:
            best.setdefault(max(lengths), set()).add(term.id)
    if not best:
        return None
    top = best[max(best)]
    return terms[next(iter(top))] if len(top) == 1 else None


@lru_cache(maxsize=16_384)
def agency_of(text: str | None) -> Agency | None:
    """The agency a text names, by any of its names: ``MPS`` and ``인민보안성`` are the Ministry of Social Security."""
    found = term_of(text, agencies())
    return agencies()[found.id] if found else None


@lru_cache(maxsize=16_384)
def kind_of_facility(text: str | None) -> Term | None:
    """The kind of facility a text names."""
    return term_of(text, facility_types())


@lru_cache(maxsize=16_384)
def violation_called(text: str) -> Violation | None:
    """The violation a record names, by id or in words; ``None`` for one the vocabulary does not have."""
    found = term_of(text, violations())
    return violations()[found.id] if found else None
