"""How often we are wrong: blind runs on made worlds, compared with what is true there.

Nothing of a world's truth reaches the pipeline. What comes out are *simulated* error rates: rates on worlds drawn from
stated distributions, never the error rate of a case. What a world gave is JSON, so that a long run can be kept and gone
on with; the rates are counted from it (:mod:`geoinv.worlds.calibrate_rates`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.affinity import translate
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from geoinv.case.interior import interior
from geoinv.errors import GeoinvError
from geoinv.facilities.locate import locate
from geoinv.geometry.frames import to_local, to_lonlat
from geoinv.models.claims import corroborate
from geoinv.models.claims_draws import Drawing
from geoinv.models.claims_parts import named, one_version
from geoinv.models.solids_walls import preferred_hypothesis
from geoinv.records.blueprint import Blueprint
from geoinv.records.claims import Claim, Claims, Finding
from geoinv.worlds.calibrate_rates import rates_of
from geoinv.worlds.known_claims import KnownClaim, Meant, known_claims, meant_rooms, on_others
from geoinv.worlds.plan import Difficulty
from geoinv.worlds.whole_way import whole_way
from geoinv.worlds.world import World, make_world

__all__ = ["DIFFICULTIES", "Kept", "blind_run", "calibrate", "reported"]

DIFFICULTIES: tuple[Difficulty, ...] = ("easy", "medium", "hard")
#: How far off an outline read from a scene lies, standard deviation each way, metres.
_OUTLINE_OFF_M = 0.4
#: Models drawn for the 90 % intervals of a room's size.
_DRAWS = 40
#: So many of the first worlds are kept in the report as they came out, to be run again and compared: each is some kB.
_REFERENCE = 1


class Kept(Protocol):
    """Where what a world gave is kept, by name."""

    def read(self, name: str) -> dict[str, Any] | None:
        """What was kept; ``None`` if nothing was."""

    def write(self, name: str, facts: Mapping[str, Any]) -> None:
        """Keep it."""


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


def _located(world: World) -> dict[str, Any] | None:
    """How far off the best point is, which regions hold the true place, how each statement was judged."""
    try:
        found = locate(world.testimony.statements)
    except GeoinvError:
        return None
    frame = world.plan.blueprint.frame
    true = Point(frame.lon, frame.lat)
    wrong = {str(name).partition("#")[2] or str(name) for name in world.testimony.false}
    return {
        "error_m": round(float(to_local(frame, Point(found.best)).distance(Point(0, 0))), 1),
        "in_50": bool(found.region(0.5).geometry.covers(true)),
        "in_90": bool(found.region(0.9).geometry.covers(true)),
        "validity": [[one.probability_valid, one.id not in wrong] for one in found.diagnostics.statements],
    }


def _sides(ground: BaseGeometry) -> tuple[float, float]:
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(ground))[:3]
    first, second = np.hypot(*np.diff(corners, axis=0).T)
    return float(max(first, second)), float(min(first, second))


def _rooms(model: Blueprint, rooms: Sequence[Meant], seed: int) -> list[dict[str, Any]]:
    """Of each room: its size over the true one, and whether the middle 90 % of the draws holds the true one."""
    model = one_version(model, preferred_hypothesis(model))
    drawing = Drawing(model, seed)
    draws = [drawing.draw(number).blueprint for number in range(_DRAWS)]
    found = []
    for meant in rooms:
        part = named(model, meant.label).part.id
        shapes = [
            room.polygon
            for drawn in draws
            for building in drawn.buildings
            for storey in building.storeys
            for room in storey.rooms
            if room.id == part
        ]
        true, fitted = (_sides(ground) for ground in (meant.room.polygon, named(model, meant.label).ground))
        drawn_sides = np.array([_sides(one) for one in shapes])
        areas = np.array([one.area for one in shapes])
        values = {"area": areas, "length": drawn_sides[:, 0], "width": drawn_sides[:, 1]}
        truth = {"area": float(meant.room.polygon.area), "length": true[0], "width": true[1]}
        held = {name: _holds(values[name], truth[name]) for name in values}
        found.append(
            {
                "area": round(float(named(model, meant.label).ground.area / meant.room.polygon.area), 3),
                "length": round(fitted[0] / true[0], 3),
                "width": round(fitted[1] / true[1], 3),
                **{f"{name}_held": whether for name, whether in held.items()},
            }
        )
    return found


def _holds(values: NDArray[np.float64], true: float) -> bool:
    """Whether the middle 90 % of some draws holds what is true."""
    low, high = np.quantile(values, [0.05, 0.95])
    return bool(low <= true <= high)


def _cells_held(world: World, model: Blueprint) -> bool | None:
    evidence = model.buildings[0].storeys[0].evidence.get("cell_count")
    true = [
        room
        for building in world.plan.blueprint.buildings
        if building.id == world.plan.ids["block"]
        for storey in building.storeys
        for room in storey.rooms
        if "cell" in room.role
    ]
    return bool(evidence.interval.contains(float(len(true)))) if evidence and evidence.interval else None


def blind_run(seed: int, difficulty: Difficulty, before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """One county's detention centre run blind: located, its inside put together, its claims tested.

    Parameters
    ----------
    seed, difficulty
        Of the world.
    before
        What another world gave, whose claims are tested here as a placebo.

    Returns
    -------
    dict
        ``seed``, ``difficulty``, ``location``, ``rooms``, ``cells_held``, ``claims`` (each with ``true`` and its true
        ``value``), ``findings`` and ``placebo`` (of those of the world before); JSON-ready.
    """
    world = make_world("county", seed, difficulty=difficulty)
    model, drawn = _model(world)
    facts: dict[str, Any] = {
        "seed": seed, "difficulty": difficulty, "location": _located(world), "rooms": [], "cells_held": None,
        "claims": [], "findings": [], "placebo": [],
    }  # fmt: skip
    if model is None:
        return facts
    rooms = meant_rooms(model, world.plan.blueprint, drawn)
    known = known_claims(model, world.plan.blueprint, drawn, seed)
    said = Claims(claims=tuple(one.claim for one in known), told_by=_told_by(world, model))
    # Rooms that several versions have are held to the truth as the first of them has them.
    first = one_version(model, preferred_hypothesis(model))
    facts["rooms"], facts["cells_held"] = _rooms(first, rooms, seed), _cells_held(world, model)
    facts["claims"] = [{"claim": one.claim.plain(), "true": one.true, "value": round(one.value, 4)} for one in known]
    others = _others(before, [one.label for one in rooms], seed)
    # Both are asked of the same drawn models.
    found = [_plain(one) for one in corroborate(model, _with(said, others), seed=seed).findings]
    facts["findings"], facts["placebo"] = found[: len(known)], found[len(known) :]
    return facts


def _others(before: Mapping[str, Any] | None, labels: Sequence[str], seed: int) -> tuple[Claim, ...]:
    """Another world's claims, said of random rooms of this one."""
    if before is None or not before["claims"] or len(labels) < 3:
        return ()
    asked = [KnownClaim(Claim.read(one["claim"]), one["true"], one["value"]) for one in before["claims"]]
    return on_others(asked, labels, seed).claims


