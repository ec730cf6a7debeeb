"""A CSV loses no row to another row's quotation mark; a GeoPackage's views are known without running them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoinv.errors import UnreadableFileError, UnsafeFileError
from geoinv.files.delimited import delimited_lines, delimiter_of
from geoinv.files.geopackages import computed_tables

_HEAD = "a,b,c\n"


@given(st.integers(0, 9), st.integers(0, 2))
def test_a_quotation_mark_never_closed_costs_its_own_row(bad: int, cell: int) -> None:
    rows = [[f"x{at}", "1", "2"] for at in range(10)]
    rows[bad][cell] = '"' + rows[bad][cell]
    lines, broken = delimited_lines(_HEAD + "\n".join(map(",".join, rows)), file="a.csv")
    assert set(broken) == {bad + 1}
    assert [line for at, line in enumerate(lines[1:]) if at != bad] == [row for at, row in enumerate(rows) if at != bad]


def test_two_marks_never_closed_cost_no_row_between_them() -> None:
    lines, broken = delimited_lines(_HEAD + '"x,1,2\ny,1,2\n"z,1,2\nw,1,2\n', file="a.csv")
    assert set(broken) == {1, 3} and (lines[2], lines[4]) == (["y", "1", "2"], ["w", "1", "2"])


def test_rows_in_a_cell_that_is_rightly_quoted_are_named_and_never_taken_for_rows() -> None:
    lines, broken = delimited_lines(_HEAD + '"x\ny,1,2\n",1,2\nw,1,2\n', file="a.csv")
    assert set(broken) == {1} and len(lines) == 3 and lines[-1] == ["w", "1", "2"]


@pytest.mark.parametrize("every", [100, 37])
def test_one_open_mark_in_a_hundred_rows_costs_one_row_in_a_hundred(every: int) -> None:
    rows = [f'"x{at},1,2' if at % every == 0 else f'x{at},1,"q, r"' for at in range(5000)]
    lines, broken = delimited_lines(_HEAD + "\n".join(rows), file="a.csv")
    assert len(lines) == 5001 and len(broken) == -(-5000 // every)
    assert all(lines[at + 1] == [f"x{at}", "1", "q, r"] for at in range(5000) if at % every)


@pytest.mark.parametrize("cell", ["one\ntwo", "by the sea, then\nleft, and on", "“quoted”\n\nlater, yes, there"])
def test_words_on_several_lines_are_one_cell(cell: str) -> None:
    lines, broken = delimited_lines(f'{_HEAD}w1,5,"{cell}"\nw2,5,x\n', file="a.csv")
    assert not broken and lines[1:] == [["w1", "5", cell], ["w2", "5", "x"]]


@given(st.lists(st.lists(st.text(st.sampled_from('ab,";\n\t가'), max_size=6), min_size=3, max_size=3), max_size=8))
def test_whatever_is_in_the_cells_every_line_is_given_or_named(rows: list[list[str]]) -> None:
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    lines, broken = delimited_lines(_HEAD + "\n".join(quoted), file="a.csv")
    assert len(lines) == len(rows) + 1
    assert all(line == row or at in broken for at, (line, row) in enumerate(zip(lines[1:], rows, strict=True), 1))


@pytest.mark.parametrize(("head", "sign"), [("a;b;c", ";"), ("a\tb", "\t"), ("a|b", "|"), ("a", ","), ('"a;b",c', ",")])
def test_the_delimiter_is_what_splits_the_header_most(head: str, sign: str) -> None:
    assert delimiter_of(f"{head}\n1\n") == sign


def _gpkg(path: Path, *statements: str) -> bytes:
    with sqlite3.connect(path) as made:
        made.execute("CREATE TABLE gpkg_contents (table_name TEXT)")
        for statement in statements:
            made.execute(statement)
    made.close()
    return path.read_bytes()


def test_views_are_known_by_the_schema_and_tables_and_indexes_are_not_taken_for_them(tmp_path: Path) -> None:
    data = _gpkg(
        tmp_path / "a.gpkg",
        "CREATE TABLE pins (fid INTEGER PRIMARY KEY, note TEXT DEFAULT 'CREATE VIEW no AS SELECT 1')",
        "CREATE INDEX by_note ON pins (note)",
        "CREATE VIEW Endless AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c",
        "CREATE VIRTUAL TABLE rtree_pins_geom USING rtree(id, minx, maxx, miny, maxy)",
        "CREATE TRIGGER after_pins AFTER INSERT ON pins BEGIN SELECT 1; END",
        *(f"CREATE VIEW v{at} AS SELECT '{'x' * 3000}' FROM pins" for at in range(40)),
    )
    assert computed_tables(data, file="a.gpkg") == {"endless", *(f"v{at}" for at in range(40))}


def test_a_list_of_layers_that_is_computed_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "b.gpkg") as made:
        made.execute("CREATE TABLE t (x)")
        made.execute("CREATE VIEW gpkg_contents AS SELECT * FROM t")
    made.close()
    with pytest.raises(UnsafeFileError, match="its own list"):
        computed_tables((tmp_path / "b.gpkg").read_bytes(), file="b.gpkg")


@given(st.integers(16, 4000), st.binary(min_size=1, max_size=9))
def test_a_damaged_schema_is_a_sentence_and_never_a_loop(at: int, noise: bytes) -> None:
    memory = sqlite3.connect(":memory:")
    memory.execute("CREATE TABLE gpkg_contents (table_name TEXT)")
    data = memory.serialize()
    memory.close()
    try:
        computed_tables(data[:at] + noise + data[at + len(noise) :], file="a.gpkg")
    except (UnreadableFileError, UnsafeFileError) as error:
        assert error.sentence().endswith(".")
