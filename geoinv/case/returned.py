"""``case.gpkg`` given back: what a person edited in QGIS becomes decisions, never silently, never over newer ones.

Each row of the file is compared with the row as it was exported, which the file itself holds, sealed; and with the case
as it is now. What was changed there meanwhile is a conflict to be shown, not something to be overwritten.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from geoinv.case.decisions import check_decision, decide
from geoinv.case.edited import Change, Difference, Ground, changes_of
from geoinv.case.exported import (
    REASON,
    STATE_TABLES,
    Exported,
    RowState,
    digest_of,
    exported_rows,
    is_view,
    read_exported,
    says_view,
    state_of,
)
from geoinv.case.folder import Case
from geoinv.case.geopackages import Geopackage, Row, open_geopackage
from geoinv.case.standing import Decided
from geoinv.errors import FieldError, GeoinvError, InputError, UnsafeFileError
from geoinv.records.decisions import DecisionBody, matter_of
from geoinv.records.ledger import LedgerEntry

__all__ = ["Edit", "ReturnedView", "is_returned_view", "read_returned", "record_returned"]

#: More rows than anybody edits by hand: the layers were written anew by a program.
_MOST_EDITS = 20_000
_EPSG = 4326


@dataclass(frozen=True)
class Edit:
    """One thing a person changed in the view.

    Attributes
    ----------
    row, told
        Which row, and what was changed, in words.
    fate
        ``decides``: it becomes a decision. ``known``: it is so already, or decided so. ``conflict``: the case has
        changed there since the view was made. ``refused``: it cannot be a decision.
    why
        In words, where it does not become a decision.
    body
        The decision, where it becomes one.
    reason
        Why, as written in the row; ``None`` where nothing was.
    """

    row: str
    told: str
    fate: Literal["decides", "known", "conflict", "refused"]
    why: str = ""
    body: DecisionBody | None = None
    reason: str | None = None


@dataclass(frozen=True)
class ReturnedView:
    """A view given back.

    Attributes
    ----------
    name
        The file's name.
    made_at
        Number of the ledger's entry at which it was made.
    out_of_date
        Whether evidence or decisions were added since.
    edits
        Everything that was changed in it, layer by layer.
    notes
        What else of it is not as it was written, a sentence each.
    """

    name: str
    made_at: int
    out_of_date: bool
    edits: tuple[Edit, ...]
    notes: tuple[str, ...] = ()

    @property
    def waiting(self) -> bool:
        """Whether something in it was neither decided nor is so already."""
        return any(edit.fate != "known" for edit in self.edits)


def is_returned_view(path: Path) -> bool:
    """Whether a file is a view of some case, rather than places that somebody gives."""
    # Of a file of this name that cannot be opened, reading it as a view says what is wrong with it.
    return says_view(path) or path.name == "case.gpkg"


def read_returned(case: Case, path: Path) -> ReturnedView:
    """What a person edited in a view of the case; nothing is recorded.

    Raises
    ------
    InputError
        If it is no GeoPackage, is open in another program, or its record of what was exported was altered.
    CaseError
        If it is a view of another case.
    """
    with open_geopackage(path) as package:
        if not is_view(package):
            raise InputError(
                "this does not say which state of the case it was made of", file=path.name,
                do="edit the case.gpkg of the case's folder itself, not a layer saved from it",
            )  # fmt: skip
        exported = read_exported(case, package)
        notes: list[str] = []
        differences = [one for layer in exported.columns for one in _differences(package, layer, exported, notes)]
        known = {layer: _known_columns(package, layer, exported) for layer in exported.columns}
        notes += _added_tables(package, exported)
    ground = Ground(case)
    changed = [(one, change) for one in differences for change in changes_of(ground, one, known[one.layer])]
    current = _as_now(case, {one.was.key for one in differences if one.was is not None}) if changed else {}
    edits = tuple(_judged(case, exported, one, change, current) for one, change in changed)
    last = case.ledger.last_evidence
    behind = last is not None and last.number > exported.number
    return ReturnedView(path.name, exported.number, behind, edits, tuple(notes))


def record_returned(case: Case, view: ReturnedView, *, by: str, reason: str) -> tuple[LedgerEntry, ...]:
    """Record the edits that are decisions; the others are left as they are.

    Parameters
    ----------
    by
        Who decides.
    reason
        Why, of edits whose rows say nothing under ``reason``; empty if all do.

    Raises
    ------
    FieldError
        If an edit has no reason; nothing is then recorded.
    CaseError
        If the case cannot be written.
    """
    chosen = [edit for edit in view.edits if edit.fate == "decides"]
    bare = [edit for edit in chosen if not (edit.reason or reason).strip()]
    if bare:
        more = f" (and {len(bare) - 1} more)" if len(bare) > 1 else ""
        raise FieldError(
            f"a decision needs a reason, and this edit has none{more}", file=view.name, item=bare[0].row,
            field="--reason", do="write it into the rows' column “reason”, or say it for all with --reason",
        )  # fmt: skip
    made = []
    for edit in chosen:
        assert edit.body is not None
        made.append(decide(case, edit.body, by=by, reason=edit.reason or reason))
    return tuple(made)


# Which rows are not as they were exported.


def _known_columns(package: Geopackage, layer: str, exported: Exported) -> frozenset[str]:
    """The columns of a layer that were written and are still there."""
    there = package.columns(layer) if layer in package.tables else ()
    return frozenset(exported.columns[layer]) & frozenset(there)


def _differences(package: Geopackage, layer: str, exported: Exported, notes: list[str]) -> list[Difference]:
    if layer not in package.tables:
        notes.append(f"the layer “{layer}” is no longer in the file; nothing of it was changed by that.")
        return []
    if package.srs(layer) not in (_EPSG, None):
        notes.append(f"the layer “{layer}” is not in EPSG:4326 any more and is not read; edit case.gpkg itself.")
        return []
    columns = _known_columns(package, layer, exported)
    if gone := sorted(set(exported.columns[layer]) - columns):
        notes.append(f"{layer}: the columns {', '.join(gone)} were taken out; nothing was changed by that.")
    if new := sorted(set(package.columns(layer)) - set(exported.columns[layer])):
        notes.append(f"{layer}: the added columns {', '.join(new)} are not read.")
    if "id" not in columns:
        notes.append(f"the layer “{layer}” has no column “id” any more and is not read.")
        return []
    digests = Counter(digest_of(row, columns) for row in exported_rows(package, layer))
    changed: list[tuple[RowState, Row]] = []
    for row in package.rows(layer):
        state = state_of(layer, row, sorted(columns))
        digest = digest_of(state, columns)
        if digests[digest]:
            digests[digest] -= 1
            continue
        changed.append((state, row))
        if len(changed) > _MOST_EDITS:
            raise UnsafeFileError(
                f"more than {_MOST_EDITS} rows are not as they were written", file=package.name, item=layer,
                do="edit the case.gpkg of the case's folder itself, not a copy that a program wrote",
            )  # fmt: skip
    left = _left(package, layer, columns, +digests)
    return _paired(layer, left, changed, exported.seal)


def _left(package: Geopackage, layer: str, columns: frozenset[str], digests: Counter[bytes]) -> list[RowState]:
    """The rows as exported that no row of the layer is any more."""
    found = []
    for row in exported_rows(package, layer) if digests else ():
        digest = digest_of(row, columns)
        if digests[digest]:
            digests[digest] -= 1
            found.append(row)
    return found


def _paired(
    layer: str, left: Sequence[RowState], changed: Sequence[tuple[RowState, Row]], seal: str
) -> list[Difference]:
    """Which changed row is which of those exported: by id and number, by id, by number; the rest is new or gone."""
    waiting = dict(enumerate(left))
    partner: dict[int, RowState] = {}
    for by in (_by_both, _by_id, _by_number):
        indexed: dict[object, list[int]] = {}
        for index in sorted(waiting, reverse=True):
            indexed.setdefault(by(waiting[index]), []).append(index)
        for position, (now, _) in enumerate(changed):
            if position not in partner and (found := indexed.get(by(now))):
                partner[position] = waiting.pop(found.pop())
    made = [
        Difference(layer, partner.get(position), now, row.geometry, f"{seal}/{layer}/{row.fid}")
        for position, (now, row) in enumerate(changed)
    ]
    return [*made, *(Difference(layer, was, None) for was in waiting.values())]


def _by_both(row: RowState) -> object:
    return row.key, row.fid


def _by_id(row: RowState) -> object:
    return row.key


def _by_number(row: RowState) -> object:
    # A row without an id is one that somebody drew, whatever number it was given.
    return row.fid if row.key[1] else ()


def _added_tables(package: Geopackage, exported: Exported) -> Iterator[str]:
    known = STATE_TABLES | set(exported.columns) | {"layer_styles"}
    added = sorted(set(package.tables) - known)
    if added:
        yield f"the added layers {', '.join(added)} are not read; give what they hold by itself (geoinv add)."


# What becomes of a change.


def _as_now(case: Case, keys: set[tuple[str, str]]) -> dict[tuple[str, str, str], RowState]:
    """Rows of the case as it is now, by layer, facility and id."""
    from geoinv.case.views import case_view  # writes with GDAL, which most commands never need

    found: dict[tuple[str, str, str], RowState] = {}
    if not case.facilities():
        return found
    with case_view(case, beside=case.root) as path, open_geopackage(path) as package:
        for row in exported_rows(package) if is_view(package) else ():
            if row.key in keys:
                found[(row.layer, *row.key)] = row
    return found


def _judged(
    case: Case, exported: Exported, one: Difference, change: Change, current: Mapping[tuple[str, str, str], RowState]
) -> Edit:
    edit = Edit(one.row, change.told, "refused", change.why_not)
    if change.body is None:
        return edit
    reason = one.now.cells.get(REASON) if one.now else None
    edit = dataclasses.replace(edit, reason=str(reason) if reason else None, body=change.body)
    told = _met(case, exported, change.body) or (_since(one, change, current) if one.was else None)
    if told is not None:
        fate, why = told
        return dataclasses.replace(edit, fate=fate, why=why, body=None)
    try:
        check_decision(case, change.body)
    except GeoinvError as error:
        return dataclasses.replace(edit, why=error.what.removeprefix("value error, ").rstrip("."), body=None)
    return dataclasses.replace(edit, fate="decides")


_Fate = tuple[Literal["known", "conflict"], str]


def _met(case: Case, exported: Exported, body: DecisionBody) -> _Fate | None:
    """What other decisions make of a change: it was decided already, or otherwise since the view was made."""
    alike = [one for one in case.history.decided if matter_of(one.decision.body) == matter_of(body)]
    last = next((one for one in reversed(alike) if one.stands), None)
    if last is not None and last.decision.body == body:
        return "known", f"{_who(last)} decided so already"
    if last is not None and last.entry.number > exported.number:
        return "conflict", f"{_who(last)} decided otherwise since this file was made ({last.decision.reason})"
    for one in reversed(alike):
        if one.decision.body == body and one.undone_by is not None and one.entry.number > exported.number:
            return "conflict", (
                f"{_who(one)} decided so, and {one.undone_by.by} took it back; if it is meant again, undo that"
            )
    return None


def _who(one: Decided) -> str:
    return f"{one.decision.by} on {one.entry.at[:10]} ({one.entry.id})"


def _since(one: Difference, change: Change, current: Mapping[tuple[str, str, str], RowState]) -> _Fate | None:
    """What the case as it is now makes of a change to a row that was exported."""
    assert one.was is not None
    now = current.get((one.layer, *one.was.key))
    if now is None:
        if one.now is None:
            return "known", "it is not in the case any more"
        return "conflict", "it is not in the case any more, which was built anew since"
    if one.now is None:
        return None if _same(one.was, now) else ("conflict", "it was changed since this file was made")
    was, there, wanted = (_seen(state, change.columns) for state in (one.was, now, one.now))
    if there == wanted:
        return "known", "it is so already"
    if there != was:
        told = f"it is “{', '.join(map(str, there))}” now" if change.columns else "its place was found or drawn anew"
        return "conflict", f"{told}, and was not when this file was made"
    return None


def _seen(state: RowState, columns: tuple[str, ...]) -> tuple[object, ...]:
    return tuple(state.cells.get(name) for name in columns) if columns else (state.geometry,)


def _same(was: RowState, now: RowState) -> bool:
    return (was.cells, was.geometry) == (now.cells, now.geometry)
