"""What people say in one breath becomes parts with the evidence it was said with."""

from __future__ import annotations

import pytest
import shapely
from shapely.geometry import LineString, Point, box

from geoinv.errors import InputError
from geoinv.models.generators import FIXTURES_M, cell_row, corridor, fence, fixture, tower
from geoinv.models.solids import build_solids
from geoinv.records.blueprint import Blueprint, Building, Coping, Site, Stair, Storey, Terrain, Wire
from geoinv.records.evidence import Evidence, Status
from geoinv.records.places import Frame

SAID = {"*": Evidence(status=Status.ATTESTED, sources=("s1",))}


def all_of(names, status=Status.ATTESTED):
    return {name: Evidence(status=status, sources=("s1",)) for name in names.split()}


def test_a_row_of_cells_stands_side_by_side_each_with_a_door_to_the_corridor():
    rooms, doors = cell_row(
        "s", (0.0, 2.0), count=6, width_m=2.0, depth_m=3.0, wall_m=0.2, corridor_id="hall", evidence=SAID
    )
    assert [room.polygon.area for room in rooms] == pytest.approx([6.0] * 6)
    assert shapely.union_all([room.polygon for room in rooms]).bounds == pytest.approx((0.0, 2.0, 13.0, 5.0))
    for one, two in zip(rooms[:-1], rooms[1:], strict=True):
        assert one.polygon.distance(two.polygon) == pytest.approx(0.2)
    for room, door in zip(rooms, doors, strict=True):
        assert door.connects == (room.id, "hall") and door.at[1] == pytest.approx(1.9)
        assert room.status is Status.ATTESTED and room.sources == ("s1",)
    assert len({part.id for part in (*rooms, *doors)}) == 12


def test_a_row_is_only_as_well_known_as_the_weakest_of_what_makes_it():
    evidence = {
        "count": Evidence(status=Status.CORROBORATED, sources=("s1", "s2")),
        "width_m": Evidence(status=Status.ATTESTED, sources=("s1",)),
    }
    rooms, doors = cell_row("s", (0, 0), count=2, width_m=2, depth_m=3, evidence=evidence)
    assert rooms[0].status is Status.CONJECTURAL  # nobody said how deep they were
    assert rooms[0].sources == ("s1", "s2") and doors[0].status is Status.CONJECTURAL


def test_the_same_words_give_the_same_ids_and_another_case_others():
    make = lambda key: cell_row("s", (0, 0), count=1, width_m=2, depth_m=3, evidence=SAID, key=key)[0][0].id  # noqa: E731
    assert make(b"one") == make(b"one") != make(b"two")


def test_a_row_of_nothing_and_labels_that_do_not_match_are_refused():
    with pytest.raises(InputError, match="make no row"):
        cell_row("s", (0, 0), count=0, width_m=2, depth_m=3, evidence=SAID)
    with pytest.raises(InputError, match="2 labels for 3 rooms"):
        cell_row("s", (0, 0), count=3, width_m=2, depth_m=3, labels=("a", "b"), evidence=SAID)


def test_things_get_ordinary_sizes_that_are_marked_as_assumed():
    bench = fixture("s", "bench", (1, 1), evidence=SAID)
    assert bench.size_m == FIXTURES_M["bench"][:3] and bench.status is Status.CONJECTURAL
    assert bench.evidence["kind"].status is Status.ATTESTED and "ordinary bench" in bench.evidence["size_m"].note
    with pytest.raises(InputError, match="gramophone"):
        fixture("s", "gramophone", (1, 1), evidence=SAID)
    assert fixture("s", "gramophone", (1, 1), size_m=(0.5, 0.5, 0.5), evidence=SAID).status is Status.ATTESTED


