"""What `geoinv template` writes is read back, cell by cell; a wrong cell is named as the spreadsheet names it."""

from __future__ import annotations

import io
import time
from pathlib import Path

import openpyxl
import pytest

from geoinv.errors import FieldError, ReadOnlyError
from geoinv.files.account_tables import claims_from_table, rooms_from_table
from geoinv.files.consent_tables import consents_from_table
from geoinv.files.spreadsheets import read_sheets
from geoinv.files.statement_tables import landmarks_from_table, statements_from_table, table_kind
from geoinv.files.tables import incidents_from_table, pins_from_table
from geoinv.files.templates import TEMPLATES, template_bytes, write_template


def filled(tmp_path: Path, kind: str, rows: dict[str, list[dict[str, object]]]) -> Path:
    """A template with rows written under its headings (English words)."""
    book = openpyxl.load_workbook(io.BytesIO(template_bytes(kind)))
    for sheet, lines in rows.items():
        page = next(page for page in book.worksheets if page.title.startswith(sheet))
        heads = {str(cell.value).split(" (")[0]: cell.column for cell in page[1]}
        for number, line in enumerate(lines, 2):
            for name, value in line.items():
                page.cell(row=number, column=heads[name], value=value)
    book.save(tmp_path / f"{kind}.xlsx")
    return tmp_path / f"{kind}.xlsx"


@pytest.mark.parametrize("kind", TEMPLATES)
def test_every_template_is_known_by_its_sheets_and_the_same_bytes_every_time(tmp_path: Path, kind: str) -> None:
    first = template_bytes(kind)
    if kind == "rooms":
        time.sleep(2.1)  # a zip counts time in steps of two seconds
    assert template_bytes(kind) == first
    write_template(tmp_path / "t.xlsx", kind)
    found = read_sheets(tmp_path / "t.xlsx")
    assert [table_kind(table) for table in found][0] == kind
    assert all(not table.rows for table in found)
    assert not any("Read me" in str(table.sheet) for table in found)


@pytest.mark.parametrize("kind", TEMPLATES)
def test_headings_are_in_both_languages_and_lists_are_offered(kind: str) -> None:
    page = openpyxl.load_workbook(io.BytesIO(template_bytes(kind))).worksheets[0]
    heads = [str(cell.value) for cell in page[1]]
    assert all(any("가" <= sign <= "힣" for sign in head) and head[0].isascii() for head in heads)
    if kind != "consents":  # a form, nobody's words
        assert {"source (출처)", "page (쪽)", "quotation (원문)"} <= set(heads)
    if kind not in ("rooms", "pins"):
        assert page.data_validations.dataValidation


def test_statements_come_back_with_their_landmarks_and_sources(tmp_path: Path) -> None:
    path = filled(tmp_path, "statements", {
        "Landmarks": [{"landmark": "부두", "latitude": 5.0, "longitude": -30.0}, {"landmark": "hill", "latitude": "x"}],
        "Statements": [
            {"witness": "w1", "kind": "walk", "landmark": "부두", "direction": "북동쪽", "minutes": "10-15",
             "quotation": "부두에서 걸어서 10분", "source": "talk.docx", "page": "p12"},
            {"witness": "w1", "kind": "도보", "landmark": "부두", "minutes": 10},
            {"witness": "w2", "kind": "near", "landmark": "quarry", "distance_m": 300},
            {"witness": "w2", "kind": "near", "landmark": "부두", "distance_m": "far"},
            {"witness": "w2", "kind": "walk", "landmark": "부두"},
            {"witness": "w3", "kind": "pin", "latitude": 5.1, "longitude": -30.1, "radius_m": 50},
            {"kind": "pin", "latitude": 5.1, "longitude": -30.1},
        ],
    })  # fmt: skip
    statements, landmarks = read_sheets(path)
    found, misplaced = landmarks_from_table(landmarks)
    assert list(found) == ["부두"] and "sheet “Landmarks 지형지물”, cell C3" in misplaced[0]
    told = statements_from_table(statements, found)
    first = told.statements[0]
    assert (first.kind, first.landmark, first.direction, first.minutes) == ("walk", "부두", "NE", (10, 15))
    assert first.said == "부두에서 걸어서 10분"
    assert (first.model_extra or {})["sources"] == [
        {"source": "talk.docx", "page": "p12", "quotation": "부두에서 걸어서 10분"}
    ]
    assert [(s.witness, s.kind) for s in told.statements] == [("w1", "walk"), ("w1", "walk"), ("w3", "pin")]
    places = [problem.split(": ")[0] for problem in told.problems]
    assert places == [
        "statements.xlsx, sheet “Statements 진술”, cell G4, landmark (지형지물)",
        "statements.xlsx, sheet “Statements 진술”, cell J5, distance_m (거리)",
        "statements.xlsx, sheet “Statements 진술”, cell K6, minutes (걸린시간)",
        "statements.xlsx, sheet “Statements 진술”, cell B8, witness (증언자)",
    ]


