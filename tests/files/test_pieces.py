"""A table that is too long to be held is cut where rows end, nothing lost, rows of one id together."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from geoinv.errors import UnreadableFileError, UnsafeFileError
from geoinv.files import pieces
from geoinv.files.pieces import Cut, cut_table, is_long
from geoinv.files.spreadsheets import parse_sheets


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of twenty rows, so that a test's table is long."""
    monkeypatch.setattr(pieces, "PIECE_ROWS", 20)


def _written(path: Path, rows: list[list[str]], encoding: str = "utf-8", delimiter: str = ",") -> Path:
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream, delimiter=delimiter).writerows([["id", "내용", "victim"], *rows])
    return path


def _read(path: Path, cut: Cut) -> list[list[dict[str, str]]]:
    return [[row.values for row in parse_sheets(piece, file="a.csv")[0].rows] for piece in cut_table(path, cut)]


_CELL = st.sampled_from(["", "one, two", "a line\n\nanother, and more", 'she said "go"', "가나", "x"])


@settings(max_examples=30, phases=[Phase.generate])
@given(
    cells=st.lists(st.tuples(st.integers(0, 90), _CELL, _CELL), min_size=40, max_size=120),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp949"]),
    delimiter=st.sampled_from([",", ";", "\t"]),
)
def test_the_pieces_hold_every_row_once_and_in_order(tmp_path_factory, cells, encoding, delimiter) -> None:
    rows = sorted([f"i{number:03}", first, second] for number, first, second in cells)
    path = _written(tmp_path_factory.mktemp("t") / "a.csv", rows, encoding, delimiter)
    cut = Cut()
    found = _read(path, cut)
    whole = [row.values for row in parse_sheets(path.read_bytes(), file="a.csv")[0].rows]
    assert [row for piece in found for row in piece] == whole
    assert cut.pieces == len(found) and not cut.apart
    ids = [{row["id"] for row in piece} for piece in found]
    assert all(not (before & after) for before, after in zip(ids, ids[1:], strict=False))


def test_a_quotation_mark_never_closed_does_not_keep_a_table_whole(tmp_path: Path) -> None:
    lines = ["id,what,who", *(f'"i{at},x,y' if at % 10 == 3 else f'i{at},"x, {at}",y' for at in range(200))]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    tables = [parse_sheets(piece, file="a.csv")[0] for piece in cut_table(path, Cut())]
    assert len(tables) > 4
    assert sum(len(table.rows) for table in tables) == 180 and sum(len(table.problems) for table in tables) == 20


def test_rows_of_one_id_that_stand_far_apart_are_told(tmp_path: Path) -> None:
    cut = Cut()
    path = _written(tmp_path / "a.csv", [[f"i{at % 60:03}", "x", ""] for at in range(90)])
    assert sum(len(piece) for piece in _read(path, cut)) == 90
    assert cut.rows_apart == 30 and cut.apart[0] == "i000"


def test_a_table_is_long_by_its_lines(tmp_path: Path) -> None:
    assert not is_long(_written(tmp_path / "a.csv", [["x", "", ""]] * 30))
    assert is_long(_written(tmp_path / "b.csv", [["x", "", ""]] * 50))


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("id,what\n".encode("utf-16") * 50, UnsafeFileError),
        (b"id,what\n" + b"x" * (2 << 20), UnsafeFileError),
        (b"\n" * 200, UnreadableFileError),
        (b"\xff\xfa\xff" * 40 + b"\n" * 90, UnreadableFileError),
    ],
)
def test_what_cannot_be_cut_is_one_sentence(tmp_path: Path, content: bytes, error: type[Exception]) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(error, match=r"a\.csv"):
        list(cut_table(tmp_path / "a.csv", Cut()))
