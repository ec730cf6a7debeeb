"""``/``, ``/conformance``, ``/openapi.json`` and ``/docs``: what there is and how to ask for it."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response

from geoinv.api.answers import GEOJSON, HTML, JSON, answer, content, known_only, link, page, release_of, wants_page

__all__ = ["CONFORMANCE", "definition", "router"]

router = APIRouter(tags=["server"])
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
#: Conformance classes of OGC API – Features, part 1 (OGC 17-069r4).
CONFORMANCE = tuple(
    f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}" for name in ("core", "geojson", "oas30", "html")
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
def conformance(request: Request) -> Response:
    """Which parts of which standards hold."""
    known_only(request, "f")
    return answer(request, {"conformsTo": list(CONFORMANCE)})


def _as_30(schema: Any) -> Any:
    """JSON Schema as OpenAPI 3.0 knows it: ``nullable`` in the place of a null type."""
    if isinstance(schema, list):
        return [_as_30(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: _as_30(value) for key, value in schema.items()}
    choices = kept.get("anyOf")
    if isinstance(choices, list) and {"type": "null"} in choices:
        rest = [choice for choice in choices if choice != {"type": "null"}]
        del kept["anyOf"]
        kept = {**(rest[0] if len(rest) == 1 else {"anyOf": rest}), **kept, "nullable": True}
    return kept


def definition(app: FastAPI) -> dict[str, Any]:
    """The API's definition (OpenAPI 3.0), made from the application's own routes."""
    found: dict[str, Any] = _as_30(app.openapi())
    return found


@router.get("/openapi.json", summary="The API's definition (OpenAPI 3.0)")
def openapi(request: Request) -> Response:
    """The definition, made from the routes themselves."""
    known_only(request)
    return content(request, json.dumps(definition(request.app), ensure_ascii=False).encode(), OPENAPI)


@router.get("/docs", summary="The API in words")
def docs(request: Request) -> Response:
    """A plain list of what can be asked; it loads nothing from elsewhere."""
    known_only(request, "lang")
    paths = request.app.openapi()["paths"]
    rows = [
        {
            "path": path,
            "summary": methods["get"].get("summary", ""),
            "parameters": [item["name"] for item in methods["get"].get("parameters", []) if item["in"] == "query"],
        }
        for path, methods in sorted(paths.items())
    ]
    return page(request, "docs.html", rows=rows, geojson=GEOJSON, crumbs=[("/docs", "API")])
