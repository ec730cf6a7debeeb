"""Seals on the ledger's head: signatures (Ed25519, RFC 8032) and an authority's timestamps (RFC 3161); both optional.

An entry says who, but anybody could have written that name. A signature by a key that only one person has says that the
ledger up to its head is what that person saw; a timestamp says that it was there at a time, by somebody who gains
nothing. Nothing is sent: a request is written to a file, and the authority's answer read from one. Seals are custody
entries of the chain and change nothing that a release is made of. Needs the ``seal`` extra.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from geoinv.case.folder import Case
from geoinv.case.store import KeptEntry
from geoinv.errors import InputError, LedgerError, MissingToolError, ReadOnlyError, UnreadableFileError
from geoinv.files.atomic import write_bytes
from geoinv.records.ledger import LedgerEntry

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.x509 import Certificate

__all__ = ["check_seals", "make_key", "read_timestamp", "request_timestamp", "sign_head"]

_INSTALL = "pip install 'geoinv[seal]'"


def _crypto() -> Any:
    try:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError as error:
        raise MissingToolError("signing needs the library cryptography", do=f"install it: {_INSTALL}") from error
    return ed25519, serialization


def _rfc3161() -> ModuleType:
    try:
        import rfc3161_client
    except ImportError as error:
        raise MissingToolError("timestamps need the library rfc3161-client", do=f"install it: {_INSTALL}") from error
    return rfc3161_client


# Signatures.


def make_key(file: Path) -> str:
    """Make a signing key in a new file that only its owner may read; its public key, to stand in ``case.toml``.

    Raises
    ------
    ReadOnlyError
        If the file is there already or cannot be written.
    """
    ed25519, serialization = _crypto()
    key = ed25519.Ed25519PrivateKey.generate()
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
            handle.write(text)
    except OSError as error:
        raise ReadOnlyError("the key cannot be written there", do="name a new file", file=str(file)) from error
    return _public(key)


def _public(key: Ed25519PrivateKey) -> str:
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def _read_key(file: Path) -> Ed25519PrivateKey:
    ed25519, serialization = _crypto()
    try:
        key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise UnreadableFileError("this is not a signing key that can be read", do="make one with “geoinv seal key”",
                                  file=file.name) from error  # fmt: skip
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise UnreadableFileError("this key is not of the kind Ed25519", do="make one with “geoinv seal key”",
                                  file=file.name)  # fmt: skip
    found: Ed25519PrivateKey = key
    return found


def sign_head(case: Case, key_file: Path, *, by: str) -> LedgerEntry:
    """Sign the ledger's head; the signature is its next entry.

    Raises
    ------
    UnreadableFileError
        If the key cannot be read.
    """
    key = _read_key(key_file)
    with case.store.writing():
        head = case.ledger.head
        signature = base64.b64encode(key.sign(head.encode())).decode()
        content = {"event": "signed", "head": head, "public_key": _public(key), "signature": signature}
        entry = case.ledger.append("custody", "case", content, by=by)
    case.note_head()
    return entry


# Timestamps.


def request_timestamp(case: Case, file: Path) -> str:
    """Write a timestamp request (RFC 3161, section 2.4.1) for the ledger's head, to be taken to an authority.

    Returns
    -------
    str
        The head it is for.
    """
    client, head = _rfc3161(), case.ledger.head
    request = client.TimestampRequestBuilder().data(head.encode()).nonce(nonce=False).build()
    write_bytes(file, request.as_bytes())
    return head


def read_timestamp(case: Case, response: Path, roots: Path, *, by: str) -> LedgerEntry:
    """Check an authority's answer (section 2.4.2) and keep it in the ledger.

    Parameters
    ----------
    response
        The answer as received (``.tsr``).
    roots
        The authority's root certificates, PEM.

    Raises
    ------
    UnreadableFileError
        If a file cannot be read.
    LedgerError
        If the answer is of no head of this ledger, or does not verify.
    """
    try:
        answer, trusted = response.read_bytes(), roots.read_bytes()
    except OSError as error:
        raise UnreadableFileError("this file cannot be read", do="check its name", file=str(error.filename)) from error
    time, imprint = _stamped(answer, file=response.name)
    head = next((row.hash for row in case.store.chain() if _imprint(row.hash) == imprint), None)
    if head is None:
        raise LedgerError(
            "this timestamp is of no head of this ledger",
            do="check that the answer belongs to this case",
            file=response.name,
        )
    content = {
        "event": "timestamped",
        "head": head,
        "time": time,
        "response": base64.b64encode(answer).decode(),
        "roots": trusted.decode("ascii", errors="replace"),
    }
    problem = _timestamp_problem(content)
    if problem:
        raise LedgerError(
            f"this timestamp does not verify ({problem})", do="ask the authority again", file=response.name
        )
    with case.store.writing():
        entry = case.ledger.append("custody", "case", content, by=by)
    case.note_head()
    return entry


def _imprint(head: str) -> bytes:
    return hashlib.sha512(head.encode()).digest()


def _stamped(answer: bytes, *, file: str) -> tuple[str, bytes]:
    """When, and the hash of what."""
    try:
        decoded = _rfc3161().decode_timestamp_response(answer)
        info = decoded.tst_info
        return info.gen_time.isoformat(), bytes(info.message_imprint.message)
    except ValueError as error:
        raise InputError(f"this is no granted timestamp ({error})", do="ask the authority again", file=file) from error


def _certificates(text: str) -> list[Certificate]:
    from cryptography.x509 import load_pem_x509_certificates

    return load_pem_x509_certificates(text.encode())


def _timestamp_problem(content: dict[str, Any]) -> str:
    """Why a kept timestamp does not verify; empty if it does."""
    client = _rfc3161()
    try:
        builder = client.VerifierBuilder()
        for root in _certificates(content["roots"]):
            builder = builder.add_root_certificate(root)
        answer = client.decode_timestamp_response(base64.b64decode(content["response"]))
        builder.build().verify_message(answer, content["head"].encode())
    except (ValueError, KeyError, client.VerificationError) as error:
        return " ".join(str(error).split()) or type(error).__name__
    return ""


# Checking.


def check_seals(case: Case) -> tuple[list[str], list[str]]:
    """What is wrong with the ledger's seals, and what they say, a sentence each.

    Every seal must be of a head that stands before it. Where the ``seal`` extra is not installed, that is said instead.
    """
    problems: list[str] = []
    notes: list[str] = []
    known = {person.public_key: person.id for person in case.settings.people if person.public_key}
    seals = [kept for kept in case.store.walk("custody") if kept.content is not None]
    if not any(_content(kept).get("event") in ("signed", "timestamped") for kept in seals):
        return problems, notes
    heads = case.store.numbers_of(str(_content(kept).get("head")) for kept in seals)
    for kept in seals:
        content, number = _content(kept), kept.entry.number
        event = content.get("event")
        if event not in ("signed", "timestamped"):
            continue
        sealed = heads.get(str(content.get("head")), number)
        try:
            problem = _signature_problem(content) if event == "signed" else _timestamp_problem(content)
        except MissingToolError as error:
            notes.append(f"the seal of ledger entry {number} was not checked: {error.sentence()}")
            continue
        if sealed >= number:
            problems.append(f"the seal of ledger entry {number} is of a head that the ledger does not hold before it.")
        elif problem:
            problems.append(f"the seal of ledger entry {number} does not verify ({problem}).")
        elif event == "signed":
            who = known.get(content["public_key"])
            by = f"by {who}" if who else "by a key that case.toml does not name"
            notes.append(f"entries 1 to {sealed} were signed {by} ({kept.entry.at}).")
        else:
            notes.append(f"entries 1 to {sealed} were there at {content['time']}, as a timestamp authority says.")
    return problems, notes


def _content(kept: KeptEntry) -> dict[str, Any]:
    try:
        data = json.loads(kept.content or b"{}")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _signature_problem(content: dict[str, Any]) -> str:
    """Why a kept signature does not verify; empty if it does."""
    ed25519, _ = _crypto()
    from cryptography.exceptions import InvalidSignature

    try:
        public = ed25519.Ed25519PublicKey.from_public_bytes(base64.b64decode(content["public_key"]))
        public.verify(base64.b64decode(content["signature"]), content["head"].encode())
    except (InvalidSignature, ValueError, KeyError) as error:
        return str(error) or "the signature is not of this head"
    return ""
