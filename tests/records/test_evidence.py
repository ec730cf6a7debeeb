"""A part is never better known than the weakest property that shapes it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoinv.records.evidence import Evidence, Status, weakest

_STATUSES = st.lists(st.sampled_from(list(Status)))


@given(_STATUSES, _STATUSES)
def test_the_weakest_of_a_whole_is_the_weakest_of_its_parts(one: list[Status], two: list[Status]) -> None:
    if one and two:
        assert weakest([*one, *two]) is weakest([weakest(one), weakest(two)])


@given(_STATUSES.filter(bool), st.sampled_from(list(Status)))
def test_more_evidence_of_other_properties_never_strengthens(statuses: list[Status], more: Status) -> None:
    assert weakest([*statuses, more]).rank >= weakest(statuses).rank
    assert weakest(statuses) in statuses


def test_nothing_speaks_for_what_has_no_evidence() -> None:
    assert weakest([]) is Status.CONJECTURAL


def test_statuses_are_ranked_from_corroborated_to_conjectural() -> None:
    assert [status.rank for status in Status] == list(range(6))
    assert Status.CORROBORATED.rank < Status.OBSERVED.rank < Status.ATTESTED.rank < Status.CONTESTED.rank


def test_a_value_that_is_no_number_is_not_taken_for_one() -> None:
    assert Evidence(value=3).number() == 3.0
    for value in (True, "3", None):
        with pytest.raises(TypeError):
            Evidence(value=value).number()
