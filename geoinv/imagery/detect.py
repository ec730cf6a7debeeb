"""Suggested building outlines on a scene, without training: pieces that are shaped, bounded and coloured like roofs.

Better pieces displace worse ones they overlap, and planes of one roof are joined. These are suggestions for a person or
a sketch to confirm, and are labelled so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geoinv.geometry.frames import frame_crs
from geoinv.imagery.regularize import regularized
from geoinv.imagery.roof_joins import joined
from geoinv.imagery.roof_odds import roof_odds
from geoinv.imagery.roof_pieces import Piece, judged, pieces_of, scenery_of
from geoinv.imagery.scene import Patch, Scene
from geoinv.imagery.tiles import Tile, area_on, over_tiles, tiles_touching

__all__ = ["detect", "roofs_found"]

#: Side of a tile and its halo, pixels: a building of 75 m at 0.3 m still lies whole in some tile.
_TILE, _HALO = 768, 128


def _roofs(patch: Patch) -> list[Piece]:
    """The roofs of a tile, in metres."""
    scenery = scenery_of(patch)
    planes = _kept([piece for one in pieces_of(patch) if (piece := judged(scenery, *one)) is not None])
    whole = _kept(joined(planes, scenery))
    return [replace(piece, outline=patch.ground(piece.outline)) for piece in whole]


def _kept(found: Sequence[Piece]) -> list[Piece]:
    """Best first, without those that a better one overlaps by more than a third of the smaller."""
    found = sorted(found, key=lambda piece: (-piece.score, piece.outline.bounds))
    tree = shapely.STRtree([piece.outline for piece in found])
    dropped: set[int] = set()
    kept = []
    for index, piece in enumerate(found):
        if index in dropped:
            continue
        kept.append(piece)
        for other in tree.query(piece.outline):
            rival = found[int(other)].outline
            if other > index and piece.outline.intersection(rival).area > 0.3 * min(piece.outline.area, rival.area):
                dropped.add(int(other))
    return kept


def _on_tile(scene: Scene, tile: Tile, settings: Any) -> list[Any]:
    """The roofs that a tile answers for, as plain data."""
    patch = scene.patch(scene.frame, tile.seen, tile.gsd)
    if min(patch.shape) < 24 or patch.valid.mean() < 0.02:
        return []
    found = []
    for piece in _roofs(patch):
        middle = piece.outline.centroid
        if tile.answers_for(middle.x, middle.y):
            plain = {**asdict(piece), "outline": shapely.to_wkb(piece.outline, hex=True, flavor="iso")}
            found.append(
                {name: float(value) if isinstance(value, np.floating) else value for name, value in plain.items()}
            )
    return found


def _read(plain: Mapping[str, Any]) -> Piece:
    """A piece as `_on_tile` told it, straight or through JSON."""
    return Piece(
        score=plain["score"],
        outline=shapely.from_wkb(plain["outline"]),
        colour=tuple(plain["colour"]),
        unrest=plain["unrest"],
        hard=plain["hard"],
        signs=tuple(plain["signs"]),
    )


def roofs_found(
    scene: Scene,
    within: BaseGeometry | None = None,
    *,
    scheduler: str | None = None,
    kept: MutableMapping[str, Any] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Piece]:
    """The pieces that :func:`detect` tells of, best first, their outlines in metres of the scene's frame."""
    area = area_on(scene, within)
    tiles = tiles_touching(scene, area, 0.3, side=_TILE, halo=_HALO)
    found = [
        piece
        for told in over_tiles(scene, tiles, _on_tile, scheduler=scheduler, kept=kept, progress=progress)
        for piece in map(_read, told)
        if within is None or area.contains(piece.outline.representative_point())
    ]
    return _kept(found)


def detect(
    scene: Scene,
    *,
    within: BaseGeometry | None = None,
    scheduler: str | None = None,
    kept: MutableMapping[str, Any] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> gpd.GeoDataFrame:
    """Suggest building outlines on a scene.

    Parameters
    ----------
    scene
        The picture.
    within
        Area to look in, longitude and latitude; the whole scene by default. What lies mostly outside is left out.
    scheduler, kept, progress
        As of :func:`geoinv.imagery.tiles.over_tiles`: a cluster's address, what an earlier run found, who is told.

    Returns
    -------
    GeoDataFrame
        ``id`` (``d1`` … by descending ``existence``), ``existence`` 0–1 (a score: it ranks), ``probability`` that a
        real building stands there (learned from worlds: ``roof_odds``), ``method``, ``scene``, geometry a Polygon in
        CRS 4326.

    Raises
    ------
    UnreadableFileError
        If the scene's pixels cannot be read.
    CaseError
        If no scheduler answers.
    """
    frame = scene.frame
    gsd = max(scene.gsd, 0.3)
    roofs = roofs_found(scene, within, scheduler=scheduler, kept=kept, progress=progress)
    table = gpd.GeoDataFrame(
        {
            "id": [f"d{number}" for number in range(1, len(roofs) + 1)],
            "existence": [round(1 / (1 + math.exp(-piece.score)), 3) for piece in roofs],
            "probability": [round(roof_odds(piece), 3) for piece in roofs],
            "method": "pieces",
            "scene": scene.name,
        },
        geometry=[regularized(piece.outline, gsd) for piece in roofs],
        crs=frame_crs(frame),
    )
    return table.to_crs("EPSG:4326")
