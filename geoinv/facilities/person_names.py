"""Names of people in running text, in Hangul, romanised Korean and Latin script, for a person to look at.

A case holds codenames only; these patterns find what looks like more. They are careful rather than complete: a name
that nobody bears twice, or one given without a surname, is not found, and a word that is spelled like a name is.
The vocabulary is ``data/person_names.json``, with its version and where each list comes from.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

__all__ = ["NameWords", "could_be_name", "name_words", "names_in"]

#: What Korean puts behind a noun without a space; longest first.
_PARTICLES = [
    "이라고",
    "이라는",
    "이란",
    "이었다",
    "이었고",
    "이었습니다",
    "입니다",
    "이에요",
    "예요",
    "였다",
    "였습니다",
    "에게서",
    "한테서",
    "라고",
    "라는",
    "에게",
    "한테",
    "께서",
    "이랑",
    "이가",
    "이는",
    "이를",
    "이와",
    "이의",
    "이도",
    "으로",
    "에서",
    "이고",
    "이며",
    "이다",
    "은",
    "는",
    "이",
    "가",
    "을",
    "를",
    "의",
    "와",
    "과",
    "도",
    "만",
    "랑",
    "로",
    "께",
    "에",
    "야",
    "아",
]
_NOUN_ENDINGS = (
    "실 장 소 대 원 관 과 반 방 동 문 길 쪽 들 적 용 시 군 리 읍 면 도 구 역 촌 부 법 인 자 물 강 산 섬 탑 벽"
)
_HANGUL = re.compile(r"[가-힣]+")
_LABELLED = re.compile(
    r"(?:이름|성명|본명|실명|증언자|면담자|구술자|목격자|통역|[Nn]ame|[Ww]itness|[Ii]nterview(?:ee|er)|[Ii]nterpreter)"
    r"\s*(?:[:：=]|은|는|is)\s*"
)
_CAPITALISED = re.compile(r"[A-Z][a-zà-öø-ÿŏŭ]+(?:['’-][A-Za-zŏŭ][a-zŏŭ]*)*")
_WORD = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿŎŏŬŭ]+(?:['’-][A-Za-zÀ-ÖØ-öø-ÿŎŏŬŭ]+)*")
#: Without two words that begin with a capital, or one and a syllable, no name in Latin letters is looked for.
_TWO_CAPITALS = re.compile(r"[A-ZÀ-ÖŎŬ][^\s,.]*[ ,.]{1,2}[A-ZÀ-ÖŎŬ]")
_BREVES = str.maketrans({"ŏ": "o", "ŭ": "u", "Ŏ": "O", "Ŭ": "U", "’": "", "'": ""})


class NameWords:
    """The vocabulary of names, as sets."""

    def __init__(self, data: dict[str, Any]) -> None:
        def words(key: str) -> frozenset[str]:
            return frozenset(word.replace("_", " ") for line in data[key] for word in line.split())

        self.version = str(data["version"])
        self.surnames, self.compound = words("hangul_surnames"), words("hangul_compound_surnames")
        self.first, self.second = words("given_first"), words("given_second")
        self.titles, self.words, self.public = words("titles"), words("words"), words("public_figures")
        self.roman, self.doubtful = words("roman_surnames"), words("roman_doubtful")
        self.roman_given, self.latin = words("roman_given"), words("first_names")
        self.honorifics, self.nouns = words("honorifics"), words("place_nouns")

    @cached_property
    def public_romanised(self) -> frozenset[str]:
        """Public figures' names in Latin letters, folded."""
        return frozenset(_folded(name) for name in self.public if name.isascii())


@cache
def name_words() -> NameWords:
    """The vocabulary in use."""
    text = files("geoinv").joinpath("facilities/data/person_names.json").read_text(encoding="utf-8")
    return NameWords(json.loads(text))


def _folded(name: str) -> str:
    return re.sub(r"[ -]", "", name.translate(_BREVES)).casefold()


# Hangul.


def _is_word(text: str, words: NameWords) -> bool:
    """Whether a run of Hangul is an ordinary word, or one with an ending of a noun or a particle."""
    if text in words.words:
        return True
    endings = (*_PARTICLES, *_NOUN_ENDINGS.split())
    return any(text.endswith(end) and text[: -len(end)] in words.words for end in endings if len(text) > len(end) + 1)


def _bare(run: str, words: NameWords) -> tuple[str, bool]:
    """A run of Hangul without particle and title, and whether there was a title."""
    forms = [run, *(run[: -len(end)] for end in _PARTICLES if run.endswith(end) and len(run) - len(end) >= 2)]
    for form in forms:
        for title in sorted(words.titles, key=len, reverse=True):
            if form.endswith(title) and 2 <= len(form) - len(title) <= 4:
                return form[: -len(title)], True
    return min(forms[1:], key=len, default=run), False


def _parts(name: str, words: NameWords) -> tuple[str, str] | None:
    """Surname and given name, or ``None`` where a run cannot be both."""
    if name[:2] in words.compound and 3 <= len(name) <= 4:
        return name[:2], name[2:]
    if name[:1] in words.surnames and 2 <= len(name) <= 3:
        return name[:1], name[1:]
    return None


def _usual_given(given: str, words: NameWords) -> bool:
    if len(given) == 2:
        return given[0] in words.first and given[1] in words.second
    return given in words.second


