"""Terms of the vocabularies as people read them, in English and Korean; what no vocabulary has stays as recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from geoinv.facilities.vocabulary import Term, agencies, facility_types, violations
from geoinv.pages.words import Language

__all__ = ["agency_word", "facility_terms", "kind_word", "violation_word"]


def _plain(text: str) -> str:
    return text.replace("_", " ").strip().casefold()


def _index(terms: Iterable[Term]) -> dict[str, Term]:
    """Terms by everything they are called; what two are called names neither."""
    found: dict[str, Term] = {}
    twice = set()
    for term in terms:
        for name in {_plain(word) for word in term.words}:
            if name in found:
                twice.add(name)
            found[name] = term
    return {name: term for name, term in found.items() if name not in twice}


@cache
def _kinds() -> dict[str, Term]:
    return _index(facility_types().values())


@cache
def _violations() -> dict[str, Term]:
    return _index(violations().values())


@cache
def _agencies() -> dict[str, Term]:
    return _index(agencies().values())


def _word(text: str, terms: dict[str, Term], language: Language) -> str:
    term = terms.get(_plain(text))
    # An English record's own words stay: a wider term must not take the place of a narrower one.
    if term is None or (language == "en" and text != term.id):
        return text.replace("_", " ")
    return term.word(language)


def kind_word(text: str, language: Language) -> str:
    """A kind of facility."""
    return _word(text, _kinds(), language)


def violation_word(text: str, language: Language) -> str:
    """A violation, or a kind of incident as recorded."""
    return _word(text, _violations(), language)


def agency_word(text: str, language: Language) -> str:
    """An agency."""
    return _word(text, _agencies(), language)


def facility_terms(language: Language) -> Callable[[dict[str, Any]], list[str]]:
    """What gives a facility's kind, agency and place in words of a language."""

    def terms(one: dict[str, Any]) -> list[str]:
        kind, agency = one.get("kind"), one.get("agency")
        told = [kind_word(kind, language) if kind else None, agency_word(agency, language) if agency else None]
        return [text for text in (*told, one.get("place")) if text]

    return terms
