"""What made worlds gave, kept in a folder, so that a long calibration that was broken off goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import geoinv
from geoinv.files.atomic import write_json

__all__ = ["KeptFolder"]


class KeptFolder:
    """A folder of JSON files, one for each world; what another state of the program left there is not read.

    Parameters
    ----------
    folder
        Made when first written to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def _program(self) -> str:
        """Digest of the program's own text: figures of two programs must not be mixed."""
        home, digest = Path(geoinv.__file__).parent, hashlib.sha256()
        for path in sorted(home.rglob("*.py")):
            digest.update(path.relative_to(home).as_posix().encode() + b"\0" + path.read_bytes())
        return digest.hexdigest()

    def read(self, name: str) -> dict[str, Any] | None:
        """What was kept of a world by this very program; ``None`` if nothing was."""
        try:
            kept = json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return dict(kept["facts"]) if kept.get("program") == self._program else None

    def write(self, name: str, facts: Mapping[str, Any]) -> None:
        """Keep what a world gave."""
        write_json(self.folder / f"{name}.json", {"program": self._program, "facts": dict(facts)})
