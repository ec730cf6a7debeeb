"""A facility's map for a report, without a server: a page, or a figure to print."""

from __future__ import annotations

from pathlib import Path

from geoinv.case.build import Job
from geoinv.case.folder import Case
from geoinv.case.making.common import opened_scenes
from geoinv.case.making.show import underlays_around
from geoinv.case.reading import built_bindings, built_footprints, built_location, built_unplaced
from geoinv.case.steps import StepLog
from geoinv.errors import CaseError, FieldError
from geoinv.facilities.incidents import counts
from geoinv.files.atomic import write_bytes
from geoinv.pages.figures import figure_pdf, figure_png, site_map
from geoinv.pages.maps import offline_map
from geoinv.pages.words import language_of

__all__ = ["MAP_FORMATS", "write_map"]

MAP_FORMATS = ("html", "png", "svg", "pdf")


def write_map(
    case: Case, facility: str, target: Path, *, format_: str = "html", dpi: int = 300, lang: str = "en"
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

    Raises
    ------
    CaseError
        If there is no such facility, or it has not been built.
    FieldError
        If the format or the language is not known.
    """
    if format_ not in MAP_FORMATS:
        raise FieldError(f"“{format_}” is not a format of a map", do=f"choose one of {', '.join(MAP_FORMATS)}")
    language, record, folder = language_of(lang), case.facility(facility), case.models_dir(facility)
    footprints, location = built_footprints(folder), built_location(folder)
    if not footprints and location is None:
        raise CaseError("there is nothing to show on a map yet", do="run “geoinv build” first", item=facility)
    bound = counts(case.incident_records(facility), built_bindings(folder))
    numbers = {building: count.incidents for building, count in bound.items()}
    with opened_scenes(Job(case, record, StepLog.load(folder)), []) as scenes:
        underlays = underlays_around(scenes, footprints, location)
    if format_ == "html":
        page = offline_map(record, footprints, underlays=underlays, counts=numbers, language=language)
        write_bytes(target, page.encode())
        return
    figure = site_map(
        record,
        footprints,
        underlay=underlays[-1] if underlays else None,
        location=location,
        unplaced=built_unplaced(folder),
        counts=numbers,
        language=language,
    )
    if format_ == "svg":
        write_bytes(target, figure.encode())
    else:
        write_bytes(target, figure_pdf(figure) if format_ == "pdf" else figure_png(figure, dpi=dpi))
