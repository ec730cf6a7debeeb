from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from geoinv.errors import RefusalError
from geoinv.pages.map_spec import MapIncident, MapSpec, map_rooms, map_spec
from geoinv.pages.maps import offline_map
from geoinv.records.facility import Facility
from geoinv.records.footprints import Footprint
from tests.pages import samples

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PICTURES = samples.underlays()


def spec(facility: Facility | None = None, footprints: tuple[Footprint, ...] | None = None) -> MapSpec:
    told = [MapIncident(building="footprint-b1", years=(2010 + n % 3, 2010 + n % 3), kind="beating") for n in range(12)]
    told += [MapIncident(building="footprint-b4", kind="deprivation of food") for _ in range(6)]
    shown = samples.footprints() if footprints is None else footprints
    rooms = map_rooms(samples.blueprint(), shown)
    return map_spec(facility or samples.facility(), shown, underlays=PICTURES, rooms=rooms, incidents=told)


@pytest.fixture(scope="module")
def page_text() -> str:
    return offline_map(spec(), PICTURES, cite="Release 0123456789ab")


def test_the_file_names_no_other_host_and_no_jquery(page_text: str) -> None:
    tags = re.findall(r'<(?:script|link|img|iframe)[^>]*(?:src|href)="([^"]*)"', page_text)
    assert all(address.startswith("data:") for address in tags)
    assert "cdn." not in page_text and "jquery" not in page_text.lower() and "bootstrap" not in page_text
    assert "L.tileLayer(" not in page_text.split("<body>", 1)[1]


def test_the_same_map_is_the_same_bytes(page_text: str) -> None:
    assert offline_map(spec(), PICTURES, cite="Release 0123456789ab") == page_text


def test_a_name_cannot_end_the_script(page_text: str) -> None:
    bad = "</script><script>alert(1)</script>"
    facility = samples.facility(name=bad)
    first = samples.footprints()[0].model_copy(update={"labels": (bad,), "warnings": (bad,)})
    page = offline_map(spec(facility, (first,)), PICTURES, cite=bad)
    assert "<script>alert(1)" not in page
    assert page.count("</script>") == page.count("<script")


def test_a_map_of_nothing_is_refused() -> None:
    with pytest.raises(RefusalError, match="nothing to show"):
        offline_map(map_spec(samples.facility(), ()))


@pytest.mark.needs("chromium")
def test_the_file_opens_without_a_network_and_shows_everything(
    browser: Browser, page_text: str, tmp_path: Path
) -> None:
    path = tmp_path / "map.html"
    path.write_text(page_text, encoding="utf-8")
    page = browser.new_page(viewport={"width": 1200, "height": 800})
    troubles: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    page.wait_for_selector(".geoinv-legend")
    assert troubles == []
    assert all(url.startswith(("data:", path.as_uri())) for url in asked)
    assert page.locator("path.leaflet-interactive").count() == 10
    assert page.locator(".geoinv-label .geoinv-count").all_inner_texts() == ["12", "6"]
    assert page.locator(".geoinv-stamp").inner_text() == "FICTIONAL"
    assert "18 of 18" in page.locator(".geoinv-status").inner_text()
    page.locator(".geoinv-year input").first.fill("2012")
    assert page.locator(".geoinv-label .geoinv-count").all_inner_texts() == ["4"]
    assert "6 have no year" in page.locator(".geoinv-status").inner_text()
    page.locator(".geoinv-year input").first.fill("2010")
    page.locator(".geoinv-choose select").nth(1).select_option("deprivation of food")
    assert page.locator(".geoinv-label .geoinv-count").all_inner_texts() == ["6"]
    later = page.locator("img.leaflet-image-layer").nth(1)
    page.locator(".geoinv-fade input").fill("0")
    assert later.evaluate("node => getComputedStyle(node).opacity") == "0"
    place = page.locator(".geoinv-name", has_text="Kitchen").bounding_box()
    assert place is not None
    page.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    page.wait_for_selector(".geoinv-popup")
    assert "0.9 m at 90 %" in page.locator(".geoinv-popup").inner_text()
    page.close()
