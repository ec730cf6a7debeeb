"""Laying one drawing on one scene: places proposed by pixels and matching, bent onto it, weighed with testimony.

A drawing is believed to show this place only as far as it fits better than its own mirror image searched for just as
hard: the mirror image has the same buildings, sizes and crowding, but lies nowhere, so what it reaches is what chance
reaches.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.affinity import affine_transform
from shapely.geometry import Polygon

from geoinv.facilities.match_known import known_odds
from geoinv.geometry.frames import xy_to_local
from geoinv.imagery.elastic import BentPlan, Surroundings, bend, glance, surroundings
from geoinv.imagery.pose import search_poses
from geoinv.imagery.scene import Scene
from geoinv.records.drawings import Sketch, SketchElement
from geoinv.records.locations import Location
from geoinv.records.placements import Anchor, Transform
from geoinv.records.places import Frame

__all__ = [
    "Ground",
    "LaidSketch",
    "Laying",
    "Propose",
    "borne_out",
    "drawn_buildings",
    "lay_again",
    "lay_as_told",
    "lay_sketch",
    "mirrored",
]

#: Places that the edges propose, how many are then bent with care, and how many of those twice.
_PROPOSED, _GLANCED_AT, _LOOKED_AT, _TWICE = 400, 50, 8, 3
#: Nats that a standard deviation of rigid edge support is worth, per outline, where places are only being proposed.
_PER_OUTLINE = 0.1
#: Logistic law from a building's log evidence to its probability; even odds where the pixels say nothing.
_BORNE_BASE, _BORNE_SLOPE = 0.0, 0.9
#: Half of the largest plan looked for, metres.
_HALF_PLAN_M = 120.0
_TURNS = tuple(np.arange(-180.0, 180.0, 7.5).tolist())
_SCALES = tuple(np.geomspace(0.36, 2.1, 16).tolist())
#: How far from its likeliest place the middle of a drawing is looked for, metres.
_LEAST_REACH, _MOST_REACH = 15.0, 70.0
#: Nats of edge evidence count for less than they say: outlines near each other see the same edges.
_TEMPER = 0.6
#: Probability from which a drawing counts as placed: a wrong place told as right is worse than none.
_PLACED = 2 / 3
#: Two places are one if half the buildings end up nearer to each other than this, metres.
_ALIKE_M = 4.0


#: Gives places for a sketch.
Propose = Callable[[Sketch], Sequence[Transform]]


@dataclass(frozen=True)
class Laying:
    """One place of one drawing.

    Attributes
    ----------
    transform
        Drawing units to metres, before bending.
    bent
        The buildings as they lie after bending, in the order of ``drawn_buildings``.
    weight
        Log weight against rival places: tempered edge evidence and testimony.
    probability
        Among all places kept and "none of these".
    """

    transform: Transform
    bent: BentPlan
    weight: float
    probability: float = 0.0


@dataclass(frozen=True)
class LaidSketch:
    """Where one drawing may lie, best first.

    Attributes
    ----------
    layings
        Rival places; empty where nothing could be tried.
    none_probability
        That it lies at none of them.
    looks_mirrored
        Whether its mirror image fits clearly better: then it may have been drawn left for right.
    told
        Whether a person placed it.
    places, placebos
        What was tried, for the drawing and for its mirror image.
    """

    sketch: Sketch
    layings: tuple[Laying, ...] = ()
    none_probability: float = 1.0
    looks_mirrored: bool = False
    told: bool = False
    places: tuple[Transform, ...] = ()
    placebos: tuple[Transform, ...] = ()

    @property
    def best(self) -> Laying | None:
        """The place that is twice as likely as all others and "none of these" together, or ``None``."""
        return self.layings[0] if self.layings and self.layings[0].probability >= _PLACED else None


def drawn_buildings(sketch: Sketch) -> list[tuple[SketchElement, Polygon]]:
    """Elements that are buildings or towers with a shape, valid polygons in drawing units."""
    found = []
    for element in sketch.of_role("building", "tower"):
        shape = shapely.make_valid(element.geometry)
        parts = [part for part in getattr(shape, "geoms", [shape]) if isinstance(part, Polygon) and part.area > 0]
        if parts:
            found.append((element, max(parts, key=lambda part: float(part.area))))
    return found


@dataclass(frozen=True)
class Ground:
    """What a drawing is laid on, and what is known of its place.

    Attributes
    ----------
    scene, frame
        The picture, and the facility's metres.
    scale
        Metres per drawing unit expected from sizes.
    prior, anchors
        Where the facility is; named places that the drawing may show.
    """

    scene: Scene
    frame: Frame
    scale: float
    prior: Location | None = None
    anchors: tuple[Anchor, ...] = ()

    @cached_property
    def around(self) -> Surroundings:
        """The scene round about, made ready once for all that is bent onto it."""
        return surroundings(self.scene, self.frame, self.centre, self.reach_m + _HALF_PLAN_M)

    @property
    def centre(self) -> tuple[float, float]:
        """Where the middle of a drawing most likely lies, metres."""
        place = self.prior.best if self.prior else self.scene.bounds.centroid.coords[0]
        east, north = xy_to_local(self.frame, np.array([place[:2]]))[0]
        return float(east), float(north)

    @property
    def reach_m(self) -> float:
        """How far from there it is looked for, metres."""
        if self.prior is None:
            return _MOST_REACH
        return float(np.clip(math.sqrt(self.prior.region(0.9).area_m2 / math.pi), _LEAST_REACH, _MOST_REACH))


def borne_out(evidence: float) -> float:
    """Probability that one drawn building is where it was laid, given that its drawing is, from its log evidence."""
    return 1.0 / (1.0 + math.exp(-(_BORNE_BASE + _BORNE_SLOPE * evidence)))


def lay_sketch(sketch: Sketch, ground: Ground, propose: Propose) -> LaidSketch:
    """Find where a drawing lies.

    Parameters
    ----------
    sketch
        A site plan.
    ground
        What it is laid on, and what is known of its place.
    propose
        Gives further places for a sketch, from matching with outlines on the ground.
    """
    if len(drawn_buildings(sketch)) < 3:
        return LaidSketch(sketch)
    mirror = mirrored(sketch)
    places = (*_searched(sketch, ground), *propose(sketch))
    return _judged(sketch, ground, places, (*_searched(mirror, ground), *propose(mirror)), ())


def lay_again(laid: LaidSketch, ground: Ground, standing: Sequence[Polygon], propose: Propose) -> LaidSketch:
    """Weigh a drawing's places anew, with what other drawings were laid on; its mirror image gets the same help.

    Parameters
    ----------
    laid
        As laid by itself.
    ground
        As then.
    standing
        Buildings that other drawings were laid on, metres.
    propose
        Gives further places, from matching with those buildings.
    """
    places = (*laid.places, *propose(laid.sketch))
    return _judged(laid.sketch, ground, places, (*laid.placebos, *propose(mirrored(laid.sketch))), standing)


def mirrored(sketch: Sketch) -> Sketch:
    """A sketch turned left for right: the same buildings in a layout that is nowhere."""
    elements = tuple(
        element.model_copy(update={"geometry": affine_transform(element.geometry, [-1, 0, 0, 1, 0, 0])})
        for element in sketch.elements
    )
    north = None if sketch.north is None else -sketch.north
    return sketch.model_copy(update={"elements": elements, "north": north})


def lay_as_told(
    sketch: Sketch, ground: Ground, transform: Transform, ties: Mapping[str, tuple[float, float]] | None = None
) -> LaidSketch:
    """A drawing where a person placed it, bent onto the scene through the person's ties, and believed.

    Parameters
    ----------
    sketch, ground
        As for ``lay_sketch``.
    transform
        The person's placement, or the one the ties give.
    ties
        Element → metres east and north that a person knows it to lie at.
    """
    drawn = drawn_buildings(sketch)
    placed = _placed([shape for _, shape in drawn], ground.frame, transform)
    pinned = {index: ties[element.id] for index, (element, _) in enumerate(drawn) if ties and element.id in ties}
    laying = Laying(transform, bend(ground.around, placed, pinned=pinned), 0.0, 1.0)
    return LaidSketch(sketch, (laying,), 0.0, told=True)


def _searched(sketch: Sketch, ground: Ground) -> list[Transform]:
    """Places that the scene's edges propose."""
    shapes = [shape for _, shape in drawn_buildings(sketch)]
    middle = np.mean([shape.centroid.coords[0] for shape in shapes], axis=0)
    east, north = ground.centre
    s = ground.scale
    # Drawing units to metres at the guessed scale, unturned, the plan's middle at the likeliest place.
    start = np.array([[s, 0.0, east - s * middle[0]], [0.0, s, north - s * middle[1]]])
    guessed = [affine_transform(shape, [*start[0, :2], *start[1, :2], start[0, 2], start[1, 2]]) for shape in shapes]
    found = search_poses(
        ground.scene, ground.frame, guessed, reach_m=ground.reach_m, turns_deg=_TURNS, scales=_SCALES, keep=_PROPOSED
    )
    transforms, scores = [], []
    for one in found:
        moved = one.placed(np.array([start[:, 2], start[:, 0] + start[:, 2], start[:, 1] + start[:, 2]]))
        columns = [moved[1] - moved[0], moved[2] - moved[0], moved[0]]
        transforms.append(_transform(np.column_stack(columns), ground.frame))
        scores.append(_PER_OUTLINE * len(shapes) * one.score)
    weights = np.array(scores) + _known(sketch, ground, transforms)
    return [transforms[index] for index in np.argsort(-weights, kind="stable")[:_GLANCED_AT]]


