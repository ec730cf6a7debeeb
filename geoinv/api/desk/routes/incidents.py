"""Incidents: when and where each was, by whose words, and bound by a person where the software could not say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from geoinv.api.desk.shell import Seated, page
from geoinv.case.folder import Case
from geoinv.case.standing import Decided
from geoinv.case.subjects import built_features
from geoinv.pages.styles import style_data
from geoinv.records.decisions import BindIncident
from geoinv.records.incidents import Binding, Incident

__all__ = ["router"]

router = APIRouter()
#: Width of the timeline's drawing, and the room left of its first year.
_WIDE, _LEFT = 1000.0, 30.0
#: Years beyond which a date is open at that end.
_OLDEST, _LAST = 1000, 9000


@dataclass(frozen=True)
class _Row:
    """One incident as the page shows it; ``place`` is what its building or room is called."""

    incident: Incident
    binding: Binding | None
    place: str
    decided: Decided | None


@router.get("/facilities/{slug}/incidents")
def incidents(request: Request, seat: Seated, slug: str, show: str = "all") -> Response:
    """The timeline and the list; those that could not be bound first."""
    with seat.desk.case() as case:
        facility = case.facility(slug)
        places = _places(case, slug)
        names = {key: name for group in places for key, name in group[1]}
        bound = {one.incident: one for one in case.bindings(slug)}
        decided = _decided(case, slug)
        rows = [
            _Row(one, bound.get(one.id), _place(bound.get(one.id), names), decided.get(one.id))
            for one in case.incident_records(slug)
        ]
        loose = [row for row in rows if _is_loose(row)]
        rows.sort(key=lambda row: (not _is_loose(row), _when(row.incident), row.incident.id))
        return page(
            request, "incidents.html", seat=seat, case=case, facility=facility, show=show, loose=len(loose),
            rows=loose if show == "loose" else rows, all=len(rows), places=places, styles=style_data(),
            timeline=_timeline(rows),
        )  # fmt: skip


def _is_loose(row: _Row) -> bool:
    return row.decided is None and (row.binding is None or row.binding.how == "none")


def _when(incident: Incident) -> str:
    return incident.date.earliest.isoformat() if incident.date is not None else "9999"


def _decided(case: Case, slug: str) -> dict[str, Decided]:
    bodies = ((one, one.decision.body) for one in case.history.decided if one.stands)
    return {body.incident: one for one, body in bodies if isinstance(body, BindIncident) and body.facility == slug}


def _places(case: Case, slug: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """What an incident can be bound to: buildings, then the rooms of each building, by name."""
    footprints = built_features(case, slug, "footprints.geojson")
    groups: list[tuple[str, list[tuple[str, str]]]] = [
        ("", [(key, _named(one)) for key, one in footprints.items() if one["properties"].get("role") == "building"])
    ]
    by_building: dict[str, list[tuple[str, str]]] = {}
    for key, one in built_features(case, slug, "rooms.geojson").items():
        by_building.setdefault(str(one["properties"].get("building")), []).append((key, _named(one)))
    for building, rooms in sorted(by_building.items()):
        name = _named(footprints[building]) if building in footprints else building
        groups.append((name, sorted(rooms, key=lambda pair: pair[1])))
    return groups


def _named(feature: dict[str, Any]) -> str:
    known = feature["properties"]
    labels = known.get("labels") or []
    return ", ".join(labels) if isinstance(labels, list) and labels else str(known.get("use") or known["id"])


def _place(binding: Binding | None, names: dict[str, str]) -> str:
    if binding is None or binding.footprint is None:
        return ""
    building = names.get(binding.footprint, binding.footprint)
    return f"{building} › {names.get(binding.room, binding.room)}" if binding.room else building


def _timeline(rows: list[_Row]) -> dict[str, Any] | None:
    """Bars from the first to the last day that each date allows, stacked where they meet; and the years' places."""
    dated = [(row, row.incident.date) for row in rows if row.incident.date is not None]
    ends = [
        day for _, one in dated if one is not None for day in (one.earliest, one.latest) if _OLDEST < day.year < _LAST
    ]
    if not ends:
        return None
    # A date that is open at one end reaches as far as any other does.
    least, most = min(ends), max(ends)
    spans = [
        (row, max(one.earliest, least).toordinal(), min(one.latest, most).toordinal())
        for row, one in dated if one is not None
    ]  # fmt: skip
    first, last = min(one[1] for one in spans), max(one[2] for one in spans)
    scale = (_WIDE - 2 * _LEFT) / max(last - first, 1)
    lanes: list[float] = []
    bars = []
    for row, begin, end in sorted(spans, key=lambda one: (one[1], one[2])):
        x, wide = _LEFT + (begin - first) * scale, max((end - begin) * scale, 5.0)
        lane = next((index for index, free in enumerate(lanes) if free <= x), len(lanes))
        lanes[lane : lane + 1] = [x + wide + 2]
        bars.append({"id": row.incident.id, "x": round(x, 1), "wide": round(wide, 1), "lane": lane,
                     "told": f"{row.incident.date}: {row.incident.kind} {row.incident.summary}"})  # fmt: skip
    from_year, to_year = _year(first), _year(last)
    step = max(1, (to_year - from_year) // 12)
    years = [
        (year, round(_LEFT + max(0.0, (_ordinal(year) - first) * scale), 1))
        for year in range(from_year, to_year + 1, step)
    ]
    return {"bars": bars, "years": years, "wide": _WIDE, "tall": 26 + 8 * max(len(lanes), 3)}


def _year(ordinal: int) -> int:
    return date.fromordinal(ordinal).year


def _ordinal(year: int) -> int:
    return date(year, 1, 1).toordinal()
