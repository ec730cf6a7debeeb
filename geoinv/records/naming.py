"""Where names stand in words, however their letters are written: codenames, names of files, people and places.

Korean joins its particles to a name (``w1은``, ``올빼미가``), so that what ends a word in English ends none there;
files of some machines hold Hangul in pieces (Unicode NFD), and programs leave characters that nobody sees.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["Naming", "folded", "visible"]

#: Letters and digits of scripts in which a word goes on for as long as they do.
_LATIN = re.compile(r"[0-9a-zà-öø-ɏ]+")
#: What may follow a Korean name in one word: how somebody is addressed, and particles.
_PARTICLE = re.compile(
    r"(?:씨|님|들)?(?:에게서|한테서|에게|에서|께서|한테|부터|까지|처럼|보다|마저|조차|라고|라는|으로|이랑|이나|이다|이며|였다"
    r"|이라고|이라는|이었다|이|가|은|는|을|를|의|에|께|와|과|랑|도|만|로|나|며)?(?![\w-])"
)
#: What stands between a name's letters and its number, as people write it: ``KF-0142``, ``w 1``.
_BEFORE_NUMBER = re.compile(r"(?<=[^\W\d_])[\s._-]+(?=\d)")


def folded(text: str) -> str:
    """A text as it is compared: compatible letters as one (Unicode NFKC), small, without characters nobody sees."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return plain if plain.isascii() else "".join(one for one in plain if unicodedata.category(one) != "Cf")


def visible(text: str) -> str:
    """A text without characters that nobody sees and that turn or hide others (Unicode Cc, Cf), but for line breaks."""
    return "".join(one for one in text if one in "\n\t" or unicodedata.category(one) not in ("Cc", "Cf"))


class Naming:
    """Names to be found in texts.

    Parameters
    ----------
    names
        Any; empty ones are passed over.
    """

    def __init__(self, names: Iterable[str]) -> None:
        told = {folded(name).strip() for name in names} - {""}
        self._names = _by_first_run(told)
        self._loose = _by_first_run({_BEFORE_NUMBER.sub("", name) for name in told})

    def search(self, text: str) -> bool:
        """Whether one of them stands in a text: as a word of its own, or as a part of a Korean one.

        ``w1`` stands in ``sketch-w1.svg`` and in ``w1은``, not in ``w12``.
        """
        return any(_places(folded(text), self._names))

    def loosely(self, text: str) -> bool:
        """As ``search``, and also where a name's number is written apart from its letters (``W-1``)."""
        plain = folded(text)
        return any(_places(plain, self._names)) or any(_places(_BEFORE_NUMBER.sub("", plain), self._loose))

    def as_word(self, text: str) -> bool:
        """Whether one of them is a whole word of a text, with no more than a Korean particle at its end."""
        return next(self._words(text), None) is not None

    def words_of(self, text: str) -> tuple[str, ...]:
        """Those of them that are whole words of a text, as they are compared, sorted."""
        return tuple(sorted(set(self._words(text))))

    def _words(self, text: str) -> Iterator[str]:
        plain = folded(text)
        for at, end in _places(plain, self._names):
            before = plain[at - 1 : at]
            if before in ("-", "_") or (before.isalnum() and not _parts(plain[at], before)):
                continue
            if _PARTICLE.match(plain, end) if _is_joined(plain[end - 1]) else plain[end : end + 1] not in ("-", "_"):
                yield plain[at:end]


def _by_first_run(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Names by the first run of Latin letters and digits in them, under ``""`` those without any."""
    found: dict[str, list[str]] = {}
    for name in sorted(names):
        run = _LATIN.search(name)
        found.setdefault(run.group() if run else "", []).append(name)
    return {run: tuple(those) for run, those in found.items()}


def _places(plain: str, names: Mapping[str, Sequence[str]]) -> Iterator[tuple[int, int]]:
    """Where names begin and end, where neither end is inside a Latin word or a number.

    So a run of Latin letters in a name is a whole one of the text: names of which none is there are never looked for.
    """
    for run in sorted(names.keys() & {"", *_LATIN.findall(plain)}):
        for name in names[run]:
            at = plain.find(name)
            while at >= 0:
                end = at + len(name)
                if not _goes_on(plain, at) and not _goes_on(plain, end):
                    yield at, end
                at = plain.find(name, at + 1)


def _goes_on(plain: str, at: int) -> bool:
    """Whether a Latin word or a number goes on over a place in a text."""
    return 0 < at < len(plain) and bool(_LATIN.match(plain[at - 1]) and _LATIN.match(plain[at]))


def _is_joined(letter: str) -> bool:
    """Whether a letter is of a script whose words are joined to others without a space."""
    return letter.isalpha() and not _LATIN.match(letter)


def _parts(one: str, other: str) -> bool:
    """Whether two letters beside each other are of two kinds of script, so that a word may begin between them."""
    return bool(_LATIN.match(one)) != bool(_LATIN.match(other))
