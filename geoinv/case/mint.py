"""Where ids, salts and times come from: minted once, when something enters the ledger, and never again."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

__all__ = ["Mint", "RandomMint", "SeededMint", "mint_for"]

#: Fictional cases begin at this moment, so that building one twice gives the same bytes.
_FICTIONAL_START = datetime(2026, 1, 1, tzinfo=UTC)


class Mint(Protocol):
    """Gives what an entry needs besides its content."""

    def id(self, kind: str, number: int, nth: int = 0) -> str:
        """A new id for the ``nth`` thing minted with entry ``number``."""

    def salt(self, number: int) -> bytes:
        """32 bytes that nobody can guess."""

    def now(self, number: int) -> str:
        """UTC time, ISO 8601 to the second."""


@dataclass(frozen=True)
class RandomMint:
    """The mint of every real case: the operating system's randomness and the clock."""

    def id(self, kind: str, number: int, nth: int = 0) -> str:
        """A random id; number and nth play no part."""
        return f"{kind}-{secrets.token_hex(8)}"

    def salt(self, number: int) -> bytes:
        """32 random bytes."""
        return secrets.token_bytes(32)

    def now(self, number: int) -> str:
        """The clock's time."""
        return datetime.now(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


@dataclass(frozen=True)
class SeededMint:
    """The mint of fictional cases: the same for the same seed and entry number, so that worlds can be made again."""

    seed: int

    def _digest(self, *parts: object) -> bytes:
        message = "\x1f".join(str(part) for part in parts).encode()
        return hmac.new(f"geoinv world {self.seed}".encode(), message, hashlib.sha256).digest()

    def id(self, kind: str, number: int, nth: int = 0) -> str:
        """An id made from the seed, the entry's number and ``nth``."""
        return f"{kind}-{self._digest('id', kind, number, nth).hex()[:16]}"

    def salt(self, number: int) -> bytes:
        """32 bytes made from the seed."""
        return self._digest("salt", number)

    def now(self, number: int) -> str:
        """One second an entry, from the start of 2026."""
        moment = _FICTIONAL_START + timedelta(seconds=number)
        return moment.isoformat().replace("+00:00", "Z")


def mint_for(*, simulated: bool, seed: int | None) -> Mint:
    """The mint of a case: seeded only where the case says that it is fictional and names a seed."""
    return SeededMint(seed) if simulated and seed is not None else RandomMint()
