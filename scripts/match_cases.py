"""Drawn plans with known answers, made for learning and checking ``geoinv match``: compounds, outlines, sketches.

Everything is drawn from broad laws by one seed and lies in the open ocean. Laws and shapes are this script's own and
share nothing with the made worlds that the rest is tried on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from shapely import affinity
from shapely.geometry import LineString, Point, Polygon, box
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from geoinv.geometry.frames import to_lonlat
from geoinv.records.drawings import Sketch, SketchElement
from geoinv.records.places import Frame

__all__ = ["FRAME", "LEVELS", "Case", "Law", "broad_law", "make_case", "make_rooms", "make_small", "make_streets"]

Array = NDArray[np.float64]
FRAME = Frame(lon=-31.0, lat=-14.0)
_NAMES = ("boiler house", "kitchen", "office", "workshop", "water tank", "clinic")


@dataclass(frozen=True)
class Law:
    """How badly a compound is drawn and seen.

    Attributes
    ----------
    bend
        Standard error of drawn places as a share of the layout's radius: about √(1 − r²).
    omitted, invented, missing, clutter
        Shares: left out of the drawing, drawn though not there, without an outline, outlines of other things.
    size, turn
        Standard errors of log sides and of directions in radians.
    parallel
        Whether everything is drawn along the page.
    merged
        Share of buildings drawn, or outlined, as one with a neighbour or as two.
    walled
        Whether the wall is drawn and on the ground.
    named
        Share of named things whose outline bears the name.
    telling
        How much surer outlines of real things are.
    """

    bend: float
    omitted: float
    invented: float
    missing: float
    clutter: float
    size: float = 0.2
    turn: float = 0.15
    parallel: bool = False
    merged: float = 0.05
    walled: bool = False
    named: float = 0.6
    telling: float = 0.5


#: The levels reported: chosen after the published description of such drawings, not after any measured case.
LEVELS: dict[str, Law] = {
    "easy": Law(0.10, 0.12, 0.04, 0.10, 0.6, 0.15, 0.08),
    "medium": Law(0.19, 0.22, 0.08, 0.27, 1.1, 0.25, 0.17),
    "hard": Law(0.33, 0.30, 0.15, 0.45, 1.6, 0.35, 0.3),
    "severe": Law(0.43, 0.35, 0.2, 0.5, 1.8, 0.45, 0.4),
}


@dataclass(frozen=True)
class Case:
    """Sketches, outlines and the answer.

    Attributes
    ----------
    pairs
        Per sketch, element → the candidates of which any counts (empty: none).
    places
        Per sketch, element → where it really is, metres of ``FRAME``; what was invented is left out.
    """

    candidates: gpd.GeoDataFrame
    sketches: tuple[Sketch, ...]
    pairs: tuple[dict[str, frozenset[str]], ...]
    places: tuple[dict[str, tuple[float, float]], ...]
    radius_m: float
    level: str


@dataclass(frozen=True)
class _Thing:
    shape: Polygon
    role: str = "building"
    label: str | None = None


def broad_law(rng: np.random.Generator) -> Law:
    """A law from the whole range of drawings."""
    hard = rng.beta(1.6, 1.6)
    return Law(
        bend=float(np.exp(rng.normal(math.log(0.08 + 0.30 * hard), 0.2))),
        omitted=rng.uniform(0.08, 0.4),
        invented=rng.uniform(0.0, 0.22),
        missing=float(np.clip(rng.normal(0.08 + 0.5 * hard, 0.1), 0.0, 0.6)),
        clutter=rng.uniform(0.3, 2.0),
        size=float(np.exp(rng.normal(math.log(0.15 + 0.25 * hard), 0.25))),
        turn=float(np.exp(rng.normal(math.log(0.08 + 0.3 * hard), 0.3))),
        parallel=bool(rng.random() < 0.33),
        merged=rng.choice([0.0, 0.05, 0.15]),
        walled=bool(rng.random() < 0.35),
        named=rng.uniform(0.2, 0.95),
        telling=rng.uniform(0.0, 1.2),
    )


def _rectangle(x: float, y: float, length: float, width: float, angle: float) -> Polygon:
    shape = box(-length / 2, -width / 2, length / 2, width / 2)
    return affinity.translate(affinity.rotate(shape, angle, origin=(0, 0), use_radians=True), x, y)


def _building(rng: np.random.Generator, x: float, y: float, angle: float, size: float) -> Polygon:
    length = float(np.clip(size * np.exp(rng.normal(0.0, 0.4)), 5.0, 60.0))
    width = float(np.clip(length / np.exp(abs(rng.normal(0.45, 0.4))), 4.0, 22.0))
    shape = _rectangle(x, y, length, width, angle)
    if rng.random() < 0.12 and length > 14:
        wing = affinity.translate(
            _rectangle(x, y, width * 0.7, length * 0.5, angle),
            0.35 * length * math.cos(angle) - 0.3 * length * math.sin(angle),
            0.35 * length * math.sin(angle) + 0.3 * length * math.cos(angle),
        )
        joined = unary_union([shape, wing])
        return joined if isinstance(joined, Polygon) else shape
    return shape


def _spots(
    rng: np.random.Generator, style: str, count: int, half: float, *, alike: bool = False
) -> list[tuple[float, float, float]]:
    """Middles and directions of buildings: strewn, in rows (exact ones where all are alike), around yards."""
    loosely = 0.2 if alike else 1.0
    base = rng.uniform(0, math.pi)
    spots: list[tuple[float, float, float]] = []
    if style == "rows":
        rows = int(rng.integers(2, 5))
        per = math.ceil(1.2 * count / rows)
        for row in range(rows):
            y = half * (-0.8 + 1.6 * row / max(rows - 1, 1)) + rng.normal(0, 3 * loosely)
            for k in range(per):
                spots.append((half * (-0.9 + 1.8 * k / max(per - 1, 1)) + rng.normal(0, 4 * loosely), y, 0.0))
    elif style == "yards":
        for _ in range(1 + count // 6):
            cx, cy, ring = *rng.uniform(-0.7 * half, 0.7 * half, 2), rng.uniform(14, 28)
            turn = rng.choice([0.0, math.pi / 2, rng.uniform(0, math.pi)])
            for k in range(6):
                at = turn + k * math.pi / 3
                spots.append((cx + ring * math.cos(at), cy + ring * math.sin(at), at + math.pi / 2))
    ways = [0.0, math.pi / 2, rng.uniform(0, math.pi)]
    loose = style == "strewn" and rng.random() < 0.4
    while len(spots) < 3 * count:
        x, y = rng.uniform(-half, half, 2)
        spots.append((x, y * rng.uniform(0.6, 1.0), rng.uniform(0, math.pi) if loose else float(rng.choice(ways))))
    turned = []
    for x, y, angle in spots:
        c, s = math.cos(base), math.sin(base)
        turned.append((c * x - s * y, s * x + c * y, angle + base + rng.normal(0, 0.03)))
    head = turned[: int(1.2 * count)]
    rng.shuffle(head)
    return head + turned[int(1.2 * count) :]


def _compound(rng: np.random.Generator, style: str) -> tuple[list[_Thing], LineString, float]:
    """Things that stand, the wall around them, and the compound's half-width."""
    count = int(rng.integers(7, 27))
    half = float(rng.uniform(9, 16) * math.sqrt(count))
    size = rng.uniform(10, 20)
    things: list[_Thing] = []
    # Barracks built to one plan: neither size nor shape tells one from the next.
    alike = style == "rows" and bool(rng.random() < 0.5)
    plan = (size * 1.2, size * rng.uniform(0.4, 0.9)) if alike else (0.0, 0.0)
    for x, y, angle in _spots(rng, style, count, half, alike=alike):
        usual = alike and rng.random() < 0.8
        shape = _rectangle(x, y, *plan, angle) if usual else _building(rng, x, y, angle, size)
        if len(things) < count and all(shape.distance(other.shape) > 2.5 for other in things):
            things.append(_Thing(shape))
    hull = unary_union([one.shape for one in things]).minimum_rotated_rectangle.buffer(6.0, join_style="mitre")
    corners = np.asarray(hull.exterior.coords)[:-1]
    corners = corners + rng.normal(0, 0.06 * half, corners.shape)
    wall = LineString([*corners, corners[0]])
    for _ in range(int(rng.integers(0, 6))):
        x, y = (
            wall.interpolate(rng.random(), normalized=True).coords[0]
            if rng.random() < 0.5
            else corners[int(rng.integers(len(corners)))]
        )
        things.append(
            _Thing(
                _rectangle(x + rng.normal(0, 2), y + rng.normal(0, 2), *([rng.uniform(3, 5)] * 2), 0), "tower", "tower"
            )
        )
    if rng.random() < 0.85:
        x, y = wall.interpolate(rng.random(), normalized=True).coords[0]
        things.append(_Thing(_rectangle(x, y, 6, 5, rng.uniform(0, 3)), "gate", "gate"))
    for index in rng.permutation(len(things))[: int(rng.integers(0, 3))]:
        if things[index].role == "building":
            things[index] = replace(things[index], label=str(rng.choice(_NAMES)))
    return things, wall, half


