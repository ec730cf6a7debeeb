"""The commands over a case as a person types them: what they print, where, and how they end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.case.compound import BLOCK, HUT, footprint, write_footprints
from tests.case.conftest import write_small_case

_GEOINV = str(Path(sys.executable).with_name("geoinv"))


def _run(*words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([_GEOINV, *map(str, words)], cwd=cwd, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_small_case(tmp_path_factory.mktemp("cli") / "case")
    done = _run("build", "--case", root)
    assert done.returncode == 0, done.stderr
    assert "said.yaml: 1 dependence" in done.stdout or "said.yaml" in done.stdout
    assert "Ledger head" in done.stdout and "no scene" in done.stderr
    return root


def test_help_names_every_command_of_the_main_job() -> None:
    told = _run("--help").stdout
    assert all(name in told for name in ("init", "add", "build", "decide", "publish", "serve", "map", "verify"))


def test_an_empty_case_is_made_and_guards_itself(tmp_path: Path) -> None:
    assert _run("init", tmp_path / "case").returncode == 0
    assert (tmp_path / "case" / ".gitignore").read_text().splitlines()[-1] == "*"
    again = _run("init", tmp_path / "case")
    assert again.returncode == 1 and "case" in again.stderr and "Traceback" not in again.stderr


def test_a_folder_that_is_no_case_is_one_sentence(tmp_path: Path) -> None:
    done = _run("build", "--case", tmp_path)
    assert done.returncode == 1 and done.stdout == ""
    assert "case.toml" in done.stderr and len(done.stderr.strip().splitlines()) == 1


def test_errors_can_be_read_by_programs(tmp_path: Path) -> None:
    problem = json.loads(_run("--json-errors", "status", "--case", tmp_path).stderr)
    assert {"type", "title", "detail"} <= set(problem)


def test_a_wrong_command_line_ends_with_two(built: Path) -> None:
    assert _run("nonsense").returncode == 2
    assert _run("map", "reef", "--format", "bmp", "--case", built).returncode in (1, 2)


def test_quiet_is_quiet(built: Path) -> None:
    assert _run("-q", "build", "--case", built).stdout == ""


def test_status_says_what_would_help(built: Path) -> None:
    told = _run("status", "--case", built).stdout
    assert "FICTIONAL" in told and "would help: a drawing of the compound" in told


def test_verify_finds_a_changed_original(built: Path) -> None:
    assert _run("verify", built).returncode == 0
    table = next(path for path in (built / "originals").rglob("*") if path.is_file())
    kept = table.read_bytes()
    try:
        table.chmod(0o644)
        table.write_bytes(kept + b" ")
        done = _run("verify", built)
        assert done.returncode == 1 and done.stderr.strip()
    finally:
        table.write_bytes(kept)


def test_publish_says_what_stays_in_and_ends_with_the_release(built: Path) -> None:
    dry = _run("publish", "--dry-run", "--case", built)
    assert dry.returncode == 0, dry.stderr
    assert "incident without consent" in dry.stdout and not (built / "api" / "public").exists()
    done = _run("publish", "--case", built)
    assert done.returncode == 0, done.stderr
    release = Path(done.stdout.splitlines()[-1])
    assert (release / "manifest.json").is_file()
    assert _run("verify", release).returncode == 0
    assert Path(_run("publish", "--case", built).stdout.splitlines()[-1]) == release


def test_a_map_is_written_where_it_is_asked_for(tmp_path: Path) -> None:
    root = write_small_case(tmp_path / "case")
    write_footprints(root / "models" / "reef", (footprint("block", BLOCK), footprint("hut", HUT)))
    assert _run("map", "reef", "--case", root).returncode == 1  # nothing has been taken in yet
    added = _run("add", root / "facilities" / "reef" / "testimony" / "said.yaml", "--facility", "reef", "--case", root)
    assert added.returncode == 0, added.stderr
    done = _run("map", "reef", "--format", "svg", "--lang", "ko", "--case", root, "-o", tmp_path / "site.svg")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(tmp_path / "site.svg") and (tmp_path / "site.svg").stat().st_size > 1000
