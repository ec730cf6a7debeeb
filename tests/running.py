"""Running the commands as people do, and copies of the example to run them on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

__all__ = ["copy_example", "geoinv"]

REPOSITORY = Path(__file__).resolve().parent.parent


def copy_example(folder: Path) -> Path:
    """Copy the fictional example's inputs and its investigator's decisions to a new folder; nothing is built."""
    folder.mkdir(parents=True)
    shutil.copy(REPOSITORY / "case.toml", folder)
    for part in ("facilities", "imagery"):
        shutil.copytree(REPOSITORY / part, folder / part, ignore=shutil.ignore_patterns("README.md"))
    program = Path(sys.executable).with_name("geoinv")
    environment = {**os.environ, "GEOINV": str(program)}
    subprocess.run([REPOSITORY / "scripts" / "decide_example.sh", folder.resolve()], env=environment, check=True)
    return folder


def geoinv(*words: str | Path) -> str:
    """Run a command in a process of its own, as people do; return what it printed."""
    program = [sys.executable, "-c", "from geoinv.cli.main import run; run()"]
    done = subprocess.run([*program, *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
