"""What a registered cloud says of each part: how far it is from it, and which heights and wall lines it proposes.

Proposals are ``inferred`` values with intervals, for a person to accept; nothing here changes a blueprint.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
import trimesh
from numpy.typing import NDArray
from scipy.spatial import KDTree
from shapely.geometry import Polygon

from geoinv.models.register import Registration
from geoinv.models.solids_walls import preferred, preferred_hypothesis
from geoinv.records.blueprint import Blueprint, Building, PerimeterWall
from geoinv.records.dates import PartialDate
from geoinv.records.evidence import Evidence, Status
from geoinv.records.measures import Interval

__all__ = ["PartDistance", "Proposal", "compared", "distances", "proposals"]

Floats = NDArray[np.float64]

#: Points are a part's if it is the nearest within this, metres.
_NEAR_M = 1.5
#: Fewer points than this say nothing.
_LEAST = 30
#: How far inside an outline a roof's points are looked for, and how far from a wall's face the wall's, metres.
_INSIDE_M, _ASIDE_M = 0.6, 1.2
_SURFACE_POINTS = 60_000
_BY = "geoinv register"


@dataclass(frozen=True)
class PartDistance:
    """How far a cloud lies from one part.

    Attributes
    ----------
    part
        Its id.
    points
        How many of the cloud's points it is nearest to.
    median_m, p90_m
        Median and ninetieth percentile of their distances from its surface.
    """

    part: str
    points: int
    median_m: float
    p90_m: float


@dataclass(frozen=True)
class Proposal:
    """A value that a cloud speaks for.

    Attributes
    ----------
    part, name
        Which property of which part: a storey's ``height_m``, a wall's ``height_m``, or ``wall 3 offset_m`` of a
        building (outwards positive; its sides are counted from 1 along the outline).
    now
        The value in the blueprint.
    evidence
        The value proposed, with its interval: always ``inferred``.
    """

    part: str
    name: str
    now: float
    evidence: Evidence

    @property
    def differs(self) -> bool:
        """Whether the blueprint's value lies outside the interval proposed."""
        return self.evidence.interval is not None and not self.evidence.interval.contains(self.now)

    def plain(self) -> dict[str, Any]:
        """As JSON-ready data."""
        known = {"part": self.part, "property": self.name, "now": round(self.now, 3), "differs": self.differs}
        return known | {"evidence": self.evidence.plain()}


def compared(registration: Registration, blueprint: Blueprint, scene: trimesh.Scene) -> dict[str, Any]:
    """Everything a cloud says of a model, as JSON-ready data (``geoinv register``'s output)."""
    fit = registration.fit
    return {
        "cloud": registration.cloud.name,
        "form": registration.cloud.form,
        "date": registration.cloud.date,
        "middle": [round(value, 4) for value in registration.cloud.middle],
        "matrix": np.round(fit.matrix, 9).tolist(),
        "fitness": round(fit.fitness, 4),
        "misfit_m": round(fit.misfit_m, 4),
        "rivals": [{"fitness": round(r.fitness, 4), "misfit_m": round(r.misfit_m, 4)} for r in registration.rivals],
        "distances": [
            {"part": d.part, "points": d.points, "median_m": round(d.median_m, 4), "p90_m": round(d.p90_m, 4)}
            for d in distances(registration, scene)
        ],
        "proposals": [proposal.plain() for proposal in proposals(registration, blueprint)],
    }


def distances(registration: Registration, scene: trimesh.Scene, *, seed: int = 0) -> tuple[PartDistance, ...]:
    """How far the cloud lies from each part it touches, in the scene's order."""
    names = list(scene.geometry)
    whole = trimesh.util.concatenate([scene.geometry[name] for name in names])
    if not isinstance(whole, trimesh.Trimesh):
        return ()
    owners = np.repeat(np.arange(len(names)), [len(scene.geometry[name].faces) for name in names])
    surface, faces = trimesh.sample.sample_surface(whole, _SURFACE_POINTS, seed=seed)
    found_away, found_nearest = KDTree(surface).query(registration.points, distance_upper_bound=_NEAR_M)
    away, nearest = np.asarray(found_away), np.asarray(found_nearest)
    # From the plane of the nearest triangle, since the nearest sample is a little aside of the nearest point.
    met = np.isfinite(away)
    face = faces[nearest[met]]
    offsets = np.abs(
        np.einsum("ij,ij->i", registration.points[met] - surface[nearest[met]], np.asarray(whole.face_normals)[face])
    )
    found = []
    for number, name in enumerate(names):
        own = offsets[owners[face] == number]
        if len(own) >= _LEAST:
            median, high = np.quantile(own, (0.5, 0.9))
            found.append(PartDistance(name, len(own), float(median), float(high)))
    return tuple(found)


