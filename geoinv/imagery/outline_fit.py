"""Fitting a drawn outline to the picture: shift, turn and stretch, by edges, colours and how far drawings are off.

A sketched building keeps its form (a rectangle stays one) and moves by five numbers: east, south, angle, length and
width along the axes of its least rectangle. Their posterior is maximised by the cross-entropy method (Rubinstein
1999): draw, keep the best tenth, draw closer. The draws come from a fixed seed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely.geometry import Polygon

from geoinv.imagery.masks import Field, Mask, fill, gradients

__all__ = ["Evidence", "Fit", "Spread", "colour_odds", "edge_support", "evidence_of", "fit_outline", "moved"]

_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Evidence:
    """What a fit looks at, all of one shape (height, width).

    Attributes
    ----------
    east, south
        Edge strength 0–1 with direction: gradient over its scale, saturated.
    odds
        Natural-log odds of building against ground from colour, clipped to ±4.
    """

    east: Field
    south: Field
    odds: Field


@dataclass(frozen=True)
class Spread:
    """One standard deviation of how far an outline is off: shift in pixels, angle in degrees, size as a fraction."""

    shift: float
    turn_deg: float = 6.0
    size: float = 0.12


@dataclass(frozen=True)
class Fit:
    """A fitted outline and how well it stands.

    Attributes
    ----------
    outline
        In pixels.
    edge
        Mean edge strength across its boundary, 0–1.
    gain
        Log posterior gained over the outline as it was drawn.
    parameters
        East and south shift in pixels, angle in radians, log length, log width.
    """

    outline: Polygon
    edge: float
    gain: float
    parameters: tuple[float, float, float, float, float]


def evidence_of(colours: Field, odds: Field, sigma: float) -> Evidence:
    """Edges of a picture in L*a*b* at ``sigma`` pixels, scaled by their own 90th percentile, with given colour odds."""
    east, south = gradients(colours, sigma)
    strength = np.hypot(east, south)
    scale = max(float(np.percentile(strength, 90)), 0.5)
    squeeze = np.tanh(strength / scale) / np.maximum(strength, 1e-6)
    return Evidence((east * squeeze).astype(np.float32), (south * squeeze).astype(np.float32), odds)


def colour_odds(colours: Field, building: Mask, ground: Mask) -> Field:
    """Log odds of building against ground from L*a*b* histograms of two masks, smoothed; 0 where colour says nothing.

    Histograms of 12 × 10 × 10 cells over the picture's own range, blurred by one cell, each with a uniform floor.
    """
    if building.sum() < 8 or ground.sum() < 8:
        return np.zeros(building.shape, np.float32)
    cells = (12, 10, 10)
    low, high = np.percentile(colours.reshape(-1, 3), [1, 99], axis=0)
    # A narrow range is stretched to 20 units at least: sensor noise is no evidence.
    middle, half = (low + high) / 2, np.maximum(high - low, 20.0) / 2
    index = [
        np.clip((colours[..., k] - middle[k] + half[k]) / (2 * half[k]) * cells[k], 0, cells[k] - 1).astype(int)
        for k in range(3)
    ]
    flat = np.ravel_multi_index(tuple(index), cells)
    densities = []
    for mask in (building, ground):
        counts = np.bincount(flat[mask], minlength=math.prod(cells)).reshape(cells).astype(np.float64)
        blurred = ndimage.gaussian_filter(counts, 0.8, mode="nearest")
        densities.append((blurred / blurred.sum() + 0.02 / math.prod(cells)).ravel())
    ratio = np.log(densities[0]) - np.log(densities[1])
    return np.clip(ndimage.gaussian_filter(ratio[flat].astype(np.float32), 0.7), -4, 4)


def _axes(outline: Polygon) -> tuple[_Floats, float, float, float]:
    """Centre, direction of the longer side (radians), length and width of the least rectangle."""
    box = shapely.oriented_envelope(outline)
    corners = shapely.get_coordinates(box)[:4] if isinstance(box, Polygon) else shapely.get_coordinates(outline)[:4]
    sides = np.roll(corners, -1, axis=0) - corners
    lengths = np.hypot(sides[:, 0], sides[:, 1])
    longer = int(lengths[:2].argmax())
    angle = math.atan2(sides[longer, 1], sides[longer, 0])
    return corners.mean(axis=0), angle, float(lengths[:2].max()), float(lengths[:2].min())


def _transforms(parameters: _Floats, axis: float) -> _Floats:
    """2 × 2 matrices, (n, 2, 2), of stretch along the outline's axes and then the turn."""
    cos, sin = math.cos(axis), math.sin(axis)
    basis = np.array([[cos, -sin], [sin, cos]])
    stretch = np.zeros((len(parameters), 2, 2))
    stretch[:, 0, 0], stretch[:, 1, 1] = np.exp(parameters[:, 3]), np.exp(parameters[:, 4])
    turned_cos, turned_sin = np.cos(parameters[:, 2]), np.sin(parameters[:, 2])
    turn = np.stack([np.stack([turned_cos, -turned_sin], 1), np.stack([turned_sin, turned_cos], 1)], 1)
    result: _Floats = turn @ basis @ stretch @ basis.T
    return result


