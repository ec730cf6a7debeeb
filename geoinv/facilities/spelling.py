"""Spellings of Korean names in Hangul and in every romanisation, brought together for blocking; never an identity."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["fold", "plain_spelling", "romanised"]

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


def romanised(text: str) -> str:
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


@lru_cache(maxsize=65_536)
def fold(name: str) -> str:
    """A blocking key: one for all spellings of a name, romanised or Hangul; never an identity.

    Diacritics, apostrophes and administrative endings fall away; k/g, t/d, p/b, ch/j, r/l, eo/o and eu/u are merged.
    """
    hangul = re.sub(r"(?<=\w)(리|읍|군|시)(?=\s|$)", "", unicodedata.normalize("NFC", name))
    text = unicodedata.normalize("NFKD", romanised(hangul).casefold().replace("ŏ", "o").replace("ŭ", "u"))
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    text = re.sub(r"['’ʼ`‘]", "", text)
    text = re.sub(r"(?<=\w{4})ri$", "", _SUFFIX.sub("", text.strip()))
    text = re.sub(r"[^\w]+", "", text).replace("_", "")
    for spelling, letter in _MERGED:
        text = text.replace(spelling, letter)
    return re.sub(r"(.)\1+", r"\1", text)


def plain_spelling(name: str) -> str:
    """A name without case, marks over letters, apostrophes, hyphens and spaces: the same letters are the same name."""
    text = unicodedata.normalize("NFKD", name.casefold())
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFC", text))
