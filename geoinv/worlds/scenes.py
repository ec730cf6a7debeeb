"""Satellite scenes of a made world: rendered ray by ray from the truth, with the sun where it stood."""

from __future__ import annotations

import importlib.util
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio.enums import Resampling
from rasterio.io import MemoryFile
from rasterio.transform import Affine

from geoinv.geometry.frames import xy_to_local
from geoinv.geometry.sun import sun_position
from geoinv.models.rays import RayEngine, ray_engine
from geoinv.worlds.meshes import SceneMesh, scene_mesh
from geoinv.worlds.plan import FIRST, SECOND, Plan
from geoinv.worlds.textures import Ground, ground_of, noise, surface_colour

__all__ = ["RenderedScene", "SceneSpec", "render_scene", "scene_specs"]

Floats = NDArray[np.float32]
#: One engine wherever it can be had, so that a world's scenes are the same on most machines; the other differs in a
#: pixel here and there, where a ray grazes an edge.
_ENGINE: Final[Literal["embreex", "auto"]] = "embreex" if importlib.util.find_spec("embreex") else "auto"
#: Rays a pixel in each direction.
_SAMPLES = 2
#: Light of the sun and of the clear sky, and the air's own glow, RGB.
_SUN = np.array((1.0, 0.95, 0.85), np.float32)
_SKY = np.array((0.25, 0.275, 0.31), np.float32)
_HAZE = np.array((0.030, 0.038, 0.050), np.float32)
#: Reflectance of snow some days old.
_SNOW = np.array((0.80, 0.82, 0.85), np.float32)


@dataclass(frozen=True)
class SceneSpec:
    """How one scene is taken.

    Attributes
    ----------
    name
        File name without suffix.
    taken
        Moment of acquisition.
    gsd_m
        Ground sample distance.
    view_azimuth, off_nadir
        Degrees clockwise from north towards the satellite; degrees from the vertical.
    shift_m
        True error of its place, metres east and north.
    ce90_m
        Circular error declared with it.
    autumn
        0 for bare fields, 1 for autumn's.
    blur_px, grain
        Deviation of the sensor's blur in pixels; of its noise in grey levels.
    snow
        Share of their colour that snow takes from the ground and from roofs; walls and steep faces keep theirs.
    """

    name: str
    taken: datetime
    gsd_m: float
    view_azimuth: float
    off_nadir: float
    shift_m: tuple[float, float]
    ce90_m: float
    autumn: float
    blur_px: float
    grain: float
    snow: float = 0.0


@dataclass(frozen=True)
class RenderedScene:
    """A scene as delivered: a GeoTIFF and a STAC item beside it.

    Attributes
    ----------
    pixels
        Before compression, uint8 RGB, shape (height, width, 3).
    tif
        The GeoTIFF's bytes.
    item
        The STAC item.
    """

    spec: SceneSpec
    pixels: NDArray[np.uint8]
    tif: bytes
    item: dict[str, Any]


def scene_specs(plan: Plan, seed: int) -> tuple[SceneSpec, SceneSpec]:
    """The two acquisitions of a world: spring and coarser, then autumn and finer, each a little out of place."""
    rng = np.random.default_rng([seed, 61])
    specs = []
    for number, (day, gsd, hour) in enumerate(((FIRST, 0.5, 10.7), (SECOND, 0.3, 10.4))):
        angle, far = rng.uniform(0, 2 * np.pi), rng.uniform(0.6, 1.9)
        noon = datetime.fromisoformat(day + "T00:00:00+00:00") + timedelta(hours=hour - plan.blueprint.frame.lon / 15)
        specs.append(
            SceneSpec(
                name=f"{plan.blueprint.facility}-{day[:4]}",
                taken=noon.replace(microsecond=0) + timedelta(seconds=int(rng.integers(-1500, 1500))),
                gsd_m=gsd,
                view_azimuth=round(float(rng.uniform(0, 360)), 1),
                off_nadir=round(float(rng.uniform(4, 13)), 1),
                shift_m=(round(float(far * np.cos(angle)), 2), round(float(far * np.sin(angle)), 2)),
                ce90_m=(4.2, 3.0)[number],
                autumn=float(number),
                blur_px=(0.62, 0.55)[number],
                grain=(1.9, 1.5)[number],
            )
        )
    return specs[0], specs[1]


