"""How large an honest file can be, and the one door through which readers take bytes from the disk."""

from __future__ import annotations

import os
from pathlib import Path

from geoinv.errors import UnreadableFileError, UnsafeFileError

__all__ = ["MEGABYTE", "MOST_DEPTH", "MOST_PIXELS", "MOST_ROWS", "read_bytes"]

MEGABYTE = 1 << 20
#: Nesting of folders, groups or lists beyond which no person made the file.
MOST_DEPTH = 100
#: Pixels of a drawing: a 100-megapixel scan is 300 MB as RGB.
MOST_PIXELS = 100_000_000
#: Rows of a table.
MOST_ROWS = 200_000


def read_bytes(path: Path, *, most: int = 64 * MEGABYTE) -> bytes:
    """A whole file, if it is there, not empty and not far too large.

    Parameters
    ----------
    path
        The file.
    most
        Largest size in bytes.

    Raises
    ------
    UnreadableFileError
        If the file is missing, a folder, empty or may not be opened.
    UnsafeFileError
        If it is larger than ``most``.
    """
    try:
        with path.open("rb") as stream:
            # Asked for no more than there is: a reader sets aside at once what it is asked for.
            data = stream.read(min(most, os.fstat(stream.fileno()).st_size) + 1)
    except FileNotFoundError as error:
        raise UnreadableFileError("there is no such file", do="check the name", file=path.name) from error
    except IsADirectoryError as error:
        raise UnreadableFileError("this is a folder, not a file", do="name a file in it", file=path.name) from error
    except (OSError, ValueError) as error:
        raise UnreadableFileError("this file cannot be opened", do="check its permissions", file=path.name) from error
    if len(data) > most:
        raise UnsafeFileError(
            f"this file is larger than the {most // MEGABYTE} MB that such a file can be",
            do="split it, or export it at a lower resolution",
            file=path.name,
        )
    if not data:
        raise UnreadableFileError("this file is empty", do="export it again", file=path.name)
    return data
