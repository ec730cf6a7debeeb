"""Both engines answer alike, and as geometry says."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import trimesh
from hypothesis import given
from hypothesis import strategies as st

from geoinv.errors import InputError, MissingToolError
from geoinv.models.rays import ray_engine

BOTH = [
    pytest.param("open3d", marks=pytest.mark.needs("open3d")),
    pytest.param("embreex", marks=pytest.mark.needs("embreex")),
]


def box_entry(origins, directions, low, high):
    """Distance to a box by the slab method (Kay and Kajiya 1986), inf on a miss: the oracle."""
    with np.errstate(divide="ignore"):
        near, far = (low - origins) / directions, (high - origins) / directions
    enter, leave = np.minimum(near, far).max(axis=1), np.maximum(near, far).min(axis=1)
    length = np.linalg.norm(directions, axis=1)
    return np.where((enter <= leave) & (enter > 0), enter * length, np.inf), leave - enter


def rays_about(rng, n):
    origins = rng.normal(size=(n, 3)) * 20
    origins *= np.maximum(1, 12 / np.linalg.norm(origins, axis=1))[:, None]  # outside the box
    targets = rng.uniform(-6, 6, (n, 3))
    return origins, targets - origins


@pytest.mark.parametrize("backend", BOTH)
def test_a_box_is_met_where_the_slab_method_says(backend):
    rng = np.random.default_rng(1)
    offset = np.array([300.0, -200.0, 5.0])
    box = trimesh.creation.box((4.0, 6.0, 3.0))
    engine = ray_engine(box.vertices + offset, box.faces, backend=backend)
    origins, directions = rays_about(rng, 20_000)
    expected, chord = box_entry(origins, directions, np.array([-2, -3, -1.5]), np.array([2, 3, 1.5]))
    clear = np.abs(chord) > 1e-4  # a graze may go either way
    found = engine.first_hits(origins + offset, directions)
    assert np.array_equal(np.isfinite(found.distance)[clear], np.isfinite(expected)[clear])
    both = clear & np.isfinite(expected)
    assert both.sum() > 1000
    assert np.abs(found.distance[both] - expected[both]).max() < 1e-4
    assert ((found.triangle >= 0) == np.isfinite(found.distance)).all()


@pytest.mark.parametrize("backend", BOTH)
def test_only_what_lies_within_reach_occludes(backend):
    box = trimesh.creation.box((2.0, 2.0, 2.0))
    engine = ray_engine(box.vertices, box.faces, backend=backend)
    origins = np.tile([-5.0, 0.1, 0.2], (5, 1))
    directions = np.tile([10.0, 0.0, 0.0], (5, 1))
    assert engine.occluded(origins, directions, [3.9, 4.1, np.inf, 0.0, 100.0]).tolist() == [
        False,
        True,
        True,
        False,
        True,
    ]
    assert not engine.occluded(origins, -directions).any()


@pytest.mark.needs("open3d", "embreex")
def test_both_engines_agree_on_all_but_one_ray_in_a_hundred_thousand():
    rng = np.random.default_rng(7)
    boxes = [
        trimesh.creation.box(rng.uniform(1, 8, 3), trimesh.transformations.translation_matrix(rng.uniform(-40, 40, 3)))
        for _ in range(60)
    ]
    mesh = trimesh.util.concatenate(boxes)
    origins, directions = rng.uniform(-60, 60, (300_000, 3)), rng.normal(size=(300_000, 3))
    one, other = (ray_engine(mesh.vertices, mesh.faces, backend=name) for name in ("open3d", "embreex"))
    first, second = one.first_hits(origins, directions), other.first_hits(origins, directions)
    same = np.isclose(first.distance, second.distance, rtol=1e-5, atol=1e-4)
    assert same.mean() >= 0.99999
    blocked = one.occluded(origins, directions, 15.0) == other.occluded(origins, directions, 15.0)
    assert blocked.mean() >= 0.99999


@pytest.mark.needs("embreex")
@given(st.floats(0.001, 1000.0))
def test_the_length_of_a_direction_does_not_matter(length):
    box = trimesh.creation.box((2.0, 2.0, 2.0))
    engine = ray_engine(box.vertices, box.faces, backend="embreex")
    assert engine.first_hits([0.2, 0.1, 9.0], [0, 0, -length]).distance[0] == pytest.approx(8.0, abs=1e-5)


@pytest.mark.parametrize("backend", BOTH)
def test_no_triangles_and_no_rays_are_no_trouble(backend):
    engine = ray_engine(np.empty((0, 3)), np.empty((0, 3), int), backend=backend)
    assert np.isinf(engine.first_hits([[0, 0, 0]], [[0, 0, 1]]).distance).all()
    box = trimesh.creation.box()
    engine = ray_engine(box.vertices, box.faces, backend=backend)
    assert len(engine.first_hits(np.empty((0, 3)), np.empty((0, 3))).distance) == 0
    assert not engine.occluded([0, 0, 5], [0, 0, 0]).any()


def test_bad_meshes_and_rays_are_refused_in_words():
    box = trimesh.creation.box()
    with pytest.raises(InputError, match="not a number"):
        ray_engine([[0, 0, np.nan]], [[0, 0, 0]], backend="embreex")
    with pytest.raises(InputError, match="does not exist"):
        ray_engine(box.vertices, box.faces + 1, backend="embreex")
    with pytest.raises(InputError, match="as many"):
        ray_engine(box.vertices, box.faces, backend="embreex").first_hits(np.zeros((3, 3)), np.zeros((2, 3)))


def test_without_open3d_embreex_answers_and_without_both_the_mend_is_named(monkeypatch):
    box = trimesh.creation.box()
    monkeypatch.setitem(sys.modules, "libusb_package", None)
    monkeypatch.setitem(sys.modules, "open3d", None)
    assert ray_engine(box.vertices, box.faces).backend == "embreex"
    monkeypatch.setitem(sys.modules, "embreex.rtcore_scene", None)
    with pytest.raises(MissingToolError, match="apt-get install"):
        ray_engine(box.vertices, box.faces)
