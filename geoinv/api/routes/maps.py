"""``/facilities/{id}/map`` and ``map.png|svg|pdf``: the map to be embedded, and to be printed."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from geoinv.api.answers import content, known_only, language_asked, release_of
from geoinv.api.embeds import map_page, map_picture
from geoinv.errors import FieldError
from geoinv.pages.map_print import LEAST_WIDTH_MM, MOST_WIDTH_MM
from geoinv.pages.map_spec import MapBy

__all__ = ["router"]

router = APIRouter(tags=["maps"])
_MEDIA = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}
#: Pixels of the widest picture that is drawn for anybody who asks.
MOST_PIXELS = 5000

By = Annotated[MapBy, Query(description="What colours it: how each part is known, or its number of incidents")]


@router.get("/facilities/{facility}/map", summary="A facility's map, to be embedded")
def facility_map(request: Request, facility: str, by: By = "known") -> Response:
    """The map as a page of its own."""
    known_only(request, "lang", "by")
    release_of(request).feature("facilities", facility)
    return map_page(request, facility, language_asked(request), by)


@router.get("/facilities/{facility}/map.{form}", summary="A facility's map, to be printed")
def printed_map(
    request: Request,
    facility: str,
    form: Literal["png", "svg", "pdf"],
    width: Annotated[float, Query(ge=LEAST_WIDTH_MM, le=MOST_WIDTH_MM, description="Width on paper, mm")] = 180.0,
    dpi: Annotated[int, Query(ge=36, le=1200, description="Pixels an inch of a PNG")] = 150,
    by: By = "known",
) -> Response:
    """The map with its scale, north, legend and sources."""
    known_only(request, "width", "dpi", "lang", "by")
    release = release_of(request)
    release.feature("facilities", facility)
    if form == "png" and width / 25.4 * dpi > MOST_PIXELS:
        raise FieldError(
            f"a picture of {width:g} mm at {dpi} dpi is larger than {MOST_PIXELS} pixels",
            do="ask for fewer dots or a smaller width, or for the SVG or PDF, which have no pixels",
            field="dpi",
        )
    body = map_picture(release, facility, form, width_mm=width, dpi=dpi, language=language_asked(request), by=by)
    return content(request, body, _MEDIA[form])
