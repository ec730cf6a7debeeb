"""Measure one long table of incidents of one facility: taking it in, asking how it stands, and building it.

    python scripts/measure_long_table.py FOLDER [--rows 1000000] [--bad 0.01] [--build]

Writes a fictional case below FOLDER, of which one row in a hundred has a date that no calendar has, and runs the
commands on it, each as a process of its own. Of each are told processor time and the most memory it held, and of `add`
how many rows came in and how many were named.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from geoinv.case.folder import MOST_INCIDENTS, Case
from geoinv.case.start import start_case

_COLUMNS = (
    "id", "date", "place_label", "witness", "kind", "summary", "victim", "perpetrator", "violation", "consent",
    "source", "page",
)  # fmt: skip
_DATES = ("2011-05", "2012", "2013~", "2014-02-03", "2012-03/2013")


def write_table(path: Path, rows: int, bad: float) -> int:
    """Write the table; how many rows have a date that cannot be read."""
    chance, every = random.Random(1), round(1 / bad) if bad else 0
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(_COLUMNS)
        for at in range(rows):
            date = "2014-13-77" if every and at % every == every // 2 else chance.choice(_DATES)
            people = [f"v{chance.randrange(9999)}", f"p{chance.randrange(99)}"]
            words = [f"block {chance.randrange(9)}", f"w{chance.randrange(40)}", "beating", f"fictional, row {at}"]
            cited = ["torture", "public", "a published report", f"p{chance.randrange(900)}"]
            writer.writerow([f"i{at:07}", date, *words, *people, *cited])
    return sum(1 for at in range(rows) if every and at % every == every // 2)


def measured(name: str, *words: str) -> str:
    """Run a command of this package, say what it took, and give what it printed."""
    code = "import sys; from geoinv.cli.main import run; run()"
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", code, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    clock = time.perf_counter() - began
    cpu, most = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    print(f"{name:16} {cpu:8.1f} s of processor time, {clock:8.1f} s by the clock, {most:7.0f} MB at most", flush=True)
    return said


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--bad", type=float, default=0.01)
    parser.add_argument("--build", action="store_true")
    options = parser.parse_args()
    root = options.folder / "case"
    start_case(root, title="Fictional", inside_git=True)
    home = root / "facilities/reef"
    home.mkdir(parents=True)
    (home / "facility.yaml").write_text("name: Reef (fictional)\nsimulated: true\n", encoding="utf-8")
    table = options.folder / "incidents.csv"
    bad = write_table(table, options.rows, options.bad)
    print(f"{options.rows:,} rows, {table.stat().st_size / 1e6:.0f} MB, {bad:,} of them bad")
    given = ("--facility", "reef", "--codenames-checked", "fictional", "--case", str(root))
    measured("add", "add", str(table), *given)
    with Case.open(root) as case:
        print(f"  in: {case.store.count('incident', 'reef'):,}")
    listed = root / "not-understood.csv"
    if listed.is_file():
        with listed.open(encoding="utf-8", newline="") as stream:
            print(f"  named in {listed.name}: {sum(1 for _ in csv.reader(stream)) - 1:,}")
    measured("status", "status", "--case", str(root))
    measured("status reef", "status", "reef", "--case", str(root))
    if options.build:
        measured("build", "build", "--case", str(root))
        said = measured("build again", "build", "--case", str(root))
        if options.rows > MOST_INCIDENTS:
            print(next((line for line in said.splitlines() if f"{MOST_INCIDENTS:,}" in line), "no limit was told"))


if __name__ == "__main__":
    main()
