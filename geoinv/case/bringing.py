"""Files from outside brought to their place in the case, and files that lay inside others; nothing there is lost."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from geoinv.case.attached import attached_names
from geoinv.case.folder import Case
from geoinv.case.kinds import place_for
from geoinv.case.parsed import Unpacked
from geoinv.errors import InputError, UnreadableFileError
from geoinv.files.atomic import atomic_path, write_bytes
from geoinv.files.hashes import file_sha256

__all__ = ["bring_in", "is_copied", "keep_original", "lay_unpacked", "planned"]

#: Larger originals (scenes) stay where they are and are vouched for by their hash alone, until something replaces them.
_KEEP_COPY_BELOW = 256 * 2**20
#: Folders of a case in which what people gave lies.
_GIVEN = ("facilities", "imagery")


def planned(case: Case, files: Sequence[Path], *, facility: str | None) -> list[tuple[Path, Path]]:
    """Each file as received, and where it lies or will lie below the case folder.

    Parameters
    ----------
    files
        Files or folders as received; a folder stands for all the files in it.
    facility
        Slug of the facility they are about; scenes need none.

    Raises
    ------
    InputError
        If a file is missing, a folder is empty, a file's facility is not said, or two files would lie in one place.
    """
    found: list[tuple[Path, Path]] = []
    taken: dict[Path, Path] = {}
    root = case.root.resolve()
    paths = list(_expanded(files, root))
    attached = attached_names(paths)
    for path in paths:
        inside = _relative(root, path)
        relative = inside or place_for(path, facility)
        if relative is not None and inside is None and path.name in attached and relative.parent.name == "sketches":
            relative = relative.parent.with_name("testimony") / path.name
        if relative is None:
            raise InputError("it is not said which facility this is about", do="name it with --facility",
                             file=path.name)  # fmt: skip
        other = taken.setdefault(relative, path)
        if other is path:
            found.append((path, relative))
        elif other.resolve() != path.resolve() and file_sha256(other) != file_sha256(path):
            raise InputError(
                f"{other} and {path} are two files of one name, and one would cover the other", do="rename one of them",
                file=path.name,
            )  # fmt: skip
    return found


def _relative(root: Path, path: Path) -> Path | None:
    """Path below the case folder (resolved), or ``None`` of a file outside it.

    What lies in a hidden folder of the case, as dropped files do that are only looked at yet, is outside.
    """
    resolved = path.resolve()
    relative = resolved.relative_to(root) if resolved.is_relative_to(root) else None
    return None if relative is None or relative.parts[:1] and relative.parts[0].startswith(".") else relative


def _expanded(files: Sequence[Path], root: Path) -> Iterable[Path]:
    """The files themselves and those in folders; links in a folder are not followed.

    Of the case's own folder only what people said and satellites saw is meant, not what was built from it.
    """
    for path in files:
        if path.is_dir():
            inside = sorted(
                Path(folder, name)
                for folder, folders, names in os.walk(path, followlinks=False)
                for name in names
                if not name.startswith(".") and not Path(folder, name).is_symlink()
                and not _is_made(_relative(root, Path(folder, name)))
            )  # fmt: skip
            if not inside:
                raise InputError(
                    "this folder is empty", do="name a folder or files with something in them", file=str(path)
                )
            yield from inside
        elif path.is_file():
            yield path
        else:
            raise UnreadableFileError("there is no such file", do="check the name", file=str(path))


def _is_made(inside: Path | None) -> bool:
    """Whether a file, by its path below the case, is the case's own: its store, its originals, what was built."""
    return inside is not None and inside.parts[0] not in _GIVEN


def bring_in(case: Case, files: Sequence[Path], *, facility: str | None) -> list[Path]:
    """Copy outside files to their place in the case; files of the case already stay where they are.

    A file that lies there under the same name with other content is its earlier version: it is kept among the
    originals before the new one takes its place.

    Parameters
    ----------
    files, facility
        As for ``planned``.

    Returns
    -------
    list of Path
        Where they lie, below the case folder.

    Raises
    ------
    InputError
        As ``planned``.
    """
    plan = planned(case, files, facility=facility)
    for path, relative in plan:
        target = case.root / relative
        if target.resolve() == path.resolve():
            continue
        if target.is_file():
            digest = file_sha256(target)
            if digest == file_sha256(path):
                continue
            keep_original(case, target, digest, however_large=True)
        with atomic_path(target) as temporary:
            shutil.copyfile(path, temporary)
    return [relative for _, relative in plan]


def is_copied(kind: str, size: int) -> bool:
    """Whether a file of a kind and size (bytes) is copied to the originals when it is taken in."""
    return kind != "scene" and size <= _KEEP_COPY_BELOW


def keep_original(case: Case, path: Path, digest: str, *, however_large: bool = False) -> None:
    """Keep a file as received, so that a later edit of the working copy loses nothing.

    Parameters
    ----------
    path
        The working copy.
    digest
        Its SHA-256, which names the original.
    however_large
        Whether to keep a copy of a large one too: when something is about to take its place.
    """
    target = case.originals_dir() / digest[:2] / digest
    if target.exists() or (path.stat().st_size > _KEEP_COPY_BELOW and not however_large):
        return
    with atomic_path(target) as temporary:
        shutil.copyfile(path, temporary)


def lay_unpacked(case: Case, unpacked: Iterable[Unpacked]) -> tuple[str, ...]:
    """Write files that lay inside another into the case; the rest is as in ``bring_in``.

    Returns
    -------
    tuple of str
        A sentence for each that took an earlier file's place.

    Raises
    ------
    InputError
        If one would lie outside the case's inputs.
    """
    told = []
    for item in unpacked:
        target = case.root / item.path
        tops = [(case.root / top).resolve() for top in ("facilities", "imagery")]
        if not any(target.parent.resolve().is_relative_to(top) for top in tops) or target.is_symlink():
            raise InputError(
                "a file in it would lie outside the case", do="make the archive again", file=str(item.path)
            )
        if target.is_file():
            digest = file_sha256(target)
            if target.read_bytes() == item.data:
                continue
            keep_original(case, target, digest, however_large=True)
            told.append(f"{item.path} was there before; the earlier one is kept among the originals.")
        elif target.exists():
            raise InputError("a folder lies where a file in it should lie", do="rename it", file=str(item.path))
        write_bytes(target, item.data)
    return tuple(told)
