"""Pictures of a model: ray-cast, with the sun's shadows, sky light and ink lines; no display, no graphics driver.

Orthographic from a camera, so that lengths along one direction can be compared anywhere in a picture; in perspective
from somebody's eyes (:mod:`geoinv.models.renders_eye`). Every sample is placed by a rule, none by chance: the same
scene gives the same picture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import trimesh
from numpy.typing import NDArray

from geoinv.geometry.sun import SunPosition
from geoinv.models.rays import RayEngine, ray_engine
from geoinv.models.renders_eye import Eye
from geoinv.models.renders_light import edge_ink, lamp, open_sky, shade
from geoinv.models.solids_prisms import to_manifold, to_mesh
from geoinv.models.solids_style import linear_rgb
from geoinv.records.evidence import Status

__all__ = ["CUTAWAY", "DRAWING_SUN", "OVERVIEW", "TOP", "Camera", "render", "see_through"]

#: Light used where no date is given: the draughtsman's, from the upper left of an overview, 45° high.
DRAWING_SUN = SunPosition(285.0, 45.0)
#: Rows of the finished picture that are worked on at once: bounds memory whatever the picture's height.
_BAND = 80
#: Rows of neighbouring bands worked on again, so that light and lines do not show where bands meet.
_HALO = 2
#: Parts under a building that a cut-away leaves out.
_LIDS = frozenset({"roof"})
#: Parts whose cut faces are walls.
_WALLS = frozenset({"storey", "wall", "perimeter wall"})
_GROUND_RGB, _CUT_RGB, _SKY_RGB = (0.80, 0.79, 0.755), (0.045, 0.047, 0.052), (0.72, 0.78, 0.84)
#: Parts that hide what is inside, and how much of them is left where they are looked through.
_SHELL, _LEFT = frozenset({"roof", "storey", "wall", "perimeter wall"}), 0.4


@dataclass(frozen=True)
class Camera:
    """An orthographic camera that fits itself to the scene.

    Attributes
    ----------
    azimuth
        From which side it looks, degrees clockwise from north: 180 looks from the south, with north up in the picture.
    elevation
        How steeply it looks down, degrees; 90 looks straight down.
    cut_m
        Height above ground at which everything is cut and lifted off, roofs too; ``None`` for no cut.
    """

    azimuth: float = 205.0
    elevation: float = 38.0
    cut_m: float | None = None

    def axes(self) -> NDArray[np.float64]:
        """Unit vectors right, up and towards the camera, rows of shape (3, 3)."""
        turn, tilt = math.radians(self.azimuth), math.radians(self.elevation)
        right = (-math.cos(turn), math.sin(turn), 0.0)
        back = (math.sin(turn) * math.cos(tilt), math.cos(turn) * math.cos(tilt), math.sin(tilt))
        return np.array([right, np.cross(back, right), back])


#: The whole site from above the south-south-west.
OVERVIEW = Camera()
#: The same with everything above 1.5 m lifted off: the rooms.
CUTAWAY = Camera(azimuth=195.0, elevation=52.0, cut_m=1.5)
#: Straight down, north up.
TOP = Camera(azimuth=180.0, elevation=90.0)


@dataclass(frozen=True)
class _Parallel:
    """Rays of an orthographic camera: ``middle`` of the picture along its axes, metres a pixel, where rays start."""

    axes: NDArray[np.float64]
    middle: NDArray[np.float64]
    scale: float
    away: float
    size: tuple[int, int]

    def rays(self, first: int, last: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Starts and unit directions of the samples of some rows, shape (n, 3) each."""
        width, height = self.size
        across = self.middle[0] + (np.arange(2 * width) + 0.5 - width) * self.scale / 2
        down = self.middle[1] - (np.arange(2 * first, 2 * last) + 0.5 - height) * self.scale / 2
        x, y = np.meshgrid(across, down)
        starts = np.column_stack([x.ravel(), y.ravel(), np.full(x.size, self.away)]) @ self.axes
        return starts, np.broadcast_to(-self.axes[2], starts.shape)

    def pixel(self, distance: NDArray[np.float64]) -> NDArray[np.float64]:
        """Metres that a pixel covers at a distance."""
        return np.full(len(distance), self.scale)


