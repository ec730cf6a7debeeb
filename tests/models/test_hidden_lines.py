"""What is drawn as visible is what a ray from there would meet first."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
import trimesh

from geoinv.models.hidden_lines import Cut, Projection, seen
from geoinv.models.rays import ray_engine
from geoinv.models.solids import build_solids
from geoinv.records.blueprint import Site

UP = (0.0, 0.0, 1.0)


def a_box(x, y, z, wide=1.0, deep=1.0, high=1.0):
    return trimesh.creation.box(bounds=[(x, y, z), (x + wide, y + deep, z + high)])


def test_what_stands_in_front_hides_what_is_behind():
    solids = {"behind": a_box(0, 5, 0, wide=4), "before": a_box(1, 0, 0)}
    facets = seen(solids, Projection.level(180))
    areas = {name: sum(facet.shape.area for facet in facets if facet.part == name) for name in solids}
    assert areas == pytest.approx({"behind": 3.0, "before": 1.0})
    other = seen(solids, Projection.level(0))
    assert {facet.part for facet in other} == {"behind"}


def test_a_side_is_seen_from_where_it_is_said_to_be_seen():
    # What a viewer in the east sees has north to the right; what one in the south sees has east to the right.
    solids = {"one": a_box(0, 2, 0)}
    assert seen(solids, Projection.level(90))[0].shape.bounds == pytest.approx((2, 0, 3, 1))
    assert seen(solids, Projection.level(270))[0].shape.bounds == pytest.approx((-3, 0, -2, 1))
    assert seen({"one": a_box(2, 0, 0)}, Projection.level(180))[0].shape.bounds == pytest.approx((2, 0, 3, 1))


def test_a_cut_shows_its_face_and_what_lies_beyond():
    hollow = trimesh.boolean.difference([a_box(0, 0, 0, 4, 4, 3), a_box(1, 1, 1, 2, 2, 1)], engine="manifold")
    facets = seen({"walls": hollow}, Projection.level(180), Cut((0.0, -1.0, 0.0), -2.0))
    face = sum(facet.shape.area for facet in facets if facet.is_cut)
    beyond = sum(facet.shape.area for facet in facets if not facet.is_cut)
    assert face == pytest.approx(12 - 2) and beyond == pytest.approx(2)


def test_a_plan_oblique_keeps_plan_and_heights_true():
    facets = seen({"one": a_box(0, 0, 0, 3, 2, 5)}, Projection.plan_oblique(30))
    top = next(facet for facet in facets if facet.normal == UP)
    assert top.shape.area == pytest.approx(6.0) and len(facets) == 3
    whole = shapely.union_all([facet.shape for facet in facets])
    corner = whole.bounds[3] - top.shape.bounds[1]
    assert corner == pytest.approx(top.shape.bounds[3] - top.shape.bounds[1])
    assert top.shape.bounds[1] - whole.bounds[1] == pytest.approx(5.0)


@pytest.mark.parametrize("backend", [pytest.param("embreex", marks=pytest.mark.needs("embreex"))])
@pytest.mark.parametrize("view", [Projection.level(180), Projection.level(65), Projection.plan_oblique(25)])
def test_a_ray_meets_first_what_is_drawn_there(blueprint, view, backend):
    alone = blueprint.model_copy(update={"buildings": blueprint.buildings[:1], "site": Site()})
    solids = dict(build_solids(alone).geometry)
    facets = seen(solids, view)
    names = list(solids)
    whole = trimesh.util.concatenate([solids[name] for name in names])
    owner = np.repeat(np.arange(len(names)), [len(solids[name].faces) for name in names])
    engine = ray_engine(whole.vertices, whole.faces, backend=backend)
    rng = np.random.default_rng(3)
    west, south, east, north = shapely.total_bounds([facet.shape for facet in facets])
    spots = rng.uniform((west, south), (east, north), (2000, 2))
    starts = spots @ np.linalg.pinv(view.page).T + 100.0 * view.toward
    hits = engine.first_hits(starts, np.tile(-view.toward, (len(spots), 1)))
    checked = 0
    for spot, triangle in zip(shapely.points(spots), hits.triangle.tolist(), strict=True):
        if min((facet.shape.boundary.distance(spot) for facet in facets), default=1.0) < 1e-3:
            continue  # on a line between two
        drawn = [facet.part for facet in facets if facet.shape.contains(spot)]
        met = [names[owner[triangle]]] if triangle >= 0 else []
        assert drawn == met
        checked += 1
    assert checked > 1800
