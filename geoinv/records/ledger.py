"""Entries of the ledger: an append-only chain that vouches for content kept beside it.

``entry hash = SHA-256(canonical JSON of {number, at, by, kind, subject, commitment, previous})``;
``commitment = SHA-256(salt ‖ content)``. A withdrawal erases content and salt; the chain still verifies since the
chain holds the commitment only (hash chaining after Haber & Stornetta 1991).
"""

from __future__ import annotations

from json import JSONEncoder
from typing import Any, Literal

from pydantic import Field

from geoinv.records.base import Record, sha256_hex

__all__ = ["GENESIS", "EntryKind", "LedgerEntry", "commitment_of", "hash_of_entry"]

#: The "previous" of the first entry.
GENESIS = "0" * 64

EntryKind = Literal["case", "file", "record", "decision", "consent", "withdrawal", "publish", "custody"]


def commitment_of(content: bytes, salt: bytes) -> str:
    """Salted commitment to content: SHA-256 of salt followed by content."""
    return sha256_hex(salt + content)


#: JSON of a text as ``canonical_json`` writes it; kept ready, since a chain of a million entries asks for millions.
_text = JSONEncoder(ensure_ascii=False).encode


def hash_of_entry(
    number: Any, id: Any, at: Any, by: Any, kind: Any, subject: Any, commitment: Any, previous: Any
) -> str:
    """The hash an entry of these fields ought to have: SHA-256 of their canonical JSON.

    Returns
    -------
    str
        64 hexadecimal digits; empty if a field was altered into something that no entry ever holds.
    """
    texts = (at, by, commitment, id, kind, previous, subject)
    if type(number) is not int or set(map(type, texts)) != {str}:
        return ""
    # Canonical JSON sorts its keys: so are they here.
    return sha256_hex(
        f'{{"at":{_text(at)},"by":{_text(by)},"commitment":{_text(commitment)},"id":{_text(id)},'
        f'"kind":{_text(kind)},"number":{number},"previous":{_text(previous)},"subject":{_text(subject)}}}'.encode()
    )


class LedgerEntry(Record):
    """One link of the chain.

    Attributes
    ----------
    number
        1, 2, 3 …
    id
        Random; names the entry from outside.
    at
        UTC time, ISO 8601.
    by
        Who — named, not authenticated.
    kind, subject
        What happened, and to which record or file, by its random id: the chain outlives what a withdrawal erases.
    commitment
        To the content.
    previous, hash
        Hash of the entry before, and of this one.
    """

    number: int = Field(ge=1)
    id: str
    at: str
    by: str
    kind: EntryKind
    subject: str
    commitment: str
    previous: str
    hash: str

    def computed_hash(self) -> str:
        """The hash this entry ought to have."""
        return self.hash_at(self.number)

    def hash_at(self, number: int) -> str:
        """The hash this entry would have as the entry of that number: tells where a moved one belongs."""
        return hash_of_entry(number, self.id, self.at, self.by, self.kind, self.subject, self.commitment, self.previous)