@pytest.fixture(scope="module")
def furnished():
    """Two storeys with a stair, things in the room, a fence, a tower astride a coped and wired wall, and ground."""
    hall = corridor("s0", LineString([(-5, 0), (5, 0)]), width_m=2.0, evidence=SAID)
    stair = Stair(
        id="stair",
        line=LineString([(-4, 0.4), (-0.4, 0.4)]),
        width_m=1.0,
        rise_m=3.0,
        steps=15,
        to="s1",
        evidence=all_of("line width_m rise_m"),
    )
    below = Storey(
        id="s0",
        height_m=2.8,
        rooms=(hall,),
        stairs=(stair,),
        fixtures=(
            fixture("s0", "bench", (3, -0.5), evidence=SAID),
            fixture("s0", "lamp", (0, -0.6), evidence=SAID),
            fixture("s0", "stove", (4.9, 0.5), evidence=SAID),  # drawn a little into the wall
        ),
        evidence=all_of("floor_m height_m wall_thickness_m"),
    )
    above = Storey(
        id="s1",
        floor_m=3.0,
        height_m=2.5,
        rooms=(corridor("s1", LineString([(-5, 0), (5, 0)]), width_m=2.0, evidence=SAID),),
        evidence=all_of("floor_m height_m wall_thickness_m"),
    )
    block = Building(id="b", outline=box(-5.3, -1.3, 5.3, 1.3), storeys=(below, above), evidence=all_of("outline"))
    wall = fence("site", LineString([(-20, -10), (20, -10)]), name="south", evidence=SAID)
    coped = fence("site", LineString([(20, -10), (20, 10)]), thickness_m=0.4, post_spacing_m=None, evidence=SAID)
    coped = coped.model_copy(
        update={
            "coping": Coping(id="coping", height_m=0.1, overhang_m=0.05, evidence=all_of("height_m overhang_m")),
            "wire": Wire(id="wire", kind="razor", height_m=0.5, evidence=all_of("kind height_m")),
        }
    )
    ground = shapely.MultiPoint([(x, y, -0.2 + 0.01 * x) for x in (-30, 0, 30) for y in (-30, 0, 30)])
    return Blueprint(
        facility="x",
        frame=Frame(lon=-150, lat=-40),
        buildings=(block,),
        site=Site(
            walls=(wall, coped),
            towers=(tower("site", (20, 0), evidence=SAID),),
            terrain=Terrain(id="ground", points=ground, evidence=all_of("points")),
        ),
    )


def test_every_thing_is_a_closed_solid_with_its_id(furnished):
    scene = build_solids(furnished)
    assert scene.metadata["left_out"] == []
    assert {part.id for part in furnished.parts()} == set(scene.graph.nodes_geometry)
    for name, mesh in scene.geometry.items():
        assert mesh.is_watertight and mesh.volume > 0, name


def test_stairs_rise_by_equal_steps_through_an_open_well(furnished):
    scene = build_solids(furnished)
    stair = scene.geometry["stair"]
    heights = sorted({round(float(z), 6) for z in stair.vertices[:, 2]})
    assert heights == pytest.approx([0.02, *(0.2 * k for k in range(1, 16))])
    assert stair.volume == pytest.approx(3.6 / 15 * sum(0.2 * k for k in range(1, 16)) - 3.6 * 0.02, rel=1e-9)
    # The slab between the storeys, and the floor above, are open over the stair.
    assert scene.geometry["s1"].volume == pytest.approx((10.6 * 2.6 - 20) * 2.5 + (10.6 * 2.6 - 3.6) * 0.2, rel=1e-9)
    assert scene.geometry[furnished.buildings[0].storeys[1].rooms[0].id].volume == pytest.approx((20 - 3.6) * 0.02)


def test_a_thing_drawn_into_the_wall_gives_way_to_it(furnished):
    scene = build_solids(furnished)
    stove = next(name for name in scene.geometry if scene.geometry[name].metadata.get("role") == "stove")
    assert scene.geometry[stove].bounds[1][0] == pytest.approx(5.0)


def test_no_two_solids_share_space(furnished):
    assert overlaps(build_solids(furnished)) == []


def overlaps(scene):
    from geoinv.models.solids_prisms import to_manifold

    solids = {name: to_manifold(mesh) for name, mesh in scene.geometry.items()}
    names = sorted(solids)
    return [
        (one, two)
        for number, one in enumerate(names)
        for two in names[number + 1 :]
        if (solids[one] ^ solids[two]).volume() > 1e-9
    ]


def test_a_fence_has_posts_and_a_wall_its_coping_and_wire(furnished):
    scene = build_solids(furnished)
    posts, strip = 15, 40 * 0.05 * 2.0  # one at each end and every three metres or less between
    south = scene.geometry[furnished.site.walls[0].id]
    assert south.volume == pytest.approx(strip + 2.0 * (posts * 0.12 * 0.07 + 2 * 0.06 * 0.05), rel=1e-6)
    assert scene.geometry["coping"].bounds[:, 2] == pytest.approx([2.0, 2.1])
    assert scene.geometry["wire"].bounds[:, 2] == pytest.approx([2.1, 2.6])
    assert not scene.geometry["coping"].contains([[20.0, 0.0, 2.05]]).any()  # the tower stands there
    assert scene.graph.transforms.parents["wire"] == furnished.site.walls[1].id


def test_the_ground_lies_as_its_points_say_and_gives_way_to_what_stands(furnished):
    ground = build_solids(furnished).geometry["ground"]
    assert Point(ground.bounds[0][:2]).distance(Point(-30, -30)) < 1e-9
    assert ground.bounds[1][2] == pytest.approx(0.1)
    full = 60 * 60 * (-0.2 - (-0.5 - 1.0))
    assert ground.volume < full and ground.volume == pytest.approx(full, rel=0.01)
