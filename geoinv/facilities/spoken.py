"""Measures in somebody's words, English and Korean, as intervals offered to a person: "about ten minutes north", "5평".

Nothing here is taken into a statement: a person accepts a reading, or does not. What words can mean is read narrowly;
how well people remember distances and times is another matter, which fusing locations accounts for.

A number's precision is half of the step it is rounded to (the point-radius rule: half the stated precision); "about"
doubles it. Neither is more than half of the number, nor more than a quarter without "about". A bound ("more than")
reaches to twice the number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from geoinv.facilities.spoken_numbers import ENGLISH, KOREAN, Amount, english_amount, korean_amount
from geoinv.facilities.spoken_units import ENGLISH_UNITS, KOREAN_UNITS, Unit
from geoinv.records.measures import Interval
from geoinv.records.readings import Reading
from geoinv.records.testimony import COMPASS

__all__ = ["read_words"]

_UNIT_OF = {"distance": "m", "duration": "min", "area": "m2", "count": "count", "direction": "deg"}
#: Half-width of a heading by the number of its letters, degrees (Wieczorek, Guo & Hijmans 2004; GBIF's guide).
_HEADING = {1: 45.0, 2: 22.5, 3: 11.25}
_COVERAGE = 0.9
#: Signs of a sentence that are read together.
_LONGEST = 500

_EN_ABOUT = r"about|around|roughly|approximately|approx\.?|some|maybe|perhaps|nearly|almost|close\s+to|circa|~"
_EN_UP_TO = r"not\s+even|less\s+than|fewer\s+than|under|up\s+to|at\s+most|(?:no|not)\s+more\s+than|within|below"
_EN_FROM = r"more\s+than|over|at\s+least|no(?:t)?\s+less\s+than|upwards\s+of|above"
_EN_UNITS = "|".join(f"(?:{unit.pattern})" for unit in ENGLISH_UNITS)
_EN_RANGE = r"\s*(?:-|–|—|~|\bto\b|\bor\b)\s*"
_EN_HALF = r"(?:\s+and\s+an?\s+half)"
_ENGLISH = re.compile(
    rf"(?:\b(?P<about>{_EN_ABOUT})\s+|\b(?P<upto>{_EN_UP_TO})\s+|\b(?P<from>{_EN_FROM})\s+)*"
    rf"(?:\bbetween\s+(?P<n1>{ENGLISH})\s+and\s+(?P<n2>{ENGLISH})|\b(?P<a>{ENGLISH})(?:{_EN_RANGE}(?P<b>{ENGLISH}))?"
    rf"|\b(?P<one>an?)(?=\s+(?!m\b)(?:{_EN_UNITS})))"
    rf"[\s-]*(?P<unit>{_EN_UNITS})(?P<half>{_EN_HALF})?"
    r"(?P<tail>['’]?\s*(?:or\s+so|or\s+two|or\s+thereabouts|at\s+most|or\s+less|or\s+more|at\s+least)\b)?"
)
_EN_BY = re.compile(
    rf"\b(?P<a>{ENGLISH})[\s-]*(?P<u1>{_EN_UNITS})?\s*(?:\bby\b|[x×*])\s*(?P<b>{ENGLISH})(?:[\s-]*(?P<u2>{_EN_UNITS}))?"
)
_KO_UNITS = "|".join(f"(?:{unit.pattern})" for unit in KOREAN_UNITS)
_KO_START = r"(?<![가-힣])"
_KO_SUFFIX = (
    r"\s*(?:(?P<upto>이내|안에|이하|미만|도\s*안\s*(?:걸|되|돼|됐))|(?P<from>이상|초과|(?:이|가)?\s*넘)"
    r"|(?P<about>쯤|정도|가량|남짓|가까이))?"
)
_KOREAN = re.compile(
    rf"(?:{_KO_START}(?P<pre>약|대략|거의|한(?=\s+(?:{KOREAN})\s*(?:{_KO_UNITS}))|최대|많아야|최소|적어도)\s*)?"
    rf"(?:(?P<tile>타일)\s*(?P<t>{KOREAN})\s*장|{_KO_START}(?P<a>{KOREAN})\s*(?P<u1>{_KO_UNITS})?"
    rf"\s*(?:에서|내지|부터|~|-|–)\s*(?P<b>{KOREAN})\s*(?P<u2>{_KO_UNITS})"
    rf"|{_KO_START}(?P<n>{KOREAN})(?P<gap>\s*)(?P<unit>{_KO_UNITS})(?P<half>\s*반(?![가-힣])|\s*\d\d(?![\d가-힣.]))?)"
    + _KO_SUFFIX
)
_EN_DIRECTION = re.compile(
    r"\b(?P<words>(?:north|south)(?:[\s-]?(?:north|south|east|west))*(?:[\s-]?(?:east|west))?|(?:east|west)"
    r"(?:[\s-]?(?:north|south)[\s-]?(?:east|west))?)(?:ern|erly|wards?)?\b(?P<next>\s+\w+)?",
    re.IGNORECASE,
)
_EN_ABBREVIATED = re.compile(r"(?<![A-Za-z])(?P<words>N?N[EW]|S?S[EW]|E[NS]E|W[NS]W)(?![A-Za-z])")
_NAMED_AFTER = {"gate", "wing", "wall", "building", "block", "tower", "province", "korea", "korean", "sea", "door",
                "barracks", "hall", "house", "yard", "hamgyong", "pyongan", "hwanghae"}  # fmt: skip
_KO_DIRECTION = re.compile(
    r"(?<![가-힣])(?:(?P<two>동북|북동|남동|동남|서남|남서|북서|서북)\s*(?:쪽|편|방향|측|향|방면)"
    r"|(?P<one>동|서|남|북)(?:쪽|편|방향|측|방면|녘|\s+방향))"
)
_KO_COMPASS = {"동": "E", "서": "W", "남": "S", "북": "N", "동북": "NE", "북동": "NE", "남동": "SE", "동남": "SE",
               "서남": "SW", "남서": "SW", "북서": "NW", "서북": "NW"}  # fmt: skip


def _step(value: float) -> float:
    """What a number is rounded to: the largest of 1, 5, 10, 50, 100 … that divides it and is at most half of it."""
    if value != int(value):
        return 10.0 ** -len(f"{value:.6f}".rstrip("0").partition(".")[2])
    best, step = 1.0, 1.0
    while step <= value / 2:
        for candidate in (step, 5 * step):
            if candidate <= value / 2 and value % candidate == 0:
                best = max(best, candidate)
        step *= 10
    return best


def _meant(amount: Amount, unit: Unit, *, about: bool, bound: str) -> Interval:
    """What a number of units can mean."""
    low, best, high = amount.low, amount.best, amount.high
    if bound == "upto":
        low, best = 0.0, high / 2
    elif bound == "from":
        high = 2 * low
        best = (low + high) / 2
    elif not amount.is_range and (unit.kind != "count" or about):
        slack = _step(best) / 2
        slack = min(max(2 * slack, 0.25 * best), 0.5 * best) if about else min(slack, 0.25 * best)
        low, high = max(0.0, best - slack), best + slack
    return Interval(
        low=low * unit.low, best=best * unit.best, high=high * unit.high, unit=_UNIT_OF[unit.kind], coverage=_COVERAGE
    )


def _unit(words: str, units: tuple[Unit, ...]) -> Unit:
    return next(unit for unit in units if re.fullmatch(unit.pattern, words) or re.match(unit.pattern, words))


def _reading(text: str, span: tuple[int, int], amount: Amount, unit: Unit, *, about: bool, bound: str) -> Reading:
    start, end = span
    words = text[start:end].strip()
    start = text.index(words, start)
    interval = _meant(amount, unit, about=about, bound=bound).model_copy(update={"said": words})
    return Reading(
        kind=unit.kind,
        interval=interval,
        start=start,
        end=start + len(words),
        rule=unit.rule or "the words as they are",
    )


def _halved(amount: Amount, half: bool) -> Amount:
    return Amount(amount.low + 0.5, amount.high + 0.5) if half else amount


def _english(text: str) -> Iterator[Reading]:
    folded = text.lower()
    for found in _ENGLISH.finditer(folded):
        if found["one"]:
            # "a minute later" measures nothing; "more than a kilometre" and "an hour and a half" do.
            two = (found["tail"] or "").endswith("two")
            if not (found["about"] or found["upto"] or found["from"] or found["half"] or two):
                continue
            amount: Amount | None = Amount(1, 2 if two else 1)
        else:
            first, second = found["n1"] or found["a"], found["n2"] or found["b"]
            amount = _between(english_amount(first), english_amount(second) if second else None)
        unit = _unit(found["unit"], ENGLISH_UNITS)
        if amount is None or amount.high <= 0 or (unit.kind == "count" and amount.high <= 1):
            continue
        tail = found["tail"] or ""
        bound = "upto" if found["upto"] or re.search(r"most|less", tail) else ""
        bound = "from" if found["from"] or re.search(r"more|least", tail) else bound
        about = bool(found["about"] or re.search(r"so|thereabouts", tail))
        yield _reading(text, found.span(), _halved(amount, bool(found["half"])), unit, about=about, bound=bound)


def _between(first: Amount | None, second: Amount | None) -> Amount | None:
    if first is None or second is None:
        return first
    return Amount(min(first.low, second.low), max(first.high, second.high))


def _english_sides(text: str) -> Iterator[Reading]:
    """Two sides said together: "6 by 5 metres", "six metres by five"."""
    for found in _EN_BY.finditer(text.lower()):
        named = found["u1"] or found["u2"]
        if not named:
            continue
        for number, words in (("a", found["u1"] or named), ("b", found["u2"] or named)):
            unit, amount = _unit(words, ENGLISH_UNITS), english_amount(found[number])
            if unit.kind == "distance" and amount is not None and amount.high > 0:
                yield _reading(text, found.span(number), amount, unit, about=False, bound="")


def _korean(text: str) -> Iterator[Reading]:
    for found in _KOREAN.finditer(text):
        tile = found["tile"] is not None
        if tile:
            amount = korean_amount(found["t"])
            unit = next(unit for unit in ENGLISH_UNITS if "tile" in unit.pattern)
        elif found["b"]:
            amount = _between(korean_amount(found["a"]), korean_amount(found["b"]))
            unit = _unit(found["u2"], KOREAN_UNITS)
            if found["u1"] and _unit(found["u1"], KOREAN_UNITS) != unit:
                continue
        else:
            amount, unit = korean_amount(found["n"]), _unit(found["unit"], KOREAN_UNITS)
            before, after = text[: found.start("n")], text[found.end("unit") :]
            if not _is_counted(found["n"], found["gap"], found["unit"], before, after):
                continue
        if amount is None:
            continue
        pre = found["pre"] or ""
        bound = "upto" if found["upto"] or pre in ("최대", "많아야") else ""
        bound = "from" if found["from"] or pre in ("최소", "적어도") else bound
        about = bool(found["about"]) or pre in ("약", "대략", "거의", "한")
        rest = "" if tile else (found["half"] or "").strip()
        if rest.isdigit() and unit.best == 1 and unit.kind == "distance":  # "1미터 70"
            amount = Amount(amount.low + int(rest) / 100, amount.high + int(rest) / 100)
        elif rest.isdigit():
            continue
        yield _reading(text, found.span(), _halved(amount, rest == "반"), unit, about=about, bound=bound)


def _is_counted(number: str, gap: str, unit: str, before: str, after: str) -> bool:
    """Whether number and unit belong together: 분 counts minutes in Sino-Korean and honours people in native words."""
    sino = re.fullmatch(r"[일이삼사오육륙칠팔구십백천만]+여?", number) is not None
    digits = number[0].isdigit()
    if unit == "분":
        honoured = number == "이" and re.match(r"[이은을과도의께]", after) is not None
        clock = re.search(r"시\s*$", before) is not None
        return (digits or sino) and not honoured and not clock and (digits or bool(gap) or len(number) > 1)
    if unit in ("리", "보"):
        return digits or bool(gap)
    if unit == "동":  # "1동" is a building's number
        return not digits
    return bool(gap) or not sino or len(number) > 1 or unit == "층"


def _korean_sides(text: str) -> Iterator[Reading]:
    """Two sides said together: ``6미터에 5미터``."""
    pattern = rf"(?P<a>{KOREAN})\s*(?P<u1>미터|메터|m)\s*(?:에|[x×*])\s*(?P<b>{KOREAN})\s*(?P<u2>미터|메터|m)"
    metre = _unit("미터", KOREAN_UNITS)
    for found in re.finditer(pattern, text):
        for number in ("a", "b"):
            if (amount := korean_amount(found[number])) is not None:
                yield _reading(text, found.span(number), amount, metre, about=False, bound="")


def _heading(text: str, span: tuple[int, int], point: str) -> Reading:
    best, half = COMPASS[point], _HEADING[len(point)]
    interval = Interval(low=best - half, best=best, high=best + half, unit="deg", coverage=_COVERAGE,
                        said=text[slice(*span)])  # fmt: skip
    rule = f"a heading “{point}” means {half:g} degrees to either side"
    return Reading(kind="direction", interval=interval, start=span[0], end=span[1], rule=rule)


def _directions(text: str) -> Iterator[Reading]:
    for found in _EN_DIRECTION.finditer(text):
        point = "".join(word[0].upper() for word in re.findall(r"north|south|east|west", found["words"].lower()))
        following = (found["next"] or "").strip()
        # "North Korea", "South Hamgyong" and "the north gate" are names, not headings.
        name = following.lower() in _NAMED_AFTER or (found["words"][0].isupper() and following[:1].isupper())
        if point in COMPASS and not name:
            end = found.end() - len(found["next"] or "")
            yield _heading(text, (found.start(), end), point)
    for found in _EN_ABBREVIATED.finditer(text):
        yield _heading(text, found.span(), found["words"])
    for found in _KO_DIRECTION.finditer(text):
        yield _heading(text, found.span(), _KO_COMPASS[found["two"] or found["one"]])


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Sentences with where they begin, overlong ones cut at a blank, so that the work grows only as the text does."""
    for found in re.finditer(r"[^\n]*?(?:[.!?;](?=\s)|\n|$)", text):
        sentence, start = found[0], found.start()
        while len(sentence) > _LONGEST:
            cut = sentence.rfind(" ", _LONGEST // 2, _LONGEST)
            cut = cut if cut > 0 else _LONGEST
            yield start, sentence[:cut]
            sentence, start = sentence[cut:], start + cut
        if sentence.strip():
            yield start, sentence


def read_words(text: str) -> tuple[Reading, ...]:
    """Distances, durations, directions, areas and counts in English or Korean text, in the order they are said.

    Parameters
    ----------
    text
        Somebody's words; both languages may be mixed.

    Returns
    -------
    tuple of Reading
        Where two readings overlap, the one that explains more words stands.
    """
    return tuple(
        reading.model_copy(update={"start": start + reading.start, "end": start + reading.end})
        for start, piece in _pieces(text)
        for reading in _read_sentence(piece)
    )


def _read_sentence(text: str) -> list[Reading]:
    sides = [*_english_sides(text), *_korean_sides(text)]
    found = [*sides, *_english(text), *_korean(text), *_directions(text)]
    sided = {(item.start, item.end) for item in sides}
    ranked = sorted(found, key=lambda item: ((item.start, item.end) not in sided, item.start - item.end, item.start))
    kept: list[Reading] = []
    for item in ranked:
        if all(item.end <= other.start or other.end <= item.start for other in kept):
            kept.append(item)
    return sorted(kept, key=lambda item: item.start)
