"""The short form of `scripts/fuzz_readers.py`: mutations of the corpus, each read in bounded time and memory."""

from __future__ import annotations

from scripts.fuzz_readers import fuzz


def test_mutated_files_give_records_or_sentences_and_lose_no_row() -> None:
    tally = fuzz(1_500, seed=3, seconds=10.0, megabytes=500, size=1_500)
    assert tally.faults == []
    assert tally.lost == 0
    assert tally.inputs == 1_500 and len(tally.formats) >= 30
    assert tally.whole_files > 50 and tally.refused > 200 and tally.records > 200
