"""Heights: right within their interval where there is a sun, no number where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from geoinv.imagery.height import height
from geoinv.imagery.scene import open_scene
from geoinv.records.scenes import SceneRecord
from tests.imagery.ocean import PLAN, leaning, painted, table

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


@pytest.mark.parametrize("azimuth", [135.0, 315.0])
def test_a_lean_towards_or_away_from_the_shadow_is_told_from_height(make_scene, azimuth):
    sun, view = (135.0, 45.0), (azimuth, 20.0)
    path = make_scene("leaning.tif", painted(PLAN, heights=HEIGHTS, sun=sun, view=view))
    known = {"sun_azimuth": sun[0], "sun_elevation": sun[1]}
    with (
        open_scene(path, SceneRecord(name="a", **known, view_azimuth=view[0], off_nadir=view[1])) as told,
        open_scene(path, SceneRecord(name="b", **known)) as untold,
    ):
        roofs = table([leaning(shape, tall, view) for shape, tall in zip(PLAN, HEIGHTS, strict=True)])
        right, wrong = height(told, roofs), height(untold, roofs)
    error = [np.nanmean(np.abs(found.height_m - np.array(HEIGHTS))) for found in (right, wrong)]
    assert error[0] < 0.6 < error[1]
