"""How often we are wrong: blind runs on made worlds, compared with what is true there.

Nothing of a world's truth reaches the pipeline. What comes out are *simulated* error rates: rates on worlds drawn from
stated distributions, never the error rate of a case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
from shapely.affinity import translate
from shapely.geometry import Point

from geoinv.case.interior import interior
from geoinv.errors import GeoinvError
from geoinv.facilities.locate import locate
from geoinv.geometry.frames import to_local, to_lonlat
from geoinv.models.claims import corroborate
from geoinv.records.blueprint import Blueprint
from geoinv.records.claims import Claims, Finding
from geoinv.records.measures import Interval
from geoinv.worlds.known_claims import KnownClaim, known_claims, meant_rooms, on_others
from geoinv.worlds.plan import Difficulty
from geoinv.worlds.world import World, make_world

__all__ = ["DIFFICULTIES", "Blind", "blind_run", "calibrate", "claim_rates", "location_rates", "room_rates"]

DIFFICULTIES: tuple[Difficulty, ...] = ("easy", "medium", "hard")
#: How far off an outline read from a scene lies, standard deviation each way, metres.
_OUTLINE_OFF_M = 0.4
_POWERFUL = 0.5


@dataclass(frozen=True)
class Blind:
    """One world run blind.

    Attributes
    ----------
    world
        With its truth.
    model
        Of its block, from its outline and drawings alone; ``None`` where none could be made.
    drawn
        What each drawn room stands for.
    claims, findings
        What somebody who was there said of it, and what testing that gave.
    placebo
        What testing another world's claims on this model gave.
    located
        Metres from its true place, and whether the 90 % region holds that; ``None`` where nothing could be located.
    """

    world: World
    model: Blueprint | None
    drawn: Mapping[str, Sequence[str]]
    claims: tuple[KnownClaim, ...]
    findings: tuple[Finding, ...]
    placebo: tuple[Finding, ...]
    located: tuple[float, bool] | None


def _model(world: World) -> tuple[Blueprint | None, dict[str, tuple[str, ...]]]:
    drawings = [one for one in world.drawings if one.sketch.scope == "building"]
    drawn = {one.sketch.full_name(key): ids for one in drawings for key, ids in one.truth.items()}
    true = next(one for one in world.plan.blueprint.buildings if one.id == world.plan.ids["block"])
    rng = np.random.default_rng([world.seed, 31])
    outline = translate(true.outline, *rng.normal(0, _OUTLINE_OFF_M, 2))
    ground = to_lonlat(world.plan.blueprint.frame, outline)
    table = gpd.GeoDataFrame({"id": ["block"], "label": ["block"]}, geometry=[ground], crs="EPSG:4326")
    try:
        return interior(table, [one.sketch for one in drawings])[0], drawn
    except GeoinvError:
        return None, drawn


def _told_by(world: World, model: Blueprint) -> dict[str, str | None]:
    told: dict[str, str | None] = {one.sketch.name: one.sketch.witness for one in world.drawings}
    return told | {source: None for part in model.parts() for source in part.sources if "#" not in source}


def _located(world: World) -> tuple[float, bool] | None:
    try:
        found = locate(world.testimony.statements)
    except GeoinvError:
        return None
    frame = world.plan.blueprint.frame
    away = to_local(frame, Point(found.best)).distance(Point(0, 0))
    return float(away), bool(found.region(0.9).geometry.covers(Point(frame.lon, frame.lat)))


def blind_run(seed: int, difficulty: Difficulty, before: Blind | None = None) -> Blind:
    """One county's detention centre run blind: located, its inside put together, its claims tested.

    Parameters
    ----------
    seed, difficulty
        Of the world.
    before
        Another world, whose claims are tested here as a placebo.
    """
    world = make_world("county", seed, difficulty=difficulty)
    model, drawn = _model(world)
    located = _located(world)
    if model is None:
        return Blind(world, None, drawn, (), (), (), located)
    known = known_claims(model, world.plan.blueprint, drawn, seed)
    said = Claims(claims=tuple(one.claim for one in known), told_by=_told_by(world, model))
    findings = corroborate(model, said, seed=seed).findings
    placebo: tuple[Finding, ...] = ()
    labels = [one.label for one in meant_rooms(model, world.plan.blueprint, drawn)]
    if before is not None and before.claims and len(labels) > 2:
        others = on_others(before.claims, labels, seed).model_copy(update={"told_by": said.told_by})
        placebo = corroborate(model, others, seed=seed).findings
    return Blind(world, model, drawn, known, findings, placebo, located)


def calibrate(
    seeds: Sequence[int], *, difficulties: Sequence[Difficulty] = DIFFICULTIES, progress: Callable[[str], object] = str
) -> dict[str, Any]:
    """Simulated error rates over fresh worlds, by difficulty and together; JSON-ready.

    Parameters
    ----------
    seeds
        One world each; difficulties take turns. Seeds below 1000 were used to set things: rates on them flatter.
    progress
        Told what is being done, in words.
    """
    runs: list[Blind] = []
    for number, seed in enumerate(seeds):
        difficulty = difficulties[number % len(difficulties)]
        progress(f"world {seed} ({difficulty})")
        runs.append(blind_run(seed, difficulty, runs[-1] if runs else None))
    chosen: dict[str, list[Blind]] = {"all": runs}
    if len(difficulties) > 1:
        chosen |= {name: [one for one in runs if one.world.difficulty == name] for name in difficulties}
    return {
        "simulated": True,
        "seeds": list(seeds),
        "difficulties": list(difficulties),
        "rates": {
            name: {"worlds": len(some), "location": location_rates(some), "rooms": room_rates(some),
                   "claims": claim_rates(some)}
            for name, some in chosen.items()
        },
    }  # fmt: skip


def _share(hits: int, of: int) -> dict[str, Any]:
    """A share with its 90 % interval (Wilson 1927) and its n."""
    if not of:
        return {"share": None, "n": 0}
    z, p = 1.6449, hits / of
    middle = (p + z * z / (2 * of)) / (1 + z * z / of)
    half = z * np.sqrt(p * (1 - p) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    bounds = [round(float(max(0.0, middle - half)), 3), round(float(min(1.0, middle + half)), 3)]
    return {"share": round(p, 3), "low": bounds[0], "high": bounds[1], "n": of}


def _median(values: Iterable[float]) -> float | None:
    known = list(values)
    return round(float(np.median(known)), 3) if known else None


def location_rates(runs: Sequence[Blind]) -> dict[str, Any]:
    """Error of the best point, and how often the 90 % region holds the true place."""
    found = [one.located for one in runs if one.located is not None]
    return {
        "median_error_m": _median(error for error, _ in found),
        "in_region_90": _share(sum(inside for _, inside in found), len(found)),
    }


def room_rates(runs: Sequence[Blind]) -> dict[str, Any]:
    """Areas and counts of rooms against the truth, and whether their intervals hold it."""
    errors: list[float] = []
    counts = held = 0
    for run in runs:
        if run.model is None:
            continue
        for meant in meant_rooms(run.model, run.world.plan.blueprint, run.drawn):
            fitted = next(
                room
                for building in run.model.buildings
                for storey in building.storeys
                for room in storey.rooms
                if meant.label in room.labels
            )
            errors.append(abs(float(fitted.polygon.area / meant.room.polygon.area) - 1))
        known = _cells(run)
        if known is not None:
            interval, true = known
            counts, held = counts + 1, held + interval.contains(true)
    return {"median_area_error": _median(errors), "rooms": len(errors), "cell_count_held": _share(held, counts)}


def _cells(run: Blind) -> tuple[Interval, float] | None:
    assert run.model is not None
    evidence = run.model.buildings[0].storeys[0].evidence.get("cell_count")
    true = [
        room
        for building in run.world.plan.blueprint.buildings
        if building.id == run.world.plan.ids["block"]
        for storey in building.storeys
        for room in storey.rooms
        if "cell" in room.role
    ]
    return (evidence.interval, float(len(true))) if evidence is not None and evidence.interval else None


def claim_rates(runs: Sequence[Blind]) -> dict[str, Any]:
    """Verdicts against truth, by kind; calibration of the pass rate; power against the law of worlds; placebo."""
    pairs = [(known, found) for run in runs for known, found in zip(run.claims, run.findings, strict=True)]
    kinds = list(dict.fromkeys(known.claim.kind for known, _ in pairs))
    placebo = [found for run in runs for found in run.placebo]
    strong = [one for one in placebo if one.verdict == "consistent" and (one.discriminating_power or 0) >= _POWERFUL]
    return {
        "all": _verdicts(pairs),
        "kinds": {kind: _verdicts([pair for pair in pairs if pair[0].claim.kind == kind]) for kind in kinds},
        "calibration": _calibration(pairs),
        "power": _power(runs),
        "placebo_strong": _share(len(strong), len(placebo)),
        "placebo_by_power": round(float(np.mean([_passes(one) for one in placebo])), 3) if placebo else None,
        "placebo_consistent": _share(sum(one.verdict == "consistent" for one in placebo), len(placebo)),
    }


def _passes(found: Finding) -> float:
    """The share of rivals that pass, of a claim with power enough: how often it should pass of a random other place."""
    power = found.discriminating_power or 0.0
    return 1 - power if power >= _POWERFUL else 0.0


def _verdicts(pairs: Sequence[tuple[KnownClaim, Finding]]) -> dict[str, Any]:
    def count(true: bool, verdict: str) -> int:
        return sum(known.true == true and found.verdict == verdict for known, found in pairs)

    verdicts = ("consistent", "inconsistent", "undecidable")
    table = {
        name: {verdict: count(true, verdict) for verdict in verdicts}
        for name, true in (("true", True), ("false", False))
    }
    right = table["true"]["consistent"] + table["false"]["inconsistent"]
    decided = right + table["true"]["inconsistent"] + table["false"]["consistent"]
    return {
        "table": table,
        "right_of_decided": _share(right, decided),
        "decided": _share(decided, len(pairs)),
        "false_consistent": _share(table["false"]["consistent"], sum(table["false"].values())),
        "false_inconsistent": _share(table["true"]["inconsistent"], sum(table["true"].values())),
    }


def _calibration(pairs: Sequence[tuple[KnownClaim, Finding]]) -> list[dict[str, Any]]:
    """Of claims that hold in so many of the model's draws, how many are true."""
    edges = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
    found = []
    for low, high in zip(edges[:-1], edges[1:], strict=True):
        some = [
            (known.true, found.model_pass_rate)
            for known, found in pairs
            if found.model_pass_rate is not None
            and (low <= found.model_pass_rate < high or (high == 1.0 and found.model_pass_rate == 1.0))
        ]
        mean = round(float(np.mean([rate for _, rate in some])), 3) if some else None
        found.append({"from": low, "to": high, "mean": mean, "true": _share(sum(true for true, _ in some), len(some))})
    return found


def _power(runs: Sequence[Blind]) -> dict[str, Any]:
    """The pass rate printed of rivals against the share of all other worlds in which the claim would hold."""
    pools: dict[str, list[tuple[int, float]]] = {}
    for run in runs:
        for known in run.claims:
            pools.setdefault(known.claim.kind, []).append((run.world.seed, known.value))
    off: list[float] = []
    for run in runs:
        for known, found in zip(run.claims, run.findings, strict=True):
            others = [value for seed, value in pools[known.claim.kind] if seed != run.world.seed]
            said = known.claim.said_value
            if found.rival_pass_rate is None or said is None or len(others) < 8:
                continue
            off.append(found.rival_pass_rate - float(np.mean([said.contains(value) for value in others])))
    return {
        "claims": len(off),
        "mean_difference": round(float(np.mean(off)), 3) if off else None,
        "median_absolute_difference": _median(abs(value) for value in off),
    }
