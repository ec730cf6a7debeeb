"""Places of different frames are never mixed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from geoinv.errors import FrameError
from geoinv.records.places import Frame, LocalXY, LonLat

_DEGREES = st.tuples(st.floats(-180, 180), st.floats(-89, 89))


def test_places_of_two_frames_have_no_distance() -> None:
    here, there = Frame(lon=-30, lat=5), Frame(lon=-30.001, lat=5)
    assert LocalXY(0, 0, here).distance(LocalXY(3, 4, here)) == 5
    with pytest.raises(FrameError, match="frame"):
        LocalXY(0, 0, here).distance(LocalXY(3, 4, there))


@given(_DEGREES)
def test_a_frame_about_a_place_is_written_and_read_exactly(place: tuple[float, float]) -> None:
    frame = Frame.about(place)
    assert Frame.model_validate_json(frame.model_dump_json()) == frame
    assert frame.origin == LonLat(frame.lon, frame.lat)
    assert abs(frame.lon - place[0]) <= 5.1e-7 and abs(frame.lat - place[1]) <= 5.1e-7


@pytest.mark.parametrize(("lon", "lat"), [(181, 0), (0, 91), (float("nan"), 0)])
def test_a_frame_lies_on_the_earth(lon: float, lat: float) -> None:
    with pytest.raises(ValidationError):
        Frame(lon=lon, lat=lat)
