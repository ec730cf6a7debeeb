"""Tracks: a long pale band is one track, likely; an edge between two fields is none; a wide scene tells it once."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely.geometry import LineString

from geoinv.imagery.scene import open_scene
from geoinv.imagery.tracks import GSD, track_odds, tracks_of
from tests.imagery.ocean import FRAME, SIDE, painted

AROUND = (-SIDE / 2, -SIDE / 2, SIDE / 2, SIDE / 2)


def _with(shape, value: int, seed: int = 0) -> np.ndarray:
    pixels = painted([], seed=seed)
    n = pixels.shape[1]
    rows, columns = np.mgrid[0:n, 0:n]
    on = shapely.contains_xy(shape, (columns + 0.5) * 0.5 - 60, 60 - (rows + 0.5) * 0.5)
    pixels[:, on] = np.clip(pixels[:, on].astype(int) + value, 0, 255).astype(np.uint8)
    return pixels


def _found(path):
    with open_scene(path) as scene:
        return tracks_of(scene.patch(FRAME, AROUND, GSD))


@pytest.mark.parametrize("line", [LineString([(-58, -10), (0, 5), (58, 2)]), LineString([(10, -58), (-15, 58)])])
def test_a_pale_band_is_one_likely_track_along_its_middle(make_scene, line):
    found = _found(make_scene("road.tif", _with(line.buffer(2.2), 50)))
    best = max(found, key=track_odds)
    assert track_odds(best) > 0.5
    assert best.line.intersection(line.buffer(1.5)).length > 0.85 * best.line.length
    assert best.line.length > 0.75 * line.length
    assert sum(track_odds(one) > 0.5 for one in found) == 1


def test_an_edge_between_fields_and_open_ground_are_no_tracks(make_scene):
    paler = shapely.box(-60, -60, 5, 60)
    for pixels in (_with(paler, 50), painted([])):
        assert all(track_odds(one) < 0.5 for one in _found(make_scene("field.tif", pixels)))


def test_a_dark_band_is_none(make_scene):
    line = LineString([(-58, -10), (0, 5), (58, 2)])
    found = _found(make_scene("river.tif", _with(line.buffer(3), -70)))
    assert all(one.line.intersection(line.buffer(2)).length < 0.5 * one.line.length for one in found)


def test_the_same_picture_gives_the_same_tracks_and_none_gives_none(make_scene):
    path = make_scene("road.tif", _with(LineString([(-58, -10), (58, 2)]).buffer(2.2), 50))
    assert _found(path) == _found(path)
    assert _found(make_scene("empty.tif", np.zeros((3, 240, 240), np.uint8), nodata=0)) == []
