"""A fictional nation as a case: files taken in as received, and what a build would have written of each facility."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from shapely.geometry import Point

from geoinv.case.folder import Case
from geoinv.case.intake import take_in
from geoinv.case.start import guard_folder
from geoinv.files.atomic import write_json, write_text
from geoinv.files.geojson import feature, feature_collection
from geoinv.geometry.frames import to_lonlat
from geoinv.worlds.nation import NATION_TITLE, Nation, NationFacility
from geoinv.worlds.write import case_text, incidents_table, yaml_text

__all__ = ["write_nation"]


def write_nation(nation: Nation, folder: Path) -> None:
    """Write a nation as a case that can be published: records taken in, and models beside them.

    The same nation gives the same bytes, the ledger's included: its ids, salts and times are minted from a number in
    ``case.toml``. Models are written as they are known, since there is no scene to find them in.

    Parameters
    ----------
    folder
        A new or empty folder.

    Raises
    ------
    CaseError
        If the folder holds anything already.
    ReadOnlyError
        If it cannot be written.
    """
    guard_folder(folder, inside_git=True)
    write_text(folder / "case.toml", case_text(NATION_TITLE))
    for one in nation.facilities:
        _write_received(one, folder / "facilities" / one.facility.slug)
        _write_models(one, folder / "models" / one.facility.slug)
    with Case.open(folder) as case:
        take_in(case, by=case.default_author)


def _write_received(one: NationFacility, folder: Path) -> None:
    write_text(folder / "facility.yaml", yaml_text(one.facility.plain()))
    write_text(folder / "incidents.csv", incidents_table(one.incidents))


def _write_models(one: NationFacility, folder: Path) -> None:
    made = {"version": "1", "command": "worlds nation", "simulated": True}
    best = feature({"kind": "best"}, Point(one.best))
    write_json(folder / "location.geojson", feature_collection([best], geoinv=made))
    write_json(folder / "bindings.json", {"geoinv": made, "bindings": [bound.plain() for bound in one.bindings]})
    if one.ground is None:
        return
    rows = [feature(_flat(item.plain()), item.geometry) for item in one.ground.footprints]
    write_json(folder / "footprints.geojson", feature_collection(rows, geoinv=made))
    write_json(folder / "blueprint.json", {**one.ground.blueprint.plain(), "geoinv": made})
    frame = one.ground.blueprint.frame
    rooms = [
        feature(
            {"id": room.id, "footprint": one.ground.rooms[room.id], "role": room.role}, to_lonlat(frame, room.polygon)
        )
        for building in one.ground.blueprint.buildings
        for storey in building.storeys
        for room in storey.rooms
    ]
    write_json(folder / "rooms.geojson", feature_collection(rows and rooms, geoinv=made))


def _flat(properties: dict[str, Any]) -> dict[str, Any]:
    """Properties as a build writes them: nested values as JSON text, the geometry apart."""
    return {
        key: json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
        for key, value in properties.items()
        if key != "geometry"
    }
