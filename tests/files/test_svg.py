from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, Polygon

from geoinv.errors import FieldError, GeoinvError, UnreadableFileError, UnsafeFileError
from geoinv.files.svg import parse_svg, read_svg
from geoinv.files.svg_paths import flatten_path


def svg(body: str, head: str = 'viewBox="0 0 100 80"') -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" {head}>{body}</svg>'.encode()


def test_units_are_the_viewbox_with_y_up() -> None:
    read = parse_svg(
        svg('<rect id="b1" x="20" y="40" width="10" height="20"/>', 'viewBox="10 30 100 80"'), file="a.svg"
    )
    assert read.page_size == (100, 80)
    assert read.strokes[0].geometry.bounds == (10, 50, 20, 70)
    assert read.strokes[0].element == "b1"


def test_transforms_nest_and_carry_the_stroke_width() -> None:
    body = (
        '<g transform="translate(10,20) scale(2)"><path transform="rotate(90)" fill="none" stroke="#000" '
        'stroke-width="1.5" d="M0 0 L 10 0"/></g>'
    )
    stroke = parse_svg(svg(body), file="a.svg").strokes[0]
    assert np.allclose(stroke.geometry.coords, [(10, 60), (10, 40)])
    assert stroke.width == pytest.approx(3.0)


def test_hidden_layers_patterns_and_the_paper_are_left_out() -> None:
    body = (
        '<style>.gone{display:none}</style><rect width="100%" height="100%" fill="#fff"/>'
        '<g id="paper"><rect width="9" height="9"/></g>'
        '<defs><rect id="d" width="5" height="5"/></defs><g style="display:none"><circle r="4"/></g>'
        '<path class="gone" d="M0 0H9V9Z"/>'
        '<circle id="well" cx="50" cy="40" r="5"/>'
    )
    strokes = parse_svg(svg(body), file="a.svg").strokes
    assert [stroke.element for stroke in strokes] == ["well"]
    assert strokes[0].geometry.area == pytest.approx(math.pi * 25, rel=0.01)


def test_ids_classes_titles_and_texts_come_from_the_groups_around() -> None:
    body = (
        '<g id="b7" class="building"><title>Office</title><path class="outer" d="M10 10H30V30H10Z"/>'
        '<text x="20" y="20" text-anchor="middle" font-size="10">No <tspan>4</tspan></text></g>'
    )
    read = parse_svg(svg(body), file="a.svg")
    stroke = read.strokes[0]
    assert (stroke.element, stroke.classes, stroke.title, stroke.closed) == (
        "b7",
        ("outer", "building"),
        "Office",
        True,
    )
    x, y, words, element = read.texts[0]
    assert (x, words, element) == (20, "No 4", "b7")
    assert 60 < y < 66


def test_a_ring_inside_a_filled_shape_is_a_hole() -> None:
    read = parse_svg(svg('<path fill="#000" d="M0 0H40V40H0Z M10 10H30V30H10Z"/>'), file="a.svg")
    shape = read.strokes[0].geometry
    assert isinstance(shape, Polygon)
    assert shape.area == pytest.approx(1200)


def test_curves_keep_to_their_tolerance() -> None:
    ((points, closed),) = flatten_path("M 10 0 A 10 10 0 0 1 -10 0 A 10 10 0 01-10 0 Z", 0.01)[:1]
    assert closed
    assert np.abs(np.hypot(*points.T) - 10).max() < 0.02
    ((curve, _),) = flatten_path("M0 0 C 0 10 10 10 10 0 S 20 -10 20 0 q 5 5 10 0 t 10 0", 0.01)
    assert curve[-1].tolist() == [40, 0]
    assert LineString(curve).length > 50


def test_use_is_followed_and_never_without_end() -> None:
    body = '<defs><rect id="hut" width="5" height="5"/></defs><use href="#hut" x="10" y="10"/>'
    body += '<g id="loop"><use href="#loop"/></g>'
    read = parse_svg(svg(body), file="a.svg")
    assert len(read.strokes) == 1
    assert read.strokes[0].geometry.bounds == (10, 65, 15, 70)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", UnreadableFileError),
        (b"<svg", UnreadableFileError),
        (b"<html/>", UnreadableFileError),
        (b'<!DOCTYPE s [<!ENTITY a "b">]><svg>&a;</svg>', UnsafeFileError),
        (svg("", ""), FieldError),
        (svg("", 'viewBox="0 0 0 0"'), FieldError),
        (svg('<path d="M0 0 L 1e999 3"/>'), FieldError),
        (svg('<path d="M0 0 L nan 3"/>'), FieldError),
        (svg('<rect width="wide" height="3"/>'), FieldError),
        (svg('<g transform="scale(1e300) scale(1e300)"><rect width="3" height="3"/></g>'), FieldError),
        (svg("<g>" * 300 + "</g>" * 300), UnsafeFileError),
    ],
)
def test_bad_drawings_are_one_sentence(tmp_path: Path, data: bytes, error: type[GeoinvError]) -> None:
    path = tmp_path / "a.svg"
    path.write_bytes(data)
    with pytest.raises(error, match=r"a\.svg") as caught:
        read_svg(path)
    assert "\n" not in str(caught.value)


paths = st.text(alphabet="MmLlHhVvCcSsQqTtAaZz0123456789 .,-+e", max_size=80)


@given(st.one_of(st.binary(max_size=200), paths.map(lambda d: svg(f'<path d="{d}"/><polygon points="{d}"/>'))))
def test_only_our_errors_escape(data: bytes) -> None:
    try:
        parse_svg(data, file="fuzz.svg")
    except GeoinvError as error:
        assert "fuzz.svg" in str(error)