def proposals(registration: Registration, blueprint: Blueprint) -> tuple[Proposal, ...]:
    """Heights of storeys and walls, and offsets of buildings' sides, that the cloud speaks for.

    Of what it shows too little of, nothing is proposed.
    """
    chosen = preferred_hypothesis(blueprint)
    found: list[Proposal] = []
    for building in preferred(blueprint.buildings, chosen):
        found += _height(registration, building, chosen)
        found += _sides(registration, building, chosen)
    for wall in preferred(blueprint.site.walls, chosen):
        found += _wall(registration, wall)
    return tuple(found)


def _evidence(registration: Registration, values: Floats, taken_off: float, note: str, count: int) -> Evidence:
    """The median of measured values, and an interval: their own spread about it and the registration's misfit."""
    best = float(np.median(values)) - taken_off
    spread = 1.645 * (1.4826 * float(np.median(np.abs(values - np.median(values)))) + registration.fit.misfit_m)
    interval = Interval(low=round(best - spread, 3), best=round(best, 3), high=round(best + spread, 3))
    date = registration.cloud.date
    return Evidence(
        value=round(best, 3),
        interval=interval,
        status=Status.INFERRED,
        sources=(registration.cloud.name,),
        by=_BY,
        date=PartialDate(date) if date else None,
        note=f"{note}, from {count} points of a {registration.cloud.form} laid on the model; not taken over by itself",
    )


def _height(registration: Registration, building: Building, hypothesis: str | None) -> list[Proposal]:
    storeys = sorted(preferred(building.storeys, hypothesis), key=lambda one: one.floor_m)
    roof = building.roof
    if not storeys or (roof is not None and roof.kind != "flat"):
        return []
    points = registration.points
    inner = building.outline.buffer(-_INSIDE_M)
    heights = points[shapely.contains_xy(inner, points[:, 0], points[:, 1]), 2]
    top = storeys[-1]
    heights = heights[heights > top.floor_m + 1.2]  # what lies lower is a floor, seen through a hole
    if len(heights) < _LEAST:
        return []
    low, high = np.quantile(heights, (0.25, 0.75))
    roofs = heights[(heights > low - 0.5) & (heights < high + 0.5)]
    below = top.floor_m + (roof.rise_m if roof is not None else 0.0)
    evidence = _evidence(registration, roofs, below, "the roof's top less floor and roof", len(roofs))
    return [Proposal(top.id, "height_m", top.height_m, evidence)]


def _sides(registration: Registration, building: Building, hypothesis: str | None) -> list[Proposal]:
    """Where the cloud's upright faces lie beside each side of an outline."""
    storeys = preferred(building.storeys, hypothesis)
    if not storeys or not isinstance(building.outline, Polygon):
        return []
    low = min(one.floor_m for one in storeys) + 0.3
    high = max(one.floor_m + one.height_m for one in storeys) - 0.3
    points = registration.points
    level = points[(points[:, 2] > low) & (points[:, 2] < high)][:, :2]
    ring = shapely.get_coordinates(shapely.orient_polygons(building.outline, exterior_cw=False).exterior)
    found = []
    for number, (start, end) in enumerate(zip(ring[:-1], ring[1:], strict=True), 1):
        length = float(np.hypot(*(end - start)))
        if length < 2.0:
            continue
        along = (end - start) / length
        out = np.array([along[1], -along[0]])
        beside, aside = (level - start) @ along, (level - start) @ out
        near = (beside > 0.5) & (beside < length - 0.5) & (np.abs(aside) < _ASIDE_M)
        if near.sum() < _LEAST:
            continue
        evidence = _evidence(registration, aside[near], 0.0, f"how far side {number} lies outwards", int(near.sum()))
        found.append(Proposal(building.id, f"wall {number} offset_m", 0.0, evidence))
    return found


def _wall(registration: Registration, wall: PerimeterWall) -> list[Proposal]:
    """A wall's height, from the highest points along it."""
    band = wall.line.buffer(wall.thickness_m / 2 + 0.3, cap_style="flat")
    points = registration.points
    heights = points[shapely.contains_xy(band, points[:, 0], points[:, 1]), 2]
    tops = heights[heights > np.quantile(heights, 0.9) - 0.3] if len(heights) >= _LEAST else heights[:0]
    flat = tops[tops > np.median(tops) - 0.15] if len(tops) else tops
    if len(flat) < _LEAST:
        return []
    return [Proposal(wall.id, "height_m", wall.height_m, _evidence(registration, flat, 0.0, "its top", len(flat)))]
