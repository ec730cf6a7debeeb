"""Decisions and drafts: the one door through which a page changes anything that is known."""

from __future__ import annotations

import json
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Request
from pydantic import TypeAdapter, ValidationError
from shapely.errors import ShapelyError

from geoinv.api.desk.placed import on_earth
from geoinv.api.desk.shell import Changing, Seat, Seated, chosen
from geoinv.case.decisions import Seen, decide
from geoinv.errors import FieldError
from geoinv.geometry.frames import xy_to_lonlat
from geoinv.records.decisions import DecisionBody
from geoinv.records.places import Frame

__all__ = ["router"]

router = APIRouter()
_BODY: TypeAdapter[Any] = TypeAdapter(DecisionBody)
#: What is recorded at the desk; names checked are answered at the intake, claims with their words.
_KINDS = ("place", "judge", "outline", "add", "bind", "set", "grade", "merge", "consent", "undo", "trace", "claim")
_NEW = "new"

Deciding = Annotated[Seat, Changing("investigator")]


def _on_earth(data: dict[str, Any], frame: Frame) -> dict[str, Any]:
    """A decision whose places came in metres of a frame, as maps of the desk have them."""
    moved = dict(data)
    if isinstance(moved.get("geometry"), dict):
        moved["geometry"] = on_earth(frame, moved["geometry"])
    if moved.get("ties"):
        places = xy_to_lonlat(frame, np.array([tie["point"] for tie in moved["ties"]], dtype=float).reshape(-1, 2))
        moved["ties"] = [
            {**tie, "point": (round(float(lon), 8), round(float(lat), 8))}
            for tie, (lon, lat) in zip(moved["ties"], places, strict=True)
        ]
    if isinstance(moved.get("transform"), dict):
        moved["transform"] = {**moved["transform"], "origin": (frame.lon, frame.lat)}
    return moved


def _in_frame(data: dict[str, Any], frame: Any) -> dict[str, Any]:
    try:
        return _on_earth(data, Frame(lon=float(frame["lon"]), lat=float(frame["lat"])))
    except (KeyError, TypeError, ValueError, ShapelyError) as error:
        raise FieldError("this place cannot be read", do="reload the page", field="frame") from error


def _body(data: Any) -> DecisionBody:
    kind = data.get("kind") if isinstance(data, dict) else None
    if kind not in _KINDS:
        raise FieldError("this is no decision that is taken at the desk", do="reload the page", field="kind")
    try:
        body: DecisionBody = _BODY.validate_python(data)
    except (ValidationError, FieldError) as error:
        if isinstance(error, FieldError):
            raise
        first = error.errors()[0]
        raise FieldError(str(first["msg"]), do="correct it", field=str(first["loc"][-1])) from error
    return body


@router.post("/decide")
def decide_route(request: Request, seat: Deciding) -> dict[str, Any]:
    """Record one decision, taken on what its page showed."""
    data = dict(chosen(seat.data, "body", dict))
    seen = Seen(chosen(seat.data, "seen", int), frozenset(map(str, chosen(seat.data, "own", list, default=[]))))
    with seat.desk.case() as case:
        if frame := seat.data.get("frame"):
            data = _in_frame(data, frame)
        if data.get("kind") == "trace" and data.get("element") == _NEW:
            data["element"] = case.ledger.mint.id("drawn", case.ledger.next_number)
        if data.get("kind") == "add" and data.get("footprint") == _NEW:
            data["footprint"] = case.ledger.mint.id(str(data.get("role", "building")), case.ledger.next_number)
        if data.get("kind") == "claim" and isinstance(data.get("claim"), dict) and data["claim"].get("id") == _NEW:
            data["claim"] = {**data["claim"], "id": case.ledger.mint.id("claim", case.ledger.next_number)}
        entry = decide(
            case, _body(data), by=seat.account.name, reason=str(chosen(seat.data, "reason"))[:2000], seen=seen
        )
    if page := seat.data.get("draft"):
        seat.desk.drafts.drop(seat.account.name, str(page))
    return {"entry": entry.id, "number": entry.number}


@router.get("/seen")
def seen_now(request: Request, seat: Seated) -> dict[str, Any]:
    """Number of the ledger's last entry: what somebody has seen who was just shown a conflict."""
    with seat.desk.case() as case:
        last = case.store.last()
    return {"number": last.number if last else 0}


@router.put("/draft")
def keep_draft(request: Request, seat: Deciding) -> dict[str, Any]:
    """Keep what somebody has begun."""
    text = json.dumps(chosen(seat.data, "state", dict), ensure_ascii=False)
    with seat.desk.case() as case:
        seat.desk.drafts.put(case, seat.account.name, str(chosen(seat.data, "page")), text)
    return {"kept": True}


@router.get("/draft")
def draft(request: Request, seat: Seated, page: str) -> dict[str, Any]:
    """What somebody had begun on a page, if anything."""
    with seat.desk.case() as case:
        kept = seat.desk.drafts.get(case, seat.account.name, page)
    return {"state": json.loads(kept["text"]), "at": kept["at"]} if kept else {}


@router.post("/draft/drop")
def drop_draft(request: Request, seat: Deciding) -> dict[str, Any]:
    """Forget what somebody had begun."""
    seat.desk.drafts.drop(seat.account.name, str(chosen(seat.data, "page")))
    return {"kept": False}
