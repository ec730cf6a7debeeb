"""What a pair of eyes would have before them: the model in perspective, what was looked for tinted.

The picture is :func:`geoinv.models.renders.render`'s, with panes left out, and leaves where they stand open.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString

from geoinv.models.claims_assumed import best_setting
from geoinv.models.claims_draws import Drawing
from geoinv.models.claims_parts import Place, Untestable, named
from geoinv.models.claims_sight import Stage, eyes_at
from geoinv.models.normal import normal_form
from geoinv.models.renders import render
from geoinv.models.renders_eye import Eye
from geoinv.models.solids import build_solids
from geoinv.records.blueprint import Blueprint, Building, Room, Tower
from geoinv.records.claims import Claim

__all__ = ["first_person"]

Floats = NDArray[np.float64]

#: Width and height of the picture, pixels; field of view across, degrees; how much of the green what was sought takes.
_SIZE, _ACROSS, _TINT = (640, 360), 75.0, 0.7
#: How far eyes step back at most, and how far they keep from walls, metres.
_STEP_BACK_M, _FROM_WALL_M = 6.0, 0.25
_GREEN = np.array([40.0, 170.0, 125.0])


def first_person(
    blueprint: Blueprint, claim: Claim, line: LineString, *, blocked: bool = False
) -> NDArray[np.uint8] | None:
    """The view along a sight line, at the height of the eyes that the claim has.

    Parameters
    ----------
    blueprint
        The model, metres.
    claim
        A ``sees``: its eyes, whether doors stand open, what was looked for.
    line
        In plan, from the eyes to what was looked for, as the finding has it.
    blocked
        Whether it is not seen: the eyes then stand as far back as their room lets them, to show what is in the way.

    Returns
    -------
    ndarray of uint8
        RGB, shape (360, 640, 3), what was looked for in green, all else in greys; ``None`` where the model has not
        what is meant.
    """
    draw, setting = Drawing(normal_form(blueprint)).best(), best_setting(claim)
    try:
        wanted = named(draw.blueprint, claim.object or "")
        subject = named(draw.blueprint, claim.subject)
        ground = eyes_at(draw.blueprint, subject, claim.viewpoint, draw.number).ground_m
    except Untestable:
        return None
    start, end = (np.asarray(xy, float)[:2] for xy in (line.coords[0], line.coords[-1]))
    if blocked and claim.viewpoint is None and isinstance(subject.part, Room):
        start = _back(subject.part, start, end)
    eye = np.array([*start, ground + setting.eye_m])
    towards = np.array([*end, _height(wanted)]) - eye
    away = float(np.hypot(*towards[:2]))
    eyes = Eye(
        at=(float(eye[0]), float(eye[1]), float(eye[2])),
        azimuth=float(np.degrees(np.arctan2(towards[0], towards[1]))) % 360,
        pitch=float(np.degrees(np.arctan2(towards[2], max(away, 1e-6)))),
        field=_ACROSS,
    )
    stage = Stage(draw)
    scene = build_solids(draw.blueprint, hypothesis=draw.hypothesis)
    scene.delete_geometry([name for name in scene.geometry if name in stage.clear(setting.opened)])
    width, height = _SIZE
    picture = render(scene, eyes, width=width, height=height).astype(float)
    engine, owner = stage.engine(setting.opened)
    rays = _rays(eyes)
    hits = engine.first_hits(np.broadcast_to(eye, rays.shape), rays)
    met = np.where(hits.triangle >= 0, owner[np.maximum(hits.triangle, 0)], "")
    sought = np.isin(met, _ids(wanted)).reshape(height, width)
    # All else in greys: parts that are well known are green themselves.
    greys = picture.mean(axis=2, keepdims=True)
    picture = greys.repeat(3, axis=2)
    picture[sought] = picture[sought] * (1 - _TINT) + _GREEN * _TINT * greys[sought] / 160
    return np.asarray(np.clip(picture + 0.5, 0, 255), np.uint8)


def _back(room: Room, start: Floats, end: Floats) -> Floats:
    """As far from what is looked for as one can step back in a straight line and still stand in the room."""
    way = (start - end) / max(float(np.hypot(*(start - end))), 1e-9)
    floor = room.polygon.buffer(-_FROM_WALL_M)
    path = LineString([start, start + _STEP_BACK_M * way]).intersection(floor)
    points = shapely.get_coordinates(path)
    return points[np.argmax((points - start) @ way)] if len(points) else start


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


def _rays(eyes: Eye) -> Floats:
    """Unit vectors through the middle of every pixel, row by row, shape (n, 3)."""
    width, height = _SIZE
    unit = 2 * np.tan(np.radians(eyes.field) / 2) / width
    across, down = (np.arange(width) + 0.5 - width / 2) * unit, (height / 2 - np.arange(height) - 0.5) * unit
    x, y = np.meshgrid(across, down)
    rays = np.column_stack([x.ravel(), y.ravel(), np.full(x.size, -1.0)]) @ eyes.axes()
    return np.asarray(rays / np.linalg.norm(rays, axis=1, keepdims=True))
