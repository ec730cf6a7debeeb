"""Finding a facility by any spelling: a folding key that only blocks, ranked candidates with reasons, homonym warnings.

Identity is agency, type and place; never proximity and never a number. The key is never an identity: different
counties share one.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from geoinv.records.facility import Facility
from geoinv.records.places import LonLat

__all__ = ["Candidate", "find", "fold", "homonyms"]

#: Letters that the romanisations of Korean write in different ways, in the order in which they are merged.
_MERGED = (
    *(("eo", "o"), ("eu", "u"), ("ae", "e"), ("ch", "j"), ("kh", "k"), ("th", "t"), ("ph", "p"), ("sh", "s")),
    *(("g", "k"), ("d", "t"), ("b", "p"), ("r", "l"), ("y", "i"), ("w", "u")),
)
_SUFFIX = re.compile(r"[\s-]+(ri|up|eup|gun|si|shi|kun|county|city|dong)$")
_SYLLABLE_FIRST = 0xAC00
#: Initial consonants, vowels and finals of a Hangul syllable in code order (Unicode 3.12), ``_`` for none.
_INITIALS, _VOWELS, _FINALS = (
    letters.split(" ")
    for letters in (
        "g kk n d tt r m b pp s ss _ j jj ch k t p h",
        "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i",
        "_ k k k n n n t l k m l l l p l m p p t t ng t t k t p t",
    )
)
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


def _romanised(text: str) -> str:
    """Hangul syllables in Latin letters (Revised Romanisation letter by letter), everything else as it was."""
    result = []
    for letter in unicodedata.normalize("NFC", text):
        code = ord(letter) - _SYLLABLE_FIRST
        if 0 <= code < 11_172:
            parts = (_INITIALS[code // 588], _VOWELS[code % 588 // 28], _FINALS[code % 28])
            result.append("".join(part for part in parts if part != "_"))
        else:
            result.append(letter)
    return "".join(result)


def fold(name: str) -> str:
    """A blocking key: one for all spellings of a name, romanised or Hangul; never an identity.

    Diacritics, apostrophes and administrative endings fall away; k/g, t/d, p/b, ch/j, r/l, eo/o and eu/u are merged.
    """
    hangul = re.sub(r"(?<=[\uac00-\ud7a3])(리|읍|군|시)(?=\s|$)", "", unicodedata.normalize("NFC", name))
    text = unicodedata.normalize("NFKD", _romanised(hangul).casefold().replace("ŏ", "o").replace("ŭ", "u"))
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    text = re.sub(r"['’ʼ`‘]", "", text)
    text = re.sub(r"(?<=\w{4})ri$", "", _SUFFIX.sub("", text.strip()))
    text = re.sub(r"[^\w]+", "", text).replace("_", "")
    for spelling, letter in _MERGED:
        text = text.replace(spelling, letter)
    return re.sub(r"(.)\1+", r"\1", text)


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
    found = []
    for facility in facilities:
        score, reasons = _score(text, facility)
        if score >= least:
            found.append(
                Candidate(facility.slug, facility.name, round(score, 4), reasons, warned.get(facility.slug, ()))
            )
    return tuple(sorted(found, key=lambda candidate: (-candidate.score, candidate.slug)))


def _names(facility: Facility) -> tuple[str, ...]:
    return tuple(dict.fromkeys((facility.name, *facility.other_names, *(dated.name for dated in facility.names))))


def _alike(first: str, second: str) -> float:
    return difflib.SequenceMatcher(None, first, second, autojunk=False).ratio() if first and second else 0.0


def _score(text: str, facility: Facility) -> tuple[float, tuple[str, ...]]:
    wanted, key = text.strip().casefold(), fold(text)
    if not wanted:
        return 0.0, ()
    scored: list[tuple[float, str]] = []
    for name in _names(facility):
        given = name.casefold()
        if wanted == given:
            scored.append((1.0, f"the same name: “{name}”"))
        elif key and key == fold(name):
            scored.append((0.95, f"another spelling of “{name}”"))
        elif len(wanted) > 1 and wanted in given:
            scored.append((0.85, f"part of “{name}”"))
        elif len(key) > 2 and key in fold(name):
            scored.append((0.8, f"another spelling of part of “{name}”"))
        else:
            likeness = max(_alike(key, fold(name)), _words_alike(text, name))
            if likeness > 0.6:
                scored.append((0.75 * likeness, f"sounds like “{name}”"))
    if wanted == facility.slug.casefold():
        scored.append((1.0, "its folder's name"))
    best = max(scored, default=(0.0, ""))
    reasons: list[str] = []
    words = set(re.findall(r"\w+", wanted))
    bonus = 0.0
    for label, value in (("agency", facility.agency), ("type", facility.kind), ("place", facility.place)):
        known = set(re.findall(r"\w+", (value or "").casefold()))
        if words and words <= known or (value and key and key == fold(value)):
            best = max(best, (0.85, f"its {label} is {value}"))
        elif known & words:
            bonus += 0.05
            reasons.append(f"its {label} is {value}")
    reasons = [best[1], *(reason for reason in reasons if reason != best[1])] if best[1] else reasons
    numbers = {int(word) for word in words if word.isdigit()}
    if numbers & {int(word) for name in _names(facility) for word in re.findall(r"\d+", name)}:
        bonus += 0.1
        reasons.append("the same number, which alone identifies nothing")
    return min(1.0, best[0] + bonus), tuple(reasons)


def _words_alike(text: str, name: str) -> float:
    """Mean over the words of the text of the best likeness among the name's words."""
    keys = [fold(word) for word in re.findall(r"\w+", name)]
    wanted = [fold(word) for word in re.findall(r"\w+", text)]
    return float(np.mean([max((_alike(w, k) for k in keys), default=0.0) for w in wanted])) if wanted else 0.0


