"""What is known of a sketch's place apart from outlines on the ground: testimony, landmarks, sizes, a north arrow."""

from __future__ import annotations

import math
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geoinv.facilities.match_evidence import Problem, line_score, link_score, place_score, with_said_scale
from geoinv.facilities.match_items import Drawn, Ground, drawn_of, ground_of, links_of
from geoinv.geometry.frames import xy_to_local
from geoinv.records.drawings import Sketch
from geoinv.records.locations import Location
from geoinv.records.placements import Anchor, Transform
from geoinv.records.places import Frame

__all__ = ["expected_scale", "known_odds", "side_odds"]

#: Area in square metres that drawn buildings are taken to have in the middle where nothing better is known.
_MIDDLING_M2 = 90.0
#: Fewer candidates than this say nothing about how large buildings are here.
_ENOUGH = 4
#: Candidates less likely or smaller than this are more often crops and cars than buildings.
_LIKELY, _LEAST_M2 = 0.5, 20.0
#: How sharply the side on which a road or river is drawn is remembered (concentration of a von Mises law).
_SIDE = 3.0


def expected_scale(sketch: Sketch, candidates: gpd.GeoDataFrame, frame: Frame) -> float:
    """Metres per drawing unit at which the drawn buildings are as large as those found on the ground.

    Parameters
    ----------
    sketch
        A site plan.
    candidates
        Outlines found, longitude and latitude; may be empty.
    frame
        For areas in metres.
    """
    drawn = drawn_of(sketch, with_ways=False)
    sizes = drawn.log_area[np.isfinite(drawn.log_area)]
    middle = math.log(_MIDDLING_M2)
    if len(candidates) >= _ENOUGH:
        ground = ground_of(candidates, frame)
        found = ground.log_area[np.isfinite(ground.log_area) & (ground.existence >= _LIKELY)]
        found = found[found > math.log(_LEAST_M2)]
        if len(found) >= _ENOUGH:
            # Detectors break and merge roofs; what they find is weighed with what buildings are like anywhere.
            middle = 0.5 * (middle + float(np.median(found)))
    if len(sizes):
        return math.exp(with_said_scale(drawn, (middle - float(np.median(sizes))) / 2))
    return math.exp(drawn.said_scale[0]) if drawn.said_scale is not None else 1.0


def known_odds(
    sketch: Sketch,
    transforms: Sequence[Transform],
    *,
    frame: Frame,
    scale: float,
    prior: Location | None = None,
    anchors: Sequence[Anchor] = (),
    area_m2: float = 40_000.0,
) -> NDArray[np.float64]:
    """Log odds of placements from everything but the ground itself, shape (h,).

    Parameters
    ----------
    sketch
        A site plan.
    transforms
        Placements; only their similarity part counts.
    frame
        Whose metres.
    scale
        Metres per drawing unit expected from sizes.
    prior
        Where the facility is.
    anchors
        Named places that the sketch may show.
    area_m2
        Area within which a named thing would lie if the anchor said nothing.
    """
    drawn = drawn_of(sketch, with_ways=False)
    if not len(drawn) or not transforms:
        return np.zeros(len(transforms))
    problem = _problem(sketch, drawn, frame, scale, prior, anchors, area_m2)
    g, t = _similarities(transforms, frame, drawn)
    places = g[:, None] * (drawn.xy[:, 0] + 1j * drawn.xy[:, 1])[None, :] + t[:, None]
    radius = np.abs(g) * drawn.radius
    links = link_score(problem, np.stack([places.real, places.imag], axis=-1), radius)
    odds: NDArray[np.float64] = place_score(problem, g, t) + links + line_score(problem, g, t)
    return odds