def _with(said: Claims, others: Sequence[Claim]) -> Claims:
    renamed = (one.model_copy(update={"id": f"placebo-{one.id}"}) for one in others)
    return said.model_copy(update={"claims": (*said.claims, *renamed)})


def _plain(one: Finding) -> dict[str, Any]:
    kept = ("claim", "kind", "verdict", "model_pass_rate", "rival_pass_rate", "discriminating_power", "why",
            "computed")  # fmt: skip
    return {name: value for name, value in one.plain().items() if name in kept}


def calibrate(
    seeds: Sequence[int],
    *,
    difficulties: Sequence[Difficulty] = DIFFICULTIES,
    whole: int = 0,
    kept: Kept | None = None,
    progress: Callable[[str], object] = str,
) -> dict[str, Any]:
    """Simulated error rates over fresh worlds, by difficulty and together; JSON-ready.

    Parameters
    ----------
    seeds
        One world each, in stretches of consecutive ones, along each of which difficulties take turns and each world is
        asked the claims of the one before as a placebo. Seeds below 1000 were used to set things: rates flatter.
    whole
        How many of them, the first ones, are also built the whole way, scenes and all: minutes each.
    kept
        Where what each world gave is kept and looked for first, so that a run that was broken off goes on.
    progress
        Told what is being done, in words.
    """
    runs: list[dict[str, Any]] = []
    built: list[dict[str, Any]] = []
    place = 0
    for number, seed in enumerate(seeds):
        place = place + 1 if number and seeds[number - 1] == seed - 1 else 0
        difficulty = difficulties[place % len(difficulties)]
        name = f"claims-{seed}-after-{seed - 1 if place else 'none'}"
        before = runs[-1] if place else None
        runs.append(_got(kept, name, lambda s=seed, d=difficulty, b=before: blind_run(s, d, b), progress))  # type: ignore[misc]
    for number, seed in enumerate(seeds[:whole]):
        difficulty = difficulties[number // 2 % len(difficulties)]  # as odd and even seeds are of two kinds
        facts = _got(kept, f"whole-{seed}", lambda s=seed, d=difficulty: whole_way(s, d), progress)  # type: ignore[misc]
        built.append({**facts, "seed": seed, "difficulty": difficulty})
    return reported(runs, built, difficulties)


def reported(
    runs: Sequence[Mapping[str, Any]], built: Sequence[Mapping[str, Any]], difficulties: Sequence[Difficulty]
) -> dict[str, Any]:
    """The report of what worlds gave; JSON-ready.

    Parameters
    ----------
    runs
        As :func:`blind_run` gives them.
    built
        As :func:`geoinv.worlds.whole_way.whole_way` gives them, each with its ``seed`` and ``difficulty``.
    difficulties
        That the worlds are of.
    """
    chosen = ("all", *(difficulties if len(difficulties) > 1 else ()))
    return {
        "simulated": True,
        "seeds": [one["seed"] for one in runs],
        "whole": [one["seed"] for one in built],
        "difficulties": list(difficulties),
        "reference": list(runs[:_REFERENCE]),
        "rates": {
            name: rates_of(
                [one for one in runs if name in ("all", one["difficulty"])],
                [one for one in built if name in ("all", one["difficulty"])],
            )
            for name in chosen
        },
    }


def _got(
    kept: Kept | None, name: str, run: Callable[[], dict[str, Any]], progress: Callable[[str], object]
) -> dict[str, Any]:
    """What a world gave: as it was kept, else run now and kept."""
    found = kept.read(name) if kept is not None else None
    if found is not None:
        return found
    progress(name)
    facts = run()
    if kept is not None:
        kept.write(name, facts)
    return facts
