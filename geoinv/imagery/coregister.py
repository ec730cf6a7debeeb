"""How far a scene lies off another one, off outlines that are known, or off points that a person tied: with its error.

Scenes of two seasons share few grey values but most edges. Edges are taken as strength and direction without sign, so
that a roof that was bright and is dark still counts; tiles of the reference are correlated with the scene for every
shift (Kuglin & Hines 1975, without whitening: most of a scene's spectrum is vegetation); their sum has one peak where
the scenes belong together. What the tiles say one by one gives the error, and whether one shift is enough.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage

from geoinv.errors import FieldError, InputError
from geoinv.geometry.frames import to_local, xy_to_local
from geoinv.imagery.align import align
from geoinv.imagery.masks import gradients, lab
from geoinv.imagery.scene import Patch, Scene
from geoinv.records.places import Frame
from geoinv.records.scenes import Registration

__all__ = ["coregister", "tied"]

#: Pixels a side of a tile, and most tiles in a row.
_TILE, _ACROSS = 384, 4
#: A tile says something if so much of it is seen in both scenes.
_SEEN = 0.6
#: Least lead of the peak over every other shift, standard deviations over all shifts; least share of tiles that agree.
_LEAD, _AGREE = 1.5, 0.5
#: Shifts further apart than this are different ones, metres.
_APART_M = 3.0
#: Radius that holds nine tenths of a circular normal error, in standard deviations of one axis.
_CIRCLE_90 = 2.146
_Complex = NDArray[np.complex64]
_Floats = NDArray[np.float64]
_Pair = tuple[tuple[float, float], tuple[float, float]]


class _Told(TypedDict):
    to: str
    method: Literal["edges"]


@dataclass(frozen=True)
class _Surfaces:
    """Correlation for every shift: of each tile (n, side, side), by rows south and columns east about the middle."""

    tiles: _Floats
    reach: int
    gsd: float

    def peak(self, surface: _Floats) -> tuple[float, float]:
        """East and north, metres, by which the scene must be moved, to a fraction of a pixel."""
        row, column = np.unravel_index(int(surface.argmax()), surface.shape)
        south = row + _vertex(surface[:, column], int(row)) - self.reach
        east = column + _vertex(surface[row, :], int(column)) - self.reach
        # A scene that shows everything further east by some pixels must go west by as many.
        return -east * self.gsd, south * self.gsd

    def lead(self, surface: _Floats) -> float:
        """By how many standard deviations over all shifts the peak stands over every clearly different shift."""
        row, column = np.unravel_index(int(surface.argmax()), surface.shape)
        rows, columns = np.mgrid[: surface.shape[0], : surface.shape[1]]
        far = np.hypot(rows - row, columns - column) * self.gsd > _APART_M
        spread = float(surface[far].std())
        return float(surface.max() - surface[far].max()) / spread if spread > 0 else 0.0


def _vertex(values: _Floats, at: int) -> float:
    """Where between −½ and ½ about ``at`` a parabola through three values is highest."""
    if not 0 < at < len(values) - 1:
        return 0.0
    low, middle, high = values[at - 1 : at + 2]
    bend = low - 2 * middle + high
    return float(np.clip(0.5 * (low - high) / bend, -0.5, 0.5)) if bend < 0 else 0.0


def _edges(patch: Patch) -> _Complex:
    """Strength · e^{2i·direction} of edges; nothing where there are no pixels, nor at the rim of where there are."""
    east, south = gradients(lab(patch.rgb), max(1.0, 0.6 / patch.gsd))
    strength = np.hypot(east, south)
    inside = ndimage.binary_erosion(patch.valid, iterations=4, border_value=1)
    scale = max(float(np.percentile(strength[inside], 90)), 0.5) if inside.any() else 1.0
    found = np.where(inside, np.tanh(strength / scale), 0) * np.exp(2j * np.arctan2(south, east))
    found[inside] -= found[inside].mean() if inside.any() else 0
    return found.astype(np.complex64)


def _correlation(tile: _Complex, around: _Complex) -> _Floats:
    """Correlation −1 to 1 of a tile with every window of its size, shape (2·reach + 1, 2·reach + 1)."""
    shape = around.shape
    product = fft.ifft2(fft.fft2(around) * np.conj(fft.fft2(tile, shape))).real
    energy = fft.ifft2(fft.fft2(np.abs(around) ** 2) * np.conj(fft.fft2(np.ones(tile.shape), shape))).real
    side = shape[0] - tile.shape[0] + 1, shape[1] - tile.shape[1] + 1
    norm = np.sqrt(np.maximum(energy[: side[0], : side[1]], 1e-6) * float((np.abs(tile) ** 2).sum() + 1e-6))
    result: _Floats = (product[: side[0], : side[1]] / norm).astype(np.float64)
    return result


def _starts(low: float, high: float, size: float) -> list[float]:
    """Where up to four tiles of a size begin between two ends, spread evenly."""
    count = max(1, min(_ACROSS, int((high - low) // size)))
    free = max(0.0, high - low - count * size)
    return [low + free * (2 * number + 1) / (2 * count) + size * number for number in range(count)]


def _surfaces(scene: Scene, reference: Scene, frame: Frame, reach_m: float) -> _Surfaces:
    step = max(scene.gsd, reference.gsd, 0.5)
    reach = math.ceil(reach_m / step)
    west, south, east, north = to_local(frame, scene.bounds.intersection(reference.bounds)).bounds
    # At least four tiles where they can be 96 pixels a side, so that they bear each other out.
    least = max(min(east - west, north - south), 24 * step)
    size = min(_TILE * step, least, max(least / 2, 96 * step))
    found = []
    for left in _starts(west, east, size):
        for bottom in _starts(south, north, size):
            tile = reference.patch(frame, (left, bottom, left + size, bottom + size), step)
            margin = reach * step
            box = (left - margin, bottom - margin, left + tile.shape[1] * step + margin, bottom + size + margin)
            around = scene.patch(frame, box, step)
            if min(tile.valid.mean(), around.valid[reach:-reach, reach:-reach].mean()) >= _SEEN:
                one = _correlation(_edges(tile), _edges(around))
                found.append(one[: 2 * reach + 1, : 2 * reach + 1])
    shape = (0, 2 * reach + 1, 2 * reach + 1)
    return _Surfaces(np.stack(found) if found else np.zeros(shape), reach, step)


def _by_edges(scene: Scene, reference: Scene, reach_m: float) -> Registration:
    frame = reference.frame
    told: _Told = {"to": reference.name, "method": "edges"}
    if not scene.bounds.intersects(reference.bounds):
        return _refused("the scenes show no common ground", **told)
    surfaces = _surfaces(scene, reference, frame, reach_m)
    if not len(surfaces.tiles):
        return _refused("the scenes have too few pixels in common", **told)
    total = surfaces.tiles.mean(axis=0)
    east, north = surfaces.peak(total)
    lead = surfaces.lead(total)
    own = np.array([surfaces.peak(surface) for surface in surfaces.tiles])
    off = np.hypot(*(own - (east, north)).T)
    agree = off <= _APART_M
    if lead < _LEAD:
        return _refused("clearly different shifts fit about equally well", lead=lead, **told)
    if max(abs(east), abs(north)) > reach_m - surfaces.gsd:
        return _refused(f"the scenes lie further apart than the {reach_m:g} m that were looked at", lead=lead, **told)
    if agree.mean() < _AGREE:
        return _refused("parts of the scene ask for different shifts (a turn, relief or lean)", lead=lead, **told)
    # One tile alone is believed to half its pixel a side; several bear each other out.
    scatter = math.sqrt(float((off[agree] ** 2).mean()) / 2) if agree.sum() > 1 else 0.0
    error = _CIRCLE_90 * max(scatter / math.sqrt(agree.sum()), 0.25 * surfaces.gsd)
    return Registration(
        registered=True,
        offset_m=(round(east, 2), round(north, 2)),
        error_m=round(error, 2),
        count=int(agree.sum()),
        lead=round(lead, 2),
        why=f"{int(agree.sum())} of {len(agree)} parts of the scene ask for one shift",
        to=reference.name,
        method="edges",
    )


def _by_outlines(scene: Scene, outlines: gpd.GeoDataFrame, reach_m: float) -> Registration:
    """The outlines are where they are: the scene goes the other way round."""
    found = align(scene, outlines, reach_m=reach_m, turn_deg=2.0, scale=0.02)
    if not found.aligned:
        return _refused(found.why, to="outlines", method="outlines", lead=found.lead)
    halves = [align(scene, outlines.iloc[first::2], reach_m=reach_m, turn_deg=2.0, scale=0.02) for first in (0, 1)]
    apart = [math.dist((half.pose.east, half.pose.north), (found.pose.east, found.pose.north)) for half in halves]
    if max(apart) > 2 * _APART_M:
        return _refused("half of the outlines ask for another shift", to="outlines", method="outlines", lead=found.lead)
    error = _CIRCLE_90 * max(float(np.mean(apart)) / math.sqrt(2), 0.5 * max(scene.gsd, 0.3))
    return Registration(
        registered=True,
        offset_m=(round(-found.pose.east, 2), round(-found.pose.north, 2)),
        error_m=round(error, 2),
        count=len(outlines),
        lead=round(found.lead, 2),
        why=found.why,
        to="outlines",
        method="outlines",
    )


def _refused(why: str, *, to: str, method: Literal["edges", "outlines"], lead: float | None = None) -> Registration:
    return Registration(registered=False, why=why, to=to, method=method, lead=None if lead is None else round(lead, 2))


def coregister(scene: Scene, reference: Scene | gpd.GeoDataFrame, *, reach_m: float = 25.0) -> Registration:
    """How a scene must be moved to lie on another scene, or on outlines whose place is known.

    Parameters
    ----------
    scene
        The scene to be moved.
    reference
        A scene that stays, or outlines in any CRS.
    reach_m
        How far apart they may lie, metres each way.

    Returns
    -------
    Registration
        Offset east and north with the radius that holds it at 90 %; ``registered`` is false, and there is no offset,
        where it is not clear, with ``why``. A shift only: a turn or relief shows in parts that disagree.

    Raises
    ------
    FrameError
        If outlines have no CRS.
    UnreadableFileError
        If pixels cannot be read.
    """
    if isinstance(reference, Scene):
        return _by_edges(scene, reference, reach_m)
    return _by_outlines(scene, reference, reach_m)


def tied(pairs: Sequence[_Pair], *, to: str = "ties") -> Registration:
    """The offset that points tied by a person give: their mean, and how far each is off the mean of the others.

    Parameters
    ----------
    pairs
        Longitude and latitude of a thing as the scene shows it, and where it is.
    to
        What the second points were read from.

    Raises
    ------
    InputError
        If there is no pair.
    FieldError
        If a pair is no pair of places, or over a kilometre apart.
    """
    if not pairs:
        raise InputError("there is no tied point", do="give at least one pair of points, better four or more")
    shown, known = (np.array([pair[side] for pair in pairs], np.float64) for side in (0, 1))
    if not (np.isfinite(shown).all() and np.isfinite(known).all() and np.abs([shown, known]).max() <= 180):
        raise FieldError("a tied point is no place", do="write longitude, latitude in degrees", field="ties")
    frame = Frame.about((float(known[:, 0].mean()), float(known[:, 1].mean())))
    shifts = xy_to_local(frame, known) - xy_to_local(frame, shown)
    if np.hypot(*shifts.T).max() > 1000:
        raise FieldError("a tied point lies over a kilometre from its place", do="check the pair", field="ties")
    offset = shifts.mean(axis=0)
    count, error, why = len(pairs), None, "one tied point: nothing checks it"
    if count > 1:
        # Off the mean of the others: n / (n − 1) times off the mean of all.
        off = np.hypot(*(shifts - offset).T) * count / (count - 1)
        sd = math.sqrt(float((off**2).mean()) / 2) * math.sqrt((count - 1) / count)
        error = round(_CIRCLE_90 * sd / math.sqrt(count), 2)
        worst = int(off.argmax())
        why = f"{count} tied points; the worst, number {worst + 1}, lies {off[worst]:.1f} m off the others' mean"
    return Registration(
        registered=True,
        offset_m=(round(float(offset[0]), 2), round(float(offset[1]), 2)),
        error_m=error,
        count=count,
        why=why,
        to=to,
        method="ties",
        pairs=tuple((tuple(one), tuple(other)) for one, other in pairs),
    )
