"""Make a case of many facilities and incidents and measure its ledger: `add`, `status`, `verify`.

    python scripts/measure_ledger.py FOLDER [--facilities 10000] [--incidents 1000000] [--postgres URL]

FOLDER is made; everything in it is fictional and lies in the open ocean. `--postgres` keeps the records in that
database instead of `case.db`; without a URL in a PostGIS cluster of its own (`tests/case/postgis.py`). Prints one line
a measurement: seconds by the clock, seconds of processor time, and the most memory the command took. Last, every
facility is given the files that a build writes, small ones, and `status` is measured again.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from subprocess import PIPE, Popen
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.case.postgis import cluster

GEOINV = str(Path(sys.executable).with_name("geoinv"))
HEAD = "id,date,place_label,witness,kind,summary\n"
#: What a build of the example writes for a facility, and how large such files are in a facility of little evidence.
BUILT = {
    **{f"{name}.geojson": 4000 for name in ("location", "candidates", "footprints", "placed", "rooms", "unplaced")},
    **{f"{name}.json": 3000 for name in ("match", "interiors", "bindings", "build", "blueprint")},
    **{f"sketches/sketch-w{number}.svg.geojson": 2000 for number in range(1, 6)},
    **{f"figures/sketches/sketch-w{number}.svg": 2000 for number in range(1, 6)},
    **{f"sheets/{name}.{kind}": 3000 for name in ("site", "building-1", "building-2") for kind in ("svg", "pdf")},
    **{f"renders/{name}.png": 4000 for name in ("overview", "inside-1", "inside-2")},
    "figures/site.svg": 3000,
    "figures/before-after.svg": 3000,
    "incidents.geojson": 8000,
    "footprints.gpkg": 8000,
    "model.glb": 8000,
    "map.html": 8000,
    "report.html": 8000,
}


class Took(NamedTuple):
    """What a command took: seconds by the clock, of processor time, and megabytes; and what it printed."""

    seconds: float
    processor: float
    megabytes: float
    told: str

    def __str__(self) -> str:
        return f"{self.seconds:.1f} s, {self.processor:.1f} s of processor time, {self.megabytes:.0f} MB"


def write_case(folder: Path, *, facilities: int, incidents: int, url: str | None) -> None:
    """The case's files: each facility with its record, two statements and its share of the incidents."""
    folder.mkdir(parents=True)
    settings = 'title = "Measured (fictional)"\nsimulated = true\n'
    if url:
        settings += f'[store]\nurl = "{url}"\nschema = "measured"\n'
    (folder / "case.toml").write_text(settings)
    share, rest = divmod(incidents, facilities)
    for number in range(facilities):
        home = folder / "facilities" / f"post-{number:05}"
        (home / "testimony").mkdir(parents=True)
        (home / "facility.yaml").write_text(
            f"slug: post-{number:05}\nname: Post {number} (fictional)\nsimulated: true\nwitnesses:\n  w{number}: {{}}\n"
        )
        lon, lat = -40 + (number % 100) * 0.1, 5 + number // 100 * 0.1
        (home / "testimony" / "said.yaml").write_text(
            "statements:\n"
            + "".join(
                f"  - {{id: s{n}, witness: w{number}, kind: pin, point: [{lon:.4f}, {lat:.4f}], radius_m: {n * 200}}}\n"
                for n in (1, 2)
            )
        )
        rows = (
            f"i{row},20{row % 20:02}-0{row % 9 + 1},Yard,w{number},search,Fictional: a search number {row}\n"
            for row in range(share + (number < rest))
        )
        (home / "incidents.csv").write_text(HEAD + "".join(rows))


def write_models(folder: Path, *, facilities: int) -> int:
    """Files as a build leaves them, of every facility; their bytes."""
    whole = 0
    for number in range(facilities):
        home = folder / "models" / f"post-{number:05}"
        known = {
            "geoinv": {"version": "0", "command": "build sum", "inputs": {}, "settings": {}, "seed": 0},
            "expected_error_m": 40.0 + number % 300,
            "conflicts": number % 3,
            "none_probability": (number % 100) / 100,
            "footprints": {"attested": number % 30, "corroborated": number % 7, "observed": number % 4},
            "unplaced": number % 13,
            "rooms": number % 9,
            "unbound": number % 20,
            "second_looks": [],
        }
        for name in ("sketches", "figures/sketches", "sheets", "renders"):
            (home / name).mkdir(parents=True, exist_ok=True)
        for name, size in BUILT.items():
            (home / name).write_bytes(b" " * size)
        text = json.dumps(known, indent=1)
        (home / "known.json").write_text(text)
        whole += sum(BUILT.values()) + len(text)
    return whole


def timed(*words: str | Path) -> Took:
    """Run a command to its end."""
    begun = time.monotonic()
    with Popen([GEOINV, *map(str, words)], stdout=PIPE, text=True) as process:
        assert process.stdout is not None
        told = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"geoinv {words[0]} failed: {told[-500:]}")
    return Took(time.monotonic() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1000, told)


def status(folder: Path) -> str:
    """What `status` takes, the least of three, and how many lines it prints."""
    took = min(timed("status", "--case", folder) for _ in range(3))
    return f"{took}, {len(took.told.splitlines())} lines"


def measure(folder: Path, *, facilities: int, incidents: int, url: str | None) -> None:
    """Make the case, measure, print."""
    write_case(folder, facilities=facilities, incidents=incidents, url=url)
    took = timed("-q", "add", folder / "facilities", "--case", folder)
    records = incidents + 3 * facilities
    print(f"add: {took}; {records / took.seconds:,.0f} records a second", flush=True)
    print(f"status: {status(folder)}", flush=True)
    print(f"add again, nothing new: {timed('-q', 'add', folder / 'facilities', '--case', folder)}", flush=True)
    print(f"verify: {timed('-q', 'verify', folder)}", flush=True)
    size = write_models(folder, facilities=facilities)
    print(f"status, all built ({len(BUILT) + 1} files each, {size / 1e9:.1f} GB): {status(folder)}", flush=True)


def main() -> int:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description="Measure the ledger of a large case.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--facilities", type=int, default=10_000)
    parser.add_argument("--incidents", type=int, default=1_000_000)
    parser.add_argument("--postgres", nargs="?", const="own", metavar="URL")
    wanted = parser.parse_args()
    with cluster() if wanted.postgres == "own" else nullcontext(wanted.postgres) as url:
        measure(wanted.folder, facilities=wanted.facilities, incidents=wanted.incidents, url=url)
    return 0


if __name__ == "__main__":
    sys.exit(main())
