"""Make the pictures of README.md anew from the committed example: `make pictures`, after `make example`.

Copies those whose names in models/ carry a building's id, and photographs the served map in a headless Chromium.
Afterwards look at each of them.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
SHOWN = "garamnae-detention-centre"


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


def photograph(address: str, target: Path, *, width: int, height: int) -> None:
    """Write what a browser shows of a page."""
    program = os.environ.get("GEOINV_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = chromium.new_page(viewport={"width": width, "height": height})
        page.goto(address, wait_until="networkidle")
        page.wait_for_timeout(1000)
        page.screenshot(path=target, type="jpeg", quality=85)
        chromium.close()


def main() -> None:
    """Make every picture."""
    PICTURES.mkdir(exist_ok=True)
    shutil.copyfile(one("sheets/building-*.svg"), PICTURES / "plan.svg")
    shutil.copyfile(one("sheets/axonometric-*.svg"), PICTURES / "axonometric.svg")
    shutil.copyfile(one("renders/inside-*.png"), PICTURES / "inside.png")
    with served() as address:
        photograph(f"{address}/facilities/{SHOWN}/map", PICTURES / "served-map.jpg", width=1100, height=680)


if __name__ == "__main__":
    main()
