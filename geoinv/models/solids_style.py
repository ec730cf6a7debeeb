"""How a status looks: a colour for the colour-blind and for grey print, and which status a drawing shows."""

from __future__ import annotations

from geoinv.records.blueprint import Building, Part, Storey
from geoinv.records.evidence import Status, weakest

__all__ = ["STATUS_RGB", "hex_colour", "linear_rgb", "placed_status"]

#: The property that says where a part is, by the part's type; of others the status is the part's own.
_PLACED_BY = {
    "PerimeterWall": "line",
    "Gate": "at",
    "Tower": "outline",
    "Path": "line",
    "Opening": "at",
    "Wall": "line",
    "Stair": "line",
    "Fixture": "at",
}

#: sRGB, 0–255, the same on maps, sheets, models and renders. Hues after Okabe and Ito, *Color Universal Design* (2008);
#: two of them darkened so that all six are told apart in grey print too.
STATUS_RGB: dict[Status, tuple[int, int, int]] = {
    Status.CORROBORATED: (0, 101, 168),
    Status.OBSERVED: (0, 158, 115),
    Status.ATTESTED: (230, 159, 0),
    Status.CONTESTED: (200, 83, 0),
    Status.INFERRED: (204, 121, 167),
    Status.CONJECTURAL: (184, 188, 194),
}


def hex_colour(status: Status) -> str:
    """A status's colour as ``#rrggbb``."""
    return "#{:02x}{:02x}{:02x}".format(*STATUS_RGB[status])


def linear_rgb(status: Status) -> tuple[float, float, float]:
    """A status's colour in linear light, 0–1 (IEC 61966-2-1), as glTF wants it."""
    parts = [value / 255 for value in STATUS_RGB[status]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return red, green, blue


def placed_status(part: Part, building: Building | None = None) -> Status:
    """How well it is known where a part is, whatever is assumed of its height.

    A part's own status is its weakest property's. Heights are so often assumed that drawings by it alone would show
    every wall as assumed, even one seen in imagery; drawings therefore go by this, and list what is assumed in words.

    Parameters
    ----------
    part
        Any part.
    building
        Of a storey: the building it is in. Walls are what outline and rooms leave, so they are ``inferred`` unless
        better known, and never better than the outline; a block of which only the outline is known is as well known as
        that.
    """
    if isinstance(part, Storey) and building is not None:
        if not part.rooms and not part.walls:
            return building.status
        best = min(part.status, Status.INFERRED, key=lambda status: status.rank)
        return weakest((building.status, best))
    evidence = part.evidence.get(_PLACED_BY.get(type(part).__name__, ""))
    return evidence.status if evidence is not None else part.status
