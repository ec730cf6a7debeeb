"""Measure solids on made worlds: closed, of the right volume, apart, true to size in GLB, alike to both ray engines.

    python scripts/measure_solids.py --seeds 200 --first 1000

Volumes are held to what plane geometry says of each part, worked out here from the blueprint by another way than the
solids are made.
"""

from __future__ import annotations

import argparse
import json
import struct
from collections import Counter

import numpy as np
import shapely
import trimesh

from geoinv.models.glb import glb_bytes
from geoinv.models.rays import ray_engine
from geoinv.models.solids import BASE_M, FLOOR_M, LEAF_M, PANE_M, build_solids
from geoinv.models.solids_prisms import to_manifold
from geoinv.models.solids_walls import OVERSHOOT_M, storey_plan
from geoinv.models.soundness import sound
from geoinv.records.blueprint import Blueprint
from geoinv.records.places import LonLat
from geoinv.worlds.plan import make_plan


def volumes(blueprint: Blueprint) -> dict[str, float]:
    """What each part's volume must be, by plane geometry; parts whose form has no short formula are left out."""
    found: dict[str, float] = {}
    for building in blueprint.buildings:
        outline = building.outline
        found[building.id] = outline.area * BASE_M
        below = None
        for storey in sorted(building.storeys, key=lambda one: one.floor_m):
            plan = storey_plan(building, storey)
            rooms = [room.polygon for room in storey.rooms]
            solid = outline.area - sum(room.area for room in rooms)
            volume = solid * storey.height_m
            for placed in plan.openings:
                opening, head = placed.opening, min(placed.opening.head_m, storey.height_m)
                # Through the whole wall, even where its faces are not quite parallel.
                void = placed.nicked or placed.outline(overshoot=OVERSHOOT_M)
                clear = void.difference(shapely.union_all([room for room in rooms if room.intersects(void)]))
                volume -= clear.intersection(outline).area * (head - opening.sill_m)
                thick = {"gap": placed.depth, "window": min(PANE_M, placed.depth)}.get(
                    opening.kind, min(LEAF_M, placed.depth)
                )
                high = FLOOR_M if opening.kind == "gap" else head - opening.sill_m
                found[opening.id] = opening.width_m * thick * high
            if below is not None and storey.floor_m - below > 1e-3:
                volume += outline.area * (storey.floor_m - below)
            found[storey.id] = volume
            found |= {room.id: room.polygon.area * FLOOR_M for room in storey.rooms}
            below = storey.floor_m + storey.height_m
        if building.roof is not None and building.roof.kind == "flat" and not building.roof.overhang_m:
            found[building.roof.id] = outline.area * building.roof.rise_m
    return found


def overlaps(scene: trimesh.Scene) -> list[tuple[str, str, float]]:
    """Pairs of parts that share space, with how much, m³.

    A solid that touches itself along an edge can come out of reading its mesh back with another volume (manifold3d
    3.5): such a pair is judged by points instead, each held against both meshes by rays.
    """
    names = list(scene.geometry)
    solids = [to_manifold(scene.geometry[name]) for name in names]
    same = [abs(solid.volume() - scene.geometry[n].volume) < 1e-9 for n, solid in zip(names, solids, strict=True)]
    bounds = np.array([scene.geometry[name].bounds for name in names])
    tree = shapely.STRtree(shapely.box(bounds[:, 0, 0], bounds[:, 0, 1], bounds[:, 1, 0], bounds[:, 1, 1]))
    found = []
    for i, j in tree.query(tree.geometries).T.tolist():
        if i < j and bounds[i, 0, 2] < bounds[j, 1, 2] and bounds[j, 0, 2] < bounds[i, 1, 2]:
            shared = (solids[i] ^ solids[j]).volume()
            if shared > 1e-9 and not (same[i] and same[j]):
                shared = sampled(scene.geometry[names[i]], scene.geometry[names[j]])
            if shared > 1e-9:
                found.append((names[i], names[j], shared))
    return found


