"""Findings name rooms by what people call them, and give their reasons in Korean."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from shapely.geometry import box

import geoinv.models
from geoinv.models.called import meant
from geoinv.models.claims import corroborate
from geoinv.models.claims_reasons import evidence_in_korean, reason_in_korean
from tests.models.claims_plans import between, building, place, room, storey, told


def _model():
    rooms = [
        room("room-0123456789abcdef", 0, 0, 3, 3).model_copy(
            update={"labels": ("cell 1", "1호 감방"), "drawn": ("a.svg#r1",)}
        ),
        room("room-1123456789abcdef", 3.2, 0, 6, 3).model_copy(update={"labels": (), "drawn": ("a.svg#r2",)}),
    ]
    home = building(box(-0.3, -0.3, 6.3, 3.3), [storey(rooms)])
    return place(home.model_copy(update={"labels": ("main building", "구류장")}))


@pytest.mark.parametrize(
    ("wanted", "english", "korean"),
    [
        ("room-0123456789abcdef", "cell 1 (main building)", "1호 감방 (구류장)"),
        ("a.svg#r1", "cell 1 (main building)", "1호 감방 (구류장)"),
        ("cell 1", "cell 1 (main building)", "cell 1 (구류장)"),
        ("a.svg#r2", "a cell without a name (main building)", "이름 없는 감방 (구류장)"),
        ("cell", "cell", "감방"),
        ("b.svg#r9", "something drawn", "그림의 한 부분"),
        ("the hole", "“the hole”", "“the hole”"),
    ],
)
def test_a_part_is_called_what_people_call_it(wanted, english, korean):
    model = _model()
    if wanted == "cell":  # several answer to it: the role is meant
        model = place(building(box(0, 0, 9, 9), [storey([room("a", 0, 0, 3, 3), room("b", 4, 0, 7, 3)])]))
    assert meant(model, wanted, "en") == english
    assert meant(model, wanted, "ko") == korean


def test_no_sentence_names_a_drawn_id():
    rows = [
        {"kind": "dimension", "subject": "a.svg#r1", "said_value": between(8, 10, "m2")},
        {"kind": "adjacent", "subject": "room-0123456789abcdef", "object": "a.svg#r2"},
        {"kind": "dimension", "subject": "b.svg#r9", "said_value": between(8, 10, "m2")},
    ]
    for finding in corroborate(_model(), told(*rows)).findings[:2]:
        for text in finding.sentence.values():
            assert "#" not in text
            assert "room-" not in text


def _said():
    """Every reason that the tests of claims raise, with words in place of what differs."""
    for path in sorted(Path(geoinv.models.__file__).parent.glob("claims*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Untestable" and node.args:
                given = node.args[0]
                if isinstance(given, ast.Constant):
                    yield str(given.value)
                elif isinstance(given, ast.JoinedStr) and isinstance(given.values[0], ast.Constant):
                    yield "".join(str(one.value) if isinstance(one, ast.Constant) else "X" for one in given.values)


def test_every_reason_is_told_in_korean():
    reasons = list(_said())
    assert len(reasons) > 25
    assert [one for one in reasons if reason_in_korean(one).startswith("(영문)")] == []
    for one in (
        "own account (a.svg#r1): nothing else shows cell 1",
        "own account: without this witness the model does not have what the claim is about",
        "the witness’s dates exclude block: there until 2010, and it was not standing yet on 2014",
        "the witness’s dates exclude block: there from 2018, and it was gone by 2017",
    ):
        assert not reason_in_korean(one).startswith("(영문)")


def test_what_would_flip_a_finding_is_told_in_korean_too():
    hatch = {"kind": "sees", "subject": "1호 감방", "object": "a.svg#r2", "said": "보였다"}
    size = {"kind": "dimension", "subject": "1호 감방", "said_value": between(8.5, 9.2, "m2")}
    found = corroborate(_model(), told(hatch, size))
    texts = [text for one in found.findings for flip in one.sensitivity for text in (flip.assumption, flip.otherwise)]
    texts += [row.element for row in found.table] + ["undecidable: nobody else shows cell 10", "pace", "version B"]
    assert [text for text in texts if evidence_in_korean(text) == text] == []
    assert evidence_in_korean("length of cell 1 (main building)") == "cell 1 (main building)의 길이"
    assert evidence_in_korean("what nobody foresaw") == "what nobody foresaw"
