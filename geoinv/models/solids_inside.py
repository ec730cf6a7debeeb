"""What stands inside a storey, as solids: stairs, things in rooms, and the rooms' own air."""

from __future__ import annotations

import math

import shapely
import shapely.ops
import trimesh
from manifold3d import Manifold
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from geoinv.models.solids_prisms import Box, apart, prism, prism_mesh, together
from geoinv.models.solids_walls import preferred, preferred_hypothesis
from geoinv.records.blueprint import Blueprint, Fixture, Stair

__all__ = ["STEP_M", "build_spaces", "fixture_solid", "stair_solid", "stair_well", "steps_of"]

#: Height of a step where nobody said how many there are, metres.
STEP_M = 0.18


def steps_of(stair: Stair) -> int:
    """How many steps are drawn."""
    return stair.steps or max(1, round(stair.rise_m / STEP_M))


def stair_well(stair: Stair) -> BaseGeometry:
    """The ground a stair covers in plan."""
    return stair.line.buffer(stair.width_m / 2, cap_style="flat", join_style="mitre")


def stair_solid(stair: Stair, floor: float, lift: float) -> Manifold:
    """A solid flight: equal steps along the line, the last one's top ``rise_m`` above the floor.

    Parameters
    ----------
    stair
        As recorded.
    floor
        Height of the storey's floor, metres above ground.
    lift
        Thickness of the room's floor that it stands on, metres.
    """
    count = steps_of(stair)
    treads = []
    for number in range(count):
        part = shapely.ops.substring(_one_line(stair.line), number / count, (number + 1) / count, normalized=True)
        band = part.buffer(stair.width_m / 2, cap_style="flat", join_style="mitre")
        top = floor + stair.rise_m * (number + 1) / count
        if top > floor + lift:
            treads.append(prism(band, floor + lift, top))
    return together(treads)


def _one_line(line: BaseGeometry) -> LineString:
    merged = shapely.line_merge(line)
    return merged if isinstance(merged, LineString) else LineString(shapely.get_coordinates(line))


def fixture_solid(fixture: Fixture, floor: float, lift: float) -> Manifold:
    """The box that holds a thing, on the room's floor or hanging ``base_m`` above the storey's.

    Parameters
    ----------
    fixture
        As recorded.
    floor
        Height of the storey's floor, metres above ground.
    lift
        Thickness of the room's floor, metres.
    """
    length, depth, height = fixture.size_m
    turned = math.radians(fixture.turned_deg)
    low = floor + max(fixture.base_m, lift)
    return Box(fixture.at, (math.sin(turned), math.cos(turned)), length, depth, low, low + height).solid()


def build_spaces(blueprint: Blueprint, *, hypothesis: str | None = None) -> dict[str, trimesh.Trimesh]:
    """Each room's air, floor to ceiling, as a closed mesh by the room's id.

    Formats that know rooms as spaces (CityJSON, IFC) are given these; a scene's own node of a room is its floor.

    Parameters
    ----------
    blueprint
        In metres of its frame, east, north and up.
    hypothesis
        As for :func:`geoinv.models.solids.build_solids`.
    """
    chosen = hypothesis if hypothesis is not None else preferred_hypothesis(blueprint)
    spaces = {}
    for building in preferred(blueprint.buildings, chosen):
        for storey in preferred(building.storeys, chosen):
            rooms = preferred(storey.rooms, chosen)
            floors = apart([room.polygon.intersection(building.outline) for room in rooms])
            for room, clear in zip(rooms, floors, strict=True):
                space = prism_mesh(clear, storey.floor_m, storey.floor_m + storey.height_m)
                if len(space.faces):
                    spaces[room.id] = space
    return spaces
