"""Noise and colour: what the ground and the roofs look like before light falls on them (reflectance, 0–1, RGB)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon

from geoinv.worlds.compound import Compound
from geoinv.worlds.meshes import SURFACES
from geoinv.worlds.surroundings import Field, Surroundings

__all__ = ["Ground", "ground_of", "surface_colour"]

Floats = NDArray[np.float32]
#: Metres a ground pixel.
CELL = 0.25

_SOIL = np.array((0.43, 0.36, 0.27), np.float32)
_GRASS = np.array((0.26, 0.28, 0.17), np.float32)
_DRY = np.array((0.45, 0.40, 0.26), np.float32)
_ROAD = np.array((0.55, 0.50, 0.42), np.float32)
_YARD = np.array((0.53, 0.47, 0.38), np.float32)
_WATER = np.array((0.10, 0.14, 0.13), np.float32)
_SAND = np.array((0.58, 0.54, 0.46), np.float32)
#: Crops by kind: in spring, in autumn.
_CROPS = {
    "maize": ((0.38, 0.33, 0.25), (0.38, 0.35, 0.23)),
    "paddy": ((0.27, 0.26, 0.21), (0.41, 0.38, 0.23)),
    "fallow": ((0.41, 0.35, 0.27), (0.38, 0.34, 0.26)),
    "vegetables": ((0.34, 0.31, 0.23), (0.25, 0.28, 0.16)),
    "grass": ((0.31, 0.31, 0.20), (0.31, 0.31, 0.19)),
}


def noise(rng: np.random.Generator, shape: tuple[int, int], scale: float, octaves: int = 3) -> Floats:
    """Smooth noise of mean 0 and deviation 1: octaves of white noise, the coarsest ``scale`` pixels a cell."""
    total = np.zeros(shape, np.float32)
    for octave in range(octaves):
        cells = max(1.0, scale / 2**octave)
        small = rng.standard_normal((int(shape[0] / cells) + 3, int(shape[1] / cells) + 3)).astype(np.float32)
        wide = cv2.resize(
            small, (int(small.shape[1] * cells) + 1, int(small.shape[0] * cells) + 1), interpolation=cv2.INTER_CUBIC
        )
        total += wide[: shape[0], : shape[1]] * np.float32(0.6**octave)
    spread = float(total.std())
    return np.asarray((total - total.mean()) / np.float32(spread if spread > 0 else 1.0), np.float32)


@dataclass(frozen=True)
class Ground:
    """A picture of the bare ground, row 0 in the north; ``reach`` is half its width in metres."""

    pixels: Floats
    reach: float

    def at(self, east: Floats, north: Floats) -> Floats:
        """Colour at places in metres, shape (n, 3), bilinear."""
        column = (east + self.reach) / CELL - 0.5
        row = (self.reach - north) / CELL - 0.5
        seen = cv2.remap(
            self.pixels,
            column.astype(np.float32).reshape(1, -1) if column.size < 32000 else _fold(column),
            row.astype(np.float32).reshape(1, -1) if row.size < 32000 else _fold(row),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REFLECT,
        )
        return np.asarray(seen, np.float32).reshape(-1, 3)[: column.size]


def _fold(values: NDArray[np.floating]) -> Floats:
    """A long row as a block, since OpenCV's maps are at most 32,767 wide."""
    width = 16384
    rows = -(-values.size // width)
    padded = np.zeros(rows * width, np.float32)
    padded[: values.size] = values
    return padded.reshape(rows, width)


@dataclass(frozen=True)
class _Stencil:
    """Where to paint, 0–1, within a window of rows and columns."""

    rows: slice
    columns: slice
    cover: Floats

    def times(self, picture: Floats) -> _Stencil:
        """Thinned by a picture of the whole ground."""
        thinned = (self.cover * picture[self.rows, self.columns]).astype(np.float32)
        return _Stencil(self.rows, self.columns, thinned)


class _Painter:
    """Paints onto the ground from back to front."""

    def __init__(self, reach: float, rng: np.random.Generator) -> None:
        self.size = int(2 * reach / CELL)
        self.reach, self.rng = reach, rng
        self.shape = (self.size, self.size)
        steps = (np.arange(self.size, dtype=np.float32) + 0.5) * CELL
        self.east, self.north = steps - reach, reach - steps
        # Hand-made edges are never straight: masks are read through this warp, up to about half a metre.
        self.warp = (noise(rng, self.shape, 18, 3) * 1.3, noise(rng, self.shape, 18, 3) * 1.3)
        self.fine = noise(rng, self.shape, 3, 2)
        self.middle = noise(rng, self.shape, 24, 4)
        self.broad = noise(rng, self.shape, 160, 3)
        self.pixels = np.zeros((*self.shape, 3), np.float32)

    def _stencil(self, points: NDArray[np.float64], width: float | None, soft: float, rough: bool) -> _Stencil:
        """A filled ring, or a line of a width, with soft and uneven edges."""
        pixels = np.column_stack([(points[:, 0] + self.reach) / CELL, (self.reach - points[:, 1]) / CELL])
        margin = 8 + (width or 0.0) / CELL + 4 * soft / CELL
        low = np.clip(np.floor(pixels.min(axis=0) - margin), 0, self.size).astype(int)
        high = np.clip(np.ceil(pixels.max(axis=0) + margin), 0, self.size).astype(int)
        columns, rows = slice(low[0], high[0]), slice(low[1], high[1])
        mask = np.zeros((max(0, high[1] - low[1]), max(0, high[0] - low[0])), np.float32)
        if not mask.size:
            return _Stencil(rows, columns, mask)
        fixed = np.round((pixels - low) * 16).astype(np.int32).reshape(-1, 1, 2)
        if width is None:
            cv2.fillPoly(mask, [fixed], 1.0, lineType=cv2.LINE_8, shift=4)
        else:
            cv2.polylines(mask, [fixed], False, 1.0, max(1, round(width / CELL)), cv2.LINE_8, shift=4)
        if rough:
            steps = np.arange(mask.shape[1], dtype=np.float32), np.arange(mask.shape[0], dtype=np.float32)
            across, down = (warp[rows, columns] for warp in self.warp)
            mask = cv2.remap(mask, steps[0][None, :] + across, steps[1][:, None] + down, cv2.INTER_LINEAR)
        return _Stencil(rows, columns, np.asarray(cv2.GaussianBlur(mask, (0, 0), max(0.3, soft / CELL)), np.float32))

    def mask(self, polygon: Polygon, soft: float = 0.5, rough: bool = True) -> _Stencil:
        """Where a polygon lies."""
        return self._stencil(np.asarray(polygon.exterior.coords), None, soft, rough)

    def band(self, line: LineString, width: float, soft: float = 0.5, rough: bool = True) -> _Stencil:
        """Where a line of a width lies."""
        return self._stencil(np.asarray(line.coords), width, soft, rough)

    def paint(
        self, stencil: _Stencil, colour: NDArray[np.floating], shade: Floats | None = None, strength: float = 1.0
    ) -> None:
        """Lay a colour over what is there, its brightness varied by a picture of the whole ground."""
        part = self.pixels[stencil.rows, stencil.columns]
        laid = np.asarray(colour, np.float32)
        if shade is not None:
            laid = laid * shade[stencil.rows, stencil.columns, None]
        part += (stencil.cover * np.float32(strength))[..., None] * (laid - part)

    def scale(self, stencil: _Stencil, by: float) -> None:
        """Darken or lighten by a factor where the stencil is 1."""
        self.pixels[stencil.rows, stencil.columns] *= (1 + stencil.cover * np.float32(by - 1))[..., None]


def _field(painter: _Painter, field: Field, autumn: float, index: int) -> None:
    """One field: its crop, its rows, patches where it grew worse."""
    stencil = painter.mask(field.polygon, 0.35)
    if not stencil.cover.size:
        return
    window = (stencil.rows, stencil.columns)
    spring, late = (np.array(colour, np.float32) for colour in _CROPS[field.kind])
    shade = 1 + field.pale + 0.07 * painter.middle[window] + 0.07 * painter.broad[window] + 0.06 * painter.fine[window]
    if field.kind in ("maize", "vegetables", "fallow"):
        spacing = {"maize": 2.1, "vegetables": 1.7, "fallow": 2.8}[field.kind]
        turn = math.radians(field.rows_deg + 2.0 * (index % 3 - 1))
        across = (
            -math.sin(turn) * painter.east[None, stencil.columns] + math.cos(turn) * painter.north[stencil.rows, None]
        )
        # Rows show where the crop stands well, and are lost elsewhere.
        stand = np.clip(0.6 + 0.5 * painter.middle[window], 0.1, 1.2)
        shade = shade + 0.075 * stand * np.sin((across + 0.18 * painter.middle[window]) * (2 * math.pi / spacing))
    elif field.kind == "paddy":
        shade = shade + 0.06 * painter.broad[window]
    mixed = spring + (late - spring) * np.float32(autumn)
    # Where the crop grew badly the soil shows through.
    bare = np.clip(0.2 * painter.broad[window] + 0.12 * painter.middle[window] + 2.5 * field.pale, 0, 0.7)[..., None]
    colour = (mixed + (_SOIL - mixed) * bare) * shade[..., None].astype(np.float32)
    part = painter.pixels[window]
    part += stencil.cover[..., None] * (colour - part)


def ground_of(compound: Compound, around: Surroundings, *, reach: float, autumn: float, seed: int) -> Ground:
    """The ground of a date.

    Parameters
    ----------
    reach
        Half its width in metres.
    autumn
        0 for the bare fields of spring, 1 for autumn's.
    seed
        Of the textures that stay from date to date.
    """
    painter = _Painter(reach, np.random.default_rng([seed, 41]))
    green = np.clip(0.5 + 0.35 * painter.broad + 0.25 * painter.middle, 0, 1)[..., None]
    painter.pixels[:] = _GRASS * green + (_DRY if autumn > 0.5 else _SOIL * np.float32(0.95)) * (1 - green)
    painter.pixels *= (1 + 0.08 * painter.fine + 0.06 * painter.middle)[..., None]
    for index, field in enumerate((*around.fields, *around.plots)):
        _field(painter, field, autumn, index)
    _water(painter, around)
    for line, width in around.roads:
        _road(painter, line, width)
    for form in around.houses:
        painter.paint(painter.mask(form.outline.buffer(2.2), 0.7), _YARD, 1 + 0.05 * painter.fine, 0.75)
    _yard(painter, compound)
    np.clip(painter.pixels, 0.02, 0.9, out=painter.pixels)
    return Ground(painter.pixels, reach)


def _water(painter: _Painter, around: Surroundings) -> None:
    river, width = around.river, around.river_width_m
    painter.paint(painter.band(river, width + 9, 1.2), _GRASS, 0.8 + 0.12 * painter.middle, 0.8)
    shingle = painter.band(river, width + 3.5, 0.9).times(np.clip(0.5 + 0.7 * painter.broad, 0, 1))
    painter.paint(shingle, _SAND, 1 + 0.1 * painter.fine)
    painter.paint(painter.band(river, width, 0.6), _WATER, 1 + 0.10 * painter.middle)


def _road(painter: _Painter, line: LineString, width: float) -> None:
    painter.paint(painter.band(line, width + 2.4, 0.9), _SOIL, 0.9 + 0.1 * painter.middle, 0.7)
    painter.paint(painter.band(line, width, 0.5), _ROAD, 1 + 0.07 * painter.middle + 0.05 * painter.fine)
    for side in (-0.9, 0.9):
        rut = line.offset_curve(side)
        if isinstance(rut, LineString) and not rut.is_empty:
            painter.scale(painter.band(rut, 0.5, 0.3), 1.09)


def _yard(painter: _Painter, compound: Compound) -> None:
    """Trodden earth inside the wall, weeds along its foot, worn ways, damp and dirt beside the buildings."""
    painter.paint(painter.mask(compound.ground.buffer(4.5), 1.2), _SOIL, 1 + 0.10 * painter.middle, 0.6)
    tone = 1 + 0.08 * painter.middle + 0.06 * painter.broad + 0.05 * painter.fine
    painter.paint(painter.mask(compound.ground, 0.3, rough=False), _YARD, tone)
    foot = painter.band(LineString([*compound.wall, compound.wall[0]]), 3.4, 0.8)
    painter.paint(foot.times(np.clip(painter.middle * 0.6 + 0.2, 0, 1)), _GRASS, 1 + 0.1 * painter.fine, 0.8)
    weeds = painter.mask(compound.ground.buffer(-3), 1.5).times(
        np.clip(painter.broad * 0.45 + painter.middle * 0.2 - 0.2, 0, 0.65)
    )
    painter.paint(weeds, _GRASS, 1.05 + 0.12 * painter.fine)
    # Feet wear the ground pale round every building, and darker where water stands.
    for form in compound.forms.values():
        painter.paint(painter.mask(form.outline.buffer(4.0), 1.6), _ROAD, 1 + 0.08 * painter.middle, 0.35)
    damp = painter.mask(compound.ground.buffer(-2), 1.0).times(np.clip(painter.middle * 0.5 - 0.45, 0, 0.5))
    painter.paint(damp, _SOIL * np.float32(0.72))
    for path, width in compound.paths:
        painter.paint(painter.band(LineString(path), width, 0.5), _ROAD * np.float32(1.08), strength=0.55)
    for form in compound.forms.values():
        if form.since is None:
            painter.scale(painter.mask(form.outline.buffer(1.1), 0.5), 0.86)


#: Base colours of surfaces.
_BASE = {
    "tile red": (0.43, 0.29, 0.22),
    "tile grey": (0.30, 0.30, 0.30),
    "sheet": (0.50, 0.53, 0.55),
    "rusted sheet": (0.43, 0.33, 0.27),
    "concrete": (0.55, 0.54, 0.51),
    "plaster": (0.70, 0.68, 0.63),
    "brick": (0.42, 0.26, 0.20),
    "foliage": (0.16, 0.195, 0.115),
    "paint green": (0.19, 0.24, 0.17),
    "paint blue": (0.18, 0.27, 0.38),
    "coal": (0.09, 0.09, 0.09),
    "timber": (0.44, 0.36, 0.26),
    "canvas": (0.36, 0.36, 0.28),
    "wire": (0.38, 0.34, 0.27),
}
_COLOURS = np.array([_BASE[name] for name in SURFACES], np.float32)


def surface_colour(
    points: NDArray[np.float64],
    surface: NDArray[np.int64],
    owner: NDArray[np.int64],
    axes: NDArray[np.float64],
    seed: int,
) -> Floats:
    """Colour of points on things.

    Parameters
    ----------
    points
        Metres, shape (n, 3).
    surface, owner
        Code in ``SURFACES`` and number of the thing, shape (n,).
    axes
        Of the mesh; texture runs along and across a thing's ridge.
    seed
        Of weathering.
    """
    rng = np.random.default_rng([seed, 51])
    tint = rng.normal(0, 1, (len(axes), 3)).astype(np.float32)
    stains = noise(rng, (512, 512), 24, 5)
    streaks = noise(rng, (512, 512), 5, 2)
    axis = axes[owner]
    dx, dy = points[:, 0] - axis[:, 0], points[:, 1] - axis[:, 1]
    along = dx * axis[:, 2] + dy * axis[:, 3]
    across = -dx * axis[:, 3] + dy * axis[:, 2]

    def look(picture: Floats, u: NDArray[np.float64], v: NDArray[np.float64]) -> Floats:
        rows = (np.floor(v).astype(np.int64) + 37 * owner) % 512
        columns = (np.floor(u).astype(np.int64) + 91 * owner) % 512
        return np.asarray(picture[rows, columns], np.float32)

    blotch = look(stains, along / 0.3, across / 0.3)
    grain = look(streaks, along / 0.25, across / 0.8)
    colour = (
        _COLOURS[surface]
        * (1 + 0.10 * tint[owner, :1] + 0.025 * tint[owner])
        * (1 + 0.07 * blotch + 0.04 * grain)[:, None]
    )
    name = {code: np.flatnonzero(surface == code) for code in np.unique(surface)}
    for code, rows in name.items():
        kind = SURFACES[code]
        if kind in ("sheet", "rusted sheet"):
            ribs = np.sin(along[rows] * 2 * np.pi / 1.05)
            colour[rows] *= (1 + 0.05 * ribs)[:, None].astype(np.float32)
        if kind.startswith("tile"):
            patch = (look(stains, along / 2.6, across / 2.2)[rows] > 1.25).astype(np.float32)
            colour[rows] *= (1 + 0.22 * patch)[:, None]
            colour[rows] *= np.where(np.abs(across[rows]) < 0.22, 1.18, 1.0)[:, None].astype(np.float32)
        if kind == "rusted sheet":
            rust = np.clip(blotch[rows] * 0.5, 0, 1)[:, None]
            colour[rows] += rust * (np.array((0.36, 0.22, 0.14), np.float32) - colour[rows]) * 0.6
        if kind == "concrete":
            colour[rows] *= (1 - 0.10 * np.clip(blotch[rows], -0.5, 2.0))[:, None]
    found: Floats = np.clip(colour, 0.02, 0.95).astype(np.float32)
    return found
