"""What locate promises: it resists wrong statements, admits what it does not know, and says who disagrees."""

import json
import math

import numpy as np
import pytest
from shapely.geometry import Point, Polygon, shape

from geoinv.errors import FieldError, RefusalError
from geoinv.facilities.locate import locate, posterior
from geoinv.facilities.locate_cells import Cells, densest, seeded_cells, spatial_median, split
from geoinv.facilities.locate_io import location_geojson, location_of
from geoinv.facilities.locate_kernels import pin_log_density
from geoinv.geometry.frames import xy_to_local, xy_to_lonlat
from geoinv.records.places import Frame
from geoinv.records.testimony import Statements

FRAME = Frame(lon=-30.0, lat=-20.0)  # open ocean; everything here is fictional


def at(east: float, north: float) -> list[float]:
    lon, lat = xy_to_lonlat(FRAME, np.array([[east, north]]))[0]
    return [float(lon), float(lat)]


def pin(witness: str, east: float, north: float, radius: float | None = 800, **more: object) -> dict[str, object]:
    return {
        "id": f"p-{witness}",
        "witness": witness,
        "kind": "pin",
        "point": at(east, north),
        "radius_m": radius,
        **more,
    }


def said(*statements: dict[str, object], marks: dict[str, object] | None = None, dependent: tuple = ()) -> Statements:
    return Statements.read({"landmarks": marks or {}, "statements": list(statements), "dependent": list(dependent)})


def best_xy(location: object) -> np.ndarray:
    return xy_to_local(FRAME, np.array([location.best], dtype=float))[0]


CLUSTER = (pin("w1", 100, 0), pin("w2", -200, 150), pin("w3", 50, -250), pin("w4", 0, 300))


def test_one_wild_pin_hardly_moves_the_place_and_is_the_doubtful_one() -> None:
    location = locate(said(*CLUSTER, pin("w5", 15_000, 4_000)))
    assert np.hypot(*best_xy(location)) < 400
    worth = {s.id: s.probability_valid for s in location.diagnostics.statements}
    assert worth["p-w5"] < 0.2 < 0.7 < min(worth[f"p-w{i}"] for i in (1, 2, 3, 4))
    wild = [c for c in location.diagnostics.conflicts if "p-w5" in (c.first, c.second)]
    assert len(wild) == 4 and "km apart" in wild[0].why and "p-w5 is the more doubtful" in wild[0].why


def test_regions_widen_when_witnesses_disagree_more_than_they_should() -> None:
    near = locate(said(*(pin(f"w{i}", 100 * i, 0, 300) for i in range(4))))
    far = locate(said(*(pin(f"w{i}", 900 * i, 500 * (-1) ** i, 300) for i in range(4))))
    assert far.region(0.9).area_m2 > 3 * near.region(0.9).area_m2
    assert far.diagnostics.expected_error_m > near.diagnostics.expected_error_m


def test_regions_are_nested_and_hold_their_share() -> None:
    found = posterior(said(*CLUSTER))
    assert found.mass.sum() == pytest.approx(1)
    half, most = found.region(0.5), found.region(0.9)
    assert most.buffer(1).covers(half)
    inside = np.array([most.covers(Point(xy)) for xy in found.cells.centre])
    assert found.mass[inside].sum() == pytest.approx(0.9, abs=0.02)


def test_a_distance_and_direction_pull_towards_the_landmark() -> None:
    marks = {"bridge": {"type": "Point", "coordinates": at(0, 0)}}
    told = {"id": "f", "witness": "w9", "kind": "from", "landmark": "bridge", "direction": "NE", "distance_m": 2000}
    location = locate(said(told, marks=marks))
    east, north = best_xy(location)
    assert abs(math.degrees(math.atan2(east, north)) - 45) < 12
    assert 1200 < math.hypot(east, north) < 3500


