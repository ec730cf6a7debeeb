"""The list of what was not understood of files of which there is too much to tell: whole, beside the case's store.

A row of a table that cannot be used is told in one sentence; ten thousand such sentences nobody reads on a terminal.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from geoinv.files.atomic import write_text
from geoinv.records.naming import Naming

if TYPE_CHECKING:
    from geoinv.case.folder import Case

__all__ = ["MISREAD", "MOST_TOLD", "drop_misread", "note_misread"]

#: The list's name, in the case's folder.
MISREAD = "not-understood.csv"
#: Sentences of one file that are told; where there are more, all of them are listed.
MOST_TOLD = 20
_HEADING = ("file", "what")


def note_misread(case: Case, told: Mapping[str, Collection[str]]) -> None:
    """Bring the list up to date: what it says of files that were read again gives way to what is said of them now.

    Parameters
    ----------
    case
        The case.
    told
        By path of each file that was read: a sentence for each thing in it that was not understood.

    Raises
    ------
    ReadOnlyError
        If the list cannot be written.
    """
    kept = [row for row in _listed(case.root / MISREAD) if row[0] not in told]
    many = {path: sentences for path, sentences in told.items() if len(sentences) > MOST_TOLD}
    _write(case, kept + [(path, sentence) for path, sentences in many.items() for sentence in sentences])


def drop_misread(case: Case, files: Collection[str], names: Naming) -> None:
    """Take out of the list what it says of files, and every sentence that names somebody.

    Raises
    ------
    ReadOnlyError
        If the list cannot be written.
    """
    rows = _listed(case.root / MISREAD)
    _write(case, [row for row in rows if row[0] not in files and not any(map(names.search, row))])


def _listed(path: Path) -> Iterator[tuple[str, str]]:
    if path.is_file():
        with path.open(encoding="utf-8", newline="") as stream:
            yield from ((row[0], row[1]) for row in csv.reader(stream) if len(row) == 2 and tuple(row) != _HEADING)


def _write(case: Case, rows: list[tuple[str, str]]) -> None:
    path = case.root / MISREAD
    if not rows:
        path.unlink(missing_ok=True)
        return
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([_HEADING, *sorted(rows, key=lambda row: row[0])])
    write_text(path, text.getvalue())
