"""What the steps share: reading what earlier steps wrote, opening scenes, and the provenance every output carries."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from shapely.geometry import Point

from geoinv.case.build import Job
from geoinv.case.steps import provenance
from geoinv.errors import GeoinvError
from geoinv.facilities import locate_io
from geoinv.facilities.building_names import Called, called_by_pins
from geoinv.facilities.match_io import read_match
from geoinv.facilities.sketch_io import read_sketch
from geoinv.files.pins import named_thing
from geoinv.imagery.scene import Scene, open_scene
from geoinv.records.drawings import Sketch
from geoinv.records.footprints import Footprint
from geoinv.records.locations import Location
from geoinv.records.placements import Anchor, Match
from geoinv.records.scenes import SceneRecord
from geoinv.records.testimony import Statement, Statements

#: How far off a landmark read from a map or scene may be, and a pin of one building that claims no radius, metres.
_LANDMARK_M, _PIN_M = 10.0, 40.0

__all__ = [
    "anchors_of",
    "called_here",
    "location_of",
    "made_by",
    "match_of",
    "opened_scenes",
    "said_where",
    "sketches_of",
]


def made_by(job: Job, step: str) -> dict[str, Any]:
    """The ``geoinv`` member of a step's outputs."""
    return provenance(f"build {step}", job.inputs, settings={"facility": job.facility.slug}, seed=0)


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def sketches_of(job: Job) -> tuple[Sketch, ...]:
    """The facility's traced sketches with what is noted of each and what people set of its elements."""
    found, slug = [], job.facility.slug
    for record in job.case.sketches(slug):
        path = job.built(f"sketches/{record.name}.geojson")
        if path.is_file():
            sketch = read_sketch(_json(path), name=record.name)
            elements = (job.case.history.as_set(one, f"{slug}/{sketch.full_name(one.id)}") for one in sketch.elements)
            found.append(sketch.model_copy(update={"elements": tuple(elements)}))
    return tuple(found)


def location_of(job: Job) -> Location | None:
    """The fused location, or ``None`` where nothing was said about it."""
    path = job.built("location.geojson")
    return locate_io.location_of(_json(path)) if path.is_file() else None


def match_of(job: Job) -> Match | None:
    """The placements kept, or ``None`` where nothing could be placed."""
    path = job.built("match.json")
    return read_match(_json(path)) if path.is_file() else None


def said_where(job: Job) -> Statements:
    """What was said about where, a pin named after a drawn building being of that building."""
    said = job.case.statements(job.facility.slug)
    labels = {element.label for sketch in sketches_of(job) for element in sketch.elements if element.label}
    told = (_meant(statement, labels) for statement in said.statements)
    return said.model_copy(update={"statements": tuple(told)})


def _meant(statement: Statement, labels: set[str]) -> Statement:
    if statement.kind != "pin" or statement.of or not statement.said:
        return statement
    return statement.model_copy(update={"of": named_thing(statement.said, labels)})


def called_here(job: Job, footprints: Sequence[Footprint]) -> tuple[Called, ...]:
    """What the facility's buildings are called besides the labels that drawings give them."""
    return called_by_pins(footprints, said_where(job).statements)


def anchors_of(job: Job) -> tuple[Anchor, ...]:
    """Landmarks, and pins of single buildings, by which a drawing may be tied to the ground."""
    said = said_where(job)
    marks = [
        Anchor(label=mark.name or key, geometry=mark.geometry, sigma_m=_LANDMARK_M, source=key)
        for key, mark in said.landmarks.items()
    ]
    pins = [
        Anchor(
            label=pin.of, geometry=Point(pin.point), sigma_m=pin.radius_m or _PIN_M, witness=pin.witness, source=pin.id
        )
        for pin in said.statements
        if pin.kind == "pin" and pin.of and pin.point
    ]
    return (*marks, *pins)


@contextmanager
def opened_scenes(job: Job, problems: list[str]) -> Iterator[list[Scene]]:
    """The case's scenes, oldest first and undated ones last.

    One that cannot be opened becomes a problem, not an end.
    """
    with ExitStack() as stack:
        scenes = []
        for path, data in job.case.scenes():
            try:
                record = SceneRecord.read(data, file=path)
                scenes.append(stack.enter_context(open_scene(job.case.root / path, record)))
            except GeoinvError as error:
                problems.append(error.at(file=path).sentence())
        yield sorted(scenes, key=_age)


def _age(scene: Scene) -> tuple[bool, str, str]:
    acquired = scene.record.acquired
    return acquired is None, acquired.earliest.isoformat() if acquired else "", scene.name
