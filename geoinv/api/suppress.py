"""Small counts: incidents generalised until nobody can be singled out, nor a suppressed count be worked out.

Every published incident shares its building, room, year, kind and perpetrator with at least ``minimum`` others
(k-anonymity by generalisation, Samarati 2001; splitting from the top as in LeFevre, DeWitt & Ramakrishnan 2006), told
of by several people (the threshold rule of official statistics: Hundepool et al. 2012, section 4.2.2). All counts are
counts of these generalised rows, so a total minus its parts leaves a group that is itself large enough: small groups
are pooled, and the smallest large group joins them where the pool is too small (complementary suppression). Nothing is
randomised.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

__all__ = ["MINIMUM_PEOPLE", "Row", "coarsened", "generalise", "is_large"]

#: Fewest survivors a published group must be about: with two, each could work out what was said of the other.
MINIMUM_PEOPLE = 3
_ATTRIBUTES = ("building", "room", "year", "kind", "perpetrator")


@dataclass(frozen=True)
class Row:
    """One incident as it may be counted.

    Attributes
    ----------
    id
        Release-scoped.
    building, room, year, kind, perpetrator
        ``None`` where not known or generalised away.
    people
        Codenames of those it happened to, else of who told it; never published.
    summary
        Words that may be shown.
    """

    id: str
    building: str | None
    year: str | None
    kind: str | None
    people: frozenset[str]
    summary: str | None = None
    room: str | None = None
    perpetrator: str | None = None

    @property
    def cell(self) -> tuple[str | None, ...]:
        """Building, room, year, kind and perpetrator: what it is counted by."""
        return tuple(getattr(self, name) for name in _ATTRIBUTES)


def is_large(rows: Sequence[Row], minimum: int, people: int) -> bool:
    """Whether a group may be told of: so many incidents at least, of so many people.

    Parameters
    ----------
    rows
        The group.
    minimum, people
        Fewest incidents, and survivors.
    """
    # All incidents of which nobody is recorded count as one person's: it is not known that they are not.
    involved = {person for row in rows for person in (row.people or {""})}
    return len(rows) >= minimum and len(involved) >= people


def _split(rows: list[Row], attributes: tuple[str, ...], minimum: int, people: int) -> list[Row]:
    if not attributes:
        return rows
    name, rest = attributes[0], attributes[1:]
    groups: dict[str | None, list[Row]] = {}
    for row in rows:
        groups.setdefault(getattr(row, name), []).append(row)
    pool = groups.pop(None, [])
    large: list[list[Row]] = []
    for _, group in sorted(groups.items(), key=lambda pair: str(pair[0])):
        if is_large(group, minimum, people):
            large.append(group)
        else:
            pool = pool + group
    large.sort(key=len)
    while pool and not is_large(pool, minimum, people) and large:
        pool = pool + large.pop(0)
    # The pool is large now: at worst it holds all rows, which are large together.
    coarse = [coarsened(row, (name,)) for row in pool]
    found = [row for group in large for row in _split(group, rest, minimum, people)]
    return found + (_split(coarse, rest, minimum, people) if coarse else [])


def coarsened(row: Row, names: Sequence[str]) -> Row:
    """A row without some of what it is counted by; a room says its building, so it goes with it."""
    changes: dict[str, Any] = dict.fromkeys([*names, "room"] if "building" in names else names)
    if any(getattr(row, name) is not None for name in changes):
        changes["summary"] = None  # its words may tell what is dropped
    return replace(row, **changes)


def generalise(rows: Sequence[Row], *, minimum: int, people: int = MINIMUM_PEOPLE) -> tuple[Row, ...]:
    """Rows of one facility, generalised so that every group of equal rows is large enough, sorted by id.

    Parameters
    ----------
    rows
        Incidents of one facility, each with what is known of it.
    minimum
        Fewest incidents in a group.
    people
        Fewest survivors in a group.

    Returns
    -------
    tuple of Row
        Empty where all incidents of the facility together are too few.
    """
    if not is_large(rows, minimum, people):
        return ()
    return tuple(sorted(_split(list(rows), _ATTRIBUTES, minimum, people), key=lambda row: row.id))
