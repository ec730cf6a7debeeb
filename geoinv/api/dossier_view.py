"""What a dossier may hold of one facility for an audience: all of it inside the case, else what rules let through.

Outside, witnesses, victims and perpetrators are pseudonyms of this audience and this state of the case alone, sources
are commitments, and nothing may name a codename or a file of the case.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from geoinv.api.casefiles import read_built, read_case
from geoinv.api.commitments import Commitments
from geoinv.api.comparing import Compared
from geoinv.api.consent import Owners, consenting, incident_allowed
from geoinv.api.publish import asked_for, audience_rules, require_published
from geoinv.api.redact import Tally, public_facility, public_footprint, public_place, public_row
from geoinv.api.redact_blueprint import public_blueprint
from geoinv.api.showing import Terms, showing_of
from geoinv.api.suppress import MINIMUM_PEOPLE, Row, is_large
from geoinv.case.folder import Case
from geoinv.case.reading import built_location, built_unplaced
from geoinv.errors import FieldError, ReleaseError
from geoinv.facilities.incident_queries import Question, activity_of, current, select
from geoinv.facilities.vocabulary import themes
from geoinv.records.blueprint import Blueprint
from geoinv.records.consent import Audience
from geoinv.records.dates import PartialDate
from geoinv.records.facility import Facility
from geoinv.records.footprints import Footprint, Unplaced
from geoinv.records.incidents import Act, Binding, Incident, SourceRef
from geoinv.records.locations import Location
from geoinv.records.naming import Naming
from geoinv.records.places import LonLat
from geoinv.records.release import Withheld

__all__ = ["Exhibit", "View", "of_theme", "view_of"]


@dataclass(frozen=True)
class Exhibit:
    """A source: its name, what it is, and its SHA-256 inside the case or a salted commitment outside."""

    name: str
    kind: str
    digest: str
    size: int | None = None


@dataclass(frozen=True)
class View:
    """One facility as an audience may see it.

    Attributes
    ----------
    audience
        ``None`` inside the case.
    minimum
        Smaller counts are left out; 1 where counts may be told.
    point
        Best place, where it may be shown.
    findings
        As ``findings.json`` has them, each with ``witness``.
    elements
        Factual elements of ``findings.json``, each with its claims and witnesses; inside the case only.
    secrets
        Words that may stand in nothing made for this audience; empty inside the case.
    """

    facility: Facility
    audience: str | None
    minimum: int
    head: str
    point: LonLat | None
    location: Location | None
    footprints: tuple[Footprint, ...]
    unplaced: tuple[Unplaced, ...]
    blueprint: Blueprint | None
    incidents: tuple[Incident, ...]
    bindings: tuple[Binding, ...]
    room_names: Mapping[str, str]
    findings: tuple[Mapping[str, Any], ...]
    exhibits: tuple[Exhibit, ...]
    withheld: tuple[Withheld, ...] = ()
    secrets: frozenset[str] = frozenset()
    elements: tuple[Mapping[str, Any], ...] = ()

    @property
    def inside(self) -> bool:
        """Whether nothing is kept back: for the case's own people."""
        return self.audience is None


def view_of(case: Case, slug: str, audience: str | None, *, on: date | None = None) -> View:
    """A facility as an audience may see it; ``None`` is the case's own people.

    Raises
    ------
    CaseError
        If the case has no such facility.
    ReleaseError
        If it has no such audience.
    """
    facility = case.facility(slug)
    whole = _whole(case, facility)
    if audience is None:
        return whole
    rules = audience_rules(case, audience, on)
    if not rules.asks_for(slug):
        raise ReleaseError(f"“{slug}” is not among what was granted to “{audience}”", do="grant it, or leave it out")
    return _outside(case, whole, rules, on)


def of_theme(view: View, theme: str) -> View:
    """A view with the incidents that surely belong to a theme collection.

    Raises
    ------
    FieldError
        If there is no such theme.
    """
    if theme not in themes():
        raise FieldError(f"there is no theme “{theme}”", do=f"choose one of {', '.join(sorted(themes()))}",
                         field="--theme")  # fmt: skip
    found = select(view.incidents, Question(theme=theme)).sure
    # That a record belongs to a theme says more of it than its group does: few are none.
    return replace(view, incidents=found if view.minimum == 1 or len(found) >= view.minimum else ())


