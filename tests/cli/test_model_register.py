"""`register` and `model` end to end: a cloud laid on a blueprint, a blueprint that is not all sound."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from geoinv.models.solids import build_solids
from tests.cli.conftest import Ran
from tests.models.conftest import make_blueprint
from tests.models.test_register import seen_from_above

Type = Callable[..., Ran]


@pytest.mark.needs("open3d")
def test_a_cloud_is_laid_and_what_it_proposes_is_told(geoinv: Type, tmp_path: Path) -> None:
    blueprint = make_blueprint()
    before = json.dumps(blueprint.plain())
    (tmp_path / "b.json").write_text(before)
    points = seen_from_above(build_solids(blueprint), 4, count=6000) @ [[0, -1, 0], [1, 0, 0], [0, 0, 1]] + [900, 50, 3]
    np.savetxt(tmp_path / "flight.xyz", points, fmt="%.3f")
    ran = geoinv(
        "register", tmp_path / "b.json", tmp_path / "flight.xyz", "-o", tmp_path / "out.json", "--date", "2016"
    )
    assert ran.status == 0, ran.err
    found = json.loads((tmp_path / "out.json").read_text())
    assert found["fitness"] > 0.9 and found["cloud"] == "flight.xyz" and found["geoinv"]["command"] == "register"
    assert {one["part"] for one in found["distances"]} >= {"wall", "roof"}
    assert all(one["evidence"]["status"] == "inferred" and not one["differs"] for one in found["proposals"])
    assert "of flight.xyz lies on the model" in ran.out and "storey-0: height_m agrees" in ran.out
    assert (tmp_path / "b.json").read_text() == before


def test_what_cannot_be_built_is_told_and_the_rest_written(geoinv: Type, tmp_path: Path) -> None:
    data = make_blueprint().plain()
    storey = data["buildings"][0]["storeys"][0]
    storey["openings"][0]["width_m"] = 9.0
    storey["openings"][1]["head_m"] = 0
    (tmp_path / "b.json").write_text(json.dumps(data))
    ran = geoinv("model", tmp_path / "b.json", "-o", tmp_path / "m", "--formats", "glb,cityjson")
    assert ran.status == 0
    assert "b.json, part door-1: the door is 9 m wide, the wall it is in 2.30 m long; it is left out." in ran.err
    assert "b.json, part door-2: its head_m should be greater than 0; it is left out." in ran.err
    listed = {path.name for path in (tmp_path / "m").iterdir()}
    assert listed == {"model.glb", "model-B.glb", "rivals.json", "model.city.json", "evidence.ext.json", "faults.json"}
