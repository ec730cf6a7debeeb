"""A file is written whole or not at all; what stood there before stands until then."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geoinv.errors import ReadOnlyError
from geoinv.files.atomic import atomic_path, write_bytes, write_folder, write_json, write_json_rows, write_text


def test_what_fails_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    write_json(target, {"old": True})
    with pytest.raises(RuntimeError), atomic_path(target) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    with pytest.raises(ValueError):
        write_json(target, {"not a number": float("nan")})
    assert json.loads(target.read_text()) == {"old": True}
    assert list(tmp_path.iterdir()) == [target]


def test_folders_on_the_way_are_made(tmp_path: Path) -> None:
    write_text(tmp_path / "deep" / "er" / "a.txt", "감방")
    assert (tmp_path / "deep" / "er" / "a.txt").read_bytes() == "감방".encode()


def test_an_unchanged_file_keeps_its_times(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    write_text(target, "same")
    os.utime(target, ns=(1, 1))
    write_text(target, "same")
    assert target.stat().st_mtime_ns == 1
    write_text(target, "other")
    assert target.stat().st_mtime_ns != 1


def test_where_nothing_can_be_written_it_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ReadOnlyError, match=r"cannot be written; .*permission"):
        write_bytes(tmp_path / "file" / "a.txt", b"x")
    with pytest.raises(ReadOnlyError), write_folder(tmp_path / "file" / "folder"):
        raise AssertionError("never reached")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_is_told_as_such(tmp_path: Path) -> None:
    target = tmp_path / "a.bin"
    target.write_bytes(b"old")
    with pytest.raises(ReadOnlyError, match="full"), atomic_path(target), open("/dev/full", "wb", buffering=0) as full:
        full.write(b"x")
    assert target.read_bytes() == b"old" and list(tmp_path.iterdir()) == [target]


def test_a_folder_is_replaced_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "release"
    for content in ("one", "two"):
        with write_folder(target) as temporary:
            (temporary / f"{content}.txt").write_text(content)
    assert [path.name for path in target.iterdir()] == ["two.txt"]
    with pytest.raises(RuntimeError), write_folder(target) as temporary:
        (temporary / "three.txt").write_text("three")
        raise RuntimeError
    assert [path.name for path in target.iterdir()] == ["two.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["release"]


def test_a_writer_killed_at_any_moment_leaves_a_whole_file(tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    program = (
        "import sys, itertools; from pathlib import Path; from geoinv.files.atomic import write_json\n"
        "print('ready', flush=True)\n"
        "for n in itertools.count(): write_json(Path(sys.argv[1]), {'n': n, 'long': [n] * 20000})"
    )
    for wait in (0.02, 0.11):
        with subprocess.Popen([sys.executable, "-c", program, str(target)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(wait)
            process.send_signal(signal.SIGKILL)
        if target.exists():
            data = json.loads(target.read_text())
            assert data["long"] == [data["n"]] * 20000


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text() | st.sampled_from(["[\n 1,\n 2\n]", "[1,\n2]"]),
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.text(), inner, max_size=4),
)  # fmt: skip


@given(value=_VALUES)
def test_json_read_back_is_what_was_written(value: object, tmp_path_factory: pytest.TempPathFactory) -> None:
    target = tmp_path_factory.mktemp("json") / "a.json"
    for write in (write_json, write_json_rows):
        write(target, value)
        assert json.loads(target.read_text()) == value


def test_a_place_is_written_on_one_line(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"at": [[-158.5, 42.25], [1e-7, 3]]})
    assert (tmp_path / "a.json").read_text() == '{\n "at": [\n  [-158.5, 42.25],\n  [1e-07, 3]\n ]\n}\n'


def test_figures_are_written_row_by_row(tmp_path: Path) -> None:
    rows = [{"share": 0.25, "n": 4}, {"share": None, "n": 0}]
    write_json_rows(tmp_path / "a.json", {"seeds": list(range(100)), "rates": {"a": rows, "b": rows, "of": "x" * 80}})
    lines = (tmp_path / "a.json").read_text().splitlines()
    assert lines[3] == '  "a": [{"share": 0.25, "n": 4}, {"share": null, "n": 0}],'
    assert len(lines) == 8