def _whole(case: Case, facility: Facility) -> View:
    folder = case.models_dir(facility.slug)
    built, location = read_built(folder), built_location(folder)
    best = LonLat(*built.best) if built.best else None
    return View(
        facility=facility,
        audience=None,
        minimum=1,
        head=case.ledger_head,
        point=best,
        location=location,
        footprints=built.footprints,
        unplaced=built_unplaced(folder),
        blueprint=built.blueprint,
        incidents=current(case.incident_records(facility.slug)),
        bindings=case.bindings(facility.slug),
        room_names=_room_names(built.blueprint),
        findings=_findings(case, facility.slug),
        elements=_elements(case, facility.slug),
        exhibits=_exhibits(case, facility.slug),
    )


def _room_names(blueprint: Blueprint | None) -> dict[str, str]:
    """What rooms are called, by id."""
    buildings = blueprint.buildings if blueprint is not None else ()
    rooms = (room for one in buildings for storey in one.storeys for room in storey.rooms)
    return {room.id: room.labels[0] if room.labels else room.id for room in rooms}


def _public_rooms(whole: View, shown: Blueprint | None, commitments: Commitments) -> dict[str, str]:
    """Internal room id → its id in the blueprint as it may be shown, of rooms that are in it."""
    public = _room_names(shown)
    named = {room: commitments.of("part", room) for room in _room_names(whole.blueprint)}
    return {room: name for room, name in named.items() if name in public}


def _findings(case: Case, slug: str) -> tuple[Mapping[str, Any], ...]:
    """Tests of what witnesses said, if the build made any, each with its witness and the words tested."""
    path = case.models_dir(slug) / "findings.json"
    if not path.is_file():
        return ()
    claims = {}
    for row in case.rows("claim", slug):
        content = json.loads(row.content)
        claims[str(content.get("id"))] = content
    data = json.loads(path.read_text(encoding="utf-8"))
    found = []
    for one in data.get("findings", ()):
        claim = claims.get(str(one.get("claim")), {})
        about = {"witness": claim.get("witness"), "said_words": claim.get("said", ""), "kind": claim.get("kind")}
        found.append({**one, **{key: one.get(key) or value for key, value in about.items()}})
    return tuple(found)


def _elements(case: Case, slug: str) -> tuple[Mapping[str, Any], ...]:
    path = case.models_dir(slug) / "findings.json"
    return tuple(json.loads(path.read_text(encoding="utf-8")).get("table", ())) if path.is_file() else ()


def _exhibits(case: Case, slug: str) -> tuple[Exhibit, ...]:
    """Every file of the facility, and every scene, as taken in."""
    history = case.history
    found = []
    for path, row in sorted(case.store.files().items()):
        if row.facility is None and not path.startswith("imagery/"):
            continue
        if row.facility is not None and history.facility_of(row.facility, path) != slug:
            continue
        found.append(Exhibit(path, row.kind, row.sha256, row.size))
    return tuple(found)


# Outside the case.


def _outside(case: Case, whole: View, rules: Audience, on: date | None) -> View:
    facility, tally = whole.facility, Tally()
    commitments = Commitments(case.key, rules.name, case.ledger_head)
    partners = case.settings.organisations
    agreeing = consenting(facility, case.consents(), rules.consents_as, on=on, organisations=partners)
    owners = _owners(case, facility)
    secrets = _secrets(whole, facility, owners, agreeing)
    exact = facility.publish_location == "exact"
    names = Naming(secrets)
    pairs = [
        (one, public_footprint(one, owners, agreeing, commitments, tally, secrets=names)) for one in whole.footprints
    ]
    shown = {one.id: public for one, public in pairs if public is not None}
    place = public_place(facility.publish_location, tuple(shown.values()), whole.point, tally)
    if not exact:
        tally.add("buildings", f"publish_location is “{facility.publish_location}”: no outline is shown", len(shown))
    blueprint = None
    if whole.blueprint is not None and exact and (facility.simulated or _cleared(facility)):
        blueprint = public_blueprint(
            whole.blueprint,
            owners,
            agreeing,
            commitments,
            tally,
            shown={one.id: public for one, public in pairs},
            secrets=names,
        )
    buildings = {inside: public.id for inside, public in shown.items()} if exact else {}
    allowed = _allowed(case, whole, rules, owners, agreeing, tally, on=on)
    rooms = _public_rooms(whole, blueprint, commitments) if rules.incident_place == "room" else {}
    if rules.minimum_count > 1:
        incidents, bindings = _released(case, whole, rules, commitments, on)
        few = f"groups of fewer than {rules.minimum_count} are pooled or left out"
        tally.add("incidents", few, len(allowed) - len(incidents))
    else:
        incidents, bindings = _told(allowed, whole, rules, buildings, rooms, names, commitments, tally)
    findings, exhibits = _evidence(whole, owners, agreeing, commitments, tally)
    single = rules.minimum_count == 1  # two dossiers' numbers would differ by the one record between them
    return replace(
        whole,
        facility=public_facility(facility, tally),
        audience=rules.name,
        minimum=rules.minimum_count,
        point=LonLat(place.centroid.x, place.centroid.y) if place is not None and exact else None,
        location=None,
        footprints=tuple(shown.values()) if exact else (),
        unplaced=(),
        blueprint=blueprint,
        incidents=incidents,
        bindings=bindings,
        findings=findings,
        elements=(),
        exhibits=exhibits,
        withheld=tally.withheld() if single else tally.rules(minimum=rules.minimum_count),
        secrets=secrets,
        room_names=_room_names(blueprint),
    )


