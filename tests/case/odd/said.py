"""Odd statements in YAML and JSON, Uwazi exports, and transcripts."""

from __future__ import annotations

import json
import zlib
from typing import Any

from tests.case.odd.boxes import compound, doc, hwp, rtf, xls
from tests.case.odd.making import Odd, zipped

__all__ = ["SAID", "docx", "hwpx"]

_ONE = {"statement": 1}
_MARK = "landmarks:\n  quay: {type: Point, coordinates: [-30, 5]}\n"
_PIN = "statements:\n  - {id: s1, witness: w1, kind: pin, point: [-30, 5]}\n"
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def docx(body: str, **parts: bytes) -> bytes:
    """A Word document of a body's XML."""
    text = f'<?xml version="1.0"?><w:document {_W}><w:body>{body}</w:body></w:document>'
    return zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": text.encode(), **parts})


def _p(*texts: str) -> str:
    return "<w:p>" + "".join(f"<w:r><w:t>{text}</w:t></w:r>" for text in texts) + "</w:p>"


def hwpx(*texts: str) -> bytes:
    """A Hangul document (OWPML)."""
    body = "".join(f"<hp:p><hp:run><hp:t>{text}</hp:t></hp:run></hp:p>" for text in texts)
    return zipped({"Contents/section0.xml": f'<hs:sec xmlns:hs="s" xmlns:hp="p">{body}</hs:sec>'.encode()})


def _odt(body: str) -> bytes:
    text = f'<o:document xmlns:o="o" xmlns:text="t"><o:body>{body}</o:body></o:document>'
    return zipped({"content.xml": text.encode(), "mimetype": b"application/vnd.oasis.opendocument.text"})


def _json(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False).encode()


_ENTITY = {"title": "Fictional", "template": "t",
           "metadata": {"geolocation": [{"value": {"lat": 5.25, "lon": -30, "label": ""}}]}}  # fmt: skip
