"""Small files of the desk's own, beside the case's records: accounts, sessions, drafts. None of them is evidence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from geoinv.errors import CaseError
from geoinv.files.atomic import atomic_path

__all__ = ["DESK_FOLDER", "desk_folder", "read_kept", "write_kept"]

#: Folder of the desk's own files in a case; backups, releases and the ledger know nothing of it.
DESK_FOLDER = ".desk"


def desk_folder(root: Path) -> Path:
    """The desk's folder in a case, made where it is not there; only its owner can enter it."""
    folder = root / DESK_FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    return folder


def read_kept(path: Path) -> dict[str, Any]:
    """A file of the desk's as it was last written; empty where there is none.

    Raises
    ------
    CaseError
        If it was altered into something that cannot be read.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise CaseError("this file of the desk cannot be read", do="delete it", file=path.name) from error
    if not isinstance(data, dict):
        raise CaseError("this file of the desk cannot be read", do="delete it", file=path.name)
    return data


def write_kept(path: Path, data: dict[str, Any]) -> None:
    """Write a file of the desk's whole or not at all; only its owner can read it."""
    with atomic_path(path, mode=0o600) as temporary:
        temporary.write_text(json.dumps(data, ensure_ascii=False, sort_keys=True), encoding="utf-8")
