"""What walking, recalled ways and published coordinates say of a distance, against sums worked out independently."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import lognorm
from shapely.geometry import Point

from geoinv.facilities.locate import locate
from geoinv.facilities.locate_kernels import Ground, relation
from geoinv.geometry.frames import xy_to_lonlat
from geoinv.records.places import Frame
from geoinv.records.testimony import Statements

FRAME = Frame(lon=-150.0, lat=25.0)  # open ocean; everything here is fictional
AWAY = np.geomspace(50.0, 20_000.0, 400)


def _kernel(**said: Any) -> NDArray[np.float64]:
    """Log ratio of a statement about a bridge at 0, 0 over places due east of it."""
    told = Statements.read(
        {
            "landmarks": {"bridge": {"type": "Point", "coordinates": [FRAME.lon, FRAME.lat]}},
            "statements": [{"id": "s", "witness": "w", "landmark": "bridge", **said}],
        }
    )
    ground = Ground(np.column_stack([AWAY, np.zeros_like(AWAY)]), 100.0, {"bridge": Point(0, 0)}, {})
    found = relation(told.statements[0], ground)
    assert found is not None
    return found.kernel


def _mode(kernel: NDArray[np.float64]) -> float:
    return float(AWAY[kernel.argmax()])


def _breadth(kernel: NDArray[np.float64]) -> float:
    """Log of farthest to nearest place that is at most e times less likely than the likeliest."""
    likely = AWAY[kernel > kernel.max() - 1]
    return float(np.log(likely[-1] / likely[0]))


def test_a_walk_allows_for_slow_walkers_and_detours_and_not_for_runners() -> None:
    walk = _kernel(kind="walk", minutes=30)
    pace, detour = 1.25, 1.2
    assert 0.6 < _mode(walk) / (30 * 60 * pace / detour) < 1.2
    slow, running = 30 * 60 * 0.5 / 1.5, 30 * 60 * 3.0
    assert np.interp(slow, AWAY, walk) > walk.max() - 4.5
    assert np.interp(running, AWAY, walk) < np.interp(slow, AWAY, walk) - 1


def test_a_walk_is_the_mean_over_paces_and_detours_of_what_each_would_say() -> None:
    paces = dict(zip((0.5, 0.75, 1.0, 1.25, 1.5), (0.06, 0.12, 0.24, 0.38, 0.20), strict=True))
    detours = dict(zip((1.0, 1.2, 1.5), (0.35, 0.40, 0.25), strict=True))
    each = [
        p * d * lognorm.pdf(AWAY, s=0.3, scale=60 * 30 * pace / detour) * AWAY
        for pace, p in paces.items()
        for detour, d in detours.items()
    ]
    # Against any distance within five natural logarithms.
    assert np.exp(_kernel(kind="walk", minutes=30)) == pytest.approx(5.0 * np.sum(each, axis=0), rel=1e-6, abs=1e-9)


def test_walking_tells_less_than_the_distance_it_comes_to() -> None:
    assert _breadth(_kernel(kind="walk", minutes=30)) > 1.1 * _breadth(_kernel(kind="from", distance_m=1875))


def test_a_range_of_minutes_tells_less_than_its_middle() -> None:
    wide = _kernel(kind="walk", minutes=[10, 90])
    assert _breadth(wide) > _breadth(_kernel(kind="walk", minutes=30)) * 1.2
    assert 0.85 < _mode(wide) / _mode(_kernel(kind="walk", minutes=30)) < 1.15


def test_a_recalled_way_is_longer_than_said_and_shorter_as_the_crow_flies() -> None:
    way, air = _kernel(kind="from", distance_m=1000, by="path"), _kernel(kind="from", distance_m=1000, by="air")
    assert _mode(air) == pytest.approx(1000, rel=0.02)
    # 23 % short in the mean, and 1 to 1.5 times as long as the crow flies.
    assert 1000 / 0.77 / 1.5 < _mode(way) < 1000 / 0.77
    assert _breadth(way) > _breadth(air)


@pytest.mark.parametrize("letters", ["N", "NE", "NNE"])
def test_a_compass_word_leaves_open_what_its_letters_do(letters: str) -> None:
    turn = np.radians(np.linspace(-180, 180, 721))
    bearing = np.radians({"N": 0.0, "NE": 45.0, "NNE": 22.5}[letters])
    places = 1000 * np.column_stack([np.sin(bearing + turn), np.cos(bearing + turn)])
    told = Statements.read(
        {
            "landmarks": {"bridge": {"type": "Point", "coordinates": [FRAME.lon, FRAME.lat]}},
            "statements": [{"id": "s", "witness": "w", "kind": "from", "landmark": "bridge", "direction": letters}],
        }
    )
    found = relation(told.statements[0], Ground(places, 100.0, {"bridge": Point(0, 0)}, {}))
    assert found is not None
    weight = np.exp(found.kernel)
    half = np.radians({1: 45.0, 2: 22.5, 3: 11.25}[len(letters)])
    inside = weight[np.abs(turn) <= half].sum() / weight.sum()
    assert 0.4 < inside < 0.95
    # Any direction at random: the chances of being worthless and valid are alike in the mean over the compass.
    assert float(weight[:-1].mean()) == pytest.approx(1.0, abs=1e-3)
    assert abs(float(turn[weight.argmax()])) < 0.02


def test_a_heading_may_be_of_four_eight_or_sixteen_points_and_the_mean_over_them_is_taken() -> None:
    turn = np.linspace(0.0, 90.0, 19)
    bearing = np.radians(turn)
    told = Statements.read(
        {
            "landmarks": {"bridge": {"type": "Point", "coordinates": [FRAME.lon, FRAME.lat]}},
            "statements": [{"id": "s", "witness": "w", "kind": "from", "landmark": "bridge", "direction": "N"}],
        }
    )
    places = 1000 * np.column_stack([np.sin(bearing), np.cos(bearing)])
    found = relation(told.statements[0], Ground(places, 100.0, {"bridge": Point(0, 0)}, {}))
    assert found is not None
    rng = np.random.default_rng(3)
    remembered = np.abs((turn[:, None] + rng.normal(0, 18, 400_000) + 180) % 360 - 180)
    said = sum(
        w * (remembered <= half).mean(axis=1) * 180 / half for half, w in ((45, 0.25), (22.5, 0.5), (11.25, 0.25))
    )
    assert np.exp(found.kernel) == pytest.approx(said, rel=0.05, abs=0.01)


def _area_of(*decimals: int) -> list[float]:
    areas = []
    for number in decimals:
        lon, lat = xy_to_lonlat(FRAME, np.array([[0.0, 0.0]]))[0]
        said = {"id": "s", "witness": "list", "kind": "published", "point": [float(lon), float(lat)],
                "decimals": number, "source": "a list"}  # fmt: skip
        region = locate(Statements.read({"landmarks": {}, "statements": [said]})).region(0.9)
        areas.append(region.area_m2)
    return areas


def test_decimals_of_a_published_coordinate_are_not_accuracy_but_few_of_them_are_vagueness() -> None:
    many, some, none = _area_of(6, 3, 0)
    assert many == pytest.approx(some, rel=0.1)
    assert none > 20 * many
    assert many > np.pi * 500**2
