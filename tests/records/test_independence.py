from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from geoinv.records.independence import independent_groups, voices

NAMES = st.sampled_from(["w1", "w2", "w3", "w4", "w5"])
TIES = st.lists(st.lists(NAMES, max_size=3), max_size=4)


def _components(names: set[str], ties: list[list[str]]) -> int:
    """The oracle: connected components by walking."""
    seen: set[str] = set()
    count = 0
    for start in names:
        if start in seen:
            continue
        count += 1
        edge = {start}
        while edge:
            seen |= edge
            edge = {other for tie in ties if edge & set(tie) for other in tie} - seen
    return count


def test_dependence_reaches_through_third_ones() -> None:
    assert len(voices(["w1", "w3"], [("w1", "w2"), ("w2", "w3")])) == 1
    assert independent_groups(["w1", "w4"], [("w1", "w2"), ("w2", "w3")]) == (
        frozenset({"w1", "w2", "w3"}),
        frozenset({"w4"}),
    )


def test_an_unknown_author_adds_no_voice_beside_known_ones() -> None:
    assert len(voices(["w1", None], [])) == 1
    assert len(voices([None, None], [])) == 1
    assert not voices([], [])


@given(st.sets(NAMES), TIES)
def test_voices_are_the_connected_components_of_those_who_spoke(names: set[str], ties: list[list[str]]) -> None:
    assert len(voices(sorted(names), ties)) == _components(names, ties)


@given(st.lists(NAMES | st.none()), TIES)
def test_voices_do_not_depend_on_order(names: list[str | None], ties: list[list[str]]) -> None:
    turned = list(reversed(names))
    assert voices(names, ties) == voices(turned, list(reversed(ties)))


@given(st.sets(NAMES), TIES, st.lists(NAMES, max_size=3))
def test_one_more_tie_never_makes_more_voices(names: set[str], ties: list[list[str]], more: list[str]) -> None:
    assert len(voices(names, [*ties, more])) <= len(voices(names, ties))
