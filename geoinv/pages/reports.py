"""The report page of a facility: what is known, how well, and from what; one file, for reading and for print."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from PIL import Image

from geoinv.models.claims_reasons import evidence_in_korean, reason_in_korean
from geoinv.models.claims_words import by_file
from geoinv.pages.carried import FONTS_HERE, with_fonts
from geoinv.pages.map_words import footprint_rows, footprint_title
from geoinv.pages.plans import plan_figure, sketch_figure
from geoinv.pages.shared import share_pictures
from geoinv.pages.styles import STATUS_STYLES
from geoinv.pages.told import told
from geoinv.pages.underlays import data_uri, webp_bytes
from geoinv.pages.words import Language, kind_words, word, words
from geoinv.records.blueprint import Blueprint
from geoinv.records.claims import Finding, Findings
from geoinv.records.drawings import Sketch
from geoinv.records.facility import Facility
from geoinv.records.footprints import Footprint, Unplaced
from geoinv.records.incidents import Binding, Incident
from geoinv.records.locations import Location
from geoinv.records.placements import Match, SketchPlacement
from geoinv.records.testimony import Statements

__all__ = ["ReportRecords", "facility_report"]

#: A statement this probable is said to hold very probably; one below the second is doubtful.
SOLID, DOUBTFUL = 0.9, 0.5
#: Figures that stand in a section of their own, not among the rest.
_STAND = frozenset({"site", "where", "placement"})
#: WebP quality of renders in the page: thin lines stay as sharp as in the PNG.
_RENDER_QUALITY = 92


@dataclass(frozen=True)
class ReportRecords:
    """What a report is made of; anything not known is left empty.

    Attributes
    ----------
    facility
        Whose report it is.
    figures
        Name → SVG text or PNG bytes, shown in the order given; ``site`` stands at the top.
    findings, finding_figures
        What testing its claims gave; figure by the claim's id.
    inputs
        Name → SHA-256 of everything the build read.
    """

    facility: Facility
    statements: Statements = field(default_factory=Statements)
    location: Location | None = None
    sketches: tuple[Sketch, ...] = ()
    match: Match | None = None
    footprints: tuple[Footprint, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()
    blueprint: Blueprint | None = None
    incidents: tuple[Incident, ...] = ()
    bindings: tuple[Binding, ...] = ()
    findings: Findings = field(default_factory=Findings)
    finding_figures: Mapping[str, str] = field(default_factory=dict)
    figures: Mapping[str, str | bytes] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("geoinv.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def facility_report(records: ReportRecords, *, version: str, language: Language = "en") -> str:
    """The report as one HTML file that loads nothing else; every text in it is escaped.

    Parameters
    ----------
    records
        What is known.
    version
        Of geoinv, printed at the foot.
    language
        Of the words.
    """
    made = _figures(records.figures)
    context: dict[str, Any] = {
        "language": language,
        "w": words(language),
        "styles": {str(status): style for status, style in STATUS_STYLES.items()},
        "fonts": Markup(FONTS_HERE),
        "facility": records.facility,
        "facts": _facts(records.facility),
        "tiles": _tiles(records, language),
        "status_counts": _status_counts(records.footprints),
        "site_map": made.get("site"),
        "where_map": made.get("where"),
        "placement_map": made.get("placement"),
        "location": _location(records, language),
        "drawings": _drawings(records.sketches, language),
        "placements": _placements(records.match, language),
        "buildings": [_building(item, language) for item in records.footprints],
        "unplaced": [_unplaced(item, language) for item in records.unplaced],
        "interiors": _interiors(records.blueprint, language),
        "contradictions": _contradictions(records.blueprint),
        "claims": _claims(records, language),
        "incidents": _incidents(records, language),
        "figures": [{"name": name, "made": figure} for name, figure in made.items() if name not in _STAND],
        "inputs": sorted(records.inputs.items()),
        "made_by": word("made by", language, version=version),
    }
    present = {
        "claims": "claims",
        "sketches": "drawings",
        "placement": "placements",
        "interior": "interiors",
        "figures": "figures",
    }
    first = ("summary", "location", "sketches", "placement", "footprints", "interior", "contradictions", "claims")
    order = (*first, "incidents by building", "figures", "methods", "hashes")
    context["sections"] = [key for key in order if key not in present or context[present[key]]]
    return with_fonts(_environment().get_template("report.html").render(context), bold=True)


def _figures(figures: Mapping[str, str | bytes]) -> dict[str, Markup]:
    """Figures to stand in the page: an SVG as it is, so that it has the page's fonts; a PNG as WebP in an ``img``."""
    order = sorted(figures, key=lambda name: name != "site")  # the site map stands at the top, and brings its picture
    drawn = {name: _named_apart(str(figures[name]), number) for number, name in enumerate(order)
             if isinstance(figures[name], str)}  # fmt: skip
    shared = dict(zip(drawn, share_pictures(list(drawn.values())), strict=True))
    return {
        name: Markup(shared[name]) if isinstance(made, str) else _image(name, made) for name, made in figures.items()
    }


