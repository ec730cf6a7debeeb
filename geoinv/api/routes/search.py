"""``/search``: facilities by any spelling, Hangul, agency or place, among those that are published."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from geoinv.api.answers import HTML, answer, known_only, language_asked, link, page, release_of, wants_page
from geoinv.api.releases import OpenRelease
from geoinv.facilities.names import Candidate, find
from geoinv.pages.told import told
from geoinv.records.facility import Facility

__all__ = ["router"]

router = APIRouter(tags=["facilities"])
_FIELDS = ("name", "other_names", "kind", "agency", "place", "country")
_MOST = 25


@lru_cache(maxsize=4)
def _published(release: OpenRelease) -> tuple[Facility, ...]:
    found = []
    for body in release.features("facilities", limit=100_000).bodies:
        row = json.loads(body)["properties"]
        told = {key: row[key] for key in _FIELDS if row.get(key) is not None}
        found.append(Facility(slug=row["id"], **told))
    return tuple(found)


@lru_cache(maxsize=256)
def _found(release: OpenRelease, text: str) -> tuple[Candidate, ...]:
    return find(text, _published(release))[:_MOST] if text else ()


@router.get("/search", summary="Facilities by any spelling")
def search(
    request: Request,
    q: Annotated[str, Query(max_length=200, description="A name in any spelling, Hangul, an agency or a place")] = "",
) -> Response:
    """What a text may mean, best first, each with its reasons and with what it can be mistaken for."""
    known_only(request, "q", "f", "lang")
    release, text = release_of(request), " ".join(q.split())
    found = _found(release, text)
    if wants_page(request):
        rows: dict[str, dict[str, Any]] = {
            one.slug: release.feature("facilities", one.slug)["properties"] for one in found
        }
        return page(request, "search.html", asked=text, found=found, rows=rows, told=told)
    language = language_asked(request)
    candidates = [
        {
            "id": one.slug,
            "name": one.name,
            "score": round(one.score, 3),
            "reasons": [told(reason, language) for reason in one.reasons],
            "warnings": [told(warning, language) for warning in one.warnings],
            "links": [link(request, f"/facilities/{one.slug}?lang={language}", "item", HTML, one.name)],
        }
        for one in found
    ]
    return answer(request, {"query": text, "numberReturned": len(candidates), "candidates": candidates})
