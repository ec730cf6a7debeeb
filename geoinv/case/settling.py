"""A placed drawing settled on the wall that the scene shows: its wall becomes that one, and the rest bends along."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon

from geoinv.case.enclosing import WallFound, eased_onto, ring_as_laid, wall_pieces
from geoinv.case.ground import Ground
from geoinv.case.placing import LaidSketch
from geoinv.facilities.footprint_lines import lines_apart
from geoinv.geometry.fits import apply
from geoinv.geometry.overlap import iou
from geoinv.imagery.elastic import bend
from geoinv.imagery.perimeters import Perimeter, perimeter_strength, settled_perimeter

__all__ = ["on_wall"]

#: How far a wall may be off once a drawing is placed: share of its diagonal, and metres at least and at most.
_OFF, _OFF_M = 0.05, (2.0, 8.0)
#: Overlap (IoU) from which a laid wall may be that of a walled yard.
_MOSTLY = 0.45
#: Standard deviations over chance from which a wall counts as seen, and metres within which nine tenths
#: of two walls lie that are one: a yard found as a rectangle has no cut corners.
_STANDS_OUT, _SAME_WALL_M = 2.5, 3.0


def on_wall(laid: LaidSketch, ground: Ground) -> LaidSketch:
    """A placed drawing whose wall is settled on the one that the scene shows, everything else bent along with it.

    Parameters
    ----------
    laid
        As placed; comes back as it is where its wall does not go all the way round or no wall stands out there.
    ground
        What it lies on.
    """
    if not laid.layings:
        return laid
    first = laid.layings[0]
    names = [name for name, _ in wall_pieces(laid.sketch)]
    laid_ring = ring_as_laid(list(zip(names, first.walls.outlines, strict=True)))
    if laid_ring is None:
        return laid
    elements, ring = laid_ring
    found = _seen(ring, ground)
    if found is None:
        return laid
    perimeter, strength, moved = found
    count = len(first.bent.outlines)
    middles = np.array([piece.centroid.coords[0] for piece in first.walls.outlines])
    there = perimeter.carried(apply(moved, middles))
    pins = {count + k: (float(there[k, 0]), float(there[k, 1])) for k, name in enumerate(names) if name in elements}
    things: list[Polygon | LineString] = [*first.bent.outlines, *first.walls.outlines]
    again = bend(ground.around, things, standing=ground.roofs, pinned={**laid.pinned, **pins})
    # A facility has one wall: of the yards found without any drawing only one that stands out vouches for it.
    blind = any(lines_apart(perimeter.ring, yard).most_m <= _SAME_WALL_M for yard in ground.standing_yards)
    buildings, walls = again.parted()
    # How far each was moved is counted from where the drawing alone put it.
    buildings = replace(buildings, shift=first.bent.shift + buildings.shift)
    walls = replace(walls, shift=first.walls.shift + walls.shift)
    wall = WallFound(elements, perimeter.ring, strength, blind)
    return replace(laid, layings=(replace(first, bent=buildings, walls=walls, wall=wall), *laid.layings[1:]))


def _seen(ring: Polygon, ground: Ground) -> tuple[Perimeter, float, NDArray[np.float64]] | None:
    """The wall near a laid one that the scene shows, how far it stands out, and how the laid one was first moved.

    It is looked for where the drawing put it and where the walled yards are that it mostly covers.
    """
    field = ground.walls
    still = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    diagonal = math.hypot(ring.bounds[2] - ring.bounds[0], ring.bounds[3] - ring.bounds[1])
    starts = [(still, float(np.clip(_OFF * diagonal, *_OFF_M)))]
    starts += [(eased_onto(ring, yard, still), _OFF_M[0]) for yard in ground.yards if iou(ring, yard) >= _MOSTLY]
    best: tuple[Perimeter, float, NDArray[np.float64]] | None = None
    for moved, spread in starts:
        found = settled_perimeter(field, Polygon(apply(moved, shapely.get_coordinates(ring.exterior))), spread)
        if found is not None and (best is None or found.worth > best[0].worth):
            best = (found, spread, moved)
    if best is None:
        return None
    strength = perimeter_strength(field, best[0], best[1])
    return (best[0], strength, best[2]) if strength >= _STANDS_OUT else None
