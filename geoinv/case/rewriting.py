"""A file in which several people spoke, written anew without one of them: nothing of what the others said is lost.

What kinds of records it held decides what it is written as; a workbook of several kinds becomes several files.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geoinv.case.mentions import without
from geoinv.files.atomic import write_json, write_text
from geoinv.records.naming import Naming

if TYPE_CHECKING:
    from geoinv.case.folder import Case

__all__ = ["REWRITTEN", "rewrite"]

_STATEMENTS = ("statement", "landmark", "dependence")
#: Kinds of records that a file can be written anew from.
REWRITTEN = frozenset({*_STATEMENTS, "incident", "facility", "transcript", "consent", "claim", "room account"})
_CONSENT = ("witness", "act", "audience", "given", "until")
_CLAIM = ("id", "witness", "kind", "subject", "object", "low", "high", "unit", "negated", "source", "page", "quotation")
_ROOM = ("id", "witness", "building", "room", "use", "count", "occupants", "length_m", "width_m", "height_m", "storey",
         "next_to", "source", "page", "quotation")  # fmt: skip
#: Fields that these columns hold under other names.
_HELD = {"said_value", "said", "sources", "role", "id"}

_Records = Sequence[tuple[str, str, dict[str, Any]]]


def rewrite(case: Case, path: Path, records: _Records, *, witness: str, names: Naming) -> tuple[str, ...]:
    """Write what others said in a file anew, in place of it.

    Parameters
    ----------
    path
        The file, below the case's folder; it is deleted.
    records
        What is left of what it gave: kind, item and content, of the kinds in ``REWRITTEN``.
    witness, names
        Who is left out, and what finds that codename.

    Returns
    -------
    tuple of str
        Paths of the files made, below the case's folder; none where nothing could be written.
    """
    of: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for kind, item, data in records:
        of.setdefault(kind, []).append((item, data))
    made: list[tuple[Path, Any]] = []
    if "transcript" in of:
        made.append((_named(path, (".txt", ".md"), ".txt"), _passages(of["transcript"][0][1], names)))
    elif "facility" in of:
        left = without(_no_drawings(of["facility"][0][1], witness), names)
        made.append((_named(path, (".json", ".yaml", ".yml"), ".json"), left))
    else:
        if of.keys() & set(_STATEMENTS):
            made.append((_named(path, (".json", ".yaml", ".yml"), ".json"), _statements(of, witness)))
        if "incident" in of:
            alone = of.keys() == {"incident"}
            target = path.with_suffix(".json") if alone else path.with_name(f"incidents-{path.stem}.json")
            made.append((target, {"incidents": [data for _, data in of["incident"]]}))
        for kind, columns, cells in _TABLES:
            if kind in of:
                alone = of.keys() == {kind}
                target = path.with_suffix(".csv") if alone else path.with_name(f"{path.stem}-{kind.split()[0]}s.csv")
                made.append((target, _table(columns, [cells(item, data) for item, data in of[kind]])))
    free = [(target if target == path else _free(case, target), content) for target, content in made]
    (case.root / path).unlink(missing_ok=True)
    for target, content in free:
        if isinstance(content, str):
            write_text(case.root / target, content)
        else:
            write_json(case.root / target, content)
    return tuple(target.as_posix() for target, _ in free)


def _named(path: Path, kept: tuple[str, ...], other: str) -> Path:
    """The file's own name where its format can be written, else with another ending."""
    return path if path.suffix.lower() in kept else path.with_suffix(other)


def _free(case: Case, target: Path) -> Path:
    """A name under which no other file lies."""
    return target.with_name(f"{target.stem}-rewritten{target.suffix}") if (case.root / target).exists() else target


def _statements(of: Mapping[str, Sequence[tuple[str, dict[str, Any]]]], witness: str) -> dict[str, Any]:
    groups = ([name for name in data["witnesses"] if name != witness] for _, data in of.get("dependence", ()))
    return {
        "landmarks": dict(of.get("landmark", ())),
        "statements": [
            {**data, "id": str(data["id"]).partition("#")[2] or item} for item, data in of.get("statement", ())
        ],
        "dependent": [group for group in groups if len(group) > 1],
    }


def _passages(data: Mapping[str, Any], names: Naming) -> str:
    """A transcript without the passages that name her; their numbers stay, so that what is quoted is found."""
    passages = ("[withdrawn]" if names.search(one["text"]) else one["text"] for one in data["passages"])
    return "\n\n".join(re.sub(r"\n\s*\n", "\n", text) for text in passages) + "\n"


def _no_drawings(facility: dict[str, Any], witness: str) -> dict[str, Any]:
    """A facility's record without the notes on the witness's drawings."""
    sketches = {key: note for key, note in facility.get("sketches", {}).items() if note.get("witness") != witness}
    return {**facility, "sketches": sketches}


# Rows of tables.


def _table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """CSV of rows, whatever other columns they have behind those that are known."""
    kept = list(rows)
    extra = sorted({name for row in kept for name in row} - set(columns))
    text = io.StringIO()
    table = csv.DictWriter(text, (*columns, *extra), restval="", lineterminator="\n")
    table.writeheader()
    table.writerows(kept)
    return text.getvalue()


def _consent(item: str, data: Mapping[str, Any]) -> dict[str, Any]:
    cells = {name: data.get(name, "") for name in ("witness", "act", "audience", "until")}
    return {**cells, "given": "yes" if data["given"] else "no"}


def _source(data: Mapping[str, Any]) -> dict[str, Any]:
    """The first source of an account; a row holds one."""
    cited = dict(next(iter(data.get("sources") or ()), {}))
    return {**cited, "quotation": cited.get("quotation") or data.get("said") or ""}


def _as_said(interval: Any) -> str:
    """An interval as it was typed, else as a range."""
    if not isinstance(interval, dict):
        return ""
    return str(interval.get("said") or f"{interval['low']:g}-{interval['high']:g}")


def _further(data: Mapping[str, Any], columns: Sequence[str]) -> dict[str, Any]:
    """Columns of a table's own, kept under their names."""
    known = {*columns, *_HELD}
    return {name: value for name, value in data.items() if name not in known and isinstance(value, str | int | float)}


def _claim(item: str, data: Mapping[str, Any]) -> dict[str, Any]:
    said = data.get("said_value") or {}
    cells = {name: data.get(name, "") for name in ("witness", "kind", "subject", "object")}
    numbers = {name: said.get(name, "") for name in ("low", "high", "unit")}
    negated = "yes" if data.get("negated") else ""
    return {**_further(data, _CLAIM), "id": item, **cells, **numbers, "negated": negated, **_source(data)}


def _room(item: str, data: Mapping[str, Any]) -> dict[str, Any]:
    cells = {name: data.get(name, "") for name in ("witness", "building", "room", "count", "storey")}
    sizes = {name: _as_said(data.get(name)) for name in ("occupants", "length_m", "width_m", "height_m")}
    told = {"use": data.get("role", ""), "next_to": ", ".join(data.get("next_to") or ())}
    return {**_further(data, _ROOM), "id": item, **cells, **sizes, **told, **_source(data)}


_TABLES: tuple[tuple[str, tuple[str, ...], Callable[[str, Mapping[str, Any]], dict[str, Any]]], ...] = (
    ("consent", _CONSENT, _consent),
    ("claim", _CLAIM, _claim),
    ("room account", _ROOM, _room),
)
