"""What is known of each facility, how well, and what would help most next, in a few lines."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from geoinv.case.folder import Case
from geoinv.records.facility import Facility

__all__ = ["overview"]


def overview(case: Case) -> list[str]:
    """Lines for a terminal; everything is read from the records and the last build, nothing is computed anew."""
    lines = [case.settings.title + (" — FICTIONAL" if case.settings.simulated else "")]
    for facility in case.facilities():
        lines += ["", f"{facility.slug}: {facility.name}", *("  " + line for line in _facility(case, facility))]
    if len(lines) == 1:
        lines.append("There is no facility yet.")
    return lines


def _read(path: Path) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data


def _facility(case: Case, facility: Facility) -> list[str]:
    folder = case.models_dir(facility.slug)
    said, sketches = case.statements(facility.slug), case.sketches(facility.slug)
    incidents = case.incident_records(facility.slug)
    testimony = f"{len(said.statements)} statements by {len(said.witnesses)} witnesses"
    lines = [f"{testimony}, {len(sketches)} drawings, {len(incidents)} incidents"]
    location, footprints = _read(folder / "location.geojson"), _read(folder / "footprints.geojson")
    if location:
        lines.append(f"place: expected error {location['diagnostics']['expected_error_m']:.0f} m")
    if not (folder / "build.json").is_file():
        return [*lines, "not built yet: run “geoinv build”"]
    statuses = Counter(str(item["properties"].get("status")) for item in (footprints or {"features": []})["features"])
    lines.append(
        f"footprints: {', '.join(f'{count} {status}' for status, count in sorted(statuses.items())) or 'none'}"
    )
    return [*lines, *_helpful(folder, facility, location, sketches)]


def _helpful(folder: Path, facility: Facility, location: dict[str, Any] | None, sketches: tuple[Any, ...]) -> list[str]:
    """What would help most next, most pressing first."""
    wishes = []
    if location is None:
        wishes.append("a pin or statement about where it is")
    if not sketches:
        wishes.append("a drawing of the compound")
    unplaced = _read(folder / "unplaced.geojson")
    if unplaced and unplaced["features"]:
        wishes.append(
            f"a person's ties for {len(unplaced['features'])} drawn buildings that have no place (geoinv decide place)"
        )
    match = _read(folder / "match.json")
    if match and match["none_probability"] >= 0.5:
        wishes.append("three ties for one drawing: the software could place none")
    unbound = [item for item in (_read(folder / "bindings.json") or {}).get("bindings", []) if item["how"] == "none"]
    if unbound:
        wishes.append(f"the building meant by {len(unbound)} incidents")
    unknown = [sketch.name for sketch in sketches if sketch.witness is None]
    if unknown:
        wishes.append(f"who drew {', '.join(unknown)} (facility.yaml)")
    return [f"would help: {wish}" for wish in wishes]
