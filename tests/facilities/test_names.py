"""What the name search promises: one key for all spellings, reasons, and a warning at every near-homonym."""

import pytest

from geoinv.facilities.names import find, homonyms
from geoinv.facilities.spelling import fold
from geoinv.records.facility import Facility
from geoinv.records.places import LonLat

# Names of places as published, rewritten; nothing here is testimony.
MSS = Facility(
    slug="onsong-mss",
    name="Onsong County MSS Detention Centre",
    agency="MSS",
    kind="detention centre",
    place="Onsong County",
)
MPS = Facility(
    slug="onsong-mps",
    name="Onsong County MPS Detention Centre",
    agency="MPS",
    kind="detention centre",
    place="Onsong County",
)
CHONGO = Facility(slug="chongori", name="Chongo-ri", other_names=("전거리", "Camp 12"), kind="kyohwaso")
SALT = Facility(slug="saltmere", name="Saltmere holding house", place="Reed County", agency="Example Bureau")
ALL = (MSS, MPS, CHONGO, SALT)


@pytest.mark.parametrize(
    "name", ["Jongori", "Jeongeo-ri", "Jŏngŏ-ri", "Chŏn'gŏ-ri", "Jonggo-ri", "전거리", "CHONGO-RI"]
)
def test_all_spellings_of_one_place_share_a_key_and_are_found_first(name: str) -> None:
    assert fold(name) == fold("Chongo-ri")
    first = find(name, ALL)[0]
    assert first.slug == "chongori" and first.reasons


def test_the_key_tells_other_places_apart() -> None:
    assert len({fold(name) for name in ("Onsong", "Saltmere", "Chongo-ri", "Hoeryong", "Kaechon")}) == 5


def test_a_near_homonym_warns_and_says_what_differs() -> None:
    first = find("Onsong MSS", ALL)[0]
    assert first.slug == "onsong-mss"
    assert any("onsong-mps" in text and "agency (MSS / MPS)" in text for text in first.warnings)


def test_nearness_warns_but_never_merges() -> None:
    warned = homonyms((CHONGO, SALT), places={"chongori": LonLat(10.0, 0.0), "saltmere": LonLat(10.0005, 0.0)})
    assert "56 m away" in warned["chongori"][0] and warned["saltmere"]
    assert not homonyms((CHONGO, SALT), places={"chongori": LonLat(10.0, 0.0), "saltmere": LonLat(10.1, 0.0)})


def test_a_number_alone_identifies_nothing() -> None:
    other = Facility(slug="other-12", name="Camp 12 (closed)")
    found = find("Camp 12", (*ALL, other))
    assert {candidate.slug for candidate in found[:2]} == {"chongori", "other-12"}


def test_an_agency_or_place_finds_too_and_rubbish_finds_nothing() -> None:
    assert find("Reed County", ALL)[0].slug == "saltmere"
    assert find("zzqx", ALL) == () and find("  ", ALL) == ()


def test_a_misspelling_is_ranked_with_its_reason() -> None:
    first = find("Saltmiere", ALL)[0]
    assert first.slug == "saltmere" and first.score < 1 and "sounds like" in first.reasons[0]