@dataclass(frozen=True)
class _Pinhole:
    """Rays of an eye."""

    eye: Eye
    size: tuple[int, int]

    def rays(self, first: int, last: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Starts and unit directions of the samples of some rows, shape (n, 3) each."""
        width, height = self.size
        unit = self._unit()
        across = (np.arange(2 * width) + 0.5 - width) * unit / 2
        down = -(np.arange(2 * first, 2 * last) + 0.5 - height) * unit / 2
        x, y = np.meshgrid(across, down)
        ways = np.column_stack([x.ravel(), y.ravel(), np.full(x.size, -1.0)]) @ self.eye.axes()
        ways /= np.linalg.norm(ways, axis=1)[:, None]
        return np.broadcast_to(np.array(self.eye.at), ways.shape), ways

    def pixel(self, distance: NDArray[np.float64]) -> NDArray[np.float64]:
        """Metres that a pixel covers at a distance."""
        return distance * self._unit()

    def _unit(self) -> float:
        return 2 * math.tan(math.radians(self.eye.field) / 2) / self.size[0]


@dataclass(frozen=True)
class _Solid:
    """One part as it is drawn; ``is_wall`` says that its cut face is a wall's."""

    status: Status
    kind: str
    is_wall: bool
    mesh: trimesh.Trimesh


@dataclass(frozen=True)
class _Model:
    """Triangles of all parts and of the ground, ready for rays; row 0 of the colours is the ground's."""

    engine: RayEngine
    normals: NDArray[np.float64]
    planes: NDArray[np.int32]
    parts: NDArray[np.int32]
    colours: NDArray[np.float64]
    cut_colours: NDArray[np.float64]
    cut_m: float | None


def render(
    scene: trimesh.Scene,
    camera: Camera | Eye = OVERVIEW,
    *,
    sun: SunPosition = DRAWING_SUN,
    width: int = 1200,
    height: int = 800,
    within: tuple[float, float, float, float] | None = None,
) -> NDArray[np.uint8]:
    """A picture of a model, coloured by status, on a ground with lines every 10 m.

    Four samples a pixel. Sunlight with true shadows, sky light by the share of the sky a place sees, ink where one
    part ends or a surface turns.

    Parameters
    ----------
    scene
        From :func:`geoinv.models.solids.build_solids`.
    camera
        :data:`OVERVIEW`, :data:`CUTAWAY`, :data:`TOP`, one of your own, or somebody's eyes.
    sun
        As :func:`geoinv.geometry.sun.sun_position` gives it; below the horizon there is sky light only.
    width, height
        Pixels.
    within
        West, south, east, north in metres: show this rather than everything (to a camera; eyes see
        what they see).

    Returns
    -------
    numpy.ndarray
        sRGB, shape (height, width, 3).
    """
    solids = _solids(scene, camera.cut_m if isinstance(camera, Camera) else None)
    if isinstance(camera, Camera):
        lens: _Lens = _fitted(camera, _box(solids, within), (width, height))
        return _painted(_model(solids, camera.cut_m), lens, sun)
    return _painted(_model(solids, None), _Pinhole(camera, (width, height)), sun)


def see_through(
    scene: trimesh.Scene,
    camera: Camera = OVERVIEW,
    *,
    sun: SunPosition = DRAWING_SUN,
    width: int = 1200,
    height: int = 800,
    within: tuple[float, float, float, float] | None = None,
) -> NDArray[np.uint8]:
    """An x-ray view: roofs and walls as a veil over the rooms, openings and things that they hide.

    Parameters and result are those of :func:`render`; the camera does not cut.
    """
    solids = _solids(scene, None)
    lens = _fitted(camera, _box(solids, within), (width, height))
    inner = [solid for solid in solids if solid.kind not in _SHELL]
    veil, seen = (_painted(_model(some, None), lens, sun).astype(np.float64) for some in (solids, inner))
    return np.round(_LEFT * veil + (1 - _LEFT) * seen).astype(np.uint8)


_Lens = _Parallel | _Pinhole


def _fitted(camera: Camera, box: NDArray[np.float64], size: tuple[int, int]) -> _Parallel:
    """The camera's rays, 5 % of air on all sides of a box."""
    axes = camera.axes()
    corners = np.array([(x, y, z) for x in box[:, 0] for y in box[:, 1] for z in box[:, 2]]) @ axes.T
    low, high = corners.min(axis=0), corners.max(axis=0)
    scale = 1.10 * max((high[0] - low[0]) / size[0], (high[1] - low[1]) / size[1])
    away = float(high[2]) + 10.0 + float(np.ptp(corners[:, 1]))
    return _Parallel(axes, (low + high) / 2, scale, away, size)


def _painted(model: _Model, lens: _Lens, sun: SunPosition) -> NDArray[np.uint8]:
    """The whole picture, a band of rows at a time."""
    width, height = lens.size
    picture = np.empty((height, width, 3), np.uint8)
    for top in range(0, height, _BAND):
        first, last = max(0, top - _HALO), min(height, top + _BAND + _HALO)
        rows = _band(model, lens, (first, last), sun)
        bottom = min(height, top + _BAND)
        picture[top:bottom] = rows[top - first : top - first + bottom - top]
    return picture


def _solids(scene: trimesh.Scene, cut_m: float | None) -> list[_Solid]:
    """Each part, cut level and capped where asked."""
    found = []
    for name in scene.graph.nodes_geometry:
        matrix, geometry = scene.graph[name]
        mesh = scene.geometry[geometry]
        about = mesh.metadata
        if cut_m is None:
            shown = trimesh.Trimesh(mesh.vertices, mesh.faces, process=False)
        elif about.get("kind") in _LIDS:
            continue
        else:
            trimmed = to_manifold(mesh).trim_by_plane((0.0, 0.0, -1.0), -cut_m)
            if trimmed.is_empty():
                continue
            shown = to_mesh(trimmed)
        wall = about.get("kind") in _WALLS and about.get("interior", True)
        status = Status(about.get("placed") or about.get("status") or Status.CONJECTURAL)
        found.append(_Solid(status, str(about.get("kind")), bool(wall), shown.apply_transform(matrix)))
    return found


def _box(solids: list[_Solid], within: tuple[float, float, float, float] | None) -> NDArray[np.float64]:
    """Least and greatest corner of what is to be seen, shape (2, 3)."""
    if not solids:
        return np.array([[-10.0, -10.0, 0.0], [10.0, 10.0, 3.0]])
    meshes = [solid.mesh for solid in solids]
    low = np.min([mesh.bounds[0] for mesh in meshes], axis=0)
    high = np.max([mesh.bounds[1] for mesh in meshes], axis=0)
    if within is not None:
        low[:2], high[:2] = within[:2], within[2:]
    low[2] = 0.0
    return np.array([low, high])


def _model(solids: list[_Solid], cut_m: float | None) -> _Model:
    everything = _box(solids, None)
    middle, half = everything.mean(axis=0), 40.0 + 4 * float(np.ptp(everything, axis=0).max())
    # Just under zero, so that floors at ground level lie on it and not in it.
    corners = [(x * half + middle[0], y * half + middle[1], -0.01) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    vertices, triangles = [np.array(corners)], [np.array([[0, 1, 2], [0, 2, 3]])]
    parts, start = [np.zeros(2, np.int32)], 4
    for number, mesh in enumerate((solid.mesh for solid in solids), start=1):
        vertices.append(np.asarray(mesh.vertices))
        triangles.append(np.asarray(mesh.faces) + start)
        parts.append(np.full(len(mesh.faces), number, np.int32))
        start += len(mesh.vertices)
    points, faces = np.concatenate(vertices), np.concatenate(triangles)
    sides = np.cross(points[faces[:, 1]] - points[faces[:, 0]], points[faces[:, 2]] - points[faces[:, 0]])
    normals = sides / np.maximum(np.linalg.norm(sides, axis=1), 1e-12)[:, None]
    offsets = np.einsum("ij,ij->i", normals, points[faces[:, 0]])
    _, planes = np.unique(np.round(np.column_stack([normals, offsets]), 3), axis=0, return_inverse=True)
    # Tinted clay: the status's hue over white, so that light and shade stay readable on the darkest of them.
    tints = [0.24 * np.array([0.86, 0.85, 0.83]) + 0.76 * np.array(linear_rgb(solid.status)) for solid in solids]
    colours = np.array([_GROUND_RGB, *tints])
    # Walls are cut black; what is solid only because nothing is known of its inside is not: it keeps its hue.
    cuts = [np.array(_CUT_RGB) if solid.is_wall else 0.55 * tint for solid, tint in zip(solids, tints, strict=True)]
    return _Model(
        ray_engine(points, faces),
        normals,
        planes.ravel().astype(np.int32),
        np.concatenate(parts),
        colours,
        np.array([_GROUND_RGB, *cuts]),
        cut_m,
    )


def _band(model: _Model, lens: _Lens, rows: tuple[int, int], sun: SunPosition) -> NDArray[np.uint8]:
    """Some rows of the picture, from rays to sRGB."""
    starts, ways = lens.rays(*rows)
    hits = model.engine.first_hits(starts, ways)
    met = hits.triangle >= 0
    distance = np.where(met, hits.distance, 0.0)
    pixel = lens.pixel(distance)
    places = starts + distance[:, None] * ways
    triangle = np.maximum(hits.triangle, 0)
    normals = model.normals[triangle]
    normals = normals * np.where(np.einsum("ij,ij->i", normals, ways) > 0, -1.0, 1.0)[:, None]
    parts = np.where(met, model.parts[triangle], 0)
    colours = model.colours[parts]
    ground = (parts == 0) & met
    grid = np.abs((places[:, :2] + 5.0) % 10.0 - 5.0).min(axis=1) < 0.45 * pixel
    colours = np.where((ground & grid)[:, None], colours * 0.86, colours)
    if model.cut_m is not None:
        cut = (np.abs(places[:, 2] - model.cut_m) < 2e-3) & (normals[:, 2] > 0.999) & ~ground
        colours = np.where(cut[:, None], model.cut_colours[parts], colours)
    size = (2 * (rows[1] - rows[0]), 2 * lens.size[0])
    planes = np.where(met, model.planes[triangle], -1).reshape(size)
    sky = open_sky(model.engine, places, normals, planes)
    light = shade(model.engine, places, normals, sky, sun)
    if isinstance(lens, _Pinhole):
        light = light + lamp(normals, ways, distance)
    ink = edge_ink(parts.reshape(size), normals.reshape(*size, 3), distance.reshape(size), pixel.reshape(size), planes)
    linear = colours.reshape(*size, 3) * light.reshape(*size, 3) * ink[..., None]
    linear = np.where(met.reshape(size)[..., None], linear, np.array(_SKY_RGB))
    return _to_srgb(linear.reshape(size[0] // 2, 2, size[1] // 2, 2, 3).mean(axis=(1, 3)))


def _to_srgb(linear: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Linear light to 8 bits (IEC 61966-2-1)."""
    clipped = np.clip(linear, 0.0, 1.0)
    encoded = np.where(clipped <= 0.0031308, 12.92 * clipped, 1.055 * clipped ** (1 / 2.4) - 0.055)
    return np.round(encoded * 255).astype(np.uint8)
