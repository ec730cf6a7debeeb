"""What people have begun and not recorded yet: kept, so that a crash or a reload loses none of it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from geoinv.api.desk.keeping import read_kept, write_kept
from geoinv.case.folder import Case
from geoinv.errors import FieldError

__all__ = ["Drafts", "withdrawals"]

_MOST_BYTES = 200_000


class Drafts:
    """Drafts by person and page; none outlives a withdrawal of consent, since it may hold what was withdrawn.

    Parameters
    ----------
    folder
        Where they lie.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, case: Case, name: str, page: str, text: str) -> None:
        """Keep a draft in place of the one before.

        Parameters
        ----------
        name, page
            Whose, and of which page.
        text
            As the page made it.

        Raises
        ------
        FieldError
            If it is far larger than anything a hand draws.
        """
        if len(text) > _MOST_BYTES:
            raise FieldError("this draft is too large to keep", do="record what you have", field="draft")
        at = case.ledger.mint.now(case.ledger.next_number)
        write_kept(self._path(name, page), {"page": page, "text": text, "at": at, "withdrawals": withdrawals(case)})

    def get(self, case: Case, name: str, page: str) -> dict[str, Any] | None:
        """A draft and when it was kept, or ``None``."""
        path = self._path(name, page)
        kept = read_kept(path)
        if not kept:
            return None
        if kept.get("withdrawals") != withdrawals(case):
            path.unlink(missing_ok=True)
            return None
        return kept

    def drop(self, name: str, page: str) -> None:
        """Forget a draft."""
        self._path(name, page).unlink(missing_ok=True)

    def sweep(self, case: Case) -> None:
        """Remove every draft that was kept before consent was last withdrawn."""
        now = withdrawals(case)
        for path in sorted(self._folder.glob("*.json")):
            if read_kept(path).get("withdrawals") != now:
                path.unlink(missing_ok=True)

    def _path(self, name: str, page: str) -> Path:
        # Neither name nor page becomes part of a path: both come from outside.
        digest = hashlib.sha256("\0".join((name, page)).encode()).hexdigest()
        return self._folder / f"{digest[:32]}.json"


def withdrawals(case: Case) -> int:
    """How often consent was withdrawn: what was kept before the last time may hold what was withdrawn."""
    return len(case.store.entries("withdrawal"))
