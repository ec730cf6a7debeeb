"""The colour of each status: told apart by the colour-blind, and in grey print by lightness."""

from __future__ import annotations

from geoinv.records.evidence import Status

__all__ = ["STATUS_RGB", "hex_colour", "linear_rgb"]

#: sRGB, 0–255. Hues after Okabe and Ito, *Color Universal Design* (2008), lightened towards the weaker statuses.
STATUS_RGB: dict[Status, tuple[int, int, int]] = {
    Status.CORROBORATED: (24, 76, 140),
    Status.OBSERVED: (84, 150, 200),
    Status.ATTESTED: (230, 160, 30),
    Status.CONTESTED: (178, 60, 122),
    Status.INFERRED: (160, 208, 184),
    Status.CONJECTURAL: (226, 226, 222),
}


def hex_colour(status: Status) -> str:
    """A status's colour as ``#rrggbb``."""
    return "#{:02x}{:02x}{:02x}".format(*STATUS_RGB[status])


def linear_rgb(status: Status) -> tuple[float, float, float]:
    """A status's colour in linear light, 0–1 (IEC 61966-2-1), as glTF wants it."""
    parts = [value / 255 for value in STATUS_RGB[status]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return red, green, blue
