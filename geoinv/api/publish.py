"""Publishing: the case is read once, consent and rules are applied, and one immutable release is written.

A release holds only what a rule lets through. Maps, sheets and models are drawn anew from the redacted records; no
internal file is copied. Before anything is written, every byte made here is searched for the case's codenames and file
names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from geoinv import __version__
from geoinv.api.casefiles import PublishableCase, read_built, underlays_of
from geoinv.api.commitments import Commitments
from geoinv.api.consent import Owners, consenting, incident_allowed, standing
from geoinv.api.contents import facility_files, release_texts
from geoinv.api.geopackage import geopackage_bytes
from geoinv.api.layers import Shown, layers_of
from geoinv.api.leaks import leaks
from geoinv.api.redact import Tally, public_facility, public_footprint, public_place, public_row
from geoinv.api.redact_blueprint import public_blueprint
from geoinv.api.suppress import generalise
from geoinv.errors import ReleaseError
from geoinv.files.atomic import write_bytes, write_folder, write_text
from geoinv.pages.words import Language, word
from geoinv.records.base import sha256_hex
from geoinv.records.consent import Audience
from geoinv.records.facility import Facility
from geoinv.records.release import Release, ReleaseFile, Withheld

__all__ = ["ReleasePlan", "plan_release", "publish", "write_release"]

_MEDIA = {
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml",
    ".jpg": "image/jpeg",
    ".glb": "model/gltf-binary",
    ".gpkg": "application/geopackage+sqlite3",
    ".json": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".pdf": "application/pdf",
    ".py": "text/x-python; charset=utf-8",
}


class _Ledgered(PublishableCase, Protocol):
    """A case that can also note what was published."""

    @property
    def ledger(self) -> Any:
        """The chain."""

    @property
    def store(self) -> Any:
        """The records."""

    def note_head(self) -> None:
        """Write the chain's head beside the store."""


@dataclass(frozen=True)
class ReleasePlan:
    """A release as it would be written.

    Attributes
    ----------
    audience
        For whom.
    name
        First 12 digits of the manifest's SHA-256: the release's folder.
    files
        Path below the release → bytes, the manifest included.
    manifest
        What the release says of itself.
    withheld
        What is kept back, coarsened or suppressed, with true counts; for the case's own people only.
    """

    audience: str
    name: str
    files: Mapping[str, bytes]
    manifest: Release
    withheld: tuple[Withheld, ...]


def _owners(case: PublishableCase, facility: Facility) -> Owners:
    """Whose account each of a facility's sources is."""
    known: dict[str, str | None] = {Owners.base(path): note.witness for path, note in facility.sketches.items()}
    for sketch in case.sketches(facility.slug):
        known[Owners.base(sketch.name)] = sketch.witness or known.get(Owners.base(sketch.name))
    known |= {statement.id: statement.witness for statement in case.statements(facility.slug).statements}
    scenes = {Owners.base(path) for path, _ in case.scenes()}
    return Owners(known, frozenset(scenes - set(known)))


def _secrets(case: PublishableCase, facility: Facility, owners: Owners) -> frozenset[str]:
    """Words that may stand in nothing published: codenames, file names, ids and names of people in records."""
    words = set(facility.witnesses) | {Owners.base(path) for path, _ in case.scenes()}
    words |= {source for source in owners.witness_of if len(source) >= 6}
    words |= {witness for witness in owners.witness_of.values() if witness}
    for incident in case.incident_records(facility.slug):
        people = (incident.witness, *(person for act in incident.acts for person in (act.victim, act.perpetrator)))
        words |= {word for word in (*people, *(source.source for source in incident.sources)) if word}
    return frozenset(word for word in words if not word.isdigit())


