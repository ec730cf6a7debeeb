"""The part of a dossier about posts and command: dated posts, their chart, and the acts that name them."""

from __future__ import annotations

from collections.abc import Sequence

from geoinv.api.dossier_view import View
from geoinv.api.dossier_words import said
from geoinv.facilities.posts import levels, linked_acts
from geoinv.pages.documents import Figure, Section, Table
from geoinv.pages.figures_command import command_figure
from geoinv.pages.words import Language
from geoinv.records.facility import HeldPost

__all__ = ["people_sections"]


def people_sections(view: View, posts: Sequence[HeldPost], language: Language) -> list[Section]:
    """Posts as table and chart; outside the case only those that were cleared for the audience, without sources."""
    shown = [one for one in posts if view.inside or view.audience in one.cleared_for]
    if not shown:
        return []
    header = tuple(
        said(key, language) for key in ("post", "holder", "period", "reports to", "agency", "acts", "source")
    )
    rows = tuple(
        (
            one.post,
            one.holder or said("unknown", language),
            str(one.period) if one.period else "",
            one.reports_to or "",
            one.agency or "",
            str(len(linked_acts(view.incidents, one.post))) if view.minimum == 1 else "",
            (one.source or "") if view.inside else "",
        )
        for one in shown
    )
    holders: dict[str, list[str]] = {}
    for one in shown:
        told = " ".join(filter(None, (one.holder, str(one.period) if one.period else "")))
        holders.setdefault(one.post, []).append(told or said("unknown", language))
    lines = list(dict.fromkeys((one.post, one.reports_to) for one in shown if one.reports_to))
    title = said("people", language)
    svg = command_figure(levels(shown), holders, lines, title=title, language=language,
                         fictional=view.facility.simulated)  # fmt: skip
    table = Table(header, rows, (0.2, 0.17, 0.14, 0.2, 0.1, 0.06, 0.13), (5,))
    return [Section(title, (Figure(title, svg, 0.9), table))]
