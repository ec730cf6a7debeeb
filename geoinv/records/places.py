"""Places of four kinds that cannot be mistaken for each other, and the frame that ties metres to the Earth."""

from __future__ import annotations

import math
from typing import NamedTuple

from pydantic import Field

from geoinv.errors import FrameError
from geoinv.records.base import Record

__all__ = ["DrawingXY", "Frame", "LocalXY", "LonLat", "Pixel"]


class LonLat(NamedTuple):
    """A place on WGS 84, degrees, longitude first as in GeoJSON."""

    lon: float
    lat: float


class Pixel(NamedTuple):
    """A place in a picture: column and row from the top left corner of the top left pixel, y down."""

    column: float
    row: float


class DrawingXY(NamedTuple):
    """A place in a drawing, in the drawer's own units, y up, origin at the sheet's bottom left."""

    x: float
    y: float


class Frame(Record):
    """A facility's own metres: azimuthal equidistant on WGS 84 about ``lon``, ``lat``, east and north.

    Never UTM: a facility can lie across a zone's edge, and 3D parts in float32 lose 0.25 m at UTM northings.
    """

    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)

    @property
    def proj(self) -> str:
        """The frame as a PROJ string."""
        return f"+proj=aeqd +lat_0={self.lat!r} +lon_0={self.lon!r} +datum=WGS84 +units=m +no_defs"

    @property
    def origin(self) -> LonLat:
        """The frame's origin."""
        return LonLat(self.lon, self.lat)

    @classmethod
    def about(cls, place: LonLat | tuple[float, float]) -> Frame:
        """The frame about a place, its origin rounded to 1e-6° (0.1 m) so that it is written and read exactly."""
        return cls(lon=round(place[0], 6), lat=round(place[1], 6))


class LocalXY(NamedTuple):
    """A place in metres east and north of a frame's origin."""

    east: float
    north: float
    frame: Frame

    def distance(self, other: LocalXY) -> float:
        """Metres to a place of the same frame.

        Raises
        ------
        FrameError
            If the frames differ.
        """
        if self.frame != other.frame:
            raise FrameError(
                "two places of different frames cannot be compared", do="project one into the other's frame"
            )
        return math.hypot(self.east - other.east, self.north - other.north)