@pytest.mark.parametrize(("side", "sign"), [("N", 1), ("S", -1), ("left", 1), ("right", -1)])
def test_a_side_of_a_river_decides_between_two_banks(side: str, sign: int) -> None:
    marks = {"river": {"type": "LineString", "coordinates": [at(-9000, 0), at(9000, 200)]}}
    told = {"id": "s", "witness": "w2", "kind": "side", "landmark": "river", "side": side}
    _, north = best_xy(locate(said(pin("w1", 0, 0, 1000), told, marks=marks)))
    assert sign * north > 200


@pytest.mark.parametrize("negated", [False, True])
def test_what_was_not_seen_pushes_away_and_what_was_seen_pulls(negated: bool) -> None:
    marks = {"chimney": {"type": "Point", "coordinates": at(3500, 0)}}
    told = {"id": "s", "witness": "w2", "kind": "sees", "landmark": "chimney", "negated": negated}
    plain = best_xy(locate(said(pin("w1", 0, 0, 2500))))[0]
    moved = best_xy(locate(said(pin("w1", 0, 0, 2500), told, marks=marks)))[0]
    assert (moved < plain) if negated else (moved > plain)


def test_every_kind_of_statement_is_used() -> None:
    marks = {
        "bridge": {"type": "Point", "coordinates": at(1000, 0)},
        "mill": {"name": "Mill", "geometry": {"type": "Point", "coordinates": at(-1000, 0)}},
    }
    ring = [at(-800, -800), at(800, -800), at(800, 800), at(-800, 800), at(-800, -800)]
    others = [
        {"kind": "area", "polygon": {"type": "Polygon", "coordinates": [ring]}},
        {"kind": "walk", "landmark": "bridge", "minutes": [10, 15]},
        {"kind": "near", "landmark": "mill", "distance_m": 1200},
        {"kind": "between", "landmarks": ["bridge", "mill"]},
        {"kind": "sees", "landmark": "mill"},
        {"kind": "published", "point": at(300, 0), "decimals": 2, "source": "a list"},
        {"kind": "from", "landmark": "mill", "direction": 90, "by": "path", "distance_m": 1100},
        {"kind": "side", "landmark": "mill", "side": "E"},
    ]
    items = [{"id": f"s{i}", "witness": f"v{i}", **other} for i, other in enumerate(others)]
    location = locate(said(pin("w1", 0, 0), *items, marks=marks))
    assert np.hypot(*best_xy(location)) < 500
    assert min(s.probability_valid for s in location.diagnostics.statements) > 0.6


def test_an_area_can_be_a_place_by_name() -> None:
    square = Polygon([at(9000, 9000), at(12_000, 9000), at(12_000, 12_000), at(9000, 12_000)])
    statements = said({"id": "a", "witness": "w1", "kind": "area", "place": "Example County"})
    location = locate(statements, places={"example county": square})
    assert square.contains(Point(location.best))
    assert location.region(0.9).area_m2 > 0.6 * 9e6  # an honest extent, not a centroid


def test_witnesses_with_one_source_count_less_than_independent_ones() -> None:
    rumour = [pin(f"r{i}", 6000 + 60 * i, 0, 600) for i in range(3)]
    others = [pin("w1", 0, 0, 600), pin("w2", 200, 300, 600)]
    free = posterior(said(*rumour, *others))
    tied = posterior(said(*rumour, *others, dependent=(("r0", "r1", "r2"),)))
    share = [
        float(p.mass[np.hypot(*(p.cells.centre - xy_to_local(p.frame, np.array([at(6000, 0)]))).T) < 2500].sum())
        for p in (free, tied)
    ]
    assert share[1] < share[0]
    assert tied.validity[0] < free.validity[0]


