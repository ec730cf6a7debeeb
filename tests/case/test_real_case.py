"""A case over a real picture with real building outlines and simulated witnesses: built whole, and mostly right."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import shape

from geoinv.case.build import BuildReport, build
from geoinv.case.check import check_case
from geoinv.case.folder import Case

_NAME = "oam-uganda"
#: Share of a drawing's buildings that must get a footprint on the right building with IoU of at least a half.
_LEAST_SHARE = 0.6

pytestmark = [pytest.mark.needs("real_cases"), pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def built(real_cases: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, BuildReport]:
    """A copy of the case, built without a person's help."""
    root = tmp_path_factory.mktemp("real") / "case"
    shutil.copytree(real_cases / _NAME, root)
    with Case.open(root) as case:
        return root, build(case)


@pytest.fixture(scope="module")
def truth(real_cases: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((real_cases / f"{_NAME}.truth.json").read_text(encoding="utf-8"))
    return data


def _found(root: Path) -> dict[str, dict[str, Any]]:
    """Full name of a drawn element → the footprint that stands for it."""
    (path,) = (root / "models").glob("*/footprints.geojson")
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    return {name: feature for feature in features for name in feature["properties"].get("drawn", ())}


def _right(feature: dict[str, Any], truth: dict[str, Any], building: str) -> bool:
    found, true = shape(feature["geometry"]), shape(truth["buildings"][building]["geometry"])
    return bool(found.intersection(true).area >= 0.5 * found.union(true).area)


def test_it_is_built_without_a_fault_and_verifies(built: tuple[Path, BuildReport]) -> None:
    root, report = built
    problems = (*report.intake.problems, *(one for facility in report.facilities for one in facility.problems))
    assert all(one.endswith(".") and "fault in geoinv" not in one for one in problems)
    assert {file.path for file in report.intake.files if not file.counts and file.kind == "scene"} == set()
    with Case.open(root) as case:
        assert check_case(case) == []
        assert [step.name for one in build(case).facilities for step in one.steps if step.redone] == []


@pytest.mark.parametrize("sketch", ["sketch-w1.svg", "sketch-w2.svg"])
def test_most_drawn_buildings_are_found(built: tuple[Path, BuildReport], truth: dict[str, Any], sketch: str) -> None:
    found = _found(built[0])
    # What the witness invented stands for no building.
    told = [one for one in truth["elements"] if Path(one["sketch"]).name == sketch]
    drawn = [one for one in told if one["element"] and one["building"]]
    right = [
        one
        for one in drawn
        if (feature := found.get(f"{sketch}#{one['element']}")) and _right(feature, truth, one["building"])
    ]
    assert len(right) >= _LEAST_SHARE * len(drawn), f"{len(right)} of {len(drawn)}"
