"""Rooms and 3D: the plan and the model side by side, contradictions, and a property changed with its source."""

from __future__ import annotations

import json
import re
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from geoinv.api.desk.routes.outlines import evidence_rows
from geoinv.api.desk.shell import Seated, language_of_request, page
from geoinv.case.folder import Case
from geoinv.errors import CaseError
from geoinv.pages.styles import style_data
from geoinv.pages.words import Language

__all__ = ["router"]

router = APIRouter()
_MODEL = re.compile(r"model(?:-([A-Za-z0-9]{1,20}))?\.glb")


def _blueprint(case: Case, slug: str) -> dict[str, Any]:
    path = case.models_dir(slug) / "blueprint.json"
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return data


@router.get("/facilities/{slug}/rooms")
def rooms(request: Request, seat: Seated, slug: str) -> Response:
    """The plan beside the model."""
    with seat.desk.case() as case:
        facility = case.facility(slug)
        blueprint = _blueprint(case, slug)
        inside = [one for one in blueprint.get("buildings", ()) if any(storey["rooms"] for storey in one["storeys"])]
        named = [(one["id"], ", ".join(one.get("labels") or ()) or one["id"]) for one in inside]
        return page(
            request, "rooms.html", seat=seat, case=case, facility=facility, built=bool(blueprint), named=named,
            styles=style_data(), contradictions=blueprint.get("contradictions", []),
        )  # fmt: skip


@router.get("/facilities/{slug}/rooms/data")
def rooms_data(request: Request, seat: Seated, slug: str) -> dict[str, Any]:
    """Every building with an inside: storeys, rooms with their evidence, openings; the models' addresses."""
    language = language_of_request(request)
    with seat.desk.case() as case:
        case.facility(slug)
        blueprint, folder = _blueprint(case, slug), case.models_dir(slug)
        models = sorted(path.name for path in folder.glob("model*.glb")) if folder.is_dir() else []
    found = [(match[1], f"/facilities/{slug}/models/{name}") for name in models if (match := _MODEL.fullmatch(name))]
    return {
        "buildings": [_building(one, language) for one in blueprint.get("buildings", ()) if _inside(one)],
        "model": next((address for version, address in found if version is None), None),
        "rivals": [{"name": version, "glbUrl": address} for version, address in found if version is not None],
        "contradictions": blueprint.get("contradictions", []),
    }


def _inside(building: dict[str, Any]) -> bool:
    return any(storey["rooms"] for storey in building["storeys"])


def _building(building: dict[str, Any], language: Language) -> dict[str, Any]:
    return {
        "id": building["id"],
        "labels": building.get("labels") or [],
        "outline": building["outline"],
        "storeys": [
            {
                "floor_m": storey.get("floor_m"),
                "rooms": [_room(room, language) for room in storey["rooms"]],
                "openings": [{"id": one["id"], "kind": one.get("kind"), "status": one.get("status"),
                              "hypothesis": one.get("hypothesis"), "at": _spot(one)} for one in storey["openings"]],
            }
            for storey in building["storeys"]
        ],
    }  # fmt: skip


def _spot(opening: dict[str, Any]) -> Any:
    """Where an opening is, as the blueprint has it."""
    return opening.get("at") or opening.get("position") or opening.get("line")


def _room(room: dict[str, Any], language: Language) -> dict[str, Any]:
    kept = {key: room.get(key) for key in ("id", "role", "polygon", "status", "strain_m", "hypothesis")}
    return {
        **kept, "labels": room.get("labels") or [], "drawn": room.get("drawn") or [],
        "why": evidence_rows(room.get("evidence") or {}, language),
    }  # fmt: skip


@router.get("/facilities/{slug}/models/{name}")
def model(request: Request, seat: Seated, slug: str, name: str) -> Response:
    """A model as the last build wrote it.

    Raises
    ------
    CaseError
        If there is none of that name.
    """
    with seat.desk.case() as case:
        case.facility(slug)
        path = case.models_dir(slug) / name
        if not _MODEL.fullmatch(name) or not path.is_file():
            raise CaseError("there is no such model", do="build the case first")
        return Response(path.read_bytes(), media_type="model/gltf-binary")
