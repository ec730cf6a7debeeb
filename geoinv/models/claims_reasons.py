"""Why a claim could not be tested or decided, in Korean: reasons are kept as sentences in English."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

__all__ = ["evidence_in_korean", "korean_by", "reason_in_korean"]

_OWN = "증언자 자신의 진술"

#: Reason in English, ``{…}`` being what differs → Korean with the same in the same order. The first that fits counts.
_REASONS: tuple[tuple[str, str], ...] = (
    ("own account: without this witness the model does not have what the claim is about",
     f"{_OWN}: 이 증언자가 없으면 모형에 해당하는 것이 없음"),
    ("own account ({}): nothing else shows {}", f"{_OWN}({{0}}): 다른 근거로는 {{1}}이(가) 확인되지 않음"),
    ("own account: it is not said whose account {} is: nothing else shows {}",
     "{0}이(가) 누구의 진술인지 알 수 없고, 다른 근거로는 {1}이(가) 확인되지 않음"),
    ("own account: the witness had been shown the model: nothing else shows {}",
     "증언자가 모형을 미리 보았고, 다른 근거로는 {0}이(가) 확인되지 않음"),
    ("own account: the witness had been shown imagery: nothing else shows {}",
     "증언자가 영상을 미리 보았고, 다른 근거로는 {0}이(가) 확인되지 않음"),
    ("the witness’s dates exclude {}: there until {}, and it was not standing yet on {}",
     "증언자의 체류 기간이 {0}와(과) 맞지 않음: {1}까지 있었으나 {2}에는 아직 없던 건물임"),
    ("the witness’s dates exclude {}: there from {}, and it was gone by {}",
     "증언자의 체류 기간이 {0}와(과) 맞지 않음: {1}부터 있었으나 {2}에는 이미 없어진 건물임"),
    ("it holds in {} of draws, but so it does in {} of rival models: too little apart",
     "표본의 {0}에서 성립하지만 경쟁 모형의 {1}에서도 성립하여 차이가 너무 작음"),
    ("it holds in only {} of draws, but few rival models ({}) meet it either, and a model may lack an opening: too "
     "little to refute it",
     "표본의 {0}에서만 성립하지만, 경쟁 모형에서도 {1}에서만 성립하고 모형에 빠진 문이나 창이 있을 수 있어 "
     "반박하기에 부족함"),
    ("it holds in only {} of draws, but few rival models ({}) meet it either: too little to refute it",
     "표본의 {0}에서만 성립하지만, 경쟁 모형에서도 {1}에서만 성립하여 반박하기에 부족함"),
    ("the model cannot tell: it holds in {} of draws", "모형으로 가릴 수 없음: 표본의 {0}에서 성립함"),
    ("no interval was said: there is no number to compare with", "구간을 말하지 않아 비교할 수가 없음"),
    ("no interval was said: {} alone, without how far off it may be",
     "구간을 말하지 않음: {0}뿐이며 얼마나 틀릴 수 있는지 모름"),
    ("what it is about is only half said: the other end is missing", "무엇에 관한 것인지 반만 말함: 다른 한쪽이 없음"),
    ("nothing in the model is called “{}”", "모형에 “{0}”(이)라고 불리는 것이 없음"),
    ("“{}” can mean {} parts of the model", "“{0}”은(는) 모형에서 {1}곳을 뜻할 수 있음"),
    ("no room of the model is known", "모형에 알려진 방이 없음"),
    ("no room of the model is called “{}”", "모형에 “{0}”(이)라고 불리는 방이 없음"),
    ("the model knows no way on foot from {} to {}", "모형에 {0}에서 {1}까지 걸어갈 길이 없음"),
    ("which dimension is meant is not said: length, width or height", "길이, 너비, 높이 중 어느 것인지 말하지 않음"),
    ("“{}” is no dimension that a model has", "“{0}”은(는) 모형에 없는 치수임"),
    ("the {} was said in {}, not in {}", "{0}을(를) {2}이(가) 아니라 {1}(으)로 말함"),
    ("a distance was said in {}, not in m", "거리를 m가 아니라 {0}(으)로 말함"),
    ("a walk was said in {}, not in min or s", "걷는 시간을 분이나 초가 아니라 {0}(으)로 말함"),
    ("a count was said in {}", "개수를 {0}(으)로 말함"),
    ("a patch of sun was said in {}, not in m2", "햇빛 자리의 넓이를 ㎡가 아니라 {0}(으)로 말함"),
    ("the model has no {} of {}", "모형에 {1}의 {0} 값이 없음"),
    ("how many people were in the room is not said", "방에 몇 사람이 있었는지 말하지 않음"),
    ("{} is not a room with a floor", "{0}은(는) 바닥이 있는 방이 아님"),
    ("{} is not a room", "{0}은(는) 방이 아님"),
    ("only rooms are tested for being next to each other", "벽을 맞대고 있는지는 방끼리만 검증함"),
    ("the witness was blindfolded", "증언자의 눈이 가려져 있었음"),
    ("it was night, and what was lit is not known", "밤이었고 무엇이 밝혀져 있었는지 모름"),
    ("people stood between, so that not seeing it says nothing of the building",
     "사이에 사람들이 서 있었으므로 보이지 않았다는 말로는 건물을 가릴 수 없음"),
    ("the model knows no window of {}", "모형에 {0}의 창이 없음"),
    ("the model knows no floor before {} to look from", "{0} 앞에 서서 볼 바닥이 모형에 없음"),
    ("from where in {} it was seen is not said", "{0}의 어디에서 보았는지 말하지 않음"),
    ("the viewpoint lies inside a wall", "본 자리가 벽 속에 있음"),
    ("the viewpoint lies in a building whose inside is not known", "본 자리가 안이 알려지지 않은 건물 속에 있음"),
    ("{} has no solid in the model that could be seen", "모형에 보일 만한 {0}의 형체가 없음"),
    ("“{}” is a time that no clock has", "“{0}”은(는) 시계에 없는 시각임"),
    ("“{}” is a date that no calendar has", "“{0}”은(는) 달력에 없는 날짜임"),
    ("no draw of the model could be asked", "어느 표본에도 물을 수 없음"),
)  # fmt: skip


#: What a finding and its table say besides, likewise: assumptions that would flip it, what would remain, elements.
_EVIDENCE: tuple[tuple[str, str], ...] = (
    ("undecidable: nobody else shows {}", "판단할 수 없음: 다른 사람은 {0}을(를) 보여 주지 않음"),
    ("consistent", "들어맞음"), ("inconsistent", "들어맞지 않음"), ("undecidable", "판단할 수 없음"),
    ("doors and hatches", "문과 배식구"), ("pose", "자세"), ("pace", "걸음 속도"), ("clock", "시계"),
    ("hypothesis", "가설"), ("distance between middles or edges", "가운데 사이 또는 가장자리 사이의 거리"),
    ("open", "열림"), ("shut", "닫힘"), ("sitting", "앉은 자세"), ("an hour fast", "한 시간 빠름"),
    ("an hour slow", "한 시간 느림"), ("between middles", "가운데 사이"), ("between edges", "가장자리 사이"),
    ("standing on a bunk {} m high", "높이 {0} m의 침상 위에 섬"), ("{} m/s, led or ill", "{0} m/s, 끌려가거나 아픔"),
    ("{} m/s, brisk", "{0} m/s, 빠른 걸음"), ("version {}", "{0}안"), ("the clock", "시계"),
    ("height of the eyes", "눈높이"), ("doors and hatches in sight lines", "시선에 놓인 문과 배식구"),
    ("near the low end of its range (about {} of what the model has)", "범위의 아래 끝 (모형 값의 약 {0}배)"),
    ("near the high end of its range (about {} of what the model has)", "범위의 위 끝 (모형 값의 약 {0}배)"),
    ("one says so, the other that it was not so", "한쪽은 그렇다고, 다른 쪽은 그렇지 않았다고 함"),
    ("{} to {} {}, and {} to {} {}", "{0}~{1} {2}, 그리고 {3}~{4} {5}"),
    ("{} to {}, and {} to {}", "{0}~{1}, 그리고 {2}~{3}"),
    ("number of {}", "{0}의 개수"), ("floor a head in {}", "{0}의 1인당 바닥 넓이"), ("sun in {}", "{0}에 드는 햇빛"),
    ("area of {}", "{0}의 넓이"), ("length of {}", "{0}의 길이"), ("width of {}", "{0}의 너비"),
    ("height of {}", "{0}의 높이"), ("thickness of {}", "{0}의 두께"), ("sill of {}", "{0}의 아랫단 높이"),
    ("head of {}", "{0}의 윗단 높이"), ("rise of {}", "{0}의 오름 높이"), ("floor of {}", "{0}의 바닥 높이"),
    ("place of {}", "{0}의 자리"), ("steps of {}", "{0}의 계단 수"), ("overhang of {}", "{0}의 처마 길이"),
    ("{}: sight of {}", "{0}에서 {1}이(가) 보이는지"), ("{}: way to {}", "{0}에서 {1}까지의 길"),
    ("{}: distance to {}", "{0}에서 {1}까지의 거리"), ("{}: wall shared with {}", "{0}와(과) {1}의 맞댄 벽"),
    ("{}: doors, number of {}", "{0}에서 {1}까지 지나는 문의 수"),
    ("{}: turns, number of {}", "{0}에서 {1}까지 꺾는 횟수"),
)  # fmt: skip


@cache
def _pattern(english: str) -> re.Pattern[str]:
    return re.compile("(.+?)".join(re.escape(piece) for piece in english.split("{}")) + r"\Z", re.DOTALL)


def korean_by(known: Sequence[tuple[str, str]], text: str, words: Mapping[str, str] | None = None) -> str | None:
    """A text in Korean by a table of sentences; ``None`` where none fits.

    Parameters
    ----------
    known
        Sentence in English, ``{}`` being what differs → Korean with the same as ``{0}``, ``{1}``. The first that fits
        counts.
    text
        In English.
    words
        What differs, where that too is a word, in Korean.
    """
    for english, korean in known:
        found = _pattern(english).match(text)
        if found is not None:
            return korean.format(*((words or {}).get(one, one) for one in found.groups()))
    return None


def reason_in_korean(why: str) -> str:
    """A reason in Korean; the English one, marked so, where no translation is known.

    Parameters
    ----------
    why
        As a finding keeps it.
    """
    return korean_by(_REASONS, why) or f"(영문) {why}"


def evidence_in_korean(text: str) -> str:
    """What a finding says of what would flip it, of what would remain, or of its element, in Korean; else as it is.

    Parameters
    ----------
    text
        As a finding or a row of the corroboration table keeps it.
    """
    return korean_by(_EVIDENCE, text) or text
