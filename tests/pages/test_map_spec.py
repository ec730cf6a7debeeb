from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoinv.pages.map_data import leaflet_data
from geoinv.pages.map_spec import MapIncident, MapSpec, case_incidents, map_classes, map_rooms, map_spec
from tests.pages import samples


def spec() -> MapSpec:
    told = case_incidents(samples.incidents(), samples.bindings())
    rooms = map_rooms(samples.blueprint(), samples.footprints())
    return map_spec(
        samples.facility(), samples.footprints(), underlays=samples.underlays(), rooms=rooms, incidents=told
    )


def test_a_map_is_read_back_as_it_was_written() -> None:
    made = spec()
    again = MapSpec.read(json.loads(json.dumps(made.plain())))
    assert again.plain() == made.plain()
    assert again.bounds() == made.bounds()


def test_a_map_carries_no_evidence_no_drawings_and_nobody() -> None:
    text = json.dumps(spec().plain())
    told = ("sketch-by-heron", "plan-by-otter", "quote-canary", "victim-canary", "perp-canary", "scene-canary-2016")
    # A warning is a sentence about a drawing; a case's own map may show it, a release's footprints have none.
    shown = json.dumps(spec().model_copy(update={"footprints": ()}).plain())
    assert not [word for word in told if word in shown]
    assert "quote-canary" not in text and "victim-canary" not in text


def test_every_incident_is_counted_once_where_it_is_bound() -> None:
    counts = spec().counts()
    assert counts == {"footprint-b1": 19, "footprint-b2": 3, "footprint-b4": 6}


def test_rooms_lie_inside_their_building() -> None:
    made = spec()
    shapes = {item.id: item.geometry for item in made.footprints}
    assert len(made.rooms) == 4
    for room in made.rooms:
        covered = room.geometry.intersection(shapes[room.building]).area / room.geometry.area
        assert covered == pytest.approx(1, abs=0.35)


@given(st.integers(1, 20_000))
def test_classes_cover_every_count_once(most: int) -> None:
    classes = map_classes(most)
    assert 1 <= len(classes) <= 5
    assert classes[0][0] == 1 and classes[-1][1] == most
    assert all(first <= last for first, last in classes)
    assert all(after[0] == before[1] + 1 for before, after in zip(classes, classes[1:], strict=False))


def test_there_are_no_classes_of_nothing() -> None:
    assert map_classes(0) == ()


def test_undated_incidents_stay_undated() -> None:
    made = map_spec(samples.facility(), samples.footprints(), incidents=[MapIncident(building="footprint-b1")])
    assert leaflet_data(made, "en")["years"] is None
    assert leaflet_data(made, "en")["incidents"] == [["footprint-b1", None, [], None]]


def test_rooms_are_drawn_after_all_buildings() -> None:
    parts = [item["properties"]["part"] for item in leaflet_data(spec(), "ko")["features"]["features"]]
    assert parts == sorted(parts) and set(parts) == {"building", "room"}
