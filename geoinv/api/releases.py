"""Releases, opened read-only: what was published, found by name, box, day and property."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

from geoinv.api.released_verify import differences
from geoinv.errors import ReleaseError
from geoinv.records.base import sha256_hex
from geoinv.records.release import Release, ReleaseFile

__all__ = ["COLLECTIONS", "Box", "Found", "NotInReleaseError", "OpenRelease", "check_release", "find_release"]

#: Collections of every release, with what they hold.
COLLECTIONS: dict[str, str] = {
    "facilities": "Facilities, each at the precision decided for it",
    "footprints": "Buildings, and how each is known",
    "rooms": "Rooms of buildings whose inside may be shown",
    "incidents": "Incidents, generalised so that nobody can be singled out",
}
Box = tuple[float, float, float, float]
#: Where in a release the features and each facility's files are.
_DATABASE, _FACILITIES = "data/release.gpkg", "data/facilities"


class NotInReleaseError(ReleaseError):
    """What was asked for is not in the release: never was, or was kept back; the two look the same."""

    title = "Not in this release"


@dataclass(frozen=True)
class Found:
    """One page of features.

    Attributes
    ----------
    matched
        How many features match in all.
    bodies
        GeoJSON text of each feature of this page.
    """

    matched: int
    bodies: tuple[str, ...]


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
        if _DATABASE not in self.files or sha256_hex(self.read(_DATABASE)) != self.files[_DATABASE].sha256:
            raise ReleaseError(
                "release.gpkg is not the one that was published", do="fetch the release again", file=str(path)
            )

    def read(self, name: str) -> bytes:
        """Bytes of one of the release's files.

        Raises
        ------
        NotInReleaseError
            If the manifest does not list it.
        """
        if name not in self.files:
            raise NotInReleaseError("this release has no such file")
        try:
            return (self.path / name).read_bytes()
        except OSError as error:
            raise ReleaseError("a file of this release is missing", do="fetch the release again", file=name) from error

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

    def _database(self) -> sqlite3.Connection:
        """The thread's connection: read-only, and immutable, so that SQLite neither locks nor looks for a journal."""
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            address = f"file:{quote(str(self.path / _DATABASE))}?mode=ro&immutable=1"
            try:
                db = sqlite3.connect(address, uri=True, check_same_thread=False)
                db.execute("PRAGMA query_only = 1")
            except sqlite3.Error as error:
                raise ReleaseError("release.gpkg cannot be opened", do="fetch the release again") from error
            self._local.db = db
        return db

    @cached_property
    def columns(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """Name and type of the properties of each collection, in order."""
        db = self._database()
        found = {}
        for name in COLLECTIONS:
            rows = db.execute(f'PRAGMA table_info("{name}")').fetchall()
            found[name] = tuple((str(row[1]), str(row[2])) for row in rows if row[1] not in ("fid", "geom"))
        return found

    def extent(self, collection: str) -> Box | None:
        """West, south, east, north of a collection, ``None`` where no place is shown."""
        row = (
            self._database()
            .execute("SELECT min_x, min_y, max_x, max_y FROM gpkg_contents WHERE table_name = ?", (collection,))
            .fetchone()
        )
        return None if row is None or row[0] is None else (row[0], row[1], row[2], row[3])

    def feature(self, collection: str, name: str) -> dict[str, Any]:
        """One feature.

        Raises
        ------
        NotInReleaseError
            If there is none of that id.
        """
        row = (
            self._database()
            .execute("SELECT body FROM geojson WHERE collection = ? AND id = ?", (self.checked(collection), name))
            .fetchone()
        )
        if row is None:
            raise NotInReleaseError("this release has no such feature")
        body: dict[str, Any] = json.loads(row[0])
        return body

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
            Those that meet any of these; all if empty.
        days
            First and last ISO day; a feature without any date does not match.
        properties
            Exact values by property; the names must be among ``columns``.
        limit, offset
            Which page.

        Raises
        ------
        NotInReleaseError
            If there is no such collection.
        """
        name = self.checked(collection)
        where: list[str] = ["g.collection = ?"]
        values: list[str | float] = [name]
        if boxes:
            # The R-tree finds candidates; its edges are single precision (metres, at 180°), so the true ones decide.
            near = " OR ".join(["(maxx >= ? AND minx <= ? AND maxy >= ? AND miny <= ?)"] * len(boxes))
            true = " OR ".join(["(g.east >= ? AND g.west <= ? AND g.north >= ? AND g.south <= ?)"] * len(boxes))
            where += [f'g.number IN (SELECT id FROM "rtree_{name}_geom" WHERE {near})', f"({true})"]
            values += [edge for west, south, east, north in (*boxes, *boxes) for edge in (west, east, south, north)]
        if days is not None:
            where.append("(g.first_day IS NOT NULL OR g.last_day IS NOT NULL)")
            for column, sign, day in (("last_day", ">=", days[0]), ("first_day", "<=", days[1])):
                if day is not None:
                    where.append(f"(g.{column} IS NULL OR g.{column} {sign} ?)")
                    values.append(day)
        known = {column for column, _ in self.columns[name]}
        for column, value in sorted((properties or {}).items()):
            if column not in known:
                raise NotInReleaseError("this collection has no such property")
            where.append(f'CAST(t."{column}" AS TEXT) = ?')
            values.append(value)
        body = f'FROM geojson g JOIN "{name}" t ON t.fid = g.number WHERE {" AND ".join(where)}'
        db = self._database()
        matched = int(db.execute(f"SELECT COUNT(*) {body}", values).fetchone()[0])
        rows = db.execute(f"SELECT g.body {body} ORDER BY g.number LIMIT ? OFFSET ?", [*values, limit, offset])
        return Found(matched, tuple(str(row[0]) for row in rows))
