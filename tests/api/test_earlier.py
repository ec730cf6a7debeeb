"""Two releases held side by side tell of no group smaller than one release may tell of, and say what to recall."""

from __future__ import annotations

import json
from collections import Counter
from itertools import combinations
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from geoinv.api.earlier import Before, held_apart, revealing
from geoinv.api.publish import plan_release, publish
from geoinv.api.releases import OpenRelease
from geoinv.api.suppress import Row, generalise
from geoinv.records.decisions import RecordConsent
from geoinv.records.facility import WitnessNote
from geoinv.records.incidents import Act, Incident
from tests.api.fake_case import FakeCase
from tests.pages import samples

_CELL = st.tuples(
    st.sampled_from(["a", "b", None]),
    st.sampled_from(["2010", "2011"]),
    st.sampled_from("xy"),
    st.sampled_from("pqrstuvw"),
    st.sampled_from([None, None, "g", "h"]),
)


_Cell = tuple[str | None, str, str, str, str | None]


def _rows(cells: list[_Cell], first: int = 0) -> list[Row]:
    return [Row(f"i{first + n:03d}", b, y, k, frozenset([p]), perpetrator=g) for n, (b, y, k, p, g) in enumerate(cells)]


def _subtractions(then: tuple[Row, ...], now: tuple[Row, ...]) -> list[int]:
    """Written apart from the code: every count a reader can form from either release, and what changed in it."""
    found = []
    names = ("building", "room", "year", "kind", "perpetrator")
    for size in range(len(names) + 1):
        for chosen in combinations(names, size):
            old = Counter(tuple(getattr(row, name) for name in chosen) for row in then)
            new = Counter(tuple(getattr(row, name) for name in chosen) for row in now)
            found += [abs(old[key] - new[key]) for key in old.keys() | new.keys()]
    return found


@given(st.lists(_CELL, max_size=25), st.lists(_CELL, max_size=8), st.sets(st.integers(0, 24), max_size=4))
def test_no_subtraction_of_two_releases_gives_a_small_count(
    first: list[_Cell], added: list[_Cell], gone: set[int]
) -> None:
    rows = _rows(first)
    then = generalise(rows, minimum=5)
    later = [row for n, row in enumerate(rows) if n not in gone] + _rows(added, first=100)
    now = held_apart(later, [Before({row.id: row for row in then})], minimum=5)
    assert all(change == 0 or change >= 5 for change in _subtractions(then, now))


@given(st.lists(_CELL, min_size=12, max_size=25), st.lists(_CELL, max_size=6), st.lists(_CELL, max_size=6))
def test_nor_does_one_of_three(
    first: list[_Cell],
    second: list[_Cell],
    third: list[_Cell],
) -> None:
    rows = _rows(first)
    one = generalise(rows, minimum=5)
    rows += _rows(second, first=100)
    two = held_apart(rows, [Before({row.id: row for row in one})], minimum=5)
    rows += _rows(third, first=200)
    befores = [Before({row.id: row for row in each}) for each in (one, two)]
    three = held_apart(rows, befores, minimum=5)
    for each in (one, two):
        assert all(change == 0 or change >= 5 for change in _subtractions(each, three))


def test_a_few_new_ones_wait_and_come_with_others() -> None:
    rows = [Row(f"a{n}", "a", "2010", "x", frozenset([str(n)])) for n in range(9)]
    before = Before({row.id: row for row in generalise(rows, minimum=5)})
    two = [Row(f"n{n}", "a", "2010", "x", frozenset([f"new{n}"])) for n in range(2)]
    assert len(held_apart([*rows, *two], [before], minimum=5)) == 9
    six = [Row(f"n{n}", "a", "2010", "x", frozenset([f"new{n}"])) for n in range(6)]
    assert len(held_apart([*rows, *six], [before], minimum=5)) == 15


