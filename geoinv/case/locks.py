"""Keys of people, and what is locked with them: age files (age-encryption.org/v1), written and read by pyrage.

A key is a file as ``age-keygen`` writes it, with a passphrase or without; its public half (``age1…``) is what others
lock with. Whoever loses the key loses what was locked for it alone: lock for two people.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from geoinv.errors import CaseError, FieldError, MissingToolError, UnreadableFileError
from geoinv.files.atomic import atomic_path
from geoinv.files.limits import read_bytes

try:
    import pyrage
except ImportError as _error:  # pragma: no cover - a machine for which there is no wheel
    raise MissingToolError("pyrage is not installed", do="run “pip install pyrage”") from _error

__all__ = [
    "Key",
    "locking",
    "make_key",
    "open_bytes",
    "outside_cases",
    "read_key",
    "recipient_of",
    "seal_bytes",
    "unlocking",
]

_ARMOUR = (b"age-encryption.org/v1", b"-----BEGIN AGE ENCRYPTED FILE-----")
_WRONG = "this key does not open it, or the file was altered"


@dataclass(frozen=True)
class Key:
    """Somebody's key, in memory.

    Attributes
    ----------
    public
        Its public half (``age1…``).
    secret
        pyrage's identity; never printed.
    """

    public: str
    secret: Any = field(repr=False)


def outside_cases(path: Path, *, what: str) -> Path:
    """The path resolved, if it lies in no case.

    Parameters
    ----------
    path
        Of a file that may not be there yet.
    what
        What it is, for the message.

    Raises
    ------
    CaseError
        If a case's folder holds it, by whatever link.
    """
    resolved = path.expanduser().resolve()
    if any((parent / "case.toml").exists() for parent in resolved.parents):
        raise CaseError(
            f"{what} must not lie in a case, where everybody who has the case has it too",
            do="name a place elsewhere, best on another disk",
            file=path.name,
        )
    return resolved


def make_key(path: Path, *, passphrase: str = "") -> str:
    """Write a new key, readable by its owner only.

    Parameters
    ----------
    path
        The file to make, in no case.
    passphrase
        Locks the key itself; empty for a key without one.

    Returns
    -------
    str
        Its public half.

    Raises
    ------
    CaseError
        If the file is there already, lies in a case or cannot be written.
    """
    target = outside_cases(path, what="a key")
    if target.exists():
        raise CaseError("there is a file of that name already", do="name a new one", file=path.name)
    key = pyrage.x25519.Identity.generate()
    public = str(key.to_public())
    text = f"# public key: {public}\n{key}\n".encode()
    with atomic_path(target, mode=0o600) as temporary:
        temporary.write_bytes(pyrage.passphrase.encrypt(text, passphrase) if passphrase else text)
    return public


def read_key(path: Path, ask: Callable[[], str]) -> Key:
    """A key from its file.

    Parameters
    ----------
    path
        As ``make_key`` or ``age-keygen`` writes it.
    ask
        Gives the passphrase; called only where the key has one.

    Raises
    ------
    CaseError
        If the passphrase is wrong.
    UnreadableFileError
        If the file is missing or holds no key.
    """
    data = read_bytes(path.expanduser(), most=1 << 16)
    if data.startswith(_ARMOUR):
        try:
            data = pyrage.passphrase.decrypt(data, ask())
        except pyrage.DecryptError as error:
            raise CaseError("the passphrase is wrong", do="try again", file=path.name) from error
    for line in data.decode("utf-8", "replace").splitlines():
        if line.strip().upper().startswith("AGE-SECRET-KEY-"):
            try:
                secret = pyrage.x25519.Identity.from_str(line.strip())
                return Key(str(secret.to_public()), secret)
            except pyrage.IdentityError:
                break
    raise UnreadableFileError(
        "there is no key in this file", do="name one that “geoinv identities key” made", file=path.name
    )


def recipient_of(text: str) -> Any:
    """Somebody to lock for (pyrage's recipient), by the public half of the key.

    Raises
    ------
    FieldError
        If it is none.
    """
    try:
        return pyrage.x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError as error:
        raise FieldError(
            "this is not a public key", do="it begins with age1; “geoinv identities key” prints it", field="--to"
        ) from error


def seal_bytes(data: bytes, recipients: Sequence[str]) -> bytes:
    """Bytes locked for people, by the public halves of their keys."""
    return bytes(pyrage.encrypt(data, [recipient_of(one) for one in recipients]))


def open_bytes(path: Path, key: Key) -> bytes:
    """Content of a locked file.

    Raises
    ------
    CaseError
        If the key is not one it was locked for.
    UnreadableFileError
        If it is missing or no locked file.
    """
    data = read_bytes(path)
    if not data.startswith(_ARMOUR):
        raise UnreadableFileError("this is not a locked file", do="name the right one", file=path.name)
    try:
        return bytes(pyrage.decrypt(data, [key.secret]))
    except pyrage.DecryptError as error:
        raise CaseError(_WRONG, do="use the key of somebody it was locked for", file=path.name) from error


@contextmanager
def locking(target: Path, recipients: Sequence[str]) -> Iterator[BinaryIO]:
    """A stream to write to; what is written is locked on its way to ``target``, and nothing else touches the disk.

    Raises
    ------
    ReadOnlyError
        If the file cannot be written; it is there whole or not at all.
    """
    keys = [recipient_of(one) for one in recipients]
    with (
        atomic_path(target, mode=0o600) as temporary,
        temporary.open("wb") as out,
        _piped(lambda source: pyrage.encrypt_io(source, out, keys)) as stream,
    ):
        yield stream


@contextmanager
def unlocking(path: Path, key: Key) -> Iterator[BinaryIO]:
    """A stream to read what was locked from; read it to its end, since only then it is known to be whole.

    Raises
    ------
    CaseError
        If the key does not open it, or the file was altered or cut off.
    UnreadableFileError
        If it is missing or no locked file.
    """
    try:
        with path.open("rb") as source:
            start = source.read(64)
    except OSError as error:
        raise UnreadableFileError("this file cannot be opened", do="check its name", file=path.name) from error
    if not start.startswith(_ARMOUR):
        raise UnreadableFileError("this is not a locked file", do="name the right one", file=path.name)
    reading, writing = os.pipe()
    failed: list[BaseException] = []

    def run() -> None:
        try:
            with path.open("rb") as source, os.fdopen(writing, "wb") as out:
                pyrage.decrypt_io(source, out, [key.secret])
        except BaseException as error:  # noqa: BLE001 - told by the thread that reads
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    problem: BaseException | None = None
    try:
        with os.fdopen(reading, "rb") as stream:
            yield stream
            while stream.read(1 << 16):
                pass
    except Exception as error:  # noqa: BLE001 - a stream that broke off makes its reader stumble: the reason is the thread's
        problem = error
    thread.join()
    if failed and "roken pipe" not in str(failed[0]):  # that is its reader's doing
        raise CaseError(_WRONG, do="use the key of somebody it was locked for", file=path.name) from failed[0]
    if problem is not None:
        raise problem


@contextmanager
def _piped(work: Callable[[BinaryIO], None]) -> Iterator[BinaryIO]:
    """A stream whose other end is worked on in a thread; what fails there is raised here."""
    reading, writing = os.pipe()
    failed: list[BaseException] = []

    def run() -> None:
        try:
            with os.fdopen(reading, "rb") as source:
                work(source)
        except BaseException as error:  # noqa: BLE001 - raised by the thread that writes
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        with os.fdopen(writing, "wb") as stream:
            yield stream
    except BrokenPipeError:
        pass
    finally:
        thread.join()
    if failed:
        raise failed[0]
