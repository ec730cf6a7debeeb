from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import uvicorn
from fastapi.testclient import TestClient

from geoinv.api.publish import publish
from geoinv.api.server import create_app
from geoinv.pages.styles import STATUS_STYLES
from geoinv.pages.words import LANGUAGES, word
from tests.api.fake_case import FakeCase

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

STATIC = files("geoinv").joinpath("api/static")
PATH = "/facilities/example-centre/model"


def data_of(text: str) -> dict[str, object]:
    block = re.search(r'id="geoinv-model-data">(.*?)</script>', text, re.DOTALL)
    assert block is not None
    found: dict[str, object] = json.loads(block.group(1))
    return found


def test_the_page_names_its_model_and_the_incidents_of_each_building(client: TestClient) -> None:
    answer = client.get(PATH)
    assert answer.status_code == 200
    data = data_of(answer.text)
    assert data["glbUrl"] == "/facilities/example-centre/model.glb"
    buildings = client.get("/collections/footprints/items?limit=100").json()["features"]
    counts = {item["id"]: item["properties"].get("incidents") for item in buildings}
    parts = data["parts"]
    assert isinstance(parts, dict) and parts
    assert {name: len(told["incidents"]) for name, told in parts.items()} == {k: v for k, v in counts.items() if v}


def test_the_page_may_stand_in_frames_and_runs_no_script_but_its_own(client: TestClient) -> None:
    policy = client.get(PATH).headers["content-security-policy"]
    assert "frame-ancestors *" in policy and "script-src 'self';" in policy
    assert "unsafe" not in policy


def test_of_an_unknown_facility_there_is_no_page(client: TestClient) -> None:
    assert client.get("/facilities/nowhere/model").status_code == 404
    assert client.get("/facilities/example-centre/model-2.glb").status_code == 404
    assert client.get("/facilities/example-centre/model-99.glb").status_code == 400


def test_the_bundled_library_has_its_licence_and_evaluates_nothing() -> None:
    script = STATIC.joinpath("three/three.js").read_text(encoding="utf-8")
    assert "Three.js Authors" in script[:200]
    assert "MIT" in STATIC.joinpath("three/LICENSE").read_text(encoding="utf-8")
    assert not re.search(r"\beval\(|new Function\b", script)


def test_the_viewer_draws_and_names_statuses_as_maps_do() -> None:
    text = STATIC.joinpath("viewer/words.js").read_text(encoding="utf-8")
    for status, style in STATUS_STYLES.items():
        found = re.search(rf'{status}: {{ color: "(#\w+)", width: [\d.]+, dash: "([\d ]*)"', text)
        assert found is not None and found.groups() == (style.color, style.dash), status
    for language in LANGUAGES:
        for status in STATUS_STYLES:
            assert f'{status}: "{word(status, language)}"' in text, (language, status)


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
def tall(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release whose main block has two storeys, and whose perimeter wall two accounts draw differently."""
    case = FakeCase(tmp_path_factory.mktemp("tall"))
    path = case.models_dir("example-centre") / "blueprint.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    storeys = data["buildings"][0]["storeys"]
    upper = json.loads(json.dumps(storeys[0]).replace("room-canary-", "room-above-").replace('"door-1"', '"door-2"'))
    storeys.append({**upper, "id": "storey-2", "floor_m": 3.1})
    wall = data["site"]["walls"][0]
    other = [[east * 1.2, north * 1.2] for east, north in wall["line"]["coordinates"]]
    rival = {**wall, "id": "wall-2", "hypothesis": "B", "line": {**wall["line"], "coordinates": other}}
    data["site"]["walls"] = [{**wall, "hypothesis": "A"}, rival]
    path.write_text(json.dumps(data), encoding="utf-8")
    made = publish(case, "public")
    assert isinstance(made, Path)
    return made


def test_rival_versions_are_published_beside_the_preferred_one(tall: Path) -> None:
    with TestClient(create_app(tall)) as client:
        data = data_of(client.get(PATH).text)
        assert data["rivals"] == [{"name": "B", "glbUrl": "/facilities/example-centre/model-2.glb"}]
        first, second = (
            client.get(f"/facilities/example-centre/{name}").content for name in ("model.glb", "model-2.glb")
        )
        assert first.startswith(b"glTF") and second.startswith(b"glTF") and first != second


@pytest.mark.needs("chromium")
def test_buildings_open_at_each_storey_and_versions_can_be_switched(browser: Browser, tall: Path) -> None:
    with serving(tall) as address:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(address + PATH)
        page.wait_for_selector(".gv-row")
        storeys, versions = page.locator(".gv-bar select").nth(0), page.locator(".gv-bar select").nth(1)
        assert storeys.locator("option").all_inner_texts() == ["Whole buildings", "Open: ground floor", "Open: floor 2"]
        rooms = page.locator(".gv-parts ul .gv-row")
        assert rooms.count() == 8
        rooms.first.click()
        assert storeys.input_value() == "0"
        rooms.last.click()
        assert storeys.input_value() == "1"
        assert "Parts of other versions, not shown here: 1" in page.locator(".gv-legend").inner_text()
        versions.select_option("B")
        page.wait_for_function("document.querySelectorAll('.gv-bar select')[1].value === 'B'")
        assert page.locator(".gv-row").count() > 8
        page.close()


@pytest.fixture
def shown(browser: Browser, address: str) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    troubles: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address + PATH)
    page.wait_for_selector(".gv-row")
    yield page
    assert troubles == []
    assert all(url.startswith((address, "data:")) for url in asked)
    page.close()


@pytest.mark.needs("chromium")
def test_a_chosen_part_shows_its_evidence_and_its_incidents(shown: Page) -> None:
    assert shown.locator(".gv-stamp").inner_text() == "FICTIONAL"
    shown.locator(".gv-row:has(.gv-count)").first.click()
    told = shown.locator(".gv-details").inner_text()
    assert "Incidents here" in told and "What it rests on" in told and "outline" in told
    assert shown.locator('.gv-row[aria-pressed="true"]').count() == 1


@pytest.mark.needs("chromium")
def test_the_keyboard_turns_the_model_and_leaves_a_walk(shown: Page) -> None:
    needle = shown.locator(".gv-needle")
    before = needle.get_attribute("style")
    shown.locator("canvas").focus()
    shown.keyboard.press("ArrowRight")
    shown.wait_for_function(
        "before => document.querySelector('.gv-needle').getAttribute('style') !== before", arg=before
    )
    shown.locator(".gv-bar button", has_text="Walk here").click()
    shown.wait_for_selector(".gv-pad:not([hidden])")
    shown.keyboard.press("Escape")
    shown.wait_for_selector(".gv-pad", state="hidden")


@pytest.mark.needs("chromium")
def test_without_webgl_the_parts_and_their_evidence_are_still_there(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    page.goto(address + PATH)
    page.wait_for_selector(".gv-row")
    assert "cannot draw in three dimensions" in page.locator(".gv-message").inner_text()
    page.locator(".gv-row:has(.gv-count)").first.click()
    assert "What it rests on" in page.locator(".gv-details").inner_text()
    page.close()
