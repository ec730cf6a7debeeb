"""Where a codename stands: in a record's words, in a file's text, in a file's name."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

from geoinv.records.naming import Naming

__all__ = ["file_mentions", "mentions", "without"]


def mentions(data: Any, names: Naming) -> bool:
    """Whether a text or key anywhere in JSON-ready data holds the codename."""
    if isinstance(data, dict):
        return any(names.search(str(key)) or mentions(value, names) for key, value in data.items())
    if isinstance(data, list | tuple):
        return any(mentions(value, names) for value in data)
    return isinstance(data, str) and names.search(data)


def without(value: Any, names: Naming) -> Any:
    """JSON-ready data without what names somebody: such texts, and what is filed under such keys."""
    if isinstance(value, dict):
        kept = {
            key: without(item, names)
            for key, item in value.items()
            if not names.search(str(key)) and not (isinstance(item, str) and names.search(item))
        }
        return {key: item for key, item in kept.items() if not (isinstance(item, dict) and not item and value[key])}
    if isinstance(value, list):
        return [without(item, names) for item in value if not (isinstance(item, str) and names.search(item))]
    return value


def file_mentions(path: Path, name: str, names: Naming) -> bool:
    """Whether a codename stands in a file's text; what is only in pixels or sound is not seen.

    Parameters
    ----------
    path
        The file.
    name
        What it was called when it was received, which tells its format: an original is named by its hash.
    names
        The codename.
    """
    from geoinv.files.left_behind import Text
    from geoinv.files.texts import texts_in

    found = texts_in(path, suffix=PurePosixPath(name).suffix)
    return any(names.search(one.text) or names.search(one.column) for one in found if isinstance(one, Text))
