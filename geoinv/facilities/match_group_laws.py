"""The learned laws of ``match_groups``: whether outlines side by side are one drawn block, and which of them are.

The numbers lie in ``data/match_groups.json``, written by ``scripts/learn_groups.py`` from generated cases.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["ANY", "EACH", "TRAITS", "GroupLaws", "Law", "group_laws", "laws_from"]

Array = NDArray[np.float64]

#: What is weighed of a group of outlines for one drawn thing, in the order of the numbers.
TRAITS = (
    "alike",  # overlap of the laid shape with the group's hull, centre on centre
    "off",  # how far the hull's centre lies from where the thing is expected, in radii
    "off_square",
    "larger",  # log area of the laid shape over the hull's
    "larger_square",
    "members",  # log number of outlines
    "gap",  # the widest gap between neighbours over the side of the mean member
    "filled",  # share of the hull that the members fill
    "claimed",  # what other drawn things claim of the members, mean
    "claimed_most",
    "own",  # log of what the drawn thing itself has on the members
    "single",  # log odds of its likeliest single outline
    "placed",  # log odds of any placement
    "uneven",  # standard deviation of the members' log areas
    "room",  # log area of the laid shape over the largest member's
    "tried",  # log number of groups tried for it
    "laid",  # overlap with the hull where the placement lays it
    "with_single",  # whether its printed single outline is a member
    "gained",  # overlap with the group's hull above that with the most alike member
    "drawn_uneven",  # standard deviation of drawn log areas above that of the outlines
)
#: What tells how likely any member is right: the group's log odds, those of the best single, of placement; members.
ANY = ("group", "single", "placed", "members")
#: What tells of each member: the group's log odds, its own, the largest claim of another, size against the others'.
EACH = ("group", "own", "claimed", "size", "covered", "single")
#: Numbers are held within so many standard deviations of what was learned from.
_WITHIN = 4.0


@dataclass(frozen=True)
class Law:
    """A logistic law of standardised numbers; the last weight is the constant."""

    middle: Array
    spread: Array
    weights: Array

    def odds(self, values: Array) -> Array:
        """Log odds (g,) of rows (g, k)."""
        z = np.clip((values - self.middle) / self.spread, -_WITHIN, _WITHIN)
        out: Array = z @ self.weights[:-1] + self.weights[-1]
        return out


@dataclass(frozen=True)
class GroupLaws:
    """Whether a group is what was drawn; whether any member is, given the best group; whether each is."""

    group: Law
    any: Law
    each: Law


@cache
def group_laws() -> GroupLaws:
    """The laws learned, as committed."""
    return laws_from(
        json.loads(resources.files("geoinv.facilities").joinpath("data/match_groups.json").read_text("utf-8"))
    )


def laws_from(data: Mapping[str, Any]) -> GroupLaws:
    """Laws from their numbers as written in JSON.

    Raises
    ------
    ValueError
        If they were learned with other traits than the code's.
    """
    if any(data[name]["of"] != list(columns) for name, columns in (("group", TRAITS), ("any", ANY), ("each", EACH))):
        raise ValueError("data/match_groups.json was learned with other traits: run scripts/learn_groups.py again")
    parts = ("middle", "spread", "weights")
    return GroupLaws(
        **{
            name: Law(*(np.array(data[name][part], dtype=np.float64) for part in parts))
            for name in ("group", "any", "each")
        }
    )
