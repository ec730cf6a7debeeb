"""What a view of the case was made of, kept inside it: so that edits made in QGIS can be told from what was written.

Beside its layers ``case.gpkg`` has two tables. ``geoinv_exported`` holds every row as it was written; ``geoinv_view``
holds the ledger's head at that time and a seal of both made with the case's own key, so that neither another case's
file nor an altered record of what was exported is taken for this one's.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from geoinv.case.geopackages import Geopackage, Row, open_geopackage
from geoinv.errors import CaseError, InputError, UnreadableFileError
from geoinv.records.base import canonical_json

if TYPE_CHECKING:
    from geoinv.case.folder import Case

__all__ = [
    "REASON",
    "STATE_TABLES",
    "Exported",
    "RowState",
    "digest_of",
    "exported_rows",
    "exported_tables",
    "is_view",
    "read_exported",
    "says_view",
    "single_part",
    "state_of",
]

_ROWS, _ABOUT = "geoinv_exported", "geoinv_view"
#: The column in which a person writes why a row was edited.
REASON = "reason"
#: The tables that are no layers of the view.
STATE_TABLES = frozenset({_ROWS, _ABOUT})
#: Longer values (evidence, warnings) are kept by their hash: that they were changed must show, not to what.
_LONG = 300
_MULTI = {4: 1, 5: 2, 6: 3}


@dataclass(frozen=True)
class RowState:
    """A row of a layer as it was, or is, written.

    Attributes
    ----------
    layer, fid
        Which row.
    cells
        Column → value; empty cells left out, long ones by their hash.
    geometry
        Hash of its geometry; ``None`` where it has none.
    """

    layer: str
    fid: int
    cells: Mapping[str, Any]
    geometry: str | None

    @property
    def key(self) -> tuple[str, str]:
        """Facility and id: what the row is of."""
        return str(self.cells.get("facility") or ""), str(self.cells.get("id") or "")


@dataclass(frozen=True)
class Exported:
    """What a view was made of.

    Attributes
    ----------
    head, number
        The ledger's head then, and that entry's number.
    seal
        Known of no other view.
    columns
        Layer → the columns that were written.
    """

    head: str
    number: int
    seal: str
    columns: Mapping[str, tuple[str, ...]]


def _cell(value: Any) -> Any:
    """A value as it is compared: what is empty is unknown, a whole number is one whatever its type."""
    if value is None or value == "":
        return None
    if isinstance(value, float):
        return int(value) if value.is_integer() else value if value == value else None
    if isinstance(value, bytes):
        return f"sha256:{hashlib.sha256(value).hexdigest()}"
    text = value.replace("\r\n", "\n") if isinstance(value, str) else value
    if isinstance(text, str) and len(text) > _LONG and not text.startswith("sha256:"):
        return f"sha256:{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()}"
    return text


def _shape_digest(wkb: bytes | None) -> str | None:
    """Hash of a geometry; a collection of one part is that part, since programs make the one into the other."""
    return None if wkb is None else hashlib.sha256(single_part(wkb)).hexdigest()[:32]


def single_part(wkb: bytes) -> bytes:
    """WKB of the only part of a collection, else the WKB itself."""
    if len(wkb) > 18 and wkb[0] in (0, 1):
        order = "little" if wkb[0] else "big"
        kind, parts = int.from_bytes(wkb[1:5], order), int.from_bytes(wkb[5:9], order)  # type: ignore[arg-type]
        inner = int.from_bytes(wkb[10:14], "little" if wkb[9] else "big")
        if parts == 1 and kind in _MULTI and inner == _MULTI[kind]:
            return wkb[9:]
    return wkb


def state_of(layer: str, row: Row, columns: Iterable[str]) -> RowState:
    """A row of a GeoPackage in the form in which rows are compared."""
    cells = {name: _cell(row.cells.get(name)) for name in columns}
    return RowState(
        layer, row.fid, {name: cell for name, cell in cells.items() if cell is not None}, _shape_digest(row.geometry)
    )


def digest_of(state: RowState, columns: frozenset[str]) -> bytes:
    """Hash of what a row says in some columns, whatever its number."""
    cells = {name: cell for name, cell in state.cells.items() if name in columns}
    return hashlib.sha256(canonical_json([cells, state.geometry])).digest()[:16]


def exported_tables(case: Case, package: Geopackage) -> dict[str, pd.DataFrame]:
    """The two tables to be added to a view whose layers have been written."""
    seal = _seal(case)
    rows: list[tuple[str, int, str, str | None]] = []
    for layer in sorted(package.tables):
        columns = package.columns(layer)
        for row in package.rows(layer):
            state = state_of(layer, row, columns)
            text = canonical_json(dict(state.cells)).decode()
            rows.append((layer, state.fid, text, state.geometry))
            seal.update(_line(layer, state.fid, text, state.geometry))
    last = case.ledger.last_evidence
    about = {
        "head": case.ledger_head,
        "entry": last.number if last else 0,
        "columns": canonical_json({layer: list(package.columns(layer)) for layer in package.tables}).decode(),
    }
    seal.update(canonical_json(about))
    table = pd.DataFrame(rows, columns=["layer", "number", "cells", "geometry"])
    table = table.astype({"layer": object, "number": int, "cells": object, "geometry": object})
    return {_ROWS: table, _ABOUT: pd.DataFrame([{**about, "seal": seal.hexdigest()}])}


def _seal(case: Case) -> hmac.HMAC:
    return hmac.new(case.key, b"geoinv view", hashlib.sha256)


def _line(layer: Any, number: Any, cells: Any, geometry: Any) -> bytes:
    return canonical_json([layer, number, cells, geometry]) + b"\n"


def is_view(package: Geopackage) -> bool:
    """Whether a GeoPackage says of itself that it is a view of a case."""
    return _ABOUT in package.tables


def says_view(path: Path) -> bool:
    """Whether a file is a GeoPackage that says of itself that it is a view of a case; nothing else of it is read."""
    if path.suffix.lower() != ".gpkg":
        return False
    try:
        with open_geopackage(path) as package:
            return is_view(package)
    except InputError:
        return False


def exported_rows(package: Geopackage, layer: str | None = None) -> Iterator[RowState]:
    """Every row as it was exported, or those of one layer, in the order they were written.

    Raises
    ------
    InputError
        If that record is not as geoinv writes it.
    """
    for row in package.rows(_ROWS):
        if layer is not None and row.cells.get("layer") != layer:
            continue
        try:
            cells = json.loads(row.cells["cells"])
            yield RowState(str(row.cells["layer"]), int(row.cells["number"]), dict(cells), row.cells["geometry"])
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise _altered(package.name) from error


def read_exported(case: Case, package: Geopackage) -> Exported:
    """What a view was made of, if it is a view of this case and that record of it is whole.

    Raises
    ------
    CaseError
        If it is another case's, or of a state that this case never had.
    InputError
        If its record of what was exported was altered.
    """
    about = next(package.rows(_ABOUT), None)
    if about is None or _ROWS not in package.tables:
        raise _altered(package.name)
    told = {name: about.cells.get(name) for name in ("head", "entry", "columns")}
    seal = _seal(case)
    try:
        for row in package.rows(_ROWS):
            seal.update(_line(*(row.cells.get(name) for name in ("layer", "number", "cells", "geometry"))))
        seal.update(canonical_json(told))
    except TypeError as error:
        raise _altered(package.name) from error
    if not hmac.compare_digest(seal.hexdigest(), str(about.cells.get("seal"))):
        raise CaseError(
            "this is a view of another case, or its tables “geoinv_…” were altered",
            do="build this case, and edit the case.gpkg that lies in its folder",
            file=package.name,
        )
    number = int(str(told["entry"]))
    entry = case.store.entry(number) if number else None
    if number and (entry is None or entry.hash != told["head"]):
        raise CaseError(
            f"this view was made at entry {number} of a ledger that this case does not have",
            do="restore the case from a later backup, or build it and edit the new case.gpkg",
            file=package.name,
        )
    columns = {layer: tuple(names) for layer, names in json.loads(str(told["columns"])).items()}
    return Exported(str(told["head"]), number, seal.hexdigest(), columns)


def _altered(file: str) -> UnreadableFileError:
    return UnreadableFileError(
        "its record of what was exported was altered", do="build the case, and edit the new case.gpkg", file=file
    )
