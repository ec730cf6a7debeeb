"""What the vocabularies promise: a version, a source for every entry, both languages, parents and rows that exist."""

import pytest

from geoinv.facilities import vocabulary as v
from geoinv.records.dates import PartialDate

NAMES = ("agencies", "facility_types", "violations", "regimes", "place_names", "place_words")


@pytest.mark.parametrize("name", NAMES)
def test_every_vocabulary_has_a_version_and_tells_where_its_words_were_read(name: v.Name) -> None:
    data = v.vocabulary(name)
    assert data["version"] and "not been reviewed by a native speaker" in data["about"]
    assert data["sources"] and all(data["sources"].values())


@pytest.mark.parametrize("terms", [v.agencies(), v.facility_types(), v.violations()])
def test_every_entry_has_both_languages_and_known_sources(terms: dict[str, v.Term]) -> None:
    known = {key for name in NAMES for key in v.vocabulary(name)["sources"]}
    for key, term in terms.items():
        assert key == term.id and term.en.strip() and any("가" <= sign <= "힣" for sign in term.ko), key
        assert term.sources and all(source.split(" ")[0] in known for source in term.sources), key


def test_names_of_agencies_have_dates() -> None:
    police = v.agencies()["msos"]
    assert police.name_on(PartialDate("2012-03")) == "Department of People's Security"
    assert police.name_on(PartialDate("2018")) == "Ministry of People's Security"
    assert police.name_on(PartialDate("2021"), "ko") == "사회안전성"
    assert police.name_on(PartialDate("2009~")) == police.en  # before the first dated name nobody can tell


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        ("MSS", "mss"),
        ("Onsong County MPS", "msos"),
        ("인민보안성", "msos"),
        ("보위부", "mss"),
        ("", None),
        ("Bureau", None),
    ],
)
def test_an_agency_is_known_by_any_of_its_names(text: str, agency: str | None) -> None:
    found = v.agency_of(text)
    assert (found.id if found else None) == agency


def test_kinds_are_known_in_both_languages_and_a_camp_is_no_centre() -> None:
    assert v.kind_of_facility("Labour Training Camp").id == "labour_training_camp"
    assert v.kind_of_facility("로동단련대").id == "labour_training_centre"
    assert v.kind_of_facility("kuryujang").id == "detention_centre"
    assert len(v.facility_types()) == 11


def test_parents_of_violations_exist_and_end() -> None:
    every = v.violations()
    for one in every.values():
        assert one.parent is None or (one.parent in every and every[one.parent].parent is None)


def test_published_figures_say_which_were_printed_and_which_inferred() -> None:
    every = v.violations()
    freedoms = [one for one in every.values() if one.chart == "freedom exercised"]
    guarantees = [one for one in every.values() if one.chart == "guarantee denied"]
    assert (len(freedoms), len(guarantees)) == (4, 9)
    assert every["arb_detention_movement"].published == v.Published(560, "printed")
    assert every["arb_detention_religion"].published.status == "inferred"
    # Both readings of the scrambled drawing use the same nine printed numbers.
    assert sum(one.published.acts for one in guarantees) == 1948
    assert v.published_totals() == {"incidents": 7212, "facilities": 206, "victims": 1156, "perpetrators": 919}
