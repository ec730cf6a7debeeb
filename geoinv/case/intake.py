"""Taking in files as received: hashed, kept, never changed, parsed into records; what was not understood is told."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from geoinv.case.bringing import keep_original, lay_unpacked, planned
from geoinv.case.codenames import Answer, asked
from geoinv.case.folder import Case
from geoinv.case.keeping import Keeper, Kept
from geoinv.case.kinds import kind_of
from geoinv.case.misread import note_misread
from geoinv.case.offers import count_offers
from geoinv.case.parsed import Context, Parsed
from geoinv.case.store import FileRow
from geoinv.errors import GeoinvError, InputError, ReadOnlyError, UnreadableFileError
from geoinv.files.atomic import sweep_below, sweep_left
from geoinv.files.hashes import file_sha256
from geoinv.records.facility import Facility
from geoinv.records.testimony import Landmark

__all__ = ["FileOutcome", "IntakeReport", "preview", "take_in"]

#: Files may lie in files (a table in a zip, a picture in a KMZ, its place beside it): looked through so often at most.
_MOST_ROUNDS = 5
_UNKNOWN = (
    "{}: geoinv does not know this kind of file; it is kept as it is, and read if you export it in a format that it "
    "knows (docs/formats.md)."
)
#: Kinds of which two files with the same content are two things: what they mean depends on what they lie beside.
_NEVER_THE_SAME = {"facility", "sidecar", "about", "part", "note", "unknown"}


@dataclass(frozen=True)
class FileOutcome:
    """What became of one file.

    Attributes
    ----------
    path, kind
        Where it lies in the case, and what it is taken for (see ``kind_of``).
    counts
        How many records of each kind it gave.
    assumed
        What was taken for granted and a person should check, a sentence each.
    notes
        What was left out on purpose or is not known, a sentence each.
    problems
        What could not be understood, a sentence each.
    supersedes
        SHA-256 of its earlier version, which is kept.
    same_as
        Path of a file of the same content that was taken in before; its records are not taken twice.
    exposed
        What looks as if it told who somebody is, a sentence each; such a file is not taken in before a person answers.
    unseen
        What of it could not be looked through for names, in words: only a person can.
    gist
        Who speaks in it, and from when its scenes are, in words.
    """

    path: str
    kind: str
    counts: dict[str, int]
    assumed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    supersedes: str | None = None
    same_as: str | None = None
    exposed: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    gist: str = ""


@dataclass(frozen=True)
class IntakeReport:
    """What an intake took in; files that were known already are not listed."""

    files: tuple[FileOutcome, ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        """Everything that could not be understood, a sentence each."""
        return tuple(problem for file in self.files for problem in file.problems)

    @property
    def held_back(self) -> tuple[str, ...]:
        """Files that were not taken in because they may tell who somebody is."""
        return tuple(file.path for file in self.files if file.exposed)

    @property
    def counts(self) -> dict[str, int]:
        """How many records of each kind all the files gave."""
        total: dict[str, int] = {}
        for file in self.files:
            for kind, count in file.counts.items():
                total[kind] = total.get(kind, 0) + count
        return dict(sorted(total.items()))


def _listed(case: Case) -> list[Path]:
    """Files below ``facilities/`` and ``imagery/``, facility records first, so that what refers to them finds them."""
    found: list[Path] = []
    for top in ("facilities", "imagery"):
        for folder, folders, names in os.walk(case.root / top, followlinks=False):
            folders.sort()
            found += [Path(folder, name) for name in names if not name.startswith(".")]
    relative = [path.relative_to(case.root) for path in found]
    return sorted(relative, key=lambda path: (kind_of(path)[0] != "facility", path.as_posix()))


def _is_known(case: Case, relative: Path, known: Mapping[str, FileRow]) -> bool:
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
    """A scene or sketch is read again when a file beside it that speaks of it changed."""
    beside = {path for path in changed if kind_of(path)[0] in ("sidecar", "about")}
    bases = {(path.parent, path.name.split(".")[0]) for path in beside}
    # Airbus's DIM_… speaks of IMG_…; its stem is another.
    prefixed = any(name.upper().startswith("DIM_") for _, name in bases)

    def is_partner(path: Path) -> bool:
        kind = kind_of(path)[0]
        if kind not in ("scene", "sketch"):
            return False
        return (path.parent, path.name.split(".")[0]) in bases or (prefixed and path.name.upper().startswith("IMG_"))

    again = set(changed)
    return [path for path in listed if path in again or (beside and is_partner(path))]


#: Whose, of which kind and with which content (SHA-256) a file is.
_Content = tuple[str | None, str, str]


def _by_content(known: Iterable[FileRow]) -> dict[_Content, str]:
    """Path of the first file of each content."""
    rows = sorted(known, key=lambda row: row.entry)
    return {(row.facility, row.kind, row.sha256): row.path for row in reversed(rows) if row.kind not in _NEVER_THE_SAME}


def take_in(
    case: Case,
    *,
    by: str,
    progress: Callable[[str], None] = lambda _: None,
    checked: str = "",
    answered: Iterable[Path] = (),
) -> IntakeReport:
    """Take in every file of the case that is new or changed, and what lies inside those.

    A file's entry, its records and the superseding of its earlier version stand together or not at all. A file that may
    tell who somebody is stays where it is and is not taken in until a person has answered.

    Parameters
    ----------
    checked
        A person's reason why ``answered`` files, and what lies inside them, name nobody; goes into the ledger.
    answered
        Paths below the case folder.

    Raises
    ------
    CaseError
        If the store or the folder cannot be written. What is wrong with a file is in the report instead.
    """
    sweep_left(case.root)
    for top in ("facilities", "imagery", "originals", "api"):
        sweep_below(case.root / top)
    outcomes: dict[str, FileOutcome] = {}
    enriched: set[str] = set()
    said = Answer(checked, {path.as_posix() for path in answered})
    for _ in range(_MOST_ROUNDS):
        known = case.store.files()
        listed = _listed(case)
        held = {name for name, outcome in outcomes.items() if outcome.exposed}
        changed = [path for path in listed if path.as_posix() not in held and not _is_known(case, path, known)]
        work = dict.fromkeys((*_with_partners(changed, listed), *_helped(case, listed, known, enriched)))
        if not work:
            break
        taken = _take_files(case, work, known, said, by=by, progress=progress)
        enriched = {path.parts[1] for path, one in taken if one.counts.get("landmark") and one.path not in outcomes}
        for _, one in taken:
            outcomes[one.path] = _twice(outcomes[one.path], one) if one.path in outcomes else one
    if outcomes:
        note_misread(case, {name: outcome.problems for name, outcome in outcomes.items()})
        case.note_head()
    return IntakeReport(tuple(outcomes.values()))


def _take_files(
    case: Case,
    work: Iterable[Path],
    known: Mapping[str, FileRow],
    said: Answer,
    *,
    by: str,
    progress: Callable[[str], None],
) -> list[tuple[Path, FileOutcome]]:
    """Take in files in the order given; what became of each."""
    keeper, contents = Keeper(case.ledger, by), _by_content(known.values())
    taken: dict[Path, FileOutcome] = {}
    for relative in work:
        progress(f"taking in {relative.as_posix()}")
        then = partial(taken.__setitem__, relative)
        _take_file(case, relative, known.get(relative.as_posix()), contents, said, keeper, then)
    keeper.settle()
    return [(relative, taken[relative]) for relative in work]


def _helped(case: Case, listed: list[Path], known: Mapping[str, FileRow], slugs: set[str]) -> list[Path]:
    """Files whose statements name landmarks that only now are known, of facilities that were given some."""
    found = []
    for relative in listed:
        kind, slug = kind_of(relative)
        name = relative.as_posix()
        if slug in slugs and kind in ("statements", "table") and name in known:
            held = sum(row.source == name for row in case.store.records("statement", slug))
            given = sum(kind == "statement" for kind, _, _ in _understood(case, case.root / relative, relative).records)
            if given > held:
                found.append(relative)
    return found


def _twice(first: FileOutcome, second: FileOutcome) -> FileOutcome:
    """What is told of a file that was read twice: the second reading, with what was assumed in the first."""
    assumed = dict.fromkeys((*first.assumed, *second.assumed))
    return replace(second, assumed=tuple(assumed), supersedes=first.supersedes, unseen=first.unseen)


def preview(case: Case, files: Sequence[Path], *, facility: str | None) -> IntakeReport:
    """What taking these files in would give; nothing is changed.

    Raises
    ------
    InputError
        As ``bring_in``.
    """
    outcomes = []
    known = case.store.files()
    contents = _by_content(known.values())
    for path, relative in planned(case, files, facility=facility):
        name = relative.as_posix()
        kind, slug = kind_of(relative)
        digest = _digest_or_none(path)
        before = known.get(name)
        if digest is not None and before is not None and before.sha256 == digest:
            outcomes.append(FileOutcome(name, kind, {}, same_as=name))
            continue
        same = contents.get((slug, kind, digest)) if digest and kind not in _NEVER_THE_SAME else None
        if same is not None and same != name:
            outcomes.append(FileOutcome(name, kind, {}, same_as=same))
            continue
        told, unseen = ((), ()) if digest is None else asked(case, path, relative, digest, Answer(), by="")
        parsed = _understood(case, path, relative)
        inside = tuple(f"{item.path} would be taken in with it." for item in parsed.unpacked)
        parsed = replace(parsed, notes=(*parsed.notes, *inside))
        outcome = _outcome(name, kind, parsed, before.sha256 if before else None)
        outcomes.append(replace(outcome, exposed=told, unseen=unseen))
    return IntakeReport(tuple(outcomes))


def _outcome(name: str, kind: str, parsed: Parsed, supersedes: str | None) -> FileOutcome:
    kinds = [record[0] for record in parsed.records]
    counts = {key: kinds.count(key) for key in sorted(set(kinds))}
    return FileOutcome(name, kind, counts, parsed.assumed, parsed.notes, parsed.problems, supersedes, gist=parsed.gist)


def _understood(case: Case, path: Path, relative: Path, keeper: Keeper | None = None) -> Parsed:
    """What a file gives; what is wrong with it as a sentence."""
    try:
        parsed = _parsed(case, path, relative, keeper)
        if count := count_offers(parsed.records):
            slug = relative.parts[1]
            told = f"its words give {count} measures that nobody wrote down; see “geoinv decide words {slug}”."
            parsed = replace(parsed, notes=(*parsed.notes, told))
        return parsed
    except ReadOnlyError:
        raise
    except GeoinvError as error:
        return Parsed(problems=(error.at(file=relative.as_posix()).sentence(),))


def _take_file(
    case: Case,
    relative: Path,
    before: FileRow | None,
    contents: dict[_Content, str],
    said: Answer,
    keeper: Keeper,
    then: Callable[[FileOutcome], None],
) -> None:
    """Take in a file, now or soon; ``then`` is told what became of it."""
    path, name = case.root / relative, relative.as_posix()
    kind, slug = kind_of(relative)
    digest = _digest_or_none(path)
    if digest is None:
        problem = UnreadableFileError("this file cannot be read", do="check its permissions", file=name)
        return then(FileOutcome(name, kind, {}, problems=(problem.sentence(),)))
    unseen: tuple[str, ...] = ()
    if before is None or before.sha256 != digest:
        told, unseen = asked(case, path, relative, digest, said, by=keeper.by)
        if told:
            return then(FileOutcome(name, kind, {}, exposed=told, unseen=unseen))
    same = None if kind in _NEVER_THE_SAME else contents.setdefault((slug, kind, digest), name)
    parsed = Parsed() if same not in (None, name) else _understood(case, path, relative, keeper)
    if kind != "scene":
        keep_original(case, path, digest)
    laid: tuple[str, ...] = ()
    if name in said.files:
        said.files |= {item.path.as_posix() for item in parsed.unpacked}
    try:
        laid = lay_unpacked(case, parsed.unpacked)
    except InputError as error:
        parsed = replace(parsed, problems=(*parsed.problems, error.at(file=name).sentence()))
    parsed = replace(parsed, unpacked=())  # it lies on the disk now, and need not wait in memory
    stat = path.stat()
    row = FileRow(name, digest, stat.st_size, stat.st_mtime_ns, kind, slug, entry=0)

    def kept(became: Kept) -> None:
        if became.known:
            return then(FileOutcome(name, kind, {}, notes=("taken in by somebody else meanwhile.",)))
        noted = replace(parsed, notes=(*parsed.notes, *laid, *became.notes))
        outcome = _outcome(name, kind, noted, became.supersedes)
        then(replace(outcome, same_as=same if same != name else None, unseen=unseen))

    keeper.keep(row, parsed.records, before=before, then=kept)


def _digest_or_none(path: Path) -> str | None:
    try:
        return file_sha256(path)
    except UnreadableFileError:
        return None


def _parsed(case: Case, path: Path, relative: Path, keeper: Keeper | None) -> Parsed:
    kind, slug = kind_of(relative)
    if kind == "unknown":
        return Parsed(problems=(_UNKNOWN.format(path.name),))
    if kind in ("note", "sidecar", "part"):
        return Parsed()
    # Readers are heavy: they are loaded only when there is something to read.
    from geoinv.case.parsers import PARSERS

    facility = _facility_of(case, slug, keeper) if slug and kind != "facility" else None
    context = Context(relative, facility, lambda: _landmarks_of(case, slug, relative.as_posix(), keeper))
    return PARSERS[kind](path, context)


def _facility_of(case: Case, slug: str, keeper: Keeper | None) -> Facility:
    """The facility's record, or a bare one while nothing of it was taken in yet."""
    if keeper is not None:
        keeper.settle_before("facility", slug)
    return case.recorded_facility(slug) or case.bare_facility(slug)


def _landmarks_of(case: Case, slug: str | None, besides: str, keeper: Keeper | None) -> dict[str, Landmark]:
    """Landmarks that other files of a facility gave, by key."""
    if keeper is not None:
        keeper.settle_before("landmark", slug)
    rows = case.store.records("landmark", slug) if slug else []
    return {row.item: Landmark.read(json.loads(row.content)) for row in rows if row.source != besides and row.content}
