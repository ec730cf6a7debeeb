"""Entries of the ledger hash as the documentation says, whatever their fields hold."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from geoinv.records.base import canonical_json, sha256_hex
from geoinv.records.ledger import GENESIS, LedgerEntry, hash_of_entry

_FIELDS = ("id", "at", "by", "kind", "subject", "commitment", "previous")
_TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.integers(), st.fixed_dictionaries(dict.fromkeys(_FIELDS, _TEXT)))
def test_an_entry_hashes_to_that_of_its_canonical_json(number: int, fields: dict[str, Any]) -> None:
    assert hash_of_entry(number, **fields) == sha256_hex(canonical_json({"number": number, **fields}))


@given(st.sampled_from((*_FIELDS, "number")), st.none() | st.floats() | st.binary() | st.booleans())
def test_a_field_that_no_entry_holds_has_no_hash(field: str, value: object) -> None:
    fields: dict[str, Any] = {"number": 1, **dict.fromkeys(_FIELDS, "x"), field: value}
    assert hash_of_entry(**fields) == ""


def test_an_entry_of_another_place_has_another_hash() -> None:
    entry = LedgerEntry(
        number=3, id="ent-1", at="2026-01-01T00:00:03Z", by="ines", kind="record", subject="stm-1",
        commitment="0" * 64, previous=GENESIS, hash="",
    )  # fmt: skip
    assert entry.computed_hash() == entry.hash_at(3) != entry.hash_at(4)
