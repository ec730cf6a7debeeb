"""``/health``: whether the server can read its release."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from geoinv.api.answers import answer, known_only, release_of

__all__ = ["router"]

router = APIRouter(tags=["server"])


@router.get("/health", summary="Whether the release can be read")
async def health(request: Request) -> Response:
    """Count the facilities, which reads the manifest and the GeoPackage."""
    known_only(request)
    release = release_of(request)
    return answer(
        request,
        {"status": "ok", "release": release.name, "facilities": release.features("facilities", limit=0).matched},
    )
