"""``/collections``: the collections, and which properties can be asked for."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from geoinv.api.answers import GEOJSON, HTML, JSON, answer, base_of, known_only, link, page, release_of, wants_page
from geoinv.api.crs import CRS84, OFFERED
from geoinv.api.releases import COLLECTIONS

__all__ = ["router"]

router = APIRouter(tags=["features"])
_SCHEMA_TYPES = {"TEXT": "string", "INTEGER": "integer", "REAL": "number", "BOOLEAN": "boolean"}


def _described(request: Request, name: str) -> dict[str, Any]:
    box = release_of(request).extents[name]
    extent: dict[str, Any] = {"spatial": {"bbox": [list(box)], "crs": CRS84}} if box else {}
    first, last = release_of(request).days(name)
    if first or last:
        days = [None if day is None else f"{day}T00:00:00Z" for day in (first, last)]
        extent["temporal"] = {"interval": [days], "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"}
    return {
        "id": name,
        "title": name.capitalize(),
        "description": COLLECTIONS[name],
        "itemType": "feature",
        "crs": list(OFFERED),
        "storageCrs": CRS84,
        **({"extent": extent} if extent else {}),
        "links": [
            link(request, f"/collections/{name}", "self", JSON, "This collection"),
            link(request, f"/collections/{name}?f=html", "alternate", HTML, "This collection as a page"),
            link(request, f"/collections/{name}/items?f=json", "items", GEOJSON, "Its features"),
            link(request, f"/collections/{name}/items?f=html", "items", HTML, "Its features as a page"),
            link(
                request,
                f"/collections/{name}/queryables",
                "http://www.opengis.net/def/rel/ogc/1.0/queryables",
                "application/schema+json",
                "Properties that can be asked for",
            ),
        ],
    }


@router.get("/collections", summary="Collections")
async def collections(request: Request) -> Response:
    """All collections."""
    known_only(request, "f", "lang")
    described = [_described(request, name) for name in COLLECTIONS]
    if wants_page(request):
        counts = {name: release_of(request).features(name, limit=0).matched for name in COLLECTIONS}
        return page(
            request, "collections.html", collections=described, counts=counts, crumbs=[("/collections", "Collections")]
        )
    links = [
        link(request, "/collections?f=json", "self", JSON, "This document"),
        link(request, "/collections?f=html", "alternate", HTML, "This document as a page"),
    ]
    return answer(request, {"links": links, "collections": described})


@router.get("/collections/{collection}", summary="One collection")
async def collection(request: Request, collection: str) -> Response:
    """One collection."""
    known_only(request, "f", "lang")
    name = release_of(request).checked(collection)
    if wants_page(request):
        counts = {name: release_of(request).features(name, limit=0).matched}
        crumbs = [("/collections", "Collections"), (f"/collections/{name}", name)]
        return page(request, "collections.html", collections=[_described(request, name)], counts=counts, crumbs=crumbs)
    return answer(request, _described(request, name))


@router.get("/collections/{collection}/queryables", summary="Properties that can be asked for")
async def queryables(request: Request, collection: str) -> Response:
    """A JSON Schema of the collection's properties."""
    known_only(request, "f")
    release = release_of(request)
    name = release.checked(collection)
    return answer(
        request,
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"{base_of(request)}/collections/{name}/queryables",
            "type": "object",
            "title": name.capitalize(),
            "properties": {
                column: {"title": column.replace("_", " "), "type": _SCHEMA_TYPES[kind]}
                for column, kind in release.columns[name]
            },
            "additionalProperties": False,
        },
        media_type="application/schema+json",
    )
