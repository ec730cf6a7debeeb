"""The build, in a process of its own: it may take minutes, may be stopped, and whatever it does the desk goes on."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["Job", "Jobs"]

_MOST_LINES = 400


@dataclass
class Job:
    """One build.

    Attributes
    ----------
    by
        Who started it.
    doing
        What it is doing, in words.
    steps
        How many steps it told of so far.
    share, facility, step
        How much is behind it (0–1), and which step of which facility it does.
    began
        When it was started, seconds of this process's own clock.
    ended
        Whether it is over.
    told
        What it says of each facility at its end; problems, a sentence each.
    failed
        Why it could not be done, if it could not.
    """

    by: str
    doing: str = ""
    steps: int = 0
    share: float = 0.0
    facility: str = ""
    step: str = ""
    began: float = field(default_factory=time.monotonic)
    ended: bool = False
    told: list[str] = field(default_factory=list)
    failed: str = ""

    def plain(self) -> dict[str, Any]:
        """JSON-ready."""
        return {**vars(self), "seconds": round(time.monotonic() - self.began)}


class Jobs:
    """Runs one build at a time.

    Parameters
    ----------
    root
        The case's folder.
    """

    def __init__(self, root: Path) -> None:
        self._root, self._lock = root, threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self.last: Job | None = None

    @property
    def running(self) -> bool:
        """Whether a build runs."""
        return self.last is not None and not self.last.ended

    def build(self, by: str) -> Job:
        """Start a build; where one runs already, that one."""
        with self._lock:
            if self.last is not None and not self.last.ended:
                return self.last
            job = self.last = Job(by)
            program = [sys.executable, "-m", "geoinv.api.desk.building", str(self._root), by]
            self._process = subprocess.Popen(
                program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
                encoding="utf-8", errors="replace",
            )  # fmt: skip
            threading.Thread(target=self._follow, args=(job, self._process), daemon=True).start()
            return job

    def stop(self) -> None:
        """End the build that runs; every step is whole or not done."""
        with self._lock:
            if self._process is not None and self._process.poll() is None:
                self._process.terminate()

    def _follow(self, job: Job, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None and process.stderr is not None
        for line in process.stdout:
            try:
                told = json.loads(line)
            except ValueError:  # a library's own chatter
                continue
            if "doing" in told:
                job.doing, job.steps = told["doing"], job.steps + 1
                for key in ("share", "facility", "step"):
                    setattr(job, key, told.get(key, getattr(job, key)))
            job.told = [*job.told, *told.get("told", ())][:_MOST_LINES]
            job.failed = told.get("failed", job.failed)
        fault = process.stderr.read().strip().splitlines()
        if process.wait() != 0 and not job.failed:
            job.failed = fault[-1] if fault else "The build was stopped; what was finished stands."
        job.ended = True
