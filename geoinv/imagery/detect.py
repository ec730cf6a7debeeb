"""Suggested building outlines on a scene, without training: pieces that are shaped, bounded and coloured like roofs.

Better pieces displace worse ones they overlap, and planes of one roof are joined. These are suggestions for a person or
a sketch to confirm, and are labelled so.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import geopandas as gpd
import shapely
from shapely.geometry.base import BaseGeometry

from geoinv.geometry.frames import frame_crs, to_local
from geoinv.imagery.regularize import regularized
from geoinv.imagery.roof_joins import joined
from geoinv.imagery.roof_odds import roof_odds
from geoinv.imagery.roof_pieces import Piece, judged, pieces_of, scenery_of
from geoinv.imagery.scene import Patch, Scene

__all__ = ["detect", "roofs_found"]

#: Side of a tile and its halo, pixels: a building of 75 m at 0.3 m still lies whole in some tile.
_TILE, _HALO = 768, 128


def _tiles(width: int, height: int) -> Iterator[tuple[int, int]]:
    step = _TILE - 2 * _HALO
    for row in range(0, max(1, height - 2 * _HALO), step):
        for column in range(0, max(1, width - 2 * _HALO), step):
            yield row, column


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


def roofs_found(scene: Scene, within: BaseGeometry | None = None) -> list[Piece]:
    """The pieces that :func:`detect` tells of, best first, their outlines in metres of the scene's frame."""
    area = scene.bounds if within is None else scene.bounds.intersection(within)
    frame = scene.frame
    gsd = max(scene.gsd, 0.3)
    found: list[Piece] = []
    if not area.is_empty:
        local = to_local(frame, area)
        shapely.prepare(local)
        west, south, east, north = local.bounds
        for row, column in _tiles(math.ceil((east - west) / gsd), math.ceil((north - south) / gsd)):
            left, top = west + column * gsd, north - row * gsd
            # The last tiles end with the area, not with the tile.
            right, bottom = min(left + _TILE * gsd, east), max(top - _TILE * gsd, south)
            patch = scene.patch(frame, (left, bottom, right, top), gsd)
            if min(patch.shape) < 24 or patch.valid.mean() < 0.02:
                continue
            found += [
                piece
                for piece in _roofs(patch)
                if within is None or local.contains(piece.outline.representative_point())
            ]
    return _kept(found)


def detect(scene: Scene, *, within: BaseGeometry | None = None) -> gpd.GeoDataFrame:
    """Suggest building outlines on a scene.

    Parameters
    ----------
    scene
        The picture.
    within
        Area to look in, longitude and latitude; the whole scene by default. What lies mostly outside is left out.

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
    """
    frame = scene.frame
    gsd = max(scene.gsd, 0.3)
    kept = roofs_found(scene, within)
    table = gpd.GeoDataFrame(
        {
            "id": [f"d{number}" for number in range(1, len(kept) + 1)],
            "existence": [round(1 / (1 + math.exp(-piece.score)), 3) for piece in kept],
            "probability": [round(roof_odds(piece), 3) for piece in kept],
            "method": "pieces",
            "scene": scene.name,
        },
        geometry=[regularized(piece.outline, gsd) for piece in kept],
        crs=frame_crs(frame),
    )
    return table.to_crs("EPSG:4326")
