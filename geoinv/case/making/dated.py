"""What scenes add to a footprint besides its outline: how high it stood, and between which dates it came and went."""

from __future__ import annotations

import math
from collections.abc import Sequence

import geopandas as gpd

from geoinv.facilities.footprint_tables import footprints_table
from geoinv.geometry.frames import to_local
from geoinv.imagery.change import change
from geoinv.imagery.height import height
from geoinv.imagery.scene import Scene
from geoinv.records.dates import PartialDate
from geoinv.records.evidence import Evidence, Status
from geoinv.records.footprints import Footprint
from geoinv.records.measures import Interval
from geoinv.records.places import Frame

__all__ = ["dated_footprints", "judged_changes"]

#: Heights outside these bounds in metres, or above what so small a building could stand at: a shadow misread.
_LOWEST_M, _HIGHEST_M, _SLENDER_M = 1.5, 40.0, 2.0


def judged_changes(footprints: Sequence[Footprint], scenes: Sequence[Scene]) -> gpd.GeoDataFrame | None:
    """Each building and tower of a facility judged on each scene that covers it, as of `change`.

    Parameters
    ----------
    footprints
        Of one facility.
    scenes
        Those that cover it, oldest first.

    Returns
    -------
    GeoDataFrame or None
        ``None`` where there are no two scenes, or nothing to judge.
    """
    buildings = _standing(footprints)
    if len(scenes) < 2 or not buildings:
        return None
    return change(footprints_table(buildings)[["id", "geometry"]], scenes)


def dated_footprints(
    footprints: Sequence[Footprint], judged: gpd.GeoDataFrame | None, clearest: Scene
) -> tuple[Footprint, ...]:
    """Footprints with brackets of existence and heights from the clearest scene with a sun.

    Parameters
    ----------
    footprints
        Of one facility.
    judged
        What `judged_changes` said of them.
    clearest
        The scene that its outlines were read from.
    """
    buildings = _standing(footprints)
    if not buildings:
        return tuple(footprints)
    heights = height(clearest, footprints_table(buildings)[["id", "geometry"]]).set_index("id")
    states = None if judged is None else judged.set_index("id")
    found = []
    for one in footprints:
        if one.id in heights.index:
            row = heights.loc[one.id]
            one = _raised(one, row["height_m"], row["height_low_m"], row["height_high_m"], clearest.name)
            if states is not None:
                row = states.loc[one.id]
                one = _bracketed(one, row["not_before"], row["not_after"], row["states"] or [])
        found.append(one)
    return tuple(found)


def _standing(footprints: Sequence[Footprint]) -> list[Footprint]:
    return [one for one in footprints if one.role in ("building", "tower")]


def _raised(one: Footprint, best: float, low: float, high: float, scene: str) -> Footprint:
    width = math.sqrt(to_local(Frame.about((one.geometry.centroid.x, one.geometry.centroid.y)), one.geometry).area)
    if not (math.isfinite(best) and _LOWEST_M <= best <= min(_HIGHEST_M, width + _SLENDER_M)):
        return one
    low, best, high = sorted((round(float(low), 2), round(float(best), 2), round(float(high), 2)))
    interval = Interval(low=low, best=best, high=high, unit="m", coverage=0.9)
    evidence = Evidence(
        value=best,
        interval=interval,
        status=Status.OBSERVED,
        sources=(scene,),
        by="geoinv height",
        note="length of its shadow",
    )
    return one.model_copy(update={"height_m": interval, "evidence": {**one.evidence, "height_m": evidence}})


def _bracketed(one: Footprint, start: str | None, end: str | None, states: Sequence[dict[str, object]]) -> Footprint:
    scenes = tuple(str(state["scene"]) for state in states)
    told = "; ".join(f"{state['state']} on {state['date'] or 'an undated scene'}" for state in states)
    evidence = dict(one.evidence)
    update: dict[str, object] = {}
    for name, value in (("not_before", start), ("not_after", end)):
        if isinstance(value, str) and value:
            update[name] = PartialDate(value)
            evidence[name] = Evidence(
                value=value, status=Status.OBSERVED, sources=scenes, by="geoinv change", note=told
            )
    warnings = list(one.warnings)
    if any(state["state"] == "unsure" for state in states):
        warnings.append("on one of the scenes it cannot be said whether it stands: look at the before-and-after figure")
    return one.model_copy(update={**update, "evidence": evidence, "warnings": tuple(warnings)})
