from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from geoinv.api.suppress import Row, generalise

_ROWS = st.lists(
    st.builds(
        lambda building, year, kind, person, guard: (building, year, kind, person, guard),
        st.sampled_from(["a", "b", "c", None]),
        st.sampled_from(["2010", "2011", None]),
        st.sampled_from(["x", "y", None]),
        st.sampled_from([None, *"pqrstu"]),
        st.sampled_from([None, "g", "h"]),
    ),
    max_size=40,
).map(
    lambda found: [
        Row(f"i{n:02d}", b, y, k, frozenset([p] if p else []), perpetrator=g) for n, (b, y, k, p, g) in enumerate(found)
    ]
)


def _key(row: Row) -> tuple[str | None, ...]:
    return row.building, row.year, row.kind, row.perpetrator


@given(_ROWS, st.integers(1, 8), st.integers(1, 4))
def test_every_published_group_is_large_and_of_several_people(rows: list[Row], minimum: int, people: int) -> None:
    groups: dict[tuple[str | None, ...], list[Row]] = {}
    for row in generalise(rows, minimum=minimum, people=people):
        groups.setdefault(_key(row), []).append(row)
    for group in groups.values():
        assert len(group) >= minimum
        assert len({person for row in group for person in (row.people or {""})}) >= people


@given(_ROWS, st.integers(2, 8))
def test_nothing_suppressed_can_be_worked_out_from_totals(rows: list[Row], minimum: int) -> None:
    kept = generalise(rows, minimum=minimum, people=1)
    for attribute in ("building", "year", "kind"):
        counts = Counter(getattr(row, attribute) for row in kept)
        # The rest of every total, and every part of it, is itself large.
        assert all(count >= minimum for count in counts.values())


@given(_ROWS, st.integers(1, 8))
def test_generalising_only_ever_removes_detail(rows: list[Row], minimum: int) -> None:
    before = {row.id: row for row in rows}
    for row in generalise(rows, minimum=minimum, people=1):
        was = before[row.id]
        assert row.building in (was.building, None)
        assert row.year in (was.year, None)
        assert row.kind in (was.kind, None)


def test_the_order_of_the_records_changes_nothing() -> None:
    rows = [Row(f"i{n}", "ab"[n % 2], "2010", "x", frozenset([str(n % 4)])) for n in range(14)]
    assert generalise(rows, minimum=5) == generalise(rows[::-1], minimum=5)


def test_a_small_building_is_pooled_with_another_so_that_no_difference_tells_it() -> None:
    rows = [Row(f"a{n}", "a", None, None, frozenset([str(n)])) for n in range(9)]
    rows += [Row(f"b{n}", "b", None, None, frozenset([str(n)])) for n in range(6)]
    rows += [Row("c0", "c", None, None, frozenset(["z"]))]
    counts = Counter(row.building for row in generalise(rows, minimum=5))
    assert counts == {"a": 9, None: 7}


def test_one_survivor_s_many_incidents_name_nobody() -> None:
    rows = [Row(f"a{n}", "a", "2010", "x", frozenset(["her"])) for n in range(20)]
    assert generalise(rows, minimum=5) == ()


def test_words_go_with_the_detail_they_may_tell() -> None:
    rows = [Row(f"i{n}", "a", "2010", "x", frozenset([str(n)]), "in block a") for n in range(6)]
    rows += [Row(f"j{n}", "b", "2010", "x", frozenset([f"p{n}"]), "in block b") for n in range(2)]
    found = generalise(rows, minimum=5)
    assert len(found) == 8 and all(row.summary is None for row in found if row.building is None)
    assert all(row.summary == "in block a" for row in found if row.building is not None)
