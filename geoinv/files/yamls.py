"""YAML and JSON as plain data: nothing is made, nothing repeats itself, and dates stay the words that were written."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any, NoReturn

import yaml

from geoinv.errors import FieldError, InputError, UnreadableFileError, UnsafeFileError
from geoinv.files.limits import MEGABYTE, MOST_DEPTH, read_bytes

__all__ = ["parse_yaml", "read_data", "read_mapping"]

_JSON = {".json", ".geojson"}


class _PlainLoader(yaml.SafeLoader):
    """YAML 1.2's core values: only ``true`` and ``false`` are truth values, only digits are numbers, dates stay text.

    YAML 1.1 makes ``NO`` false, ``12:30`` 750 and ``2009-05-01`` a date that has lost how it was written. A name for a
    value used again (an alias) is refused: ten lines of them unfold to a thousand million values.
    """

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise UnsafeFileError("this file uses aliases (“*name”)", do="write the values out")
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise UnsafeFileError(f"this file nests more than {MOST_DEPTH} levels deep", do="write it flatter")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        keys = [getattr(key, "value", None) for key, _ in node.value] if isinstance(node, yaml.MappingNode) else []
        for place, key in enumerate(keys):
            if isinstance(key, str) and key in keys[:place]:
                raise FieldError("this key is given twice", do="keep one of them", field=key)
        return super().construct_mapping(node, deep)


_PlainLoader.yaml_implicit_resolvers = {}
for _kind, _pattern, _starts in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    ("float", r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
):
    _PlainLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_kind}", re.compile(_pattern), list(_starts))


def parse_yaml(text: str, *, file: str) -> Any:
    """Plain data of a YAML document.

    Parameters
    ----------
    text
        The document.
    file
        Its name, for messages.

    Raises
    ------
    UnsafeFileError
        If it uses aliases, asks for objects to be made, or nests without end.
    UnreadableFileError
        If it is not YAML; the message names the line.
    FieldError
        If a key is given twice or a number is not finite.
    """
    try:
        # A SafeLoader's child; it makes nothing but plain data.
        data = yaml.load(text, Loader=_PlainLoader)
    except InputError as error:
        raise error.at(file=file) from error
    except yaml.constructor.ConstructorError as error:
        raise UnsafeFileError(
            f"this file asks for something other than plain data{_line(error)}", do="take the “!” tag out", file=file
        ) from error
    except yaml.YAMLError as error:
        raise UnreadableFileError(
            f"this is not YAML{_line(error)}", do="mend the indentation or the quotation marks there", file=file
        ) from error
    except (ValueError, RecursionError, TypeError, OverflowError) as error:
        what = "a value in this file cannot be read"
        raise UnreadableFileError(what, do="write it in quotation marks", file=file) from error
    return _finite(data, file)


def _line(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f" (line {mark.line + 1}, column {mark.column + 1})" if mark is not None else ""


def _finite(data: Any, file: str) -> Any:
    """The data itself, once every number in it is known to be finite."""
    stack: list[tuple[str, Any]] = [("", data)]
    while stack:
        name, value = stack.pop()
        if isinstance(value, float) and not math.isfinite(value):
            raise FieldError("this number is not finite", do="correct it", file=file, field=name or None)
        if isinstance(value, dict):
            stack.extend((str(key), item) for key, item in value.items())
        elif isinstance(value, list):
            stack.extend((name, item) for item in value)
    return data


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"“{word}” is not JSON")


def _parse_json(text: str, file: str) -> Any:
    try:
        return _finite(json.loads(text, parse_constant=_no_constant), file)
    except json.JSONDecodeError as error:
        raise UnreadableFileError(
            f"this is not JSON (line {error.lineno}, column {error.colno})", do="export it again", file=file
        ) from error
    except RecursionError as error:
        raise UnsafeFileError("this file nests without end", do="export it again", file=file) from error
    except ValueError as error:  # NaN, and integers of thousands of digits
        raise UnreadableFileError("a number in this file cannot be read", do="correct it", file=file) from error


def read_data(path: Path) -> Any:
    """Plain data of a YAML or JSON file, by suffix.

    Raises
    ------
    UnreadableFileError, UnsafeFileError, FieldError
        As ``parse_yaml``; also if the file is missing, larger than 2 MB (JSON: 32 MB), or not UTF-8.
    """
    # YAML is read by a program in Python, some seconds a megabyte; JSON a hundred times as fast.
    data = read_bytes(path, most=(32 if path.suffix.lower() in _JSON else 2) * MEGABYTE)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFileError("this is not UTF-8 text", do="save it as UTF-8", file=path.name) from error
    if path.suffix.lower() in _JSON:
        return _parse_json(text, path.name)
    return parse_yaml(text, file=path.name)


def read_mapping(path: Path) -> dict[str, Any]:
    """Plain data of a YAML or JSON file that must be a list of named values at its top.

    Raises
    ------
    UnreadableFileError, UnsafeFileError, FieldError
        As ``read_data``; also if the top of the file is something else.
    """
    data = read_data(path)
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        raise UnreadableFileError(
            "this file should be named values (“name: value”) at its top", do="see the example's file", file=path.name
        )
    return data