def test_witnesses_who_had_been_shown_the_place_count_as_having_one_source() -> None:
    rumour = [pin(f"r{i}", 6000 + 60 * i, 0, 600) for i in range(3)]
    others = [pin("w1", 0, 0, 600), pin("w2", 200, 300, 600)]
    plain = {"landmarks": {}, "statements": [*rumour, *others]}
    shown = Statements.read({**plain, "exposure": {f"r{i}": "satellite image" for i in range(3)}})
    by_statement = said(*({**one, "exposure": ["model"]} for one in rumour), *others)
    free = posterior(Statements.read(plain)).validity[0]
    assert posterior(shown).validity[0] < free and posterior(by_statement).validity[0] < free


def test_the_same_pin_twice_is_not_two_witnesses() -> None:
    once = locate(said(pin("w1", 0, 0, 500)))
    twice = locate(said(pin("w1", 0, 0, 500), {**pin("w1", 0, 0, 500), "id": "again"}))
    other = locate(said(pin("w1", 0, 0, 500), pin("w2", 0, 0, 500)))
    assert twice.region(0.9).area_m2 == pytest.approx(once.region(0.9).area_m2, rel=0.25)
    assert other.region(0.9).area_m2 < 0.7 * once.region(0.9).area_m2


def test_pins_without_a_radius_learn_their_scale_from_each_other() -> None:
    tight = locate(said(*(pin(f"w{i}", 30 * math.cos(i), 30 * math.sin(i), None) for i in range(5))))
    loose = locate(said(*(pin(f"w{i}", 900 * math.cos(i), 900 * math.sin(i), None) for i in range(5))))
    assert tight.region(0.9).area_m2 < math.pi * 120**2
    assert loose.region(0.9).area_m2 > 20 * tight.region(0.9).area_m2


def test_a_pin_of_a_building_says_less_about_the_facility() -> None:
    plain = locate(said(*(pin(f"w{i}", 5 * i, 0, 30) for i in range(3))))
    kitchen = locate(said(*(pin(f"w{i}", 5 * i, 0, 30, of="Kitchen") for i in range(3))))
    small = locate(said(*(pin(f"w{i}", 5 * i, 0, 30, of="Kitchen") for i in range(3))), extent_m=60)
    assert kitchen.region(0.9).area_m2 > small.region(0.9).area_m2 > plain.region(0.9).area_m2


def test_pins_on_both_sides_of_the_date_line_are_neighbours() -> None:
    both = Statements.read(
        {
            "statements": [
                {"id": "a", "witness": "w1", "kind": "pin", "point": [179.999, -10.0], "radius_m": 300},
                {"id": "b", "witness": "w2", "kind": "pin", "point": [-179.999, -10.0], "radius_m": 300},
            ]
        }
    )
    assert locate(both).diagnostics.expected_error_m < 800


def test_leaving_a_witness_out_moves_the_place_as_said() -> None:
    statements = said(*CLUSTER, pin("w5", 900, 0, 300))
    worth = {w.id: w.shift_without_m for w in locate(statements).diagnostics.witnesses}
    without = locate(said(*CLUSTER))
    moved = float(np.hypot(*(best_xy(without) - best_xy(locate(statements)))))
    assert worth["w5"] == pytest.approx(moved, abs=0.3 * moved + 25)


def test_same_statements_same_bytes_and_back_again() -> None:
    location = locate(said(*CLUSTER, pin("w5", 9000, 0)))
    again = locate(said(*CLUSTER, pin("w5", 9000, 0)))
    text = json.dumps(location_geojson(location), sort_keys=True)
    assert text == json.dumps(location_geojson(again), sort_keys=True)
    assert location_of(json.loads(text)) == location


def test_the_file_holds_a_best_point_and_two_regions() -> None:
    data = location_geojson(locate(said(*CLUSTER)))
    kinds = [(f["properties"]["kind"], f["properties"].get("level")) for f in data["features"]]
    assert kinds == [("best", None), ("region", 0.5), ("region", 0.9)]
    assert shape(data["features"][2]["geometry"]).is_valid
    assert set(data["diagnostics"]) == {"statements", "witnesses", "conflicts", "expected_error_m", "notes"}


