"""Every part is a closed solid of the volume plane geometry says, and carries its evidence."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box

from geoinv.models.solids import build_solids
from geoinv.models.solids_prisms import apart
from geoinv.models.solids_walls import storey_plan
from geoinv.records.blueprint import (
    Blueprint,
    Building,
    Gate,
    Opening,
    PerimeterWall,
    Roof,
    Room,
    Site,
    Storey,
    Tower,
    Wall,
)
from geoinv.records.evidence import Evidence, Status
from geoinv.records.places import Frame

HERE = Frame(lon=-150.0, lat=-40.0)


def seen(names):
    return {name: Evidence(status=Status.ATTESTED, sources=("drawing-1",)) for name in names.split()}


def a_room(ident, shape):
    return Room(id=ident, polygon=shape, evidence=seen("polygon"))


def an_opening(ident, at, width, head, sill=0.0, kind="door"):
    return Opening(
        id=ident, kind=kind, at=at, width_m=width, sill_m=sill, head_m=head, evidence=seen("at width_m sill_m head_m")
    )


def a_storey(ident="s", **members):
    return Storey(id=ident, evidence=seen("floor_m height_m wall_thickness_m"), **members)


def a_building(outline, *storeys, roof=None, ident="b"):
    return Building(id=ident, outline=outline, storeys=storeys, roof=roof, evidence=seen("outline"))


def a_blueprint(*buildings, **site):
    return Blueprint(facility="x", frame=HERE, buildings=buildings, site=Site(**site))


def mesh_of(scene, name):
    return scene.geometry[scene.graph[name][1]]


def test_every_part_is_one_closed_solid_named_by_its_id(blueprint):
    scene = build_solids(blueprint)
    names = [part.id for part in blueprint.parts() if part.hypothesis != "B"]
    assert sorted(scene.graph.nodes_geometry) == sorted(names)
    assert scene.metadata["left_out"] == ["rival-2"]
    for name in names:
        mesh = mesh_of(scene, name)
        assert mesh.is_watertight and mesh.is_winding_consistent and mesh.volume > 0, name


def test_every_node_carries_its_evidence_and_hangs_on_its_building(blueprint):
    scene = build_solids(blueprint)
    parts = {part.id: part for part in blueprint.parts()}
    for (parent, name), data in scene.graph.transforms.edge_data.items():
        assert data["metadata"]["status"] == parts[name].status
        assert data["metadata"]["sources"] == list(parts[name].sources)
        assert data["metadata"]["evidence"] == {k: v.plain() for k, v in parts[name].evidence.items()}
        assert mesh_of(scene, name).metadata["id"] == name
        inside = data["metadata"]["kind"] in ("storey", "room", "opening", "roof")
        assert parent == (("shed" if name.startswith("shed") else "block") if inside else "world")


def test_a_storeys_volume_is_walls_less_openings(blueprint):
    scene = build_solids(blueprint)
    block = blueprint.buildings[0]
    storey = block.storeys[0]
    rooms = [room.polygon for room in storey.rooms if room.hypothesis != "B"]
    area = block.outline.area - sum(room.area for room in rooms)
    # Wall thickness at each opening, measured by hand on the fixture.
    depth = {"door-main": 0.3, "window-q": 0.3} | {f"window-{i}": 0.3 for i in range(1, 7)}
    cut = sum(o.width_m * depth.get(o.id, 0.2) * (o.head_m - o.sill_m) for o in storey.openings)
    assert mesh_of(scene, "storey-0").volume == pytest.approx(area * storey.height_m - cut, rel=1e-9)


sizes = st.floats(1.0, 6.0)


@st.composite
def rows_of_cells(draw):
    """A turned block of cells on a corridor, each with a door, some with a window, and the volume of its walls."""
    widths = draw(st.lists(sizes, min_size=1, max_size=8))
    deep, hall, outer, inner = (
        draw(sizes),
        draw(st.floats(1.0, 3.0)),
        draw(st.floats(0.2, 0.6)),
        draw(st.floats(0.1, 0.4)),
    )
    height = draw(st.floats(2.0, 4.0))
    angle, east, north = draw(st.floats(0, 360)), draw(st.floats(-500, 500)), draw(st.floats(-500, 500))
    length = sum(widths) + inner * (len(widths) - 1)
    outline = box(0, 0, length + 2 * outer, hall + inner + deep + 2 * outer)
    rooms, openings = [box(outer, outer, outer + length, outer + hall)], []
    x, cut, wall = outer, 0.0, outer + hall
    for number, width in enumerate(widths):
        rooms.append(box(x, wall + inner, x + width, wall + inner + deep))
        openings.append((f"d{number}", Point(x + width / 2, wall + inner / 2), 0.7, 0.0, 1.8, "door"))
        cut += 0.7 * inner * 1.8
        if draw(st.booleans()):
            openings.append(
                (f"w{number}", Point(x + width / 2, outline.bounds[3] - outer / 2), 0.4, 1.2, 1.7, "window")
            )
            cut += 0.4 * outer * 0.5
        x += width + inner
    volume = (outline.area - sum(room.area for room in rooms)) * height - cut

    def placed(shape):
        return shapely.affinity.translate(shapely.affinity.rotate(shape, angle, origin=(0, 0)), east, north)

    storey = a_storey(
        height_m=height,
        wall_thickness_m=outer,
        rooms=tuple(a_room(f"r{i}", placed(shape)) for i, shape in enumerate(rooms)),
        openings=tuple(
            an_opening(name, (placed(at).x, placed(at).y), width, head, sill, kind)
            for name, at, width, sill, head, kind in openings
        ),
    )
    return a_blueprint(a_building(placed(outline), storey)), volume


@settings(max_examples=40)
@given(rows_of_cells())
def test_any_row_of_cells_is_closed_and_of_the_right_volume(case):
    plan, volume = case
    scene = build_solids(plan)
    assert set(scene.graph.nodes_geometry) == {part.id for part in plan.parts()}
    assert all(mesh.is_watertight for mesh in scene.geometry.values())
    assert mesh_of(scene, "s").volume == pytest.approx(volume, rel=1e-8)


def test_cells_that_touch_at_a_corner_stay_closed():
    storey = a_storey(height_m=3, rooms=(a_room("r1", box(1, 1, 3, 3)), a_room("r2", box(3, 3, 5, 5))))
    scene = build_solids(a_blueprint(a_building(box(0, 0, 6, 6), storey)))
    assert mesh_of(scene, "s").is_watertight
    assert mesh_of(scene, "s").volume == pytest.approx((36 - 8) * 3, rel=1e-9)


def test_given_walls_share_the_plan_without_overlap():
    walls = (
        Wall(id="w1", line=LineString([(0, 3), (8, 3)]), thickness_m=0.2, evidence=seen("line thickness_m")),
        Wall(id="w2", line=LineString([(4, 0), (4, 6)]), thickness_m=0.2, evidence=seen("line thickness_m")),
    )
    storey = a_storey(height_m=2.5, wall_thickness_m=0.3, walls=walls, openings=(an_opening("d", (2, 3), 0.8, 2.0),))
    scene = build_solids(a_blueprint(a_building(box(0, 0, 8, 6), storey)))
    ring = 48 - 7.4 * 5.4
    total = ring + 7.4 * 0.2 + 5.4 * 0.2 - 0.04
    found = sum(mesh_of(scene, name).volume for name in ("s", "w1", "w2"))
    assert found == pytest.approx(total * 2.5 - 0.8 * 0.2 * 2.0, rel=1e-9)
    assert all(mesh.is_watertight for mesh in scene.geometry.values())


def test_an_upper_storey_carries_the_slab_between():
    lower = a_storey("s0", height_m=2.6, rooms=(a_room("r0", box(1, 1, 5, 5)),))
    upper = a_storey("s1", floor_m=2.8, height_m=2.4, rooms=(a_room("r1", box(1, 1, 5, 5)),))
    roof = Roof(id="roof", rise_m=0.25, evidence=seen("kind rise_m"))
    scene = build_solids(a_blueprint(a_building(box(0, 0, 6, 6), lower, upper, roof=roof)))
    assert mesh_of(scene, "s1").volume == pytest.approx(20 * 2.4 + 36 * 0.2, rel=1e-9)
    assert mesh_of(scene, "s1").bounds[:, 2] == pytest.approx([2.6, 5.2])
    assert mesh_of(scene, "roof").bounds[:, 2] == pytest.approx([5.2, 5.45])


@pytest.mark.parametrize(("kind", "volume"), [("gable", 0.5), ("shed", 0.5), ("hip", 0.5 - 1 / 6 * 4 / 10)])
def test_sloping_roofs_have_the_volume_of_their_prism_plus_the_covering(kind, volume):
    # Of the box 10 × 4 × 2; hip: two half pyramids of the ends lack a sixth of the box over a width each … 1/6·4/10
    # in all.
    roof = Roof(id="roof", kind=kind, rise_m=2.0, evidence=seen("kind rise_m"))
    scene = build_solids(a_blueprint(a_building(box(0, 0, 10, 4), a_storey(height_m=3), roof=roof)))
    mesh = mesh_of(scene, "roof")
    assert mesh.is_watertight and mesh.bounds[:, 2] == pytest.approx([3, 5])
    assert volume * 80 <= mesh.volume <= volume * 80 + 40 * 0.1


def test_a_wall_has_a_gap_where_its_gate_is_and_a_far_gate_stands_alone():
    wall = PerimeterWall(
        id="w",
        line=LineString([(0, 0), (20, 0)]),
        height_m=3,
        thickness_m=0.4,
        evidence=seen("line height_m thickness_m"),
    )
    gates = tuple(
        Gate(id=name, at=at, width_m=4, height_m=2.5, evidence=seen("at width_m height_m"))
        for name, at in (("near", (10, 0.5)), ("far", (10, 40)))
    )
    tower = Tower(id="t", outline=box(30, 30, 32, 32), height_m=5, evidence=seen("outline height_m"))
    scene = build_solids(a_blueprint(walls=(wall,), gates=gates, towers=(tower,)))
    assert mesh_of(scene, "w").volume == pytest.approx(16 * 0.4 * 3, rel=1e-9)
    assert mesh_of(scene, "near").centroid[:2] == pytest.approx([10, 0])
    assert mesh_of(scene, "far").centroid[:2] == pytest.approx([10, 40])
    assert mesh_of(scene, "t").volume == pytest.approx(4 * 4.85 + 2.4**2 * 0.15, rel=1e-9)


def test_a_closed_wall_is_mitred_at_its_corners():
    ring = LineString([(0, 0), (10, 0), (10, 10), (0, 10), (0, 0)])
    wall = PerimeterWall(id="w", line=ring, height_m=1, thickness_m=1, evidence=seen("line height_m thickness_m"))
    assert mesh_of(build_solids(a_blueprint(walls=(wall,))), "w").volume == pytest.approx(121 - 81, rel=1e-9)


def test_the_other_hypothesis_is_built_when_asked_for(blueprint):
    scene = build_solids(blueprint, hypothesis="B")
    assert "rival-2" in scene.graph.nodes_geometry
    assert scene.metadata["left_out"] == ["question-2"]


def test_an_opening_finds_its_walls_direction_and_thickness(blueprint):
    block = blueprint.buildings[0]
    placed = {o.opening.id: o for o in storey_plan(block, block.storeys[0], hypothesis="A").openings}
    main = placed["door-main"]
    assert np.abs(main.direction) == pytest.approx([0, 1]) and main.depth == pytest.approx(0.3)
    assert placed["door-1"].depth == pytest.approx(0.2) and placed["door-1"].centre == pytest.approx((-12.55, 3.8))


def test_same_blueprint_same_triangles(blueprint):
    one, two = build_solids(blueprint), build_solids(blueprint)
    for name, mesh in one.geometry.items():
        assert np.array_equal(mesh.vertices, two.geometry[name].vertices)
        assert np.array_equal(mesh.faces, two.geometry[name].faces)


def test_paths_that_leave_one_gate_share_no_ground():
    # Of a made camp: five paths with a stretch in common, whose union GEOS 3.14 computes without a whole one of them.
    gate, fork = (31.6, -0.524), (24.684, -4.64)
    ends = [(25.86, -6.616), (18.451, 5.83), (11.043, 18.276), (3.634, 30.722)]
    lines = [LineString([gate, fork, end]) for end in ends]
    strips = [LineString([(50.504, 10.729), gate]).buffer(1.6, cap_style="flat", join_style="mitre")]
    strips += [line.buffer(0.8, cap_style="flat", join_style="mitre") for line in lines]
    alone = apart(strips)
    low, high = np.array([2.0, -9.0]), np.array([52.0, 33.0])
    points = shapely.points(np.random.default_rng(1).uniform(low, high, (40_000, 2)))
    owners = sum(shapely.contains(shape, points).astype(int) for shape in alone)
    covered = np.any([shapely.contains(shape, points) for shape in strips], axis=0)
    assert owners.max() == 1
    assert (owners == covered).all()
