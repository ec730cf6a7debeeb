"""Place: a drawing laid on the scene by ties or by hand, with what the software proposes as ghosts."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

import numpy as np
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from geoinv.api.desk.placed import feature_rows, frame_of_facility, match_of_facility
from geoinv.api.desk.sheets import sheet_size
from geoinv.api.desk.shell import Changing, Seat, Seated, chosen, page
from geoinv.api.desk.sketches import Drawn, drawn_named, drawn_of, elements_of
from geoinv.case.decisions import placements_of
from geoinv.case.folder import Case
from geoinv.case.reading import built_location
from geoinv.errors import FieldError, GeoinvError
from geoinv.geometry.fits import bidimensional_regression, thin_plate
from geoinv.geometry.frames import to_local, xy_to_local
from geoinv.records.decisions import PlaceSketch
from geoinv.records.placements import Transform
from geoinv.records.places import Frame

__all__ = ["router"]

router = APIRouter()
#: Lines of the distortion grid each way, and points along each.
_LINES, _POINTS = 9, 25
_FEWEST = 4


@router.get("/facilities/{slug}/place")
def place(request: Request, seat: Seated, slug: str, drawing: str = "") -> Response:
    """The scene and a drawing beside it."""
    with seat.desk.case() as case:
        facility = case.facility(slug)
        plans = [one for one in drawn_of(case, slug) if one.sketch.scope == "site"]
        names = [one.sketch.name for one in plans]
        if drawing and drawing not in names:
            if drawing in {one.name for one in case.sketches(slug)}:  # somebody has just said that it is of an inside
                return RedirectResponse(f"/facilities/{quote(slug)}/place", 303)
            raise FieldError("this drawing is not a plan of the whole place", do="choose another", field="drawing")
        decided = placements_of(case, slug)
        first = next((name for name in names if name not in decided), names[0] if names else "")
        return page(
            request, "place.html", seat=seat, case=case, facility=facility, names=names, drawing=drawing or first,
            decided=decided,
        )  # fmt: skip


@router.get("/facilities/{slug}/place/{drawing}")
def place_data(request: Request, seat: Seated, slug: str, drawing: str) -> dict[str, Any]:
    """One drawing: its shapes, where it may lie, where somebody put it, what the scene suggests."""
    with seat.desk.case() as case:
        case.facility(slug)
        drawn = drawn_named(case, slug, drawing)
        frame = frame_of_facility(case, slug)
        try:
            width, height = sheet_size(drawn.path, drawn.traced)
        except GeoinvError as error:
            return {"problem": error.sentence(), "elements": [], "ghosts": [], "size": [100, 100], "candidates": []}
        if frame is None:
            return {"elements": elements_of(drawn), "ghosts": [], "size": [width, height], "candidates": []}
        return {
            "elements": elements_of(drawn),
            "size": [width, height],
            "ghosts": _ghosts(case, slug, drawing, frame),
            "decided": _decided(case, slug, drawn, frame),
            "candidates": [
                {"id": one["id"], "existence": one.get("existence"), "geometry": one["geometry"]}
                for one in feature_rows(case, slug, "candidates.geojson", frame)
            ],
            "region": _region(case, slug, frame),
            "seen_before": drawn.sketch.seen_before,
            "witness": drawn.sketch.witness,
        }


def _rebased(transform: Transform, frame: Frame) -> list[list[float]]:
    """A placement's matrix in metres of the page's frame: frames a few kilometres apart differ by a shift alone."""
    east, north = xy_to_local(frame, np.array([transform.origin]))[0]
    matrix = transform.array.copy()
    matrix[:, 2] += (east, north)
    return [[round(float(value), 6) for value in row] for row in matrix]


def _ghosts(case: Case, slug: str, drawing: str, frame: Frame) -> list[dict[str, Any]]:
    """The places that the last build kept for a drawing, each once, most probable first."""
    found: dict[str, dict[str, Any]] = {}
    for placement in match_of_facility(case, slug).get("placements", ()):
        laid = placement["sketches"].get(drawing)
        if laid is None:
            continue
        matrix = _rebased(Transform.read(laid["transform"]), frame)
        ghost = found.setdefault(
            str(matrix),
            {"matrix": matrix, "probability": 0.0, "residuals": laid.get("residuals_m", {}), "fit": laid.get("fit", {}),
             "mirrored": laid.get("mirrored", False)},
        )  # fmt: skip
        ghost["probability"] += placement["probability"]
    return sorted(found.values(), key=lambda one: -one["probability"])


def _decided(case: Case, slug: str, drawn: Drawn, frame: Frame) -> dict[str, Any] | None:
    body = placements_of(case, slug).get(drawn.sketch.name)
    if body is None:
        return None
    one = next(one for one in case.history.decided if one.stands and one.decision.body == body)
    ties = []
    for tie in body.ties:
        point = xy_to_local(frame, np.array([tie.point]))[0].tolist() if tie.point else None
        ties.append({"element": tie.element, "point": point, "candidate": tie.candidate})
    matrix = _rebased(body.transform, frame) if isinstance(body, PlaceSketch) and body.transform else None
    told = {"by": one.decision.by, "reason": one.decision.reason, "at": one.entry.at, "entry": one.entry.id}
    return {**told, "ties": ties, "matrix": matrix, "none": body.none}


def _region(case: Case, slug: str, frame: Frame) -> Any:
    location = built_location(case.models_dir(slug))
    if location is None:
        return None
    shape = to_local(frame, location.region(0.9).geometry)
    return shape.simplify(0.5).__geo_interface__


@router.post("/facilities/{slug}/fit")
def fit(request: Request, seat: Annotated[Seat, Changing("reader")], slug: str) -> dict[str, Any]:
    """How the drawing is bent by its ties: regression of drawn on true places, and its square grid as it lies.

    Raises
    ------
    FieldError
        If the pairs cannot be read.
    """
    try:
        drawn = np.array(chosen(seat.data, "drawn", list), dtype=float).reshape(-1, 2)
        true = np.array(chosen(seat.data, "true", list), dtype=float).reshape(-1, 2)
        width, height = (float(value) for value in chosen(seat.data, "size", list))
    except (TypeError, ValueError) as error:
        raise FieldError("these pairs cannot be read", do="reload the page", field="ties") from error
    if len(drawn) != len(true) or not 2 <= len(drawn) <= 200 or not np.isfinite([*drawn.flat, *true.flat]).all():
        raise FieldError("these pairs cannot be read", do="reload the page", field="ties")
    regression = bidimensional_regression(true, drawn)
    told = {"r2": round(regression.r2, 4), "distortion_index": round(regression.distortion_index, 1), "grid": []}
    if len(drawn) >= _FEWEST and len(np.unique(drawn, axis=0)) >= _FEWEST:
        told["grid"] = _grid(drawn, true, width, height)
    return told


def _grid(drawn: Any, true: Any, width: float, height: float) -> list[Any]:
    try:
        bend = thin_plate(drawn, true)
    except (ValueError, np.linalg.LinAlgError):  # ties on one line bend nothing across it
        return []
    along = np.linspace(0, 1, _POINTS)
    lines = []
    for share in np.linspace(0, 1, _LINES):
        lines.append(np.column_stack([along * width, np.full(_POINTS, share * height)]))
        lines.append(np.column_stack([np.full(_POINTS, share * width), along * height]))
    return [np.round(bend(line), 2).tolist() for line in lines]
