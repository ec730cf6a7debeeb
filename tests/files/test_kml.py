from __future__ import annotations

import contextlib
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoinv.errors import GeoinvError, UnreadableFileError, UnsafeFileError
from geoinv.files.kml import parse_kml, read_kml
from geoinv.files.pins import named_thing, statements_from_kml

HEAD = '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>d</name>'
TAIL = "</Document></kml>"
BOX = "<LatLonBox><north>10.2</north><south>10</south><east>-150</east><west>-150.4</west></LatLonBox>"


def kml(body: str) -> bytes:
    return (HEAD + body + TAIL).encode()


def point(name: str, coordinates: str, data: str = "") -> str:
    return f"<Placemark><name>{name}</name>{data}<Point><coordinates>{coordinates}</coordinates></Point></Placemark>"


def test_nested_folders_data_and_shapes_are_read() -> None:
    data = '<ExtendedData><Data name="witness"><value>w1</value></Data></ExtendedData>'
    ring = "-150.1,10 -150,10 -150,10.1 -150.1,10"
    body = (
        "<Folder><name>north</name><Folder><name>pins</name>"
        f"{point('취사장', '-150.5,10.25,3', data)}</Folder></Folder>"
        "<Placemark><name>area</name><Polygon><outerBoundaryIs><LinearRing>"
        f"<coordinates>{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
        "<Placemark><LineString><coordinates>-150, 10 -150, 11</coordinates></LineString></Placemark>"
    )
    found = parse_kml(kml(body), file="a.kml").placemarks
    assert [mark.geometry.geom_type for mark in found] == ["Point", "Polygon", "LineString"]
    assert found[0].path == ("north", "pins")
    assert found[0].data == {"witness": "w1"}
    assert found[0].geometry.coords[0] == (-150.5, 10.25)
    assert [mark.number for mark in found] == [1, 2, 3]


def test_what_is_not_read_is_said_in_words() -> None:
    body = (
        "<gx:Tour xmlns:gx='g'><name>flight</name></gx:Tour><Style id='s'/><StyleMap id='m'/>"
        "<NetworkLink><name>more</name><Link><href>https://example.invalid/x.kml</href></Link></NetworkLink>"
    )
    document = parse_kml(kml(body + point("a", "-150,10")), file="a.kml")
    assert len(document.placemarks) == 1 and not document.problems
    assert ["flight" in document.ignored[0], "more" in document.ignored[1]] == [True, True]
    assert "2 styles" in document.ignored[2]
    assert all(sentence.startswith("a.kml: ") for sentence in document.ignored)


def overlay(box: str, name: str = "old map", href: str = "files/map.png") -> str:
    return f"<GroundOverlay><name>{name}</name><Icon><href>{href}</href></Icon>{box}</GroundOverlay>"


def test_a_picture_laid_on_the_ground_keeps_its_corners() -> None:
    box = "<LatLonBox><north>10.2</north><south>10</south><east>-150</east><west>-150.4</west></LatLonBox>"
    (laid,) = parse_kml(kml(overlay(box)), file="a.kml").overlays
    assert (laid.name, laid.href, laid.when) == ("old map", "files/map.png", None)
    assert laid.corners == ((-150.4, 10.2), (-150.0, 10.2), (-150.0, 10.0), (-150.4, 10.0))


def test_a_turned_picture_keeps_its_size_on_the_ground() -> None:
    box = "<north>60.01</north><south>59.99</south><east>-149.98</east><west>-150.02</west><rotation>90</rotation>"
    (laid,) = parse_kml(kml(overlay(f"<LatLonBox>{box}</LatLonBox>")), file="a.kml").overlays
    # At 60 degrees a degree of longitude is half as long: the box is square, and a quarter turn moves corner to corner.
    expected = ((-150.02, 59.99), (-150.02, 60.01), (-149.98, 60.01), (-149.98, 59.99))
    assert all(
        lon == pytest.approx(x, abs=1e-5) and lat == pytest.approx(y, abs=1e-5)
        for (lon, lat), (x, y) in zip(laid.corners, expected, strict=True)
    )


def test_a_picture_on_four_corners_is_read_from_its_top_left() -> None:
    quad = "<gx:LatLonQuad xmlns:gx='g'><coordinates>-1,0 1,0 1,2 -1,2</coordinates></gx:LatLonQuad>"
    (laid,) = parse_kml(kml(overlay(quad)), file="a.kml").overlays
    assert laid.corners == ((-1, 2), (1, 2), (1, 0), (-1, 0))


def test_an_impossible_overlay_is_named() -> None:
    document = parse_kml(kml(overlay("<LatLonBox><north>x</north></LatLonBox>") + point("a", "-150,10")), file="a.kml")
    assert len(document.placemarks) == 1 and not document.overlays
    assert "ground overlay 1 “old map”, north" in document.problems[0]


def test_korean_encodings_are_read() -> None:
    text = HEAD.replace("UTF-8", "EUC-KR") + point("정문", "-150,10") + TAIL
    assert parse_kml(text.encode("cp949"), file="a.kml").placemarks[0].name == "정문"


