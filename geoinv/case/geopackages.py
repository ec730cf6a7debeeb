"""GeoPackages read so that a hostile one can neither run on nor fill the memory: plain tables, within steps and sizes.

A GeoPackage (OGC 12-128) is an SQLite database and may hold views, generated columns and triggers: programs that run
when it is read. Here only tables are read, by the standard library's sqlite3, with a bound on work and on every value.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from geoinv.errors import InputError, UnreadableFileError, UnsafeFileError
from geoinv.files.limits import MEGABYTE

__all__ = ["Geopackage", "Row", "open_geopackage", "wkb_of"]

_MAGIC = b"SQLite format 3\0"
#: Largest view; a nation's incidents take a few hundred.
_MOST_BYTES = 1024 * MEGABYTE
#: Longest single value: an outline of a million corners.
_MOST_VALUE = 16 * MEGABYTE
#: Steps of SQLite's virtual machine: reading a row takes a few a column, and no row is smaller than a few bytes.
_STEPS, _STEPS_PER_BYTE, _TICK = 20_000_000, 20, 10_000
_MAY = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ}
#: Bytes of an envelope by the number that the header's flags name (GeoPackage 1.3, 2.1.3).
_ENVELOPES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}


@dataclass(frozen=True)
class Row:
    """A row of a layer.

    Attributes
    ----------
    fid
        Its number in the file.
    cells
        Column → value as SQLite keeps it, the geometry left out.
    geometry
        Its geometry as WKB; ``None`` where it has none.
    """

    fid: int
    cells: dict[str, Any]
    geometry: bytes | None


@dataclass(frozen=True)
class _Layer:
    """How a table is read: its columns, the one that numbers its rows, the one with its geometry, and in which CRS."""

    columns: tuple[str, ...]
    number: str
    geometry: str | None
    srs: int | None


class Geopackage:
    """An open GeoPackage; ``open_geopackage`` opens one.

    Attributes
    ----------
    name
        The file's name, for messages.
    """

    def __init__(self, name: str, connection: sqlite3.Connection, layers: dict[str, _Layer]) -> None:
        self.name, self._connection, self._layers = name, connection, layers

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of its tables that hold features or attributes."""
        return tuple(self._layers)

    def columns(self, table: str) -> tuple[str, ...]:
        """Names of a table's columns, neither its numbers nor its geometry."""
        layer = self._layers[table]
        return tuple(name for name in layer.columns if name not in (layer.number, layer.geometry))

    def srs(self, table: str) -> int | None:
        """EPSG code of a table's geometry; ``None`` where it has none."""
        return self._layers[table].srs

    def rows(self, table: str) -> Iterator[Row]:
        """The rows of a table, one at a time.

        Raises
        ------
        InputError
            If the file is damaged, or reading it takes more than any honest file does.
        """
        layer = self._layers[table]
        names = ", ".join(_quoted(name) for name in layer.columns)
        with _in_words(self.name):
            for values in self._connection.execute(f"SELECT {names} FROM {_quoted(table)}"):
                cells = dict(zip(layer.columns, values, strict=True))
                shape = cells.pop(layer.geometry) if layer.geometry else None
                number = cells.pop(layer.number)
                yield Row(
                    number if isinstance(number, int) else -1,
                    cells,
                    wkb_of(shape) if isinstance(shape, bytes) else None,
                )


