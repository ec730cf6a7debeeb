from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoinv.errors import GeoinvError, UnreadableFileError, UnsafeFileError
from geoinv.files.archives import check_archive, read_archive, read_members


def packed(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_members_come_back_as_they_went_in() -> None:
    members = {"a.txt": b"one", "b/c.txt": "둘".encode()}
    assert read_members(packed(members), file="a.zip") == members
    assert list(read_members(packed(members), file="a.zip", wanted=lambda name: name.startswith("b"))) == ["b/c.txt"]


@pytest.mark.parametrize("name", ["../a", "a/../../b", "/etc/x", "C:/x", "..\\x", "\\x"])
def test_members_that_lead_out_are_refused(name: str) -> None:
    with pytest.raises(UnsafeFileError, match="outside"):
        read_members(packed({name: b"x"}), file="a.zip")


def test_symbolic_links_are_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(UnsafeFileError, match="symbolic link"):
        check_archive(buffer.getvalue(), file="a.zip")


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(UnsafeFileError, match="far more"):
        read_members(packed({"zeros": bytes(40_000_000)}), file="a.zip")


def test_a_missing_or_empty_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="no such file"):
        read_archive(tmp_path / "none.zip")
    (tmp_path / "empty.zip").touch()
    with pytest.raises(UnreadableFileError, match="empty"):
        read_archive(tmp_path / "empty.zip")


@given(st.binary(max_size=64), st.integers(0, 150))
def test_only_our_errors_escape(junk: bytes, at: int) -> None:
    whole = packed({"a.txt": b"some words " * 20, "b.txt": b"x"})
    for data in (junk, whole[:at], whole[:at] + junk + whole[at + len(junk) :]):
        try:
            read_members(data, file="fuzz.zip")
        except GeoinvError as error:
            assert "fuzz.zip" in str(error)
