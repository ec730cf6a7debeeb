"""Triangles of a scene: walls, roofs, trees, lorries; each with a surface and the way its texture runs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Point, Polygon

from geoinv.worlds.compound import Compound
from geoinv.worlds.forms import Form, Wing
from geoinv.worlds.surroundings import Surroundings

__all__ = ["SURFACES", "SceneMesh", "scene_mesh"]

#: Surfaces a triangle can have; the order is the code.
SURFACES = (
    "tile red",
    "tile grey",
    "sheet",
    "rusted sheet",
    "concrete",
    "plaster",
    "brick",
    "foliage",
    "paint green",
    "paint blue",
    "coal",
    "timber",
    "canvas",
    "wire",
)
_CODE = {name: code for code, name in enumerate(SURFACES)}
Array = NDArray[np.float64]


class SceneMesh:
    """Triangles gathered part by part.

    Attributes
    ----------
    surfaces, owners
        Per triangle: code in ``SURFACES``; number of the thing it belongs to.
    axes
        Per thing: a point of its ridge and the ridge's direction, shape (m, 4); texture runs by it.
    """

    def __init__(self) -> None:
        self._vertices: list[Array] = []
        self._triangles: list[NDArray[np.int64]] = []
        self._surfaces: list[NDArray[np.int64]] = []
        self._owners: list[NDArray[np.int64]] = []
        self._axes: list[tuple[float, float, float, float]] = []
        self._count = 0

    @property
    def vertices(self) -> Array:
        """Metres, shape (v, 3)."""
        return np.concatenate(self._vertices)

    @property
    def triangles(self) -> NDArray[np.int64]:
        """Rows of vertices, shape (t, 3)."""
        return np.concatenate(self._triangles)

    @property
    def surfaces(self) -> NDArray[np.int64]:
        """Code of each triangle's surface, shape (t,)."""
        return np.concatenate(self._surfaces)

    @property
    def owners(self) -> NDArray[np.int64]:
        """Number of the thing each triangle belongs to, shape (t,)."""
        return np.concatenate(self._owners)

    @property
    def axes(self) -> Array:
        """East, north and unit direction of each thing's ridge, shape (m, 4)."""
        return np.array(self._axes, float).reshape(-1, 4)

    def thing(self, east: float, north: float, angle_deg: float) -> None:
        """Begin a thing; what is added next belongs to it."""
        turn = math.radians(angle_deg)
        self._axes.append((east, north, math.cos(turn), math.sin(turn)))

    def add(self, vertices: Array, triangles: NDArray[np.int64], surface: str) -> None:
        """Add triangles of one surface to the thing begun last."""
        self._vertices.append(np.asarray(vertices, float))
        self._triangles.append(np.asarray(triangles, np.int64) + self._count)
        self._surfaces.append(np.full(len(triangles), _CODE[surface], np.int64))
        self._owners.append(np.full(len(triangles), len(self._axes) - 1, np.int64))
        self._count += len(vertices)

    def faces(self, faces: Sequence[Sequence[tuple[float, float, float]]], surface: str) -> None:
        """Add flat convex faces, each a ring of points."""
        for face in faces:
            corners = np.array(face, float)
            fan = np.array([(0, i, i + 1) for i in range(1, len(corners) - 1)], np.int64)
            self.add(corners, fan, surface)

    def prism(self, ring: Polygon, low: float, high: float, surface: str, top: str | None) -> None:
        """Upright sides over a ring, and a flat top for a convex one if asked."""
        points = [(float(x), float(y)) for x, y in shapely.geometry.polygon.orient(ring).exterior.coords[:-1]]
        pairs = zip(points, points[1:] + points[:1], strict=True)
        self.faces([[(*a, low), (*b, low), (*b, high), (*a, high)] for a, b in pairs], surface)
        if top:
            self.faces([[(*point, high) for point in points]], top)


