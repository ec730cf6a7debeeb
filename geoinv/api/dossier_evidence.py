"""The parts of a dossier about evidence: corroboration, what speaks against, methods with error rates, exhibits."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from geoinv.api.dossier_view import View
from geoinv.api.dossier_words import said
from geoinv.pages.documents import Block, Bullets, Section, Table, Text
from geoinv.pages.words import Language, word
from geoinv.records.evidence import Status
from geoinv.records.incidents import Incident

__all__ = [
    "Against",
    "against_section",
    "corroboration_section",
    "counts_against",
    "exculpatory",
    "exhibits_section",
    "methods_section",
    "withheld_section",
]

#: What the build, the decisions and the records themselves say against a facility's findings, sentences by heading.
Against = Mapping[str, Sequence[str]]


def _interval(value: Any) -> str:
    """An interval as it stands in ``findings.json``."""
    if not isinstance(value, Mapping):
        return "" if value is None else str(value)
    low, best, high = (value.get(key) for key in ("low", "best", "high"))
    if best is None:
        return ""
    return f"{best:.4g} ({low:.4g}–{high:.4g}) {value.get('unit', '')}".strip()


def corroboration_section(view: View, language: Language) -> list[Section]:
    """How many parts are known how, and every test of what was said on the model."""
    counted = Counter(one.status for one in view.footprints)
    rows = [
        (word(str(status), language), str(counted[status]), word(f"{status} means", language))
        for status in Status
        if counted[status]
    ]
    header = (said("status", language), said("count", language), said("means", language))
    blocks: list[Block] = [Table(header, tuple(rows), (0.22, 0.1, 0.68), (1,), said("parts by status", language))]
    tests: list[Block] = [Text(said("no tests", language))]
    if view.findings:
        keys = ("claim", "witness", "said", "computed", "verdict", "power", "against")
        rows_of_tests = tuple(_test(one, language) for one in view.findings)
        table = Table(tuple(said(key, language) for key in keys), rows_of_tests,
                      (0.2, 0.1, 0.14, 0.17, 0.12, 0.1, 0.17), (5,))  # fmt: skip
        tests = [table]
    return [
        Section(said("corroboration", language), tuple(blocks)),
        Section(said("tests", language), (*tests, *_elements(view, language)), 2),
    ]


def _test(one: Mapping[str, Any], language: Language) -> tuple[str, ...]:
    power = one.get("discriminating_power")
    return (
        " ".join(str(part) for part in (one.get("claim"), one.get("kind"), one.get("said_words")) if part),
        str(one.get("witness") or ""),
        _interval(one.get("said")),
        _interval(one.get("computed")),
        str(one.get("verdict")),
        "" if power is None else f"{power:.2f}",
        " ".join(filter(None, (_sentence(one, language), *map(str, one.get("caveats") or ())))),
    )


def _sentence(one: Mapping[str, Any], language: Language) -> str:
    """What a test gave, in its own sentence, else why."""
    told = one.get("sentence")
    if isinstance(told, Mapping) and told.get(language):
        return str(told[language])
    return "; ".join(str(part) for part in (one.get("why"), one.get("rivals")) if part)


def _elements(view: View, language: Language) -> list[Block]:
    """Factual elements with how many independent witnesses speak to each: two are the usual bar."""
    rows = tuple(
        (
            str(one.get("element")),
            "; ".join(map(str, one.get("witnesses", ()))),
            str(one.get("independent")),
            "; ".join(f"{claim}: {verdict}" for claim, verdict in sorted(dict(one.get("verdicts", {})).items())),
            "" if one.get("power") is None else f"{one['power']:.2f}",
        )
        for one in view.elements
    )
    keys = ("element", "witness", "independent", "verdict", "power")
    header = tuple(said(key, language) for key in keys)
    return [Table(header, rows, (0.3, 0.16, 0.12, 0.3, 0.12), (2, 4))] if rows else []


def exculpatory(incident: Incident) -> bool:
    """Whether a record says so itself: its kind, or a field ``exculpatory``, names it."""
    extra = incident.model_extra or {}
    told = str(extra.get("exculpatory", "")).strip().casefold()
    return told in ("yes", "true", "1", "예") or incident.kind.strip().casefold() in ("exculpatory", "면책")


def against_section(view: View, told: Against, language: Language) -> list[Section]:
    """Failed tests, rival versions, exculpatory records and doubts; said also where there are none."""
    failed = []
    for one in view.findings:
        power = one.get("discriminating_power")
        if one.get("verdict") == "inconsistent":
            failed.append(f"{one.get('claim')}: inconsistent; {one.get('why') or ''}".rstrip("; "))
        elif one.get("verdict") == "undecidable" or (power is not None and power < 0.05):
            failed.append(f"{one.get('claim')}: decides nothing; {one.get('why') or ''}".rstrip("; "))
    rivals = [] if view.blueprint is None else [
        f"{one.what}: {'; '.join(f'{name}: {text}' for name, text in sorted(one.versions.items()))}"
        for one in view.blueprint.contradictions
    ]  # fmt: skip
    records = [
        f"{one.id}, {one.date or said('undated', language)}: {one.summary or one.kind}"
        for one in view.incidents
        if exculpatory(one)
    ]
    groups = {"failed": failed, "rivals": [*rivals, *told.get("rivals", ())], "exculpatory": records,
              "doubts": list(told.get("doubts", ()))}  # fmt: skip
    sections = [Section(said(key, language), (Bullets(tuple(items)),), 2) for key, items in groups.items() if items]
    opening: tuple[Block, ...] = ()
    if not view.inside:
        counts = [*told.get("counts", ()), said("against kept", language)]
        opening = (Bullets(tuple(counts)),)
    elif not sections:
        opening = (Text(said("nothing against", language)),)
    return [Section(said("against", language), opening), *sections]


def counts_against(inside: View, language: Language) -> list[str]:
    """How much speaks against, for readers who may not see what: from the facility as the case's own people see it."""
    verdicts = Counter(one.get("verdict") for one in inside.findings)
    contested = sum(one.status is Status.CONTESTED for one in inside.footprints)
    versions = len(inside.blueprint.contradictions) if inside.blueprint is not None else 0
    records = sum(exculpatory(one) for one in inside.incidents)
    found = []
    if inside.findings:
        found.append(said("against failed", language, count=verdicts["inconsistent"], all=len(inside.findings),
                          undecided=verdicts["undecidable"]))  # fmt: skip
    for key, count in (("contested", contested), ("unplaced", len(inside.unplaced)), ("versions", versions),
                       ("exculpatory", records)):  # fmt: skip
        if count:
            found.append(said(f"against {key}", language, count=count))
    return found


