"""A scene's record: what is known of a satellite picture besides its pixels, and how it is known."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from geoinv.records.base import OpenRecord, Record
from geoinv.records.dates import PartialDate

__all__ = ["Registration", "SceneRecord"]

_Point = tuple[float, float]


class Registration(Record):
    """How a scene must be moved to lie where something known lies, and how well that is known.

    Attributes
    ----------
    registered
        Whether there is an offset; if not, ``why`` says why.
    method
        By the ``edges`` of another scene, by known ``outlines``, or by points that a person tied.
    to
        The scene, file or thing that stays.
    offset_m
        Metres east and north.
    error_m
        Radius that holds the offset at 90 %; ``None`` where nothing checks it.
    count
        Parts of the scene, outlines or points that bear it out.
    lead
        By how many standard deviations the offset leads every clearly different one.
    why
        In words.
    pairs
        Tied points: longitude and latitude as the scene shows them, and where they are.
    """

    registered: bool
    method: Literal["edges", "outlines", "ties"]
    to: str
    offset_m: tuple[float, float] = (0.0, 0.0)
    error_m: float | None = Field(default=None, ge=0)
    count: int = Field(default=0, ge=0)
    lead: float | None = None
    why: str = ""
    pairs: tuple[tuple[_Point, _Point], ...] = ()


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
        East and north by which a person shifted the scene; besides its registration.
    registration
        How it was registered to another scene, to outlines or to tied points; adjustable like every property.
    georeference
        What places the picture: a ``transform``, control ``points``, or a sensor's model (``rpc``).
    ground_height_m, ground_height_basis
        Height of the ground above the WGS 84 ellipsoid with which an RPC is laid down, one for the whole scene;
        ``declared`` by the sidecar, or ``assumed`` (the model's own middle height).
    lean_m_per_m
        Metres by which an RPC scene moves for each metre that the ground lies higher than that.
    bands
        What each band shows (``red``, ``green``, ``blue``, ``nir``, ``pan`` …), in the file's order.
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
    registration: Registration | None = None
    georeference: Literal["transform", "points", "rpc"] | None = None
    ground_height_m: float | None = Field(default=None, ge=-500, le=9000)
    ground_height_basis: Literal["declared", "assumed"] | None = None
    lean_m_per_m: float | None = None
    bands: tuple[str, ...] | None = None
    provider: str | None = None
    attribution: str | None = None
    license: str | None = None
    bounds: tuple[float, float, float, float] | None = None
    simulated: bool = False
    missing: tuple[str, ...] = ()

    @property
    def shift_m(self) -> tuple[float, float]:
        """East and north by which the scene is shown off where its file puts it: registration and offset together."""
        east, north = self.registration.offset_m if self.registration else (0.0, 0.0)
        return self.offset_m[0] + east, self.offset_m[1] + north
