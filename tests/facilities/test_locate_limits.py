"""What locate does with statements nobody can have meant, with places at the ends of the map, and with outliers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, Polygon

from geoinv.errors import FieldError, GeoinvError, RefusalError
from geoinv.facilities.locate import locate, posterior
from geoinv.facilities.locate_cells import densest
from geoinv.facilities.locate_globe import on_globe
from geoinv.facilities.locate_mixture import log_sum
from geoinv.geometry.frames import to_local, xy_to_local, xy_to_lonlat
from geoinv.records.places import Frame
from geoinv.records.testimony import Statements

FRAME = Frame(lon=-150.0, lat=25.0)  # open ocean; everything here is fictional
MARKS: dict[str, Any] = {
    "bridge": {"type": "Point", "coordinates": [-150.0, 25.0]},
    "river": {"type": "LineString", "coordinates": [[-151.0, 25.0], [-149.0, 25.0]]},
}

FLAT = {"type": "Polygon", "coordinates": [[[-150.0, 25.0]] * 4]}


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
        ([told("area", polygon=FLAT), pin("a", at(0, 0))], "statement area, polygon: this outline encloses nothing"),
        ([told("side", landmark="dot", side="N"), pin("a", at(0, 0))], "the line dot has no length"),
    ],
)
def test_what_nobody_can_have_meant_is_refused_with_its_place(bad: list[dict[str, Any]], what: str) -> None:
    with pytest.raises(FieldError, match=what):
        locate(said(*bad, dot={"type": "LineString", "coordinates": [[-150.0, 25.0], [-150.0, 25.0]]}))


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


def test_left_of_what_is_no_line_is_told_and_not_used() -> None:
    location = locate(said(pin("a", at(0, 0)), told("side", landmark="bridge", side="left")))
    assert "side was not used: bridge is no line and has no left and right." in location.diagnostics.notes


def test_an_outline_that_crosses_itself_encloses_what_lies_in_its_loops() -> None:
    bow = [at(-900, -900), at(900, 900), at(900, -900), at(-900, 900), at(-900, -900)]
    location = locate(said(told("area", polygon={"type": "Polygon", "coordinates": [bow]})))
    east, north = xy_to_local(FRAME, np.array([location.best]))[0]
    assert abs(east) < 1200 and abs(north) < 1200


EXCLUSIVE = (
    [told("from", landmark="bridge", direction="N", distance_m=900),
     {**told("from", landmark="bridge", direction="S", distance_m=9000), "id": "other", "witness": "w-other"}],
    [told("walk", landmark="bridge", minutes=5),
     {**told("walk", landmark="bridge", minutes=300), "id": "other", "witness": "w-other"}],
    [told("near", landmark="bridge", distance_m=200),
     {**told("near", landmark="bridge", distance_m=2000, negated=True), "id": "other", "witness": "w-other"}],
    [told("area", place="here"), {**told("area", place="there"), "id": "other", "witness": "w-other"}],
    [pin("a", at(0, 0), 20), pin("b", at(0, 4000), 20), pin("c", at(4000, 0), 20), pin("d", at(4000, 4000), 20)],
)  # fmt: skip


@pytest.mark.parametrize("both", EXCLUSIVE, ids=["from", "walk", "denied", "areas", "four corners"])
def test_statements_that_exclude_each_other_wholly_are_named_and_none_is_believed_alone(both: list[Any]) -> None:
    here, there = (
        {"type": "Polygon", "coordinates": [[[w, 25.0], [w + 0.02, 25.0], [w + 0.02, 25.02], [w, 25.02], [w, 25.0]]]}
        for w in (-150.3, -149.7)
    )
    location = locate(said(*both, here=here, there=there))
    named = {frozenset((one.first, one.second)) for one in location.diagnostics.conflicts}
    assert len(named) >= len(both) - 1
    worth = [one.probability_valid for one in location.diagnostics.statements]
    # What is denied says little: at most that half of the places are left.
    assert max(worth) < (0.97 if any(one.get("negated") for one in both) else 0.8)
    assert location.region(0.9).geometry.contains(Point(location.best))


def test_of_two_distances_that_exclude_each_other_the_farther_is_not_believed_for_its_greater_area() -> None:
    far = {**told("from", landmark="bridge", direction="S", distance_m=9000), "id": "far", "witness": "w-far"}
    found = locate(said(told("from", landmark="bridge", direction="N", distance_m=900), far))
    assert all(0.15 < one.probability_valid < 0.8 for one in found.diagnostics.statements)
    assert found.diagnostics.expected_error_m > 3000  # and it is said how little is known


def test_the_density_widens_with_the_evidence_of_misfit_and_only_there() -> None:
    def breadths(apart: float) -> tuple[float, float, float]:
        turns = np.linspace(0, 2 * np.pi, 7)[:-1]
        pins = [pin(f"{n}", at(apart * np.sin(t), apart * np.cos(t)), 60) for n, t in enumerate(turns)]
        found = posterior(said(*pins))
        plain = log_sum(found.mixture.joint(found.terms), axis=0)
        plain = plain - float(log_sum(plain + found.cells.log_area))
        chosen = densest(plain, found.cells, 0.9)
        return found.region(0.9).area, float((found.cells.size[chosen] ** 2).sum()), found.inflation or 0.0

    agreed, plain, factor = breadths(40.0)
    assert factor < 2 and agreed == pytest.approx(plain, rel=0.05)
    strewn, plain, factor = breadths(400.0)
    assert factor > 3 and strewn > 1.1 * plain


@given(st.lists(st.sampled_from(range(14)), min_size=1, max_size=6), st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_whatever_is_said_is_placed_or_refused_in_words(kinds: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    marks = {"bridge": _SHAPES[int(rng.integers(len(_SHAPES)))], "river": _SHAPES[int(rng.integers(len(_SHAPES)))]}
    items = [{**_ANYTHING[kind], "id": f"s{n}", "witness": f"w{rng.integers(3)}"} for n, kind in enumerate(kinds)]
    try:
        location = locate(said(*items, **marks))
    except GeoinvError as refused:
        assert len(str(refused)) > 20
        return
    assert location.region(0.9).area_m2 >= location.region(0.5).area_m2 > 0
    assert all(0 <= one.probability_valid <= 1 for one in location.diagnostics.statements)


_SHAPES: list[dict[str, Any]] = [
    {"type": "Point", "coordinates": [-150.0, 25.0, 30.0]},
    {"type": "Point", "coordinates": [179.999, 25.0]},
    {"type": "LineString", "coordinates": [[-150.02, 25.0], [-149.98, 25.01]]},
    {"type": "LineString", "coordinates": [[-150.0, 25.0], [-150.0, 25.0]]},
    {"type": "LineString", "coordinates": [[-150.0, 25.0], [-150.01, 25.01], [-150.0, 25.0]]},
    {"type": "MultiLineString", "coordinates": [[[-150.0, 25.0], [-150.01, 25.0]], [[-150.2, 25.0], [-150.0, 25.1]]]},
    {"type": "Polygon", "coordinates": [[[-150.01, 25.0], [-150, 25.01], [-150.01, 25.01], [-150, 25], [-150.01, 25]]]},
    FLAT,
]
_ANYTHING: list[dict[str, Any]] = [
    {"kind": "pin", "point": [-150.0, 25.0], "radius_m": 0.01},
    {"kind": "pin", "point": [-150.02, 25.01], "radius_m": 90_000.0, "of": "Kitchen"},
    {"kind": "pin", "point": [-150.01, 25.0]},
    {"kind": "published", "point": [-150.01, 25.0], "decimals": 0, "source": "a list"},
    {"kind": "area", "polygon": FLAT},
    {"kind": "area", "polygon": _SHAPES[6]},
    {"kind": "area", "place": "river"},
    {"kind": "from", "landmark": "bridge", "direction": 720, "distance_m": [200, 100], "by": "path"},
    {"kind": "from", "landmark": "river", "distance_m": 999_999},
    {"kind": "walk", "landmark": "bridge", "minutes": [20, 5], "negated": True},
    {"kind": "side", "landmark": "river", "side": "SE"},
    {"kind": "sees", "landmark": "bridge", "negated": True},
    {"kind": "near", "landmark": "river"},
    {"kind": "between", "landmarks": ["bridge", "river"]},
]


def test_leaving_out_a_doubtful_statement_does_not_make_things_worse_than_a_good_one() -> None:
    good = [pin("a", at(0, 0)), pin("b", at(100, 50)), pin("c", at(-80, 120))]
    worth = {one.id: one for one in locate(said(*good, pin("far", at(30_000, 0)))).diagnostics.statements}
    assert (worth["far"].shift_without_m or 0.0) < 50
    assert (worth["a"].expected_error_without_m or 0.0) > (worth["far"].expected_error_without_m or 0.0)
