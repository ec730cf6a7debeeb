"""Solids, rays and files against the ready-made ways to them, each pair in one run on one machine.

A ratio is the ready-made way's least CPU time over ours, of several turns taken one after the other. `make bench`
prints them; they are kept with the run as `extra_info`.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest
import shapely
import trimesh
from pytest_benchmark.fixture import BenchmarkFixture
from shapely.affinity import rotate, translate
from shapely.geometry import LineString, Polygon, box

from geoinv.models.generators import cell_row, corridor
from geoinv.models.glb import glb_bytes
from geoinv.models.rays import ray_engine
from geoinv.models.solids import build_solids
from geoinv.models.solids_pierced import pierced
from geoinv.models.solids_prisms import Box, boxes, less, prism_mesh, to_mesh
from geoinv.models.solids_walls import storey_plan
from geoinv.records.blueprint import Blueprint, Building, Opening, Roof, Storey
from geoinv.records.evidence import Evidence, Status
from geoinv.records.places import Frame


def faster(
    benchmark: BenchmarkFixture, ready: Callable[[], object], ours: Callable[[], object], turns: int = 5
) -> float:
    """How many times faster ours is, measured in turns; ours is what the benchmark's table shows."""
    least = [np.inf, np.inf]
    for _ in range(turns):
        for number, way in enumerate((ready, ours)):
            began = time.process_time()
            way()
            least[number] = min(least[number], time.process_time() - began)
    benchmark.pedantic(ours, rounds=3)
    benchmark.extra_info |= {"ready_made_s": least[0], "ours_s": least[1], "ratio": least[0] / least[1]}
    told = f"ready-made {least[0]:.3f} s, ours {least[1]:.3f} s, {least[0] / least[1]:.1f} times faster"
    print(f"\n{benchmark.name}: {told}")
    return least[0] / least[1]


def footprints(count: int) -> list[Polygon]:
    """L-shaped outlines, each turned and placed by itself."""
    rng = np.random.default_rng(5)
    made = []
    for _ in range(count):
        a, b, c, d = rng.uniform(4, 20, 4)
        shape = Polygon([(0, 0), (a + c, 0), (a + c, b), (a, b), (a, b + d), (0, b + d)])
        made.append(translate(rotate(shape, rng.uniform(0, 360)), *rng.uniform(-400, 400, 2)))
    return made


def blocks(count: int, cells: int) -> Blueprint:
    """Cell blocks in rows: a corridor, cells with a door and a window each."""
    made = []
    for number in range(count):
        x, y = number % 10 * 40.0, number // 10 * 30.0
        said = Evidence(
            status=Status.ATTESTED, sources=(f"drawing-1#b{number}",), by="w1", note="order and side as drawn"
        )
        line = LineString([(x + 0.3, y + 1.3), (x + 0.1 + cells * 2.2, y + 1.3)])
        hall = corridor(f"s{number}", line, width_m=2.0, evidence={"*": said})
        start = (x + 0.3, y + 2.5)
        rooms, doors = cell_row(
            f"s{number}", start, count=cells, width_m=2.0, depth_m=3.0, corridor_id=hall.id, evidence={"*": said}
        )
        windows = tuple(
            Opening(
                id=f"w{number}-{k}",
                kind="window",
                at=(x + 1.3 + 2.2 * k, y + 5.65),
                width_m=0.5,
                sill_m=1.5 + 0.05 * (k % 3),
                head_m=2.1 + 0.05 * (k % 4),
                evidence=dict.fromkeys(("at", "width_m", "sill_m", "head_m"), said),
            )
            for k in range(cells)
        )
        storey = Storey(
            id=f"s{number}",
            height_m=2.8,
            rooms=(hall, *rooms),
            openings=(*doors, *windows),
            evidence=dict.fromkeys(("floor_m", "height_m", "wall_thickness_m"), said),
        )
        roof = Roof(id=f"r{number}", evidence=dict.fromkeys(("kind", "rise_m"), said))
        outline = box(x, y, x + 0.4 + cells * 2.2, y + 5.8)
        made.append(
            Building(id=f"b{number}", outline=outline, storeys=(storey,), roof=roof, evidence={"outline": said})
        )
    return Blueprint(facility="big", frame=Frame(lon=-150, lat=-40), buildings=tuple(made))


def test_a_thousand_footprints_become_solids_five_times_faster(benchmark: BenchmarkFixture) -> None:
    shapes = footprints(1000)

    def ready() -> list[trimesh.Trimesh]:
        return [trimesh.creation.extrude_polygon(shape, 3.0) for shape in shapes]

    def ours() -> list[trimesh.Trimesh]:
        return [prism_mesh(shape, 0.0, 3.0) for shape in shapes]

    assert all(mesh.is_watertight for mesh in ours())
    assert faster(benchmark, ready, ours) >= 5


