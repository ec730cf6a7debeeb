"""How the server answers: JSON or a page, with links, a strong ETag, and nothing for parameters it does not know."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from geoinv.api.compression import Compressor
from geoinv.api.negotiation import prefers_page
from geoinv.api.releases import OpenRelease
from geoinv.errors import FieldError
from geoinv.pages.terms import facility_terms
from geoinv.pages.words import LANGUAGES, Language, language_of, words
from geoinv.records.base import sha256_hex

__all__ = [
    "answer",
    "as_json_block",
    "base_of",
    "content",
    "known_only",
    "language_asked",
    "link",
    "page",
    "release_of",
    "rendered",
    "wants_page",
]

_BASE = "geoinv.base"
_COMPRESSOR = Compressor()
JSON, GEOJSON, HTML = "application/json", "application/geo+json", "text/html; charset=utf-8"


def release_of(request: Request) -> OpenRelease:
    """The release this server serves."""
    release: OpenRelease = request.app.state.release
    return release


def base_of(request: Request) -> str:
    """Address of the landing page without its last slash, as the client sees it."""
    base: str | None = request.scope.get(_BASE)
    if base is None:
        scope = request.scope
        host = next((value for name, value in scope["headers"] if name == b"host"), None)
        base = request.scope[_BASE] = _address(
            scope["scheme"],
            host,
            tuple(scope.get("server") or ()),
            scope.get("app_root_path", scope.get("root_path", "")),
        )
    return base


@lru_cache(maxsize=256)
def _address(scheme: str, host: bytes | None, server: tuple[str | int, ...], root: str) -> str:
    """The address that a request's parts make; a host that is none is passed over, as Starlette does."""
    headers = [] if host is None else [(b"host", host)]
    scope = {
        "type": "http",
        "scheme": scheme,
        "headers": headers,
        "server": server or None,
        "root_path": root,
        "path": "",
    }
    return str(Request(scope).base_url).rstrip("/")


def known_only(request: Request, *names: str) -> None:
    """Refuse parameters that mean nothing here (OGC API – Features, part 1, requirement 9), rather than ignore them.

    Raises
    ------
    FieldError
        Naming the first unknown parameter, one given twice, a format or a language that there is not.
    """
    for name in request.query_params:
        if name not in names:
            listed = ", ".join(sorted(names)) or "no parameters"
            raise FieldError("this parameter is not known here", do=f"known here: {listed}", field=name[:60])
        if len(request.query_params.getlist(name)) > 1:
            raise FieldError("this parameter is given twice", do="give it once", field=name)
    if request.query_params.get("f", "json") not in ("json", "html"):
        raise FieldError("there is no such format", do="choose json or html", field="f")
    if request.query_params.get("lang", "en") not in LANGUAGES:
        raise FieldError("there is no such language", do="choose en or ko", field="lang")


def wants_page(request: Request) -> bool:
    """Whether a page is asked for: ``f=html``, or a browser's ``Accept``.

    Raises
    ------
    FieldError
        If ``f`` is neither ``json`` nor ``html``.
    NotAcceptableError
        If the client takes neither.
    """
    asked = request.query_params.get("f")
    if asked is None:
        return prefers_page(request.headers.get("accept", ""))
    if asked not in ("json", "html"):
        raise FieldError("there is no such format", do="choose json or html", field="f")
    return asked == "html"


def language_asked(request: Request) -> Language:
    """The language asked for with ``lang``, English by default."""
    return language_of(request.query_params.get("lang", "en"))


def link(request: Request, path: str, rel: str, media: str, title: str) -> dict[str, str]:
    """One link of a JSON answer."""
    return {"href": f"{base_of(request)}{path}", "rel": rel, "type": media, "title": title}


def as_json_block(data: Any) -> Markup:
    """Data for a ``<script type="application/json">`` block, with nothing in it that could end the block."""
    text = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Markup(text)


def content(
    request: Request, body: bytes, media_type: str, *, headers: dict[str, str] | None = None, status: int = 200
) -> Response:
    """Bytes with a strong ETag, or 304 if the client has them (RFC 9110, section 13.1.2)."""
    name = sha256_hex(body)[:32]
    given = {"Cache-Control": "no-cache", "Vary": "Accept, Accept-Encoding", **(headers or {})}
    if _COMPRESSOR.wanted(request.headers.get("accept-encoding", ""), body, media_type):
        # A strong tag names bytes as they are sent (RFC 9110, section 8.8.3.3).
        given |= {"ETag": f'"{name}-gzip"', "Content-Encoding": "gzip"}
    else:
        given["ETag"] = f'"{name}"'
    asked = request.headers.get("if-none-match")
    if asked is not None and status == 200:
        known = [item.strip().removeprefix("W/") for item in asked.split(",")]
        if given["ETag"] in known or "*" in known:
            return Response(status_code=304, headers=given)
    sent = _COMPRESSOR.packed(name, body) if "Content-Encoding" in given else body
    return Response(sent, status, media_type=media_type, headers=given)


def answer(request: Request, data: Any, *, media_type: str = JSON) -> Response:
    """Data as JSON."""
    return content(request, json.dumps(data, ensure_ascii=False, allow_nan=False).encode(), media_type)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("geoinv.api"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(
    request: Request, template: str, *, crumbs: Iterable[tuple[str, str]] = (), status: int = 200, **values: Any
) -> Response:
    """A page from a template; every text is escaped."""
    language = language_asked(request) if "lang" in request.query_params else "en"
    body = rendered(request, template, language, crumbs=list(crumbs), **values)
    return content(request, body, HTML, status=status)


def rendered(request: Request, template: str, language: Language, **values: Any) -> bytes:
    """A page's bytes in a language."""
    release = release_of(request)
    context = {
        "root": request.scope.get("root_path", "").rstrip("/"),
        "base": base_of(request),
        "w": words(language),
        "language": language,
        "release": release,
        "manifest": release.manifest,
        "crumbs": [],
        "terms": facility_terms(language),
        **values,
    }
    return _environment().get_template(template).render(context).encode()