def _corners(wing: Wing, overhang: float) -> list[tuple[float, float]]:
    grown = Wing(wing.east, wing.north, wing.length_m + 2 * overhang, wing.width_m + 2 * overhang, wing.angle_deg)
    return [(float(x), float(y)) for x, y in grown.polygon.exterior.coords[:-1]]


def _roof(mesh: SceneMesh, wing: Wing, form: Form) -> None:
    """One wing's roof: a slab, a slope, or two or four slopes to a ridge."""
    a, b, c, d = _corners(wing, form.overhang_m)
    eave, ridge = form.eave_m, form.eave_m + form.rise_m
    half = wing.length_m / 2 + form.overhang_m
    inset = min(wing.width_m / 2 + form.overhang_m, half * 0.8) if form.roof == "hip" else 0.0
    cos, sin = math.cos(math.radians(wing.angle_deg)), math.sin(math.radians(wing.angle_deg))
    p = (wing.east - cos * (half - inset), wing.north - sin * (half - inset), ridge)
    q = (wing.east + cos * (half - inset), wing.north + sin * (half - inset), ridge)
    low = [(*corner, eave) for corner in (a, b, c, d)]
    if form.roof == "flat":
        mesh.prism(Polygon((a, b, c, d)), eave, ridge, "plaster", form.surface)
    elif form.roof == "shed":
        high = [(*c, ridge), (*d, ridge)]
        mesh.faces([[low[0], low[1], high[0], high[1]]], form.surface)
        mesh.faces(
            [[low[1], low[2], high[0]], [low[0], high[1], low[3]], [low[2], low[3], high[1], high[0]]], "plaster"
        )
    else:
        ends = form.surface if form.roof == "hip" else "plaster"
        mesh.faces([[low[0], low[1], q, p], [low[2], low[3], p, q]], form.surface)
        mesh.faces([[low[1], low[2], q], [low[3], low[0], p]], ends)


def _building(mesh: SceneMesh, form: Form, walls: str) -> None:
    for number, wing in enumerate(form.wings):
        # Ridges of wings that meet must not lie in one plane, or rays would flicker between them.
        mesh.thing(wing.east, wing.north, wing.angle_deg)
        mesh.prism(wing.polygon, 0.0, form.eave_m, walls, None)
        _roof(mesh, wing, form if number == 0 else _lower(form))
    if form.chimney:
        wing = form.wings[0]
        turn = math.radians(wing.angle_deg)
        off = wing.length_m * 0.28
        at = Wing(wing.east + off * math.cos(turn), wing.north + off * math.sin(turn), 0.8, 0.7, wing.angle_deg)
        mesh.thing(at.east, at.north, at.angle_deg)
        mesh.prism(at.polygon, form.eave_m, form.eave_m + form.rise_m + 1.1, "brick", "coal")


def _lower(form: Form) -> Form:
    return Form(form.wings, form.eave_m, form.roof, max(0.1, form.rise_m - 0.06), form.overhang_m, form.surface)


def _wall(mesh: SceneMesh, compound: Compound) -> None:
    """The perimeter with its gaps, leaves in the gates, piers beside them."""
    ring = LineString([*compound.wall, compound.wall[0]])
    gaps = shapely.union_all([Point(x, y).buffer(width / 2) for x, y, width in compound.gates])
    for piece in shapely.get_parts(ring.difference(gaps)):
        points = list(piece.coords)
        for a, b in zip(points, points[1:], strict=False):
            _plank(mesh, a, b, 0.4, 0.0, compound.wall_height_m, "plaster")
    for x, y, width in compound.gates:
        near = ring.project(Point(x, y))
        ends = [ring.interpolate(near + step * width / 2) for step in (-1, 1)]
        a, b = ((float(point.x), float(point.y)) for point in ends)
        _plank(mesh, a, b, 0.12, 0.1, compound.wall_height_m - 0.5, "paint green")
        for pier in (a, b):
            mesh.thing(*pier, 0.0)
            mesh.prism(
                Wing(pier[0], pier[1], 0.7, 0.7).polygon, 0.0, compound.wall_height_m + 0.4, "plaster", "concrete"
            )