@pytest.mark.parametrize(
    "data", [{}, {"features": []}, {"features": [{"properties": {"kind": "best"}, "geometry": None}]}]
)
def test_a_file_that_is_no_location_is_refused_in_words(data: dict) -> None:
    with pytest.raises(FieldError, match=r"l\.geojson"):
        location_of(data, file="l.geojson")


def test_nothing_that_ties_to_a_place_is_refused() -> None:
    with pytest.raises(RefusalError, match="add a pin"):
        locate(said())
    with pytest.raises(RefusalError):
        locate(said({"id": "a", "witness": "w1", "kind": "area", "place": "nowhere known"}))


def test_a_side_that_is_no_compass_point_is_refused_in_words() -> None:
    marks = {"river": {"type": "LineString", "coordinates": [at(0, 0), at(1, 1)]}}
    bad = {"id": "s7", "witness": "w1", "kind": "side", "landmark": "river", "side": "upstairs"}
    with pytest.raises(FieldError, match="statement s7"):
        locate(said(pin("w1", 0, 0), bad, marks=marks))


def test_raster_holds_the_same_probability() -> None:
    found = posterior(said(*CLUSTER))
    x, y = found.best()
    grid = found.raster((x - 4000, y - 4000, x + 4000, y + 4000), 20.0)
    assert grid.shape == (400, 400)
    assert grid.sum() * 400 == pytest.approx(1, abs=0.1)


def test_pin_kernel_is_a_density() -> None:
    r = np.linspace(0, 60_000, 300_001)
    density = np.exp(pin_log_density(r, 500.0, 60.0))
    assert float(np.sum(density * 2 * np.pi * r) * (r[1] - r[0])) == pytest.approx(1, abs=2e-3)


def test_splitting_keeps_the_area_and_densest_is_smallest() -> None:
    cells = seeded_cells((0, 0, 1000, 500), np.array([[200.0, 200.0]]), np.array([10.0]))
    assert np.exp(cells.log_area).sum() == pytest.approx(1000 * 500, rel=0.11)
    finer = split(cells, cells.size == cells.size.max())
    assert np.exp(finer.log_area).sum() == pytest.approx(np.exp(cells.log_area).sum())
    flat = Cells(np.zeros((3, 2)), np.array([1.0, 1.0, 2.0]))
    assert densest(np.log([0.5, 0.3, 0.05]), flat, 0.7).tolist() == [True, True, False]


def test_spatial_median_withstands_one_far_point() -> None:
    points = np.array([[0.0, 0], [1, 0], [0, 1], [1, 1], [1e6, 1e6]])
    assert np.hypot(*spatial_median(points, np.ones(5), floor=0.01)) < 3


def test_coverage_and_error_on_random_worlds() -> None:
    """Twenty worlds with a quarter of wrong witnesses: regions cover, and the place is better than the pins' median."""
    rng = np.random.default_rng(11)
    errors, plain, covered = [], [], 0
    for _ in range(20):
        pins = []
        for w in range(6):
            radius = float(np.exp(rng.normal(7, 0.4)))
            error = rng.normal(0, radius / 1.5 * math.exp(rng.normal(0.4, 0.5)), 2)
            wrong = rng.random() < 0.25
            pins.append(pin(f"w{w}", *(rng.normal(0, 5000, 2) if wrong else error), radius))
        found = posterior(said(*pins))
        truth = xy_to_local(found.frame, np.array([at(0, 0)]))[0]
        errors.append(float(np.hypot(*(found.best() - truth))))
        xy = xy_to_local(FRAME, np.array([p["point"] for p in pins]))
        plain.append(float(np.hypot(*spatial_median(xy, np.ones(6), floor=1.0))))
        covered += found.region(0.9).contains(Point(truth))
    assert covered >= 14  # the 1 % quantile of 20 draws at a coverage of .86
    assert np.median(errors) < np.median(plain)
