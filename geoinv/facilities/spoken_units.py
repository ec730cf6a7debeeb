"""Units as people say them, in English and Korean, and how much of each is known: a pace is not a metre."""

from __future__ import annotations

from typing import NamedTuple

from geoinv.records.measures import PYEONG_M2, RI_M
from geoinv.records.readings import ReadingKind

__all__ = ["ENGLISH_UNITS", "KOREAN_UNITS", "Unit"]


class Unit(NamedTuple):
    """One unit.

    Attributes
    ----------
    pattern
        Regular expression of its names.
    kind
        What it measures.
    low, best, high
        What one of it can be in metres, minutes, square metres or pieces.
    rule
        What that takes for granted; empty where it is exact.
    """

    pattern: str
    kind: ReadingKind
    low: float
    best: float
    high: float
    rule: str = ""


def _exact(pattern: str, kind: ReadingKind, value: float = 1.0, rule: str = "") -> Unit:
    return Unit(pattern, kind, value, value, value, rule)


_PACE = (0.55, 0.70, 0.85, "a pace or step is 0.55 to 0.85 m, as hunger, load and snow have it")
_TILE = (0.20, 0.30, 0.40, "a floor tile is 0.2 to 0.4 m")
_PYEONG_RULE = "a pyeong is 3.3058 m²"
_RI_RULE = "a Korean ri is about 393 m; a Chinese li would be 500 m"
_PEOPLE = "people|persons|prisoners|detainees|inmates|men|women|children|guards|officers|soldiers"
_THINGS = ("cells|rooms|doors|windows|towers|watchtowers|buildings|blocks|houses|barracks|floors|storeys|stories|gates|"
           "beds|bunks|turns|corridors|stairs|posts")  # fmt: skip

#: Longest names first: ``m2`` before ``m``.
ENGLISH_UNITS: tuple[Unit, ...] = (
    _exact(r"square\s+(?:metres?|meters?)|sq\.?\s*m(?:etres?|eters?)?\b|m2\b|m²|㎡", "area"),
    _exact(r"py(?:eo|u|o)ngs?\b", "area", PYEONG_M2, _PYEONG_RULE),
    _exact(r"hectares?\b|ha\b", "area", 10_000.0),
    # Not a speed.
    _exact(r"(?:kilomet(?:re|er)s?\b|km\b|klicks?\b)(?!\s*(?:/|per\b|an\s+hour))", "distance", 1000.0),
    _exact(r"centimet(?:re|er)s?\b|cm\b", "distance", 0.01),
    _exact(r"millimet(?:re|er)s?\b|mm\b", "distance", 0.001),
    _exact(r"miles?\b", "distance", 1609.344),
    _exact(r"yards?\b(?!\s+behind)", "distance", 0.9144),
    _exact(r"feet\b|foot\b|ft\b", "distance", 0.3048),
    _exact(r"met(?:re|er)s?\b|m\b(?!['’])", "distance"),
    Unit(r"(?:paces?|steps?|strides?)\b", "distance", *_PACE),
    Unit(r"(?:floor\s+)?tiles?\b", "distance", *_TILE),
    _exact(r"(?:ri|li)\b", "distance", RI_M, _RI_RULE),
    _exact(r"hours?\b|hrs?\b", "duration", 60.0),
    _exact(r"minutes?\b|mins?\b", "duration"),
    _exact(r"seconds?\b|secs?\b", "duration", 1 / 60),
    _exact(r"(?:of\s+(?:us|them)|to\s+an?\s+(?:cell|room)|store?y)\b", "count"),
    _exact(rf"(?:(?!of\b|or\b|and\b|to\b|the\b|in\b|at\b|on\b|for\b|by\b|other\b)[a-z]+\s+)?(?:{_PEOPLE}|{_THINGS})\b",
           "count"),
)  # fmt: skip

KOREAN_UNITS: tuple[Unit, ...] = (
    _exact(r"제곱\s*미터|평방\s*미터|평방\s*메터|㎡|m²|m2", "area"),
    _exact(r"정보", "area", 3000 * PYEONG_M2, "a jeongbo is 3,000 pyeong"),
    _exact(r"헥타르", "area", 10_000.0),
    _exact(r"평(?![가-힣]*양|생|소|안)", "area", PYEONG_M2, _PYEONG_RULE),
    _exact(r"(?:킬로|키로)(?:미터|메터)?|km(?![a-z]|\s*/)", "distance", 1000.0),
    _exact(r"(?:센티|센치)(?:미터|메터)?|cm(?![a-z])", "distance", 0.01),
    _exact(r"미터|메터|m(?![a-z])", "distance"),
    Unit(r"걸음|발자국|발짝|보(?![가-힣])", "distance", *_PACE),
    _exact(r"리(?=\s|쯤|정도|가량|길|$|[,.])", "distance", RI_M, _RI_RULE),
    _exact(r"시간", "duration", 60.0),
    _exact(r"분(?![가-힣]*(?:말|께|들))", "duration"),
    _exact(r"초(?=\s|쯤|정도|가량|$|[,.]|만에|동안)", "duration", 1 / 60),
    _exact(r"명|사람|칸|군데|곳|층|채|개(?!월)|동(?=[이을의에은도]|\s|$|[,.])", "count"),
)
