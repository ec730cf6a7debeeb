"""Tables: survey exports, filled-in templates, incidents; sheet by sheet, each row a record or a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from geoinv.case.parsed import Context, Parsed
from geoinv.case.parsers_long import parse_long
from geoinv.case.parsers_said import records_told
from geoinv.errors import FieldError, InputError
from geoinv.files.account_tables import claims_from_table, rooms_from_table
from geoinv.files.consent_tables import consents_from_table
from geoinv.files.spreadsheets import Table, read_sheets
from geoinv.files.statement_tables import landmarks_from_table, statements_from_table, table_kind
from geoinv.files.tables import attachments_named, incidents_from_table, pins_from_table
from geoinv.files.uwazi import entities_of, told_by_entity
from geoinv.files.yamls import read_data
from geoinv.records.incidents import Incident
from geoinv.records.testimony import Landmark

__all__ = ["parse_incidents", "parse_table"]

#: Bytes of a file's name, on any file system.
_MOST_NAME = 255
_TABLES = (".csv", ".tsv", ".xlsx", ".xlsm")


def _joined(parts: list[Parsed]) -> Parsed:
    return Parsed(
        tuple(record for part in parts for record in part.records),
        tuple(sentence for part in parts for sentence in part.assumed),
        tuple(sentence for part in parts for sentence in part.notes),
        tuple(sentence for part in parts for sentence in part.problems),
    )


def _attachments(table: Table, path: Path) -> tuple[str, ...]:
    """A sentence for attachments that a survey names and nobody brought."""
    missing = [(row, name) for row, name in attachments_named(table) if not _lies_near(path, name)]
    if not missing:
        return ()
    row, name = missing[0]
    more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
    return (f"{path.name}, row {row}: the attachment “{name}”{more} is not beside the table; add it from the export.",)


def _lies_near(path: Path, name: str) -> bool:
    """Whether a file of that name lies beside the table or in a folder beside it."""
    if len(name.encode()) > _MOST_NAME:
        return False
    return (path.parent / name).is_file() or next(path.parent.glob(f"*/**/{_literal(name)}"), None) is not None


def _literal(name: str) -> str:
    """A file's name as a pattern that means that name only."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in name)


def _sheet(table: Table, path: Path, context: Context, landmarks: dict[str, Landmark]) -> Parsed:
    """One sheet of a table by its kind."""
    kind, prefix = table_kind(table), "" if table.sheet is None else f"{table.sheet}: "
    if kind == "statements":
        told = statements_from_table(table, landmarks.keys() | context.landmarks().keys())
        used = {key for said in told.statements for key in (said.landmark, *said.landmarks) if key}
        borrowed = {key: context.landmarks()[key] for key in sorted(used - landmarks.keys())}
        records = (*records_told(told, path.name), *(("landmark", k, mark.plain()) for k, mark in borrowed.items()))
        return Parsed(records, problems=told.problems)
    if kind == "claims":
        claims, problems = claims_from_table(table)
        full = (claim.model_copy(update={"id": f"{path.name}#{claim.id}"}) for claim in claims)
        return Parsed(tuple(("claim", c.id.partition("#")[2], c.plain()) for c in full), problems=problems)
    if kind == "rooms":
        rooms, problems = rooms_from_table(table)
        return Parsed(tuple(("room account", room.id, room.plain()) for room in rooms), problems=problems)
    if kind == "consents":
        consents, problems = consents_from_table(table)
        # Of two rows on one matter the later counts, as of two decisions.
        latest = {f"{one.witness}/{one.act}/{one.audience}": one for one in consents}
        again = len(consents) - len(latest)
        said = f"{again} rows speak of a consent that a later row speaks of again; the later row counts."
        records = tuple(("consent", item, one.plain()) for item, one in latest.items())
        return Parsed(records, (said,) if again else (), problems=problems)
    if kind == "incidents":
        incidents, problems = incidents_from_table(table, context.slug)
        records = tuple(("incident", incident.id, incident.plain()) for incident in incidents)
        return Parsed(records, problems=problems)
    if kind == "pins":
        told = pins_from_table(table)
        return Parsed(records_told(told, path.name), told.assumed, _attachments(table, path), told.problems)
    raise FieldError(
        f"{prefix}no columns for latitude and longitude, a kind or a room were found",
        do="name the columns as “geoinv template” does", file=path.name, item="row 1",
    )  # fmt: skip


