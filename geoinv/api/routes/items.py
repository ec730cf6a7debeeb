"""``/collections/{collection}/items``: features by box, day and property, a page at a time.

Handlers are coroutines that read SQLite themselves: a page of features takes less time than handing it to a thread.
They are bare routes, asked for most of all: what FastAPI would look up for each request is in ``definition`` once.
"""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from geoinv.api.answers import GEOJSON, HTML, JSON, base_of, content, known_only, link, page, release_of, wants_page
from geoinv.api.crs import boxes_of, crs_named, reprojected
from geoinv.api.releases import Found
from geoinv.errors import FieldError

__all__ = ["DEFAULT_LIMIT", "MOST_ITEMS", "days_of", "router"]

router = APIRouter(tags=["features"])
#: Features of a page: as many unless asked, and at most; more than that is not refused but cut to it.
DEFAULT_LIMIT, MOST_ITEMS = 100, 10_000
#: Rows of an HTML page, at most.
_MOST_ROWS = 500
_OWN = ("bbox", "bbox-crs", "crs", "datetime", "limit", "offset", "f", "lang")
_DAY = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[Tt]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-]([01]\d|2[0-3]):[0-5]\d))?"
)
_MOST_OFFSET = 2**53


def _day(text: str) -> str | None:
    if text in ("", ".."):
        return None
    found = _DAY.fullmatch(text)
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


def _whole(request: Request, name: str, default: int, least: int, most: int) -> int:
    """A whole number among the parameters; one too large is the largest (17-069r4, section 7.15.2)."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or int(text[:20]) < least:
        raise FieldError("this is no whole number", do=f"write one from {least} to {most}", field=name)
    return min(int(text[:20]), most)


async def items(request: Request) -> Response:
    """One page of features, with how many match in all and where the next page is."""
    release = release_of(request)
    name = release.checked(request.path_params["collection"])
    columns = [column for column, _ in release.columns[name]]
    known_only(request, *_OWN, *columns)
    given = request.query_params
    crs = crs_named(given.get("crs"), "crs")
    as_page = wants_page(request)
    limit = _whole(request, "limit", DEFAULT_LIMIT, 1, _MOST_ROWS if as_page else MOST_ITEMS)
    offset = _whole(request, "offset", 0, 0, _MOST_OFFSET)
    found = release.features(
        name,
        boxes=boxes_of(given.get("bbox"), crs_named(given.get("bbox-crs"), "bbox-crs")),
        days=days_of(given.get("datetime")),
        properties={column: given[column] for column in columns if column in given},
        limit=limit,
        offset=offset,
    )
    if as_page:
        return _table(request, name, columns, found, limit, offset)
    bodies = found.bodies if "crs" not in given else tuple(reprojected(body, crs) for body in found.bodies)
    body = _collection(request, name, found.matched, bodies, limit, offset)
    return content(request, body, GEOJSON, headers={"Content-Crs": f"<{crs}>"})


def _table(request: Request, name: str, columns: list[str], found: Found, limit: int, offset: int) -> Response:
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
        crumbs=_crumbs(name),
    )


def _crumbs(name: str) -> list[tuple[str, str]]:
    return [
        ("/collections", "Collections"),
        (f"/collections/{name}", name),
        (f"/collections/{name}/items", "items"),
    ]


def _page_path(request: Request, name: str, offset: int, **changed: str) -> str:
    kept = {key: value for key, value in request.query_params.items() if key != "offset"} | changed
    query = urlencode({**kept, "offset": str(offset)} if offset else kept)
    return f"/collections/{name}/items" + (f"?{query}" if query else "")


def _collection(request: Request, name: str, matched: int, bodies: tuple[bytes, ...], limit: int, offset: int) -> bytes:
    """A feature collection around features that were written ready-made."""
    links = [
        link(request, _page_path(request, name, offset), "self", GEOJSON, "This page"),
        link(request, _page_path(request, name, offset, f="html"), "alternate", HTML, "As a page"),
        link(request, f"/collections/{name}", "collection", JSON, "The collection"),
    ]
    if offset + len(bodies) < matched:
        links.append(link(request, _page_path(request, name, offset + limit), "next", GEOJSON, "The next page"))
    if offset:
        links.append(
            link(request, _page_path(request, name, max(0, offset - limit)), "prev", GEOJSON, "The page before")
        )
    head: dict[str, Any] = {"type": "FeatureCollection", "numberMatched": matched, "numberReturned": len(bodies)}
    text = json.dumps({**head, "links": links}, ensure_ascii=False)[:-1].encode("utf-8", "backslashreplace")
    return b"".join((text, b', "features": [', b",".join(bodies), b"]}"))


async def item(request: Request) -> Response:
    """One feature with its links."""
    collection, item = request.path_params["collection"], request.path_params["item"]
    known_only(request, "crs", "f", "lang")
    release = release_of(request)
    crs = crs_named(request.query_params.get("crs"), "crs")
    text = release.feature_text(collection, item)
    if wants_page(request):
        return page(request, "item.html", feature=json.loads(text), crumbs=_crumbs(collection))
    body = reprojected(text, crs)
    here, base = f"/collections/{collection}/items/{quote(item, safe='')}", base_of(request)
    links = [
        {"href": f"{base}{here}", "rel": "self", "type": GEOJSON, "title": "This feature"},
        {"href": f"{base}{here}?f=html", "rel": "alternate", "type": HTML, "title": "As a page"},
        {"href": f"{base}/collections/{collection}", "rel": "collection", "type": JSON, "title": "The collection"},
    ]
    linked = b"".join((body[:-1], b',"links":', json.dumps(links, ensure_ascii=False).encode(), b"}"))
    return content(request, linked, GEOJSON, headers={"Content-Crs": f"<{crs}>"})


for _path, _endpoint in (("", items), ("/{item}", item)):
    router.add_route("/collections/{collection}/items" + _path, _endpoint, methods=["GET"])
