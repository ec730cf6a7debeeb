"""Dates as people type them, in English and Korean, as EDTF; what could be read two ways is left as it is."""

from __future__ import annotations

import re

__all__ = ["edtf_of"]

_MONTHS = {name: number for number, name in enumerate(
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)}  # fmt: skip
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\.?"
_SEASONS = {
    "spring": 21,
    "봄": 21,
    "summer": 22,
    "여름": 22,
    "autumn": 23,
    "fall": 23,
    "가을": 23,
    "winter": 24,
    "겨울": 24,
}
_DAY = re.compile(r"(\d{4})\s*[년./-]\s*(\d{1,2})\s*[월./-]\s*(\d{1,2})\s*[일.]?")
_YEAR_MONTH = re.compile(r"(\d{4})\s*[년.]\s*(\d{1,2})\s*[월.]?")
_YEAR = re.compile(r"(\d{4})\s*년(?:도|경|쯤)?")
_INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}.*")
_ENGLISH_DAY = re.compile(rf"(\d{{1,2}})\.?\s+{_MONTH}\s+(\d{{4}})", re.IGNORECASE)
_AMERICAN_DAY = re.compile(rf"{_MONTH}\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})", re.IGNORECASE)
_ENGLISH_MONTH = re.compile(rf"{_MONTH},?\s+(\d{{4}})", re.IGNORECASE)
_SEASON = re.compile(r"(spring|summer|autumn|fall|winter)\s+(?:of\s+)?(\d{4})", re.IGNORECASE)
_KOREAN_SEASON = re.compile(r"(\d{4})\s*년\s*(봄|여름|가을|겨울)")


def _month(word: str) -> int:
    return _MONTHS[word[:3].casefold()]


def edtf_of(text: str) -> str:
    """A date as typed, as EDTF where it can mean one thing only; the words themselves otherwise.

    Parameters
    ----------
    text
        ``2014년 5월 12일``, ``2014.5.12``, ``2014/05/12``, ``12 May 2014``, ``May 2014``, ``summer 2014``,
        ``2014년 여름``, ``about 2009``, ``2009년경``, an ISO instant, or EDTF. ``5/12/2014`` is the fifth of December
        or the twelfth of May, and stays as it is.
    """
    words = " ".join(text.split())
    for sign in ("about ", "around ", "circa ", "c. ", "약 "):
        if words.casefold().startswith(sign) and (inner := edtf_of(words[len(sign) :])) and inner[-1].isdigit():
            return inner + "~"
    if found := _INSTANT.fullmatch(words):
        # An instant to the second is more than a date needs, and EDTF writes it otherwise.
        return found.group(1)
    if found := _DAY.fullmatch(words):
        return f"{found.group(1)}-{int(found.group(2)):02}-{int(found.group(3)):02}"
    if found := _ENGLISH_DAY.fullmatch(words):
        return f"{found.group(3)}-{_month(found.group(2)):02}-{int(found.group(1)):02}"
    if found := _AMERICAN_DAY.fullmatch(words):
        return f"{found.group(3)}-{_month(found.group(1)):02}-{int(found.group(2)):02}"
    if found := _ENGLISH_MONTH.fullmatch(words):
        return f"{found.group(2)}-{_month(found.group(1)):02}"
    if found := _SEASON.fullmatch(words):
        return f"{found.group(2)}-{_SEASONS[found.group(1).casefold()]}"
    if found := _KOREAN_SEASON.fullmatch(words):
        return f"{found.group(1)}-{_SEASONS[found.group(2)]}"
    if found := _YEAR.fullmatch(words):
        return found.group(1) + ("~" if words.endswith(("경", "쯤")) else "")
    if (found := _YEAR_MONTH.fullmatch(words)) and int(found.group(2)) <= 12:
        return f"{found.group(1)}-{int(found.group(2)):02}"
    return words
