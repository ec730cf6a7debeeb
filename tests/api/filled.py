"""Records with every field of their schema filled, so that a field that is new is tested the day it is there."""

from __future__ import annotations

import importlib
import pkgutil
import types
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel
from shapely.geometry import LineString, MultiPoint, box
from shapely.geometry.base import BaseGeometry

import geoinv.records
from geoinv.records.dates import PartialDate
from geoinv.records.parts import Part
from geoinv.records.places import LonLat, Pixel

M = TypeVar("M", bound=BaseModel)
#: An embargo that lasts keeps the whole record in: nothing of it would be tried.
_LEFT = {"embargo_until"}
#: Texts of which a record's own rules leave no choice.
_WORDS = {"direction": "N", "unit": "m", "sha256": "ab" * 32}
_SHAPES: dict[str, BaseGeometry] = {
    "points": MultiPoint([(-20, -20, 0), (20, -20, 1), (0, 20, 0.5)]),
    "line": LineString([(-15, 3), (-12, 3)]),
}


def _choices(annotation: Any) -> Iterator[str]:
    """The words that a field of a type may be, where it is a choice from a list."""
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        yield from (one.value for one in annotation)
    for one in get_args(annotation):
        if get_origin(annotation) is Literal:
            yield str(one)
        else:
            yield from _choices(one)


def _all_choices() -> Iterator[str]:
    for each in pkgutil.iter_modules(geoinv.records.__path__):
        module = importlib.import_module(f"geoinv.records.{each.name}")
        for model in vars(module).values():
            if isinstance(model, type) and issubclass(model, BaseModel):
                for field in model.model_fields.values():
                    yield from _choices(field.annotation)


#: Words from lists of choices, which say nothing of anybody.
CHOICES = frozenset(_all_choices())


def completed(record: M, source: str) -> M:
    """A record in which whatever is empty is filled, all the way down.

    Parameters
    ----------
    source
        What parts that are made rest on.
    """
    changes = {}
    for name, info in type(record).model_fields.items():
        now = getattr(record, name)
        if name in _LEFT or (isinstance(record, Part) and name in ("evidence", "drawn", "hypothesis") and now):
            continue
        if now is None or (isinstance(now, str | tuple | dict) and len(now) == 0):
            changes[name] = _made(info.annotation, name, type(record), source)
        else:
            changes[name] = _within(now, source)
    return record.model_copy(update=changes)


def _within(value: Any, source: str) -> Any:
    if isinstance(value, BaseModel):
        return completed(value, source)
    if type(value) is tuple:
        return tuple(_within(one, source) for one in value)
    if isinstance(value, dict):
        return {key: _within(one, source) for key, one in value.items()}
    return value


def filled(model: type[M], source: str) -> M:
    """A record of a kind with every field filled."""
    fields = {
        name: _made(info.annotation, name, model, source)
        for name, info in model.model_fields.items()
        if name not in _LEFT
    }
    return model.model_validate(fields)


def _made(annotation: Any, name: str, model: type[BaseModel], source: str) -> Any:
    """A value of a type; a type that is new here must be told how to be filled."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if issubclass(model, Part) and name == "evidence":
        return {each: filled(inner[1], source) for each in model.shaping}
    if issubclass(model, Part) and name == "hypothesis":
        return None
    if name in ("drawn", "sources") and annotation == tuple[str, ...]:
        return (source,)
    if origin is Annotated:
        return _made(inner[0], name, model, source)
    if origin in (Union, types.UnionType):
        return _made(next(one for one in inner if one is not type(None)), name, model, source)
    if origin is Literal:
        return inner[0]
    if origin is tuple:
        wanted = inner[:1] if inner[-1] is Ellipsis else inner
        return tuple(_made(one, name, model, source) for one in wanted)
    if origin is dict:
        return {f"zz{model.__name__}{name}key": _made(inner[1], name, model, source)}
    return _plain(annotation, name, model, source)


def _plain(annotation: Any, name: str, model: type[BaseModel], source: str) -> Any:
    if annotation is Any or annotation is str:
        return _WORDS.get(name, f"zz{model.__name__}{name}")
    if annotation is bool:
        return True
    if annotation in (int, float):
        return annotation(1)
    if annotation is PartialDate:
        return PartialDate("2013")
    if annotation in (LonLat, Pixel):
        return annotation(-150.0, -40.0)
    if annotation is BaseGeometry:
        return _SHAPES.get(name, box(-30, -28, -28, -26))
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return next(iter(annotation))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return filled(annotation, source)
    raise TypeError(f"{model.__name__}.{name}: say in tests/api/filled.py how a {annotation} is filled")
