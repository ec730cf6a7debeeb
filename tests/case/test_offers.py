"""Measures in words are offered, taken only when a person says so, and then stand on the statement."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from geoinv.case.decisions import decide
from geoinv.case.folder import Case
from geoinv.case.intake import take_in
from geoinv.case.offers import accepted, offer_named, offers_of
from geoinv.case.told import claims_of
from geoinv.errors import FieldError
from geoinv.records.decisions import RecordClaim, SetProperty, Undo

_SAID = """statements:
  - {id: s1, witness: w1, kind: from, landmark: quay, said: "부두에서 북동쪽으로 500미터쯤"}
  - {id: s2, witness: w1, kind: from, landmark: quay, distance_m: 200, said: "two hundred metres north"}
  - {id: s3, witness: w1, kind: near, landmark: quay, said: "from the quay 300 m or 5 pyeong of mud, 400 m"}
"""


@pytest.fixture
def case_root(make_case: Callable[..., Path]) -> Path:
    root = make_case()
    (root / "facilities/reef/testimony/words.yaml").write_text(_SAID)
    return root


def test_words_are_offered_and_never_taken_silently(case_root: Path) -> None:
    with Case.open(case_root) as case:
        (outcome,) = [file for file in take_in(case, by="ines").files if file.path.endswith("words.yaml")]
        assert any("decide words reef" in note for note in outcome.notes)
        told = {s.id: s for s in case.statements("reef").statements}
        assert (told["words.yaml#s1"].distance_m, told["words.yaml#s1"].direction) == (None, None)
        assert [offer.name for offer in offers_of(case, "reef")] == [
            "words.yaml#s1:direction", "words.yaml#s1:distance_m", "words.yaml#s2:direction",
            "words.yaml#s3:distance_m:1", "words.yaml#s3:area", "words.yaml#s3:distance_m:2",
        ]  # fmt: skip


def test_what_a_person_accepts_stands_on_the_statement_and_is_offered_no_more(case_root: Path) -> None:
    with Case.open(case_root) as case:
        take_in(case, by="ines")
        chosen = offer_named(offers_of(case, "reef"), "words.yaml#s1:distance_m")
        body = accepted(chosen, "reef")
        assert isinstance(body, SetProperty)
        decide(case, body, by="ines", reason="as she meant it", proposed=chosen.reading.plain())
        told = {s.id: s for s in case.statements("reef").statements}
        assert told["words.yaml#s1"].distance_m == (375, 625)
        assert told["words.yaml#s1"].said == "부두에서 북동쪽으로 500미터쯤"
        assert "words.yaml#s1:distance_m" not in [offer.name for offer in offers_of(case, "reef")]


def test_what_is_not_offered_cannot_be_accepted(case_root: Path) -> None:
    with Case.open(case_root) as case:
        take_in(case, by="ines")
        with pytest.raises(FieldError, match="decide words"):
            offer_named(offers_of(case, "reef"), "words.yaml#s3")


def test_an_area_a_count_and_a_walk_beside_a_pin_become_claims_when_a_person_says_of_what(case_root: Path) -> None:
    (case_root / "facilities/reef/testimony/rooms.yaml").write_text(
        """statements:
  - {id: s1, witness: w1, kind: pin, point: [-30.0, 5.0], of: "cell",
     said: "the cell was 5 pyeong, six cells in a row, ten minutes' walk from the gate"}
"""
    )
    with Case.open(case_root) as case:
        take_in(case, by="ines")
        offers = {offer.name: offer for offer in offers_of(case, "reef") if offer.name.startswith("rooms")}
        assert {offer.claim for offer in offers.values()} == {"dimension", "count", "walk_time"}
        with pytest.raises(FieldError, match="--to"):
            accepted(offers["rooms.yaml#s1:duration"], "reef")
        for name, more in (
            ("area", {}),
            ("count", {"subject": "block"}),
            ("duration", {"subject": "gate", "to": "cell"}),
        ):
            body = accepted(offers[f"rooms.yaml#s1:{name}"], "reef", **more)
            assert isinstance(body, RecordClaim)
            entry = decide(case, body, by="ines", reason="as she said it")
        told = {claim.kind: claim for claim in claims_of(case, "reef")}
        area = told["dimension"].said_value
        assert area is not None and area.low <= 5 * 400 / 121 <= area.high and area.unit == "m2"
        assert (told["dimension"].subject, told["count"].subject) == ("cell", "block")
        assert (told["walk_time"].subject, told["walk_time"].object) == ("gate", "cell")
        assert [offer.name for offer in offers_of(case, "reef") if offer.name.startswith("rooms")] == []
        decide(case, Undo(entry=entry.id), by="ines", reason="from the other gate")
        assert {claim.kind for claim in claims_of(case, "reef")} == {"dimension", "count"}
        assert "rooms.yaml#s1:duration" in [offer.name for offer in offers_of(case, "reef")]


def test_a_measure_without_a_subject_asks_for_it(case_root: Path) -> None:
    with Case.open(case_root) as case:
        take_in(case, by="ines")
        with pytest.raises(FieldError, match="--subject"):
            accepted(offer_named(offers_of(case, "reef"), "words.yaml#s3:area"), "reef")