def _known(sketch: Sketch, ground: Ground, places: Sequence[Transform]) -> NDArray[np.float64]:
    """Log odds of places from testimony, landmarks and sizes."""
    return known_odds(
        sketch, places, frame=ground.frame, scale=ground.scale, prior=ground.prior, anchors=ground.anchors
    )


def _transform(matrix: NDArray[np.float64], frame: Frame) -> Transform:
    rows = np.round(matrix, 6).tolist()
    return Transform(matrix=(tuple(rows[0]), tuple(rows[1])), origin=(frame.lon, frame.lat))


def _placed(shapes: Sequence[Polygon], frame: Frame, transform: Transform) -> list[Polygon]:
    away = xy_to_local(frame, np.array([transform.origin]))[0]
    return [Polygon(shapely.get_coordinates(transform.apply(shape.exterior)) + away) for shape in shapes]


def _weighed(sketch: Sketch, ground: Ground, places: Sequence[Transform], standing: Sequence[Polygon]) -> list[Laying]:
    """The best of many places bent onto the scene, best first; a few bent twice, since the first bend shows the way."""
    if not places:
        return []
    shapes = [shape for _, shape in drawn_buildings(sketch)]
    known = _known(sketch, ground, places)
    rough = [
        (_TEMPER * glance(ground.around, _placed(shapes, ground.frame, place)) + float(odds), index)
        for index, (place, odds) in enumerate(zip(places, known, strict=True))
    ]
    layings = []
    for _, index in sorted(rough, reverse=True)[:_LOOKED_AT]:
        bent = bend(ground.around, _placed(shapes, ground.frame, places[index]), standing=standing)
        layings.append(Laying(places[index], bent, _TEMPER * float(bent.evidence.sum()) + float(known[index])))
    layings.sort(key=lambda one: -one.weight)
    for rank, laying in enumerate(layings[:_TWICE]):
        again = bend(ground.around, laying.bent.outlines, reach_m=6.0, standing=standing)
        gain = float(again.evidence.sum() - laying.bent.evidence.sum())
        if gain > 0:
            layings[rank] = Laying(laying.transform, again, laying.weight + _TEMPER * gain)
    layings.sort(key=lambda one: -one.weight)
    return layings


