from __future__ import annotations

import io
import math
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image
from shapely.geometry import box

from geoinv.errors import RefusalError
from geoinv.geometry.frames import to_local
from geoinv.pages.figures import before_after, figure_png, site_map
from geoinv.pages.styles import STATUS_STYLES
from geoinv.pages.underlays import Underlay, jpeg_bytes, surroundings
from geoinv.records.evidence import Status
from tests.pages import samples

SVG = "{http://www.w3.org/2000/svg}"


def _texts(svg: str) -> list[str]:
    return [node.text or "" for node in ET.fromstring(svg).iter(f"{SVG}text")]


def test_a_site_map_names_buildings_says_fictional_and_how_each_is_known() -> None:
    svg = site_map(
        samples.facility(), samples.footprints(), underlay=samples.underlays()[1], counts={"footprint-b1": 12}
    )
    texts = _texts(svg)
    for words in (
        "FICTIONAL",
        "Main block",
        "Storehouse <b>&amp;</b> !",
        "창고",
        "12",
        "corroborated",
        "conjectural",
        "N",
    ):
        assert words in texts
    assert any("2016-04-11" in words and "simulated picture" in words for words in texts)


def test_the_scale_bar_is_as_long_as_it_says() -> None:
    underlay = samples.underlays()[0]
    svg = site_map(samples.facility(), samples.footprints(), underlay=underlay)
    root = ET.fromstring(svg)
    label = next(words for words in _texts(svg) if re.fullmatch(r"[\d.]+ m", words))
    bar = next(node for node in root.iter(f"{SVG}rect") if node.get("height") == "6" and node.get("stroke"))
    # Oracle: the scene lies on the page at a known size; measure its ground by the facility's frame.
    picture = next(root.iter(f"{SVG}image"))
    west, south, east, north = to_local(samples.FRAME, box(*underlay.bounds)).bounds
    per_unit = (east - west) / float(picture.get("width", "0"))
    assert float(bar.get("width", "0")) * per_unit == pytest.approx(float(label.split()[0]), rel=0.01)
    assert (north - south) / float(picture.get("height", "0")) == pytest.approx(per_unit, rel=0.01)


def test_an_l_shaped_building_s_name_lies_on_the_l() -> None:
    from shapely.geometry import Point

    from geoinv.pages.map_words import label_place

    for item in samples.footprints():
        assert item.geometry.contains(Point(*label_place(item.geometry)))


def test_statuses_are_told_apart_by_line_as_well_as_by_colour() -> None:
    lines = {(style.width, style.dash) for style in STATUS_STYLES.values()}
    assert len({style.color for style in STATUS_STYLES.values()}) == len(Status)
    assert len(lines) >= len(Status) - 1
    for status in (Status.CORROBORATED, Status.OBSERVED):
        assert STATUS_STYLES[status].dash == ""


def test_two_dates_stand_side_by_side_over_common_ground() -> None:
    first, second = samples.underlays()
    svg = before_after(samples.facility(), samples.footprints(), first, second, language="ko")
    assert len(list(ET.fromstring(svg).iter(f"{SVG}image"))) == 2
    assert any("2012-09-30" in words for words in _texts(svg))
    assert "가상" in _texts(svg)
    far = Underlay(first.pixels, (10.0, 10.0, 10.1, 10.1))
    with pytest.raises(RefusalError, match="no common ground"):
        before_after(samples.facility(), samples.footprints(), first, far)


def test_a_map_of_nothing_is_refused() -> None:
    with pytest.raises(RefusalError, match="nothing to draw"):
        site_map(samples.facility(), ())


def test_a_figure_is_the_same_png_twice_and_not_blank() -> None:
    svg = site_map(samples.facility(), samples.footprints(), underlay=samples.underlays()[1])
    made = figure_png(svg, dpi=72)
    assert made == figure_png(svg, dpi=72)
    picture = np.asarray(Image.open(io.BytesIO(made)).convert("RGB"))
    assert picture.std() > 30
    width = float(svg.split('width="', 1)[1].split('"', 1)[0])
    assert picture.shape[1] == pytest.approx(width * 0.75, abs=2)


def test_surroundings_reach_a_margin_beyond_the_shapes() -> None:
    shape = samples.lonlat(box(-50, -20, 50, 20))
    west, south, east, north = to_local(samples.FRAME, surroundings([shape], margin=0.5)).bounds
    inner = to_local(samples.FRAME, shape).bounds
    assert inner[0] - west == pytest.approx(0.5 * (inner[2] - inner[0]), rel=0.02)
    assert math.isfinite(north) and south < inner[1]


def test_a_picture_is_written_from_its_pixels_alone() -> None:
    body = jpeg_bytes(np.zeros((8, 8, 3), np.uint8))
    assert b"Exif" not in body and b"\xff\xfe" not in body[:200]
