"""JSON Schemas of the files that others write and read."""

from __future__ import annotations

from typing import Any

from geoinv.records.base import Record
from geoinv.records.blueprint import Blueprint
from geoinv.records.claims import Claims, Findings
from geoinv.records.facility import Facility
from geoinv.records.incidents import Incident
from geoinv.records.release import Release
from geoinv.records.testimony import Statements

__all__ = ["SCHEMAS", "json_schema"]

#: Name on the command line → record.
SCHEMAS: dict[str, type[Record]] = {
    "blueprint": Blueprint,
    "claims": Claims,
    "findings": Findings,
    "statements": Statements,
    "facility": Facility,
    "incident": Incident,
    "release": Release,
}


def json_schema(name: str) -> dict[str, Any]:
    """JSON Schema (2020-12) of a file format.

    Raises
    ------
    KeyError
        If there is none of that name.
    """
    schema = SCHEMAS[name].model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"urn:geoinv:schema:{name}", **schema}
