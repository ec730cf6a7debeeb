"""Wide scenes in tiles: each with a halo, one at a time or on a cluster, kept as they are done, in bounded memory.

A tile answers for what lies in its core; its halo lets it see whole what lies across the core's edge. So every thing is
told once, by the tile in whose core its middle lies, whatever the order in which tiles are done and wherever they run.
"""

from __future__ import annotations

import json
import math
from collections import deque
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from geoinv.errors import CaseError
from geoinv.geometry.frames import to_local
from geoinv.imagery.scene import Scene, open_scene
from geoinv.records.scenes import SceneRecord

__all__ = ["SceneAt", "Tile", "Work", "area_on", "over_tiles", "tiles_of", "tiles_touching"]

#: Tiles handed to a cluster ahead of the one that is waited for, for each of its threads.
_AHEAD = 3
_Box = tuple[float, float, float, float]
#: What is done with a tile: from the open scene, the tile and settings to anything that JSON can hold.
Work = Callable[[Scene, "Tile", Any], list[Any]]


@dataclass(frozen=True)
class Tile:
    """A piece of a scene.

    Attributes
    ----------
    number
        From 0, west to east and then north to south.
    core, seen
        West, south, east, north in metres of the scene's frame: what it answers for, and what it looks at. Cores meet
        without overlapping; at the rim of the whole a core reaches as far as the tile sees.
    gsd
        Metres a pixel.
    """

    number: int
    core: _Box
    seen: _Box
    gsd: float

    def answers_for(self, east: float, north: float) -> bool:
        """Whether a place is this tile's: west and north edges are, east and south edges are the neighbour's."""
        west, south, far, top = self.core
        return west <= east < far and south < north <= top


@dataclass(frozen=True)
class SceneAt:
    """A scene as another process can open it."""

    path: str
    record: str
    stretch: tuple[tuple[float, float], ...]


def tiles_of(bounds: _Box, gsd: float, *, side: int, halo: int) -> list[Tile]:
    """Tiles that cover an area.

    Parameters
    ----------
    bounds
        West, south, east, north in metres.
    gsd
        Metres a pixel.
    side, halo
        Pixels that a tile sees, and how many of them at each side are its neighbours' to answer for.
    """
    west, south, east, north = bounds
    step = (side - 2 * halo) * gsd
    across = max(1, math.ceil((east - west - 2 * halo * gsd) / step - 1e-9))
    down = max(1, math.ceil((north - south - 2 * halo * gsd) / step - 1e-9))
    found = []
    for row in range(down):
        for column in range(across):
            left, top = west + column * step, north - row * step
            seen = left, max(top - side * gsd, south), min(left + side * gsd, east), top
            core = (
                -math.inf if column == 0 else left + halo * gsd,
                -math.inf if row == down - 1 else top - (side - halo) * gsd,
                math.inf if column == across - 1 else left + (side - halo) * gsd,
                math.inf if row == 0 else top - halo * gsd,
            )
            found.append(Tile(row * across + column, core, seen, gsd))
    return found


def area_on(scene: Scene, within: BaseGeometry | None) -> BaseGeometry:
    """What is looked at of a scene, in metres of its frame: all of it, or what of an area lies on it; may be empty.

    Parameters
    ----------
    scene
        The open scene.
    within
        In degrees (EPSG:4326).
    """
    area = to_local(scene.frame, scene.bounds if within is None else scene.bounds.intersection(within))
    shapely.prepare(area)
    return area


def tiles_touching(scene: Scene, area: BaseGeometry, gsd: float, *, side: int, halo: int) -> list[Tile]:
    """The tiles that an area on a scene touches; none of an empty one.

    Parameters
    ----------
    scene, area
        As of :func:`area_on`.
    gsd
        Metres a pixel; the scene's own where those are larger.
    side, halo
        As of :func:`tiles_of`.
    """
    if area.is_empty:
        return []
    tiles = tiles_of(area.bounds, max(scene.gsd, gsd), side=side, halo=halo)
    return [tile for tile in tiles if area.intersects(box(*tile.seen))]


@lru_cache(maxsize=2)
def _opened(at: SceneAt) -> Scene:
    """A scene in this process, left open for the next tile."""
    record = SceneRecord.model_validate_json(at.record)
    return open_scene(Path(at.path), record, stretch=at.stretch)


def _elsewhere(work: Work, at: SceneAt, tile: Tile, settings: Any) -> list[Any]:
    """One tile, in a process that may have nothing but the files."""
    return work(_opened(at), tile, settings)


def _key(tile: Tile, settings: Any) -> str:
    return json.dumps([tile.seen, tile.gsd, settings])


def over_tiles(
    scene: Scene,
    tiles: Sequence[Tile],
    work: Work,
    settings: Any = None,
    *,
    scheduler: str | None = None,
    kept: MutableMapping[str, Any] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[list[Any]]:
    """What a work finds on each tile, in the tiles' order, whoever did it.

    Parameters
    ----------
    scene
        The open scene.
    tiles
        From `tiles_of`.
    work
        A function of a module (not a closure), so that another process finds it; what it gives is plain data.
    settings
        Plain data handed to every call.
    scheduler
        Address of a ``dask.distributed`` scheduler whose workers see the scene at the same path; here by default.
    kept
        What earlier runs found, by tile: tiles in it are not done again, and every new one is put in.
    progress
        Told how many tiles are done, and of how many.

    Raises
    ------
    CaseError
        If no scheduler answers at the address, or dask is not installed.
    UnreadableFileError
        If pixels cannot be read.
    """
    kept = {} if kept is None else kept
    todo = [tile for tile in tiles if _key(tile, settings) not in kept]
    fresh = (
        ((tile, work(scene, tile, settings)) for tile in todo)
        if scheduler is None
        else _on_cluster(scene, todo, work, settings, scheduler)
    )
    for done, tile in enumerate(tiles, 1):
        key = _key(tile, settings)
        if key not in kept:
            made, found = next(fresh)
            assert made is tile
            kept[key] = found
        if progress is not None:
            progress(done, len(tiles))
        yield kept[key]


def _on_cluster(
    scene: Scene, tiles: Sequence[Tile], work: Work, settings: Any, scheduler: str
) -> Iterator[tuple[Tile, list[Any]]]:
    """Tiles in their order from a cluster, a few for each of its threads ahead: results wait there, not here."""
    try:
        from distributed import Client
    except ImportError as error:
        raise CaseError("dask.distributed is not installed", do="pip install 'geoinv[cluster]'") from error
    at = SceneAt(str(scene.path.resolve()), scene.record.model_dump_json(), scene.stretch)
    try:
        client: Any = Client(scheduler, timeout=5, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TimeoutError) as error:
        raise CaseError(f"no scheduler answers at {scheduler}", do="start it, or check the address") from error
    with client:
        ahead = _AHEAD * max(1, sum(client.nthreads().values()))
        waiting: deque[tuple[Tile, Any]] = deque()
        left = iter(tiles)
        while True:
            for tile in left:
                waiting.append((tile, client.submit(_elsewhere, work, at, tile, settings, pure=False)))
                if len(waiting) >= ahead:
                    break
            if not waiting:
                return
            tile, future = waiting.popleft()
            yield tile, future.result()
            future.release()
