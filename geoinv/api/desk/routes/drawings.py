"""Drawings: the sheet squared up with its proposed shapes; roles, labels and shapes corrected; who drew it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from geoinv.api.desk.sheets import picture_of
from geoinv.api.desk.shell import Seated
from geoinv.api.desk.sketches import drawn_named

__all__ = ["router"]

router = APIRouter()


@router.get("/facilities/{slug}/drawings/{drawing}/picture")
def picture(request: Request, seat: Seated, slug: str, drawing: str) -> Response:
    """A drawing's sheet; shut off from everything, since its words are a stranger's."""
    with seat.desk.case() as case:
        case.facility(slug)
        drawn = drawn_named(case, slug, drawing)
    content, media = picture_of(drawn.path, drawn.traced)
    headers = {"Content-Security-Policy": "default-src 'none'; sandbox"}
    return Response(content, media_type=media, headers=headers)
