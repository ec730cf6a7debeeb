"""Who may have it from whom: witnesses named as dependent, and those who had been shown the place first."""

from __future__ import annotations

from collections.abc import Sequence

from geoinv.facilities.locate_mixture import Group, Said
from geoinv.records.independence import independent_groups
from geoinv.records.testimony import Statements

__all__ = ["groups_of"]

#: Prior that witnesses named as dependent repeat one source.
_NAMED = 0.7
_EXPOSED = frozenset({"model", "imagery", "image", "map", "satellite"})


def groups_of(statements: Statements, said: Sequence[Said]) -> tuple[Group, ...]:
    """Witnesses in groups, each statement in exactly one.

    Parameters
    ----------
    statements
        With ``dependent``, and ``exposure`` of witnesses or of single statements.
    said
        One a statement, in order.
    """
    names = list(statements.witnesses)
    ties = [[name for name in group if name in names] for group in statements.dependent]
    shown = {name for name, what in statements.exposure.items() if _exposed(what)}
    ties.append([s.witness for s in statements.statements if s.witness in shown or _exposed(s.exposure)])
    groups = sorted(independent_groups(names, ties), key=lambda group: min(map(names.index, group)))
    result = []
    for group in groups:
        members = [name for name in names if name in group]
        told = tuple(
            tuple(item for item, s in zip(said, statements.statements, strict=True) if s.witness == name)
            for name in members
        )
        result.append(Group(told, _NAMED if len(members) > 1 else 0.0))
    return tuple(result)


def _exposed(exposure: tuple[str, ...] | str | None) -> bool:
    words = (exposure,) if isinstance(exposure, str) else exposure or ()
    return any(part in _EXPOSED for word in words for part in word.casefold().replace("-", " ").split())
