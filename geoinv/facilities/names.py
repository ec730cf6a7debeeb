"""Finding a facility by any spelling: a folding key that only blocks, ranked candidates with reasons, homonym warnings.

Identity is agency, type and place; never proximity and never a number. The key is never an identity: different
counties share one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz

from geoinv.facilities.identity import Identity, identity_of, place_key, place_names
from geoinv.facilities.spelling import fold
from geoinv.facilities.vocabulary import Agency, Term, agency_of, kind_of_facility
from geoinv.records.facility import Facility
from geoinv.records.places import LonLat

__all__ = ["Candidate", "find", "fold", "homonyms"]

#: Words of a place that say nothing of which it is.
_GENERAL = frozenset({"county", "province", "city", "district", "the", "of", "gun", "do", "si"})
#: Likeness of two folded names from which they can be taken for each other.
_NEARLY = 0.88
_NEAR_M = 200.0
_EARTH_M = 6_371_008.8


@dataclass(frozen=True)
class Candidate:
    """One facility that a text may mean.

    Attributes
    ----------
    slug, name
        Of the facility.
    score
        0–1, comparable within one search only.
    reasons
        What speaks for it, in words.
    warnings
        With which other facilities it can be mistaken, in words.
    """

    slug: str
    name: str
    score: float
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def find(
    text: str,
    facilities: Sequence[Facility],
    *,
    places: Mapping[str, LonLat] | None = None,
    least: float = 0.35,
) -> tuple[Candidate, ...]:
    """Facilities that a text may mean, best first, with reasons and homonym warnings.

    Parameters
    ----------
    text
        Any spelling, Hangul, a number, an agency or a place, in any order.
    facilities
        Among which to look.
    places
        Best known places by slug, so that a facility within 200 m of another warns.
    least
        Candidates below this score are left out.
    """
    warned = homonyms(facilities, places=places)
    asked = _Asked.read(text)
    found = []
    for facility in facilities:
        score, reasons = _score(asked, facility, identity_of(facility))
        if score >= least:
            found.append(
                Candidate(facility.slug, facility.name, round(score, 4), reasons, warned.get(facility.slug, ()))
            )
    return tuple(sorted(found, key=lambda candidate: (-candidate.score, candidate.slug)))


def _alike(first: str, second: str) -> float:
    return fuzz.ratio(first, second) / 100 if first and second else 0.0


@dataclass(frozen=True)
class _Asked:
    """What a search text asks for."""

    text: str
    key: str
    place: str
    agency: Agency | None
    kind: Term | None
    words: frozenset[str]
    numbers: frozenset[int]

    @classmethod
    def read(cls, text: str) -> _Asked:
        plain = unicodedata.normalize("NFC", text.strip()).casefold()
        words = frozenset(re.findall(r"\w+", plain))
        numbers = frozenset(int(word) for word in words if word.isdecimal())
        return cls(plain, fold(text), place_key(text), agency_of(text), kind_of_facility(text), words, numbers)


def _score(asked: _Asked, facility: Facility, known: Identity) -> tuple[float, tuple[str, ...]]:
    if not asked.text:
        return 0.0, ()
    best, why = _by_name(asked, facility)
    for score, reason in _by_field(asked, facility):
        if score > best:
            best, why = score, reason
    if not best:
        return 0.0, ()
    reasons, change = [why], 0.0
    for label, wanted, there in (("agency", asked.agency, known.agency), ("type", asked.kind, known.kind)):
        if wanted is not None and there is not None:
            fits = wanted.id == there
            change += 0.08 if fits else -0.2
            reasons.append(f"its {label} is {wanted.en}" if fits else f"but its {label} is not the {wanted.en}")
    place = {word for word in re.findall(r"\w+", (facility.place or "").casefold()) if word not in _GENERAL}
    if place & asked.words:
        change += 0.05
        reasons.append(f"its place is {facility.place}")
    if asked.numbers & {int(word) for name in place_names(facility) for word in re.findall(r"\d+", name)}:
        change += 0.1
        reasons.append("the same number, which alone identifies nothing")
    return min(1.0, max(0.0, best + change)), tuple(dict.fromkeys(reasons))


def _by_name(asked: _Asked, facility: Facility) -> tuple[float, str]:
    """The best of a facility's names, and how it fits."""
    scored: list[tuple[float, str]] = [(0.0, "")]
    if asked.text == facility.slug.casefold():
        scored.append((1.0, "its folder's name"))
    for name in place_names(facility):
        given, key = unicodedata.normalize("NFC", name).casefold(), fold(name)
        if asked.text == given:
            scored.append((1.0, f"the same name: “{name}”"))
        elif asked.key and asked.key == key:
            scored.append((0.95, f"another spelling of “{name}”"))
        elif asked.place and asked.place == place_key(name):
            scored.append((0.9, f"names the same place as “{name}”"))
        elif len(asked.text) > 1 and asked.text in given:
            scored.append((0.85, f"part of “{name}”"))
        elif len(asked.key) > 2 and asked.key in key:
            scored.append((0.8, f"another spelling of part of “{name}”"))
        else:
            likeness = max(_alike(asked.key, key), _alike(asked.place, place_key(name)), _words_alike(asked, name))
            if likeness > 0.6:
                scored.append((0.75 * likeness, f"sounds like “{name}”"))
    return max(scored)


