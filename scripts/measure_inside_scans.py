"""How many rooms of an inside come through paper: made drawings scanned, traced, and compared with what was drawn.

    python scripts/measure_inside_scans.py --first 1020 --worlds 4

Each world's drawings of insides (two or three a facility, one county centre and one camp a seed) are put on paper, also
those that are vector drawings in the world. A room or corridor is right if it overlaps a drawn one by half (IoU 0.5).
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from shapely.affinity import scale
from shapely.geometry.base import BaseGeometry

from geoinv.facilities.trace import trace
from geoinv.files.drawings import read_drawing
from geoinv.records.drawings import Sketch
from geoinv.worlds.paper import scan_png
from geoinv.worlds.world import make_world


def traced(first: int, worlds: int) -> Iterator[tuple[Sketch, Sketch]]:
    """Drawings of insides as drawn, and as traced from a scan."""
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + worlds):
            drawings = [*make_world("county", seed).drawings, *make_world("camp", seed).drawings]
            for number, drawing in enumerate(one for one in drawings if one.sketch.scope == "building"):
                path = Path(folder) / f"{seed}-{number}.png"
                path.write_bytes(scan_png(drawing, seed))
                yield drawing.sketch, trace(read_drawing(path), name=path.name, scope="building")


def shapes_of(sketch: Sketch, role: str, page: tuple[float, float]) -> list[BaseGeometry]:
    """The sketch's shapes of one role, brought to a page of the given size."""
    width, height = sketch.page_size or page
    return [
        scale(one.geometry, page[0] / width, page[1] / height, origin=(0, 0)).buffer(0) for one in sketch.of_role(role)
    ]


def counted(drawn: Sketch, read: Sketch) -> Counter[str]:
    """Drawn, told and right rooms and corridors."""
    count: Counter[str] = Counter(sheets=1)
    page = read.page_size or (1.0, 1.0)
    for role in ("room", "corridor"):
        true, told = shapes_of(drawn, role, page), shapes_of(read, role, page)
        right = sum(any(one.intersection(other).area >= 0.5 * one.union(other).area for other in told) for one in true)
        count.update({f"{role}s drawn": len(true), f"{role}s told": len(told), f"{role}s right": right})
    return count


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--first", type=int, default=1020)
    parser.add_argument("--worlds", type=int, default=4)
    asked = parser.parse_args()
    total: Counter[str] = Counter()
    for drawn, read in traced(asked.first, asked.worlds):
        total += counted(drawn, read)
    for name, value in total.items():
        print(f"{name}: {value}")
    for role in ("room", "corridor"):
        drawn_, told, right = (total[f"{role}s {what}"] for what in ("drawn", "told", "right"))
        print(f"{role}s: precision {right / max(1, told):.2f}, recall {right / max(1, drawn_):.2f}")


if __name__ == "__main__":
    main()
