from __future__ import annotations

import time
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoinv.errors import FieldError, GeoinvError, UnreadableFileError, UnsafeFileError
from geoinv.files.spreadsheets import parse_sheets
from geoinv.files.tables import Table, incidents_from_table, pins_from_table, place_of, read_sheet
from tests.case.odd.traps import TRAPS

KOBO = (
    "start,witness,where,_where_latitude,_where_longitude,_where_altitude,_where_precision,note\n"
    "2026,w1,10.5 -150.2 0 8,10.5,-150.2,0,8.4,by the sea\n"
    "2026,w2,,,,,,could not find it\n"
    "2026,w3,10.6 -150.1 0 4,10.6,-150.1,0,4,\n"
)


def table(tmp_path: Path, content: str | bytes, name: str = "t.csv") -> Table:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_sheet(path)


def test_a_kobo_export_gives_pins_and_says_which_row_has_none(tmp_path: Path) -> None:
    told = pins_from_table(table(tmp_path, KOBO, "kobo.csv"))
    pins, problems = told.statements, told.problems
    assert [(pin.id, pin.witness, pin.point) for pin in pins] == [
        ("kobo-2", "w1", (-150.2, 10.5)),
        ("kobo-4", "w3", (-150.1, 10.6)),
    ]
    assert len(problems) == 1
    assert "kobo.csv, row 3" in problems[0]


def test_a_phones_accuracy_is_never_the_witnesss_radius(tmp_path: Path) -> None:
    pins = pins_from_table(table(tmp_path, KOBO)).statements
    assert pins[0].radius_m is None
    assert (pins[0].model_extra or {})["phone_accuracy_m"] == 8.4


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp949"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_korean_tables_are_read_in_any_usual_encoding(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = (
        delimiter.join(["증언자", "위도", "경도", "메모"])
        + "\n"
        + delimiter.join(["w1", "10.5", "-150.2", "바닷가 옆"])
        + "\n"
    )
    told = pins_from_table(table(tmp_path, text.encode(encoding)))
    pins = told.statements
    assert not told.problems
    assert (pins[0].witness, pins[0].said, pins[0].point) == ("w1", "바닷가 옆", (-150.2, 10.5))


def test_an_unknown_encoding_is_refused_rather_than_guessed(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="encoding"):
        table(tmp_path, "place\ncafé à côté\n".encode("latin-1"))


@pytest.mark.parametrize("odd", [True, False])
@pytest.mark.parametrize("damage", [b"\0", b"\xff", b"\x80\x81"])
@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_a_damaged_sign_costs_its_row_and_no_other(tmp_path: Path, damage: bytes, encoding: str, odd: bool) -> None:
    rows = [f"w{at},10.5,-150.2,바닷가 옆".encode(encoding) for at in range(60)]
    rows[30] = rows[30].replace(b"w30", b"w30" + damage)
    whole = b"witness,lat,lon,note\n" + b"\n".join(rows)
    # Whatever the parity of its length, by which a file can pass for UTF-16.
    told = pins_from_table(table(tmp_path, whole if odd else whole + b"\n"))
    assert len(told.statements) == 59 and {pin.said for pin in told.statements} == {"바닷가 옆"}
    assert len(told.problems) == 1 and "t.csv, row 32: signs of this row cannot be read" in told.problems[0]


def test_swapped_columns_are_refused_row_by_row(tmp_path: Path) -> None:
    told = pins_from_table(table(tmp_path, "witness,latitude,longitude\nw1,-150.2,10.5\nw2,10.5,-150.2\n"))
    assert [pin.witness for pin in told.statements] == ["w2"]
    assert "row 2, latitude" in told.problems[0]
    assert "swapped" in told.problems[0]


def test_swapped_values_that_are_possible_are_noticed_by_the_region() -> None:
    region = (30.0, -1.0, 34.0, 2.0)
    assert place_of(0.35, 32.6, region=region) == (32.6, 0.35)
    with pytest.raises(FieldError, match="swapped"):
        place_of(32.6, 0.35, region=region)
    assert place_of(32.6, 0.35) == (0.35, 32.6)


@pytest.mark.parametrize("value", ["nan", "inf", "1e400", "abc", "95", "12,34,5"])
def test_impossible_values_name_row_and_column(tmp_path: Path, value: str) -> None:
    problems = pins_from_table(table(tmp_path, f'witness;lat;lon\nw1;"{value}";200\n')).problems
    assert "row 2" in problems[0]
    assert "lat" in problems[0]


def test_a_workbook_reads_like_a_csv(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["witness", "latitude", "longitude", "note"],
        ["w1", 10.5, -150.25, "말"],
        [None] * 4,
        ["w2", 10, -150, None],
    ):
        sheet.append(row)
    book.save(tmp_path / "t.xlsx")
    told = pins_from_table(read_sheet(tmp_path / "t.xlsx"))
    assert [(pin.id, pin.point, pin.said) for pin in told.statements] == [
        ("t-2", (-150.25, 10.5), "말"),
        ("t-4", (-150.0, 10.0), None),
    ]
    assert not told.problems


