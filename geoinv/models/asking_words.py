"""A question worth asking in one plain sentence, in English and Korean: first what is on record, then what to ask."""

from __future__ import annotations

from geoinv.models.called import meant
from geoinv.records.asks import Ask
from geoinv.records.blueprint import Blueprint
from geoinv.records.claims import Claim

__all__ = ["ask_sentences"]

#: What is asked → English, Korean; {a} and {b} are what people call the parts.
_QUESTIONS: dict[str, tuple[str, str]] = {
    "length": ("how long {a} is", "{a}의 길이"),
    "width": ("how wide {a} is", "{a}의 너비"),
    "height": ("how high {a} is", "{a}의 높이"),
    "thickness": ("how thick {a} is", "{a}의 두께"),
    "sill": ("how high above the floor {a} begins", "{a}의 바닥에서부터의 높이"),
    "steps": ("how many steps {a} has", "{a}의 계단 수"),
    "area": ("how large the floor of {a} is", "{a}의 바닥 넓이"),
    "size": ("how large {a} is", "{a}의 크기"),
    "count": ("how many {a} there are", "{a}의 개수"),
    "rooms": ("how many {a} there are", "{a}의 개수"),
    "row": ("how many {a} stand in one row", "한 줄로 붙어 있는 {a}의 개수"),
    "doors": ("how many doors one passes from {a} to {b}", "{a}에서 {b}까지 지나는 문의 수"),
    "turns": ("how many turns the way from {a} to {b} takes", "{a}에서 {b}까지 꺾는 횟수"),
    "walk_time": ("how long the way on foot from {a} to {b} takes", "{a}에서 {b}까지 걸어서 걸리는 시간"),
    "distance": ("how far it is from {a} to {b}", "{a}에서 {b}까지의 거리"),
    "adjacent": ("whether {a} and {b} share a wall", "{a}와(과) {b}이(가) 벽을 맞대고 있는지"),
    "sees": ("whether one sees {b} from {a}", "{a}에서 {b}이(가) 보이는지"),
    "sun_patch": ("when the sun falls into {a}", "{a}에 햇빛이 드는 때"),
    "area_per_person": ("how many people there were in {a}", "{a}에 있던 사람 수"),
}
_UNITS = {"m2": ("m²", "㎡"), "count": ("", "개"), "min": ("min", "분"), "s": ("s", "초"), "m": ("m", "m")}


def ask_sentences(ask: Ask, claim: Claim, blueprint: Blueprint, now: float) -> dict[str, str]:
    """``{"en": …, "ko": …}`` of a question.

    Parameters
    ----------
    ask
        With everything but its sentence.
    claim
        What is asked, as a claim; of a name that nobody knows, the claim it is in.
    blueprint
        Parts are named as people call them.
    now
        Width of the interval, or the chance of being wrong, as it is.
    """
    return {language: _sentence(ask, claim, blueprint, now, language) for language in ("en", "ko")}


def _sentence(ask: Ask, claim: Claim, blueprint: Blueprint, now: float, language: str) -> str:
    korean = language == "ko"
    record = _on_record(ask, korean)
    if ask.kind == "which part":
        share = sum(ask.settles.values())
        if korean:
            worth = f"찾으면 {claim.id}이(가) {share:.0%}의 확률로 판가름난다" if share else "찾아야 검증할 수 있다"
            return f"{record}{ask.witness}에게 모형의 어느 방이 “{ask.about}”인지 묻기: {worth}."
        worth = (
            f"that would settle what was claimed in {claim.id} with a chance of {share:.0%}"
            if share
            else "only then can it be tested"
        )
        return f"{record}Ask {ask.witness} which room of the model “{ask.about}” is: {worth}."
    a, b = (meant(blueprint, end, language) if end else "" for end in (claim.subject, claim.object))
    if claim.kind == "count" and not claim.object and not korean and a[-1:].isalpha() and not a.endswith("s"):
        a += "s"
    question = _QUESTIONS.get(ask.about, _QUESTIONS["size"])[korean].format(a=a, b=b)
    whom = ask.witness or ("거기 있었던 다른 사람" if korean else "somebody else who was there")
    told = _worth_ko(ask, now) if korean else _worth_en(ask, now)
    return f"{record}{whom}에게 {question} 묻기: {told}." if korean else f"{record}Ask {whom} {question}: {told}."


def _on_record(ask: Ask, korean: bool) -> str:
    if not ask.on_record:
        return "기록 없음. " if korean else "Nothing on record. "
    shown = ", ".join(ask.on_record[:4]) + (f" (+{len(ask.on_record) - 4})" if len(ask.on_record) > 4 else "")
    return f"기록: {shown}. " if korean else f"On record: {shown}. "


def _worth_en(ask: Ask, now: float) -> str:
    if ask.now is not None:
        unit = _UNITS.get(ask.now.unit, (ask.now.unit,) * 2)[0]
        text = (
            f"the model gives {ask.now.low:.3g} to {ask.now.high:.3g} {unit}".rstrip()
            + f"; its interval should shrink from {now:.3g} to {ask.after:.3g} {unit}".rstrip()
            + f" (−{ask.shrinks:.0%})"
        )
    else:
        text = f"the chance of being wrong should fall from {now:.0%} to {ask.after or 0:.0%}"
    settled = " and ".join(f"{name} with a chance of {share:.0%}" for name, share in ask.settles.items())
    return f"{text}; it would settle what was claimed in {settled}" if settled else text


def _worth_ko(ask: Ask, now: float) -> str:
    if ask.now is not None:
        unit = _UNITS.get(ask.now.unit, (ask.now.unit,) * 2)[1]
        text = (
            f"모형의 값 {ask.now.low:.3g}~{ask.now.high:.3g} {unit}, 구간 폭이 {now:.3g}에서 {ask.after:.3g} "
            f"{unit}(으)로 줄어들 것으로 예상(−{ask.shrinks:.0%})"
        )
    else:
        text = f"틀릴 가능성이 {now:.0%}에서 {ask.after or 0:.0%}(으)로 줄어들 것으로 예상"
    settled = ", ".join(f"{name} {share:.0%}" for name, share in ask.settles.items())
    return f"{text}; 판가름날 확률: {settled}" if settled else text
