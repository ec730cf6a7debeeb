"""Change: what has gone is said to have gone, light and paint are not, and only dates bracket."""

from __future__ import annotations

import numpy as np
import pytest

from geoinv.errors import InputError
from geoinv.imagery.change import change
from geoinv.imagery.scene import open_scene
from geoinv.records.scenes import SceneRecord
from tests.imagery.ocean import PLAN, painted, table


def _earlier() -> np.ndarray:
    """Two buildings not yet there, every roof another colour, another light, a metre off."""
    old = painted(PLAN[2:], roof=1).astype(float) * 0.85 + 12
    return np.roll(np.clip(old, 0, 255).astype(np.uint8), (2, -2), (1, 2))


def test_a_building_not_yet_there_is_absent_and_paint_is_no_change(make_scene):
    paths = make_scene("old.tif", _earlier()), make_scene("new.tif", painted(PLAN))
    records = (
        SceneRecord.read({"name": "old.tif", "acquired": "2009-05-01"}),
        SceneRecord.read({"name": "new.tif", "acquired": "2015-06-01"}),
    )
    with open_scene(paths[0], records[0]) as old, open_scene(paths[1], records[1]) as new:
        found = change(table(PLAN), [old, new])
    states = [[item["state"] for item in row] for row in found.states]
    assert [row[0] for row in states[:2]] == ["absent", "absent"]
    assert sum(row == ["present", "present"] for row in states[2:]) >= 5
    assert not any("absent" in row for row in states[2:])
    assert list(found.not_before[:2]) == ["2009-05-01", "2009-05-01"]
    assert found.not_after.isna().all()
    assert [item["scene"] for item in found.states.iloc[0]] == ["old.tif", "new.tif"]
    assert all(0 <= item["probability"] <= 1 for row in found.states for item in row)


def test_scenes_without_dates_bound_nothing(make_scene):
    with open_scene(make_scene("old.tif", _earlier())) as old, open_scene(make_scene("new.tif", painted(PLAN))) as new:
        found = change(table(PLAN), [old, new])
    assert found.not_before.isna().all() and found.not_after.isna().all()
    assert all(item["date"] is None for row in found.states for item in row)


def test_outside_a_scene_one_is_unsure(scene_path):
    from shapely.affinity import translate

    with open_scene(scene_path) as one, open_scene(scene_path) as other:
        found = change(table([translate(PLAN[0], 800, 0)]), [one, other])
    assert [item["state"] for item in found.states.iloc[0]] == ["unsure", "unsure"]


def test_no_scene_is_an_error():
    with pytest.raises(InputError, match="at least one scene"):
        change(table(PLAN), [])
