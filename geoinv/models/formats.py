"""Which formats a model can be written in: a name, and what turns a blueprint into files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import trimesh
from shapely.geometry.base import BaseGeometry

from geoinv.errors import InputError
from geoinv.geometry.sun import SunPosition
from geoinv.models.cityjson import EXTENSION_FILE, cityjson_bytes, evidence_extension
from geoinv.models.dxf import dxf_bytes
from geoinv.models.exchange import parts_json, shaped_parts
from geoinv.models.glb import glb_bytes
from geoinv.models.hypotheses import compare, hypotheses
from geoinv.models.ifc import ifc_bytes
from geoinv.models.obj import mtl_text, obj_text, stl_text
from geoinv.models.renders import CUTAWAY, DRAWING_SUN, OVERVIEW, Camera
from geoinv.models.renders_eye import Eye, eye_in
from geoinv.models.renders_png import render_png, see_through_png, turntable_gif
from geoinv.models.sheet_set import sheet_set
from geoinv.models.sheets import model_hash, sheet_pdf
from geoinv.models.sheets_site import Ground
from geoinv.models.solids import build_solids
from geoinv.models.solids_inside import build_spaces
from geoinv.models.solids_walls import preferred, preferred_hypothesis
from geoinv.models.soundness import sound
from geoinv.models.usdz import usdz_bytes
from geoinv.records.blueprint import Blueprint

__all__ = ["FORMATS", "Job", "model_files"]


@dataclass(frozen=True)
class Job:
    """What is to be written.

    Attributes
    ----------
    blueprint, scene
        The model, and its solids.
    lang, words
        Language of sheets and captions; words in place of the defaults.
    crs
        What sheets say of the coordinates, where a place is withheld.
    sun
        Where the sun stands in renders.
    paper
        Of the sheets: ``A4``, ``A3``, ``A2``, or ``auto``.
    ground
        What the site plan is drawn over, if anything.
    """

    blueprint: Blueprint
    scene: trimesh.Scene
    lang: str = "en"
    words: Mapping[str, str] = field(default_factory=dict)
    crs: str | None = None
    sun: SunPosition = DRAWING_SUN
    paper: str = "auto"
    ground: Ground | None = None


def _glb(job: Job) -> dict[str, bytes]:
    """The preferred version, each rival beside it, and what differs between them."""
    extras = {"model": model_hash(job.blueprint)}
    files = {"model.glb": glb_bytes(job.scene, extras=extras)}
    rivals = [name for name in hypotheses(job.blueprint) if name != job.scene.metadata["hypothesis"]]
    for name in rivals:
        scene = build_solids(job.blueprint, hypothesis=name)
        files[f"model-{_safe(name)}.glb"] = glb_bytes(scene, extras=extras)
    if rivals:
        versions = [version.plain() for version in compare(job.blueprint)]
        files["rivals.json"] = (json.dumps({"versions": versions}, ensure_ascii=False, indent=1) + "\n").encode()
    return files


def _safe(name: str) -> str:
    """A hypothesis' name as a part of a file's name."""
    return "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in name)


def _cityjson(job: Job) -> dict[str, bytes]:
    spaces = build_spaces(job.blueprint)
    model = cityjson_bytes(shaped_parts(job.scene), spaces, job.blueprint.frame, job.scene.metadata)
    return {"model.city.json": model, EXTENSION_FILE: evidence_extension()}


def _ifc(job: Job) -> dict[str, bytes]:
    spaces = build_spaces(job.blueprint)
    return {"model.ifc": ifc_bytes(shaped_parts(job.scene), spaces, job.blueprint.frame, job.scene.metadata)}


def _dxf(job: Job) -> dict[str, bytes]:
    plans: dict[str, BaseGeometry] = {}
    for building in job.blueprint.buildings:
        plans[building.id] = building.outline
        plans |= {room.id: room.polygon for storey in building.storeys for room in storey.rooms}
    return {"model.dxf": dxf_bytes(shaped_parts(job.scene), plans, job.scene.metadata)}


def _obj(job: Job) -> dict[str, bytes]:
    parts, about = shaped_parts(job.scene), job.scene.metadata
    texts = {"model.obj": obj_text(parts, about).encode(), "model.mtl": mtl_text().encode()}
    return texts | {"model.parts.json": parts_json(parts, about)}


def _stl(job: Job) -> dict[str, bytes]:
    parts = shaped_parts(job.scene)
    return {"model.stl": stl_text(parts).encode(), "model.parts.json": parts_json(parts, job.scene.metadata)}


def _usdz(job: Job) -> dict[str, bytes]:
    return {"model.usdz": usdz_bytes(shaped_parts(job.scene), job.scene.metadata)}


def _sheets(job: Job) -> dict[str, str]:
    """Every sheet by name, in the order of their pages."""
    sheets = sheet_set(job.blueprint, ground=job.ground, paper=job.paper, lang=job.lang, words=job.words, crs=job.crs)
    return {sheet.name: sheet.svg for sheet in sheets}


def _svg(job: Job) -> dict[str, bytes]:
    return {f"sheets/{name}.svg": svg.encode() for name, svg in _sheets(job).items()}


def _pdf(job: Job) -> dict[str, bytes]:
    return {"sheets/all.pdf": sheet_pdf(*_sheets(job).values())}


def _png(job: Job) -> dict[str, bytes]:
    """From above, cut open, seen through, and as somebody sees who stands in a building's corridor or first room."""
    views: dict[str, Camera | Eye] = {"overview": OVERVIEW, "cutaway": CUTAWAY}
    chosen = preferred_hypothesis(job.blueprint)
    for building in preferred(job.blueprint.buildings, chosen):
        storeys = sorted(preferred(building.storeys, chosen), key=lambda one: (one.floor_m, one.id))
        rooms = preferred(storeys[0].rooms, chosen) if storeys else ()
        if rooms:
            room = next((room for room in rooms if room.role == "corridor"), rooms[0])
            views[f"standing-{building.id}"] = eye_in(room.polygon, storeys[0].floor_m)
    made = {
        name: render_png(job.scene, camera, sun=job.sun, lang=job.lang, words=job.words)
        for name, camera in views.items()
    }
    made["see-through"] = see_through_png(job.scene, sun=job.sun, lang=job.lang, words=job.words)
    return {f"renders/{name}.png": picture for name, picture in made.items()}