_YAML = (
    Odd("plain.yaml", (_MARK + _PIN).encode(), {"statement": 1, "landmark": 1}),
    Odd("short.yml", _PIN.encode(), _ONE),
    Odd("only-marks.yaml", _MARK.encode(), {"landmark": 1}),
    Odd("bare.json", _json({"statements": [{"id": "s1", "witness": "w1", "kind": "pin", "point": [-30, 5]}]}), _ONE),
    Odd("unlisted.yaml", b"statements:\n  - {id: s1, witness: w1, kind: near, landmark: quay}\n", {}, 1, ("“quay”",)),
    Odd("doubled.yaml", (_PIN + "  - {id: s1, witness: w2, kind: pin, point: [-30, 5]}\n").encode(), _ONE, 1,
        ("its id is used before",)),
    Odd("bad-among-good.yaml", (_PIN + "  - {id: s2, witness: w1, kind: pin}\n  - 3\n").encode(), _ONE, 2, ("“point”",
        )),
    Odd("far.yaml", (_PIN + "  - {id: s2, witness: w1, kind: pin, point: [500, 5]}\n").encode(), _ONE, 1, ("degrees",)),
    Odd("far-mark.yaml", (b"landmarks:\n  moon: {type: Point, coordinates: [999, 5]}\n  quay: {type: Point, "
        b"coordinates: [-30, 5]}\n"), {"landmark": 1}, 1, ("landmark moon",)),
    Odd("odd-mark.yaml", b"landmarks: {a: 3}\nstatements: []\n", {}, 1, ("landmark a",)),
    Odd("marks-list.yaml", b"landmarks: [1]\n", {}, 1, ("landmarks",)),
    Odd("no-list.yaml", b"statements: {a: 1}\n", {}, 1, ("not a list",)),
    Odd("nothing-in-it.yaml", b"title: x\n", {}, 1, ("geoinv schema statements",)),
    Odd("list.yaml", b"- 1\n", {}, 1, ("geoinv schema statements",)),
    Odd("alias.yaml", b"a: &x [1]\nb: *x\nstatements: []\n", {}, 1, ("aliases",)),
    Odd("tag.yaml", b"statements: !!python/object/apply:os.system ['true']\n", {}, 1, ("plain data",)),
    Odd("twice.yaml", b"statements: []\nstatements: []\n", {}, 1, ("given twice",)),
    Odd("broken.yaml", b"statements: [\n", {}, 1, ("not YAML",)),
    Odd("deep.yaml", ("statements: " + "[" * 200 + "]" * 200).encode(), {}, 1, ("deep",)),
    Odd("norway.yaml", b"statements:\n  - {id: s1, witness: NO, kind: pin, point: [-30, 5], said: 12:30}\n", _ONE),
    Odd("infinite.yaml", b"statements:\n  - {id: s1, witness: w, kind: pin, point: [1e999, 5]}\n", {}, 1, ("finite",)),
    Odd("latin.yaml", "statements: [] # é".encode("latin-1"), {}, 1, ("UTF-8",)),
    Odd("empty.yaml", b"", {}, 1, ("empty",)),
    Odd("broken.json", b'{"statements": [}', {}, 1, ("not JSON (line 1",)),
    Odd("nan.json", b'{"statements": [NaN]}', {}, 1),
    Odd("words.yaml",
        (_MARK + 'statements:\n  - {id: s1, witness: w1, kind: near, landmark: quay, said: "300 m"}\n').encode(),
        {"statement": 1, "landmark": 1}, 0, ("1 measures",)),
    Odd("range.yaml",
        (_MARK + "statements:\n  - {id: s1, witness: w1, kind: near, landmark: quay, distance_m: [1, 2]}\n")
        .encode(), {"statement": 1, "landmark": 1}),
    Odd("extra.yaml", b"statements:\n  - {id: s1, witness: w1, kind: pin, point: [-30, 5], weather: fog}\n", _ONE),
    Odd("uwazi.json", _json({"rows": [_ENTITY, {"title": "Fictional too", "template": "t", "metadata": {}}]}), _ONE, 1,
        ("no coordinates", "published")),
    Odd("uwazi-list.json", _json([_ENTITY]), _ONE),
    Odd("uwazi-swapped.json", _json([_ENTITY, {**_ENTITY, "metadata": {"g": [{"value": {"lat": -130, "lon": 5}}]}}]),
        _ONE,
        1, ("swapped",)),
    Odd("uwazi-words.json", _json([_ENTITY, {**_ENTITY, "metadata": {"g": [{"value": {"lat": "x", "lon": 5}}]}}]), _ONE,
        1, ("not numbers",)),
)  # fmt: skip
_TALK = {"transcript": 1}
_BOX = f"<w:txbxContent>{_p('boxed')}</w:txbxContent>"
_BOXED = (
    f'<w:p><w:r><mc:AlternateContent xmlns:mc="m"><mc:Choice>{_BOX}</mc:Choice><mc:Fallback>{_BOX}</mc:Fallback>'
    "</mc:AlternateContent></w:r></w:p>"
)
_TRANSCRIPTS = (
    Odd("plain.docx", docx(_p("Q: where?") + _p("A: by the ", "quay.") + _p("")), _TALK, 0, ("2 paragraphs",
        "plain.docx#p1")),
    Odd("korean.docx", docx(_p("문: 어디였습니까?") + _p("답: 부두 옆이었어요.")), _TALK, 0, ("2 paragraphs",)),
    Odd("table.docx", docx(f"<w:tbl><w:tr><w:tc>{_p('left')}</w:tc><w:tc>{_p('right')}</w:tc></w:tr></w:tbl>"), _TALK,
        0,
        ("2 paragraphs",)),
    Odd("changed.docx", docx("<w:p><w:ins><w:r><w:t>new</w:t></w:r></w:ins><w:del><w:r><w:delText>old</w:delText></w:r>"
        "</w:del></w:p>"), _TALK, 0, ("1 tracked deletions",)),
    Odd("boxed.docx", docx(_p("before") + _BOXED), _TALK, 0, ("2 paragraphs",)),
    Odd("comments.docx", docx(_p("said"), **{"word/comments.xml": b"<c/>"}), _TALK, 0, ("comments in the margin",)),
    Odd("notes.docx", docx(_p("said"),
        **{"word/footnotes.xml": f"<w:footnotes {_W}>{_p('note')}</w:footnotes>".encode()}),
        _TALK, 0, ("2 paragraphs",)),
    Odd("empty.docx", docx(_p("")), {}, 1, ("no words",)),
    Odd("bomb.docx", zipped({"word/document.xml": b"<!DOCTYPE d [<!ENTITY a 'a'>]><d>&a;</d>"}), {}, 1, ("entities",)),
    Odd("cut.docx", docx(_p("said"))[:-40], {}, 1, ("not a zip",)),
    Odd("text.docx", b"only text", {}, 1, ("not a document",)),
    Odd("sheet.docx", zipped({"xl/workbook.xml": b"<a/>"}), {}, 1, ("no text document",)),
    Odd("old.doc", doc("Q: where?", "답: 부두 옆이었어요."), _TALK, 0, ("2 paragraphs", "its format is old")),
    Odd("remarks.doc", doc("said", beside=["by hand"]), _TALK, 0, ("comments, headers",)),
    Odd("locked.doc", doc("said", locked=True), {}, 1, ("password",)),
    Odd("cut.doc", doc("said")[:1500], {}, 1, ("old document",)),
    Odd("noughts.doc", b"\xd0\xcf\x11\xe0" + b"\0" * 99, {}, 1, ("damaged",)),
    Odd("workbook.doc", xls(a=[["x"]]), {}, 1, ("neither a Word nor a Hangul",)),
    Odd("old.hwp", hwp("어디였습니까?", "부두 옆이었어요."), _TALK, 0, ("2 paragraphs",)),
    Odd("plain.hwp", hwp("부두 옆.", packed=False), _TALK, 0, ("1 paragraphs",)),
    Odd("locked.hwp", hwp("부두 옆.", flags=2), {}, 1, ("password",)),
    Odd("bomb.hwp", compound({"FileHeader": b"HWP Document File".ljust(36, b"\0") + b"\1\0\0\0",
        "BodyText/Section0": zlib.compress(b"\0" * 70_000_000, 9)[2:-4]}), {}, 1, ("damaged",)),
    Odd("older.hwp", b"HWP Document File V3.00 \x1a\1\2\3\4\5" + b"\0\xff" * 90, {}, 1),
    Odd("rich.rtf", rtf("어디였습니까?", "by the “quay”"), _TALK, 0, ("2 paragraphs",)),
    Odd("head.rtf", rtf("said", head=r"{\header\pard page\par}"), _TALK, 0, ("comments, headers",)),
    Odd("deep.rtf", b"{\\rtf1" + b"{" * 5000, {}, 1, ("nests",)),
    Odd("bare.rtf", b"{\\rtf1}", {}, 1, ("no words",)),
    Odd("text.rtf", b"only text", {}, 1, ("not a document",)),
    Odd("plain.hwpx", hwpx("어디였습니까?", "부두 옆."), _TALK, 0, ("2 paragraphs",)),
    Odd("plain.odt", _odt("<text:h>Talk</text:h><text:p>by the <text:span>quay</text:span></text:p>"), _TALK, 0,
        ("2 paragraphs",)),
    Odd("comment.odt", _odt("<text:p>quay<annotation>x</annotation></text:p>"), _TALK, 0, ("comments in the margin",)),
    Odd("plain.txt", b"Q: where?\nA: by the quay.\n", _TALK, 0, ("2 paragraphs",)),
    Odd("parted.txt", b"Q: where\nexactly?\n\nA: by the quay.\n", _TALK, 0, ("2 paragraphs",)),
    Odd("cp949.txt", "부두 옆이었어요.\n".encode("cp949"), _TALK),
    Odd("utf16.txt", "부두 옆이었어요.\n".encode("utf-16"), _TALK),
    Odd("blank.txt", b"\n \n", {}, 1, ("no words",)),
    Odd("latin.txt", "à côté du café là-bas".encode("latin-1"), {}, 1, ("encoding",)),
    Odd("long.txt", b"\n".join(b"line %d" % n for n in range(5000)), _TALK, 0, ("5000 paragraphs",)),
    Odd("really.txt", b"%PDF-1.4", {}, 1, ("this is a PDF",)),
)  # fmt: skip
_FACILITY = (
    Odd("facility.yaml", b"name: Fictional\nsimulated: true\nwitnesses: {w2: {heard_from: w1}}\n",
        {"facility": 1, "dependence": 1}, folder=""),
    Odd("facility.yml", b"name: Fictional\nslug: elsewhere\n", {"facility": 1}, 0, ("the folder's name is used",),
        folder=""),
    Odd("facility.json", b'{"name": 3}', {}, 1, ("name",), folder=""),
)  # fmt: skip

SAID: tuple[Odd, ...] = (*_YAML, *_TRANSCRIPTS, *_FACILITY)
