"""Kill builds of a case, or intakes, at random moments and hold what is left to its promises.

    python scripts/kill_test.py CASE [--job build|add] [--times 20] [--seed 0]

CASE is a case folder; it is copied, never changed. Each time a fresh copy is built (or its files added) and that is
killed (SIGKILL) at a random moment; then `geoinv verify` must pass, the next build must end well, and `models/` must be
byte for byte what a build that nobody killed makes. Exits with 1 unless all of it holds every time.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

GEOINV = str(Path(sys.executable).with_name("geoinv"))
#: What a build makes; a copy starts without it.
BUILT = ("models", "case.db", "case.db-journal", "case.gpkg", "ledger.head", "originals", "api")


@dataclass(frozen=True)
class Outcome:
    """What became of one killed build: when it was killed, seconds, and what did not hold."""

    moment: float
    failures: tuple[str, ...]


def fresh_copy(case: Path, target: Path) -> Path:
    """Copy what people put into a case, and nothing that was built from it."""
    shutil.copytree(case, target, ignore=lambda folder, _: BUILT if Path(folder) == case else ())
    return target


def built_files(case: Path) -> dict[str, str]:
    """Path → SHA-256 of everything below `models/`."""
    models = case / "models"
    found = sorted(path for path in models.rglob("*") if path.is_file())
    return {path.relative_to(models).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def geoinv(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run([GEOINV, "-q", *map(str, words)], capture_output=True, text=True, check=False)


def words_of(job: str, case: Path) -> list[str | Path]:
    """The command that does a job."""
    files = [case / name for name in ("facilities", "imagery") if job == "add" and any((case / name).iterdir())]
    return [job, *files, "--case", case]


def kill_job(job: str, case: Path, moment: float) -> bool:
    """Start a job and kill it after `moment` seconds; whether it was still running."""
    command = [GEOINV, "-q", *map(str, words_of(job, case))]
    build = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        build.wait(timeout=moment)
        return False
    except subprocess.TimeoutExpired:
        os.killpg(build.pid, signal.SIGKILL)
        build.wait()
        return True


def judge(case: Path, expected: dict[str, str]) -> tuple[str, ...]:
    """Verify what a killed build left, build again, and compare with what ought to be there."""
    failures = []
    for when in ("after the kill", "after the next build"):
        verified = geoinv("verify", case)
        if verified.returncode:
            failures.append(f"verify {when}: {verified.stderr.strip()}")
        if when == "after the kill":
            built = geoinv("build", "--case", case)
            if built.returncode or "fault in geoinv" in built.stderr:
                failures.append(f"the next build: {built.stderr.strip()}")
    found = built_files(case)
    differing = sorted(name for name in {*found, *expected} if found.get(name) != expected.get(name))
    if differing:
        failures.append(f"differs from a build nobody killed: {', '.join(differing)}")
    return tuple(failures)


def kill_at_random(case: Path, *, job: str, times: int, seed: int) -> list[Outcome]:
    """Kill as many jobs as asked for, each at its own moment, and judge each."""
    moments = random.Random(seed)
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory(prefix="geoinv-kill-") as folder:
        whole = fresh_copy(case, Path(folder, "whole"))
        begun = time.monotonic()
        if job != "build":
            geoinv(*words_of(job, whole))
            lasts = time.monotonic() - begun
        done = geoinv("build", "--case", whole)
        if job == "build":
            lasts = time.monotonic() - begun
        if done.returncode or "fault in geoinv" in done.stderr:
            raise SystemExit(f"the case cannot be built even undisturbed: {done.stderr.strip()}")
        expected = built_files(whole)
        while len(outcomes) < times:
            copy = fresh_copy(case, Path(folder, "killed"))
            moment = moments.uniform(0.2, lasts)
            if kill_job(job, copy, moment):  # else it had ended already: another moment
                outcomes.append(Outcome(moment, judge(copy, expected)))
                told = "; ".join(outcomes[-1].failures) or "holds"
                print(f"{len(outcomes):3} killed after {moment:6.2f} s of {lasts:.1f} s: {told}", flush=True)
            shutil.rmtree(copy)
    return outcomes


def main() -> int:
    """Read the command line, kill, and tell how many times all held."""
    parser = argparse.ArgumentParser(description="Kill builds of a case at random moments.")
    parser.add_argument("case", type=Path)
    parser.add_argument("--job", choices=("build", "add"), default="build")
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    wanted = parser.parse_args()
    outcomes = kill_at_random(wanted.case, job=wanted.job, times=wanted.times, seed=wanted.seed)
    held = sum(not outcome.failures for outcome in outcomes)
    print(f"{held} of {len(outcomes)}")
    return 0 if held == len(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
