"""Whose account a part rests on: a claim is tested on what stands without the claimant's own account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from geoinv.records.blueprint import Blueprint, Part
from geoinv.records.claims import AccountOf, Claims
from geoinv.records.evidence import Evidence, Status
from geoinv.records.independence import independent_groups

__all__ = ["Accounts", "Standing", "dependent_groups", "standing_without"]

_P = TypeVar("_P", bound=Part)

#: What a witness had been shown that makes the model, or what is read off imagery, no test of what the witness says.
_MODEL, _IMAGERY = ("model", "blueprint", "report"), ("imagery", "image", "scene", "satellite")


def dependent_groups(witnesses: Iterable[str], claims: Claims) -> tuple[frozenset[str], ...]:
    """Witnesses put together who are not independent of each other, in order of their first names.

    Dependence is told (``dependent``), or one had it from another (``heard_from``); it reaches through third ones.
    """
    heard = ((name, *account.heard_from) for name, account in claims.witnesses.items() if account.heard_from)
    return independent_groups(witnesses, (*claims.dependent, *heard))


@dataclass(frozen=True)
class Accounts:
    """Who said what a blueprint rests on.

    Attributes
    ----------
    claims
        Whose witnesses, dependence and ``told_by`` are used.
    """

    claims: Claims

    def group_of(self, witness: str) -> frozenset[str]:
        """The witness and everybody who is not independent of the witness."""
        known = {witness, *self.claims.witnesses, *(name for name in self.claims.told_by.values() if name)}
        return next(group for group in dependent_groups(sorted(known), self.claims) if witness in group)

    def teller(self, source: str) -> tuple[bool, str | None]:
        """Whether it is known whose account a source is, and whose; ``None`` of what is no witness's."""
        told, file = self.claims.told_by, source.partition("#")[0]
        for name in (source, file):
            if name in told:
                return True, told[name]
        return (True, source) if source in self.claims.witnesses else (False, None)

    def is_own(self, source: str, group: frozenset[str], shown: Sequence[str]) -> str | None:
        """Why a source counts as the group's own; ``None`` if it does not."""
        known, teller = self.teller(source)
        if not known:
            return f"it is not said whose account {source} is"
        if teller is None:
            return "the witness had been shown imagery" if any(word in _IMAGERY for word in shown) else None
        return f"own account ({source})" if teller in group else None

    def shown_to(self, group: frozenset[str]) -> tuple[str, ...]:
        """What anybody of a group had been shown."""
        accounts = (self.claims.witnesses.get(name, AccountOf()) for name in sorted(group))
        return tuple(dict.fromkeys(word.casefold() for account in accounts for word in account.exposure))


@dataclass(frozen=True)
class Standing:
    """What of a blueprint stands without some witnesses.

    Attributes
    ----------
    blueprint
        With evidence that no longer names their accounts.
    lost
        Part id → property → why it rests on them.
    """

    blueprint: Blueprint
    lost: Mapping[str, Mapping[str, str]]

    def why_lost(self, part: Part, names: Iterable[str]) -> str | None:
        """Why one of a part's properties is not known without them; ``None`` if each stands."""
        gone = self.lost.get(part.id, {})
        return next((gone[name] for name in names if name in gone), None)


def standing_without(blueprint: Blueprint, accounts: Accounts, group: frozenset[str]) -> Standing:
    """A blueprint's evidence without the accounts of a group of witnesses.

    A property that rests on others as well stands only if it was ``corroborated`` or ``observed``: then the others
    agree with it within tolerance by themselves, and it is as well known as they make it. A property made of several
    accounts that do not corroborate each other (``attested``, ``contested``, ``inferred``) is partly the group's own
    and is lost. What rests on nobody (assumed) stays as it is. Somebody who had been shown the model can test none of
    it; somebody who had been shown imagery cannot test what was read off it.
    """
    shown = accounts.shown_to(group)
    seen_model = any(word in _MODEL for word in shown)
    lost: dict[str, dict[str, str]] = {}
    kept: dict[str, dict[str, Evidence]] = {}
    for part in blueprint.parts():
        kept[part.id] = dict(part.evidence)
        for name, evidence in part.evidence.items():
            if seen_model and evidence.sources:
                lost.setdefault(part.id, {})[name] = "the witness had been shown the model"
                continue
            own = {source: why for source in evidence.sources if (why := accounts.is_own(source, group, shown))}
            if not own:
                continue
            left = tuple(source for source in evidence.sources if source not in own)
            if not left or evidence.status not in (Status.CORROBORATED, Status.OBSERVED):
                lost.setdefault(part.id, {})[name] = own[min(own)]
            else:
                status = _status_of(left, accounts)
                kept[part.id][name] = evidence.model_copy(update={"sources": left, "status": status})
    return Standing(_with_evidence(blueprint, kept), lost)


def _status_of(sources: Sequence[str], accounts: Accounts) -> Status:
    """How well something is known from the sources that are left."""
    tellers = [accounts.teller(source)[1] for source in sources]
    voices = {accounts.group_of(name) for name in tellers if name}
    if len(voices) + (None in tellers) > 1 and voices:
        return Status.CORROBORATED
    return Status.ATTESTED if voices else Status.OBSERVED


def _with_evidence(blueprint: Blueprint, kept: Mapping[str, Mapping[str, Evidence]]) -> Blueprint:
    def put(part: _P, **more: object) -> _P:
        return part.model_copy(update={"evidence": dict(kept[part.id]), **more})

    inside = ("rooms", "walls", "openings", "stairs", "fixtures")
    buildings = tuple(
        put(
            building,
            storeys=tuple(
                put(storey, **{name: tuple(put(part) for part in getattr(storey, name)) for name in inside})
                for storey in building.storeys
            ),
            roof=put(building.roof) if building.roof else None,
        )
        for building in blueprint.buildings
    )
    walls = tuple(
        put(wall, coping=put(wall.coping) if wall.coping else None, wire=put(wall.wire) if wall.wire else None)
        for wall in blueprint.site.walls
    )
    site = {name: tuple(put(part) for part in getattr(blueprint.site, name)) for name in ("gates", "towers", "paths")}
    ground = put(blueprint.site.terrain) if blueprint.site.terrain else None
    updated = blueprint.site.model_copy(update={**site, "walls": walls, "terrain": ground})
    return blueprint.model_copy(update={"buildings": buildings, "site": updated})