def _clutter(rng: np.random.Generator, things: list[_Thing], count: int, half: float) -> list[_Thing]:
    """Other things' outlines: strewn within and about, and sometimes a mirrored piece of the compound beside it."""
    out: list[_Thing] = []
    if rng.random() < 0.2 and len(things) > 6:
        side = rng.uniform(0, 2 * math.pi)
        for one in things[: count // 2]:
            flipped = affinity.rotate(affinity.scale(one.shape, -1, 1, origin=(0, 0)), rng.normal(0, 2), origin=(0, 0))
            out.append(_Thing(affinity.translate(flipped, 1.8 * half * math.cos(side), 1.8 * half * math.sin(side))))
    taken = [one.shape for one in things]
    far = rng.uniform(1.0, 1.7)
    for _ in range(20 * count):
        if len(out) >= count:
            break
        x, y = rng.uniform(-far * half, far * half, 2)
        shape = _building(rng, x, y, rng.uniform(0, math.pi), rng.uniform(6, 16))
        if all(shape.distance(other) > 1.5 for other in taken):
            role = ("tower", "tower") if rng.random() < 0.04 else ("building", None)
            out.append(_Thing(shape, *role))
            taken.append(shape)
    return out


def _outlines(
    rng: np.random.Generator, law: Law, things: list[_Thing], clutter: list[_Thing]
) -> tuple[list[tuple[_Thing, float]], list[set[int]]]:
    """Outlines as found, with existence; and per true thing the outlines that show it."""
    rows: list[tuple[_Thing, float]] = []
    shown: list[set[int]] = [set() for _ in things]
    alive = [k for k in range(len(things)) if rng.random() >= law.missing]
    if not alive:
        alive = [0]
    joined: set[int] = set()
    for k in alive:
        if k in joined:
            continue
        one = things[k]
        near = [m for m in alive if m > k and m not in joined and things[m].shape.distance(one.shape) < 4 and m != k]
        if near and rng.random() < law.merged:
            both = unary_union([one.shape, things[near[0]].shape]).minimum_rotated_rectangle
            joined.add(near[0])
            shown[near[0]].add(len(rows))
            one = replace(one, shape=both)
        shown[k].add(len(rows))
        shape = affinity.scale(one.shape, *np.exp(rng.normal(0, 0.06, 2)))
        shape = affinity.translate(affinity.rotate(shape, rng.normal(0, 2)), *rng.normal(0, 0.8, 2))
        known = one.label is not None and rng.random() < law.named
        rows.append(
            (
                _Thing(shape, one.role if known else "", one.label if known else None),
                float(rng.beta(6 + 2 * law.telling, 2)),
            )
        )
    for one in clutter:
        known = one.label is not None and rng.random() < 1.3 * law.named
        rows.append(
            (
                _Thing(one.shape, one.role if known else "", one.label),
                float(rng.beta(6 - law.telling, 2 + law.telling / 2)),
            )
        )
    order = rng.permutation(len(rows))
    at = {int(old): new for new, old in enumerate(order)}
    return [rows[k] for k in order], [{at[k] for k in one} for one in shown]


def _warp(rng: np.random.Generator, law: Law, middle: Array, radius: float) -> tuple[Array, Array, NDArray[np.float64]]:
    """An affine part and smooth pulls whose strength adds up to the law's bend, with single things' share."""
    share = rng.dirichlet([1.5, 2.0, 2.0])
    skew = rng.normal(0, 1, (2, 2))
    skew -= np.eye(2) * np.trace(skew) / 2 + np.array([[0, -1], [1, 0]]) * (skew[1, 0] - skew[0, 1]) / 2
    amount = law.bend * radius * np.sqrt(share)
    linear = np.eye(2) + skew / max(float(np.linalg.norm(skew)), 1e-9) * math.sqrt(2 * share[0]) * law.bend
    centres = middle + rng.normal(0, radius, (6, 2))
    pulls = rng.normal(0, 1, (6, 2))
    return linear, np.concatenate([centres, pulls], axis=1), amount


def _drawn_places(rng: np.random.Generator, law: Law, xy: Array) -> Array:
    """Where memory puts places (n, 2): error of ``bend`` radii all told, similarity parts apart."""
    middle = xy.mean(axis=0)
    radius = float(np.sqrt(((xy - middle) ** 2).sum(axis=1).mean())) or 1.0
    linear, pull, amount = _warp(rng, law, middle, radius)
    away = ((xy[:, None, :] - pull[None, :, :2]) ** 2).sum(axis=2)
    smooth = np.exp(-away / (2 * (rng.uniform(0.4, 1.0) * radius) ** 2)) @ pull[:, 2:]
    smooth -= smooth.mean(axis=0)
    smooth *= amount[1] / max(float(np.sqrt((smooth**2).sum(axis=1).mean())), 1e-9)
    own = rng.standard_t(5, xy.shape) * math.sqrt(3 / 5) * amount[2] / math.sqrt(2)
    moved: Array = (xy - middle) @ linear.T + smooth + own
    return moved


def _page(rng: np.random.Generator) -> tuple[float, float]:
    return float(rng.uniform(0, 2 * math.pi)), float(np.exp(rng.normal(1.2, 0.4)))


def _sketch(
    rng: np.random.Generator, law: Law, things: list[_Thing], wall: LineString, shown: list[set[int]], name: str
) -> tuple[Sketch, dict[str, frozenset[str]], dict[str, tuple[float, float]]]:
    """One witness's drawing, its answer, and where the drawn things are."""
    remembered = [k for k in range(len(things)) if rng.random() >= law.omitted * (0.5 if things[k].label else 1.1)]
    if len(remembered) < 4:
        remembered = list(range(min(len(things), 4)))
    groups: list[list[int]] = []
    for k in remembered:
        last = next((g for g in groups if things[g[0]].shape.distance(things[k].shape) < 5 and len(g) == 1
                     and not things[k].label and not things[g[0]].label), None)  # fmt: skip
        if last is not None and rng.random() < law.merged:
            last.append(k)
        else:
            groups.append([k])
    shapes = [unary_union([things[k].shape for k in g]).minimum_rotated_rectangle for g in groups]
    xy = np.array([shape.centroid.coords[0] for shape in shapes])
    count = int(rng.binomial(len(groups), law.invented))
    low, high = xy.min(axis=0), xy.max(axis=0)
    extra = rng.uniform(low, high, (count, 2))
    ring = np.asarray(wall.segmentize(wall.length / 40).coords)
    placed = _drawn_places(rng, law, np.concatenate([xy, extra, ring]) if law.walled else np.concatenate([xy, extra]))
    turn, scale = _page(rng)
    spin = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]]) * scale
    placed = placed @ spin.T
    page = rng.choice([0.0, rng.uniform(0, math.pi / 2)])
    grow = rng.normal(0, 0.2)
    elements: list[SketchElement] = []
    answer: dict[str, frozenset[str]] = {}
    places: dict[str, tuple[float, float]] = {}
    for index in rng.permutation(len(groups) + count):
        made = index >= len(groups)
        source = _building(rng, 0, 0, rng.uniform(0, math.pi), 13) if made else shapes[index]
        sides, angle = _sides(source.minimum_rotated_rectangle)
        angle += turn + rng.normal(0, law.turn) + (rng.uniform(0, math.pi) if rng.random() < 0.04 else 0.0)
        if law.parallel:
            angle = page + round((angle - page) / (math.pi / 2)) * math.pi / 2
        length, width = sides * np.exp(rng.normal(0, law.size, 2) + grow) * scale
        shape = _rectangle(*placed[index], length, width, angle)
        first = None if made else things[groups[index][0]]
        label, role = (first.label, first.role) if first is not None else (None, "building")
        if label is not None and rng.random() < 0.12:
            label, role = (None, "building") if rng.random() < 0.6 else (str(rng.choice(_NAMES)), "building")
        number = f"b{len(elements) + 1}"
        elements.append(SketchElement(id=number, role=role, label=label, geometry=shape))
        found = set() if made else set().union(*(shown[k] for k in groups[index]))
        answer[number] = frozenset(f"c{k}" for k in found)
        if not made:
            places[number] = (float(xy[index, 0]), float(xy[index, 1]))
    if law.walled:
        line = LineString(placed[len(groups) + count :])
        elements.append(SketchElement(id="w1", role="wall", geometry=line.simplify(0.01 * line.length)))
    return Sketch(name=name, elements=tuple(elements)), answer, places


