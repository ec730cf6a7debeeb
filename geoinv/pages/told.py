"""What a footprint's warnings say in another language: they are kept as sentences, in English.

The Korean has not been reviewed by a native speaker; every Korean page says so.
"""

from __future__ import annotations

import re

from geoinv.pages.words import Language

__all__ = ["told"]

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
    )
)


def told(warning: str, language: Language) -> str:
    """A warning in a page's language; as it is kept where there are no words for it."""
    if language == "en":
        return warning
    for pattern, korean in _KOREAN:
        found = pattern.fullmatch(warning)
        if found is not None:
            return korean.format(**found.groupdict())
    return warning
