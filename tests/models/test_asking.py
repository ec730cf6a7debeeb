"""Questions are ranked by what their answers should change, and nobody is asked what is on record already."""

from __future__ import annotations

import numpy as np
import pytest
from shapely.geometry import box

from geoinv.models.asking import asks_of_model
from geoinv.models.asking_worth import AnswerLaw, worth_of_number, worth_of_yes
from geoinv.models.claims import corroborate
from geoinv.records.evidence import Status
from tests.models.claims_plans import between, building, place, room, storey, told

BY = {"w1.svg": "w1", "w2.svg": "w2", "w3.svg": "w3"}


def loose(spread=1.2, sources=("w2.svg#a",)):
    rooms = [
        room("one", 0, 0, 4, 4, sources=sources, status=Status.ATTESTED, spread=spread),
        room("two", 4.2, 0, 8.2, 4, sources=sources, status=Status.ATTESTED, spread=0.05),
    ]
    return place(building(box(-0.3, -0.3, 8.5, 4.3), [storey(rooms)]))


def asked(model, *claims, witnesses=("w1", "w2", "w3"), **more):
    said = told(*claims, told_by=BY, **more)
    return asks_of_model(model, said, corroborate(model, said).findings, witnesses=witnesses)


def test_the_width_of_an_interval_falls_as_the_normal_law_says():
    # A normal (of the logarithm) of sd 0.4 told with an error of sd 0.3: posterior sd 0.24, worked by hand.
    rng = np.random.default_rng(1)
    values = np.exp(np.log(4) + 0.05 * np.random.default_rng(2).standard_normal(4000))
    found = worth_of_number(values, AnswerLaw(0.0375), 1.0, rng)
    assert found.shrinks == pytest.approx(1 - 0.03 / 0.05, abs=0.05)


def test_an_answer_worth_nothing_changes_nothing():
    values = np.random.default_rng(2).uniform(3, 5, 400)
    assert worth_of_number(values, AnswerLaw(0.2), 0.0, np.random.default_rng(1)).shrinks < 0.01
    assert worth_of_yes(0.6, 0.3, 0.0, own=False).shrinks == pytest.approx(0.0)


def test_a_yes_is_worth_what_bayes_says():
    # Half sure, told by somebody right nine times in ten: wrong one time in ten afterwards.
    found = worth_of_yes(0.5, 0.5, 0.8, own=False)
    assert (found.now, found.after) == (pytest.approx(0.5), pytest.approx(0.1))


def test_what_is_least_known_is_asked_first_and_of_who_knows_it():
    first = asked(loose())[0]
    assert first.about in ("length", "width")
    assert "one" in first.sentence["en"]
    assert "one" in first.sentence["ko"]
    assert first.witness == "w2", "who drew the room knows it"
    assert first.shrinks > 0.1
    assert first.after < first.now.high - first.now.low


def test_nobody_is_asked_again_nor_whoever_had_it_from_them():
    size = {"kind": "dimension", "subject": "one", "said_value": between(13, 19, "m2")}
    whom = {one.witness for one in asked(loose(), size) if one.settles}
    assert "w1" not in whom, "w1 said it"
    shared = {one.witness for one in asked(loose(), size, dependent=[["w1", "w2"]]) if "c0" in one.on_record}
    assert not shared & {"w1", "w2"}


def test_an_undecidable_finding_is_settled_with_a_stated_chance():
    size = {"kind": "dimension", "subject": "one", "said_value": between(14, 18, "m2")}
    hangs = [one for one in asked(loose(0.5), size) if "c0" in one.settles]
    assert hangs
    assert 0 < hangs[0].settles["c0"] <= 1
    assert "c0" in hangs[0].sentence["en"]


def test_a_name_nobody_knows_is_asked_of_who_used_it():
    size = {"kind": "dimension", "subject": "the hole", "said_value": between(15, 17, "m2")}
    found = [one for one in asked(loose(0.05), size) if one.kind == "which part"]
    assert [(one.witness, one.about) for one in found] == [("w1", "the hole")]


def test_the_same_seed_asks_the_same():
    assert asked(loose()) == asked(loose())
