"""One made world built the whole way, scenes and all, by nobody: what came of its drawings, held to the truth."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.affinity import translate
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from geoinv.case.build import build
from geoinv.case.folder import Case
from geoinv.geometry.frames import to_local
from geoinv.records.places import Frame
from geoinv.worlds.plan import Difficulty
from geoinv.worlds.truth import truth_of
from geoinv.worlds.world import World, make_world
from geoinv.worlds.write import write_case

__all__ = ["whole_way", "whole_way_facts"]

#: Overlap (intersection over union) from which an outline counts as a building's; of a candidate, which is rougher.
_SAME, _TOUCHED = 0.5, 0.3
#: A drawn building that lies this near its true place by its middle, metres, is where it belongs.
_NEAR_M = 10.0


def whole_way(seed: int, difficulty: Difficulty) -> dict[str, Any]:
    """A world of a seed, built without anybody's decisions; odd seeds give a county's centre, even ones a camp.

    Minutes of work: its two scenes are rendered, outlined and dated.

    Parameters
    ----------
    seed, difficulty
        Of the world.

    Returns
    -------
    dict
        As :func:`whole_way_facts` gives it.
    """
    world = make_world("county" if seed % 2 else "camp", seed, difficulty=difficulty)
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch) / "case"
        write_case([world], root)
        with Case.open(root) as case:
            build(case)
        return whole_way_facts(world, root / "models" / world.slug)


def whole_way_facts(world: World, models: Path) -> dict[str, Any]:
    """What a build made of a world, held to its truth; JSON-ready.

    Parameters
    ----------
    world
        With its truth.
    models
        Folder of what was built of it.

    Returns
    -------
    dict
        ``kind``; ``placed``: of each plan drawn as SVG whether it was placed, and of the buildings it shows how many
        there are, how many lie where they belong, how many have the right outline; ``overlaps``: of every footprint of
        a true building; ``found``: which true buildings have a right outline; ``placements``, ``pairs``,
        ``plans``, ``existence``, ``candidates``, ``footprints``, ``bindings``: (probability printed, whether so);
        ``heights``: whether the interval holds the true height. Truth is taken where the scene shows it, which lies a
        little off itself.
    """
    truth = truth_of(world)
    frame = Frame.about(tuple(truth["facility_point"]))
    shift = list(truth["scene_shifts_m"].values())[-1]
    real = {
        name: translate(to_local(frame, shape(item["geometry"])), *shift) for name, item in truth["buildings"].items()
    }
    drawn = {
        (Path(row["sketch"]).name, row["element"]): row["building"]
        for row in truth["elements"]
        if row["element"] and row["building"] in real
    }
    compound = shapely.union_all(list(real.values())).convex_hull
    footprints, candidates, placed = _built(frame, models)
    match = _json(models / "match.json") or {"placements": []}
    return {
        "kind": world.plan.kind,
        "placed": _placed(drawn, real, footprints),
        "overlaps": [round(best, 3) for ground, _ in footprints if (best := _best(ground, real)[0]) > 0],
        "found": [_best_of(ground, [one for one, _ in footprints]) >= _SAME for ground in real.values()],
        "footprints": [
            [float(row["probability"]), _best(ground, real)[0] >= _SAME]
            for ground, row in footprints
            if row.get("probability") is not None
        ],
        **{
            name: [
                [float(row[field]), _best(ground, real)[0] >= _TOUCHED]
                for ground, row in candidates.values()
                if row.get(field) is not None and compound.covers(ground.centroid)  # beyond it stand others' buildings
            ]
            for name, field in (("existence", "existence"), ("candidates", "probability"))
        },
        "pairs": list(_pairs(match, drawn, real, {key: ground for key, (ground, _) in candidates.items()})),
        "placements": _placements(match, placed, drawn, real, "probability"),
        "plans": _placements(match, placed, drawn, real, "sketch_probability"),
        "bindings": list(_bindings(_json(models / "bindings.json") or {}, footprints, real, truth["incidents"])),
        "heights": list(_heights(footprints, real, truth)),
    }


_Outlines = list[tuple[BaseGeometry, dict[str, Any]]]


def _built(
    frame: Frame, models: Path
) -> tuple[_Outlines, dict[str, tuple[BaseGeometry, dict[str, Any]]], dict[str, BaseGeometry]]:
    """Footprints of buildings with their rows, candidates with theirs, drawn things where they were laid."""
    footprints: _Outlines = [
        (to_local(frame, shape(item["geometry"])).buffer(0), item["properties"])
        for item in _features(models / "footprints.geojson")
        if item["properties"].get("role") == "building"
    ]
    candidates = {
        item["properties"]["id"]: (to_local(frame, shape(item["geometry"])), item["properties"])
        for item in _features(models / "candidates.geojson")
    }
    placed: dict[str, BaseGeometry] = {
        item["properties"]["id"]: to_local(frame, shape(item["geometry"]))
        for item in _features(models / "placed.geojson")
    }
    return footprints, candidates, placed


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def _features(path: Path) -> list[dict[str, Any]]:
    return list((_json(path) or {"features": []})["features"])


def _overlap(one: BaseGeometry, other: BaseGeometry) -> float:
    union = one.union(other).area
    return float(one.intersection(other).area / union) if union else 0.0


def _best(ground: BaseGeometry, real: Mapping[str, BaseGeometry]) -> tuple[float, str]:
    return max(((_overlap(ground, one), name) for name, one in real.items()), default=(0.0, ""))


def _best_of(ground: BaseGeometry, others: list[BaseGeometry]) -> float:
    return max((_overlap(ground, one) for one in others), default=0.0)


def _list(value: Any) -> list[Any]:
    return list(json.loads(value) if isinstance(value, str) else value or [])


def _placed(
    drawn: Mapping[tuple[str, str], str],
    real: Mapping[str, BaseGeometry],
    footprints: Sequence[tuple[BaseGeometry, Mapping[str, Any]]],
) -> list[dict[str, Any]]:
    outlines = {name: ground for ground, row in footprints for name in _list(row.get("drawn"))}
    found = []
    for sketch in dict.fromkeys(name for name, _ in drawn):
        mine = {element: real[building] for (name, element), building in drawn.items() if name == sketch}
        got = {element: outlines[f"{sketch}#{element}"] for element in mine if f"{sketch}#{element}" in outlines}
        near = sum(ground.centroid.distance(mine[element].centroid) <= _NEAR_M for element, ground in got.items())
        right = sum(_overlap(ground, mine[element]) >= _SAME for element, ground in got.items())
        found.append(
            {"sketch": sketch, "placed": bool(got), "drawn": len(mine), "near": int(near), "right": int(right)}
        )
    return found


def _pairs(
    match: Mapping[str, Any],
    drawn: Mapping[tuple[str, str], str],
    real: Mapping[str, BaseGeometry],
    candidates: Mapping[str, BaseGeometry],
) -> Iterator[list[Any]]:
    """Of the pairs of the first placement: the probability printed, and whether the candidate is that building."""
    for placement in match["placements"][:1]:
        for sketch, laid in placement["sketches"].items():
            for pair in laid["pairs"]:
                meant = {drawn[(sketch, one)] for one in pair["sketch"] if (sketch, one) in drawn}
                known = [candidates[name] for name in pair["candidates"] if name in candidates]
                if meant and known:
                    right = any(_overlap(ground, real[name]) >= _TOUCHED for ground in known for name in meant)
                    yield [float(pair["probability"]), bool(right)]


def _placements(
    match: Mapping[str, Any], placed: Mapping[str, BaseGeometry], drawn: Mapping[tuple[str, str], str],
    real: Mapping[str, BaseGeometry], printed: str,
) -> list[list[Any]]:  # fmt: skip
    """Of each plan in the first placement: a probability, and whether most of what it shows lies where it belongs.

    ``printed``: ``probability``, of the placement as a whole, or ``sketch_probability``, of the plan by itself.
    """
    found = []
    for placement in match["placements"][:1]:
        for sketch, laid in placement["sketches"].items():
            known = laid.get(printed, placement.get(printed))
            away = [
                placed[f"{name}#{element}"].centroid.distance(real[building].centroid)
                for (name, element), building in drawn.items()
                if name == sketch and f"{name}#{element}" in placed
            ]
            if away and known is not None:
                found.append([float(known), bool(np.median(away) <= _NEAR_M)])
    return found


def _bindings(
    bindings: Mapping[str, Any], footprints: Sequence[tuple[BaseGeometry, Mapping[str, Any]]],
    real: Mapping[str, BaseGeometry], happened: Mapping[str, str],
) -> Iterator[list[Any]]:  # fmt: skip
    """Of the incidents bound to a building: the probability printed, and whether it happened there."""
    outlines = {row["id"]: ground for ground, row in footprints}
    for one in bindings.get("bindings", []):
        ground, where = outlines.get(one.get("footprint")), happened.get(one["incident"])
        if ground is not None and where in real:
            overlap, name = _best(ground, real)
            yield [float(one["probability"]), overlap >= _TOUCHED and name == where]


def _heights(
    footprints: Sequence[tuple[BaseGeometry, Mapping[str, Any]]],
    real: Mapping[str, BaseGeometry],
    truth: Mapping[str, Any],
) -> Iterator[bool]:
    for ground, row in footprints:
        overlap, name = _best(ground, real)
        if overlap >= _SAME and row.get("height_low_m") is not None:
            height = truth["buildings"][name]["height_m"]
            yield bool(row["height_low_m"] <= height <= row["height_high_m"])