def wkb_of(blob: bytes) -> bytes | None:
    """The WKB in a GeoPackage's geometry (GeoPackage 1.3, 2.1.3); ``None`` of what is none, or empty."""
    if len(blob) < 8 or blob[:2] != b"GP":
        return None
    flags = blob[3]
    start = 8 + _ENVELOPES.get((flags >> 1) & 7, len(blob))
    return None if flags & 0b10000 or start >= len(blob) else blob[start:]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def _in_words(name: str) -> Iterator[None]:
    """What SQLite raises, as errors of ours."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "interrupted" in str(error):
            raise UnsafeFileError(
                "reading this file takes more work than its size can explain",
                do="export its layers into a new GeoPackage",
                file=name,
            ) from error
        raise _damaged(name) from error
    except sqlite3.DataError as error:
        raise UnsafeFileError(
            f"a value in this file is larger than {_MOST_VALUE // MEGABYTE} MB", do="take it out", file=name
        ) from error
    except (sqlite3.Error, OverflowError, TypeError, ValueError) as error:
        raise _damaged(name) from error


def _damaged(name: str) -> InputError:
    return UnreadableFileError(
        "this is not a GeoPackage that can be read", do="copy it again, or export it anew", file=name
    )


def _check_file(path: Path) -> None:
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            magic = stream.read(len(_MAGIC))
        log = path.with_name(f"{path.name}-wal")
        waiting = log.is_file() and log.stat().st_size > 0
    except OSError as error:
        raise UnreadableFileError("this file cannot be opened", do="check its name", file=path.name) from error
    if magic != _MAGIC:
        raise UnreadableFileError("this is not what .gpkg files are", do="export it again", file=path.name)
    if size > _MOST_BYTES:
        raise UnsafeFileError(f"this file is larger than {_MOST_BYTES // MEGABYTE} MB", do="split it", file=path.name)
    if waiting:
        raise UnreadableFileError(
            f"another program still has it open, and what was edited is in {log.name} only",
            do="save the edits, close the project in QGIS, and give it again",
            file=path.name,
        )


@contextmanager
def open_geopackage(path: Path) -> Iterator[Geopackage]:
    """Open a GeoPackage for reading.

    Raises
    ------
    InputError
        If it is none, is damaged, is open in another program, or holds programs (views, generated columns, virtual
        tables other than its spatial indexes) rather than tables.
    """
    _check_file(path)
    budget = _STEPS + _STEPS_PER_BYTE * path.stat().st_size
    spent = 0

    def tick() -> int:
        nonlocal spent
        spent += _TICK
        return int(spent > budget)

    with _in_words(path.name):
        # Nothing is written beside it, not even where it was left in WAL mode.
        connection = sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1", uri=True)
    try:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MOST_VALUE)
        connection.text_factory = lambda data: data.decode("utf-8", errors="replace")
        connection.set_progress_handler(tick, _TICK)
        with _in_words(path.name):
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA cell_size_check = ON")
            _check_schema(connection, path.name)
            layers = _layers_of(connection, path.name)
        connection.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in _MAY else sqlite3.SQLITE_DENY)
        yield Geopackage(path.name, connection, layers)
    finally:
        connection.close()


def _check_schema(connection: sqlite3.Connection, file: str) -> None:
    for kind, name, text in connection.execute("SELECT type, name, sql FROM sqlite_master"):
        words = str(text or "").split(None, 5)
        virtual = [word.casefold() for word in words[:2]] == ["create", "virtual"]
        if kind == "view" or (virtual and "using rtree" not in " ".join(str(text).casefold().split())):
            raise UnsafeFileError(
                f"“{str(name)[:60]}” is no table but a query that runs when it is read",
                do="export its result as a layer",
                file=file,
            )


def _layers_of(connection: sqlite3.Connection, file: str) -> dict[str, _Layer]:
    """How each table that the GeoPackage lists is read."""
    tables = {str(name) for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "gpkg_contents" not in tables:
        raise _damaged(file)
    listed = [str(name) for (name,) in connection.execute("SELECT table_name FROM gpkg_contents")]
    shapes: dict[str, tuple[str, int]] = {}
    if "gpkg_geometry_columns" in tables:
        query = "SELECT table_name, column_name, srs_id FROM gpkg_geometry_columns"
        shapes = {str(name): (str(column), int(srs)) for name, column, srs in connection.execute(query)}
    found = {}
    for name in listed:
        if name not in tables:
            continue
        columns = list(connection.execute(f"PRAGMA table_xinfo({_quoted(name)})"))
        if any(column[6] for column in columns):
            raise UnsafeFileError(
                f"a column of “{name[:60]}” is computed when it is read", do="export it as a plain layer", file=file
            )
        number = next((str(column[1]) for column in columns if column[5] == 1), None)
        shape, srs = shapes.get(name, (None, None))
        names = tuple(str(column[1]) for column in columns)
        found[name] = _Layer(names if number else ("rowid", *names), number or "rowid", shape, srs)
    return found
