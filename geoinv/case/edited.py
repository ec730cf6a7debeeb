"""What an edit of a row of ``case.gpkg`` decides: one decision for each thing changed, or a sentence why it is none."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import shapely
from shapely.errors import ShapelyError
from shapely.geometry import Point, Polygon

from geoinv.case.exported import REASON, RowState, single_part
from geoinv.records.base import derived_id
from geoinv.records.decisions import (
    AddFootprint,
    AddRoom,
    BindIncident,
    DecisionBody,
    JudgeFootprint,
    SetOutline,
    SetProperty,
)

if TYPE_CHECKING:
    from geoinv.case.folder import Case

__all__ = ["Change", "Difference", "Ground", "changes_of"]

#: Degrees: a corner moved by less (0.1 mm) was not moved by a person.
_NOT_MOVED = 1e-9
_ROLES = ("building", "wall", "gate", "tower")
_FOOTPRINT = ("role", "labels", "status", "not_before", "not_after")
_ROOM = ("role", "use", "labels")
_INCIDENT = ("date", "place_label", "room_label", "summary", "certainty")
_LISTS = {"labels"}


@dataclass(frozen=True)
class Difference:
    """A row that is not as it was exported.

    Attributes
    ----------
    layer
        Its layer.
    was
        As it was exported; ``None`` of one that was added.
    now
        As it is in the file; ``None`` of one that was deleted.
    shape
        Its geometry in the file, as WKB.
    seed
        Known of no other row: what is added gets its id from it.
    """

    layer: str
    was: RowState | None
    now: RowState | None
    shape: bytes | None = None
    seed: str = ""

    @property
    def row(self) -> str:
        """Which row, in words."""
        state = self.was or self.now
        name = (state.cells.get("id") if state else None) or "a new feature"
        labels = _texts(state.cells.get("labels")) if state else ()
        return f"{self.layer}, {name}" + (f" “{labels[0]}”" if labels else "")


@dataclass(frozen=True)
class Change:
    """One thing changed in a row.

    Attributes
    ----------
    told
        What was changed, in words.
    body
        What that decides; ``None`` where it is no decision.
    why_not
        Then why, and what to do instead.
    columns
        The columns that were changed; none of the geometry and of whole rows.
    """

    told: str
    body: DecisionBody | None = None
    why_not: str = ""
    columns: tuple[str, ...] = ()


class Ground:
    """A case, and the buildings and rooms of its facilities, each read once, however many rows are edited."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self._read: dict[str, tuple[tuple[str, gpd.GeoDataFrame], ...]] = {}

    def places(self, slug: str) -> tuple[tuple[str, gpd.GeoDataFrame], ...]:
        """A facility's ``footprint`` and ``room`` tables."""
        if slug not in self._read:
            self._read[slug] = (("footprint", self.case.footprints(slug)), ("room", self.case.rooms(slug)))
        return self._read[slug]


@dataclass(frozen=True)
class _Row:
    """A difference and what is needed to read it."""

    ground: Ground
    one: Difference
    changed: frozenset[str] = field(default_factory=frozenset)

    @property
    def cells(self) -> Mapping[str, Any]:
        """As the file has them."""
        assert self.one.now is not None
        return self.one.now.cells

    @property
    def was(self) -> RowState:
        """As it was exported."""
        assert self.one.was is not None
        return self.one.was

    @property
    def facility(self) -> str:
        """Slug of its facility."""
        return self.was.key[0]

    @property
    def moved(self) -> bool:
        """Whether it has another geometry."""
        return self.one.now is not None and self.was.geometry != self.one.now.geometry


def changes_of(ground: Ground, one: Difference, columns: frozenset[str]) -> list[Change]:
    """What a person changed in one row.

    Parameters
    ----------
    columns
        Those that the file still has of those that were written.
    """
    if one.was is None:
        return list(_ADDED.get(one.layer, _nothing_is_added)(_Row(ground, one)))
    if one.now is None:
        return list(_DELETED.get(one.layer, _nothing_is_deleted)(_Row(ground, one)))
    changed = {name for name in columns if one.was.cells.get(name) != one.now.cells.get(name)}
    row = _Row(ground, one, frozenset(changed - {REASON}))
    found = list(_EDITED.get(one.layer, _nothing_is_edited)(row))
    done = {name for change in found for name in change.columns}
    for name in sorted(row.changed - done):
        found.append(_computed(row, name))
    if not found and REASON in changed:
        found.append(Change("a reason was written", None, "nothing else of this row was changed", (REASON,)))
    return found


