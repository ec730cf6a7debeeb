"""Odd CSV and XLSX files: surveys, filled-in templates, incidents."""

from __future__ import annotations

import io
from typing import Any

import openpyxl

from geoinv.files.templates import template_bytes
from tests.case.odd.boxes import xls
from tests.case.odd.making import Odd, csv_of, png, zipped

__all__ = ["TABLES"]

_ONE, _TWO = {"statement": 1}, {"statement": 2}
_HEAD = "witness,latitude,longitude"
_KOBO = "start,witness,where,_where_latitude,_where_longitude,_where_altitude,_where_precision,photo,note"


def _book(**sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _hidden(visible: list[list[Any]], hidden: list[list[Any]]) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(_book(secret=hidden, pins=visible)))
    book["secret"].sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _filled(kind: str, rows: dict[int, list[dict[str, Any]]]) -> bytes:
    """A template with rows under its headings, sheet by sheet."""
    book = openpyxl.load_workbook(io.BytesIO(template_bytes(kind)))
    for index, lines in rows.items():
        page = book.worksheets[index]
        heads = {str(cell.value).split(" (")[0]: cell.column for cell in page[1]}
        for number, line in enumerate(lines, 2):
            for name, value in line.items():
                page.cell(row=number, column=heads[name], value=value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


_PINS = [["witness", "latitude", "longitude"], ["w1", 5, -30], ["w2", 5.1, -30.1]]
_CSV = (
    Odd("plain.csv", csv_of(_HEAD, "w1,5,-30"), _ONE),
    Odd("kobo.csv", csv_of(_KOBO, "2026,w1,5 -30 0 8,5,-30,0,8.4,,by the sea", "2026,w2,,,,,,,lost"), _ONE, 1,
        ("row 3", "no latitude and longitude")),
    Odd("kobo-photo.csv", csv_of(_KOBO, "2026,w1,,5,-30,0,8.4,1690000000.jpg,"), _ONE, 0, ("1690000000.jpg",)),
    Odd("kobo-with-photo.csv", csv_of(_KOBO, "2026,w1,,5,-30,0,8.4,shore.png,x"), _ONE, beside={"shore.png": png()}),
    Odd("odk.csv", csv_of("SubmissionDate;witness;geopoint", "2026;w1;5.5 -30.5 0 4"), _ONE),
    Odd("semicolons.csv", csv_of(_HEAD.replace(",", ";"), "w1;5,25;-30,5"), _ONE),
    Odd("tabs.tsv", csv_of(_HEAD.replace(",", "\t"), "w1\t5\t-30"), _ONE),
    Odd("bars.csv", csv_of(_HEAD.replace(",", "|"), "w1|5|-30"), _ONE),
    Odd("korean.csv", csv_of("증언자,위도,경도,메모", "w1,5,-30,바닷가"), _ONE),
    Odd("cp949.csv", "증언자,위도,경도,메모\nw1,5,-30,바닷가 옆\n".encode("cp949"), _ONE),
    Odd("utf16.csv", "증언자,위도,경도\nw1,5,-30\n".encode("utf-16"), _ONE),
    Odd("utf16le.csv", (_HEAD + "\nw1,5,-30\n").encode("utf-16-le"), _ONE),
    Odd("utf16be.csv", (_HEAD + "\nw1,5,-30\n").encode("utf-16-be"), _ONE),
    Odd("mark.csv", b"\xef\xbb\xbf" + csv_of(_HEAD, "w1,5,-30"), _ONE),
    Odd("latin.csv", "witness,latitude,longitude,note\nw1,5,-30,café à côté\n".encode("latin-1"), {}, 1, ("encoding",)),
    Odd("crlf.csv", b"witness,latitude,longitude\r\nw1,5,-30\r\n\r\n", _ONE),
    Odd("mac.csv", b"witness,latitude,longitude\rw1,5,-30\r", _ONE),
    Odd("blank-top.csv", csv_of("", "", _HEAD, "w1,5,-30"), _ONE),
    Odd("quoted.csv", csv_of(_HEAD + ",note", 'w1,5,-30,"by the sea, then\nleft"'), _ONE),
    Odd("more-cells.csv", csv_of(_HEAD, "w1,5,-30,what", "w2,5,-30"), _ONE, 1, ("row 2", "more cells")),
    Odd("fewer-cells.csv", csv_of(_HEAD, "w1,5", "w2,5,-30"), _ONE, 1, ("only one of",)),
    Odd("swapped.csv", csv_of(_HEAD, "w1,-130,5", "w2,5,-30"), _ONE, 1, ("swapped",)),
    Odd("words.csv", csv_of(_HEAD, "w1,five,-30", "w2,5,-30"), _ONE, 1, ("not a number",)),
    Odd("degrees.csv", csv_of(_HEAD, "w1,5°,-30°"), _ONE),
    Odd("unnamed.csv", csv_of("latitude,longitude", "5,-30"), {}, 1, ("no witness",)),
    Odd("twice.csv", csv_of("witness,lat,lat", "w1,5,-30"), {}, 1, ("two columns are called “lat”",)),
    Odd("columns.csv", csv_of("a,b", "1,2"), {}, 1, ("geoinv template",)),
    Odd("header-only.csv", csv_of(_HEAD)),
    Odd("open-mark.csv", csv_of(_HEAD, 'w1,5,"-30', "w2,5,-30", "w3,6,-31"), _TWO, 1, ("row 2", "never closed")),
    Odd("long-name.csv", csv_of(_KOBO, f"2026,w1,,5,-30,0,8.4,{'1' * 400}.jpg,"), _ONE, 0, ("is not beside",)),
    Odd("no-heading.csv", csv_of(_HEAD + ",,", "w1,5,-30,,by the sea"), _ONE),
    Odd("nothing.csv", b"", {}, 1, ("empty",)),
    Odd("blank.csv", b"\n\n \n", {}, 1, ("no rows",)),
    Odd("page.csv", b"<html><table><tr><td>witness</td></tr></table></html>", {}, 1, ("not a CSV",)),
    Odd("noughts.csv", b"witness,lat\0,lon\n1,2,3\n", {}, 1),
    Odd("wide.csv", (",".join(f"c{i}" for i in range(2500))).encode(), {}, 1, ("columns",)),
    Odd("quote.csv", b'witness,latitude,longitude\n"w1,5,-30\n' + b"x" * 140_000, {}, 1),
    Odd("formula.csv", csv_of(_HEAD + ",note", "w1,5,-30,=HYPERLINK(\"https://example.invalid\")"), _ONE),
    Odd("uwazi.csv", csv_of("title,template,witness,Geolocation_geolocation", "Fictional,Place,w1,5.5|-30.5"), _ONE),
    Odd("statements.csv", csv_of("witness,kind,landmark,distance_m,quotation", "w1,near,quay,300,x"), {}, 1,
        ("no landmark “quay”",)),
)  # fmt: skip
_XLSX = (
    Odd("plain.xlsx", _book(Sheet1=_PINS), _TWO),
    Odd("two-sheets.xlsx", _book(a=_PINS, b=[["witness", "latitude", "longitude"], ["w3", 6, -31]]), {"statement": 3}),
    Odd("other-sheet.xlsx", _book(pins=_PINS, chart=[["x", "y"], [1, 2]]), _TWO, 1, ("chart",)),
    Odd("hidden.xlsx", _hidden(_PINS, [["witness", "latitude", "longitude"], ["w9", 6, -31]]), _TWO),
    Odd("bad-cell.xlsx", _book(자료=[*_PINS, ["w3", "x", -30]]), _TWO, 1, ("sheet “자료”, cell B4",)),
    Odd("blank-rows.xlsx", _book(a=[[None], *_PINS[:2], [None, None], _PINS[2]]), _TWO),
    Odd("empty.xlsx", _book(a=[[]]), {}, 1, ("no rows",)),
    Odd("noise.xlsx", b"PK\x03\x04noise", {}, 1),
    Odd("text.xlsx", csv_of(_HEAD, "w1,5,-30"), {}, 1),
    Odd("cut.xlsx", _book(a=_PINS)[:-200], {}, 1),
    Odd("old.xls", xls(pins=_PINS), _TWO),
    Odd("hidden.xls", xls(hidden1=[["a"]], 자료=[*_PINS, ["w3", "x", -30]]), _TWO, 1, ("sheet “자료”, cell B4",)),
    Odd("cut.xls", xls(pins=_PINS)[:2000], {}, 1, ("XLS",)),
    Odd("noughts.xls", b"\xd0\xcf\x11\xe0" + b"\0" * 600, {}, 1, ("XLS",)),
    Odd("really-tabs.xls", csv_of(_HEAD.replace(",", "\t"), "w1\t5\t-30"), _ONE),
    Odd("really-page.xls", b"<html><table><tr><td>witness</td></tr></table></html>", {}, 1, ("not a CSV",)),
    Odd("bomb.xlsx", zipped({"[Content_Types].xml": b"<!DOCTYPE t [<!ENTITY a 'a'>]><t>&a;</t>"}), {}, 1, ("entities",
        )),
    Odd("archive.xlsx", zipped({"a.txt": b"x"}), {}, 1, ("not a workbook",)),
    Odd("template-empty.xlsx", template_bytes("statements")),
    Odd("template-statements.xlsx", _filled("statements", {
        1: [{"landmark": "부두", "latitude": 5, "longitude": -30}],
        0: [{"witness": "w1", "kind": "walk", "landmark": "부두", "minutes": 10, "quotation": "걸어서 10분 북쪽으로"},
            {"witness": "w1", "kind": "walk", "landmark": "부두", "quotation": "걸어서 10분"},
            {"witness": "w1", "kind": "near", "landmark": "산", "distance_m": 10}],
    }), {"statement": 1, "landmark": 1}, 2, ("cell K3", "cell G4", "decide words")),
    Odd("template-claims.xlsx", _filled("claims", {0: [
        {"witness": "w1", "kind": "distance", "subject": "gate", "low": 1, "high": 2, "unit": "m"},
        {"witness": "w1", "kind": "distance", "subject": "gate", "low": 1},
    ]}), {"claim": 1}, 1, ("needs its unit",)),
    Odd("template-rooms.xlsx", _filled("rooms", {0: [
        {"witness": "w1", "room": "cell 3", "occupants": "10-15"}, {"witness": "w1"}, {"room": "cell 4"},
    ]}), {"room account": 1}, 2, ("room (방)", "witness (증언자)")),
    Odd("incidents-template.xlsx", _filled("incidents", {0: [
        {"id": "i1", "date": "2009년 5월", "summary": "Fictional", "witness": "w1"},
        {"id": "i1", "summary": "Fictional"}, {"id": "i3", "date": "13/13/2009", "summary": "Fictional"},
    ]}), {"incident": 1}, 2, ("used by row 2", "cell B4"), folder=""),
)  # fmt: skip
_INCIDENTS = (
    Odd("incidents.csv", csv_of("id,date,place_label,witness,kind,summary", "i1,2009~,Kitchen,w1,search,Fictional",
        "i2,2009-13,Kitchen,w1,search,Fictional"), {"incident": 1}, 1, ("row 3, date",), folder=""),
    Odd("incidents-ko.csv", "사건번호,날짜,장소,내용\nk1,2009.5.12,식당,허구\n".encode("cp949"), {"incident": 1},
        folder=""),
    Odd("incidents-none.csv", csv_of("a,b", "1,2"), {}, 1, ("geoinv template",), folder=""),
    Odd("incidents.yaml", b"- {id: i1, summary: Fictional}\n- {id: i1, summary: Fictional}\n- 3\n", {"incident": 1}, 2,
        ("used by incident 1", "incident 3"), folder=""),
    Odd("incidents-map.yml", b"incidents: {a: 1}\n", {}, 1, ("no list of incidents",), folder=""),
    Odd("incidents-uwazi.json",
        b'{"rows":[{"title":"Fictional","template":"t","metadata":{"date":[{"value":1242086400}],'
        b'"geolocation":[{"value":{"lat":5,"lon":-30,"label":""}}],"kind":[{"value":"x","label":"search"}]}},'
        b'{"template":"t","metadata":{}}]}', {"incident": 1}, 1, ("no title",), folder=""),
)  # fmt: skip

TABLES: tuple[Odd, ...] = (*_CSV, *_XLSX, *_INCIDENTS)
