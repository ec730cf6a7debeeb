"""Rivals, assumptions and caveats stand in Korean beside the English, whatever the kind of claim."""

from __future__ import annotations

import re

import pytest
from shapely.geometry import box

from geoinv.models.claims import TESTS, _why_open, corroborate
from geoinv.models.claims_assumed import assumed
from geoinv.models.claims_korean import told_in_korean
from geoinv.models.claims_reasons import reason_in_korean
from geoinv.records.claims import Claim
from tests.models.claims_plans import between, building, place, room, storey, told

_ENGLISH = re.compile(r"\b(the|model|rooms?|said|of|with|and|at|open|shut|standing)\b")


@pytest.mark.parametrize(
    "said",
    [
        *({"kind": "dimension", "measure": name, "said_value": between(1, 2)} for name in ("length", "height", "sill")),
        {"kind": "dimension", "said_value": between(1, 2, "m2")},
        {"kind": "count", "said_value": between(1, 2, "count")},
        {"kind": "count", "counted": "turns", "said_value": between(1, 2, "count")},
        {"kind": "area_per_person", "said_value": between(1, 2, "count")},
        {"kind": "distance", "said_value": between(1, 2)},
        {"kind": "walk_time", "said_value": between(1, 2, "min")},
        {"kind": "walk_time", "said_value": between(1, 2, "min"), "conditions": {"pace_m_s": between(1, 2)}},
        {"kind": "adjacent"},
        {"kind": "sees", "conditions": {"standing_on_m": 0.4, "hatch": "open", "pose": "kneeling"}},
        {"kind": "sees", "conditions": {"eye_height_m": between(1, 2)}},
        {"kind": "sun_patch"},
        {"kind": "sun_patch", "utc_offset_h": 9},
    ],
    ids=lambda said: "-".join(str(value) for value in said.values() if isinstance(value, str)),
)
def test_every_rival_assumption_and_caveat_is_told_in_korean(said):
    claim = Claim.read({"id": "c", "witness": "w1", "subject": "a", "object": "b", **said})
    test = TESTS[claim.kind](claim)
    words = [test.rivals, *test.caveats, *assumed(claim), *assumed(claim).values()]
    words += [part for name, otherwise, _ in test.alternatives for part in (name, otherwise)]
    for english in words:
        korean = told_in_korean(english)
        assert re.search("[가-힣]", korean), english
        assert not _ENGLISH.search(korean), korean


@pytest.mark.parametrize(("rate", "left_out"), [(0.0, 0.03), (0.02, 0.0), (0.4, 0.0), (0.8, 0.03)])
def test_every_reason_not_to_decide_is_told_in_korean(rate, left_out):
    korean = reason_in_korean(_why_open(rate, 0.3, left_out))
    assert f"{rate:.0%}" in korean
    assert not re.search("[A-Za-z]", korean), korean


def test_a_finding_carries_them_beside_the_english():
    model = place(building(box(-0.3, -0.3, 4.3, 3.3), [storey([room("cell", 0, 0, 4, 3)])]))
    heads = between(29, 31, "count")
    found = corroborate(
        model,
        told({"kind": "area_per_person", "subject": "cell", "occupants": heads, "said_value": between(0.3, 0.5, "m2")}),
    ).findings[0]  # fmt: skip
    korean = found.words["ko"]
    assert len(korean.caveats) == len(found.caveats) == 4
    assert "4 ㎡" in korean.caveats[0]
    assert "로그정규분포" in korean.rivals
