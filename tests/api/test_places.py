"""What boxes promise: exactly the features that meet them, and those that lie nowhere, in order."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geoinv.api.places import Places

#: A coarse grid, so that places coincide and boxes touch them.
DEGREES = st.integers(-8, 8).map(lambda n: n * 20.0)
CORNERS = st.lists(st.tuples(DEGREES, DEGREES.map(lambda n: n / 2)), min_size=1, max_size=4)


def geometry(corners: list[tuple[float, float]]) -> shapely.Geometry:
    return shapely.MultiPoint(corners).convex_hull


def places_of(shapes: list[shapely.Geometry | None]) -> Places:
    placed = [(number, one) for number, one in enumerate(shapes, 1) if one is not None]
    slanted = {
        number: one for number, one in placed if one.geom_type != "Point" and not one.equals(shapely.box(*one.bounds))
    }
    edges = np.array([one.bounds for _, one in placed], np.float64).reshape(-1, 4)
    return Places(len(shapes), np.array([number for number, _ in placed], np.int32), edges, slanted)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.one_of(st.none(), CORNERS.map(geometry)), max_size=40),
    st.lists(st.tuples(CORNERS, CORNERS), min_size=1, max_size=2),
)
def test_a_box_finds_what_meets_it_and_what_lies_nowhere(shapes, pairs) -> None:
    boxes = [geometry(one + other).bounds for one, other in pairs]
    areas = [shapely.box(*edges) for edges in boxes]
    # The oracle looks at every feature with every box.
    meant = [n for n, one in enumerate(shapes, 1) if one is None or any(one.intersects(area) for area in areas)]
    assert places_of(shapes).meeting(boxes).tolist() == meant


@pytest.mark.parametrize("many", [100, 5000])
def test_few_and_many_are_found_alike(many: int) -> None:
    # Two ways of gathering, by how many are met: both in order.
    at = np.arange(many) % 50
    shapes = [shapely.Point(float(place), 0.0) for place in at]
    places = places_of(shapes)
    for east in (0.0, 2.0, 30.0, 49.0):
        found = places.meeting([(0.0, -1.0, east, 1.0)])
        assert found.tolist() == (np.flatnonzero(at <= east) + 1).tolist()


def test_outlines_with_the_same_edges_are_told_apart() -> None:
    lower, upper = shapely.Polygon([(0, 0), (4, 0), (0, 4)]), shapely.Polygon([(4, 0), (4, 4), (0, 4)])
    places = places_of([lower, upper, lower])
    assert places.meeting([(3.5, 3.5, 5.0, 5.0)]).tolist() == [2]
    assert places.meeting([(-1.0, -1.0, 0.5, 0.5)]).tolist() == [1, 3]
    assert places.meeting([(-1.0, -1.0, 5.0, 5.0)]).tolist() == [1, 2, 3]


def test_a_collection_without_features_has_none() -> None:
    assert places_of([]).meeting([(0.0, 0.0, 1.0, 1.0)]).tolist() == []
