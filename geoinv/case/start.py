"""Making a new case: its folders, its settings, and a ``.gitignore`` that keeps testimony out of every repository."""

from __future__ import annotations

import json
from pathlib import Path

from geoinv.errors import CaseError
from geoinv.files.atomic import write_text

__all__ = ["guard_folder", "start_case"]

_DENY = "# Survivors' data must not reach a repository by accident: nothing here is ever committed.\n*\n"


def guard_folder(folder: Path, *, inside_git: bool = False) -> None:
    """Refuse a folder that is a case already, holds other files, or lies in a Git work tree.

    Raises
    ------
    CaseError
        With what to do instead.
    """
    if (folder / "case.toml").exists():
        raise CaseError("this folder is a case already", do="choose another folder", file=str(folder))
    if folder.exists() and not folder.is_dir():
        raise CaseError("this is a file, not a folder", do="choose another name", file=str(folder))
    if folder.is_dir() and any(folder.iterdir()):
        raise CaseError("this folder is not empty", do="choose an empty or new folder", file=str(folder))
    resolved = folder.resolve()
    tree = next((parent for parent in (resolved, *resolved.parents) if (parent / ".git").exists()), None)
    if tree is not None and not inside_git:
        raise CaseError(
            f"this lies inside the Git work tree {tree.name}, from where testimony could be published by accident",
            do="choose a folder outside it, or say --inside-git if you are sure",
            file=str(folder),
        )


def start_case(folder: Path, *, title: str, inside_git: bool = False) -> None:
    """Make an empty case.

    Raises
    ------
    CaseError
        If the folder cannot take one; see ``guard_folder``.
    """
    guard_folder(folder, inside_git=inside_git)
    for name in ("facilities", "imagery", "models", "api"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)  # nobody else on this machine enters; a team opens it to its group by hand
    write_text(folder / ".gitignore", _DENY)
    settings = [
        f"title = {json.dumps(title, ensure_ascii=False)}",
        'languages = ["en", "ko"]',
        'audiences = ["public", "partners"]',
        'time_zone = "Asia/Seoul"',
        "",
        "# People whose codename may stand in ledger entries; the first who may sign is the default.",
        "[[people]]",
        'id = "investigator"',
        'name = "Investigator"',
        "may_sign = true",
    ]
    write_text(folder / "case.toml", "\n".join(settings) + "\n")
