"""Numbers as people say them, in English and Korean: digits, number words, Sino-Korean and native numerals, a few."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["ENGLISH", "KOREAN", "Amount", "english_amount", "korean_amount"]


class Amount(NamedTuple):
    """A number said: the ends that the words give, and whether they give more than one number."""

    low: float
    high: float

    @property
    def best(self) -> float:
        """The middle."""
        return (self.low + self.high) / 2

    @property
    def is_range(self) -> bool:
        """Whether the words themselves mean several numbers ("a few", "서너")."""
        return self.low < self.high


_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ENGLISH_WORDS = {word: float(n) for n, word in enumerate(_ONES)} | {word: 10.0 * n for n, word in enumerate(_TENS, 2)}
_SCALES = {"dozen": 12.0, "hundred": 100.0, "thousand": 1000.0}
_DIGITS = r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<![\d.,])\d+(?:\.\d+)?"
_WORD = "|".join(sorted([*_ENGLISH_WORDS, *_SCALES], key=len, reverse=True))
_SCALE = "hundred|thousand|dozen"
#: A number in English, without a unit; the longest reading first.
ENGLISH = (
    rf"(?:{_DIGITS})"
    r"|half\s+a\s+dozen"
    r"|(?:three[\s-]+quarters?|(?:a\s+|one\s+)?quarter|half)(?:\s+of)?(?:\s+an?)?"
    rf"|(?:a\s+)?(?:couple\s+of|few|several)(?:\s+(?:{_SCALE}))?"
    rf"|(?:an?\s+)?(?:{_WORD})(?:[\s-]+(?:and\s+)?(?:{_WORD}))*(?:-odd)?(?:\s+and\s+an?\s+half)?"
)

_SINO = {"일": 1, "이": 2, "삼": 3, "사": 4, "오": 5, "육": 6, "륙": 6, "칠": 7, "팔": 8, "구": 9}
_SINO_SCALES = {"십": 10, "백": 100, "천": 1000}
_NATIVE_TENS = {"열": 10, "스물": 20, "스무": 20, "서른": 30, "마흔": 40, "쉰": 50, "예순": 60, "일흔": 70, "여든": 80,
                "아흔": 90}  # fmt: skip
_NATIVE = {"하나": 1, "한": 1, "둘": 2, "두": 2, "셋": 3, "세": 3, "석": 3, "넷": 4, "네": 4, "넉": 4, "다섯": 5,
           "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9}  # fmt: skip
_VAGUE = {
    "한두": (1, 2), "두세": (2, 3), "두서너": (2, 4), "서너": (3, 4), "너댓": (4, 5), "네댓": (4, 5),
    "네다섯": (4, 5), "대여섯": (5, 6), "예닐곱": (6, 7), "일고여덟": (7, 8), "여덟아홉": (8, 9), "몇": (2, 5),
}  # fmt: skip


def _any(words: dict[str, int] | dict[str, tuple[int, int]]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


#: A number in Korean, without a unit.
KOREAN = (
    rf"(?:{_DIGITS})[십백천만]?여?"
    rf"|몇\s*[십백천]|(?:{_any(_VAGUE)}|두어)"
    rf"|(?:{_any(_NATIVE_TENS)})(?:{_any(_NATIVE)})?여?|(?:{_any(_NATIVE)})"
    r"|[일이삼사오육륙칠팔구십백천만]+여?"
    r"|반"
)


def english_amount(words: str) -> Amount | None:
    """The number that English words (lower case, as ``ENGLISH`` matches them) say; ``None`` if they say none."""
    text = re.sub(r"\s+", " ", words.strip().replace("-odd", " odd"))
    if re.fullmatch(_DIGITS, text):
        value = float(text.replace(",", ""))
        return Amount(value, value)
    if text == "half a dozen":
        return Amount(6, 6)
    if "quarter" in text or text.startswith("half"):
        share = 0.75 if text.startswith("three") else 0.25 if "quarter" in text else 0.5
        return Amount(share, share)
    scale = next((_SCALES[word] for word in _SCALES if text.endswith(" " + word)), 1.0)
    for word, (low, high) in {"couple": (2, 2), "few": (2, 5), "several": (3, 7)}.items():
        if word in text.split():
            return Amount(low * scale, high * scale)
    odd, half = text.endswith(" odd"), text.endswith("and a half")
    total = current = 0.0
    for word in re.split(r"[\s-]+", text.removesuffix(" odd").removesuffix("and a half")):
        if word in _ENGLISH_WORDS:
            current += _ENGLISH_WORDS[word]
        elif word in _SCALES:
            current = max(current, 1.0) * _SCALES[word]
            if word == "thousand":
                total, current = total + current, 0.0
        elif word not in ("", "a", "an", "and"):
            return None
    value = total + current + (0.5 if half else 0.0)
    return Amount(value, value + 9.0) if odd else Amount(value, value)


def _sino(text: str) -> float | None:
    """A Sino-Korean numeral such as ``천이백`` or ``삼십오``."""
    total = section = digit = 0
    for sign in text:
        if sign in _SINO:
            if digit:
                return None
            digit = _SINO[sign]
        elif sign in _SINO_SCALES:
            section += max(digit, 1) * _SINO_SCALES[sign]
            digit = 0
        elif sign == "만":
            total += max(section + digit, 1) * 10_000
            section = digit = 0
        else:
            return None
    return float(total + section + digit)


def _sino_range(text: str) -> Amount | None:
    """Two numerals in a row mean "this or that many": ``이삼백`` is two or three hundred."""
    found = re.fullmatch(r"([일이삼사오육륙칠팔])([이삼사오육륙칠팔구])([십백천만]?)", text)
    if found is None or _SINO[found[2]] != _SINO[found[1]] + 1:
        return None
    scale = {"": 1, "만": 10_000, **_SINO_SCALES}[found[3]]
    return Amount(float(_SINO[found[1]] * scale), float(_SINO[found[2]] * scale))


def korean_amount(words: str) -> Amount | None:
    """The number that Korean words (as ``KOREAN`` matches them) say; ``None`` if they say none."""
    text = words.strip()
    more = text.endswith("여") and len(text) > 1
    text = text.removesuffix("여") if more else text
    if text.startswith("몇") and text[-1] in _SINO_SCALES:
        return Amount(2.0 * _SINO_SCALES[text[-1]], 5.0 * _SINO_SCALES[text[-1]])
    if text in _VAGUE:
        low, high = _VAGUE[text]
        return Amount(low, high)
    if text in ("반", "두어"):
        value = 0.5 if text == "반" else 2.0
        return Amount(value, value)
    if digits := re.fullmatch(rf"({_DIGITS})([십백천만]?)", text):
        scale = {"": 1, "만": 10_000, **_SINO_SCALES}[digits[2]]
        value = float(digits[1].replace(",", "")) * scale
    elif native := re.fullmatch(rf"({_any(_NATIVE_TENS)})?({_any(_NATIVE)})?", text):
        value = float(_NATIVE_TENS.get(native[1] or "", 0) + _NATIVE.get(native[2] or "", 0))
    elif (span := _sino_range(text)) is not None:
        return span
    elif (plain := _sino(text)) is not None:
        value = plain
    else:
        return None
    if value <= 0:
        return None
    # "40여": forty and some, less than fifty.
    step = 10.0 if value < 100 else 10.0 ** (len(str(int(value))) - 1)
    return Amount(value, value + step - 1) if more else Amount(value, value)
