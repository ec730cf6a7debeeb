"""The blueprint: one facility in metres, every shaping property with its evidence (BLUEPRINT.json).

Site › perimeter walls, gates, towers, paths, terrain; Building › Storey › Room, Wall, Opening, Stair, Fixture; Roof.
Metres east and north of ``frame``'s origin, heights above ground. Two ways in, one normal form: rooms given (walls are
what the footprint leaves) or walls given.
"""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, model_validator

from geoinv.records.base import Record
from geoinv.records.parts import Building, Fixture, Opening, Part, Roof, Room, Stair, Storey, Wall
from geoinv.records.places import Frame
from geoinv.records.sites import Coping, Gate, Path, PerimeterWall, Site, Terrain, Tower, Wire

__all__ = [
    "BLUEPRINT_VERSION",
    "Blueprint",
    "Building",
    "Contradiction",
    "Coping",
    "Fixture",
    "Gate",
    "Opening",
    "Part",
    "Path",
    "PerimeterWall",
    "Roof",
    "Room",
    "Site",
    "Stair",
    "Storey",
    "Terrain",
    "Tower",
    "Wall",
    "Wire",
    "migrated",
]

#: Version of the blueprint's file format; a larger one is refused, a smaller one migrated.
BLUEPRINT_VERSION = 2


def _to_2(data: dict[str, Any]) -> dict[str, Any]:
    # Version 2 added stairs, fixtures, copings, wire, posts and terrain; what version 1 had kept its names.
    return {**data, "version": 2}


#: What brings a file from each version to the next.
_STEPS = {1: _to_2}


def migrated(data: dict[str, Any]) -> dict[str, Any]:
    """A blueprint's plain data in today's version, whichever version it was written in.

    Raises
    ------
    ValueError
        If a newer geoinv wrote it, or its version is none at all.
    """
    version = data.get("version", BLUEPRINT_VERSION)
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise ValueError(f"“{version}” is no version of a blueprint")
    if version > BLUEPRINT_VERSION:
        raise ValueError(
            f"a newer geoinv wrote this blueprint (format {version}, this one knows up to {BLUEPRINT_VERSION})"
        )
    while version < BLUEPRINT_VERSION:
        data = _STEPS[version](data)
        version = data["version"]
    return data


class Contradiction(Record):
    """Sources that exclude each other: kept and shown, never averaged away.

    Attributes
    ----------
    about
        Ids of the parts concerned.
    what
        The question in words ("which end of the corridor the latrine is at").
    versions
        What each side says: hypothesis name → words with their sources.
    """

    about: tuple[str, ...]
    what: str
    versions: dict[str, str]
    sources: tuple[str, ...] = ()


def _says_how_made(schema: dict[str, Any]) -> None:
    """A file says how it was made; that is no part of the model."""
    schema["properties"]["geoinv"] = {"type": "object", "readOnly": True}


class Blueprint(Record):
    """One facility's model in metres of its own frame.

    Attributes
    ----------
    version
        Of the file format.
    facility, title
        Slug and name.
    frame
        Local azimuthal-equidistant frame; 3D always uses its origin.
    convergence_deg
        Angle from grid north to true north at the origin, degrees clockwise; 0 for this frame by construction.
    """

    model_config = ConfigDict(json_schema_extra=_says_how_made)

    version: int = BLUEPRINT_VERSION
    facility: str
    title: str = ""
    fictional: bool = False
    frame: Frame
    convergence_deg: float = 0.0
    site: Site = Site()
    buildings: tuple[Building, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    notes: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _of_today(cls, data: Any) -> Any:
        return migrated(data) if isinstance(data, dict) else data

    def parts(self) -> tuple[Part, ...]:
        """Every part, buildings first, in a fixed order."""
        found: list[Part] = []
        for building in self.buildings:
            found.append(building)
            for storey in building.storeys:
                found += [storey, *storey.inside()]
            if building.roof:
                found.append(building.roof)
        return (*found, *self.site.parts())
