"""Rival hypotheses side by side: which there are, and what differs when each is built."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import shapely

from geoinv.models.solids import build_solids
from geoinv.models.solids_walls import preferred
from geoinv.records.blueprint import Blueprint

__all__ = ["Version", "compare", "hypotheses"]


@dataclass(frozen=True)
class Version:
    """One hypothesis, built.

    Attributes
    ----------
    name
        ``A``, ``B`` …
    only
        Ids of the parts that are in no other version.
    built_m2, clear_m2
        Ground its buildings stand on; clear floor of its rooms.
    rooms, cells
        How many rooms, and how many of them are cells of any kind.
    solid_m3
        Volume of all its solids.
    """

    name: str
    only: tuple[str, ...]
    built_m2: float
    clear_m2: float
    rooms: int
    cells: int
    solid_m3: float

    def plain(self) -> dict[str, Any]:
        """As JSON-ready data, areas and volumes to three decimals."""
        shown = {name: round(getattr(self, name), 3) for name in ("built_m2", "clear_m2", "solid_m3")}
        return {"name": self.name, "only": list(self.only), "rooms": self.rooms, "cells": self.cells} | shown


def hypotheses(blueprint: Blueprint) -> tuple[str, ...]:
    """Names of the rival hypotheses in a blueprint, in order; none where nothing is contested."""
    return tuple(sorted({name for part in blueprint.parts() for name in part.versions}))


def compare(blueprint: Blueprint) -> tuple[Version, ...]:
    """Each hypothesis built by itself, with what can be told apart by measuring.

    What a version is for, and who says so, stands in the blueprint's contradictions; this says what follows from it.
    """
    return tuple(_version(blueprint, name) for name in hypotheses(blueprint))


def _version(blueprint: Blueprint, name: str) -> Version:
    buildings = preferred(blueprint.buildings, name)
    rooms = [
        room
        for building in buildings
        for storey in preferred(building.storeys, name)
        for room in preferred(storey.rooms, name)
    ]
    scene = build_solids(blueprint, hypothesis=name)
    return Version(
        name=name,
        only=tuple(part.id for part in blueprint.parts() if part.versions == (name,)),
        built_m2=float(shapely.union_all([building.outline for building in buildings]).area),
        clear_m2=float(sum(room.polygon.area for room in rooms)),
        rooms=len(rooms),
        cells=sum("cell" in room.role for room in rooms),
        solid_m3=float(sum(mesh.volume for mesh in scene.geometry.values())),
    )
