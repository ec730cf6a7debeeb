"""Chains of command: dated posts, who held them when, and which post answers to which.

Whether somebody held a post at a date is answered in three values; a chain is no finding of responsibility.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from geoinv.records.dates import PartialDate
from geoinv.records.facility import HeldPost
from geoinv.records.incidents import Act, Incident
from geoinv.records.measures import Answer

__all__ = ["Link", "chain_above", "held_on", "levels", "linked_acts"]


@dataclass(frozen=True)
class Link:
    """One step of a chain: a post, and everybody who may have held it then with how sure that is."""

    post: str
    holders: tuple[tuple[HeldPost, Answer], ...]


def _key(post: str) -> str:
    return " ".join(post.casefold().split())


def held_on(posts: Iterable[HeldPost], post: str, date: PartialDate | None) -> tuple[tuple[HeldPost, Answer], ...]:
    """Who held a post at a date: ``yes``, or ``cannot tell`` where either date does not say; those who did not are out.

    Parameters
    ----------
    date
        ``None`` asks for everybody who ever held it.
    """
    found = []
    for one in posts:
        if _key(one.post) != _key(post):
            continue
        if date is None or one.period is None:
            found.append((one, Answer.CANNOT_TELL))
        elif (answer := date.within(one.period)) is not Answer.NO:
            found.append((one, answer))
    return tuple(found)


def chain_above(posts: Sequence[HeldPost], post: str, date: PartialDate | None = None) -> tuple[Link, ...]:
    """The posts above one, nearest first, with who held each at a date; a circle ends where it closes.

    Where several hold a post and report to different ones, every line is followed, the first named first.
    """
    found: list[Link] = []
    seen = {_key(post)}
    waiting = [post]
    while waiting:
        here = waiting.pop(0)
        for above in dict.fromkeys(one.reports_to for one, _ in held_on(posts, here, date) if one.reports_to):
            if _key(above) not in seen:
                seen.add(_key(above))
                found.append(Link(above, held_on(posts, above, date)))
                waiting.append(above)
    return tuple(found)


def levels(posts: Sequence[HeldPost]) -> tuple[tuple[str, ...], ...]:
    """Names of posts from the top down: each below every post it ever reported to; posts of a circle stay together."""
    names: dict[str, str] = {}
    for one in posts:
        for name in (one.post, one.reports_to):
            if name:
                names.setdefault(_key(name), name)
    above = {key: {_key(one.reports_to) for one in posts if one.reports_to and _key(one.post) == key} - {key}
             for key in names}  # fmt: skip
    placed: dict[str, int] = {}
    rows: list[tuple[str, ...]] = []
    while len(placed) < len(names):
        ready = [key for key in names if key not in placed and above[key] <= placed.keys()]
        ready = ready or [key for key in names if key not in placed]  # only circles are left
        placed |= dict.fromkeys(ready, len(rows))
        rows.append(tuple(names[key] for key in ready))
    return tuple(rows)


def linked_acts(incidents: Iterable[Incident], post: str) -> tuple[tuple[Incident, Act], ...]:
    """Acts whose record names a post, in order."""
    return tuple((one, act) for one in incidents for act in one.acts if act.post and _key(act.post) == _key(post))
