"""One building's inside from drawings alone: reconciled, fitted into the outline, and put together into a blueprint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import MultiPolygon, Point, Polygon

from geoinv.errors import FieldError
from geoinv.facilities.interiors import reconcile_rooms
from geoinv.facilities.interiors_ties import groups_of
from geoinv.geometry.frames import FrameShape, frame_of, to_local
from geoinv.models.assemble import assemble
from geoinv.models.fit import fit_rooms, rooms_table
from geoinv.models.fit_windows import with_windows
from geoinv.records.blueprint import Blueprint
from geoinv.records.drawings import Sketch, Tie
from geoinv.records.evidence import Evidence, Status
from geoinv.records.facility import Facility
from geoinv.records.footprints import Footprint
from geoinv.records.places import Frame, LocalXY

__all__ = ["interior"]

_BY = "geoinv interior"
_OUTLINE_FROM = get_args(Footprint.model_fields["outline_from"].annotation)


def interior(
    outline: gpd.GeoDataFrame, drawings: Sequence[Sketch], *, ties: Sequence[Tie] = (), key: bytes = b"geoinv"
) -> tuple[Blueprint, gpd.GeoDataFrame]:
    """One building's inside as its drawings together have it.

    Parameters
    ----------
    outline
        One row: the building's outline, in any CRS. Columns ``id``, ``label``, ``status`` and ``outline_from`` are read
        where they are there, and ``entrance`` (longitude, latitude).
    drawings
        Of its inside, by one witness or several.
    ties
        Drawn rooms that a person knows to be one; ``candidate`` is the other one's ``sketch-file#element-id``.
    key
        Ids of rooms derive from it.

    Returns
    -------
    Blueprint
        Of a facility that is this one building, in metres about its middle.
    GeoDataFrame
        Its rooms on the ground (ROOMS.geojson), EPSG:4326; ``attrs["members"]`` as ``rooms_table`` gives them.

    Raises
    ------
    FieldError
        If there is not exactly one outline, or it is no polygon, its entrance is no place, or a tie names no room.
    RefusalError
        If no drawing shows a room, or the outline is too small to hold any.
    """
    building = _building(outline)
    frame = frame_of(outline)
    shape = FrameShape.from_lonlat(frame, building.geometry)
    plan = reconcile_rooms(shape, drawings, entrance=_entrance(outline, frame), together=groups_of(ties))
    storey, contradictions = fit_rooms(plan, shape, parent=building.id, key=key)
    storey = with_windows(storey, drawings, shape.shape, key=key)
    name = building.labels[0] if building.labels else building.id
    blueprint = assemble(
        Facility(slug=building.facility, name=name),
        frame,
        (building,),
        storeys={building.id: (storey,)},
        contradictions=contradictions,
        key=key,
    )
    return blueprint, rooms_table(storey, frame, plan)


def _cell(row: Any, name: str) -> Any:
    """A cell, or ``None`` where it is empty or there is no such column."""
    value = row.get(name)
    return None if value is None or (isinstance(value, float) and np.isnan(value)) or value is pd.NA else value


def _building(outline: gpd.GeoDataFrame) -> Footprint:
    """The outline as a footprint; one of which nobody says how it is known is a person's."""
    if len(outline) != 1:
        raise FieldError(f"there are {len(outline)} outlines in it", do="save one building's outline alone in a file")
    row = outline.to_crs("EPSG:4326").iloc[0]
    shape = row[outline.geometry.name]
    if isinstance(shape, MultiPolygon) and len(shape.geoms) == 1:
        shape = shape.geoms[0]
    if not isinstance(shape, Polygon) or shape.is_empty or not shape.is_valid:
        raise FieldError("the outline is not one closed shape", do="draw it as one polygon", field="geometry")
    identity = str(_cell(row, "id") or "building")
    label, status, origin = _cell(row, "label"), _cell(row, "status"), _cell(row, "outline_from")
    status = Status(status) if status in set(Status) else Status.ATTESTED
    return Footprint(
        id=identity,
        facility=identity,
        geometry=shape,
        labels=(str(label),) if label else (),
        status=status,
        outline_from=origin if origin in _OUTLINE_FROM else "person",
        evidence={"outline": Evidence(status=status, sources=(identity,), by=_BY, note="the outline as given")},
    )


def _entrance(outline: gpd.GeoDataFrame, frame: Frame) -> LocalXY | None:
    given = _cell(outline.iloc[0], "entrance")
    if given is None:
        return None
    try:
        lon, lat = (float(part) for part in given)
    except (TypeError, ValueError) as error:
        raise FieldError("this is not a place", do="write [longitude, latitude]", field="entrance") from error
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise FieldError(
            "this is not longitude, latitude in degrees", do="write [longitude, latitude]", field="entrance"
        )
    point = to_local(frame, Point(lon, lat)).centroid
    return LocalXY(point.x, point.y, frame)
