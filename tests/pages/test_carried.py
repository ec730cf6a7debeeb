"""A page carries the letters it shows, one copy of each picture, and its warnings in its own language."""

import base64
import io
import re

import pytest
from fontTools.ttLib import TTFont

from geoinv.pages.carried import FONTS_HERE, with_fonts
from geoinv.pages.figures import before_after, site_map
from geoinv.pages.reports import ReportRecords, facility_report
from geoinv.pages.shared import share_pictures
from geoinv.pages.told import told
from tests.pages import samples

PAGE = f'<style>{FONTS_HERE}</style><p>3호동 &#xAC10;&lt;</p><script>const a = "\\ucde8\\uc0ac\\uc7a5"</script>'


def fonts(page: str) -> list[TTFont]:
    carried = re.findall(r"data:font/otf;base64,([A-Za-z0-9+/=]+)", page)
    return [TTFont(io.BytesIO(base64.b64decode(text))) for text in carried]


def test_a_page_carries_every_letter_it_shows_however_it_is_written_and_no_other_hangul() -> None:
    (font,) = fonts(with_fonts(PAGE, bold=False))
    letters = {chr(point) for point in font.getBestCmap()}
    assert set("3호동감취사장<") <= letters
    assert {letter for letter in letters if "가" <= letter <= "힣"} == set("호동감취사장")
    assert set("0123456789 kmxyz") <= letters  # what a scale bar may say once the map is moved


def test_a_bold_cut_comes_only_where_it_is_asked_for_and_twice_the_same() -> None:
    assert len(fonts(with_fonts(PAGE, bold=True))) == 2
    assert with_fonts(PAGE, bold=True) == with_fonts(PAGE, bold=True)


def test_a_letter_that_the_font_does_not_have_is_left_to_the_machine() -> None:
    page = with_fonts(PAGE + "漢𐍈", bold=False)
    assert "漢" not in {chr(point) for point in fonts(page)[0].getBestCmap()}


def test_the_reports_letters_are_all_in_its_fonts() -> None:
    page = facility_report(
        ReportRecords(samples.facility(), footprints=samples.footprints()), version="1", language="ko"
    )
    hangul = set(re.findall(r"[가-힣]", page))
    for font in fonts(page):
        assert hangul <= {chr(point) for point in font.getBestCmap()}


def figures() -> dict[str, str]:
    one, two = samples.underlays()
    return {
        "site": site_map(samples.facility(), samples.footprints(), underlay=two),
        "before-after": before_after(samples.facility(), samples.footprints(), one, two),
    }


def test_a_picture_that_two_figures_show_is_in_the_page_once() -> None:
    plain = figures()
    uris = [re.findall(r"data:image/[^\"]+", figure) for figure in plain.values()]
    assert len(uris[0]) == 1 and uris[0][0] in uris[1]
    shared = share_pictures(list(plain.values()))
    assert [len(re.findall(r"data:image/", figure)) for figure in shared] == [1, 1]
    assert shared[1].count('<use href="#picture-0"') == 1
    report = facility_report(ReportRecords(samples.facility(), figures=plain), version="1")
    assert report.count("data:image/jpeg") == 2 and report.count('id="picture-0"') == 1


def test_a_shared_picture_is_stretched_to_where_it_was() -> None:
    image = '<image clip-path="url(#g)" x="{}" y="{}" width="{}" height="{}" preserveAspectRatio="none" href="data:a"/>'
    one, two = share_pictures([image.format(10, 20, 100, 50), image.format(5, 6, 50, 100)])
    assert 'id="picture-0"' in one
    a, b, c, d, e, f = map(float, re.search(r"matrix\(([^)]+)\)", two)[1].split())
    assert (a * 10 + c * 20 + e, b * 10 + d * 20 + f) == (5, 6)
    assert (a * 110 + c * 70 + e, b * 110 + d * 70 + f) == (55, 106)


def test_pictures_that_differ_are_left_alone() -> None:
    assert share_pictures(["<svg/>", figures()["site"]]) == ["<svg/>", figures()["site"]]


@pytest.mark.parametrize(
    "warning",
    [
        "the outlines read under 3 drawings differ: they overlap by 41 % at the least, and lie 6 m apart",
        "a.svg#wall and b.svg#wall have the wall 5 m apart on average and up to 11 m: both are kept",
        "a.svg#gate and b.svg#gate have the gate 9 m apart: both are kept",
        "that this is what was drawn is not sure (probability 0.43)",
        "a.svg#b1 may also be c7 (probability 0.30)",
        "a.svg#b1 was drawn 0.3 times as large as this outline",
        "“kitchen” is 45 m apart in a.svg#t2 and b.svg#t1",
        "the scene hardly bears this building out where it was drawn: look at it, and accept or reject it",
        "on one of the scenes it cannot be said whether it stands: look at the before-and-after figure",
        "the outline drawn by hand lies elsewhere than what was found here",
        "rejected by ines: it is a haystack",
    ],
)
def test_every_warning_is_told_in_korean_with_its_numbers(warning: str) -> None:
    korean = told(warning, "ko")
    assert korean != warning and re.search("[가-힣]", korean)
    assert set(re.findall(r"\d+", warning)) == set(re.findall(r"\d+", korean))
    assert told(warning, "en") == warning
    assert told("a sentence of tomorrow", "ko") == "a sentence of tomorrow"
