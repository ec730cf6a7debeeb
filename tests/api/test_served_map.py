from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

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
    assert page.locator("path.leaflet-interactive").count() == 5
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
