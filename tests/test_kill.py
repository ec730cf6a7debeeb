"""A build killed at any moment loses nothing: the short form of what `scripts/kill_test.py` does twenty times."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.case.compound import inside_svg
from tests.case.conftest import write_small_case


def test_killed_builds_verify_and_the_next_one_makes_the_same(tmp_path: Path, repository: Path) -> None:
    case = write_small_case(tmp_path / "case")
    drawing = case / "facilities" / "reef" / "sketches" / "inside.svg"
    drawing.parent.mkdir()
    drawing.write_text(inside_svg(("cell 1", "cell 2", "guard", "store")))
    ran = subprocess.run(
        [sys.executable, repository / "scripts" / "kill_test.py", case, "--times", "2", "--seed", "3"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.splitlines()[-1] == "2 of 2"
    assert not (case / "case.db").exists(), "the case itself is never touched"
