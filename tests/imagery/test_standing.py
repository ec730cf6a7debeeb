"""Claims: a drawn building is drawn to a standing one like it, and each standing one is taken once."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from shapely.affinity import rotate, translate
from shapely.geometry import LineString, box

from geoinv.imagery.standing import claims_of

SHIFTS = np.stack(np.meshgrid(np.arange(-8.0, 8.5, 0.5), np.arange(-8.0, 8.5, 0.5)), -1).reshape(-1, 2)
HUT, LONG = box(-4, -3, 4, 3), box(-15, -4, 15, 4)
FAR = [translate(HUT, 200 + 30 * k, 150) for k in range(5)]


def _even() -> np.ndarray:
    return np.full(len(SHIFTS), 1 / len(SHIFTS))


def test_the_best_shift_is_onto_the_standing_building():
    claims = claims_of([HUT], [translate(HUT, 5.0, -3.0), *FAR], SHIFTS)
    assert tuple(SHIFTS[int(claims.odds(0).argmax())]) == (5.0, -3.0)


def test_a_building_of_another_size_or_direction_draws_less():
    for other in (LONG, rotate(LONG, 90)):
        like = claims_of([LONG], [translate(LONG, 3, 0), *FAR], SHIFTS).odds(0).max()
        unlike = claims_of([LONG], [translate(other if other is not LONG else HUT, 3, 0), *FAR], SHIFTS).odds(0).max()
        assert like > unlike + 1.0


def test_what_one_building_surely_is_another_is_not():
    standing = [translate(HUT, 3.0, 0.0), *FAR]
    claims = claims_of([HUT, translate(HUT, 1.0, 0.0)], standing, SHIFTS)
    before = claims.odds(1).max()
    sure = np.zeros(len(SHIFTS))
    sure[int(claims.odds(0).argmax())] = 1.0
    claims.settle(0, sure)
    assert claims.claimed[0, 0] > 0.9
    assert claims.odds(1).max() < before - 1.0


def test_walls_claim_nothing_and_nothing_standing_is_no_evidence():
    assert not claims_of([LineString([(0, 0), (20, 0)])], [HUT, *FAR], SHIFTS).odds(0).any()
    assert not claims_of([HUT], [], SHIFTS).odds(0).any()


@given(st.lists(st.tuples(st.floats(-20, 20), st.floats(-20, 20)), min_size=1, max_size=6))
def test_no_building_claims_more_than_one(places):
    claims = claims_of([HUT], [translate(HUT, *place) for place in places], SHIFTS)
    claims.settle(0, _even())
    assert 0.0 <= claims.claimed[0].sum() <= 1.0 + 1e-9
    assert np.isfinite(claims.odds(0)).all()