def test_an_error_in_a_workbook_names_sheet_and_cell(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "자료"
    for row in (["witness", "latitude", "longitude"], ["w1", "up there", -150.25], ["w2", 10, -150]):
        sheet.append(row)
    book.save(tmp_path / "t.xlsx")
    told = pins_from_table(read_sheet(tmp_path / "t.xlsx"))
    assert [pin.witness for pin in told.statements] == ["w2"]
    assert told.problems[0].startswith("t.xlsx, sheet “자료”, cell B2, latitude: ")


def test_a_row_with_too_many_cells_costs_only_itself(tmp_path: Path) -> None:
    told = pins_from_table(table(tmp_path, "witness,lat,lon\nw1,10,-150,what\nw2,10,-150\n"))
    assert [pin.witness for pin in told.statements] == ["w2"]
    assert "row 2" in told.problems[0] and "more cells" in told.problems[0]


def test_uwazis_one_column_is_latitude_first(tmp_path: Path) -> None:
    told = pins_from_table(table(tmp_path, "title,witness,Geolocation_geolocation\nFictional,w1,10.5|-150.25\n"))
    assert [pin.point for pin in told.statements] == [(-150.25, 10.5)]


INCIDENTS = (
    "id,date_edtf,place_label,witness,kind,summary,certainty,weather\n"
    "i1,2009~,Kitchen,w1,beating,words,low,fog\n"
    "i2,2009-13,Kitchen,w1,beating,words,low,\n"
    "i3,,,w2,,,,\n"
    "i1,2010,Store,w1,theft,,,\n"
    "i4,../2018-12,창고,w1,,,very,\n"
)


def test_incidents_keep_good_rows_and_say_what_is_wrong_with_the_others(tmp_path: Path) -> None:
    incidents, problems = incidents_from_table(table(tmp_path, INCIDENTS), "cove")
    assert [incident.id for incident in incidents] == ["i1", "i3"]
    assert (incidents[0].model_extra or {})["weather"] == "fog"
    assert incidents[0].facility == "cove"
    assert [problem.split(":")[0] for problem in problems] == [
        "t.csv, row 3, date_edtf", "t.csv, row 5, id", "t.csv, row 6, certainty"
    ]  # fmt: skip


def test_acts_sources_and_consent_come_from_their_columns(tmp_path: Path) -> None:
    text = "사건번호,날짜,장소,침해,피해자,가해자,쪽,동의\nk1,2009-05,식당,torture,v1,p1,12,public;partners\n"
    incidents, problems = incidents_from_table(table(tmp_path, text), "cove")
    assert not problems
    incident = incidents[0]
    assert (incident.acts[0].violation, incident.acts[0].victim, incident.acts[0].perpetrator) == (
        "torture",
        "v1",
        "p1",
    )
    assert (incident.sources[0].source, incident.sources[0].page) == ("t.csv", "12")
    assert incident.consent == ("public", "partners")


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", UnreadableFileError),
        (b"\n\n", UnreadableFileError),
        (b"a,b\0,c\n1,2,3\n", UnreadableFileError),
        (b"a,a\n1,2\n", FieldError),
        (b"<html><table></table></html>", UnreadableFileError),
        (b"PK\x03\x04 not a workbook", UnreadableFileError),
        (b"\xd0\xcf\x11\xe0 old", UnreadableFileError),
        ((",".join(f"c{i}" for i in range(3000))).encode(), UnsafeFileError),
    ],
)
def test_bad_tables_are_one_sentence(tmp_path: Path, content: bytes, error: type[GeoinvError]) -> None:
    with pytest.raises(error, match=r"t\.csv") as caught:
        table(tmp_path, content)
    assert "\n" not in str(caught.value)


def test_a_table_without_places_says_what_to_name_them(tmp_path: Path) -> None:
    with pytest.raises(FieldError, match="latitude"):
        pins_from_table(table(tmp_path, "a,b\n1,2\n"))
    with pytest.raises(FieldError, match="template"):
        incidents_from_table(table(tmp_path, "a,b\n1,2\n"), "cove")


@given(
    st.one_of(
        st.binary(max_size=200), st.text(max_size=200).map(lambda text: ("witness,lat,lon,date\n" + text).encode())
    )
)
def test_only_our_errors_escape(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("t") / "fuzz.csv"
    path.write_bytes(data)
    try:
        sheet = read_sheet(path)
        incidents_from_table(sheet, "cove")
        pins_from_table(sheet)
    except GeoinvError as error:
        assert "fuzz.csv" in str(error)


def test_a_column_without_a_heading_is_kept_under_its_letter() -> None:
    (table,) = parse_sheets(b"witness,latitude,longitude,,\nw1,5,-30,,by the sea\n", file="a.csv")
    assert table.rows[0].values == {"witness": "w1", "latitude": "5", "longitude": "-30", "column E": "by the sea"}
    (pin,) = pins_from_table(table).statements
    assert pin.plain()["column E"] == "by the sea"


@pytest.mark.parametrize("name", ["far-row.xlsx", "far-cells.xlsx"])
def test_a_row_or_cell_numbered_far_beyond_any_sheet_is_refused_not_laid_out(name: str) -> None:
    start = time.process_time()
    with pytest.raises(UnsafeFileError, match="far below or beside"):
        parse_sheets(TRAPS[name](), file=name)
    assert time.process_time() - start < 10
