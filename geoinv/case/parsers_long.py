"""Tables of more rows than are read at once: cut into pieces that lie in the case and are taken in by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from geoinv.case.parsed import Context, Parsed, Unpacked
from geoinv.files.pieces import PIECE_ROWS, Cut, cut_table, is_long

__all__ = ["parse_long"]

_CUT = (".csv", ".tsv")


@dataclass(frozen=True)
class _Pieces:
    """The pieces of a table as files beside it, read from the disk as they are asked for.

    Pieces of an earlier, longer version that this one does not have are emptied, so that nothing of it is counted.
    """

    path: Path
    beside: PurePosixPath

    def __iter__(self) -> Iterator[Unpacked]:
        number, heading = 0, b""
        for number, data in enumerate(cut_table(self.path, Cut()), 1):
            heading = heading or data[: data.index(b"\n") + 1]
            yield Unpacked(self._named(number), data)
        later = re.compile(rf"{re.escape(self.beside.stem)}-part-(\d{{3,}}){re.escape(self.beside.suffix)}")
        for name in sorted(other.name for other in self.path.parent.iterdir()):
            if (match := later.fullmatch(name)) and int(match[1]) > number:
                yield Unpacked(self.beside.with_name(name), heading)

    def _named(self, number: int) -> PurePosixPath:
        return self.beside.with_name(f"{self.beside.stem}-part-{number:03}{self.beside.suffix}")


def parse_long(path: Path, context: Context) -> Parsed | None:
    """A CSV of more rows than are read at once, cut into pieces; ``None`` of any other file.

    Raises
    ------
    InputError
        If it cannot be read, or cannot be cut.
    """
    if path.suffix.lower() not in _CUT or not is_long(path):
        return None
    cut, pieces = Cut(), _Pieces(path, PurePosixPath(context.relative.as_posix()))
    for _ in cut_table(path, cut):
        pass
    stem, suffix = path.stem, path.suffix
    note = (
        f"it is long, and was cut into {cut.pieces} files of about {PIECE_ROWS:,} rows, {stem}-part-001{suffix} to "
        f"{stem}-part-{cut.pieces:03}{suffix}; they are taken in by themselves, and sentences on a row name them."
    )
    problems: tuple[str, ...] = ()
    if cut.rows_apart:
        told = ", ".join(f"“{name}”" for name in cut.apart)
        problems = (
            f"{path.name}: {cut.rows_apart} rows have an id that rows far above have too, such as {told}; they are "
            "kept as further records: sort the table by id if they are one incident's acts, else give each its own id.",
        )
    return Parsed(notes=(note,), problems=problems, unpacked=pieces)
