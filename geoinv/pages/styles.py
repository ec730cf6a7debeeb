"""How each status is drawn on maps: told apart by colour, by dash and by weight, so that grey print works too.

Colours are those of the models (``geoinv.models.solids_style``), which the colour-blind can tell apart.
"""

from __future__ import annotations

from dataclasses import dataclass

from geoinv.models.solids_style import hex_colour
from geoinv.records.evidence import Status

__all__ = ["COUNT_COLOURS", "STATUS_STYLES", "StatusStyle", "style_data"]


@dataclass(frozen=True)
class StatusStyle:
    """Line and fill of one status.

    Attributes
    ----------
    color
        Line and fill.
    width
        Line width in pixels.
    dash
        SVG ``stroke-dasharray``, empty for a solid line.
    fill
        Opacity of the fill.
    """

    color: str
    width: float
    dash: str = ""
    fill: float = 0.2


STATUS_STYLES: dict[Status, StatusStyle] = {
    Status.CORROBORATED: StatusStyle(hex_colour(Status.CORROBORATED), 3.2, fill=0.34),
    Status.OBSERVED: StatusStyle(hex_colour(Status.OBSERVED), 1.8, fill=0.24),
    Status.ATTESTED: StatusStyle(hex_colour(Status.ATTESTED), 2.8, "9 5", 0.26),
    Status.CONTESTED: StatusStyle(hex_colour(Status.CONTESTED), 3.2, "9 5", 0.26),
    Status.INFERRED: StatusStyle(hex_colour(Status.INFERRED), 2.4, "2 5", 0.16),
    Status.CONJECTURAL: StatusStyle(hex_colour(Status.CONJECTURAL), 2.0, "2 6", 0.08),
}


#: Counts, fewest first: one hue from light to dark, so that grey print and every eye keep their order.
COUNT_COLOURS = ("#fbe3c6", "#f4b67a", "#df7f3b", "#ab4417", "#5f1d07")


def style_data() -> dict[str, dict[str, object]]:
    """The styles as JSON-ready data for ``map.js``."""
    return {
        str(status): {"color": style.color, "width": style.width, "dash": style.dash, "fill": style.fill}
        for status, style in STATUS_STYLES.items()
    }
