"""What witnesses said about where: landmarks, statements and who is not independent of whom (STATEMENTS.json)."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from geoinv.records.base import OpenRecord, Shape
from geoinv.records.measures import NumberOrRange
from geoinv.records.places import LonLat

__all__ = ["COMPASS", "Landmark", "Statement", "Statements", "bearing_of"]

#: The 16 compass points, degrees clockwise from north.
COMPASS: dict[str, float] = {
    name: index * 22.5
    for index, name in enumerate(
        ["N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW"]
    )
}

Kind = Literal["pin", "area", "from", "walk", "side", "sees", "near", "between", "published"]


def bearing_of(direction: str | float | None) -> float | None:
    """Degrees clockwise from north of a compass point or number; ``None`` stays ``None``.

    Raises
    ------
    ValueError
        If the words name none of the 16 compass points.
    """
    if direction is None or isinstance(direction, int | float):
        return direction
    name = direction.strip().upper()
    if name not in COMPASS:
        raise ValueError(f"“{direction}” is not one of the 16 compass points")
    return COMPASS[name]


def _point(value: Any) -> Any:
    return value["coordinates"] if isinstance(value, dict) and value.get("type") == "Point" else value


Place = Annotated[LonLat, BeforeValidator(_point, json_schema_input_type=LonLat | Shape)]


class Landmark(OpenRecord):
    """A thing on the ground whose place is known and which statements refer to.

    Attributes
    ----------
    name
        What witnesses call it, in any language; defaults to its key.
    geometry
        Longitude and latitude: a Point, LineString or Polygon.
    """

    name: str = ""
    geometry: Shape


class Statement(OpenRecord):
    """One thing one witness said about a place.

    Attributes
    ----------
    id, witness
        The statement's id and the witness's codename.
    kind
        ``pin`` (``point``, ``radius_m``), ``area`` (``polygon`` or ``place``), ``from`` (``landmark``, ``direction``,
        ``distance_m``), ``walk`` (``landmark``, ``direction``, ``minutes``), ``side`` (``landmark``, ``side``),
        ``sees`` (``landmark``, ``negated``), ``near`` (``landmark``, ``distance_m``), ``between`` (``landmarks``) or
        ``published`` (``point``, ``decimals``, ``source``).
    direction
        One of 16 compass points, degrees clockwise from north, or ``None``: from the landmark to the place.
    distance_m, minutes
        A number or ``(low, high)``.
    radius_m
        The radius the witness claims. A phone's own accuracy (KoBo's precision) is not one.
    of
        The thing meant, where it is not the facility as a whole (a pin named "Kitchen" is of a building).
    by
        Whether a distance is by ``air`` or by ``path``.
    said
        The words as said.
    exposure
        What the witness had been shown before saying it (``model``, ``imagery``, …).
    """

    id: str
    witness: str
    kind: Kind
    point: Place | None = None
    radius_m: float | None = Field(default=None, gt=0)
    polygon: Shape | None = None
    place: str | None = None
    landmark: str | None = None
    landmarks: tuple[str, ...] = ()
    direction: str | float | None = None
    distance_m: NumberOrRange | None = None
    minutes: NumberOrRange | None = None
    side: str | None = None
    negated: bool = False
    by: Literal["air", "path"] | None = None
    of: str | None = None
    decimals: int | None = None
    source: str | None = None
    said: str | None = None
    exposure: tuple[str, ...] | str | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needs: dict[str, tuple[str, ...]] = {
            "pin": ("point",),
            "published": ("point",),
            "from": ("landmark",),
            "walk": ("landmark", "minutes"),
            "side": ("landmark", "side"),
            "sees": ("landmark",),
            "near": ("landmark",),
            "between": ("landmarks",),
        }
        for name in needs.get(self.kind, ()):
            if getattr(self, name) in (None, ()):
                raise ValueError(f"a “{self.kind}” statement needs “{name}”")
        if self.kind == "area" and self.polygon is None and self.place is None:
            raise ValueError("an “area” statement needs “polygon” or “place”")
        if self.point is not None and not (-180 <= self.point.lon <= 180 and -90 <= self.point.lat <= 90):
            raise ValueError("the point is not longitude, latitude in degrees")
        bearing_of(self.direction)
        return self


def _landmarks(value: Any) -> Any:
    """Accept bare GeoJSON geometries as well as ``{name, geometry}``."""
    if not isinstance(value, dict):
        return value
    return {
        key: item if isinstance(item, Landmark) or "geometry" in item else {"name": key, "geometry": item}
        for key, item in value.items()
    }


class Statements(OpenRecord):
    """All that was said about one facility's place (the file STATEMENTS.json).

    Attributes
    ----------
    landmarks
        By key.
    statements
        In the order given.
    dependent
        Groups of witnesses who are not independent: heard it from one another, or saw the model or the imagery first.
    exposure
        What a witness had been shown before saying anything, by codename (``model``, ``imagery``, …).
    """

    landmarks: Annotated[
        dict[str, Landmark], BeforeValidator(_landmarks, json_schema_input_type=dict[str, Landmark | Shape])
    ] = Field(default_factory=dict)
    statements: tuple[Statement, ...] = ()
    dependent: tuple[tuple[str, ...], ...] = ()
    exposure: dict[str, tuple[str, ...] | str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _landmarks_known(self) -> Self:
        for statement in self.statements:
            for key in (*statement.landmarks, *((statement.landmark,) if statement.landmark else ())):
                if key not in self.landmarks:
                    raise ValueError(f"statement {statement.id} names landmark “{key}”, which is not listed")
        return self

    @property
    def witnesses(self) -> tuple[str, ...]:
        """Codenames in order of first appearance."""
        return tuple(dict.fromkeys(statement.witness for statement in self.statements))
