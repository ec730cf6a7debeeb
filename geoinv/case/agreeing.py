"""Drawings of one facility weighed together: where they lie so that the same things come to lie in the same places.

Each drawing alone may fit several places about as well, above all the four ways round of a walled yard. But a kitchen
is in one place, whoever drew it. Places of different drawings speak for each other where the things both name lie
together and where both enclose one ground, and against each other where not (loopy belief propagation, a few rounds:
Pearl 1988; Murphy et al. 1999). The mirror image of each drawing is given the same help.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geoinv.case.placing import LaidSketch, Laying, judged
from geoinv.facilities.match_items import fold_words
from geoinv.facilities.place_words import building_named
from geoinv.facilities.sketch_shapes import drawn_buildings

__all__ = ["together"]

_ROUNDS = 4
#: How near things of one name come to lie, standard deviation in metres, and how often a name is another thing's.
_NEAR_M, _OTHER = 5.0, 0.25
#: What both enclose: log odds at full overlap, and the overlap that says nothing.
_ENCLOSED, _INDIFFERENT = 3.0, 0.8
#: How much one other drawing may say in all, nats either way: drawings err alike.
_MOST = 4.0
_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Shown:
    """What one place of one drawing shows: named things, whatever the language, and the ground it encloses, metres."""

    named: dict[str, tuple[float, float]]
    ground: BaseGeometry


def together(laid: Sequence[LaidSketch]) -> list[LaidSketch]:
    """Drawings with their probabilities renewed by each other; those a person placed stay and help the others."""
    options = [(*one.layings, *one.rivals) for one in laid]
    shown = [[_shown(one, laying) for laying in some] for one, some in zip(laid, options, strict=True)]
    tables = {
        (i, j): np.array([[_agreement(a, b) for b in shown[j]] for a in shown[i]]).reshape(len(shown[i]), len(shown[j]))
        for i in range(len(laid))
        for j in range(len(laid))
        if i != j
    }
    now = list(laid)
    for _ in range(_ROUNDS):
        beliefs = [np.array([laying.probability for laying in (*one.layings, *one.rivals)]) for one in now]
        # All at once, so that the order of the drawings does not matter.
        now = [one if one.told else judged(one, _help(index, beliefs, tables)) for index, one in enumerate(now)]
    return [replace(one, layings=tuple(sorted(one.layings, key=lambda laying: -laying.probability))) for one in now]


def _help(index: int, beliefs: Sequence[_Floats], tables: dict[tuple[int, int], _Floats]) -> _Floats:
    """What the other drawings say of each place of one, nats."""
    total = np.zeros(len(beliefs[index]))
    for other, belief in enumerate(beliefs):
        if other != index and len(belief) and len(total):
            # Where the other drawing itself may lie nowhere here, it says nothing.
            said = np.log((1 - belief.sum()) + np.exp(tables[index, other]) @ belief)
            total += np.clip(said, -_MOST, _MOST)
    return total


def _shown(one: LaidSketch, laying: Laying) -> _Shown:
    named: dict[str, list[tuple[float, float]]] = {}
    for (element, _), outline in zip(drawn_buildings(one.sketch), laying.bent.outlines, strict=True):
        if (name := _name(element.label)) and element.role == "building":
            named.setdefault(name, []).append((outline.centroid.x, outline.centroid.y))
    shapes = [*laying.bent.outlines, *laying.walls.outlines]
    ground = shapely.union_all([shape.buffer(0.5) for shape in shapes]).convex_hull
    return _Shown({name: places[0] for name, places in named.items() if len(places) == 1}, ground)


def _name(label: str | None) -> str:
    """What a label calls a building, the same in every language; empty where it may be any of several."""
    said = building_named(label)
    if said.kind is None or (said.many and said.number is None and not said.rest):
        return " ".join(sorted(fold_words(label))) if said.kind is None else ""
    return " ".join([said.kind, str(said.number or ""), *said.rest])


def _agreement(one: _Shown, other: _Shown) -> float:
    """Log likelihood ratio of two places for being of one facility, against two places anywhere about."""
    shared = float(one.ground.intersection(other.ground).area)
    smaller = min(one.ground.area, other.ground.area)
    total = _ENCLOSED * (shared / max(smaller, 1e-6) - _INDIFFERENT)
    area = max(one.ground.area, other.ground.area, 100.0)
    for name in sorted(one.named.keys() & other.named.keys()):
        apart = math.dist(one.named[name], other.named[name])
        near = area * math.exp(-0.5 * (apart / _NEAR_M) ** 2) / (2 * math.pi * _NEAR_M**2)
        total += math.log(_OTHER + (1 - _OTHER) * near)
    return total
