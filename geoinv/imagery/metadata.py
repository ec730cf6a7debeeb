"""What a scene's tags and sidecar say about it, under the many names that providers give the same thing.

STAC items (``view:sun_azimuth`` …), a plain YAML or JSON mapping in the project's own words, and the tags GDAL finds
in GeoTIFF, IMD, RPB and DIMAP files. The date a file was written is never taken for the date a picture was.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from geoinv.errors import FieldError
from geoinv.records.dates import PartialDate
from geoinv.records.scenes import SceneRecord

__all__ = ["KNOWN", "band_names", "scene_record"]

#: Fields that are listed as missing when nobody gives them.
KNOWN = (
    "acquired",
    "sun_azimuth",
    "sun_elevation",
    "view_azimuth",
    "off_nadir",
    "ce90_m",
    "provider",
    "attribution",
    "license",
)

_NAMES: dict[str, tuple[str, ...]] = {
    "gsd_m": (
        "gsd_m",
        "gsd",
        "meanproductgsd",
        "meancollectedgsd",
        "image_1.meancollectedgsd",
        "image_1.meanproductgsd",
    ),
    "sun_azimuth": (
        "sun_azimuth",
        "view:sun_azimuth",
        "meansunaz",
        "image_1.meansunaz",
        "sun_azimuth_deg",
        "sunazimuth",
    ),
    "sun_elevation": (
        "sun_elevation",
        "view:sun_elevation",
        "meansunel",
        "image_1.meansunel",
        "sun_elevation_deg",
        "sunelevation",
    ),
    "view_azimuth": ("view_azimuth", "view:azimuth", "meansataz", "image_1.meansataz"),
    "off_nadir": (
        "off_nadir",
        "view:off_nadir",
        "meanoffnadirviewangle",
        "image_1.meanoffnadirviewangle",
        "offnadirviewangle",
    ),
    "ce90_m": ("ce90_m", "ce90", "accuracy:geometric_ce90", "rpcs.ce90", "image_1.ce90"),
    "ground_height_m": ("ground_height_m", "terrain_height_m"),
    "provider": ("provider", "platform", "satelliteid", "satid", "image_1.satid"),
    "attribution": ("attribution",),
    "license": ("license",),
}
#: What bands are called (STAC's common names first), in small letters → what they show.
_BANDS = {
    "red": "red", "r": "red", "band_r": "red",
    "green": "green", "g": "green", "band_g": "green",
    "blue": "blue", "b": "blue", "band_b": "blue",
    "nir": "nir", "nir08": "nir", "near infrared": "nir", "n": "nir", "band_n": "nir", "nir1": "nir",
    "nir09": "nir2", "nir2": "nir2", "coastal": "coastal", "yellow": "yellow", "rededge": "rededge",
    "red edge": "rededge", "pan": "pan", "panchromatic": "pan", "p": "pan", "band_p": "pan",
}  # fmt: skip
_DATES = ("acquired", "datetime", "acquisitiondatetime", "firstlinetime", "image_1.firstlinetime", "imaging_date")
_UNKNOWN = {"", "unknown", "none", "null", "n/a", "-", "n/k"}


def _flat(source: Mapping[str, Any] | None) -> dict[str, Any]:
    """Names in small letters; a STAC item's properties come up to the top, list providers become one name."""
    if not source:
        return {}
    own = {str(key).lower(): value for key, value in source.items() if not isinstance(value, Mapping)}
    inner = source.get("properties")
    if isinstance(inner, Mapping):
        own |= _flat(inner)
    providers = own.get("providers")
    if isinstance(providers, list) and providers and isinstance(providers[0], Mapping):
        own.setdefault("provider", ", ".join(str(item.get("name", "")) for item in providers))
    return {key: value for key, value in own.items() if not _empty(value)}


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value.strip().strip('"').lower() in _UNKNOWN)


def _number(value: Any, name: str, file: str) -> float:
    try:
        number = float(str(value).strip().strip('"'))
    except ValueError as error:
        raise FieldError(
            f"“{value}” is not a number", do="correct that field of the sidecar", file=file, field=name
        ) from error
    if not math.isfinite(number):
        raise FieldError(f"“{value}” is not a number", do="correct that field of the sidecar", file=file, field=name)
    return number


