"""What witnesses draw of a made block's inside: some of its rooms, in order, with other widths (all fictional)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely
from interior_blocks import Block, Shape, Strip
from shapely.affinity import affine_transform
from shapely.geometry import LineString, Polygon, mapping
from shapely.geometry.base import BaseGeometry

from geoinv.records.drawings import Sketch

__all__ = ["LEVELS", "Drawn", "draw"]

#: Per level: log sd of a width, of a depth and of an arm's length, share of rooms known beside the sure ones, share
#: labelled, invented rooms and rooms on the wrong side or out of order per room, share of counts that are one off.
LEVELS: dict[str, dict[str, float]] = {
    "plain": {
        "width": 0.2,
        "known": 50.0,
        "label": 0.65,
        "invented": 0.02,
        "side": 0.01,
        "order": 0.02,
        "off": 0.2,
        "shape": 0.12,
    },
    "medium": {
        "width": 0.35,
        "known": 0.5,
        "label": 0.45,
        "invented": 0.06,
        "side": 0.05,
        "order": 0.06,
        "off": 0.33,
        "shape": 0.25,
    },
    "hard": {
        "width": 0.5,
        "known": 0.35,
        "label": 0.28,
        "invented": 0.1,
        "side": 0.08,
        "order": 0.1,
        "off": 0.33,
        "shape": 0.35,
    },
}
#: Shares of sheets that show the corridor, and of bent blocks drawn straight.
_CORRIDOR_DRAWN, _STRAIGHTENED = 0.8, 0.12
_WORDS = {
    "cell": ("cell", "cell", "prisoners' room", "감방"),
    "punishment": ("punishment cell", "solitary", "독방"),
    "interrogation": ("interrogation room", "questioning", "조사실"),
    "guard": ("guard room", "guards", "경비실"),
    "office": ("office", "chief's room", "사무실"),
    "latrine": ("latrine", "toilet", "변소"),
    "store": ("store", "storage", "창고"),
}


@dataclass
class Drawn:
    """A drawing with what is true of it: drawn room → true rooms, mirrored or not, rooms put at the wrong end."""

    sketch: Sketch
    rooms: dict[str, list[str]]
    mirrored: bool
    moved: list[str] = field(default_factory=list)


def draw(block: Block, rng: np.random.Generator, level: str, name: str, witness: str, swap: bool = False) -> Drawn:
    """One witness's drawing of a block; ``swap``: the latrine is remembered at the opposite end of its row."""
    law = dict(LEVELS[level])
    law["label"] = min(0.95, law["label"] * float(rng.uniform(0.5, 1.5)))
    width_sd = law["width"] * float(rng.uniform(0.7, 1.4))
    guard = rng.random() < 0.25
    known = _known(block, rng, law["known"] * float(rng.uniform(0.7, 1.3)), guard)
    rows = {
        key: [r for r in block.rooms if r["strip"] == key] for key in dict.fromkeys(r["strip"] for r in block.rooms)
    }
    shape = block.shape
    if shape.turns and rng.random() < _STRAIGHTENED:
        shape, rows = _straightened(shape, rows)
    squash = float(np.exp(rng.normal(-0.15, law["shape"])))
    arms = [length * squash * float(np.exp(rng.normal(0, law["shape"]))) for length in shape.arms]
    depth = {s: d * float(np.exp(rng.normal(0, law["shape"]))) for s, d in shape.depth.items()}
    wide = shape.width * float(rng.uniform(1.2, 2.6))
    arms = [max(a, 2.5 * (max(depth.values()) + wide)) if shape.turns else max(a, 1.5 * wide) for a in arms]
    drawn = Shape(arms, shape.turns, wide, depth, shape.corner, 0.02)
    closes, pieces, truth, moved = bool(rng.random() < 0.45), [], {}, []
    if swap:
        moved = _swapped(rows, known)
    for key, row in rows.items():
        strip = next(s for s in drawn.strips() if (s.arm, s.side) == key)
        pieces += _row(rng, strip, row, known, law, width_sd, closes)
    for piece in pieces:
        if rng.random() < law["side"] and all(d > 0 for d in depth.values()):
            other = next(s for s in drawn.strips() if s.arm == piece["strip"].arm and s.side != piece["strip"].side)
            piece["polygon"] = other.rectangle(piece["low"], piece["high"])
    rng.shuffle(pieces)  # type: ignore[arg-type]
    elements: list[dict[str, Any]] = []
    for index, piece in enumerate(pieces, 1):
        truth[f"r{index}"] = [r["id"] for r in piece["rooms"]]
        elements += _element(rng, f"r{index}", piece, law, block)
    names = [f"r{i}" for i, p in enumerate(pieces, 1) if any(r["id"] in moved for r in p["rooms"])]
    if rng.random() < _CORRIDOR_DRAWN:
        elements.append({"id": "k1", "role": "corridor", "geometry": drawn.corridor()})
    if rng.random() < 0.85:
        elements.append({"id": "d0", "role": "door", "label": "entrance", "geometry": _way_in(block, drawn)})
    if rng.random() < 0.6:
        solid = shapely.union_all(
            [drawn.corridor().buffer(0.05), *(s.rectangle(s.start, s.end).buffer(0.1) for s in drawn.strips())]
        )
        elements.append(
            {
                "id": "x1",
                "role": "wall",
                "geometry": LineString(
                    shapely.get_coordinates(
                        shapely.get_exterior_ring(
                            shapely.convex_hull(solid) if not shape.turns else solid.buffer(0.2).simplify(0.4)
                        )
                    )
                ),
            }
        )
    mirrored = bool(rng.random() < 0.125)
    sketch = _paper(rng, elements, block, mirrored, name, witness, law["shape"])
    return Drawn(sketch, truth, mirrored, names)