def side_odds(
    sketch: Sketch, transforms: Sequence[Transform], *, frame: Frame, anchors: Sequence[Anchor] = ()
) -> NDArray[np.float64]:
    """Log odds, (h,), that drawn roads and waters lie on the sides of the drawing where they really are.

    What lies outside a wall is drawn too near, but on the right side: the bearing of a line's nearest point from the
    drawing's middle counts, against a bearing at random (von Mises: Mardia & Jupp 2000, 3.5.4).

    Parameters
    ----------
    sketch, transforms, frame, anchors
        As for ``known_odds``.
    """
    drawn = drawn_of(sketch, with_ways=False)
    lines = {element.id: element.geometry for element in sketch.of_role("road", "path", "water")}
    best: dict[str, NDArray[np.float64]] = {}
    middles = [shapely.Point(xy) for xy in _mapped(transforms, frame, drawn.centre[None])[:, 0]]
    for link in links_of(drawn, anchors, frame):
        name = drawn.lines[link.line].id if link.line is not None else ""
        if name not in lines or not len(drawn) or not middles:
            continue
        points = shapely.get_coordinates(shapely.segmentize(lines[name], 0.05 * lines[name].length))
        off = []
        for middle, there in zip(middles, _mapped(transforms, frame, points), strict=True):
            away = there - (middle.x, middle.y)
            near = away[int(np.argmin((away**2).sum(axis=1)))]
            foot = shapely.get_coordinates(shapely.shortest_line(middle, link.place))[1] - (middle.x, middle.y)
            off.append(math.atan2(near[1], near[0]) - math.atan2(foot[1], foot[0]))
        toward = np.exp(_SIDE * np.cos(off)) / np.i0(_SIDE)
        odds = np.log((1 - 0.8 * link.weight) + 0.8 * link.weight * toward)
        best[name] = np.maximum(best[name], odds) if name in best else odds
    total: NDArray[np.float64] = sum(best.values(), np.zeros(len(transforms)))
    return total


def _mapped(transforms: Sequence[Transform], frame: Frame, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points in drawing units, (n, 2), under each transform: metres of the frame, (h, n, 2)."""
    moved = []
    for transform in transforms:
        away = xy_to_local(frame, np.array([transform.origin]))[0] if transform.frame != frame else np.zeros(2)
        moved.append(points @ transform.array[:, :2].T + transform.array[:, 2] + away)
    return np.array(moved).reshape(len(transforms), len(points), 2)


def _problem(
    sketch: Sketch,
    drawn: Drawn,
    frame: Frame,
    scale: float,
    prior: Location | None,
    anchors: Sequence[Anchor],
    area_m2: float,
) -> Problem:
    nowhere = np.zeros(0)
    ground = Ground((), (), (), np.zeros((0, 2)), nowhere, nowhere, nowhere, (), area_m2=area_m2)
    centre, inner, spread = None, 0.0, 1.0
    if prior is not None:
        east, north = xy_to_local(frame, np.array([prior.best]))[0]
        centre = float(east), float(north)
        inner = math.sqrt(prior.region(0.5).area_m2 / math.pi)
        spread = max((math.sqrt(prior.region(0.9).area_m2 / math.pi) - inner) / 1.3, 0.25 * inner, 3.0)
    return Problem(drawn, ground, scale, False, links_of(drawn, anchors, frame), (), centre, inner, spread)


def _similarities(
    transforms: Sequence[Transform], frame: Frame, drawn: Drawn
) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """The turn and scale, and the shift, of placements about the sketch's middle, as complex numbers."""
    middle = complex(*drawn.centre)
    turns, shifts = [], []
    for transform in transforms:
        matrix = transform.array
        g = complex(matrix[0, 0] + matrix[1, 1], matrix[1, 0] - matrix[0, 1]) / 2
        east, north = matrix @ np.array([*drawn.centre, 1.0])
        away = xy_to_local(frame, np.array([transform.origin]))[0] if transform.frame != frame else np.zeros(2)
        turns.append(g)
        shifts.append(complex(east + away[0], north + away[1]) - g * middle)
    return np.array(turns), np.array(shifts)
