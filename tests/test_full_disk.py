"""A disk that runs full loses nothing: the short form of what `scripts/full_disk_test.py` does many times."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.case.compound import inside_svg
from tests.case.conftest import write_small_case


@pytest.mark.needs("namespaces")
@pytest.mark.parametrize("job", ["add", "build", "publish"])
def test_a_full_disk_is_told_and_the_next_run_makes_the_same(tmp_path: Path, repository: Path, job: str) -> None:
    case = write_small_case(tmp_path / "case")
    drawing = case / "facilities" / "reef" / "sketches" / "inside.svg"
    drawing.parent.mkdir()
    drawing.write_text(inside_svg(("cell 1", "cell 2", "guard", "store")))
    command = [sys.executable, repository / "scripts" / "full_disk_test.py", case, "--job", job, "--times", "1"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.splitlines()[-1] == "1 of 1"
