"""Conflicts between statements: grouped by what is doubted, no pair lost from the counts, single ones as they were."""

from __future__ import annotations

from geoinv.api.dossier_conflicts import conflict_sentences
from geoinv.records.locations import Location
from geoinv.records.testimony import Statement


def _statement(number: int, witness: str) -> Statement:
    return Statement.read({"id": f"s{number}", "witness": witness, "kind": "pin", "point": [170.0, 0.001 * number]})


SAID = [_statement(n, f"w{n % 3}") for n in range(1, 8)]


def _location(pairs: list[tuple[int, int]], worth: dict[int, float]) -> Location:
    return Location.read(
        {
            "best": [170.0, 0.0],
            "regions": [],
            "frame": {"lon": 170.0, "lat": 0.0},
            "diagnostics": {
                "statements": [{"id": one.id, "probability_valid": worth.get(int(one.id[1:]), 0.9)} for one in SAID],
                "conflicts": [{"first": f"s{a}", "second": f"s{b}", "why": f"s{a} against s{b}"} for a, b in pairs],
            },
        }
    )


def test_many_pairs_with_one_doubtful_statement_are_one_sentence_with_its_count() -> None:
    pairs = [(1, 7), (7, 2), (3, 7), (4, 7), (5, 6), (1, 2), (2, 3)]
    head, doubted, single, even = conflict_sentences(_location(pairs, {7: 0.1, 6: 0.2}), SAID, "en")
    assert head.startswith("7 pairs of statements") and "20 at the most" in head
    assert "(s7, w1)" in doubted and "with 4 other statements, told by w0, w1, w2" in doubted
    assert single == "s5 against s6"
    assert even.startswith("in 2 pairs") and even.endswith("s1 × s2; s2 × s3")


def test_few_conflicts_stay_as_the_build_told_them_and_none_says_nothing() -> None:
    assert conflict_sentences(_location([(1, 7)], {7: 0.1}), SAID, "en") == ["s1 against s7"]
    assert conflict_sentences(_location([], {}), SAID, "en") == []


def test_a_statement_that_is_no_longer_in_the_case_keeps_its_own_sentences() -> None:
    location = _location([(1, 7), (2, 7)], {7: 0.1})
    assert conflict_sentences(location, SAID[:-1], "en") == ["s1 against s7", "s2 against s7"]


def test_the_korean_counts_the_same() -> None:
    head, doubted = conflict_sentences(_location([(1, 7), (2, 7), (3, 7)], {7: 0.1}), SAID, "ko")
    assert "3쌍" in head and "3건" in doubted and "s7" in doubted
