"""Settling a roughly known wall on a scene: each side becomes a straight line along edges, sides meet at corners.

From above a wall is a thin bright line with a shadow, or a seam between trodden and grown ground: an edge that runs
straight for a long way. Buildings have stronger edges but shorter ones, so a side is weighed over its whole length from
corner to corner, and where it has no edge that counts against it. What chance reaches is measured by settling the same
wall at other places of the scene just as hard (a placebo).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely.affinity import rotate, translate
from shapely.geometry import Polygon
from shapely.geometry.polygon import orient

from geoinv.imagery.edge_search import Oriented
from geoinv.imagery.masks import lab

__all__ = ["Perimeter", "perimeter_strength", "settled_perimeter", "without_shadow_rims"]

#: Turns of a side tried about its own direction, degrees, and their standard deviation.
_TURNS_DEG, _TURN_SD_DEG = tuple(np.arange(-16.0, 16.1, 2.0)), 7.0
#: Step along a side and across it, metres.
_STEP_M = 0.5
#: Lines kept for each side, and how far apart the lines kept of one turn lie, metres.
_LINES, _APART_M = 18, 1.5
#: Edge strength counts up to this many of its standard deviations: a wall is long, not strong.
_MOST = 3.0
#: Beyond that only enough to tell lines next to each other apart.
_FINE = 0.05
#: Metres of wall that say as much as one independent look.
_LOOK_M = 4.0
#: A corner is cut, and a wriggle no side, below these shares of the ring's diagonal.
_SIMPLE, _SHORTEST = 0.035, 0.06
#: Blur of lightness in which rims of shadows are looked for, metres, and how fast it grows across one, L* a metre;
#: and the share of strength that a rim loses.
_RIM_BLUR_M, _RIM_PER_M, _RIM_LOSS = 0.6, 8.0, 0.7
#: Rounds over the sides, starts, and other places tried.
_ROUNDS, _STARTS, _PLACEBOS = 12, 6, 16
#: A settled ring has at least this share of the area it had.
_LEAST_AREA = 0.4
_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Perimeter:
    """A wall as it was settled.

    Attributes
    ----------
    ring
        Metres of the frame; straight sides.
    started
        The corners of ``ring``, in its order, where they were before; without wriggles.
    worth
        What a metre of it is worth in nats.
    """

    ring: Polygon
    started: Polygon
    worth: float

    def carried(self, xy: _Floats) -> _Floats:
        """Points, (n, 2), on or near the ring as it was, taken along with its sides."""
        before, after = (shapely.get_coordinates(one.exterior) for one in (self.started, self.ring))
        run = before[1:] - before[:-1]
        share = ((xy[:, None] - before[None, :-1]) * run).sum(axis=2) / np.maximum((run**2).sum(axis=1), 1e-9)
        share = np.clip(share, 0.0, 1.0)
        off = np.linalg.norm(before[None, :-1] + share[..., None] * run - xy[:, None], axis=2)
        side = off.argmin(axis=1)
        part = share[np.arange(len(xy)), side][:, None]
        result: _Floats = after[side] + part * (after[side + 1] - after[side])
        return result


@dataclass(frozen=True)
class _Line:
    """A line that a side may lie on: a point, a unit direction, summed worth along it from ``start`` on, its cost."""

    point: _Floats
    along: _Floats
    start: float
    worth: _Floats
    cost: float

    def between(self, low: float, high: float) -> float:
        """Summed worth between two distances along it."""
        at = (np.array([low, high]) - self.start) / _STEP_M
        values = np.interp(at, np.arange(len(self.worth)), self.worth)
        return float(values[1] - values[0])


def without_shadow_rims(field: Oriented, sun_azimuth: float | None) -> Oriented:
    """Edges of a scene without the far rims of shadows, which run along walls and are stronger.

    Going away from the sun a wall turns light to dark, and the rim of its shadow dark to light.

    Parameters
    ----------
    field
        With its patch.
    sun_azimuth
        Degrees clockwise from north; where ``None``, the edges come back as they are.
    """
    if sun_azimuth is None:
        return field
    lightness = ndimage.gaussian_filter(lab(field.patch.rgb)[..., 0], _RIM_BLUR_M / field.patch.gsd)
    south, east = np.gradient(lightness, field.patch.gsd)
    azimuth = math.radians(sun_azimuth)
    # Away from the sun is against its azimuth; rows go south.
    growing = -math.sin(azimuth) * east + math.cos(azimuth) * south
    kept = 1.0 - _RIM_LOSS * np.clip(growing / _RIM_PER_M, 0.0, 1.0)
    kept = np.pad(kept, field.pad, constant_values=1.0)
    fields = np.where(field.fields > 0, field.fields * kept, field.fields)
    return replace(field, fields=np.asarray(fields, np.float32))


def settled_perimeter(field: Oriented, ring: Polygon, spread_m: float) -> Perimeter | None:
    """Settle a ring on the edges near it.

    Parameters
    ----------
    field
        Edges of the scene about it.
    ring
        Where the wall is thought to run, metres.
    spread_m
        How far its sides may be off, standard deviation.

    Returns
    -------
    Perimeter or None
        ``None`` where the ring has no three sides, or no simple ring of edges lies near it.
    """
    return _best(field, _norm(field), ring, spread_m)


def perimeter_strength(field: Oriented, perimeter: Perimeter, spread_m: float, *, seed: int = 0) -> float:
    """How far a settled wall stands out from chance: in standard deviations of what the same ring reaches elsewhere.

    Parameters
    ----------
    field, perimeter, spread_m
        As settled.
    seed
        Of the other places and turns.

    Returns
    -------
    float
        0 where the field is too small to try elsewhere.
    """
    chance = _chance(field, perimeter.ring, spread_m, seed)
    if len(chance) < _PLACEBOS // 2:
        return 0.0
    return (perimeter.worth - float(np.mean(chance))) / max(float(np.std(chance)), 0.03)


def _norm(field: Oriented) -> tuple[float, float]:
    inner = field.fields[:, field.pad : -field.pad or None, field.pad : -field.pad or None]
    return float(inner.mean()), max(float(inner.std()), 1e-6)


def _chance(field: Oriented, ring: Polygon, spread_m: float, seed: int) -> list[float]:
    """Mean worth a metre that the same ring reaches when settled elsewhere on the field, turned anyhow."""
    generator, norm = np.random.default_rng(seed), _norm(field)
    height, width = field.patch.shape
    low, high = (field.patch.to_metres(np.array([at], float))[0] for at in ((0, height), (width, 0)))
    here = np.array(ring.centroid.coords[0])
    found: list[float] = []
    margin = 0.5 * math.hypot(ring.bounds[2] - ring.bounds[0], ring.bounds[3] - ring.bounds[1])
    for _ in range(4 * _PLACEBOS):
        if len(found) == _PLACEBOS:
            break
        there = generator.uniform(low + margin, np.maximum(high - margin, low + margin))
        moved = translate(rotate(ring, float(generator.uniform(0, 360)), "centroid"), *(there - here))
        if moved.intersection(ring).area > 0.3 * ring.area:
            continue
        best = _best(field, norm, moved, spread_m)
        if best is not None:
            found.append(best.worth)
    return found


def _best(field: Oriented, norm: tuple[float, float], ring: Polygon, spread_m: float) -> Perimeter | None:
    """The ring of lines of most worth."""
    corners = _corners(ring)
    count = len(corners)
    if count < 3:
        return None
    lines = [_lines(field, norm, corners[k], corners[(k + 1) % count], spread_m) for k in range(count)]
    if any(not found for found in lines):
        return None
    generator = np.random.default_rng(0)
    best: tuple[float, _Floats] | None = None
    for start in range(_STARTS):
        chosen = [0 if start == 0 else int(generator.integers(0, min(6, len(found)))) for found in lines]
        worth, met = _climbed(lines, chosen)
        if met is not None and (best is None or worth > best[0]):
            best = (worth, met)
    if best is None:
        return None
    settled = Polygon(best[1])
    if not settled.is_valid or not _LEAST_AREA < settled.area / max(ring.area, 1.0) < 1 / _LEAST_AREA:
        return None
    return Perimeter(settled, Polygon(corners), best[0] / settled.length)


def _corners(ring: Polygon) -> _Floats:
    """Corners of a ring without wriggles, (n, 2), counter-clockwise."""
    west, south, east, north = ring.bounds
    diagonal = math.hypot(east - west, north - south)
    corners = shapely.get_coordinates(orient(ring).exterior.simplify(_SIMPLE * diagonal))[:-1]
    if len(corners) > 3:
        after = np.roll(corners, -1, axis=0)
        short = np.hypot(*(after - corners).T) < _SHORTEST * diagonal
        if short.any() and (~short).sum() >= 3:
            middles = (corners + after) / 2
            corners = np.array(
                [middles[k] if short[k] else corners[k] for k in range(len(corners)) if not short[k - 1]]
            )
    return corners


def _lines(field: Oriented, norm: tuple[float, float], low: _Floats, high: _Floats, spread_m: float) -> list[_Line]:
    """The lines that one side may lie on, best first."""
    middle, run = (low + high) / 2, high - low
    length = float(np.hypot(*run))
    reach = min(2.5 * spread_m, 40.0)
    at = np.arange(-0.5 * length - reach, 0.5 * length + reach, _STEP_M)
    offsets = np.arange(-reach, reach + 1e-9, _STEP_M)
    found: list[_Line] = []
    core = np.abs(at) <= 0.4 * length
    for turn in _TURNS_DEG:
        angle = math.atan2(run[1], run[0]) + math.radians(turn)
        along = np.array([math.cos(angle), math.sin(angle)])
        across = np.array([-along[1], along[0]])
        xy = middle + at[None, :, None] * along + offsets[:, None, None] * across
        worth = _worth(_sampled(field, xy, angle, norm))
        cost = 0.5 * (turn / _TURN_SD_DEG) ** 2 + 0.5 * (offsets / spread_m) ** 2
        score = worth[:, core].sum(axis=1) - cost
        for _ in range(4):
            best = int(score.argmax())
            if not math.isfinite(score[best]):
                break
            sums = np.concatenate([[0.0], worth[best].cumsum()])
            line = _Line(middle + offsets[best] * across, along, float(at[0]), sums, float(cost[best]))
            found.append(line)
            score[np.abs(offsets - offsets[best]) < _APART_M] = -np.inf
    half = 0.4 * length
    found.sort(key=lambda line: line.cost - line.between(-half, half))
    return found[:_LINES]


def _worth(strength: _Floats) -> _Floats:
    """What each step of a line is worth in nats: edges of a wall are about one standard deviation up, ground none."""
    result: _Floats = (np.minimum(strength, _MOST) + _FINE * strength - 0.5) * _STEP_M / _LOOK_M
    return result


def _sampled(field: Oriented, xy: _Floats, angle: float, norm: tuple[float, float]) -> _Floats:
    """Strength of edges that run at an angle (radians, from east) at points in metres, in standard deviations."""
    count = len(field.fields)
    place = (angle / math.pi * count) % count
    lower = int(place)
    share = place - lower
    pixels = field.patch.to_pixels(xy.reshape(-1, 2)) + field.pad - 0.5
    rows, columns = pixels[:, 1], pixels[:, 0]
    values = sum(
        part * ndimage.map_coordinates(field.fields[layer % count], [rows, columns], order=1, mode="constant")
        for layer, part in ((lower, 1 - share), (lower + 1, share))
    )
    result: _Floats = (np.asarray(values, np.float64).reshape(xy.shape[:-1]) - norm[0]) / norm[1]
    return result


def _crossing(one: _Line, other: _Line) -> _Floats | None:
    turn = float(one.along[0] * other.along[1] - one.along[1] * other.along[0])
    if abs(turn) < 0.15:
        return None
    apart = other.point - one.point
    result: _Floats = one.point + one.along * float(apart[0] * other.along[1] - apart[1] * other.along[0]) / turn
    return result


def _climbed(lines: Sequence[Sequence[_Line]], chosen: list[int]) -> tuple[float, _Floats | None]:
    """Sides changed one at a time while that gains (coordinate ascent); the summed worth and the corners."""
    count = len(lines)
    now = _total(lines, chosen)
    for _ in range(_ROUNDS):
        before = now
        for side in range(count):
            for choice in range(len(lines[side])):
                trial = [*chosen[:side], choice, *chosen[side + 1 :]]
                total = _total(lines, trial)
                if total > now:
                    now, chosen = total, trial
        if now <= before:
            break
    return now, _met(lines, chosen)


def _met(lines: Sequence[Sequence[_Line]], chosen: Sequence[int]) -> _Floats | None:
    """Corner before each side, (n, 2)."""
    picked = [found[choice] for found, choice in zip(lines, chosen, strict=True)]
    meetings = [_crossing(picked[k - 1], picked[k]) for k in range(len(picked))]
    if any(point is None for point in meetings):
        return None
    return np.array([point for point in meetings if point is not None])


def _total(lines: Sequence[Sequence[_Line]], chosen: Sequence[int]) -> float:
    corners = _met(lines, chosen)
    if corners is None:
        return -math.inf
    total = 0.0
    for side, choice in enumerate(chosen):
        line = lines[side][choice]
        low = float((corners[side] - line.point) @ line.along)
        high = float((corners[(side + 1) % len(corners)] - line.point) @ line.along)
        if high - low < 2.0:
            return -math.inf
        total += line.between(low, high) - line.cost
    return total
