"""Statements from placemarks: who set them, what they are of, and which of them are landmarks."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from shapely.geometry.base import BaseGeometry

from geoinv.errors import FieldError
from geoinv.files.columns import recognise
from geoinv.files.kml import KmlDocument, Placemark
from geoinv.records.places import LonLat
from geoinv.records.testimony import Landmark, Statement

__all__ = ["Told", "is_landmark", "named_thing", "statements_from_kml"]

_DATA = ("witness", "radius_m", "precision", "note", "of")
_LANDMARK = re.compile(r"land ?marks?|지형지물|지형물|표지물?|랜드마크")

#: Parts of a compound that a pin is often named after, in English and Korean.
_PARTS = ("gate", "kitchen", "tower", "watchtower", "office", "workshop", "clinic", "store", "well", "yard", "barracks",
          "정문", "출입문", "감시탑", "망루", "식당", "취사장", "사무실", "작업장", "창고", "마당", "우물")  # fmt: skip


def _tokens(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def named_thing(words: str, labels: Iterable[str] = ()) -> str | None:
    """What a pin is of, by its words: a label known from drawings, or a common part; ``None`` for the facility.

    Parameters
    ----------
    words
        The pin's name (``"workshop I think"``).
    labels
        Labels of drawn buildings, tried first, longest first.
    """
    said = _tokens(words)
    for label in sorted(labels, key=lambda text: (-len(text), text)):
        part = _tokens(label)
        if part and any(said[start : start + len(part)] == part for start in range(len(said))):
            return label
    return next((word for word in said if word in _PARTS), None)


@dataclass(frozen=True)
class Told:
    """What a file of places or a table told.

    Attributes
    ----------
    statements
        In file order.
    landmarks
        By key; ``statements`` refer to them by it.
    assumed
        What was taken for granted, a sentence each, for a person to check.
    notes
        What was left out on purpose, a sentence each.
    problems
        A sentence for each row or placemark that could not be used.
    """

    statements: tuple[Statement, ...] = ()
    landmarks: dict[str, Landmark] = field(default_factory=dict)
    assumed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def is_landmark(mark: Placemark) -> bool:
    """Whether a placemark is a landmark: its data says so, or a folder around it is called that."""
    named = recognise(tuple(mark.data), ("role",))
    said = [*mark.path, mark.data[named["role"]] if "role" in named else ""]
    return any(_LANDMARK.fullmatch(words.strip().casefold()) for words in said)


def _statement(mark: Placemark, file: str, witness: str | None, labels: Collection[str]) -> Statement:
    named = recognise(tuple(mark.data), _DATA)
    given = {key: mark.data[name] for key, name in named.items() if mark.data[name]}
    who = given.get("witness") or witness
    if not who:
        raise FieldError("no witness is named", do="add the witness's codename to the placemark", field="witness")
    said = given.get("note") or mark.name or mark.description or None
    # What else is typed into a placemark is evidence too: it is kept under its own names.
    beside = {"name": mark.name, "description": mark.description} | mark.data
    taken = {*named.values(), *Statement.model_fields}
    data: dict[str, Any] = {key: text for key, text in beside.items() if text and text != said and key not in taken}
    data |= {
        "id": f"{PurePath(file).stem}-{mark.number}", "witness": who, "said": said,
        "of": given.get("of") or named_thing(mark.name, labels), "radius_m": given.get("radius_m"),
    }  # fmt: skip
    geometry: BaseGeometry = mark.geometry
    if geometry.geom_type == "Point":
        data |= {"kind": "pin", "point": LonLat(*geometry.coords[0][:2])}
    elif geometry.geom_type in ("Polygon", "MultiPolygon"):
        data |= {"kind": "area", "polygon": geometry}
    else:
        raise FieldError(
            "a line, or several shapes together, say nothing of where the facility is",
            do="put it into a folder called Landmarks if it is one, or mark a point or an area",
        )
    if geometry.geom_type == "Point" and "precision" in given:
        # How well the phone knew its own place: it says nothing of how well the witness knew the facility's.
        data["phone_accuracy_m"] = given["precision"]
    return Statement.read({key: value for key, value in data.items() if value is not None})


def _key_of(mark: Placemark, taken: Collection[str]) -> str:
    """A landmark's key: its name, or its number where it has none; a name used before gets its number too."""
    name = mark.name or f"landmark {mark.number}"
    return name if name not in taken else f"{name} ({mark.number})"


def statements_from_kml(
    document: KmlDocument, *, file: str, witness: str | None = None, labels: Collection[str] = ()
) -> Told:
    """Points as pins and polygons as areas, each with its witness; what lies in a folder "Landmarks" as landmarks.

    Parameters
    ----------
    document
        As read by ``read_kml`` or ``read_places``.
    file
        The file's name: its stem begins the statements' ids.
    witness
        Codename for placemarks that name nobody in their data; that it was used is told among the assumptions.
    labels
        Labels of drawn buildings: a pin named after one is of that building, not of the facility.

    Returns
    -------
    Told
        Statements in file order. A KML pin has no radius unless its data says ``radius_m``.
    """
    statements: list[Statement] = []
    landmarks: dict[str, Landmark] = {}
    problems = list(document.problems)
    unnamed = 0
    for mark in document.placemarks:
        item = f"placemark {mark.number}" + (f" “{mark.name[:60]}”" if mark.name else "")
        try:
            if is_landmark(mark):
                landmarks[_key_of(mark, landmarks)] = Landmark(name=mark.name, geometry=mark.geometry)
                continue
            statements.append(_statement(mark, file, witness, labels))
        except FieldError as problem:
            problems.append(problem.at(file=file, item=item).sentence())
            continue
        named = recognise(tuple(mark.data), ("witness",)).get("witness")
        unnamed += not (named and mark.data[named])
    taken = f"{unnamed} of {len(statements)} places name no witness; they are taken to be “{witness}”'s"
    assumed = (f"{taken}, as the file's name says.",) if unnamed else ()
    return Told(tuple(statements), landmarks, assumed, document.ignored, tuple(problems))