@cache
def _rates() -> Sequence[Mapping[str, Any]]:
    text = files("geoinv").joinpath("api/data/method_rates.json").read_text(encoding="utf-8")
    found: Sequence[Mapping[str, Any]] = json.loads(text)["rates"]
    return found


def methods_section(language: Language) -> Section:
    """Each step with its measured error rate, on what, and the page that says how to reproduce it."""
    at = 1 if language == "ko" else 0
    rows = tuple((one["step"][at], one["rate"][at], one["on"][at], one["page"]) for one in _rates())
    header = tuple(said(key, language) for key in ("method", "rate", "on", "source"))
    return Section(
        said("methods", language),
        (Text(said("methods note", language), "note"), Table(header, rows, (0.2, 0.42, 0.18, 0.2))),
    )


def exhibits_section(view: View, language: Language) -> Section:
    """Every source with its hash; outside the case with commitments in place of names and hashes."""
    digest = said("digest" if view.inside else "commitment", language)
    header = (said("number", language), said("file", language), said("kind", language), digest)
    rows = tuple((str(number), one.name, one.kind, one.digest) for number, one in enumerate(view.exhibits, 1))
    return Section(said("exhibits", language), (Table(header, rows, (0.05, 0.27, 0.1, 0.58), (0,)),))


def withheld_section(view: View, language: Language) -> Section:
    """What was kept back or made coarser for this audience, and by which rule."""
    header = tuple(said(key, language) for key in ("what", "rule", "count"))
    rows = tuple((one.what, one.rule, "" if one.count is None else str(one.count)) for one in view.withheld)
    return Section(said("withheld", language), (Table(header, rows, (0.3, 0.58, 0.12), (2,)),))
