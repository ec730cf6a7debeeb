"""Regularisation: walls become straight, nothing is lost, diagonals and courtyards stay."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from shapely.affinity import rotate
from shapely.geometry import MultiPolygon, Polygon, box

from geoinv.imagery.masks import fill, outline_of
from geoinv.imagery.regularize import regularize, regularized
from tests.imagery.ocean import iou, local, table

ELL = Polygon([(0, 0), (24, 0), (24, 9), (10, 9), (10, 20), (0, 20)])


def wobbly(shape: Polygon, noise_m: float, seed: int, pixel: float = 0.3) -> Polygon:
    """As a segmenter would leave it: a mask whose edge wanders."""
    west, south, east, north = shape.bounds
    placed = shapely.transform(shape, lambda xy: (xy - [west - 6, south - 6]) / pixel)
    size = (math.ceil((north - south + 12) / pixel), math.ceil((east - west + 12) / pixel))
    mask = fill(placed, size)
    field = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=size), 2.5)
    distance = ndimage.distance_transform_edt(mask) - ndimage.distance_transform_edt(~mask)
    outline = outline_of(distance + field / field.std() * noise_m / pixel > 0)
    assert outline is not None
    return shapely.transform(outline, lambda xy: xy * pixel + [west - 6, south - 6])


def corners(shape: Polygon) -> int:
    return len(shape.exterior.coords) - 1


@pytest.mark.parametrize("turn", [0.0, 17.0, 44.0, 80.0])
@pytest.mark.parametrize(("shape", "count"), [(box(0, 0, 22, 11), 4), (ELL, 6)])
def test_a_wobbly_building_gets_its_corners_back(shape, count, turn):
    truth = rotate(shape, turn)
    raw = wobbly(truth, 0.5, 1)
    found = regularized(raw)
    assert corners(found) == count
    assert iou(found, truth) > max(0.95, iou(raw, truth))


def test_right_angles_are_right():
    found = regularized(wobbly(rotate(ELL, 31), 0.5, 4))
    edges = np.diff(shapely.get_coordinates(found.exterior), axis=0)
    angles = np.degrees(np.arctan2(edges[:, 1], edges[:, 0])) % 90
    assert np.ptp(np.minimum(angles - angles[0], 90 - (angles - angles[0]) % 90)) < 1e-4


def test_a_long_diagonal_stays():
    cut = Polygon([(0, 0), (30, 0), (30, 10), (18, 22), (0, 22)])
    found = regularized(wobbly(cut, 0.3, 2))
    assert iou(found, cut) > 0.96
    assert corners(found) == 5


def test_a_courtyard_stays():
    court = Polygon(box(0, 0, 30, 30).exterior, [box(9, 9, 21, 21).exterior])
    raw = Polygon(wobbly(box(0, 0, 30, 30), 0.4, 3).exterior, [wobbly(box(9, 9, 21, 21), 0.4, 5).exterior])
    found = regularized(raw)
    assert len(found.interiors) == 1
    assert iou(found, court) > 0.93


def test_one_row_in_one_row_out():
    rows = table([wobbly(ELL, 0.6, k) for k in range(3)])
    rows.geometry = [rows.geometry.iloc[0], None, MultiPolygon([rows.geometry.iloc[2]])]
    found = regularize(rows)
    assert list(found.id) == ["b1", "b2", "b3"]
    assert found.geometry.iloc[1] is None
    assert found.geometry.iloc[2].geom_type == "Polygon"
    assert found.crs.to_epsg() == 4326
    assert iou(local(found)[0], ELL) > 0.9


def test_rows_continents_apart_keep_their_shape():
    near = table([wobbly(ELL, 0.4, 1)])
    far = near.assign(id="far", geometry=near.geometry.translate(120, 50))
    both = gpd.GeoDataFrame(pd.concat([near, far], ignore_index=True), crs=near.crs)
    assert regularize(both).geometry.iloc[0].equals(regularize(near).geometry.iloc[0])


def test_a_round_house_is_not_squared_beyond_what_it_is():
    tank = shapely.Point(0, 0).buffer(12)
    assert iou(regularized(wobbly(tank, 0.3, 1)), tank) > 0.9


@settings(max_examples=25)
@given(
    width=st.floats(6, 40),
    depth=st.floats(5, 20),
    turn=st.floats(0, 90),
    noise=st.floats(0.2, 1.0),
    seed=st.integers(0, 99),
)
def test_whatever_comes_out_is_valid_and_near(width, depth, turn, noise, seed):
    raw = wobbly(rotate(box(0, 0, width, depth), turn), noise, seed)
    found = regularized(raw)
    assert found.is_valid and isinstance(found, Polygon)
    assert iou(found, raw) > 0.65
