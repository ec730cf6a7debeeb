"""The error tree: everything geoinv raises on purpose.

::

    GeoinvError                    anything below; carries one sentence a person can act on
    ├── InputError                 something handed over cannot be used as it is
    │   ├── UnreadableFileError    the file cannot be opened or is not what its name says
    │   ├── FieldError             one field of one row or feature is missing or impossible
    │   └── UnsafeFileError        the file tries to do harm (entity bomb, ``../`` in an archive, far too large)
    ├── FrameError                 places of different frames were combined
    ├── RefusalError               a method declined to answer rather than pretend
    ├── CaseError                  the case folder or its records
    │   ├── NotACaseError          no ``case.toml`` there
    │   ├── CaseLockedError        another process is writing
    │   ├── DecidedMeanwhileError  somebody decided on the same matter since it was looked at
    │   ├── ReadOnlyError          the folder cannot be written
    │   ├── NewerVersionError      written by a newer geoinv
    │   └── LedgerError            the chain, or something it vouches for, does not verify
    ├── ReleaseError               a release cannot be made, opened or trusted
    └── MissingToolError           something to be installed is not there

Every error says in one sentence what is wrong and what to do, and names the file, the row or feature and the field
where it knows them.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "CaseError",
    "CaseLockedError",
    "DecidedMeanwhileError",
    "FieldError",
    "FrameError",
    "GeoinvError",
    "InputError",
    "LedgerError",
    "MissingToolError",
    "NewerVersionError",
    "NotACaseError",
    "ReadOnlyError",
    "RefusalError",
    "ReleaseError",
    "UnreadableFileError",
    "UnsafeFileError",
]


class GeoinvError(Exception):
    """Base of all errors geoinv raises on purpose.

    Parameters
    ----------
    what
        What is wrong, in plain words, without the place.
    do
        What the reader can do about it.
    file, item, field
        Where: the file's name, the row or feature (``"row 12"``, ``"feature c17"``), the field or column.
    """

    #: Title of the problem in RFC 9457 output.
    title = "The work could not be done"

    def __init__(
        self, what: str, *, do: str = "", file: str | None = None, item: str | None = None, field: str | None = None
    ) -> None:
        self.what, self.do, self.file, self.item, self.field = what, do, file, item, field
        super().__init__(self.sentence())

    def sentence(self) -> str:
        """The error as one sentence on one line: place, what is wrong, what to do."""
        where = ", ".join(str(part) for part in (self.file, self.item, self.field) if part)
        text = f"{where}: {self.what}" if where else self.what
        said = f"{text.rstrip('.')}; {self.do.rstrip('.')}." if self.do else f"{text.rstrip('.')}."
        # Names inside files are anybody's: a line break or an escape sequence in one must not reach a screen or a log.
        return "".join(sign if sign.isprintable() else "\ufffd" for sign in said)

    def at(self, *, file: str | None = None, item: str | None = None, field: str | None = None) -> GeoinvError:
        """The same error with a place filled in where it had none."""
        cls = type(self)
        return cls(self.what, do=self.do, file=self.file or file, item=self.item or item, field=self.field or field)

    def problem(self) -> dict[str, Any]:
        """The error as an RFC 9457 problem object (without a status, which only a server gives)."""
        members = {"file": self.file, "item": self.item, "field": self.field, "do": self.do or None}
        return {
            "type": f"urn:geoinv:error:{type(self).__name__}",
            "title": self.title,
            "detail": self.sentence(),
            **{key: value for key, value in members.items() if value is not None},
        }


class InputError(GeoinvError):
    """Something handed over cannot be used as it is."""

    title = "The input cannot be used as it is"


class UnreadableFileError(InputError):
    """A file cannot be opened, or is not what its name says."""

    title = "A file cannot be read"


class FieldError(InputError):
    """One field of one row or feature is missing or impossible."""

    title = "A field is missing or impossible"


class UnsafeFileError(InputError):
    """A file tries to do harm: an entity bomb, ``../`` in an archive, or a size nothing honest has."""

    title = "A file is not safe to read"


class FrameError(GeoinvError):
    """Places of different frames were combined."""

    title = "Places of different frames were combined"


class RefusalError(GeoinvError):
    """A method declined to answer rather than pretend."""

    title = "The method declined to answer"


class CaseError(GeoinvError):
    """The case folder or its records."""

    title = "The case cannot be used as it is"


class NotACaseError(CaseError):
    """There is no ``case.toml`` in the folder."""

    title = "That folder is not a case"


class CaseLockedError(CaseError):
    """Another process is writing to the case."""

    title = "The case is in use"


class DecidedMeanwhileError(CaseError):
    """Somebody decided on the same matter since the person who decides now looked at it."""

    title = "Somebody decided on this meanwhile"


class ReadOnlyError(CaseError):
    """A folder or file cannot be written."""

    title = "The folder cannot be written"


class NewerVersionError(CaseError):
    """A case or file was written by a newer geoinv."""

    title = "Written by a newer version"


class LedgerError(CaseError):
    """The ledger's chain, or something it vouches for, does not verify."""

    title = "The ledger does not verify"


class ReleaseError(GeoinvError):
    """A release cannot be made, opened or trusted."""

    title = "The release cannot be used"


class MissingToolError(GeoinvError):
    """Something to be installed is not there."""

    title = "Something is not installed"
