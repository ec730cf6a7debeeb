"""In Korean, what a finding says of its rivals, of what it assumed, and of what has to be said with its number."""

from __future__ import annotations

from geoinv.models.claims_assumed import STANDARDS
from geoinv.models.claims_reasons import evidence_in_korean, korean_by, reason_in_korean
from geoinv.records.claims import Finding, FindingWords

__all__ = ["finding_in_korean", "told_in_korean"]

_OVER_ALL = "모형의 구간과 경쟁 가설 전체에 걸침"

#: English, ``{}`` being what differs → Korean with the same. The first that fits counts.
_SAID: tuple[tuple[str, str], ...] = (
    ("the same part in plausible rival models: its {} redrawn from what such parts measure (lognormal about the "
     "model's, sd {}), over the blueprint's intervals and rival hypotheses",
     "그럴듯한 경쟁 모형의 같은 부분: {0}을(를) 그런 부분의 실제 분포에서 다시 뽑음"
     f"(모형 값을 중심으로 한 로그정규분포, 표준편차 {{1}}), {_OVER_ALL}"),
    ("buildings like it with other numbers of rooms (lognormal about the model's, sd {}), over the blueprint's rival "
     "hypotheses",
     "방의 수가 다른 비슷한 건물(모형 값을 중심으로 한 로그정규분포, 표준편차 {0}), 경쟁 가설 전체에 걸침"),
    ("rooms of other sizes (lognormal about the model's, sd {}) with as many people in them, over the blueprint's "
     "intervals and rival hypotheses",
     f"같은 인원이 있는 다른 크기의 방(모형 값을 중심으로 한 로그정규분포, 표준편차 {{0}}), {_OVER_ALL}"),
    ("the same building with other rooms at both ends of the way", "같은 건물에서 길의 양 끝이 다른 방인 경우"),
    ("the same model with other parts of their sort at both ends of the way, at any pace",
     "같은 모형에서 길의 양 끝이 같은 종류의 다른 부분인 경우, 걸음 속도는 임의"),
    ("the same model with other parts of their sort at both ends",
     "같은 모형에서 양 끝이 같은 종류의 다른 부분인 경우"),
    ("the same building with its rooms in another order", "같은 건물에서 방의 순서가 다른 경우"),
    ("the same model with the eyes, or what was seen, at other places of their sort",
     "같은 모형에서 눈의 자리나 본 대상이 같은 종류의 다른 자리인 경우"),
    ("the same building turned any way, its room any other room",
     "같은 건물을 아무 방향으로나 돌리고 다른 방으로 바꾼 경우"),
    ("eyes", "눈높이"), ("standing on", "딛고 선 높이"), ("doors and hatches", "문과 배식구"), ("pace", "걸음 속도"),
    ("stairs", "계단"), ("way", "길"), ("clock", "시계"), ("sky", "하늘"),
    ("floor a body takes", "한 사람이 차지하는 바닥"),
    ("{} m ({} to {}) above the floor, {}; as said", "바닥에서 {0} m ({1}~{2}), {3}; 증언대로"),
    ("{} m ({} to {}) above the floor, {}; 0.936 of stature standing, Drillis & Contini 1966",
     "바닥에서 {0} m ({1}~{2}), {3}; 선 자세는 키의 0.936배(Drillis & Contini 1966)"),
    ("not said: open and shut each in half the draws", "말하지 않음: 표본의 절반은 열림, 절반은 닫힘"),
    ("{} m/s ({} to {}), as said", "{0} m/s ({1}~{2}), 증언대로"),
    ("1.25 m/s, marginalised over 0.5 to 1.5 (age, load, escort, snow)",
     "1.25 m/s, 0.5~1.5에 걸쳐 고려함(나이, 짐, 호송, 눈)"),
    ("at half that pace along the slope (Fruin 1971)", "경사를 따라 그 절반의 속도(Fruin 1971)"),
    ("the shortest on foot, every door and gate on it passable", "걸어서 가장 짧은 길, 그 위의 모든 문은 지날 수 있음"),
    ("UTC{} h, as said", "UTC{0}시간, 증언대로"),
    ("mean solar time of the place, within an hour", "그곳의 평균 태양시, 한 시간 이내"),
    ("clear: clouds can keep the sun out on any day", "맑음: 어느 날이든 구름이 해를 가릴 수 있음"),
    ("0.14 to 0.21 m² standing (densest crowds; Fruin 1971): what is possible at all",
     "선 자세로 0.14~0.21 ㎡(가장 빽빽한 군중; Fruin 1971): 애초에 가능한지를 봄"),
    ("{}, as said", "{0}, 증언대로"),
)  # fmt: skip
#: Of each of the standards.
_STANDARDS = (
    "CPT/Inf(2015)44: 독거실은 생활 공간 6 ㎡, 혼거실은 1인당 4 ㎡(위생 공간 제외), 벽 사이 2 m 이상, "
    "바닥에서 천장까지 2.5 m.",
    "국제적십자위원회: 공동 침실은 1인당 3.4 ㎡, 독거실은 5.4 ㎡.",
    "넬슨 만델라 규칙 제13·14·43·44조: 잠자리는 바닥 면적, 공기, 난방, 빛을 갖추어야 하며 장기 독방 구금은 금지됨.",
    "국제적십자위원회의 옛 긴급 기준 2 ㎡는 허용치로 오해되었음: 그것도, 여기의 어떤 수치도 합격선이 아님.",
)
_POSES = {"standing": "선 자세", "kneeling": "무릎 꿇은 자세", "sitting": "앉은 자세", "lying": "누운 자세",
          "open": "열림", "shut": "닫힘",
          "length": "길이", "width": "너비", "height": "높이", "area": "넓이",
          "thickness": "두께", "sill": "아랫단 높이",
          "steps": "계단 수"}  # fmt: skip


def told_in_korean(text: str) -> str:
    """A rival, an assumption or a caveat of a finding in Korean; else as any other words of a finding are told.

    Parameters
    ----------
    text
        As a finding keeps it, in English.
    """
    if text in STANDARDS:
        return _STANDARDS[STANDARDS.index(text)]
    return korean_by(_SAID, text, _POSES) or evidence_in_korean(text)


def finding_in_korean(finding: Finding) -> FindingWords:
    """What a finding keeps in English words, in Korean."""
    return FindingWords(
        why=reason_in_korean(finding.why) if finding.why else "",
        rivals=told_in_korean(finding.rivals) if finding.rivals else "",
        assumptions={told_in_korean(name): told_in_korean(value) for name, value in finding.assumptions.items()},
        caveats=tuple(told_in_korean(one) for one in finding.caveats),
    )
