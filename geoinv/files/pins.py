"""Pins from placemarks: who set them and what they are of."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from pathlib import PurePath
from typing import Any

from shapely.geometry.base import BaseGeometry

from geoinv.errors import FieldError
from geoinv.files.kml import KmlDocument, Placemark
from geoinv.records.places import LonLat
from geoinv.records.testimony import Statement

__all__ = ["named_thing", "statements_from_kml"]

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


def _statement(mark: Placemark, file: str, witness: str | None, labels: Collection[str]) -> Statement | None:
    who = mark.data.get("witness") or mark.data.get("증언자") or witness
    if not who:
        raise FieldError("no witness is named", do="add the witness's codename to the placemark", field="witness")
    data: dict[str, Any] = {
        "id": f"{PurePath(file).stem}-{mark.number}", "witness": who, "said": mark.name or mark.description or None,
        "of": named_thing(mark.name, labels),
    }  # fmt: skip
    geometry: BaseGeometry = mark.geometry
    if geometry.geom_type == "Point":
        data |= {"kind": "pin", "point": LonLat(*geometry.coords[0][:2])}
    elif geometry.geom_type in ("Polygon", "MultiPolygon"):
        data |= {"kind": "area", "polygon": geometry}
    else:
        return None
    if radius := mark.data.get("radius_m"):
        data["radius_m"] = radius
    return Statement.read({key: value for key, value in data.items() if value is not None})


def statements_from_kml(
    document: KmlDocument, *, file: str, witness: str | None = None, labels: Collection[str] = ()
) -> tuple[tuple[Statement, ...], tuple[str, ...]]:
    """Points as pins and polygons as areas, each with its witness.

    Parameters
    ----------
    document
        As read by ``read_kml``.
    file
        The file's name: its stem begins the statements' ids.
    witness
        Codename for placemarks that name nobody in their data.
    labels
        Labels of drawn buildings: a pin named after one is of that building, not of the facility.

    Returns
    -------
    statements
        In file order. A KML pin has no radius unless its data says ``radius_m``.
    problems
        One sentence per placemark that gave no statement, and what the file's reading left out.
    """
    statements: list[Statement] = []
    problems = list(document.ignored)
    for mark in document.placemarks:
        item = f"placemark {mark.number}" + (f" “{mark.name[:60]}”" if mark.name else "")
        try:
            made = _statement(mark, file, witness, labels)
        except FieldError as problem:
            problems.append(problem.at(file=file, item=item).sentence())
            continue
        if made is None:
            problems.append(f"{file}, {item}: a line by itself says nothing of where the facility is.")
        else:
            statements.append(made)
    return tuple(statements), tuple(problems)
