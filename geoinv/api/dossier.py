"""A facility's dossier: what is known, how, what speaks against it, and under which heads of law it may fall.

One document for the case's own people or for an audience, whose consent and rules it honours, written as Word, PDF and
HTML from the same blocks. It lists what the records support; it never concludes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

from geoinv import __version__
from geoinv.api.casefiles import underlays_of
from geoinv.api.dossier_bundle import bundle
from geoinv.api.dossier_conflicts import conflict_sentences
from geoinv.api.dossier_evidence import (
    against_section,
    corroboration_section,
    counts_against,
    exhibits_section,
    methods_section,
    withheld_section,
)
from geoinv.api.dossier_incidents import incident_sections, legal_sections, since_section
from geoinv.api.dossier_people import people_sections
from geoinv.api.dossier_sheet import gazetteer, numbered, sheet_facts, sheet_section
from geoinv.api.dossier_view import View, of_theme, view_of
from geoinv.api.dossier_words import said
from geoinv.api.grounds import ground_of
from geoinv.case.choosing import beware, place_findings
from geoinv.case.folder import Case
from geoinv.case.second_looks import second_looks
from geoinv.errors import FieldError, ReleaseError
from geoinv.facilities.vocabulary import themes
from geoinv.models.sheet_set import sheet_set
from geoinv.pages.document_docx import document_docx
from geoinv.pages.document_html import document_html
from geoinv.pages.document_pdf import document_pdf
from geoinv.pages.documents import Block, Bullets, Document, Figure, Section, Table, Text, all_text
from geoinv.pages.figures import site_map
from geoinv.pages.figures_location import location_figure
from geoinv.pages.told import told
from geoinv.pages.words import Language, language_of, word
from geoinv.records.naming import Naming
from geoinv.records.testimony import Statement

__all__ = [
    "DOSSIER_FORMATS",
    "banner_of",
    "document_bytes",
    "dossier",
    "dossier_document",
    "hold",
    "shown_sections",
]

DOSSIER_FORMATS = ("docx", "pdf", "html", "bundle")


def dossier(
    case: Case,
    facility: str,
    *,
    formats: Sequence[str] = ("docx",),
    audience: str | None = None,
    language: str = "en",
    since: date | None = None,
    theme: str | None = None,
    on: date | None = None,
) -> dict[str, bytes]:
    """The facility's dossier, by format.

    Parameters
    ----------
    case
        With the facility built.
    facility
        Its slug.
    formats
        Of ``DOSSIER_FORMATS``; ``bundle`` is the other side's copy, a zip.
    audience
        For whom, as in ``case.toml``; ``None`` for the case's own people, and every page says so.
    language
        ``en`` or ``ko``.
    since
        Adds a part on what happened on or after this day.
    theme
        Only incidents that surely belong to a theme collection.
    on
        The day embargoes and consents that end are judged by; without one, what ends has ended.

    Raises
    ------
    FieldError
        If a format or the language is not known.
    CaseError
        If the case has no such facility.
    ReleaseError
        If it has no such audience, or something made for it would name what must stay in the case.
    """
    for name in formats:
        if name not in DOSSIER_FORMATS:
            raise FieldError(f"“{name}” is no format of a dossier", do=f"choose of {', '.join(DOSSIER_FORMATS)}",
                             field="--format")  # fmt: skip
    wanted = list(dict.fromkeys(formats))
    made: dict[str, bytes] = {}
    if any(name != "bundle" for name in wanted):
        document = dossier_document(
            case, facility, audience=audience, language=language, since=since, theme=theme, on=on
        )
        made = {name: document_bytes(document, name) for name in wanted if name != "bundle"}
    if "bundle" in wanted:
        made["bundle"] = bundle(case, facility, audience=audience, on=on)
    return made


def document_bytes(document: Document, name: str) -> bytes:
    """A document as ``docx``, ``pdf`` or ``html``."""
    if name == "docx":
        return document_docx(document)
    return document_pdf(document) if name == "pdf" else document_html(document).encode()


def dossier_document(
    case: Case,
    facility: str,
    *,
    audience: str | None = None,
    language: str = "en",
    since: date | None = None,
    theme: str | None = None,
    on: date | None = None,
) -> Document:
    """The dossier as blocks; arguments and errors as of ``dossier``."""
    lang = language_of(language)
    view = view_of(case, facility, audience, on=on)
    if theme is not None:
        view = of_theme(view, theme)
    underlays = underlays_of(case, view.footprints)
    dates = [one.date for one in underlays if one.date]
    sections: list[Section] = [
        Section(said("sheet", lang), _opening(case, view, lang)),
        *sheet_section(view, lang),
        gazetteer(view, _published(case, view), lang),
        _maps(case, view, lang),
        *corroboration_section(view, lang),
        *incident_sections(view, lang),
        *people_sections(view, case.facility(facility).posts, lang),
        *legal_sections(view, lang),
    ]
    if since is not None:
        sections.append(since_section(view, since, lang))
    sections += [*against_section(view, _against(case, view, lang), lang), methods_section(lang)]
    sections.append(exhibits_section(view, lang))
    if view.inside:
        sections.append(Section(said("rerun", lang), (Text(said("rerun text", lang)),)))
    else:
        sections.append(withheld_section(view, lang))
    document = Document(
        title=view.facility.name,
        subtitle=" · ".join(filter(None, (case.settings.title, said("dossier", lang), _theme(theme, lang)))),
        sections=shown_sections(sections, lang),
        language=lang,
        banner=banner_of(case, view, lang),
        facts=tuple(sheet_facts(view, dates, lang)),
        foot=f"{word('made by', lang, version=__version__)} · {said('ledger', lang)}: {_head(view)}",
    )
    hold(document, view)
    return document


def shown_sections(sections: Sequence[Section], language: Language) -> tuple[Section, ...]:
    """Sections whose tables without rows say so in words."""
    return tuple(_told(section, language) for section in sections)


def _told(section: Section, language: Language) -> Section:
    """A section whose tables without rows say so in words."""
    blocks = (Text(said("none told", language), "note") if isinstance(block, Table) and not block.rows else block
              for block in section.blocks)  # fmt: skip
    return Section(section.title, tuple(blocks), section.level)


def _theme(theme: str | None, language: Language) -> str:
    return themes()[theme].word(language) if theme is not None else ""


def _head(view: View) -> str:
    """The state of the case, shortened; the whole hash stands in the ledger."""
    return view.head[:16]


def banner_of(case: Case, view: View, language: Language) -> str:
    """What stands on every page: that it is fictional, and for whom it is."""
    parts = [word("fictional note", language)] if case.settings.simulated or view.facility.simulated else []
    parts.append(said("inside", language) if view.inside else said("only for", language, name=view.audience))
    return " · ".join(parts)


def hold(document: Document, view: View) -> None:
    """Refuse a document for an audience that holds a codename or a file's name of the case."""
    if view.inside:
        return
    text = "\n".join(all_text(document))
    found = Naming(view.secrets).words_of(text)
    if found:
        raise ReleaseError(
            f"the dossier would hold words that must stay in the case ({len(found)} of them)",
            do="look for codenames and file names in summaries, names and labels, and replace them",
        )


