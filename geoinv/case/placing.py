"""Laying one drawing on one scene: places proposed by pixels and matching, bent onto it, weighed with testimony.

A drawing is believed to show this place only as far as it fits better than its own mirror image searched for just as
hard: the mirror image has the same buildings, sizes and crowding, but lies nowhere, so what it reaches is what chance
reaches. Some drawings are mirrored all the same; then the mirror image is the likelier, and a person is asked.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.affinity import affine_transform
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.case.enclosing import WallFound, drawn_ring, is_walled, wall_pieces
from geoinv.case.ground import Ground
from geoinv.case.proposing import on_yards, proposed
from geoinv.case.weighing import MIRRORED, NONE, WEIGHTS, Traits, cover_odds, log_weights
from geoinv.facilities.sketch_shapes import drawn_buildings
from geoinv.geometry.frames import xy_to_local
from geoinv.imagery.elastic import BentPlan, bend, glance
from geoinv.records.drawings import Sketch
from geoinv.records.placements import Transform
from geoinv.records.places import Frame

__all__ = [
    "LaidSketch",
    "Laying",
    "Propose",
    "apart",
    "borne_out",
    "judged",
    "lay_again",
    "lay_as_told",
    "lay_sketch",
    "mirrored",
    "weighed_places",
]

#: How many places are bent with care after a glance, and how many of those twice.
_LOOKED_AT, _TWICE = 10, 3
#: Logistic law from a building's log evidence to its probability, fitted to 79 drawn buildings of five made worlds: the
#: best of many roofs is a fair match by chance already.
_BORNE_BASE, _BORNE_SLOPE = -1.22, 0.39
#: Probability from which a drawing counts as placed: a wrong place told as right is worse than none.
_PLACED = 2 / 3
#: Two places are one if half the buildings end up nearer to each other than this, metres.
_ALIKE_M = 4.0
#: How far a walled yard may leave a tied building from its tie, before bending, metres.
_TIED_M = 9.0
#: Drawn things, pieces of wall among them, from which a drawing can be placed.
_ENOUGH = 3

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
    walls
        The pieces of drawn walls as they lie after bending, in the order of ``wall_pieces``.
    traits
        What speaks for it.
    weight
        Log weight against rival places.
    probability
        Among all places kept, those of the mirror image, and "none of these".
    wall
        The wall that goes all the way round, where the scene shows it.
    """

    transform: Transform
    bent: BentPlan[Polygon]
    walls: BentPlan[LineString]
    traits: Traits
    weight: float
    probability: float = 0.0
    wall: WallFound | None = None


