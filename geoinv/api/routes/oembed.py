"""``/oembed``: how another site shows a map or a model of this one (oEmbed 1.0)."""

from __future__ import annotations

import re
from html import escape
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit
from xml.sax.saxutils import escape as xml_escape

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from geoinv.api.answers import answer, base_of, content, known_only, release_of
from geoinv.api.releases import NotInReleaseError
from geoinv.pages.words import language_of, word

__all__ = ["frame", "router"]

router = APIRouter(tags=["embedding"])
#: Size of a frame, CSS pixels, where nobody asks for another.
WIDTH, HEIGHT = 960, 620
_LEAST = 200
_PATH = re.compile(r"/facilities/(?P<slug>[^/]+)(?:/(?P<what>map|model))?")
_KEPT = ("lang", "by")
Size = Annotated[int | None, Query(ge=_LEAST, le=10_000, description="Most CSS pixels there is room for")]


def frame(address: str, title: str, width: int | str, height: int) -> str:
    """The HTML that puts a page of this server into another site's."""
    return (
        f'<iframe src="{escape(address)}" title="{escape(title)}" width="{width}" height="{height}" '
        f'loading="lazy" referrerpolicy="no-referrer" frameborder="0" allowfullscreen></iframe>'
    )


def _asked(request: Request, url: str) -> tuple[str, str, dict[str, str]]:
    """Facility, page and kept parameters of an address of this server.

    Raises
    ------
    NotInReleaseError
        If it is no address of a facility of this server (oEmbed 1.0, section 2.3.4: then 404).
    """
    try:
        base, given = urlsplit(base_of(request)), urlsplit(url)
    except ValueError as error:
        raise NotInReleaseError("this server shows no such page") from error
    path = given.path.removeprefix(base.path)
    found = _PATH.fullmatch(path)
    if given.scheme not in ("http", "https") or given.netloc != base.netloc or not found:
        raise NotInReleaseError("this server shows no such page")
    if base.path and not given.path.startswith(f"{base.path}/"):
        raise NotInReleaseError("this server shows no such page")
    kept = {key: value for key, value in parse_qsl(given.query) if key in _KEPT}
    return unquote(found["slug"]), found["what"] or "map", kept


def _checked(kept: dict[str, str], what: str) -> dict[str, str]:
    language = language_of(kept.get("lang", "en"))
    coloured = {"by": kept["by"]} if what == "map" and kept.get("by") in ("known", "incidents") else {}
    return {"lang": language, **coloured}


def _xml(data: dict[str, Any]) -> bytes:
    rows = "".join(f"<{key}>{xml_escape(str(value))}</{key}>" for key, value in data.items())
    return f'<?xml version="1.0" encoding="utf-8" standalone="yes"?><oembed>{rows}</oembed>'.encode()


@router.get("/oembed", summary="How to embed a map or a model (oEmbed 1.0)")
def oembed(
    request: Request,
    url: Annotated[str, Query(max_length=2000, description="Address of a facility, its map or its model")],
    maxwidth: Size = None,
    maxheight: Size = None,
    format: Literal["json", "xml"] = "json",
) -> Response:
    """A frame with the page asked for, no larger than there is room for."""
    known_only(request, "url", "maxwidth", "maxheight", "format")
    slug, what, kept = _asked(request, url)
    release = release_of(request)
    properties = release.feature("facilities", slug)["properties"]
    if what == "model" and not release.has(slug, "model.glb"):
        raise NotInReleaseError("this release has no model of this facility")
    parameters = _checked(kept, what)
    width, height = min(WIDTH, maxwidth or WIDTH), min(HEIGHT, maxheight or HEIGHT)
    title = f"{word(what, language_of(parameters['lang']))}: {properties['name']}"
    address = f"{base_of(request)}/facilities/{slug}/{what}?{urlencode(parameters)}"
    data = {
        "version": "1.0",
        "type": "rich",
        "title": title,
        "provider_name": release.manifest.title,
        "provider_url": f"{base_of(request)}/",
        "html": frame(address, title, width, height),
        "width": width,
        "height": height,
    }
    if format == "xml":
        return content(request, _xml(data), "text/xml; charset=utf-8")
    return answer(request, data)
