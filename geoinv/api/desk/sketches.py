"""Drawings of a facility as pages of the desk show them: what is noted of each, and its shapes in drawing units."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shapely.geometry import mapping

from geoinv.case.folder import Case
from geoinv.case.making.trace import traced
from geoinv.errors import CaseError, GeoinvError
from geoinv.facilities.sketch_io import read_sketch, sketch_geojson
from geoinv.facilities.sketch_shapes import drawn_buildings
from geoinv.records.base import canonical_json
from geoinv.records.decisions import TraceElement
from geoinv.records.drawings import Sketch

__all__ = ["Drawn", "drawn_named", "drawn_of", "elements_of", "read_ahead"]


@dataclass(frozen=True)
class Drawn:
    """One drawing.

    Attributes
    ----------
    sketch
        What is noted of it, with its elements where it was traced, as people set them.
    path
        Where it lies.
    traced
        The tracing as the last build wrote it, or as it is read now; empty where it cannot be read.
    """

    sketch: Sketch
    path: Path
    traced: dict[str, Any]


def drawn_of(case: Case, slug: str) -> tuple[Drawn, ...]:
    """Every drawing of a facility that may be used."""
    return tuple(_drawn(case, slug, sketch, case.root / relative) for sketch, relative in case.sketch_files(slug))


def drawn_named(case: Case, slug: str, name: str) -> Drawn:
    """One drawing by its name.

    Raises
    ------
    CaseError
        If the facility has none of that name.
    """
    for sketch, relative in case.sketch_files(slug):
        if sketch.name == name:
            return _drawn(case, slug, sketch, case.root / relative)
    raise CaseError(f"{slug} has no drawing “{name}”", do="choose another")


def _drawn(case: Case, slug: str, record: Sketch, path: Path) -> Drawn:
    made = case.models_dir(slug) / "sketches" / f"{record.name}.geojson"
    # Not built yet: it is read now, so that it can be laid before the first build.
    read = json.loads(made.read_text(encoding="utf-8")) if made.is_file() else _read_now(case, slug, record, path)
    if not read:
        return Drawn(record, path, {})
    sketch = read_sketch(read, name=record.name)
    elements = (case.history.as_set(one, f"{slug}/{sketch.full_name(one.id)}") for one in sketch.elements)
    scope = record.scope if "scope" in record.model_fields_set else sketch.scope
    return Drawn(record.model_copy(update={"elements": tuple(elements), "scope": scope}), path, read)


#: Drawings read before a build, by path, time and what people said and drew of them, the latest last.
_READ: OrderedDict[tuple[object, ...], dict[str, Any]] = OrderedDict()
_KEPT = 48


def _read_now(case: Case, slug: str, record: Sketch, path: Path) -> dict[str, Any]:
    """A drawing as tracing reads it; empty where it cannot be read."""
    drawn = tuple(
        entry.id
        for entry, decision in case.decisions()
        if isinstance(decision.body, TraceElement)
        and (decision.body.facility, decision.body.sketch) == (slug, record.name)
    )
    key = (path, path.stat().st_mtime_ns, canonical_json(record.plain()), drawn)
    found = _READ.get(key)
    if found is None:
        try:
            found = sketch_geojson(traced(case, slug, record, path.relative_to(case.root)))
        except GeoinvError:
            found = {}
        _READ[key] = found
        while len(_READ) > _KEPT:
            _READ.popitem(last=False)
    return found


def read_ahead(root: Path, slug: str) -> None:
    """Read a facility's drawings in the background, so that the first page that shows one need not wait for it."""

    def read() -> None:
        # Whatever is wrong is told where it is shown; this only saves time.
        with suppress(GeoinvError, OSError), Case.open(root) as case:
            drawn_of(case, slug)

    threading.Thread(target=read, daemon=True).start()


def elements_of(drawn: Drawn) -> list[dict[str, Any]]:
    """The drawn things, JSON-ready; ``tie`` is the point that a tie lays on the ground, where one can be laid."""
    middles = {one.id: shape.centroid.coords[0] for one, shape in drawn_buildings(drawn.sketch)}
    return [
        {
            "id": one.id,
            "role": one.role,
            "label": one.label,
            "certainty": one.certainty,
            "geometry": mapping(one.geometry),
            "tie": [round(value, 3) for value in middles[one.id]] if one.id in middles else None,
        }
        for one in drawn.sketch.elements
    ]
