from __future__ import annotations

from geoinv.facilities.vocabulary import facility_types, violations
from geoinv.pages.terms import agency_word, facility_terms, kind_word, violation_word


def test_every_term_has_its_own_words_in_both_languages() -> None:
    for term in facility_types().values():
        assert kind_word(term.id, "en") == term.en
        assert kind_word(term.id, "ko") == term.ko
    for violation in violations().values():
        assert violation_word(violation.id, "ko") == violation.ko


def test_words_of_a_record_stay_where_no_term_is_meant() -> None:
    assert violation_word("beating with a <b>stick</b>", "ko") == "beating with a <b>stick</b>"
    assert agency_word("Tiral labour office (fictional)", "ko") == "Tiral labour office (fictional)"
    assert kind_word("some_other_place", "en") == "some other place"


def test_a_facility_is_told_by_what_is_known_of_it() -> None:
    assert facility_terms("en")({"agency": "Somebody", "place": None}) == ["Somebody"]