def test_claims_rooms_and_incidents_come_back(tmp_path: Path) -> None:
    (claims,) = read_sheets(filled(tmp_path, "claims", {"Claims": [
        {"witness": "w1", "kind": "distance", "subject": "gate", "object": "hall", "low": 20, "high": 30, "unit": "m"},
        {"witness": "w1", "kind": "distance", "subject": "gate", "low": 30, "high": 20, "unit": "m"},
        {"witness": "w1", "kind": "smell", "subject": "gate"},
    ]}))  # fmt: skip
    found, problems = claims_from_table(claims)
    assert [(c.subject, c.said_value and (c.said_value.low, c.said_value.high)) for c in found] == [("gate", (20, 30))]
    assert ["cell J3" in problems[0], "cell C4" in problems[1]] == [True, True]
    (rooms,) = read_sheets(filled(tmp_path, "rooms", {"Rooms": [
        {"witness": "w1", "building": "block", "room": "cell 3", "use": "cell", "count": 6, "occupants": "10-15",
         "length_m": 3.5, "width_m": "2", "next_to": "cell 2, latrine"},
        {"witness": "w1", "room": "cell 4", "count": "six"},
    ]}))  # fmt: skip
    told, problems = rooms_from_table(rooms)
    room = told[0]
    assert (room.room, room.role, room.count, room.next_to) == ("cell 3", "cell", 6, ("cell 2", "latrine"))
    assert room.occupants is not None and (room.occupants.low, room.occupants.high, room.occupants.said) == (
        10,
        15,
        "10-15",
    )
    assert "cell F3, count (개수)" in problems[0]
    (incidents,) = read_sheets(filled(tmp_path, "incidents", {"Incidents": [
        {"id": "i1", "date": "2009년 5월", "place_label": "식당", "witness": "w1", "kind": "search",
         "summary": "Fictional", "certainty": "low", "violation": "v", "consent": "public"},
        {"id": "i2", "date": "5/12/2009", "summary": "Fictional"},
    ]}))  # fmt: skip
    kept, problems = incidents_from_table(incidents, "reef")
    assert [(i.id, str(i.date), i.consent) for i in kept] == [("i1", "2009-05", ("public",))]
    assert "cell B3, date (날짜)" in problems[0]


def test_a_filled_in_file_is_never_covered(tmp_path: Path) -> None:
    write_template(tmp_path / "t.xlsx", "rooms")
    with pytest.raises(ReadOnlyError, match="filled it in"):
        write_template(tmp_path / "t.xlsx", "rooms")
    with pytest.raises(FieldError, match=r"\.xlsx"):
        write_template(tmp_path / "t.ods", "rooms")
    with pytest.raises(FieldError, match="statements, claims, rooms, incidents"):
        write_template(tmp_path / "u.xlsx", "poems")


def test_a_consent_form_comes_back_and_names_the_cell_of_what_is_no_consent(tmp_path: Path) -> None:
    (table,) = read_sheets(filled(tmp_path, "consents", {"Consents": [
        {"witness": "w1", "act": "use", "audience": "*", "given": "no"},
        {"witness": "w1", "act": "공유", "audience": "public", "given": "예", "until": "2030-05"},
        {"witness": "w2", "act": "share", "audience": "public"},
        {"witness": "w3", "act": "sell", "audience": "public", "given": "yes"},
        {"witness": "w3", "act": "share", "audience": "public", "given": "perhaps"},
        {"witness": "w3", "act": "share", "audience": "public", "given": "yes", "until": "the thaw"},
        {"act": "share", "audience": "public", "given": "yes"},
    ]}))  # fmt: skip
    found, problems = consents_from_table(table)
    assert [(one.witness, one.act, one.given, one.until) for one in found] == [
        ("w1", "use", False, None), ("w1", "share", True, "2030-05"), ("w2", "share", False, None),
    ]  # fmt: skip
    cells = ["cell B5, act (행위)", "cell D6, given (동의여부)", "cell E7, until (기한)", "cell A8, witness (증언자)"]
    assert [cell in problem for cell, problem in zip(cells, problems, strict=True)] == [True] * 4


def test_pins_come_back(tmp_path: Path) -> None:
    (table,) = read_sheets(filled(tmp_path, "pins", {"Pins": [
        {"witness": "w1", "latitude": 5.0, "longitude": -30.0, "radius_m": 80, "of": "kitchen", "quotation": "여기"},
        {"witness": "w1", "latitude": 95.0, "longitude": -30.0},
    ]}))  # fmt: skip
    told = pins_from_table(table)
    (pin,) = told.statements
    assert (pin.witness, pin.radius_m, pin.of, pin.said) == ("w1", 80, "kitchen", "여기")
    assert "cell B3, latitude (위도)" in told.problems[0]


@pytest.mark.parametrize("kind", TEMPLATES)
def test_a_template_is_one_of_csv_too(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"{kind}.csv"
    write_template(path, kind.removesuffix("s"))
    (table,) = read_sheets(path)
    assert table.columns[0].endswith(")") and not table.rows
    if kind != "incidents":  # those are known by the file's name
        assert table_kind(table) == kind
