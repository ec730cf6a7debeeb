"""BLUEPRINT.json in: one facility's model in metres, every property with its evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from geoinv.errors import FieldError, NewerVersionError, UnreadableFileError
from geoinv.files.geojson import read_json
from geoinv.records.blueprint import BLUEPRINT_VERSION, Blueprint
from geoinv.records.faults import Fault

__all__ = ["read_blueprint", "read_sound_parts"]


def read_blueprint(path: Path) -> Blueprint:
    """The blueprint in a file, whole or not at all.

    Raises
    ------
    UnreadableFileError
        If the file is no JSON object.
    NewerVersionError
        If a newer geoinv wrote it.
    FieldError
        If a part of it is missing or impossible: names the part and the field.
    """
    data = _plain(path)
    try:
        return Blueprint.model_validate(data)
    except ValidationError as error:
        raise _first(error, data, path.name) from error


def read_sound_parts(path: Path) -> tuple[Blueprint, tuple[Fault, ...]]:
    """The blueprint in a file without the parts that cannot be read, and what is wrong with each of those.

    Raises
    ------
    UnreadableFileError, NewerVersionError
        As for :func:`read_blueprint`.
    FieldError
        If what is wrong lies in no part.
    """
    data = _plain(path)
    faults: list[Fault] = []
    while True:
        try:
            return Blueprint.model_validate(data), tuple(faults)
        except ValidationError as error:
            found = [_placed(data, item["loc"], item["msg"]) for item in error.errors(include_url=False)]
            if any(place is None for place, _, _ in found):
                raise _first(error, data, path.name) from error
            faults += [fault for _, fault, _ in {fault.part: (p, fault, w) for p, fault, w in found}.values()]
            data = _without(data, {place for place, _, _ in found if place is not None})


def _plain(path: Path) -> dict[str, Any]:
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
    return {name: value for name, value in data.items() if name != "geoinv"}


Place = tuple[int | str, ...]


def _placed(data: Any, loc: Place, message: str) -> tuple[Place | None, Fault, str]:
    """The innermost part that an error lies in, the fault in words, and the field."""
    inner: Place | None = None
    ident, here = "", data
    for depth, step in enumerate(loc):
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            break
        if isinstance(here, dict) and isinstance(here.get("id"), str):
            inner, ident = loc[: depth + 1], here["id"]
    rest = loc[len(inner) :] if inner is not None else loc
    field = ".".join(str(step) for step in rest)
    said = message.removeprefix("Value error, ").removeprefix("Input ")
    sentence = (
        f"its {field.replace('.', ' ')} {said[:1].lower()}{said[1:]}" if field else f"{said[:1].lower()}{said[1:]}"
    )
    return inner, Fault(part=ident, sentence=f"{sentence}; it is left out", built=False), field


def _without(data: Any, places: set[Place]) -> Any:
    """Plain data without some of its parts."""
    if isinstance(data, dict):
        kept = {key: _without(value, _below(places, key)) for key, value in data.items() if (key,) not in places}
        return kept
    if isinstance(data, list):
        return [_without(value, _below(places, i)) for i, value in enumerate(data) if (i,) not in places]
    return data


def _below(places: set[Place], step: int | str) -> set[Place]:
    return {place[1:] for place in places if place[0] == step and len(place) > 1}


def _first(error: ValidationError, data: Any, file: str) -> FieldError:
    first = error.errors(include_url=False)[0]
    inner, fault, field = _placed(data, first["loc"], first["msg"])
    said = first["msg"].removeprefix("Value error, ")
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return FieldError(
        f"{said[:1].lower()}{said[1:]}{more}",
        do="correct that field and read the file again",
        file=file,
        item=f"part {fault.part}" if inner is not None else None,
        field=field or None,
    )
