from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
import uvicorn

from geoinv.api.server import create_app

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.needs("chromium")


@pytest.fixture(scope="module")
def address(published: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(create_app(published), port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.mark.parametrize(
    "path", ["/", "/facilities/example-centre?f=html", "/facilities/example-centre/map", "/releases?f=html"]
)
def test_pages_run_without_an_error_and_ask_nobody_else(browser: Browser, address: str, path: str) -> None:
    page = browser.new_page(viewport={"width": 1200, "height": 800})
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("requestfailed", lambda request: troubles.append(request.url))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address + path)
    page.wait_for_load_state("networkidle")
    assert troubles == []
    assert all(url.startswith((address, "data:")) for url in asked)
    page.close()


def test_the_map_shows_buildings_counts_and_a_popup(browser: Browser, address: str, tmp_path: Path) -> None:
    page = browser.new_page(viewport={"width": 1200, "height": 800})
    page.goto(address + "/facilities/example-centre/map")
    page.wait_for_selector(".geoinv-legend")
    assert page.locator("path.leaflet-interactive").count() == 9  # five buildings, four rooms of one
    assert page.locator(".geoinv-label .geoinv-count").all_inner_texts() != []
    assert page.locator(".geoinv-stamp").inner_text() == "FICTIONAL"
    page.locator(".geoinv-name", has_text="Storehouse").wait_for()
    page.mouse.click(*_middle(page, "Kitchen"))
    page.wait_for_selector(".geoinv-popup")
    assert "attested" in page.locator(".geoinv-popup").inner_text()
    assert page.screenshot().startswith(b"\x89PNG")
    page.close()


def _middle(page: object, name: str) -> tuple[float, float]:
    box = page.locator(".geoinv-name", has_text=name).bounding_box()  # type: ignore[attr-defined]
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_the_map_can_be_used_without_a_mouse_or_without_a_picture(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 1200, "height": 800})
    page.goto(address + "/facilities/example-centre/map")
    page.wait_for_selector(".geoinv-legend")
    shape = page.locator('path[role="button"]').first
    assert "corroborated" in (shape.get_attribute("aria-label") or "")
    shape.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".geoinv-popup")
    page.keyboard.press("Escape")
    page.locator(".geoinv-choose .geoinv-button").click()
    rows = page.locator(".geoinv-table tbody tr").all_inner_texts()
    assert len(rows) == 9 and any("Kitchen" in row for row in rows)
    page.keyboard.press("Escape")
    page.wait_for_selector(".geoinv-table", state="detached")
    page.close()


def test_colours_follow_the_count_that_was_asked_for(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 1200, "height": 800})
    page.goto(address + "/facilities/example-centre/map?by=incidents&lang=ko")
    page.wait_for_selector(".geoinv-legend")
    assert "사건 수" in page.locator(".geoinv-legend summary").inner_text()
    counted = page.locator(".geoinv-status").inner_text()
    assert "18건 중 18건" in counted
    dark = page.locator('path[role="button"]').first.get_attribute("fill")
    page.locator(".geoinv-choose select").first.select_option("known")
    assert page.locator('path[role="button"]').first.get_attribute("fill") != dark
    page.close()


@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_the_map_is_also_a_picture(address: str, form: str) -> None:
    first = httpx.get(f"{address}/facilities/example-centre/map.{form}?width=100&dpi=100&lang=ko")
    assert first.status_code == 200
    starts = {"png": b"\x89PNG", "svg": b"<svg", "pdf": b"%PDF"}
    assert first.content.startswith(starts[form])
    assert first.headers["etag"] == httpx.get(first.request.url).headers["etag"]


@pytest.mark.parametrize(
    "query",
    ["map.png?width=5", "map.png?dpi=0", "map.png?width=1000&dpi=1200", "map.gif", "map.png?by=colour", "map?x=1"],
)
def test_a_picture_that_cannot_be_drawn_is_refused(address: str, query: str) -> None:
    assert httpx.get(f"{address}/facilities/example-centre/{query}").status_code == 400
    assert httpx.get(f"{address}/facilities/nowhere/map.png").status_code == 404


def test_a_burst_of_pictures_is_turned_away_in_words_and_nothing_else_waits(address: str) -> None:
    asked = [f"{address}/facilities/example-centre/map.png?width={100 + n}&dpi=200" for n in range(24)]
    with ThreadPoolExecutor(24) as pool:
        pictures = [pool.submit(httpx.get, url, timeout=60) for url in asked]
        assert httpx.get(f"{address}/health", timeout=60).status_code == 200
        answers = [picture.result() for picture in pictures]
    statuses = {answer.status_code for answer in answers}
    assert 200 in statuses and statuses <= {200, 503}
    assert all("ask again in a moment" in answer.text for answer in answers if answer.status_code == 503)
