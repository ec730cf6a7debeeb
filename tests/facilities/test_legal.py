"""What the legal mapping promises: the source's paragraphs, conditions that stay conditions, and never a conclusion."""

import pytest

from geoinv.facilities.legal import heads_of, legal_notes, mapping, regimes, standing_in_words
from geoinv.facilities.vocabulary import violations, vocabulary
from geoinv.records.incidents import Act, Incident
from geoinv.records.measures import Answer


def head(violation: str, regime: str):
    return next(one for one in heads_of(violation) if one.regime == regime)


@pytest.mark.parametrize(
    ("violation", "regime", "standing", "paragraphs"),
    [  # transcribed by hand from the source's own list
        ("extrajudicial_killing", "eu_ghrsr", "explicit", "35b"),
        ("extrajudicial_killing", "us_glomag", "explicit", "37a"),
        ("extrajudicial_killing", "ca_jvcfoa", "explicit", "38b"),
        ("torture", "uk_ghrsr", "explicit", "36b"),
        ("torture", "eu_ghrsr", "explicit", "Annex I 1(c)(i)"),
        ("torture", "ca_jvcfoa", "explicit", "38c"),
        ("slavery_forced_labour", "au_auto", "explicit", "39c"),
        ("enforced_disappearance", "uk_ghrsr", "not_listed", "36"),
        ("freedom_religion", "eu_ghrsr", "explicit", "35i; Annex I 1(d)(v)"),
        ("freedom_religion", "ca_jvcfoa", "within_named_right", "38d.ii"),
    ],
)
def test_rows_are_those_of_the_source(violation: str, regime: str, standing: str, paragraphs: str) -> None:
    found = head(violation, regime)
    assert (found.standing, found.paragraphs) == (standing, paragraphs)


def test_the_table_is_whole() -> None:
    data = vocabulary("regimes")
    assert len(regimes()) == 10 and len(legal_notes()) == 4
    for name, row in data["matrix"].items():
        assert name in violations() and set(row) == {one.id for one in regimes().values() if one.text_read}
        for entry in row.values():
            assert entry["standing"] in data["standings"] and entry["paragraphs"]
            assert entry.get("condition") in {None, *data["conditions"]}


def test_a_violation_without_a_row_takes_its_wider_types_and_says_so() -> None:
    found = head("no_valid_warrant", "us_glomag")
    assert found.through == "due_process" and found.paragraphs == "37c.iii"
    assert head("torture", "us_glomag").through is None


def test_a_regime_whose_text_was_not_read_holds_nothing() -> None:
    assert head("torture", "us_7031c").standing == "no_text"
    told = [Incident(id="1", facility="f", acts=(Act(violation="torture"),))]
    assert {row.head.regime for row in mapping(told)} == {one.id for one in regimes().values() if one.text_read}


def test_canadas_right_needs_what_the_victim_was_doing() -> None:
    def met(*doing: str | None) -> Answer:
        acts = tuple(Act(violation="freedom_religion", victim_activity=one) for one in doing)
        told = [Incident(id="1", facility="f", acts=(*acts, Act(violation="cidt", victim_activity=doing[0])))]
        row = next(row for row in mapping(told, regime="ca_jvcfoa") if row.head.violation == "cidt")
        return row.met

    assert met("praying") is Answer.YES and met("at work") is Answer.NO and met(None) is Answer.CANNOT_TELL


def test_a_pattern_is_never_found_by_the_software() -> None:
    told = [Incident(id=str(n), facility="f", acts=(Act(violation="torture"),)) for n in range(500)]
    rows = mapping(told, regime="ca_sema")
    assert [row.met for row in rows] == [Answer.CANNOT_TELL] and rows[0].head.condition == "pattern"
    assert "widespread or systematic" in standing_in_words(rows[0].head)


def test_acts_of_two_kinds_are_counted_under_their_own_heads_only() -> None:
    acts = (Act(violation="torture", victim="V-1"), Act(violation="slavery_forced_labour", victim="V-1"))
    rows = mapping([Incident(id="1", facility="f", acts=acts)], regime="uk_ghrsr")
    assert [(row.head.violation, row.counted.acts, row.counted.victims) for row in rows] == [
        ("torture", 1, 1),
        ("slavery_forced_labour", 1, 1),
    ]
    assert not rows[0].inferred


def test_a_word_the_vocabulary_does_not_have_falls_under_nothing_and_breaks_nothing() -> None:
    assert mapping([Incident(id="1", facility="f", acts=(Act(violation="something else"),))]) == ()
