"""Statements are read as people write them; one that lacks what its kind needs says which field."""

from __future__ import annotations

import json
from typing import Any

import pytest
from shapely.geometry import LineString, Point

from geoinv.errors import FieldError
from geoinv.records.places import LonLat
from geoinv.records.testimony import COMPASS, Statement, Statements, bearing_of

SAID: dict[str, Any] = {
    "landmarks": {
        "bridge": {"type": "Point", "coordinates": [-30.1, 4.9]},
        "river": {"name": "강", "geometry": {"type": "LineString", "coordinates": [[-30.2, 4.9], [-30.0, 4.95]]}},
    },
    "statements": [
        {"id": "s1", "witness": "w1", "kind": "pin", "point": [-30.09, 4.91], "radius_m": 800, "said": "about here"},
        {"id": "s3", "witness": "w2", "kind": "from", "landmark": "bridge", "direction": "NE", "distance_m": 1200},
        {"id": "s4", "witness": "w2", "kind": "walk", "landmark": "bridge", "direction": None, "minutes": [5, 15]},
        {"id": "s5", "witness": "w3", "kind": "side", "landmark": "river", "side": "N", "mood": "sure"},
        {"id": "s8", "witness": "w1", "kind": "between", "landmarks": ["bridge", "river"]},
    ],
    "dependent": [["w2", "w3"]],
}


def test_statements_are_read_whole_and_written_back() -> None:
    read = Statements.read(SAID)
    assert read.witnesses == ("w1", "w2", "w3")
    assert read.landmarks["bridge"].name == "bridge" and isinstance(read.landmarks["bridge"].geometry, Point)
    assert read.landmarks["river"].name == "강" and isinstance(read.landmarks["river"].geometry, LineString)
    assert read.statements[0].point == LonLat(-30.09, 4.91)
    assert read.statements[2].minutes == (5, 15)
    again = Statements.read(json.loads(json.dumps(read.plain())))
    assert again.plain() == read.plain()


def test_what_is_not_known_of_a_statement_is_kept() -> None:
    assert Statements.read(SAID).plain()["statements"][3]["mood"] == "sure"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"kind": "pin", "point": None}, "point"),
        ({"kind": "from", "landmark": None}, "landmark"),
        ({"kind": "walk", "landmark": "bridge"}, "minutes"),
        ({"kind": "side", "landmark": "bridge"}, "side"),
        ({"kind": "between"}, "landmarks"),
        ({"kind": "area"}, "polygon"),
        ({"kind": "pin", "point": [42.9, 129.9]}, "longitude, latitude"),
        ({"kind": "from", "landmark": "bridge", "direction": "up"}, "compass"),
        ({"kind": "guess"}, "kind"),
        ({"kind": "pin", "point": [1, 2], "radius_m": -5}, "radius_m"),
    ],
)
def test_a_statement_that_cannot_be_used_names_what_is_wrong(change: dict[str, Any], named: str) -> None:
    with pytest.raises(FieldError, match=named) as caught:
        Statement.read({"id": "s1", "witness": "w1", **change}, file="said.yaml", item="statement s1")
    assert str(caught.value).startswith("said.yaml, statement s1")
    assert caught.value.do


def test_a_statement_may_name_only_landmarks_that_are_listed() -> None:
    bad = {"statements": [{"id": "s6", "witness": "w3", "kind": "sees", "landmark": "hill"}]}
    with pytest.raises(FieldError, match=r"s6 .*hill"):
        Statements.read(bad)


def test_compass_points_run_clockwise_from_north() -> None:
    assert len(COMPASS) == 16
    assert [bearing_of(name) for name in ("N", "e", " S ", "WNW")] == [0.0, 90.0, 180.0, 292.5]
    assert bearing_of(33.0) == 33.0 and bearing_of(None) is None
