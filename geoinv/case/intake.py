"""Taking in files as received: hashed, kept, never changed, parsed into records; what was not understood is told."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from geoinv.case.folder import Case
from geoinv.case.keeping import keep_file
from geoinv.case.store import FileRow
from geoinv.errors import GeoinvError, InputError, ReadOnlyError, UnreadableFileError
from geoinv.files.atomic import atomic_path
from geoinv.files.hashes import file_sha256
from geoinv.records.facility import Facility

__all__ = ["FileOutcome", "IntakeReport", "Parsed", "bring_in", "kind_of", "preview", "take_in"]

#: Larger originals (scenes) stay where they are and are vouched for by their hash alone.
_KEEP_COPY_BELOW = 256 * 2**20
_IMAGES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".pdf", ".svg"}
_SCENES = {".tif", ".tiff", ".jp2", ".vrt"}
_SIDECARS = {".json", ".yaml", ".yml"}


@dataclass(frozen=True)
class Parsed:
    """What a file gave.

    Attributes
    ----------
    records
        ``(kind, item, JSON-ready content)``; ``item`` names it inside the file.
    notes
        What was assumed or left out, a sentence each.
    problems
        Rows or features that could not be used, a sentence each; the others were.
    """

    records: tuple[tuple[str, str, Any], ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class FileOutcome:
    """What became of one file: its kind, how many records of each kind it gave, and what to know about that."""

    path: str
    kind: str
    counts: dict[str, int]
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    supersedes: str | None = None


@dataclass(frozen=True)
class IntakeReport:
    """What an intake took in; files that were known already are not listed."""

    files: tuple[FileOutcome, ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        """Everything that could not be understood, a sentence each."""
        return tuple(problem for file in self.files for problem in file.problems)


def kind_of(relative: Path) -> tuple[str, str | None]:
    """What a file of the case is by its place and suffix, and whose.

    Parameters
    ----------
    relative
        Path below the case folder.

    Returns
    -------
    kind, facility
        ``facility``, ``statements``, ``pins``, ``table``, ``incidents``, ``sketch``, ``scene``, ``sidecar``, ``note``
        (kept, not parsed) or ``unknown``; the facility's slug, where the file is a facility's.
    """
    parts, suffix = relative.parts, relative.suffix.lower()
    if parts[0] == "imagery":
        return ("scene" if suffix in _SCENES else "sidecar" if suffix in _SIDECARS else _other(relative)), None
    if parts[0] != "facilities" or len(parts) < 3:
        return _other(relative), None
    slug, name = parts[1], relative.name.lower()
    if name in ("facility.yaml", "facility.yml", "facility.json"):
        return "facility", slug
    if relative.stem.lower() == "incidents" and suffix in (".csv", ".xlsx", ".yaml", ".yml", ".json"):
        return "incidents", slug
    if parts[2] == "sketches":
        return ("sketch" if suffix in _IMAGES else _other(relative)), slug
    by_suffix = {
        **dict.fromkeys((".kml", ".kmz"), "pins"),
        **dict.fromkeys((".csv", ".xlsx"), "table"),
        **dict.fromkeys((".yaml", ".yml", ".json"), "statements"),
    }
    return by_suffix.get(suffix, _other(relative)), slug


def _other(relative: Path) -> str:
    return "note" if relative.suffix.lower() in (".md", ".txt", ".docx") else "unknown"


def _listed(case: Case) -> list[Path]:
    """Files below ``facilities/`` and ``imagery/``, facility records first, so that what refers to them finds them."""
    found: list[Path] = []
    for top in ("facilities", "imagery"):
        for folder, folders, names in os.walk(case.root / top, followlinks=False):
            folders.sort()
            found += [Path(folder, name) for name in names if not name.startswith(".")]
    relative = [path.relative_to(case.root) for path in found]
    return sorted(relative, key=lambda path: (kind_of(path)[0] != "facility", path.as_posix()))


def _is_known(case: Case, relative: Path, known: dict[str, FileRow]) -> bool:
    """Whether a file was taken in as it is: by size and time first, by content if those differ."""
    row = known.get(relative.as_posix())
    if row is None:
        return False
    stat = (case.root / relative).stat()
    if (stat.st_size, stat.st_mtime_ns) == (row.size, row.mtime_ns):
        return True
    if stat.st_size != row.size or file_sha256(case.root / relative) != row.sha256:
        return False
    with case.store.writing():  # same content, touched: note the new time so that it need not be read again
        case.store.put_file(row._replace(mtime_ns=stat.st_mtime_ns))
    return True


def _with_partners(changed: list[Path], listed: list[Path]) -> list[Path]:
    """A scene whose sidecar changed is read again with it."""
    stems = {path.with_suffix("") for path in changed if kind_of(path)[0] == "sidecar"}
    partners = [path for path in listed if kind_of(path)[0] == "scene" and path.with_suffix("") in stems]
    return [path for path in listed if path in changed or path in partners]


def take_in(case: Case, *, by: str, progress: Callable[[str], None] = lambda _: None) -> IntakeReport:
    """Take in every file of the case that is new or changed.

    A file is one transaction: its entry, its records and the superseding of its earlier version stand together or not
    at all.

    Raises
    ------
    CaseError
        If the store or the folder cannot be written. What is wrong with a file is in the report instead.
    """
    known = case.store.files()
    listed = _listed(case)
    changed = [path for path in listed if not _is_known(case, path, known)]
    outcomes = []
    for relative in _with_partners(changed, listed):
        progress(f"taking in {relative.as_posix()}")
        outcomes.append(_take_file(case, relative, known.get(relative.as_posix()), by=by))
    if outcomes:
        case.note_head()
    return IntakeReport(tuple(outcomes))


def preview(case: Case, files: Sequence[Path], *, facility: str | None) -> IntakeReport:
    """What taking these files in would give; nothing is changed.

    Raises
    ------
    InputError
        As ``bring_in``.
    """
    outcomes = []
    for path in _expanded(files):
        relative = _relative(case, path) or _place_for(path, facility)
        kind, slug = kind_of(relative)
        try:
            parsed = _parsed(case, path, kind, slug)
        except GeoinvError as error:
            parsed = Parsed(problems=(error.at(file=path.name).sentence(),))
        outcomes.append(_outcome(relative.as_posix(), kind, parsed, None))
    return IntakeReport(tuple(outcomes))


def _relative(case: Case, path: Path) -> Path | None:
    """Path below the case folder, or ``None`` of a file outside it."""
    root, resolved = case.root.resolve(), path.resolve()
    return resolved.relative_to(root) if resolved.is_relative_to(root) else None


def _outcome(name: str, kind: str, parsed: Parsed, supersedes: str | None) -> FileOutcome:
    kinds = [record[0] for record in parsed.records]
    counts = {key: kinds.count(key) for key in sorted(set(kinds))}
    return FileOutcome(name, kind, counts, parsed.notes, parsed.problems, supersedes)


def _take_file(case: Case, relative: Path, before: FileRow | None, *, by: str) -> FileOutcome:
    path, name = case.root / relative, relative.as_posix()
    kind, slug = kind_of(relative)
    digest = _digest_or_none(path)
    if digest is None:
        problem = UnreadableFileError("this file cannot be read", do="check its permissions", file=name)
        return FileOutcome(name, kind, {}, problems=(problem.sentence(),))
    try:
        parsed = _parsed(case, path, kind, slug)
    except ReadOnlyError:
        raise
    except GeoinvError as error:
        parsed = Parsed(problems=(error.at(file=name).sentence(),))
    if kind != "scene":
        _keep_original(case, path, digest)
    stat = path.stat()
    row = FileRow(name, digest, stat.st_size, stat.st_mtime_ns, kind, slug, entry=0)
    kept = keep_file(case.ledger, row, parsed.records, by=by, before=before)
    if kept.known:
        return FileOutcome(name, kind, {}, notes=("taken in by somebody else meanwhile.",))
    return _outcome(name, kind, replace(parsed, notes=(*parsed.notes, *kept.notes)), kept.supersedes)


def _digest_or_none(path: Path) -> str | None:
    try:
        return file_sha256(path)
    except UnreadableFileError:
        return None


def _parsed(case: Case, path: Path, kind: str, slug: str | None) -> Parsed:
    if kind == "unknown":
        return Parsed(problems=(f"{path.name}: geoinv does not know this kind of file; it is kept as it is.",))
    if kind in ("note", "sidecar"):
        return Parsed()
    # Readers are heavy: they are loaded only when there is something to read.
    from geoinv.case.parsers import PARSERS

    facility = _facility_of(case, slug) if slug and kind != "facility" else None
    return PARSERS[kind](path, facility)


def _facility_of(case: Case, slug: str) -> Facility:
    """The facility's record, or a bare one while nothing of it was taken in yet."""
    return case.recorded_facility(slug) or case.bare_facility(slug)


