"""Step “trace”: every drawing, as received, read into elements."""

from __future__ import annotations

from pathlib import Path

from geoinv.case.build import Job
from geoinv.case.folder import Case
from geoinv.case.making.common import made_by
from geoinv.errors import GeoinvError
from geoinv.facilities.sketch_io import sketch_geojson
from geoinv.facilities.trace import trace
from geoinv.files.atomic import write_json
from geoinv.files.drawings import read_drawing
from geoinv.records.decisions import TraceElement
from geoinv.records.drawings import Sketch, SketchElement

__all__ = ["make", "traced"]


def _told(traced: Sketch, record: Sketch) -> Sketch:
    """The traced elements under what people noted of the drawing."""
    noted = record.model_dump(exclude_none=True, exclude={"elements", "name", "page", "page_size"})
    if record.scope == "site" and traced.scope == "building" and "scope" not in record.model_fields_set:
        noted.pop("scope", None)
    return traced.model_copy(update={key: getattr(record, key, value) for key, value in noted.items()})


def _as_drawn(case: Case, slug: str, sketch: Sketch) -> Sketch:
    """A traced sketch with the shapes that people drew, redrew or took out."""
    elements = {one.id: one for one in sketch.elements}
    for _, decision in case.decisions():
        body = decision.body
        if not isinstance(body, TraceElement) or (body.facility, body.sketch) != (slug, sketch.name):
            continue
        before = elements.pop(body.element, None)
        if body.geometry is not None:
            role, label = (before.role, before.label) if before else ("other", None)
            elements[body.element] = SketchElement(
                id=body.element, geometry=body.geometry, role=body.role or role, label=body.label or label
            )
    return sketch.model_copy(update={"elements": tuple(elements.values())})


def traced(case: Case, slug: str, record: Sketch, relative: Path) -> Sketch:
    """One drawing read into elements, with what people noted of it and the shapes that they drew.

    Parameters
    ----------
    record
        What is noted of it.
    relative
        Where it lies below the case.

    Raises
    ------
    GeoinvError
        If it cannot be read.
    """
    said = record.scope if "scope" in record.model_fields_set else None
    drawn = trace(read_drawing(case.root / relative), name=record.name, scope=said)
    return _as_drawn(case, slug, _told(drawn, record))


def make(job: Job, folder: Path) -> list[str]:
    """Write ``sketches/<drawing>.geojson`` per drawing; a drawing that cannot be read becomes a problem."""
    problems = []
    for record, relative in job.case.sketch_files(job.facility.slug):
        try:
            sketch = traced(job.case, job.facility.slug, record, relative)
        except GeoinvError as error:
            problems.append(error.at(file=record.name).sentence())
            continue
        if not sketch.elements:
            problems.append(
                f"{record.name}: no shape was found in this drawing; trace it by hand and add it as GeoJSON."
            )
        elif len(sketch.elements) < 2:
            problems.append(
                f"{record.name}: only one shape was found, too little to place the drawing by; give ties by hand."
            )
        write_json(
            folder / "sketches" / f"{record.name}.geojson", {**sketch_geojson(sketch), "geoinv": made_by(job, "trace")}
        )
    return problems
