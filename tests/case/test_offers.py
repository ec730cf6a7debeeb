"""Measures in words are offered, taken only when a person says so, and then stand on the statement."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from geoinv.case.decisions import decide
from geoinv.case.folder import Case
from geoinv.case.intake import take_in
from geoinv.case.offers import offer_named, offers_of
from geoinv.errors import FieldError
from geoinv.records.decisions import SetProperty

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
            "words.yaml#s3:distance_m:1", "words.yaml#s3", "words.yaml#s3:distance_m:2",
        ]  # fmt: skip


def test_what_a_person_accepts_stands_on_the_statement_and_is_offered_no_more(case_root: Path) -> None:
    with Case.open(case_root) as case:
        take_in(case, by="ines")
        chosen = offer_named(offers_of(case, "reef"), "words.yaml#s1:distance_m")
        body = SetProperty(target=chosen.target, field=str(chosen.field), value=chosen.value)
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
