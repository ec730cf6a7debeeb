from __future__ import annotations

from pathlib import Path

import pytest

from geoinv.errors import UnreadableFileError, UnsafeFileError
from geoinv.files.limits import MEGABYTE, read_bytes


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert read_bytes(tmp_path / "a") == b"abc"


def test_missing_empty_and_folders_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    for name, words in (("none", "no such file"), ("empty", "empty"), ("", "folder")):
        with pytest.raises(UnreadableFileError, match=words):
            read_bytes(tmp_path / name)
    with pytest.raises(UnreadableFileError):
        read_bytes(Path("a\0b"))


def test_far_too_large_is_refused_without_reading_it_all(tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as stream:
        stream.truncate(3 * MEGABYTE)
    with pytest.raises(UnsafeFileError, match="larger than the 1 MB"):
        read_bytes(tmp_path / "large", most=MEGABYTE)
