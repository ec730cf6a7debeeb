"""``/facilities/{id}``: a facility's page, its map, its figures, its model and its incidents."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import PurePosixPath

from fastapi import APIRouter, Request
from fastapi.responses import Response

from geoinv.api.answers import (
    GEOJSON,
    HTML,
    JSON,
    answer,
    base_of,
    content,
    known_only,
    language_asked,
    link,
    page,
    release_of,
    wants_page,
)
from geoinv.api.facility_page import facility_context
from geoinv.api.releases import NotInReleaseError
from geoinv.pages.words import word

__all__ = ["router"]

router = APIRouter(tags=["facilities"])
_SHOWN_IN_PLACE = {".svg": "image/svg+xml", ".jpg": "image/jpeg", ".pdf": "application/pdf"}


@router.get("/facilities/{facility}", summary="A facility: page or JSON")
def facility(request: Request, facility: str) -> Response:
    """What is published of a facility, and links to its map, model and incidents."""
    known_only(request, "f", "lang")
    release = release_of(request)
    found = release.feature("facilities", facility)
    if wants_page(request):
        language = language_asked(request)
        properties = found["properties"]
        crumbs = [(f"/?f=html&lang={language}", word("facilities", language)), ("", properties["name"])]
        values = facility_context(release, properties, base_of(request), language)
        return page(request, "facility.html", crumbs=crumbs, **values)
    files = release.facility_files(facility)
    found["links"] = [
        link(request, f"/facilities/{facility}?f=json", "self", GEOJSON, "This facility"),
        link(request, f"/facilities/{facility}?f=html", "alternate", HTML, "Its page"),
        link(request, f"/facilities/{facility}/map", "preview", HTML, "Its map"),
        link(request, f"/facilities/{facility}/incidents", "related", GEOJSON, "Its incidents"),
    ]
    if "model.glb" in files:
        found["links"].append(
            link(request, f"/facilities/{facility}/model.glb", "related", "model/gltf-binary", "Its model")
        )
    return answer(request, found, media_type=GEOJSON)


@router.get("/facilities/{facility}/incidents", summary="A facility's incidents")
def incidents(request: Request, facility: str) -> Response:
    """Its incidents as features, and their number by building, year, kind and perpetrator."""
    known_only(request)
    release = release_of(request)
    release.feature("facilities", facility)
    found = release.features("incidents", properties={"facility": facility}, limit=1_000_000)
    features = [json.loads(body) for body in found.bodies]
    counts = {
        key: dict(sorted(Counter(item["properties"][key] for item in features if key in item["properties"]).items()))
        for key in ("building", "year", "kind", "perpetrator")
    }
    data = {
        "type": "FeatureCollection",
        "numberMatched": found.matched,
        "numberReturned": len(features),
        "counts": counts,
    }
    return answer(
        request,
        {**data, "links": [link(request, f"/facilities/{facility}", "up", JSON, "The facility")], "features": features},
        media_type=GEOJSON,
    )


@router.get("/facilities/{facility}/{folder}/{name}", summary="A facility's figures, sheets and scenes")
def drawn(request: Request, facility: str, folder: str, name: str) -> Response:
    """One drawn file."""
    known_only(request)
    media = _SHOWN_IN_PLACE.get(PurePosixPath(name).suffix)
    if folder not in ("figures", "sheets", "scenes") or media is None:
        raise NotInReleaseError("this release has no such file")
    return content(request, release_of(request).facility_file(facility, f"{folder}/{name}"), media)
