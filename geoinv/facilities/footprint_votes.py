"""Votes on a building: whose drawings have it, and whose cover its place and leave it out."""

from __future__ import annotations

from collections.abc import Sequence

import shapely
from shapely.affinity import scale
from shapely.geometry.base import BaseGeometry

from geoinv.facilities.footprint_groups import BELIEVED, Drawn
from geoinv.records.evidence import Evidence, Status
from geoinv.records.independence import voices

__all__ = ["votes"]

#: What a drawing covers, drawn in by so much: at its very edge, leaving something out says nothing.
_MIDDLE = 0.97


def votes(
    group: Sequence[Drawn], drawn: Sequence[Drawn], shape: BaseGeometry, dependent: Sequence[Sequence[str]]
) -> Evidence:
    """Who drew a building, who did not though their drawing covers its place, and how many of them are independent.

    Leaving a building out says little: people omit a tenth to two fifths of what stands. It is counted, not weighed.

    Parameters
    ----------
    group
        Drawn elements that stand for the building.
    drawn
        All drawn elements, as placed.
    shape
        The building, metres.
    dependent
        Groups of witnesses who are not independent of each other.
    """
    having = {one.sketch.name for one in group}
    spot = shape.centroid
    lacking = sorted(name for name, ground in _covered(drawn).items() if name not in having and ground.covers(spot))
    own = voices(_untaught(group), dependent)
    left_out = [one for one in drawn if one.sketch.name in lacking]
    against = len(voices((*_untaught(group), *_untaught(left_out)), dependent)) - len(own)
    words = f"drawn in {len(having)} (by {len(own)} independent of each other)"
    if lacking:
        words += f"; left out of {len(lacking)} whose drawing covers its place (by {against} more)"
    return Evidence(
        value={"for": len(having), "independent": len(own), "against": len(lacking)},
        status=Status.INFERRED,
        sources=(*(one.name for one in group), *lacking),
        by="geoinv footprints",
        note=words,
    )


def _covered(drawn: Sequence[Drawn]) -> dict[str, BaseGeometry]:
    """The ground that each placed drawing covers, by its name."""
    shapes: dict[str, list[BaseGeometry]] = {}
    for one in drawn:
        if one.placed is not None and one.placed_probability >= BELIEVED and one.role in ("building", "tower", "wall"):
            shapes.setdefault(one.sketch.name, []).append(one.placed)
    hulls = {name: shapely.convex_hull(shapely.geometrycollections(parts)) for name, parts in shapes.items()}
    return {name: scale(hull, _MIDDLE, _MIDDLE) for name, hull in hulls.items() if hull.area > 0}


def _untaught(group: Sequence[Drawn]) -> list[str | None]:
    """Who drew them before anything was shown to them."""
    return [one.sketch.witness for one in group if not one.sketch.seen_before]
