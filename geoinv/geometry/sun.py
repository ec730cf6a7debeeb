"""Where the sun stands."""

from __future__ import annotations

import math
from datetime import datetime
from typing import NamedTuple

from geoinv.errors import InputError

__all__ = ["SunPosition", "sun_position"]


class SunPosition(NamedTuple):
    """The sun in the sky.

    Attributes
    ----------
    azimuth
        Degrees clockwise from true north, 0 ≤ azimuth < 360.
    elevation
        Degrees above the horizon as seen through air of 10 °C and 1010 hPa; negative below it.
    """

    azimuth: float
    elevation: float

    def direction(self) -> tuple[float, float, float]:
        """Unit vector towards the sun: east, north, up."""
        azimuth, elevation = math.radians(self.azimuth), math.radians(self.elevation)
        level = math.cos(elevation)
        return level * math.sin(azimuth), level * math.cos(azimuth), math.sin(elevation)


def sun_position(lon: float, lat: float, when: datetime) -> SunPosition:
    """Azimuth and elevation of the sun's centre, right to about 0.01° between 1900 and 2100.

    Low-precision solar coordinates of Meeus, *Astronomical Algorithms*, 2nd ed. (1998), chapter 25, as the NOAA solar
    calculator uses them; sidereal time by his (12.4), horizontal coordinates by (13.5–13.6), refraction by Sæmundsson's
    formula (16.4). Terrestrial and universal time are taken as one (an error of 0.001°).

    Parameters
    ----------
    lon, lat
        Degrees on WGS 84.
    when
        A time with its zone.

    Raises
    ------
    InputError
        If the time has no zone or the place is not on the globe.
    """
    if when.tzinfo is None:
        raise InputError("the time of day has no zone", do="write it with its offset, as 2009-05-03T02:10:00Z")
    if not (abs(lat) <= 90 and abs(lon) <= 360):
        raise InputError(f"longitude {lon}, latitude {lat} is not a place", do="give degrees, longitude first")
    days = when.timestamp() / 86400.0 - 10957.5  # since 2000-01-01 12:00 UTC
    ascension, declination, sidereal = _equatorial(days)
    hour = math.radians(sidereal + lon) - ascension
    phi = math.radians(lat)
    height = math.degrees(
        math.asin(
            max(
                -1.0,
                min(
                    1.0, math.sin(phi) * math.sin(declination) + math.cos(phi) * math.cos(declination) * math.cos(hour)
                ),
            )
        )
    )
    south = math.atan2(math.sin(hour), math.cos(hour) * math.sin(phi) - math.tan(declination) * math.cos(phi))
    return SunPosition((math.degrees(south) + 180.0) % 360.0, height + _refraction(height))


def _equatorial(days: float) -> tuple[float, float, float]:
    """Apparent right ascension and declination in radians, apparent sidereal time at Greenwich in degrees."""
    t = days / 36525.0
    mean_longitude = 280.46646 + t * (36000.76983 + t * 0.0003032)
    anomaly = math.radians(357.52911 + t * (35999.05029 - t * 0.0001537))
    centre = (
        math.sin(anomaly) * (1.914602 - t * (0.004817 + t * 0.000014))
        + math.sin(2 * anomaly) * (0.019993 - t * 0.000101)
        + math.sin(3 * anomaly) * 0.000289
    )
    node = math.radians(125.04 - 1934.136 * t)
    nutation = -0.00478 * math.sin(node)
    longitude = math.radians(mean_longitude + centre - 0.00569 + nutation)
    obliquity = math.radians(23.43929111 - t * (0.013004167 + t * 1.639e-7) + 0.00256 * math.cos(node))
    ascension = math.atan2(math.cos(obliquity) * math.sin(longitude), math.cos(longitude))
    declination = math.asin(math.sin(obliquity) * math.sin(longitude))
    sidereal = 280.46061837 + 360.98564736629 * days + 0.000387933 * t * t + nutation * math.cos(obliquity)
    return ascension, declination, sidereal


def _refraction(height: float) -> float:
    """Degrees by which air lifts what stands at a true height; none below −1°, where the formula ends."""
    if height < -1.0 or height > 89.8:
        return 0.0
    return 1.02 / 60.0 / math.tan(math.radians(height + 10.3 / (height + 5.11)))