def _shown(
    case: PublishableCase,
    facility: Facility,
    audience: Audience,
    commitments: Commitments,
    tally: Tally,
    on: date | None,
) -> Shown:
    """What may be shown of one facility."""
    partners = case.settings.organisations
    agreeing = consenting(facility, case.consents(), audience.name, on=on, organisations=partners)
    owners = _owners(case, facility)
    built = read_built(case.models_dir(facility.slug))
    exact = facility.publish_location == "exact"
    pairs = [(item, public_footprint(item, owners, agreeing, commitments, tally)) for item in built.footprints]
    allowed = {item.id: public for item, public in pairs if public is not None}
    place = public_place(facility.publish_location, tuple(allowed.values()), built.best, tally)
    if not exact:
        tally.add("buildings", f"publish_location is “{facility.publish_location}”: no outline is shown", len(allowed))
        allowed = {}
    buildings = {internal: public.id for internal, public in allowed.items()}
    bound = {binding.incident: binding for binding in case.bindings(facility.slug)}
    told = {note for note in owners.witness_of.values() if note} | set(facility.witnesses)
    secrets = _secrets(case, facility, owners)
    rows = []
    for incident in case.incident_records(facility.slug):
        rule = incident_allowed(
            incident, agreeing, frozenset(told) - agreeing, audience.name, on=on, organisations=partners
        )
        if rule is not None:
            tally.add("incidents", rule)
            continue
        by_building = audience.incident_place != "facility"
        row = public_row(
            incident, bound.get(incident.id), buildings, secrets, commitments, tally, by_building=by_building
        )
        rows.append(row)
    kept = generalise(rows, minimum=audience.minimum_count)
    few = f"groups of fewer than {audience.minimum_count} incidents or 3 people are pooled or left out"
    tally.add("incidents", few, len(rows) - len(kept))
    before = {row.id: row for row in rows}
    coarser = sum(1 for row in kept if (row.building, row.year, row.kind) != _key(before[row.id]))
    tally.add("details of incidents", few, coarser)
    blueprint = None
    if built.blueprint is not None:
        if exact and _model_cleared(facility):
            blueprint = public_blueprint(
                built.blueprint, owners, agreeing, commitments, tally, shown={item.id: public for item, public in pairs}
            )
        else:
            tally.add("models and sheets", "place not exact, or model neither simulated nor cleared by a decision")
    return Shown(public_facility(facility, tally), place, tuple(allowed.values()), kept, blueprint)


def _key(row: Any) -> tuple[str | None, str | None, str | None]:
    return row.building, row.year, row.kind


def _model_cleared(facility: Facility) -> bool:
    """Whether a model may be shown: of a fictional facility, or where a person set ``publish_model``."""
    return facility.simulated or (facility.model_extra or {}).get("publish_model") is True


def plan_release(case: PublishableCase, audience: str, *, on: date | None = None) -> ReleasePlan:
    """Make a release in memory and say what it withholds; nothing is written.

    Parameters
    ----------
    case
        The case.
    audience
        As in ``case.toml``.
    on
        The day embargoes and ending consents are judged by; without one, an embargo lasts and a consent that ends has
        ended.

    Raises
    ------
    ReleaseError
        If the case has no such audience, or something made holds a word that must stay in.
    """
    rules = case.settings.audience(audience)
    if rules is None:
        names = ", ".join(one if isinstance(one, str) else one.name for one in case.settings.audiences)
        raise ReleaseError(f"this case has no audience “{audience}”", do=f"choose one of: {names}", file="case.toml")
    commitments = Commitments(case.key, audience, case.ledger_head)
    tally = Tally()
    everything, files, secrets = [], {}, set[str]()
    for facility in case.facilities():
        shown = _shown(case, facility, rules, commitments, tally, on)
        everything.append(shown)
        secrets |= _secrets(case, facility, _owners(case, facility))
        underlays, languages = underlays_of(case, shown.footprints), _languages(case, facility)
        files.update(facility_files(shown, underlays, languages, lambda lang: _cite(case, audience, lang)))
    files["release.gpkg"] = geopackage_bytes(layers_of(everything), beside=case.root)
    fictional = case.settings.simulated or all(shown.facility.simulated for shown in everything)
    withheld = tally.withheld(minimum=rules.minimum_count)
    files.update(release_texts(case.settings.title, audience, everything, withheld, fictional=fictional))
    manifest = Release(
        title=case.settings.title,
        audience=audience,
        fictional=fictional,
        geoinv_version=__version__,
        ledger_head=case.ledger_head,
        languages=case.settings.languages,
        facilities=tuple(shown.facility.slug for shown in everything),
        inputs=_inputs(case, commitments),
        generalised=withheld,
        files=tuple(_entry(path, files[path]) for path in sorted(files)),
    )
    found = leaks(files, secrets)
    if found:
        raise ReleaseError(
            f"the release would hold words that must stay in the case ({'; '.join(found[:3])})",
            do="report this; nothing was written",
        )
    text = manifest.model_dump_json(indent=1, exclude_none=True) + "\n"
    files["manifest.json"] = text.encode()
    inside = (*tally.withheld(), *_witnesses_withheld(case, audience, on))
    return ReleasePlan(audience, sha256_hex(text.encode())[:12], files, manifest, inside)


