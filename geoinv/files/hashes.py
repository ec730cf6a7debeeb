"""SHA-256 of files, read in pieces."""

from __future__ import annotations

import hashlib
from pathlib import Path

from geoinv.errors import UnreadableFileError

__all__ = ["file_sha256"]


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes as 64 hexadecimal digits (FIPS 180-4), in bounded memory.

    Raises
    ------
    UnreadableFileError
        If the file cannot be read.
    """
    try:
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError as error:
        raise UnreadableFileError("this file cannot be read", do="check its permissions", file=path.name) from error
