"""A drawn block that stands for several adjoining outlines: a row of houses drawn as one.

The search gives each drawn thing one outline at most. Once a placement stands, each drawn shape is laid on the ground
by it, and outlines that lie side by side near there are tried together: their common hull against the drawn shape.
Whether such a group is what was drawn is weighed by laws learned from generated cases (``scripts/learn_groups.py``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geoinv.facilities.match_evidence import Problem
from geoinv.facilities.match_group_laws import GroupLaws, Law, group_laws
from geoinv.facilities.match_items import same_words
from geoinv.facilities.match_placed import Hypothesis

__all__ = ["Group", "Grouper", "Tried"]

Array = NDArray[np.float64]
Index = NDArray[np.int64]

#: Outlines a group grows from: nearest ones, and likeliest ones; and members at most.
_NEAREST, _LIKELIEST, _MOST = 5, 3, 8
#: Neighbours lie within so many sides of each other; a hull is at most so many times as large as what was drawn.
_BESIDE, _LARGEST = 1.2, 2.5
#: While a group grows, a radius off counts so much overlap.
_OFF = 0.3
#: Printed pairs that hold how much larger than its distances a drawing shows all buildings to nothing.
_HELD = 3.0
#: A group is printed where it is likelier than not: from less on, large buildings that have no outline are taken for
#: groups of what stands about them (docs/methods/match.md).
_LEAST = 0.5
#: Where "none of these" is likelier than any placement there is nothing to lay a block on.
_PLACED = 0.5
_BUILDINGS = ("", "building", "other")


@dataclass(frozen=True)
class Group:
    """Outlines that one drawn thing stands for.

    Attributes
    ----------
    members, each
        Candidate indices, likeliest first, and the probability that the thing stands for each.
    probability
        That any of them is what was drawn.
    """

    members: tuple[int, ...]
    each: tuple[float, ...]
    probability: float


@dataclass(frozen=True)
class Tried:
    """Groups tried for one drawn thing.

    Attributes
    ----------
    members
        Candidate indices of each group, ascending.
    hulls
        Their common convex hulls.
    values
        Their traits, (g, len(TRAITS)).
    """

    members: tuple[tuple[int, ...], ...]
    hulls: tuple[BaseGeometry, ...]
    values: Array


class Grouper:
    """Groups of the outlines of one problem; what is computed of the outlines serves all placements.

    Parameters
    ----------
    problem
        Drawn things and outlines. Where things have no sizes there are no groups.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        drawn, ground = problem.drawn, problem.ground
        self._drawn = shapely.convex_hull(np.array(drawn.shapes, dtype=object))
        self._outline = shapely.convex_hull(np.array(ground.shapes, dtype=object))
        self._area = shapely.area(self._outline)
        tied = {candidate for _, candidate, _ in problem.ties if candidate is not None}
        self._usable = np.array(
            [
                area > 0 and role in _BUILDINGS and index not in tied
                for index, (area, role) in enumerate(zip(self._area, ground.roles, strict=True))
            ],
            dtype=bool,
        )
        self._uneven = _deviation(drawn.log_area) - _deviation(ground.log_area)
        self._tree = shapely.STRtree(self._outline)
        self._beside: dict[int, list[int]] = {}
        self._hulls: dict[tuple[int, ...], BaseGeometry] = {}

    def groups(self, one: Hypothesis, found: Array, limit: float, laws: GroupLaws | None = None) -> dict[int, Group]:
        """Groups by drawn thing under a placement; nothing for a thing that is likelier to be a single outline.

        Parameters
        ----------
        one
            The placement, with the pairs that would be printed.
        found
            Calibrated probability of every pair, (n, m).
        limit
            Probability of any placement: nothing is surer, and below one half there are no groups.
        laws
            The committed ones unless others are given.
        """
        if not self.problem.sized or limit < _PLACED:
            return {}
        laws = laws or group_laws()
        tried = self.tried(one, found, limit)
        chosen = self.chosen(one, found, tried, laws.group)
        return {i: self._group(one, found, limit, i, tried[i], k, laws) for i, k in sorted(chosen.items())}

    def tried(self, one: Hypothesis, found: Array, limit: float) -> dict[int, Tried]:
        """Groups worth weighing, by drawn thing; things without an area, and tied ones, have none."""
        told = {index for index, _, _ in self.problem.ties}
        laid, radius = self._laid(one)
        out: dict[int, Tried] = {}
        for index, shape in enumerate(laid):
            if shape.area > 0 and index not in told and self.problem.drawn.roles[index] in _BUILDINGS:
                grown = self._grown(index, shape, one.place[index], found[index], radius)
                if grown:
                    members, hulls = tuple(grown), tuple(grown.values())
                    values = self._values(index, shape, one, found, limit, members, hulls, radius)
                    out[index] = Tried(members, hulls, values)
        return out

    def chosen(self, one: Hypothesis, found: Array, tried: Mapping[int, Tried], law: Law) -> dict[int, int]:
        """Which of its groups each drawn thing is taken to stand for, by its number.

        It is likelier than not, likelier than the thing's single outline, and than any other thing's on a member.
        """
        sure = {index: _share(law.odds(one.values)) for index, one in tried.items()}
        claims: dict[int, dict[int, float]] = {}
        for index, j in enumerate(one.pairs):
            if j >= 0:
                claims.setdefault(int(j), {})[index] = float(found[index, j])
        order = sorted((-float(p), index, k) for index, row in sure.items() for k, p in enumerate(row) if p >= _LEAST)
        out: dict[int, int] = {}
        for lost, index, k in order:
            single = float(found[index, one.pairs[index]]) if one.pairs[index] >= 0 else 0.0
            members = tried[index].members[k]
            rivals = (p for j in members for owner, p in claims.get(j, {}).items() if owner != index)
            if index in out or -lost <= single or -lost <= max(rivals, default=0.0):
                continue
            out[index] = k
            for j in members:
                claims.setdefault(j, {})[index] = -lost
        return out

    def signs(
        self, one: Hypothesis, found: Array, limit: float, index: int, tried: Tried, k: int, odds: float
    ) -> tuple[Array, Array]:
        """What tells whether any member of a group of these odds is right, (len(ANY),), and each, (g, len(EACH))."""
        members = np.array(tried.members[k])
        single, placed = _odds(float(found[index].max())), _odds(limit)
        others = np.delete(found[:, members], index, axis=0).max(axis=0, initial=0.0)
        shape, hull = self._laid(one)[0][index], tried.hulls[k]
        centre = hull.centroid
        there = shapely.transform(shape, lambda xy: xy + (centre.x - shape.centroid.x, centre.y - shape.centroid.y))
        covered = shapely.area(shapely.intersection(there, self._outline[members])) / self._area[members]
        size = np.log(self._area[members] / self._area[members].mean())
        same = np.full(len(members), odds), np.full(len(members), single)
        each = np.stack([same[0], _odds(found[index, members]), _odds(others), size, covered, same[1]], axis=1)
        return np.array([odds, single, placed, math.log(len(members))]), each

    def _group(
        self, one: Hypothesis, found: Array, limit: float, index: int, tried: Tried, k: int, laws: GroupLaws
    ) -> Group:
        odds = float(laws.group.odds(tried.values[k : k + 1])[0])
        signs, each = self.signs(one, found, limit, index, tried, k, odds)
        sure = min(float(_share(laws.any.odds(signs[None]))[0]), limit)
        own = np.minimum(_share(laws.each.odds(each)), sure)
        order = np.lexsort((np.array(tried.members[k]), -own))
        return Group(tuple(int(tried.members[k][n]) for n in order), tuple(float(own[n]) for n in order), sure)

    def _laid(self, one: Hypothesis) -> tuple[list[BaseGeometry], float]:
        """Drawn shapes' hulls turned and sized as the placement has them, about their own centres; and the radius."""
        linear = one.matrix[:, :2]
        radius = math.sqrt(abs(float(np.linalg.det(linear)))) * self.problem.drawn.radius
        turned = [shapely.transform(shape, lambda xy: xy @ linear.T) for shape in self._drawn]
        area = shapely.area(np.array(turned, dtype=object))
        made = [i for i, j in enumerate(one.pairs) if j >= 0 and area[i] > 0 and self._area[j] > 0]
        off = [math.log(area[i] / self._area[one.pairs[i]]) for i in made]
        larger = float(np.median(off)) * len(made) / (len(made) + _HELD) if made else 0.0
        factor = math.exp(-larger / 2)
        return [shapely.transform(shape, lambda xy: xy * factor) for shape in turned], radius

    def _neighbours(self, index: int) -> list[int]:
        if index not in self._beside:
            reach = _BESIDE * math.sqrt(self._area[index])
            near = self._tree.query(self._outline[index], predicate="dwithin", distance=reach)
            self._beside[index] = sorted(int(j) for j in near if j != index and self._usable[j])
        return self._beside[index]

    def _hull(self, members: tuple[int, ...]) -> BaseGeometry:
        if members not in self._hulls:
            self._hulls[members] = shapely.convex_hull(shapely.union_all(self._outline[list(members)]))
        return self._hulls[members]

    def _grown(
        self, index: int, shape: BaseGeometry, place: Array, own: Array, radius: float
    ) -> dict[tuple[int, ...], BaseGeometry]:
        """Groups grown from outlines near where a thing is expected, by the neighbour that fits it best each time.

        They stop where they are much larger than what was drawn.
        """
        off = np.hypot(*(self.problem.ground.xy - place).T)
        near = np.argsort(off, kind="stable")[:_NEAREST], np.argsort(-own, kind="stable")[:_LIKELIEST]
        excluded = self._excluded(index)
        out: dict[tuple[int, ...], BaseGeometry] = {}
        for seed in dict.fromkeys(int(j) for j in np.concatenate(near)):
            members: tuple[int, ...] = (seed,)
            if not self._usable[seed] or seed in excluded or self._area[seed] > shape.area:
                continue
            while len(members) < _MOST:
                beside = {j for one in members for j in self._neighbours(one)} - set(members) - excluded
                grown = [tuple(sorted((*members, j))) for j in sorted(beside)]
                grown = [one for one in grown if self._hull(one).area <= _LARGEST * shape.area]
                if not grown:
                    break
                hulls = np.array([self._hull(one) for one in grown], dtype=object)
                centres = shapely.get_coordinates(shapely.centroid(hulls))
                fit = _alike(shape, hulls, centres) - _OFF * np.hypot(*(centres - place).T) / radius
                members = grown[int(np.argmax(fit))]
                out.setdefault(members, self._hull(members))
        return out

    def _excluded(self, index: int) -> set[int]:
        """Outlines that a person said a drawn thing is not, and those of another name."""
        ground, words = self.problem.ground, self.problem.drawn.words[index]
        out = {j for i, j in self.problem.refused if i == index}
        return out | {j for j, own in enumerate(ground.words) if words and own and not same_words(words, own)}

    def _values(
        self,
        index: int,
        shape: BaseGeometry,
        one: Hypothesis,
        found: Array,
        limit: float,
        members: tuple[tuple[int, ...], ...],
        hulls: tuple[BaseGeometry, ...],
        radius: float,
    ) -> Array:
        """Traits of groups, (g, len(TRAITS))."""
        all_hulls = np.array(hulls, dtype=object)
        centres, sizes = shapely.get_coordinates(shapely.centroid(all_hulls)), shapely.area(all_hulls)
        off = np.hypot(*(centres - one.place[index]).T) / radius
        larger = np.clip(np.log(shape.area / sizes), -2.0, 2.0)
        others = np.delete(found, index, axis=0).max(axis=0, initial=0.0)
        within = [self._within(list(group), others, found[index], shape) for group in members]
        count, gap, claimed, most, own, uneven, room, whole = np.array(within, dtype=np.float64).T
        same = np.ones(len(members))
        alike = _alike(shape, all_hulls, centres)
        single = {j: float(_alike(shape, *self._alone(j))[0]) for j in sorted(set().union(*members))}
        gained = alike - np.array([max(single[j] for j in group) for group in members])
        columns = (
            alike, off, off**2, larger, larger**2, np.log(count), gap, whole / sizes,
            claimed, most, own, same * _odds(float(found[index].max())), same * _odds(limit), uneven, room,
            same * math.log(len(members)), _alike(shape, all_hulls, np.broadcast_to(one.place[index], centres.shape)),
            np.array([float(one.pairs[index] in group) for group in members]), gained, same * self._uneven,
        )  # fmt: skip
        return np.stack(columns, axis=1)

    def _alone(self, j: int) -> tuple[NDArray[np.object_], Array]:
        return self._outline[j : j + 1], shapely.get_coordinates(shapely.centroid(self._outline[j : j + 1]))

    def _within(self, group: list[int], others: Array, own: Array, shape: BaseGeometry) -> tuple[float, ...]:
        """Number, gap, claims (mean, most), own share, unevenness, room beside the largest, whole area of a group."""
        area, outlines = self._area[group], self._outline[group]
        apart = shapely.distance(outlines[:, None], outlines[None, :]) + np.diag(np.full(len(group), np.inf))
        gap = float(apart.min(axis=1).max()) / math.sqrt(float(area.mean()))
        room = float(np.clip(math.log(shape.area / float(area.max())), -1.0, 4.0))
        claims = float(others[group].mean()), float(others[group].max())
        held = math.log(float(own[group].sum()) + 0.01)
        return len(group), gap, *claims, held, float(np.log(area).std()), room, float(area.sum())


def _alike(shape: BaseGeometry, hulls: NDArray[np.object_], centres: Array) -> Array:
    """Overlap (intersection over union) of a shape with hulls, (g,), when its centre is laid at ``centres``, (g, 2)."""
    middle = shapely.get_coordinates(shape.centroid)[0]
    ring = shapely.get_coordinates(shape)
    there = shapely.polygons(ring[None] + (centres - middle)[:, None])
    both = shapely.area(shapely.intersection(there, hulls))
    out: Array = both / np.maximum(shape.area + shapely.area(hulls) - both, 1e-9)
    return out


def _deviation(values: Array) -> float:
    known = values[np.isfinite(values)]
    return float(known.std()) if len(known) else 0.0


def _share(odds: Array) -> Array:
    out: Array = 1.0 / (1.0 + np.exp(-np.clip(odds, -30.0, 30.0)))
    return out


def _odds(share: Any) -> Any:
    held = np.clip(share, 1e-3, 1.0 - 1e-3)
    return np.log(held / (1.0 - held))
