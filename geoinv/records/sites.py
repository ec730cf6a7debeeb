"""What stands on the ground outside buildings: walls and fences, gates, towers, paths, the terrain."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from geoinv.records.base import Record, Shape
from geoinv.records.parts import Part

__all__ = ["Coping", "Gate", "Path", "PerimeterWall", "Site", "Terrain", "Tower", "Wire"]


class Coping(Part):
    """What covers the top of a perimeter wall.

    Attributes
    ----------
    height_m, overhang_m
        Its own height, on top of the wall's; how far it reaches beyond the wall on each side.
    """

    shaping: ClassVar[tuple[str, ...]] = ("height_m", "overhang_m")

    height_m: float = Field(gt=0)
    overhang_m: float = Field(default=0.0, ge=0)


class Wire(Part):
    """Wire along the top of a perimeter wall or fence, as the upright strip that holds it.

    Attributes
    ----------
    kind
        ``barbed``, ``razor``, ``electric`` or ``wire`` where nobody said which.
    height_m
        From the wall's or its coping's top upwards.
    """

    shaping: ClassVar[tuple[str, ...]] = ("kind", "height_m")

    kind: Literal["barbed", "razor", "electric", "wire"] = "wire"
    height_m: float = Field(gt=0)


class PerimeterWall(Part):
    """A wall or fence round the compound.

    Attributes
    ----------
    line
        Centre-line, metres; closed where it closes.
    kind
        ``wall`` or ``fence``.
    post_spacing_m
        Of a fence: posts stand at most this far apart; none are drawn where it is not known.
    coping, wire
        What is on top.
    """

    shaping: ClassVar[tuple[str, ...]] = ("line", "height_m", "thickness_m")

    line: Shape
    kind: Literal["wall", "fence"] = "wall"
    height_m: float = Field(gt=0)
    thickness_m: float = Field(gt=0)
    post_spacing_m: float | None = Field(default=None, gt=0)
    coping: Coping | None = None
    wire: Wire | None = None


class Gate(Part):
    """A gap in a perimeter wall with a leaf in it."""

    shaping: ClassVar[tuple[str, ...]] = ("at", "width_m", "height_m")

    at: tuple[float, float]
    width_m: float = Field(gt=0)
    height_m: float = Field(gt=0)


class Tower(Part):
    """A guard post or tower: a square shaft with a roof."""

    shaping: ClassVar[tuple[str, ...]] = ("outline", "height_m")

    outline: Shape
    height_m: float = Field(gt=0)


class Path(Part):
    """A path or road on the ground."""

    shaping: ClassVar[tuple[str, ...]] = ("line", "width_m")

    line: Shape
    width_m: float = Field(gt=0)


class Terrain(Part):
    """The ground's shape.

    Attributes
    ----------
    points
        At least three points with heights (GeoJSON MultiPoint with three coordinates each), metres: the surface is
        their Delaunay triangulation. Height 0 is the height from which floors are counted.
    """

    shaping: ClassVar[tuple[str, ...]] = ("points",)

    points: Shape


class Site(Record):
    """What stands on the ground outside the buildings."""

    walls: tuple[PerimeterWall, ...] = ()
    gates: tuple[Gate, ...] = ()
    towers: tuple[Tower, ...] = ()
    paths: tuple[Path, ...] = ()
    terrain: Terrain | None = None

    def parts(self) -> tuple[Part, ...]:
        """Every part, in a fixed order; what is on top of a wall follows it."""
        walls = [part for wall in self.walls for part in (wall, wall.coping, wall.wire) if part is not None]
        ground = (self.terrain,) if self.terrain is not None else ()
        return (*walls, *self.gates, *self.towers, *self.paths, *ground)
