"""Who is behind the codenames, and how to reach them: one locked file outside every case, for few people.

Nothing of it is ever on a disk unlocked, and nothing of a case refers to it: the codename is the only link.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from geoinv.case.locks import Key, open_bytes, outside_cases, seal_bytes
from geoinv.errors import CaseError, UnreadableFileError
from geoinv.files.atomic import atomic_path
from geoinv.records.base import Record

__all__ = ["Identity", "Vault"]

_WHAT = "the vault of identities"


class Identity(Record):
    """Who is behind a codename.

    Attributes
    ----------
    name, contact, note
        As people wrote them.
    """

    name: str
    contact: str = ""
    note: str = ""


@dataclass
class Vault:
    """An opened vault.

    Attributes
    ----------
    path
        The locked file.
    recipients
        Public halves of the keys that open it.
    people
        Codename → who.
    """

    path: Path
    recipients: tuple[str, ...]
    people: dict[str, Identity]

    @classmethod
    def make(cls, path: Path, recipients: Sequence[str]) -> Vault:
        """Make an empty vault.

        Raises
        ------
        CaseError
            If it would lie in a case, nobody is named, or there is a file already.
        FieldError
            If somebody's public key is none.
        """
        target = outside_cases(path, what=_WHAT)
        if target.exists():
            raise CaseError("there is a file of that name already", do="name a new one", file=path.name)
        made = cls(target, tuple(dict.fromkeys(one.strip() for one in recipients)), {})
        made.save()
        return made

    @classmethod
    def open(cls, path: Path, key: Key) -> Vault:
        """Open a vault.

        Raises
        ------
        CaseError
            If it lies in a case, or the key does not open it.
        UnreadableFileError
            If it is missing or no vault.
        """
        target = outside_cases(path, what=_WHAT)
        try:
            data = json.loads(open_bytes(target, key))
            people = {str(name): Identity.read(one) for name, one in data["identities"].items()}
            return cls(target, tuple(data["recipients"]), people)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UnreadableFileError(
                "this is no vault of identities", do="name the right file", file=path.name
            ) from error

    def save(self) -> None:
        """Write it, locked for its recipients, whole or not at all, readable by its owner only.

        Raises
        ------
        CaseError
            If nobody could open it.
        ReadOnlyError
            If it cannot be written.
        """
        if not self.recipients:
            raise CaseError("nobody could open this vault", do="name somebody with --to", file=self.path.name)
        people = {name: self.people[name].plain() for name in sorted(self.people)}
        data = json.dumps({"recipients": self.recipients, "identities": people}, ensure_ascii=False).encode()
        locked = seal_bytes(data, self.recipients)
        with atomic_path(self.path, mode=0o600) as temporary:
            temporary.write_bytes(locked)

    def put(self, codename: str, identity: Identity) -> None:
        """Note who is behind a codename; whoever stood there before is replaced. Save it afterwards."""
        self.people[codename] = identity

    def of(self, codename: str) -> Identity:
        """Who is behind a codename.

        Raises
        ------
        CaseError
            If nobody is noted under it.
        """
        if codename not in self.people:
            raise CaseError(f"nobody is noted as “{codename}”", do="list the codenames with “geoinv identities list”")
        return self.people[codename]

    def forget(self, codename: str) -> None:
        """Take out a codename, as when consent is withdrawn. Save it afterwards.

        Raises
        ------
        CaseError
            If nobody is noted under it.
        """
        self.of(codename)
        del self.people[codename]
