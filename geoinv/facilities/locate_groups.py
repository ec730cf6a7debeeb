"""Who may have it from whom: witnesses named as dependent, and those who had been shown the place first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from geoinv.facilities.locate_mixture import Group, Said
from geoinv.records.testimony import Statements

__all__ = ["groups_of"]

Floats = NDArray[np.float64]

#: Prior that witnesses named as dependent repeat one source.
_NAMED = 0.7
_EXPOSED = frozenset({"model", "imagery", "image", "map", "satellite"})


def groups_of(
    statements: Statements, said: Sequence[Said], pins: Sequence[int], background: Floats
) -> tuple[Group, ...]:
    """Witnesses in groups, each statement in exactly one.

    Parameters
    ----------
    statements
        With ``dependent``, and ``exposure`` of single statements.
    said
        One a statement, in order.
    pins, background
        The pins' statements' indices, and the log density of a worthless pin at each, shape (k,).
    """
    names = list(statements.witnesses)
    parent = {name: name for name in names}

    def root(name: str) -> str:
        while parent[name] != name:
            name = parent[name]
        return name

    named = [[name for name in group if name in parent] for group in statements.dependent]
    named.append([s.witness for s in statements.statements if _exposed(s.exposure)])
    for group in named:
        members = list(dict.fromkeys(group))
        for name in members[1:]:
            parent[root(name)] = root(members[0])
    own = {name: k for k, i in reversed(list(enumerate(pins))) for name in [statements.statements[i].witness]}
    by_root: dict[str, list[str]] = {}
    for name in names:
        by_root.setdefault(root(name), []).append(name)
    flat = float(np.mean(background)) if len(background) else 0.0
    result = []
    for members in by_root.values():
        logs = [float(background[own[name]]) for name in members if name in own]
        told = tuple(
            tuple(item for item, s in zip(said, statements.statements, strict=True) if s.witness == name)
            for name in members
        )
        prior = _NAMED if len(members) > 1 else 0.0
        result.append(Group(told, prior, float(np.mean(logs)) if logs else flat))
    return tuple(result)


def _exposed(exposure: tuple[str, ...] | str | None) -> bool:
    words = (exposure,) if isinstance(exposure, str) else exposure or ()
    return any(word.strip().casefold() in _EXPOSED for word in words)
