"""Made blocks and what witnesses draw of their inside: for measuring how interiors are reconciled (all fictional).

A block is straight, bent once or twice, with rooms on one or both sides of its corridor. A witness knows some of its
rooms and draws them in order with other widths; what was not known is a blank or left out, rows are drawn once with a
count, sheets are turned and sometimes mirrored, bent blocks sometimes drawn straight. Every law is drawn broadly:
`level` scales the distortion.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from interior_blocks import make_block
from interior_drawings import Drawn, draw
from shapely.affinity import affine_transform
from shapely.geometry import Point, Polygon

__all__ = ["Case", "make_case"]


@dataclass
class Case:
    """A block on the ground (metres about its frame), its outline as seen from above, and its drawings."""

    outline: Polygon
    entrance: tuple[float, float] | None
    rooms: list[dict[str, Any]]
    corridor: Polygon
    drawings: list[Drawn]
    cells: int
    contradicted: bool


def make_case(seed: int, level: str, drawings: int) -> Case:
    """A case from its seed: the same every time."""
    rng = np.random.default_rng([seed, drawings, sum(level.encode())])
    block = make_block(rng)
    turned = float(rng.uniform(0, 2 * np.pi))
    block.turned = turned
    matrix = np.array([[np.cos(turned), -np.sin(turned)], [np.sin(turned), np.cos(turned)]])
    middle = np.array(block.outline.centroid.coords[0])
    affine = [*matrix[0], *matrix[1], *(-matrix @ middle)]
    swap = bool(rng.random() < 0.25) and drawings > 1
    made = [
        draw(block, rng, level, f"drawing-{i}.geojson", f"w{i}", swap and i == drawings) for i in range(1, drawings + 1)
    ]
    rooms = [dict(room, polygon=affine_transform(room["polygon"], affine)) for room in block.rooms]
    seen = affine_transform(block.outline, affine)
    ring = shapely.get_coordinates(seen)[:-1] * (1 + float(rng.normal(0, 0.01)))
    outline = Polygon(ring + rng.normal(0, 0.12, ring.shape) + rng.normal(0, 0.15, 2))
    entrance = affine_transform(Point(block.entrance), affine).coords[0] if block.given else None
    cells = sum(room["kind"] in ("cell", "punishment") for room in rooms)
    return Case(
        outline,
        entrance,
        rooms,
        affine_transform(block.shape.corridor(), affine),
        made,
        cells,
        any(d.moved for d in made),
    )
