"""Fits find what made the data, and their statistics mean what their papers say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geoinv.geometry.fits import affine, apply, bidimensional_regression, leave_one_out, similarity, thin_plate

POINTS = np.array([[0.0, 0.0], [10.0, 1.0], [9.0, 8.0], [-2.0, 7.0], [4.0, 15.0]])


def turned(angle: float, scale: float, shift: tuple[float, float], mirror: bool = False) -> np.ndarray:
    linear = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    if mirror:
        linear = linear @ np.diag([-1.0, 1.0])
    return np.column_stack([linear, shift])


@settings(max_examples=40, deadline=None)
@given(st.floats(-3.1, 3.1), st.floats(0.01, 50.0), st.floats(-1e4, 1e4), st.floats(-1e4, 1e4), st.booleans())
def test_similarity_finds_the_turn_scale_and_shift_that_made_the_points(angle, scale, east, north, mirror):
    made = turned(angle, scale, (east, north), mirror)
    found = similarity(POINTS, apply(made, POINTS), mirror=mirror)
    assert np.allclose(found, made, atol=1e-6 * max(scale, 1.0) * 10)


def test_similarity_never_mirrors_unless_asked():
    target = POINTS * np.array([-1.0, 1.0])
    assert np.linalg.det(similarity(POINTS, target)[:, :2]) > 0
    assert np.linalg.det(similarity(POINTS, target, mirror=True)[:, :2]) < 0


def test_similarity_follows_the_weights():
    target = POINTS.copy()
    target[4] += [100.0, 0.0]
    weights = np.array([1.0, 1.0, 1.0, 1.0, 1e-9])
    assert np.allclose(apply(similarity(POINTS, target, weights=weights), POINTS[:4]), POINTS[:4], atol=1e-4)


def test_one_point_gives_a_mere_shift():
    found = similarity(POINTS[:1], POINTS[:1] + 5.0)
    assert np.allclose(found, [[1.0, 0.0, 5.0], [0.0, 1.0, 5.0]])


def test_affine_without_ridge_is_least_squares_and_with_much_is_the_similarity():
    rng = np.random.default_rng(1)
    target = POINTS @ np.array([[1.5, 0.4], [-0.2, 0.8]]).T + rng.normal(size=POINTS.shape)
    plain = np.linalg.lstsq(np.column_stack([POINTS, np.ones(5)]), target, rcond=None)[0].T
    assert np.allclose(affine(POINTS, target, ridge=0.0), plain, atol=1e-5)
    assert np.allclose(affine(POINTS, target, ridge=1e9), similarity(POINTS, target), atol=1e-5)


def test_affine_keeps_the_handedness():
    target = POINTS * np.array([-1.0, 1.0])
    assert np.linalg.det(affine(POINTS, target, ridge=0.0)[:, :2]) > 0


def test_bidimensional_regression_agrees_with_the_complex_correlation():
    # Oracle: for the Euclidean model r² is the squared modulus of the complex correlation (Tobler 1994).
    rng = np.random.default_rng(2)
    dependent = apply(turned(0.7, 3.0, (5.0, -8.0)), POINTS) + rng.normal(size=POINTS.shape)
    one, two = (p[:, 0] + 1j * p[:, 1] for p in (POINTS - POINTS.mean(axis=0), dependent - dependent.mean(axis=0)))
    expected = abs(np.vdot(one, two)) ** 2 / (np.vdot(one, one).real * np.vdot(two, two).real)
    found = bidimensional_regression(POINTS, dependent)
    assert found.r2 == pytest.approx(expected)
    assert found.distortion_index == pytest.approx(100 * np.sqrt(1 - expected))


def test_affine_explains_at_least_as_much_as_euclidean():
    rng = np.random.default_rng(3)
    dependent = POINTS @ np.array([[1.0, 0.5], [0.0, 2.0]]).T + rng.normal(size=POINTS.shape)
    euclidean = bidimensional_regression(POINTS, dependent).r2
    assert bidimensional_regression(POINTS, dependent, kind="affine").r2 >= euclidean


def test_leave_one_out_shows_the_odd_one_and_refuses_three_points():
    target = POINTS.copy()
    target[2] += [30.0, 0.0]
    off = leave_one_out(POINTS, target)
    assert off[2] > 15.0
    assert np.isnan(leave_one_out(POINTS[:3], target[:3])).all()


def test_thin_plate_passes_through_its_points_and_reproduces_affine_maps():
    target = POINTS @ np.array([[1.0, 0.2], [0.1, 0.9]]).T + 3.0
    spline = thin_plate(POINTS, target)
    assert np.allclose(spline(POINTS), target, atol=1e-8)
    assert np.allclose(spline(np.array([[3.0, 3.0]])), [[1.0 * 3 + 0.2 * 3 + 3, 0.1 * 3 + 0.9 * 3 + 3]], atol=1e-8)
