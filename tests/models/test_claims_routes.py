"""A way on foot is never shorter than the shortest there is, and as short."""

from __future__ import annotations

import heapq
import itertools
import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, Polygon, box

from geoinv.models.claims_draws import Drawing
from geoinv.models.claims_parts import Untestable, named
from geoinv.models.claims_routes import free_floor, route, shortest_path
from tests.models.claims_plans import building, opening, place, room, storey


def brute(free, start, end):
    """Shortest path over every corner, convex or not, all pairs that see each other: slow, and plainly right."""
    corners = [(start.x, start.y), (end.x, end.y)]
    for part in shapely.get_parts(free):
        for ring in (part.exterior, *part.interiors):
            corners += [tuple(xy) for xy in ring.coords[:-1]]
    near = free.buffer(1e-9)
    links = {}
    for a, b in itertools.combinations(range(len(corners)), 2):
        if near.covers(LineString([corners[a], corners[b]])):
            length = math.dist(corners[a], corners[b])
            links.setdefault(a, []).append((b, length))
            links.setdefault(b, []).append((a, length))
    best, queue = {0: 0.0}, [(0.0, 0)]
    while queue:
        cost, here = heapq.heappop(queue)
        if here == 1:
            return cost
        for there, length in links.get(here, ()):
            if cost + length < best.get(there, math.inf) - 1e-12:
                best[there] = cost + length
                heapq.heappush(queue, (cost + length, there))
    return math.inf


def random_floor(seed):
    """A floor with boxes standing in it, and two places on it."""
    rng = np.random.default_rng(seed)
    holes = []
    for _ in range(int(rng.integers(1, 4))):
        x, y = rng.uniform(1, 8, 2)
        turned = shapely.affinity.rotate(
            box(x, y, x + rng.uniform(0.3, 3), y + rng.uniform(0.3, 3)), rng.uniform(0, 90)
        )
        holes.append(turned)
    free = box(0, 0, 10, 10).difference(shapely.union_all(holes))
    free = max(shapely.get_parts(free), key=lambda part: part.area)
    points = rng.uniform(0.2, 9.8, (40, 2))
    inside = points[shapely.contains_xy(free, points)]
    return free, Point(inside[0]), Point(inside[1])


def test_a_thousand_random_floors_are_crossed_by_the_shortest_path():
    for seed in range(1000):
        free, start, end = random_floor(seed)
        found = shortest_path(free, start, end)
        assert found is not None
        assert free.buffer(1e-9).covers(found)
        true = brute(free, start, end)
        assert found.length >= true - 1e-9
        assert found.length == pytest.approx(true, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31))
def test_no_walk_is_shorter_than_the_exact_path(seed):
    free, start, end = random_floor(seed)
    found = shortest_path(free, start, end)
    assert found is not None
    assert found.length >= brute(free, start, end) - 1e-6


def block(count):
    rooms, doors = [room("hall", 0, 0, 3 * count, 1.5, role="corridor")], []
    for number in range(count):
        rooms.append(room(f"c{number}", 3 * number, 1.7, 3 * number + 2.8, 5))
        doors.append(opening(f"d{number}", (3 * number + 0.8, 1.6), connects=("hall", f"c{number}")))
    return place(building(box(-0.3, -0.3, 3 * count + 0.3, 5.3), [storey(rooms, doors)]))


@pytest.mark.parametrize("last", [1, 3, 5])
def test_a_way_through_doors_is_the_exact_one(last):
    model = block(6)
    start, end = named(model, "c0"), named(model, f"c{last}")
    found = route(model, start, end)
    home = model.buildings[0]
    free = free_floor(model, home, home.storeys[0])
    inside = max(shapely.get_parts(free.intersection(home.outline)), key=lambda part: part.area)
    assert found.length_m == pytest.approx(brute(inside, start.ground.centroid, end.ground.centroid), abs=1e-6)
    assert found.through == ("d0", f"d{last}")


def test_a_room_without_a_door_cannot_be_walked_to():
    rooms = [room("a", 0, 0, 3, 3), room("b", 3.2, 0, 6, 3)]
    model = place(building(box(-0.3, -0.3, 6.3, 3.3), [storey(rooms)]))
    with pytest.raises(Untestable, match="no way on foot"):
        route(model, named(model, "a"), named(model, "b"))


def test_drawn_models_keep_their_neighbours_and_their_walls_apart():
    rooms = [room(f"c{k}", 3 * k, 0, 3 * k + 2.8, 4, spread=0.5) for k in range(5)]
    drawing = Drawing(place(building(box(-0.3, -0.3, 15.1, 4.3), [storey(rooms)])))
    for number in range(50):
        drawn = [one.polygon for one in drawing.draw(number).blueprint.buildings[0].storeys[0].rooms]
        for left, right in itertools.pairwise(drawn):
            assert not left.intersects(right)
            assert left.distance(right) < 0.5
        assert all(isinstance(one, Polygon) and one.is_valid for one in drawn)
    again = Drawing(drawing.blueprint).draw(7).blueprint
    assert again == drawing.draw(7).blueprint
