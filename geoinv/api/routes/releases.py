"""``/releases``: which release this is, what it withholds, and its files to be fetched and checked."""

from __future__ import annotations

from pathlib import PurePosixPath

from fastapi import APIRouter, Request
from fastapi.responses import Response

from geoinv.api.answers import (
    HTML,
    JSON,
    answer,
    content,
    known_only,
    language_asked,
    link,
    page,
    release_of,
    wants_page,
)
from geoinv.api.releases import NotInReleaseError, OpenRelease
from geoinv.pages.words import words

__all__ = ["router"]

router = APIRouter(tags=["releases"])


def _served(request: Request, name: str) -> OpenRelease:
    release = release_of(request)
    if name not in (release.name, release.hash):
        raise NotInReleaseError("no such release is served here")
    return release


@router.get("/releases", summary="Releases served here")
def releases(request: Request) -> Response:
    """The one release that is served."""
    known_only(request, "f", "lang")
    release = release_of(request)
    if wants_page(request):
        return page(request, "release.html", crumbs=[("/releases", words(language_asked(request))["release"])])
    entry = {
        "id": release.name,
        "sha256": release.hash,
        "title": release.manifest.title,
        "audience": release.manifest.audience,
        "links": [link(request, f"/releases/{release.name}", "item", JSON, "Its manifest")],
    }
    return answer(request, {"releases": [entry], "recalled": list(release.manifest.recalls)})


@router.get("/releases/{name}", summary="A release's manifest")
def release(request: Request, name: str) -> Response:
    """The manifest as it was written: its SHA-256 is the release's name."""
    known_only(request, "f", "lang")
    found = _served(request, name)
    if wants_page(request):
        return page(request, "release.html", crumbs=[("/releases", words(language_asked(request))["release"])])
    return content(request, (found.path / "manifest.json").read_bytes(), JSON)


@router.get("/releases/{name}/files/{path:path}", summary="One file of a release, to be saved")
def release_file(request: Request, name: str, path: str) -> Response:
    """A file of the manifest; pages come as downloads, so that none runs here."""
    known_only(request)
    found = _served(request, name)
    body = found.read(path)
    media = found.files[path].media_type
    safe = "text/plain; charset=utf-8" if media.startswith((HTML[:9], "text/x-python")) else media
    headers = {"Content-Disposition": f'attachment; filename="{PurePosixPath(path).name}"'}
    return content(request, body, safe, headers=headers)