def _plank(
    mesh: SceneMesh, a: tuple[float, ...], b: tuple[float, ...], thick: float, low: float, high: float, surface: str
) -> None:
    """A straight upright slab from a to b."""
    length = math.hypot(b[0] - a[0], b[1] - a[1])
    if length < 0.05:
        return
    angle = math.degrees(math.atan2(b[1] - a[1], b[0] - a[0]))
    wing = Wing((a[0] + b[0]) / 2, (a[1] + b[1]) / 2, length, thick, angle)
    mesh.thing(wing.east, wing.north, angle)
    mesh.prism(wing.polygon, low, high, surface, "concrete" if surface == "plaster" else surface)


def _tower(mesh: SceneMesh, wing: Wing, height: float) -> None:
    """A post: a shaft, a cabin a little wider, a flat roof that overhangs."""
    mesh.thing(wing.east, wing.north, wing.angle_deg)
    mesh.prism(wing.polygon, 0.0, height - 0.3, "plaster", None)
    wide = Wing(wing.east, wing.north, wing.length_m + 0.7, wing.width_m + 0.7, wing.angle_deg)
    cap = Form((wide,), height - 0.3, "hip", 0.6, 0.15, "sheet")
    _roof(mesh, wide, cap)
    mesh.faces([[(*corner, height - 0.3) for corner in _corners(wide, 0.15)]], "concrete")


def _sphere() -> tuple[Array, NDArray[np.int64]]:
    """A sphere of 16 × 9 faces, radius 1."""
    rows, columns = 9, 16
    lat = np.linspace(-np.pi / 2, np.pi / 2, rows + 1)
    lon = np.linspace(0, 2 * np.pi, columns, endpoint=False)
    grid = np.stack(
        [np.cos(lat)[:, None] * np.cos(lon), np.cos(lat)[:, None] * np.sin(lon), np.sin(lat)[:, None] + 0 * lon],
        axis=-1,
    )
    i, j = np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij")
    here, right = i * columns + j, i * columns + (j + 1) % columns
    quads = np.stack([here, right, right + columns, here + columns], axis=-1).reshape(-1, 4)
    return grid.reshape(-1, 3), np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]).astype(np.int64)


_BALL, _BALL_FACES = _sphere()


def _tree(mesh: SceneMesh, rng: np.random.Generator, tree: Array) -> None:
    """A crown of a few uneven lumps over a thin trunk."""
    east, north, radius, height = (float(v) for v in tree)
    mesh.thing(east, north, float(rng.uniform(0, 180)))
    for _ in range(3 if radius > 1.6 else 1):
        off = rng.normal(0, 0.33 * radius, 2)
        size = radius * float(rng.uniform(0.6, 0.95))
        bumps = 1 + 0.2 * rng.standard_normal(len(_BALL))
        ball = _BALL * bumps[:, None] * (size, size, size * 1.15)
        mesh.add(ball + (east + off[0], north + off[1], max(size, height - size)), _BALL_FACES, "foliage")
    mesh.prism(Wing(east, north, 0.3, 0.3).polygon, 0.0, height * 0.6, "timber", None)


def _lorry(mesh: SceneMesh, east: float, north: float, angle: float, surface: str) -> None:
    turn = math.radians(angle)
    for off, length, width, low, high, kind in (
        (-0.9, 4.2, 2.3, 0.9, 1.5, "timber"),
        (2.3, 1.9, 2.2, 0.5, 2.4, surface),
        (-0.9, 4.0, 2.1, 1.5, 2.3, "canvas"),
    ):
        at = Wing(east + off * math.cos(turn), north + off * math.sin(turn), length, width, angle)
        mesh.thing(at.east, at.north, angle)
        mesh.prism(at.polygon, low, high, kind, kind)