def _named_apart(figure: str, number: int) -> str:
    """A figure whose clipping paths have names of their own: in one page they must differ."""
    return figure.replace('id="ground', f'id="figure-{number}-ground').replace(
        "url(#ground", f"url(#figure-{number}-ground"
    )


def _image(name: str, made: bytes) -> Markup:
    with Image.open(io.BytesIO(made)) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    uri = data_uri(webp_bytes(pixels, quality=_RENDER_QUALITY), "image/webp")
    return Markup('<img src="{}" alt="{}">').format(uri, name)


def _facts(facility: Facility) -> list[tuple[str, str]]:
    pairs = (("kind", kind_words(facility)), ("agency", facility.agency), ("place", facility.place))
    return [(key, value) for key, value in pairs if value]


def _metres(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value / 1000:,.1f} km" if value >= 1000 else f"{value:,.0f} m"


def _area(value: float) -> str:
    return f"{value / 1e6:,.2f} km²" if value >= 1e5 else f"{value:,.0f} m²"


def _tiles(records: ReportRecords, language: Language) -> list[dict[str, str]]:
    tiles = [{"number": str(len(records.footprints)), "words": word("footprints", language)}]
    if records.unplaced:
        tiles.append({"number": str(len(records.unplaced)), "words": word("drawn not placed", language)})
    if records.location is not None:
        error = _metres(records.location.diagnostics.expected_error_m)
        tiles.append({"number": error, "words": word("expected error", language)})
    if records.match is not None and records.match.best is not None:
        tiles.append({"number": f"{records.match.best.probability:.2f}", "words": word("placement", language)})
    if records.incidents:
        tiles.append({"number": str(len(records.incidents)), "words": word("incidents", language)})
    return tiles


def _status_counts(footprints: Sequence[Footprint]) -> list[tuple[str, int]]:
    counts = Counter(str(item.status) for item in footprints)
    return [(str(status), counts[str(status)]) for status in STATUS_STYLES if counts[str(status)]]


