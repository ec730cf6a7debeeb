"""Intervals stay ordered, keep their unit and their words, and are compared only with their like."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from geoinv.records.measures import PYEONG_M2, RI_M, Answer, Interval

_NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)


@given(_NUMBERS, _NUMBERS, _NUMBERS)
def test_only_ordered_intervals_exist(low: float, best: float, high: float) -> None:
    if low <= best <= high:
        assert Interval(low=low, best=best, high=high).contains(best)
    else:
        with pytest.raises(ValidationError, match="low ≤ best ≤ high"):
            Interval(low=low, best=best, high=high)


@given(_NUMBERS, _NUMBERS)
def test_a_range_may_be_given_either_way_round(one: float, two: float) -> None:
    assert Interval.of([one, two]) == Interval.of((two, one))
    assert Interval.of([one, two]).width == pytest.approx(abs(one - two))


@given(_NUMBERS, st.floats(0, 2))
def test_a_spread_number_holds_itself(value: float, spread: float) -> None:
    made = Interval.of(value, spread=spread, unit="min")
    assert made.best == value and made.contains(value) and made.unit == "min"
    assert made.width == pytest.approx(2 * abs(value) * spread)


@given(_NUMBERS, _NUMBERS, _NUMBERS, _NUMBERS)
def test_intervals_agree_where_one_value_lies_in_both(a: float, b: float, c: float, d: float) -> None:
    one, two = Interval.of([a, b]), Interval.of([c, d])
    shared = max(one.low, two.low)
    assert one.agrees(two) is (Answer.YES if one.contains(shared) and two.contains(shared) else Answer.NO)
    assert one.agrees(two) is two.agrees(one)


def test_metres_are_not_compared_with_minutes() -> None:
    with pytest.raises(ValueError, match="min"):
        Interval.of(5.0).agrees(Interval.of(5.0, unit="min"))


def test_the_words_as_said_are_kept() -> None:
    five = Interval(low=14.0, best=5 * PYEONG_M2, high=19.0, unit="m2", said="5 pyeong")
    assert Interval.model_validate_json(five.model_dump_json()) == five
    assert five.plain()["said"] == "5 pyeong"


def test_korean_measures() -> None:
    assert pytest.approx(3.305785, abs=1e-6) == PYEONG_M2
    assert pytest.approx(392.727, abs=1e-3) == RI_M
