"""What may be shown of a blueprint: parts whose every source may be shown, under release-scoped ids, without words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from geoinv.api.commitments import Commitments
from geoinv.api.consent import Owners
from geoinv.api.redact import SENSITIVE, Tally
from geoinv.facilities.place_words import role_of
from geoinv.models.generators import FIXTURES_M
from geoinv.records.blueprint import Blueprint, Building, Fixture, Part, PerimeterWall, Room, Site, Storey
from geoinv.records.evidence import Evidence
from geoinv.records.footprints import Footprint
from geoinv.records.naming import Naming, folded, visible

__all__ = ["public_blueprint"]

P = TypeVar("P", bound=Part)
#: Roles of rooms that no name of a room tells.
_PLAIN_ROLES = ("room", "corridor")


class _Redactor:
    """Applies the rules to the parts of one blueprint."""

    def __init__(
        self,
        owners: Owners,
        agreeing: frozenset[str],
        commitments: Commitments,
        shown: Mapping[str, Footprint],
        kept_back: frozenset[str],
        secrets: Naming,
    ) -> None:
        self.owners, self.agreeing, self.commitments = owners, agreeing, commitments
        self.shown, self.kept_back, self.secrets = shown, kept_back, secrets
        self.dropped = 0

    def allowed(self, part: Part) -> bool:
        """Whether everything the part rests on may be shown, and its own names too."""
        said = (*part.labels, *([part.role] if isinstance(part, Room) else []))
        fine = part.id not in self.kept_back and not any(SENSITIVE.search(folded(words)) for words in said)
        fine = fine and all(self.owners.may_show(source, self.agreeing) for source in (*part.drawn, *part.sources))
        self.dropped += not fine
        return fine

    def part(self, part: P, **inside: object) -> P:
        """A part under its release-scoped id, with statuses and committed sources only."""
        kind = "building" if isinstance(part, Building) else "part"
        evidence = {name: self._evidence(given) for name, given in sorted(part.evidence.items())}
        labels = tuple(visible(label) for label in part.labels if not self.secrets.loosely(label))
        own = {"id": self.commitments.of(kind, part.id), "labels": labels, "drawn": (), "evidence": evidence}
        changes = {**own, **inside}
        return part.model_copy(update=changes)

    def parts(self, parts: Iterable[P]) -> tuple[P, ...]:
        """Those parts that are allowed."""
        return tuple(self.part(part) for part in parts if self.allowed(part))

    def _evidence(self, given: Evidence) -> Evidence:
        # A number that shaped the part stays: it is the part's geometry. Words, authors and notes do not.
        value = given.value if isinstance(given.value, int | float) and not isinstance(given.value, bool) else None
        interval = given.interval.model_copy(update={"said": None}) if given.interval else None
        sources = tuple(sorted(self.commitments.of("source", source) for source in given.sources))
        return Evidence(value=value, interval=interval, status=given.status, sources=sources)

    def storey(self, storey: Storey) -> Storey:
        """A storey whose rooms are all allowed; openings' rooms are renamed with them."""
        openings = tuple(
            opening.model_copy(update={"connects": tuple(map(self._room, opening.connects))})
            for opening in self.parts(storey.openings)
        )
        stairs = tuple(
            stair.model_copy(update={"to": self._room(stair.to) if stair.to else None})
            for stair in self.parts(storey.stairs)
        )
        return self.part(
            storey,
            rooms=tuple(map(self._in_common_words, self.parts(storey.rooms))),
            walls=self.parts(storey.walls),
            openings=openings,
            stairs=stairs,
            fixtures=tuple(map(self._fixture, self.parts(storey.fixtures))),
        )

    def _room(self, name: str) -> str:
        return name if name == "outside" else self.commitments.of("part", name)

    def _in_common_words(self, room: Room) -> Room:
        # What a person wrote of a room's use is words; only the common ones tell nothing of whoever used them.
        common = room.role in _PLAIN_ROLES or role_of(room.role) == room.role
        return room if common else room.model_copy(update={"role": "room"})

    def _fixture(self, fixture: Fixture) -> Fixture:
        # What a witness called it is her word; only the common ones tell nothing of her.
        kind = fixture.kind if fixture.kind in FIXTURES_M else "thing"
        return fixture.model_copy(update={"kind": kind, "room": self._room(fixture.room) if fixture.room else None})

    def wall(self, wall: PerimeterWall) -> PerimeterWall:
        """A perimeter wall with what is on top of it, each only if it may be shown."""
        tops = {
            name: self.part(top)
            for name, top in (("coping", wall.coping), ("wire", wall.wire))
            if top is not None and self.allowed(top)
        }
        return self.part(wall, **{"coping": None, "wire": None} | tops)

    def building(self, building: Building) -> Building:
        """A building; its inside only if every part of it may be shown: a plan with holes tells what was cut."""
        storeys = building.storeys
        inner = [part for storey in storeys for part in (storey, *storey.inside())]
        kept = tuple(self.storey(storey) for storey in storeys) if all(self.allowed(part) for part in inner) else ()
        roof = self.part(building.roof) if building.roof is not None and self.allowed(building.roof) else None
        labels = self.shown[building.id].labels
        return self.part(building, labels=labels, storeys=kept, roof=roof, sufficiency={})


def public_blueprint(
    blueprint: Blueprint,
    owners: Owners,
    agreeing: frozenset[str],
    commitments: Commitments,
    tally: Tally,
    *,
    shown: Mapping[str, Footprint | None],
    secrets: Naming,
) -> Blueprint | None:
    """The blueprint as it may be shown, or ``None`` where nothing of it may.

    Parameters
    ----------
    shown
        Internal footprint id → the footprint as published, ``None`` where it is kept back. A building stays in without
        its footprint, and bears the names its footprint bears.
    secrets
        Codenames and other words that no name of a part may contain.
    """
    published = {name: item for name, item in shown.items() if item is not None}
    redactor = _Redactor(owners, agreeing, commitments, published, frozenset(set(shown) - set(published)), secrets)
    buildings = tuple(
        redactor.building(building)
        for building in blueprint.buildings
        if building.id in published and redactor.allowed(building)
    )
    site = blueprint.site
    kept = Site(
        walls=tuple(redactor.wall(wall) for wall in site.walls if redactor.allowed(wall)),
        gates=redactor.parts(site.gates),
        towers=redactor.parts(site.towers),
        paths=redactor.parts(site.paths),
        terrain=redactor.part(site.terrain) if site.terrain is not None and redactor.allowed(site.terrain) else None,
    )
    rule = "part rests on an account without consent"
    tally.add(
        "parts of models", rule, redactor.dropped + sum(1 for one in blueprint.buildings if one.id not in published)
    )
    tally.add("contradictions in words", "free text is not published", len(blueprint.contradictions))
    tally.add("notes on models", "free text is not published", len(blueprint.notes))
    if not buildings:
        return None
    return Blueprint(
        facility=blueprint.facility,
        title=blueprint.title,
        fictional=blueprint.fictional,
        frame=blueprint.frame,
        convergence_deg=blueprint.convergence_deg,
        site=kept,
        buildings=buildings,
    )