def _sides(shape: BaseGeometry) -> tuple[Array, float]:
    corners = np.asarray(shape.exterior.coords)[:3]
    edges = np.diff(corners, axis=0)
    lengths = np.hypot(edges[:, 0], edges[:, 1])
    longer = edges[int(lengths.argmax())]
    return np.sort(lengths)[::-1], math.atan2(longer[1], longer[0])


def make_case(
    seed: int, *, level: str | None = None, walled: bool | None = None, present: bool = True, sketches: int = 1,
    compounds: int = 1, series: int = 0,
) -> Case:  # fmt: skip
    """One case.

    Parameters
    ----------
    seed
        Decides everything.
    level
        One of ``LEVELS`` (every third drawn along the page), or ``None`` for any law.
    walled
        Whether the wall is drawn and on the ground; by the law where ``None``.
    present
        Whether the drawn compound is among the outlines.
    sketches
        How many witnesses draw it.
    compounds
        Outlines of so many compounds, of which the drawn one is the first, or none.
    series
        Another series gives every seed another case.
    """
    rng = np.random.default_rng([seed, 77, series] if series else [seed, 77])
    law = broad_law(rng)
    if level is not None:
        law = replace(LEVELS[level], parallel=seed % 3 == 0)
    law = replace(law, walled=law.walled if walled is None else walled)
    style = str(rng.choice(["strewn", "rows", "yards"], p=[0.45, 0.3, 0.25]))
    things, wall, half = _compound(rng, style)
    tables: list[tuple[list[tuple[_Thing, float]], LineString]] = []
    shown: list[set[int]] = [set() for _ in things]
    for number in range(compounds):
        own = number == 0 and present
        stand, ring, reach = (things, wall, half) if own else _compound(rng, style)
        clutter = _clutter(rng, stand, int(law.clutter * len(stand)), reach)
        rows, seen = _outlines(rng, law, stand, clutter)
        if own:
            shown = seen
        tables.append((rows, ring))
    drawn = [_sketch(rng, law, things, wall, shown, f"sketch-{k + 1}.geojson") for k in range(sketches)]
    xy = np.array([one.shape.centroid.coords[0] for one in things])
    radius = float(np.sqrt(((xy - xy.mean(axis=0)) ** 2).sum(axis=1).mean()))
    return Case(
        _table(tables, law.walled),
        tuple(one for one, _, _ in drawn),
        tuple(answer for _, answer, _ in drawn),
        tuple(places for _, _, places in drawn),
        radius,
        level or "any",
    )


