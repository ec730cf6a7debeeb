"""What lies beside a scene: a STAC item (view extension), or the same fields in YAML, as fields of its record."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from geoinv.errors import FieldError
from geoinv.files.yamls import read_mapping
from geoinv.records.dates import PartialDate

__all__ = ["find_sidecar", "read_sidecar", "scene_fields"]

_SUFFIXES = (".json", ".yaml", ".yml", ".stac.json", ".geojson")
#: Field of the record, spellings in the sidecar, lowest and highest value it can have.
_NUMBERS: tuple[tuple[str, tuple[str, ...], float, float], ...] = (
    ("gsd_m", ("gsd", "gsd_m", "eo:gsd"), 1e-3, 1e5),
    ("sun_azimuth", ("view:sun_azimuth", "sun_azimuth"), 0, 360),
    ("sun_elevation", ("view:sun_elevation", "sun_elevation"), -90, 90),
    ("view_azimuth", ("view:azimuth", "view_azimuth"), 0, 360),
    ("off_nadir", ("view:off_nadir", "off_nadir"), 0, 89.999),
    ("ce90_m", ("ce90_m", "ce90", "accuracy:geometric_ce90"), 0, 1e5),
)
_TEXTS = (("license", ("license",)), ("attribution", ("attribution",)), ("provider", ("provider", "constellation")))
_UNKNOWN = {"", "unknown", "none", "null", "n/a", "na", "?", "미상"}
_MISSABLE = ("acquired", "gsd_m", "sun_azimuth", "sun_elevation", "off_nadir", "view_azimuth", "ce90_m", "provider",
             "attribution", "license")  # fmt: skip


def find_sidecar(scene: Path) -> Path | None:
    """The file beside a scene that describes it (the same name with ``.json``, ``.yaml`` …), or ``None``."""
    names = [scene.with_name(scene.stem + suffix) for suffix in _SUFFIXES]
    names += [scene.with_name(scene.name + suffix) for suffix in _SUFFIXES]
    return next((path for path in names if path.is_file()), None)


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
    text = str(value).strip()
    # An instant to the second is more than an acquisition date needs, and EDTF writes it otherwise.
    found = re.match(r"^(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}", text)
    try:
        return PartialDate(found.group(1) if found else text).text
    except FieldError as error:
        raise FieldError(error.what, do=error.do, file=file, field=name) from error


def _acquired(properties: Mapping[str, Any], file: str) -> str | None:
    name, value = _given(properties, ("acquired", "datetime", "acquisition_date", "date"))
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
    properties: Mapping[str, Any] = inner if isinstance(inner, dict) else item
    fields: dict[str, Any] = {}
    used: set[str] = {"acquired", "datetime", "acquisition_date", "date", "start_datetime", "end_datetime", "providers"}
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
    known = {"name", "sha256", "missing", "simulated", "bounds", "bbox", "offset_m", "ce90_basis", *fields, *used}
    others = {key: value for key, value in properties.items() if key not in known and value is not None}
    if properties is item:
        others = {key: value for key, value in others.items() if key not in ("type", "geometry", "assets", "links")}
    missing = tuple(name for name in _MISSABLE if fields.get(name) is None)
    return {**others, **{key: value for key, value in fields.items() if value is not None}, "missing": missing}


def read_sidecar(path: Path) -> dict[str, Any]:
    """Fields of a ``SceneRecord`` from a STAC item (JSON) or YAML file; see ``scene_fields``.

    Raises
    ------
    UnreadableFileError, UnsafeFileError, FieldError
        As ``read_mapping`` and ``scene_fields``.
    """
    return scene_fields(read_mapping(path), file=path.name)
