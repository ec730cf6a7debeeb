"""Coordinates written down wrongly: a pin on the other side of the world is a slip of the pen, not testimony.

Worthless pins are part of the model of `locate`, but they are taken to lie about the right ones. One whose latitude and
longitude were swapped lies thousands of kilometres off, where nothing that was said can be compared with it; it is set
aside before anything is computed, and a person is told.
"""

from __future__ import annotations

import numpy as np
from pyproj import Geod

from geoinv.records.places import LonLat
from geoinv.records.testimony import Statement, Statements

__all__ = ["set_aside"]

#: Nobody is this far off about a place they have been to, metres; and this near is no chance.
_FAR_M, _NEAR_M = 300_000.0, 50_000.0
_EARTH = Geod(ellps="WGS84")


def set_aside(statements: Statements) -> tuple[Statements, tuple[str, ...]]:
    """What was said without pins that can only be slips of the pen.

    A pin is one if it lies over 300 km from the rest and lies with the rest once its two numbers are swapped, or if at
    least two other witnesses or landmarks lie together that far away.

    Returns
    -------
    The statements that are left, and a sentence for each that is not.
    """
    told: list[str] = []
    kept: list[Statement] = []
    for statement in statements.statements:
        sentence = _slip(statement, statements) if statement.point is not None else None
        if sentence is None:
            kept.append(statement)
        else:
            told.append(sentence)
    return statements.model_copy(update={"statements": tuple(kept)}), tuple(told)


def _slip(statement: Statement, statements: Statements) -> str | None:
    """Why a pin is a slip, or ``None``."""
    rest = _places_of_others(statement, statements)
    point = statement.point
    if point is None or not rest:
        return None
    middle = LonLat(*np.median(np.array(rest), axis=0).tolist())
    away = _metres(point, middle)
    if away < _FAR_M:
        return None
    file, _, item = statement.id.partition("#")
    where = f"{file}, statement {item or statement.id}: it lies {away / 1000:,.0f} km from what else was said"
    swapped = LonLat(point.lat, point.lon)
    if abs(swapped.lat) <= 90 and _metres(swapped, middle) < _NEAR_M:
        return f"{where}, but near it with latitude and longitude swapped; swap them and add the file again."
    if len(rest) >= 2 and max(_metres(place, middle) for place in rest) < _NEAR_M:
        return f"{where}; correct its coordinates and add the file again."
    return None


def _places_of_others(statement: Statement, statements: Statements) -> list[LonLat]:
    """One place for each other witness who gave a pin, and one for each landmark that statements name."""
    pins = {
        other.witness: other.point
        for other in statements.statements
        if other.point is not None and other.witness != statement.witness
    }
    named = {key for other in statements.statements for key in (other.landmark, *other.landmarks) if key}
    marks = (statements.landmarks[key].geometry.centroid for key in sorted(named))
    return [*pins.values(), *(LonLat(mark.x, mark.y) for mark in marks)]


def _metres(one: LonLat, other: LonLat) -> float:
    return float(_EARTH.inv(one.lon, one.lat, other.lon, other.lat)[2])
