"""BLUEPRINT.json in: one facility's model in metres, every property with its evidence."""

from __future__ import annotations

from pathlib import Path

from geoinv.errors import NewerVersionError, UnreadableFileError
from geoinv.files.geojson import read_json
from geoinv.records.blueprint import BLUEPRINT_VERSION, Blueprint

__all__ = ["read_blueprint"]


def read_blueprint(path: Path) -> Blueprint:
    """The blueprint in a file.

    Raises
    ------
    UnreadableFileError
        If the file is no JSON object.
    NewerVersionError
        If a newer geoinv wrote it.
    FieldError
        If a part of it is missing or impossible.
    """
    data = read_json(path)
    if not isinstance(data, dict):
        raise UnreadableFileError("this is not a blueprint", do="see “geoinv schema blueprint”", file=path.name)
    version = data.get("version", BLUEPRINT_VERSION)
    if isinstance(version, int) and version > BLUEPRINT_VERSION:
        raise NewerVersionError(
            f"this blueprint was written by a newer geoinv (format {version}, this one knows {BLUEPRINT_VERSION})",
            do="install the newer geoinv",
            file=path.name,
        )
    # How it was made is the file's business, not the model's.
    return Blueprint.read({name: value for name, value in data.items() if name != "geoinv"}, file=path.name)