def test_openings_are_made_ten_times_faster_than_by_bands_of_height(benchmark: BenchmarkFixture) -> None:
    plan = blocks(25, 10)
    plans = [storey_plan(building, building.storeys[0]) for building in plan.buildings]
    assert sum(len(one.openings) for one in plans) == 500 and sum(len(one.rooms) for one in plans) == 275

    def ready() -> list[trimesh.Trimesh]:
        made = []
        for one in plans:
            heights = {0.0, one.storey.height_m}
            for placed in one.openings:
                heights |= {placed.opening.sill_m, placed.opening.head_m}
            bands = []
            for low, high in zip(sorted(heights)[:-1], sorted(heights)[1:], strict=True):
                open_here = [
                    placed.outline(overshoot=0.05)
                    for placed in one.openings
                    if placed.opening.sill_m <= low and placed.opening.head_m >= high
                ]
                region = one.walls.difference(shapely.union_all(open_here))
                for part in shapely.get_parts(region):
                    band = trimesh.creation.extrude_polygon(part, high - low)
                    band.apply_translation([0, 0, low])
                    bands.append(band)
            made.append(trimesh.util.concatenate(bands))
        return made

    def ours() -> list[trimesh.Trimesh | None]:
        made = []
        for one in plans:
            voids = [
                Box(p.centre, p.direction, p.opening.width_m, p.depth + 0.1, p.opening.sill_m - 0.05, p.opening.head_m)
                for p in one.openings
            ]
            made.append(pierced(one.walls, 0.0, one.storey.height_m, voids))
        return made

    assert all(mesh is not None and mesh.is_watertight for mesh in ours())
    assert faster(benchmark, ready, ours, turns=3) >= 10


def test_five_hundred_openings_in_one_wall_are_cut_twice_as_fast_as_by_trimesh(benchmark: BenchmarkFixture) -> None:
    places = [(1.0 + 1.0 * i, 0.0) for i in range(500)]

    def ready() -> trimesh.Trimesh:
        wall = trimesh.creation.box(bounds=[[0, -0.15, 0], [502, 0.15, 3]])
        cuts = [trimesh.creation.box(bounds=[[x - 0.3, -0.2, 1], [x + 0.3, 0.2, 2]]) for x, _ in places]
        return trimesh.boolean.difference([wall, *cuts])

    def ours() -> trimesh.Trimesh:
        wall = Box((251.0, 0.0), (1.0, 0.0), 502.0, 0.3, 0.0, 3.0).solid()
        return to_mesh(less(wall, [boxes([Box(at, (1.0, 0.0), 0.6, 0.4, 1.0, 2.0) for at in places])]))

    assert ours().volume == pytest.approx(502 * 0.3 * 3 - 500 * 0.6 * 0.3)
    assert ready().volume == pytest.approx(ours().volume, rel=1e-4)  # its engine works in single precision
    assert faster(benchmark, ready, ours) >= 2


@pytest.mark.needs("open3d", "embreex")
def test_a_million_lines_of_sight_are_checked_twice_as_fast_as_by_trimesh(benchmark: BenchmarkFixture) -> None:
    """Whether anything stands between two points: what every question about seeing comes down to."""
    rng = np.random.default_rng(3)
    scene = build_solids(blocks(250, 10))
    mesh = scene.to_geometry()
    assert len(mesh.faces) > 140_000
    low, high = mesh.bounds
    origins = rng.uniform(low, [high[0], high[1], 2.0], (1_000_000, 3))
    ways = rng.normal(size=(1_000_000, 3)) * [8.0, 8.0, 0.5]
    readymade = trimesh.ray.ray_pyembree.RayMeshIntersector(mesh)
    engine = ray_engine(mesh.vertices, mesh.faces, backend="open3d")

    def ready() -> np.ndarray:
        # It answers what is met along a whole ray, and where: the distance has to be compared afterwards.
        places, rays, _ = readymade.intersects_location(origins, ways, multiple_hits=False)
        blocked = np.zeros(len(origins), bool)
        blocked[rays] = np.linalg.norm(places - origins[rays], axis=1) <= np.linalg.norm(ways[rays], axis=1)
        return blocked

    def ours() -> np.ndarray:
        return engine.occluded(origins, ways, np.linalg.norm(ways, axis=1))

    assert (ready() == ours()).mean() > 0.9999
    assert faster(benchmark, ready, ours, turns=3) >= 2


def test_models_are_written_four_times_as_fast_and_three_times_smaller_than_node_by_node(
    benchmark: BenchmarkFixture,
) -> None:
    plan = blocks(50, 10)
    turns = 3
    fresh = [build_solids(plan) for _ in range(2 * turns + 4)]  # trimesh remembers what it has exported once
    ready, ours = fresh.pop().export(file_type="glb"), glb_bytes(fresh.pop())
    benchmark.extra_info["smaller"] = len(ready) / len(ours)
    print(f"\nready-made {len(ready):,} bytes, ours {len(ours):,}, {len(ready) / len(ours):.1f} times smaller")
    assert len(ready) >= 3 * len(ours)
    left = iter(fresh)
    last = fresh[-1]
    ratio = faster(
        benchmark, lambda: next(left).export(file_type="glb"), lambda: glb_bytes(next(left, last)), turns=turns
    )
    assert ratio >= 4


def test_a_whole_facility_is_built_and_closed(benchmark: BenchmarkFixture) -> None:
    plan = blocks(50, 10)
    scene = benchmark.pedantic(lambda: build_solids(plan), rounds=3)
    assert len(scene.geometry) == 1700
    assert all(mesh.is_watertight for mesh in scene.geometry.values())
