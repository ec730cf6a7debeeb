"""A label finds its building in either language, by its kind, or not at all; several are a question. All fictional."""

import json
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from geoinv.facilities.building_names import Called, building_called, called_by_pins, room_called
from geoinv.facilities.incidents import bind
from geoinv.facilities.place_words import building_named, main_kind, room_named, said_alike
from geoinv.records.drawings import Sketch, SketchElement
from geoinv.records.evidence import Status
from geoinv.records.footprints import Footprint
from geoinv.records.incidents import Incident
from geoinv.records.testimony import Statement
from tests.facilities.test_incidents import ROOMS

VOCABULARY = json.loads(files("geoinv").joinpath("facilities/data/place_words.json").read_text(encoding="utf-8"))
TERMS = [
    (table, entry["kind"], term)
    for table in ("buildings", "rooms")
    for entry in VOCABULARY[table]
    for term in (*entry["en"], *entry["ko"])
]


def names(**labels: str) -> list[Called]:
    return [Called(item, label) for item, label in labels.items()]


@pytest.mark.parametrize(("table", "kind", "term"), TERMS)
def test_every_term_names_its_kind_and_leaves_no_word_over(table: str, kind: str, term: str) -> None:
    found = (building_named if table == "buildings" else room_named)(term.upper())
    assert (found.kind, found.rest) == (kind, ())


def test_every_entry_has_both_languages_and_a_source_that_is_listed() -> None:
    for table in ("buildings", "rooms"):
        for entry in VOCABULARY[table]:
            assert entry["en"] and entry["ko"] and set(entry["sources"]) <= set(VOCABULARY["sources"])
        terms = [term for entry in VOCABULARY[table] for term in (*entry["en"], *entry["ko"])]
        assert len(terms) == len(set(terms))


@pytest.mark.parametrize("label", ["barracks 3", "Third hut", "3호동", "the hut no. 3", "막사 3"])
def test_a_number_is_read_in_digits_words_and_korean(label: str) -> None:
    assert building_named(label).means(building_named("Barracks 3"))
    assert not building_named(label).means(building_named("barracks 4"))


@given(st.text(max_size=30))
def test_any_text_can_be_read(text: str) -> None:
    assert building_named(text).means(building_named(text)) or building_named(text).kind is None


@pytest.mark.parametrize(
    ("label", "probability"), [("Kitchen", 1.0), ("취사장", 0.9), ("cookhouse", 0.9), ("the big kitchen", 1.0)]
)
def test_a_label_means_the_building_that_is_called_so_in_any_words(label: str, probability: float) -> None:
    which = building_called(label, names(b1="kitchen", b2="barracks 1"))
    expected = 0.9 if label == "the big kitchen" else probability
    assert (which.item, which.probability) in (("b1", probability), ("b1", expected))


def test_several_of_a_kind_are_a_question() -> None:
    which = building_called("취사장", names(b1="kitchen", b2="cookhouse", b3="store"))
    assert which.item is None and which.among == ("b1", "b2") and "cannot be said" in which.why


def test_the_only_one_of_its_kind_is_a_reason_but_less_sure() -> None:
    which = building_called("punishment block", names(b1="north punishment block", b2="barracks 1"))
    assert which.item == "b1" and which.probability == 0.6 and "only punishment block drawn here" in which.why
    assert building_called("barracks", names(b1="barracks 3")).item is None  # there may be more of them


def test_the_main_building_of_a_detention_centre_is_its_detention_block() -> None:
    called = names(b1="main building", b2="kitchen")
    which = building_called("구류장", called, facility_kind="detention_centre")
    assert which.item == "b1" and which.probability == 0.75
    assert building_called("구류장", called, facility_kind="labour_training_camp").item is None
    assert main_kind("detention_centre") == "detention block" and main_kind(None) is None


@pytest.mark.parametrize("label", ["the old barn", "new building", "barracks 12", "x", ""])
def test_what_nobody_names_means_nothing(label: str) -> None:
    assert building_called(label, names(b1="barracks 1", b2="kitchen")).item is None


def test_another_number_is_no_misspelling() -> None:
    assert room_called("cell 11", names(r1="cell 12")).item is None
    assert building_called("kichen", names(b1="kitchen")).probability == 0.7


def test_rooms_are_known_across_languages() -> None:
    called = names(r1="cell 7", r2="punishment cell 7", r3="interrogation room 1")
    assert [room_called(label, called).item for label in ("7호 감방", "독방 7", "조사실 1", "8호 감방")] == [
        *("r1", "r2", "r3"),
        None,
    ]


def test_labels_are_the_same_but_for_case_articles_and_brackets() -> None:
    assert said_alike("The Kitchen (old)", "kitchen") and not said_alike("", "")


def building(name: str, west: float, *labels: str) -> Footprint:
    return Footprint(
        id=name,
        facility="f",
        geometry=box(west, 0, west + 1e-4, 1e-4),
        labels=labels,
        status=Status.ATTESTED,
        outline_from="sketch",
    )


def test_a_pin_names_the_one_nameless_building_it_lies_by() -> None:
    pin = Statement.read({"id": "p", "witness": "w1", "kind": "pin", "point": [5e-5, 5e-5], "of": "kitchen"})
    (found,) = called_by_pins([building("b1", 0.0), building("b2", 0.01)], [pin])
    assert (found.item, found.probability) == ("b1", 0.5) and "w1's pin" in found.why
    assert called_by_pins([building("b1", 0.0), building("b2", 2e-4)], [pin]) == ()  # it may be either
    assert called_by_pins([building("b1", 0.0), building("b2", 0.01, "취사장")], [pin]) == ()  # known from a drawing


def test_a_room_goes_by_what_the_incidents_own_witness_called_it() -> None:
    rooms = ROOMS.assign(labels=[["cell 8", "cell 9"], ["cell 8"]], drawn=[["a.svg#r1"], ["b.svg#r1"]], building="b1")
    drawings = [
        Sketch(
            name=name,
            witness=witness,
            scope="building",
            elements=(SketchElement(id="r1", role="room", geometry=box(0, 0, 1, 1), label=label),),
        )
        for name, witness, label in (("a.svg", "w1", "cell 9"), ("b.svg", "w2", "cell 8"))
    ]
    footprints = [building("b1", 0.0, "block")]
    told = [
        Incident.read(
            {"id": witness, "facility": "f", "place_label": "block", "room_label": "8호 감방", "witness": witness}
        )
        for witness in ("w2", "w3")
    ]
    own, other = bind(told, footprints, rooms, drawings=drawings)
    assert own.room == "r2" and "w2's own drawing" in own.why
    assert other.room is None and other.footprint == "b1" and "2 rooms are called" in other.why
