"""Light and lines of a render: sun, sky, and ink where parts end."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geoinv.geometry.sun import SunPosition
from geoinv.models.rays import RayEngine

__all__ = ["edge_ink", "lamp", "open_sky", "shade"]

#: How far a ray starts off the surface it leaves, metres; how far an obstacle dims the sky, metres.
_OFF_M, _REACH_M = 0.003, 8.0
#: Rays to the sky from each sample; neighbouring samples, four by four, send theirs to different places.
_SKY_RAYS, _WEAVE = 4, 4
_SUN_RGB, _SKY_RGB = np.array([0.74, 0.71, 0.655]), np.array([0.50, 0.525, 0.56])
#: Light that comes back from what hides the sky, as a share of the sky's.
_BOUNCE = 0.38
#: Strength of the lamp at somebody's forehead, and the distance at which half of it is left, metres.
_LAMP, _LAMP_M = 0.5, 4.0


def _directions() -> NDArray[np.float64]:
    """Cosine-weighted directions about z for each cell of the weave, shape (16, rays, 3).

    A Fibonacci spiral on the disc, lifted to the hemisphere (Malley's method), dealt out so that every cell has an
    even share.
    """
    count = _WEAVE * _WEAVE * _SKY_RAYS
    number = np.arange(count) + 0.5
    radius, angle = np.sqrt(number / count), number * (np.pi * (3 - np.sqrt(5)))
    spiral = np.column_stack([radius * np.cos(angle), radius * np.sin(angle), np.sqrt(1 - radius**2)])
    return spiral.reshape(_SKY_RAYS, _WEAVE * _WEAVE, 3).transpose(1, 0, 2)


def _frames(normals: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Two unit vectors across each normal (Duff et al., *Building an Orthonormal Basis, Revisited*, JCGT 2017)."""
    x, y, z = normals.T
    sign = np.where(z < 0, -1.0, 1.0)
    a = -1.0 / (sign + z)
    b = x * y * a
    return np.column_stack([1 + sign * x * x * a, sign * b, -sign * x]), np.column_stack([b, sign + y * y * a, -y])


def open_sky(
    engine: RayEngine, places: NDArray[np.float64], normals: NDArray[np.float64], planes: NDArray[np.int32]
) -> NDArray[np.float64]:
    """Share of the sky each sample sees within 8 m, 0–1, shape (n,); ``planes`` (rows, columns) numbers their planes.

    Interleaved sampling (Keller and Heidrich 2001): neighbours ask about different directions, then share their
    answers with those on the same plane.
    """
    rows, columns = np.indices(planes.shape)
    cell = ((rows % _WEAVE) * _WEAVE + columns % _WEAVE).ravel()
    first, second = _frames(normals)
    start = places + normals * _OFF_M
    table = _directions()
    clear = np.zeros(len(places))
    for number in range(_SKY_RAYS):
        local = table[cell, number]
        way = local[:, :1] * first + local[:, 1:2] * second + local[:, 2:] * normals
        clear += ~engine.occluded(start, way, _REACH_M)
    return _shared((clear / _SKY_RAYS).reshape(planes.shape), planes).ravel()


def _shared(value: NDArray[np.float64], planes: NDArray[np.int32]) -> NDArray[np.float64]:
    """Mean over the weave's window of samples on the same plane."""
    rows, columns = value.shape
    total, weight = np.zeros_like(value), np.zeros_like(value)
    for up in range(-2, _WEAVE - 2):
        for left in range(-2, _WEAVE - 2):
            to_rows = slice(max(0, -up), rows - max(0, up))
            to_columns = slice(max(0, -left), columns - max(0, left))
            of_rows = slice(max(0, up), rows + min(0, up))
            of_columns = slice(max(0, left), columns + min(0, left))
            same = planes[to_rows, to_columns] == planes[of_rows, of_columns]
            total[to_rows, to_columns] += value[of_rows, of_columns] * same
            weight[to_rows, to_columns] += same
    return total / weight


def shade(
    engine: RayEngine,
    places: NDArray[np.float64],
    normals: NDArray[np.float64],
    sky: NDArray[np.float64],
    sun: SunPosition,
) -> NDArray[np.float64]:
    """Light each sample gets, linear RGB, shape (n, 3).

    Lambert's law for the sun, the open share of the sky for the rest.
    """
    towards = np.array(sun.direction())
    facing = np.clip(normals @ towards, 0.0, None) if sun.elevation > 0 else np.zeros(len(normals))
    lit = facing > 0
    if lit.any():
        facing[lit] *= ~engine.occluded(places[lit] + normals[lit] * _OFF_M, towards)
    # What a place does not see of the sky it sees of lit ground and walls, which give back a part of the light.
    dome = _BOUNCE + (1.0 - _BOUNCE) * sky
    light: NDArray[np.float64] = facing[:, None] * _SUN_RGB + dome[:, None] * _SKY_RGB
    return light


def lamp(normals: NDArray[np.float64], ways: NDArray[np.float64], distance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Light of a lamp where the rays come from, falling off with distance, linear RGB, shape (n, 3)."""
    facing = np.clip(-np.einsum("ij,ij->i", normals, ways), 0.0, None)
    light: NDArray[np.float64] = (_LAMP * facing / (1.0 + (distance / _LAMP_M) ** 2))[:, None] * np.ones(3)
    return light


def edge_ink(
    parts: NDArray[np.int32],
    normals: NDArray[np.float64],
    distance: NDArray[np.float64],
    pixel: NDArray[np.float64],
    planes: NDArray[np.int32],
) -> NDArray[np.float64]:
    """How much light the ink leaves, 0–1, shape (rows, columns).

    Dark where a part ends, lighter where a surface turns or one stands before another; never within a plane, however
    flat it is looked along. ``pixel`` is the size of a finished one there, metres.
    """
    ink = np.ones(parts.shape)
    for axis in (0, 1):
        here = (slice(None, -1), slice(None)) if axis == 0 else (slice(None), slice(None, -1))
        there = (slice(1, None), slice(None)) if axis == 0 else (slice(None), slice(1, None))
        ends = parts[here] != parts[there]
        turn = np.einsum("ijk,ijk->ij", normals[here], normals[there]) < 0.93
        apart = np.abs(distance[here] - distance[there]) > 0.25 + 6 * pixel[here]
        jump = apart & (planes[here] != planes[there])
        dark = np.where(ends, 0.18, np.where(turn | jump, 0.42, 1.0))
        ink[here] = np.minimum(ink[here], dark)
        ink[there] = np.minimum(ink[there], np.where(ends | jump, dark, 1.0))
    return ink