@dataclass(frozen=True)
class _Grid:
    """The scene's pixels on the ground: UTM as delivered, and metres of the frame for the rays."""

    size: int
    epsg: int
    transform: Affine
    local: NDArray[np.float64]  # (2, 3): [east, north] = local · [column, row, 1]


def _grid(plan: Plan, spec: SceneSpec) -> _Grid:
    frame = plan.blueprint.frame
    epsg = (32600 if frame.lat >= 0 else 32700) + int((frame.lon + 180) // 6) + 1
    to_utm = Transformer.from_crs("EPSG:4326", f"EPSG:{epsg}", always_xy=True)
    east, north = to_utm.transform(frame.lon, frame.lat)
    size = int(2 * plan.reach_m / spec.gsd_m) // 16 * 16
    west, top = round(east - size * spec.gsd_m / 2, 1), round(north + size * spec.gsd_m / 2, 1)
    true = Affine(spec.gsd_m, 0, west, 0, -spec.gsd_m, top)
    corners = np.array([(0, 0), (size, 0), (0, size), (size, size)], float)
    utm = _applied(true, corners)
    lonlat = np.column_stack(to_utm.transform(utm[:, 0], utm[:, 1], direction="INVERSE"))
    # Over a few hundred metres the two projections differ by a turn and a scale: an affine map holds to 0.1 mm.
    local, *_ = np.linalg.lstsq(np.column_stack([corners, np.ones(4)]), xy_to_local(frame, lonlat), rcond=None)
    delivered = Affine(spec.gsd_m, 0, west + spec.shift_m[0], 0, -spec.gsd_m, top + spec.shift_m[1])
    return _Grid(size, epsg, delivered, local.T)


def _applied(affine: Affine, points: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.column_stack(
        [
            affine.a * points[:, 0] + affine.b * points[:, 1] + affine.c,
            affine.d * points[:, 0] + affine.e * points[:, 1] + affine.f,
        ]
    )


def _direction(azimuth: float, elevation: float) -> NDArray[np.float64]:
    """Unit vector east, north, up towards a place in the sky."""
    a, e = math.radians(azimuth), math.radians(elevation)
    return np.array((math.sin(a) * math.cos(e), math.cos(a) * math.cos(e), math.sin(e)))


class _Light:
    """What is needed to say how bright a point is."""

    def __init__(self, plan: Plan, spec: SceneSpec, seed: int) -> None:
        frame = plan.blueprint.frame
        position = sun_position(frame.lon, frame.lat, spec.taken)
        self.azimuth, self.elevation = float(position.azimuth), float(position.elevation)
        self.sun = _direction(self.azimuth, self.elevation)
        self.view = _direction(spec.view_azimuth, 90.0 - spec.off_nadir)
        self.seed, self.snow = seed, spec.snow
        around = plan.surroundings
        self.mesh: SceneMesh = scene_mesh(plan.compound, around, date=spec.taken.date().isoformat(), seed=seed)
        self.vertices, self.triangles = self.mesh.vertices, self.mesh.triangles
        self.surfaces, self.owners, self.axes = self.mesh.surfaces, self.mesh.owners, self.mesh.axes
        corners = self.vertices[self.triangles]
        normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        lengths = np.linalg.norm(normals, axis=1, keepdims=True)
        self.normals = normals / np.where(lengths > 0, lengths, 1.0)
        self.engine: RayEngine = ray_engine(self.vertices, self.triangles, backend=_ENGINE)
        self.ground: Ground = ground_of(
            plan.compound, around, reach=plan.reach_m * 1.06 + 4, autumn=spec.autumn, seed=seed
        )
        self.sky = _open_sky(self.engine, self.ground.reach, seed)

    def colours(self, targets: NDArray[np.float64]) -> Floats:
        """Radiance seen of places on the ground plane, shape (n, 3), along the line of sight."""
        count = len(targets)
        base = np.column_stack([targets, np.zeros(count)])
        far = 120.0
        hits = self.engine.first_hits(base + self.view * far, -self.view)
        met = (hits.triangle >= 0) & (hits.distance < far)
        points = base.copy()
        points[met] = base[met] + self.view * (far - hits.distance[met])[:, None]
        normals = np.tile(np.array((0.0, 0.0, 1.0)), (count, 1))
        normals[met] = self.normals[hits.triangle[met]]
        backward = normals @ self.view < 0
        normals[backward] *= -1
        colour = self.ground.at(targets[:, 0].astype(np.float32), targets[:, 1].astype(np.float32))
        seen = hits.triangle[met]
        colour[met] = surface_colour(points[met], self.surfaces[seen], self.owners[seen], self.axes, self.seed)
        if self.snow:
            white = (self.snow * (normals[:, 2] > 0.6))[:, None].astype(np.float32)
            colour = colour + white * (_SNOW - colour)
        cosine = np.clip(normals @ self.sun, 0, None)
        lit = cosine > 0
        lit[lit] = ~self.engine.occluded(points[lit] + normals[lit] * 0.03, self.sun, 160.0)
        open_sky = np.where(met, 0.62 + 0.38 * normals[:, 2], _sampled(self.sky, self.ground.reach, targets))
        light = (cosine * lit)[:, None] * _SUN + open_sky[:, None] * _SKY
        return (colour * light + _HAZE).astype(np.float32)


def _open_sky(engine: RayEngine, reach: float, seed: int) -> Floats:
    """Share of the sky seen from the ground, on a 1 m grid: darker at the foot of walls."""
    side = int(2 * reach)
    steps = np.arange(side) + 0.5 - reach
    east, north = np.meshgrid(steps, steps[::-1])
    spots = np.column_stack([east.ravel(), north.ravel(), np.full(east.size, 0.05)])
    rng = np.random.default_rng([seed, 71])
    free = np.zeros(len(spots))
    rays = 12
    for number in range(rays):
        turn = 2 * np.pi * (number + rng.random()) / rays
        flat = math.sqrt((number * 5 % rays + 0.5) / rays)
        way = np.array((flat * math.cos(turn), flat * math.sin(turn), math.sqrt(1 - flat * flat)))
        free += ~engine.occluded(spots, way, 30.0)
    share = (free / rays).reshape(side, side).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(share, (0, 0), 0.8), np.float32)


def _sampled(picture: Floats, reach: float, targets: NDArray[np.float64]) -> Floats:
    side = picture.shape[0]
    column = np.clip((targets[:, 0] + reach).astype(int), 0, side - 1)
    row = np.clip((reach - targets[:, 1]).astype(int), 0, side - 1)
    return np.asarray(picture[row, column])


def render_scene(plan: Plan, spec: SceneSpec, seed: int) -> RenderedScene:
    """One scene of a world.

    Every pixel is the mean of four sight lines from the satellite's direction onto the solids of that date. Each is
    lit by a ray to the sun (where it stood at that moment) and by the share of open sky, and seen through a little
    haze. Blur and noise are the sensor's. Rectified to the ground plane: roofs lean away from the satellite.
    """
    grid = _grid(plan, spec)
    light = _Light(plan, spec, seed)
    steps = (np.arange(grid.size * _SAMPLES) + 0.5) / _SAMPLES
    rng = np.random.default_rng([seed, 81, spec.taken.toordinal()])
    image = np.empty((grid.size, grid.size, 3), np.float32)
    rows = 64
    for start in range(0, grid.size, rows):
        down = steps[start * _SAMPLES : (start + rows) * _SAMPLES]
        column, row = np.meshgrid(steps, down)
        jitter = rng.uniform(-0.5, 0.5, (2, *column.shape)) / _SAMPLES
        pixels = np.column_stack([(column + jitter[0]).ravel(), (row + jitter[1]).ravel(), np.ones(column.size)])
        seen = light.colours(pixels @ grid.local.T)
        block = seen.reshape(len(down) // _SAMPLES, _SAMPLES, grid.size, _SAMPLES, 3)
        image[start : start + rows] = block.mean(axis=(1, 3))
    pixels8 = _sensor(image, spec, rng)
    return RenderedScene(spec, pixels8, _geotiff(pixels8, grid), _item(plan, spec, grid, light))


def _sensor(image: Floats, spec: SceneSpec, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Blur, a stretch as deliveries have it, and noise."""
    blurred = cv2.GaussianBlur(image, (0, 0), spec.blur_px)
    # A little unsharp masking, as pan-sharpened products have it.
    blurred = blurred + 0.22 * (blurred - cv2.GaussianBlur(blurred, (0, 0), 1.4))
    # Haze and the stretch take colour out of a delivered picture.
    blurred += 0.22 * (blurred.mean(axis=2, keepdims=True) - blurred)
    low, high = np.percentile(blurred, (0.3, 99.7))
    level = np.clip((blurred - low * 0.9) / (high - low * 0.9), 0, None)
    grey = 255 * np.clip(level, 0, 1.05) ** (1 / 1.35) * 0.92 + 6
    grain = (
        rng.standard_normal(grey.shape[:2])[..., None] * spec.grain + rng.standard_normal(grey.shape) * spec.grain * 0.4
    )
    banding = noise(rng, (grey.shape[0], grey.shape[1]), grey.shape[0] / 3, 2)[..., None] * 1.2
    return np.asarray(np.clip(np.round(grey + grain + banding), 0, 255), np.uint8)


def _geotiff(pixels: NDArray[np.uint8], grid: _Grid) -> bytes:
    """A tiled RGB GeoTIFF, JPEG within (YCbCr, quality 88)."""
    profile = {
        "driver": "GTiff",
        "width": grid.size,
        "height": grid.size,
        "count": 3,
        "dtype": "uint8",
        "crs": f"EPSG:{grid.epsg}",
        "transform": grid.transform,
        "tiled": True,
        "blockxsize": 256,
        "blockysize": 256,
        "compress": "JPEG",
        "photometric": "YCBCR",
        "jpeg_quality": 88,
    }
    with MemoryFile() as memory:
        with memory.open(**profile) as target:
            target.write(np.moveaxis(pixels, 2, 0))
            target.update_tags(TIFFTAG_IMAGEDESCRIPTION="SIMULATED: fictional scene made by geoinv worlds")
            target.build_overviews([2, 4], Resampling.average)
        return bytes(memory.read())


def _item(plan: Plan, spec: SceneSpec, grid: _Grid, light: _Light) -> dict[str, Any]:
    """The STAC item beside the scene."""
    corners = np.array([(0, 0), (grid.size, 0), (grid.size, grid.size), (0, grid.size), (0, 0)], float)
    utm = _applied(grid.transform, corners)
    to_utm = Transformer.from_crs("EPSG:4326", f"EPSG:{grid.epsg}", always_xy=True)
    lonlat = np.round(np.column_stack(to_utm.transform(utm[:, 0], utm[:, 1], direction="INVERSE")), 7)
    (west, south), (east, north) = lonlat.min(axis=0), lonlat.max(axis=0)
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": spec.name,
        "bbox": [float(west), float(south), float(east), float(north)],
        "geometry": {"type": "Polygon", "coordinates": [lonlat.tolist()]},
        "properties": {
            "datetime": spec.taken.isoformat().replace("+00:00", "Z"),
            "gsd": spec.gsd_m,
            "proj:code": f"EPSG:{grid.epsg}",
            "platform": "simulated",
            "provider": "simulated",
            "license": "CC0-1.0",
            "attribution": "geoinv worlds (fictional scene, made by a program)",
            "view:sun_azimuth": round(light.azimuth, 2),
            "view:sun_elevation": round(light.elevation, 2),
            "view:azimuth": spec.view_azimuth,
            "view:off_nadir": spec.off_nadir,
            "ce90_m": spec.ce90_m,
            "ce90_basis": "declared",
            "simulated": True,
            "facility": plan.blueprint.facility,
            "note": "SIMULATED: rendered by a program; nothing in it exists. The place is open ocean.",
        },
        "assets": {"image": {"href": f"{spec.name}.tif", "type": "image/tiff; application=geotiff"}},
        "links": [],
    }
