"""What a build has written of a facility, read back as records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
from pydantic import Field

from geoinv.facilities.footprint_tables import read_footprints, read_unplaced
from geoinv.facilities.locate_io import location_of
from geoinv.files.geojson import read_table
from geoinv.records.asks import Asks
from geoinv.records.base import Record
from geoinv.records.blueprint import Blueprint, Contradiction, Storey
from geoinv.records.claims import Findings
from geoinv.records.footprints import Footprint, Unplaced
from geoinv.records.incidents import Binding
from geoinv.records.locations import Location
from geoinv.records.places import Frame

__all__ = [
    "Interior",
    "built_asks",
    "built_bindings",
    "built_blueprint",
    "built_findings",
    "built_footprints",
    "built_interiors",
    "built_location",
    "built_rooms",
    "built_unplaced",
]


class Interior(Record):
    """The inside of one building as fitted.

    Attributes
    ----------
    building
        Id of the footprint.
    frame
        Of the metres of its rooms.
    drawings
        Names of the drawings it was made from.
    storey
        Rooms and openings.
    named
        Probability, by drawing, that it shows the inside of this building.
    contradictions
        What the drawings exclude of each other.
    warnings
        What a person should know, in words.
    """

    building: str
    frame: Frame
    drawings: tuple[str, ...]
    named: dict[str, float] = Field(default_factory=dict)
    storey: Storey
    contradictions: tuple[Contradiction, ...] = ()
    warnings: tuple[str, ...] = ()


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def built_location(folder: Path) -> Location | None:
    """The fused location in ``models/<slug>``; ``None`` where nothing was said about it."""
    path = folder / "location.geojson"
    return location_of(_json(path), file=path.name) if path.is_file() else None


def built_footprints(folder: Path) -> tuple[Footprint, ...]:
    """The facility's footprints; none before a build."""
    path = folder / "footprints.geojson"
    return read_footprints(read_table(path), file=path.name) if path.is_file() else ()


def built_unplaced(folder: Path) -> tuple[Unplaced, ...]:
    """Drawn buildings without a place."""
    path = folder / "unplaced.geojson"
    return read_unplaced(read_table(path), file=path.name) if path.is_file() else ()


def built_interiors(folder: Path) -> tuple[Interior, ...]:
    """The insides that were fitted, by building."""
    path = folder / "interiors.json"
    if not path.is_file():
        return ()
    return tuple(Interior.read(item, file=path.name) for item in _json(path)["interiors"])


def built_rooms(folder: Path) -> gpd.GeoDataFrame | None:
    """The rooms on the ground, or ``None`` where no inside is known."""
    path = folder / "rooms.geojson"
    table = read_table(path) if path.is_file() else None
    return None if table is None or table.empty else table


def built_blueprint(folder: Path) -> Blueprint | None:
    """The facility's model."""
    path = folder / "blueprint.json"
    if not path.is_file():
        return None
    return Blueprint.read({name: value for name, value in _json(path).items() if name != "geoinv"}, file=path.name)


def built_findings(folder: Path) -> Findings:
    """What testing the facility's claims gave."""
    path = folder / "findings.json"
    return Findings.read(_json(path), file=path.name) if path.is_file() else Findings()


def built_asks(folder: Path) -> Asks:
    """What would help most next, most worth asking first."""
    path = folder / "asks.json"
    return Asks.read(_json(path), file=path.name) if path.is_file() else Asks()


def built_bindings(folder: Path) -> tuple[Binding, ...]:
    """Where the facility's incidents were bound to."""
    path = folder / "bindings.json"
    return tuple(Binding.read(item, file=path.name) for item in _json(path)["bindings"]) if path.is_file() else ()
