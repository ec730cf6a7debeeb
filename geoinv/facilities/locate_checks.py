"""What is looked at before anything is located: statements that nobody can have meant, and what cannot be used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geoinv.errors import FieldError
from geoinv.records.testimony import Statement, Statements, bearing_of

__all__ = ["checked", "unused"]

#: No facility is looked for within more than this of anything, metres: it would say nothing.
_MOST_M = 1_000_000.0
#: Metres a minute of the fastest walker thought of.
_FASTEST = 90.0


def checked(statements: Statements) -> None:
    """Raise in plain words if a statement's compass point, distance or landmark cannot be used.

    Raises
    ------
    FieldError
        With the statement and its field.
    """
    for key, mark in statements.landmarks.items():
        if mark.geometry.is_empty:
            raise FieldError(
                "this landmark has no coordinates", do="give it a place or leave it out", item=f"landmark {key}"
            )
    for statement in statements.statements:
        item = f"statement {statement.id}"
        _shaped(statement, statements, item)
        if statement.kind == "side" and (statement.side or "").strip().lower() not in ("left", "right"):
            try:
                bearing_of(statement.side)
            except ValueError as error:
                raise FieldError(str(error), do="write N, NE, … or left or right", item=item, field="side") from error
        if statement.negated and statement.kind in ("pin", "published"):
            raise FieldError(
                "where a pin says the place is not cannot be used",
                do="draw an area instead",
                item=item,
                field="negated",
            )
        if statement.kind == "between" and len(set(statement.landmarks)) < 2:
            raise FieldError(
                "a place is between two different landmarks", do="name both of them", item=item, field="landmarks"
            )
        for name, low, high in _lengths(statement):
            if not (np.isfinite([low, high]).all() and low >= 0 and high > 0):
                raise FieldError("this is not a length", do="give a number above zero", item=item, field=name)
            if high > _MOST_M:
                raise FieldError(
                    f"{high / 1000:,.0f} km says nothing about a place",
                    do="correct it, or leave the statement out",
                    item=item,
                    field=name,
                )


def _shaped(statement: Statement, statements: Statements, item: str) -> None:
    """Raise if an outline encloses nothing, or a line that has two sides no length."""
    outline = statement.polygon
    if statement.kind == "area" and outline is not None and not outline.is_empty and not _encloses(outline):
        raise FieldError("this outline encloses nothing", do="draw it again", item=item, field="polygon")
    if statement.kind == "side" and statement.landmark:
        mark = statements.landmarks[statement.landmark].geometry
        if mark.geom_type in ("LineString", "MultiLineString") and mark.length == 0:
            raise FieldError(
                f"the line {statement.landmark} has no length, and so no sides",
                do="draw it again or leave the statement out",
                item=item,
                field="landmark",
            )


def _lines(mark: BaseGeometry) -> bool:
    """Whether any of it is a line, as a river or a road."""
    return any(part.geom_type == "LineString" for part in getattr(mark, "geoms", [mark]))


def _encloses(outline: BaseGeometry) -> bool:
    """Whether it has an area; a ring that crosses itself encloses what lies in its loops."""
    return bool(shapely.make_valid(outline).area > 0)


def _lengths(statement: Statement) -> Iterator[tuple[str, float, float]]:
    """Field and least and most metres of every length a statement has."""
    if statement.radius_m is not None:
        yield "radius_m", statement.radius_m, statement.radius_m
    for name, unit in (("distance_m", 1.0), ("minutes", _FASTEST)):
        value = getattr(statement, name)
        if value is not None:
            ends = value if isinstance(value, tuple) else (value, value)
            yield name, unit * min(ends), unit * max(ends)


def unused(statements: Statements, areas: Mapping[str, BaseGeometry]) -> tuple[str, ...]:
    """A sentence for every statement that says nothing that could be used."""
    told = []
    for statement in statements.statements:
        if statement.kind == "area" and statement.id not in areas:
            what = f"there is no outline of “{statement.place}”" if statement.place else "its outline is empty"
            told.append(f"{statement.id} was not used: {what}; give one as a landmark of that name.")
        elif statement.kind == "from" and statement.direction is None and statement.distance_m is None:
            told.append(f"{statement.id} was not used: it has neither a direction nor a distance.")
        elif statement.kind == "side" and (statement.side or "").strip().lower() in ("left", "right"):
            mark = statements.landmarks[statement.landmark or ""].geometry
            if not _lines(mark):
                told.append(f"{statement.id} was not used: {statement.landmark} is no line and has no left and right.")
    return tuple(told)
