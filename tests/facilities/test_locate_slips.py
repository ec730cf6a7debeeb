"""A pin on the other side of the world is set aside and told; witnesses who merely disagree are left alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoinv.facilities.locate import locate
from geoinv.facilities.locate_slips import set_aside
from geoinv.records.testimony import Statements

_QUAY = {"quay": {"type": "Point", "coordinates": [-30.002, 5.0]}}


def _said(*pins: tuple[float, float], landmarks: bool = False) -> Statements:
    rows: list[dict[str, Any]] = [
        {"id": f"pins.csv#s{n}", "witness": f"w{n}", "kind": "pin", "point": pin} for n, pin in enumerate(pins, 1)
    ]
    if landmarks:
        rows.append({"id": "said.yaml#n", "witness": "w9", "kind": "near", "landmark": "quay", "distance_m": 300})
    return Statements.read({"landmarks": _QUAY if landmarks else {}, "statements": rows})


def test_a_swapped_pin_is_set_aside_and_what_to_do_is_said() -> None:
    kept, told = set_aside(_said((-30.0, 5.0), (-30.001, 5.001), (5.0, -30.0)))
    assert [statement.id for statement in kept.statements] == ["pins.csv#s1", "pins.csv#s2"]
    assert len(told) == 1 and told[0].startswith("pins.csv, statement s3: ") and "swap them" in told[0]
    best = locate(kept).best
    assert abs(best.lon + 30) < 0.01 and abs(best.lat - 5) < 0.01


def test_a_landmark_is_enough_to_see_a_swap() -> None:
    kept, told = set_aside(_said((5.0, -30.0), landmarks=True))
    assert len(kept.statements) == 1 and "swap them" in told[0]


def test_a_pin_in_another_country_is_told_when_two_others_lie_together() -> None:
    _, told = set_aside(_said((-30.0, 5.0), (-30.001, 5.001), (40.0, 50.0)))
    assert len(told) == 1 and "correct its coordinates" in told[0]


def test_two_who_disagree_are_both_kept() -> None:
    said = _said((-30.0, 5.0), (40.0, 50.0))
    assert set_aside(said) == (said, ())


@pytest.mark.parametrize("pins", [((-30.0, 5.0),), ((-30.0, 5.0), (-30.5, 5.5), (-31.0, 5.0)), ()])
def test_what_lies_together_is_left_alone(pins: tuple[tuple[float, float], ...]) -> None:
    said = _said(*pins, landmarks=True)
    assert set_aside(said) == (said, ())


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=1, max_size=6))
def test_no_pin_within_a_degree_or_two_is_ever_set_aside(offsets: list[tuple[float, float]]) -> None:
    said = _said(*((60.0 + east, 20.0 + north) for east, north in offsets))
    assert set_aside(said)[1] == ()