def _table(tables: list[tuple[list[tuple[_Thing, float]], LineString]], walled: bool) -> gpd.GeoDataFrame:
    ids, roles, labels, existence, compound, shapes = [], [], [], [], [], []
    for number, (rows, wall) in enumerate(tables):
        for one, sure in rows:
            ids.append(f"c{len(ids)}")
            roles.append(one.role or None)
            labels.append(one.label)
            existence.append(sure)
            compound.append(f"k{number}")
            shapes.append(to_lonlat(FRAME, affinity.translate(one.shape, 600.0 * number, 0.0)))
        if walled:
            ids.append(f"w{number}")
            roles.append("wall")
            labels.append(None)
            existence.append(0.8)
            compound.append(f"k{number}")
            shapes.append(to_lonlat(FRAME, affinity.translate(wall, 600.0 * number, 0.0)))
    columns = {"id": ids, "role": roles, "label": labels, "existence": existence}
    if len(tables) > 1:
        columns["compound"] = compound
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326")


def make_small(seed: int, buildings: int) -> Case:
    """One to three buildings in a wall with a gate and up to two posts, beside fourteen other outlines.

    Parameters
    ----------
    seed
        Decides everything; every building and the wall are drawn, as badly as on medium.
    buildings
        How many stand within the wall.
    """
    rng = np.random.default_rng([seed, 80, buildings])
    law = replace(LEVELS["medium"], parallel=seed % 3 == 0, omitted=0.0, missing=0.0, merged=0.0, walled=True)
    things: list[_Thing] = []
    while len(things) < buildings:
        x, y = rng.uniform(-12.0 * buildings, 12.0 * buildings, 2)
        shape = _building(rng, x, y, rng.choice([0.0, math.pi / 2]) + rng.normal(0, 0.05), rng.uniform(18, 34))
        if all(shape.distance(other.shape) > 4.0 for other in things):
            things.append(_Thing(shape))
    yard = unary_union([one.shape for one in things]).minimum_rotated_rectangle.buffer(
        rng.uniform(6, 14), join_style="mitre"
    )
    wall = LineString(yard.exterior.coords)
    corners = np.asarray(yard.exterior.coords)[:-1]
    x, y = wall.interpolate(rng.random(), normalized=True).coords[0]
    things.append(_Thing(_rectangle(x, y, 6, 5, rng.uniform(0, 3)), "gate", "gate"))
    for corner in rng.permutation(len(corners))[: int(rng.integers(0, 3))]:
        x, y = corners[corner]
        things.append(_Thing(_rectangle(x, y, 4, 4, 0), "tower", "tower"))
    half = float(np.ptp(corners, axis=0).max()) / 2
    rows, shown = _outlines(rng, law, things, _clutter(rng, things, 14, 2.5 * half))
    drawn, answer, places = _sketch(rng, law, things, wall, shown, "sketch-1.geojson")
    return Case(_table([(rows, wall)], True), (drawn,), (answer,), (places,), half, "small")


