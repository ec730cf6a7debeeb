"""Measure how well insides are put together from drawings of made blocks, against distortion and number of drawings.

    python scripts/measure_interiors.py --first 3000 --blocks 24

Prints one line per level (plain, medium, hard) and number of drawings (1, 3, 5): F1 of drawn rooms found on the right
true room and of pairs of drawn rooms put together (their mean where there are several drawings), true neighbours kept,
median relative error of a room's area, whether the interval of the cell count covers the truth and how wide it is,
mirrored sheets recognised, seconds. No seed from 1000 on was used to set anything.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from interior_drawings import LEVELS
from interior_worlds import Case, make_case
from shapely import STRtree

from geoinv.facilities.interiors import reconcile_rooms
from geoinv.geometry.frames import FrameShape
from geoinv.models.fit import fit_rooms
from geoinv.records.places import Frame, LocalXY

_FRAME = Frame(lon=-30.0, lat=-20.0)  # open ocean, fictional
_WEAK = ("contested", "conjectural")
_APART_M, _FRONT_M = 0.9, 0.4


def _f1(right: float, found: float, wanted: float) -> float | None:
    return 2 * right / (found + wanted) if found + wanted else None


def _mean(values: list[Any]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _iou(one: Any, other: Any) -> float:
    both = one.intersection(other).area
    return float(both / (one.area + other.area - both))


def _ground(rooms: list[Any], drawn: dict[str, set[str]], case: Case) -> float:
    """F1 of drawn rooms on the ground: each fitted room that names it stands on the true room of best overlap."""
    true = {room["id"]: room["polygon"] for room in case.rooms}
    tree, names = STRtree(list(true.values())), list(true)
    found: dict[str, tuple[set[str], list[bool]]] = {}
    for room in rooms:
        near = [names[index] for index in tree.query(room.polygon, predicate="intersects")]
        best = max(near, key=lambda name: _iou(room.polygon, true[name]), default=None)
        for name in room.drawn:
            places, weak = found.setdefault(name, (set(), []))
            places.update({best} if best else set())
            weak.append(room.status.value in _WEAK)
    precision, recall = [], []
    for name, right in drawn.items():
        places, weak = found.get(name, (set(), []))
        if places and not (not right and all(weak)):
            precision.append(len(places & right) / len(places))
        if right:
            recall.append(len(places & right) / len(right))
    p, r = (float(np.mean(values)) if values else 0.0 for values in (precision, recall))
    return 2 * p * r / (p + r) if p + r else 0.0


def _links(rooms: list[Any], drawn: dict[str, set[str]]) -> float | None:
    """F1 of pairs of drawn rooms of different drawings put into one room."""

    def pairs(names: Any) -> set[frozenset[str]]:
        known = sorted(name for name in names if name in drawn)
        return {frozenset(p) for p in itertools.combinations(known, 2) if p[0].split("#")[0] != p[1].split("#")[0]}

    wanted = {pair for pair in pairs(drawn) if len(set.intersection(*(drawn[name] for name in pair)))}
    found = set().union(*(pairs(room.drawn) for room in rooms)) if rooms else set()
    return _f1(len(found & wanted), len(found), len(wanted)) if wanted else None


def _identified(rooms: list[Any], drawn: dict[str, set[str]], case: Case) -> dict[str, Any]:
    """The fitted room that stands for each true one, by what its drawn rooms are."""
    true = {room["id"]: room["polygon"] for room in case.rooms}
    best: dict[str, tuple[float, Any]] = {}
    for room in rooms:
        votes: dict[str, float] = {}
        for name in room.drawn:
            for identity in drawn.get(name, ()):
                votes[identity] = votes.get(identity, 0.0) + 1 / len(drawn[name])
        if votes:
            top = [identity for identity, vote in sorted(votes.items()) if vote > max(votes.values()) - 1e-9]
            identity = max(top, key=lambda one: _iou(room.polygon, true[one]))
            value = _iou(room.polygon, true[identity])
            if value > best.get(identity, (-1.0, None))[0]:
                best[identity] = value, room.polygon
    return {identity: shape for identity, (_, shape) in best.items()}


def _neighbours(one: Any, other: Any) -> bool:
    least = min(one.area, other.area)
    front = one.buffer(_APART_M, join_style="mitre").intersection(other).area
    return bool(one.intersection(other).area < 0.2 * least and front >= _APART_M * 0.5 * _FRONT_M)


def score(case: Case) -> dict[str, float | None]:
    """One block put together and compared with its truth."""
    start = time.perf_counter()
    outline = FrameShape(_FRAME, case.outline)
    entrance = LocalXY(*case.entrance, _FRAME) if case.entrance else None
    plan = reconcile_rooms(outline, [drawing.sketch for drawing in case.drawings], entrance=entrance)
    storey, _ = fit_rooms(plan, outline)
    seconds = time.perf_counter() - start
    rooms = [room for room in storey.rooms if room.role != "corridor" and room.drawn]
    drawn = {
        drawing.sketch.full_name(name): set(ids)
        for drawing in case.drawings
        for name, ids in drawing.rooms.items()
        if name not in drawing.moved
    }
    at = _identified(rooms, drawn, case)
    true = {room["id"]: room["polygon"] for room in case.rooms}
    beside = [pair for pair in itertools.combinations(sorted(at), 2) if _neighbours(true[pair[0]], true[pair[1]])]
    ground, links = _ground(rooms, drawn, case), _links(rooms, drawn)
    count = plan.cell_count
    mirrored = [plan.mirrored.get(one.sketch.name) is True for one in case.drawings if one.mirrored]
    return {
        "ground": ground,
        "links": links,
        "F1": ground if len(case.drawings) == 1 else _mean([ground, links]),
        "neighbours": _mean([_neighbours(at[a], at[b]) for a, b in beside]),
        "area error": float(np.median([abs(at[i].area / true[i].area - 1) for i in at])) if at else None,
        "cells covered": float(count.low <= case.cells <= count.high),
        "cells width": (count.high - count.low) / case.cells,
        "mirrored found": _mean(mirrored),
        "way right": _mean([plan.mirrored.get(one.sketch.name) == one.mirrored for one in case.drawings]),
        "seconds": seconds,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=3000)
    parser.add_argument("--blocks", type=int, default=24, help="per level and number of drawings")
    parser.add_argument("--json", type=Path, help="also write every block's figures here")
    chosen = parser.parse_args()
    every, heads = [], None
    for row, (level, drawings) in enumerate(itertools.product(LEVELS, (1, 3, 5))):
        first = chosen.first + row * chosen.blocks
        found = [score(make_case(seed, level, drawings)) for seed in range(first, first + chosen.blocks)]
        every += [{"level": level, "drawings": drawings, **one} for one in found]
        if heads is None:
            heads = list(found[0])
            print(f"{'':10s}" + " ".join(f"{head:>14s}" for head in heads))
        means = [_mean([one[head] for one in found]) for head in heads]
        print(
            f"{level:7s}{drawings:2d} " + " ".join(f"{'-' if v is None else f'{v:.3f}':>14s}" for v in means),
            flush=True,
        )
    covered, width = (_mean([one[head] for one in every]) for head in ("cells covered", "cells width"))
    print(f"{len(every)} blocks; cells covered {covered:.3f}, width {width:.3f} of the count")
    if chosen.json:
        chosen.json.write_text(json.dumps(every, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
