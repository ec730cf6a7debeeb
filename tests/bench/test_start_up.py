"""How long one waits before anything happens."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

from pytest_benchmark.fixture import BenchmarkFixture

MOST_CPU_SECONDS = 0.3


def test_help_answers_at_once(benchmark: BenchmarkFixture) -> None:
    geoinv = str(Path(sys.executable).with_name("geoinv"))
    spent: list[float] = []

    def ask() -> None:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([geoinv, "--help"], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)

    ask()  # the first run may compile
    benchmark.pedantic(ask, rounds=5)
    assert min(spent) < MOST_CPU_SECONDS
