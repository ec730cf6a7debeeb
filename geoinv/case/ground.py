"""What drawings are laid on: the scene about a facility's likeliest place, and all that is known without a drawing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from geoinv.facilities.match_known import expected_scale, known_odds, side_odds
from geoinv.geometry.frames import to_local, xy_to_local
from geoinv.geometry.overlap import iou
from geoinv.imagery.edge_search import Oriented
from geoinv.imagery.elastic import Surroundings, surroundings
from geoinv.imagery.enclosures import Enclosure, enclosures
from geoinv.imagery.perimeters import Perimeter, settled_perimeter, without_shadow_rims
from geoinv.imagery.scene import Scene
from geoinv.records.drawings import Sketch
from geoinv.records.locations import Location
from geoinv.records.placements import Anchor, Transform
from geoinv.records.places import Frame

__all__ = ["Ground"]

#: Half of the largest plan looked for, metres.
_HALF_PLAN_M = 120.0
#: How far from its likeliest place the middle of a drawing is looked for, metres.
_LEAST_REACH, _MOST_REACH = 15.0, 110.0
#: Beyond the circle that is as large as the 90 % region: that region need not be round.
_BEYOND = 1.25
#: Walled yards that are tried, and how sure of a roof a detector must be for it to count as seen.
_YARDS, _A_ROOF = 16, 0.4
#: How far the sides of a walled yard may be off when it is found as a rectangle, metres.
_YARD_M = 4.0
#: What a metre of any ring is worth once it is settled, about, in nats: only what is beyond speaks for a wall.
_BY_CHANCE = 0.4
#: Overlap (IoU) from which two yards are one settled twice, and how many times likelier than others one must be.
_ONE_YARD, _STANDS_OUT = 0.8, 1.15


@dataclass(frozen=True)
class Ground:
    """What drawings are laid on, and what is known of their place.

    Attributes
    ----------
    scene, frame
        The picture, and the facility's metres.
    candidates
        Outlines found without any drawing, longitude and latitude, with ``existence``.
    prior, anchors
        Where the facility is; named places that a drawing may show.
    """

    scene: Scene
    frame: Frame
    candidates: gpd.GeoDataFrame
    prior: Location | None = None
    anchors: tuple[Anchor, ...] = ()

    @cached_property
    def around(self) -> Surroundings:
        """The scene round about, made ready once for all that is bent onto it."""
        return surroundings(self.scene, self.frame, self.centre, self.reach_m + _HALF_PLAN_M)

    @cached_property
    def walls(self) -> Oriented:
        """Edges that may be walls: all but the far rims of shadows."""
        return without_shadow_rims(self.around.field, self.scene.record.sun_azimuth)

    @cached_property
    def yards(self) -> list[Polygon]:
        """Walled yards that the facility may be, metres, their four sides settled on edges; those worth most first."""
        found, settled = self._settled
        rest = [yard.polygon for yard, one in zip(found, settled, strict=True) if one is None]
        known = sorted((one for one in settled if one is not None), key=lambda one: -one.worth)
        return [*(one.ring for one in known), *rest]

    @cached_property
    def standing_yards(self) -> tuple[Polygon, ...]:
        """The one walled yard that stands out from all others, metres, in each of the likeliest ways it was settled.

        None where another, elsewhere or of another size, is nearly as likely. Found without any drawing.
        """
        if not self._ranked:
            return ()
        best = self._ranked[0]
        rivals = [one for one in self._ranked if iou(one.ring, best.ring) < _ONE_YARD]
        if any(_STANDS_OUT * _nats(one) > _nats(best) for one in rivals):
            return ()
        return tuple(one.ring for one in self._ranked if one not in rivals and _STANDS_OUT * _nats(one) >= _nats(best))

    @cached_property
    def _settled(self) -> tuple[list[Enclosure], list[Perimeter | None]]:
        found = enclosures(self.scene, self.frame, self.centre, self.reach_m, most=_YARDS)
        return found, [settled_perimeter(self.walls, yard.polygon, _YARD_M) for yard in found]

    @cached_property
    def _ranked(self) -> list[Perimeter]:
        return sorted((one for one in self._settled[1] if one is not None), key=lambda one: -_nats(one))

    @cached_property
    def found(self) -> dict[str, Polygon]:
        """Buildings that were found without a drawing, by candidate, metres."""
        sure = self.candidates[self.candidates["existence"] >= _A_ROOF]
        shapes = {
            str(name): to_local(self.frame, one).buffer(0) for name, one in zip(sure["id"], sure.geometry, strict=True)
        }
        return {name: shape for name, shape in shapes.items() if isinstance(shape, Polygon) and shape.area > 0}

    @cached_property
    def roofs(self) -> tuple[Polygon, ...]:
        """Their outlines."""
        return tuple(self.found.values())

    @cached_property
    def roofed(self) -> BaseGeometry:
        """All the ground that they cover."""
        return shapely.union_all(self.roofs)

    @cached_property
    def centre(self) -> tuple[float, float]:
        """Where the middle of a drawing most likely lies, metres."""
        place = self.prior.best if self.prior else self.scene.bounds.centroid.coords[0]
        east, north = xy_to_local(self.frame, np.array([place[:2]]))[0]
        return float(east), float(north)

    @cached_property
    def reach_m(self) -> float:
        """How far from there it is looked for, metres."""
        if self.prior is None:
            return _MOST_REACH
        round_m = math.sqrt(self.prior.region(0.9).area_m2 / math.pi)
        return float(np.clip(_BEYOND * round_m, _LEAST_REACH, _MOST_REACH))

    def scale(self, sketch: Sketch) -> float:
        """Metres per drawing unit expected from sizes."""
        return expected_scale(sketch, self.candidates, self.frame)

    def said(self, sketch: Sketch, places: list[Transform]) -> NDArray[np.float64]:
        """Log odds of places from testimony, landmarks and sizes."""
        scale = self.scale(sketch)
        return known_odds(sketch, places, frame=self.frame, scale=scale, prior=self.prior, anchors=self.anchors)

    def sides(self, sketch: Sketch, places: list[Transform]) -> NDArray[np.float64]:
        """Log odds of places from the sides on which roads and waters are drawn."""
        return side_odds(sketch, places, frame=self.frame, anchors=self.anchors)


def _nats(yard: Perimeter) -> float:
    """What all of a settled ring says for a wall there, beyond what settling gives any ring."""
    return (yard.worth - _BY_CHANCE) * yard.ring.length
