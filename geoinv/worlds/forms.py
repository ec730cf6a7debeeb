"""Shapes buildings are made of: oriented wings, and a form that is wings under one kind of roof."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import shapely
from shapely import affinity
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

__all__ = ["Form", "Place", "RoofKind", "Wing", "l_wings", "outline_of", "u_wings"]

RoofKind = Literal["flat", "gable", "hip", "shed"]


@dataclass(frozen=True)
class Place:
    """A rigid move of plane shapes: mirrored in x if asked, turned counter-clockwise about 0, 0, shifted; metres."""

    east: float
    north: float
    turned_deg: float = 0.0
    mirrored: bool = False

    def shape(self, geometry: BaseGeometry) -> BaseGeometry:
        """A shape moved."""
        turn = math.radians(self.turned_deg)
        cos, sin, flip = math.cos(turn), math.sin(turn), -1.0 if self.mirrored else 1.0
        return affinity.affine_transform(geometry, [cos * flip, -sin, sin * flip, cos, self.east, self.north])

    def point(self, x: float, y: float) -> tuple[float, float]:
        """A point moved."""
        moved = self.shape(shapely.Point(x, y))
        return float(shapely.get_x(moved)), float(shapely.get_y(moved))

    def wing(self, wing: Wing) -> Wing:
        """A wing moved."""
        east, north = self.point(wing.east, wing.north)
        angle = (180.0 - wing.angle_deg if self.mirrored else wing.angle_deg) + self.turned_deg
        return Wing(east, north, wing.length_m, wing.width_m, angle % 360.0)


@dataclass(frozen=True)
class Wing:
    """A rectangle whose roof ridge runs along its length.

    Attributes
    ----------
    east, north
        Its centre in metres.
    length_m, width_m
        Along and across the ridge.
    angle_deg
        Of the ridge, counter-clockwise from east.
    """

    east: float
    north: float
    length_m: float
    width_m: float
    angle_deg: float = 0.0

    @property
    def polygon(self) -> Polygon:
        """The rectangle, corners counter-clockwise from its own lower left."""
        turn = math.radians(self.angle_deg)
        along = (math.cos(turn) * self.length_m / 2, math.sin(turn) * self.length_m / 2)
        across = (-math.sin(turn) * self.width_m / 2, math.cos(turn) * self.width_m / 2)
        signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
        return Polygon(
            [(self.east + a * along[0] + b * across[0], self.north + a * along[1] + b * across[1]) for a, b in signs]
        )


def _rectangle(west: float, south: float, east: float, north: float) -> Wing:
    """A wing between two corners, its ridge along the longer side."""
    long_side, tall_side = east - west, north - south
    if long_side >= tall_side:
        return Wing((west + east) / 2, (south + north) / 2, long_side, tall_side, 0.0)
    return Wing((west + east) / 2, (south + north) / 2, tall_side, long_side, 90.0)


def l_wings(length: float, width: float, leg: float, leg_width: float) -> tuple[Wing, ...]:
    """An L from its corner at 0, 0: ``length`` × ``width`` along x, a leg up to ``leg`` of ``leg_width`` along y."""
    return _rectangle(0, 0, length, width), _rectangle(0, 0, leg_width, leg)


def u_wings(length: float, width: float, leg: float, leg_width: float) -> tuple[Wing, ...]:
    """A U from its corner at 0, 0, open upwards: the L and a second leg at the far end."""
    return (*l_wings(length, width, leg, leg_width), _rectangle(length - leg_width, 0, length, leg))


def outline_of(wings: Sequence[Wing]) -> Polygon:
    """The outer line of wings that touch or overlap.

    Raises
    ------
    ValueError
        If they do not hang together.
    """
    # Snapping to a tenth of a millimetre keeps the joints of rotated wings free of slivers.
    joined = shapely.union_all([wing.polygon for wing in wings], grid_size=1e-4)
    if not isinstance(joined, Polygon):
        # Snapped corners of turned wings can end up a hair apart: a millimetre out and back closes that, nothing wider.
        joined = joined.buffer(1e-3, join_style="mitre").buffer(-1e-3, join_style="mitre")
    if not isinstance(joined, Polygon):
        raise ValueError("the wings of one building must touch")
    smooth = joined.simplify(1e-3)
    return shapely.geometry.polygon.orient(smooth if isinstance(smooth, Polygon) else joined)


@dataclass(frozen=True)
class Form:
    """How a building looks from above.

    Attributes
    ----------
    wings
        Its rectangles, metres.
    eave_m
        Height of the walls.
    roof, rise_m, overhang_m
        Kind of roof, its rise above the eaves, and how far it reaches over the walls.
    surface
        ``tile red``, ``tile grey``, ``sheet``, ``rusted sheet`` or ``concrete``.
    chimney
        Whether a small chimney stands on it.
    since
        First day it stands (ISO date), ``None`` for always.
    """

    wings: tuple[Wing, ...]
    eave_m: float
    roof: RoofKind
    rise_m: float
    overhang_m: float
    surface: str
    chimney: bool = False
    since: str | None = None

    @property
    def outline(self) -> Polygon:
        """The outer face of its walls."""
        return outline_of(self.wings)
