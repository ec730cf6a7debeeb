"""Frames: longitude and latitude to a facility's own metres and back, and shapes that know their frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from shapely.geometry.base import BaseGeometry

from geoinv.errors import FrameError
from geoinv.geometry.overlap import iou
from geoinv.records.places import Frame, LocalXY, LonLat

__all__ = ["FrameShape", "frame_crs", "frame_of", "to_frame", "to_local", "to_lonlat", "xy_to_local", "xy_to_lonlat"]


@lru_cache(maxsize=256)
def frame_crs(frame: Frame) -> CRS:
    """The frame as a coordinate reference system."""
    return CRS.from_proj4(frame.proj)


@lru_cache(maxsize=256)
def _transformer(frame: Frame) -> Transformer:
    return Transformer.from_crs("EPSG:4326", frame_crs(frame), always_xy=True)


def xy_to_local(frame: Frame, lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Degrees, shape (n, 2), to metres east and north, shape (n, 2)."""
    east, north = _transformer(frame).transform(lonlat[:, 0], lonlat[:, 1])
    return np.column_stack([east, north])


def xy_to_lonlat(frame: Frame, local: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres east and north, shape (n, 2), to degrees, shape (n, 2)."""
    lon, lat = _transformer(frame).transform(local[:, 0], local[:, 1], direction="INVERSE")
    return np.column_stack([lon, lat])


def _mapped(geometry: BaseGeometry, function: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> BaseGeometry:
    # Heights, where a KML gives them, mean nothing here.
    return shapely.transform(shapely.force_2d(geometry), function)


def to_local(frame: Frame, geometry: BaseGeometry) -> BaseGeometry:
    """A geometry of longitudes and latitudes in metres of the frame."""
    return _mapped(geometry, lambda xy: xy_to_local(frame, xy))


def to_lonlat(frame: Frame, geometry: BaseGeometry) -> BaseGeometry:
    """A geometry in metres of the frame in longitudes and latitudes, rounded to 1e-8° (1 mm)."""
    return _mapped(geometry, lambda xy: np.round(xy_to_lonlat(frame, xy), 8))


def to_frame(frame: Frame, table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A table of any CRS in metres of the frame.

    Raises
    ------
    FrameError
        If the table does not say which CRS its geometry is in.
    """
    if table.crs is None:
        raise FrameError("this table's geometry has no CRS", do="say which CRS it is in")
    return table.to_crs(frame_crs(frame))


def frame_of(table: gpd.GeoDataFrame) -> Frame:
    """The frame about the middle of a table's bounds.

    Raises
    ------
    FrameError
        If the table is empty or has no CRS.
    """
    if table.crs is None or table.empty or table.geometry.is_empty.all():
        raise FrameError("there is no place to put a frame at", do="give at least one geometry with a CRS")
    west, south, east, north = table.to_crs("EPSG:4326").total_bounds
    return Frame.about(LonLat((west + east) / 2, (south + north) / 2))


@dataclass(frozen=True)
class FrameShape:
    """A plane shape in metres of a named frame; shapes of different frames cannot be combined.

    Attributes
    ----------
    frame
        The frame the metres are in.
    shape
        East and north in metres.
    """

    frame: Frame
    shape: BaseGeometry

    @classmethod
    def from_lonlat(cls, frame: Frame, geometry: BaseGeometry) -> FrameShape:
        """From longitudes and latitudes."""
        return cls(frame, to_local(frame, geometry))

    def lonlat(self) -> BaseGeometry:
        """In longitudes and latitudes."""
        return to_lonlat(self.frame, self.shape)

    def _other(self, other: FrameShape) -> BaseGeometry:
        if other.frame != self.frame:
            raise FrameError(
                "two shapes of different frames cannot be combined", do="project one into the other's frame"
            )
        return other.shape

    def intersection(self, other: FrameShape) -> FrameShape:
        """What both cover."""
        return FrameShape(self.frame, self.shape.intersection(self._other(other)))

    def union(self, other: FrameShape) -> FrameShape:
        """What either covers."""
        return FrameShape(self.frame, self.shape.union(self._other(other)))

    def distance(self, other: FrameShape) -> float:
        """Least distance in metres."""
        return float(self.shape.distance(self._other(other)))

    def iou(self, other: FrameShape) -> float:
        """Intersection over union of the two areas, 0 where both are empty."""
        return iou(self.shape, self._other(other))

    def centre(self) -> LocalXY:
        """Centroid in metres."""
        point = self.shape.centroid
        return LocalXY(point.x, point.y, self.frame)
