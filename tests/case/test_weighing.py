"""Weighing places: each trait counts for a place, and roofs seen blind tell buildings from yard."""

from __future__ import annotations

from dataclasses import astuple, fields, replace

import numpy as np
import pytest
import shapely
from shapely.geometry import box

from geoinv.case.weighing import MIRRORED, NONE, WEIGHTS, Traits, cover_odds, log_weights

PLACE = Traits(buildings=4.0, walls=2.0, said=1.0, sides=0.5, cover=1.0, stretch=-0.1)


@pytest.mark.parametrize("name", [one.name for one in fields(Traits)])
def test_more_of_any_trait_never_speaks_against_a_place(name):
    more = replace(PLACE, **{name: getattr(PLACE, name) + 1.0})
    assert log_weights([more])[0] >= log_weights([PLACE])[0]


def test_weights_are_finite_and_a_mirror_image_is_the_rarer():
    assert all(np.isfinite(astuple(WEIGHTS))) and np.isfinite(NONE)
    assert MIRRORED < 0
    assert log_weights([]).shape == (0,)


def test_roofs_under_drawn_buildings_speak_for_a_place_and_roofs_in_its_yard_against():
    ground, huts = box(0, 0, 60, 40), [box(5, 5, 17, 13), box(40, 20, 55, 30)]
    under = shapely.union_all(huts)
    beside = shapely.union_all([box(22, 5, 34, 13), box(20, 25, 35, 35)])
    assert cover_odds(huts, ground, under) > 0 > cover_odds(huts, ground, beside)


def test_ground_without_roofs_speaks_against_buildings():
    ground, huts = box(0, 0, 60, 40), [box(5, 5, 17, 13)]
    assert cover_odds(huts, ground, shapely.GeometryCollection()) < 0
