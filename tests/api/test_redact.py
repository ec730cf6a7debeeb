from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point

from geoinv.api.commitments import Commitments
from geoinv.api.consent import Owners, consenting, incident_allowed
from geoinv.api.leaks import leaks
from geoinv.api.redact import Tally, county_box, public_facility, public_footprint, public_row, year_of
from geoinv.records.dates import PartialDate
from geoinv.records.decisions import RecordConsent
from geoinv.records.evidence import Status
from geoinv.records.incidents import Binding
from geoinv.records.naming import Naming
from tests.pages import samples

OWNERS = Owners(
    {"sketch-by-heron.svg": samples.ALLOWED, "plan-by-otter.png": samples.SILENT, "nobody.svg": None},
    frozenset({"scene-canary-2016.tif"}),
)
NAMES = Commitments(b"key", "public", "00")
AGREE = frozenset({samples.ALLOWED})
NOBODY, HERON = Naming(()), Naming(["heron-canary", "w1", "올빼미"])


@given(st.floats(-179.9, 179.8), st.floats(-89.9, 89.8))
def test_a_county_box_holds_its_place_and_says_no_more_than_its_grid_cell(lon: float, lat: float) -> None:
    cell = county_box(lon, lat)
    assert cell.buffer(1e-6).contains(Point(lon, lat))
    west, south, east, north = cell.bounds
    assert (east - west, north - south) == pytest.approx((0.1, 0.1))
    assert county_box(west + 0.05, south + 0.05).equals(cell)


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2010-05-03", "2010"),
        ("2010", "2010"),
        ("2010~", "2009/2011"),
        ("2009-11/2010", "2009/2010"),
        ("../2018-12", None),
    ],
)
def test_dates_become_years(text: str, year: str | None) -> None:
    assert year_of(PartialDate(text)) == year


def test_the_latest_word_on_consent_wins() -> None:
    facility = samples.facility()
    assert consenting(facility, (), "public") == AGREE
    no = RecordConsent(witness=samples.ALLOWED, audience="public", given=False)
    yes = RecordConsent(witness=samples.ALLOWED, audience="public")
    assert consenting(facility, (no,), "public") == frozenset()
    assert consenting(facility, (no, yes), "public") == AGREE
    use = RecordConsent(witness=samples.ALLOWED, act="use", audience="public", given=False)
    assert consenting(facility, (yes, use), "public") == frozenset()


def test_consent_that_ends_has_ended_unless_a_day_says_otherwise() -> None:
    ending = RecordConsent(witness=samples.SILENT, audience="public", until="2030-01-01")
    assert samples.SILENT not in consenting(samples.facility(), (ending,), "public")
    assert samples.SILENT in consenting(samples.facility(), (ending,), "public", on=date(2029, 12, 31))
    assert samples.SILENT not in consenting(samples.facility(), (ending,), "public", on=date(2030, 1, 2))


def test_an_embargo_holds_until_its_day_is_over() -> None:
    incident = samples.incidents()[0].model_copy(update={"embargo_until": PartialDate("2030")})
    assert incident_allowed(incident, AGREE, frozenset(), "public") is not None
    assert incident_allowed(incident, AGREE, frozenset(), "public", on=date(2030, 12, 31)) is not None
    assert incident_allowed(incident, AGREE, frozenset(), "public", on=date(2031, 1, 1)) is None


def test_a_footprint_whose_account_has_no_consent_stays_in_unless_imagery_found_it_blind() -> None:
    by_name = {item.id: item for item in samples.footprints()}
    tally = Tally()
    shown = {key: public_footprint(item, OWNERS, AGREE, NAMES, tally, secrets=NOBODY) for key, item in by_name.items()}
    assert shown["footprint-b6"] is None
    main = shown["footprint-b1"]
    assert main is not None and main.labels == () and main.status is Status.CORROBORATED
    kitchen = shown["footprint-b2"]
    assert kitchen is not None and kitchen.labels == ("Kitchen",) and kitchen.drawn == () and kitchen.scene is None
    nobody = {
        key: public_footprint(item, OWNERS, frozenset(), NAMES, tally, secrets=NOBODY) for key, item in by_name.items()
    }
    assert sorted(key for key, item in nobody.items() if item) == ["footprint-b1", "footprint-b3"]
    assert nobody["footprint-b1"] is not None and nobody["footprint-b1"].status is Status.OBSERVED


def test_a_source_nobody_knows_is_denied() -> None:
    assert not OWNERS.may_show("nobody.svg#b1", AGREE)
    assert not OWNERS.may_show("never-heard-of.svg#b1", AGREE)
    assert OWNERS.may_show("imagery/scene-canary-2016.tif", frozenset())


