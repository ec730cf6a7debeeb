"""Who may sit at the desk: named accounts with roles, passwords kept as scrypt hashes, one-time links to begin with."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from geoinv.api.desk.keeping import desk_folder, read_kept, write_kept
from geoinv.errors import FieldError

__all__ = ["ROLES", "Account", "Accounts", "Role"]

Role = Literal["reader", "investigator", "lead"]
#: What each may do besides what those before may: look; decide, add and build; publish and keep accounts.
ROLES: tuple[Role, ...] = get_args(Role)

#: scrypt's cost (RFC 7914): 32 MB and about a tenth of a second a guess.
_N, _R, _P, _MEMORY = 2**15, 8, 1, 64 * 2**20
_LEAST = 10
#: What a password is held against where nobody has the name, so that the clock does not tell who is here.
_DECOY = {"salt": "00" * 16, "scrypt": "00" * 64}
_LINK_SECONDS = 24 * 3600.0


@dataclass(frozen=True)
class Account:
    """One person's account.

    Attributes
    ----------
    name
        The codename that signs ledger entries.
    role
        What the person may do.
    has_password
        Whether one was chosen; before, only a one-time link lets in.
    """

    name: str
    role: Role
    has_password: bool

    def may(self, role: Role) -> bool:
        """Whether the account's role allows what another role does."""
        return ROLES.index(self.role) >= ROLES.index(role)


class Accounts:
    """The accounts of one case, kept in a file beside its records; several desks may share it.

    Parameters
    ----------
    root
        The case's folder.
    """

    def __init__(self, root: Path) -> None:
        self._path = desk_folder(root) / "accounts.json"
        self._lock = threading.Lock()

    def all(self) -> tuple[Account, ...]:
        """Every account, by name."""
        kept = self._people()
        return tuple(self._account(name, kept[name]) for name in sorted(kept))

    def named(self, name: str) -> Account | None:
        """One account, or ``None``."""
        person = self._people().get(name)
        return None if person is None else self._account(name, person)

    def put(self, name: str, role: Role) -> Account:
        """Make an account, or give one another role.

        Raises
        ------
        FieldError
            If the name cannot sign, or the last lead would be none any more.
        """
        if not name.isprintable() or not name.strip() or len(name) > 60 or name != name.strip():
            raise FieldError("an account is named by a codename of up to 60 letters", do="choose one", field="name")
        if role not in ROLES:
            raise FieldError(f"there is no role “{role}”", do=f"choose one of: {', '.join(ROLES)}", field="role")
        with self._lock:
            data = read_kept(self._path)
            people = data.setdefault("people", {})
            others = [one for key, one in people.items() if key != name and one["role"] == "lead"]
            if role != "lead" and not others and people.get(name, {}).get("role") == "lead":
                raise FieldError("somebody must keep the accounts", do="make another one lead first", field="role")
            people.setdefault(name, {})["role"] = role
            write_kept(self._path, data)
            return self._account(name, people[name])

    def remove(self, name: str) -> None:
        """Close an account; what it decided stays.

        Raises
        ------
        FieldError
            If it is the last lead's.
        """
        with self._lock:
            data = read_kept(self._path)
            people = data.get("people", {})
            if not any(key != name and one["role"] == "lead" for key, one in people.items()):
                raise FieldError("somebody must keep the accounts", do="make another one lead first", field="name")
            people.pop(name, None)
            data["links"] = {key: link for key, link in data.get("links", {}).items() if link["name"] != name}
            write_kept(self._path, data)

    def set_password(self, name: str, password: str) -> None:
        """Choose a password.

        Raises
        ------
        FieldError
            If it is shorter than ten letters, or the name itself.
        """
        if len(password) < _LEAST or password.casefold() == name.casefold():
            raise FieldError(
                f"a password has at least {_LEAST} letters and is not the name", do="take a sentence", field="password"
            )
        made = _hashed(password)
        with self._lock:
            data = read_kept(self._path)
            data["people"][name]["password"] = made
            write_kept(self._path, data)

    def is_password(self, name: str, password: str) -> bool:
        """Whether a password is an account's; takes as long where there is no such account."""
        kept = self._people().get(name, {}).get("password")
        right = _matches(password, kept or _DECOY)
        return right and kept is not None

    def link(self, name: str, *, seconds: float = _LINK_SECONDS) -> str:
        """Make a key that lets an account in once, within a day; only its hash is kept."""
        key = secrets.token_urlsafe(24)
        with self._lock:
            data = read_kept(self._path)
            now = time.time()
            links = {old: link for old, link in data.get("links", {}).items() if link["until"] > now}
            data["links"] = {**links, _digest(key): {"name": name, "until": now + seconds}}
            write_kept(self._path, data)
        return key

    def use_link(self, key: str) -> Account | None:
        """The account that a one-time key lets in, which it then does no more; ``None`` where it does not."""
        with self._lock:
            data = read_kept(self._path)
            link = data.get("links", {}).pop(_digest(key), None)
            if link is None:
                return None
            write_kept(self._path, data)
        return self.named(link["name"]) if link["until"] > time.time() else None

    def _people(self) -> dict[str, Any]:
        people: dict[str, Any] = read_kept(self._path).get("people", {})
        return people

    @staticmethod
    def _account(name: str, person: Mapping[str, Any]) -> Account:
        return Account(name, person["role"], "password" in person)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _hashed(password: str) -> dict[str, str]:
    salt = secrets.token_bytes(16)
    return {"salt": salt.hex(), "scrypt": _scrypt(password, salt).hex()}


def _matches(password: str, kept: Mapping[str, str]) -> bool:
    return hmac.compare_digest(_scrypt(password, bytes.fromhex(kept["salt"])), bytes.fromhex(kept["scrypt"]))


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=_N, r=_R, p=_P, maxmem=_MEMORY)
