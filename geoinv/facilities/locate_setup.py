"""What is known about statements before any place is looked at: the frame, the outlines, the ground to look over."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

from geoinv.errors import RefusalError
from geoinv.facilities.locate_cells import Cells
from geoinv.facilities.locate_groups import groups_of
from geoinv.facilities.locate_kernels import (
    OF_SPREAD_M,
    PUBLISHED_SPREAD,
    Ground,
    Told,
    pin_log_density,
    published_scale,
    relation,
    wide_log_density,
)
from geoinv.facilities.locate_mixture import Mixture, Said, log_sum
from geoinv.geometry.frames import to_local, xy_to_local
from geoinv.records.places import Frame
from geoinv.records.testimony import Statement, Statements

__all__ = ["Setup", "areas_of", "frame_about"]

Floats = NDArray[np.float64]

#: Log inflation of stated radii (as a 1.5-sigma circle) with prior weights, marginalised: METHODS' e^0.4, and worse.
_INFLATIONS = ((0.0, 0.18), (0.4, 0.30), (0.8, 0.22), (1.2, 0.15), (1.6, 0.10), (2.0, 0.05))
_RADIUS_SIGMAS, _USUAL = 1.5, 0.4
#: No pin is better than this, metres.
_FINEST_M = 2.0
#: Standard errors in metres of a pin without a radius, equally likely before the pins are compared with each other.
_UNSTATED = (15.0, 35.0, 80.0, 180.0, 400.0, 900.0, 2000.0)
#: One witness's further statements count this much: they come from one memory.
_SAME_MEMORY = 0.85
_TYING = frozenset({"from", "walk", "near", "between"})
_WHOLE = frozenset({"", "facility", "site", "compound", "camp", "prison", "place", "시설"})
#: A right pin's standard error where there is no pin to tell it, metres.
_NO_PIN_M = 400.0
#: People steer by what is near: within the first of these metres of a landmark that is spoken of every place is alike,
#: to the second every distance (so that of two who exclude each other the one who says farther is not believed for the
#: greater area alone), and beyond it farther is less likely.
_CLOSE_M, _DISTRICT_M = 1_000.0, 10_000.0
#: Longest edge of a landmark or area, degrees, that is taken for straight in metres.
_EDGE_DEG = 0.02
#: Standard errors about a pin that are looked over.
_LOOKED = 12.0
#: Farther than this from the middle nothing is looked for: a frame's metres would no longer be metres.
_WORLD_M = 5_000_000.0
_EARTH = Geod(ellps="WGS84")


def areas_of(statements: Statements, places: Mapping[str, BaseGeometry]) -> dict[str, BaseGeometry]:
    """Outline of every ``area`` statement that has one, by statement id; landmarks can be named as places too."""
    named = {name.casefold(): shape for name, shape in places.items()}
    for key, mark in statements.landmarks.items():
        if mark.geometry.area > 0:
            named.update({key.casefold(): mark.geometry, (mark.name or key).casefold(): mark.geometry})
    found: dict[str, BaseGeometry] = {}
    for statement in statements.statements:
        shape = statement.polygon if statement.polygon is not None else named.get((statement.place or "").casefold())
        if statement.kind == "area" and shape is not None and not shape.is_empty:
            found[statement.id] = _dense(shape if shape.is_valid else shapely.make_valid(shape))
    return found


def _dense(shape: BaseGeometry) -> BaseGeometry:
    """A geometry with so many vertices that its edges, straight in degrees (RFC 7946), lie there in metres too."""
    west, south, east, north = shape.bounds
    extent = max(east - west, north - south)
    if extent <= _EDGE_DEG or east - west > 180.0:  # what is written across the date line is taken as it is
        return shape
    return shapely.segmentize(shape, max(_EDGE_DEG, extent / 200))


def frame_about(statements: Statements, areas: Mapping[str, BaseGeometry]) -> Frame:
    """A frame about the middle of what was said, of most of it where some lies elsewhere.

    Raises
    ------
    RefusalError
        If nothing ties the facility to a place, or what was said lies on different parts of the Earth.
    """
    placed = [(s.id, (s.point.lon, s.point.lat)) for s in statements.statements if s.point is not None]
    marks = [
        (s.id, _middle(statements.landmarks[key].geometry))
        for s in statements.statements
        for key in (s.landmark, *s.landmarks)
        if key
    ]
    outlined = [(key, _middle(shape)) for key, shape in areas.items()]
    every = [*placed, *outlined, *marks]
    if not every:
        raise RefusalError(
            "nothing that was said ties the facility to a place", do="add a pin, an area with an outline or a landmark"
        )
    lon, lat = _central([place for _, place in placed or every])
    away = [(float(_EARTH.inv(lon, lat, *place)[2]), name) for name, place in every]
    furthest, name = max(away)
    if furthest > _WORLD_M:
        raise RefusalError(
            f"statement {name} lies {furthest / 1000:,.0f} km from what else was said",
            do="correct its coordinates (are latitude and longitude swapped?) or leave it out",
        )
    return Frame.about((lon, lat))


def _middle(shape: BaseGeometry) -> tuple[float, float]:
    """A place in or on it: the centroid of what is split by the date line lies across the globe."""
    place = shape.centroid if shape.geom_type in ("Point", "Polygon") else shape.representative_point()
    return float(place.x), float(place.y)


def _central(places: list[tuple[float, float]]) -> tuple[float, float]:
    """The geometric median of places on the globe, in degrees: poles and the date line are places like others."""
    angles = np.radians(np.array(places))
    cos = np.cos(angles[:, 1])
    globe = np.column_stack([cos * np.cos(angles[:, 0]), cos * np.sin(angles[:, 0]), np.sin(angles[:, 1])])
    middle = globe.mean(axis=0)
    for _ in range(60):
        pull = 1.0 / np.maximum(1e-7, np.linalg.norm(globe - middle, axis=1))
        middle = pull @ globe / pull.sum()
    if np.linalg.norm(middle) < 1e-9:
        return places[0]
    lon = math.degrees(math.atan2(middle[1], middle[0]))
    return lon, math.degrees(math.atan2(middle[2], math.hypot(middle[0], middle[1])))


class Setup:
    """Everything about the statements that does not depend on the cells."""

    def __init__(
        self, statements: Statements, frame: Frame, areas: Mapping[str, BaseGeometry], extent_m: float | None
    ) -> None:
        self.statements, self.areas = statements, areas
        self.landmarks = {key: to_local(frame, _dense(mark.geometry)) for key, mark in statements.landmarks.items()}
        self.said = statements.statements
        self.pins = [i for i, s in enumerate(self.said) if s.point is not None and s.kind in ("pin", "published")]
        lonlat = np.array([self.said[i].point for i in self.pins], dtype=float).reshape(-1, 2)
        self.pin_xy = xy_to_local(frame, lonlat) if self.pins else np.zeros((0, 2))
        self.extent_m = extent_m
        unstated = any(self.said[i].kind == "pin" and self.said[i].radius_m is None for i in self.pins)
        self.stated = [r / _RADIUS_SIGMAS for i in self.pins if (r := self.said[i].radius_m) is not None]
        self.settings = [
            (inflation, scale, math.log(weight))
            for inflation, weight in (_INFLATIONS if self.stated else ((0.0, 1.0),))
            for scale in (_UNSTATED if unstated else (0.0,))
        ]
        spoken = [key for s in self.said for key in (s.landmark, *s.landmarks) if key and not s.negated]
        self.spoken = [self.landmarks[key] for key in dict.fromkeys(spoken)]
        self.bounds = self._bounds()

    def scale(self, statement: Statement, inflation: float, unstated: float) -> float:
        """Median standard error of a pin along one axis, metres."""
        if statement.kind == "published":
            return published_scale(statement.decimals)
        if statement.radius_m is None:
            return unstated
        return max(_FINEST_M, statement.radius_m / _RADIUS_SIGMAS * math.exp(inflation))

    def usual(self, unstated: float) -> float:
        """Standard error of a right pin, metres: what is worthless lies some times that wide."""
        if self.stated:
            return float(np.median(self.stated)) * math.exp(_USUAL)
        return unstated or _NO_PIN_M

    def extra(self, statement: Statement) -> float:
        """Standard error because a building is meant and not the facility, metres."""
        if (statement.of or "").strip().casefold() in _WHOLE:
            return 0.0
        return OF_SPREAD_M if self.extent_m is None else min(OF_SPREAD_M, self.extent_m / 3)

    def _bounds(self) -> tuple[float, float, float, float]:
        boxes = [(*xy, *xy) for xy in self.pin_xy.tolist()] + [shape.bounds for shape in self.areas.values()]
        reach = [_LOOKED * self.scale(self.said[i], _USUAL, 400.0) for i in self.pins]
        for statement in self.said:
            for key in (statement.landmark, *statement.landmarks):
                if key and (statement.kind in _TYING or not (boxes or statement.negated)):
                    shape = self.landmarks[key]
                    far = _reach_of(statement)
                    close = shape.length < 50_000 and (not self.pins or statement.kind != "near")
                    boxes += [tuple(np.array(shape.bounds) + [-far, -far, far, far])] if close or not boxes else []
        if not boxes or not any(_ties(statement, self.areas) for statement in self.said):
            raise RefusalError(
                "nothing that was said tells how far from anything the facility is",
                do="add a pin, an area with an outline or a distance from a landmark",
            )
        array = np.array(boxes)
        low, high = array[:, :2].min(axis=0), array[:, 2:].max(axis=0)
        pad = max([300.0, 0.35 * float((high - low).max()), *reach])
        west, south, east, north = (float(v) for v in (*(low - pad), *(high + pad)))
        return west, south, east, north

    def seeds(self) -> tuple[Floats, Floats]:
        """Where kernels are narrow, and how narrow, for the first cells."""
        places, scales = [*self.pin_xy], []
        for i in self.pins:
            scales.append(max(5.0, math.hypot(self.scale(self.said[i], 0.0, 30.0), self.extra(self.said[i]))))
        for statement in self.said:
            for key in (statement.landmark, *statement.landmarks):
                if key and statement.kind in ("from", "walk", "near"):
                    centre = self.landmarks[key].centroid
                    places.append(np.array([centre.x, centre.y]))
                    scales.append(max(20.0, _reach_of(statement) / 4))
        return np.array(places).reshape(-1, 2), np.array(scales)

    def mixture(self, cells: Cells) -> tuple[Mixture, Floats]:
        """The mixture over some cells, and every statement's kernel averaged over the settings, shape (s, n)."""
        weights = np.array([weight for _, _, weight in self.settings])
        weights = weights - float(log_sum(weights))
        ground = Ground(cells.centre, self.usual(0.0), self.landmarks, self.areas)
        said, means = [], []
        for index, statement in enumerate(self.said):
            if index in self.pins:
                kernels, worthless = self._pin(statement, cells, self.pin_xy[self.pins.index(index)])
            else:
                told = relation(statement, ground) or Told(np.zeros(len(cells)), np.zeros(len(cells)))
                kernels, worthless = told.kernel[None], told.worthless[None]
            said.append(Said(index, kernels, worthless, self._power(index), index in self.pins))
            means.append(log_sum(kernels + weights[:, None], axis=0) if len(kernels) > 1 else kernels[0])
        inflations = np.array([inflation for inflation, _, _ in self.settings])
        groups = groups_of(self.statements, said)
        mixture = Mixture(groups, weights, inflations, cells.log_area, self._prior(ground))
        return mixture, np.array(means).reshape(len(said), len(cells))

    def _prior(self, ground: Ground) -> Floats:
        if not self.spoken:
            return np.zeros(len(ground.places))
        away = np.min([ground.distance(mark) for mark in self.spoken], axis=0)
        return np.asarray(-np.log1p((away / _CLOSE_M) ** 2) - 0.5 * np.log1p((away / _DISTRICT_M) ** 2))

    def _pin(self, statement: Statement, cells: Cells, place: Floats) -> tuple[Floats, Floats]:
        """A pin's kernel and its log density if worthless, a row a setting or one for all."""
        distance = np.hypot(*(cells.centre - place).T)
        extra = self.extra(statement)
        more = {"spread": PUBLISHED_SPREAD} if statement.kind == "published" else {}
        scales = [self.scale(statement, inflation, unstated) for inflation, unstated, _ in self.settings]
        widths = [self.usual(unstated) for _, unstated, _ in self.settings]
        valid = {scale: pin_log_density(distance, scale, extra, **more) for scale in dict.fromkeys(scales)}
        wrong = {width: wide_log_density(distance, width) for width in dict.fromkeys(widths)}
        kernels = np.array([valid[scale] - wrong[width] for scale, width in zip(scales, widths, strict=True)])
        worthless = np.array([wrong[width] for width in widths] if len(wrong) > 1 else list(wrong.values()))
        return (kernels if len(valid) > 1 or len(wrong) > 1 else kernels[:1]), worthless

    def _power(self, index: int) -> float:
        statement = self.said[index]
        same = [other for other in self.said if other.witness == statement.witness]
        alike = sum(other.kind == statement.kind and other.kind in ("pin", "published") for other in same)
        if alike > 1:  # two pins of one witness are one memory told twice
            return 1.0 / alike
        return 1.0 if len(same) == 1 or statement.kind == "pin" else _SAME_MEMORY


def _ties(statement: Statement, areas: Mapping[str, BaseGeometry]) -> bool:
    """Whether a statement ties the facility to a place: a direction, a side or what is not seen only share it out."""
    if statement.negated:
        return False
    if statement.kind == "area":
        return statement.id in areas
    return statement.kind != "side" and not (statement.kind == "from" and statement.distance_m is None)


def _reach_of(statement: Statement) -> float:
    """How far from its landmark a statement may put the facility, metres."""
    if statement.kind == "walk" and statement.minutes is not None:
        return 60.0 * 1.5 * float(np.max(statement.minutes))
    if statement.distance_m is not None:
        return 1.5 * float(np.max(statement.distance_m))
    return 3000.0 if statement.kind in ("from", "sees", "side") else 1500.0
