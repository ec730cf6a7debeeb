"""Step “claims”: what was said, tested on the facility's model as it is without whoever said it."""

from __future__ import annotations

from pathlib import Path

from geoinv.case.build import Job
from geoinv.case.making.common import made_by, said_where, sketches_of
from geoinv.case.making.interior import decided_rooms, metres_of, outline_of, standing
from geoinv.case.reading import Interior, built_blueprint, built_interiors
from geoinv.case.told import claims_of
from geoinv.errors import GeoinvError
from geoinv.facilities.interiors import reconcile_rooms
from geoinv.files.atomic import write_json, write_text
from geoinv.models.assemble import assemble
from geoinv.models.claims import corroborate
from geoinv.models.claims_own import Accounts
from geoinv.models.fit import fit_rooms
from geoinv.models.fit_windows import with_windows
from geoinv.models.rivals import with_rivals
from geoinv.pages.figures_claims import claim_figure
from geoinv.pages.words import language_of
from geoinv.records.blueprint import Blueprint, Contradiction, Storey
from geoinv.records.claims import AccountOf, Claims

__all__ = ["claims_made", "make", "rebuilt_without"]


def make(job: Job, folder: Path) -> list[str]:
    """Write ``findings.json`` and a figure of each finding, ``findings/*.svg``; nothing where nothing was claimed."""
    claims = claims_made(job)
    blueprint = built_blueprint(job.log.folder)
    if not claims.claims:
        return []
    if blueprint is None:
        return [f"{job.facility.slug}: there is no model yet that its {len(claims.claims)} claims could be held to."]
    problems: list[str] = []
    found = corroborate(blueprint, claims, rebuilt=rebuilt_without(job, claims, problems))
    language = language_of(next(iter(job.case.settings.languages), "en"))
    drawn = []
    for number, (claim, finding) in enumerate(zip(claims.claims, found.findings, strict=True), 1):
        name = f"findings/finding-{number:03d}.svg"
        write_text(folder / name, claim_figure(blueprint, claim, finding, language=language))
        drawn.append(finding.model_copy(update={"figure": name}))
    found = found.model_copy(update={"findings": tuple(drawn)})
    write_json(folder / "findings.json", {**found.plain(), "geoinv": made_by(job, "claims")})
    return problems


def claims_made(job: Job) -> Claims:
    """The facility's claims, with who said what its model rests on.

    All that witnesses gave is on record as a drawing or a statement; whatever else a part rests on is nobody's account.
    """
    told_by: dict[str, str | None] = {}
    nameless = set()
    for sketch in sketches_of(job):
        if sketch.witness is None:
            nameless.add(sketch.name)
        else:
            told_by[sketch.name] = sketch.witness
    said = said_where(job)
    told_by |= {statement.id: statement.witness for statement in said.statements}
    blueprint = built_blueprint(job.log.folder)
    for source in sorted({source for part in (blueprint.parts() if blueprint else ()) for source in part.sources}):
        file = source.partition("#")[0]
        if source not in told_by and file not in told_by and file not in nameless:
            told_by[source] = None
    notes = job.facility.witnesses
    witnesses = {
        name: AccountOf.read(
            {
                key: value
                for key, value in (("stay", note.stay), ("exposure", note.exposure), ("heard_from", note.heard_from))
                if value
            }
        )
        for name, note in sorted(notes.items())
    }
    return Claims(
        claims=claims_of(job.case, job.facility.slug), witnesses=witnesses, dependent=said.dependent, told_by=told_by
    )


def rebuilt_without(job: Job, claims: Claims, problems: list[str]) -> dict[str, Blueprint]:
    """Claimant → the model with insides fitted anew from the drawings of others; only where that differs.

    Outlines are not fitted anew: what of them stands without the claimant is told by their evidence.
    """
    accounts = Accounts(claims)
    interiors = built_interiors(job.log.folder)
    made: dict[frozenset[str], Blueprint] = {}
    found: dict[str, Blueprint] = {}
    for witness in dict.fromkeys(claim.witness for claim in claims.claims):
        group = accounts.group_of(witness)
        own = {name for one in interiors for name in one.drawings if claims.told_by.get(name) in group}
        if not own:
            continue
        if group not in made:
            made[group] = _without(job, interiors, own, problems)
        found[witness] = made[group]
    return found


def _without(job: Job, interiors: tuple[Interior, ...], own: set[str], problems: list[str]) -> Blueprint:
    footprints = standing(job)
    frame = metres_of(job, footprints)
    outlines = {one.id: one for one in footprints}
    drawings = {sketch.name: sketch for sketch in sketches_of(job)}
    dependent = job.case.statements(job.facility.slug).dependent
    storeys: dict[str, tuple[Storey, ...]] = {}
    contradictions: list[Contradiction] = []
    for one in (one for one in interiors if one.frame == frame and one.building in outlines):
        left = [drawings[name] for name in one.drawings if name not in own and name in drawings]
        if not left:
            continue
        if len(left) == len(one.drawings):
            storeys[one.building] = (one.storey,)
            contradictions += one.contradictions
            continue
        try:
            outline = outline_of(outlines[one.building], frame)
            plan = reconcile_rooms(outline, left, dependent=dependent)
            fitted, disagreed = fit_rooms(plan, outline, parent=one.building, key=job.case.key)
            storey, against, _ = decided_rooms(job, fitted, left, outline)
            storey = with_windows(storey, left, outline.shape, key=job.case.key)
        except GeoinvError as error:
            problems.append(error.at(item=f"{one.building} without {', '.join(sorted(own))}").sentence())
            continue
        storeys[one.building] = (storey,)
        contradictions += (*disagreed, *against)
    model = assemble(job.facility, frame, footprints, storeys=storeys, contradictions=contradictions, key=job.case.key)
    return with_rivals(model)
