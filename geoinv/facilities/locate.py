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
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geoinv.facilities.locate_cells import Cells, densest, parts_of, region_of, seeded_cells, spatial_median, split
from geoinv.facilities.locate_checks import checked, unused
from geoinv.facilities.locate_globe import on_globe
from geoinv.facilities.locate_mixture import Mixture
from geoinv.facilities.locate_notes import Part, notes
from geoinv.facilities.locate_setup import Setup, areas_of, frame_about
from geoinv.facilities.locate_why import conflicts
from geoinv.geometry.frames import to_local, xy_to_lonlat
from geoinv.records.locations import Location, LocationDiagnostics, Region, StatementWorth, WitnessWorth
from geoinv.records.places import Frame, LonLat
from geoinv.records.testimony import Statements

__all__ = ["Posterior", "locate", "posterior"]

Floats = NDArray[np.float64]

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
    inflation
        How many times wider than stated radii were read (geometric mean), ``None`` if no pin states one.
    mixture, terms
        The parts the density is the sum of: what leaving a statement out needs.
    """

    frame: Frame
    cells: Cells
    log_density: Floats
    validity: Floats
    kernels: Floats
    inflation: float | None
    mixture: Mixture = field(repr=False)
    terms: tuple[Floats, ...] = field(repr=False)

    @property
    def mass(self) -> Floats:
        """Probability in each cell, shape (n,), adding to 1."""
        return np.exp(self.log_density + self.cells.log_area)

    def best(self) -> Floats:
        """The place of least expected distance within the likeliest part of the 50 % region, metres, shape (2,).

        Between two rival places the place of least expected distance is neither: it would be a guess nobody made.
        """
        return self._best_xy

    @cached_property
    def _best_xy(self) -> Floats:
        # How far to believe the model is a matter of the region, not of where its middle lies.
        return _best(self.cells, self.mixture.log_density(self.mixture.joint(self.terms)))

    def region(self, level: float) -> BaseGeometry:
        """The smallest region holding ``level`` of the probability, metres."""
        return region_of(self.cells, densest(self.log_density, self.cells, level))

    def parts(self, level: float) -> list[Part]:
        """The connected parts of a region, likeliest first."""
        chosen = np.flatnonzero(densest(self.log_density, self.cells, level))
        mass = self.mass
        parts = parts_of(self.cells, chosen, mass)
        return [Part(region_of(self.cells, inside), float(mass[inside].sum())) for inside in parts]

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

    def without(self, dropped: set[int]) -> tuple[float, float]:
        """Metres by which ``best`` moves, and the expected error, if some statements (by index) had not been made."""
        terms = [
            self.mixture.terms(group.without(dropped)) if group.mentions(dropped) else term
            for group, term in zip(self.mixture.groups, self.terms, strict=True)
        ]
        joint = self.mixture.joint(terms)
        best = _best(self.cells, self.mixture.log_density(joint))
        error = np.exp(self.mixture.widened(joint) + self.cells.log_area) @ np.hypot(*(self.cells.centre - best).T)
        return float(np.hypot(*(best - self.best()))), float(error)


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
        If a statement's compass point, distance or landmark cannot be used.
    """
    checked(statements)
    outlines = areas_of(statements, places or {})
    frame = frame_about(statements, outlines)
    setup = Setup(statements, frame, {key: to_local(frame, shape) for key, shape in outlines.items()}, extent_m)
    cells = seeded_cells(setup.bounds, *setup.seeds())
    for turn in range(_ROUNDS + 1):
        mixture, kernels = setup.mixture(cells)
        terms = tuple(mixture.terms(group) for group in mixture.groups)
        joint = mixture.joint(terms)
        log_density = mixture.widened(joint)
        mass = np.exp(log_density + cells.log_area)
        heavy = mass > max(_SPLIT_MASS, float(np.partition(mass, -min(700, len(mass)))[-min(700, len(mass))]))
        if turn == _ROUNDS or not heavy.any() or len(cells) > _MOST_CELLS:
            break
        cells = split(cells, heavy)
    validity = mixture.validity(joint, len(statements.statements))
    factor = math.exp(mixture.inflation(joint)) if setup.stated else None
    return Posterior(frame, cells, log_density, validity, kernels, factor, mixture, terms)


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
        Region(level=level, geometry=on_globe(found.frame, shape), area_m2=round(shape.area, 1))
        for level, shape in ((level, found.region(level)) for level in (0.5, 0.9))
    )
    told = notes(statements, found.frame, found.parts(0.9), found.best(), found.inflation, found.validity)
    return Location(
        best=place,
        regions=regions,
        frame=Frame.about(place),
        diagnostics=LocationDiagnostics(
            **_worths(statements, found),
            conflicts=conflicts(statements, found.kernels, found.validity),
            expected_error_m=round(found.expected_error_m(), 1),
            notes=(*unused(statements, areas_of(statements, places or {})), *told),
        ),
    )


def _worths(statements: Statements, found: Posterior) -> dict[str, Any]:
    """What each statement and each witness is worth: what would be without."""
    said = statements.statements
    alone = {index: found.without({index}) for index in range(len(said))}
    own = {
        name: {index for index, statement in enumerate(said) if statement.witness == name}
        for name in statements.witnesses
    }
    by_witness = {
        name: alone[min(indices)] if len(indices) == 1 else found.without(indices) for name, indices in own.items()
    }
    return {
        "statements": tuple(
            StatementWorth(
                id=statement.id,
                probability_valid=round(float(found.validity[i]), 4),
                shift_without_m=round(alone[i][0], 2),
                expected_error_without_m=round(alone[i][1], 1),
            )
            for i, statement in enumerate(said)
        ),
        "witnesses": tuple(
            WitnessWorth(id=name, shift_without_m=round(shift, 2), expected_error_without_m=round(error, 1))
            for name, (shift, error) in by_witness.items()
        ),
    }


def _best(cells: Cells, log_density: Floats) -> Floats:
    mass = np.exp(log_density + cells.log_area)
    chosen = np.flatnonzero(densest(log_density, cells, 0.5))
    inside = parts_of(cells, chosen, mass)[0]
    return spatial_median(cells.centre[inside], mass[inside], floor=max(0.5, float(cells.size.min()) / 2))
