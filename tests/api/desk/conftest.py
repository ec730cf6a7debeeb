"""A tiny fictional case at its desk, in this process and in a browser."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import uvicorn
from fastapi.testclient import TestClient

from geoinv.api.desk.app import create_desk
from geoinv.api.desk.desk import Desk, open_desk
from geoinv.case.build import build
from geoinv.case.decisions import decide
from geoinv.case.folder import Case
from geoinv.case.intake import take_in
from geoinv.geometry.frames import xy_to_lonlat
from geoinv.records.decisions import PlaceSketch, Undo
from geoinv.records.drawings import Tie
from tests.case.tiny import FRAME, write_case

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PASSWORD = "seven grey herons"
PORT = 8010


#: Where three buildings of the tiny case are, metres from the middle of its scene.
TIES = {"block": (-13.0, 18.0), "kitchen": (15.0, 19.5), "workshop": (1.0, -22.0)}


def _on_earth(east: float, north: float) -> tuple[float, float]:
    lon, lat = xy_to_lonlat(FRAME, np.array([[east, north]]))[0]
    return float(lon), float(lat)


@pytest.fixture(scope="session")
def tiny_built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny case, built once; copy it."""
    root = write_case(tmp_path_factory.mktemp("desk") / "case")
    with Case.open(root) as case:
        take_in(case, by="ines")
        ties = tuple(Tie(sketch="plan.svg", element=name, point=_on_earth(*place)) for name, place in TIES.items())
        body = PlaceSketch(facility="reef", sketch="plan.svg", ties=ties)
        entry = decide(case, body, by="ines", reason="so that building takes half the time")
        build(case)
        decide(case, Undo(entry=entry.id), by="ines", reason="tests place it themselves")
    with_people(root, PORT).close()
    return root


@pytest.fixture
def root(tiny_built: Path, tmp_path: Path) -> Path:
    """A built case of one's own."""
    return Path(shutil.copytree(tiny_built, tmp_path / "case"))


@pytest.fixture
def desk(root: Path) -> Iterator[Desk]:
    """Its desk, with a lead and a reader who have passwords."""
    opened = open_desk(root, port=PORT)
    yield opened
    opened.close()


def with_people(root: Path, port: int) -> Desk:
    opened = open_desk(root, port=port)
    opened.accounts.put("ines", "lead")
    opened.accounts.put("bo", "investigator")
    opened.accounts.put("ray", "reader")
    for name in ("ines", "bo", "ray"):
        opened.accounts.set_password(name, PASSWORD)
    return opened


class Visitor:
    """Somebody's browser without its screen."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        address = f"http://127.0.0.1:{desk.port}"
        self.client = TestClient(
            create_desk(desk), base_url=address, raise_server_exceptions=False, follow_redirects=False
        )
        self.own = {"origin": address}
        self.token = ""

    def sign_in(self, name: str = "ines", password: str = PASSWORD) -> int:
        answer = self.client.post("/sign-in", data={"name": name, "password": password}, headers=self.own)
        session = self.desk.sessions.of(self.client.cookies.get(self.desk.cookie))
        self.token = session.token if session else ""
        return answer.status_code

    def send(self, path: str, data: dict[str, object], *, method: str = "POST", **headers: str):  # type: ignore[no-untyped-def]
        given = {**self.own, "x-geoinv-token": self.token, "accept": "application/json", **headers}
        return self.client.request(method, path, json=data, headers=given)


@pytest.fixture
def visitor(desk: Desk) -> Callable[[str], Visitor]:
    """Somebody signed in."""

    def made(name: str = "ines") -> Visitor:
        one = Visitor(desk)
        assert one.sign_in(name) == 303
        return one

    return made


class Served:
    """A desk that a browser can reach."""

    def __init__(self, root: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.root, self.address = root, f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        self.desk = open_desk(self.root, port=self.port)
        app = create_desk(self.desk)
        self.server = uvicorn.Server(uvicorn.Config(app, port=self.port, log_level="error"))
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.02)

    def stop(self) -> None:
        self.server.should_exit = True
        self.server.force_exit = True
        self.thread.join()
        self.desk.close()


class Sitting:
    """A page of somebody signed in, with everything that went wrong on it."""

    def __init__(self, browser: Browser, served: Served, name: str, language: str = "en") -> None:
        self.served, self.clicks = served, 0
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        self.page: Page = context.new_page()
        self.troubles: list[str] = []
        self.strangers: list[str] = []
        self.page.on(
            "console",
            lambda told: self.troubles.append(told.text) if told.type in ("error", "warning") else None,
        )
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("request", lambda asked: self._asked(asked.url))
        self.go("/sign-in")
        self.page.fill("input[name=name]", name)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.click("main button.main")
        self.page.wait_for_load_state("networkidle")

    def _asked(self, url: str) -> None:
        if not url.startswith((self.served.address, "data:", "blob:")):
            self.strangers.append(url)

    def go(self, path: str) -> None:
        self.page.goto(self.served.address + path)

    def ready(self, path: str) -> None:
        """Go to a page that is a map, and wait until it is drawn."""
        self.go(path)
        self.page.wait_for_selector("body[data-ready]")

    def click(self, what: str) -> None:
        self.clicks += 1
        self.page.click(what)

    def decide(self, reason: str) -> None:
        """Give the reason that was asked for, and wait until the page is shown anew."""
        self.page.fill("#why", reason)
        with self.page.expect_navigation():
            self.click("dialog button.main")


@pytest.fixture
def served(root: Path) -> Iterator[Served]:
    made = Served(root)
    yield made
    made.stop()


@pytest.fixture
def sit(browser: Browser, served: Served) -> Iterator[Callable[..., Sitting]]:
    """Sit down at the desk; at the end nothing may have gone wrong, and nobody else have been asked."""
    made: list[Sitting] = []

    def down(name: str = "ines") -> Sitting:
        made.append(Sitting(browser, served, name))
        return made[-1]

    yield down
    for one in made:
        one.page.context.close()
        assert one.strangers == []
        assert one.troubles == []
