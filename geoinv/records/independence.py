"""Who counts as one voice: witnesses who depend on each other corroborate nothing between them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

__all__ = ["independent_groups", "voices"]


def independent_groups(witnesses: Iterable[str], ties: Iterable[Collection[str]]) -> tuple[frozenset[str], ...]:
    """Witnesses put together who are not independent of each other, in order of their first names.

    Parameters
    ----------
    witnesses
        Codenames.
    ties
        Groups who are not independent of each other; it reaches through third ones: where *a* had it from *b* and *b*
        from *c*, the three are one group. Who is named only here is in the groups too.
    """
    groups = [frozenset((name,)) for name in dict.fromkeys(witnesses)]
    for tie in map(frozenset, ties):
        touching = [group for group in groups if group & tie]
        if touching or len(tie) > 1:
            groups = [group for group in groups if not group & tie]
            groups.append(frozenset(tie.union(*touching)) if touching else tie)
    return tuple(sorted(groups, key=min))


def voices(witnesses: Iterable[str | None], ties: Iterable[Collection[str]]) -> frozenset[str]:
    """One name for each witness, or each group of witnesses who are not independent of each other.

    Parameters
    ----------
    witnesses
        Codenames; ``None`` where it is not known whose account it is. That may be any of the others, or one person
        several times: the unknown are one voice, and only where nobody is known.
    ties
        As of :func:`independent_groups`.
    """
    told = set(witnesses)
    named = {name for name in told if name}
    if not named:
        return frozenset({""} if told else ())
    return frozenset(min(group) for group in independent_groups(named, ties) if group & named)
