"""Earlier releases for an audience: what whoever holds two of them could work out, and which must be recalled.

A release alone tells no small count. Two of them do where a count changed by few: somebody who subtracts learns of the
one incident that came, or of the one person who took consent back (differencing: Hundepool et al. 2012, section 5.4).
So every count that a reader can form — of a facility, by building, room, year, kind, perpetrator and all their
combinations — may change by nothing, or by a group as large as any published one; and so may the incidents of which
words are shown, since words are known again whatever the ids. Where it would change by less, what is new waits, or
detail is dropped, or a facility's incidents are left out; nothing is made up.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any
from urllib.parse import quote

from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from geoinv.api.suppress import MINIMUM_PEOPLE, Row, coarsened, generalise, is_large
from geoinv.errors import ReleaseError
from geoinv.geometry.overlap import iou

__all__ = ["Before", "EarlierRelease", "held_apart", "read_earlier", "revealing", "same_place"]

Cell = tuple[str | None, ...]
#: Two outlines are taken for one building if they share this much of what they cover together.
_SAME_IOU = 0.3
#: What is given up, in this order, to hide a small difference.
_LEVELS: tuple[tuple[str, ...], ...] = (
    (),
    ("summary",),
    ("summary", "perpetrator"),
    ("summary", "perpetrator", "kind"),
    ("summary", "perpetrator", "kind", "year"),
    ("summary", "perpetrator", "kind", "year", "building"),
)
_SUBSETS = tuple(chosen for size in range(6) for chosen in combinations(range(5), size))


@dataclass(frozen=True)
class EarlierRelease:
    """What an earlier release told of incidents and buildings.

    Attributes
    ----------
    name, head
        Its folder, and the ledger's head it was made at.
    cells
        Facility → incident id → building, room, year, kind and perpetrator, in that release's own ids.
    summaries
        Incident id → its words, where some are shown.
    places, labels
        Building or room id → its outline, and the names it bears.
    """

    name: str
    head: str
    cells: Mapping[str, Mapping[str, Cell]]
    places: Mapping[str, BaseGeometry]
    labels: Mapping[str, tuple[str, ...]]
    summaries: Mapping[str, str] = field(default_factory=dict)


def read_earlier(folder: Path, *, besides: str) -> tuple[EarlierRelease, ...]:
    """The releases in an audience's folder, by name, other than those made at a ledger's head.

    Raises
    ------
    ReleaseError
        If one of them cannot be read.
    """
    found = []
    for manifest in sorted(folder.glob("*/manifest.json")):
        try:
            head = str(json.loads(manifest.read_text(encoding="utf-8"))["ledger_head"])
            if head != besides:
                found.append(_read(manifest.parent, head))
        except (OSError, ValueError, KeyError, TypeError, sqlite3.Error) as error:
            raise ReleaseError(
                "this earlier release cannot be read, so that it cannot be told what the two together would reveal",
                do="fetch it again, or delete its folder and every copy of it",
                file=str(manifest.parent),
            ) from error
    return tuple(found)


def _read(folder: Path, head: str) -> EarlierRelease:
    cells: dict[str, dict[str, Cell]] = defaultdict(dict)
    places: dict[str, BaseGeometry] = {}
    labels: dict[str, tuple[str, ...]] = {}
    summaries: dict[str, str] = {}
    db = sqlite3.connect(f"file:{quote(str(folder / 'data/release.gpkg'))}?mode=ro&immutable=1", uri=True)
    try:
        for collection, body in db.execute("SELECT collection, body FROM geojson WHERE collection <> 'facilities'"):
            item = json.loads(body)
            given: dict[str, Any] = item["properties"]
            if collection == "incidents":
                cells[given["facility"]][item["id"]] = tuple(
                    given.get(name) for name in ("building", "room", "year", "kind", "perpetrator")
                )
                if given.get("summary"):
                    summaries[item["id"]] = str(given["summary"])
            else:
                places[item["id"]] = shape(item["geometry"])
                labels[item["id"]] = tuple(given.get("labels", ()))
    finally:
        db.close()
    return EarlierRelease(folder.name, head, dict(cells), places, labels, summaries)


def same_place(earlier: EarlierRelease, now: Mapping[str, BaseGeometry], asked: Iterable[str]) -> dict[str, str]:
    """Earlier building or room id → the id its place bears now: a reader matches them by their outlines."""
    found = {}
    for old in sorted(asked):
        outline = earlier.places[old]
        best = max(((iou(outline, each), name) for name, each in sorted(now.items())), default=(0.0, ""))
        if best[0] >= _SAME_IOU:
            found[old] = best[1]
    return found


@dataclass(frozen=True)
class Before:
    """One facility in an earlier release, in today's ids.

    Attributes
    ----------
    rows
        What was published, by today's row id where the incident is still in the case, else by any other name.
    """

    rows: Mapping[str, Row] = field(default_factory=dict)


def revealing(before: Before, now: Sequence[Row], *, minimum: int, people: int = MINIMUM_PEOPLE) -> bool:
    """Whether some count, or what is told in words, changed by more than nothing and less than a publishable group."""
    worded = [{row.id: row for row in rows if row.summary} for rows in (before.rows.values(), now)]
    for these, those in (worded, worded[::-1]):
        apart = [row for name, row in these.items() if name not in those]
        if apart and not is_large(apart, minimum, people):
            return True
    then, new = _counted(before.rows.values()), _counted(now)
    for key in then.keys() | new.keys():
        old, here = then.get(key, ()), new.get(key, ())
        change = abs(len(old) - len(here))
        if change == 0:
            continue
        kept = {row.id for row in old} & {row.id for row in here}
        changed = {person for row in (*old, *here) if row.id not in kept for person in (row.people or {""})}
        if change < minimum or len(changed) < people:
            return True
    return False


def _counted(rows: Iterable[Row]) -> dict[tuple[tuple[int, ...], Cell], list[Row]]:
    """Rows by every combination of what they can be counted by."""
    found: dict[tuple[tuple[int, ...], Cell], list[Row]] = defaultdict(list)
    for row in rows:
        cell = row.cell
        for chosen in _SUBSETS:
            found[chosen, tuple(cell[index] for index in chosen)].append(row)
    return found


def held_apart(rows: Sequence[Row], befores: Sequence[Before], *, minimum: int) -> tuple[Row, ...]:
    """A facility's rows, generalised, such that no earlier release beside this one tells a small count.

    Parameters
    ----------
    rows
        What may be used, ungeneralised.
    befores
        The facility in each earlier release, the latest last.
    minimum
        Fewest incidents in a group.
    """
    for kept in _candidates(rows, befores, minimum):
        if not any(revealing(before, kept, minimum=minimum) for before in befores):
            return kept
    # Nothing at all: what was published before was large, and so is its absence.
    return ()


def _candidates(rows: Sequence[Row], befores: Sequence[Before], minimum: int) -> Iterator[tuple[Row, ...]]:
    """Ever less, in a fixed order."""
    yield generalise(rows, minimum=minimum)
    if not befores:
        return
    known = befores[-1].rows
    waiting = [row for row in rows if row.id in known]
    for base in (rows, waiting):
        for level in _LEVELS:
            yield generalise([coarsened(row, level) for row in base], minimum=minimum)
    bare = sorted((coarsened(row, _LEVELS[-1]) for row in waiting), key=lambda row: row.id)
    for fewer in range(1, len(bare)):
        yield generalise(bare[fewer:], minimum=minimum)
