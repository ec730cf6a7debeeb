"""What a pair of eyes would have before them: the model in perspective, what was looked for tinted.

Ray-cast like every other picture of a model: no display, no chance, the same picture every time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import LineString

from geoinv.models.claims_assumed import best_setting
from geoinv.models.claims_draws import Drawing
from geoinv.models.claims_parts import Place, Untestable, named
from geoinv.models.claims_sight import Stage, eyes_at
from geoinv.models.normal import normal_form
from geoinv.models.renders_light import edge_ink
from geoinv.records.blueprint import Blueprint, Building, Room, Tower
from geoinv.records.claims import Claim

__all__ = ["first_person"]

Floats = NDArray[np.float64]

#: Width and height of the picture, pixels; samples a pixel each way; field of view across, degrees.
_SIZE, _SAMPLES, _ACROSS = (640, 360), 2, 75.0
_SKY, _GROUND, _PART, _SOUGHT = (
    np.array(rgb) for rgb in ((0.85, 0.90, 0.95), (0.78, 0.77, 0.73), (0.92, 0.91, 0.88), (0.20, 0.66, 0.50))
)
#: Where the light comes from: the upper left of the picture and behind the eyes, as draughtsmen have it.
_LIGHT = np.array([-0.45, -0.55, 0.70])


def first_person(blueprint: Blueprint, claim: Claim, line: LineString) -> NDArray[np.uint8] | None:
    """The view along a sight line, at the height of the eyes that the claim has.

    Parameters
    ----------
    blueprint
        The model, metres.
    claim
        A ``sees``: its eyes, whether doors stand open, what was looked for.
    line
        In plan, from the eyes to what was looked for, as the finding has it.

    Returns
    -------
    ndarray of uint8
        RGB, shape (360, 640, 3), what was looked for in green; ``None`` where the model has not what is meant.
    """
    draw, setting = Drawing(normal_form(blueprint)).best(), best_setting(claim)
    try:
        wanted = named(draw.blueprint, claim.object or "")
        ground = eyes_at(draw.blueprint, named(draw.blueprint, claim.subject), claim.viewpoint, draw.number).ground_m
    except Untestable:
        return None
    start, end = (np.asarray(xy, float)[:2] for xy in (line.coords[0], line.coords[-1]))
    eye = np.array([*start, ground + setting.eye_m])
    towards = np.array([*end, _height(wanted)]) - eye
    engine, owner = Stage(draw).engine(setting.opened)
    rays = _rays(towards)
    hits = engine.first_hits(np.broadcast_to(eye, rays.reshape(-1, 3).shape), rays.reshape(-1, 3))
    shape = rays.shape[:2]
    distance = np.where(np.isfinite(hits.distance), hits.distance, 1e4).reshape(shape)
    sought = np.isin(owner, _ids(wanted))
    part = np.where(hits.triangle >= 0, owner[np.maximum(hits.triangle, 0)], "")
    _, number = np.unique(part.astype(str), return_inverse=True)
    normals = _normals(eye + rays * distance[..., None])
    light = 0.55 + 0.45 * np.abs(normals @ (_LIGHT / np.linalg.norm(_LIGHT)))
    tint = np.where(sought[np.maximum(hits.triangle, 0)][:, None], _SOUGHT, _PART).reshape(*shape, 3)
    open_ = np.where((rays[..., 2] < 0)[..., None], _GROUND, _SKY)
    seen = (hits.triangle >= 0).reshape(shape)
    picture = np.where(seen[..., None], tint * light[..., None], open_)
    ink = edge_ink(number.reshape(shape).astype(np.int32), normals, np.minimum(distance, 200.0), 0.02)
    picture *= np.where(seen | (ink < 1), ink, 1.0)[..., None]
    rows, columns = shape[0] // _SAMPLES, shape[1] // _SAMPLES
    small = picture.reshape(rows, _SAMPLES, columns, _SAMPLES, 3).mean(axis=(1, 3))
    return np.asarray(np.clip(small * 255 + 0.5, 0, 255), np.uint8)


def _height(wanted: Place) -> float:
    """Height of the middle of what is looked for."""
    part, floor = wanted.part, wanted.storey.floor_m if wanted.storey else 0.0
    if isinstance(part, Room):
        return floor + 1.0
    if isinstance(part, Building):
        return max((storey.floor_m + storey.height_m for storey in part.storeys), default=3.0) / 2
    low, high = (float(getattr(part, name, 0.0) or 0.0) for name in ("sill_m", "head_m"))
    tall = float(getattr(part, "height_m", 0.0) or 0.0)
    return floor + ((low + high) / 2 if high else tall / (1 if isinstance(part, Tower) else 2))


def _ids(wanted: Place) -> list[str]:
    part = wanted.part
    names = [part.id]
    if isinstance(part, Building):
        names += [storey.id for storey in part.storeys] + ([part.roof.id] if part.roof else [])
    return names


def _rays(towards: Floats) -> Floats:
    """Unit vectors through every sample, shape (rows, columns, 3); the middle one looks along ``towards``."""
    ahead = towards / max(float(np.linalg.norm(towards)), 1e-9)
    right = np.cross(ahead, [0.0, 0.0, 1.0])
    if np.linalg.norm(right) < 1e-6:  # straight up or down
        right = np.array([1.0, 0.0, 0.0])
    right /= np.linalg.norm(right)
    up = np.cross(right, ahead)
    columns, rows = (side * _SAMPLES for side in _SIZE)
    reach = np.tan(np.radians(_ACROSS) / 2)
    x = ((np.arange(columns) + 0.5) / columns * 2 - 1) * reach
    y = (1 - (np.arange(rows) + 0.5) / rows * 2) * reach * rows / columns
    rays = ahead + x[None, :, None] * right + y[:, None, None] * up
    return np.asarray(rays / np.linalg.norm(rays, axis=2, keepdims=True))


def _normals(points: Floats) -> Floats:
    """Normals of what was hit, from how neighbouring samples lie; shape (rows, columns, 3)."""
    across, down = np.gradient(points, axis=1), np.gradient(points, axis=0)
    normals = np.cross(across, down)
    length = np.linalg.norm(normals, axis=2, keepdims=True)
    return np.asarray(normals / np.maximum(length, 1e-12))