def _witnesses_withheld(case: PublishableCase, audience: str, on: date | None) -> tuple[Withheld, ...]:
    """How many witnesses' accounts stay in, and why: for the case's own people, in nothing published."""
    partners, consents = case.settings.organisations, case.consents()
    why: dict[str, str] = {}
    for facility in case.facilities():
        stands = standing(facility, consents, audience, on=on, organisations=partners)
        why |= {name: reason for name, reason in stands.items() if reason is not None and name in facility.witnesses}
    tally = Tally()
    for reason in why.values():
        tally.add("witnesses", reason)
    return tally.withheld()


def _cite(case: PublishableCase, audience: str, language: Language) -> str:
    """What a file that leaves the release says of it: while it is made, the chain's head is known, not the hash."""
    return word("cite audience", language, audience=audience, head=case.ledger_head[:12])


def _languages(case: PublishableCase, facility: Facility) -> tuple[str, ...]:
    wanted = {*case.settings.languages, *facility.languages}
    return ("en", "ko") if "ko" in wanted else ("en",)


def _inputs(case: PublishableCase, commitments: Commitments) -> tuple[str, ...]:
    """Commitments to everything that was read, sorted so that their order tells nothing."""
    names = {Owners.base(path) for path, _ in case.scenes()}
    for facility in case.facilities():
        names |= set(_owners(case, facility).witness_of)
        names |= {incident.id for incident in case.incident_records(facility.slug)}
    return tuple(sorted(commitments.of("source", name) for name in names))


def _entry(path: str, content: bytes) -> ReleaseFile:
    media = _MEDIA[Path(path).suffix]
    return ReleaseFile(path=path, sha256=sha256_hex(content), bytes=len(content), media_type=media)


def write_release(case: _Ledgered, plan: ReleasePlan, *, by: str = "geoinv") -> Path:
    """Write a planned release below ``api/<audience>/`` and note it in the ledger; one already there is left as it is.

    Returns
    -------
    Path
        The release's folder; ``latest`` beside it names the release made last.

    Raises
    ------
    ReadOnlyError
        If the folder cannot be written.
    ReleaseError
        If a release of that name is there and was altered.
    """
    folder = case.root / "api" / plan.audience / plan.name
    there = folder.exists()
    if there:
        altered = [path for path, content in plan.files.items() if not _same(folder / path, content)]
        if altered:
            raise ReleaseError(
                f"this release was altered after it was made ({altered[0]})",
                do="delete its folder and publish again",
                file=plan.name,
            )
    else:
        with write_folder(folder) as temporary:
            for path, content in sorted(plan.files.items()):
                write_bytes(temporary / path, content)
    # A release that is there may be one that an earlier run wrote and, its disk full, could not note.
    if not there or not any(row.subject == plan.name for row in case.store.chain("publish")):
        with case.store.writing():
            case.ledger.append(
                "publish", plan.name, {"audience": plan.audience, "head": plan.manifest.ledger_head}, by=by
            )
        case.note_head()
    write_text(folder.parent / "latest", plan.name + "\n")
    return folder


def _same(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def publish(
    case: _Ledgered, audience: str, *, dry_run: bool = False, on: date | None = None, by: str = "geoinv"
) -> Path | ReleasePlan:
    """Publish a case for an audience.

    Parameters
    ----------
    dry_run
        Only say what would be withheld, and by which rule.

    Returns
    -------
    Path or ReleasePlan
        The release's folder, or the plan of a dry run.

    Raises
    ------
    ReleaseError
        If the case has no such audience, or a release cannot be made.
    """
    plan = plan_release(case, audience, on=on)
    return plan if dry_run else write_release(case, plan, by=by)
