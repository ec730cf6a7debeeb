"""Asking a release's GeoPackage: features by day, property and number, ready-made, in the order of their ids."""

from __future__ import annotations

import json
import sqlite3
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import shape

from geoinv.api.places import Numbers, Places
from geoinv.errors import FieldError, ReleaseError

__all__ = ["FeatureTables", "Found"]

Days = tuple[str | None, str | None]
#: Properties that are lists, written as JSON text in a column; one is asked for by any of its items.
_LISTS = frozenset({"labels", "other_names", "sources"})
#: Numbers of features that are remembered, of all conditions together: every page of a long answer asks for the same
#: ones. A condition that nothing meets counts for some.
_REMEMBERED, _LEAST = 4_000_000, 100
#: Of the file's pages, how much a connection keeps.
_CACHE_KIB = 16 << 10


@dataclass(frozen=True)
class Found:
    """One page of features.

    Attributes
    ----------
    matched
        How many features match in all.
    bodies
        GeoJSON text of each feature of this page, UTF-8.
    """

    matched: int
    bodies: tuple[bytes, ...]


class FeatureTables:
    """The features of one release, read-only; one connection, for one thread.

    Parameters
    ----------
    path
        The GeoPackage.

    Raises
    ------
    ReleaseError
        If it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        # Immutable: SQLite neither locks it nor looks for a journal.
        address = f"file:{quote(str(path))}?mode=ro&immutable=1"
        try:
            self._db = sqlite3.connect(address, uri=True, check_same_thread=False, cached_statements=256)
            self._db.execute("PRAGMA query_only = 1")
            self._db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        except sqlite3.Error as error:
            raise ReleaseError("release.gpkg cannot be opened", do="fetch the release again") from error
        self._found: OrderedDict[tuple[Any, ...], Numbers] = OrderedDict()
        self._size = 0

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        """Rows of a query.

        Raises
        ------
        ReleaseError
            If the file is damaged, or was cut off since it was opened.
        """
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise ReleaseError("this release cannot be read any more", do="fetch the release again") from error

    def _flat(self, query: str, values: Sequence[Any]) -> NDArray[np.float64]:
        """Numbers of all rows of a query, one after another: a million rows are never objects at once."""
        try:
            return np.fromiter(chain.from_iterable(self._db.execute(query, values)), np.float64)
        except sqlite3.Error as error:
            raise ReleaseError("this release cannot be read any more", do="fetch the release again") from error

    def columns(self, collection: str) -> tuple[tuple[str, str], ...]:
        """Name and type of a collection's properties, in order."""
        rows = self.rows(f'PRAGMA table_info("{collection}")')
        return tuple((str(row[1]), str(row[2])) for row in rows if row[1] not in ("fid", "geom"))

    def body(self, collection: str, name: str) -> bytes | None:
        """GeoJSON text of one feature, ``None`` if there is none."""
        query = "SELECT CAST(body AS BLOB) FROM geojson WHERE collection = ? AND id = ?"
        rows = self.rows(query, (collection, name))
        return rows[0][0] if rows else None

    def bodies(self, collection: str, numbers: Sequence[int]) -> tuple[bytes, ...]:
        """GeoJSON text of features by their numbers, in order."""
        if not numbers:
            return ()
        values: tuple[str | int, ...] = (numbers[0], numbers[-1])
        some = "number BETWEEN ? AND ?"
        if numbers[-1] - numbers[0] != len(numbers) - 1:
            some, values = "number IN (SELECT value FROM json_each(?))", (json.dumps(numbers),)
        query = f"SELECT CAST(body AS BLOB) FROM geojson WHERE collection = ? AND {some} ORDER BY number"
        return tuple(row[0] for row in self.rows(query, (collection, *values)))

    def count(self, collection: str) -> int:
        """Features of a collection: their numbers run from 1 to it without a gap."""
        return int(self.rows("SELECT COALESCE(MAX(number), 0) FROM geojson WHERE collection = ?", (collection,))[0][0])

    def places(self, collection: str) -> Places:
        """Where a collection's features lie."""
        query = "SELECT number, west, south, east, north FROM geojson WHERE collection = ? AND west IS NOT NULL"
        rows = self._flat(f"{query} ORDER BY number", (collection,)).reshape(-1, 5)
        query = "SELECT number, body FROM geojson WHERE collection = ? AND upright = 0"
        outlines = {
            int(number): shape(json.loads(body)["geometry"]) for number, body in self.rows(query, (collection,))
        }
        return Places(self.count(collection), rows[:, 0].astype(np.int32), rows[:, 1:], outlines)

    def numbers(
        self, collection: str, columns: Mapping[str, str], days: Days | None, properties: Mapping[str, str]
    ) -> Numbers:
        """Numbers of the features that meet conditions other than boxes; remembered, since a release never changes.

        Raises
        ------
        FieldError
            If a property is asked for with what its type cannot be.
        """
        key = (collection, days, tuple(sorted(properties.items())))
        if key in self._found:
            self._found.move_to_end(key)
            return self._found[key]
        conditions: list[str] = []
        values: list[str | float] = []
        if days is not None:
            # A feature without any date always matches (17-069r4, requirement fc-time-response).
            for column, sign, day in (("last_day", ">=", days[0]), ("first_day", "<=", days[1])):
                if day is not None:
                    conditions.append(f"(g.{column} IS NULL OR g.{column} {sign} ?)")
                    values.append(day)
        for column, text in sorted(properties.items()):
            condition, value = _equals(column, columns[column], text)
            conditions.append(condition)
            values.append(value)
        query = f"SELECT g.number {_source(collection, conditions, joined=bool(properties))}"
        found = np.sort(self._flat(query, (collection, *values)).astype(np.int32))
        self._found[key] = found
        self._size += len(found) + _LEAST
        while self._size > _REMEMBERED:
            self._size -= len(self._found.popitem(last=False)[1]) + _LEAST
        return found


def _source(collection: str, conditions: Sequence[str], *, joined: bool) -> str:
    layer = f' JOIN "{collection}" t ON t.fid = g.number' if joined else ""
    return f"FROM geojson g{layer} WHERE {' AND '.join(('g.collection = ?', *conditions))}"


def _equals(column: str, kind: str, text: str) -> tuple[str, str | float]:
    """That a property has a value, as its type compares it."""
    if column in _LISTS:
        return f't."{column}" IS NOT NULL AND EXISTS (SELECT 1 FROM json_each(t."{column}") WHERE value = ?)', text
    if kind == "TEXT":
        return f't."{column}" = ?', text
    if kind == "BOOLEAN":
        if text not in ("true", "false"):
            raise FieldError("this is neither true nor false", do="write true or false", field=column)
        return f't."{column}" = ?', float(text == "true")
    try:
        value = float(text)
    except ValueError as error:
        raise FieldError("this is no number", do="write a number", field=column) from error
    if value != value or value in (float("inf"), float("-inf")):
        raise FieldError("this is no number", do="write a number", field=column)
    return f't."{column}" = ?', value