def _straightened(shape: Shape, rows: dict[Any, list[dict[str, Any]]]) -> tuple[Shape, dict[Any, list[dict[str, Any]]]]:
    """A bent block as somebody draws it who forgot the bends: its rows end to end."""
    straight = replace(shape, arms=[sum(shape.arms)], turns=[], corner={})
    ends = {side: [room for key in sorted(rows) if key[1] == side for room in rows[key]] for side in "LR"}
    return straight, {(0, side): row for side, row in ends.items() if row}


def _known(block: Block, rng: np.random.Generator, share: float, guard: bool) -> set[str]:
    cells = [r for r in block.rooms if r["kind"] in ("cell", "punishment")]
    own = cells[int(rng.integers(len(cells)))]
    row = [r for r in block.rooms if r["strip"] == own["strip"]]
    at = row.index(own)
    reached = int(rng.integers(1, 3))
    near = {r["id"] for r in row[max(0, at - reached) : at + reached + 1]}
    sure = {"latrine": 0.85, "interrogation": 0.7, "guard": 0.6}
    reach = float(rng.uniform(0.15, 1.0))  # what lies far from the own cell is known less
    span = max(abs(r["low"] - own["low"]) for r in block.rooms) + 1e-9
    chance = {
        r["id"]: share * float(np.exp(-((abs(r["low"] - own["low"]) / span / reach) ** 2) / 2)) for r in block.rooms
    }
    return {
        r["id"]
        for r in block.rooms
        if r["id"] in near
        or rng.random() < (0.93 if guard else max(chance[r["id"]], sure.get(r["kind"], 0.0) * share / 0.5))
    }


def _swapped(rows: dict[Any, list[dict[str, Any]]], known: set[str]) -> list[str]:
    for row in rows.values():
        for index in (0, -1):
            if row[index]["kind"] == "latrine" and len(row) > 2:
                room = row.pop(index)
                row.insert(0 if index == -1 else len(row), room)
                known.add(room["id"])
                return [room["id"]]
    return []


def _row(rng: np.random.Generator, strip: Strip, row: list[dict[str, Any]], known: set[str], law: dict[str, float],
         width_sd: float, closes: bool) -> list[dict[str, Any]]:  # fmt: skip
    units: list[dict[str, Any]] = []
    index, together = 0, rng.random() < 0.45
    while index < len(row):
        room, run = row[index], [row[index]]
        while (
            together
            and room["kind"] in ("cell", "punishment")
            and index + len(run) < len(row)
            and row[index + len(run)]["kind"] == room["kind"]
        ):
            run.append(row[index + len(run)])
        told = [r for r in run if r["id"] in known]
        if len(run) > 2 and len(told) > 1:
            count = max(2, len(run) + (int(rng.choice([-1, 1])) if rng.random() < law["off"] else 0))
            units.append(
                {
                    "rooms": run,
                    "count": count,
                    "size": sum(r["high"] - r["low"] for r in run) ** float(rng.uniform(0.7, 1.0)),
                }
            )
            index += len(run)
            continue
        if room["id"] in known:
            units.append({"rooms": [room], "size": room["high"] - room["low"]})
        elif not closes or rng.random() < 0.15:
            units.append({"rooms": None, "size": room["high"] - room["low"]})
        index += 1
    found = []
    for unit in units:
        found.append(unit)
        if rng.random() < law["invented"]:
            found.append({"rooms": [], "size": float(rng.uniform(1.5, 4))})
    for index in range(len(found) - 1):
        if rng.random() < law["order"]:
            found[index], found[index + 1] = found[index + 1], found[index]
    if not any(u["rooms"] is not None for u in found):
        return []
    sizes = np.array([u["size"] * np.exp(rng.normal(0, width_sd)) for u in found])
    total = sum(r["high"] - r["low"] for r in row)
    length = strip.end - strip.start
    fill = (
        1.0
        if not closes or rng.random() < 0.35
        else min(1.0, sum(u["size"] for u in found) / total * float(np.exp(rng.normal(0.1, 0.2))))
    )
    sizes *= length * fill / sizes.sum()
    at = strip.start + (length - sizes.sum()) * float(rng.choice([0.0, 0.0, 1.0, rng.random()]))
    pieces = []
    for unit, size in zip(found, sizes, strict=True):
        if unit["rooms"] is not None:
            low, high = at, at + size * 0.99
            pieces.append(
                dict(
                    unit,
                    strip=strip,
                    low=low,
                    high=high,
                    polygon=strip.rectangle(low, high, float(rng.uniform(0.9, 1.0))),
                )
            )
        at += size
    return pieces


