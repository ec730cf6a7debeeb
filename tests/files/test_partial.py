"""What long work found is on disk at once, is taken up again, and is gone when the work is done."""

from __future__ import annotations

from pathlib import Path

import pytest

from geoinv.errors import ReadOnlyError
from geoinv.files.partial import PartialResults


def test_what_was_broken_off_is_taken_up_and_a_cut_line_done_again(tmp_path: Path) -> None:
    output = tmp_path / "out.geojson"
    with pytest.raises(KeyboardInterrupt), PartialResults.beside(output, {"of": "a"}) as kept:
        kept["1"] = [{"x": 0.1}]
        kept["2"] = []
        raise KeyboardInterrupt
    beside = tmp_path / "out.geojson.partial"
    beside.write_text(beside.read_text() + '["3", [1, 2')
    with PartialResults.beside(output, {"of": "a"}) as kept:
        assert dict(kept) == {"1": [{"x": 0.1}], "2": []}
        kept["3"] = [7]
        kept.finished()
    assert list(tmp_path.iterdir()) == []


def test_results_of_something_else_are_not_taken_up(tmp_path: Path) -> None:
    with PartialResults.beside(tmp_path / "o", {"of": "a"}) as kept:
        kept["1"] = 1
    with PartialResults.beside(tmp_path / "o", {"of": "b"}) as kept:
        assert not kept
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ReadOnlyError), PartialResults.beside(tmp_path / "none" / "o", {}):
        pass
