"""An annex of facts for a submission: several facilities, what is known of each and how, what speaks against.

It names no regime of sanctions: a submission to a body of the United Nations argues elsewhere, this holds the facts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from geoinv import __version__
from geoinv.api.casefiles import underlays_of
from geoinv.api.dossier import banner_of, hold, shown_sections
from geoinv.api.dossier_evidence import against_section, corroboration_section, counts_against, methods_section
from geoinv.api.dossier_incidents import incident_sections
from geoinv.api.dossier_sheet import sheet_facts, sheet_section
from geoinv.api.dossier_view import View, of_theme, view_of
from geoinv.api.dossier_words import said
from geoinv.case.folder import Case
from geoinv.errors import CaseError
from geoinv.facilities.analyses import tally
from geoinv.facilities.vocabulary import published_totals, themes
from geoinv.pages.documents import Block, Document, Figure, Section, Table, Text
from geoinv.pages.figures import site_map
from geoinv.pages.words import Language, language_of, word

__all__ = ["annex_document"]


def annex_document(
    case: Case,
    facilities: Sequence[str],
    *,
    audience: str | None = None,
    language: str = "en",
    theme: str | None = None,
    on: date | None = None,
) -> Document:
    """The annex as blocks.

    Parameters
    ----------
    facilities
        Slugs; all if empty.
    audience, on
        As of ``dossier``.
    theme
        Only incidents of a theme collection.

    Raises
    ------
    CaseError, ReleaseError, FieldError
        As of ``dossier``; if the case has no facility.
    """
    lang = language_of(language)
    slugs = list(facilities) or [one.slug for one in case.facilities()]
    if not slugs:
        raise CaseError("this case has no facility yet", do="add one first")
    views = [view_of(case, slug, audience, on=on) for slug in slugs]
    if theme is not None:
        views = [of_theme(view, theme) for view in views]
    sections = [_opening(views, lang)]
    for number, view in enumerate(views, 1):
        sections += _facility(case, view, number, lang)
    sections.append(methods_section(lang))
    name = f": {themes()[theme].word(lang)}" if theme is not None else ""
    document = Document(
        title=f"{said('annex', lang)}{name}",
        subtitle=case.settings.title,
        sections=shown_sections(sections, lang),
        language=lang,
        banner=banner_of(case, views[0], lang),
        foot=f"{word('made by', lang, version=__version__)} · {said('ledger', lang)}: {case.ledger_head[:16]}",
    )
    for view in views:
        hold(document, view)
    return document


def _opening(views: Sequence[View], language: Language) -> Section:
    """All facilities in one table, counts apart, with the published totals of the whole system beside."""
    header = (said("name", language), *(said(key, language) for key in ("incidents", "acts", "victims")))
    rows = []
    for view in views:
        counted = tally(view.incidents)
        told = (str(counted.acts), str(counted.victims)) if view.minimum == 1 else ("", "")
        rows.append((view.facility.name, str(counted.incidents), *told))
    totals = published_totals()
    rows.append((said("published", language) + " (¶ 45)", str(totals["incidents"]), "", str(totals["victims"])))
    blocks: tuple[Block, ...] = (
        Text(said("no conclusion", language), "warning"),
        Text(said("three counts", language)),
        Table(header, tuple(rows), (0.55, 0.15, 0.15, 0.15), (1, 2, 3)),
    )
    return Section(said("incidents", language), blocks)


def _facility(case: Case, view: View, number: int, language: Language) -> list[Section]:
    """One facility's facts, its parts one level below its name."""
    underlays = underlays_of(case, view.footprints)
    dates = [one.date for one in underlays if one.date]
    blocks: list[Block] = [Table(("", ""), tuple(sheet_facts(view, dates, language)), (0.2, 0.8))]
    if view.footprints:
        svg = site_map(view.facility, view.footprints, underlay=underlays[-1] if underlays else None, language=language)
        blocks.append(Figure(said("site map", language), svg, 0.8))
    inside = view if view.inside else view_of(case, view.facility.slug, None)
    told = {"counts": counts_against(inside, language)}
    parts = [*sheet_section(view, language), *corroboration_section(view, language), *incident_sections(view, language)]
    parts += against_section(view, told, language)
    below = [Section(one.title, one.blocks, 3 if one.level > 1 else 2) for one in parts]
    return [Section(f"{number}. {view.facility.name}", tuple(blocks)), *below]
