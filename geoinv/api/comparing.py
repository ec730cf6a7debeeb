"""A new release beside earlier ones: incidents held apart so that nobody is singled out, and what must be recalled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from shapely.geometry.base import BaseGeometry

from geoinv.api.casefiles import FacilityRead, PublishableCase
from geoinv.api.commitments import Commitments
from geoinv.api.earlier import Before, EarlierRelease, held_apart, read_earlier, same_place
from geoinv.api.layers import room_places
from geoinv.api.redact import Tally, people_of, public_footprint
from geoinv.api.showing import Showing, Terms, accused_in, allowed_incidents
from geoinv.api.suppress import Row, generalise
from geoinv.records.naming import Naming

__all__ = ["Compared"]


@dataclass(frozen=True)
class Compared:
    """What earlier releases for an audience tell, in this case's own ids.

    Attributes
    ----------
    earlier
        Those that lie in the audience's folder, the latest last.
    recalls
        Names of those that show what may no longer be shown.
    missing
        How many releases, for whatever audience, the ledger tells of that are not in the case's folder any more.
    told
        Earlier release → facility → the id it gave an incident → that incident's own id and people.
    accused
        Earlier release → the name it gave a perpetrator → the case's own.
    """

    earlier: tuple[EarlierRelease, ...]
    recalls: tuple[str, ...]
    told: Mapping[str, Mapping[str, Mapping[str, tuple[str, frozenset[str]]]]]
    accused: Mapping[str, Mapping[str, str]]
    missing: int = 0

    @classmethod
    def of(cls, case: PublishableCase, reads: Sequence[FacilityRead], terms: Terms) -> Self:
        """Read the earlier releases and find in them what the case knows.

        Raises
        ------
        ReleaseError
            If one cannot be read.
        """
        audience = terms.audience.name
        found = read_earlier(case.root / "api" / audience, besides=case.ledger_head)
        order = {row.subject: number for number, row in enumerate(case.store.chain("publish"))}
        here = {path.parent.name for path in (case.root / "api").glob("*/*/manifest.json")}
        earlier = tuple(sorted(found, key=lambda one: (order.get(one.name, -1), one.name)))
        told, accused, recalls = {}, {}, []
        for release in earlier:
            names = Commitments(case.key, audience, release.head)
            told[release.name] = {
                read.facility.slug: {
                    names.of("incident", f"{read.facility.slug}/{one.id}"): (one.id, people_of(one))
                    for one in read.incidents
                }
                for read in reads
            }
            accused[release.name] = {names.of("perpetrator", one): one for read in reads for one in accused_in(read)}
            if _to_recall(release, reads, terms, names):
                recalls.append(release.name)
        return cls(earlier, tuple(sorted(recalls)), told, accused, len(order.keys() - here))

    def generalised(self, showing: Showing, *, minimum: int) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
        """A facility's rows generalised by themselves, and such that no earlier release beside them tells too much."""
        alone = generalise(showing.rows, minimum=minimum)
        befores = [before for release in self.earlier if (before := self._before(release, showing)).rows]
        absent = len(befores) < len(self.earlier)
        if not self.earlier:
            return alone, alone
        return alone, held_apart(showing.rows, [*([Before()] if absent else []), *befores], minimum=minimum)

    def _before(self, release: EarlierRelease, showing: Showing) -> Before:
        slug = showing.facility.slug
        cells, known = release.cells.get(slug, {}), self.told[release.name].get(slug, {})
        places: dict[str, BaseGeometry] = {item.id: item.geometry for item in showing.footprints}
        if showing.blueprint is not None:
            places |= room_places(showing.blueprint)
        here = {used for cell in cells.values() for used in cell[:2] if used is not None}
        mine = same_place(release, places, here)
        today = {incident: row for row, incident in showing.ids.items()}
        rows = {}
        accused = self.accused[release.name]
        for name, (building, room, year, kind, perpetrator) in cells.items():
            incident, people = known.get(name, (None, frozenset()))
            row = today.get(incident, name) if incident is not None else name
            rows[row] = Row(
                row,
                mine.get(building, building) if building else None,
                year,
                kind,
                people,
                room=mine.get(room, room) if room else None,
                summary="told" if name in release.summaries else None,
                perpetrator=showing.perpetrators.get(accused.get(perpetrator, ""), perpetrator)
                if perpetrator
                else None,
            )
        return Before(rows)


def _to_recall(release: EarlierRelease, reads: Sequence[FacilityRead], terms: Terms, names: Commitments) -> bool:
    """Whether a release shows an incident, words, a perpetrator, an outline or a name that may no longer be shown."""
    for read in reads:
        slug, agreeing, secrets = read.facility.slug, terms.agreeing(read.facility), Naming(read.secrets)
        may = {names.of("incident", f"{slug}/{one.id}") for one in allowed_incidents(read, terms, agreeing)}
        if set(release.cells.get(slug, {})) - may:
            return True
        if any(secrets.loosely(release.summaries.get(one, "")) for one in release.cells.get(slug, {})):
            return True
        named = {cell[4] for cell in release.cells.get(slug, {}).values() if cell[4] is not None}
        if named - {names.of("perpetrator", one) for one in terms.cleared(read.facility)}:
            return True
        for item in read.built.footprints:
            old = names.of("building", item.id)
            if old not in release.places:
                continue
            public = public_footprint(item, read.owners, agreeing, names, Tally(), secrets=secrets)
            if public is None or read.facility.publish_location != "exact":
                return True
            if set(release.labels.get(old, ())) & (set(item.labels) - set(public.labels)):
                return True
    gone = set(release.cells) - {read.facility.slug for read in reads}
    return bool(gone)