def homonyms(
    facilities: Sequence[Facility], *, places: Mapping[str, LonLat] | None = None
) -> dict[str, tuple[str, ...]]:
    """Warnings by slug: which facilities can be mistaken for each other, by name or because they lie within 200 m."""
    known = places or {}
    found: dict[str, list[str]] = {facility.slug: [] for facility in facilities}
    keys = {facility.slug: [fold(name) for name in _names(facility)] for facility in facilities}
    for index, first in enumerate(facilities):
        for second in facilities[index + 1 :]:
            alike = max((_alike(a, b) for a in keys[first.slug] for b in keys[second.slug]), default=0.0)
            texts = []
            if alike >= 0.88:
                texts.append(f"has nearly the same name; {_apart(first, second)}")
            if first.slug in known and second.slug in known:
                gap = _distance(known[first.slug], known[second.slug])
                if gap <= _NEAR_M:
                    texts.append(f"lies only {gap:.0f} m away; being near is not being the same")
            for text in texts:
                found[first.slug].append(f"“{second.name}” ({second.slug}) {text}")
                found[second.slug].append(f"“{first.name}” ({first.slug}) {text}")
    return {slug: tuple(texts) for slug, texts in found.items() if texts}


def _apart(first: Facility, second: Facility) -> str:
    """What tells two facilities apart: agency, type and place."""
    pairs = (
        ("agency", first.agency, second.agency),
        ("type", first.kind, second.kind),
        ("place", first.place, second.place),
    )
    differing = [f"{label} ({a or 'unknown'} / {b or 'unknown'})" for label, a, b in pairs if a != b]
    return f"they differ in {', '.join(differing)}" if differing else "agency, type and place do not tell them apart"


def _distance(a: LonLat, b: LonLat) -> float:
    """Great-circle distance on the mean sphere, metres (haversine)."""
    lon1, lat1, lon2, lat2 = np.radians([*a, *b])
    h = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    return float(2 * _EARTH_M * np.arcsin(np.sqrt(h)))
