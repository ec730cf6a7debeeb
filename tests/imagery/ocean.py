"""Small simulated scenes in the open ocean: roofs on rough ground, with and without shadows; fictional throughout."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from affine import Affine
from scipy import ndimage
from shapely.geometry import Polygon, box

from geoinv.geometry.frames import frame_crs, to_lonlat
from geoinv.imagery.masks import fill
from geoinv.records.places import Frame

#: Open South Atlantic.
FRAME = Frame(lon=-20.0, lat=-30.0)
GSD, SIDE = 0.5, 120.0

PLAN: tuple[Polygon, ...] = (
    box(-40, 10, -18, 19),
    box(-34, -22, -26, 0),
    box(-8, 22, 20, 31),
    box(2, -4, 14, 12),
    Polygon([(26, -8), (44, -8), (44, 0), (34, 0), (34, 12), (26, 12)]),
    box(-14, -34, 6, -25),
    box(20, -36, 30, -22),
    shapely.affinity.rotate(box(-48, 28, -32, 36), 20),
)


def table(shapes: Sequence[Polygon], **columns: object) -> gpd.GeoDataFrame:
    """Outlines in metres of the frame as the crafts receive them."""
    ids = [f"b{number}" for number in range(1, len(shapes) + 1)]
    geometry = [to_lonlat(FRAME, shape) for shape in shapes]
    return gpd.GeoDataFrame({"id": ids, **columns}, geometry=geometry, crs="EPSG:4326")


def local(outlines: gpd.GeoDataFrame) -> list[Polygon]:
    return list(outlines.to_crs(frame_crs(FRAME)).geometry)


def iou(one: Polygon, other: Polygon) -> float:
    return float(one.intersection(other).area / one.union(other).area)


def leaning(shape: Polygon, height: float, view: tuple[float, float]) -> Polygon:
    """A roof as it appears from a view (azimuth towards the satellite, off-nadir): moved away from the satellite."""
    lean, away = height * np.tan(np.radians(view[1])), np.radians(view[0] + 180)
    return shapely.affinity.translate(shape, np.sin(away) * lean, np.cos(away) * lean)


def painted(
    shapes: Sequence[Polygon],
    *,
    seed: int = 0,
    heights: Sequence[float] | None = None,
    sun: tuple[float, float] = (135.0, 40.0),
    gsd: float = GSD,
    roof: int = 0,
    view: tuple[float, float] = (0.0, 0.0),
) -> np.ndarray:
    """Bytes, (3, n, n): rough sandy ground, roofs of several greys; shadows, and lean away from a view (azimuth,
    off-nadir), where heights are given."""
    generator = np.random.default_rng(seed)
    n = round(SIDE / gsd)
    rough = ndimage.gaussian_filter(generator.normal(size=(n, n)), 1.0) * 20 + generator.normal(size=(n, n)) * 2
    picture = np.stack([150 + rough, 135 + rough, 105 + 0.8 * rough])

    def pixels(shape: Polygon) -> Polygon:
        return shapely.transform(shape, lambda xy: np.column_stack([xy[:, 0] + SIDE / 2, SIDE / 2 - xy[:, 1]]) / gsd)

    if heights is not None:
        azimuth, elevation = np.radians(sun[0] + 180), np.radians(sun[1])
        for shape, height in zip(shapes, heights, strict=True):
            length = height / np.tan(elevation)
            steps = np.linspace(0, length, 60)
            cast = shapely.union_all(
                [shapely.affinity.translate(shape, np.sin(azimuth) * s, np.cos(azimuth) * s) for s in steps]
            )
            picture[:, fill(pixels(cast), (n, n))] *= 0.35
    for number, shape in enumerate(shapes):
        mask = fill(pixels(leaning(shape, heights[number] if heights else 0.0, view)), (n, n))
        colour = np.array([[205, 200, 195], [110, 60, 50], [90, 105, 125], [225, 220, 200]][(number + roof) % 4])
        picture[:, mask] = colour[:, None] + generator.normal(size=(3, int(mask.sum()))) * 3
    return np.clip(ndimage.gaussian_filter(picture, (0, 0.5, 0.5)), 0, 255).astype(np.uint8)


def write(path: Path, pixels: np.ndarray, *, gsd: float = GSD, **options: object) -> Path:
    profile: dict[str, object] = {
        "driver": "GTiff",
        "count": len(pixels),
        "height": pixels.shape[1],
        "width": pixels.shape[2],
        "dtype": pixels.dtype,
        "crs": frame_crs(FRAME).to_wkt(),
        "transform": Affine(gsd, 0, -SIDE / 2, 0, -gsd, SIDE / 2),
        **options,
    }
    with rasterio.open(path, "w", **profile) as target:
        target.write(pixels)
    return path