def _is_hangul_name(run: str, following: str, words: NameWords) -> str | None:
    """The name at the start of a run of Hangul, if it looks like one; ``following`` is the next run."""
    after, _ = _bare(following, words)
    titled_after = following in words.titles or after in words.titles
    bare, titled = _bare(run, words)
    for form in dict.fromkeys((run, bare)):
        parts = _parts(form, words)
        if parts is None or form in words.public or _is_word(form, words) or _is_word(run, words):
            continue
        sure = titled_after or (titled and form == bare)
        if not _usual_given(parts[1], words):
            continue
        if sure or len(parts[1]) == 2:
            return form
    return None


def _hangul_names(text: str, words: NameWords) -> Iterator[tuple[int, int]]:
    runs = list(_HANGUL.finditer(text))
    for at, run in enumerate(runs):
        following = runs[at + 1] if at + 1 < len(runs) else None
        near = following is not None and not text[run.end() : following.start()].strip()
        name = _is_hangul_name(run.group(), following.group() if following and near else "", words)
        if name is not None:
            yield run.start(), run.start() + len(name)


# Latin letters.


def _given_parts(word: str, words: NameWords) -> int:
    """How many syllables usual in Korean given names a word is made of; 0 if of anything else."""
    folded = word.translate(_BREVES).casefold()
    pieces = folded.split("-")
    if len(pieces) > 1:
        return len(pieces) if len(pieces) == 2 and all(piece in words.roman_given for piece in pieces) else 0
    if folded in words.roman_given:
        return 1
    return 2 if any(folded[:cut] in words.roman_given and folded[cut:] in words.roman_given
                    for cut in range(2, len(folded) - 1)) else 0  # fmt: skip


def _roman_name(tokens: list[re.Match[str]], at: int, words: NameWords) -> int:
    """How many words from ``at`` on are a romanised Korean name; 0 if none."""
    first = tokens[at].group().translate(_BREVES)
    following = [token.group() for token in tokens[at + 1 : at + 3]]
    known = first if first in words.roman else first.capitalize() if first.isupper() and len(first) > 1 else ""
    if known in words.roman and following:
        parts = _given_parts(following[0], words) if following[0][0].isupper() else 0
        if parts == 2:
            return 2
        second = len(following) > 1 and following[1][0].isupper() and _given_parts(following[1], words) == 1
        if parts == 1 and second and known not in words.doubtful:
            return 3
    if following and "-" in first and _given_parts(first, words) == 2 and following[0] in words.roman:
        return 2
    return 0


def _latin_name(tokens: list[re.Match[str]], at: int, words: NameWords) -> int:
    """How many words from ``at`` on are a first name and a surname; 0 if none."""
    first = tokens[at].group()
    if at + 1 >= len(tokens):
        return 0
    second = tokens[at + 1].group()
    fits = _CAPITALISED.fullmatch(second) is not None and second not in words.nouns
    if first in words.latin and fits:
        return 2
    return 2 if first in words.honorifics and fits and len(second) > 2 else 0


def _latin_names(text: str, words: NameWords) -> Iterator[tuple[int, int]]:
    tokens = list(_WORD.finditer(text))
    at = 0
    while at < len(tokens):
        count = 0
        if tokens[at].group()[0].isupper():
            for reader in (_roman_name, _latin_name):
                count = max(count, reader(tokens, at, words))
        span = tokens[at : at + count]
        gaps = [text[one.end() : two.start()] for one, two in zip(span, span[1:], strict=False)]
        after = tokens[at + count].group() if count and at + count < len(tokens) else ""
        if count and all(re.fullmatch(r"[ ,.]{1,2}", gap) for gap in gaps):
            whole = text[span[0].start() : span[-1].end()]
            if _folded(whole) not in words.public_romanised and after not in words.nouns:
                yield span[0].start(), span[-1].end()
            at += count
        else:
            at += 1


def _labelled_names(text: str, words: NameWords) -> Iterator[tuple[int, int]]:
    """What stands behind “name:” and its like, unless it is a codename or an ordinary word."""
    for label in _LABELLED.finditer(text):
        run = _HANGUL.match(text, label.end())
        if run:
            bare, _ = _bare(run.group(), words)
            form = next((one for one in (run.group(), bare) if _parts(one, words)), None)
            if form and not _is_word(form, words) and form not in words.public:
                yield run.start(), run.start() + len(form)
            continue
        word = _CAPITALISED.match(text, label.end())
        if word and word.group() in words.latin:
            yield word.start(), word.end()


def names_in(text: str) -> list[tuple[int, int]]:
    """Where a text looks as if it named somebody.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    list of (start, end)
        In order, none overlapping another.
    """
    words = name_words()
    found: list[tuple[int, int]] = []
    spans: set[tuple[int, int]] = set(_labelled_names(text, words))
    if _HANGUL.search(text):
        spans |= set(_hangul_names(text, words))
    if _TWO_CAPITALS.search(text):
        spans |= set(_latin_names(text, words))
    for span in sorted(spans):
        if not found or span[0] >= found[-1][1]:
            found.append(span)
    return found


def could_be_name(value: str) -> bool:
    """Whether a value in a column of names could be one: two to four syllables or words, no codename, no number."""
    value = value.strip()
    words = name_words()
    if names_in(value):
        return True
    if _HANGUL.fullmatch(value):
        return _parts(value, words) is not None and not _is_word(value, words)
    tokens = value.split()
    return 1 <= len(tokens) <= 4 and all(_CAPITALISED.fullmatch(token) for token in tokens) and (
        tokens[0] in words.latin or (len(tokens) > 1 and not words.nouns & set(tokens))
    )  # fmt: skip
