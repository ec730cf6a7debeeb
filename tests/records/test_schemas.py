"""The committed JSON Schemas are what the code reads and writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from geoinv.records.claims import Claim, Claims
from geoinv.records.dates import PartialDate
from geoinv.records.facility import Facility
from geoinv.records.incidents import Act, Incident
from geoinv.records.measures import Interval
from geoinv.records.schemas import SCHEMAS, json_schema
from geoinv.records.testimony import Statements
from tests.records.test_blueprint import a_blueprint
from tests.records.test_testimony import SAID

_GOOD: dict[str, list[Any]] = {
    "blueprint": [{**a_blueprint().plain(), "geoinv": {"version": "0.1.0"}}],
    "statements": [SAID, Statements.read(SAID).plain()],
    "facility": [Facility(slug="reef", name="Reef post", simulated=True).plain()],
    "incident": [Incident(id="i1", facility="reef", date=PartialDate("2009~"), acts=(Act(violation="v1"),)).plain()],
    "claims": [
        Claims(
            claims=(Claim(id="c1", witness="w1", kind="distance", subject="gate", said_value=Interval.of(20.0)),)
        ).plain()
    ],
}
_BAD: dict[str, Any] = {
    "blueprint": {"facility": "reef"},
    "statements": {"statements": [{"id": "s1", "witness": "w1", "kind": "guess"}]},
    "facility": {"slug": "reef"},
    "incident": {"id": "i1", "facility": "reef", "certainty": "total"},
    "claims": {"claims": [{"id": "c1"}]},
    "findings": {"findings": [{"claim": "c1", "verdict": "maybe"}]},
    "release": {"title": "x"},
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_committed_schema_is_the_codes(name: str, repository: Path) -> None:
    committed = json.loads((repository / "docs" / "schemas" / f"{name}.json").read_text(encoding="utf-8"))
    assert committed == json_schema(name), f"write it anew: geoinv schema {name} > docs/schemas/{name}.json"


def test_nothing_else_is_committed_as_a_schema(repository: Path) -> None:
    assert {path.stem for path in (repository / "docs" / "schemas").glob("*.json")} == set(SCHEMAS)


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_valid_itself_and_refuses_what_is_bad(name: str) -> None:
    validator = jsonschema.Draft202012Validator
    validator.check_schema(json_schema(name))
    for good in _GOOD.get(name, []):
        validator(json_schema(name)).validate(good)
    assert not validator(json_schema(name)).is_valid(_BAD[name])
