"""Pictures that a survey's table names: they belong to its rows, and are no drawings of the place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from geoinv.errors import GeoinvError

__all__ = ["attached_names"]

_TABLES = {".csv", ".tsv", ".xlsx", ".xlsm", ".xls"}
_PICTURES = {".png", ".jpg", ".jpeg", ".heic", ".heif", ".tif", ".tiff", ".pdf", ".svg", ".webp", ".gif", ".bmp"}


def attached_names(paths: Sequence[Path]) -> frozenset[str]:
    """Names of the pictures among some files that a table among them names in a cell.

    Parameters
    ----------
    paths
        Files that come in together; a table that cannot be read names nothing, since its reader says what is wrong.
    """
    pictures = {path.name for path in paths if path.suffix.lower() in _PICTURES}
    tables = [path for path in paths if path.suffix.lower() in _TABLES]
    if not pictures or not tables:
        return frozenset()
    # The readers are heavy: they are loaded only when there is something to read.
    from geoinv.files.spreadsheets import read_sheets
    from geoinv.files.tables import attachments_named

    named: set[str] = set()
    for path in tables:
        try:
            named |= {name for table in read_sheets(path) for _, name in attachments_named(table)}
        except GeoinvError:
            continue
    return frozenset(pictures & named)