def _location(records: ReportRecords, language: Language) -> dict[str, Any] | None:
    location = records.location
    if location is None:
        return None
    facts = [
        (word("best point", language), f"{location.best.lat:.5f}, {location.best.lon:.5f}"),
        (word("expected error", language), _metres(location.diagnostics.expected_error_m)),
    ]
    facts += [
        (word("area of region", language, level=f"{100 * region.level:.0f}"), _area(region.area_m2))
        for region in location.regions
    ]
    said = {statement.id: statement for statement in records.statements.statements}
    rows = []
    for worth in location.diagnostics.statements:
        statement = said.get(worth.id)
        rows.append(
            {
                "id": worth.id,
                "kind": statement.kind if statement else "",
                "witness": statement.witness if statement else "–",
                "said": (statement.said or "") if statement else "",
                "valid": f"{worth.probability_valid:.2f}",
                "shift": _metres(worth.shift_without_m),
            }
        )
    chances = [worth.probability_valid for worth in location.diagnostics.statements]
    counts = {
        "total": len(chances),
        "solid": sum(p >= SOLID for p in chances),
        "doubtful": sum(p < DOUBTFUL for p in chances),
    }
    sentence = word("worth sentence", language, **counts)
    notes = [told(note, language) for note in location.diagnostics.notes]
    return {
        "facts": facts,
        "statements": rows,
        "conflicts": location.diagnostics.conflicts,
        "sentence": sentence,
        "notes": notes,
    }


def _drawings(sketches: Sequence[Sketch], language: Language) -> list[dict[str, Any]]:
    found = []
    for sketch in sketches:
        figure = sketch_figure(sketch)
        if figure is None:
            continue
        inside = word("interior plan", language, building=sketch.depicts or word("building", language))
        parts = [inside if sketch.scope == "building" else word("site plan", language)]
        parts += [f"{word('witness', language)}: {sketch.witness}"] if sketch.witness else []
        parts += [f"{word('drawn by', language)}: {sketch.drawn_by}"] if sketch.drawn_by else []
        parts += [f"{word('period shown', language)}: {sketch.period}"] if sketch.period else []
        found.append({"name": sketch.name, "words": " · ".join(parts), "svg": Markup(figure)})
    return found


def _fit(placed: SketchPlacement) -> str:
    fit = placed.fit.get("euclidean") or placed.fit.get("affine")
    return f"{fit.r2:.2f} / {fit.distortion_index:.0f}" if fit else "–"


def _placements(match: Match | None, language: Language) -> dict[str, Any] | None:
    if match is None:
        return None
    none = f"{match.none_probability:.2f}"
    if match.best is None:
        sentence = word("abstains", language, none=none)
    else:
        sentence = word("placement sentence", language, best=f"{match.best.probability:.2f}", none=none)
    rows = []
    for placement in match.placements[:5]:
        for index, (name, placed) in enumerate(placement.sketches.items()):
            drawn = sum(len(pair.sketch) for pair in placed.pairs)
            residuals = list(placed.residuals_m.values())
            rows.append(
                {
                    "rank": placement.rank if index == 0 else "",
                    "probability": f"{placement.probability:.3f}" if index == 0 else "",
                    "share": f"{100 * placement.probability:.1f}" if index == 0 else "",
                    "sketch": name,
                    "mirrored": placed.mirrored,
                    "matched": f"{drawn} / {drawn + len(placed.unmatched)}",
                    "residual": f"{float(np.median(residuals)):.1f} m" if residuals else "–",
                    "fit": _fit(placed),
                }
            )
    return {"sentence": sentence, "rows": rows}


def _building(item: Footprint, language: Language) -> dict[str, Any]:
    sources = sorted({source for evidence in item.evidence.values() for source in evidence.sources} | set(item.drawn))
    hidden = {word(key, language) for key in ("status", "labels", "warnings")}
    return {
        "name": footprint_title(item, language),
        "others": item.labels[1:],
        "status": str(item.status),
        "rows": [row for row in footprint_rows(item, language) if row[0] not in hidden],
        "sources": sources,
        "warnings": [told(warning, language) for warning in item.warnings],
    }


def _unplaced(item: Unplaced, language: Language) -> dict[str, str]:
    name = ", ".join(item.labels) or word("unnamed building", language)
    return {"name": name, "drawn": ", ".join(item.drawn), "why": item.why}