def _gif(job: Job) -> dict[str, bytes]:
    return {"renders/turntable.gif": turntable_gif(job.scene, sun=job.sun, lang=job.lang, words=job.words)}


#: Writers by format name: a job in, files by path below the model's folder out.
FORMATS: dict[str, Callable[[Job], dict[str, bytes]]] = {
    "glb": _glb,
    "cityjson": _cityjson,
    "ifc": _ifc,
    "dxf": _dxf,
    "obj": _obj,
    "usdz": _usdz,
    "stl": _stl,
    "svg": _svg,
    "pdf": _pdf,
    "png": _png,
    "gif": _gif,
}


def model_files(
    blueprint: Blueprint,
    formats: Iterable[str] = tuple(FORMATS),
    *,
    lang: str = "en",
    words: Mapping[str, str] | None = None,
    crs: str | None = None,
    sun: SunPosition = DRAWING_SUN,
    paper: str = "auto",
    ground: Ground | None = None,
) -> dict[str, bytes]:
    """A blueprint written in several formats.

    Parameters
    ----------
    blueprint
        What to write.
    formats
        Names in :data:`FORMATS`.
    lang, words, crs, sun, paper, ground
        As for :class:`Job`.

    Returns
    -------
    dict
        Content by path below the model's folder: ``model.glb``, ``model.ifc``, ``sheets/site.svg``,
        ``sheets/all.pdf`` (every sheet a page), ``renders/overview.png`` … Where something cannot be built as it is
        written, ``faults.json`` says what and why (:func:`geoinv.models.soundness.sound` has the same as records).

    Raises
    ------
    InputError
        If a format is not known.
    MissingToolError
        If what writes a format is not installed.
    """
    names = list(dict.fromkeys(formats))
    for name in names:
        if name not in FORMATS:
            raise InputError(f"models cannot be written as “{name}”", do=f"choose among {', '.join(sorted(FORMATS))}")
    blueprint, faults = sound(blueprint)
    job = Job(blueprint, build_solids(blueprint), lang, words or {}, crs, sun, paper, ground)
    files: dict[str, bytes] = {}
    if faults:
        listed = {"faults": [fault.plain() for fault in faults]}
        files["faults.json"] = (json.dumps(listed, ensure_ascii=False, indent=1) + "\n").encode()
    for name in names:
        files |= FORMATS[name](job)
    return files
