"""Sight and sun come out as similar triangles and an independent ephemeris say; ten cases a kind."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime

import ephem
import numpy as np
import pytest
from shapely.geometry import Polygon, box

from geoinv.models.claims import corroborate
from geoinv.models.claims_draws import Drawing
from geoinv.models.claims_parts import named
from geoinv.models.claims_sight import Eyes, Stage
from geoinv.records.evidence import Status
from tests.models.claims_plans import (
    OCEAN,
    between,
    building,
    exactly,
    opening,
    place,
    room,
    storey,
    sure,
    told,
    tower,
    wall,
)  # fmt: skip


def look(blueprint, **claim):
    return corroborate(blueprint, told({"kind": "sees", **claim})).findings[0]


@pytest.mark.parametrize(
    ("eye", "height", "tall"),
    [(1.5, 3, 8), (1.5, 3, 4), (1.7, 2, 3), (1.7, 2, 2.1), (1.2, 5, 10), (1.2, 5, 8), (2.0, 4, 7), (2.0, 4, 5.5),
     (0.2, 3, 7), (0.2, 3, 5)],
)  # fmt: skip
def test_a_tower_is_seen_over_a_wall_where_similar_triangles_say(eye, height, tall):
    # Eyes 10 m before a wall 0.2 m thick; the tower's top reaches from 20 m to 22 m before them. The line to its far
    # edge is the highest there is.
    walls = [wall("wall", [(10, -60), (10, 60)], height=height, thickness=0.2)]
    model = place(walls=walls, towers=[tower("tower", (21, 0), height=tall)])
    slope_over = max((height - eye) / 9.9, (height - eye) / 10.1)
    seen = (tall - eye) / 20 > slope_over or (tall - eye) / 22 > slope_over
    found = look(model, subject="wall", object="tower", viewpoint=[0, 0],
                 conditions={"eye_height_m": exactly(eye).plain()})  # fmt: skip
    assert found.verdict == ("consistent" if seen else "inconsistent")
    assert found.obstacle == (None if seen else "wall")


@pytest.mark.parametrize(("status", "verdict"), [("attested", "undecidable"), ("observed", "inconsistent")])
def test_sight_is_refuted_by_what_was_observed_and_not_by_what_is_known_by_word_of_mouth(status, verdict):
    line = sure("line", status=Status(status))
    # Rivals look from beside the wall's middle, which lies on the eyes' side of it.
    between_them = wall("wall", [(10, -100), (10, 100), (-200, 100)], height=8)
    between_them = between_them.model_copy(update={"evidence": {**between_them.evidence, **line}})
    model = place(walls=[between_them], towers=[tower("tower", (21, 0), height=4)])
    found = look(model, subject="wall", object="tower", viewpoint=[0, 0])
    assert (found.model_pass_rate, found.obstacle, found.verdict) == (0.0, "wall", verdict)
    assert ("a model may lack an opening" in found.why) == (verdict == "undecidable")


def two_rooms(kind="door", at=(3.1, 1.5), **more):
    door = opening("between", at, kind=kind, connects=("a", "b"), **more)
    rooms = [room("a", 0, 0, 3, 3), room("b", 3.2, 0, 6.2, 3)]
    return place(building(box(-0.3, -0.3, 6.5, 3.3), [storey(rooms, [door])]))


@pytest.mark.parametrize(("hatch", "verdict"), [("open", "consistent"), ("shut", "inconsistent")])
def test_one_sees_through_a_door_only_where_it_stands_open(hatch, verdict):
    assert look(two_rooms(), subject="a", object="b", conditions={"hatch": hatch}).verdict == verdict


def test_a_door_nobody_said_was_open_leaves_it_open_and_says_what_would_settle_it():
    found = look(two_rooms(), subject="a", object="b")
    assert found.model_pass_rate == pytest.approx(0.5, abs=0.15)
    assert any(flip.assumption == "doors and hatches" for flip in found.sensitivity)


def test_a_pane_is_looked_through_and_a_high_one_only_from_a_bunk():
    high = two_rooms(kind="window", sill=1.9, head=2.3)
    floor = {"eye_height_m": exactly(1.0).plain(), "pose": "sitting"}
    # What is looked for goes up to two thirds of the room's height, below the sill: from below, nothing of it.
    assert look(high, subject="a", object="b", conditions=floor).verdict == "inconsistent"
    bunk = {"eye_height_m": exactly(1.5).plain(), "standing_on_m": 0.6}
    assert look(high, subject="a", object="b", conditions=bunk).verdict == "consistent"


def test_what_stands_in_the_way_is_named_and_drawn():
    found = look(two_rooms(), subject="a", object="b", conditions={"hatch": "shut"})
    assert found.obstacle in ("between", "storey-0")
    assert "blocked" in found.shapes


def sun(when):
    """Azimuth and elevation, radians, by libastro, air included."""
    here = ephem.Observer()
    here.lon, here.lat, here.elevation = str(OCEAN.lon), str(OCEAN.lat), 0
    here.date = when.strftime("%Y/%m/%d %H:%M:%S")
    star = ephem.Sun(here)
    return float(star.az), float(star.alt)


def patch(when, side, sill=1.0, head=2.0, width=1.0):
    """The sun's patch on the floor of a room 4 × 3 m through one window, m², by projecting both its apertures."""
    azimuth, height = sun(when)
    if height <= 0:
        return 0.0
    floor, level = box(0, 0, 4, 3), 0.03
    reach = [(z - level) / math.tan(height) for z in (sill, head)]
    way = np.array([math.sin(azimuth), math.cos(azimuth)])
    lit = floor
    for depth in (0.0, 0.3):  # inner and outer face of the wall
        ends = {
            "south": [(1.5, -depth), (2.5, -depth)],
            "east": [(4 + depth, 1.0), (4 + depth, 2.0)],
            "west": [(-depth, 1.0), (-depth, 2.0)],
        }[side]
        a, b = np.array(ends[0]), np.array(ends[1])
        corners = [a - reach[0] * way, b - reach[0] * way, b - reach[1] * way, a - reach[1] * way]
        aperture = Polygon(corners)
        if aperture.area < 1e-9:
            return 0.0
        lit = lit.intersection(aperture)
    # Through the window, and not from behind it.
    outward = {"south": (0, -1), "east": (1, 0), "west": (-1, 0)}[side]
    return float(lit.area) if way @ outward > 0 else 0.0