def _computed(row: _Row, name: str) -> Change:
    told = _told(name, row.was.cells.get(name), row.cells.get(name))
    why = "its id and facility name it" if name in ("id", "facility") else "it is what was found, not what was decided"
    return Change(told, None, f"{why}; write it back as it was", (name,))


def _told(name: str, was: Any, now: Any) -> str:
    return f"{name}: {_short(was)} → {_short(now)}"


def _short(value: Any) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= 80 else text[:79] + "…"


# Values and shapes.


def _texts(value: Any) -> tuple[str, ...]:
    """A cell that holds several texts: a JSON list as it was written, or as typed, semicolons between."""
    if value is None:
        return ()
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            items = json.loads(value)
        except (ValueError, RecursionError):
            items = None
        if isinstance(items, list) and all(isinstance(item, str) for item in items):
            return tuple(items)
    return tuple(part.strip() for part in str(value).split(";") if part.strip())


def _value(name: str, cell: Any) -> Any:
    """A cell as its field takes it; a whole number in a text's field is text (a date of one year)."""
    if name in _LISTS:
        return list(_texts(cell))
    return None if cell is None else str(cell)


def _outline(wkb: bytes | None) -> Polygon | str:
    """A drawn outline, or what is wrong with it."""
    if wkb is None:
        return "it has no outline; draw one"
    core = single_part(wkb)
    kind = int.from_bytes(core[1:5], "little" if core[0] else "big") if len(core) > 5 else 0
    if kind & 0xFFFF not in (3, 1003, 2003, 3003):  # looked at first: collections may lie in each other without end
        return "one polygon is wanted: draw it as one part"
    shape = _shape(core)
    if not isinstance(shape, Polygon) or shape.is_empty:
        return "its outline cannot be read; draw it again"
    west, south, east, north = shape.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        return "its outline is not in longitude and latitude (EPSG:4326); edit case.gpkg itself"
    if not shape.is_valid:
        return f"its outline crosses itself ({shapely.is_valid_reason(shape)}); draw it again"
    return shape


def _shape(wkb: bytes) -> Any:
    try:
        return shapely.force_2d(shapely.from_wkb(wkb))
    except (ShapelyError, ValueError):
        return None


def _nothing_is_edited(row: _Row) -> Iterator[Change]:
    if row.moved:
        yield Change("its geometry was changed", None, _ELSEWHERE.get(row.one.layer, _NO_EDITS))


def _nothing_is_added(row: _Row) -> Iterator[Change]:
    yield Change("a feature was added", None, _ELSEWHERE.get(row.one.layer, _NO_EDITS))


def _nothing_is_deleted(row: _Row) -> Iterator[Change]:
    yield Change("the feature was deleted", None, _ELSEWHERE.get(row.one.layer, _NO_EDITS))


_NO_EDITS = "nothing in this layer is a person's to decide"
#: Where else a person says what an edit of these layers would say.
_ELSEWHERE = {
    "candidates": "these are suggestions; draw the building in the layer footprints instead",
    "locations": "where a facility is follows from what was said; add a statement, or grade who said it",
    "unplaced": "draw its outline in the layer footprints with its element under “drawn”, or give ties (geoinv decide "
    "place)",
    "incidents": "an incident is somebody's account; add it with geoinv template incidents, or withdraw it",
}


# Footprints.


def _named(cells: Mapping[str, Any]) -> str:
    """How decisions name a building: by what was drawn of it, which outlives a rebuild, else by its id."""
    return next(iter(_texts(cells.get("drawn"))), str(cells.get("id")))