def _interiors(blueprint: Blueprint | None, language: Language) -> list[dict[str, Any]]:
    found = []
    for building in blueprint.buildings if blueprint else ():
        figure = plan_figure(building)
        if figure is None:
            continue
        rooms = [
            {
                "name": ", ".join(room.labels) or "–",
                "role": room.role,
                "status": str(room.status),
                "area": f"{room.polygon.area:.1f}",
                "sources": ", ".join(room.drawn or room.sources),
            }
            for storey in building.storeys
            for room in storey.rooms
        ]
        name = building.labels[0] if building.labels else word("unnamed building", language)
        found.append({"name": name, "svg": Markup(figure), "rooms": rooms})
    return found


def _contradictions(blueprint: Blueprint | None) -> list[dict[str, Any]]:
    kept = blueprint.contradictions if blueprint else ()
    return [{"what": item.what, "versions": sorted(item.versions.items())} for item in kept]


def _claims(records: ReportRecords, language: Language) -> dict[str, Any] | None:
    """The corroboration table, each finding with its figure, what excludes each other, what could not be tested."""
    found = records.findings
    if not found.findings:
        return None
    rows = [
        {
            "element": _said(row.element, language),
            "witnesses": ", ".join(row.witnesses),
            "independent": str(row.independent),
            "sources": ", ".join(by_file(row.sources)) or "–",
            "verdicts": [
                (claim, verdict, word(f"claim {verdict}", language)) for claim, verdict in row.verdicts.items()
            ],
            "power": f"{row.power:.2f}" if row.power is not None else "–",
        }
        for row in found.table
    ]
    tested = [_finding(one, records, language) for one in found.findings if one.model_pass_rate is not None]
    return {
        "rows": rows,
        "tested": tested,
        "opposed": [(", ".join(pair.claims), _said(pair.why, language)) for pair in found.contradictions],
        "untested": [
            (name, reason_in_korean(why) if language == "ko" else why) for name, why in found.untested.items()
        ],
    }


def _said(text: str, language: Language) -> str:
    """What a finding keeps in English, in the page's language."""
    return evidence_in_korean(text) if language == "ko" else text


def _finding(one: Finding, records: ReportRecords, language: Language) -> dict[str, Any]:
    flips = [
        f"{_said(flip.assumption, language)}: {_said(flip.otherwise, language)} → "
        f"{word(f'claim {flip.verdict}', language)}"
        for flip in one.sensitivity
    ]
    figure = records.finding_figures.get(one.claim)
    return {
        "claim": one.claim,
        "sentence": one.sentence.get(language, ""),
        "flips": flips,
        "without": [f"{name}: {_said(left, language)}" for name, left in one.without.items()],
        "rivals": one.words[language].rivals if language in one.words else one.rivals,
        "assumed": [f"{name}: {value}" for name, value in _assumed(one, language).items()],
        "caveats": one.words[language].caveats if language in one.words else one.caveats,
        "figure": Markup(_named_apart(figure, 1000 + len(one.claim))) if figure else None,
    }


def _assumed(one: Finding, language: Language) -> dict[str, str]:
    return one.words[language].assumptions if language in one.words else one.assumptions


def _incidents(records: ReportRecords, language: Language) -> list[dict[str, Any]]:
    names = {item.id: footprint_title(item, language) for item in records.footprints}
    bound = {binding.incident: binding for binding in records.bindings}
    counts: Counter[str] = Counter()
    ways: dict[str, set[str]] = {}
    for incident in records.incidents:
        binding = bound.get(incident.id)
        place = binding.footprint if binding and binding.footprint in names else ""
        counts[place or ""] += 1
        ways.setdefault(place or "", set()).add(binding.how if binding else "none")
    most = max(counts.values(), default=1)
    order = sorted(counts.items(), key=lambda pair: (pair[0] == "", -pair[1], names.get(pair[0], "")))
    return [
        {
            "name": names.get(place, word("not bound", language)),
            "count": number,
            "share": f"{100 * number / most:.1f}",
            "how": ", ".join(sorted(ways[place])),
        }
        for place, number in order
    ]
