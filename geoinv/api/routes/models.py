"""``/facilities/{id}/model``: the model to be looked at, walked through and asked how each part is known."""

from __future__ import annotations

import json
import struct
from typing import Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from geoinv.api.answers import as_json_block, content, known_only, language_asked, page, release_of
from geoinv.api.releases import OpenRelease
from geoinv.pages.terms import violation_word
from geoinv.pages.words import Language

__all__ = ["router"]

router = APIRouter(tags=["facilities"])
_GLB = "model/gltf-binary"


def _model_files(release: OpenRelease, slug: str) -> list[str]:
    """Names of a facility's models: the preferred version, then its rivals."""
    names = ["model.glb", *(f"model-{number}.glb" for number in range(2, 27))]
    return [name for name in names if release.has(slug, name)]


def _version_of(glb: bytes) -> str | None:
    """Which rival version a GLB of ours holds (glTF 2.0, section 4.4: the JSON chunk comes first)."""
    (length,) = struct.unpack_from("<I", glb, 12)
    extras: dict[str, Any] = json.loads(glb[20 : 20 + length])["asset"].get("extras", {})
    found = extras.get("hypothesis")
    return None if found is None else str(found)


def _parts(release: OpenRelease, slug: str, language: Language) -> dict[str, dict[str, Any]]:
    """What the viewer shows of a part besides its evidence: the incidents published of it."""
    parts: dict[str, dict[str, Any]] = {}
    for body in release.features("incidents", properties={"facility": slug}, limit=1_000_000).bodies:
        row = json.loads(body)["properties"]
        where = row.get("room") or row.get("building")
        if where is not None:
            told = {
                "year": row.get("year"),
                "kind": violation_word(row["kind"], language) if row.get("kind") else None,
                "text": row.get("summary"),
            }
            parts.setdefault(where, {"incidents": []})["incidents"].append(told)
    return parts


@router.get("/facilities/{facility}/model", summary="A facility's model as a page, to be embedded")
def model_page(request: Request, facility: str) -> Response:
    """The viewer with the model in it; where none is published, a page that says so."""
    known_only(request, "lang")
    release = release_of(request)
    properties = release.feature("facilities", facility)["properties"]
    files, language = _model_files(release, facility), language_asked(request)
    root = request.scope.get("root_path", "").rstrip("/")
    addresses = [f"{root}/facilities/{facility}/{name}" for name in files]
    rivals = [
        {"name": _version_of(release.facility_file(facility, name)), "glbUrl": address}
        for name, address in zip(files[1:], addresses[1:], strict=True)
    ]
    data = {"glbUrl": addresses[0] if files else None, "rivals": rivals, "lang": language}
    block = as_json_block(data | {"parts": _parts(release, facility, language)}) if files else None
    return page(request, "model.html", facility=properties, data=block, status=200 if files else 404)


@router.get("/facilities/{facility}/model.glb", summary="A facility's model (binary glTF)")
def model(request: Request, facility: str) -> Response:
    """The model's preferred version, if it is published."""
    known_only(request)
    return content(request, release_of(request).facility_file(facility, "model.glb"), _GLB)


@router.get("/facilities/{facility}/model-{number}.glb", summary="A rival version of a facility's model (binary glTF)")
def rival(request: Request, facility: str, number: int = Path(ge=2, le=26)) -> Response:
    """Another version, where the accounts exclude each other."""
    known_only(request)
    return content(request, release_of(request).facility_file(facility, f"model-{number}.glb"), _GLB)
