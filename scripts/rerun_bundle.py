"""Build a tiny fictional case, decide something, hand out the other side's copy, run its program: nothing may differ.

Usage: python scripts/rerun_bundle.py   (about a minute of processor time)
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from geoinv.api.dossier import dossier
from geoinv.case.build import build
from geoinv.case.decisions import decide
from geoinv.case.folder import Case
from geoinv.records.decisions import SetProperty
from tests.case.tiny import write_case


def main() -> int:
    """Status of the copy's own program: 0 where nothing differs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Case.open(write_case(folder / "case")) as case:
            build(case)
            told = SetProperty(target="reef/plan.svg#kitchen", field="role", value="building")
            decide(case, told, by="ines", reason="fictional: to see that decisions are made again")
            build(case)
            made = dossier(case, "reef", formats=("bundle",))["bundle"]
        with zipfile.ZipFile(io.BytesIO(made)) as packed:
            packed.extractall(folder / "copy")
        done = subprocess.run([sys.executable, "rerun.py"], cwd=folder / "copy" / "reef", check=False)
        return done.returncode


if __name__ == "__main__":
    sys.exit(main())
