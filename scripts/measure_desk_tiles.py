"""Measure how fast the desk cuts tiles of a large scene: `python scripts/measure_desk_tiles.py [--side 10000]`.

Writes a scene of noise, three bands, and asks for tiles of every zoom as a browser that pans does: first while the
scene is shrunk in the background, then after. Prints milliseconds a tile (wall clock and processor) and the memory.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine

from geoinv.api.desk.tiles import Tiles
from geoinv.geometry.frames import frame_crs
from geoinv.records.places import Frame
from geoinv.records.scenes import SceneRecord

FRAME = Frame(lon=-30.0, lat=5.0)


def write_noise(path: Path, side: int) -> None:
    """Write a square scene of half a metre a pixel, in strips."""
    profile = {"driver": "GTiff", "width": side, "height": side, "count": 3, "dtype": "uint8", "tiled": True}
    transform = Affine(0.5, 0, -side / 4, 0, -0.5, side / 4)
    generator = np.random.default_rng(3)
    with rasterio.open(path, "w", crs=frame_crs(FRAME).to_wkt(), transform=transform, **profile) as out:
        for row in range(0, side, 500):
            strip = generator.integers(60, 190, (3, 500, side), dtype=np.uint8)
            out.write(strip, window=rasterio.windows.Window(0, row, side, 500))


def timed(tiles: Tiles, name: str, z: int, x: int, y: int) -> tuple[float, float, bool]:
    """Wall clock and processor milliseconds of one tile, and whether there was one."""
    wall, spent = time.perf_counter(), time.process_time()
    made = tiles.tile(name, FRAME, z, x, y) is not None
    return 1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - spent), made


def main() -> None:
    """Measure and print."""
    words = argparse.ArgumentParser()
    words.add_argument("--side", type=int, default=10_000)
    side = words.parse_args().side
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.tif"
        write_noise(path, side)
        tiles = Tiles(Path(folder) / "tiles")
        name = tiles.register(path, SceneRecord(name="large.tif"))
        begun = time.monotonic()
        print(f"the very first tile: {timed(tiles, name, 1, 0, 0)[0]:.0f} ms")
        while not timed(tiles, name, -4, 0, 0)[2]:
            time.sleep(0.2)
        print(f"shrunk after {time.monotonic() - begun:.1f} s")
        every = []
        for z in (1, 0, -1, -2, -3, -4):
            found = [timed(tiles, name, z, x, y) for x in range(-2, 2) for y in range(-2, 2)]
            every += found
            wall, spent = (np.array([one[index] for one in found]) for index in (0, 1))
            print(
                f"zoom {z}: median {np.median(wall):.0f} ms (processor {np.median(spent):.0f}), most {wall.max():.0f}"
            )
        wall, spent = (np.array([one[index] for one in every]) for index in (0, 1))
        print(f"all {len(every)}: median {np.median(wall):.0f} ms, processor median {np.median(spent):.0f}, "
              f"95 % below {np.percentile(wall, 95):.0f} ms")  # fmt: skip
        print(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")
        tiles.close()


if __name__ == "__main__":
    main()