def _footprint_edited(row: _Row) -> Iterator[Change]:
    if row.moved:
        shape = _outline(row.one.shape)
        if isinstance(shape, str):
            yield Change("its outline was changed", None, shape)
        elif not _as_it_was(row, shape, "footprint"):
            outline = SetOutline(facility=row.facility, element=_named(row.was.cells), geometry=shape)
            yield Change("its outline was changed", outline)
    for name in (name for name in _FOOTPRINT if name in row.changed):
        cell = row.cells.get(name)
        body = SetProperty(target=f"{row.facility}/{row.was.key[1]}", field=name, value=_value(name, cell))
        yield Change(_told(name, row.was.cells.get(name), cell), body, columns=(name,))


def _as_it_was(row: _Row, shape: Polygon, of: str) -> bool:
    """Whether an outline is the footprint's or room's, begun at another corner or turned about by a program."""
    table = dict(row.ground.places(row.facility))[of]
    there = table.geometry[table["id"] == row.was.key[1]] if len(table) else table.geometry
    return any(
        shapely.equals_exact(shapely.normalize(one), shapely.normalize(shape), tolerance=_NOT_MOVED) for one in there
    )


def _footprint_deleted(row: _Row) -> Iterator[Change]:
    body = JudgeFootprint(facility=row.facility, footprint=row.was.key[1], accept=False)
    yield Change("the footprint was deleted: rejected", body)


def _footprint_added(row: _Row) -> Iterator[Change]:
    facility = row.cells.get("facility") or _only_facility(row.ground.case)
    if facility is None:
        yield Change("a footprint was drawn", None, "it is not said of which facility it is; fill in “facility”")
        return
    shape = _outline(row.one.shape)
    if isinstance(shape, str):
        yield Change("a footprint was drawn", None, shape)
        return
    drawn, labels = _texts(row.cells.get("drawn")), _texts(row.cells.get("labels"))
    role = row.cells.get("role") or "building"
    if drawn and "#" in drawn[0] and not row.cells.get("id"):
        body: DecisionBody = SetOutline(facility=str(facility), element=drawn[0], geometry=shape)
        yield Change(f"the outline of {drawn[0]} was drawn", body)
    elif role not in _ROLES:
        yield Change("a footprint was drawn", None, f"“{_short(role)}” is no role; write one of: {', '.join(_ROLES)}")
    else:
        name = derived_id(row.one.seed, f"{role}:drawn by hand", key=row.ground.case.key)
        told = f"a {role} was drawn" + (f" “{labels[0]}”" if labels else "")
        yield Change(
            told, AddFootprint(facility=str(facility), footprint=name, geometry=shape, role=role, labels=labels)
        )


def _only_facility(case: Case) -> str | None:
    """The facility of a case of one; places never tell which it is, since two may lie side by side."""
    slugs = [facility.slug for facility in case.facilities()]
    return slugs[0] if len(slugs) == 1 else None


# Rooms and incidents.


def _room_edited(row: _Row) -> Iterator[Change]:
    if row.moved:
        shape = _outline(row.one.shape)
        if isinstance(shape, str):
            yield Change("its outline was changed", None, shape)
        elif not _as_it_was(row, shape, "room"):
            outline = SetOutline(facility=row.facility, element=_named(row.was.cells), geometry=shape)
            yield Change("its outline was changed", outline)
    drawn = _texts(row.was.cells.get("drawn"))
    for name in (name for name in _ROOM if name in row.changed):
        cell = row.cells.get(name)
        told, texts = _told(name, row.was.cells.get(name), cell), _texts(cell)
        if len(drawn) == 1 and name != "use" and len(texts) <= 1:
            # Of what was drawn once: that outlives a rebuild, and the software reads it as it was meant.
            field_name, value = ("label" if name == "labels" else name), (texts[0] if texts else None)
            body = SetProperty(target=f"{row.facility}/{drawn[0]}", field=field_name, value=value)
        elif name == "role" and "use" in row.changed:
            yield Change(told, None, "its use was written over too, which says more", (name,))
            continue
        else:
            field_name = "labels" if name == "labels" else "role"
            body = SetProperty(target=f"{row.facility}/{row.was.key[1]}", field=field_name, value=_value(name, cell))
        yield Change(told, body, columns=(name,))


