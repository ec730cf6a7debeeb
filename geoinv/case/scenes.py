"""A scene with what lies beside it: opened with the record its sidecar gives."""

from __future__ import annotations

from pathlib import Path

from geoinv.files.sidecars import read_described
from geoinv.imagery.scene import Scene, open_scene, record_of

__all__ = ["open_described"]


def open_described(path: Path) -> Scene:
    """Open a scene with its record, from its own tags and from a sidecar if there is one.

    Raises
    ------
    InputError
        If the picture or the sidecar cannot be read.
    """
    return open_scene(path, record_of(path, read_described(path)))