def moved(outline: Polygon, parameters: tuple[float, float, float, float, float]) -> Polygon:
    """The outline under five numbers (see `Fit.parameters`)."""
    centre, axis, _, _ = _axes(outline)
    values = np.asarray([parameters])
    matrix = _transforms(values, axis)[0]
    return shapely.transform(outline, lambda xy: (xy - centre) @ matrix.T + centre + values[0, :2])


def _boundary(outline: Polygon, count: int) -> tuple[_Floats, _Floats]:
    """Points evenly along the outer ring and the direction of the ring there, each (count, 2)."""
    ring = outline.exterior
    at = (np.arange(count) + 0.5) / count * ring.length
    step = ring.length / count * 0.05
    points = shapely.get_coordinates(shapely.line_interpolate_point(ring, at))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(ring, np.minimum(at + step, ring.length)))
    behind = shapely.get_coordinates(shapely.line_interpolate_point(ring, np.maximum(at - step, 0)))
    along = ahead - behind
    return points, along / np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]


def edge_support(outline: Polygon, evidence: Evidence) -> float:
    """Mean edge strength 0–1 across the boundary of an outline in pixels."""
    points, along = _boundary(outline, int(np.clip(outline.length, 40, 200)))
    across = -along[:, 1] * _sampled(evidence.east, points) + along[:, 0] * _sampled(evidence.south, points)
    return float(np.abs(across).mean())


def _sampled(field: Field, xy: _Floats) -> _Floats:
    """Bilinear values at pixels (…, 2); 0 outside."""
    result: _Floats = ndimage.map_coordinates(
        field, [xy[..., 1] - 0.5, xy[..., 0] - 0.5], order=1, mode="constant", output=np.float64
    )
    return result


class _Posterior:
    """Log posterior of many parameter rows at once."""

    def __init__(self, outline: Polygon, evidence: Evidence, spread: Spread, edge_weight: float, colour_weight: float):
        self.evidence, self.spread = evidence, spread
        self.edge_weight, self.colour_weight = edge_weight, colour_weight
        self.centre, self.axis, length, width = _axes(outline)
        count = int(np.clip(outline.length, 40, 160))
        points, along = _boundary(outline, count)
        self.points, self.along = points - self.centre, along
        # Where colour does not count nobody looks at it.
        inside = np.argwhere(fill(outline, evidence.odds.shape) & (colour_weight > 0))[:, ::-1] + 0.5
        step = max(1, len(inside) // 500)
        self.inner = inside[::step] - self.centre
        self.size = max(length, width, 1.0)

    def edges(self, parameters: _Floats) -> _Floats:
        """Mean edge strength across the boundary of each row."""
        matrices = _transforms(parameters, self.axis)
        turned = matrices.transpose(0, 2, 1)
        xy = self.points @ turned + self.centre + parameters[:, None, :2]
        along = self.along @ turned
        along /= np.maximum(np.linalg.norm(along, axis=2, keepdims=True), 1e-9)
        across = -along[..., 1] * _sampled(self.evidence.east, xy) + along[..., 0] * _sampled(self.evidence.south, xy)
        result: _Floats = np.abs(across).mean(axis=1)
        return result

    def __call__(self, parameters: _Floats) -> _Floats:
        matrices = _transforms(parameters, self.axis)
        inside = self.inner @ matrices.transpose(0, 2, 1) + self.centre + parameters[:, None, :2]
        area = np.exp(parameters[:, 3] + parameters[:, 4])
        colour = _sampled(self.evidence.odds, inside).mean(axis=1) * area if len(self.inner) else 0.0
        scale = np.array(
            [
                self.spread.shift,
                self.spread.shift,
                math.radians(self.spread.turn_deg),
                self.spread.size,
                self.spread.size,
            ]
        )
        prior = -0.5 * ((parameters / scale) ** 2).sum(axis=1)
        result: _Floats = self.edge_weight * self.edges(parameters) + self.colour_weight * colour + prior
        return result


def fit_outline(
    outline: Polygon,
    evidence: Evidence,
    spread: Spread,
    *,
    edge_weight: float = 30.0,
    colour_weight: float = 4.0,
    seed: int = 0,
) -> Fit:
    """Move a drawn outline onto the picture.

    Parameters
    ----------
    outline
        In pixels.
    evidence
        See `evidence_of`.
    spread
        How far it may be off.
    edge_weight, colour_weight
        Weight in log units of a full edge all round, and of log odds 1 all over.
    seed
        Of the draws.
    """
    posterior = _Posterior(outline, evidence, spread, edge_weight, colour_weight)
    generator = np.random.default_rng(seed)
    still = np.zeros((1, 5))
    scale = np.array([spread.shift, spread.shift, math.radians(spread.turn_deg), spread.size, spread.size])
    mean, deviation = np.zeros(5), scale * 1.2
    best, best_value = still[0], float(posterior(still)[0])
    start = best_value
    for _ in range(12):
        draws = mean + generator.normal(size=(160, 5)) * deviation
        values = posterior(draws)
        order = np.argsort(-values, kind="stable")[:20]
        if values[order[0]] > best_value:
            best, best_value = draws[order[0]], float(values[order[0]])
        mean, deviation = draws[order].mean(axis=0), 0.9 * draws[order].std(axis=0) + 0.01 * scale
    parameters = (float(best[0]), float(best[1]), float(best[2]), float(best[3]), float(best[4]))
    edge = float(posterior.edges(best[None])[0])
    return Fit(moved(outline, parameters), edge, best_value - start, parameters)