@pytest.mark.parametrize("label", ["Burial ground", "처형장", "execution yard", "Guard's private home"])
def test_graves_execution_grounds_and_homes_are_never_published(label: str) -> None:
    item = samples.footprints()[1].model_copy(update={"labels": (label,)})
    assert public_footprint(item, OWNERS, AGREE, NAMES, Tally(), secrets=NOBODY) is None


def test_a_facility_keeps_no_witness_and_no_unknown_field() -> None:
    data = samples.facility().model_dump(mode="json") | {"interviewer": "someone"}
    shown = public_facility(type(samples.facility()).read(data), Tally())
    assert not shown.witnesses and not shown.sketches and not shown.model_extra


def test_a_summary_that_names_somebody_is_left_out() -> None:
    incident = samples.incidents()[0].model_copy(update={"summary": "told to Heron-Canary, twice"})
    binding = Binding(incident=incident.id, footprint="footprint-b1", how="label", why="")
    row = public_row(incident, binding, {"footprint-b1": "x"}, HERON, NAMES, Tally(), by_building=True)
    assert row.summary is None and row.building == "x" and row.year == "2010"
    kept = incident.model_copy(update={"summary": "told twice"})
    assert public_row(kept, None, {}, HERON, NAMES, Tally(), by_building=True).summary == "told twice"


@pytest.mark.parametrize(
    "words",
    ["w1은 보았다", "올빼미가 보았다", "증인올빼미에게 들었다", unicodedata.normalize("NFD", "올빼미는 보았다"),
     "told by W-1", "w\u200b1 saw it", "Ｗ1 saw it"],
)  # fmt: skip
def test_nobody_is_named_by_korean_particles_or_another_spelling(words: str) -> None:
    incident = samples.incidents()[0].model_copy(update={"summary": words, "kind": f"beating ({words})"})
    row = public_row(incident, None, {}, HERON, NAMES, Tally(), by_building=True)
    assert row.summary is None and row.kind is None
    item = samples.footprints()[1].model_copy(update={"labels": ("Kitchen", words)})
    shown = public_footprint(item, OWNERS, AGREE, NAMES, Tally(), secrets=HERON)
    assert shown is not None and shown.labels == ("Kitchen",)
    assert leaks({"a.html": words.encode()}, ["w1", "올빼미"]) == (
        [] if "증인" in words or "W-1" in words else ["a.html"]
    )


@pytest.mark.parametrize("words", ["w12는 맞았다", "Heronry yard", "a row of 1"])
def test_nor_is_anything_left_out_that_names_nobody(words: str) -> None:
    incident = samples.incidents()[0].model_copy(update={"summary": words})
    assert public_row(incident, None, {}, HERON, NAMES, Tally(), by_building=True).summary == words


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("beaten twice that year", True),
        ("they may have gone; march in step", True),
        ("held for 10 days", True),
        ("10일 동안, 3개월간 갇혔다", True),
        ("on 3 May he was beaten", False),
        ("beaten in May 2010", False),
        ("beaten on 2010-05-03", False),
        ("beaten on 3.5.2010", False),
        ("2010년 5월 3일에 맞았다", False),
        ("dragged out of cell 7", False),
        ("dragged out of cell 70", True),
        ("by the north store", False),
        ("North store에서 맞았다", False),
        ("in March he was beaten", False),
        ("until May nobody ate", False),
        ("beaten on the 15th", False),
        ("made to march", True),
    ],
)
def test_words_finer_than_what_is_shown_are_left_out(words: str, told: bool) -> None:
    where = {"summary": words, "place_label": "North store", "room_label": "cell 7"}
    incident = samples.incidents()[0].model_copy(update=where)
    row = public_row(incident, None, {}, NOBODY, NAMES, Tally(), by_building=True)
    assert (row.summary == words) is told


def test_incidents_of_two_facilities_with_one_number_stay_two() -> None:
    here = samples.incidents()[0]
    there = here.model_copy(update={"facility": "elsewhere"})
    rows = [public_row(one, None, {}, NOBODY, NAMES, Tally(), by_building=True) for one in (here, there)]
    assert rows[0].id != rows[1].id


def test_the_last_look_finds_what_slipped_through() -> None:
    assert leaks({"a.json": b'{"by": "Heron-Canary"}', "b.jpg": b"\x00heron\x00"}, ["heron-canary"]) == ["a.json"]
    assert leaks({"a.json": b'{"by": "w1"}'}, ["w1"]) == ["a.json"]
    assert leaks({"a.json": b'{"by": "w12"}', "b.glb": b"w1"}, ["w1"]) == []