def _apart(layings: Sequence[Laying]) -> list[Laying]:
    """The best of each cluster of places that end up nearly alike once bent: a nudge apart is not a rival."""
    kept: list[Laying] = []
    spots: list[NDArray[np.float64]] = []
    for one in layings:
        spot = np.array([outline.centroid.coords[0] for outline in one.bent.outlines])
        if all(float(np.median(np.hypot(*(spot - other).T))) > _ALIKE_M for other in spots):
            kept.append(one)
            spots.append(spot)
    return kept


def _judged(
    sketch: Sketch,
    ground: Ground,
    places: tuple[Transform, ...],
    placebos: Sequence[Transform],
    standing: Sequence[Polygon],
) -> LaidSketch:
    real = _weighed(sketch, ground, places, standing)
    if not real:
        return LaidSketch(sketch)
    # Summed over its places like the drawing's own: several places no better than chance are no better together.
    rivals = [one.weight for one in _apart(_weighed(mirrored(sketch), ground, placebos, standing))]
    chance = float(np.logaddexp.reduce(rivals)) if rivals else 0.0
    real = _apart(real)
    weights = np.array([one.weight for one in real] + [chance])
    share = np.exp(weights - weights.max())
    share /= share.sum()
    layings = tuple(replace(one, probability=float(part)) for one, part in zip(real, share[:-1], strict=True))
    looks_mirrored = chance > real[0].weight + 4.0
    return LaidSketch(sketch, layings, float(share[-1]), looks_mirrored, places=places, placebos=tuple(placebos))
