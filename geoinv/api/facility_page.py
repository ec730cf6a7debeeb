"""What a facility's page says, gathered from the release: numbers, tables, files, and what to copy to embed it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

from geoinv.api.releases import OpenRelease
from geoinv.api.routes.oembed import HEIGHT, frame
from geoinv.pages.terms import agency_word, kind_word, violation_word
from geoinv.pages.words import Language, word
from geoinv.records.evidence import Status

__all__ = ["facility_context"]

Row = tuple[str, int]


def _rows(release: OpenRelease, collection: str, slug: str) -> list[dict[str, Any]]:
    found = release.features(collection, properties={"facility": slug}, limit=1_000_000)
    return [json.loads(body)["properties"] for body in found.bodies]


def _counted(values: Sequence[str]) -> list[Row]:
    """Values with how often they occur, most first."""
    return sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0]))


def _tables(
    rows: Sequence[dict[str, Any]], footprints: Sequence[dict[str, Any]], language: Language
) -> list[tuple[str, list[Row]]]:
    names = {item["id"]: ", ".join(item.get("labels", [])) for item in footprints}
    kinds = [violation_word(row["kind"], language) for row in rows if row.get("kind")]
    return [
        (word("building", language), _counted([names.get(row["building"], "") for row in rows if row.get("building")])),
        (word("year", language), sorted(Counter(row["year"] for row in rows if row.get("year")).items())),
        (word("kind of incident", language), _counted(kinds)),
    ]


def _years(rows: Sequence[dict[str, Any]]) -> str:
    ends = sorted(year for row in rows if row.get("year") for year in row["year"].split("/"))
    return "" if not ends else ends[0] if ends[0] == ends[-1] else f"{ends[0]}–{ends[-1]}"


def _embed(base: str, facility: dict[str, Any], language: Language, *, model: bool) -> dict[str, Any]:
    """Addresses for discovery, and what to copy into another page."""
    here = f"{base}/facilities/{quote(facility['id'])}"
    addresses = {"map": f"{here}/map?lang={language}"} | ({"model": f"{here}/model?lang={language}"} if model else {})
    asked = {what: f"{base}/oembed?{urlencode({'url': address})}" for what, address in addresses.items()}
    snippets = []
    for what, address in addresses.items():
        title = f"{word(what, language)}: {facility['name']}"
        snippets.append((f"frame-{what}", f"{word(what, language)} (HTML)", frame(address, title, "100%", HEIGHT)))
        snippets.append((f"oembed-{what}", f"{word(what, language)} (oEmbed)", asked[what]))
    return {"json": asked["map"], "xml": f"{asked['map']}&format=xml", "snippets": snippets}


def _order(item: dict[str, Any]) -> tuple[bool, bool, int]:
    """Buildings before walls, gates and towers; those with a name first; those with most incidents first."""
    return item.get("role", "building") != "building", not item.get("labels"), -(item.get("incidents") or 0)


def facility_context(release: OpenRelease, facility: dict[str, Any], base: str, language: Language) -> dict[str, Any]:
    """Values for the facility's page.

    Parameters
    ----------
    facility
        Its properties in the release.
    base
        Address of the landing page without its last slash.
    """
    slug = facility["id"]
    files, footprints = release.facility_files(slug), _rows(release, "footprints", slug)
    rows = _rows(release, "incidents", slug)
    buildings = [item for item in footprints if item.get("role", "building") == "building"]
    known = Counter(item["status"] for item in buildings)
    used = {item["status"] for item in footprints}
    kind, agency = facility.get("kind"), facility.get("agency")
    about = [
        ("kind", kind_word(kind, language) if kind else None),
        ("agency", agency_word(agency, language) if agency else None),
        ("place", facility.get("place")),
    ]
    mark = "" if language == "en" else f"-{language}"
    return {
        "facility": facility,
        "about": [(key, value) for key, value in about if value],
        "footprints": sorted(footprints, key=_order),
        "buildings": len(buildings),
        "statuses": [(str(status), known[str(status)]) for status in Status if known[str(status)]],
        "used": [str(status) for status in Status if str(status) in used],
        "incidents": len(rows),
        "years": _years(rows),
        "tables": _tables(rows, footprints, language),
        "figures": [path for path in files if path.startswith("figures/") and ("-ko" in path) == (language == "ko")],
        "sheets": [path for path in files if path.startswith("sheets/") and path.endswith(".svg")],
        "printed": "sheets/all.pdf" if "sheets/all.pdf" in files else None,
        "files": files,
        "offline": f"map{mark}.html",
        "embed": _embed(base, facility, language, model="model.glb" in files),
    }
