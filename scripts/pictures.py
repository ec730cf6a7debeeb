"""Make the pictures of README.md anew from the committed example: `make pictures`, after `make example`.

Copies those whose names in models/ carry a building's id, and photographs the served map and the desk in a headless
Chromium. The desk is that of a copy of `build/example`, as `make example` leaves it.
Afterwards look at each of them.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from PIL import Image
from playwright.sync_api import Page, sync_playwright
from shapely.geometry import shape

from geoinv.api.desk.app import create_desk
from geoinv.api.desk.desk import open_desk
from geoinv.case.reading import built_location
from geoinv.geometry.frames import to_local

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
SHOWN = "garamnae-detention-centre"
DESK_PORT = 8029


def one(pattern: str) -> Path:
    """Return the first file of the shown facility that a pattern names."""
    return sorted((ROOT / "models" / SHOWN).glob(pattern))[0]


@contextlib.contextmanager
def served() -> Iterator[str]:
    """Serve the committed release on a free port of loopback; give its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-c", "from geoinv.cli.main import run; run()", "serve", "--release", "api/public"]
    server = subprocess.Popen([*words, "--port", str(port)], cwd=ROOT)
    try:
        for _ in range(100):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health").close()
                break
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def photograph(address: str, name: str, size: tuple[int, int]) -> None:
    """Write what a browser shows of a page."""
    program = os.environ.get("GEOINV_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = chromium.new_page(viewport={"width": size[0], "height": size[1]})
        page.goto(address, wait_until="networkidle")
        page.wait_for_timeout(1000)
        keep(Image.open(io.BytesIO(page.screenshot())), name, size)
        chromium.close()


def photograph_desk(case: Path) -> None:
    """Write what the desk shows of a built case: a drawing laid by ties, a building's evidence, the model."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        root = Path(shutil.copytree(case, Path(folder) / "case"))
        desk = open_desk(root, port=DESK_PORT)
        desk.accounts.set_password(desk.accounts.all()[0].name, "seven grey herons")
        server = uvicorn.Server(uvicorn.Config(create_desk(desk), port=DESK_PORT, log_level="error"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.05)
        program = os.environ.get("GEOINV_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = chromium.new_page(viewport={"width": 1440, "height": 900})
        start = f"http://127.0.0.1:{DESK_PORT}"
        page.goto(f"{start}/sign-in")
        page.fill("input[name=name]", desk.accounts.all()[0].name)
        page.fill("input[name=password]", "seven grey herons")
        page.click("main button.main")
        largest = lay_ties(page, root, f"{start}/facilities/{SHOWN}/place?drawing=sketch-w1.svg")
        keep(Image.open(io.BytesIO(page.screenshot())), "desk-place", (960, 600))
        for name, address in (("outlines", f"outlines?building={largest}"), ("rooms", "rooms")):
            page.goto(f"{start}/facilities/{SHOWN}/{address}", wait_until="networkidle")
            page.wait_for_timeout(2500)
            keep(Image.open(io.BytesIO(page.screenshot())), f"desk-{name}", (960, 600))
        chromium.close()
        server.should_exit = True
        thread.join()
        desk.close()


def lay_ties(page: Page, root: Path, address: str) -> str:
    """Tie a drawing's three largest buildings to where the last build found them; give the largest one's id."""
    folder = root / "models" / SHOWN
    location = built_location(folder)
    assert location is not None
    found = json.loads((folder / "footprints.geojson").read_text(encoding="utf-8"))["features"]
    drawn = [
        (one["properties"]["id"], name.split("#")[1], to_local(location.frame, shape(one["geometry"])))
        for one in found
        for name in one["properties"]["drawn"]
        if name.startswith("sketch-w1.svg#") and one["properties"]["role"] == "building"
    ]
    drawn.sort(key=lambda one: -one[2].area)
    page.goto(address, wait_until="networkidle")
    page.wait_for_selector("body[data-ready]")
    for _, element, outline in drawn[:3]:
        page.locator(f"#sheet-map [data-element='{element}']").dispatch_event("click")
        middle = outline.centroid
        page.mouse.click(*page.evaluate(f"window.geoinvSpot({middle.x}, {middle.y})"))
    page.wait_for_timeout(1500)
    return str(drawn[0][0])


def keep(picture: Image.Image, name: str, size: tuple[int, int]) -> None:
    """Write a picture small enough to be committed."""
    small = picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    small.save(PICTURES / f"{name}.webp", quality=68, method=6)


def main() -> None:
    """Make every picture."""
    PICTURES.mkdir(exist_ok=True)
    shutil.copyfile(one("sheets/building-*.svg"), PICTURES / "plan.svg")
    shutil.copyfile(one("sheets/axonometric-*.svg"), PICTURES / "axonometric.svg")
    with Image.open(one("renders/inside-*.png")) as picture:
        keep(picture, "inside", picture.size)
    with served() as address:
        photograph(f"{address}/facilities/{SHOWN}/map", "served-map", (1100, 680))
    photograph_desk(ROOT / "build" / "example")


if __name__ == "__main__":
    main()
