"""First placements of a cloud that shows the ground: which way is up, then every turn and shift of its plan at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["level_turn", "plan_starts"]

Floats = NDArray[np.float64]

#: A plane that holds at least this share of a cloud, with nearly everything else on one side of it, is its ground.
_GROUND_SHARE, _ONE_SIDE = 0.12, 0.97
_PLANE_M, _TRIALS = 0.35, 400
#: Cells of the plans that are compared, metres; what stands lower than this is ground, metres.
_CELL_M, _STANDS_M = 1.0, 1.2
_TURN_DEG = 5.0
_KEPT, _APART_M = 6, 4.0


def level_turn(points: Floats, seed: int) -> tuple[Floats, float] | None:
    """The rotation that stands a cloud upright, shape (3, 3), and its ground's height after it.

    The plane that holds most points (RANSAC, Fischler and Bolles 1981) is the ground if nearly all others lie on one
    side of it; ``None`` where none is.

    Parameters
    ----------
    points
        Any way up, metres, shape (n, 3).
    seed
        Of the search.
    """
    rng = np.random.default_rng(seed)
    some = points[rng.choice(len(points), min(len(points), 4000), replace=False)]
    best: tuple[float, Floats, float] | None = None
    for _ in range(_TRIALS):
        a, b, c = some[rng.choice(len(some), 3, replace=False)]
        normal = np.cross(b - a, c - a)
        length = float(np.linalg.norm(normal))
        if length < 1e-6:
            continue
        away = (some - a) @ (normal / length)
        share = float((np.abs(away) < _PLANE_M).mean())
        above, below = float((away > -_PLANE_M).mean()), float((away < _PLANE_M).mean())
        if share >= _GROUND_SHARE and max(above, below) >= _ONE_SIDE and (best is None or share > best[0]):
            best = (share, normal / length * (1.0 if above >= below else -1.0), 0.0)
    if best is None:
        return None
    turn = _upright(best[1])
    heights = some @ turn[2]
    return turn, float(np.median(heights[heights < np.quantile(heights, 0.03) + 2 * _PLANE_M]))


def _upright(up: Floats) -> Floats:
    """A rotation that takes a direction to the zenith."""
    side = np.array([1.0, 0.0, 0.0]) if abs(up[0]) < 0.9 else np.array([0.0, 1.0, 0.0])
    east = np.cross(side, up)
    east /= np.linalg.norm(east)
    return np.array([east, np.cross(up, east), up])


def plan_starts(cloud: Floats, model: Floats, seed: int) -> list[Floats]:
    """Placements whose plans of what stands above the ground agree best, shape (4, 4) each.

    Each turn's plan is laid over the model's at every shift at once by Fourier transform; what stands in one and not in
    the other counts against.

    Parameters
    ----------
    cloud
        Any way up, metres, shape (n, 3).
    model
        Points of the model, its ground at 0, shape (m, 3).
    seed
        Of the search for the ground.
    """
    level = level_turn(cloud, seed)
    if level is None:
        return []
    turn, ground = level
    upright = cloud @ turn.T - [0.0, 0.0, ground]
    high, theirs = upright[upright[:, 2] > _STANDS_M], model[model[:, 2] > _STANDS_M][:, :2]
    if len(high) < 50 or len(theirs) < 50:
        return []
    middle = high[:, :2].mean(axis=0)
    low = theirs.min(axis=0)
    reach = float(np.linalg.norm(high[:, :2] - middle, axis=1).max())
    size = int(2 ** np.ceil(np.log2((np.ptp(theirs, axis=0).max() + 2 * reach) / _CELL_M + 4)))
    wanted = np.fft.rfft2(_plan(theirs - low, size))
    found: list[tuple[float, float, Floats]] = []
    for angle in np.radians(np.arange(0.0, 360.0, _TURN_DEG)):
        c, s = np.cos(angle), np.sin(angle)
        own = (high[:, :2] - middle) @ np.array([[c, s], [-s, c]])
        score = np.fft.irfft2(wanted * np.conj(np.fft.rfft2(_plan(own + reach, size))), s=(size, size))
        for peak in np.argsort(score, axis=None)[-3:]:
            row, column = np.unravel_index(int(peak), score.shape)
            shift = np.array([column, row], float)
            shift[shift > size / 2] -= size
            found.append((float(score[row, column]), float(angle), low + shift * _CELL_M + reach))
    found.sort(key=lambda one: -one[0])
    kept: list[tuple[float, float, Floats]] = []
    for one in found:
        if all(_far(one, other, reach) for other in kept):
            kept.append(one)
        if len(kept) == _KEPT:
            break
    return [_matrix(turn, ground, middle, angle, place) for _, angle, place in kept]


def _plan(places: Floats, size: int) -> Floats:
    """Where something stands: cells of 1, less their mean so that empty ground counts too."""
    cells = np.zeros((size, size))
    columns, rows = np.floor(places / _CELL_M).astype(int).T
    inside = (columns >= 0) & (rows >= 0) & (columns < size) & (rows < size)
    cells[rows[inside], columns[inside]] = 1.0
    return np.asarray(cells - cells.mean(), np.float64)


def _far(one: tuple[float, float, Floats], other: tuple[float, float, Floats], reach: float) -> bool:
    between = abs((one[1] - other[1] + np.pi) % (2 * np.pi) - np.pi)
    return bool(between * reach > _APART_M or np.linalg.norm(one[2] - other[2]) > _APART_M)


def _matrix(turn: Floats, ground: float, middle: Floats, angle: float, place: Floats) -> Floats:
    """Upright, turned about the middle of what stands, and put in its place."""
    c, s = np.cos(angle), np.sin(angle)
    plan = np.array([[c, -s], [s, c]])
    rotation = np.eye(3)
    rotation[:2, :2] = plan
    matrix = np.eye(4)
    matrix[:3, :3] = rotation @ turn
    matrix[:2, 3] = place - plan @ middle
    matrix[2, 3] = -ground
    return matrix
