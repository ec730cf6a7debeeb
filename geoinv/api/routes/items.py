"""``/collections/{collection}/items``: features by box, day and property, a page at a time."""

from __future__ import annotations

import json
import math
import re
from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from geoinv.api.answers import GEOJSON, HTML, base_of, content, known_only, link, page, release_of, wants_page
from geoinv.api.releases import Box, Found
from geoinv.errors import FieldError

__all__ = ["boxes_of", "days_of", "router"]

router = APIRouter(tags=["features"])
_OWN = ("bbox", "datetime", "limit", "offset", "f", "lang")
_DAY = re.compile(r"^(\d{4}-\d{2}-\d{2})(?:[Tt]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:[Zz]|[+-]\d{2}:\d{2})?)?$")


def boxes_of(text: str | None) -> tuple[Box, ...]:
    """A ``bbox`` parameter as boxes: two where it crosses the date line.

    Raises
    ------
    FieldError
        If it is not four (or six) numbers in order and in range.
    """
    if text is None:
        return ()
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError as error:
        raise FieldError("a box is four numbers", do="write west,south,east,north in degrees", field="bbox") from error
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)):
        raise FieldError("a box is four numbers", do="write west,south,east,north in degrees", field="bbox")
    west, south, east, north = numbers
    if south > north or not (-90 <= south <= 90 and -90 <= north <= 90 and -180 <= west <= 180 and -180 <= east <= 180):
        raise FieldError("this is no box on the Earth", do="write west,south,east,north in degrees", field="bbox")
    return (
        ((west, south, east, north),) if west <= east else ((west, south, 180.0, north), (-180.0, south, east, north))
    )


def _day(text: str) -> str | None:
    if text in ("", ".."):
        return None
    found = _DAY.match(text)
    try:
        return date.fromisoformat(found.group(1)).isoformat() if found else _refuse()
    except ValueError:
        return _refuse()


def _refuse() -> str | None:
    raise FieldError(
        "this is no day or interval", do="write 2016-04-11 or 2014-01-01/2016-12-31 or ../2016-12-31", field="datetime"
    )


def days_of(text: str | None) -> tuple[str | None, str | None] | None:
    """A ``datetime`` parameter as first and last day, ``None`` for an open end.

    Raises
    ------
    FieldError
        If it is neither a day nor an interval of RFC 3339 days or times.
    """
    if text is None:
        return None
    parts = text.split("/")
    if len(parts) > 2 or (len(parts) == 1 and not _day(parts[0])):
        _refuse()
    first, last = _day(parts[0]), _day(parts[-1])
    if len(parts) == 2 and ((first is None and last is None) or (first and last and first > last)):
        _refuse()
    return first, last


@router.get("/collections/{collection}/items", summary="Features by box, day and property")
def items(
    request: Request,
    collection: str,
    bbox: Annotated[str | None, Query(description="west,south,east,north in degrees")] = None,
    datetime: Annotated[str | None, Query(description="a day, or an interval such as 2014-01-01/2016-12-31")] = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 100,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """One page of features, with how many match in all and where the next page is."""
    release = release_of(request)
    name = release.checked(collection)
    columns = [column for column, _ in release.columns[name]]
    known_only(request, *_OWN, *columns)
    asked = {column: request.query_params[column] for column in columns if column in request.query_params}
    found = release.features(
        name, boxes=boxes_of(bbox), days=days_of(datetime), properties=asked, limit=limit, offset=offset
    )
    if wants_page(request):
        rows = [json.loads(body)["properties"] for body in found.bodies]
        return page(
            request,
            "items.html",
            name=name,
            rows=rows,
            found=found,
            offset=offset,
            columns=columns,
            following=_page_path(request, name, offset + limit) if offset + len(rows) < found.matched else None,
            crumbs=[
                ("/collections", "Collections"),
                (f"/collections/{name}", name),
                (f"/collections/{name}/items", "items"),
            ],
        )
    return content(request, _collection(request, name, found, limit, offset), GEOJSON)


def _page_path(request: Request, name: str, offset: int) -> str:
    kept = {key: value for key, value in request.query_params.items() if key != "offset"}
    query = urlencode({**kept, "offset": str(offset)} if offset else kept)
    return f"/collections/{name}/items" + (f"?{query}" if query else "")


def _collection(request: Request, name: str, found: Found, limit: int, offset: int) -> bytes:
    """A feature collection around features that were written ready-made."""
    links = [
        link(request, _page_path(request, name, offset), "self", GEOJSON, "This page"),
        link(request, f"/collections/{name}/items?f=html", "alternate", HTML, "As a page"),
        link(request, f"/collections/{name}", "collection", "application/json", "The collection"),
    ]
    if offset + len(found.bodies) < found.matched:
        links.append(link(request, _page_path(request, name, offset + limit), "next", GEOJSON, "The next page"))
    if offset:
        links.append(
            link(request, _page_path(request, name, max(0, offset - limit)), "prev", GEOJSON, "The page before")
        )
    head = {
        "type": "FeatureCollection",
        "numberMatched": found.matched,
        "numberReturned": len(found.bodies),
        "links": links,
    }
    text = json.dumps(head, ensure_ascii=False)[:-1]
    return f'{text}, "features": [{",".join(found.bodies)}]}}'.encode()


@router.get("/collections/{collection}/items/{item}", summary="One feature")
def item(request: Request, collection: str, item: str) -> Response:
    """One feature with its links."""
    known_only(request, "f", "lang")
    release = release_of(request)
    found = release.feature(collection, item)
    if wants_page(request):
        crumbs = [
            ("/collections", "Collections"),
            (f"/collections/{collection}", collection),
            (f"/collections/{collection}/items", "items"),
        ]
        return page(request, "item.html", feature=found, crumbs=crumbs)
    found["links"] = [
        {"href": f"{base_of(request)}/collections/{collection}/items/{item}", "rel": "self", "type": GEOJSON},
        link(request, f"/collections/{collection}", "collection", "application/json", "The collection"),
    ]
    return content(request, json.dumps(found, ensure_ascii=False).encode(), GEOJSON)
