"""A case holds codenames only: every format that tells more is held back, told by place, and never in full."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from PIL import Image, PngImagePlugin
from PIL.TiffImagePlugin import IFDRational

from geoinv.case.check import check_case
from geoinv.case.codenames import exposed
from geoinv.case.folder import Case
from geoinv.case.intake import take_in
from geoinv.case.withdraw import withdraw
from geoinv.errors import FieldError
from geoinv.records.decisions import CheckCodenames

#: Nobody's: fictional, and the number is in no use.
_NAME, _HANGUL, _PHONE = "Margaret Hollis", "김철호", "010-5555-0142"


def _docx(text: str, *, comment: str = "", author: str = "") -> bytes:
    main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(
            "word/document.xml",
            f'<w:document xmlns:w="{main}"><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>',
        )
        if comment:
            archive.writestr(
                "word/comments.xml",
                f'<w:comments xmlns:w="{main}"><w:comment><w:p><w:r><w:t>{comment}</w:t></w:r></w:p></w:comment>'
                "</w:comments>",
            )
        if author:
            archive.writestr(
                "docProps/core.xml",
                f"<cp:coreProperties xmlns:cp='x' xmlns:dc='y'><dc:creator>{author}</dc:creator></cp:coreProperties>",
            )
    return made.getvalue()


def _workbook(*, hidden: bool = False, creator: str = "openpyxl") -> bytes:
    book = openpyxl.Workbook()
    book.properties.creator = creator
    page = book.active
    page.append(["latitude", "longitude", "연락처"])
    page.append([5.0, -30.0, "" if hidden else _PHONE])
    if hidden:
        other = book.create_sheet("keys")
        other.append(["w1", _HANGUL])
        other.sheet_state = "hidden"
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _photo(suffix: str, *, position: bool = False, comment: str = "") -> bytes:
    image, made = Image.new("RGB", (40, 40), "white"), io.BytesIO()
    exif = Image.Exif()
    if position:
        exif.get_ifd(0x8825).update({1: "N", 2: (IFDRational(5), IFDRational(0), IFDRational(0))})
    if suffix == "png":
        text = PngImagePlugin.PngInfo()
        text.add_text("Author", _NAME)
        image.save(made, "PNG", pnginfo=text, exif=exif)
    else:
        exif.get_ifd(0x8769)[0xA431] = "5550142"
        image.save(made, "JPEG", exif=exif, comment=comment.encode() or None)
    return made.getvalue()


def _zipped(name: str, data: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(name, data)
    return made.getvalue()


_KOBO = f"latitude,longitude,witness,deviceid,phonenumber,username\n5.0,-30.0,w2,ee.gull:7,{_PHONE},magpie\n".encode()
_KML = (
    f"<kml><Placemark><name>{_HANGUL}의 방</name><Point><coordinates>-30,5</coordinates></Point></Placemark></kml>"
).encode()
#: File name, content, the kinds that must be seen, and where the first of them stands.
_EXPOSING = {
    "kobo.csv": (_KOBO, {"device", "telephone number", "account"}, "row 2"),
    "cp949.csv": (f"위도,경도,증언\n5.0,-30.0,{_HANGUL} 씨가 말했다\n".encode("cp949"), {"personal name"}, "row 2"),
    "kobo.xlsx": (_workbook(), {"telephone number"}, "row 2"),
    "hidden.xlsx": (_workbook(hidden=True), {"personal name"}, "part"),
    "author.xlsx": (_workbook(creator="quayle"), {"account", "telephone number"}, "properties"),
    "said.yaml": (
        f"statements:\n  - {{id: s1, witness: {_HANGUL}, kind: near}}\n".encode(),
        {"personal name"},
        "line 2",
    ),
    "said.json": (json.dumps({"said": f"{_HANGUL} 씨"}).encode(), {"personal name"}, "line 1"),
    "pins.kml": (_KML, {"personal name"}, "line 1"),
    "pins.kmz": (_zipped("doc.kml", _KML), {"personal name"}, "doc.kml, line 1"),
    "pack.zip": (_zipped("a/kobo.csv", _KOBO), {"device", "telephone number", "account"}, "kobo.csv, row 2"),
    "track.gpx": (
        f"<gpx><metadata><author><name>{_NAME}</name></author></metadata></gpx>".encode(),
        {"personal name"},
        "line 1",
    ),
    "talk.txt": (
        f"First.\n\nMail quiet.gull@example.org\n\n{_NAME} spoke.\n".encode(),
        {"e-mail address", "personal name"},
        "line 3",
    ),
    "talk.docx": (_docx(f"{_NAME} spoke."), {"personal name"}, "paragraph 1"),
    "comment.docx": (_docx("nothing", comment=f"ask {_NAME}"), {"personal name"}, "part comments.xml"),
    "author.docx": (_docx("nothing", author="quayle"), {"account"}, "properties (core.xml)"),
    "plan.svg": (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><text>{_HANGUL} 씨</text></svg>".encode(),
        {"personal name"},
        "line 1",
    ),
    "photo.jpg": (_photo("jpg", position=True), {"position", "device"}, "EXIF"),
    "photo.png": (_photo("png"), {"account"}, "Author of the picture"),
    "remark.jpg": (_photo("jpg", comment=f"by {_NAME}"), {"device", "personal name"}, "EXIF"),
    f"{_NAME}.txt": (b"nothing", {"personal name"}, "the file's name"),
}


@pytest.mark.parametrize("name", _EXPOSING)
def test_every_format_is_looked_through_and_nothing_is_shown_in_full(name: str, tmp_path: Path) -> None:
    data, kinds, place = _EXPOSING[name]
    (tmp_path / name).write_bytes(data)
    found = exposed(tmp_path / name, Path("facilities/reef/testimony", name))
    assert {one.kind for one in found} == kinds
    assert any(one.place.startswith(place) or place in one.place for one in found), [one.place for one in found]
    told = " ".join(one.sentence("file") for one in found)
    assert not any(
        word in told for word in (_NAME, "Hollis", _HANGUL, _PHONE, "quayle", "magpie", "quiet.gull", "5550142")
    )


def test_what_satellites_saw_is_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / "scene.txt").write_text(f"sold by {_NAME}")
    assert exposed(tmp_path / "scene.txt", Path("imagery/scene.txt")) == ()


def test_a_file_that_tells_more_stays_out_until_a_person_has_answered(make_case: Callable[..., Path]) -> None:
    root = make_case()
    path = root / "facilities/reef/testimony/kobo.csv"
    path.write_bytes(_KOBO)
    with Case.open(root) as case:
        report = take_in(case, by="ines")
        assert report.held_back == ("facilities/reef/testimony/kobo.csv",)
        assert "facilities/reef/testimony/kobo.csv" not in case.store.files()
        assert not any(_PHONE.encode() in one.read_bytes() for one in root.rglob("*") if one.is_file() and one != path)
        report = take_in(
            case, by="ines", checked="made up for training", answered=[Path("facilities/reef/testimony/kobo.csv")]
        )
        assert report.held_back == () and report.counts["statement"] == 1
        (kept,) = [one for _, one in case.decisions() if isinstance(one.body, CheckCodenames)]
        assert (kept.by, kept.reason) == ("ines", "made up for training")
        assert kept.proposed == {"account": 1, "device": 1, "telephone number": 1}
        assert check_case(case) == []
        path.write_bytes(_KOBO + b"5.1,-30.0,w2,ee.gull:7,,\n")
        assert take_in(case, by="ines").held_back, "another version is asked about again"


def test_what_lies_in_an_answered_archive_is_answered_with_it(make_case: Callable[..., Path]) -> None:
    root = make_case()
    (root / "facilities/reef/testimony/pack.zip").write_bytes(_zipped("kobo.csv", _KOBO))
    with Case.open(root) as case:
        report = take_in(case, by="ines", checked="made up", answered=[Path("facilities/reef/testimony/pack.zip")])
        assert report.held_back == () and report.counts["statement"] >= 1


def test_the_answer_goes_with_the_witness(make_case: Callable[..., Path]) -> None:
    root = make_case()
    name = "facilities/reef/testimony/w1-form.csv"
    (root / name).write_bytes(f"latitude,longitude,witness,deviceid\n5.0,-30.0,w1,{'gull:7'}\n".encode())
    with Case.open(root) as case:
        take_in(case, by="ines", checked="device of the office", answered=[Path(name)])
        withdraw(case, "w1", by="ines", reason="asked by telephone")
        assert not any(isinstance(one.body, CheckCodenames) for _, one in case.decisions())
        assert not any(b"w1-form" in one.read_bytes() for one in root.rglob("*") if one.is_file())


def _geoinv(*words: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", "from geoinv.cli.main import run; run()"]
    return subprocess.run([*program, *words], capture_output=True, text=True, check=False)


def test_add_stops_before_anything_is_copied_and_says_where_to_look(
    tmp_path: Path, make_case: Callable[..., Path]
) -> None:
    root = make_case()
    outside = tmp_path / "kobo.csv"
    outside.write_bytes(_KOBO)
    command = ("add", str(outside), "--facility", "reef", "--case", str(root))
    refused = _geoinv(*command)
    assert refused.returncode == 1 and "row 2, column “phonenumber”" in refused.stderr
    assert _PHONE not in refused.stdout + refused.stderr and "magpie" not in refused.stdout + refused.stderr
    assert not (root / "facilities/reef/testimony/kobo.csv").exists()
    bad = _geoinv(*command, "--codenames-checked", f"ask {_NAME}")
    assert bad.returncode == 2 and "looks like a personal name" in bad.stderr
    taken = _geoinv(*command, "--codenames-checked", "made up for training", "--by", "ines")
    assert taken.returncode == 0, taken.stderr
    assert (root / "facilities/reef/testimony/kobo.csv").read_bytes() == _KOBO
    assert _geoinv(*command).returncode == 0


def test_a_reason_is_needed(make_case: Callable[..., Path]) -> None:
    from geoinv.case.codenames import answer, check_reason

    root = make_case()
    with Case.open(root) as case, pytest.raises(FieldError):
        answer(case, "facilities/reef/x.csv", "0" * 64, (), by="ines", reason=" ")
    with pytest.raises(FieldError):
        check_reason(f"{_HANGUL} 씨에게 물어봄")
