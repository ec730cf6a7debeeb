"""Heights: right within their interval where there is a sun, no number where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from geoinv.imagery.height import height
from geoinv.imagery.scene import open_scene
from geoinv.records.scenes import SceneRecord
from tests.imagery.ocean import PLAN, painted, table

HEIGHTS = [4.0, 7.0, 3.5, 9.0, 5.0, 6.0, 4.5, 3.0]


@pytest.mark.parametrize("sun", [(135.0, 40.0), (215.0, 55.0)])
def test_heights_come_back_within_their_interval(make_scene, sun):
    path = make_scene("sunny.tif", painted(PLAN, heights=HEIGHTS, sun=sun))
    with open_scene(path) as scene:
        found = height(scene, table(PLAN), sun_azimuth=sun[0], sun_elevation=sun[1])
    seen = found[found.height_method == "shadow"]
    truth = np.array(HEIGHTS)[seen.index]
    assert len(seen) >= 6
    assert np.abs(seen.height_m - truth).mean() < 0.6
    assert ((seen.height_low_m <= truth) & (truth <= seen.height_high_m)).mean() >= 0.8


def test_the_records_sun_is_used(make_scene):
    path = make_scene("sunny.tif", painted(PLAN, heights=HEIGHTS))
    with open_scene(path, SceneRecord(name="sunny.tif", sun_azimuth=135, sun_elevation=40)) as scene:
        assert (height(scene, table(PLAN)).height_method == "shadow").any()


def test_without_a_sun_there_is_no_number(scene_path):
    with open_scene(scene_path) as scene:
        found = height(scene, table(PLAN))
    assert set(found.height_method) == {"unknown"}
    assert found[["height_m", "height_low_m", "height_high_m"]].isna().all().all()


def test_without_a_shadow_there_is_no_number(scene_path):
    with open_scene(scene_path) as scene:
        found = height(scene, table(PLAN), sun_azimuth=135, sun_elevation=40)
    assert (found.height_method == "no shadow").mean() >= 0.7
    assert found[found.height_method == "no shadow"].height_m.isna().all()
