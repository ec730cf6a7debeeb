"""A map's specification as the data that ``map.js`` draws: places, incidents to be counted, and every word it needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from geoinv.files.geojson import feature
from geoinv.pages.map_spec import MapBy, MapRoom, MapScene, MapSpec, map_classes
from geoinv.pages.map_words import footprint_rows, footprint_title, label_place, scene_label
from geoinv.pages.styles import COUNT_COLOURS, style_data
from geoinv.pages.terms import kind_word, violation_word
from geoinv.pages.words import Language, word
from geoinv.records.evidence import Status
from geoinv.records.footprints import Footprint

__all__ = ["leaflet_data", "map_notes", "map_subtitle"]

#: Words that the script sets itself, by their key in the table.
_SCRIPT_WORDS = (
    "incidents",
    "legend",
    "show as",
    "by known",
    "by incidents",
    "kind of incident",
    "every kind",
    "from year",
    "to year",
    "counted",
    "undated out",
    "not placed out",
    "filter",
    "as table",
    "close",
    "building",
    "room",
    "status",
    "incident count",
    "ground shown",
    "before after",
    "no incidents shown",
    "no counts",
    "no year",
    "no kind",
    "map help",
    "sources",
)


def _building(item: Footprint, language: Language) -> dict[str, Any]:
    name = item.labels[0] if item.labels else ""
    return {
        "id": item.id,
        "part": "building",
        "title": footprint_title(item, language),
        "name": f"{name} !" if item.status is Status.CONTESTED else name,
        "at": label_place(item.geometry)[::-1],
        "known": word(item.status, language),
        "rows": footprint_rows(item, language),
        "style": style_data()[str(item.status)],
    }


def _room(item: MapRoom, language: Language) -> dict[str, Any]:
    name = item.labels[0] if item.labels else ""
    rows = [[word("status", language), word(item.status, language)]]
    if len(item.labels) > 1:
        rows.append([word("labels", language), ", ".join(item.labels)])
    return {
        "id": item.id,
        "part": "room",
        "building": item.building,
        "title": name or item.role.replace("_", " "),
        "name": name,
        "at": label_place(item.geometry)[::-1],
        "known": word(item.status, language),
        "rows": rows,
        "style": {**style_data()[str(item.status)], "width": 1.2},
    }


def _places(spec: MapSpec, language: Language) -> list[dict[str, Any]]:
    """Features, largest first so that small ones lie on top; rooms above all buildings."""
    found = []
    if spec.area is not None:
        note = word("place county" if spec.area_is == "county" else "region", language)
        style = {"color": "#0072B2", "width": 2, "dash": "6 5", "fill": 0.15}
        place: dict[str, Any] = {"part": "area", "title": spec.name, "rows": [["", note]], "known": note}
        found.append(feature({"id": spec.slug, **place, "style": style}, spec.area))
    for item in sorted(spec.footprints, key=lambda one: (-one.geometry.area, one.id)):
        found.append(feature(_building(item, language), item.geometry))
    for room in sorted(spec.rooms, key=lambda one: (-one.geometry.area, one.id)):
        found.append(feature(_room(room, language), room.geometry))
    return found


def map_subtitle(spec: MapSpec, language: Language) -> str:
    """What sort of place it is, and where."""
    return " · ".join(filter(None, [kind_word(spec.kind, language) if spec.kind else None, spec.place]))


def map_notes(spec: MapSpec, language: Language, cite: str) -> list[str]:
    """What stands under every map: that it is fictional, whose pictures it shows, which release it is of."""
    sources = sorted({item.attribution for item in spec.scenes if item.attribution})
    if any(item.simulated for item in spec.scenes):
        sources.append(word("simulated pixels", language))
    notes = [word("fictional note", language)] if spec.fictional else []
    notes += [f"{word('sources', language)}: {'; '.join(sources)}"] if sources else []
    notes += [cite] if cite else []
    return notes + ([word("korean note", language)] if language == "ko" else [])


def _scene(item: MapScene, language: Language, address: Callable[[str], str]) -> dict[str, Any]:
    west, south, east, north = item.bounds
    return {
        "url": address(item.path),
        "bounds": [[south, west], [north, east]],
        "name": scene_label(item.date, language),
        "date": item.date,
    }


def leaflet_data(
    spec: MapSpec,
    language: Language,
    *,
    cite: str = "",
    by: MapBy = "known",
    address: Callable[[str], str] = str,
) -> dict[str, Any]:
    """Everything ``map.js`` draws, JSON-ready.

    Parameters
    ----------
    cite
        Which release this is, in words.
    by
        What colours the map at first.
    address
        Of a picture, from its path.
    """
    bounds = spec.bounds()
    counts = spec.counts()
    classes = map_classes(max(counts.values(), default=0))
    colours = COUNT_COLOURS[-len(classes) :] if classes else ()
    years = [year for one in spec.incidents if one.years for year in one.years]
    data: dict[str, Any] = {
        "title": spec.name,
        "subtitle": map_subtitle(spec, language),
        "fictional": word("fictional", language) if spec.fictional else None,
        "bounds": [[bounds[1], bounds[0]], [bounds[3], bounds[2]]] if bounds else [],
        "by": by,
        "features": {"type": "FeatureCollection", "features": _places(spec, language)},
        "incidents": [[one.building, one.room, list(one.years or ()), one.kind] for one in spec.incidents],
        "years": [min(years), max(years)] if years else None,
        "kinds": sorted(
            ([kind, violation_word(kind, language)] for kind in {one.kind for one in spec.incidents if one.kind}),
            key=lambda pair: pair[1],
        ),
        "classes": [[first, last, colour] for (first, last), colour in zip(classes, colours, strict=True)],
        "legend": [
            {"name": word(one, language), "means": word(f"{one} means", language), "style": style_data()[str(one)]}
            for one in spec.statuses()
        ],
        "scenes": [_scene(item, language, address) for item in spec.scenes],
        "notes": map_notes(spec, language, cite),
        "words": {key: word(key, language) for key in _SCRIPT_WORDS},
    }
    return data
