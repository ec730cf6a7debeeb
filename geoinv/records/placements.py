"""How drawn plans lie on the ground and which building is which (MATCH.json)."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from shapely.affinity import affine_transform
from shapely.geometry.base import BaseGeometry

from geoinv.records.base import OpenRecord, Record, Shape
from geoinv.records.places import Frame

__all__ = ["Anchor", "Fit", "Match", "Pair", "Placement", "SketchPlacement", "Transform", "Unmatched"]


class Transform(Record):
    """Drawing units to metres: ``[east, north] = matrix · [x, y, 1]`` about ``origin`` (longitude, latitude)."""

    matrix: tuple[tuple[float, float, float], tuple[float, float, float]]
    unit: Literal["metres"] = "metres"
    origin: tuple[float, float]

    @property
    def frame(self) -> Frame:
        """The frame the metres are in."""
        return Frame(lon=self.origin[0], lat=self.origin[1])

    @property
    def mirrored(self) -> bool:
        """Whether the transform turns left into right."""
        return bool(np.linalg.det(self.array[:, :2]) < 0)

    @property
    def array(self) -> NDArray[np.float64]:
        """The matrix, shape (2, 3)."""
        return np.asarray(self.matrix, dtype=np.float64)

    def apply(self, geometry: BaseGeometry) -> BaseGeometry:
        """A drawn geometry in metres of ``frame``."""
        (a, b, east), (c, d, north) = self.matrix
        return affine_transform(geometry, [a, b, c, d, east, north])


class Pair(Record):
    """Drawn elements that are candidates on the ground, with the marginal probability over all placements kept.

    Attributes
    ----------
    sketch, candidates
        Several candidates: what is drawn stands for all of them, the likeliest first.
    probability
        That what is drawn is any of the candidates.
    each
        Of several candidates, the probability that what is drawn stands for each; ``None`` for one alone.
    """

    sketch: tuple[str, ...]
    candidates: tuple[str, ...]
    probability: float = Field(ge=0, le=1)
    each: tuple[float, ...] | None = None


class Unmatched(Record):
    """A drawn element for which nothing was found, and why, in words."""

    sketch: str
    why: str


class Fit(Record):
    """Bidimensional regression of drawn on true places (Tobler 1994; Friedman & Kohler 2003)."""

    r2: float
    distortion_index: float


class SketchPlacement(OpenRecord):
    """One sketch in one placement."""

    transform: Transform
    pairs: tuple[Pair, ...] = ()
    unmatched: tuple[Unmatched, ...] = ()
    fit: dict[str, Fit] = Field(default_factory=dict)
    residuals_m: dict[str, float] = Field(default_factory=dict)
    mirrored: bool = False
    relations_violated: tuple[Any, ...] = ()


class Placement(Record):
    """One hypothesis of how all the sketches lie, with its probability."""

    rank: int = Field(ge=1)
    probability: float = Field(ge=0, le=1)
    sketches: dict[str, SketchPlacement]


class Match(OpenRecord):
    """Ranked placements; their probabilities and ``none_probability`` add to 1."""

    none_probability: float = Field(ge=0, le=1)
    placements: tuple[Placement, ...] = ()

    @property
    def abstains(self) -> bool:
        """Whether "none of these" is at least as likely as not."""
        return self.none_probability >= 0.5 or not self.placements

    @property
    def best(self) -> Placement | None:
        """The first-ranked placement, unless the match abstains."""
        return None if self.abstains else self.placements[0]


class Anchor(Record):
    """A thing of roughly known place that a sketch may show: a named landmark, a pin of one building.

    Attributes
    ----------
    label
        What it is called; compared with the labels, roles and ids of drawn elements, any language.
    geometry
        Longitude and latitude: Point, LineString or Polygon.
    sigma_m
        Standard error of its place in metres.
    witness
        Codename of whoever placed it, ``None`` for a landmark read off a map or scene.
    source
        Id of the statement or landmark.
    """

    label: str
    geometry: Shape
    sigma_m: float = Field(gt=0)
    witness: str | None = None
    source: str = ""
