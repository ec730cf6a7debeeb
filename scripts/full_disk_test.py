"""Let the disk run full under a job at many moments and hold what is left to its promises.

    python scripts/full_disk_test.py CASE [--job add|build|publish] [--times 10] [--seed 0]

CASE is a case folder; it is copied, never changed. Each time a fresh copy lies on a file system of its own (tmpfs, in a
mount namespace that ends with this program) which has less room left than the job takes; temporary files lie there too.
The job must then fail in one plain sentence that says so; `geoinv verify` must pass while the disk is still full; and
with room again the same job must end well, `verify` must pass, and all that was made must be what a job that nobody
disturbed makes. Exits with 1 unless all of it holds every time. Needs `unshare` (util-linux) and unprivileged
namespaces, or root.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from scripts.kill_test import GEOINV, built_files, fresh_copy, words_of

#: Bytes of the file system while nothing is to run full.
ROOMY = 2**30
#: Set in the process that has a mount namespace of its own.
INSIDE = "GEOINV_FULL_DISK_TEST"


@dataclass(frozen=True)
class Disk:
    """A small file system."""

    folder: Path

    def mount(self) -> None:
        """Have it, with room."""
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOMY}", "tmpfs", self.folder], check=True)
        (self.folder / "tmp").mkdir()

    def used(self) -> int:
        """Bytes taken."""
        told = os.statvfs(self.folder)
        return (told.f_blocks - told.f_bfree) * told.f_frsize

    def leave(self, room: int) -> None:
        """Have only so many bytes left."""
        subprocess.run(["mount", "-o", f"remount,size={self.used() + room}", self.folder], check=True)

    def make_room(self) -> None:
        """Have room again."""
        subprocess.run(["mount", "-o", f"remount,size={ROOMY}", self.folder], check=True)

    def run(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a command whose temporary files lie here too."""
        command = [GEOINV, "-q", *map(str, words)]
        environment = {**os.environ, "TMPDIR": str(self.folder / "tmp")}
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def command_of(job: str, case: Path) -> list[str | Path]:
    """The command that does a job."""
    return ["publish", "--audience", "public", "--case", case] if job == "publish" else words_of(job, case)


def prepared(case: Path, job: str, disk: Disk) -> Path:
    """A fresh copy on the disk; a case that is to be published is built first."""
    copy = fresh_copy(case, disk.folder / "case")
    disk.run("status", "--case", copy)  # makes its store
    if job == "publish":
        disk.run("build", "--case", copy)
    return copy


def made(case: Path) -> dict[str, str]:
    """Path → SHA-256 of all that was built and published."""
    releases = {f"api/{path.name}": "" for path in sorted((case / "api").glob("*/*/manifest.json"))}
    return {**built_files(case), **releases}


def failures_of(job: str, case: Path, disk: Disk, room: int, expected: dict[str, str]) -> tuple[str, ...] | None:
    """What did not hold; ``None`` where the room was enough."""
    disk.leave(room)
    ran = disk.run(*command_of(job, case))
    if ran.returncode == 0:
        return None
    failures = []
    told = ran.stderr.strip()
    if "Traceback" in told or "fault in geoinv" in told or "room" not in told:
        failures.append(f"told: {told}")
    verified = disk.run("verify", case)
    if verified.returncode:
        failures.append(f"verify while full: {verified.stderr.strip()}")
    disk.make_room()
    again = disk.run(*command_of(job, case))
    if again.returncode:
        failures.append(f"the next {job}: {again.stderr.strip()}")
    verified = disk.run("verify", case)
    if verified.returncode:
        failures.append(f"verify after the next {job}: {verified.stderr.strip()}")
    found = made(case)
    differing = sorted(name for name in {*found, *expected} if found.get(name) != expected.get(name))
    if differing:
        failures.append(f"differs from what a job nobody disturbed makes: {', '.join(differing)}")
    return tuple(failures)


def fill_up(case: Path, *, job: str, times: int, seed: int) -> int:
    """Let the disk run full as often as asked for, each time elsewhere; how often all held."""
    rooms = random.Random(seed)
    held, count = 0, 0
    with tempfile.TemporaryDirectory(prefix="geoinv-full-") as folder:
        disk = Disk(Path(folder))
        disk.mount()
        whole = prepared(case, job, disk)
        before = disk.used()
        done = disk.run(*command_of(job, whole))
        if done.returncode:
            raise SystemExit(f"the job cannot be done even with room: {done.stderr.strip()}")
        takes, expected = disk.used() - before, made(whole)
        shutil.rmtree(whole)
        while count < times:
            room = rooms.randrange(takes)
            copy = prepared(case, job, disk)
            failures = failures_of(job, copy, disk, room, expected)
            if failures is not None:
                count, held = count + 1, held + (not failures)
                print(f"{count:3} {room:9,} of {takes:,} bytes left: {'; '.join(failures) or 'holds'}", flush=True)
            disk.make_room()
            shutil.rmtree(copy)
        subprocess.run(["umount", disk.folder], check=True)
    return held


def main() -> int:
    """Read the command line, fill the disk, and tell how many times all held."""
    parser = argparse.ArgumentParser(description="Let the disk run full under a job.")
    parser.add_argument("case", type=Path)
    parser.add_argument("--job", choices=("add", "build", "publish"), default="build")
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    wanted = parser.parse_args()
    if INSIDE not in os.environ:
        command = ["unshare", "--user", "--map-root-user", "--mount", sys.executable, *sys.argv]
        return subprocess.run(command, env={**os.environ, INSIDE: "1"}, check=False).returncode
    held = fill_up(wanted.case, job=wanted.job, times=wanted.times, seed=wanted.seed)
    print(f"{held} of {wanted.times}")
    return 0 if held == wanted.times else 1


if __name__ == "__main__":
    sys.exit(main())
