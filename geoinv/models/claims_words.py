"""One plain sentence for each finding, in English and in Korean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from geoinv.models.called import meant
from geoinv.models.claims_reasons import evidence_in_korean, reason_in_korean
from geoinv.records.blueprint import Blueprint
from geoinv.records.claims import Claim, Element, Finding, Opposed
from geoinv.records.measures import Interval

__all__ = ["by_file", "contradiction_sentence", "row_sentence", "sentences"]

_KINDS_KO = {
    "sees": "보이는지", "walk_time": "걸어서 걸리는 시간", "distance": "거리", "count": "개수",
    "area_per_person": "1인당 면적", "sun_patch": "햇빛이 드는지",
    "adjacent": "벽을 맞대고 있는지", "dimension": "크기",
}  # fmt: skip
_KINDS_EN = {
    "sees": "what can be seen", "walk_time": "the walking time", "distance": "the distance", "count": "the number",
    "area_per_person": "the floor a head", "sun_patch": "where the sun falls",
    "adjacent": "which rooms share a wall", "dimension": "the size",
}  # fmt: skip
_UNITS = {"m2": "m²", "count": "", "min": "min", "m": "m", "s": "s"}
_UNITS_KO = {"m2": "㎡", "count": "개", "min": "분", "m": "m", "s": "초"}


def _span(interval: Interval, units: dict[str, str], unto: str) -> str:
    low, high = (f"{value:.3g}" for value in (interval.low, interval.high))
    span = low if low == high else f"{low}{unto}{high}"
    return f"{span} {units.get(interval.unit, interval.unit)}".rstrip()


def _about(claim: Claim, blueprint: Blueprint, language: str) -> str:
    ends = (claim.subject, claim.object) if claim.object else (claim.subject,)
    return " – ".join(meant(blueprint, end, language) for end in ends)


_VERDICTS_EN = {"consistent": "consistent", "inconsistent": "inconsistent", "undecidable": "not decided"}
_VERDICTS_KO = {"consistent": "들어맞음", "inconsistent": "들어맞지 않음", "undecidable": "판단 못 함"}


def by_file(sources: Iterable[str]) -> tuple[str, ...]:
    """Sources file by file, with how many things of each: ``plan.svg ×3`` of three shapes of one drawing."""
    counts = Counter(source.partition("#")[0] for source in sources)
    return tuple(name if count == 1 else f"{name} ×{count}" for name, count in counts.items())


def row_sentence(row: Element, language: str) -> str:
    """One line of the corroboration table: the fact, who said it, what came of each test, and what the tests rest on.

    Parameters
    ----------
    row
        Of the table.
    language
        ``en`` or ``ko``.
    """
    names, sources = ", ".join(row.witnesses), ", ".join(by_file(row.sources))
    many = len(row.witnesses) > 1
    verdicts = _VERDICTS_KO if language == "ko" else _VERDICTS_EN
    tests = ", ".join(f"{claim} {verdicts[verdict]}" for claim, verdict in row.verdicts.items())
    if language == "ko":
        alone = f" (서로 독립된 {row.independent}명)" if many else ""
        power = f", 변별력 {row.power:.2f}" if row.power is not None else ""
        rest = f"; 다른 근거: {sources}" if sources else "; 다른 근거 없음"
        return f"{evidence_in_korean(row.element)}: 증언 {names}{alone}; 검증 {tests}{power}{rest}."
    alone = f" ({row.independent} independent of each other)" if many else ""
    power = f", discriminating power {row.power:.2f}" if row.power is not None else ""
    rest = f"; other sources: {sources}" if sources else "; no other source"
    return f"{row.element}: said by {names}{alone}; {tests}{power}{rest}."


def contradiction_sentence(pair: Opposed, language: str) -> str:
    """That claims exclude each other, and how."""
    if language == "ko":
        return f"{', '.join(pair.claims)}: 서로 양립하지 않음 ({evidence_in_korean(pair.why)})."
    return f"{' and '.join(pair.claims)} exclude each other: {pair.why}."


def sentences(claim: Claim, finding: Finding, blueprint: Blueprint) -> dict[str, str]:
    """``{"en": …, "ko": …}``: what was said, what the model gives, and what that is worth.

    Parameters
    ----------
    claim, finding
        What was said, and what testing it gave.
    blueprint
        The model: rooms and buildings are named as people call them.
    """
    return {
        "en": _english(claim, finding, _about(claim, blueprint, "en")),
        "ko": _korean(claim, finding, _about(claim, blueprint, "ko")),
    }


def _english(claim: Claim, finding: Finding, about: str) -> str:
    head = f"{claim.witness} on {_KINDS_EN[claim.kind]} ({about})"
    if finding.model_pass_rate is None:
        return f"{head}: not tested, because {finding.why}."
    verdicts = {
        "consistent": "consistent with the model",
        "inconsistent": "inconsistent with the model",
        "undecidable": "cannot be decided by the model",
    }
    text = f"{head}: {verdicts[finding.verdict]}"
    if finding.computed is not None and finding.computed.unit != "probability":
        text += f", which gives {_span(finding.computed, _UNITS, ' to ')}"
        if finding.said is not None and finding.said.unit == finding.computed.unit:
            text += f" where {_span(finding.said, _UNITS, ' to ')} was said"
    return f"{text}. {_worth(finding)}"


def _worth(finding: Finding) -> str:
    rate, power = finding.rival_pass_rate, finding.discriminating_power
    if rate is None or power is None:
        return ""
    if finding.verdict != "consistent":
        return f"It holds in {finding.model_pass_rate:.0%} of the model's own draws and in {rate:.0%} of rival models."
    if power < 0.05:
        return "Nearly every rival model would pass as well, so this corroborates nothing."
    return f"{rate:.0%} of rival models would pass as well (discriminating power {power:.2f})."


def _korean(claim: Claim, finding: Finding, about: str) -> str:
    head = f"{claim.witness}의 증언 – {_KINDS_KO[claim.kind]}({about})"
    if finding.model_pass_rate is None:
        return f"{head}: 검증하지 못함. 이유: {reason_in_korean(finding.why)}."
    verdicts = {
        "consistent": "모형과 들어맞음",
        "inconsistent": "모형과 들어맞지 않음",
        "undecidable": "모형으로는 판단할 수 없음",
    }
    text = f"{head}: {verdicts[finding.verdict]}."
    if finding.computed is not None and finding.computed.unit != "probability":
        text += f" 모형의 값 {_span(finding.computed, _UNITS_KO, '~')}"
        if finding.said is not None and finding.said.unit == finding.computed.unit:
            text += f", 증언 {_span(finding.said, _UNITS_KO, '~')}"
        text += "."
    rate, power = finding.rival_pass_rate, finding.discriminating_power
    if rate is None or power is None:
        return text
    if finding.verdict == "consistent" and power < 0.05:
        return f"{text} 다른 모형도 거의 다 통과하므로 아무것도 뒷받침하지 않음."
    if finding.verdict != "consistent":
        return f"{text} 모형 표본의 {finding.model_pass_rate:.0%}, 경쟁 모형의 {rate:.0%}에서 성립함."
    return f"{text} 경쟁 모형의 {rate:.0%}도 통과함(변별력 {power:.2f})."