def _keep_original(case: Case, path: Path, digest: str) -> None:
    """Keep the file as received, so that a later edit of the working copy loses nothing."""
    target = case.originals_dir() / digest[:2] / digest
    if target.exists() or path.stat().st_size > _KEEP_COPY_BELOW:
        return
    with atomic_path(target) as temporary:
        shutil.copyfile(path, temporary)


def bring_in(case: Case, files: Sequence[Path], *, facility: str | None) -> list[Path]:
    """Copy outside files to their place in the case; files of the case already stay where they are.

    Parameters
    ----------
    files
        Files or folders as received.
    facility
        Slug of the facility they are about; scenes need none.

    Returns
    -------
    list of Path
        Where they lie, below the case folder.

    Raises
    ------
    InputError
        If a file is missing, a folder is empty, or a file's facility is not said.
    """
    placed = []
    for path in _expanded(files):
        inside = _relative(case, path)
        if inside is not None:
            placed.append(inside)
            continue
        relative = _place_for(path, facility)
        with atomic_path(case.root / relative) as temporary:
            shutil.copyfile(path, temporary)
        placed.append(relative)
    return placed


def _expanded(files: Sequence[Path]) -> Iterable[Path]:
    for path in files:
        if path.is_dir():
            inside = sorted(item for item in path.rglob("*") if item.is_file())
            if not inside:
                raise InputError(
                    "this folder is empty", do="name a folder or files with something in them", file=str(path)
                )
            yield from inside
        elif path.is_file():
            yield path
        else:
            raise UnreadableFileError("there is no such file", do="check the name", file=str(path))


def _place_for(path: Path, facility: str | None) -> Path:
    suffix = path.suffix.lower()
    if suffix in (".tif", ".tiff", ".jp2") or (
        suffix in _SIDECARS and any(path.with_suffix(end).exists() for end in _SCENES)
    ):
        return Path("imagery", path.name)
    if facility is None:
        raise InputError("it is not said which facility this is about", do="name it with --facility", file=path.name)
    if path.name.lower() in ("facility.yaml", "facility.yml") or path.stem.lower() == "incidents":
        return Path("facilities", facility, path.name)
    folder = "sketches" if suffix in _IMAGES else "testimony"
    return Path("facilities", facility, folder, path.name)
