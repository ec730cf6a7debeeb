"""A case holds codenames only: every format that tells more is held back, told by place, and never in full."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pyogrio
import pytest
from openpyxl.comments import Comment
from PIL import Image, PngImagePlugin
from PIL.TiffImagePlugin import IFDRational
from shapely.geometry import Point

from geoinv.case.check import check_case
from geoinv.case.codenames import look_through
from geoinv.case.folder import Case
from geoinv.case.intake import take_in
from geoinv.case.withdraw import withdraw
from geoinv.errors import FieldError
from geoinv.records.decisions import CheckCodenames
from tests.case.odd.boxes import doc, hwp, rtf, xls
from tests.case.odd.heic import heic
from tests.case.odd.making import png, zipped
from tests.case.odd.said import docx, hwpx

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
    return zipped({name: data})


def _tagged(form: str, tags: dict[int, object], block: dict[int, object] | None = None) -> bytes:
    """A picture with words in its EXIF."""
    exif, made = Image.Exif(), io.BytesIO()
    for tag, value in tags.items():
        exif[tag] = value
    exif.get_ifd(0x8769).update(block or {})
    Image.new("RGB", (40, 40), "white").save(made, form, exif=exif)
    return made.getvalue()


def _iptc() -> bytes:
    """A JPEG with an IPTC caption, as photograph desks write it (IIM 4.2 in a Photoshop block)."""
    words = _NAME.encode()
    block = b"\x1c\x02\x78" + struct.pack(">H", len(words)) + words
    body = b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(block)) + block + b"\0" * (len(block) % 2)
    plain = _tagged("JPEG", {})
    return plain[:2] + b"\xff\xed" + struct.pack(">H", len(body) + 2) + body + plain[2:]


def _late_text() -> bytes:
    """A PNG with a compressed text behind its pixels."""
    made = io.BytesIO()
    Image.new("L", (20, 20)).save(made, "PNG")
    chunk = b"zTXtDescription\0\0" + zlib.compress(f"drawn by {_NAME}".encode())
    end = made.getvalue().index(b"\0\0\0\0IEND")
    size = struct.pack(">I", len(chunk) - 4)
    return made.getvalue()[:end] + size + chunk + struct.pack(">I", zlib.crc32(chunk)) + made.getvalue()[end:]


def _pdf(text: str = "", remark: str = "") -> bytes:
    """A page with words, and with a remark in its margin (PDF 1.7, 12.5.6.4)."""
    stream = f"BT /F1 12 Tf 20 100 Td ({text}) Tj ET".encode()
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Resources<</Font<</F1 5 0 R>>>>/Contents 4 0 R"
        + (b"/Annots[6 0 R]" if remark else b"") + b">>",
        b"<</Length %d>>stream\n" % len(stream) + stream + b"\nendstream",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        f"<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/Contents({remark})/T(quayle)>>".encode(),
    ]  # fmt: skip
    made, places = b"%PDF-1.7\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(made))
        made += b"%d 0 obj" % number + part + b"endobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    tail = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(parts) + 1, len(made))
    return made + b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1) + table + tail


def _remarked() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["latitude", "longitude", "witness"])
    book.active.append([5, -30, "w1"])
    book.active["C2"].comment = Comment(f"this is {_NAME}", "quayle")
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_DELETED = f'<w:p><w:del w:author="quayle"><w:r><w:delText>{_NAME}</w:delText></w:r></w:del></w:p>'


def _layer() -> bytes:
    """A GeoPackage whose attributes name somebody."""
    table = gpd.GeoDataFrame({"note": [f"house of {_NAME}"]}, geometry=[Point(-30, 5)], crs="EPSG:4326")
    with tempfile.TemporaryDirectory() as folder:
        pyogrio.write_dataframe(table, Path(folder, "x.gpkg"))
        return Path(folder, "x.gpkg").read_bytes()


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
    "renamed.kml": (zipped({"doc.kml": _KML}), {"personal name"}, "doc.kml, line 1"),
    "unzipped.kmz": (_KML, {"personal name"}, "line 1"),
    "really.csv": (_workbook(hidden=True), {"personal name"}, "part"),
    "really.txt": (hwp("없음", f"{_HANGUL} 씨가 말했다"), {"personal name"}, "paragraph 2"),
    "rich.txt": (rtf(f"{_HANGUL} 씨가 말했다"), {"personal name"}, "paragraph 1"),
    "scan.png": (_pdf(f"{_NAME} spoke"), {"personal name"}, "page 1"),
    "old.xls": (
        xls(a=[["witness", "연락처"], ["w1", _PHONE]], hidden=[["w1", _HANGUL]]),
        {"telephone number", "personal name"},
        "sheet “a”, row 2",
    ),
    "old.doc": (doc("nothing", f"{_HANGUL} 씨가 말했다"), {"personal name"}, "paragraph 2"),
    "remark.doc": (doc("nothing", beside=[f"ask {_NAME}"], author="quayle"), {"personal name", "account"}, "beside"),
    "old.hwp": (hwp("없음", f"{_HANGUL} 씨가 말했다"), {"personal name"}, "paragraph 2"),
    "new.hwpx": (hwpx(f"{_HANGUL} 씨가 말했다"), {"personal name"}, "paragraph 1"),
    "rich.rtf": (
        rtf(f"{_HANGUL} 씨가 말했다", head=r"{\info{\author quayle}{\title Talk}}"),
        {"personal name", "account"},
        "paragraph 1",
    ),
    "page.pdf": (_pdf(f"{_NAME} spoke"), {"personal name"}, "page 1"),
    "remark.pdf": (_pdf("words", f"ask {_NAME}"), {"personal name", "account"}, "remark on page 1"),
    "html.kml": (
        f"<kml><Placemark><description><![CDATA[<b>{_NAME.split()[0]}</b>\n<i>{_NAME.split()[1]}</i>]]>"
        "</description><Point><coordinates>-30,5</coordinates></Point></Placemark></kml>".encode(),
        {"personal name"},
        "element <description>",
    ),
    "spans.svg": (
        b"<svg xmlns='http://www.w3.org/2000/svg'><text><tspan>Margaret </tspan><tspan>Hollis</tspan></text></svg>",
        {"personal name"},
        "element <text>",
    ),
    "path.svg": (
        b"<svg xmlns='http://www.w3.org/2000/svg' docname='C:\\Users\\quayle\\plan.svg'/>",
        {"account"},
        "line 1",
    ),
    "caption.jpg": (_tagged("JPEG", {0x010E: f"by {_NAME}"}), {"personal name"}, "EXIF"),
    "user.jpg": (_tagged("JPEG", {}, {0x9286: b"UNICODE\0" + _HANGUL.encode("utf-16-le")}), {"personal name"}, "EXIF"),
    "desk.jpg": (_iptc(), {"personal name"}, "IPTC"),
    "late.png": (_late_text(), {"personal name"}, "Description of the picture"),
    "named.tif": (_tagged("TIFF", {0x010D: f"{_NAME}.tif"}), {"personal name"}, "EXIF"),
    "deleted.docx": (docx(_DELETED), {"personal name", "account"}, "part document.xml"),
    "titled.docx": (
        docx("<w:p/>", **{"docProps/core.xml": f"<c xmlns:d='d'><d:title>{_NAME}</d:title></c>".encode()}),
        {"personal name"},
        "part core.xml",
    ),
    "remark.xlsx": (_remarked(), {"personal name", "account"}, "part"),
    "layer.gpkg": (_layer(), {"personal name"}, "feature 1"),
    "names.obj": (
        b"v 0 0 0\nv 1 0 0\nv 0 1 0\n" * 9000 + f"g room of {_NAME}\nf 1 2 3\n".encode(),
        {"personal name"},
        "text",
    ),
    "card.vcf": (f"BEGIN:VCARD\nFN:{_NAME}\n".encode(), {"personal name"}, "line 2"),
    "photos.kmz": (
        zipped({"doc.kml": b"<kml/>", "files/a.jpg": _tagged("JPEG", {0x010E: f"by {_NAME}"})}),
        {"personal name"},
        "a.jpg, EXIF",
    ),
    "shown.docx": (
        docx("<w:p/>", **{"word/media/image1.jpeg": _tagged("JPEG", {0x010E: f"by {_NAME}"})}),
        {"personal name"},
        "picture image1.jpeg",
    ),
}


@pytest.mark.parametrize("name", _EXPOSING)
def test_every_format_is_looked_through_and_nothing_is_shown_in_full(name: str, tmp_path: Path) -> None:
    data, kinds, place = _EXPOSING[name]
    (tmp_path / name).write_bytes(data)
    found = look_through(tmp_path / name, Path("facilities/reef/testimony", name)).sightings
    assert {one.kind for one in found} == kinds
    assert any(one.place.startswith(place) or place in one.place for one in found), [one.place for one in found]
    told = " ".join(one.sentence("file") for one in found)
    assert not any(
        word in told for word in (_NAME, "Hollis", _HANGUL, _PHONE, "quayle", "magpie", "quiet.gull", "5550142")
    )


def test_what_satellites_saw_is_not_looked_at_but_what_people_wrote_beside_it_is(tmp_path: Path) -> None:
    (tmp_path / "scene.tif").write_bytes(_tagged("TIFF", {0x8298: "Some Seller of Scenes"}))
    (tmp_path / "scene.yaml").write_text(f"acquired: 2014\nnote: bought by {_NAME}\n")
    assert look_through(tmp_path / "scene.tif", Path("imagery/scene.tif")).sightings == ()
    (seen,) = look_through(tmp_path / "scene.yaml", Path("imagery/scene.yaml")).sightings
    assert (seen.kind, seen.place) == ("personal name", "line 2")


#: What providers' programs and people write beside a scene; the name stands in every one.
_BESIDE = {
    "scene.IMD": f'BEGIN_GROUP = IMAGE\n\torderedBy = "{_NAME}";\nEND_GROUP = IMAGE\n',
    "scene.xml": f"<isd><IMD><ORDERED>{_NAME}</ORDERED></IMD></isd>",
    "scene.RPB": f'satId = "X";\nnote = "{_NAME}";\n',
    "scene.json": json.dumps({"type": "Feature", "properties": {"note": f"for {_NAME}"}}),
    "scene.tif.aux.xml": f"<PAMDataset><Metadata><MDI key='by'>{_NAME}</MDI></Metadata></PAMDataset>",
    "scene_rpc.txt": f"note: {_NAME}\n",
    "scene.txt": f"ordered by {_NAME}\n",
}


@pytest.mark.parametrize("name", _BESIDE)
def test_what_lies_beside_a_scene_is_looked_through_in_every_format(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(_BESIDE[name])
    (seen,) = look_through(tmp_path / name, Path("imagery", name)).sightings
    assert seen.kind == "personal name"


_ONE_PICTURE = "what is written in the pixels of 1 picture in it"
#: File name, content, and what must be said that only a person can look through; nothing of the others.
_UNSEEN = {
    "talk.mp3": (b"ID3", "what is said in it"),
    "film.mp4": (b"x", "what is said and seen in it"),
    "scan.png": (png(), "what is written in its pixels"),
    "scan.pdf": (_pdf(), "its page, which is a picture"),
    "photo.heic": (heic(np.full((16, 16), 255, np.uint8)), "what is written in its pixels"),
    "noise.jpg": (b"\xff\xd8\xff\xe0 noise", "what its tags say: they cannot be read"),
    "locked.doc": (doc("nothing", locked=True), "whatever is in it: it cannot be opened"),
    "old.hwp": (hwp("없음", more={"BinData/BIN0001.png": b"x"}), "pictures in it"),
    "plain.hwp": (hwp("없음"), None),
    "slides.pptx": (
        zipped({"ppt/slides/slide1.xml": b"<a>x</a>"}),
        "whatever in it is no text: this kind of file is not known",
    ),
    "shown.docx": (
        docx("<w:p/>", **{"word/media/image1.png": png()}),
        "what is written in the pixels of 1 picture in it",
    ),
    "box.docx": (docx("<w:p/>", **{"word/embeddings/oleObject1.bin": b"x"}), "“oleObject1.bin”, which lies in it"),
    "plan.svg": (
        b"<svg><image href='data:image/png;base64,AAAA'/></svg>",
        "what is written in the pixels of 1 picture in it",
    ),
    "pack.zip": (zipped({"a/inner.zip": zipped({"x": b"y"}), "b.mp3": b"ID3"}), "the archive “inner.zip” in it"),
    "nest.kmz": (zipped({"doc.kml": b"<kml/>", "more.kmz": b"PK"}), "the archive “more.kmz” in it"),
    "what.bin2": (bytes(range(256)), "whatever is in it: this kind of file is not known"),
    "plain.txt": (b"nothing", None),
    "plain.csv": (b"witness,latitude,longitude\nw1,5,-30\n", None),
    "plain.kml": (b"<kml><Placemark><name>quay</name></Placemark></kml>", None),
    "plain.docx": (docx("<w:p><w:r><w:t>nothing</w:t></w:r></w:p>"), None),
    "plain.xls": (xls(a=[["x"]]), None),
    "words.pdf": (_pdf("only words"), None),
}


@pytest.mark.parametrize("name", _UNSEEN)
def test_what_cannot_be_looked_through_is_said_and_nothing_else_is(name: str, tmp_path: Path) -> None:
    data, what = _UNSEEN[name]
    (tmp_path / name).write_bytes(data)
    looked = look_through(tmp_path / name, Path("facilities/reef/testimony", name))
    assert looked.sightings == ()
    assert what in looked.unseen if what else looked.unseen == ()


def test_add_says_of_each_file_what_only_a_person_can_look_through(
    tmp_path: Path, make_case: Callable[..., Path]
) -> None:
    root = make_case()
    (tmp_path / "talk.mp3").write_bytes(b"ID3")
    told = _geoinv("add", str(tmp_path / "talk.mp3"), "--facility", "reef", "--case", str(root))
    assert "talk.mp3: kept" in told.stdout
    assert "not looked through for names: what is said in it; look yourself." in told.stdout
    dry = _geoinv("add", str(tmp_path / "talk.mp3"), "--facility", "reef", "--case", str(root), "--dry-run")
    assert "taken in before" in dry.stdout


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
