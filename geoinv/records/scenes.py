"""A scene's record: what is known of a satellite picture besides its pixels, and how it is known."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from geoinv.records.base import OpenRecord
from geoinv.records.dates import PartialDate

__all__ = ["SceneRecord"]


class SceneRecord(OpenRecord):
    """What is known of a scene; everything not known is ``None`` and listed in ``missing``.

    Attributes
    ----------
    name
        File name of the picture.
    sha256
        Hash of the picture as received.
    acquired
        Acquisition date (EDTF); never the file's date.
    gsd_m
        Ground sample distance in metres at the scene's centre.
    sun_azimuth, sun_elevation
        Degrees clockwise from true north, degrees above the horizon.
    view_azimuth, off_nadir
        Degrees clockwise from north towards the satellite; degrees from the vertical.
    ce90_m, ce90_basis
        Circular error of the scene's place at 90 %, and whether ``declared``, ``derived`` or ``assumed``.
    offset_m
        East and north by which the scene was shifted to fit the case; recorded and adjustable.
    provider, attribution, license
        As the sidecar says.
    bounds
        West, south, east, north in degrees.
    simulated
        Whether the pixels were made by a program.
    missing
        Names of fields nobody gave.
    """

    name: str
    sha256: str | None = None
    acquired: PartialDate | None = None
    gsd_m: float | None = Field(default=None, gt=0)
    sun_azimuth: float | None = Field(default=None, ge=0, le=360)
    sun_elevation: float | None = Field(default=None, ge=-90, le=90)
    view_azimuth: float | None = None
    off_nadir: float | None = Field(default=None, ge=0, lt=90)
    ce90_m: float | None = Field(default=None, ge=0)
    ce90_basis: Literal["declared", "derived", "assumed"] | None = None
    offset_m: tuple[float, float] = (0.0, 0.0)
    provider: str | None = None
    attribution: str | None = None
    license: str | None = None
    bounds: tuple[float, float, float, float] | None = None
    simulated: bool = False
    missing: tuple[str, ...] = ()
