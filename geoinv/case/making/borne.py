"""How far the scene bears out each drawn building where it was laid: a probability, and a warning if hardly."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd

from geoinv.records.footprints import Footprint

__all__ = ["as_borne_out"]

#: Below this a footprint is marked for a person to look at: not twice as likely to be right as not.
_DOUBTFUL = 2 / 3


def as_borne_out(footprints: Sequence[Footprint], placed: gpd.GeoDataFrame) -> tuple[Footprint, ...]:
    """Footprints with the probability that what was drawn is what stands there.

    Parameters
    ----------
    footprints
        As reconciled.
    placed
        Drawn buildings as laid on the scene, with ``probability`` each.
    """
    known = dict(zip(placed["id"], placed["probability"], strict=True)) if "probability" in placed else {}
    return tuple(_weighed(one, [float(known[name]) for name in one.drawn if name in known]) for one in footprints)


def _weighed(one: Footprint, shares: Sequence[float]) -> Footprint:
    if one.role not in ("building", "tower") or not shares:
        return one
    # The surest of its drawings counts: the others stand on the same pixels and are no further evidence.
    probability = round(max(shares), 4)
    if probability >= _DOUBTFUL:
        return one.model_copy(update={"probability": probability})
    warning = "the scene hardly bears this building out where it was drawn: look at it, and accept or reject it"
    return one.model_copy(update={"probability": probability, "warnings": (*one.warnings, warning)})
