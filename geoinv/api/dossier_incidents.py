"""The parts of a dossier about incidents: counts, tables by place and date, analyses, law, acts since a day, posts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from geoinv.api.dossier_sheet import numbered
from geoinv.api.dossier_view import View
from geoinv.api.dossier_words import said
from geoinv.facilities.analyses import Tally, by_violation, chart, heat, since, tally, timeline
from geoinv.facilities.incident_queries import violations_of
from geoinv.facilities.legal import LegalRow, legal_notes, mapping, regimes, standing_in_words
from geoinv.facilities.vocabulary import violation_called
from geoinv.pages.documents import Block, Bullets, Figure, Section, Table, Text
from geoinv.pages.figures_timeline import timeline_figure
from geoinv.pages.words import Language
from geoinv.records.incidents import Binding, Incident

__all__ = ["incident_sections", "legal_sections", "since_section"]


def _label(violation: str, language: Language) -> str:
    known = violation_called(violation)
    return known.word(language) if known else violation


def _places(view: View, language: Language) -> dict[str, str]:
    """Names of buildings and rooms by id: number and label."""
    named = {
        one.id: f"{number} {'; '.join(one.labels[:1]) or said('unnamed', language)}"
        for number, one in numbered(view.footprints)
    }
    return {**named, **view.room_names}


def _cells(counted: Tally) -> tuple[str, str, str]:
    return str(counted.incidents), str(counted.acts), str(counted.victims)


def _tellable(view: View, counted: Tally) -> bool:
    """Whether a row of counts may be shown to this audience."""
    return view.minimum == 1 or counted.acts >= view.minimum


def incident_sections(view: View, language: Language) -> list[Section]:
    """Totals, timeline, heat, violations, the two analyses, and every incident by place and date."""
    incidents = view.incidents
    total = tally(incidents)
    blocks: list[Block] = [Text(said("three counts", language))]
    counts = [(said("incidents", language), str(total.incidents))]
    if view.minimum == 1:  # a total beside rows of which some are left out would give those away
        counts += [
            (said("acts", language), str(total.acts)),
            (said("victims", language), str(total.victims)),
            (said("perpetrators", language), str(total.perpetrators)),
            (said("acts without", language), str(total.acts_without_victim)),
        ]
    blocks.append(Table(("", said("count", language)), tuple(counts), (0.6, 0.4), (1,)))
    if view.minimum > 1:
        blocks.append(Text(said("too few", language, count=view.minimum), "note"))
    years = timeline(incidents)
    if years:
        bars = [(one.year, one.sure.incidents, one.possible.incidents) for one in years]
        title = said("timeline", language)
        svg = timeline_figure(bars, title=title, language=language, fictional=view.facility.simulated)
        blocks.append(Figure(title, svg, 0.85))
    sections = [Section(said("incidents", language), tuple(blocks))]
    sections += _heat(view, language)
    sections.append(_violations(view, language))
    sections += [_chart(view, name, language) for name in ("freedom exercised", "guarantee denied")]
    sections.append(_list(view, incidents, said("list", language), language))
    return sections


def _heat(view: View, language: Language) -> list[Section]:
    names, found = _places(view, language), []
    header = ("", *(said(key, language) for key in ("incidents", "acts", "victims", "violations", "least sure")))
    for by, title in (("footprint", "by building"), ("room", "by room")):
        rows = []
        for one in heat(view.incidents, view.bindings, by=by):
            kinds = "; ".join(f"{_label(name, language)} {count}" for name, count in one.violations.items()
                              if view.minimum == 1)  # fmt: skip
            counted = _cells(one.counted) if view.minimum == 1 else (str(one.counted.incidents), "", "")
            rows.append((names.get(one.place, one.place), *counted, kinds, f"{one.least_sure:.2f}"))
        if rows:
            table = Table(header, tuple(rows), (0.24, 0.09, 0.09, 0.09, 0.37, 0.12), (1, 2, 3, 5))
            found.append(Section(said(title, language), (table,), 2))
    return found


def _violations(view: View, language: Language) -> Section:
    rows = [
        (_label(name, language), *_cells(counted))
        for name, counted in by_violation(view.incidents).items()
        if _tellable(view, counted)
    ]
    header = tuple(said(key, language) for key in ("violation", "incidents", "acts", "victims"))
    return Section(
        said("by violation", language), (Table(header, tuple(rows), (0.55, 0.15, 0.15, 0.15), (1, 2, 3)),), 2
    )


def _chart(view: View, name: str, language: Language) -> Section:
    rows = []
    for row in chart(view.incidents, name, language=language).rows:
        figure = ""
        if row.published is not None:
            status = said("printed" if row.published.status == "printed" else "inferred figure", language)
            other = f" / {row.published.other_reading}" if row.published.other_reading is not None else ""
            figure = f"{row.published.acts}{other} ({status})"
        shown = (str(row.counted.acts), str(row.counted.victims)) if _tellable(view, row.counted) else ("", "")
        rows.append((row.label, *shown, figure))
    header = tuple(said(key, language) for key in ("violation", "acts", "victims", "published"))
    return Section(said(name, language), (Table(header, tuple(rows), (0.36, 0.1, 0.12, 0.42), (1, 2)),), 2)


def _list(view: View, incidents: Iterable[Incident], title: str, language: Language) -> Section:
    """Incidents by building, room and date, each with its acts, how sure and where it stands."""
    names = _places(view, language)
    bound = {binding.incident: binding for binding in view.bindings}
    ordered = sorted(incidents, key=lambda one: _order(one, bound.get(one.id), names))
    rows = []
    for one in ordered:
        binding = bound.get(one.id)
        building, room = _where(one, binding, names)
        sure = (
            f"{one.certainty or ''} {binding.probability:.2f}" if binding and binding.footprint else one.certainty or ""
        )
        acts = "; ".join(dict.fromkeys(_label(violations_of(act)[0], language) for act in one.acts))
        rows.append((building, room, _day(one, language),
                     "; ".join(filter(None, (one.kind, one.summary))), acts if view.minimum == 1 else "", sure.strip(),
                     "; ".join(f"{source.source} {source.page or ''}".strip() for source in one.sources)))  # fmt: skip
    header = tuple(said(key, language) for key in ("building", "room", "date", "what", "violations", "sure", "sources"))
    return Section(title, (Table(header, tuple(rows), (0.14, 0.11, 0.12, 0.22, 0.17, 0.09, 0.15)),), 2)


def _day(one: Incident, language: Language) -> str:
    """A record's date; a period may be broken behind its stroke."""
    return str(one.date).replace("/", "/\u200b") if one.date else said("undated", language)


