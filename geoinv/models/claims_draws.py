"""Plausible models: a blueprint drawn again and again from its own intervals and rival hypotheses.

A building is warped as a whole: along its two axes every stretch between two wall lines is made longer or shorter, so
that walls, doors and rooms move together, nothing overlaps, and neighbours stay neighbours. How much, follows from the
rooms' own intervals (``width_m``, ``length_m``, ``depth_m``, ``area_m2``), else from how well each is known. Heights,
thicknesses, doors and windows are drawn from their intervals, else likewise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

from geoinv.models.claims_doors import Slide, slide_of
from geoinv.models.claims_parts import one_version
from geoinv.models.hypotheses import hypotheses
from geoinv.records.blueprint import Blueprint, Building, Opening, Part, Room, Storey
from geoinv.records.evidence import Evidence, Status
from geoinv.records.measures import Interval

__all__ = ["PLACE_SD_M", "SIDE_SD", "SIZE_90", "Draw", "Drawing", "interval_value"]

Floats = NDArray[np.float64]

#: Standard deviation of a room's side as a share of it, where no interval is given, by how its shape is known.
SIDE_SD: dict[Status, float] = {
    Status.OBSERVED: 0.03, Status.CORROBORATED: 0.08, Status.ATTESTED: 0.15,
    Status.CONTESTED: 0.15, Status.INFERRED: 0.20, Status.CONJECTURAL: 0.30,
}  # fmt: skip
#: Half-width of the 90 % interval of a height, width or thickness as a share of it, where none is given.
SIZE_90: dict[Status, float] = {
    Status.OBSERVED: 0.05, Status.CORROBORATED: 0.10, Status.ATTESTED: 0.20,
    Status.CONTESTED: 0.25, Status.INFERRED: 0.25, Status.CONJECTURAL: 0.35,
}  # fmt: skip
#: Standard deviation of where a part outside rooms stands, metres, by how its place is known.
PLACE_SD_M: dict[Status, float] = {
    Status.OBSERVED: 0.6, Status.CORROBORATED: 1.0, Status.ATTESTED: 3.0,
    Status.CONTESTED: 4.0, Status.INFERRED: 3.0, Status.CONJECTURAL: 5.0,
}  # fmt: skip
#: Standard deviation of a building's length as a share of it, where rooms divide it up.
_OUTLINE_SD: dict[Status, float] = {
    Status.OBSERVED: 0.02, Status.CORROBORATED: 0.03, Status.ATTESTED: 0.06,
    Status.CONTESTED: 0.08, Status.INFERRED: 0.08, Status.CONJECTURAL: 0.15,
}  # fmt: skip
#: Wall lines nearer than this count as one, metres.
_SAME_M = 0.05
#: Properties that are numbers of their parts, besides places and shapes.
_NUMBERS = ("width_m", "sill_m", "head_m", "height_m", "thickness_m", "rise_m", "floor_m", "overhang_m")
_SIDES = ("width_m", "length_m", "depth_m")


@dataclass(frozen=True)
class Draw:
    """One plausible model.

    Attributes
    ----------
    blueprint
        One hypothesis of it, drawn.
    hypothesis, number
        Which one; which draw, -1 of the model at its best values.
    values
        What was drawn of what, as a share of its best value: ``"height of storey-1"`` → 1.07.
    kept
        What was computed of this draw, so that the next claim need not: its solids, its free floors.
    """

    blueprint: Blueprint
    hypothesis: str | None
    number: int = -1
    values: Mapping[str, float] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)


def interval_value(interval: Interval, score: float) -> float:
    """The value of an interval at a standard normal score.

    Two half normals about the best that leave out what the coverage leaves out; even between hard bounds (coverage 1).
    """
    if interval.coverage >= 1.0:
        share = float(ndtr(score))
        return float(interval.low + (interval.high - interval.low) * share)
    reach = float(ndtri((1 + interval.coverage) / 2))
    side = interval.high - interval.best if score > 0 else interval.best - interval.low
    return float(interval.best + score * side / reach)


def _number(evidence: Evidence | None, best: float, score: float) -> float:
    """A number drawn from its evidence; about ``best``, which is what the model uses."""
    if evidence is not None and evidence.interval is not None:
        given = evidence.interval
        middle = given.best if given.best else 1.0
        return best * interval_value(given, score) / middle if best else interval_value(given, score)
    status = evidence.status if evidence is not None else Status.CONJECTURAL
    return best * float(np.exp(score * np.log1p(SIZE_90[status]) / 1.6449))


def _place_sd(evidence: Evidence) -> float:
    """How far off a place is, metres (standard deviation): from its own interval of metres, else from its status."""
    given = evidence.interval
    if given is not None and given.unit == "m":
        return (given.high - given.low) / 2 / 1.6449
    return PLACE_SD_M[evidence.status]


class _Axis:
    """One axis of a building: its wall lines, and how far each stretch between two may be off."""

    def __init__(self, bounds: Sequence[tuple[float, float, float | Interval]], ends: tuple[float, float],
                 whole_sd: float) -> None:  # fmt: skip
        lines = sorted([*ends, *(edge for low, high, _ in bounds for edge in (low, high))])
        self.knots = np.array([lines[0], *(b for a, b in zip(lines, lines[1:], strict=False) if b - a > _SAME_M)])
        self.whole_sd = whole_sd
        middles = (self.knots[:-1] + self.knots[1:]) / 2
        self.stretches: list[tuple[float, Interval | None]] = []
        for middle in middles:
            over = [(high - low, how) for low, high, how in bounds if low < middle < high]
            given = [how for _, how in over if isinstance(how, Interval)]
            pieces = [
                (float(how) if not isinstance(how, Interval) else 0.0) * self._parts(size, middles)
                for size, how in over
            ]
            self.stretches.append((min(pieces, default=0.0), given[0] if given else None))
        self.divided = sum(bool(sd) or given is not None for sd, given in self.stretches) >= 3

    def _parts(self, size: float, middles: Floats) -> float:
        """Roughly the square root of how many stretches a room of a size is made of."""
        mean = float(np.mean(np.diff(self.knots))) if len(middles) else size
        return float(np.sqrt(max(1.0, size / max(mean, _SAME_M))))

    def drawn(self, rng: np.random.Generator) -> Floats:
        """Where each wall line lies in one draw."""
        widths = np.diff(self.knots)
        scores = rng.standard_normal(len(widths) + 1)
        factors = np.ones(len(widths))
        for index, (sd, given) in enumerate(self.stretches):
            if given is not None and given.best > 0:
                factors[index] = max(0.05, interval_value(given, scores[index]) / given.best)
            elif sd > 0:
                factors[index] = float(np.exp(np.clip(sd * scores[index], -1.2, 1.2)))
        made = widths * factors
        if self.divided:  # the outline is better known than what divides it up
            made *= widths.sum() * float(np.exp(self.whole_sd * scores[-1])) / made.sum()
        middle = (self.knots[0] + self.knots[-1]) / 2
        lines: Floats = np.concatenate([[0.0], np.cumsum(made)]) + middle - made.sum() / 2
        return lines


def _angle(shape: BaseGeometry) -> float:
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(shape))[:3]
    if len(corners) < 3:
        return 0.0
    sides = np.diff(corners, axis=0)
    long = sides[int(np.argmax(np.hypot(*sides.T)))]
    return float(np.arctan2(long[1], long[0]))


class _Warp:
    """How one building may be bent."""

    def __init__(self, building: Building) -> None:
        angle = _angle(building.outline)
        self.turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        outline = shapely.get_coordinates(building.outline) @ self.turn.T
        known = building.evidence["outline"]
        self.sd = _place_sd(known) / 2  # each way
        rooms = [room for storey in building.storeys for room in storey.rooms]
        self.slides = {one.id: slide for one, slide in _slides(building) if slide is not None}
        self.axes = []
        for axis in (0, 1):
            bounds = [self._bounds(room, axis) for room in rooms if room.role != "corridor" or len(rooms) == 1]
            ends = float(outline[:, axis].min()), float(outline[:, axis].max())
            whole_sd = _OUTLINE_SD[known.status]
            if known.interval is not None and known.interval.unit == "m":
                whole_sd = _place_sd(known) / max(ends[1] - ends[0], 0.1)
            if not rooms:
                bounds = [(*ends, whole_sd)]
            self.axes.append(_Axis(bounds, ends, whole_sd))

    def _bounds(self, room: Room, axis: int) -> tuple[float, float, float | Interval]:
        corners = shapely.get_coordinates(room.polygon) @ self.turn.T
        sizes = corners.max(axis=0) - corners.min(axis=0)
        size = float(sizes[axis])
        given = [room.evidence[name].interval for name in _SIDES if name in room.evidence]
        known = [one for one in given if one is not None and one.best > 0]
        fitting = [one for one in known if abs(one.best - size) <= abs(one.best - float(sizes[1 - axis]))]
        how: float | Interval = SIDE_SD[room.evidence["polygon"].status]
        area = room.evidence["area_m2"].interval if "area_m2" in room.evidence else None
        if fitting:
            how = min(fitting, key=lambda one: abs(one.best - size))
        elif area is not None and area.best > 0:
            how = (area.high - area.low) / 2 / 1.6449 / area.best / np.sqrt(2)
        return float(corners[:, axis].min()), float(corners[:, axis].max()), how

    def drawn(self, rng: np.random.Generator) -> tuple[_Bend, dict[str, float]]:
        knots = [axis.drawn(rng) for axis in self.axes]
        shares = {
            name: float((to[-1] - to[0]) / (axis.knots[-1] - axis.knots[0]))
            for name, to, axis in zip(("length", "width"), knots, self.axes, strict=True)
        }
        off = rng.normal(0, self.sd, 2)
        return _Bend(self.turn, tuple((axis.knots, to) for axis, to in zip(self.axes, knots, strict=True)), off), shares


def _slides(building: Building) -> Iterator[tuple[Opening, Slide | None]]:
    """Openings whose place is assumed, with the walls that they may be in."""
    for storey in building.storeys:
        for one in storey.openings:
            if one.evidence["at"].status is Status.CONJECTURAL:
                yield one, slide_of(one, storey)


@dataclass(frozen=True)
class _Bend:
    """One way a building is bent, and moved as a whole: plane points to plane points."""

    turn: Floats
    lines: tuple[tuple[Floats, Floats], ...]
    off: Floats

    def points(self, xy: Floats) -> Floats:
        turned = np.asarray(xy, float)[:, :2] @ self.turn.T
        bent = np.column_stack(
            [
                np.interp(turned[:, axis], old, new)
                + np.minimum(turned[:, axis] - old[0], 0)
                + np.maximum(turned[:, axis] - old[-1], 0)
                for axis, (old, new) in enumerate(self.lines)
            ]
        )
        back: Floats = bent @ self.turn + self.off
        return back

    def shape(self, shape: BaseGeometry) -> BaseGeometry:
        # Straight walls between wall lines stay straight only if they have a corner at each line they cross.
        return shapely.transform(shape, self.points)

    def point(self, at: tuple[float, float]) -> tuple[float, float]:
        x, y = self.points(np.array([at]))[0]
        return float(x), float(y)


class Drawing:
    """A blueprint to be drawn from, the same draws for the same seed."""

    def __init__(self, blueprint: Blueprint, seed: int = 0) -> None:
        self.blueprint = blueprint
        self.seed = seed
        self.hypotheses: tuple[str | None, ...] = hypotheses(blueprint) or (None,)
        self._made: dict[int, Draw] = {}

    @cached_property
    def _versions(self) -> tuple[tuple[Blueprint, dict[str, _Warp]], ...]:
        found = []
        for name in self.hypotheses:
            version = one_version(self.blueprint, name)
            found.append((version, {building.id: _Warp(building) for building in version.buildings}))
        return tuple(found)

    def best(self, hypothesis: str | None = None) -> Draw:
        """The model at its best values, under one hypothesis (the first where none is said)."""
        index = self.hypotheses.index(hypothesis) if hypothesis in self.hypotheses else 0
        if -1 - index not in self._made:
            self._made[-1 - index] = Draw(self._versions[index][0], self.hypotheses[index])
        return self._made[-1 - index]

    def draw(self, number: int) -> Draw:
        """Plausible model ``number``; hypotheses take turns, so that each has an equal share."""
        if number not in self._made:
            self._made[number] = self._drawn(number)
        return self._made[number]

    def _drawn(self, number: int) -> Draw:
        rng = np.random.default_rng([self.seed, 9001, number])
        index = number % len(self.hypotheses)
        version, warps = self._versions[index]
        values: dict[str, float] = {}
        buildings = tuple(_building(one, warps[one.id], rng, values) for one in version.buildings)
        site = version.site
        updates = {
            name: tuple(_outside(part, rng, values) for part in getattr(site, name))
            for name in ("walls", "gates", "towers", "paths")
        }
        blueprint = version.model_copy(update={"buildings": buildings, "site": site.model_copy(update=updates)})
        return Draw(blueprint, self.hypotheses[index], number, values)


def _numbers(part: Part, rng: np.random.Generator, values: dict[str, float], names: Sequence[str]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name in names:
        best = getattr(part, name, None)
        score = float(rng.standard_normal())
        if isinstance(best, int | float) and name in part.evidence:
            found[name] = _number(part.evidence[name], float(best), score)
            if best:
                values[f"{name.removesuffix('_m').replace('_', ' ')} of {part.id}"] = found[name] / best
    return found


def _building(building: Building, warp: _Warp, rng: np.random.Generator, values: dict[str, float]) -> Building:
    bend, shares = warp.drawn(rng)
    values |= {f"{name} of {building.id}": share for name, share in shares.items()}
    storeys = tuple(_storey(storey, bend, warp.slides, rng, values) for storey in building.storeys)
    roof = building.roof and building.roof.model_copy(update=_numbers(building.roof, rng, values, ("rise_m",)))
    update = {"outline": bend.shape(building.outline), "storeys": storeys, "roof": roof}
    return building.model_copy(update=update)


def _storey(
    storey: Storey, bend: _Bend, slides: Mapping[str, Slide], rng: np.random.Generator, values: dict[str, float]
) -> Storey:
    numbers = _numbers(storey, rng, values, ("floor_m", "height_m"))
    height = numbers.get("height_m", storey.height_m)
    rooms = tuple(room.model_copy(update={"polygon": bend.shape(room.polygon)}) for room in storey.rooms)
    openings = tuple(_opening(one, slides, bend, rng, values, height) for one in storey.openings)
    lines = {
        name: tuple(part.model_copy(update={"line": bend.shape(part.line)}) for part in getattr(storey, name))
        for name in ("walls", "stairs")
    }
    things = tuple(part.model_copy(update={"at": bend.point(part.at)}) for part in storey.fixtures)
    return storey.model_copy(update={**numbers, **lines, "rooms": rooms, "openings": openings, "fixtures": things})


def _opening(
    one: Opening,
    slides: Mapping[str, Slide],
    bend: _Bend,
    rng: np.random.Generator,
    values: dict[str, float],
    height: float,
) -> Opening:
    numbers = _numbers(one, rng, values, ("width_m", "sill_m", "head_m"))
    head = min(numbers.get("head_m", one.head_m), height)
    sill = min(max(0.0, numbers.get("sill_m", one.sill_m)), head - 0.05)
    at, share = one.at, float(rng.uniform(-1, 1))
    if one.evidence["at"].status is Status.CONJECTURAL:
        slide = slides.get(one.id)
        at = one.at if slide is None else slide.at(share)
        values[f"place of {one.id}"] = 1 + share
    return one.model_copy(update={**numbers, "head_m": head, "sill_m": max(0.0, sill), "at": bend.point(at)})


def _outside(part: Part, rng: np.random.Generator, values: dict[str, float]) -> Part:
    numbers = _numbers(part, rng, values, _NUMBERS)
    name = next((name for name in ("line", "outline", "at") if hasattr(part, name)), "")
    off = rng.standard_normal(2)
    if not name or name not in part.evidence:
        return part.model_copy(update=numbers)
    off = off * _place_sd(part.evidence[name]) / np.sqrt(2)
    where = getattr(part, name)
    moved = translate(where, *off) if isinstance(where, BaseGeometry) else (where[0] + off[0], where[1] + off[1])
    return part.model_copy(update={**numbers, name: moved})
