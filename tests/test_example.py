"""The committed example is what the code makes: its inputs, what is built from them, and the release."""

from __future__ import annotations

import io
import json
import math
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from PIL import Image

from geoinv.api.releases import OpenRelease, check_release, find_release
from geoinv.api.routes.landing import definition
from geoinv.api.server import all_paths
from geoinv.errors import CaseError
from geoinv.worlds.example import write_example
from tests.running import copy_example, geoinv

ROOT = Path(__file__).resolve().parent.parent
SMALL = "garamnae-detention-centre"

#: What may differ between processors, which round the last digits differently.
LENGTH, SHARE = 0.05, 1e-3
#: A coordinate's last digits: 1e-6 of a degree is a decimetre.
DEGREES = 1e-6


def files_below(folder: Path) -> dict[str, Path]:
    return {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}


def inputs_below(folder: Path) -> dict[str, Path]:
    ours = {"facilities/README.md", "imagery/README.md"}  # about the repository; no part of the case
    paths = [path for part in ("facilities", "imagery") for path in files_below(folder / part).values()]
    found = {path.relative_to(folder).as_posix(): path for path in [folder / "case.toml", *paths]}
    return {name: path for name, path in found.items() if name not in ours}


def pixels(path: Path) -> np.ndarray[Any, Any]:
    if path.suffix == ".tif":
        with rasterio.open(path) as scene:
            return np.asarray(scene.read(), np.int16)
    return np.asarray(Image.open(io.BytesIO(path.read_bytes())).convert("RGB"), np.int16)


def same_to_the_eye(one: Path, other: Path) -> bool:
    a, b = pixels(one), pixels(other)
    return a.shape == b.shape and float(np.abs(a - b).mean()) < 0.5 and float((np.abs(a - b) > 24).mean()) < 2e-3


def differences(one: Any, other: Any, place: str = "") -> list[str]:
    """Where two JSON values differ by more than rounding does; hashes of what was rounded differ, and are left out."""
    if isinstance(one, dict) and isinstance(other, dict):
        if one.keys() != other.keys():
            return [f"{place}: {sorted(one.keys() ^ other.keys())}"]
        return [line for key in one for line in differences(one[key], other[key], f"{place}.{key}")]
    if isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            return [f"{place}: {len(one)} and {len(other)} items"]
        pairs = enumerate(zip(one, other, strict=True))
        return [line for number, (a, b) in pairs for line in differences(a, b, f"{place}[{number}]")]
    if isinstance(one, float) or isinstance(other, float):
        nearby = DEGREES if "coordinates" in place else LENGTH
        return [] if math.isclose(one, other, rel_tol=SHARE, abs_tol=nearby) else [f"{place}: {one} and {other}"]
    if isinstance(one, str) and isinstance(other, str):
        hashes = re.compile(r"[0-9a-f]{64}")
        return [] if hashes.sub("#", one) == hashes.sub("#", other) else [f"{place}: {one!r} and {other!r}"]
    return [] if one == other else [f"{place}: {one!r} and {other!r}"]


def test_the_committed_inputs_are_what_init_writes(tmp_path: Path) -> None:
    write_example(tmp_path / "case")
    written, committed = inputs_below(tmp_path / "case"), inputs_below(ROOT)
    assert written.keys() == committed.keys()
    for name, path in written.items():
        if path.read_bytes() != committed[name].read_bytes():
            assert path.suffix in (".tif", ".png") and same_to_the_eye(path, committed[name]), name


def test_init_leaves_a_folder_alone_that_holds_something(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(CaseError, match="not empty"):
        write_example(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_building_again_gives_what_is_committed(built_example: Path) -> None:
    built, committed = files_below(built_example / "models"), files_below(ROOT / "models")
    committed.pop("README.md")
    assert built.keys() == committed.keys()
    unlike = []
    for name, path in built.items():
        one, other = path.read_bytes(), committed[name].read_bytes()
        if one == other:
            continue
        if path.suffix in (".json", ".geojson"):
            unlike += [f"{name}{line}" for line in differences(json.loads(one), json.loads(other))]
        elif path.suffix == ".png":
            unlike += [] if same_to_the_eye(path, committed[name]) else [f"{name} looks different"]
        elif not 0.9 < len(one) / len(other) < 1.1:
            unlike.append(f"{name}: {len(one)} and {len(other)} bytes")
    assert not unlike, "\n".join(unlike[:40])


def test_building_twice_gives_the_same_bytes(built_example: Path, tmp_path: Path) -> None:
    case = copy_example(tmp_path / "case")
    geoinv("build", SMALL, "--case", case)
    first, second = files_below(built_example / "models" / SMALL), files_below(case / "models" / SMALL)
    assert first.keys() == second.keys()
    assert [name for name in first if first[name].read_bytes() != second[name].read_bytes()] == []


def test_publishing_again_gives_the_committed_release_where_the_models_are_the_same(built_example: Path) -> None:
    built, committed = find_release(built_example / "api/public"), find_release(ROOT / "api/public")
    assert files_below(built).keys() == files_below(committed).keys()
    models = files_below(built_example / "models")
    if all(path.read_bytes() == (ROOT / "models" / name).read_bytes() for name, path in models.items()):
        assert built.name == committed.name


def test_the_committed_release_is_whole_and_its_own_check_says_so() -> None:
    release = find_release(ROOT / "api/public")
    assert check_release(release) == []
    done = subprocess.run([sys.executable, release / "verify.py"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_committed_definition_is_what_the_server_answers() -> None:
    committed = json.loads((ROOT / "api/openapi.json").read_text(encoding="utf-8"))
    assert committed == definition(all_paths(OpenRelease(find_release(ROOT / "api/public"))))


def test_nothing_in_the_example_looks_real(built_example: Path) -> None:
    for report in sorted((built_example / "models").glob("*/report.html")):
        assert "fictional" in report.read_text(encoding="utf-8").lower()
    manifest = json.loads((find_release(built_example / "api/public") / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["fictional"] is True