def _order(one: Incident, binding: Binding | None, names: dict[str, str]) -> tuple[object, ...]:
    building, room = _where(one, binding, names)
    number = int(building.split(" ")[0]) if building.split(" ")[0].isdigit() else 9999
    return number, building, room, one.date is None, one.date.earliest if one.date else date.max, one.id


def _where(one: Incident, binding: Binding | None, names: dict[str, str]) -> tuple[str, str]:
    """Building and room it was bound to, else as the record calls them."""
    building = names.get(binding.footprint, "") if binding and binding.footprint else ""
    room = names.get(binding.room, "") if binding and binding.room else ""
    return building or (f"“{one.place_label}”" if one.place_label else ""), room or (
        f"“{one.room_label}”" if one.room_label else "")  # fmt: skip


def legal_sections(view: View, language: Language) -> list[Section]:
    """Regime by regime: what the records hold under its heads, by paragraph, over time."""
    rows = [row for row in mapping(view.incidents) if _tellable(view, row.counted)]
    opening: list[Block] = [
        Text(said("no conclusion", language), "warning"),
        Text(said("legal note", language), "note"),
    ]
    opening.append(Bullets(legal_notes(language)))
    if view.minimum > 1:
        opening.append(Text(said("too few", language, count=view.minimum), "note"))
    sections = [Section(said("legal", language), tuple(opening))]
    header = tuple(
        said(key, language)
        for key in ("violation", "paragraphs", "standing", "acts", "victims", "incidents", "over time", "condition")
    )
    for regime in regimes().values():
        mine = [row for row in rows if row.head.regime == regime.id]
        if mine:
            table = Table(
                header, tuple(_legal_row(view, row, language) for row in mine),
                (0.17, 0.1, 0.2, 0.06, 0.07, 0.08, 0.19, 0.13), (3, 4, 5),
            )  # fmt: skip
            sections.append(Section(f"{regime.jurisdiction} · {regime.word(language)}", (table,), 2))
    return sections


def _legal_row(view: View, row: LegalRow, language: Language) -> tuple[str, ...]:
    words = standing_in_words(row.head, language)
    standing = f"{words} [{said('inferred', language)}]" if row.inferred else words
    years = "; ".join(
        f"{one.year}: {one.sure.incidents}" + (f" (+{one.possible.incidents})" if one.possible.incidents else "")
        for one in row.years
        if one.sure.incidents or one.possible.incidents
    )
    met = "" if row.head.condition is None else said(str(row.met), language)
    if row.conditioned is not None and view.minimum == 1:
        met += f" ({row.conditioned.acts}/{row.counted.acts})"
    through = f" ({_label(row.head.through, language)})" if row.head.through else ""
    return (_label(row.head.violation, language) + through, row.head.paragraphs, standing, str(row.counted.acts),
            str(row.counted.victims) if view.minimum == 1 else "", str(row.counted.incidents),
            years if view.minimum == 1 else "", met)  # fmt: skip


def since_section(view: View, day: date, language: Language) -> Section:
    """What happened since a day: designations are renewed on evidence that violations went on."""
    sure, possible = since(view.incidents, day)
    blocks: list[Block] = []
    for key, some in (("surely since", sure), ("maybe since", possible)):
        counted = tally(some)
        shown = f"{said(key, language)}: {said('incidents', language)} {counted.incidents}"
        if view.minimum == 1:
            shown += f", {said('acts', language)} {counted.acts}, {said('victims', language)} {counted.victims}"
        if view.minimum == 1 or counted.incidents >= view.minimum:
            blocks.append(Text(shown))
    blocks += _list(view, _enough(view, sure), "", language).blocks
    return Section(said("since", language, day=day.isoformat()), tuple(blocks))


def _enough(view: View, incidents: Sequence[Incident]) -> Sequence[Incident]:
    return incidents if view.minimum == 1 or len(incidents) >= view.minimum else ()
