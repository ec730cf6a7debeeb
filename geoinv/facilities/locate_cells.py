"""Square cells of unequal size over a study area: small where the posterior is dense, large where it is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely.geometry.base import BaseGeometry

__all__ = ["Cells", "densest", "parts_of", "region_of", "seeded_cells", "spatial_median", "split"]

Floats = NDArray[np.float64]

#: The corners' signs of the four quarters of a square.
_QUARTERS = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])


@dataclass(frozen=True)
class Cells:
    """Squares that tile a rectangle.

    Attributes
    ----------
    centre
        Metres east and north, shape (n, 2).
    size
        Side length in metres, shape (n,).
    """

    centre: Floats
    size: Floats

    @property
    def log_area(self) -> Floats:
        """Logarithm of the areas in square metres, shape (n,)."""
        return np.asarray(2.0 * np.log(self.size))

    def __len__(self) -> int:
        return len(self.size)


def split(cells: Cells, chosen: NDArray[np.bool_]) -> Cells:
    """The cells with every chosen one replaced by its four quarters."""
    half = cells.size[chosen] / 2
    quarters = cells.centre[chosen][:, None, :] + _QUARTERS[None] * (half / 2)[:, None, None]
    return Cells(
        centre=np.concatenate([cells.centre[~chosen], quarters.reshape(-1, 2)]),
        size=np.concatenate([cells.size[~chosen], np.repeat(half, 4)]),
    )


def seeded_cells(
    bounds: tuple[float, float, float, float], seeds: Floats, scales: Floats, *, across: int = 16, most: int = 3000
) -> Cells:
    """Cells over a rectangle that shrink towards seeds, so that a narrow kernel there is integrated rightly.

    Parameters
    ----------
    bounds
        West, south, east, north in metres.
    seeds, scales
        Places, shape (k, 2), and how narrow what lies there is, metres, shape (k,).
    across
        At most so many cells along the longer side to begin with, and at least half as many.
    most
        Splitting stops before there are more cells than this.
    """
    west, south, east, north = bounds
    # Powers of two: every corner of every quarter is then the same number in all cells that have it.
    side = 2.0 ** np.ceil(np.log2(max(east - west, north - south) / across))
    west, south = side * np.floor(west / side), side * np.floor(south / side)
    columns = max(1, int(np.ceil((east - west) / side)))
    rows = max(1, int(np.ceil((north - south) / side)))
    x = west + side * (np.arange(columns) + 0.5)
    y = south + side * (np.arange(rows) + 0.5)
    grid = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1).reshape(-1, 2)
    cells = Cells(grid, np.full(len(grid), side))
    while len(seeds):
        gap = np.hypot(*(cells.centre[:, None, :] - seeds[None]).transpose(2, 0, 1))
        wanted = (0.5 * (scales[None] + np.maximum(0.0, gap - cells.size[:, None]))).min(axis=1)
        coarse = cells.size > wanted
        if not coarse.any() or len(cells) + 3 * int(coarse.sum()) > most:
            break
        cells = split(cells, coarse)
    return cells


def densest(log_density: Floats, cells: Cells, level: float) -> NDArray[np.bool_]:
    """Which cells make up the smallest area that holds ``level`` of the mass (the highest-density region).

    Where the density is flat, as over a province, there are many: of those the one about the middle.
    """
    mass = np.exp(log_density + cells.log_area)
    middle = np.average(cells.centre, axis=0, weights=mass)
    order = np.lexsort((np.hypot(*(cells.centre - middle).T), -np.round(log_density, 2)))
    below = np.cumsum(mass[order]) - mass[order]
    chosen = np.zeros(len(cells), dtype=bool)
    chosen[order[below < level * mass.sum()]] = True
    return chosen


def region_of(cells: Cells, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> BaseGeometry:
    """Union of the chosen cells, metres."""
    half = cells.size[chosen] / 2
    low, high = cells.centre[chosen] - half[:, None], cells.centre[chosen] + half[:, None]
    return shapely.union_all(shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]))


def parts_of(cells: Cells, chosen: NDArray[np.intp], mass: Floats) -> list[NDArray[np.intp]]:
    """The connected parts of chosen cells, heaviest first, each as indices of cells; corners connect too.

    Parameters
    ----------
    cells, mass
        All cells and the probability in each, shape (n,).
    chosen
        Indices of some.
    """
    half = 0.5001 * cells.size[chosen]
    low, high = cells.centre[chosen] - half[:, None], cells.centre[chosen] + half[:, None]
    boxes = shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])
    one, other = shapely.STRtree(boxes).query(boxes)
    links = coo_array((np.ones(len(one), bool), (one, other)), shape=(len(chosen), len(chosen)))
    count, part = connected_components(links, directed=False)
    found = [chosen[part == index] for index in range(count)]
    return sorted(found, key=lambda inside: -float(mass[inside].sum()))


def spatial_median(points: Floats, weight: Floats, *, floor: float, start: Sequence[float] | None = None) -> Floats:
    """The place of least expected distance to weighted points (Weiszfeld 1937), shape (2,).

    Parameters
    ----------
    points, weight
        Metres, shape (n, 2), and mass, shape (n,).
    floor
        Distances below this count as this, so that the iteration does not stick to a point.
    start
        Where to begin; the mean if not given.
    """
    place = np.average(points, axis=0, weights=weight) if start is None else np.asarray(start, dtype=float)
    for _ in range(60):
        pull = weight / np.maximum(floor, np.hypot(*(points - place).T))
        following = pull @ points / pull.sum()
        if np.hypot(*(following - place)) < 0.02 * floor:
            return np.asarray(following)
        place = following
    return np.asarray(place)