def test_words_that_are_known_again_hide_no_exchange_of_one_record_for_another() -> None:
    rows = [Row(f"a{n}", "a", "2010", "x", frozenset([str(n)]), f"words {n}") for n in range(9)]
    then = generalise(rows, minimum=5)
    swapped = [*rows[1:], Row("new", "a", "2010", "x", frozenset(["new"]), "other words")]
    now = held_apart(swapped, [Before({row.id: row for row in then})], minimum=5)
    words, before = {row.summary for row in now if row.summary}, {row.summary for row in then}
    assert not words or words == before
    same = held_apart(rows, [Before({row.id: row for row in then})], minimum=5)
    assert {row.summary for row in same} == before


def test_one_person_s_many_new_incidents_wait_too() -> None:
    rows = [Row(f"a{n}", "a", "2010", "x", frozenset([str(n)])) for n in range(9)]
    hers = [Row(f"n{n}", "a", "2010", "x", frozenset(["her"])) for n in range(7)]
    before = Before({row.id: row for row in generalise(rows, minimum=5)})
    assert revealing(before, generalise([*rows, *hers], minimum=5), minimum=5)
    assert len(held_apart([*rows, *hers], [before], minimum=5)) == 9


def _incident(number: int, victim: str) -> Incident:
    return samples.incidents()[0].model_copy(
        update={"id": f"x{number}", "acts": (Act(violation="torture", victim=victim),)}
    )


def _counts(path: object) -> Counter[str]:
    assert isinstance(path, Path)
    bodies = OpenRelease(path).features("incidents").bodies
    return Counter(json.loads(body)["properties"]["facility"] for body in bodies)


def test_publishing_looks_at_what_was_published_before(tmp_path: Path) -> None:
    case = FakeCase(tmp_path)
    first = _counts(publish(case, "public"))
    case.incidents = (*case.incidents, _incident(1, "v-one"))
    case.ledger_head = "cd" * 32
    plan = plan_release(case, "public")
    assert any("earlier release" in one.rule for one in plan.withheld)
    assert _counts(publish(case, "public")) == first
    case.incidents = (*case.incidents, *(_incident(number, f"v-{number}") for number in range(2, 9)))
    case.ledger_head = "ef" * 32
    assert sum(_counts(publish(case, "public")).values()) >= sum(first.values()) + 5


def test_publishing_the_same_head_again_is_the_same_whatever_came_before(tmp_path: Path) -> None:
    case = FakeCase(tmp_path)
    publish(case, "public")
    case.ledger_head = "cd" * 32
    second = publish(case, "public")
    assert plan_release(case, "public").name == getattr(second, "name", None)


def test_consent_taken_back_recalls_the_releases_that_show_it(tmp_path: Path) -> None:
    case = FakeCase(tmp_path)
    first = publish(case, "public")
    assert isinstance(first, Path)
    case.ledger_head = "cd" * 32
    assert plan_release(case, "public").manifest.recalls == ()
    case.given = (RecordConsent(witness=samples.ALLOWED, audience="public", given=False),)
    case.ledger_head = "ef" * 32
    plan = plan_release(case, "public")
    assert plan.manifest.recalls == (first.name,)
    assert first.name in plan.files["README.md"].decode()


def test_a_release_whose_words_name_somebody_is_recalled(tmp_path: Path) -> None:
    case = FakeCase(tmp_path)
    alike = {"summary": "Fictional: 올빼미가 보았다", "date": None, "place_label": None, "kind": "beating"}
    case.incidents, case.bound = tuple(one.model_copy(update=alike) for one in case.incidents), ()
    first = publish(case, "public")
    assert isinstance(first, Path) and "summary" in str(OpenRelease(first).features("incidents", limit=99).bodies)
    case.ledger_head = "cd" * 32
    assert plan_release(case, "public").manifest.recalls == ()
    notes = {**case.facility.witnesses, "올빼미": WitnessNote(role="guard")}
    case.facility = case.facility.model_copy(update={"witnesses": notes})
    assert plan_release(case, "public").manifest.recalls == (first.name,)


def test_a_release_that_is_gone_from_the_folder_is_told_of(tmp_path: Path) -> None:
    import shutil

    case = FakeCase(tmp_path)
    first = publish(case, "public")
    assert isinstance(first, Path)
    shutil.rmtree(first)
    case.ledger_head = "cd" * 32
    assert any(one.what == "earlier releases" for one in plan_release(case, "public").withheld)
