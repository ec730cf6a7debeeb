"""What may be shown of a facility: pure rules, default-deny. Records in, records out that hold nothing else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from shapely.geometry import box
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from geoinv.api.commitments import Commitments
from geoinv.api.consent import Owners
from geoinv.api.suppress import Row
from geoinv.records.dates import PartialDate
from geoinv.records.evidence import Evidence, Status
from geoinv.records.facility import DatedName, Facility
from geoinv.records.footprints import Footprint
from geoinv.records.incidents import Binding, Incident
from geoinv.records.naming import Naming, folded, visible
from geoinv.records.release import Withheld

__all__ = [
    "SENSITIVE",
    "Tally",
    "county_box",
    "people_of",
    "plain_counts",
    "public_facility",
    "public_footprint",
    "public_place",
    "public_row",
    "year_of",
]

#: Places never shown to anybody outside, by words witnesses use for them: graves, execution grounds, private homes.
SENSITIVE = re.compile(
    r"burial|grave|cemeter|execution|firing squad|gallows|private home|family home"
    r"|매장|무덤|묘지|처형|총살|사형|사택|민가",
    re.IGNORECASE,
)
#: A month or a day in words or numbers, English and Korean: finer than the year that is shown.
_DAY = re.compile(
    r"\b(?:january|february|april|june|july|august|september|october|november|december)\b"
    r"|\b(?:jan|feb|mar(?:ch)?|apr|may|jun|jul|aug|sept?|oct|nov|dec)\.?,?\s+(?:of\s+)?\d|\b\d{1,2}(?:st|nd|rd|th)?\s+(?:of\s+)?"
    r"(?:jan|feb|mar(?:ch)?|apr|may|jun|jul|aug|sept?|oct|nov|dec)\b|\b\d{4}-\d{1,2}\b|\b\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b"
    r"|\b(?:in|on|by|of|since|until|till|from|before|after|during|early|late|mid|last|that|next)[\s-]+(?:march|may)\b"
    r"|\b(?:on|by|since|until|from|before|after)\s+the\s+\d{1,2}(?:st|nd|rd|th)\b"
    r"|\d{1,2}\s*월(?![가-힣]*간)|(?<!\d)\d{1,2}\s*일(?!\s*(?:간|동안|째))",
    re.IGNORECASE,
)
#: Degrees to which a place shown "to the county" is rounded: a box of 0.1° holds at least 50 km² below 60° of latitude.
COUNTY_DEGREES = 0.1
Precision = Literal["exact", "county", "withheld"]
How = Literal["withheld", "coarsened", "suppressed"]


@dataclass
class Tally:
    """What was kept back or coarsened, counted by what and by which rule."""

    counts: dict[tuple[str, str, How], int] = field(default_factory=dict)
    records: list[tuple[str, str, str, How]] = field(default_factory=list)

    def add(
        self, what: str, rule: str, count: int = 1, *, how: How = "withheld", record: str = "", among: str = ""
    ) -> None:
        """Count something kept back, coarsened or suppressed.

        Parameters
        ----------
        record
            The case's own name of what it was, for the case's own people alone.
        among
            The facility it belongs to.
        """
        if count:
            self.counts[what, rule, how] = self.counts.get((what, rule, how), 0) + count
            if record:
                self.records.append((f"{among}/{record}" if among else record, what, rule, how))

    def rules(self, *, minimum: int) -> tuple[Withheld, ...]:
        """What was kept back and by which rule, of what is not under ``minimum``; this is what a release may tell.

        It tells no numbers: two releases' differ by the one record that came, or was taken back, between them.
        """
        return tuple(
            Withheld(what=what, rule=rule, how=how)
            for (what, rule, how), count in sorted(self.counts.items())
            if count >= minimum
        )

    def withheld(self, *, minimum: int = 1) -> tuple[Withheld, ...]:
        """The tally as records; a count under ``minimum`` is itself not told."""
        return tuple(
            Withheld(what=what, rule=rule, how=how, count=count if count >= minimum else None)
            for (what, rule, how), count in sorted(self.counts.items())
        )


def public_facility(facility: Facility, tally: Tally) -> Facility:
    """A facility without witnesses, drawings, sources and unknown fields; its place only where one is shown."""
    add = partial(tally.add, record=facility.slug)
    add("notes on witnesses", "witnesses are never published", len(facility.witnesses))
    add("notes on perpetrators", "notes are never published", len(facility.perpetrators))
    add("drawings", "drawings as received are never published: handwriting identifies", len(facility.sketches))
    shown = facility.publish_location != "withheld"
    if not shown and facility.place:
        add("names of places", "publish_location is “withheld”")
    return Facility(
        slug=facility.slug,
        name=visible(facility.name),
        other_names=tuple(map(visible, facility.other_names)),
        names=tuple(
            DatedName(name=visible(name.name), language=name.language, period=name.period) for name in facility.names
        ),
        agency=_seen(facility.agency),
        kind=_seen(facility.kind),
        level=_seen(facility.level),
        place=_seen(facility.place) if shown else None,
        country=_seen(facility.country) if shown else None,
        simulated=facility.simulated,
        languages=facility.languages,
        publish_location=facility.publish_location,
    )


def _seen(text: str | None) -> str | None:
    return None if text is None else visible(text)


def county_box(lon: float, lat: float) -> BaseGeometry:
    """The cell of a fixed 0.1° grid that a place lies in: the same for all in it, so no centre gives it away."""
    west, south = (round(value // COUNTY_DEGREES * COUNTY_DEGREES, 1) for value in (lon, lat))
    return box(west, south, round(west + COUNTY_DEGREES, 1), round(south + COUNTY_DEGREES, 1))


def public_place(
    precision: Precision, footprints: Sequence[Footprint], best: tuple[float, float] | None, tally: Tally
) -> BaseGeometry | None:
    """A facility's place at the precision decided for it: a point, a 0.1° box, or nothing.

    Parameters
    ----------
    footprints
        Those that may be shown.
    best
        Longitude and latitude of the fused location.
    """
    shapes = unary_union([item.geometry for item in footprints])
    middle = (shapes.centroid.x, shapes.centroid.y) if not shapes.is_empty else best
    if middle is None:
        return None
    if precision == "withheld":
        tally.add("places of facilities", "publish_location is “withheld”")
        return None
    if precision == "county":
        tally.add("places of facilities", "publish_location is “county”: shown as a 0.1° box", how="coarsened")
        return county_box(*middle)
    return box(round(middle[0], 5), round(middle[1], 5), round(middle[0], 5), round(middle[1], 5)).centroid


def public_footprint(
    item: Footprint,
    owners: Owners,
    agreeing: frozenset[str],
    commitments: Commitments,
    tally: Tally,
    *,
    secrets: Naming,
) -> Footprint | None:
    """A footprint with only what may be shown of it, or ``None``.

    An outline found in imagery blind to any drawing is nobody's account. Everything else rests on who drew it: names
    are shown only if all of them agree and they name nobody, an outline that a drawing prompted only if one of them
    does.
    """
    if any(SENSITIVE.search(folded(words)) for words in item.labels):
        tally.add(
            "buildings",
            "burial and execution sites and private homes are never published",
            record=item.id,
            among=item.facility,
        )
        return None
    allowed = [name for name in item.drawn if owners.may_show(name, agreeing)]
    all_agree = len(allowed) == len(item.drawn)
    if not allowed and item.outline_from not in ("imagery", "person"):
        tally.add("buildings", "outline from an account without consent", record=item.id, among=item.facility)
        return None
    labels = item.labels if all_agree and item.drawn else ()
    if item.labels and not labels:
        tally.add("names of buildings", "name from an account without consent", record=item.id, among=item.facility)
    if any(secrets.loosely(label) for label in labels):
        tally.add("names of buildings", "the name names somebody or a source", record=item.id, among=item.facility)
        labels = tuple(label for label in labels if not secrets.loosely(label))
    if item.warnings:
        tally.add(
            "warnings on buildings",
            "free text is not published",
            len(item.warnings),
            record=item.id,
            among=item.facility,
        )
    evidence = {
        name: _public_evidence(given, owners, agreeing, commitments) for name, given in sorted(item.evidence.items())
    }
    return Footprint(
        id=commitments.of("building", item.id),
        facility=item.facility,
        geometry=item.geometry,
        role=item.role,
        labels=tuple(map(visible, labels)),
        status=_public_status(item, allowed, all_agree),
        confidence=item.confidence,
        outline_from=item.outline_from,
        not_before=item.not_before,
        not_after=item.not_after,
        height_m=item.height_m,
        probability=item.probability if all_agree else None,
        evidence=evidence,
    )


def _public_status(item: Footprint, allowed: Sequence[str], all_agree: bool) -> Status:
    """What the status would be without the accounts that are kept back."""
    if all_agree:
        return item.status
    if not allowed:
        return Status.OBSERVED
    blind = item.outline_from == "imagery" and item.status is Status.CORROBORATED
    return Status.CORROBORATED if blind else max(item.status, Status.ATTESTED, key=lambda status: status.rank)


def _public_evidence(given: Evidence, owners: Owners, agreeing: frozenset[str], commitments: Commitments) -> Evidence:
    """Status and interval, and sources as commitments; no value, author or note, which are free text."""
    shown = sorted(commitments.of("source", source) for source in given.sources if owners.may_show(source, agreeing))
    interval = given.interval.model_copy(update={"said": None}) if given.interval else None
    return Evidence(status=given.status, interval=interval, sources=tuple(shown))


def year_of(date: PartialDate | None) -> str | None:
    """A date generalised to its year, or to ``first/last`` years; ``None`` where an end is open."""
    if date is None or date.earliest.year == 1 or date.latest.year == 9999:
        return None
    first, last = f"{date.earliest.year:04d}", f"{date.latest.year:04d}"
    return first if first == last else f"{first}/{last}"


def people_of(incident: Incident) -> frozenset[str]:
    """Codenames of those it happened to, else of who told it."""
    people = frozenset(act.victim for act in incident.acts if act.victim)
    return people or frozenset({incident.witness} if incident.witness else ())


def public_row(
    incident: Incident,
    binding: Binding | None,
    buildings: Mapping[str, str],
    secrets: Naming,
    commitments: Commitments,
    tally: Tally,
    *,
    by_building: bool,
    rooms: Mapping[str, str] | None = None,
    cleared: Collection[str] = (),
) -> Row:
    """An incident that may be used, as it may be counted: its building (if that is shown), its year and its kind.

    A perpetrator stands under a pseudonym of this release, where a person cleared it and nobody else did the acts.

    Parameters
    ----------
    buildings
        Internal footprint id → published id, of buildings that are shown.
    secrets
        Codenames and other words that no summary and no kind may contain.
    by_building
        Whether the audience may see buildings.
    rooms
        Internal room id → published id, of rooms that are shown to an audience that may see them.
    cleared
        Codenames of the perpetrators who were cleared for the audience.
    """
    add = partial(tally.add, record=incident.id, among=incident.facility)
    add("victims", "victims are never published", sum(1 for act in incident.acts if act.victim))
    alone = _cleared_alone(incident, cleared)
    if alone is None:
        add("perpetrators", "perpetrators not cleared", sum(1 for act in incident.acts if act.perpetrator))
    else:
        add("names of perpetrators", "a perpetrator who was cleared stands under a pseudonym", how="coarsened")
    add("sources and quotations", "sources are never published", len(incident.sources))
    building = buildings.get(binding.footprint) if by_building and binding and binding.footprint else None
    room = (rooms or {}).get(binding.room) if building and binding and binding.room else None
    if binding is not None and binding.room is not None and room is None:
        add("rooms of incidents", "no incident is shown finer than this audience may see", how="coarsened")
    if incident.point is not None:
        add("places of incidents", "an incident's own point is never published")
    if incident.date is not None and incident.date.text != year_of(incident.date):
        add("dates of incidents", "dates are generalised to years", how="coarsened")
    hidden = [incident.place_label if building is None else None, incident.room_label if room is None else None]
    kind, summary = _public_words(incident, secrets, [label for label in hidden if label], tally)
    return Row(
        commitments.of("incident", f"{incident.facility}/{incident.id}"),
        building,
        year_of(incident.date),
        kind,
        people_of(incident),
        summary,
        room,
        None if alone is None else commitments.of("perpetrator", alone),
    )


def _public_words(
    incident: Incident, secrets: Naming, hidden: Sequence[str], tally: Tally
) -> tuple[str | None, str | None]:
    """An incident's kind and summary as they may be shown; ``hidden`` are labels of where it was that are not."""
    add = partial(tally.add, record=incident.id, among=incident.facility)
    kind, summary = incident.kind or None, incident.summary.strip() or None
    if kind and secrets.loosely(kind):
        add("kinds of incidents", "the kind names somebody or a source")
        kind = None
    if summary and (rule := _kept_back(summary, secrets, hidden)):
        add("summaries of incidents", rule)
        summary = None
    return _seen(kind), _seen(summary)


def _cleared_alone(incident: Incident, cleared: Collection[str]) -> str | None:
    """The perpetrator of all of an incident's acts, if it was cleared."""
    accused = {act.perpetrator for act in incident.acts}
    return next(iter(accused)) if len(accused) == 1 and accused <= set(cleared) else None


def _kept_back(summary: str, secrets: Naming, hidden: Iterable[str]) -> str | None:
    """The rule that keeps a summary's words in; ``hidden`` are labels of where it was that are not shown."""
    plain = folded(summary)
    if secrets.loosely(summary):
        return "the summary names somebody or a source"
    if SENSITIVE.search(plain):
        return "burial and execution sites and private homes are never published"
    if _DAY.search(plain):
        return "the summary tells a month or a day, and dates are generalised to years"
    if Naming(hidden).loosely(summary):
        return "the summary names a place that is not shown"
    return None


def plain_counts(rows: Iterable[Row]) -> dict[str, int]:
    """Published incidents by building."""
    return dict(sorted(Counter(row.building for row in rows if row.building is not None).items()))
