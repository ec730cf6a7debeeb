"""Outlines: every building with what all witnesses drew of it, what was made of that, and why it is here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from shapely.geometry import mapping, shape

from geoinv.api.desk.placed import feature_rows, frame_of_facility, in_metres
from geoinv.api.desk.said import decision_in_words
from geoinv.api.desk.shell import Seated, language_of_request, page
from geoinv.api.desk.words import desk_words
from geoinv.case.folder import Case
from geoinv.case.standing import Decided, History
from geoinv.case.subjects import built_features
from geoinv.geometry.frames import to_local
from geoinv.pages.styles import STATUS_STYLES, style_data
from geoinv.pages.told import note_told
from geoinv.pages.told_notes import VALUES
from geoinv.pages.words import Language
from geoinv.records.decisions import AddFootprint, JudgeFootprint, SetOutline, SetProperty
from geoinv.records.evidence import Status
from geoinv.records.places import Frame

__all__ = ["evidence_rows", "router"]

router = APIRouter()


@router.get("/facilities/{slug}/outlines")
def outlines(request: Request, seat: Seated, slug: str) -> Response:
    """The map of a facility's buildings with what is known of each."""
    with seat.desk.case() as case:
        facility = case.facility(slug)
        built = bool(built_features(case, slug, "footprints.geojson"))
        return page(
            request, "outlines.html", seat=seat, case=case, facility=facility, built=built, styles=style_data(),
            statuses=[(str(status), STATUS_STYLES[status]) for status in Status],
        )  # fmt: skip


@router.get("/facilities/{slug}/outlines/data")
def outlines_data(request: Request, seat: Seated, slug: str) -> dict[str, Any]:
    """Footprints, drawn shapes as they lie, and what people decided of each since the last build."""
    language = language_of_request(request)
    words = desk_words(language)
    with seat.desk.case() as case:
        case.facility(slug)
        frame = frame_of_facility(case, slug)
        if frame is None:
            return {"footprints": [], "drawn": [], "unplaced": []}
        footprints = feature_rows(case, slug, "footprints.geojson", frame)
        for one in footprints:
            one["decisions"] = [
                _told(decided, case.history, words) for decided in _about(case, slug, one["id"], one.get("drawn") or [])
            ]
            one["why"] = evidence_rows(one.get("evidence") or {}, language)
            one["warnings"] = [note_told(warning, language) for warning in one.get("warnings") or []]
            one["area_m2"] = _area(one["geometry"])
        return {
            "frame": {"lon": frame.lon, "lat": frame.lat},
            "footprints": footprints,
            "drawn": feature_rows(case, slug, "placed.geojson", frame),
            "unplaced": feature_rows(case, slug, "unplaced.geojson", frame),
            "waiting": _waiting(case, slug, frame, {one["id"] for one in footprints}),
        }


def _area(geometry: dict[str, Any] | None) -> float | None:
    return round(shape(geometry).area, 1) if geometry else None


def evidence_rows(evidence: dict[str, Any], language: Language) -> list[dict[str, Any]]:
    """What each property of a part rests on: its value, interval, status, sources, who and the note, in words."""
    rows = []
    for name, one in evidence.items():
        interval = one.get("interval")
        spread = f"{interval['low']:.3g}–{interval['high']:.3g} {interval.get('unit', '')}".strip() if interval else ""
        rows.append(
            {"property": name.replace("_", " "), "value": _plain(one.get("value"), language),
             "interval": spread, "status": one.get("status"), "sources": one.get("sources") or [],
             "by": one.get("by") or "", "note": note_told(one.get("note") or "", language)}
        )  # fmt: skip
    return rows


def _plain(value: Any, language: Language) -> str:
    """A value in the page's language."""
    if isinstance(value, float):
        return f"{value:.3g}"
    words = desk_words(language)
    if isinstance(value, dict):
        return " · ".join(f"{words.get(f'value {key}', key)} {_plain(one, language)}" for key, one in value.items())
    text = "" if value is None else str(value)
    return text if language == "en" else VALUES.get(text, words.get(text, text))


def _about(case: Case, slug: str, footprint: str, drawn: list[str]) -> list[Decided]:
    """Decisions on a footprint, by its id or by what was drawn of it, latest first."""
    names = {footprint, *drawn}
    targets = {f"{slug}/{name}" for name in names}
    found = []
    for one in case.history.decided:
        body = one.decision.body
        match body:
            case JudgeFootprint() if body.facility == slug and names & {body.footprint, body.element}:
                found.append(one)
            case SetOutline() if body.facility == slug and body.element in names:
                found.append(one)
            case AddFootprint() if body.facility == slug and body.footprint in names:
                found.append(one)
            case SetProperty() if body.target in targets:
                found.append(one)
            case _:
                pass
    return found[::-1]


def _told(one: Decided, history: History, words: Mapping[str, str]) -> dict[str, Any]:
    body = one.decision.body
    kind = ("accept" if body.accept else "reject") if isinstance(body, JudgeFootprint) else body.kind
    told = f"{one.decision.by}: {decision_in_words(one, words, history)} — {one.decision.reason}"
    return {"entry": one.entry.id, "told": told, "at": one.entry.at, "stands": one.stands, "kind": kind}


def _waiting(case: Case, slug: str, frame: Frame, known: set[str]) -> list[dict[str, Any]]:
    """Outlines of buildings that people drew, as they will stand after the next build; rooms have their own page."""
    rows = []
    rooms = built_features(case, slug, "rooms.geojson")
    inside = {*rooms, *(name for item in rooms.values() for name in item["properties"].get("drawn") or ())}
    for one in case.history.decided:
        body = one.decision.body
        if not one.stands:
            continue
        if isinstance(body, SetOutline) and body.facility == slug and body.element not in inside:
            rows.append({"element": body.element, "geometry": in_metres(frame, body.geometry), "entry": one.entry.id})
        elif isinstance(body, AddFootprint) and body.facility == slug and body.footprint not in known:
            geometry = mapping(to_local(frame, body.geometry))
            rows.append({"element": ", ".join(body.labels) or body.role, "geometry": geometry, "entry": one.entry.id})
    return rows
