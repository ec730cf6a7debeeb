"""What the checks of points promise: the errors published points have are told, honest border towns are not."""

import math

import pytest
from shapely.geometry import box

from geoinv.facilities.place_checks import check_places, coordinates_in, outside_region
from geoinv.records.places import LonLat

# Fictional regions in the open ocean.
REGIONS = {"East Reed": box(10.0, 20.0, 11.0, 21.0), "Reed": box(8.0, 20.0, 10.0, 21.0)}


@pytest.mark.parametrize(
    ("text", "lat", "lon"),
    [
        ("it lies at 42°57′10″N 129°59′E, they say", 42.95278, 129.98333),
        ("42.9528, 129.9831", 42.9528, 129.9831),
        ("42.9528N / 129.9831E", 42.9528, 129.9831),
        ("33.5° S 10.25° W", -33.5, -10.25),
        ("북위 42도 57분 10초 N 129도 59분 E", 42.95278, 129.98333),
    ],
)
def test_coordinates_are_read_as_people_write_them(text: str, lat: float, lon: float) -> None:
    found = coordinates_in(text)
    assert len(found) == 1
    assert math.isclose(found[0].lat, lat, abs_tol=1e-4) and math.isclose(found[0].lon, lon, abs_tol=1e-4)


def test_words_without_coordinates_give_none() -> None:
    assert coordinates_in("cells 3.5 by 4.25 m, 12 of them; 2019-05-01") == ()


def test_a_point_in_another_province_is_told_and_one_just_over_a_generalised_border_is_not() -> None:
    far, near = LonLat(9.0, 20.5), LonLat(9.97, 20.5)
    assert "outside East Reed" in check_places("East Reed", [("list", far, "")], regions=REGIONS)[0]
    assert check_places("East Reed", [("list", near, "")], regions=REGIONS) == ()
    assert check_places("Elsewhere", [("list", far, "")], regions=REGIONS) == ()
    # One degree of longitude at 20.5° is 104 km; 0.03° are 3.1 km.
    assert 100e3 < outside_region(far, REGIONS["East Reed"]) < 107e3


def test_swapped_coordinates_are_told_as_swapped() -> None:
    told = check_places("East Reed", [("list", LonLat(20.5, 10.5), "")], regions=REGIONS)
    assert "only if latitude and longitude are swapped" in told[0]


def test_a_text_that_gives_other_coordinates_than_the_point_is_told_with_the_distance() -> None:
    point = LonLat(129.9831, 42.9528)
    assert check_places(None, [("list", point, "about 42.95, 129.98")]) == ()
    told = check_places(None, [("list", point, "at 42.8528, 129.9831")])
    assert "11.1 km from its point" in told[0]


def test_sources_that_put_it_far_apart_are_told_and_none_is_preferred() -> None:
    told = check_places(None, [("a", LonLat(10.0, 20.0), ""), ("b", LonLat(10.1, 20.0), "")])
    assert "10.5 km apart" in told[0] and "kept" in told[0]


def test_korean_and_english_names_of_one_province_are_one() -> None:
    regions = {"North Hamgyong": box(128, 41, 131, 43)}
    assert check_places("함경북도 온성군", [("list", LonLat(120.0, 40.0), "")], regions=regions)
    assert check_places("Hamgyeongbuk-do", [("list", LonLat(120.0, 40.0), "")], regions=regions)
