"""The short form of `scripts/fuzz_readers.py`: mutations of the corpus, each read in bounded time and memory."""

from __future__ import annotations

import pytest

from scripts.fuzz_readers import fuzz, spring
from tests.case.odd.rows import ROW_FORMATS

#: Traps that are sprung each time; `scripts/fuzz_readers.py --traps` springs all of them.
_QUICK = ["nested.kmz", "views.gpkg", "listed.gpkg", "zeros.zip", "many.zip", "zeros.docx", "zeros.hwp", "zeros.png",
          "tangle.svg", "rings.svg", "quotes.csv", "deep.json", "million-rows.xlsx"]  # fmt: skip


def test_mutated_files_give_records_or_sentences_and_lose_no_row() -> None:
    tally = fuzz(1_500, seed=3, seconds=10.0, megabytes=500, size=1_500)
    assert tally.faults == []
    assert tally.lost == 0
    assert tally.inputs == 1_500 and len(tally.formats) >= 30
    assert set(tally.whole) == set(ROW_FORMATS) and tally.refused > 200 and tally.records > 200


@pytest.mark.parametrize("name", _QUICK)
def test_a_trap_is_read_or_refused_in_bounded_time_and_memory(name: str) -> None:
    tally = spring([name], seconds=20.0, megabytes=700)
    assert tally.faults == []
    assert tally.inputs == 1
