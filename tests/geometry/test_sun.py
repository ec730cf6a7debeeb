"""The sun stands where almanacs and reference algorithms say."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoinv.errors import InputError
from geoinv.geometry.sun import sun_position


def test_the_worked_example_of_the_reference_algorithm_is_met():
    # Reda & Andreas, Solar Position Algorithm, NREL/TP-560-34302 (2008), appendix A.5:
    # zenith 50.11162°, azimuth 194.34024°.
    when = datetime(2003, 10, 17, 12, 30, 30, tzinfo=timezone(timedelta(hours=-7)))
    azimuth, elevation = sun_position(-105.1786, 39.742476, when)
    assert azimuth == pytest.approx(194.34024, abs=0.01)
    assert 90 - elevation == pytest.approx(50.11162, abs=0.01)


def test_the_sun_is_overhead_where_the_almanac_puts_it():
    # Meeus, example 25.a: 1992-10-13 0h TD (59 s before that in UT), right ascension 198.38083°, declination −7.78507°;
    # mean sidereal time at Greenwich 0h UT on that day is 21.8013° by his formula (12.3) worked by hand.
    when = datetime(1992, 10, 12, 23, 59, 1, tzinfo=UTC)
    sidereal = 21.8013 - 59 * 360.98565 / 86400
    assert sun_position(198.38083 - sidereal - 360, -7.78507, when).elevation > 89.985


@pytest.mark.parametrize(
    ("when", "declination"),
    [
        # Instants of equinoxes and solstices as published by the US Naval Observatory.
        (datetime(2020, 3, 20, 3, 50, tzinfo=UTC), 0.0),
        (datetime(2020, 6, 20, 21, 44, tzinfo=UTC), 23.4366),
        (datetime(2020, 9, 22, 13, 31, tzinfo=UTC), 0.0),
        (datetime(2020, 12, 21, 10, 2, tzinfo=UTC), -23.4366),
    ],
)
def test_equinoxes_and_solstices_fall_when_published(when, declination):
    # At the pole the true elevation is the declination; refraction (here from published tables) lifts the horizon.
    found = sun_position(0, 90 if declination >= 0 else -90, when).elevation
    lift = 0.49 if abs(declination) < 1 else 0.04
    assert found == pytest.approx(abs(declination) + lift, abs=0.03)


@given(st.floats(-179, 179), st.floats(-60, 60), st.integers(-631152000, 3786912000))
def test_the_other_side_of_the_globe_sees_the_sun_mirrored(lon, lat, seconds):
    when = datetime.fromtimestamp(seconds, UTC)  # 1950 to 2089
    here, there = sun_position(lon, lat, when), sun_position(lon + 180 if lon < 0 else lon - 180, -lat, when)
    up, down = here.direction(), there.direction()
    # Refraction lifts both: by half a degree each on the horizon, by next to nothing high up.
    assert -1e-9 <= here.elevation + there.elevation <= (1.1 if abs(here.elevation) < 5 else 0.2)
    assert math.hypot(*up) == pytest.approx(1)
    assert abs(up[2] + down[2]) < 0.02


def test_mornings_are_east_and_noon_is_highest():
    day = [sun_position(0, 45, datetime(2021, 5, 5, hour, tzinfo=UTC)) for hour in range(5, 20)]
    assert day[1].azimuth < 120 and day[-2].azimuth > 240
    assert max(range(15), key=lambda i: day[i].elevation) == 7


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(InputError, match="no zone"):
        sun_position(0, 0, datetime(2021, 5, 5))  # noqa: DTZ001
    with pytest.raises(InputError, match="not a place"):
        sun_position(0, 99, datetime(2021, 5, 5, tzinfo=UTC))
