"""``/``, ``/conformance``, ``/openapi.json`` and ``/docs``: what there is and how to ask for it."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from geoinv.api.answers import GEOJSON, HTML, JSON, answer, content, known_only, link, page, release_of, wants_page
from geoinv.api.definition import definition

__all__ = ["CONFORMANCE", "definition", "router"]

router = APIRouter(tags=["server"])
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
#: Conformance classes of OGC API – Features, parts 1 (17-069r4) and 2 (18-058r1).
CONFORMANCE = (
    *(
        f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}"
        for name in ("core", "geojson", "oas30", "html")
    ),
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
)


def _facilities(request: Request) -> list[dict[str, Any]]:
    return [json.loads(body) for body in release_of(request).features("facilities", limit=100_000).bodies]


def _home(request: Request) -> Response:
    """Every facility with what is published of it, by name."""
    facilities = sorted(_facilities(request), key=lambda one: str(one["properties"]["name"]).casefold())
    totals = {key: sum(one["properties"].get(key) or 0 for one in facilities) for key in ("buildings", "incidents")}
    return page(request, "landing.html", facilities=facilities, totals=totals)


@router.get("/", summary="Landing page")
def landing(request: Request) -> Response:
    """Title, and links to everything else."""
    known_only(request, "f", "lang")
    manifest = release_of(request).manifest
    if wants_page(request):
        return _home(request)
    links = [
        link(request, "/?f=json", "self", JSON, "This document"),
        link(request, "/?f=html", "alternate", HTML, "This document as a page"),
        link(request, "/openapi.json", "service-desc", OPENAPI, "The API's definition"),
        link(request, "/docs", "service-doc", HTML, "The API in words"),
        link(request, "/conformance", "conformance", JSON, "Conformance classes"),
        link(request, "/collections", "data", JSON, "Collections"),
        link(request, "/releases", "version-history", JSON, "Releases"),
    ]
    described = "Fictional." if manifest.fictional else f"Release for the audience “{manifest.audience}”."
    return answer(request, {"title": manifest.title, "description": described, "links": links})


@router.get("/conformance", summary="Conformance classes")
async def conformance(request: Request) -> Response:
    """Which parts of which standards hold."""
    known_only(request, "f", "lang")
    if wants_page(request):
        crumbs = [("/conformance", "Conformance")]
        return page(request, "conformance.html", classes=CONFORMANCE, crumbs=crumbs)
    return answer(request, {"conformsTo": list(CONFORMANCE)})


@router.get("/openapi.json", summary="The API's definition (OpenAPI 3.0)")
def openapi(request: Request) -> Response:
    """The definition, made from the routes themselves."""
    known_only(request)
    return content(request, json.dumps(definition(request.app), ensure_ascii=False).encode(), OPENAPI)


@router.get("/docs", summary="The API in words")
def docs(request: Request) -> Response:
    """A plain list of what can be asked; it loads nothing from elsewhere."""
    known_only(request, "f", "lang")
    paths = definition(request.app)["paths"]
    rows = [
        {
            "path": path,
            "summary": methods["get"].get("summary", ""),
            "parameters": [
                item["name"] if "name" in item else item["$ref"].rpartition("/")[2]
                for item in methods["get"].get("parameters", [])
                if item.get("in", "query") == "query"
            ],
        }
        for path, methods in sorted(paths.items())
    ]
    return page(request, "docs.html", rows=rows, geojson=GEOJSON, crumbs=[("/docs", "API")])
