"""Pins, ways and scenes are asked for where they should change most, and not where they are on record."""

from __future__ import annotations

import pytest
from shapely.geometry import Point, box

from geoinv.facilities.asking_scenes import ask_for_scene
from geoinv.facilities.asking_where import asks_where
from geoinv.records.dates import PartialDate
from geoinv.records.evidence import Status
from geoinv.records.footprints import Footprint
from geoinv.records.testimony import Statements

LON, LAT = -158.6, 42.3


def said(*rows):
    landmarks = {"bridge": {"name": "the bridge", "geometry": Point(LON + 0.006, LAT)}}
    numbered = [{"id": f"s{number}", **row} for number, row in enumerate(rows)]
    return Statements.read({"landmarks": landmarks, "statements": numbered})


def pin(witness, radius=800.0):
    return {"witness": witness, "kind": "pin", "point": [LON, LAT], "radius_m": radius}


def test_a_second_witness_is_asked_to_point_before_the_first_is_asked_again():
    asks = asks_where(said(pin("w1")), ["w1", "w2"])
    assert asks
    assert all(one.witness == "w2" for one in asks if one.about == "pin")
    assert all(0 < one.shrinks < 1 and one.after < one.now.best for one in asks)
    assert "the bridge" in next(one.sentence["en"] for one in asks if one.about == "way")
    assert [one.worth for one in asks] == sorted((one.worth for one in asks), reverse=True)
    assert asks == asks_where(said(pin("w1")), ["w1", "w2"])


def test_what_is_known_well_is_hardly_worth_asking_after():
    loose = asks_where(said(pin("w1", 2000.0)), ["w2"])
    close = asks_where(said(*(pin(f"w{n}", 30.0) for n in range(6))), ["w9"])
    assert max(one.now.best - one.after for one in loose) > max(
        [one.now.best - one.after for one in close], default=0.0
    )


def footprint(name, since=None):
    return Footprint(
        id=name, facility="reef", geometry=box(LON, LAT, LON + 1e-4, LAT + 1e-4), status=Status.OBSERVED,
        outline_from="imagery", not_before=PartialDate(since) if since else None, evidence={},
    )  # fmt: skip


def test_the_scene_asked_for_halves_the_brackets_of_most_buildings():
    scenes = [PartialDate("2004-01-01"), PartialDate("2014-01-01")]
    found = ask_for_scene([footprint("a", "2004-01-01"), footprint("b", "2004-01-01")], scenes, [])
    # Of ten years in which any is as likely, one scene in the middle leaves five: worked by hand.
    assert found.date in ("2008", "2009")
    assert found.now.best == pytest.approx(10.0, abs=0.02)
    assert found.after == pytest.approx(5.0, abs=0.05)
    assert "2 of 2" in found.sentence["en"]


def test_a_building_on_the_first_scene_may_have_come_since_the_first_witness():
    scenes = [PartialDate("2014-01-01"), PartialDate("2017-01-01")]
    assert ask_for_scene([footprint("a")], scenes, []) is None, "nobody was there before the first scene"
    found = ask_for_scene([footprint("a")], scenes, [PartialDate("2006/2008")])
    assert found.date in ("2009", "2010")
    assert ask_for_scene([footprint("a")], [], []) is None
