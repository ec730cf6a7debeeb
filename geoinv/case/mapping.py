"""A facility's map for a report, without a server: a page, or a figure to print."""

from __future__ import annotations

from pathlib import Path

from geoinv.case.build import Job
from geoinv.case.folder import Case
from geoinv.case.making.common import opened_scenes
from geoinv.case.making.show import case_map, report_records, underlays_around
from geoinv.case.steps import StepLog
from geoinv.errors import CaseError, FieldError
from geoinv.files.atomic import write_bytes
from geoinv.pages.figures import figure_pdf, figure_png
from geoinv.pages.map_print import print_map
from geoinv.pages.map_spec import MapBy
from geoinv.pages.maps import offline_map
from geoinv.pages.words import language_of, word

__all__ = ["MAP_FORMATS", "write_map"]

MAP_FORMATS = ("html", "png", "svg", "pdf")


def write_map(
    case: Case,
    facility: str,
    target: Path,
    *,
    format_: str = "html",
    dpi: int = 300,
    lang: str = "en",
    width_mm: float = 180.0,
    by: MapBy = "known",
) -> None:
    """Draw a built facility's map into a file.

    Parameters
    ----------
    case
        With the facility built.
    facility
        Its slug.
    target
        File to write.
    format_
        One of ``MAP_FORMATS``: a self-contained page with every scene, or a figure over the latest.
    dpi
        Pixels an inch of a PNG.
    lang
        ``en`` or ``ko``.
    width_mm
        Of a figure on paper, millimetres.
    by
        What colours it: ``known`` or ``incidents``.

    Raises
    ------
    CaseError
        If there is no such facility, or it has not been built.
    FieldError
        If the format, the language or the width is not known.
    """
    if format_ not in MAP_FORMATS:
        raise FieldError(f"“{format_}” is not a format of a map", do=f"choose one of {', '.join(MAP_FORMATS)}")
    language = language_of(lang)
    job = Job(case, case.facility(facility), StepLog.load(case.models_dir(facility)))
    records = report_records(job)
    if not records.footprints and records.location is None:
        raise CaseError("there is nothing to show on a map yet", do="run “geoinv build” first", item=facility)
    with opened_scenes(job, []) as scenes:
        underlays = underlays_around(scenes, records.footprints, records.location)
    spec, cite = case_map(records, underlays), word("cite working", language)
    if format_ == "html":
        write_bytes(target, offline_map(spec, underlays, language=language, cite=cite, by=by).encode())
        return
    latest = underlays[-1] if underlays else None
    figure = print_map(spec, latest, width_mm=width_mm, language=language, cite=cite, by=by)
    if format_ == "svg":
        write_bytes(target, figure.encode())
    else:
        write_bytes(target, figure_pdf(figure) if format_ == "pdf" else figure_png(figure, dpi=dpi))
