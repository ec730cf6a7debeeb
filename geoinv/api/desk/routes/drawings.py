"""Drawings: the sheet squared up with its proposed shapes; roles, labels and shapes corrected; who drew it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from shapely.geometry import mapping

from geoinv.api.desk.sheets import picture_of, sheet_size
from geoinv.api.desk.shell import Seated, page
from geoinv.api.desk.sketches import drawn_named, drawn_of, elements_of
from geoinv.case.standing import Decided
from geoinv.errors import GeoinvError
from geoinv.records.decisions import SetProperty, TraceElement
from geoinv.records.drawings import ROLES

__all__ = ["router"]

router = APIRouter()
#: What is noted of a drawing as a whole, and can be set.
_NOTED = ("witness", "drawn_by", "period", "scope", "depicts", "north", "seen_before")


@router.get("/facilities/{slug}/drawings")
def drawings(request: Request, seat: Seated, slug: str) -> Response:
    """The first drawing; where there is none, a page that says so."""
    with seat.desk.case() as case:
        facility = case.facility(slug)
        names = [one.sketch.name for one in drawn_of(case, slug)]
        if names:
            return RedirectResponse(f"/facilities/{slug}/drawings/{quote(names[0])}", 303)
        return page(request, "no-drawings.html", seat=seat, case=case, facility=facility)


@router.get("/facilities/{slug}/drawings/{drawing}")
def drawing_page(request: Request, seat: Seated, slug: str, drawing: str) -> Response:
    """One drawing with what was read of it."""
    with seat.desk.case() as case:
        facility = case.facility(slug)
        drawn = drawn_named(case, slug, drawing)
        noted = [(name, getattr(drawn.sketch, name)) for name in _NOTED]
        decided = [one for one in reversed(case.history.decided) if one.stands and _is_of(one, slug, drawing)]
        return page(
            request, "drawing.html", seat=seat, case=case, facility=facility, drawing=drawing, noted=noted,
            names=[one.sketch.name for one in drawn_of(case, slug)], roles=ROLES, decided=decided,
            witnesses=sorted(facility.witnesses), traced=bool(drawn.traced),
        )  # fmt: skip


def _is_of(one: Decided, slug: str, drawing: str) -> bool:
    body = one.decision.body
    if isinstance(body, TraceElement):
        return (body.facility, body.sketch) == (slug, drawing)
    return isinstance(body, SetProperty) and body.target.partition("#")[0] == f"{slug}/{drawing}"


@router.get("/facilities/{slug}/drawings/{drawing}/data")
def drawing_data(request: Request, seat: Seated, slug: str, drawing: str) -> dict[str, Any]:
    """A drawing's shapes as read and as people drew them since the last build."""
    with seat.desk.case() as case:
        case.facility(slug)
        drawn = drawn_named(case, slug, drawing)
        try:
            size = sheet_size(drawn.path, drawn.traced)
        except GeoinvError as error:
            return {"problem": error.sentence(), "elements": [], "size": [100, 100]}
        elements = {one["id"]: one for one in elements_of(drawn)}
        for _, decision in case.decisions():
            body = decision.body
            if isinstance(body, TraceElement) and (body.facility, body.sketch) == (slug, drawing):
                before = elements.pop(body.element, {"role": "other", "label": None})
                if body.geometry is not None:
                    elements[body.element] = {
                        "id": body.element, "role": body.role or before["role"], "label": body.label or before["label"],
                        "certainty": 1.0, "geometry": mapping(body.geometry), "tie": None,
                    }  # fmt: skip
    return {"elements": list(elements.values()), "size": list(size)}


@router.get("/facilities/{slug}/drawings/{drawing}/picture")
def picture(request: Request, seat: Seated, slug: str, drawing: str) -> Response:
    """A drawing's sheet; shut off from everything, since its words are a stranger's."""
    with seat.desk.case() as case:
        case.facility(slug)
        drawn = drawn_named(case, slug, drawing)
    content, media = picture_of(drawn.path, drawn.traced)
    headers = {"Content-Security-Policy": "default-src 'none'; sandbox"}
    return Response(content, media_type=media, headers=headers)
