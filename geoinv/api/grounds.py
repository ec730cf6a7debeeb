"""A release's pictures of the ground as what its site plan is drawn over: the same pixels that its maps show."""

from __future__ import annotations

from collections.abc import Sequence

from shapely.geometry import box

from geoinv.geometry.frames import to_local
from geoinv.models.sheets_site import Ground
from geoinv.pages.underlays import Underlay
from geoinv.records.places import Frame

__all__ = ["ground_of"]


def ground_of(underlays: Sequence[Underlay], frame: Frame) -> Ground | None:
    """The latest picture, in metres of a blueprint's frame; ``None`` where there is none.

    An underlay's pixels are square metres about its own middle: a few hundred metres away they are so in the
    blueprint's frame too, to far less than a pixel.
    """
    if not underlays:
        return None
    latest = underlays[-1]
    west, _, east, north = to_local(frame, box(*latest.bounds)).bounds
    said = ", ".join(word for word in (latest.date or "", latest.attribution) if word)
    return Ground(latest.pixels, west, north, (east - west) / latest.pixels.shape[1], said)
