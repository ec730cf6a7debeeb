"""What a file of the case is, by its place and suffix, and where a file from outside goes."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["SCENES", "is_beside_scene", "kind_of", "place_for"]

_DRAWINGS = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".pdf", ".svg", ".heic", ".heif", ".bmp", ".webp", ".gif"}
#: Suffixes of scenes' pictures.
SCENES = frozenset({".tif", ".tiff", ".jp2", ".vrt", ".png", ".jpg", ".jpeg", ".bmp"})
#: What may lie beside a scene: its record, its georeference, its overviews.
_BESIDE = {".json", ".yaml", ".yml", ".geojson", ".imd", ".xml", ".rpb", ".txt", ".csv", ".prj", ".ovr", ".wld",
           ".tfw", ".tifw", ".tiffw", ".pgw", ".pngw", ".jgw", ".jpgw", ".jpegw", ".j2w", ".bpw"}  # fmt: skip
_BY_SUFFIX = {
    **dict.fromkeys((".kml", ".kmz"), "pins"),
    **dict.fromkeys((".gpx", ".geojson", ".gpkg", ".shp", ".fgb"), "places"),
    **dict.fromkeys((".csv", ".tsv", ".xlsx", ".xlsm", ".xls"), "table"),
    **dict.fromkeys((".yaml", ".yml", ".json"), "statements"),
    **dict.fromkeys((".txt", ".docx", ".odt", ".hwpx", ".doc", ".hwp", ".rtf"), "transcript"),
    **dict.fromkeys((".obj", ".ply", ".stl", ".glb", ".gltf", ".dae", ".las", ".laz"), "reference"),
    **dict.fromkeys((".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qpj", ".qmd", ".mtl", ".bin"), "part"),
    **dict.fromkeys((".mp3", ".m4a", ".wav", ".ogg", ".amr", ".flac", ".mp4", ".mov", ".3gp", ".avi"), "recording"),
    **dict.fromkeys(_DRAWINGS, "picture"),
    ".zip": "archive",
    ".md": "note",
}
_INCIDENTS = re.compile(r"(?:incidents?|사건)(?:[-_ .].*)?", re.IGNORECASE)


def kind_of(relative: Path) -> tuple[str, str | None]:
    """What a file of the case is by its place and suffix, and whose.

    Parameters
    ----------
    relative
        Path below the case folder.

    Returns
    -------
    kind, facility
        ``facility``, ``statements``, ``pins``, ``places``, ``table``, ``incidents``, ``transcript``, ``sketch``,
        ``about`` (what is known of a sketch), ``picture``, ``reference``, ``recording``, ``archive``, ``scene``,
        ``sidecar``, ``part`` (of a file of several), ``note`` (kept, not parsed) or ``unknown``; the facility's slug,
        where the file is a facility's.
    """
    parts, suffix, name = relative.parts, relative.suffix.lower(), relative.name.lower()
    if parts[0] == "imagery":
        if name.endswith(".aux.xml") or suffix in _BESIDE:
            return "sidecar", None
        return ("scene" if suffix in SCENES else "note" if suffix == ".md" else "unknown"), None
    if parts[0] != "facilities" or len(parts) < 3:
        return ("note" if suffix in (".md", ".txt", ".docx") else "unknown"), None
    slug = parts[1]
    if name in ("facility.yaml", "facility.yml", "facility.json"):
        return "facility", slug
    if _INCIDENTS.fullmatch(relative.stem) and suffix in (".csv", ".tsv", ".xlsx", ".yaml", ".yml", ".json"):
        return "incidents", slug
    if parts[2] == "sketches":
        if suffix in (".yaml", ".yml", ".json"):
            return "about", slug
        return ("sketch" if suffix in _DRAWINGS else "note" if suffix in (".md", ".txt") else "unknown"), slug
    return _BY_SUFFIX.get(suffix, "unknown"), slug


def is_beside_scene(path: Path, facility: str | None) -> bool:
    """Whether an outside file lies beside a scene's picture of its own name and speaks of it.

    A file beside a picture that says nothing of where it lies speaks of a drawing, where the facility is said.
    """
    name = path.name.lower()
    if not (name.endswith(".aux.xml") or path.suffix.lower() in _BESIDE):
        return False
    if name.startswith("dim_"):  # Airbus: one description of all the tiles IMG_….TIF
        tile = re.compile(rf"img_{re.escape(path.stem[4:])}(?:_r\d+c\d+)?\.(?:tiff?|jp2)", re.IGNORECASE)
        return any(tile.fullmatch(other.name) for other in path.parent.iterdir())
    stem = path.name[: -len(".aux.xml")] if name.endswith(".aux.xml") else path.stem
    bases = {path.with_name(stem), path.with_name(stem).with_suffix("")}
    found = [base.with_name(base.name + end) for base in bases for suffix in SCENES for end in (suffix, suffix.upper())]
    scenes = [scene for scene in [*bases, *found] if scene.suffix.lower() in SCENES and scene != path]
    return any(scene.is_file() and _is_scene(scene, facility) for scene in scenes)


def _is_scene(path: Path, facility: str | None) -> bool:
    """Whether a picture from outside is a scene rather than a drawing or a photograph."""
    suffix = path.suffix.lower()
    # A scanned drawing may be a TIFF too: it goes to a facility's sketches where nothing says that it is a scene.
    if suffix in (".jp2", ".vrt") or (suffix in (".tif", ".tiff") and facility is None):
        return True
    return suffix in SCENES and _is_placed(path)


def place_for(path: Path, facility: str | None) -> Path | None:
    """Where a file from outside goes below the case folder; ``None`` where its facility must be said first.

    Parameters
    ----------
    path
        As received: GeoTIFF, JPEG 2000 and VRT are scenes, and so is a PNG or JPEG with something beside it that says
        where it lies; drawings go to ``sketches/``, everything else to ``testimony/``.
    facility
        Its slug, if said.
    """
    suffix = path.suffix.lower()
    if _is_scene(path, facility) or is_beside_scene(path, facility):
        return Path("imagery", path.name)
    if facility is None:
        return None
    if path.name.lower() in ("facility.yaml", "facility.yml", "facility.json") or _INCIDENTS.fullmatch(path.stem):
        return Path("facilities", facility, path.name)
    about = suffix in (".yaml", ".yml", ".json") and any(path.with_suffix(end).is_file() for end in _DRAWINGS)
    folder = "sketches" if suffix in _DRAWINGS or about else "testimony"
    return Path("facilities", facility, folder, path.name)


def _is_placed(path: Path) -> bool:
    """Whether a picture says where on the Earth it lies, by itself or by what lies beside it."""
    from geoinv.case.parsers_scenes import says_where  # GDAL is loaded only where there is a picture

    return says_where(path)
