"""Text files that providers put beside a scene: IMD and RPB (Maxar), product XML (Maxar, DIMAP), USGS tables."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from geoinv.errors import UnreadableFileError
from geoinv.files.limits import MEGABYTE, read_bytes
from geoinv.files.spreadsheets import decode, read_sheet
from geoinv.files.xmls import local, parse_xml, words_of

__all__ = ["read_provider_file"]

_MOST = 16 * MEGABYTE
_ASSIGNED = re.compile(r"^\s*([A-Za-z_]\w*)\s*=\s*(.*?);?\s*$")
_TOLD = re.compile(r"^\s*([A-Za-z][\w .()-]{1,60}?)\s*[:=]\s*(\S.*?)\s*$")


def _put(found: dict[str, Any], name: str, value: str) -> None:
    """Keep the first value of a name: a product's own, before those of its tiles and bands."""
    found.setdefault(name.casefold(), value.strip().strip('"'))


def _imd(text: str, file: str) -> dict[str, Any]:
    """``key = value;`` lines of an IMD or RPB file, groups left out (Maxar's ISD documentation)."""
    found: dict[str, Any] = {}
    for line in text.splitlines():
        match = _ASSIGNED.match(line)
        if match and match.group(1).upper() not in ("BEGIN_GROUP", "END_GROUP") and not match.group(2).startswith("("):
            _put(found, match.group(1), match.group(2))
    if not found:
        raise UnreadableFileError("this is not an IMD or RPB file", do="copy it from the delivery again", file=file)
    return found


def _xml(data: bytes, file: str) -> dict[str, Any]:
    """Every element with text and no children by its name, the first of each."""
    found: dict[str, Any] = {}
    for element in parse_xml(data, file=file, what="XML").iter():
        if len(element) == 0 and local(element) and (words := words_of(element)):
            _put(found, local(element), words)
    return found


def _table(path: Path) -> dict[str, Any]:
    """One row of a USGS export; several rows say nothing of which picture is meant."""
    table = read_sheet(path)
    if len(table.rows) != 1:
        raise UnreadableFileError(
            f"a table beside a picture should have one row, and this has {len(table.rows)}",
            do="keep the picture's row",
            file=path.name,
        )  # fmt: skip
    return {name: cell for name, cell in table.rows[0].values.items() if cell}


def read_provider_file(path: Path) -> dict[str, Any]:
    """Values of a provider's file by name, in small letters where the format has no case of its own.

    Parameters
    ----------
    path
        ``.imd``, ``.rpb``, ``.xml``, ``.csv`` (one row) or ``.txt`` (``name: value`` or ``name = value`` a line).

    Raises
    ------
    UnreadableFileError, UnsafeFileError, FieldError
        If it cannot be read as what its suffix says.
    """
    suffix = path.suffix.lower()
    if suffix == ".csv":
        return _table(path)
    data = read_bytes(path, most=_MOST)
    if suffix == ".xml":
        return _xml(data, path.name)
    text = decode(data, file=path.name)
    if suffix in (".imd", ".rpb"):
        return _imd(text, path.name)
    found: dict[str, Any] = {}
    for line in text.splitlines():
        if match := _TOLD.match(line):
            _put(found, match.group(1), match.group(2).rstrip(";"))
    return found
