"""`template`, `add` and its dry run, and `decide words`, as they are typed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import openpyxl

from tests.case.tiny import write_case

_GEOINV = str(Path(sys.executable).with_name("geoinv"))


def geoinv(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([_GEOINV, *map(str, words)], capture_output=True, text=True, check=False)


def test_a_template_is_filled_in_tried_and_added(tmp_path: Path) -> None:
    root = write_case(tmp_path / "case")
    sheet = tmp_path / "said.xlsx"
    assert geoinv("template", "statements", "-o", sheet).returncode == 0
    again = geoinv("template", "statements", "-o", sheet)
    assert again.returncode == 1 and "filled it in" in again.stderr
    book = openpyxl.load_workbook(sheet)
    page = book.worksheets[0]
    heads = {str(cell.value).split(" (")[0]: cell.column for cell in page[1]}
    for number, row in enumerate((
        {"witness": "w1", "kind": "from", "landmark": "quay", "quotation": "부두에서 북쪽으로 500미터쯤"},
        {"witness": "w1", "kind": "near", "landmark": "nowhere", "distance_m": 30},
    ), 2):  # fmt: skip
        for name, value in row.items():
            page.cell(row=number, column=heads[name], value=value)
    book.save(sheet)
    geoinv("-q", "add", root / "facilities", "--case", root)
    before = (root / "ledger.head").read_bytes()
    tried = geoinv("add", sheet, "--facility", "reef", "--case", root, "--dry-run")
    assert tried.returncode == 1
    assert "1 landmark, 1 statement" in tried.stdout and "Nothing was changed." in tried.stdout
    assert "cell G3, landmark (지형지물)" in tried.stderr
    assert (root / "ledger.head").read_bytes() == before
    assert not (root / "facilities/reef/testimony/said.xlsx").exists()
    added = geoinv("add", sheet, "--facility", "reef", "--case", root)
    assert added.returncode == 1 and "cell G3" in added.stderr
    assert "1 file; understood: 1 landmark, 1 statement;" in added.stdout
    offered = geoinv("decide", "words", "reef", "--case", root)
    assert "said.xlsx#said-2:distance_m" in offered.stdout
    name = "said.xlsx#said-2:distance_m"
    assert geoinv("decide", "words", "reef", name, "--case", root).returncode == 2, "a reason is needed"
    accepted = geoinv("decide", "words", "reef", name, "--reason", "as meant", "--case", root)
    assert accepted.returncode == 0
    assert name not in geoinv("decide", "words", "reef", "--case", root).stdout