def _room_deleted(row: _Row) -> Iterator[Change]:
    drawn = _texts(row.was.cells.get("drawn"))
    named = {"element": drawn[0]} if drawn else {"footprint": row.was.key[1]}
    yield Change("the room was deleted: rejected", JudgeFootprint(facility=row.facility, accept=False, **named))


def _room_added(row: _Row) -> Iterator[Change]:
    told, case = "a room was drawn", row.ground.case
    facility = row.cells.get("facility") or _only_facility(case)
    if facility is None:
        yield Change(told, None, "it is not said of which facility it is; fill in “facility”")
        return
    shape = _outline(row.one.shape)
    if isinstance(shape, str):
        yield Change(told, None, shape)
        return
    drawn, labels = _texts(row.cells.get("drawn")), _texts(row.cells.get("labels"))
    if drawn and "#" in drawn[0] and not row.cells.get("id"):
        body: DecisionBody = SetOutline(facility=str(facility), element=drawn[0], geometry=shape)
        yield Change(f"the outline of {drawn[0]} was drawn", body)
        return
    name = derived_id(row.one.seed, "room:drawn by hand", key=case.key)
    role = str(row.cells.get("use") or row.cells.get("role") or "room")
    yield Change(
        told + (f" “{labels[0]}”" if labels else ""),
        AddRoom(facility=str(facility), room=name, geometry=shape, role=role, labels=labels),
    )


def _incident_edited(row: _Row) -> Iterator[Change]:
    target = f"{row.facility}/{row.was.key[1]}"
    for name in (name for name in _INCIDENT if name in row.changed):
        cell = row.cells.get(name)
        body = SetProperty(target=target, field=name, value=_value(name, cell))
        yield Change(_told(name, row.was.cells.get(name), cell), body, columns=(name,))
    if row.changed & {"footprint", "room"}:
        yield _bound_by_name(row)
    elif row.moved:
        yield _bound_by_place(row)


def _bound_by_name(row: _Row) -> Change:
    """An incident whose columns ``footprint`` or ``room`` were written over."""
    named = {name: row.cells.get(name) for name in ("footprint", "room")}
    if "footprint" in row.changed and "room" not in row.changed:
        named["room"] = None  # the room was one of the other building's
    columns = tuple(sorted(row.changed & {"footprint", "room"}))
    told = "; ".join(_told(name, row.was.cells.get(name), row.cells.get(name)) for name in columns)
    return Change(told, BindIncident(facility=row.facility, incident=row.was.key[1], **named), columns=columns)


def _bound_by_place(row: _Row) -> Change:
    """An incident whose point was moved: to the room or building it now lies in."""
    told = "its point was moved"
    core = single_part(row.one.shape or b"")
    kind = int.from_bytes(core[1:5], "little" if core[0] else "big") if len(core) > 5 else 0
    point = _shape(core) if kind & 0xFFFF in (1, 1001, 2001, 3001) else None
    if not isinstance(point, Point) or point.is_empty:
        return Change(told, None, "it has no point any more; bind it by the column “footprint” instead")
    named: dict[str, str] = {}
    for field_name, table in row.ground.places(row.facility):
        inside = table[table.geometry.intersects(point)] if len(table) else table
        if len(inside) > 1:
            return Change(told, None, f"it lies in {len(inside)} {field_name}s at once; write which into that column")
        if len(inside):
            named[field_name] = str(inside["id"].iloc[0])
    if not named:
        return Change(told, None, "it lies in no building there; move it into one, or write its building's id into "
                      "“footprint”")  # fmt: skip
    where = " and ".join(f"{key} {value}" for key, value in named.items())
    return Change(f"{told} into {where}", BindIncident(facility=row.facility, incident=row.was.key[1], **named))


_Rule = Callable[[_Row], Iterator[Change]]
_EDITED: dict[str, _Rule] = {
    "footprints": _footprint_edited,
    "rooms": _room_edited,
    "incidents": _incident_edited,
}
_ADDED: dict[str, _Rule] = {"footprints": _footprint_added, "rooms": _room_added}
_DELETED: dict[str, _Rule] = {"footprints": _footprint_deleted, "rooms": _room_deleted}
