"""What a case holds, for other tools and archives: KMZ, Uwazi, GeoParquet, GeoPackage, RO-Crate, BagIt.

For an audience everything is made from a release planned for it, so that consent and rules were applied once, in one
place; without an audience it is the case as its own people see it, and every file says so. What protected content an
export carries is told before it is written.
"""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd

from geoinv.api.bag import PAYLOAD, bagged, crate_metadata, tag_manifest
from geoinv.api.export_tables import kml_folders, uwazi_rows
from geoinv.api.publish import ReleasePlan, audience_rules, plan_release, require_published
from geoinv.case.choosing import best_places
from geoinv.case.folder import Case
from geoinv.case.scans import laid_scans
from geoinv.case.views import case_layers, flattened, geopackage_bytes
from geoinv.errors import FieldError, MissingToolError
from geoinv.files.kmz import LaidPicture, kmz_bytes
from geoinv.files.uwazi_tables import uwazi_csv

__all__ = ["EXPORT_FORMATS", "Exported", "export"]

EXPORT_FORMATS = ("kmz", "uwazi", "geoparquet", "gpkg", "ro-crate", "bagit")
_LAYERS = ("facilities", "footprints", "rooms", "incidents")
_MADE = (2026, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Exported:
    """Files of an export by name, what protected content they carry, a sentence each, and slugs of their facilities."""

    files: Mapping[str, bytes]
    carries: tuple[str, ...]
    facilities: tuple[str, ...]


@dataclass(frozen=True)
class _Source:
    """What is exported, whoever it is for."""

    title: str
    notice: str
    layers: Mapping[str, gpd.GeoDataFrame]
    pictures: tuple[LaidPicture, ...]
    plan: ReleasePlan | None
    day: str


def export(case: Case, formats: Sequence[str], *, audience: str | None = None, on: date | None = None) -> Exported:
    """A case in formats of other tools.

    Parameters
    ----------
    formats
        Of ``EXPORT_FORMATS``.
    audience
        For whom, as in ``case.toml``; consent and rules are applied as by ``publish``. ``None``: the case's own people.
    on
        The day embargoes and consents that end are judged by; without one, what ends has ended.

    Raises
    ------
    FieldError
        If a format is not known.
    ReleaseError
        If the case has no such audience, or something made for it would hold words that must stay in.
    MissingToolError
        If GeoParquet is asked for and pyarrow is not installed.
    """
    for name in formats:
        if name not in EXPORT_FORMATS:
            raise FieldError(
                f"“{name}” is no format of an export", do=f"choose of {', '.join(EXPORT_FORMATS)}", field="--format"
            )
    source = _inside(case) if audience is None else _outside(case, audience, on)
    stem = f"{_stem(case.settings.title)}-{audience or 'internal'}"
    files: dict[str, bytes] = {}
    for name in dict.fromkeys(formats):
        files |= {f"{stem}{ending}": content for ending, content in _written(case, source, name).items()}
    facilities = source.plan.manifest.facilities if source.plan else tuple(one.slug for one in case.facilities())
    return Exported(files, _carries(source), facilities)


def _stem(title: str) -> str:
    """A case's title as the beginning of a file's name: its first words, in letters and digits."""
    words = ("".join(sign for sign in word if sign.isalnum()) for word in title.casefold().split())
    return "-".join([word for word in words if word][:3])[:40] or "case"


def _inside(case: Case) -> _Source:
    layers = {name: table for name, table in case_layers(case).items() if name in _LAYERS}
    layers["facilities"] = _facilities(case)
    pictures = tuple(one for facility in case.facilities() for one in laid_scans(case, facility.slug))
    fictional = "Fictional. " if case.settings.simulated else ""
    notice = f"{fictional}INTERNAL: codenames, exact places and accounts; not to leave the case."
    day = case.evidence_day.isoformat() if case.evidence_day else ""
    return _Source(case.settings.title, notice, layers, pictures, None, day)


def _facilities(case: Case) -> gpd.GeoDataFrame:
    places = best_places(case)
    rows = [
        {"id": one.slug, "name": one.name, "other_names": "; ".join(one.other_names), "agency": one.agency,
         "kind": one.kind, "level": one.level, "place": one.place, "country": one.country, "fictional": one.simulated}
        for one in case.facilities()
    ]  # fmt: skip
    table = pd.DataFrame(rows)
    lon = [places[row["id"]].lon if row["id"] in places else None for row in rows]
    lat = [places[row["id"]].lat if row["id"] in places else None for row in rows]
    points = gpd.points_from_xy(pd.Series(lon, dtype=float), pd.Series(lat, dtype=float))
    geometry = [point if row["id"] in places else None for row, point in zip(rows, points, strict=True)]
    return gpd.GeoDataFrame(table, geometry=geometry, crs="EPSG:4326")


def _outside(case: Case, audience: str, on: date | None) -> _Source:
    require_published(case, audience_rules(case, audience, on))
    plan = plan_release(case, audience, on=on)
    with tempfile.TemporaryDirectory(prefix="geoinv-export-", dir=case.root) as folder:
        path = Path(folder) / "release.gpkg"
        path.write_bytes(plan.files[f"{PAYLOAD}/release.gpkg"])
        there = set(gpd.list_layers(path)["name"])
        layers = {name: gpd.read_file(path, layer=name) for name in _LAYERS if name in there}
    fictional = "Fictional. " if plan.manifest.fictional else ""
    notice = f"{fictional}Release {plan.name} for “{audience}”; places and counts as its manifest says."
    return _Source(
        plan.manifest.title, notice, layers, (), plan, case.evidence_day.isoformat() if case.evidence_day else ""
    )


def _carries(source: _Source) -> tuple[str, ...]:
    """What protected content the files hold, in words."""
    if source.plan is not None:
        told = [f"Nothing but what release {source.plan.name} shows; withheld or coarsened:"]
        told += [
            f"  {one.count if one.count is not None else 'some'} {one.what}: {one.rule}" for one in source.plan.withheld
        ]
        return tuple(told)
    incidents = source.layers.get("incidents")
    witnesses = 0 if incidents is None or "witness" not in incidents else incidents["witness"].dropna().nunique()
    count = 0 if incidents is None else len(incidents)
    told = [f"{count} incidents with dates, places and accounts, by {witnesses} witnesses' codenames"]
    told.append(f"{len(source.layers['facilities'])} facilities at their exact places, whatever may be published")
    for name in ("footprints", "rooms"):
        if name in source.layers:
            told.append(f"{len(source.layers[name])} {name} with the drawings they rest on")
    if source.pictures:
        told.append(f"{len(source.pictures)} scans of drawings (in KMZ): handwriting identifies")
    return tuple(told)


def _written(case: Case, source: _Source, name: str) -> dict[str, bytes]:
    """The files of one format, by the end of their names."""
    if name == "kmz":
        return {".kmz": kmz_bytes(source.title, source.notice, kml_folders(source.layers), source.pictures)}
    if name == "uwazi":
        return {f"-uwazi-{layer}.csv": uwazi_csv(rows) for layer, rows in uwazi_rows(source.layers).items()}
    if name == "gpkg":
        return {".gpkg": _geopackage(case, source)}
    if name == "geoparquet":
        return {f"-{layer}.parquet": _parquet(table) for layer, table in sorted(source.layers.items())}
    payload = _payload(case, source)
    crate = crate_metadata(
        source.title, source.notice, source.day[:4] or "2026",
        {path: (len(content), _media(path)) for path, content in payload.items()}, licence="as its audience was told",
    )  # fmt: skip
    payload["ro-crate-metadata.json"] = crate
    if name == "ro-crate":
        return {"-crate.zip": _zipped(payload)}
    if source.plan is not None:  # a release is a bag already
        return {"-bag.zip": _zipped(dict(source.plan.files))}
    bag = bagged(payload, source.notice)
    return {"-bag.zip": _zipped({**bag, "tagmanifest-sha256.txt": tag_manifest(bag)})}


def _payload(case: Case, source: _Source) -> dict[str, bytes]:
    """What an archive holds: the layers and, inside, everything built; of a release, the release's own payload."""
    if source.plan is not None:
        prefix = f"{PAYLOAD}/"
        return {path.removeprefix(prefix): content for path, content in source.plan.files.items()
                if path.startswith(prefix) and not path.endswith("ro-crate-metadata.json")}  # fmt: skip
    found = {"case.gpkg": _geopackage(case, source)}
    for facility in case.facilities():
        folder = case.models_dir(facility.slug)
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                found[f"models/{facility.slug}/{path.relative_to(folder).as_posix()}"] = path.read_bytes()
    for path in sorted((case.root / "originals").rglob("*")):
        if path.is_file():
            found[f"originals/{path.name}"] = path.read_bytes()
    return found


_MEDIA = {".gpkg": "application/geopackage+sqlite3", ".json": "application/json", ".geojson": "application/geo+json",
          ".svg": "image/svg+xml", ".pdf": "application/pdf", ".png": "image/png", ".jpg": "image/jpeg",
          ".html": "text/html", ".glb": "model/gltf-binary", ".md": "text/markdown"}  # fmt: skip


def _media(path: str) -> str:
    return _MEDIA.get(Path(path).suffix.lower(), "application/octet-stream")


def _geopackage(case: Case, source: _Source) -> bytes:
    if source.plan is not None:
        return source.plan.files[f"{PAYLOAD}/release.gpkg"]
    return geopackage_bytes(source.layers, beside=case.root)


def _parquet(table: gpd.GeoDataFrame) -> bytes:
    held = io.BytesIO()
    try:
        flattened(table).to_parquet(held, index=False, compression="zstd")
    except ImportError as error:
        raise MissingToolError(
            "GeoParquet needs pyarrow, which is not installed", do="run: pip install 'geoinv[parquet]'"
        ) from error
    return held.getvalue()


def _zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip with one time for all its members: the same bytes for the same files."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        for path, content in sorted(files.items()):
            entry = zipfile.ZipInfo(path, _MADE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, content)
    return held.getvalue()
