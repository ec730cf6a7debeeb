"""The files of a release, drawn from redacted records only: maps, figures, sheets, models, and what explains them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from shapely.geometry import Polygon, mapping

from geoinv.api.layers import Shown
from geoinv.api.redact import plain_counts
from geoinv.models.glb import glb_bytes
from geoinv.models.hypotheses import hypotheses
from geoinv.models.sheets import plan_sheet, site_sheet
from geoinv.models.solids import build_solids
from geoinv.pages.figures import before_after, site_map
from geoinv.pages.mapdata import furniture, map_bounds, map_features, scene_name
from geoinv.pages.maps import offline_map
from geoinv.pages.underlays import Underlay, jpeg_bytes
from geoinv.pages.words import Language, language_of, word
from geoinv.records.blueprint import Blueprint, Building
from geoinv.records.release import Withheld

__all__ = ["facility_files", "release_texts"]


def facility_files(shown: Shown, underlays: Sequence[Underlay], languages: Sequence[str]) -> dict[str, bytes]:
    """Everything a release holds of one facility besides its features, by path below the release."""
    folder = f"facilities/{shown.facility.slug}"
    found: dict[str, bytes] = {}
    counts = plain_counts(shown.rows)
    if shown.footprints:
        found |= {
            f"{folder}/scenes/{number}.jpg": jpeg_bytes(underlay.pixels) for number, underlay in enumerate(underlays, 1)
        }
    for name in languages:
        language = language_of(name)
        found[f"{folder}/map{_mark(language)}.json"] = _json(_map_data(shown, underlays, counts, language))
        if shown.footprints:
            found |= _drawn(shown, underlays, counts, language, folder)
    if shown.blueprint is not None:
        found |= _model(shown, folder)
    return found


def _mark(language: Language) -> str:
    return "" if language == "en" else f"-{language}"


def _json(data: Any) -> bytes:
    return (json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False) + "\n").encode()


def _drawn(
    shown: Shown, underlays: Sequence[Underlay], counts: Mapping[str, int], language: Language, folder: str
) -> dict[str, bytes]:
    facility, footprints, mark = shown.facility, shown.footprints, _mark(language)
    page = offline_map(facility, footprints, underlays=underlays, counts=counts, language=language)
    last = underlays[-1] if underlays else None
    figure = site_map(facility, footprints, underlay=last, counts=counts, language=language)
    found = {f"{folder}/map{mark}.html": page.encode(), f"{folder}/figures/site{mark}.svg": figure.encode()}
    if len(underlays) > 1:
        pair = before_after(facility, footprints, underlays[0], underlays[-1], language=language)
        found[f"{folder}/figures/before-after{mark}.svg"] = pair.encode()
    return found


def _map_data(
    shown: Shown, underlays: Sequence[Underlay], counts: Mapping[str, int], language: Language
) -> dict[str, Any]:
    """What the served map page shows; pictures are named by their path below the facility's folder."""
    if shown.footprints:
        features = map_features(shown.footprints, counts, language)
        scenes = [
            {
                "path": f"scenes/{number}.jpg",
                "name": scene_name(item, language),
                "bounds": _corners(item.bounds),
                "attribution": item.attribution,
            }
            for number, item in enumerate(underlays, 1)
        ]
        bounds = map_bounds(shown.footprints, underlays)
    else:
        features, scenes = [], []
        bounds = _corners(shown.place.bounds) if shown.place is not None else []
        if isinstance(shown.place, Polygon):
            style = {"color": "#0072B2", "width": 2, "dash": "6 5", "fill": 0.15}
            note = word(f"place {shown.facility.publish_location}", language)
            properties = {"title": shown.facility.name, "rows": [["", note]], "style": style}
            features = [{"type": "Feature", "properties": properties, "geometry": mapping(shown.place)}]
    seen = underlays if shown.footprints else ()
    details = furniture(shown.facility, shown.footprints, seen, language, counted=bool(counts), bounds=bounds)
    return {**details, "features": {"type": "FeatureCollection", "features": features}, "scenes": scenes}


def _corners(bounds: tuple[float, float, float, float]) -> list[list[float]]:
    west, south, east, north = bounds
    return [[south, west], [north, east]]


def _model(shown: Shown, folder: str) -> dict[str, bytes]:
    blueprint = shown.blueprint
    assert blueprint is not None
    found = {}
    for number, version in enumerate(hypotheses(blueprint) or (None,), 1):
        name = "model.glb" if number == 1 else f"model-{number}.glb"
        found[f"{folder}/{name}"] = glb_bytes(build_solids(blueprint, hypothesis=version))
    found[f"{folder}/sheets/site.svg"] = site_sheet(blueprint).encode()
    for number, building in enumerate(_with_rooms(blueprint), 1):
        found[f"{folder}/sheets/building-{number}.svg"] = plan_sheet(blueprint, building.id).encode()
    return found


def _with_rooms(blueprint: Blueprint) -> list[Building]:
    return [one for one in blueprint.buildings if any(storey.rooms or storey.walls for storey in one.storeys)]


def release_texts(
    title: str, audience: str, everything: Sequence[Shown], withheld: Sequence[Withheld], *, fictional: bool
) -> dict[str, bytes]:
    """README and the program that checks the release."""
    lines = [f"# {title}", ""]
    if fictional:
        lines += [f"**{word('fictional', 'en')}.** {word('fictional note', 'en')}", ""]
    lines += [
        f"A release of geoinv for the audience “{audience}”. It never changes; cite it by its folder's name,",
        "which is the beginning of the SHA-256 of `manifest.json`.",
        "",
        "| what | where |",
        "| --- | --- |",
        "| facilities, footprints, incidents | `release.gpkg` (QGIS opens it) |",
    ]
    for shown in everything:
        pages = f"`facilities/{shown.facility.slug}/`" if shown.footprints else "in the layers only"
        lines.append(f"| {shown.facility.name.replace('|', '/')} | {pages} |")
    lines += [
        "",
        "Check it with `python verify.py`. Serve it with `geoinv serve --release` and this folder's path.",
        "",
        "## What was generalised or left out",
        "",
        "Generalised, never randomised. A count too small to be told is left out. Ids are of this",
        "release alone: they cannot be joined with those of another.",
        "",
    ]
    lines += [f"- {one.what}: {one.rule}" + (f" ({one.count})" if one.count is not None else "") for one in withheld]
    check = files("geoinv").joinpath("api/released_verify.py").read_bytes()
    return {"README.md": ("\n".join(lines) + "\n").encode(), "verify.py": check}
