"""Scenes: placed by their own coordinates, a world file, or corners typed by hand; and pictures laid on the ground."""

from __future__ import annotations

import json
import re
from pathlib import Path, PurePosixPath
from typing import Any

from geoinv.case.parsed import Context, Parsed, Unpacked
from geoinv.errors import FieldError, GeoinvError
from geoinv.files.georeference import corners_of, pam_text, plane_of, read_world_file, world_file_of
from geoinv.files.kml import KmlDocument
from geoinv.files.pictures import PicturePlace, picture_place
from geoinv.files.sidecars import find_sidecars, read_described
from geoinv.imagery.scene import record_of
from geoinv.records.scenes import SceneRecord

__all__ = ["laid_pictures", "parse_scene", "says_where"]

#: Four corners further than this from a plane, as a share of the picture's diagonal, are mistyped, not tilted.
_MOST_BENT = 0.15
_PICTURES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp"}


def says_where(path: Path) -> bool:
    """Whether a picture has map coordinates, a world file, or a file beside it that gives its corners."""
    try:
        place = picture_place(path)
        if place.affine is not None or place.modelled:
            return True
    except GeoinvError:
        return False
    if world_file_of(path) is not None:
        return True
    try:
        told = read_described(path)
    except GeoinvError:
        return bool(find_sidecars(path))
    return told is not None and "corners" in told


def parse_scene(path: Path, context: Context) -> Parsed:
    """A scene's record; or, of a picture that only its corners place, the note that places it for every program.

    Raises
    ------
    InputError
        If the picture or what lies beside it cannot be read, or nothing says where it lies.
    """
    place, sidecar = picture_place(path), read_described(path)
    if not place.modelled and (place.crs is None or place.affine is None):
        return _to_be_placed(path, context, place, sidecar or {})
    record = record_of(path, sidecar)
    notes = []
    if record.missing:
        notes.append(f"not known: {', '.join(record.missing)}.")
    if record.acquired is None:
        notes.append("without a date it cannot say when anything was built; name it in a .json or .yaml beside it.")
    notes += _laid_by_model(record)
    plain = record.plain()
    if sidecar and (laid := sidecar.get("laid_from")):
        plain["laid_from"] = laid
    return Parsed((("scene", path.name, plain),), notes=tuple(notes))


def _laid_by_model(record: SceneRecord) -> list[str]:
    """What is to be said of a scene that a sensor's model lays down: on which height, and what a wrong one does."""
    if record.georeference != "rpc" or record.ground_height_m is None:
        return []
    height, lean = record.ground_height_m, record.lean_m_per_m or 0.0
    known = "as told" if record.ground_height_basis == "declared" else "assumed from the RPC alone"
    return [
        f"laid down by its RPC on level ground {height:g} m above the ellipsoid ({known}); ground 10 m higher or lower "
        f"than that lies {10 * lean:.1f} m off: say ground_height_m in a .yaml beside it, or decide set it."
    ]


def _to_be_placed(path: Path, context: Context, place: PicturePlace, sidecar: dict[str, Any]) -> Parsed:
    """A picture without coordinates of its own: laid by its corners, or by a world file with its CRS."""
    corners = corners_of(sidecar, file=path.name)
    if corners is not None:
        affine, off = plane_of(corners, place.width, place.height)
        across = _diagonal_m(corners)
        if off > _MOST_BENT * across:
            raise FieldError(
                f"its corners lie {off:.0f} m off any plane picture",
                do="check their order (nw, ne, se, sw) and values", file=path.name, field="corners",
            )  # fmt: skip
        assumed = f"the picture is laid flat on its four corners, which are off by up to {off:.1f} m."
        return _noted(path, context, pam_text(affine, "EPSG:4326"), assumed)
    world = world_file_of(path)
    affine_given = place.affine or (read_world_file(world) if world else None)
    if affine_given is not None:
        crs = sidecar.get("crs")
        code = re.fullmatch(r"(?:EPSG:)?(\d{4,6})", str(crs or "").strip(), re.IGNORECASE)
        if code:
            return _noted(path, context, pam_text(affine_given, f"EPSG:{code.group(1)}"), f"its CRS is EPSG:{code[1]}.")
        a, b, c, d, e, f = tuple(affine_given)[:6]
        last = (a * place.width + b * place.height + c, d * place.width + e * place.height + f)
        if crs is None and max(abs(c), abs(last[0])) <= 180 and max(abs(f), abs(last[1])) <= 90:
            assumed = "its world file names no CRS; its numbers are taken to be longitude and latitude (WGS 84)."
            return _noted(path, context, pam_text(affine_given, "EPSG:4326"), assumed)
        raise FieldError("its world file names no CRS", do="name it as crs: EPSG:… in a .yaml beside it",
                         file=path.name, field="crs")  # fmt: skip
    raise FieldError(
        "this picture does not say where on the Earth it lies",
        do="write its corners (nw, ne, se, sw) into a .yaml beside it, or georeference it", file=path.name, field="CRS",
    )  # fmt: skip


def _diagonal_m(corners: Any) -> float:
    """Length of the longer diagonal, metres, roughly."""
    from math import cos, hypot, radians

    def apart(a: tuple[float, float], b: tuple[float, float]) -> float:
        return hypot((a[0] - b[0]) * 111_320 * cos(radians(a[1])), (a[1] - b[1]) * 110_574)

    return max(apart(corners[0], corners[2]), apart(corners[1], corners[3]))


def _noted(path: Path, context: Context, text: str, assumed: str) -> Parsed:
    """The picture's place as a note beside it, which GDAL and every program over it reads; the scene is read next."""
    beside = PurePosixPath(context.relative.with_name(path.name + ".aux.xml").as_posix())
    return Parsed(assumed=(assumed,), unpacked=(Unpacked(beside, text.encode()),))


def laid_pictures(document: KmlDocument, context: Context) -> Parsed:
    """Pictures laid on the ground in a KMZ, as scenes with their corners; those elsewhere are told, not fetched."""
    unpacked: list[Unpacked] = []
    notes: list[str] = []
    problems: list[str] = []
    stem = re.sub(r"[^\w.-]+", "-", context.relative.stem)
    for overlay in document.overlays:
        called = f"{context.relative.name}, ground overlay {overlay.number} “{overlay.name[:60]}”"
        data, suffix = document.pictures.get(overlay.href), PurePosixPath(overlay.href).suffix.lower()
        corners = [list(corner) for corner in overlay.corners]
        if data is None or suffix not in _PICTURES:
            problems.append(
                f"{called}: its picture “{overlay.href[:80]}” is not in the file, and links are not followed; save the "
                f"place as KMZ, or add the picture with a .yaml beside it that says corners: {corners}."
            )
            continue
        name = f"{context.slug}-{stem}-{overlay.number}"
        said = {"corners": corners, "datetime": overlay.when, "title": overlay.name,
                "laid_from": f"{context.relative.as_posix()}#{overlay.href}"}  # fmt: skip
        unpacked.append(Unpacked(PurePosixPath("imagery", name + suffix), data))
        written = json.dumps(said, ensure_ascii=False, indent=1).encode()
        unpacked.append(Unpacked(PurePosixPath("imagery", name + ".json"), written))
        notes.append(
            f"{called} is kept as the scene imagery/{name}{suffix}; if it is a drawing, add its picture as a sketch."
        )
    return Parsed(notes=tuple(notes), problems=tuple(problems), unpacked=tuple(unpacked))