def _heap(mesh: SceneMesh, rng: np.random.Generator, east: float, north: float, radius: float, surface: str) -> None:
    mesh.thing(east, north, 0.0)
    ball = _BALL * (1 + 0.15 * rng.standard_normal(len(_BALL)))[:, None]
    mesh.add(
        ball * (radius, radius * float(rng.uniform(0.6, 1.2)), radius * 0.55) + (east, north, 0.0), _BALL_FACES, surface
    )


def _stack(mesh: SceneMesh, rng: np.random.Generator, east: float, north: float, angle: float) -> None:
    """A pile of timber."""
    for number in range(int(rng.integers(2, 5))):
        at = Wing(east, north + 0.9 * number, float(rng.uniform(2.5, 4.2)), 0.7, angle + float(rng.normal(0, 4)))
        mesh.thing(at.east, at.north, at.angle_deg)
        mesh.prism(at.polygon, 0.0, float(rng.uniform(0.4, 1.2)), "timber", "timber")


def _clutter(mesh: SceneMesh, rng: np.random.Generator, compound: Compound, around: Surroundings) -> None:
    """Things that differ from date to date: lorries, heaps, timber."""
    built = shapely.union_all([form.outline for form in compound.forms.values()])
    free = compound.ground.buffer(-2.5).difference(built.buffer(1.8))
    west, south, east, north = free.bounds
    for number in range(6 + len(compound.forms)):
        spot = Point(float(rng.uniform(west, east)), float(rng.uniform(south, north)))
        if not free.contains(spot):
            continue
        kind = number % 5
        if kind == 0 and free.contains(spot.buffer(4.2)):
            _lorry(mesh, spot.x, spot.y, float(rng.uniform(0, 360)), "paint green")
        elif kind in (1, 2):
            _heap(mesh, rng, spot.x, spot.y, float(rng.uniform(0.6, 1.7)), "coal" if rng.random() < 0.5 else "timber")
        elif kind == 3:
            _stack(mesh, rng, spot.x, spot.y, float(rng.uniform(0, 180)))
    road = around.roads[0][0]
    middle = road.project(Point(0, 0))
    for _ in range(3):
        at = middle + float(rng.uniform(-110, 110))
        here, there = road.interpolate(at), road.interpolate(at + 2)
        angle = math.degrees(math.atan2(there.y - here.y, there.x - here.x))
        _lorry(mesh, here.x, here.y, angle, "paint blue" if rng.random() < 0.5 else "paint green")


def _fences(mesh: SceneMesh, around: Surroundings) -> None:
    for plot in around.plots:
        points = list(plot.polygon.exterior.coords)
        for a, b in zip(points, points[1:], strict=False):
            _plank(mesh, a, b, 0.1, 0.0, 1.3, "wire")


def scene_mesh(compound: Compound, around: Surroundings, *, date: str, seed: int) -> SceneMesh:
    """Everything that stands on a date.

    Parameters
    ----------
    date
        ISO date; buildings whose ``since`` is later are left out.
    seed
        Of what differs from date to date (lorries, heaps); crowns of trees stay the same.
    """
    mesh = SceneMesh()
    for key in sorted(compound.forms):
        form = compound.forms[key]
        if form.since is None or form.since <= date:
            _building(mesh, form, "plaster")
    for form in around.houses:
        _building(mesh, form, "plaster")
    _wall(mesh, compound)
    for wing, height in compound.towers:
        _tower(mesh, wing, height)
    _fences(mesh, around)
    trees = np.random.default_rng([seed, 31])
    for tree in around.trees:
        _tree(mesh, trees, tree)
    east, north, height = around.stack
    mesh.thing(east, north, 0.0)
    mesh.prism(Point(east, north).buffer(1.3), 0.0, height, "brick", "coal")
    _clutter(mesh, np.random.default_rng([seed, 32, int(date.replace("-", ""))]), compound, around)
    return mesh
