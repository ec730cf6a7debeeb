"""Check a served release as browsers, map programs and test tools see it; what is wrong ends it with a sentence.

    python scripts/check_serving.py RELEASE [--peers VENV] [--pictures FOLDER]

Opens the pages of a release (of a few of its facilities) in headless Chromium, on a desk and on a phone, in English and
Korean: nothing may be said on the console, nothing asked of another host, nothing wider than the screen. With
--pictures, each is kept as PNG. With --peers, a virtual environment in which owslib and schemathesis are installed,
owslib reads every collection, and schemathesis asks whatever the definition allows and forbids (seed 1): no answer may
be 5xx.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))
from geoinv.api.releases import find_release
from scripts.measure_serving import ours

_SIZES = {"desk": (1280, 900), "phone": (390, 844)}
_OWSLIB = """
import sys
from owslib.ogcapi.features import Features
server = Features(sys.argv[1])
for name in server.feature_collections():
    whole = server.collection_items(name, limit=10)
    asked = len(server.collection_queryables(name)["properties"])
    item = server.collection_item(name, whole["features"][0]["id"])
    box = server.collection_items(name, bbox=[-180, -90, 180, 90], datetime="2000-01-01/2030-12-31", limit=1)
    assert item["id"] == whole["features"][0]["id"] and box["numberMatched"] <= whole["numberMatched"]
    print(f"  owslib: {name}: {whole['numberMatched']} features, {asked} queryables")
"""
#: What is checked of every answer; that `limit` over the most is taken for the most is as the standard has it.
_CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def facilities(address: str) -> list[str]:
    """A few facilities: with a model, with a map, without a place; as many as there are of these."""
    with urllib.request.urlopen(f"{address}/collections/facilities/items?limit=1000&f=json") as answer:
        rows = json.load(answer)["features"]
    chosen: dict[tuple[str, bool], str] = {}
    for row in rows:
        about = row["properties"]
        chosen.setdefault((about["precision"], "incidents" in about), row["id"])
    return list(chosen.values())


def pages(address: str) -> Iterator[tuple[str, str]]:
    """A name and an address of each page that is looked at."""
    yield "home", "/?f=html"
    yield "search", "/search?f=html&q=centre"
    yield "search-hangul", "/search?f=html&q=구류장"
    yield "collections", "/collections?f=html"
    yield "incidents", "/collections/incidents/items?f=html&limit=20"
    yield "releases", "/releases?f=html"
    for slug in facilities(address):
        yield f"facility-{slug}", f"/facilities/{slug}?f=html"
        yield f"map-{slug}", f"/facilities/{slug}/map?by=incidents"
        yield f"model-{slug}", f"/facilities/{slug}/model?"


def seen(browser: Browser, address: str, pictures: Path | None) -> list[str]:
    """Faults of the pages, a line each."""
    faults, looked = [], 0
    for size, (width, height) in _SIZES.items():
        for name, path in pages(address):
            for language in ("en", "ko"):
                tab = browser.new_page(viewport={"width": width, "height": height})
                said: list[str] = []
                asked: list[str] = []
                tab.on("console", lambda one, said=said: said.append(one.text) if one.type == "error" else None)
                tab.on("pageerror", lambda error, said=said: said.append(str(error)))
                tab.on("request", lambda one, asked=asked: asked.append(one.url))
                joint = "" if path.endswith("?") else "&"
                answer = tab.goto(f"{address}{path}{joint}lang={language}", wait_until="networkidle")
                where = f"{path} ({size}, {language})"
                status = answer.status if answer else 0
                if status not in (200, 404):
                    faults.append(f"{where}: {status}")
                told = [one for one in said if not (status == 404 and "404" in one)]
                faults += [f"{where}: console: {one}" for one in told]
                faults += [f"{where}: asks {one}" for one in asked if not one.startswith((address, "data:", "blob:"))]
                if tab.evaluate("document.documentElement.scrollWidth") > width:
                    faults.append(f"{where}: wider than the screen")
                if pictures is not None:
                    tab.screenshot(path=pictures / f"{name}-{size}-{language}.png")
                tab.close()
                looked += 1
    print(f"  Chromium: {looked} pages looked at, {len(faults)} faults", flush=True)
    return faults


def peers(environment: Path, address: str) -> list[str]:
    """Faults that owslib and schemathesis find, a line each."""
    read = subprocess.run([environment / "bin/python", "-c", _OWSLIB, address], capture_output=True, text=True)
    print(read.stdout, end="", flush=True)
    asked = subprocess.run(
        [environment / "bin/schemathesis", "run", f"{address}/openapi.json", "--seed", "1", "--checks", _CHECKS,
         "--max-examples", "20", "--max-response-time", "30"], capture_output=True, text=True)  # fmt: skip
    print("\n".join(f"  schemathesis: {line}" for line in asked.stdout.strip().splitlines()[-14:]), flush=True)
    wrong = [] if read.returncode == 0 else [f"owslib: {read.stderr.strip()[-300:]}"]
    return wrong + ([] if asked.returncode == 0 else ["schemathesis found faults"])


def main() -> int:
    """Check and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("release", type=Path)
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--pictures", type=Path)
    options = parser.parse_args()
    if options.pictures is not None:
        options.pictures.mkdir(parents=True, exist_ok=True)
    with ours(find_release(options.release)) as (_, port, _, _):
        address = f"http://127.0.0.1:{port}"
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            faults = seen(browser, address, options.pictures)
            browser.close()
        if options.peers is not None:
            faults += peers(options.peers, address)
    print("\n".join(faults) or "  nothing is wrong")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