def _element(
    rng: np.random.Generator, key: str, piece: dict[str, Any], law: dict[str, float], block: Block
) -> list[dict[str, Any]]:
    shape = piece["polygon"]
    jitter = 0.02 * np.sqrt(shape.area)
    ring = shapely.get_coordinates(shape)[:4] + rng.normal(0, jitter, (4, 2))
    element: dict[str, Any] = {"id": key, "role": "room", "geometry": Polygon(ring)}
    rooms, extra = piece["rooms"], []
    kind = rooms[0]["kind"] if rooms else str(rng.choice(["cell", "store", "interrogation", "office"]))
    if rng.random() < (law["label"] if kind != "latrine" else 0.85):
        words = str(rng.choice(_WORDS[kind]))
        if kind == "cell" and rooms and "count" not in piece and rng.random() < 0.35:
            words += f" {max(0, rooms[0]['number'] + (int(rng.choice([-1, 1])) if rng.random() < 0.2 else 0))}"
        element["label"] = words
    elif rng.random() < 0.05:
        element["label"] = "??"
    if "count" in piece:
        element["count"] = piece["count"]
    if rng.random() < 0.6:
        element["certainty"] = round(float(rng.uniform(0.3, 0.8) if not rooms else rng.uniform(0.5, 1.0)), 2)
    if rng.random() < 0.7:
        strip, at = (
            piece["strip"],
            rng.uniform(
                piece["low"] + 0.3 * (piece["high"] - piece["low"]),
                piece["high"] - 0.2 * (piece["high"] - piece["low"]),
            ),
        )
        near = strip.origin + at * strip.along + strip.near * strip.out
        extra.append(
            {
                "id": f"d{key[1:]}",
                "role": "door",
                "geometry": LineString([near - 0.4 * strip.along, near + 0.4 * strip.along]),
            }
        )
    if kind == "latrine" and rng.random() < 0.5:
        extra.append({"id": f"f{key[1:]}", "role": "fixture", "label": "toilet", "geometry": shape.centroid})
    return [element, *extra]


def _way_in(block: Block, drawn: Shape) -> LineString:
    line = LineString(drawn.line())
    kind, share = block.entrance_at
    if kind == "side":
        place = np.array(line.interpolate(share, normalized=True).coords[0])
        ahead = np.array(line.interpolate(min(1.0, share + 0.01), normalized=True).coords[0]) - place
        side = "L" if block.shape.depth["L"] <= 0 else "R"
        ahead = ahead / max(1e-9, float(np.hypot(*ahead)))
        place = place + np.array([-ahead[1], ahead[0]]) * (drawn.width / 2) * (1 if side == "L" else -1)
        return LineString([place - ahead, place + ahead])
    start, step = np.array(line.coords[0]), np.array([0.0, drawn.width / 4])
    return LineString([start - step, start + step])


def _paper(
    rng: np.random.Generator,
    elements: list[dict[str, Any]],
    block: Block,
    mirrored: bool,
    name: str,
    witness: str,
    skew: float,
) -> Sketch:
    angle = float(rng.choice([0, 90, 180, 270])) + float(rng.normal(0, 6)) * (rng.random() < 0.5)
    scale, turn = float(rng.uniform(5, 40)), np.radians(angle)
    matrix = (
        scale
        * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        @ np.diag([-1.0 if mirrored else 1.0, 1.0])
    )
    matrix = matrix @ np.array([[1.0, float(rng.normal(0, 0.04))], [0.0, 1.0]])
    north = None
    if rng.random() < 0.5:
        up = matrix @ _north(block)
        north = float(np.degrees(np.arctan2(up[0], up[1])) + rng.normal(0, 15)) % 360.0
    for element in elements:
        element["geometry"] = mapping(_moved(element["geometry"], matrix))
    return Sketch.read({"name": name, "scope": "building", "witness": witness, "north": north, "elements": elements})


def _north(block: Block) -> Any:
    """True north in the block's own axes (it is turned by ``block.turned`` on the ground)."""
    return np.array([np.sin(block.turned), np.cos(block.turned)])


def _moved(shape: BaseGeometry, matrix: Any) -> BaseGeometry:
    return affine_transform(shape, [*matrix[0], *matrix[1], 500.0, 500.0])
