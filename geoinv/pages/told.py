"""What warnings and reasons say in another language: they are kept as sentences, in English.

The Korean has not been reviewed by a native speaker; every Korean page says so.
"""

from __future__ import annotations

import re

from geoinv.pages.told_notes import NOTES, RELEASED
from geoinv.pages.words import Language

__all__ = ["note_told", "told"]

#: Sentence as it is kept → Korean; groups by name. What a person wrote (a reason) stays as written.
_KOREAN: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), korean)
    for pattern, korean in (
        (
            r"the outlines read under (?P<count>\d+) drawings differ: they overlap by (?P<least>\d+) % at the least, "
            r"and lie (?P<metres>\d+) m apart",
            "그림 {count}점을 따라 읽은 윤곽이 서로 다르다: 가장 적게는 {least} %만 겹치고, {metres} m 떨어져 있다",
        ),
        (
            r"(?P<one>\S+) and (?P<other>\S+) have the wall (?P<mean>\d+) m apart on average and up to (?P<most>\d+) m"
            r": both are kept",
            "담의 위치가 두 그림({one}, {other})에서 평균 {mean} m, 최대 {most} m 다르다: 둘 다 남긴다",
        ),
        (
            r"(?P<one>\S+) and (?P<other>\S+) have the gate (?P<metres>\d+) m apart: both are kept",
            "문의 위치가 두 그림({one}, {other})에서 {metres} m 다르다: 둘 다 남긴다",
        ),
        (
            r"that this is what was drawn is not sure \(probability (?P<probability>[\d.]+)\)",
            "그려진 것이 이것인지 확실하지 않다 (확률 {probability})",
        ),
        (
            r"(?P<one>\S+) may also be (?P<other>\S+) \(probability (?P<probability>[\d.]+)\)",
            "{one}: {other}일 수도 있다 (확률 {probability})",
        ),
        (
            r"(?P<one>\S+) was drawn (?P<ratio>[\d.]+) times as large as this outline",
            "{one}: 이 윤곽의 {ratio}배 크기로 그려졌다",
        ),
        (
            r"“(?P<label>.+)” is (?P<metres>\d+) m apart in (?P<one>\S+) and (?P<other>\S+)",
            "“{label}”의 위치가 두 그림({one}, {other})에서 {metres} m 다르다",
        ),
        (
            r"the scene hardly bears this building out where it was drawn: look at it, and accept or reject it",
            "그려진 자리의 영상이 이 건물을 거의 뒷받침하지 않는다: 살펴보고 받아들이거나 물리칠 것",
        ),
        (
            r"on one of the scenes it cannot be said whether it stands: look at the before-and-after figure",
            "어느 한 영상에서는 건물이 있는지 알 수 없다: 전후 비교 그림을 볼 것",
        ),
        (
            r"the outline drawn by hand lies elsewhere than what was found here",
            "사람이 그린 윤곽이 여기서 찾은 것과 다른 곳에 있다",
        ),
        (
            r"There are (?P<count>\d+) rival places up to (?P<far>.+?) apart: (?P<places>.+)\. "
            r"The best point lies in the first\.",
            "서로 다른 위치 {count}곳이 남는다 (최대 {far} 떨어져 있음): {places}. 추정 위치는 첫째 곳에 있다.",
        ),
        (
            r"Every statement is more likely wrong than right: take the region for a guess\.",
            "모든 진술이 옳기보다 틀릴 가능성이 높다. 영역은 짐작으로만 볼 것.",
        ),
        (
            r"All that was said comes from (?P<witness>.+): nothing bears it out\.",
            "모든 진술이 {witness} 한 사람에게서 나왔다. 뒷받침하는 것이 없다.",
        ),
        (
            r"Witnesses disagree more than their radii allow: these were read (?P<times>[\d.]+) times as wide "
            r"as stated\.",
            "증인들의 진술이 스스로 말한 반경보다 더 어긋난다. 반경을 {times}배로 넓혀 읽었다.",
        ),
        (
            r"(?P<id>\S+) was not used: there is no outline of “(?P<place>.+)”; give one as a landmark of that name\.",
            "{id}: “{place}”의 경계가 없어 쓰지 않았다. 그 이름의 지형지물로 경계를 줄 것.",
        ),
        (
            r"(?P<id>\S+) was not used: it has neither a direction nor a distance\.",
            "{id}: 방향도 거리도 없어 쓰지 않았다.",
        ),
        (r"rejected by (?P<by>.+?): (?P<reason>.+)", "물리침 ({by}): {reason}"),
        (
            r"no place fits both “(?P<one>.+)” \((?P<first>\S+)\) and “(?P<other>.+)” \((?P<second>\S+)\); "
            r"(?P<rest>.+)",
            "“{one}”({first})와 “{other}”({second})에 모두 맞는 곳이 없다; {rest}",
        ),
        (
            r"(?P<one>.+) of (?P<first>\S+) and (?P<other>.+) of (?P<second>\S+) are (?P<gap>[\d.]+ k?m) apart; "
            r"(?P<rest>.+)",
            "{one}({first})과 {other}({second})이 {gap} 떨어져 있다; {rest}",
        ),
        (
            r"with everything else that was said, (?P<id>\S+) is the more doubtful one",
            "다른 진술에 비추어 {id} 쪽이 더 의심스럽다",
        ),
        (r"nothing else that was said decides between them", "다른 진술로는 어느 쪽인지 가릴 수 없다"),
        (r"its folder's name", "폴더 이름과 같다"),
        (r"the same name: “(?P<name>.+)”", "같은 이름: “{name}”"),
        (r"another spelling of part of “(?P<name>.+)”", "“{name}” 일부의 다른 표기"),
        (r"another spelling of “(?P<name>.+)”", "“{name}”의 다른 표기"),
        (r"names the same place as “(?P<name>.+)”", "“{name}”과 같은 곳을 가리킨다"),
        (r"part of “(?P<name>.+)”", "“{name}”의 일부"),
        (r"sounds like “(?P<name>.+)”", "“{name}”과 소리가 비슷하다"),
        (r"its agency is (?P<value>.+)", "기관: {value}"),
        (r"its type is (?P<value>.+)", "유형: {value}"),
        (r"its place is (?P<value>.+)", "소재지: {value}"),
        (r"but its agency is not the (?P<value>.+)", "다만 기관이 {value}이(가) 아니다"),
        (r"but its type is not the (?P<value>.+)", "다만 유형이 {value}이(가) 아니다"),
        (r"the same number, which alone identifies nothing", "번호가 같다. 번호만으로는 아무것도 확인되지 않는다"),
        (
            r"it is known as one of the (?P<agency>.+)'s or as a (?P<kind>.+)",
            "{agency} 소속이거나 {kind}(으)로 알려져 있다",
        ),
        (r"its name or record says (?P<value>.+)", "이름이나 기록에 {value}(이)라고 되어 있다"),
        (
            r"“(?P<name>.+)” \((?P<slug>\S+)\) (?P<rest>has nearly .+|bears the .+|is put on .+|lies only .+)",
            "“{name}” ({slug}): {rest}",
        ),
        (r"has nearly the same name; (?P<rest>.+)", "이름이 거의 같다; {rest}"),
        (
            r"bears the same number, which identifies nothing; (?P<rest>.+)",
            "번호가 같으나 번호로는 구별할 수 없다; {rest}",
        ),
        (
            r"is put on the very same point; being near is not being the same",
            "같은 지점에 놓여 있다. 가깝다고 같은 시설은 아니다",
        ),
        (
            r"lies only (?P<gap>\d+ m) away; being near is not being the same",
            "{gap} 거리에 있다. 가깝다고 같은 시설은 아니다",
        ),
        (r"they differ in (?P<fields>.+)", "다른 점: {fields}"),
        (r"agency, type and place do not tell them apart", "기관, 유형, 소재지로는 구별되지 않는다"),
        *NOTES,
        *RELEASED,
    )
)


#: What two facilities differ in: each is followed by the two in brackets.
_FIELDS = {"agency (": "기관 (", "type (": "유형 (", "place (": "소재지 (", "unknown": "모름"}


def told(warning: str, language: Language) -> str:
    """A warning or reason in a page's language; as it is kept where there are no words for it."""
    if language == "en":
        return warning
    for pattern, korean in _KOREAN:
        found = pattern.fullmatch(warning)
        if found is not None:
            parts = found.groupdict()
            if "rest" in parts:
                parts["rest"] = told(parts["rest"], language)
            for english, word in _FIELDS.items() if "fields" in parts else ():
                parts["fields"] = parts["fields"].replace(english, word)
            return korean.format(**parts)
    return warning


def note_told(note: str, language: Language) -> str:
    """What evidence rests on in a page's language, clause by clause; those without words for them as they are kept."""
    return note if language == "en" else "; ".join(told(clause, language) for clause in note.split("; "))
