"""Dates known in part: read as EDTF writes them, compared in three values, never surer than they are."""

from __future__ import annotations

import calendar
from datetime import date

import edtf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoinv.errors import FieldError
from geoinv.records.dates import PartialDate
from geoinv.records.facility import DatedName
from geoinv.records.measures import Answer

_YEARS = st.integers(1900, 2099)


@st.composite
def plain_dates(draw: st.DrawFn) -> str:
    """EDTF level 0: a year, a month or a day."""
    year = draw(_YEARS)
    month = draw(st.none() | st.integers(1, 12))
    if month is None:
        return f"{year}"
    day = draw(st.none() | st.integers(1, calendar.monthrange(year, month)[1]))
    return f"{year}-{month:02}" if day is None else f"{year}-{month:02}-{day:02}"


@st.composite
def partial_dates(draw: st.DrawFn) -> PartialDate:
    """Dates and periods, sure or not, open or closed."""
    one, two = draw(plain_dates()), draw(plain_dates())
    mark = draw(st.sampled_from(["", "", "~", "?", "%"]))
    low, high = sorted([one, two], key=lambda text: PartialDate(text).earliest)
    if PartialDate(low).latest > PartialDate(high).latest:
        high = low
    forms = [one + mark, f"{low}/{high}", f"{low}/", f"../{high}", ""]
    return PartialDate(draw(st.sampled_from(forms)))


@given(plain_dates())
def test_plain_dates_span_what_another_reader_says(text: str) -> None:
    read = edtf.parse_edtf(text)
    assert PartialDate(text).earliest == date(*read.lower_strict()[:3])
    assert PartialDate(text).latest == date(*read.upper_strict()[:3])


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2009", date(2009, 1, 1), date(2009, 12, 31)),
        ("2012-02", date(2012, 2, 1), date(2012, 2, 29)),
        ("201X", date(2010, 1, 1), date(2019, 12, 31)),
        ("19XX", date(1900, 1, 1), date(1999, 12, 31)),
        ("2004-XX", date(2004, 1, 1), date(2004, 12, 31)),
        ("2004-06-XX", date(2004, 6, 1), date(2004, 6, 30)),
        ("2009-21", date(2009, 3, 1), date(2009, 5, 31)),
        ("2009-05/2010", date(2009, 5, 1), date(2010, 12, 31)),
        ("2022-01/", date(2022, 1, 1), date(9999, 12, 31)),
        ("../2018-12", date(1, 1, 1), date(2018, 12, 31)),
        ("", date(1, 1, 1), date(9999, 12, 31)),
    ],
)
def test_a_date_means_its_first_to_its_last_day(text: str, earliest: date, latest: date) -> None:
    assert (PartialDate(text).earliest, PartialDate(text).latest) == (earliest, latest)


@given(plain_dates(), st.sampled_from("~?%"))
def test_about_reaches_further_than_the_date_itself(text: str, mark: str) -> None:
    sure, about = PartialDate(text), PartialDate(text + mark)
    assert about.earliest < sure.earliest and about.latest > sure.latest
    assert sure.within(about) is Answer.YES


def test_about_a_year_is_a_year_either_way() -> None:
    assert PartialDate("2009~").earliest == date(2008, 1, 2)  # 2009's 365 days before it; 2008 has one more
    assert PartialDate("2009~").latest == date(2010, 12, 31)


@given(partial_dates(), partial_dates())
def test_yes_and_no_are_said_only_for_sure(one: PartialDate, two: PartialDate) -> None:
    answer = one.before(two)
    possible = one.earliest < two.latest  # some choice of days puts one before two
    certain = one.latest < two.earliest
    assert (answer is Answer.YES) == certain
    assert (answer is Answer.NO) == (not possible)
    assert not (answer is Answer.YES and two.before(one) is Answer.YES)


@given(partial_dates(), partial_dates())
def test_within_is_sure_only_where_no_day_lies_outside(one: PartialDate, two: PartialDate) -> None:
    answer = one.within(two)
    assert (answer is Answer.YES) == (two.earliest <= one.earliest and one.latest <= two.latest)
    if answer is Answer.NO:
        assert two.within(one) is Answer.NO


@given(partial_dates())
def test_a_date_is_written_as_it_was_read(one: PartialDate) -> None:
    record = DatedName(name="x", period=one)
    again = DatedName.model_validate_json(record.model_dump_json())
    assert again.period == one and hash(again.period) == hash(one)


def test_nothing_known_compares_with_nothing() -> None:
    nothing = PartialDate("")
    assert not nothing.known
    assert nothing.before(PartialDate("2009")) is Answer.CANNOT_TELL
    assert PartialDate("2009").before(nothing) is Answer.CANNOT_TELL


@pytest.mark.parametrize(
    "text", ["May 2009", "2009-13", "2009-02-30", "09", "2010/2009", "0000", "2009--05", "05/2009"]
)
def test_what_is_no_date_is_refused_with_how_to_write_it(text: str) -> None:
    with pytest.raises(FieldError) as caught:
        PartialDate(text)
    assert caught.value.do


def test_a_bad_date_in_a_record_names_its_field() -> None:
    with pytest.raises(FieldError, match=r"facility.yaml, period: .*2009-13"):
        DatedName.read({"name": "x", "period": "2009-13"}, file="facility.yaml")


def test_yaml_years_and_days_are_dates() -> None:
    assert DatedName(name="x", period=2009).period == PartialDate("2009")  # type: ignore[arg-type]
    assert DatedName(name="x", period=date(2009, 5, 1)).period == PartialDate("2009-05-01")  # type: ignore[arg-type]
