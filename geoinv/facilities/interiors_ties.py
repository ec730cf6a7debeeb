"""A person's ties between drawn rooms: which of them are one room."""

from __future__ import annotations

from collections.abc import Sequence

from geoinv.errors import FieldError, RefusalError
from geoinv.facilities.interiors_read import Reading
from geoinv.records.drawings import Tie

__all__ = ["check_ties", "groups_of"]


def groups_of(ties: Sequence[Tie]) -> tuple[frozenset[str], ...]:
    """Drawn rooms that a person said are one, as groups of full names; ties that share a room are one group.

    A tie's ``candidate`` is the other drawn room's full name.
    """
    groups: list[set[str]] = []
    for tie in ties:
        names = {f"{tie.sketch}#{tie.element}", *((tie.candidate,) if tie.candidate else ())}
        touching = [group for group in groups if group & names]
        groups = [group for group in groups if not group & names] + [names.union(*touching)]
    return tuple(frozenset(group) for group in groups)


def check_ties(together: Sequence[frozenset[str]], readings: Sequence[Reading]) -> None:
    """Whether ties name rooms of these drawings, and two drawings at least.

    Raises
    ------
    FieldError
        If one names no room that was drawn.
    RefusalError
        If one ties rooms of one drawing to each other.
    """
    known = {slot.drawn for reading in readings for slot in reading.slots}
    for names in together:
        missing = sorted(names - known)
        if missing:
            raise FieldError(
                f"“{missing[0]}” is no room of these drawings",
                do="write DRAWING.geojson#r3=OTHER.geojson#r5",
                field="--tie",
            )
        sheets = [name.rpartition("#")[0] for name in sorted(names)]
        twice = next((sheet for sheet in sheets if sheets.count(sheet) > 1), None)
        if twice:
            raise RefusalError(
                f"the ties make two rooms of {twice} one room", do="tie each drawn room to rooms of other drawings only"
            )