def _evidence(
    whole: View, owners: Owners, agreeing: frozenset[str], commitments: Commitments, tally: Tally
) -> tuple[tuple[Mapping[str, Any], ...], tuple[Exhibit, ...]]:
    """What testing what was said gave, and the exhibits, of witnesses who agree."""
    findings = tuple(_finding(one, commitments) for one in whole.findings if one.get("witness") in agreeing)
    without = len(whole.findings) - len(findings)
    tally.add("tests of what was said", "witness without consent for this audience", without)
    exhibits = tuple(
        Exhibit(commitments.of("source", Owners.base(one.name)), one.kind, commitments.of("content", one.digest))
        for one in whole.exhibits
        if owners.may_show(one.name, agreeing)
    )
    tally.add("exhibits", "account without consent, or nobody's known", len(whole.exhibits) - len(exhibits))
    return findings, exhibits


def _allowed(
    case: Case,
    whole: View,
    rules: Audience,
    owners: Owners,
    agreeing: frozenset[str],
    tally: Tally,
    *,
    on: date | None,
) -> list[Incident]:
    """The incidents that were asked for and may be used for an audience; the rules that keep others in are counted."""
    facility, partners = whole.facility, case.settings.organisations
    told = {name for name in owners.witness_of.values() if name} | set(facility.witnesses)
    allowed = []
    for incident in (one for one in whole.incidents if rules.asks_for(facility.slug, one.id)):
        rule = incident_allowed(
            incident, agreeing, frozenset(told) - agreeing, rules.consents_as, on=on, organisations=partners
        )
        if rule is None:
            allowed.append(incident)
        else:
            tally.add("incidents", rule)
    return allowed


def _cleared(facility: Facility) -> bool:
    return (facility.model_extra or {}).get("publish_model") is True


def _owners(case: Case, facility: Facility) -> Owners:
    """Whose account each of a facility's sources is; also of files in which one witness alone speaks."""
    slug = facility.slug
    known: dict[str, str | None] = {Owners.base(path): note.witness for path, note in facility.sketches.items()}
    speak: dict[str, set[str]] = {}
    for kind in ("statement", "claim", "incident", "room account"):
        for row, witness in case.whose(kind, slug):
            speak.setdefault(Owners.base(row.source), set()).add(witness or "")
    known |= {name: next(iter(who)) or None for name, who in speak.items() if len(who) == 1}
    for sketch in case.sketches(slug):
        known[Owners.base(sketch.name)] = sketch.witness or known.get(Owners.base(sketch.name))
    known |= {statement.id: statement.witness for statement in case.statements(slug).statements}
    scenes = {Owners.base(path) for path, _ in case.scenes()}
    return Owners(known, frozenset(scenes - set(known)))


def _secrets(whole: View, facility: Facility, owners: Owners, agreeing: frozenset[str]) -> frozenset[str]:
    """Codenames, file names and ids of the case: pseudonyms and commitments stand in their place."""
    words = set(facility.witnesses) | {source for source in owners.witness_of if len(source) >= 6}
    words |= {witness for witness in owners.witness_of.values() if witness} | set(agreeing)
    words |= {Owners.base(one.name) for one in whole.exhibits}
    for incident in whole.incidents:
        people = (incident.witness, *(person for act in incident.acts for person in (act.victim, act.perpetrator)))
        words |= {word for word in (*people, *(source.source for source in incident.sources)) if word}
    return frozenset(word for word in words if not word.isdigit())