def _opening(case: Case, view: View, language: Language) -> tuple[Block, ...]:
    blocks: list[Block] = [Text(said("no conclusion", language), "warning")]
    if language == "ko":
        blocks.append(Text(said("korean note", language), "note"))
    if view.inside:  # which other facilities there are is not for everybody
        for key, items in (("beware", beware(case, view.facility.slug)),
                           ("place checks", place_findings(case, view.facility.slug))):  # fmt: skip
            if items:
                blocks += [Text(said(key, language) + ":", "warning"), Bullets(tuple(items))]
    return tuple(blocks)


def _published(case: Case, view: View) -> list[Statement]:
    if not view.inside:
        return []
    return [one for one in case.statements(view.facility.slug).statements if one.kind == "published"]


def _against(case: Case, view: View, language: Language) -> dict[str, list[str]]:
    """What the build and the decisions say against; outside the case as counts, since it names sources."""
    if not view.inside:
        return {"counts": counts_against(view_of(case, view.facility.slug, None), language)}
    slug = view.facility.slug
    rivals = [f"{'; '.join(one.labels) or one.drawn[0]}: {one.why}" for one in view.unplaced]
    doubts = [*second_looks(case, slug), *place_findings(case, slug)]
    for number, one in numbered(view.footprints):
        # As the table of numbered areas calls it: an id of the case alone says nothing to a reader.
        name = " ".join((said("number", language), str(number), "; ".join(one.labels))).rstrip()
        doubts += [f"{name}: {told(warning, language)}" for warning in one.warnings]
    doubts += [f"{one.incident}: {one.why}" for one in view.bindings if "beware" in one.why]
    doubts += _untested(case, slug)
    if view.location is not None:
        doubts += [told(one, language) for one in view.location.diagnostics.notes]
        doubts += conflict_sentences(view.location, case.statements(slug).statements, language)
    return {"rivals": rivals, "doubts": list(dict.fromkeys(doubts))}


def _untested(case: Case, slug: str) -> list[str]:
    """Claims that exclude each other, that do not meet the building's dates, or that could not be tested."""
    path = case.models_dir(slug) / "findings.json"
    if not path.is_file():
        return []
    data = json.loads(path.read_text(encoding="utf-8"))
    told = [f"{' / '.join(one.get('claims', ()))}: {one.get('why')}" for one in data.get("contradictions", ())]
    for key in ("anachronisms", "untested"):
        told += [f"{claim}: {why}" for claim, why in sorted(data.get(key, {}).items())]
    return told


def _maps(case: Case, view: View, language: Language) -> Section:
    """The site map by incidents, where what was said puts it, and every sheet of the model."""
    blocks: list[Block] = []
    underlays = underlays_of(case, view.footprints)
    if view.footprints:
        counts = _counts(view)
        svg = site_map(view.facility, view.footprints, underlay=underlays[-1] if underlays else None, counts=counts,
                       language=language)  # fmt: skip
        blocks.append(Figure(said("site map", language), svg))
    statements = case.statements(view.facility.slug) if view.inside else None
    if statements is not None and statements.statements and view.location is not None:
        svg = location_figure(statements, view.location, title=view.facility.name,
                              simulated=view.facility.simulated, language=language)  # fmt: skip
        blocks.append(Figure(said("where", language), svg, 0.85))
    if view.blueprint is not None:
        ground = ground_of(underlays, view.blueprint.frame)
        for sheet in sheet_set(view.blueprint, ground=ground, lang=language):
            one = sheet.building
            name = "" if one is None else one.labels[0] if one.labels else one.id
            blocks.append(Figure(said(f"{sheet.kind} sheet", language, name=name), sheet.svg))
    return Section(said("maps", language), tuple(blocks))


def _counts(view: View) -> dict[str, int]:
    shown = {one.id for one in view.footprints}
    found: dict[str, int] = {}
    known = {one.id for one in view.incidents}
    for binding in view.bindings:
        if binding.footprint in shown and binding.incident in known:
            found[binding.footprint] = found.get(binding.footprint, 0) + 1
    return {place: count for place, count in found.items() if view.minimum == 1 or count >= view.minimum}
