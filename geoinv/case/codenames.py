"""A case holds codenames only: what looks like more is told before it is taken in, and a person answers.

What is found is never printed or kept in full. An answer (“these are nobody's”) is a decision: it is in the ledger with
a name, a reason and what was found, and holds for that content of that file only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import cast

from geoinv.case.bringing import planned
from geoinv.case.decisions import decide
from geoinv.case.folder import Case
from geoinv.errors import FieldError
from geoinv.files.hashes import file_sha256
from geoinv.records.decisions import CheckCodenames

__all__ = ["Answer", "Looked", "Sighting", "answer", "asked", "check_reason", "is_answered", "look_through",
           "must_ask"]  # fmt: skip

#: What satellites saw: nobody speaks in it, and its seller is named. What lies beside it was written by people.
_SATELLITES = (".tif", ".tiff", ".jp2", ".vrt", ".ovr")
#: Things of one file that cannot be looked through, told one by one.
_MOST_UNSEEN = 5


@dataclass(frozen=True)
class Sighting:
    """Something of one kind that stands in one column, or at one kind of place, of a file.

    Attributes
    ----------
    kind
        What it looks like (``IdentifyingKind``).
    place, column
        Where it stands first; the column, key or tag if it is filed under one.
    shape
        First sign and length of the first.
    count
        How many there are.
    """

    kind: str
    place: str
    column: str
    shape: str
    count: int = 1

    def sentence(self, file: str) -> str:
        """One sentence that says where to look."""
        column = f", column “{self.column}”" if self.column else ""
        more = f", and {self.count - 1} more" if self.count > 1 else ""
        article = "an" if self.kind[0] in "aeiou" else "a"
        return f"{file}, {self.place}{column}: this looks like {article} {self.kind} ({self.shape}){more}."


@dataclass(frozen=True)
class Looked:
    """What came of looking through a file.

    Attributes
    ----------
    sightings
        What may tell who somebody is.
    unseen
        What of it could not be looked through, in words.
    """

    sightings: tuple[Sighting, ...] = ()
    unseen: tuple[str, ...] = ()


@dataclass
class Answer:
    """What a person said of files that may tell who somebody is.

    Attributes
    ----------
    reason
        Why they name nobody; empty where nobody was asked.
    files
        Paths below the case folder of which it was said.
    """

    reason: str = ""
    files: set[str] = field(default_factory=set)


def look_through(path: Path, relative: Path) -> Looked:
    """What in a file may tell who somebody is, and what of it only a person can look through.

    Parameters
    ----------
    path
        The file.
    relative
        Where it lies, or will lie, below the case folder.
    """
    if relative.parts[:1] == ("imagery",) and relative.suffix.lower() in _SATELLITES:
        return Looked()
    # The readers are heavy: they are loaded only when there is something to read.
    from geoinv.facilities.identifying import (
        Identifying,
        IdentifyingKind,
        column_kind,
        identifying_in,
        in_column,
        masked,
    )
    from geoinv.files.left_behind import Unseen
    from geoinv.files.texts import texts_in

    kind_of_column = lru_cache(maxsize=4096)(column_kind)
    inside = lru_cache(maxsize=65536)(identifying_in)
    found: dict[tuple[str, str], Sighting] = {}
    unseen: dict[str, None] = {}
    under_keys: set[tuple[str, Identifying]] = set()
    for text in texts_in(path):
        if isinstance(text, Unseen):
            unseen[text.what] = None
            continue
        seen: Sequence[Identifying] = inside(text.text)
        if text.tells is not None:
            seen = [Identifying(cast(IdentifyingKind, text.tells), masked(text.text))]
        elif not seen and text.column and (kind := kind_of_column(text.column)):
            one = in_column(kind, text.text)
            seen = [one] if one else []
        for one in seen:
            # A whole line follows the keys and values on it: what stands in these is not told twice.
            if not text.column and (text.place, one) in under_keys:
                continue
            under_keys.add((text.place, one))
            key = (one.kind, text.column)
            first = found.get(key)
            found[key] = (
                Sighting(one.kind, text.place, text.column, one.shape)
                if first is None
                else Sighting(first.kind, first.place, first.column, first.shape, first.count + 1)
            )
    shown = list(unseen)[:_MOST_UNSEEN]
    if len(unseen) > len(shown):
        shown.append(f"{len(unseen) - len(shown)} more things in it")
    return Looked(tuple(found.values()), tuple(shown))


def must_ask(case: Case, files: Sequence[Path], *, facility: str | None) -> tuple[str, ...]:
    """What in files that are to come in may tell who somebody is, a sentence each; those answered for are left out.

    Raises
    ------
    InputError
        As ``planned``.
    """
    told: list[str] = []
    for path, relative in planned(case, files, facility=facility):
        name = relative.as_posix()
        known = case.store.file(name)
        if known is not None and known.sha256 == file_sha256(path):
            continue
        sightings = look_through(path, relative).sightings
        if sightings and not is_answered(case, name, file_sha256(path)):
            told += [one.sentence(path.name) for one in sightings]
    return tuple(told)


def check_reason(reason: str) -> None:
    """Refuse a reason that itself tells who somebody is: it is kept for as long as the file is.

    Raises
    ------
    FieldError
        With what it looks like.
    """
    from geoinv.facilities.identifying import identifying_in

    found = identifying_in(reason)
    if found:
        raise FieldError(
            f"the reason holds what looks like a {found[0].kind}", do="say it without", field="--codenames-checked"
        )


def is_answered(case: Case, file: str, digest: str) -> bool:
    """Whether a person said of this content of this file that nobody is named in it, and has not taken it back."""
    return any(
        isinstance(one.body, CheckCodenames) and (one.body.file, one.body.sha256) == (file, digest)
        for _, one in case.decisions()
    )


def answer(case: Case, file: str, digest: str, sightings: Sequence[Sighting], *, by: str, reason: str) -> None:
    """Keep a person's answer that what was found in a file names nobody.

    Parameters
    ----------
    file, digest
        Path below the case folder, and SHA-256.
    sightings
        What was found; its kinds and numbers are kept, its shapes are not.
    by, reason
        Who says so and why.

    Raises
    ------
    FieldError
        If the reason is empty.
    CaseError
        If the case cannot be written.
    """
    counts: dict[str, int] = {}
    for one in sightings:
        counts[one.kind] = counts.get(one.kind, 0) + one.count
    decide(case, CheckCodenames(file=file, sha256=digest), by=by, reason=reason, proposed=dict(sorted(counts.items())))


def asked(
    case: Case, path: Path, relative: Path, digest: str, said: Answer, *, by: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What in a file may tell who somebody is, and what could not be looked through.

    Parameters
    ----------
    path, relative, digest
        The file, where it lies or will lie below the case folder, and its SHA-256.
    said, by
        An answer that is being given, and by whom; it is put on record where it is of this file.

    Returns
    -------
    told, unseen
        A sentence for each sighting, none once a person has answered; what of the file only a person can look through.

    Raises
    ------
    CaseError
        If the answer cannot be written.
    """
    looked, name = look_through(path, relative), relative.as_posix()
    if not looked.sightings or is_answered(case, name, digest):
        return (), looked.unseen
    if said.reason and name in said.files:
        answer(case, name, digest, looked.sightings, by=by, reason=said.reason)
        return (), looked.unseen
    return tuple(one.sentence(name) for one in looked.sightings), looked.unseen
