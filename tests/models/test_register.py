"""A cloud is laid where it was taken, refused where the model does not tell, and only ever proposes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from shapely.geometry import box

from geoinv.errors import RefusalError
from geoinv.models.compared import compared, proposals
from geoinv.models.rays import ray_engine
from geoinv.models.register import register
from geoinv.models.solids import build_solids
from geoinv.records.blueprint import Blueprint, Building, PerimeterWall, Site
from geoinv.records.clouds import Cloud
from geoinv.records.evidence import Status

pytestmark = pytest.mark.needs("open3d")


def seen_from_above(scene, seed, count=9_000):
    """Points of a model's surfaces that somebody flying by could see, shape (n, 3)."""
    import trimesh

    whole = trimesh.util.concatenate(list(scene.geometry.values()))
    points, faces = trimesh.sample.sample_surface(whole, 4 * count, seed=seed)
    normals = whole.face_normals[faces]
    engine = ray_engine(whole.vertices, whole.faces)
    ways = [(0, 0, 1), (0, 2, 1), (0, -2, 1), (2, 0, 1), (-2, 0, 1)]
    seen = np.any([(normals @ way > 0) & ~engine.occluded(points + 1e-3 * normals, way) for way in ways], axis=0)
    low, high = whole.bounds[:, :2] + [[-3], [3]]
    ground = np.column_stack([np.random.default_rng(seed).uniform(low, high, (count // 3, 2)), np.zeros(count // 3)])
    open_ground = ground[~engine.occluded(ground + [0, 0, 1e-3], (0.0, 0.0, 1.0))]
    return np.concatenate([np.asarray(points)[seen][:count], open_ground])


def taken(points, seed, noise=0.05, name="video.ply"):
    """The same points as a program would hand them over: noisy, turned any way, from another origin."""
    rng = np.random.default_rng(seed)
    turn = Rotation.random(random_state=seed).as_matrix()
    moved = (points + rng.normal(0, noise, points.shape)) @ turn.T + rng.uniform(-500, 500, 3)
    middle = (moved.min(axis=0) + moved.max(axis=0)) / 2
    return Cloud(name, moved - middle, tuple(middle), "point cloud", "2015-06")


@pytest.fixture(scope="module")
def truth(blueprint):
    """The place as it was: the main block 0.4 m higher than anybody said, the wall 0.5 m."""
    block, shed = blueprint.buildings
    taller = block.storeys[0].model_copy(update={"height_m": block.storeys[0].height_m + 0.4})
    wall = blueprint.site.walls[0].model_copy(update={"height_m": 3.5})
    buildings = (block.model_copy(update={"storeys": (taller,)}), shed)
    return blueprint.model_copy(
        update={"buildings": buildings, "site": blueprint.site.model_copy(update={"walls": (wall,)})}
    )


@pytest.fixture(scope="module")
def laid(blueprint, truth):
    points = seen_from_above(build_solids(truth), 5)
    return points, register(taken(points, 3), build_solids(blueprint))


def test_a_cloud_turned_any_way_is_laid_where_it_was_taken(laid):
    points, found = laid
    assert np.linalg.norm(found.points - points, axis=1).mean() < 0.2  # noise, and roofs that are higher than modelled
    assert found.fit.fitness > 0.7 and found.cloud.name == "video.ply"


def test_half_a_place_is_enough_where_it_is_like_nothing_else(blueprint):
    points = seen_from_above(build_solids(blueprint), 6)
    half = points[points[:, 0] > -4]
    found = register(taken(half, 4), build_solids(blueprint))
    assert np.linalg.norm(found.points - half, axis=1).mean() < 0.15


def test_heights_are_proposed_as_inferred_with_intervals_that_hold_the_truth(laid, blueprint):
    before = blueprint.plain()
    found = {(one.part, one.name): one for one in proposals(laid[1], blueprint)}
    for key, true in ((("storey-0", "height_m"), 3.2), (("wall", "height_m"), 3.5)):
        proposal = found[key]
        assert proposal.evidence.status is Status.INFERRED and proposal.evidence.sources == ("video.ply",)
        assert str(proposal.evidence.date) == "2015-06"
        assert proposal.evidence.interval.contains(true) and proposal.differs
    sides = [one for (part, name), one in found.items() if part == "block" and name.startswith("wall ")]
    assert len(sides) >= 4 and all(one.evidence.interval.contains(0.0) for one in sides)
    assert blueprint.plain() == before  # never taken silently


def test_everything_it_says_is_plain_data_part_by_part(laid, blueprint):
    scene = build_solids(blueprint)
    found = compared(laid[1], blueprint, scene)
    by_part = {one["part"]: one for one in found["distances"]}
    assert by_part["path"]["median_m"] < 0.1 < by_part["roof"]["median_m"] < 0.6
    assert np.array(found["matrix"]).shape == (4, 4)
    assert {one["part"] for one in found["proposals"]} <= {part.id for part in blueprint.parts()}


def alone(shape, height=4.0):
    from tests.models.test_soundness import seen, storey

    block = Building(id="b", outline=shape, storeys=(storey(height=height),), evidence=seen("outline"))
    return Blueprint(facility="x", frame={"lon": -150, "lat": -40}, buildings=(block,))


def test_a_place_that_looks_the_same_turned_round_is_refused():
    model = build_solids(alone(box(-12, -6, 12, 6)))
    with pytest.raises(RefusalError, match="several places nearly as well .*180°"):
        register(taken(seen_from_above(model, 1, 6000), 2), model)


def test_a_cloud_of_somewhere_else_is_refused(blueprint):
    from tests.models.test_soundness import seen

    far = alone(box(0, 0, 40, 5), height=9.0)
    tower = PerimeterWall(
        id="w",
        line=box(-30, -40, 120, 60).boundary,
        height_m=8,
        thickness_m=2,
        evidence=seen("line height_m thickness_m"),
    )
    elsewhere = build_solids(far.model_copy(update={"site": Site(walls=(tower,))}))
    with pytest.raises(RefusalError, match="points lie on the model|several places"):
        register(taken(seen_from_above(elsewhere, 2, 5000), 3, name="other.las"), build_solids(blueprint))


def test_a_model_of_nothing_is_refused():
    empty = build_solids(Blueprint(facility="x", frame={"lon": 0, "lat": 0}))
    with pytest.raises(RefusalError, match="no solids"):
        register(taken(np.random.default_rng(1).normal(size=(100, 3)), 1), empty)
