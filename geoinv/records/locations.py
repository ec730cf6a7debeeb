"""Where a facility is, as far as testimony tells (LOCATION.geojson)."""

from __future__ import annotations

from pydantic import Field

from geoinv.records.base import Record, Shape
from geoinv.records.places import Frame, LonLat

__all__ = ["Conflict", "Location", "LocationDiagnostics", "Region", "StatementWorth", "WitnessWorth"]


class Region(Record):
    """A credible region: the smallest area holding ``level`` of the posterior.

    Attributes
    ----------
    level
        0.5 or 0.9.
    geometry
        Polygon or MultiPolygon, longitude and latitude.
    area_m2
        Its area.
    """

    level: float = Field(gt=0, lt=1)
    geometry: Shape
    area_m2: float


class StatementWorth(Record):
    """What one statement contributed.

    Attributes
    ----------
    probability_valid
        That it holds, given all that was said.
    shift_without_m, expected_error_without_m
        Metres by which the best point moves without it, and the expected error then.
    """

    id: str
    probability_valid: float = Field(ge=0, le=1)
    shift_without_m: float | None = None
    expected_error_without_m: float | None = None


class WitnessWorth(Record):
    """The shift of the best point without one witness, and the expected error then, metres."""

    id: str
    shift_without_m: float | None = None
    expected_error_without_m: float | None = None


class Conflict(Record):
    """Two statements that can hardly both be right, and why, in words."""

    first: str
    second: str
    why: str


class LocationDiagnostics(Record):
    """What an investigator would ask of a location; ``notes`` are sentences a person should read beside it."""

    statements: tuple[StatementWorth, ...] = ()
    witnesses: tuple[WitnessWorth, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    expected_error_m: float = 0.0
    notes: tuple[str, ...] = ()


class Location(Record):
    """The fused location of a facility.

    Attributes
    ----------
    best
        The point of least expected error, longitude and latitude.
    regions
        Credible regions, smallest level first.
    frame
        The frame in which it was computed, about ``best``.
    """

    best: LonLat
    regions: tuple[Region, ...]
    frame: Frame
    diagnostics: LocationDiagnostics = LocationDiagnostics()

    def region(self, level: float) -> Region:
        """The region of a level.

        Raises
        ------
        KeyError
            If it was not computed.
        """
        for region in self.regions:
            if abs(region.level - level) < 1e-9:
                return region
        raise KeyError(f"no region of level {level}")
