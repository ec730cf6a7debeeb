"""Drawn walls and gates of a compound laid on the ground as its drawn buildings were: attested, never more."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.case.build import Job
from geoinv.case.making.common import match_of, sketches_of
from geoinv.geometry.fits import affine, apply, similarity
from geoinv.geometry.frames import to_local, to_lonlat
from geoinv.records.base import derived_id
from geoinv.records.drawings import Sketch, SketchElement
from geoinv.records.evidence import Confidence, Evidence, Status
from geoinv.records.footprints import Footprint
from geoinv.records.places import Frame

__all__ = ["drawn_compound"]

#: Fewer drawn buildings with a footprint do not say how a drawing lies; from the second number on, how it is stretched.
_LEAST_TIES, _AFFINE_TIES = 2, 4
_BY = "geoinv build model"


def drawn_compound(
    job: Job, frame: Frame, footprints: Sequence[Footprint]
) -> tuple[tuple[Footprint, ...], tuple[str, ...]]:
    """Walls, fences and gates of the drawing that lies best, as footprints of outline ``sketch``, with notes in words.

    One drawing only: witnesses bend walls differently, and two half-agreeing rings would both be wrong. Nothing is
    drawn where imagery or a person has already given a wall.
    """
    if any(one.role == "wall" for one in footprints):
        return (), ()
    laid = [
        (error, sketch, matrix)
        for sketch in sketches_of(job)
        if sketch.name in _placed(job) and (found := _lying(sketch, frame, footprints)) is not None
        for error, matrix in [found]
        if _barriers(sketch)
    ]
    if not laid:
        return (), ()
    error, sketch, matrix = min(laid, key=lambda one: (one[0], one[1].name))
    found = [
        _part(job, sketch, element, frame, matrix, error, footprints)
        for element in (*_barriers(sketch), *sketch.of_role("gate"))
    ]
    note = (
        f"The compound's wall and gates are as {sketch.name} has them, laid as its buildings lie "
        f"(off by about {error:.1f} m); imagery has not been asked about them."
    )
    return tuple(found), (note,)


def _placed(job: Job) -> frozenset[str]:
    found = match_of(job)
    return frozenset(found.best.sketches) if found is not None and found.best is not None else frozenset()


def _barriers(sketch: Sketch) -> tuple[SketchElement, ...]:
    return tuple(one for one in sketch.of_role("wall", "fence") if one.geometry.length > 0)


def _lying(sketch: Sketch, frame: Frame, footprints: Sequence[Footprint]) -> tuple[float, np.ndarray] | None:
    """How a drawing lies as a whole, judged by its buildings that have a footprint.

    Returns
    -------
    Root mean square metres left over, and the matrix from drawing units to metres, shape (2, 3); ``None`` where
    too few buildings are known.
    """
    of_drawn = {name: one for one in footprints for name in one.drawn}
    ties = [
        (element.geometry.centroid.coords[0], to_local(frame, of_drawn[name].geometry).centroid.coords[0])
        for element in sketch.of_role("building", "tower")
        if (name := sketch.full_name(element.id)) in of_drawn
    ]
    if len(ties) < _LEAST_TIES:
        return None
    source, target = (np.array(points, dtype=float) for points in zip(*ties, strict=True))
    matrix = affine(source, target) if len(ties) >= _AFFINE_TIES else similarity(source, target)
    left = apply(matrix, source) - target
    return float(np.sqrt((left**2).sum(axis=1).mean())), matrix


def _part(
    job: Job,
    sketch: Sketch,
    element: SketchElement,
    frame: Frame,
    matrix: np.ndarray,
    error: float,
    footprints: Sequence[Footprint],
) -> Footprint:
    shape: BaseGeometry = shapely.transform(element.geometry, lambda xy: apply(matrix, xy))
    full = sketch.full_name(element.id)
    barrier = element.role in ("wall", "fence")
    warnings = []
    if barrier:
        ring = shape.exterior if isinstance(shape, Polygon) else shape
        crossed = sum(ring.crosses(to_local(frame, one.geometry)) for one in footprints)
        if crossed:
            warnings.append(f"as drawn it runs through {crossed} buildings, so it cannot be quite right")
        shape = LineString(ring.coords) if ring.geom_type in ("LinearRing", "LineString") else ring
    label = element.label or ("fence" if element.role == "fence" else None)
    note = f"laid as the drawing's buildings lie, off by about {error:.1f} m"
    return Footprint(
        id=derived_id(full, "wall" if barrier else "gate", key=job.case.key),
        facility=job.facility.slug,
        geometry=to_lonlat(frame, shape),
        role="wall" if barrier else "gate",
        labels=(label,) if label else (),
        drawn=(full,),
        status=Status.ATTESTED,
        confidence=Confidence(geometry_m=round(max(1.65 * error, 1.0), 1), coverage=0.9),
        outline_from="sketch",
        evidence={"outline": Evidence(status=Status.ATTESTED, sources=(full,), by=_BY, note=note)},
        warnings=tuple(warnings),
    )
