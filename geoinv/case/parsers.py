"""From a file of each kind to records: which reader reads it, and what was understood, assumed or left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from geoinv.case.intake import Parsed
from geoinv.errors import FieldError
from geoinv.files.drawings import read_drawing
from geoinv.files.kml import read_kml
from geoinv.files.pins import statements_from_kml
from geoinv.files.sidecars import find_sidecar, read_sidecar
from geoinv.files.spreadsheets import read_sheet
from geoinv.files.tables import incidents_from_table, pins_from_table
from geoinv.files.yamls import read_data, read_mapping
from geoinv.records.facility import Facility
from geoinv.records.incidents import Incident
from geoinv.records.testimony import Statement, Statements

__all__ = ["PARSERS"]

Parser = Callable[[Path, Facility | None], Parsed]


def _facility(path: Path, _: Facility | None) -> Parsed:
    facility = Facility.read({"slug": path.parent.name, **read_mapping(path)}, file=path.name)
    notes = []
    if facility.slug != path.parent.name:
        notes.append(
            f"its slug is “{facility.slug}” but its folder is “{path.parent.name}”; the folder's name is used."
        )
        facility = facility.model_copy(update={"slug": path.parent.name})
    records: list[tuple[str, str, Any]] = [("facility", facility.slug, facility.plain())]
    for codename, witness in facility.witnesses.items():
        heard = (witness.heard_from,) if isinstance(witness.heard_from, str) else witness.heard_from
        if heard:
            records.append(("dependence", codename, {"witnesses": [codename, *heard]}))
    return Parsed(tuple(records), tuple(notes))


def _statement_records(statements: tuple[Statement, ...], name: str) -> list[tuple[str, str, Any]]:
    """Statements named so that two files' ``s1`` stay apart: ``file#s1``."""
    full = (statement.model_copy(update={"id": f"{name}#{statement.id}"}) for statement in statements)
    return [("statement", statement.id.partition("#")[2], statement.plain()) for statement in full]


def _statements(path: Path, _: Facility | None) -> Parsed:
    data = read_mapping(path)
    if "statements" not in data and "landmarks" not in data:
        raise FieldError(
            "there is neither “statements” nor “landmarks” in it", do="see “geoinv schema statements”", file=path.name
        )
    good, problems = _good_statements(data, path.name)
    read = Statements.read({**data, "statements": good}, file=path.name)
    records = _statement_records(read.statements, path.name)
    records += [("landmark", key, landmark.plain()) for key, landmark in read.landmarks.items()]
    records += [("dependence", "+".join(group), {"witnesses": list(group)}) for group in read.dependent]
    return Parsed(tuple(records), problems=problems)


def _good_statements(data: Mapping[str, Any], name: str) -> tuple[list[Any], tuple[str, ...]]:
    """Statements that can be used by themselves, and a sentence for each that cannot."""
    landmarks = data.get("landmarks")
    known = set(landmarks) if isinstance(landmarks, dict) else set()
    good, problems = [], []
    rows = data.get("statements") or []
    if not isinstance(rows, list):
        raise FieldError("“statements” is not a list", do="write one item per statement", file=name, field="statements")
    for number, row in enumerate(rows, 1):
        item = f"statement {row.get('id', number) if isinstance(row, dict) else number}"
        try:
            statement = Statement.read(row, file=name, item=item)
            missing = [key for key in (statement.landmark, *statement.landmarks) if key and key not in known]
            if missing:
                raise FieldError(
                    f"it names landmark “{missing[0]}”, which is not listed",
                    do="list it under landmarks",
                    file=name,
                    item=item,
                )
            good.append(row)
        except FieldError as error:
            problems.append(error.sentence())
    return good, tuple(problems)


def _pins(path: Path, _: Facility | None) -> Parsed:
    statements, problems = statements_from_kml(read_kml(path), file=path.name, witness=_codename(path))
    return Parsed(tuple(_statement_records(statements, path.name)), problems=problems)


def _codename(path: Path) -> str:
    """A file that names no witness is taken to be the witness its name says."""
    return path.stem


def _table(path: Path, facility: Facility | None) -> Parsed:
    sheet = read_sheet(path)
    statements, problems = pins_from_table(sheet, witness=None)
    return Parsed(tuple(_statement_records(statements, path.name)), problems=problems)


def _incidents(path: Path, facility: Facility | None) -> Parsed:
    slug = facility.slug if facility else path.parent.name
    if path.suffix.lower() in (".csv", ".xlsx"):
        incidents, problems = incidents_from_table(read_sheet(path), slug)
        return Parsed(tuple(("incident", incident.id, incident.plain()) for incident in incidents), problems=problems)
    rows = read_data(path)
    rows = rows.get("incidents") if isinstance(rows, dict) else rows
    if not isinstance(rows, list):
        raise FieldError("there is no list of incidents in it", do="see “geoinv schema incident”", file=path.name)
    records, found = [], []
    for number, row in enumerate(rows, 1):
        try:
            incident = Incident.read(
                {"facility": slug, **row} if isinstance(row, dict) else row, file=path.name, item=f"incident {number}"
            )
            records.append(("incident", incident.id, incident.plain()))
        except FieldError as error:
            found.append(error.sentence())
    return Parsed(tuple(records), problems=tuple(found))


def _sketch(path: Path, facility: Facility | None) -> Parsed:
    read_drawing(path)  # a drawing that cannot be opened is refused now, not in the middle of a build
    notes = facility.sketches if facility else {}
    known = path.name in notes or f"sketches/{path.name}" in notes
    told = (
        ()
        if known
        else ("facility.yaml says nothing of this drawing: whose it is, and which period it shows, are unknown.",)
    )
    return Parsed((("sketch", f"sketches/{path.name}", {"name": path.name}),), notes=told)


def _scene(path: Path, _: Facility | None) -> Parsed:
    from geoinv.imagery.scene import record_of  # GDAL is loaded only where there is a scene

    sidecar = find_sidecar(path)
    record = record_of(path, read_sidecar(sidecar) if sidecar else None)
    notes = []
    if record.missing:
        notes.append(f"not known: {', '.join(record.missing)}.")
    if record.acquired is None:
        notes.append("without a date it cannot say when anything was built; name it in a .json or .yaml beside it.")
    return Parsed((("scene", path.name, record.plain()),), notes=tuple(notes))


#: Kind of file → what reads it.
PARSERS: dict[str, Parser] = {
    "facility": _facility,
    "statements": _statements,
    "pins": _pins,
    "table": _table,
    "incidents": _incidents,
    "sketch": _sketch,
    "scene": _scene,
}