def sampled(one: trimesh.Trimesh, other: trimesh.Trimesh, count: int = 20_000) -> float:
    """Volume that two meshes share, m³, by points in the box that both are in."""
    low, high = np.maximum(one.bounds[0], other.bounds[0]), np.minimum(one.bounds[1], other.bounds[1])
    points = np.random.default_rng(0).uniform(low, high, (count, 3))
    return float((one.contains(points) & other.contains(points)).mean() * np.prod(high - low))


def size_error(scene: trimesh.Scene) -> float:
    """Largest error of a part's corners in a GLB, read as a viewer would: single precision throughout, metres."""
    data = glb_bytes(scene)
    length = struct.unpack("<I", data[12:16])[0]
    document, binary = json.loads(data[20 : 20 + length]), data[28 + length :]
    places: dict[int, np.ndarray] = {}

    def walk(node: int, above: np.ndarray) -> None:
        places[node] = above + np.asarray(document["nodes"][node]["translation"], np.float32)
        for child in document["nodes"][node].get("children", ()):
            walk(child, places[node])

    for root in document["scenes"][0]["nodes"]:
        walk(root, np.zeros(3, np.float32))
    worst = 0.0
    for number, node in enumerate(document["nodes"]):
        accessor = document["accessors"][document["meshes"][node["mesh"]]["primitives"][0]["attributes"]["POSITION"]]
        local = np.frombuffer(binary, "<f4", accessor["count"] * 3, accessor["byteOffset"]).reshape(-1, 3)
        read = local + places[number]
        true = scene.geometry[node["name"]].vertices
        turned = np.column_stack([true[:, 0], true[:, 2], -true[:, 1]])
        worst = max(worst, float(np.abs(read - turned).max()))
    return worst


def agreement(scene: trimesh.Scene, seed: int, count: int) -> int:
    """How many of so many rays the two engines answer differently."""
    rng = np.random.default_rng(seed)
    mesh = trimesh.util.concatenate(list(scene.geometry.values()))
    low, high = mesh.bounds
    origins = rng.uniform(low - 5, high + 5, (count, 3))
    ways = rng.normal(size=(count, 3))
    one, other = (ray_engine(mesh.vertices, mesh.faces, backend=name) for name in ("open3d", "embreex"))
    first, second = one.first_hits(origins, ways), other.first_hits(origins, ways)
    same = np.isclose(first.distance, second.distance, rtol=1e-5, atol=1e-4)
    return int((~same).sum())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first", type=int, default=1000)
    parser.add_argument("--rays", type=int, default=10_000, help="a world")
    asked = parser.parse_args()
    parts = closed = differing = 0
    errors, sizes, shared, faults = [], [], [], Counter[str]()
    for seed in range(asked.first, asked.first + asked.seeds):
        kind = ("county", "camp")[seed % 2]
        plan = make_plan(kind, seed, slug="w", title="Made (fictional)", at=LonLat(-150.0, -40.0))
        blueprint, said = sound(plan.blueprint)
        faults.update(fault.sentence.split(" ")[0] for fault in said)
        scene = build_solids(blueprint)
        parts += len(scene.geometry)
        closed += sum(mesh.is_watertight and mesh.volume > 0 for mesh in scene.geometry.values())
        true = volumes(blueprint)
        errors += [abs(scene.geometry[n].volume - v) / max(v, 1e-3) for n, v in true.items() if n in scene.geometry]
        shared += [(f"{kind} {seed}", *pair) for pair in overlaps(scene)]
        sizes.append(size_error(scene))
        differing += agreement(scene, seed, asked.rays)
    rays = asked.seeds * asked.rays
    print(f"{asked.seeds} worlds from seed {asked.first}, {parts} parts")
    print(f"closed: {closed} of {parts}")
    above = sum(error > 1e-9 for error in errors)
    print(f"volume, relative error of {len(errors)} parts: largest {max(errors):.1e}, above 1e-9: {above}")
    most = max((volume for *_, volume in shared), default=0.0)
    print(f"pairs that share space: {len(shared)}, most {most:.1e} m³")
    for pair in shared:
        print("  ", *pair)
    print(f"GLB, largest error of a corner: {1000 * max(sizes):.4f} mm")
    print(f"rays on which the engines differ: {differing} of {rays} (agreement {1 - differing / rays:.6%})")
    print(f"parts said to be unsound: {sum(faults.values())}")


if __name__ == "__main__":
    main()
