"""Places where a drawing may lie, proposed by pixels alone: edges that fit its buildings, yards that fit its wall."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from shapely.affinity import affine_transform
from shapely.geometry import LineString, Polygon

from geoinv.case.enclosing import drawn_ring, laid_on, wall_pieces
from geoinv.case.ground import Ground
from geoinv.facilities.sketch_shapes import drawn_buildings
from geoinv.imagery.pose import search_poses
from geoinv.records.drawings import Sketch
from geoinv.records.placements import Transform
from geoinv.records.places import Frame

__all__ = ["on_yards", "proposed"]

#: Places that the edges propose, and how many of them are kept.
_PROPOSED, _KEPT = 150, 24
#: Nats that a standard deviation of rigid edge support is worth, per outline, where places are only being proposed.
_PER_OUTLINE = 0.1
_TURNS = tuple(np.arange(-180.0, 180.0, 9.0).tolist())
_SCALES = tuple(np.geomspace(0.36, 2.1, 13).tolist())


def proposed(sketch: Sketch, ground: Ground) -> list[Transform]:
    """Places where a drawing may lie, best guesses first of each kind."""
    return [*on_yards(sketch, ground), *_on_edges(sketch, ground)]


def on_yards(sketch: Sketch, ground: Ground) -> list[Transform]:
    """Places that lay the drawn wall on each walled yard, each way round."""
    ring = drawn_ring(sketch)
    return [] if ring is None else [_transform(laid, ground.frame) for laid in laid_on(ring, ground.yards)]


def _on_edges(sketch: Sketch, ground: Ground) -> list[Transform]:
    """Where buildings and walls, welded but for springs, fit edges best, with what testimony says of these places."""
    shapes: list[Polygon | LineString] = [shape for _, shape in drawn_buildings(sketch)]
    if len(shapes) < 3:
        return []
    middle = np.mean([shape.centroid.coords[0] for shape in shapes], axis=0)
    east, north = ground.centre
    s = ground.scale(sketch)
    # Drawing units to metres at the guessed scale, unturned, the plan's middle at the likeliest place.
    start = np.array([[s, 0.0, east - s * middle[0]], [0.0, s, north - s * middle[1]]])
    guessed = [
        affine_transform(shape, [*start[0, :2], *start[1, :2], start[0, 2], start[1, 2]])
        for shape in [*shapes, *(piece for _, piece in wall_pieces(sketch))]
    ]
    found = search_poses(
        ground.scene, ground.frame, guessed, reach_m=ground.reach_m, turns_deg=_TURNS, scales=_SCALES, keep=_PROPOSED
    )
    places, scores = [], []
    for one in found:
        moved = one.placed(np.array([start[:, 2], start[:, 0] + start[:, 2], start[:, 1] + start[:, 2]]))
        columns = [moved[1] - moved[0], moved[2] - moved[0], moved[0]]
        places.append(_transform(np.column_stack(columns), ground.frame))
        scores.append(_PER_OUTLINE * len(guessed) * one.score)
    weights = np.array(scores) + ground.said(sketch, places) + ground.sides(sketch, places)
    return [places[index] for index in np.argsort(-weights, kind="stable")[:_KEPT]]


def _transform(matrix: NDArray[np.float64], frame: Frame) -> Transform:
    rows = np.round(matrix, 6).tolist()
    return Transform(matrix=(tuple(rows[0]), tuple(rows[1])), origin=(frame.lon, frame.lat))
