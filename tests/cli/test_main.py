"""What holds for every command: help, exit status, one sentence on stderr, problem objects, no traceback unasked."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import geoinv as package
from tests.cli.conftest import Ran

COMMANDS = (
    *("init", "add", "build", "verify", "find", "status", "map", "schema", "doctor", "publish", "serve"),
    *("template", "withdraw", "backup", "restore", "lock", "unlock"),
    *("locate", "match", "interior", "detect", "segment", "regularize", "align", "height", "change", "trace", "model"),
    *("coregister", "register", "corroborate", "calibrate", "desk", "dossier", "export", "annex"),
)
DECISIONS = ("place", "accept", "reject", "outline", "set", "consent", "undo", "list")


@pytest.mark.parametrize("words", [*((name,) for name in COMMANDS), *(("decide", name) for name in DECISIONS)])
def test_every_command_explains_itself(geoinv: Callable[..., Ran], words: tuple[str, ...]) -> None:
    told = geoinv(*words, "--help")
    assert told.status == 0 and told.err == ""
    assert told.out.startswith(f"Usage: geoinv {' '.join(words)}")
    assert geoinv(*words, "-h").out == told.out


def test_help_lists_every_command(geoinv: Callable[..., Ran]) -> None:
    told = geoinv("--help").out
    listed = {line.split()[0] for line in told.partition("Commands:")[2].splitlines() if line.strip()}
    assert listed == {*COMMANDS, "custody", "decide", "identities", "seal"}
    assert geoinv("--version").out == f"geoinv {package.__version__}\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("nonsense",), "No such command"),
        (("segment",), "Missing argument"),
        (("segment", "a.tif", "b.geojson"), "-o"),
        (("detect", "a.tif", "-o", "b.geojson", "--colour"), "--colour"),
        (("regularize", "a.geojson", "-o", "b.geojson", "--pixel", "99"), "--pixel"),
        (("schema", "nonsense"), "blueprint, claims, findings"),
        (("match", "a.geojson", "b.geojson", "-o", "c.json", "--tie", "b1"), "--tie"),
        (("model", "a.json", "-o", "m", "--formats", "dwg"), "--formats"),
        (("map", "reef", "--format", "bmp"), "--format"),
    ],
)
def test_a_wrong_command_line_is_status_2_and_one_line(
    geoinv: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    (tmp_path / "b.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    ran = geoinv(*words)
    assert ran.status == 2 and says in ran.err and ran.out == ""
    assert len(ran.err.strip().splitlines()) == 1
    problem = json.loads(geoinv("--json-errors", *words).err)
    assert {"type", "title", "detail"} <= set(problem) and says in problem["detail"]


def test_nothing_asked_for_is_answered_with_help(geoinv: Callable[..., Ran]) -> None:
    assert geoinv().status == 2
    assert "Usage: geoinv" in geoinv().err


SINGLE_STEPS = (
    ("locate", "none.json", "-o", "out"),
    ("match", "none.geojson", "none.geojson", "-o", "out"),
    ("interior", "none.geojson", "none.geojson", "-o", "out"),
    ("detect", "none.tif", "-o", "out"),
    ("segment", "none.tif", "none.geojson", "-o", "out"),
    ("regularize", "none.geojson", "-o", "out"),
    ("align", "none.tif", "none.geojson", "-o", "out"),
    ("height", "none.tif", "none.geojson", "-o", "out"),
    ("change", "none.geojson", "none.tif", "-o", "out"),
    ("trace", "none.svg", "-o", "out"),
    ("model", "none.json", "-o", "out"),
)


@pytest.mark.parametrize("words", SINGLE_STEPS, ids=lambda words: words[0])
def test_a_missing_file_is_named_in_one_sentence(
    geoinv: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = geoinv(*words)
    assert ran.status == 1 and ran.out == ""
    assert ran.err.startswith("none.") and ran.err.endswith(".\n") and len(ran.err.splitlines()) == 1
    assert not (tmp_path / "out").exists()
    problem = json.loads(geoinv("--json-errors", *words).err)
    assert problem["type"].startswith("urn:geoinv:error:") and problem["file"].startswith("none.")
    assert problem["detail"] == ran.err.strip() and problem["do"]


@pytest.mark.parametrize("words", SINGLE_STEPS, ids=lambda words: words[0])
def test_a_file_that_is_something_else_is_named_in_one_sentence(
    geoinv: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    for suffix in ("json", "geojson", "tif", "svg"):
        (tmp_path / f"none.{suffix}").write_bytes(b"\x00\x01 nothing of the kind \xff")
    ran = geoinv(*words)
    assert ran.status == 1 and "none." in ran.err and len(ran.err.splitlines()) == 1
    assert "fault in geoinv" not in ran.err
    assert not (tmp_path / "out").exists()


def test_a_traceback_is_shown_only_when_asked_for(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("geoinv")
    for words, traced in (((), False), (("--debug",), True)):
        ran = subprocess.run(
            [program, *words, "verify", tmp_path / "none"], capture_output=True, text=True, check=False
        )
        assert ran.returncode == 1
        assert ("Traceback" in ran.stderr) is traced


def test_what_cannot_be_written_is_told_and_leaves_nothing(geoinv: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "plan.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 90"><rect x="9" y="9" width="50" height="40"/></svg>'
    )
    (tmp_path / "file").write_text("in the way")
    ran = geoinv("trace", tmp_path / "plan.svg", "-o", tmp_path / "file" / "sketch.geojson")
    assert ran.status == 1 and "cannot be written" in ran.err
    assert {path.name for path in tmp_path.iterdir()} == {"plan.svg", "file"}


def test_schemas_are_printed_as_committed(geoinv: Callable[..., Ran], repository: Path) -> None:
    for path in sorted((repository / "docs" / "schemas").glob("*.json")):
        assert json.loads(geoinv("schema", path.stem).out) == json.loads(path.read_text(encoding="utf-8"))
