from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from geoinv.pages.figures import site_map
from geoinv.pages.plans import plan_figure, sketch_figure
from geoinv.pages.reports import ReportRecords, facility_report
from geoinv.records.drawings import Sketch
from geoinv.records.placements import Match
from tests.pages import samples

if TYPE_CHECKING:
    from playwright.sync_api import Browser


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data.strip())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def _records() -> ReportRecords:
    site = site_map(samples.facility(), samples.footprints(), underlay=samples.underlays()[1])
    return ReportRecords(
        facility=samples.facility(),
        statements=samples.statements(),
        location=samples.location(),
        sketches=samples.sketches(),
        match=samples.match(),
        footprints=samples.footprints(),
        unplaced=samples.unplaced(),
        blueprint=samples.blueprint(),
        incidents=samples.incidents(),
        bindings=samples.bindings(),
        figures={"site": site, "Again": site},
        inputs={"facilities/example-centre/testimony/pins.kml": "0" * 64},
    )


def _read(page: str) -> _Words:
    parser = _Words()
    parser.feed(page)
    return parser


def test_a_report_says_what_is_known_how_well_and_from_what() -> None:
    words = " ".join(_read(facility_report(_records(), version="1.2.3")).words)
    for expected in (
        "FICTIONAL",
        "14 m",
        "1 of 2 statements very probably hold; doubtful: 1",
        "their areas lie 1.2 km apart",
        "The preferred placement has probability 0.81",
        "0.130",
        "no outline within reach",
        "which side the store's door is on",
        "Cell 1",
        "18.7 m²",
        "geoinv 1.2.3",
        "0" * 64,
        "▲ also drawn in sketch-by-heron.svg",
    ):
        assert expected in words, expected


def test_every_text_is_escaped_and_nothing_is_loaded() -> None:
    page = facility_report(_records(), version="1")
    parsed = _read(page)
    assert "by the bend <script>" in " ".join(parsed.words)
    assert not [tag for tag, _ in parsed.tags if tag in ("script", "iframe", "object", "b>")]
    for tag, attributes in parsed.tags:
        for name in ("src", "href"):
            value = attributes.get(name) or ""
            assert value == "" or value.startswith(("data:", "#")), (tag, value)
    assert not re.findall(r"url\((?!data:|#)", page)


def test_sections_are_numbered_as_they_come_and_absent_ones_left_out() -> None:
    page = facility_report(ReportRecords(facility=samples.facility()), version="1")
    numbers = re.findall(r'<h2 id="(\d+)">(\d+)\. ', page)
    assert numbers == [(str(n), str(n)) for n in range(1, len(numbers) + 1)]
    words = " ".join(_read(page).words)
    assert "No location could be computed" in words and "No footprints could be established." in words
    assert "Drawings, as traced" not in words


def test_a_match_that_abstains_says_so() -> None:
    records = ReportRecords(
        facility=samples.facility(), match=Match(none_probability=0.7, placements=samples.match().placements)
    )
    assert "No placement is kept" in facility_report(records, version="1")


def test_the_korean_report_says_that_nobody_reviewed_its_words() -> None:
    page = facility_report(_records(), version="1", language="ko")
    assert 'lang="ko"' in page
    assert "원어민의 감수를 받지 않았다" in page and "교차 확인됨" in page


def test_a_sketch_is_drawn_from_its_tracing_and_a_plan_from_its_rooms() -> None:
    figure = sketch_figure(samples.sketches()[0])
    assert figure is not None and figure.count("<path") == 5 and "<image" not in figure
    assert sketch_figure(Sketch(name="empty.svg")) is None
    plan = plan_figure(samples.blueprint().buildings[0])
    assert plan is not None and "Cell 3" in plan
    assert plan_figure(samples.blueprint().buildings[1]) is None


@pytest.mark.needs("chromium")
def test_a_report_fits_its_page_on_screen_and_on_paper(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(facility_report(_records(), version="1", language="ko"), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1000, "height": 800})
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text))
    page.on(
        "request", lambda request: None if request.url.startswith(("data:", "file:")) else troubles.append(request.url)
    )
    page.goto(path.as_uri())
    for width in (1000, 390):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
    assert page.evaluate("document.fonts.check('16px \"Geoinv Sans\"', '가')")
    assert page.pdf(format="A4").startswith(b"%PDF")
    assert troubles == []
    page.close()
