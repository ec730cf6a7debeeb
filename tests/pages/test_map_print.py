from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from geoinv.errors import FieldError, RefusalError
from geoinv.pages.figures import figure_pdf, figure_png
from geoinv.pages.map_print import print_map
from geoinv.pages.map_spec import MapIncident, MapSpec, map_rooms, map_spec
from tests.pages import samples

UNDERLAY = samples.underlays()[1]


def spec(**changes: object) -> MapSpec:
    told = [MapIncident(building="footprint-b1", years=(2010, 2010), kind="beating")] * 12
    rooms = map_rooms(samples.blueprint(), samples.footprints())
    made = map_spec(samples.facility(), samples.footprints(), underlays=[UNDERLAY], rooms=rooms, incidents=told)
    return made.model_copy(update=changes)


def words_of(svg: str) -> list[str]:
    return [text.text or "" for text in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("width", [80.0, 180.0, 420.0])
def test_the_sheet_is_as_wide_as_asked_and_its_words_stay_readable(width: float) -> None:
    svg = print_map(spec(), UNDERLAY, width_mm=width, cite="Release 0123456789ab")
    root = ET.fromstring(svg)
    assert float(root.attrib["width"]) * 25.4 / 96 == pytest.approx(width, abs=0.05)
    sizes = [float(text.attrib["font-size"]) for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert min(sizes) * 72 / 96 >= 7
    assert "Release 0123456789ab" in words_of(svg) and "FICTIONAL" in words_of(svg)


def test_the_scale_bar_is_as_long_as_the_ground_it_names() -> None:
    # The kitchen is 7 m by 6 m, turned by 12°: 8.1 m from west to east.
    kitchen = map_spec(samples.facility(), samples.footprints()[1:2])
    alone = print_map(kitchen, None, width_mm=180)
    path = re.search(r'<path d="M([^"Z]+)Z"', alone)
    bar_alone = re.search(r'width="([\d.]+)" height="6" fill="#fff"', alone)
    assert path is not None and bar_alone is not None
    xs = [float(pair.split()[0]) for pair in path.group(1).split("L")]
    said = float(next(word for word in words_of(alone) if re.fullmatch(r"\d+ m", word)).removesuffix(" m"))
    assert (max(xs) - min(xs)) / (float(bar_alone.group(1)) / said) == pytest.approx(8.1, abs=0.15)


def test_counts_colour_the_buildings_and_the_legend_tells_them_in_both_languages() -> None:
    english = print_map(spec(), UNDERLAY, by="incidents")
    korean = print_map(spec(), UNDERLAY, by="incidents", language="ko")
    assert "number of incidents" in words_of(english) and "사건 수" in words_of(korean)
    assert english != print_map(spec(), UNDERLAY)
    none = print_map(spec(incidents=()), UNDERLAY, by="incidents")
    assert "No incident is bound to a building that is shown." in words_of(none)


def test_a_place_shown_to_the_county_only_is_a_box_and_no_building() -> None:
    made = map_spec(samples.facility(), (), area=box(-150.1, -40.1, -150.0, -40.0), area_is="county")
    svg = print_map(made)
    assert "shown to the county only" in words_of(svg)
    assert "2000 m" in words_of(svg)


@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=40))
@settings(max_examples=25)
def test_any_name_makes_a_readable_sheet(name: str) -> None:
    assert ET.fromstring(print_map(spec(name=name, place=name), None)) is not None


def test_markup_in_names_stays_words() -> None:
    bad = "</script><script>alert(1)</script>"
    svg = print_map(spec(name=bad, kind=bad, place=bad), UNDERLAY, cite=bad)
    assert "<script" not in svg


def test_what_cannot_be_drawn_is_refused_in_words() -> None:
    with pytest.raises(FieldError, match="80 to 1000 millimetres"):
        print_map(spec(), width_mm=10)
    with pytest.raises(RefusalError, match="nothing to show"):
        print_map(map_spec(samples.facility(), ()))


def test_the_same_map_is_the_same_picture_and_the_same_pdf() -> None:
    svg = print_map(spec(), UNDERLAY, width_mm=120)
    assert figure_png(svg, dpi=72) == figure_png(svg, dpi=72)
    assert figure_pdf(svg) == figure_pdf(svg)
