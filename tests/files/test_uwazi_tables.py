"""What a table for Uwazi promises: latitude first, whole days, and no cell that a spreadsheet would run."""

import csv
import io

import pytest
from shapely.geometry import Point, box

from geoinv.files.uwazi_tables import uwazi_csv, uwazi_date_range, uwazi_place


@pytest.mark.parametrize(
    ("known", "days"),
    [  # worked out by hand
        ("2009-05-12", "2009/05/12:2009/05/12"), ("2009-02", "2009/02/01:2009/02/28"),
        ("2008-11/2009", "2008/11/01:2009/12/31"), ("../2018", ":2018/12/31"), ("2018/..", "2018/01/01:"),
        ("201X", "2010/01/01:2019/12/31"), ("", ""), (None, ""), ("about then", ""),
    ],
)  # fmt: skip
def test_dates_known_in_part_are_the_days_they_can_mean(known: str | None, days: str) -> None:
    assert uwazi_date_range(known) == days


def test_a_place_is_latitude_first_and_only_a_point_is_one() -> None:
    assert uwazi_place(Point(129.5, 42.25), "a|b") == "42.250000|129.500000|a/b"
    assert uwazi_place(box(0, 0, 1, 1)) == "" and uwazi_place(None) == ""


def test_cells_survive_markup_and_no_spreadsheet_runs_one() -> None:
    rows = [{"title": '=HYPERLINK("x")', "note": 'a,b\n"c"\x00</script>'}, {"note": "-2.5", "title": "-cmd"}]
    read = list(csv.DictReader(io.StringIO(uwazi_csv(rows).decode())))
    assert read[0]["title"].startswith("'=") and read[1]["title"] == "'-cmd" and read[1]["note"] == "-2.5"
    assert read[0]["note"] == 'a,b\n"c"</script>' and next(iter(read[0])) == "title"
