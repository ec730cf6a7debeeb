"""Home, search and facility pages: what they say, in both languages, to everybody."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from fastapi.testclient import TestClient

from geoinv.api.publish import publish
from geoinv.api.server import create_app
from tests.api.fake_case import FakeCase
from tests.pages import samples

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SLUG = "/facilities/example-centre"
PAGES = ["/?f=html", f"{SLUG}?f=html", f"{SLUG}/map?x", f"{SLUG}/model?x", "/search?f=html&q=example", "/search?f=html"]
BAD = '</script><img src="nowhere" onerror="document.title=1"><!--\'"&'


@contextmanager
def serving(release: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(create_app(release), port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def address(published: Path) -> Iterator[str]:
    with serving(published) as found:
        yield found


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of a case with markup in every text field."""
    told = dict.fromkeys(("name", "agency", "kind", "place"), BAD)
    case = FakeCase(tmp_path_factory.mktemp("bad"), facility=samples.facility(other_names=(BAD,), **told))
    path = case.models_dir("example-centre") / "footprints.geojson"
    data = json.loads(path.read_text(encoding="utf-8"))
    for item in data["features"]:
        item["properties"]["labels"] = [BAD]
    path.write_text(json.dumps(data), encoding="utf-8")
    case.incidents = tuple(item.model_copy(update={"kind": BAD, "summary": BAD}) for item in case.incidents)
    case.settings = case.settings.model_copy(update={"title": BAD})
    made = publish(case, "public")
    assert isinstance(made, Path)
    return made


def in_language(path: str, language: str) -> str:
    joint = "&" if "?f" in path else "?"
    return f"{path.removesuffix('?x')}{joint}lang={language}"


def test_a_facility_is_found_by_any_spelling_and_in_hangul(client: TestClient) -> None:
    for text in ("example detention", "가상 구류장", "Exampel county", "  fictional   agency "):
        found = client.get("/search", params={"q": text, "f": "json"}).json()
        assert found["candidates"][0]["id"] == "example-centre", text
        assert found["candidates"][0]["reasons"]
    assert client.get("/search", params={"q": "zzzz"}).json()["candidates"] == []
    assert client.get("/search", params={"q": "x" * 500}).status_code == 400


def test_missing_things_are_said_in_words(client: TestClient, tmp_path: Path) -> None:
    nothing = client.get("/search?f=html&q=zzzz").text
    assert "No facility published here is called “zzzz”" in nothing and "may exist all the same" in nothing
    case = FakeCase(tmp_path, facility=samples.facility(publish_location="withheld"), minimum=500)
    made = publish(case, "public")
    assert isinstance(made, Path)
    with TestClient(create_app(made), raise_server_exceptions=False) as other:
        page = other.get(f"{SLUG}?f=html").text
        for words in (
            "No building is published",
            "No incident is published",
            "No model of this facility",
            "so there is no map",
        ):
            assert words in page
        assert "<iframe" not in page
        assert other.get(f"{SLUG}/model").status_code == 404
        assert "No model of this facility is published" in other.get(f"{SLUG}/model").text
        assert other.get(f"{SLUG}/map").status_code == 200
        assert other.get(f"{SLUG}/map.png").status_code == 404
        assert "위치를 밝히지 않거나" in other.get(f"{SLUG}?f=html&lang=ko").text


def test_a_browser_is_told_of_a_problem_on_a_page_and_a_program_in_json(client: TestClient) -> None:
    browser = {"Accept": "text/html,*/*;q=0.8"}
    for path, status, words in (
        ("/facilities/nowhere", 404, "What was never there and what may not be shown look the same"),
        ("/facilities/nowhere?lang=ko", 404, "처음부터 없던 것과"),
        ("/no/such/page", 404, "Not in this release"),
        ("/?lang=xx", 400, "choose en or ko"),
        ("/search?q=" + "x" * 300, 400, "cannot be understood"),
        ("/?<script>=1", 400, "known here"),
    ):
        page = client.get(path, headers=browser)
        assert page.status_code == status and words in page.text, path
        assert page.headers["content-type"].startswith("text/html") and "<script" not in page.text
        if status == 404:
            assert client.get(path).headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_page_says_that_it_is_fictional(client: TestClient, path: str, language: str) -> None:
    text = client.get(in_language(path, language)).text
    assert f'<html lang="{language}">' in text
    assert {"en": "FICTIONAL", "ko": "가상"}[language] in text


@pytest.mark.needs("chromium")
@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("language", "size"), [("en", (1280, 800)), ("ko", (390, 844))], ids=["en-desk", "ko-phone"])
def test_pages_are_accessible_and_fit_a_desk_and_a_phone(
    browser: Browser, address: str, path: str, language: str, size: tuple[int, int]
) -> None:
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("request", lambda request: troubles.append(request.url) if not local(request.url, address) else None)
    page.goto(address + in_language(path, language))
    page.wait_for_selector(ready(path))
    found = [
        f"{one['id']}: {one['nodes'][0]['html'][:160]}"
        for one in Axe().run(page).response["violations"]
        if one["impact"] in ("serious", "critical")
    ]
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert troubles == []
    page.close()


def ready(path: str) -> str:
    """What is there once a page's scripts have run."""
    return ".geoinv-legend" if "/map" in path else ".gv-row" if "/model" in path else "footer"


def local(url: str, address: str) -> bool:
    return url.startswith((address, "data:"))


@pytest.mark.needs("chromium")
def test_markup_in_every_text_field_stays_text(browser: Browser, hostile: Path) -> None:
    troubles: list[str] = []
    with serving(hostile) as address:
        for path in PAGES:
            page = browser.new_page(viewport={"width": 1200, "height": 800})
            page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
            page.on("pageerror", lambda error: troubles.append(str(error)))
            page.goto(address + path.removesuffix("?x"))
            page.wait_for_selector(ready(path))
            assert page.locator('img[src="nowhere"]').count() == 0, path
            assert troubles == [], path
            if "map" in path:
                page.locator('path[role="button"]').first.focus()
                page.keyboard.press("Enter")
                page.wait_for_selector(".geoinv-popup")
                assert page.locator('img[src="nowhere"]').count() == 0
            page.close()


@pytest.mark.needs("chromium")
def test_the_offline_file_keeps_markup_as_text_too(browser: Browser, hostile: Path) -> None:
    page = browser.new_page()
    page.goto((hostile / "data/facilities/example-centre/map.html").as_uri())
    page.wait_for_selector(".geoinv-legend")
    assert page.locator('img[src="nowhere"]').count() == 0
    assert BAD in page.locator(".geoinv-title h1").inner_text()
    page.close()
