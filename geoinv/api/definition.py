"""The API's definition (OpenAPI 3.0.3): collections as this release has them, everything else from the routes.

Nothing in it refers to another host: a client that reads it tells nobody which release is looked at.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from geoinv.api.crs import CRS84, OFFERED
from geoinv.api.releases import COLLECTIONS, OpenRelease

__all__ = ["definition"]

_SCHEMA_TYPES = {"TEXT": "string", "INTEGER": "integer", "REAL": "number", "BOOLEAN": "boolean"}
_GEOJSON, _HTML, _JSON = "application/geo+json", "text/html", "application/json"
Schema = dict[str, Any]


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
    if "const" in kept:
        kept["enum"] = [kept.pop("const")]
    return kept


def _parameter(name: str, schema: Schema, description: str, **more: Any) -> Schema:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema, **more}


def _parameters() -> dict[str, Schema]:
    """Parameters shared by several operations (17-069r4, section 7.15; 18-058r1, section 6)."""
    crs = {"type": "string", "format": "uri", "enum": list(OFFERED), "default": CRS84}
    numbers = {"oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}]}
    flat = {"style": "form", "explode": False}
    return {
        "bbox": _parameter(
            "bbox",
            {"type": "array", **numbers, "items": {"type": "number"}},
            "Only features that meet this box: west, south, east, north. It may cross the date line.",
            **flat,
        ),
        "bbox-crs": _parameter("bbox-crs", crs, "The coordinate system of bbox.", **flat),
        "crs": _parameter("crs", crs, "The coordinate system of the answer.", **flat),
        "datetime": _parameter(
            "datetime",
            {"type": "string"},
            "A day, or an interval such as 2014-01-01/2016-12-31 or ../2016-12-31; undated features always match.",
            **flat,
        ),
        "limit": _parameter(
            "limit",
            {"type": "integer", "minimum": 1, "maximum": 10000, "default": 100},
            "Features of a page; a larger number is taken for the largest.",
            **flat,
        ),
        "offset": _parameter(
            "offset", {"type": "integer", "minimum": 0, "default": 0}, "How many features to pass over.", **flat
        ),
        "f": _parameter("f", {"type": "string", "enum": ["json", "html"]}, "JSON or a page, whatever Accept says."),
        "lang": _parameter("lang", {"type": "string", "enum": ["en", "ko"], "default": "en"}, "Language of a page."),
    }


def _schemas() -> dict[str, Schema]:
    link = {
        "type": "object",
        "required": ["href", "rel"],
        "properties": {key: {"type": "string"} for key in ("href", "rel", "type", "title")},
    }
    links = {"type": "array", "items": {"$ref": "#/components/schemas/link"}}
    geometry = {
        "type": "object",
        "nullable": True,
        "required": ["type", "coordinates"],
        "properties": {"type": {"type": "string"}, "coordinates": {"type": "array", "items": {}}},
    }
    feature = {
        "type": "object",
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"type": "string"},
            "geometry": geometry,
            "properties": {"type": "object"},
            "links": links,
        },
    }
    features = {
        "type": "object",
        "required": ["type", "numberMatched", "numberReturned", "links", "features"],
        "properties": {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "numberMatched": {"type": "integer", "minimum": 0},
            "numberReturned": {"type": "integer", "minimum": 0},
            "links": links,
            "features": {"type": "array", "items": {"$ref": "#/components/schemas/feature"}},
        },
    }
    problem = {
        "type": "object",
        "required": ["title", "status"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
        },
    }
    return {"link": link, "feature": feature, "features": features, "problem": problem}


def _problem(description: str) -> Schema:
    schema = {"$ref": "#/components/schemas/problem"}
    return {"description": description, "content": {"application/problem+json": {"schema": schema}}}


_PROBLEMS = {
    "400": _problem("A parameter is not known, or cannot be read."),
    "404": _problem("Not in this release: it never was, or was kept back."),
    "406": _problem("Neither JSON nor HTML is accepted."),
    "503": _problem("The release's files were damaged."),
}


def _answers(schema: Schema, media: str, **headers: str) -> Schema:
    told: Schema = {
        "description": "As asked.",
        "content": {media: {"schema": schema}, _HTML: {"schema": {"type": "string"}}},
    }
    if headers:
        told["headers"] = {
            name.replace("_", "-"): {"description": text, "schema": {"type": "string"}}
            for name, text in headers.items()
        }
    return {"200": told, **_PROBLEMS}


def _named(*names: str) -> list[Schema]:
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def _collection_paths(release: OpenRelease, name: str) -> dict[str, Schema]:
    """The paths of one collection, its properties among the parameters."""
    title = name.capitalize()
    properties = [
        _parameter(column, {"type": _SCHEMA_TYPES[kind]}, f"Only features whose {column.replace('_', ' ')} is this.")
        for column, kind in release.columns[name]
    ]
    shared = ("bbox", "bbox-crs", "crs", "datetime", "limit", "offset", "f", "lang")
    crs = "The coordinate system of the answer."
    features = _answers({"$ref": "#/components/schemas/features"}, _GEOJSON, Content_Crs=crs)
    feature = _answers({"$ref": "#/components/schemas/feature"}, _GEOJSON, Content_Crs=crs)
    one = {"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}}

    def got(summary: str, key: str, parameters: list[Schema], responses: Schema) -> Schema:
        told = {"tags": [name], "summary": summary, "operationId": f"{name}.{key}", "parameters": parameters}
        return {"get": {**told, "responses": responses}}

    plain = _answers({"type": "object"}, _JSON)
    schema = {
        "200": {"description": "As asked.", "content": {"application/schema+json": {"schema": {"type": "object"}}}}
    }
    return {
        f"/collections/{name}": got(f"{title}: {COLLECTIONS[name]}", "collection", _named("f", "lang"), plain),
        f"/collections/{name}/queryables": got(
            f"Properties of {name} that can be asked for", "queryables", _named("f"), {**schema, **_PROBLEMS}
        ),
        f"/collections/{name}/items": got(
            f"{title} by box, day and property", "items", [*_named(*shared), *properties], features
        ),
        f"/collections/{name}/items/{{featureId}}": got(
            f"One of the {name}", "item", [one, *_named("crs", "f", "lang")], feature
        ),
    }


def _known_parameters(operation: Schema, path: str) -> Schema:
    """A route's operation with problems told, and the parameters it reads by itself."""
    responses = {code: told for code, told in operation["responses"].items() if code != "422"}
    own = [item for item in operation.get("parameters", ()) if item["name"] not in ("f", "lang")]
    page: tuple[str, ...] = ("f", "lang")
    asked = dict.fromkeys(("/", "/conformance", "/collections", "/docs", "/facilities/{facility}", "/search"), page)
    if path.startswith("/releases") and "files" not in path:
        asked[path] = page
    elif path.endswith(("/map", "/model", "/map.{form}")):
        asked[path] = page[1:]
    parameters = [*own, *_named(*asked.get(path, ()))]
    if path in asked and "content" in responses.get("200", {}):
        told = responses["200"]
        responses["200"] = {**told, "content": {**told["content"], _HTML: {"schema": {"type": "string"}}}}
    return {**operation, "parameters": parameters, "responses": {**responses, **_PROBLEMS}}


def definition(app: FastAPI) -> Schema:
    """The definition of an application made by ``create_app``."""
    release: OpenRelease = app.state.release
    found: Schema = _as_30(app.openapi())
    paths: Schema = {}
    for path, methods in found["paths"].items():
        if path.startswith("/collections/{collection}"):
            continue
        paths[path] = {"get": _known_parameters(methods["get"], path)}
    for name in COLLECTIONS:
        paths |= _collection_paths(release, name)
    components = {"parameters": _parameters(), "schemas": _schemas()}
    return {**found, "paths": dict(sorted(paths.items())), "components": components}
