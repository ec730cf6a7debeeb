"""What tells who somebody is, is found; what does not is left alone; nothing found is shown in full."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoinv.facilities.identifying import column_kind, identifying_in, in_column, masked, vocabulary_version

_LISTS = Path(__file__).parent / "identifying"


def _lines(half: str) -> list[dict[str, Any]]:
    return list(json.loads((_LISTS / f"{half}.json").read_text(encoding="utf-8"))["lines"])


def _counts(half: str) -> tuple[int, int, int, int]:
    """Lines with something in them that were found and missed; lines with nothing that were left alone and not."""
    lines = _lines(half)
    full = [bool(identifying_in(line["text"])) for line in lines if line["kinds"]]
    empty = [bool(identifying_in(line["text"])) for line in lines if not line["kinds"]]
    return sum(full), len(full) - sum(full), len(empty) - sum(empty), sum(empty)


def test_on_the_half_never_mended_the_figures_are_those_of_the_documentation() -> None:
    found, missed, left, alarmed = _counts("measured_on")
    assert (found, missed, left, alarmed) == (49, 6, 69, 1), "mend docs/protection.md with these"


def test_on_the_half_it_was_built_on_nothing_is_missed_and_nothing_alarms() -> None:
    found, missed, left, alarmed = _counts("built_on")
    assert missed == 0 and alarmed == 0 and found and left


@pytest.mark.parametrize("half", ["built_on", "measured_on"])
def test_what_is_found_is_of_the_kind_it_is(half: str) -> None:
    for line in _lines(half):
        kinds = {one.kind for one in identifying_in(line["text"])}
        if line["kinds"] and kinds:
            assert kinds == set(line["kinds"]), line["text"]


def test_the_halves_share_no_line() -> None:
    texts = [{line["text"] for line in _lines(half)} for half in ("built_on", "measured_on")]
    assert not texts[0] & texts[1]


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("deviceid", "device"),
        ("phonenumber", "telephone number"),
        ("username", "account"),
        ("_submitted_by", "account"),
        ("simserial", "device"),
        ("meta/deviceid", "device"),
        ("group/phone", "telephone number"),
        ("전화 번호", "telephone number"),
        ("성명", "personal name"),
        ("Witness", "personal name"),
        ("여권번호", "identity number"),
        ("거주지", "address"),
        ("name", None),
        ("latitude", None),
        ("place_label", None),
        ("microphone", None),
        ("이름", None),
        ("_id", None),
    ],
)
def test_columns_of_people_are_known_in_both_languages(header: str, kind: str | None) -> None:
    assert column_kind(header) == kind


@pytest.mark.parametrize(
    "value", ["simulated-device", "redacted", "xxx", "w1", "W-12", "witness 3", "", "n/a", "없음", "unknown"]
)
def test_codenames_and_empty_cells_in_such_columns_are_no_matter(value: str) -> None:
    assert in_column("personal name", value) is None


def test_columns_of_devices_need_no_pattern() -> None:
    assert in_column("device", "ee.gull:x7Qp") is not None
    assert in_column("device", "collect:") is None


def test_a_chinese_number_counts_only_with_its_check_sign() -> None:
    assert identifying_in("11010519491231002X") and not identifying_in("110105194912310021")


@given(st.text(max_size=80))
def test_no_text_is_shown_in_full_and_none_breaks_it(text: str) -> None:
    for one in identifying_in(text):
        assert len(one.shape.partition("…")[0]) <= 1
    assert len(masked("Quiet Gull")) < 20 and "Gull" not in masked("Quiet Gull")


def test_the_vocabulary_has_a_version() -> None:
    assert vocabulary_version() == "1"
