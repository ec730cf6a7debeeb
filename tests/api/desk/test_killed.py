"""The desk as a process of its own, killed (SIGKILL) while people edit: nothing that was recorded or begun is lost."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from geoinv.case.check import check_case
from geoinv.case.folder import Case
from tests.api.desk.conftest import PASSWORD, TIES, Sitting

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_REPOSITORY = Path(__file__).resolve().parents[3]


class _Process:
    """``geoinv desk`` as people start it."""

    def __init__(self, root: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.root, self.address = root, f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        program = [sys.executable, "-c", "from geoinv.cli.main import run; run()", "desk"]
        words = ["--case", str(self.root), "--port", str(self.port)]
        self.process = subprocess.Popen(
            [*program, *words], cwd=_REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{self.address}/sign-in").close()
                return
            except OSError:
                assert self.process.poll() is None, (self.process.stderr or sys.stdin).read()
                time.sleep(0.1)
        raise AssertionError("the desk does not come up")

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def process(root: Path) -> Iterator[_Process]:
    made = _Process(root)
    yield made
    if made.process.poll() is None:
        made.kill()


class _Asker:
    """Somebody signed in who sends what pages send."""

    def __init__(self, process: _Process, name: str) -> None:
        self.address = process.address
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        with self._open("/sign-in", urlencode({"name": name, "password": PASSWORD}).encode()) as page:
            found = re.search(r'name="token" content="([^"]+)"', page.read().decode())
        assert found is not None
        self.token = found[1]

    def _open(self, path: str, body: bytes | None = None, **more: Any) -> Any:
        headers = {"origin": self.address, "accept": "text/html", **more.pop("headers", {})}
        return self.opener.open(urllib.request.Request(self.address + path, body, headers, **more), timeout=20)

    def send(self, path: str, data: dict[str, Any], method: str = "POST") -> Any:
        headers = {"content-type": "application/json", "accept": "application/json", "x-geoinv-token": self.token}
        with self._open(path, json.dumps(data).encode(), headers=headers, method=method) as answer:
            return json.load(answer)


def test_what_was_begun_in_a_browser_comes_back_after_a_kill(browser: Browser, process: _Process) -> None:
    one = Sitting(browser, process, "ines")  # type: ignore[arg-type]
    one.ready("/facilities/reef/place?drawing=plan.svg")
    for element, (east, north) in TIES.items():
        one.page.locator(f"#sheet-map [data-element={element}]").dispatch_event("click")
        one.page.mouse.click(*one.page.evaluate(f"window.geoinvSpot({east}, {north})"))
    one.page.wait_for_selector("#draft:has-text('Draft kept')")
    process.kill()
    one.click("#accept")
    one.page.fill("#why", "the three largest roofs")
    one.click("dialog button.main")
    one.page.wait_for_selector("#told:has-text('does not answer')")
    with Case.open(process.root) as case:
        assert check_case(case) == [] and case.decisions() == ()
    process.start()
    one.page.reload()
    one.page.wait_for_selector("body[data-ready]")
    assert one.page.locator("#ties li").count() == len(TIES), "as they were, and nobody had to sign in again"
    one.click("#accept")
    one.decide("the three largest roofs")
    with Case.open(process.root) as case:
        assert [decision.reason for _, decision in case.decisions()] == ["the three largest roofs"]
        assert check_case(case) == []
    one.page.context.close()
    assert one.strangers == []
    assert [told for told in one.troubles if "ERR_CONNECTION_REFUSED" not in told] == []


@pytest.mark.parametrize("enough", [1, 7])
def test_whatever_the_desk_said_it_recorded_stands_after_a_kill(process: _Process, enough: int) -> None:
    recorded: list[str] = []
    drafts: list[int] = []

    def work(name: str, asker: _Asker) -> None:
        body = {"kind": "bind", "facility": "reef", "incident": "i1", "footprint": None, "room": None}
        for number in range(10_000):
            try:
                seen = asker.send("/draft", {"page": "/p", "state": {"number": number}}, method="PUT")
                drafts.extend([number] * (seen["kept"] and name == "ines"))
                seen = {"body": {**body, "incident": f"i{1 + number % 2}"}, "seen": 10**6}
                recorded.append(asker.send("/decide", {**seen, "reason": f"{name} {number}"})["entry"])
            except (OSError, ValueError):  # it is dead
                return

    people = [threading.Thread(target=work, args=(name, _Asker(process, name))) for name in ("ines", "bo")]
    for one in people:
        one.start()
    while len(recorded) < enough and any(one.is_alive() for one in people):
        time.sleep(0.01)
    process.kill()
    for one in people:
        one.join()
    assert recorded and drafts
    with Case.open(process.root) as case:
        assert check_case(case) == [], "the chain and the tables agree"
        stands = {entry.id for entry, _ in case.history.all}
        assert set(recorded) <= stands
        assert len(stands) - 2 - len(recorded) <= len(people), "of each at most the one that nobody was told of"
    process.start()
    kept = _Asker(process, "ines")
    with kept._open("/draft?page=/p", headers={"accept": "application/json"}) as answer:
        state = json.load(answer).get("state", {})
    assert state.get("number", -1) in (drafts[-1], drafts[-1] + 1)