def _finding(one: Mapping[str, Any], commitments: Commitments) -> dict[str, Any]:
    """A test without words, names and part ids: verdict, intervals, and what rivals gave."""
    kept: dict[str, Any] = {key: one.get(key) for key in ("verdict", "discriminating_power", "kind")}
    for key in ("computed", "said"):
        value = one.get(key)
        kept[key] = {k: v for k, v in value.items() if k != "said"} if isinstance(value, Mapping) else None
    return {**kept, "claim": commitments.of("claim", str(one.get("claim")))[:14], "sentence": {}, "caveats": (),
            "witness": _pseudonym(
        commitments, one.get("witness")), "said_words": "", "why": "", "rivals": ""}  # fmt: skip


def _pseudonym(commitments: Commitments, codename: str | None) -> str | None:
    """A name for a person in this dossier alone: two dossiers cannot be joined by it."""
    return f"person {commitments.of('person', codename)[7:13]}" if codename else None


def _told(
    allowed: list[Incident],
    whole: View,
    rules: Audience,
    buildings: Mapping[str, str],
    rooms: Mapping[str, str],
    secrets: Naming,
    commitments: Commitments,
    tally: Tally,
) -> tuple[tuple[Incident, ...], tuple[Binding, ...]]:
    """Incidents and bindings as an audience may read them that reads of single ones."""
    bound = {binding.incident: binding for binding in whole.bindings}
    by_building = rules.incident_place != "facility"
    incidents, bindings = [], []
    for one in allowed:
        row = public_row(one, bound.get(one.id), buildings, secrets, commitments, tally, by_building=by_building)
        binding = bound.get(one.id)
        room = rooms.get(binding.room) if binding and binding.room else None
        incidents.append(
            Incident(
                id=row.id,
                facility=one.facility,
                date=one.date,
                kind=row.kind or "",
                summary=row.summary or "",
                certainty=one.certainty,
                acts=tuple(_act(act, commitments) for act in one.acts),
                sources=tuple(_source(source, commitments) for source in one.sources),
                witness=_pseudonym(commitments, one.witness),
            )
        )
        bindings.append(Binding(incident=row.id, footprint=row.building, room=room, how=_how(row), why="",
                                probability=binding.probability if binding else 1.0))  # fmt: skip
    return tuple(incidents), tuple(bindings)


def _how(row: Row) -> Literal["label", "none"]:
    return "label" if row.building else "none"


def _released(
    case: Case, whole: View, rules: Audience, commitments: Commitments, on: date | None
) -> tuple[tuple[Incident, ...], tuple[Binding, ...]]:
    """Incidents as the release of this state tells them: a dossier beside a release may tell of no other few.

    Raises
    ------
    ReleaseError
        If this state was not published for the audience.
    """
    require_published(case, rules)
    slug, terms = whole.facility.slug, Terms(rules, case.consents(), case.settings.organisations, on)
    reads = asked_for(read_case(case), rules)
    showing = showing_of(next(one for one in reads if one.facility.slug == slug), terms, commitments, Tally())
    _, rows = Compared.of(case, reads, terms).generalised(showing, minimum=rules.minimum_count)
    told = {one.id: one for one in whole.incidents}
    kinds = [
        (row, {act.violation for act in told[showing.ids[row.id]].acts}) for row in rows if showing.ids[row.id] in told
    ]
    few = {
        kind
        for kind in {kind for _, those in kinds for kind in those}
        if not is_large([row for row, those in kinds if kind in those], rules.minimum_count, MINIMUM_PEOPLE)
    }
    incidents = (_coarse(row, told[showing.ids[row.id]], few) for row, _ in kinds)
    bindings = (Binding(incident=row.id, footprint=row.building, how=_how(row), why="") for row, _ in kinds)
    return tuple(incidents), tuple(bindings)


def _coarse(row: Row, one: Incident, few: Collection[str]) -> Incident:
    """An incident as its group is told: of its acts only the violations that many others tell of too."""
    return Incident(
        id=row.id,
        facility=one.facility,
        date=PartialDate(row.year) if row.year else None,
        kind=row.kind or "",
        summary=row.summary or "",
        acts=tuple(Act(violation=act.violation) for act in one.acts if act.violation not in few),
    )


def _act(act: Act, commitments: Commitments) -> Act:
    """An act without codenames; what the victim was doing only as the vocabulary has it."""
    doing = activity_of(act)
    return Act(
        violation=act.violation,
        victim=_pseudonym(commitments, act.victim),
        perpetrator=_pseudonym(commitments, act.perpetrator),
        involvement=act.involvement,
        agency=act.agency,
        victim_activity=doing.id if doing else None,
    )


def _source(source: SourceRef, commitments: Commitments) -> SourceRef:
    return SourceRef(source=commitments.of("source", Owners.base(source.source)), page=source.page)
