"""Where a facility is: witnesses' statements about a place fused into one posterior, with what each statement is worth.

Each statement is valid with some probability, else it says nothing; pins are scale mixtures because stated radii are
overconfident; the inflation of radii and the share of valid statements are summed over, not fixed. Statements of one
witness share whether that witness knows the place, and witnesses who are not independent may all repeat one source
(docs/methods/locate.md).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geoinv.errors import FieldError, RefusalError
from geoinv.facilities.locate_cells import Cells, densest, region_of, seeded_cells, spatial_median, split
from geoinv.facilities.locate_groups import groups_of
from geoinv.facilities.locate_kernels import OF_SPREAD_M, Ground, pin_log_density, published_scale, relation
from geoinv.facilities.locate_mixture import Mixture, Said, log_sum
from geoinv.facilities.locate_why import conflicts
from geoinv.geometry.frames import to_local, to_lonlat, xy_to_local, xy_to_lonlat
from geoinv.records.locations import Location, LocationDiagnostics, Region, StatementWorth, WitnessWorth
from geoinv.records.places import Frame, LonLat
from geoinv.records.testimony import Statement, Statements, bearing_of

__all__ = ["Posterior", "locate", "posterior"]

Floats = NDArray[np.float64]

#: Log inflation of stated radii (as a 1.5-sigma circle) with prior weights, marginalised: METHODS' e^0.4, and worse.
_INFLATIONS = ((0.0, 0.27), (0.4, 0.38), (0.8, 0.22), (1.2, 0.08), (1.6, 0.05))
_RADIUS_SIGMAS = 1.5
#: Standard errors in metres of a pin without a radius, equally likely before the pins are compared with each other.
_UNSTATED = (15.0, 35.0, 80.0, 180.0, 400.0, 900.0, 2000.0)
#: One witness's further statements count this much: they come from one memory.
_SAME_MEMORY = 0.85
_WHOLE = frozenset({"", "facility", "site", "compound", "camp", "prison", "place", "시설"})
#: How wide worthless pins scatter: times the median standard error, and times the median distance from the middle.
_WIDE = (4.0, 3.0)
_ROUNDS, _SPLIT_MASS, _MOST_CELLS = 5, 1.2e-3, 6000


@dataclass(frozen=True)
class Posterior:
    """The posterior density of a facility's place on square cells of unequal size.

    Attributes
    ----------
    frame
        Local frame of all metres.
    cells
        Where the density is given; dense cells are small.
    log_density
        Log probability per square metre at each cell, shape (n,).
    validity
        Posterior probability that each statement is valid, in the statements' order, shape (s,).
    kernels
        Each statement's log ratio to its background at each cell, averaged over scales, shape (s, n).
    mixture, terms
        The parts the density is the sum of: what leaving a statement out needs.
    """

    frame: Frame
    cells: Cells
    log_density: Floats
    validity: Floats
    kernels: Floats
    mixture: Mixture = field(repr=False)
    terms: tuple[Floats, ...] = field(repr=False)

    @property
    def mass(self) -> Floats:
        """Probability in each cell, shape (n,), adding to 1."""
        return np.exp(self.log_density + self.cells.log_area)

    def best(self) -> Floats:
        """The place of least expected distance, metres, shape (2,)."""
        return _best(self.cells, self.mass)

    def region(self, level: float) -> BaseGeometry:
        """The smallest region holding ``level`` of the probability, metres."""
        return region_of(self.cells, densest(self.log_density, self.cells, level))

    def expected_error_m(self) -> float:
        """Expected distance in metres from ``best`` to the true place, if the model holds."""
        return float(self.mass @ np.hypot(*(self.cells.centre - self.best()).T))

    def raster(self, bounds: tuple[float, float, float, float], pixel: float) -> Floats:
        """Probability per square metre on a regular grid, shape (rows, columns), first row north.

        Parameters
        ----------
        bounds
            West, south, east, north in metres of the frame.
        pixel
            Side of a pixel in metres.
        """
        west, south, east, north = bounds
        columns, rows = (max(1, round(v / pixel)) for v in (east - west, north - south))
        result = np.zeros((rows, columns))
        density = np.exp(self.log_density)
        for index in np.argsort(-self.cells.size, kind="stable"):  # small cells last: they never overlap, edges round
            half = self.cells.size[index] / 2
            x, y = self.cells.centre[index]
            left, right = round((x - half - west) / pixel), round((x + half - west) / pixel)
            top, bottom = round((north - y - half) / pixel), round((north - y + half) / pixel)
            if right > 0 and bottom > 0:
                result[max(0, top) : max(top + 1, bottom), max(0, left) : max(left + 1, right)] = density[index]
        return result

    def shift_without(self, dropped: set[int]) -> float:
        """Metres by which ``best`` moves if some statements (by index) had not been made."""
        terms = [
            self.mixture.terms(group.without(dropped)) if group.mentions(dropped) else term
            for group, term in zip(self.mixture.groups, self.terms, strict=True)
        ]
        log_density = log_sum(self.mixture.joint(terms), axis=0)
        mass = np.exp(log_density + self.cells.log_area - (log_density + self.cells.log_area).max())
        return float(np.hypot(*(_best(self.cells, mass / mass.sum()) - self.best())))


def posterior(
    statements: Statements, *, places: Mapping[str, BaseGeometry] | None = None, extent_m: float | None = None
) -> Posterior:
    """The posterior density of where a facility is.

    Parameters
    ----------
    statements
        What was said.
    places
        Outlines (longitude, latitude) of provinces and counties by name, for ``area`` statements that only name one.
    extent_m
        The facility's own size, if known: a pin of one of its buildings is no farther off than that.

    Raises
    ------
    RefusalError
        If nothing that was said ties the facility to a place.
    FieldError
        If a statement's compass point cannot be read.
    """
    outlines = _areas(statements, places or {})
    frame = _frame(statements, outlines)
    setup = _Setup(statements, frame, {key: to_local(frame, shape) for key, shape in outlines.items()}, extent_m)
    cells = seeded_cells(setup.bounds, *setup.seeds())
    for turn in range(_ROUNDS + 1):
        mixture, kernels = setup.mixture(cells)
        terms = tuple(mixture.terms(group) for group in mixture.groups)
        joint = mixture.joint(terms)
        log_density = log_sum(joint, axis=0)
        log_density = log_density - float(log_sum(log_density + cells.log_area))
        mass = np.exp(log_density + cells.log_area)
        heavy = mass > max(_SPLIT_MASS, float(np.partition(mass, -min(700, len(mass)))[-min(700, len(mass))]))
        if turn == _ROUNDS or not heavy.any() or len(cells) > _MOST_CELLS:
            break
        cells = split(cells, heavy)
    validity = mixture.validity(joint, len(statements.statements))
    return Posterior(frame, cells, log_density, validity, kernels, mixture, terms)


def locate(
    statements: Statements, *, places: Mapping[str, BaseGeometry] | None = None, extent_m: float | None = None
) -> Location:
    """The fused location: best point, 50 % and 90 % regions, what each statement is worth and which conflict.

    Parameters and errors as of :func:`posterior`.
    """
    found = posterior(statements, places=places, extent_m=extent_m)
    best = xy_to_lonlat(found.frame, found.best()[None])[0]
    place = LonLat(round(float(best[0]), 7), round(float(best[1]), 7))
    regions = tuple(
        Region(level=level, geometry=to_lonlat(found.frame, shape), area_m2=round(shape.area, 1))
        for level, shape in ((level, found.region(level)) for level in (0.5, 0.9))
    )
    said = statements.statements
    shifts = {index: round(found.shift_without({index}), 2) for index in range(len(said))}
    by_witness = {
        name: {index for index, statement in enumerate(said) if statement.witness == name}
        for name in statements.witnesses
    }
    worths = tuple(
        StatementWorth(id=statement.id, probability_valid=round(float(found.validity[i]), 4), shift_without_m=shifts[i])
        for i, statement in enumerate(said)
    )
    return Location(
        best=place,
        regions=regions,
        frame=Frame.about(place),
        diagnostics=LocationDiagnostics(
            statements=worths,
            witnesses=tuple(
                WitnessWorth(
                    id=name,
                    shift_without_m=shifts[min(indices)]
                    if len(indices) == 1
                    else round(found.shift_without(indices), 2),
                )
                for name, indices in by_witness.items()
            ),
            conflicts=conflicts(statements, found.kernels, found.validity),
            expected_error_m=round(found.expected_error_m(), 1),
        ),
    )


def _best(cells: Cells, mass: Floats) -> Floats:
    heavy = mass > 1e-7
    return spatial_median(cells.centre[heavy], mass[heavy], floor=max(0.5, float(cells.size.min()) / 2))


def _areas(statements: Statements, places: Mapping[str, BaseGeometry]) -> dict[str, BaseGeometry]:
    """Outline of every ``area`` statement that has one, by statement id; landmarks can be named as places too."""
    named = {name.casefold(): shape for name, shape in places.items()}
    for key, mark in statements.landmarks.items():
        if mark.geometry.area > 0:
            named.update({key.casefold(): mark.geometry, (mark.name or key).casefold(): mark.geometry})
    found: dict[str, BaseGeometry] = {}
    for statement in statements.statements:
        shape = statement.polygon if statement.polygon is not None else named.get((statement.place or "").casefold())
        if statement.kind == "area" and shape is not None and not shape.is_empty:
            found[statement.id] = shape
    return found


def _frame(statements: Statements, areas: Mapping[str, BaseGeometry]) -> Frame:
    points = [statement.point for statement in statements.statements if statement.point is not None]
    marks = [
        statements.landmarks[key].geometry
        for statement in statements.statements
        for key in (statement.landmark, *statement.landmarks)
        if key
    ]
    found = [(p.lon, p.lat) for p in points] or [(s.centroid.x, s.centroid.y) for s in (*areas.values(), *marks)]
    if not found:
        raise RefusalError(
            "nothing that was said ties the facility to a place", do="add a pin, an area with an outline or a landmark"
        )
    lon0 = found[0][0]  # a facility near the date line has pins on both sides of it
    lons = [lon0 + (lon - lon0 + 180.0) % 360.0 - 180.0 for lon, _ in found]
    middle = float(np.median(lons))
    return Frame.about(((middle + 180.0) % 360.0 - 180.0, float(np.median([lat for _, lat in found]))))


class _Setup:
    """Everything about the statements that does not depend on the cells."""

    def __init__(
        self, statements: Statements, frame: Frame, areas: Mapping[str, BaseGeometry], extent_m: float | None
    ) -> None:
        self.statements, self.areas = statements, areas
        self.landmarks = {key: to_local(frame, mark.geometry) for key, mark in statements.landmarks.items()}
        self.said = statements.statements
        self.pins = [i for i, s in enumerate(self.said) if s.point is not None and s.kind in ("pin", "published")]
        lonlat = np.array([self.said[i].point for i in self.pins], dtype=float).reshape(-1, 2)
        self.pin_xy = xy_to_local(frame, lonlat) if self.pins else np.zeros((0, 2))
        self.extent_m = extent_m
        self.unstated = any(self.said[i].kind == "pin" and self.said[i].radius_m is None for i in self.pins)
        stated = any(self.said[i].radius_m is not None for i in self.pins)
        self.settings = [
            (inflation, unstated, math.log(weight))
            for inflation, weight in (_INFLATIONS if stated else ((0.0, 1.0),))
            for unstated in (_UNSTATED if self.unstated else (0.0,))
        ]
        for statement in self.said:
            _checked(statement)
        self.bounds = self._bounds()
        self.background = self._background()

    def scale(self, statement: Statement, inflation: float, unstated: float) -> float:
        """Median standard error of a pin along one axis, metres."""
        if statement.kind == "published":
            return published_scale(statement.decimals)
        if statement.radius_m is None:
            return unstated
        return statement.radius_m / _RADIUS_SIGMAS * math.exp(inflation)

    def extra(self, statement: Statement) -> float:
        """Standard error because a building is meant and not the facility, metres."""
        if (statement.of or "").strip().casefold() in _WHOLE:
            return 0.0
        return OF_SPREAD_M if self.extent_m is None else min(OF_SPREAD_M, self.extent_m / 3)

    def _bounds(self) -> tuple[float, float, float, float]:
        boxes = [(*xy, *xy) for xy in self.pin_xy.tolist()] + [shape.bounds for shape in self.areas.values()]
        reach = [3.0 * self.scale(self.said[i], 0.4, 400.0) for i in self.pins]
        for statement in self.said:
            for key in (statement.landmark, *statement.landmarks):
                if key and (statement.kind in ("from", "walk", "near", "between") or not boxes):
                    shape = self.landmarks[key]
                    far = _reach_of(statement)
                    close = shape.length < 50_000 and (not self.pins or statement.kind != "near")
                    boxes += [tuple(np.array(shape.bounds) + [-far, -far, far, far])] if close or not boxes else []
        if not boxes:
            raise RefusalError(
                "nothing that was said ties the facility to a place",
                do="add a pin, an area with an outline or a distance from a landmark",
            )
        array = np.array(boxes)
        low, high = array[:, :2].min(axis=0), array[:, 2:].max(axis=0)
        pad = max([300.0, 0.35 * float((high - low).max()), *reach])
        west, south, east, north = (float(v) for v in (*(low - pad), *(high + pad)))
        return west, south, east, north

    def _background(self) -> tuple[Floats, float]:
        """Log density of a worthless pin at each pin, and the area any other worthless statement may be about."""
        west, south, east, north = self.bounds
        area = (east - west) * (north - south)
        if not self.pins:
            return np.zeros(0), area
        middle = spatial_median(self.pin_xy, np.ones(len(self.pins)), floor=1.0)
        away = np.hypot(*(self.pin_xy - middle).T)
        stated = [self.scale(self.said[i], 0.4, 120.0) for i in self.pins]
        spread = max(_WIDE[0] * float(np.median(stated)), _WIDE[1] * float(np.median(away)), 60.0)
        # A bivariate Student t of three degrees of freedom: wrong pins lie about the right ones, some of them far away.
        return -math.log(2 * math.pi * spread**2) - 2.5 * np.log1p(away**2 / (3 * spread**2)), min(area, 60 * spread**2)

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
        logs, area = self.background
        ground = Ground(cells.centre, area, self.landmarks, self.areas)
        weights = np.array([weight for _, _, weight in self.settings])
        weights = weights - float(log_sum(weights))
        kernels: list[Floats] = []
        for index, statement in enumerate(self.said):
            if index in self.pins:
                where = self.pins.index(index)
                kernels.append(self._pin(statement, cells, self.pin_xy[where]) - logs[where])
            else:
                kernel = relation(statement, ground)
                kernels.append((np.zeros(len(cells)) if kernel is None else kernel)[None])
        said = [Said(i, kernel, self._power(i), i in self.pins) for i, kernel in enumerate(kernels)]
        groups = groups_of(self.statements, said, self.pins, logs)
        means = [log_sum(k + weights[:, None], axis=0) if len(k) > 1 else k[0] for k in kernels]
        return Mixture(groups, weights, cells.log_area), np.array(means).reshape(len(kernels), len(cells))

    def _pin(self, statement: Statement, cells: Cells, place: Floats) -> Floats:
        distance = np.hypot(*(cells.centre - place).T)
        extra, done = self.extra(statement), {}
        rows = []
        for inflation, unstated, _ in self.settings:
            scale = self.scale(statement, inflation, unstated)
            if scale not in done:
                done[scale] = pin_log_density(distance, scale, extra)
            rows.append(done[scale])
        return np.array(rows if len(done) > 1 else rows[:1])

    def _power(self, index: int) -> float:
        statement = self.said[index]
        same = [other for other in self.said if other.witness == statement.witness]
        alike = sum(other.kind == statement.kind and other.kind in ("pin", "published") for other in same)
        if alike > 1:  # two pins of one witness are one memory told twice
            return 1.0 / alike
        return 1.0 if len(same) == 1 or statement.kind == "pin" else _SAME_MEMORY


def _reach_of(statement: Statement) -> float:
    """How far from its landmark a statement may put the facility, metres."""
    if statement.kind == "walk" and statement.minutes is not None:
        return 60.0 * 1.5 * float(np.max(statement.minutes))
    if statement.distance_m is not None:
        return 1.5 * float(np.max(statement.distance_m))
    return 3000.0 if statement.kind in ("from", "sees", "side") else 1500.0


def _checked(statement: Statement) -> None:
    """Raise in plain words if a side is not a compass point, left or right."""
    if statement.kind == "side" and (statement.side or "").strip().lower() not in ("left", "right"):
        try:
            bearing_of(statement.side)
        except ValueError as error:
            raise FieldError(
                str(error), do="write N, NE, … or left or right", item=f"statement {statement.id}", field="side"
            ) from error
