"""Asking a release's GeoPackage: features by box, day and property, ready-made, in the order of their ids."""

from __future__ import annotations

import json
import sqlite3
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from shapely.geometry import box, shape
from shapely.geometry.base import BaseGeometry

from geoinv.errors import FieldError, ReleaseError

__all__ = ["Box", "FeatureTables", "Found"]

Box = tuple[float, float, float, float]
Days = tuple[str | None, str | None]
#: Properties that are lists, written as JSON text in a column; one is asked for by any of its items.
_LISTS = frozenset({"labels", "other_names", "sources"})
#: Counts that are remembered: a release never changes, and every page of a long answer asks for the same one.
_REMEMBERED = 4096


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


@dataclass(frozen=True)
class _Where:
    """Conditions of a query, with their values; ``joined`` where a layer's columns are among them."""

    conditions: tuple[str, ...]
    values: tuple[str | float, ...]
    joined: bool


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
        except sqlite3.Error as error:
            raise ReleaseError("release.gpkg cannot be opened", do="fetch the release again") from error
        self._counts: OrderedDict[tuple[Any, ...], int] = OrderedDict()
        self._outlined: dict[str, bool] = {}

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

    def columns(self, collection: str) -> tuple[tuple[str, str], ...]:
        """Name and type of a collection's properties, in order."""
        rows = self.rows(f'PRAGMA table_info("{collection}")')
        return tuple((str(row[1]), str(row[2])) for row in rows if row[1] not in ("fid", "geom"))

    def body(self, collection: str, name: str) -> str | None:
        """GeoJSON text of one feature, ``None`` if there is none."""
        rows = self.rows("SELECT body FROM geojson WHERE collection = ? AND id = ?", (collection, name))
        return str(rows[0][0]) if rows else None

    def features(
        self,
        collection: str,
        columns: Mapping[str, str],
        *,
        boxes: Sequence[Box] = (),
        days: Days | None = None,
        properties: Mapping[str, str] | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> Found:
        """Features of a collection that meet all conditions; see :meth:`OpenRelease.features`.

        Raises
        ------
        FieldError
            If a property is asked for with what its type cannot be.
        """
        where = self._where(collection, columns, boxes, days, properties or {})
        matched = self._matched(collection, where)
        if offset >= matched or limit == 0:
            return Found(matched, ())
        if where.conditions:
            query = f"SELECT g.body {_source(collection, where)} ORDER BY g.number LIMIT ? OFFSET ?"
            rows = self.rows(query, (collection, *where.values, limit, offset))
        else:
            # Numbers run from 1 without a gap: a late page is found as fast as the first.
            query = "SELECT body FROM geojson WHERE collection = ? AND number > ? AND number <= ? ORDER BY number"
            rows = self.rows(query, (collection, offset, offset + limit))
        return Found(matched, tuple(row[0] for row in rows))

    def _matched(self, collection: str, where: _Where) -> int:
        key = (collection, where.conditions, where.values)
        if key in self._counts:
            self._counts.move_to_end(key)
            return self._counts[key]
        rows = self.rows(f"SELECT COUNT(*) {_source(collection, where)}", (collection, *where.values))
        self._counts[key] = count = int(rows[0][0])
        if len(self._counts) > _REMEMBERED:
            self._counts.popitem(last=False)
        return count

    def _where(
        self,
        collection: str,
        columns: Mapping[str, str],
        boxes: Sequence[Box],
        days: Days | None,
        properties: Mapping[str, str],
    ) -> _Where:
        conditions: list[str] = []
        values: list[str | float] = []
        if boxes:
            inside, given = self._within(collection, boxes)
            conditions.append(inside)
            values += given
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
        return _Where(tuple(conditions), tuple(values), bool(properties))

    def _within(self, collection: str, boxes: Sequence[Box]) -> tuple[str, list[str | float]]:
        """That a feature's geometry meets a box, or that it has none (17-069r4, requirement fc-bbox-response).

        The R-tree finds candidates; its edges are single precision (metres, at 180°), so the true ones decide. Points
        and upright boxes are what their edges say; other outlines on a box's edge are looked at one by one.
        """
        near = " OR ".join(["(maxx >= ? AND minx <= ? AND maxy >= ? AND miny <= ?)"] * len(boxes))
        true = " OR ".join(["(g.east >= ? AND g.west <= ? AND g.north >= ? AND g.south <= ?)"] * len(boxes))
        edges = [edge for west, south, east, north in boxes for edge in (west, east, south, north)]
        values: list[str | float] = [*edges, collection, *edges]
        condition = (
            f'g.number IN (SELECT id FROM "rtree_{collection}_geom" WHERE {near} '
            f"UNION ALL SELECT number FROM geojson WHERE collection = ? AND west IS NULL) "
            f"AND (g.west IS NULL OR (({true})"
        )
        apart = self._apart(collection, boxes)
        if apart:
            condition += f" AND g.number NOT IN ({', '.join('?' * len(apart))})"
            values += apart
        return condition + "))", values

    def _slanted(self, collection: str) -> bool:
        """Whether a collection has outlines that are neither points nor upright boxes."""
        if collection not in self._outlined:
            query = "SELECT EXISTS (SELECT 1 FROM geojson WHERE collection = ? AND upright = 0)"
            self._outlined[collection] = bool(self.rows(query, (collection,))[0][0])
        return self._outlined[collection]

    def _apart(self, collection: str, boxes: Sequence[Box]) -> list[int]:
        """Numbers of features whose edges meet a box but whose outlines do not."""
        if not self._slanted(collection):
            return []
        areas = [box(*edges) for edges in boxes]
        meets = "east >= ? AND west <= ? AND north >= ? AND south <= ?"
        inside = "west >= ? AND east <= ? AND south >= ? AND north <= ?"
        across = " OR ".join([f"({meets} AND NOT ({inside}))"] * len(boxes))
        edges = [edge for west, south, east, north in boxes for edge in (west, east, south, north) * 2]
        near = " OR ".join(["(maxx >= ? AND minx <= ? AND maxy >= ? AND miny <= ?)"] * len(boxes))
        narrow = [edge for west, south, east, north in boxes for edge in (west, east, south, north)]
        rows = self.rows(
            "SELECT number, body FROM geojson WHERE collection = ? AND upright = 0 AND number IN "
            f'(SELECT id FROM "rtree_{collection}_geom" WHERE {near}) AND ({across})',
            (collection, *narrow, *edges),
        )
        return [int(number) for number, body in rows if not _meets(body, areas)]


def _meets(body: str, areas: Sequence[BaseGeometry]) -> bool:
    outline = shape(json.loads(body)["geometry"])
    return any(outline.intersects(area) for area in areas)


def _source(collection: str, where: _Where) -> str:
    joined = f' JOIN "{collection}" t ON t.fid = g.number' if where.joined else ""
    return f"FROM geojson g{joined} WHERE {' AND '.join(('g.collection = ?', *where.conditions))}"


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
