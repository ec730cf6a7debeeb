"""The truth of a world as a file, for scoring only: never inside a case."""

from __future__ import annotations

from typing import Any

from shapely.geometry import mapping

from geoinv.geometry.frames import to_lonlat
from geoinv.worlds.drawings import SimulatedDrawing
from geoinv.worlds.scenes import scene_specs
from geoinv.worlds.world import World

__all__ = ["truth_of"]


def truth_of(world: World) -> dict[str, Any]:
    """What each drawn element stands for, where everything is, what was false.

    Elements of plans of the compound are under ``elements``; a scan's have ``element: null``, since whoever traces it
    numbers them anew. Rooms drawn in interiors are under ``interiors``. Scenes are delivered out of place by their
    ``scene_shifts_m``, east and north: what is read off a scene can be no better placed than the scene.
    """
    plan = world.plan
    frame = plan.blueprint.frame
    buildings: dict[str, Any] = {}
    rooms: dict[str, Any] = {}
    for building in plan.blueprint.buildings:
        ground = to_lonlat(frame, building.outline)
        buildings[building.id] = {
            "labels": list(building.labels),
            "position": [round(ground.centroid.x, 7), round(ground.centroid.y, 7)],
            "area_m2": round(building.outline.area, 1),
            "height_m": building.storeys[0].height_m,
            "since": plan.compound.forms[plan.key_of(building.id)].since,
            "geometry": mapping(ground),
        }
        for room in (room for storey in building.storeys for room in storey.rooms):
            rooms[room.id] = {
                "building": building.id,
                "role": room.role,
                "labels": list(room.labels),
                "geometry": mapping(to_lonlat(frame, room.polygon)),
            }
    site = [drawing for drawing in world.drawings if drawing.sketch.scope == "site"]
    inside = [drawing for drawing in world.drawings if drawing.sketch.scope == "building"]
    return {
        "simulated": True,
        "note": "Which true building each drawn element stands for. Fictional. Not to be read by the pipeline.",
        "crs": "EPSG:4326",
        "seed": world.seed,
        "difficulty": world.difficulty,
        "elements": [row for drawing in site for row in _elements(drawing, buildings)],
        "facility_point": [frame.lon, frame.lat],
        "sketches": {f"sketches/{drawing.sketch.name}": _about(drawing) for drawing in world.drawings},
        "interiors": {f"sketches/{drawing.sketch.name}": _interior(drawing) for drawing in inside},
        "buildings": buildings,
        "rooms": rooms,
        "scene_shifts_m": {spec.name: list(spec.shift_m) for spec in scene_specs(plan, world.seed)},
        "false_statements": list(world.testimony.false),
        "simulated_parts": "everything",
        "incidents": {key: where["building"] for key, where in world.happened.items()},
        "incident_rooms": {key: where["room"] for key, where in world.happened.items()},
    }


def _elements(drawing: SimulatedDrawing, buildings: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for element in drawing.sketch.of_role("building"):
        stands = drawing.truth.get(element.id, ())
        row: dict[str, Any] = {
            "sketch": f"sketches/{drawing.sketch.name}",
            "element": element.id if drawing.form == "svg" else None,
            "label": element.label or "",
            "building": stands[0] if stands else None,
        }
        if stands:
            row |= {key: buildings[stands[0]][key] for key in ("position", "area_m2")}
        else:
            row["invented"] = True
        rows.append(row)
    return rows


def _about(drawing: SimulatedDrawing) -> dict[str, Any]:
    return {
        "witness": drawing.sketch.witness,
        "scope": drawing.sketch.scope,
        "turned_degrees_ccw": drawing.turned_deg,
        "mirrored": drawing.mirrored,
        "omitted": list(drawing.omitted),
        "invented": list(drawing.invented),
        "r2": drawing.r2,
    }


def _interior(drawing: SimulatedDrawing) -> dict[str, Any]:
    named = drawing.form == "svg"
    return {
        "building": drawing.extra.get("building"),
        "rooms": {key: list(rooms) for key, rooms in drawing.truth.items()} if named else None,
        "labels": {
            element.label: list(drawing.truth[element.id])
            for element in drawing.sketch.elements
            if element.label and element.id in drawing.truth
        },
        "said": drawing.extra.get("said"),
    }
