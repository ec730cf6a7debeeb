"""Release-scoped names: published things are named by keyed hashes that only the case can resolve.

The salt depends on the case's key, the audience and the ledger's head, so that two audiences' releases, or two releases
of one audience, cannot be joined by their ids (HMAC-SHA-256, RFC 2104).
"""

from __future__ import annotations

import hashlib
import hmac

__all__ = ["Commitments"]


class Commitments:
    """Keyed hashes of one release.

    Parameters
    ----------
    key
        The case's own key.
    audience
        For whom the release is.
    head
        The ledger's head.
    """

    def __init__(self, key: bytes, audience: str, head: str) -> None:
        self._salt = hmac.new(key, f"release\x1f{audience}\x1f{head}".encode(), hashlib.sha256).digest()

    def of(self, kind: str, name: str) -> str:
        """A name such as ``building-3f0a1b2c4d5e6f70`` for a thing of the case."""
        digest = hmac.new(self._salt, f"{kind}\x1f{name}".encode(), hashlib.sha256).hexdigest()
        return f"{kind}-{digest[:16]}"
