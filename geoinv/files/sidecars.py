"""What lies beside a scene, as fields of its record: a STAC item, the same in YAML, or a provider's IMD, XML or RPB."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from geoinv.errors import FieldError
from geoinv.files.georeference import corners_of
from geoinv.files.provider_files import read_provider_file
from geoinv.files.typed_dates import edtf_of
from geoinv.files.yamls import read_mapping
from geoinv.records.dates import PartialDate
from geoinv.records.scenes import SceneRecord

__all__ = ["find_sidecars", "read_described", "read_sidecar", "scene_fields"]

#: Files that may describe a scene of the same name, the most trusted first: what a person wrote, then the provider's.
_WRITTEN = (".yaml", ".yml", ".json", ".stac.json", ".geojson")
_PROVIDED = (".imd", ".xml", ".csv", ".txt", ".rpb")
#: Field of the record, spellings in the sidecar (small letters, blanks as "_"), lowest and highest value it can have.
_NUMBERS: tuple[tuple[str, tuple[str, ...], float, float], ...] = (
    ("gsd_m", ("gsd", "gsd_m", "eo:gsd", "meanproductgsd", "meancollectedgsd", "resampling_spacing"), 1e-3, 1e5),
    ("sun_azimuth", ("view:sun_azimuth", "sun_azimuth", "meansunaz", "sunaz", "sun_azimuth_angle"), 0, 360),
    ("sun_elevation", ("view:sun_elevation", "sun_elevation", "meansunel", "sunel", "sun_elevation_angle"), -90, 90),
    ("view_azimuth", ("view:azimuth", "view_azimuth", "meansataz", "sataz", "azimuth_angle"), 0, 360),
    ("off_nadir", ("view:off_nadir", "off_nadir", "meanoffnadirviewangle", "offnadirviewangle", "viewing_angle"),
     0, 89.999),
    ("ce90_m", ("ce90_m", "ce90", "accuracy:geometric_ce90"), 0, 1e5),
)  # fmt: skip
_TEXTS = (("license", ("license",)), ("attribution", ("attribution",)),
          ("provider", ("provider", "constellation", "satid", "mission")))  # fmt: skip
_DATES = ("acquired", "datetime", "acquisition_date", "date", "firstlinetime", "earliestacqtime", "imaging_date")
_UNKNOWN = {"", "unknown", "none", "null", "n/a", "na", "?", "미상", "모름"}
_MISSABLE = ("acquired", "gsd_m", "sun_azimuth", "sun_elevation", "off_nadir", "view_azimuth", "ce90_m", "provider",
             "attribution", "license")  # fmt: skip


def find_sidecars(scene: Path) -> tuple[Path, ...]:
    """The files beside a scene that describe it, the most trusted first.

    Parameters
    ----------
    scene
        The picture: ``a.tif`` is described by ``a.json``, ``a.tif.json``, ``a.IMD``, ``a.XML`` …, and
        ``IMG_a.TIF`` of Airbus by ``DIM_a.XML``.
    """
    stems = [scene.stem, scene.name]
    if scene.stem.upper().startswith("IMG_"):
        stems.append("DIM_" + re.sub(r"_R\d+C\d+$", "", scene.stem[4:]))
    names = [
        stem + spelt
        for suffix in (*_WRITTEN, *_PROVIDED)
        for stem in stems
        for spelt in dict.fromkeys((suffix, suffix.upper()))
    ]
    found = [scene.with_name(name) for name in dict.fromkeys(names)]
    return tuple(path for path in found if path.is_file() and path.name != scene.name)


def _given(properties: Mapping[str, Any], spellings: tuple[str, ...]) -> tuple[str, Any]:
    """First spelling with a value that is not "unknown", and the value; ``None`` if there is none."""
    for name in spellings:
        value = properties.get(name)
        if value is not None and not (isinstance(value, str) and value.strip().casefold() in _UNKNOWN):
            return name, value
    return spellings[0], None


def _number(name: str, value: Any, low: float, high: float, file: str) -> float:
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not low <= number <= high:
        raise FieldError(
            f"“{str(value)[:40]}” is not a number from {low:g} to {high:g}", do="correct it, or write null if unknown",
            file=file, field=name,
        )  # fmt: skip
    return number


def _day(value: Any, name: str, file: str) -> str:
    try:
        return PartialDate(edtf_of(str(value))).text
    except FieldError as error:
        raise FieldError(error.what, do=error.do, file=file, field=name) from error


def _acquired(properties: Mapping[str, Any], file: str) -> str | None:
    name, value = _given(properties, _DATES)
    if value is not None:
        return _day(value, name, file)
    _, start = _given(properties, ("start_datetime",))
    _, end = _given(properties, ("end_datetime",))
    if start is None and end is None:
        return None
    first = "" if start is None else _day(start, "start_datetime", file)
    last = "" if end is None else _day(end, "end_datetime", file)
    return first if first == last else f"{first}/{last}"


def _bounds(item: Mapping[str, Any], file: str) -> tuple[float, ...] | None:
    box = item.get("bbox")
    if box is None:
        return None
    if not isinstance(box, list) or len(box) not in (4, 6):
        raise FieldError("a box has 4 or 6 numbers", do="write west, south, east, north", file=file, field="bbox")
    flat = box if len(box) == 4 else [box[0], box[1], box[3], box[4]]
    limits = ((-180, 180), (-90, 90), (-180, 180), (-90, 90))
    west, south, east, north = (
        _number("bbox", value, low, high, file) for value, (low, high) in zip(flat, limits, strict=True)
    )
    if south > north:
        raise FieldError("south is north of north", do="write west, south, east, north", file=file, field="bbox")
    return west, south, east, north


def scene_fields(item: Mapping[str, Any], *, file: str) -> dict[str, Any]:
    """Fields of a ``SceneRecord`` that a sidecar gives.

    Parameters
    ----------
    item
        A STAC item, or its properties alone (a flat mapping).
    file
        The sidecar's name, for messages.

    Returns
    -------
    dict
        Only known fields of the record, and ``missing``: names of the fields nobody gave. ``null`` and "unknown" are
        not given. Other properties are kept under their own names.

    Raises
    ------
    FieldError
        If a field is impossible.
    """
    inner = item.get("properties")
    own: Mapping[str, Any] = inner if isinstance(inner, dict) else item
    properties = {str(key).casefold().replace(" ", "_"): value for key, value in own.items()}
    fields: dict[str, Any] = {}
    used: set[str] = {*_DATES, "start_datetime", "end_datetime", "providers"}
    if (acquired := _acquired(properties, file)) is not None:
        fields["acquired"] = acquired
    for field, spellings, low, high in _NUMBERS:
        used |= set(spellings)
        name, value = _given(properties, spellings)
        if value is not None:
            fields[field] = _number(name, value, low, high, file)
    if "ce90_m" in fields:
        fields["ce90_basis"] = "declared"
    for field, spellings in _TEXTS:
        used |= set(spellings)
        _, value = _given(properties, spellings)
        if value is not None:
            fields[field] = str(value)
    providers = properties.get("providers")
    if "provider" not in fields and isinstance(providers, list) and providers and isinstance(providers[0], dict):
        fields["provider"] = str(providers[0].get("name", "")) or None
    if (bounds := _bounds(item, file)) is not None:
        fields["bounds"] = bounds
    fields["simulated"] = properties.get("simulated") is True
    others = _others(own, {"corners", *fields, *used}, flat=own is item)
    if (corners := corners_of(own, file=file)) is not None:
        fields["corners"] = [list(pair) for pair in corners]
    return _completed({**others, **{key: value for key, value in fields.items() if value is not None}})


def _others(own: Mapping[str, Any], known: set[str], *, flat: bool) -> dict[str, Any]:
    """What is said besides, under its own names; ``flat`` leaves out the frame of a STAC item."""
    known = known | {"name", "sha256", "missing", "bounds", "bbox", "offset_m", "ce90_basis"}
    if flat:
        known |= {"type", "geometry", "assets", "links"}
    return {
        key: value
        for key, value in own.items()
        if value is not None and str(key).casefold().replace(" ", "_") not in known
    }


def _completed(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields with the names of those that nobody gave."""
    return {**fields, "missing": tuple(name for name in _MISSABLE if fields.get(name) is None)}


def read_sidecar(path: Path) -> dict[str, Any]:
    """Fields of a ``SceneRecord`` from a STAC item (JSON), a YAML file or a provider's file; see ``scene_fields``.

    Of a provider's file only known fields are kept: it names hundreds of others.

    Raises
    ------
    UnreadableFileError, UnsafeFileError, FieldError
        As ``read_mapping``, ``read_provider_file`` and ``scene_fields``.
    """
    if path.suffix.lower() not in _PROVIDED:
        return scene_fields(read_mapping(path), file=path.name)
    fields = scene_fields(read_provider_file(path), file=path.name)
    kept = {*SceneRecord.model_fields, "corners", "crs"}
    return {key: value for key, value in fields.items() if key in kept}


def read_described(scene: Path) -> dict[str, Any] | None:
    """What all the files beside a scene say of it together, or ``None`` if there are none; the most trusted wins.

    Raises
    ------
    UnreadableFileError, UnsafeFileError, FieldError
        As ``read_sidecar``, naming the file.
    """
    told: dict[str, Any] = {}
    for path in reversed(find_sidecars(scene)):
        told |= {key: value for key, value in read_sidecar(path).items() if key != "simulated" or value}
    return _completed(told) if told else None