def make_streets(seed: int) -> Case:
    """Houses along streets, some of them drawn from memory: no names, nothing that tells which outline is surer.

    Published street sketches are of this kind: every house has an outline, most of the outlines were not drawn, and a
    row of houses is drawn as one block.
    """
    rng = np.random.default_rng([seed, 79])
    law = Law(
        bend=float(np.exp(rng.normal(math.log(0.25), 0.3))),
        omitted=rng.uniform(0.05, 0.6),
        invented=rng.uniform(0.0, 0.1),
        missing=rng.uniform(0.0, 0.12),
        clutter=0.0,
        size=float(np.exp(rng.normal(math.log(0.3), 0.25))),
        turn=float(np.exp(rng.normal(math.log(0.2), 0.3))),
        parallel=bool(rng.random() < 0.2),
        merged=rng.choice([0.05, 0.15, 0.3]),
        named=0.0,
        telling=0.0,
    )
    houses = _houses(rng)
    xy = np.array([one.shape.centroid.coords[0] for one in houses])
    away = np.hypot(*(xy - xy[int(rng.integers(len(xy)))]).T)
    blocks = rng.uniform(0.3, 0.8) if rng.random() < 0.5 else 0.0
    known = np.argsort(away)[: int(rng.integers(9, 24) * (1.0 + blocks))]
    things = [houses[int(k)] for k in np.sort(known)]
    others = [houses[k] for k in range(len(houses)) if k not in set(known.tolist())]
    rows, shown = _outlines(rng, law, things, others)
    around = unary_union([one.shape for one in things]).convex_hull.exterior
    things, shown = _blocks(rng, things, shown, blocks)
    drawn, answer, places = _sketch(rng, law, things, LineString(around.coords), shown, "sketch-1.geojson")
    spread = xy[known] - xy[known].mean(axis=0)
    table = _table([([(one, 1.0) for one, _ in rows], LineString(around.coords))], False)
    radius = float(np.sqrt((spread**2).sum(axis=1).mean()))
    return Case(table, (drawn,), (answer,), (places,), radius, "streets")


