"""What kind of building or room a label names, in English or Korean: the vocabulary in ``data/place_words.json``."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

__all__ = ["Named", "building_named", "main_kind", "role_of", "room_named", "said_alike"]

Table = Literal["buildings", "rooms"]

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_KOREAN_ORDINALS = ("첫", "둘", "셋", "넷", "다섯", "여섯", "일곱", "여덟", "아홉", "열")
_STOP = frozenset(("the", "a", "an", "no", "nr", "number", "of", "old", "big", "small"))
_HANGUL = re.compile(r"[\uac00-\ud7a3]")


@dataclass(frozen=True)
class Named:
    """What a label says.

    Attributes
    ----------
    kind
        Of the vocabulary; ``None`` for a label that has no word of it.
    number
        ``3`` in "barracks 3", "third hut" and "3호동".
    rest
        Words of the label that the vocabulary does not account for, sorted.
    many
        Whether a facility has several of this kind, so that the word alone is no name.
    role
        Role of a room of this kind, where it has one.
    """

    kind: str | None
    number: int | None = None
    rest: tuple[str, ...] = ()
    many: bool = False
    role: str | None = None

    def means(self, other: Named) -> bool:
        """Whether both labels say the same: kind, number and all other words."""
        same = (self.kind, self.number, self.rest) == (other.kind, other.number, other.rest)
        return self.kind is not None and same


@dataclass(frozen=True)
class _Entry:
    kind: str
    words: tuple[str, ...]
    many: bool
    role: str | None
    main_of: tuple[str, ...]


@cache
def _vocabulary(table: Table) -> tuple[tuple[tuple[str, ...], _Entry], ...]:
    """Every term with its entry, longest first; an English term as its words, a Korean one as a single string."""
    text = files("geoinv").joinpath("facilities/data/place_words.json").read_text(encoding="utf-8")
    entries: Sequence[Mapping[str, Any]] = json.loads(text)[table]
    terms = []
    for item in entries:
        entry = _Entry(
            kind=item["kind"],
            words=(*item["en"], *item["ko"]),
            many=bool(item.get("many")),
            role=item.get("role"),
            main_of=tuple(item.get("main_of", ())),
        )
        terms += [(tuple(_singular(word) for word in _words(term)), entry) for term in item["en"]]
        terms += [((term.replace(" ", ""),), entry) for term in item["ko"]]
    return tuple(sorted(terms, key=lambda pair: (-len(pair[0]), -len("".join(pair[0])), pair[0])))


def building_named(label: str | None) -> Named:
    """What a building's label says."""
    return _named(label or "", "buildings")


def room_named(label: str | None) -> Named:
    """What a room's label says."""
    return _named(label or "", "rooms")


def role_of(label: str | None) -> str | None:
    """The role a room's label tells, ``None`` if none."""
    return room_named(label).role


def main_kind(facility_kind: str | None) -> str | None:
    """The kind of the building that a facility of this kind mainly is: a detention centre's is a detention block."""
    found = (entry.kind for _, entry in _vocabulary("buildings") if facility_kind in entry.main_of)
    return next(found, None) if facility_kind else None


def said_alike(one: str | None, other: str | None) -> bool:
    """Whether two labels are the same words, but for case, width, brackets and articles."""
    first, second = (tuple(_words(text or "")) for text in (one, other))
    return bool(first) and first == second


@cache
def _named(label: str, table: Table) -> Named:
    text = re.sub(r"[×x]\s*\d+", " ", label)  # "punishment cells ×6" is six of them, not the sixth
    number, words = _numbered(_words(text))
    hangul = "".join(word for word in words if _HANGUL.search(word))
    latin = [_singular(word) for word in words if not _HANGUL.search(word)]
    for term, entry in _vocabulary(table):
        if _HANGUL.search(term[0]):
            if term[0] in hangul:
                left = hangul.replace(term[0], "", 1).removeprefix("제").removeprefix("호").removesuffix("호")
                return Named(
                    entry.kind, number, tuple(sorted((*latin, *filter(None, (left,))))), entry.many, entry.role
                )
        else:
            at = _position(term, latin)
            if at is not None:
                left_words = (*latin[:at], *latin[at + len(term) :], *filter(None, (hangul,)))
                return Named(entry.kind, number, tuple(sorted(left_words)), entry.many, entry.role)
    return Named(None, number, tuple(sorted(words)))


def _words(text: str) -> list[str]:
    """Words in lower case, of one width, without brackets and articles; a possessive is its noun."""
    plain = unicodedata.normalize("NFKC", re.sub(r"\([^)]*\)", " ", text)).casefold().replace("’", "'")
    plain = re.sub(r"(?<=\w)'s\b|(?<=s)'", "", plain)
    found = re.findall(r"[\uac00-\ud7a3]+|[^\W\d_]+|\d+", plain)
    return [word for word in found if word not in _STOP]


def _numbered(words: Sequence[str]) -> tuple[int | None, list[str]]:
    """The first number among words, in digits or spelt out, and the words without it."""
    for index, word in enumerate(words):
        number = _number(word)
        if number is not None:
            return number, [*words[:index], *words[index + 1 :]]
    return None, list(words)


def _number(word: str) -> int | None:
    if word.isdecimal():
        return int(word)
    if word in _ORDINALS:
        return _ORDINALS.index(word) + 1
    stem = word.removesuffix("째")
    return _KOREAN_ORDINALS.index(stem) + 1 if stem != word and stem in _KOREAN_ORDINALS else None


def _singular(word: str) -> str:
    if _HANGUL.search(word) or len(word) < 4 or word.endswith("ss"):
        return word
    return word[:-1] if word.endswith("s") else word


def _position(term: Sequence[str], words: Sequence[str]) -> int | None:
    """Where a term's words stand in a row, ``None`` if they do not."""
    for start in range(len(words) - len(term) + 1):
        if tuple(words[start : start + len(term)]) == tuple(term):
            return start
    return None
