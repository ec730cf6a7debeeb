"""What kept sentences say in Korean: whatever a search gives as its reasons and warnings has words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from geoinv.facilities.names import find
from geoinv.pages.told import note_told, told
from geoinv.records.facility import Facility
from geoinv.records.places import LonLat

_KNOWN = (
    Facility(slug="garam-mss", name="Garam County State Guard Detention Centre", agency="MSS", kind="detention_centre",
             place="Garam County, North Haemaru", other_names=("가람군 구류장",)),
    Facility(slug="garam-mps", name="Garam County People's Guard Detention Centre", agency="MPS",
             kind="detention_centre", place="Garam County, North Haemaru"),
    Facility(slug="kyohwaso-8", name="Kyohwaso No. 8", kind="kyohwaso", place="Maru County"),
    Facility(slug="camp-8", name="Camp No. 8", kind="kwanliso", place="Sol County"),
    Facility(slug="garam-2", name="Garam County Detention Centre", place="Garam County, North Haemaru"),
)  # fmt: skip
_PLACES = {"garam-mss": LonLat(-160.0, 40.0), "garam-mps": LonLat(-160.0005, 40.0), "garam-2": LonLat(-160.0, 40.0)}
_ASKED = ("garam", "karam-gun", "가람군 구류장", "Garam County State Guard Detention Centre", "MSS detention centre",
          "No. 8", "kyohwaso 8", "maru county", "garam-mss", "Karam County MPS detention", "garan",
          "detention centre", "North Haemaru")  # fmt: skip


@pytest.mark.parametrize("asked", _ASKED)
def test_every_reason_and_warning_of_a_search_has_korean_words(asked: str) -> None:
    found = find(asked, _KNOWN, places=_PLACES)
    sentences = [text for one in found for text in (*one.reasons, *one.warnings)]
    assert sentences
    for sentence in sentences:
        korean = told(sentence, "ko")
        assert korean != sentence and told(sentence, "en") == sentence
        # Beside names and their kinds, nothing stays in English.
        left = re.sub(r"“[^”]*”|\([^)]*\)|(기관|유형|소재지): .*|[A-Z][\w'’ .]*", "", korean)
        assert not re.search(r"\b(the|its|same|name|differ|known|but)\b", left), korean


def test_names_in_a_sentence_stay_as_they_are() -> None:
    text = "“{name}” (a-b) has nearly the same name; they differ in place (unknown / East)"
    assert told(text, "ko") == "“{name}” (a-b): 이름이 거의 같다; 다른 점: 소재지 (모름 / East)"


def test_a_sentence_without_words_stays_as_it_is() -> None:
    assert told("something else", "ko") == "something else"


def _noted(data: Any) -> Iterator[str]:
    """Notes of evidence that no person wrote."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key == "evidence" and isinstance(value, dict):
                yield from (
                    one["note"] for one in value.values() if one.get("note") and str(one.get("by")).startswith("geoinv")
                )
            yield from _noted(value)
    elif isinstance(data, list):
        for one in data:
            yield from _noted(one)


def test_whatever_evidence_rests_on_in_the_example_has_korean_words(repository: Path) -> None:
    notes = {
        clause
        for path in sorted(repository.glob("models/*/*json"))
        if path.name in ("blueprint.json", "footprints.geojson")
        for note in _noted(json.loads(path.read_text(encoding="utf-8")))
        for clause in note.split("; ")
    }
    assert len(notes) > 30
    assert {note for note in notes if not re.search("[가-힣]", note_told(note, "ko"))} == set()
    assert all(note_told(note, "en") == note for note in notes)


def test_why_incidents_are_bound_and_what_contradicts_what_in_the_example_has_korean_words(repository: Path) -> None:
    whys = {
        clause
        for path in sorted(repository.glob("models/*/bindings.json"))
        for one in json.loads(path.read_text(encoding="utf-8"))["bindings"]
        for clause in one["why"].split("; ")
    }
    assert len(whys) > 10 and {why for why in whys if note_told(why, "ko") == why} == set()
    assert (
        note_told("the corridor is drawn bent 4 times (inside-w2.png)", "ko")
        == "복도가 4번 꺾여 그려짐 (inside-w2.png)"
    )


def test_whatever_the_example_withholds_has_korean_words(repository: Path) -> None:
    manifests = sorted(repository.glob("api/public/*/manifest.json"))
    assert manifests
    for path in manifests:
        for one in json.loads(path.read_text(encoding="utf-8"))["generalised"]:
            assert re.search("[가-힣]", told(one["what"], "ko")) and re.search("[가-힣]", told(one["rule"], "ko")), one