def _blocks(
    rng: np.random.Generator, things: list[_Thing], shown: list[set[int]], share: float
) -> tuple[list[_Thing], list[set[int]]]:
    """Things with such a share of them drawn as one with up to three neighbours; and the outlines that show each."""
    left, out, seen = list(range(len(things))), [], []
    while left:
        group = [left.pop(0)]
        most = int(rng.integers(2, 5)) if rng.random() < share else 1
        while left and len(group) < most:
            near = min(left, key=lambda k: things[k].shape.distance(things[group[-1]].shape))
            if things[near].shape.distance(things[group[-1]].shape) > 12.0:
                break
            left.remove(near)
            group.append(near)
        whole = unary_union([things[k].shape for k in group]).minimum_rotated_rectangle
        out.append(things[group[0]] if len(group) == 1 else _Thing(whole))
        seen.append(set().union(*(shown[k] for k in group)))
    return out, seen


def _houses(rng: np.random.Generator) -> list[_Thing]:
    """Houses on both sides of a few streets that cross."""
    out: list[_Thing] = []
    base, count = rng.uniform(0, math.pi), int(rng.integers(35, 90))
    size, gap = rng.uniform(9, 16), rng.uniform(2, 12)
    streets = []
    for k in range(int(rng.integers(3, 7))):
        way = base + rng.normal(0, 0.12) + (k % 2) * math.pi / 2
        streets.append((*rng.uniform(-70, 70, 2), way, rng.uniform(90, 220)))
    taken = [
        LineString([(x - c * long, y - s * long), (x + c * long, y + s * long)])
        for x, y, way, long in streets
        for c, s in [(math.cos(way), math.sin(way))]
    ]
    for x, y, way, long in streets:
        for side in (-1, 1):
            at = -long + rng.uniform(0, 20)
            while at < long:
                east, north = x + at * math.cos(way), y + at * math.sin(way)
                off = side * (0.5 * size + rng.uniform(3, 9))
                shape = _building(rng, east - off * math.sin(way), north + off * math.cos(way), way, size)
                if all(shape.distance(other) > 1.0 for other in taken):
                    out.append(_Thing(shape))
                    taken.append(shape)
                at += size * rng.uniform(1.0, 1.8) + gap
    middle = np.array([np.hypot(*one.shape.centroid.coords[0]) for one in out])
    return [out[int(k)] for k in np.sort(np.argsort(middle)[:count])]


