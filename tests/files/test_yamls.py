from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoinv.errors import FieldError, GeoinvError, UnreadableFileError, UnsafeFileError
from geoinv.files.yamls import parse_yaml, read_data, read_mapping


def test_dates_times_and_directions_stay_the_words_written() -> None:
    read = parse_yaml("a: 2009-05-01\nb: 12:30\nc: NO\nd: ON\ne: 2009\nf: 1.5\ng: true\nh: ~\ni: 0123\n", file="a.yaml")
    assert read == {
        "a": "2009-05-01", "b": "12:30", "c": "NO", "d": "ON", "e": 2009, "f": 1.5, "g": True, "h": None, "i": "0123",
    }  # fmt: skip


def test_aliases_and_objects_are_refused() -> None:
    with pytest.raises(UnsafeFileError, match="aliases"):
        parse_yaml("a: &a [1, 2]\nb: [*a, *a]\n", file="a.yaml")
    with pytest.raises(UnsafeFileError, match="plain data"):
        parse_yaml("a: !!python/object/apply:os.system [ls]\n", file="a.yaml")
    with pytest.raises(UnsafeFileError, match="deep"):
        parse_yaml("[" * 500 + "]" * 500, file="a.yaml")


def test_a_slip_of_indentation_names_the_line() -> None:
    with pytest.raises(UnreadableFileError, match=r"a\.yaml: .*line 2"):
        parse_yaml("a: 1\n b: 2\n", file="a.yaml")
    with pytest.raises(FieldError, match="twice"):
        parse_yaml("a: 1\na: 2\n", file="a.yaml")


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.json", b'{"a": NaN}'), ("a.json", b'{"a": 1e999}'), ("a.json", b'{"a": '), ("a.yaml", b"\xff\xfe\0"),
     ("a.yaml", b""), ("a.yaml", b"a: \0"), ("a.json", b"[" * 100_000), ("a.json", b'{"a": ' + b"9" * 5000 + b"}")],
)  # fmt: skip
def test_bad_files_are_one_sentence(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(GeoinvError, match=name) as caught:
        read_data(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_a_list_is_no_mapping(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("- 1\n- 2\n")
    with pytest.raises(UnreadableFileError, match="named values"):
        read_mapping(tmp_path / "a.yaml")


@given(st.text(max_size=200))
def test_only_our_errors_escape(text: str) -> None:
    try:
        parse_yaml(text, file="fuzz.yaml")
    except GeoinvError as error:
        assert "fuzz.yaml" in str(error)
