"""Spreadsheets to fill in, English and Korean, one for each kind of table that ``add`` reads."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from geoinv.errors import FieldError, ReadOnlyError
from geoinv.files.atomic import write_bytes

__all__ = ["TEMPLATES", "template_bytes", "template_text", "write_template"]

#: Rows that carry the lists to choose from.
_ROWS = 2_000
_LISTS = {
    "statement": ("pin", "from", "walk", "side", "sees", "near", "between"),
    "claim": ("sees", "walk_time", "distance", "count", "area_per_person", "sun_patch", "adjacent", "dimension"),
    "direction": ("N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW"),
    "by": ("air", "path"),
    "yes": ("yes",),
    "given": ("yes", "no"),
    "act": ("collect", "use", "share"),
    "unit": ("m", "m2", "min", "deg", "count"),
    "certainty": ("low", "medium", "high"),
}


@dataclass(frozen=True)
class _Column:
    """One column: its heading in both languages, what to write into it in both, and the list it offers."""

    english: str
    korean: str
    told: str
    told_korean: str
    offers: str = ""


_WITNESS = _Column("witness", "증언자", "The witness's codename; never a name.", "증언자 가명. 실명은 쓰지 않습니다.")
_ID = _Column("id", "번호", "Anything unique in this sheet; may be left empty.", "겹치지 않게. 비워도 됩니다.")
_CITED = (
    _Column("source", "출처", "File that the words stand in.", "말이 들어 있는 파일 이름."),
    _Column("page", "쪽", "Its page or paragraph (p12).", "쪽 또는 문단 번호(p12)."),
    _Column("quotation", "원문", "The exact words, in the language they were said.", "말한 언어 그대로의 원문."),
)
_NOTE = _Column("note", "메모", "Anything else.", "그 밖의 내용.")
_PLACE = (
    _Column("latitude", "위도", "Decimal degrees, such as 42.9051.", "십진 도(예: 42.9051)."),
    _Column("longitude", "경도", "Decimal degrees.", "십진 도."),
)

_STATEMENTS = (
    _ID, _WITNESS,
    _Column("kind", "종류", "What sort of statement it is.", "진술의 종류.", "statement"),
    *_CITED,
    _Column("landmark", "지형지물", "A name from the sheet Landmarks.", "‘지형지물’ 시트의 이름."),
    _Column("other_landmark", "다른지형지물", "The second one, of “between”.", "between일 때 두 번째."),
    _Column("direction", "방향", "From the landmark to the place.", "지형지물에서 그곳으로.", "direction"),
    _Column("distance_m", "거리", "Metres: 300, or 300-500.", "미터: 300 또는 300-500."),
    _Column("minutes", "걸린시간", "Minutes walked: 10, or 10-15.", "걸은 시간(분): 10 또는 10-15."),
    _Column("side", "어느쪽", "Side of a line: a compass point, left or right.", "선의 어느 쪽: 방위, left, right."),
    _Column("negated", "부정", "yes, if it was said not to be so.", "그렇지 않다고 했으면 yes.", "yes"),
    *_PLACE,
    _Column("radius_m", "반경", "How sure the witness was, metres.", "증언자가 말한 오차(미터)."),
    _Column("by", "기준", "Whether the distance is by air or by path.", "직선(air) 또는 길(path).", "by"),
    _Column("of", "대상", "What is meant, if not the facility.", "시설 전체가 아니면 무엇인지."),
    _NOTE,
)  # fmt: skip
_LANDMARKS = (_Column("landmark", "지형지물", "Its name, as statements use it.", "진술에 쓰이는 이름."), *_PLACE, _NOTE)
_CLAIMS = (
    _ID, _WITNESS,
    _Column("kind", "종류", "What sort of test it asks for.", "어떤 검증인지.", "claim"),
    *_CITED,
    _Column("subject", "주체", "From where, or what is measured.", "어디에서, 또는 무엇을."),
    _Column("object", "상대", "To where, or what is seen.", "어디로, 또는 무엇이."),
    _Column("low", "최소", "The least that the words can mean.", "말이 뜻하는 최솟값."),
    _Column("high", "최대", "The most that the words can mean.", "말이 뜻하는 최댓값."),
    _Column("unit", "단위", "Unit of both.", "단위.", "unit"),
    _Column("negated", "부정", "yes, if it was said not to be so.", "그렇지 않다고 했으면 yes.", "yes"),
    _NOTE,
)  # fmt: skip
_ROOMS = (
    _ID, _WITNESS,
    _Column("building", "건물", "The building, as the witness calls it.", "증언자가 부르는 건물 이름."),
    _Column("room", "방", "The room, as the witness calls it.", "증언자가 부르는 방 이름."),
    _Column("use", "용도", "What it was for.", "용도."),
    _Column("count", "개수", "How many rooms like this.", "같은 방의 수."),
    _Column("occupants", "인원", "People in it: 10, or 10-15.", "방에 있던 사람 수: 10 또는 10-15."),
    _Column("length_m", "길이", "Metres, as said.", "미터, 말한 대로."),
    _Column("width_m", "너비", "Metres, as said.", "미터, 말한 대로."),
    _Column("height_m", "높이", "Metres, as said.", "미터, 말한 대로."),
    _Column("storey", "층", "As said.", "말한 대로."),
    _Column("next_to", "옆", "Rooms beside it, commas between.", "옆방, 쉼표로 구분."),
    *_CITED, _NOTE,
)  # fmt: skip
_INCIDENTS = (
    _ID,
    _Column("date", "날짜", "As known: 2009-05-12, 2009-05, 2009~.", "아는 만큼: 2009-05, 2009~, 2009/2010."),
    _Column("place_label", "장소", "The building, as the witness calls it.", "증언자가 부르는 건물 이름."),
    _Column("room", "방", "The room.", "방."),
    _WITNESS,
    _Column("kind", "유형", "Kind of event.", "사건 유형."),
    _Column("summary", "내용", "What happened, without names.", "이름 없이 무슨 일이 있었는지."),
    _Column("certainty", "확실성", "How sure.", "확실한 정도.", "certainty"),
    _Column("violation", "침해유형", "Violation type.", "침해 유형."),
    _Column("victim", "피해자", "Codename.", "가명."),
    _Column("perpetrator", "가해자", "Codename.", "가명."),
    _Column("involvement", "관여정도", "How the perpetrator was involved.", "가해자의 관여 정도."),
    _Column("perpetrator_agency", "가해자소속", "The perpetrator's agency then.", "당시 가해자의 소속 기관."),
    _Column("perpetrator_post", "가해자직책", "The perpetrator's post then.", "당시 가해자의 직책."),
    _Column("victim_activity", "피해자활동", "What the victim was doing.", "피해자가 하던 일."),
    *_CITED,
    _Column("consent", "동의", "Audiences that may see it, commas between.", "공개해도 되는 대상, 쉼표로 구분."),
    _Column("embargo_until", "공개유예", "Nothing is shown before this date.", "이 날짜 전에는 공개하지 않습니다."),
    _Column("supersedes", "대체", "Id of the record that this one replaces.", "이 기록이 대체하는 기록의 번호."),
    *_PLACE,
)  # fmt: skip
_PINS = (
    _WITNESS, *_PLACE,
    _Column("radius_m", "반경", "How sure the witness was, metres.", "증언자가 말한 오차(미터)."),
    _Column("of", "대상", "What is meant, if not the facility.", "시설 전체가 아니면 무엇인지."),
    *_CITED,
)  # fmt: skip
_CONSENTS = (
    _WITNESS,
    _Column("act", "행위", "What is agreed to: one row for each act.", "동의하는 행위. 행위마다 한 줄.", "act"),
    _Column("audience", "공개대상", "For whom, as in case.toml; * is everybody.", "누구에게. *는 모두."),
    _Column("given", "동의여부", "yes or no; empty is no.", "yes 또는 no. 비우면 no입니다.", "given"),
    _Column("until", "기한", "When it ends: 2030-05, or empty.", "끝나는 날짜(예: 2030-05). 없으면 비웁니다."),
)
#: Kind → its sheets: name and columns.
TEMPLATES: dict[str, tuple[tuple[str, tuple[_Column, ...]], ...]] = {
    "statements": (("Statements 진술", _STATEMENTS), ("Landmarks 지형지물", _LANDMARKS)),
    "claims": (("Claims 주장", _CLAIMS),),
    "rooms": (("Rooms 방", _ROOMS),),
    "incidents": (("Incidents 사건", _INCIDENTS),),
    "pins": (("Pins 위치", _PINS),),
    "consents": (("Consents 동의", _CONSENTS),),
}
#: What one row is, where it is not somebody's words.
_ROW = {
    "consents": ("One row for each witness, act and audience, as the signed form has it.",
                 "증언자, 행위, 공개대상마다 한 줄씩, 서명한 동의서대로 적습니다."),
}  # fmt: skip
_HEADING = PatternFill("solid", fgColor="FFDCE6F1")
#: Spreadsheets and zips carry times; a template is the same whenever it is made.
_MADE = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)


def _sheet(book: Any, name: str, columns: Sequence[_Column]) -> None:
    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A2"
    for number, column in enumerate(columns, 1):
        letter = get_column_letter(number)
        head = sheet.cell(row=1, column=number, value=f"{column.english} ({column.korean})")
        head.font, head.fill = Font(bold=True), _HEADING
        head.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[letter].width = 40 if column.english in ("quotation", "summary", "note") else 16
        # As text, so that no program turns 2009-05 into the first of May or 1-2 into the second of January.
        sheet.column_dimensions[letter].number_format = "@"
        if column.offers:
            choice = ",".join(_LISTS[column.offers])
            # A warning, not a ban: Korean words and degrees are understood too.
            rule = DataValidation(type="list", formula1=f'"{choice}"', allow_blank=True, errorStyle="warning")
            rule.add(f"{letter}2:{letter}{_ROWS}")
            sheet.add_data_validation(rule)


def _explain(book: Any, kind: str) -> None:
    sheet = book.create_sheet("Read me 읽어 주세요")
    row = ("One row for each thing said, with its exact words.", "한 줄에 하나씩, 원문과 함께 적습니다.")
    lines = [
        (f"geoinv template {kind}", ""),
        _ROW.get(kind, row),
        ("Codenames only: never a name, a telephone number or an address.",
         "실명, 전화번호, 주소 없이 가명으로 적습니다."),
        ("Leave unknown cells empty; columns of your own are kept.", "모르는 칸은 비워 둡니다. 열을 더해도 됩니다."),
        ("The Korean of this sheet has not been reviewed by a native speaker.", "한국어 문구는 원어민 검토 전입니다."),
    ]  # fmt: skip
    for name, columns in TEMPLATES[kind]:
        lines += [("", ""), (name, "")]
        lines += [(f"{column.english}: {column.told}", f"{column.korean}: {column.told_korean}") for column in columns]
    for line in lines:
        sheet.append(line)
    sheet.column_dimensions["A"].width = sheet.column_dimensions["B"].width = 80


def _timeless(data: bytes) -> bytes:
    """The same workbook without the moments it was saved at, so that the same template is the same bytes."""
    made = _MADE.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":  # openpyxl writes the clock over what it was told
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + made, content)
            info = zipfile.ZipInfo(name, date_time=_MADE.timetuple()[:6])
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            target.writestr(info, content)
    return out.getvalue()


def _known(kind: str) -> str:
    """The kind of template that is meant; one row of it names it as well (``consent``)."""
    found = next((known for known in TEMPLATES if kind in (known, known.removesuffix("s"))), None)
    if found is None:
        raise FieldError(f"there is no template “{kind}”", do=f"choose one of: {', '.join(TEMPLATES)}", field="KIND")
    return found


def template_bytes(kind: str) -> bytes:
    """A template as an XLSX workbook; the same bytes every time.

    Parameters
    ----------
    kind
        A key of ``TEMPLATES``.

    Raises
    ------
    FieldError
        If there is no template of that kind.
    """
    kind = _known(kind)
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, columns in TEMPLATES[kind]:
        _sheet(book, name, columns)
    _explain(book, kind)
    book.properties.creator = "geoinv"
    book.properties.created = book.properties.modified = _MADE
    out = io.BytesIO()
    book.save(out)
    return _timeless(out.getvalue())


def template_text(kind: str) -> str:
    """The headings of a template's first sheet as CSV, for whoever has no spreadsheet program.

    Raises
    ------
    FieldError
        If there is no template of that kind.
    """
    _, columns = TEMPLATES[_known(kind)][0]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(f"{column.english} ({column.korean})" for column in columns)
    return text.getvalue()


def write_template(path: Path, kind: str) -> None:
    """Write a template where no file is yet: a workbook, or, under a name that ends in ``.csv``, its headings.

    Raises
    ------
    FieldError
        If there is no template of that kind, or the name is neither.
    ReadOnlyError
        If there is a file already: it may be one that somebody filled in.
    """
    suffix = path.suffix.lower()
    if suffix not in (".xlsx", ".csv"):
        raise FieldError("a template is a spreadsheet", do="give it a name that ends in .xlsx or .csv",
                         field="--output")  # fmt: skip
    # With a mark, so that Excel takes the Korean for what it is.
    data = template_bytes(kind) if suffix == ".xlsx" else template_text(kind).encode("utf-8-sig")
    if path.exists():
        what = "there is such a file already, and somebody may have filled it in"
        raise ReadOnlyError(what, do="choose another name", file=path.name)
    write_bytes(path, data)
