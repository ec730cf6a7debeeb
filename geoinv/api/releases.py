"""Releases, opened read-only: what was published, found by name, box, day and property."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from geoinv.api.places import Box, Numbers, Places
from geoinv.api.queries import FeatureTables, Found
from geoinv.api.released_verify import differences
from geoinv.errors import ReleaseError
from geoinv.records.base import sha256_hex
from geoinv.records.release import Release, ReleaseFile

__all__ = [
    "COLLECTIONS",
    "Box",
    "Found",
    "NotInReleaseError",
    "OpenRelease",
    "check_release",
    "find_release",
    "not_recalled",
]

#: Collections of every release, with what they hold.
COLLECTIONS: dict[str, str] = {
    "facilities": "Facilities, each at the precision decided for it",
    "footprints": "Buildings, and how each is known",
    "rooms": "Rooms of buildings whose inside may be shown",
    "incidents": "Incidents, generalised so that nobody can be singled out",
}
#: Where in a release the features and each facility's files are.
_DATABASE, _FACILITIES = "data/release.gpkg", "data/facilities"


class NotInReleaseError(ReleaseError):
    """What was asked for is not in the release: never was, or was kept back; the two look the same."""

    title = "Not in this release"


def check_release(path: Path) -> list[str]:
    """What of a release is not as it was published, a sentence each; empty if it is whole."""
    return differences(path)


def find_release(path: Path) -> Path:
    """A release's folder: ``path`` itself, or the one made last in a folder of releases (its ``latest`` says which).

    Raises
    ------
    ReleaseError
        If there is none.
    """
    if (path / "manifest.json").is_file():
        return path
    pointer = path / "latest"
    if pointer.is_file():
        named = path / Path(pointer.read_text(encoding="utf-8").strip()).name
        if (named / "manifest.json").is_file():
            return named
    below = sorted(item.parent for item in path.glob("*/manifest.json"))
    if len(below) == 1:
        return below[0]
    what = "there are several releases here and no file “latest”" if below else "there is no release here"
    raise ReleaseError(what, do="make one with “geoinv publish”, or name its folder with --release", file=str(path))


def not_recalled(path: Path) -> Path:
    """A release's folder, if no release beside it recalls it.

    Raises
    ------
    ReleaseError
        If one does: it shows what may no longer be shown.
    """
    name = path.resolve().name
    for manifest in sorted(path.resolve().parent.glob("*/manifest.json")):
        try:
            recalls = json.loads(manifest.read_bytes()).get("recalls", ())
        except (OSError, ValueError, AttributeError):
            continue  # what lies beside it is not what is served
        if name in recalls:
            raise ReleaseError(
                f"this release was recalled by {manifest.parent.name}: it shows what may no longer be shown",
                do="serve a later one, and delete every copy of this one",
                file=str(path),
            )
    return path


class OpenRelease:
    """A release opened for reading; it cannot be written, and knows no way to the case.

    Parameters
    ----------
    path
        The release's folder.

    Raises
    ------
    ReleaseError
        If it is no release, or its manifest or GeoPackage is not what the manifest says.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        manifest = self.path / "manifest.json"
        try:
            content = manifest.read_bytes()
            self.manifest = Release.read(json.loads(content), file="manifest.json")
        except (OSError, ValueError) as error:
            raise ReleaseError(
                "this is not a release", do="name a folder that has a manifest.json", file=str(path)
            ) from error
        self.hash = sha256_hex(content)
        self.name = self.hash[:12]
        self.files: Mapping[str, ReleaseFile] = {item.path: item for item in self.manifest.files}
        self._local = threading.local()
        self.read(_DATABASE)

    def read(self, name: str) -> bytes:
        """Bytes of one of the release's files.

        Raises
        ------
        NotInReleaseError
            If the manifest does not list it.
        ReleaseError
            If it is missing, or was cut off or altered since it was published.
        """
        if name not in self.files:
            raise NotInReleaseError("this release has no such file")
        try:
            content = (self.path / name).read_bytes()
        except OSError as error:
            raise ReleaseError("a file of this release is missing", do="fetch the release again", file=name) from error
        if sha256_hex(content) != self.files[name].sha256:
            raise ReleaseError(f"{name} is not the one that was published", do="fetch the release again", file=name)
        return content

    def facility_file(self, slug: str, name: str) -> bytes:
        """Bytes of one of a facility's files."""
        return self.read(f"{_FACILITIES}/{slug}/{name}")

    def has(self, slug: str, name: str) -> bool:
        """Whether a facility has a file."""
        return f"{_FACILITIES}/{slug}/{name}" in self.files

    def facility_files(self, slug: str) -> list[str]:
        """Names of a facility's files, below its own folder."""
        folder = f"{_FACILITIES}/{slug}/"
        return [path.removeprefix(folder) for path in self.files if path.startswith(folder)]

    def _tables(self) -> FeatureTables:
        """The thread's own connection to the features."""
        tables: FeatureTables | None = getattr(self._local, "tables", None)
        if tables is None:
            tables = self._local.tables = FeatureTables(self.path / _DATABASE)
        return tables

    @cached_property
    def columns(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """Name and type of the properties of each collection, in order."""
        return {name: self._tables().columns(name) for name in COLLECTIONS}

    @cached_property
    def _kinds(self) -> Mapping[str, Mapping[str, str]]:
        return {name: dict(columns) for name, columns in self.columns.items()}

    @cached_property
    def extents(self) -> Mapping[str, Box | None]:
        """West, south, east, north of each collection, ``None`` where no place is shown."""
        rows = self._tables().rows("SELECT table_name, min_x, min_y, max_x, max_y FROM gpkg_contents")
        found = {str(name): None if edges[0] is None else tuple(edges) for name, *edges in rows}
        return {name: found.get(name) for name in COLLECTIONS}

    @cached_property
    def places(self) -> Mapping[str, Places]:
        """Where the features of each collection lie."""
        return {name: self._tables().places(name) for name in COLLECTIONS}

    @cached_property
    def _sizes(self) -> Mapping[str, int]:
        return {name: self._tables().count(name) for name in COLLECTIONS}

    def days(self, collection: str) -> tuple[str | None, str | None]:
        """First and last ISO day of a collection's features, ``None`` where none is dated."""
        query = "SELECT MIN(first_day), MAX(last_day) FROM geojson WHERE collection = ?"
        first, last = self._tables().rows(query, (collection,))[0]
        return first, last

    def feature_text(self, collection: str, name: str) -> bytes:
        """One feature's GeoJSON text, ready-made, UTF-8.

        Raises
        ------
        NotInReleaseError
            If there is none of that id.
        """
        body = self._tables().body(self.checked(collection), name)
        if body is None:
            raise NotInReleaseError("this release has no such feature")
        return body

    def feature(self, collection: str, name: str) -> dict[str, Any]:
        """One feature.

        Raises
        ------
        NotInReleaseError
            If there is none of that id.
        """
        found: dict[str, Any] = json.loads(self.feature_text(collection, name))
        return found

    def checked(self, collection: str) -> str:
        """The name of a collection that is there.

        Raises
        ------
        NotInReleaseError
            If it is not.
        """
        if collection not in COLLECTIONS:
            raise NotInReleaseError("this release has no such collection")
        return collection

    def features(
        self,
        collection: str,
        *,
        boxes: Sequence[Box] = (),
        days: tuple[str | None, str | None] | None = None,
        properties: Mapping[str, str] | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> Found:
        """Features of a collection in the order of their ids.

        Parameters
        ----------
        boxes
            Those that meet any of these, and those without a place; all if empty.
        days
            First and last ISO day; a feature without any date always matches.
        properties
            Exact values by property; the names must be among ``columns``. Of a list, any item.
        limit, offset
            Which page.

        Raises
        ------
        NotInReleaseError
            If there is no such collection.
        """
        name = self.checked(collection)
        kinds = self._kinds[name]
        if any(column not in kinds for column in properties or {}):
            raise NotInReleaseError("this collection has no such property")
        chosen: Numbers | range = range(1, self._sizes[name] + 1)
        if days is not None or properties:
            chosen = self._tables().numbers(name, kinds, days, properties or {})
        if boxes:
            inside = self.places[name].meeting(boxes)
            chosen = inside if isinstance(chosen, range) else np.intersect1d(chosen, inside, assume_unique=True)
        wanted = chosen[offset : offset + limit]
        numbers = wanted if isinstance(wanted, range) else wanted.tolist()
        return Found(len(chosen), self._tables().bodies(name, numbers))
