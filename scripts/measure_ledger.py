"""Make a case of many facilities and incidents and measure its ledger: `add`, `status`, `verify`.

    python scripts/measure_ledger.py FOLDER [--facilities 10000] [--incidents 1000000] [--store URL]

FOLDER is made; everything in it is fictional and lies in the open ocean. `--store` keeps the records in a PostgreSQL
database instead of `case.db`. Prints one line a measurement.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path

GEOINV = str(Path(sys.executable).with_name("geoinv"))
HEAD = "id,date,place_label,witness,kind,summary\n"


def write_case(folder: Path, *, facilities: int, incidents: int, store: str | None) -> None:
    """The case's files: each facility with its record, two statements and its share of the incidents."""
    folder.mkdir(parents=True)
    settings = 'title = "Measured (fictional)"\nsimulated = true\n'
    if store:
        settings += f'[store]\nurl = "{store}"\nschema = "measured"\n'
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


def timed(*words: str | Path) -> tuple[float, float, str]:
    """Seconds, the children's largest memory so far in megabytes, and what a command printed."""
    begun = time.monotonic()
    done = subprocess.run([GEOINV, *map(str, words)], capture_output=True, text=True, check=False)
    took = time.monotonic() - begun
    if done.returncode:
        raise SystemExit(f"geoinv {words[0]} failed: {done.stderr[-500:]}")
    return took, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000, done.stdout


def main() -> int:
    """Read the command line, make the case, measure, print."""
    parser = argparse.ArgumentParser(description="Measure the ledger of a large case.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--facilities", type=int, default=10_000)
    parser.add_argument("--incidents", type=int, default=1_000_000)
    parser.add_argument("--store")
    wanted = parser.parse_args()
    write_case(wanted.folder, facilities=wanted.facilities, incidents=wanted.incidents, store=wanted.store)
    took, memory, _ = timed("-q", "add", wanted.folder / "facilities", "--case", wanted.folder)
    records = wanted.incidents + 3 * wanted.facilities
    print(f"add: {took:.0f} s, {records / took:,.0f} records a second, {memory:.0f} MB at most", flush=True)
    for _ in range(3):
        took, memory, told = timed("status", "--case", wanted.folder)
        print(f"status: {took:.2f} s ({len(told.splitlines())} lines), {memory:.0f} MB at most so far", flush=True)
    took, _, _ = timed("-q", "add", wanted.folder / "facilities", "--case", wanted.folder)
    print(f"add again, nothing new: {took:.1f} s", flush=True)
    took, memory, _ = timed("-q", "verify", wanted.folder)
    print(f"verify: {took:.1f} s, {memory:.0f} MB at most so far", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