@pytest.mark.parametrize(
    ("day", "hour", "side"),
    [
        ("2015-12-21", 22, "south"),
        ("2015-12-21", 23, "south"),
        ("2015-03-20", 22, "south"),
        ("2015-03-20", 21, "south"),
        ("2015-06-21", 22, "south"),
        ("2015-06-21", 18, "east"),
        ("2015-09-10", 19, "east"),
        ("2015-10-05", 26, "west"),
        ("2015-06-21", 28, "west"),
        ("2015-06-21", 18, "west"),
    ],
)
def test_the_suns_patch_is_where_an_ephemeris_puts_it(day, hour, side):
    at = {"south": (2.0, -0.15), "east": (4.15, 1.5), "west": (-0.15, 1.5)}[side]
    window = opening("window", at, kind="window", width=1.0, sill=1.0, head=2.0, connects=("cell", "outside"))
    model = place(building(box(-0.3, -0.3, 4.3, 3.3), [storey([room("cell", 0, 0, 4, 3)], [window])]))
    true = (
        patch(datetime.fromisoformat(day).replace(tzinfo=UTC).replace(hour=hour % 24), side)
        if hour < 24
        else (patch(datetime.fromisoformat(day).replace(day=int(day[-2:]) + 1, hour=hour % 24, tzinfo=UTC), side))
    )
    # The clock of the place: ten and a half hours behind, so that its day is the day said.
    local = (hour - 10.5) % 24
    clock = f"{int(local):02d}:{int(local % 1 * 60):02d}"
    found = corroborate(
        model,
        told({"kind": "sun_patch", "subject": "cell", "date": day, "time": [clock, clock], "utc_offset_h": -10.5,
              "said_value": between(max(0.0, true - 0.15), true + 0.15, "m2")}),
    ).findings[0]  # fmt: skip
    assert found.computed.best == pytest.approx(true, abs=0.1)
    assert found.verdict == "consistent"


def test_a_room_whose_windows_nobody_knows_is_not_tested_for_sun():
    model = place(building(box(-0.3, -0.3, 4.3, 3.3), [storey([room("cell", 0, 0, 4, 3)])]))
    found = corroborate(model, told({"kind": "sun_patch", "subject": "cell"})).findings[0]
    assert found.verdict == "undecidable"
    assert "no window" in found.why


def test_a_million_rays_are_asked_within_two_seconds():
    model = two_rooms()
    draw = Drawing(model).best()
    stage = Stage(draw)
    wanted = named(draw.blueprint, "b")
    rng = np.random.default_rng(0)
    count = 1_000_000 // 48
    eyes = Eyes(np.column_stack([rng.uniform(0.3, 2.7, count), rng.uniform(0.3, 2.7, count)]), 0.0)
    stage.sees(Eyes(eyes.points[:2], 0.0), 1.5, wanted, opened=True)  # the engine is made
    start = time.process_time()
    found = stage.sees(eyes, 1.5, wanted, opened=True)
    assert found.seen
    assert time.process_time() - start < 2.0