def _date(told: Mapping[str, Any]) -> PartialDate | None:
    for name in _DATES:
        if name in told:
            text = str(told[name]).strip().strip('"')
            # A time of day says nothing more about which day it was.
            return PartialDate(text[:10] if "T" in text or " " in text else text)
    if "start_datetime" in told and "end_datetime" in told:
        return PartialDate(f"{str(told['start_datetime'])[:10]}/{str(told['end_datetime'])[:10]}")
    return None


def band_names(count: int, told: Sequence[Sequence[str | None] | None]) -> tuple[str | None, ...]:
    """What each of ``count`` bands shows, from the first of several tellers who names them; one band alone is ``pan``.

    Parameters
    ----------
    count
        Bands of the picture, alpha not among them.
    told
        Names by the record, by the file's descriptions, by its colour interpretation; ``None`` where it says nothing.
    """
    if count == 1:
        return ("pan",)
    for names in told:
        found = tuple(_BANDS.get(str(name).strip().lower()) for name in names or ())
        if len(found) == count and any(found):
            return found
    return (None,) * count


def _bands_told(told: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Names of the bands in a sidecar: a plain list, or STAC's, by common name."""
    for field in ("bands", "eo:bands"):
        listed = told.get(field)
        if isinstance(listed, Sequence) and not isinstance(listed, str) and listed:
            names = [
                one.get("common_name") or one.get("eo:common_name") or one.get("name")
                if isinstance(one, Mapping)
                else one
                for one in listed
            ]
            return tuple(str(name) for name in names)
    return None


def _laid(fields: Mapping[str, Any], placed: Mapping[str, Any] | None, told: Mapping[str, Any]) -> dict[str, Any]:
    """How the ground's height and the bands are known, and all that nobody gave."""
    bands = fields.get("bands") or _bands_told(told)
    height, missing = fields.get("ground_height_m"), [known for known in KNOWN if fields.get(known) is None]
    # One height for a whole scene: the sidecar's, else the RPC's own middle height, which is only assumed.
    declared = any(name in told for name in _NAMES["ground_height_m"])
    basis = None if height is None else "declared" if declared else "assumed"
    if basis == "assumed":
        missing.append("ground_height_m")
    if placed is not None and bands is None:
        missing.append("bands")
    return {"bands": bands, "ground_height_basis": basis, "missing": tuple(missing)}


def scene_record(
    name: str,
    *,
    tags: Mapping[str, Any],
    sidecar: Mapping[str, Any] | None,
    placed: Mapping[str, Any] | None = None,
    sha256: str | None = None,
    gsd_m: float | None = None,
    bounds: tuple[float, float, float, float] | None = None,
) -> SceneRecord:
    """A scene's record from what is told of it; the sidecar goes before the tags.

    Parameters
    ----------
    name
        File name.
    tags
        The file's own tags, all domains in one mapping.
    sidecar
        A STAC item or a plain mapping, as parsed.
    placed
        How the opened picture is placed (:meth:`geoinv.imagery.scene.Scene.placed`).
    sha256, gsd_m, bounds
        As measured; a told GSD goes before the measured one.

    Raises
    ------
    FieldError
        If a field given is impossible.
    """
    told = _flat(tags) | _flat(sidecar)
    fields: dict[str, Any] = {
        **(placed or {}), "name": name, "sha256": sha256, "gsd_m": gsd_m, "bounds": bounds
    }  # fmt: skip
    for field, names in _NAMES.items():
        value = next((told[other] for other in names if other in told), None)
        if value is not None:
            words = field in ("provider", "attribution", "license")
            fields[field] = str(value).strip().strip('"') if words else _number(value, field, name)
    try:
        fields["acquired"] = _date(told)
    except FieldError as error:
        raise error.at(file=name, field="acquired") from error
    if fields.get("ce90_m") is not None:
        fields["ce90_basis"] = told.get("ce90_basis", "declared")
    if "offset_m" in told:
        fields["offset_m"] = told["offset_m"]
    fields["simulated"] = str(told.get("simulated", "")).lower() in ("true", "1", "yes")
    fields |= _laid(fields, placed, told)
    return SceneRecord.read({key: value for key, value in fields.items() if value is not None}, file=name)
