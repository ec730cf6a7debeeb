"""Planes of one roof joined: two halves in light and shade, the wings of an L, the ends of a hip.

A pitched roof is lit on one side and dark on the other, so that it falls into pieces, each a fair roof by itself.
Pieces of one material that share a side, and that make as good an outline together as apart, are one roof.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry import Polygon

from geoinv.imagery.masks import fill, largest_polygon
from geoinv.imagery.roof_pieces import Piece, Scenery, judged

__all__ = ["joined"]

#: Pieces less likely than this (log odds) are no planes of a roof.
_LEAST_SCORE = -1.6
#: Gap between planes of one roof, metres, and at least in pixels: pieces end short of the ridge.
_GAP_M, _GAP_PIXELS = 1.0, 3.0
#: Planes are of one material: distance of their colours (CIE a*, b*) once both are as light.
_HUE = 9.0
#: The side they share is at least this share of the shorter one's side along it.
_SHARED = 0.6
#: What two planes make fills its least rectangle, or, as an L, T or U, its hull, by at least so much.
_FILLS, _SOLID = 0.80, 0.70
#: Log odds that a joint outline may lose against its better part: a whole is worth more than its better half.
_LOSS = 1.2


def joined(pieces: Sequence[Piece], scenery: Scenery) -> list[Piece]:
    """Pieces with planes of one roof made one, best joins first.

    Parameters
    ----------
    pieces
        Not overlapping much, in pixels of the patch.
    scenery
        Of the patch.

    Returns
    -------
    list of Piece
        Joint roofs and the pieces left alone.
    """
    alive: dict[int, Piece] = dict(enumerate(pieces))
    fresh = len(pieces)
    joins = _joins(alive, list(alive), scenery)
    while joins:
        (first, second), roof = max(joins.items(), key=lambda item: (item[1].score, item[0]))
        del alive[first], alive[second]
        alive[fresh] = roof
        joins = {pair: made for pair, made in joins.items() if not {first, second} & set(pair)}
        joins |= _joins(alive, [fresh], scenery)
        fresh += 1
    return list(alive.values())


def _joins(alive: dict[int, Piece], among: Sequence[int], scenery: Scenery) -> dict[tuple[int, int], Piece]:
    """The roofs that some pieces would make with others, by the pair."""
    names = list(alive)
    tree = shapely.STRtree([alive[name].outline for name in names])
    reach = _gap(scenery)
    made = {}
    for one in among:
        for index in tree.query(alive[one].outline.buffer(reach)):
            other = names[int(index)]
            pair = (min(one, other), max(one, other))
            if one != other and pair not in made:
                roof = _roof(alive[pair[0]], alive[pair[1]], scenery)
                if roof is not None:
                    made[pair] = roof
    return made


def _roof(one: Piece, other: Piece, scenery: Scenery) -> Piece | None:
    """The roof of which two pieces are planes, or ``None``."""
    if min(one.score, other.score) < _LEAST_SCORE or _unlike(one, other) > _HUE:
        return None
    gap = _gap(scenery)
    shared = one.outline.exterior.intersection(other.outline.buffer(gap)).length
    if shared < _SHARED * min(_side(one.outline), _side(other.outline)):
        return None
    closed = one.outline.union(other.outline).buffer(gap, join_style="mitre").buffer(-gap, join_style="mitre")
    whole = largest_polygon(closed)
    if whole is None:
        return None
    whole = Polygon(whole.exterior)
    fills, solid = whole.area / whole.minimum_rotated_rectangle.area, whole.area / whole.convex_hull.area
    if fills < _FILLS and solid < _SOLID:
        return None
    areas = one.outline.area, other.outline.area
    unrest = float(np.average([one.unrest, other.unrest], weights=areas))
    # An L does not fill its rectangle and is none the worse a roof for that.
    roof = _judged(whole, scenery, unrest, max(fills, 0.95 * solid))
    return roof if roof is not None and roof.score >= max(one.score, other.score) - _LOSS else None


def _gap(scenery: Scenery) -> float:
    return max(_GAP_M / scenery.gsd, _GAP_PIXELS)


def _unlike(one: Piece, other: Piece) -> float:
    """Distance of two pieces' colours as if both were as light: shade takes colour and lightness away alike."""
    lightness = (one.colour[0] + other.colour[0]) / 2
    first, second = (
        [value * lightness / max(piece.colour[0], 5.0) for value in piece.colour[1:]] for piece in (one, other)
    )
    return math.dist(first, second)


def _side(outline: Polygon) -> float:
    """The shorter side of the least rectangle: two planes share at least that."""
    corners = shapely.get_coordinates(outline.minimum_rotated_rectangle)
    return min(math.dist(corners[0], corners[1]), math.dist(corners[1], corners[2]))


def _judged(whole: Polygon, scenery: Scenery, unrest: float, form: float) -> Piece | None:
    left, top = (max(0, math.floor(value)) for value in whole.bounds[:2])
    right, bottom = (math.ceil(value) for value in whole.bounds[2:])
    moved = shapely.transform(whole, lambda xy: xy - [left, top])
    return judged(scenery, top, left, fill(moved, (bottom - top, right - left)), unrest=unrest, form=form)