def make_rooms(seed: int) -> Case:
    """Rooms of one floor as points, drawn and real: no sizes, no directions; order and neighbours must decide."""
    rng = np.random.default_rng([seed, 78])
    rooms = [box(0, 0, rng.uniform(15, 40), rng.uniform(10, 30))]
    if rng.random() < 0.5:
        rooms = _cut(rooms, 0, rng.uniform(0.35, 0.65), across=bool(rng.random() < 0.5))
    count = int(rng.integers(5, 10))
    while len(rooms) < count:
        largest = int(np.argmax([one.area * rng.uniform(0.4, 1.0) for one in rooms]))
        low_x, low_y, high_x, high_y = rooms[largest].bounds
        rooms = _cut(
            rooms, largest, rng.uniform(0.25, 0.75), across=high_x - low_x > (high_y - low_y) * rng.uniform(0.6, 1.6)
        )
    xy = np.array([one.centroid.coords[0] for one in rooms])
    radius = float(np.sqrt(((xy - xy.mean(axis=0)) ** 2).sum(axis=1).mean()))
    bend = float(np.exp(rng.normal(math.log(0.32), 0.35)))
    remembered = [k for k in range(len(rooms)) if rng.random() > 0.06]
    stretch = np.exp(rng.normal(0, 0.22, 2))
    placed = _drawn_places(rng, Law(bend, 0, 0, 0, 0), xy[remembered]) * stretch * np.exp(rng.normal(3, 0.5))
    turn = rng.choice([0, 1, 2, 3]) * math.pi / 2 + rng.normal(0, 0.1)
    spin = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    placed = placed @ spin.T
    way = rng.uniform(0, 2 * math.pi)
    ground = [affinity.rotate(Point(*one), way, origin=(0, 0), use_radians=True) for one in xy]
    kept = [k for k in range(len(rooms)) if k in remembered or rng.random() < 0.4]
    kept = [kept[k] for k in rng.permutation(len(kept))]
    ids = {k: f"c{number}" for number, k in enumerate(kept)}
    order = [int(k) for k in rng.permutation(len(remembered))]
    elements = tuple(
        SketchElement(id=f"r{number}", role="building", geometry=Point(*placed[k])) for number, k in enumerate(order)
    )
    answer = {f"r{number}": frozenset([ids[remembered[k]]]) for number, k in enumerate(order)}
    places = {f"r{number}": (ground[remembered[k]].x, ground[remembered[k]].y) for number, k in enumerate(order)}
    shapes = [to_lonlat(FRAME, ground[k]) for k in kept]
    table = gpd.GeoDataFrame({"id": [ids[k] for k in kept], "existence": 1.0}, geometry=shapes, crs="EPSG:4326")
    return Case(table, (Sketch(name="rooms.geojson", elements=elements),), (answer,), (places,), radius, "rooms")


def _cut(rooms: list[Polygon], index: int, share: float, *, across: bool) -> list[Polygon]:
    """Rooms with one of them parted in two."""
    x, y, right, top = rooms[index].bounds
    at = x + share * (right - x), y + share * (top - y)
    parts = [box(x, y, at[0], top), box(at[0], y, right, top)] if across else [
        box(x, y, right, at[1]), box(x, at[1], right, top)
    ]  # fmt: skip
    return [*rooms[:index], *parts, *rooms[index + 1 :]]
