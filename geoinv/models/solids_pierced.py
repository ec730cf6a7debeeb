"""Walls with openings made at once, face by face, where every opening goes straight through one wall.

That is nearly always so, and then nothing has to be cut: each wall face is a plane shape with holes, the soffit, the
sill and the jambs of an opening are rectangles between two faces. What is not so simple is left to solid booleans.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import trimesh
from manifold3d import triangulate
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geoinv.models.solids_prisms import Box, polygons_of, rings_of

__all__ = ["pierced"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Openings nearer than this to a corner of the wall, to each other, to the floor or to the ceiling are no simple ones,
#: metres.
_CLEAR_M = 1e-5
#: Openings times edges looked at at once.
_AT_ONCE = 1_000_000
#: Triangles of a wall face round one opening: its corners 0–3 from the foot of its start, the opening's 4–7 likewise.
_ROUND_WINDOW = np.array([[0, 1, 5], [0, 5, 4], [1, 2, 6], [1, 6, 5], [2, 3, 7], [2, 7, 6], [3, 0, 4], [3, 4, 7]])
_ROUND_DOOR = np.array([[0, 4, 7], [0, 7, 3], [3, 7, 6], [3, 6, 2], [6, 5, 1], [6, 1, 2]])

Number = TypeVar("Number", int, Ints)


@dataclass(frozen=True)
class _Rings:
    """Edges of a plane shape, wall on their left: starts, ends, and which edge follows each, shape (n, …)."""

    start: Floats
    end: Floats
    after: Ints


@dataclass(frozen=True)
class _Crossed:
    """Where voids go through walls.

    ``edges``: the two of each void, shape (k, 2). ``places``: where the void's sides cross them, first and second along
    the edge, shape (k, 2 edges, 2 places, 2).
    """

    edges: Ints
    places: Floats


def pierced(shape: BaseGeometry, low: float, high: float, voids: Sequence[Box]) -> trimesh.Trimesh | None:
    """Upright walls less the boxes that go straight through them, as one closed mesh.

    Parameters
    ----------
    shape
        The walls in plan, metres.
    low, high
        Their foot and top, metres above ground.
    voids
        Longer across the wall than the wall is thick; one whose ``low`` is not above the foot is open below.

    Returns
    -------
    trimesh.Trimesh or None
        ``None`` where a void goes through a corner, through more or less than one wall, into another void or through
        the top: then solids must be cut.
    """
    rings = _rings(shape)
    crossed = _crossed(rings, voids) if rings is not None and voids else None
    if rings is None or crossed is None:
        return None
    sill = np.array([one.low for one in voids])
    head = np.array([one.high for one in voids])
    doors = sill <= low
    if (head > high - _CLEAR_M).any() or (~doors & (sill < low + _CLEAR_M)).any() or (head - sill < _CLEAR_M).any():
        return None
    order = _in_order(rings, crossed)
    return None if order is None else _Mesh(rings, crossed, order, doors).made(low, high, sill, head)


def _rings(shape: BaseGeometry) -> _Rings | None:
    corners = [ring for polygon in polygons_of(shape) for ring in rings_of(polygon)]
    if not corners:
        return None
    starts = np.concatenate(corners)
    sizes = np.array([len(ring) for ring in corners])
    after = np.arange(len(starts)) + 1
    lasts = np.cumsum(sizes) - 1
    after[lasts] = lasts - sizes + 1
    return _Rings(starts, starts[after], after)


def _crossed(rings: _Rings, voids: Sequence[Box]) -> _Crossed | None:
    """The two edges that each void goes through, and where; ``None`` unless every void is a simple one."""
    centre = np.array([one.centre for one in voids])
    along = np.array([one.direction for one in voids])
    across = np.column_stack([-along[:, 1], along[:, 0]])
    half, deep = (np.array([getattr(one, name) for one in voids]) / 2 for name in ("length", "depth"))
    edges, places = np.empty((len(voids), 2), np.int64), np.empty((len(voids), 2, 2, 2))
    step = max(1, _AT_ONCE // len(rings.start))
    for first in range(0, len(voids), step):
        part = slice(first, first + step)
        away = rings.start[None] - centre[part, None]
        u, v = _dots(away, along[part]), _dots(away, across[part])
        if ((np.abs(u) < half[part, None] + _CLEAR_M) & (np.abs(v) < deep[part, None] + _CLEAR_M)).any():
            return None  # a corner of the wall in the void
        u_end, v_end = u[:, rings.after], v[:, rings.after]
        found = []
        for sign in (-1.0, 1.0):
            line = sign * half[part, None]
            meets = (u < line) != (u_end < line)
            share = np.where(meets, (line - u) / np.where(meets, u_end - u, 1.0), 0.0)
            hit = meets & (np.abs(v + share * (v_end - v)) <= deep[part, None])
            if (hit.sum(axis=1) != 2).any():
                return None
            found.append((np.nonzero(hit)[1].reshape(-1, 2), share))
        if (found[0][0] != found[1][0]).any():
            return None
        pair = found[0][0]
        row = np.arange(len(pair))[:, None]
        shares = np.sort(np.stack([share[row, pair] for _, share in found], axis=-1), axis=-1)
        # Wall lies on the left of both edges: the void's sides enter it through one and leave it through the other.
        way = np.sign(u_end[row, pair] - u[row, pair])
        middle = v[row, pair] + shares.mean(axis=-1) * (v_end[row, pair] - v[row, pair])
        # Going along +u the wall is at greater v: that edge must be the nearer one.
        if (way.sum(axis=1) != 0).any() or ((middle[:, 0] < middle[:, 1]) != (way[:, 0] > 0)).any():
            return None
        edges[part] = pair
        spans = (rings.end - rings.start)[pair]
        places[part] = rings.start[pair][:, :, None] + shares[..., None] * spans[:, :, None]
    return _Crossed(edges, places)


def _dots(away: Floats, ways: Floats) -> Floats:
    found: Floats = away[..., 0] * ways[:, None, 0] + away[..., 1] * ways[:, None, 1]
    return found


def _in_order(rings: _Rings, crossed: _Crossed) -> dict[int, list[tuple[int, int]]] | None:
    """For each pierced edge its (void, which of the void's two edges) in order; ``None`` if two meet."""
    lengths = np.hypot(*(rings.end - rings.start).T)
    found: dict[int, list[tuple[float, float, int, int]]] = {}
    start = np.linalg.norm(crossed.places - rings.start[crossed.edges][:, :, None], axis=-1)
    for (void, which), at in np.ndenumerate(crossed.edges):
        near, far = start[void, which]
        found.setdefault(int(at), []).append((float(near), float(far), void, which))
    for edge, spans in found.items():
        spans.sort()
        ends = np.array([0.0, *(value for span in spans for value in span[:2]), lengths[edge]])
        if (np.diff(ends) < _CLEAR_M).any():
            return None
    return {edge: [(void, which) for _, _, void, which in spans] for edge, spans in sorted(found.items())}


class _Mesh:
    """Vertices and faces of pierced walls: the rings' corners below and above, then eight vertices a void.

    A void's vertices are, below and then above: first and second place on its one edge, first and second on the other.
    """

    def __init__(
        self, rings: _Rings, crossed: _Crossed, order: dict[int, list[tuple[int, int]]], doors: NDArray[np.bool_]
    ) -> None:
        self.rings, self.crossed, self.order, self.doors = rings, crossed, order, doors
        self.count = len(rings.start)

    def at(self, void: Number, which: Number, second: int, above: int) -> Number:
        """Number of a void's vertex, or of several voids'."""
        return 2 * self.count + 8 * void + 4 * above + 2 * which + second

    def made(self, low: float, high: float, sill: Floats, head: Floats) -> trimesh.Trimesh:
        """The mesh between the walls' foot and top."""
        n = self.count
        vertices = np.empty((2 * n + 8 * len(sill), 3))
        vertices[:n, :2] = vertices[n : 2 * n, :2] = self.rings.start
        vertices[:n, 2], vertices[n : 2 * n, 2] = low, high
        own = vertices[2 * n :].reshape(-1, 2, 4, 3)
        own[..., :2] = self.crossed.places.reshape(-1, 1, 4, 2)
        own[:, 0, :, 2], own[:, 1, :, 2] = np.where(self.doors, low, sill)[:, None], head[:, None]
        faces = [self._top(), self._foot(vertices), self._plain(), self._with_one(), *self._with_more(vertices)]
        faces.append(self._linings())
        every = np.concatenate(faces)
        used = np.zeros(len(vertices), bool)
        used[every.ravel()] = True
        return trimesh.Trimesh(vertices[used], (np.cumsum(used) - 1)[every], process=False, validate=False)

    def _top(self) -> Ints:
        loops = _loops(self.rings.after)
        return np.concatenate(loops)[_triangles([self.rings.start[loop] for loop in loops])] + self.count

    def _foot(self, vertices: Floats) -> Ints:
        """The foot, open where there are doors: round each door the outline goes through the wall and back."""
        after = {index: int(follows) for index, follows in enumerate(self.rings.after)}
        for edge, spans in self.order.items():
            last, end = edge, after[edge]
            for void, which in spans:
                if self.doors[void]:
                    after[last] = self.at(void, which, 0, 0)
                    after[self.at(void, which, 0, 0)] = self.at(void, 1 - which, 1, 0)
                    last = self.at(void, which, 1, 0)
            after[last] = end
        loops = _loops(after)
        return np.concatenate(loops)[_triangles([vertices[loop, :2] for loop in loops])][:, ::-1]

    def _plain(self) -> Ints:
        plain = np.ones(self.count, bool)
        plain[list(self.order)] = False
        a, n = np.flatnonzero(plain), self.count
        b = self.rings.after[a]
        return np.concatenate([np.column_stack([a, b, b + n]), np.column_stack([a, b + n, a + n])])

    def _with_one(self) -> Ints:
        """Wall faces with one opening: their triangles are always the same ones."""
        single = [(edge, *spans[0]) for edge, spans in self.order.items() if len(spans) == 1]
        edge, void, which = np.array(single, np.int64).reshape(-1, 3).T
        follows, first = self.rings.after[edge], self.at(void, which, 0, 0)
        corners = np.column_stack(
            [edge, follows, follows + self.count, edge + self.count, first, first + 1, first + 5, first + 4]
        )
        doors = self.doors[void]
        parts = corners[~doors][:, _ROUND_WINDOW], corners[doors][:, _ROUND_DOOR]
        return np.concatenate([part.reshape(-1, 3) for part in parts])

    def _with_more(self, vertices: Floats) -> list[Ints]:
        """Wall faces with several openings: plane shapes with holes for windows and notches for doors."""
        faces, n = [], self.count
        for edge, spans in self.order.items():
            if len(spans) == 1:
                continue
            follows, outer, holes = int(self.rings.after[edge]), [edge], []
            for void, which in spans:
                first, second = (self.at(void, which, end, 0) for end in (0, 1))
                upright = [first, first + 4, second + 4, second]  # clockwise: a hole's own way round
                if self.doors[void]:
                    outer += upright
                else:
                    holes.append(upright)
            loops = [np.array(loop) for loop in ([*outer, follows, follows + n, edge + n], *holes)]
            every = np.concatenate(loops)
            way = self.rings.end[edge] - self.rings.start[edge]
            along = (vertices[every, :2] - self.rings.start[edge]) @ (way / np.hypot(*way))
            flat = np.column_stack([along, vertices[every, 2]])
            ends = np.cumsum([len(loop) for loop in loops])[:-1]
            faces.append(every[_triangles(np.split(flat, ends))])
        return faces

    def _linings(self) -> Ints:
        """Jambs, soffits and sills."""
        base = 2 * self.count + 8 * np.arange(len(self.doors))
        found = []
        for one, other in ((0, 3), (2, 1)):  # first place of an edge to the second of the facing one
            a, b = base + one, base + other
            found += [np.column_stack([a, b, b + 4]), np.column_stack([a, b + 4, a + 4])]
        found += [base[:, None] + np.array(face) for face in ([4, 7, 6], [4, 6, 5])]
        windows = base[~self.doors]
        found += [windows[:, None] + np.array(face) for face in ([0, 1, 2], [0, 2, 3])]
        return np.concatenate(found)


def _loops(after: Ints | dict[int, int]) -> list[Ints]:
    """Closed loops of what follows what."""
    left = {index: int(after[index]) for index in (range(len(after)) if not isinstance(after, dict) else after)}
    loops = []
    while left:
        at, follows = left.popitem()
        loop = [at]
        while follows in left:
            loop.append(follows)
            follows = left.pop(follows)
        loops.append(np.array(loop))
    return loops


def _triangles(loops: Sequence[Floats]) -> Ints:
    """Triangles of a plane shape, counter-clockwise, by number of corner, all loops' corners in one row."""
    return np.asarray(triangulate([np.ascontiguousarray(loop) for loop in loops]), np.int64)