def test_one_bad_placemark_does_not_cost_the_good_ones() -> None:
    document = parse_kml(kml(point("bad", "nan,10") + point("good", "-150,10")), file="a.kml")
    assert [mark.name for mark in document.placemarks] == ["good"]
    assert "placemark 1 “bad”" in document.problems[0]


@pytest.mark.parametrize("coordinates", ["nan,10", "1e400,10", "-150", "", "500,10", "a,b"])
def test_impossible_coordinates_name_the_placemark(coordinates: str) -> None:
    (problem,) = parse_kml(kml(point("p", coordinates)), file="a.kml").problems
    assert problem.startswith("a.kml, placemark 1 “p”, coordinates: ")


def test_swapped_longitude_and_latitude_are_noticed() -> None:
    (problem,) = parse_kml(kml(point("p", "10,-150")), file="a.kml").problems
    assert "swapped" in problem


def test_an_entity_bomb_is_refused() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE k [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><kml>&b;</kml>'
    with pytest.raises(UnsafeFileError, match="entities"):
        parse_kml(bomb, file="a.kml")


def test_endless_nesting_is_refused() -> None:
    with pytest.raises(UnsafeFileError, match="deep"):
        parse_kml(b"<kml>" + b"<Folder>" * 5000 + b"</Folder>" * 5000 + b"</kml>", file="a.kml")


@pytest.mark.parametrize("data", [b"", b"<kml><Document>", b"\0\0\0", b"hello", b"<html/>", b"PK\x03\x04broken"])
def test_what_is_not_kml_is_one_sentence(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.kml"
    path.write_bytes(data)
    with pytest.raises(UnreadableFileError, match=r"a\.kml") as caught:
        read_kml(path)
    assert "\n" not in str(caught.value)


def test_a_kmz_is_read_and_a_slipping_one_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.kmz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("doc.kml", kml(point("a", "-150,10")))
        archive.writestr("files/more.kml", kml(point("b", "-150,11") + overlay(BOX)))
        archive.writestr("files/map.png", b"x")
        archive.writestr("files/unused.png", b"y")
    document = read_kml(path)
    assert [(mark.number, mark.name) for mark in document.placemarks] == [(1, "a"), (2, "b")]
    assert document.pictures == {"files/map.png": b"x"}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../doc.kml", kml(point("a", "-150,10")))
    with pytest.raises(UnsafeFileError, match="outside"):
        read_kml(path)


def test_pins_take_their_witness_and_what_they_are_of() -> None:
    data = '<ExtendedData><Data name="witness"><value>w1</value></Data></ExtendedData>'
    document = parse_kml(kml(point("workshop I think", "-150,10", data) + point("here", "-150,10.1")), file="x.kml")
    told = statements_from_kml(document, file="x.kml", labels=["Workshop"])
    assert [(pin.id, pin.witness, pin.of, pin.radius_m) for pin in told.statements] == [("x-1", "w1", "Workshop", None)]
    assert "no witness" in told.problems[0]
    assert "placemark 2" in told.problems[0]
    told = statements_from_kml(document, file="x.kml", witness="w9")
    assert [pin.witness for pin in told.statements] == ["w1", "w9"]
    assert not told.problems
    assert "1 of 2 places name no witness; they are taken to be “w9”'s" in told.assumed[0]


@pytest.mark.parametrize("folder", ["Landmarks", "지형지물", "landmark"])
def test_what_lies_in_a_folder_of_landmarks_is_one(folder: str) -> None:
    line = "<Placemark><name>quay</name><LineString><coordinates>-150,10 -150,11</coordinates></LineString></Placemark>"
    body = f"<Folder><name>{folder}</name>{line}{point('', '-150,10')}</Folder>{line}"
    told = statements_from_kml(parse_kml(kml(body), file="x.kml"), file="x.kml", witness="w1")
    assert list(told.landmarks) == ["quay", "landmark 2"]
    assert not told.statements
    assert "a line" in told.problems[0] and "placemark 3" in told.problems[0]


def test_a_name_is_a_thing_only_where_its_words_say_so() -> None:
    assert named_thing("The compound", ["Kitchen"]) is None
    assert named_thing("old kitchen block", ["Kitchen", "Kitchen block"]) == "Kitchen block"
    assert named_thing("정문") == "정문"


@given(st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda text: kml(point("a", text)))))
def test_only_our_errors_escape(data: bytes) -> None:
    try:
        parse_kml(data, file="fuzz.kml")
    except GeoinvError as error:
        assert "fuzz.kml" in str(error)


@given(st.binary(max_size=200), st.integers(0, 200))
def test_only_our_errors_escape_a_damaged_kmz(tmp_path_factory: pytest.TempPathFactory, junk: bytes, at: int) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("doc.kml", kml(point("a", "-150,10")))
    whole = buffer.getvalue()
    path = tmp_path_factory.mktemp("kmz") / "a.kmz"
    path.write_bytes(whole[:at] + junk + whole[at + len(junk) :])
    with contextlib.suppress(GeoinvError):
        read_kml(path)
