"""A build never overrides a decision, and says when the evidence speaks against one; `status` says it too."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from geoinv.case.build import build
from geoinv.case.decisions import decide
from geoinv.case.folder import Case
from geoinv.case.overview import overview
from geoinv.case.second_looks import second_looks
from geoinv.records.decisions import GradeSource, JudgeFootprint, MergeFacilities, PlaceSketch, SetProperty
from geoinv.records.placements import Transform
from geoinv.records.places import Frame
from tests.case.tiny import FRAME, write_case

_GEOINV = str(Path(sys.executable).with_name("geoinv"))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny case, built once."""
    root = write_case(tmp_path_factory.mktemp("looks") / "case")
    with Case.open(root) as case:
        build(case, by="ines")
    return root


def _properties(root: Path) -> list[dict[str, Any]]:
    return [f["properties"] for f in json.loads((root / "models/reef/footprints.geojson").read_text())["features"]]


def _elsewhere(frame: Frame) -> Transform:
    """A placement a kilometre east of everything."""
    return Transform(matrix=((0.33, 0.0, 1000.0), (0.0, 0.33, -30.0)), origin=(frame.lon, frame.lat))


def test_decisions_are_kept_by_builds_and_spoken_against_where_evidence_does(built: Path) -> None:
    with Case.open(built) as case:
        assert second_looks(case, "reef") == []
        (kitchen,) = [one for one in _properties(built) if "kitchen" in one["labels"]]
        decide(case, JudgeFootprint(facility="reef", footprint=kitchen["id"], accept=False), by="bo", reason="a shadow")
        decide(
            case,
            SetProperty(target=f"reef/{kitchen['id']}", field="labels", value=["bath"]),
            by="ines",
            reason="w1 said so",
        )
        decide(case, GradeSource(source="w1", reliability="B", credibility=2), by="ines", reason="was there")
        report = build(case, by="ines")
        (again,) = [one for one in _properties(built) if one["id"] == kitchen["id"]]
        assert again["labels"] == ["bath"] and again["evidence"]["judgement"]["value"] == "rejected"
        assert (again["confidence"]["source"], again["confidence"]["item"]) == ("B", 2)
        (look,) = [p for p in report.facilities[0].problems if "look again" in p]
        assert "rejected footprint" in look and "bo decided otherwise" in look and "geoinv decide undo ent-" in look
        assert any(line.endswith(look) for line in overview(case)), "status says it too"
        assert build(case, by="ines").facilities[0].problems == report.facilities[0].problems, "as long as it holds"


def test_a_drawing_put_where_nothing_stands_is_spoken_against(built: Path, tmp_path: Path) -> None:
    root = tmp_path / "case"
    shutil.copytree(built, root)
    with Case.open(root) as case:
        body = PlaceSketch(facility="reef", sketch="plan.svg", transform=_elsewhere(FRAME))
        decide(case, body, by="bo", reason="it felt right")
        assert case.history.decided[-1].decision.proposed["transform"]["matrix"], "what the software proposed is kept"
        build(case, by="ines")
        looks = second_looks(case, "reef")
    assert any("outside where the witnesses' statements place" in look for look in looks), looks


def test_facilities_of_different_agencies_merged_are_spoken_against(make_case: Callable[..., Path]) -> None:
    root = make_case()
    for slug, agency in (("reef", "one (fictional)"), ("quay", "other (fictional)")):
        (root / "facilities" / slug).mkdir(exist_ok=True)
        (root / "facilities" / slug / "facility.yaml").write_text(f"slug: {slug}\nname: {slug}\nagency: {agency}\n")
    with Case.open(root) as case:
        build(case, by="ines")
        decide(case, MergeFacilities(facility="reef", others=("quay",)), by="bo", reason="63 m apart")
        (look,) = second_looks(case, "reef")
        assert "quay was merged into reef, but their agency differs" in look


def test_the_commands_say_who_was_overtaken_and_what_was_proposed(built: Path) -> None:
    def typed(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([_GEOINV, "decide", *words, "--case", built], capture_output=True, text=True, check=False)

    for by, tie in (("ines", "block=-30.0001,5.0001"), ("bo", "block=-30.0002,5.0002")):
        done = typed("place", "reef", "plan.svg", "--tie", tie, "--reason", f"{by} thinks", "--by", by)
        assert done.returncode == 0, done.stderr
    assert "stands instead of ines's ent-" in done.stderr
    told = typed("history", "plan.svg").stdout
    assert "the software had proposed: its origin" in told and "overtaken by bo" in told
    assert "ines: place" not in typed("list").stdout
    assert typed("grade", "w1", "Z", "--reason", "x").returncode == 1
    assert typed("place", "reef", "plan.svg", "--reason", "x").returncode == 2
