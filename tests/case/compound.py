"""A fictional compound in the open ocean whose outlines are given: what is built on them can be looked at alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from affine import Affine
from shapely.geometry import Polygon, box

from geoinv.facilities.footprint_tables import footprints_table
from geoinv.files.geojson import write_table
from geoinv.files.rasters import write_geotiff
from geoinv.geometry.frames import to_lonlat
from geoinv.records.evidence import Confidence, Evidence, Status
from geoinv.records.footprints import Footprint
from geoinv.records.places import Frame

FRAME = Frame.about((-30.0, 5.0))
BLOCK = box(0, 0, 30, 9)
HUT = box(40, 0, 46, 5)

_INSIDE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 110">
<g fill="none" stroke="black">
<path id="outer" class="wall" d="M10,10 L310,10 L310,100 L10,100 Z"/>
{rooms}
</g></svg>
"""


def inside_svg(names: Sequence[str]) -> str:
    """A drawing of a block's inside: a row of rooms on each side of a corridor."""
    cells = []
    half = len(names) // 2
    for index, name in enumerate(names):
        row, column = divmod(index, half)
        wide = 300 / half
        x, y = 10 + column * wide, 10 if row == 0 else 65
        cells.append(
            f'<rect id="r{index}" class="room" x="{x}" y="{y}" width="{wide}" height="35"/>'
            f'<text x="{x + wide / 2}" y="{y + 20}" text-anchor="middle" font-size="8">{name}</text>'
        )
    return _INSIDE.format(rooms="\n".join(cells))


def footprint(name: str, shape: Polygon, **more: Any) -> Footprint:
    """One building of the compound."""
    given: dict[str, Any] = {
        "id": f"building-{name}",
        "facility": "reef",
        "geometry": to_lonlat(FRAME, shape),
        "labels": (name,),
        "drawn": (f"plan.svg#{name}",),
        "status": Status.ATTESTED,
        "confidence": Confidence(geometry_m=2.0, coverage=0.9),
        "outline_from": "imagery prompted",
        "evidence": {"outline": Evidence(status=Status.ATTESTED, sources=(f"plan.svg#{name}",))},
    }
    return Footprint(**{**given, **more})


def write_footprints(folder: Path, footprints: Sequence[Footprint]) -> None:
    """What the step “outline” leaves, given by hand."""
    write_table(folder / "footprints.geojson", footprints_table(footprints))


def write_scene(path: Path, date: str) -> None:
    """A flat picture, 120 m wide, with its STAC sidecar."""
    noise = np.random.default_rng(int(date[:4])).integers(90, 120, (3, 240, 240)).astype(np.uint8)
    west, north = to_lonlat(FRAME, box(-40, -60, 80, 60)).bounds[0], to_lonlat(FRAME, box(-40, -60, 80, 60)).bounds[3]
    step = 120 / 111_000 / 240
    write_geotiff(path, noise, Affine(step, 0, west, 0, -step, north), "EPSG:4326")
    item = {"type": "Feature", "properties": {"datetime": date, "attribution": "fictional", "simulated": True}}
    path.with_suffix(".json").write_text(json.dumps(item))