def parse_table(path: Path, context: Context) -> Parsed:
    """Every sheet of a table: pins, statements, landmarks, claims, rooms or incidents, known by sheet name or columns.

    Raises
    ------
    InputError
        If the file is no table, or not one of its sheets can be used.
    """
    if (cut := parse_long(path, context)) is not None:
        return cut
    tables = read_sheets(path)
    landmarks: dict[str, Landmark] = {}
    parts: list[Parsed] = []
    refused: list[InputError] = []
    for table in (table for table in tables if table_kind(table) == "landmarks"):
        found, problems = landmarks_from_table(table)
        landmarks |= found
        parts.append(Parsed(tuple(("landmark", k, mark.plain()) for k, mark in found.items()), problems=problems))
    for table in (table for table in tables if table_kind(table) != "landmarks"):
        try:
            parts.append(_sheet(table, path, context, landmarks))
        except FieldError as error:
            refused.append(error)
    if refused and not any(part.records or part.problems for part in parts):
        raise refused[0]
    parts.append(Parsed(problems=tuple(error.at(file=path.name).sentence() for error in refused)))
    return _joined(_told_apart(parts))


def _told_apart(parts: list[Parsed]) -> list[Parsed]:
    """The same, with a number added to items that two sheets both have."""
    seen: set[tuple[str, str]] = set()
    made = []
    for part in parts:
        records: list[tuple[str, str, Any]] = []
        for kind, item, content in part.records:
            name, count = item, 2
            while (kind, name) in seen:
                name, count = f"{item}-{count}", count + 1
            seen.add((kind, name))
            if name != item and "id" in content:
                content = {**content, "id": str(content["id"]) + name[len(item) :]}
            records.append((kind, name, content))
        made.append(Parsed(tuple(records), part.assumed, part.notes, part.problems))
    return made


def parse_incidents(path: Path, context: Context) -> Parsed:
    """Incidents of a table, a YAML or JSON list, or a Uwazi export.

    Raises
    ------
    InputError
        If the file cannot be read or holds no list of incidents.
    """
    if (cut := parse_long(path, context)) is not None:
        return cut
    if path.suffix.lower() in _TABLES:
        return _joined(_told_apart([_incident_sheet(table, context) for table in read_sheets(path)]))
    data = read_data(path)
    entities = entities_of(data)
    rows = entities or (data.get("incidents") if isinstance(data, dict) else data)
    if not isinstance(rows, list):
        raise FieldError("there is no list of incidents in it", do="see “geoinv schema incident”", file=path.name)
    records: list[tuple[str, str, Any]] = []
    problems: list[str] = []
    seen: dict[str, int] = {}
    for number, row in enumerate(rows, 1):
        item = f"incident {number}"
        try:
            if entities:
                row = told_by_entity(row, number, facility=context.slug, file=path.name)
            given = {"facility": context.slug, **row} if isinstance(row, dict) else row
            incident = Incident.read(given, file=path.name, item=item)
            if incident.id in seen:
                raise FieldError(f"the id “{incident.id}” is used by incident {seen[incident.id]} too",
                                 do="give each its own id", field="id")  # fmt: skip
        except FieldError as error:
            problems.append(error.at(file=path.name, item=item).sentence())
            continue
        seen[incident.id] = number
        records.append(("incident", incident.id, incident.plain()))
    return Parsed(tuple(records), problems=tuple(problems))


def _incident_sheet(table: Table, context: Context) -> Parsed:
    incidents, problems = incidents_from_table(table, context.slug)
    return Parsed(tuple(("incident", incident.id, incident.plain()) for incident in incidents), problems=problems)
