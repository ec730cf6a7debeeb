"""What is held to be true of sight and sun is geometry by itself, and the rays of the tests agree with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from shapely.geometry import box

from geoinv.geometry.sun import sun_position
from geoinv.models.claims_draws import Drawing
from geoinv.models.claims_parts import named
from geoinv.models.claims_sight import Stage, eyes_at
from geoinv.worlds.known_rays import EYE_M, seen_share, sunlit_m2
from geoinv.worlds.world import make_world
from tests.models.claims_plans import building, opening, place, room, storey


def two_rooms(head=2.0, at=(3.1, 1.5)):
    door = opening("between", at, head=head, connects=("a", "b"))
    window = opening("window", (-0.15, 1.5), kind="window", sill=1.0, head=2.0, connects=("a", "outside"))
    rooms = [room("a", 0, 0, 3, 3), room("b", 3.2, 0, 6.2, 3)]
    return place(building(box(-0.3, -0.3, 6.5, 3.3), [storey(rooms, [door, window])], roof=False))


def share(model):
    a, b = model.buildings[0].storeys[0].rooms
    return seen_share(model, a, b)


def test_sight_goes_through_a_doorway_and_under_its_lintel():
    assert 0.1 < share(two_rooms()) < 0.9
    # From 1.52 m under a lintel of 0.5 m one sees only the floor behind it, from far enough; not at all under none.
    assert 0 < share(two_rooms(head=0.8)) < share(two_rooms())
    assert share(place(building(box(-0.3, -0.3, 6.5, 3.3), [storey(two_rooms().buildings[0].storeys[0].rooms)]))) == 0


@pytest.mark.parametrize("seed", [601])
def test_sight_and_sun_are_as_the_rays_of_the_tests_find_them_in_a_made_block(seed):
    truth = make_world("county", seed, difficulty="easy").plan.blueprint
    storeys = [storey for building in truth.buildings for storey in building.storeys]
    rooms = [room for storey in storeys for room in storey.rooms if room.role != "corridor"]
    stage, rng = Stage(Drawing(truth).best()), np.random.default_rng(seed)
    agree = 0
    for _ in range(12):
        start, end = (rooms[int(index)] for index in rng.choice(len(rooms), 2, replace=False))
        eyes = eyes_at(truth, named(truth, start.id), None, 0)
        found = stage.sees(eyes, EYE_M, named(truth, end.id), opened=True)
        agree += (seen_share(truth, start, end) > 0) == found.seen
    assert agree >= 11  # a sliver may be missed by either
    lit = {name for storey in storeys for one in storey.openings if one.kind == "window" for name in one.connects}
    asked = [room for room in rooms if room.id in lit]
    for _ in range(30):
        one = asked[int(rng.integers(len(asked)))]
        when = datetime(2015, 1, 1, tzinfo=UTC) + timedelta(minutes=int(rng.integers(365 * 1440)))
        sun = sun_position(truth.frame.lon, truth.frame.lat, when)
        if sun.elevation < 3:
            continue
        true = sunlit_m2(truth, one, when)
        patch = stage.sun(one.polygon, 0.0, np.array([sun.direction()]), opened=False)
        assert true.least_m2 - 0.06 <= patch.area_m2 <= true.most_m2 + 0.06


def test_what_stands_before_a_window_takes_its_sun():
    model = two_rooms()
    room_a = model.buildings[0].storeys[0].rooms[0]
    # The window looks west: the afternoon of the place, ten and a half hours behind.
    when = datetime(2015, 6, 22, 4, 0, tzinfo=UTC)
    free = sunlit_m2(model, room_a, when)
    assert free.least_m2 == free.most_m2 > 0.1
    tall = building(box(-30, -20, -3, 20), [storey([], height=30, ident="far-0")], ident="far", roof=False)
    shaded = sunlit_m2(model.model_copy(update={"buildings": (*model.buildings, tall)}), room_a, when)
    assert shaded.most_m2 == 0
    morning = sunlit_m2(model, room_a, datetime(2015, 6, 21, 18, 0, tzinfo=UTC))
    assert morning.most_m2 == 0
    assert morning.elevation_deg > 5
