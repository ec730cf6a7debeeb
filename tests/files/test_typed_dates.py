"""Dates as typed become EDTF where they can mean one thing only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoinv.files.typed_dates import edtf_of


@pytest.mark.parametrize(
    ("typed", "edtf"),
    [
        ("2014년 5월 12일", "2014-05-12"), ("2014.5.12", "2014-05-12"), ("2014. 5. 12.", "2014-05-12"),
        ("2014/05/12", "2014-05-12"), ("12 May 2014", "2014-05-12"), ("May 12th, 2014", "2014-05-12"),
        ("May 2014", "2014-05"), ("2014년 5월", "2014-05"), ("2014.5", "2014-05"), ("2014년", "2014"),
        ("2009년경", "2009~"), ("about 2009", "2009~"), ("summer 2014", "2014-22"), ("2014년 겨울", "2014-24"),
        ("2014-04-18T21:23:03Z", "2014-04-18"), ("2009-05/2010", "2009-05/2010"), ("2009~", "2009~"), ("201X", "201X"),
        ("5/12/2014", "5/12/2014"), ("last spring", "last spring"), ("2009/2010", "2009/2010"), ("", ""),
    ],
)  # fmt: skip
def test_what_can_mean_one_thing_only_is_read(typed: str, edtf: str) -> None:
    assert edtf_of(typed) == edtf


@given(st.text(max_size=30))
def test_nothing_breaks_it_and_what_it_gives_stays(text: str) -> None:
    assert edtf_of(edtf_of(text)) == edtf_of(text)
