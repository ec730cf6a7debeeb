"""How far the scene bears out each drawn building where it was laid: a probability, and a warning if hardly."""

from __future__ import annotations

import math
from collections.abc import Sequence

import geopandas as gpd

from geoinv.records.evidence import Evidence, Status
from geoinv.records.footprints import Footprint

__all__ = ["as_borne_out", "borne_of"]

#: Below this a footprint is marked for a person to look at: not twice as likely to be right as not.
_DOUBTFUL = 2 / 3


def borne_of(placed: gpd.GeoDataFrame) -> dict[str, float]:
    """How likely each thing drawn is what stands where it was laid, by its name.

    Parameters
    ----------
    placed
        Drawn things as laid on the scene; without ``probability`` nothing is known.
    """
    if "probability" not in placed:
        return {}
    return {str(name): float(value) for name, value in zip(placed["id"], placed["probability"], strict=True)}


def as_borne_out(footprints: Sequence[Footprint], placed: gpd.GeoDataFrame) -> tuple[Footprint, ...]:
    """Footprints with the probability that what was drawn is what stands there.

    Parameters
    ----------
    footprints
        As reconciled.
    placed
        Drawn buildings as laid on the scene, with ``probability`` each.
    """
    known = borne_of(placed)
    edges = dict(zip(placed["id"], placed["support"], strict=True)) if "support" in placed else {}
    return tuple(
        _weighed(_supported(one, edges), [known[name] for name in one.drawn if name in known]) for one in footprints
    )


def _supported(one: Footprint, edges: dict[str, float]) -> Footprint:
    """A footprint with how far the scene's edges bear its drawn outline out above the same outline shifted about."""
    own = {name: float(edges[name]) for name in one.drawn if name in edges and math.isfinite(float(edges[name]))}
    if one.role not in ("building", "tower") or not own:
        return one
    best = max(own, key=lambda name: (own[name], name))
    told = Evidence(
        value=round(own[best], 2),
        status=Status.INFERRED,
        sources=(best,),
        by="geoinv outline",
        note="edge support of the drawn outline where it lies, in standard deviations over the same outline shifted "
        "about it (placebos); chance is 0, true places lie about 3 up",
    )
    return one.model_copy(update={"evidence": {**one.evidence, "support over placebos": told}})


def _weighed(one: Footprint, shares: Sequence[float]) -> Footprint:
    if one.role not in ("building", "tower") or not shares:
        return one
    # The surest of its drawings counts: the others stand on the same pixels and are no further evidence.
    probability = round(max(shares), 4)
    if probability >= _DOUBTFUL:
        return one.model_copy(update={"probability": probability})
    warning = "the scene hardly bears this building out where it was drawn: look at it, and accept or reject it"
    return one.model_copy(update={"probability": probability, "warnings": (*one.warnings, warning)})
