"""What locate does with statements nobody can have meant, with places at the ends of the map, and with outliers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from shapely.geometry import Point, Polygon

from geoinv.errors import FieldError, GeoinvError, RefusalError
from geoinv.facilities.locate import locate, posterior
from geoinv.facilities.locate_globe import on_globe
from geoinv.geometry.frames import to_local, xy_to_local, xy_to_lonlat
from geoinv.records.places import Frame
from geoinv.records.testimony import Statements

FRAME = Frame(lon=-150.0, lat=25.0)  # open ocean; everything here is fictional
MARKS: dict[str, Any] = {
    "bridge": {"type": "Point", "coordinates": [-150.0, 25.0]},
    "river": {"type": "LineString", "coordinates": [[-151.0, 25.0], [-149.0, 25.0]]},
}


def at(east: float, north: float) -> list[float]:
    lon, lat = xy_to_lonlat(FRAME, np.array([[east, north]]))[0]
    return [float(lon), float(lat)]


def pin(name: str, point: list[float], radius: float | None = 500) -> dict[str, Any]:
    return {"id": name, "witness": f"w-{name}", "kind": "pin", "point": point, "radius_m": radius}


def told(kind: str, **more: Any) -> dict[str, Any]:
    return {"id": kind, "witness": f"w-{kind}", "kind": kind, **more}


def said(*statements: dict[str, Any], **marks: Any) -> Statements:
    return Statements.read({"landmarks": {**MARKS, **marks}, "statements": list(statements)}, file="s.json")


def test_a_pin_hundreds_of_kilometres_off_cannot_win_however_few_the_others() -> None:
    near = [pin("a", at(0, 0)), pin("b", at(300, 200))]
    for far in (80_000.0, 300_000.0, 900_000.0):
        location = locate(said(*near, pin("far", at(far, far / 3))))
        assert float(np.hypot(*xy_to_local(FRAME, np.array([location.best]))[0])) < 800
        worth = {one.id: one.probability_valid for one in location.diagnostics.statements}
        assert worth["far"] < 0.05 < 0.6 < worth["a"]


def test_an_outlier_makes_no_difference_to_the_region_of_the_others() -> None:
    near = [pin("a", at(0, 0)), pin("b", at(300, 200)), pin("c", at(-250, 100))]
    alone, with_far = locate(said(*near)), locate(said(*near, pin("far", at(4e5, 0))))
    assert with_far.region(0.9).area_m2 == pytest.approx(alone.region(0.9).area_m2, rel=0.35)


def test_one_far_pin_against_one_landmark_loses() -> None:
    statements = said(pin("a", at(500, 100)), pin("far", at(5e5, 0)), told("near", landmark="bridge", distance_m=900))
    assert float(np.hypot(*xy_to_local(FRAME, np.array([locate(statements).best]))[0])) < 1500


def test_two_pins_that_exclude_each_other_are_two_rival_places_and_the_best_point_lies_in_one() -> None:
    location = locate(said(pin("a", at(0, 0), 100), pin("b", at(200_000, 0), 100)))
    assert location.region(0.9).geometry.contains(Point(location.best))
    assert any(note.startswith("There are 2 rival places") for note in location.diagnostics.notes)
    assert len(location.diagnostics.conflicts) == 1 and "200.0 km apart" in location.diagnostics.conflicts[0].why
    assert location.diagnostics.expected_error_m > 50_000  # and it does not pretend to know which


def test_opposite_banks_are_a_conflict_and_neither_is_believed_more() -> None:
    both = [told("side", landmark="river", side="N"), {**told("side", landmark="river", side="S"), "id": "other"}]
    both[1]["witness"] = "w-other"
    location = locate(said(pin("p", at(0, 0), 1000), *both))
    worth = {one.id: one.probability_valid for one in location.diagnostics.statements}
    assert worth["side"] == pytest.approx(worth["other"], abs=0.03)  # the river follows its parallel, not a chord
    assert len(location.diagnostics.conflicts) == 1


def test_a_province_by_name_down_to_ten_metres() -> None:
    square = {"type": "Polygon", "coordinates": [[[-155, 20], [-145, 20], [-145, 30], [-155, 30], [-155, 20]]]}
    named = told("area", place="example province")
    wide = locate(said(named, province={"name": "Example Province", "geometry": square}))
    assert wide.region(0.9).area_m2 > 5e11  # an honest extent, not a centroid
    close = [pin(name, at(east, north), 12) for name, east, north in (("a", 0, 0), ("b", 6, 4), ("c", -5, 3))]
    found = posterior(said(named, *close, province={"name": "Example Province", "geometry": square}))
    assert found.cells.size.min() < 10 < 50_000 < found.cells.size.max()
    assert found.region(0.9).area < 60**2


def test_a_place_nobody_gave_an_outline_of_is_told_and_not_guessed() -> None:
    location = locate(said(told("area", place="Nowhere"), pin("a", at(0, 0))))
    assert any("no outline of “Nowhere”" in note for note in location.diagnostics.notes)
    with pytest.raises(RefusalError, match="add a pin"):
        locate(said(told("area", place="Nowhere")))


def test_a_single_witness_is_told_of() -> None:
    location = locate(said(pin("a", at(0, 0))))
    assert any("nothing bears it out" in note for note in location.diagnostics.notes)
    assert location.region(0.9).area_m2 > 3.14 * 500**2  # a witness's own radius is not believed


def test_regions_on_the_date_line_are_cut_there_and_keep_their_area() -> None:
    location = locate(said(pin("a", [179.999, -10.0]), pin("b", [-179.999, -10.0]), pin("c", [179.995, -10.003])))
    region = location.region(0.9)
    assert region.geometry.bounds[0] < -179.9 and region.geometry.bounds[2] > 179.9
    parts = region.geometry.geoms
    assert all(part.bounds[2] - part.bounds[0] < 0.1 for part in parts)
    assert to_local(location.frame, region.geometry).area == pytest.approx(region.area_m2, rel=1e-3)
    assert region.geometry.contains(Point(location.best))


@pytest.mark.parametrize("lat", [89.9999, -90.0])
def test_a_pole_is_refused_in_words(lat: float) -> None:
    with pytest.raises(RefusalError, match="around a pole"):
        locate(said(pin("a", [10.0, lat])))
    assert locate(said(pin("a", [10.0, 88.0]))).best.lat == pytest.approx(88.0, abs=1e-3)


def test_a_hole_survives_the_cut_at_the_date_line() -> None:
    ring = Point(0, 0).buffer(3000).difference(Point(900, 500).buffer(300))
    frame = Frame(lon=179.99, lat=-10.0)
    cut = on_globe(frame, ring)
    assert cut.is_valid and to_local(frame, cut).area == pytest.approx(ring.area, rel=1e-4)


@pytest.mark.parametrize(
    ("bad", "what"),
    [
        ([pin("a", at(0, 0), 1e7)], "statement a, radius_m: 10,000 km says nothing"),
        ([told("from", landmark="bridge", distance_m=-5.0)], "statement from, distance_m: this is not a length"),
        ([told("walk", landmark="bridge", minutes=1e6)], "says nothing about a place"),
        ([told("between", landmarks=["bridge", "bridge"])], "two different landmarks"),
        ([{**pin("a", at(0, 0)), "negated": True}], "draw an area instead"),
    ],
)
def test_what_nobody_can_have_meant_is_refused_with_its_place(bad: list[dict[str, Any]], what: str) -> None:
    with pytest.raises(FieldError, match=what):
        locate(said(*bad))


@pytest.mark.parametrize("radius", [0, -3])
def test_a_radius_of_nothing_is_refused_when_read(radius: float) -> None:
    with pytest.raises(GeoinvError, match=r"s\.json.*radius_m.*greater than 0"):
        said(pin("a", at(0, 0), radius))


def test_a_landmark_named_but_not_given_is_refused_by_name() -> None:
    with pytest.raises(GeoinvError, match=r"names landmark “mill”, which is not listed"):
        said(told("from", landmark="mill", distance_m=300))
    with pytest.raises(FieldError, match="landmark empty"):
        locate(said(pin("a", at(0, 0)), empty={"type": "Point", "coordinates": []}))


@pytest.mark.parametrize(
    "vague",
    [
        told("side", landmark="river", side="N"),
        told("sees", landmark="bridge", negated=True),
        told("from", landmark="bridge", direction="N"),
    ],
)
def test_a_side_or_a_direction_alone_is_no_place(vague: dict[str, Any]) -> None:
    with pytest.raises(RefusalError, match="how far from anything"):
        locate(said(vague))


def test_opposite_ends_of_the_earth_are_refused_naming_the_statement() -> None:
    with pytest.raises(RefusalError, match=r"statement c lies 20,\d+ km"):
        locate(said(pin("a", [10, 10]), pin("b", [10.001, 10]), pin("c", [-170, -10])))


@pytest.mark.parametrize("kind", ["near", "area", "side", "from", "walk"])
def test_what_is_denied_pushes_away(kind: str) -> None:
    ring = Polygon([at(-900, -900), at(900, -900), at(900, 900), at(-900, 900)])
    more: dict[str, Any] = {
        "near": {"landmark": "bridge", "distance_m": 900},
        "area": {"polygon": {"type": "Polygon", "coordinates": [list(map(list, ring.exterior.coords))]}},
        "side": {"landmark": "river", "side": "N"},
        "from": {"landmark": "bridge", "direction": "N", "distance_m": 300},
        "walk": {"landmark": "bridge", "direction": "N", "minutes": 5},
    }[kind]
    here = pin("p", at(0, 300), 600)
    frame_box = Polygon([(-700, 50), (700, 50), (700, 700), (-700, 700)])

    def share(negated: bool) -> float:
        found = posterior(said(here, told(kind, negated=negated, **more)))
        xy = xy_to_local(FRAME, xy_to_lonlat(found.frame, found.cells.centre))
        inside = np.array([frame_box.contains(Point(place)) for place in xy])
        return float(found.mass[inside].sum())

    assert share(True) < share(False)


def test_leaving_out_a_doubtful_statement_does_not_make_things_worse_than_a_good_one() -> None:
    good = [pin("a", at(0, 0)), pin("b", at(100, 50)), pin("c", at(-80, 120))]
    worth = {one.id: one for one in locate(said(*good, pin("far", at(30_000, 0)))).diagnostics.statements}
    assert (worth["far"].shift_without_m or 0.0) < 50
    assert (worth["a"].expected_error_without_m or 0.0) > (worth["far"].expected_error_without_m or 0.0)
