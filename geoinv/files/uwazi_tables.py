"""CSV for Uwazi's import: a title, a geolocation in one column (latitude first), dates as ranges of whole days.

Uwazi keeps neither uncertain places nor dates known in part: a place coarser than a point is left out, and what is
known of a date stands in a column of words beside the range (docs.uwazi.io, CSV import).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from geoinv.errors import FieldError
from geoinv.records.dates import PartialDate

__all__ = ["uwazi_csv", "uwazi_date_range", "uwazi_place"]


def uwazi_place(shape: BaseGeometry | None, label: str = "") -> str:
    """A place as Uwazi reads it, ``latitude|longitude|label``; empty of anything that is no point."""
    if not isinstance(shape, Point) or shape.is_empty:
        return ""
    words = f"|{label.replace('|', '/')}" if label else ""
    return f"{shape.y:.6f}|{shape.x:.6f}{words}"


def uwazi_date_range(text: str | None) -> str:
    """A date known in part as the days it can mean, ``from:to``, an open end left empty; empty if nothing is known."""
    if not text:
        return ""
    try:
        date = PartialDate(text)
    except FieldError:
        return ""
    if not date.known:
        return ""
    first = "" if date.earliest.year <= 1 else date.earliest.strftime("%Y/%m/%d")
    last = "" if date.latest.year >= 9999 else date.latest.strftime("%Y/%m/%d")
    return f"{first}:{last}"


def uwazi_csv(rows: Sequence[Mapping[str, str]]) -> bytes:
    """Rows as UTF-8 CSV; ``title`` comes first. A cell that a spreadsheet would run begins with a quote."""
    names = list(dict.fromkeys(name for row in rows for name in row)) or ["title"]
    names.sort(key=lambda name: name != "title")
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_safe(row.get(name, "")) for name in names])
    return held.getvalue().encode()


def _safe(text: str) -> str:
    plain = text.replace("\x00", "")
    if plain[:1] in ("=", "+", "@", "\t", "\r") or (plain[:1] == "-" and not plain[1:2].isdigit()):
        return "'" + plain
    return plain