def _by_field(asked: _Asked, facility: Facility) -> list[tuple[float, str]]:
    """Agency, kind or place alone."""
    found = []
    for label, value in (("agency", facility.agency), ("type", facility.kind), ("place", facility.place)):
        known = set(re.findall(r"\w+", (value or "").casefold()))
        if value and ((asked.words and asked.words <= known) or (asked.key and asked.key == fold(value))):
            found.append((0.8, f"its {label} is {value}"))
    if not asked.place:  # nothing but an agency or a kind was asked for
        identity = identity_of(facility)
        fits = [wanted for wanted, there in ((asked.agency, identity.agency), (asked.kind, identity.kind)) if wanted
                and wanted.id == there]  # fmt: skip
        if fits:
            found.append((0.7, f"it is known as one of the {fits[0].en}'s or as a {fits[-1].en}" if len(fits) > 1
                          else f"its name or record says {fits[0].en}"))  # fmt: skip
    return found


def _words_alike(asked: _Asked, name: str) -> float:
    """Mean over the words of the text of the best likeness among the name's words."""
    keys = [fold(word) for word in re.findall(r"\w+", name)]
    wanted = [fold(word) for word in sorted(asked.words)]
    return sum(max((_alike(w, k) for k in keys), default=0.0) for w in wanted) / len(wanted) if wanted else 0.0


def homonyms(
    facilities: Sequence[Facility], *, places: Mapping[str, LonLat] | None = None
) -> dict[str, tuple[str, ...]]:
    """Warnings by slug: which facilities can be mistaken for each other.

    They can where their names are nearly the same, where they are of one place and one kind or share a number, and
    where they lie within 200 m of each other or on one point.
    """
    known = places or {}
    found: dict[str, list[str]] = {facility.slug: [] for facility in facilities}
    names = [_Names.of(facility) for facility in facilities]
    for index, first in enumerate(names):
        for second in names[index + 1 :]:
            a, b = first.facility, second.facility
            texts = [text for text in (_named_alike(first, second),) if text]
            if a.slug in known and b.slug in known:
                gap = _distance(known[a.slug], known[b.slug])
                if gap < 1.0:
                    texts.append("is put on the very same point; being near is not being the same")
                elif gap <= _NEAR_M:
                    texts.append(f"lies only {gap:.0f} m away; being near is not being the same")
            for text in texts:
                found[a.slug].append(f"“{b.name}” ({b.slug}) {text}")
                found[b.slug].append(f"“{a.name}” ({a.slug}) {text}")
    return {slug: tuple(texts) for slug, texts in found.items() if texts}


@dataclass(frozen=True)
class _Names:
    """A facility's names, folded once."""

    facility: Facility
    identity: Identity
    keys: tuple[str, ...]
    places: frozenset[str]
    numbers: frozenset[int]

    @classmethod
    def of(cls, facility: Facility) -> _Names:
        named = place_names(facility)
        identity = identity_of(facility)
        numbers = frozenset(int(word) for name in named for word in re.findall(r"\d+", name))
        places = frozenset(key for name in identity.places if (key := place_key(name)))
        return cls(facility, identity, tuple(fold(name) for name in named), places, numbers)


def _named_alike(first: _Names, second: _Names) -> str | None:
    """Why two facilities can be taken for each other by name, and what tells them apart; ``None`` where they cannot."""
    apart = _apart(first, second)
    if first.places & second.places and (
        first.identity.kind == second.identity.kind or None in (first.identity.kind, second.identity.kind)
    ):
        return f"has nearly the same name; {apart}"
    if any(fuzz.ratio(a, b) >= 100 * _NEARLY for a in first.keys for b in second.keys if a and b):
        return f"has nearly the same name; {apart}"
    if first.numbers & second.numbers:
        return f"bears the same number, which identifies nothing; {apart}"
    return None


def _apart(first: _Names, second: _Names) -> str:
    """What tells two facilities apart: agency, type and place."""
    a, b = first.facility, second.facility
    pairs = (
        ("agency", a.agency or first.identity.agency, b.agency or second.identity.agency),
        ("type", a.kind or first.identity.kind, b.kind or second.identity.kind),
        ("place", a.place, b.place),
    )
    differing = [f"{label} ({one or 'unknown'} / {other or 'unknown'})" for label, one, other in pairs if one != other]
    return f"they differ in {', '.join(differing)}" if differing else "agency, type and place do not tell them apart"


def _distance(a: LonLat, b: LonLat) -> float:
    """Great-circle distance on the mean sphere, metres (haversine)."""
    lon1, lat1, lon2, lat2 = np.radians([*a, *b])
    h = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    return float(2 * _EARTH_M * np.arcsin(np.sqrt(h)))
