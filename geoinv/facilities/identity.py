"""Whether two records mean one facility: agency, kind and place, never nearness, never a number, never a folded key.

Agency and kind come from their own fields, else from the name (“온성군 보위부 구류장” names the Ministry of State
Security). The answer is three-valued: what cannot be told is a question for a person (``geoinv decide merge``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from geoinv.facilities.spelling import fold, plain_spelling
from geoinv.facilities.vocabulary import Agency, Term, agencies, agency_of, facility_types, kind_of_facility, vocabulary
from geoinv.records.facility import Facility
from geoinv.records.measures import Answer

__all__ = ["Identity", "Sameness", "identity_of", "one_facility", "place_key", "place_names", "together"]

#: Words that say what kind of place a name is of, not which.
_GENERAL = re.compile(
    r"\b(county|province|city|district|prison|camp|gaol|jail|no|nr|number|the|of|centre|center|facility|"
    r"gun|kun|si|shi|do|ri|up|eup|dong|kuyok|guyeok|unit)\b|제?\d+\s*호?|\d+",
    re.IGNORECASE,
)
_HANGUL_ENDING = re.compile(r"(?<=\w)(리|읍|군|시|구역|도)(?=\s|$)")
_LEVELS = {
    "county": ("county", "gun", "군"),
    "province": ("province", "provincial", "도"),
    "city": ("city", "시"),
    "national": ("national", "central", "중앙"),
    "district": ("district", "구역"),
}


@dataclass(frozen=True)
class Identity:
    """What tells one facility from another.

    Attributes
    ----------
    agency, kind
        Ids in the vocabularies, or the words of the record where the vocabulary has no entry; ``None`` if unknown.
    places
        Names of the place, as spelled, without agency, kind and number; empty where the record names none.
    level
        ``county``, ``province`` …; ``None`` if unknown.
    """

    agency: str | None
    kind: str | None
    places: tuple[str, ...]
    level: str | None


@dataclass(frozen=True)
class Sameness:
    """Whether two records mean one facility, and what speaks for the answer, in words."""

    answer: Answer
    reasons: tuple[str, ...]


def place_names(facility: Facility) -> tuple[str, ...]:
    """Every name a facility has or had."""
    return tuple(dict.fromkeys((facility.name, *facility.other_names, *(dated.name for dated in facility.names))))


@cache
def _words_of(term: Term | Agency) -> tuple[str, ...]:
    return tuple(sorted((unicodedata.normalize("NFC", word) for word in term.words), key=lambda word: -len(word)))


@cache
def _all_words() -> tuple[str, ...]:
    terms = (*agencies().values(), *facility_types().values())
    words = {word for term in terms for word in _words_of(term) if term.id != "other" and len(word) > 1}
    return tuple(sorted(words - {"office", "station", "other"}, key=lambda word: (-len(word), word)))


@cache
def _without_kinds(name: str) -> str:
    """A name without words for agencies, kinds, levels and numbers: what is left names the place."""
    text = unicodedata.normalize("NFC", re.sub(r"\([^)]*\)", " ", name))
    for word in _all_words():
        pattern = re.escape(word)
        text = re.sub(pattern if not word.isascii() else rf"(?<![A-Za-z]){pattern}(?![A-Za-z])", " ", text, flags=re.I)
    text = _HANGUL_ENDING.sub("", _GENERAL.sub(" ", text))
    return re.sub(r"[\s,.'’“”–-]+", " ", text).strip()


@cache
def _renamed() -> dict[str, str]:
    """Folded name → folded first name of the same place, from the curated table: renames cannot be guessed."""
    table: dict[str, str] = {}
    for group in vocabulary("place_names")["aliases"]:
        first = fold(group["latin"][0])
        table |= {fold(name): first for name in (*group["latin"], *group["hangul"])}
    return table


@cache
def place_key(name: str) -> str:
    """Folded name of the place a name speaks of, renames joined: a blocking key, never an identity."""
    key = fold(_without_kinds(name))
    return _renamed().get(key, key)


@cache
def _level_of(text: str) -> str | None:
    plain = text.casefold()
    for level, words in _LEVELS.items():
        for word in words:
            if re.search(rf"\b{word}\b", plain) if word.isascii() else re.search(rf"{word}(?=\s|$)", plain):
                return level
    return None


def identity_of(facility: Facility) -> Identity:
    """Agency, kind, place and level of a facility, from its fields and, where those are silent, its names."""
    names = place_names(facility)
    agency = agency_of(facility.agency) or next(filter(None, (agency_of(name) for name in names)), None)
    kind = kind_of_facility(facility.kind) or next(filter(None, (kind_of_facility(name) for name in names)), None)
    spelled = dict.fromkeys(word for name in names if (word := _without_kinds(name)))
    level = facility.level or next(filter(None, (_level_of(name) for name in names)), None)
    return Identity(
        agency=agency.id if agency else facility.agency,
        kind=kind.id if kind else facility.kind,
        places=tuple(spelled),
        level=level.casefold() if level else None,
    )


def one_facility(first: Facility, second: Facility) -> Sameness:
    """Whether two records mean one facility.

    ``no`` where agency, kind, level or place are known to differ; ``yes`` only where agency, kind and place are all
    known and the same — the place in the same letters, the same Hangul or by the table of renames —; else nobody can
    tell from the records. Where they lie, and what number they bear, never counts.
    """
    one, other = identity_of(first), identity_of(second)
    against, unknown, same = [], [], []
    for label, a, b in (("agency", one.agency, other.agency), ("kind", one.kind, other.kind)):
        if a is None or b is None:
            unknown.append(f"the {label} of one is not known")
        elif a != b:
            against.append(f"{label}: {a} / {b}")
        else:
            same.append(f"{label}: {a}")
    if one.level and other.level and one.level != other.level:
        against.append(f"level: {one.level} / {other.level}")
    answer, why = _one_place(one, other)
    if answer is Answer.NO:
        against.append(why)
    elif answer is Answer.YES:
        same.append(why)
    else:
        unknown.append(why)
    if against:
        return Sameness(Answer.NO, tuple(against))
    return Sameness(Answer.CANNOT_TELL if unknown else Answer.YES, tuple(unknown or same))


def _one_place(one: Identity, other: Identity) -> tuple[Answer, str]:
    if not one.places or not other.places:
        return Answer.CANNOT_TELL, "the name of one gives no place"
    shown = f"{one.places[0]} / {other.places[0]}"
    mine = {plain_spelling(name) for name in one.places}
    theirs = {plain_spelling(name) for name in other.places}
    if mine & theirs:
        return Answer.YES, f"place: {shown}"
    keys, others = {place_key(name) for name in one.places}, {place_key(name) for name in other.places}
    if keys & others & set(_renamed().values()):
        return Answer.YES, f"place, by the table of renames: {shown}"
    if keys & others:
        return Answer.CANNOT_TELL, f"the places may be one name in two spellings: {shown}"
    return Answer.NO, f"place: {shown}"


def together(facilities: Sequence[Facility]) -> tuple[tuple[str, ...], ...]:
    """Slugs of records that surely mean one facility, in groups; each record is in exactly one.

    A group never holds two records of which it is known that they are two facilities, whatever a third says, and the
    groups do not depend on the order of the records. This proposes; only a person merges.
    """
    ordered = sorted(facilities, key=lambda item: item.slug)
    pairs = {
        (a.slug, b.slug): one_facility(a, b).answer for index, a in enumerate(ordered) for b in ordered[index + 1 :]
    }

    def answer(a: str, b: str) -> Answer:
        return pairs[(a, b) if a < b else (b, a)]

    groups: list[list[str]] = []
    for facility in ordered:
        slug = facility.slug
        fitting = [group for group in groups if any(answer(slug, one) is Answer.YES for one in group)]
        clear = [group for group in fitting if all(answer(slug, one) is not Answer.NO for one in group)]
        if len(clear) == 1 and len(fitting) == 1:
            clear[0].append(slug)
        else:
            groups.append([slug])
    return tuple(tuple(group) for group in groups)
