"""Few points: every way of pairing is weighed by its marginal likelihood, and none is missed."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pytest
from scipy.special import gammaln
from shapely import affinity
from shapely.geometry import Point

from geoinv.facilities.match import match, problem_of
from geoinv.facilities.match_bend import covariance
from geoinv.facilities.match_evidence import Problem
from geoinv.facilities.match_few import _evidence, few_ways, is_few
from geoinv.facilities.match_items import ground_of
from geoinv.geometry.frames import to_lonlat
from geoinv.records.drawings import Sketch, SketchElement, Tie
from geoinv.records.places import Frame

FRAME = Frame(lon=-29.0, lat=-8.0)
SPOTS = [(0, 0), (30, 4), (62, 0), (5, 28), (47, 31), (64, 26), (20, 60)]


def _table(spots) -> gpd.GeoDataFrame:
    shapes = [to_lonlat(FRAME, Point(*spot)) for spot in spots]
    return gpd.GeoDataFrame({"id": [f"c{k}" for k in range(len(spots))]}, geometry=shapes, crs="EPSG:4326")


def _sketch(spots, noise=0.0, seed=1) -> Sketch:
    moved = np.asarray(spots, float) + np.random.default_rng(seed).normal(0, noise or 1e-9, (len(spots), 2))
    points = [affinity.rotate(Point(*spot), 75, origin=(0, 0)) for spot in moved * 3.0]
    return Sketch(
        name="rooms.geojson",
        elements=tuple(SketchElement(id=f"b{k}", role="building", geometry=one) for k, one in enumerate(points)),
    )


def _problem(sketch: Sketch, spots, **known) -> Problem:
    return problem_of(sketch, ground_of(_table(spots), FRAME), FRAME, **known)


def test_a_ways_weight_is_the_students_law_of_what_no_similarity_explains():
    rng = np.random.default_rng(4)
    unit = rng.normal(size=5) + 1j * rng.normal(size=5)
    unit -= unit.mean()
    unit /= math.sqrt((np.abs(unit) ** 2).mean())
    basis = np.stack([unit, np.ones(5)], axis=1)
    cover = covariance(unit, 0.20, 0.15, 0.9) + 0.12**2 * np.eye(5)
    across = np.linalg.svd(basis)[0][:, 2:]  # contrasts that a similarity leaves at nothing
    weight = np.linalg.solve(cover, basis)
    rows, expected = [], []
    for _ in range(4):
        there = 12.0 * unit * np.exp(0.4j) + rng.normal(size=5) + 1j * rng.normal(size=5)
        radius = abs(np.linalg.solve(np.conj(basis).T @ weight, np.conj(weight).T @ there)[0])
        left = np.conj(across).T @ there / radius
        spread = np.conj(across).T @ cover @ across
        strain = (np.conj(left) @ np.linalg.solve(spread, left)).real
        law = gammaln(6.0) - gammaln(3.0) - 3 * math.log(math.pi * 6 * 1.25**2) - np.linalg.slogdet(spread)[1]
        law -= 6.0 * math.log1p(strain / (6 * 1.25**2)) + 6 * math.log(radius / 12.0)
        rows.append(there)
        expected.append(law - 0.5 * (math.log(radius / 12.0) / 0.5) ** 2)
    found = _evidence(unit, np.array(rows), 12.0)
    # Contrasts and the trend share their volume with the basis' own, which no way changes.
    constant = np.linalg.slogdet(np.conj(basis).T @ basis)[1]
    assert found == pytest.approx(np.array(expected) - constant, rel=1e-6)


def test_every_way_counts_once_and_the_drawn_one_weighs_most():
    problem = _problem(_sketch(SPOTS[:5]), SPOTS[:5])
    ways = few_ways(problem)
    pairs = [
        tuple(int(near[share > 0][0]) if share.any() else -1 for near, share in zip(*one, strict=True))
        for one in zip(ways.settled.near, ways.settled.share, strict=True)
    ]
    # All five, any four and any three of the five: 120 + 5·120 + 10·60 ways, of which the likeliest are kept.
    assert len(pairs) == len(set(pairs)) == 400
    assert pairs[0] == (0, 1, 2, 3, 4)
    assert (np.diff(ways.weight) <= 0).all()


def test_rooms_drawn_from_memory_are_found():
    found = match(_table(SPOTS), [_sketch(SPOTS, noise=3.0)])
    pairs = {p.sketch[0]: p.candidates[0] for p in found.placements[0].sketches["rooms.geojson"].pairs}
    assert pairs == {f"b{k}": f"c{k}" for k in range(len(SPOTS))}
    assert found.none_probability < 0.5


def test_what_a_person_refused_is_in_no_way():
    problem = _problem(_sketch(SPOTS), SPOTS, refused=[Tie(sketch="rooms.geojson", element="b2", candidate="c2")])
    ways = few_ways(problem)
    heavy = ways.weight > ways.weight[0] - 30
    assert not (ways.settled.share * (ways.settled.near == 2))[heavy, 2].any()


def test_points_in_a_regular_row_are_no_sure_guess():
    row = [(20.0 * k, 0.0) for k in range(6)]
    found = match(_table(row), [_sketch(row)])
    assert all(one.probability <= 0.5 for one in found.placements)
    assert found.placements[1].probability > 0.3


def test_many_points_and_a_persons_ties_are_searched_instead():
    many = [(13.0 * k, 7.0 * (k * k % 11)) for k in range(12)]
    assert is_few(_problem(_sketch(SPOTS), SPOTS))
    assert not is_few(_problem(_sketch(many), many))
    assert not is_few(_problem(_sketch(SPOTS[:2]), SPOTS))
    assert not is_few(_problem(_sketch(SPOTS), SPOTS, ties=[Tie(sketch="rooms.geojson", element="b0", candidate="c0")]))