@dataclass(frozen=True)
class LaidSketch:
    """Where one drawing may lie, best first.

    Attributes
    ----------
    layings
        Rival places; empty where nothing could be tried.
    rivals
        Places of its mirror image.
    none_probability
        That it lies at none of them.
    looks_mirrored
        Whether its mirror image fits clearly better: then it may have been drawn left for right.
    told
        Whether a person placed it.
    pinned
        Drawn buildings that a person tied, by index: metres east and north.
    places, placebos
        What was tried, for the drawing and for its mirror image.
    """

    sketch: Sketch
    layings: tuple[Laying, ...] = ()
    rivals: tuple[Laying, ...] = ()
    none_probability: float = 1.0
    looks_mirrored: bool = False
    told: bool = False
    pinned: Mapping[int, tuple[float, float]] = field(default_factory=dict)
    places: tuple[Transform, ...] = ()
    placebos: tuple[Transform, ...] = ()

    @property
    def best(self) -> Laying | None:
        """The place that is twice as likely as all others and "none of these" together, or ``None``."""
        return next((one for one in self.layings if one.probability >= _PLACED), None)


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
        Gives further places for a sketch, from matching with outlines on the ground; asked where no wall is drawn all
        round, which says more.
    """
    if not drawn_buildings(sketch) or len(drawn_buildings(sketch)) + len(wall_pieces(sketch)) < _ENOUGH:
        return LaidSketch(sketch)
    mirror = mirrored(sketch)
    places, placebos = proposed(sketch, ground), proposed(mirror, ground)
    if not is_walled(sketch):
        places, placebos = [*places, *propose(sketch)], [*placebos, *propose(mirror)]
    return _judged(sketch, ground, tuple(places), tuple(placebos), ())


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
    ties = ties or {}
    pinned = {index: ties[one.id] for index, (one, _) in enumerate(drawn_buildings(sketch)) if one.id in ties}
    starts = [transform]
    if pinned and is_walled(sketch):
        # A few tied buildings say little of where a wall runs: of the walled yards they allow, the best is taken.
        starts += [
            place for place in on_yards(sketch, ground) if _missed_m(sketch, ground.frame, place, pinned) <= _TIED_M
        ]
    bents = [
        (place, bend(ground.around, _things(sketch, ground.frame, place), standing=ground.roofs, pinned=pinned))
        for place in starts
    ]
    best = _layings(sketch, ground, bents)[0]
    return LaidSketch(sketch, (replace(best, probability=1.0),), none_probability=0.0, told=True, pinned=pinned)


def _missed_m(sketch: Sketch, frame: Frame, place: Transform, pinned: Mapping[int, tuple[float, float]]) -> float:
    """How far a place leaves tied buildings from where a person knows them to be, metres; the worst of them."""
    things = _things(sketch, frame, place)
    return max(math.dist(things[index].centroid.coords[0], there) for index, there in pinned.items())


def _things(sketch: Sketch, frame: Frame, transform: Transform) -> list[Polygon | LineString]:
    """Drawn buildings, then pieces of drawn walls, as a transform lays them: metres of the frame."""
    away = xy_to_local(frame, np.array([transform.origin]))[0]
    return [
        *(
            Polygon(shapely.get_coordinates(transform.apply(shape.exterior)) + away)
            for _, shape in drawn_buildings(sketch)
        ),
        *(LineString(shapely.get_coordinates(transform.apply(piece)) + away) for _, piece in wall_pieces(sketch)),
    ]


def _traits(
    sketch: Sketch, ground: Ground, laid: Sequence[tuple[Transform, BentPlan[Polygon | LineString]]]
) -> list[Traits]:
    """What speaks for each of several places, given how the drawing lies there once bent."""
    places = [place for place, _ in laid]
    said, sides = ground.said(sketch, places), ground.sides(sketch, places)
    ring = drawn_ring(sketch)
    found = []
    for index, (place, bent) in enumerate(laid):
        buildings, walls = bent.parted()
        singular = np.linalg.svd(place.array[:, :2], compute_uv=False)
        away = xy_to_local(ground.frame, np.array([place.origin]))[0]
        inside: BaseGeometry = shapely.union_all([shape.buffer(0) for shape in buildings.outlines]).convex_hull
        if ring is not None:
            inside = inside.union(Polygon(shapely.get_coordinates(place.apply(ring.exterior)) + away).buffer(0))
        found.append(
            Traits(
                buildings=float(buildings.evidence.sum()),
                walls=float(walls.evidence.sum()),
                said=float(said[index]),
                sides=float(sides[index]),
                cover=cover_odds(buildings.outlines, inside, ground.roofed),
                stretch=-(math.log(singular[0] / max(singular[1], 1e-9)) ** 2),
            )
        )
    return found


def weighed_places(
    sketch: Sketch, ground: Ground, places: Sequence[Transform], standing: Sequence[Polygon] = ()
) -> list[Laying]:
    """The best of many places bent onto the scene, best first; a few bent twice, since the first bend shows the way."""
    if not places:
        return []
    rough = _glanced(sketch, ground, places)
    standing = (*ground.roofs, *standing)
    chosen = [places[index] for index in rough[:_LOOKED_AT]]
    bents = [(place, bend(ground.around, _things(sketch, ground.frame, place), standing=standing)) for place in chosen]
    layings = _layings(sketch, ground, bents)
    again = []
    for laying in layings[:_TWICE]:
        first: list[Polygon | LineString] = [*laying.bent.outlines, *laying.walls.outlines]
        again.append((laying.transform, bend(ground.around, first, reach_m=6.0, standing=standing)))
    better = _layings(sketch, ground, again)
    by_place = {id(laying.transform): laying for laying in layings}
    for laying in better:
        if laying.weight > by_place[id(laying.transform)].weight:
            by_place[id(laying.transform)] = laying
    return sorted(by_place.values(), key=lambda one: -one.weight)


def _glanced(sketch: Sketch, ground: Ground, places: Sequence[Transform]) -> list[int]:
    """Places in the order of their weights at a glance, without those nearly alike."""
    count = len(drawn_buildings(sketch))
    said, sides = ground.said(sketch, list(places)), ground.sides(sketch, list(places))
    rough, spots = [], []
    for index, place in enumerate(places):
        things = _things(sketch, ground.frame, place)
        evidence = glance(ground.around, things)
        pixels = WEIGHTS.buildings * evidence[:count].sum() + WEIGHTS.walls * evidence[count:].sum()
        rough.append(float(pixels + WEIGHTS.said * said[index] + WEIGHTS.sides * sides[index]))
        spots.append(np.array([thing.centroid.coords[0] for thing in things]))
    order = [int(index) for index in np.argsort(-np.array(rough), kind="stable")]
    return [order[rank] for rank in _unlike([spots[index] for index in order])]


def _layings(
    sketch: Sketch, ground: Ground, bents: Sequence[tuple[Transform, BentPlan[Polygon | LineString]]]
) -> list[Laying]:
    traits = _traits(sketch, ground, bents)
    weights = log_weights(traits)
    found = [
        Laying(place, *bent.parted(), trait, float(weight))
        for (place, bent), trait, weight in zip(bents, traits, weights, strict=True)
    ]
    return sorted(found, key=lambda one: -one.weight)


def apart(layings: Sequence[Laying]) -> list[Laying]:
    """The best of each cluster of places that end up nearly alike once bent: a nudge apart is not a rival."""
    spots = [
        np.array([shape.centroid.coords[0] for shape in (*one.bent.outlines, *one.walls.outlines)]) for one in layings
    ]
    return [layings[index] for index in _unlike(spots)]


def _unlike(spots: Sequence[NDArray[np.float64]]) -> list[int]:
    """Those of several places, centres (n, 2) each, that are not nearly alike to one before them."""
    kept: list[int] = []
    for index, spot in enumerate(spots):
        if all(float(np.median(np.hypot(*(spot - spots[other]).T))) > _ALIKE_M for other in kept):
            kept.append(index)
    return kept


def _judged(
    sketch: Sketch,
    ground: Ground,
    places: tuple[Transform, ...],
    placebos: tuple[Transform, ...],
    standing: Sequence[Polygon],
) -> LaidSketch:
    real = tuple(apart(weighed_places(sketch, ground, places, standing)))
    if not real:
        return LaidSketch(sketch)
    rivals = tuple(apart(weighed_places(mirrored(sketch), ground, placebos, standing)))
    laid = LaidSketch(sketch, real, rivals, places=places, placebos=placebos)
    return judged(laid, np.zeros(len(real) + len(rivals)))


def judged(laid: LaidSketch, told: NDArray[np.float64]) -> LaidSketch:
    """A drawing with its probabilities renewed, its places in the order they were.

    Parameters
    ----------
    laid
        With the weights of its places and of its mirror image's.
    told
        Nats, (layings + rivals,): what other drawings say of each.
    """
    if not laid.layings:
        return laid
    count = len(laid.layings)
    own = np.array([one.weight for one in laid.layings] + [one.weight + MIRRORED for one in laid.rivals])
    weights = np.append(own + told, NONE)
    share = np.exp(weights - weights.max())
    share /= share.sum()
    renewed = [
        replace(one, probability=float(part)) for one, part in zip((*laid.layings, *laid.rivals), share, strict=False)
    ]
    return replace(
        laid,
        layings=tuple(renewed[:count]),
        rivals=tuple(renewed[count:]),
        none_probability=float(share[count:].sum()),
        looks_mirrored=float(share[count:-1].sum()) > 0.5,
    )
