"""Step “ask”: which question to which witness, or which scene, would help most next, and what it should change."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from geoinv.case.build import Job
from geoinv.case.making.claims import claims_made, rebuilt_without
from geoinv.case.making.common import made_by, match_of, said_where
from geoinv.case.reading import built_blueprint, built_findings, built_footprints
from geoinv.errors import GeoinvError
from geoinv.facilities.asking_scenes import ask_for_scene
from geoinv.facilities.asking_where import asks_where
from geoinv.facilities.locate_slips import set_aside
from geoinv.files.atomic import write_json
from geoinv.models.asking import asks_of_model
from geoinv.records.asks import Ask, Asks
from geoinv.records.dates import PartialDate

__all__ = ["make"]

#: Questions kept of a facility.
_MOST = 10


def make(job: Job, folder: Path) -> list[str]:
    """Write ``asks.json``: ranked questions; nothing where there is none.

    Whose account is held back is left out by whoever reads it, so that a word of consent needs no build.
    """
    witnesses = sorted(job.facility.witnesses)
    found = [*_of_model(job, witnesses), *_of_place(job, witnesses), *_of_scenes(job)]
    found.sort(key=lambda one: (-one.worth, one.kind, one.about))
    if found:
        asks = Asks(asks=tuple(found[:_MOST]))
        write_json(folder / "asks.json", {**asks.plain(), "geoinv": made_by(job, "ask")})
    return []


def _of_model(job: Job, witnesses: list[str]) -> tuple[Ask, ...]:
    blueprint = built_blueprint(job.log.folder)
    if blueprint is None:
        return ()
    claims, findings = claims_made(job), built_findings(job.log.folder).findings
    if len(findings) != len(claims.claims):
        return ()
    nameless = any("is called “" in one.why for one in findings)
    rebuilt = rebuilt_without(job, claims, []) if nameless else {}
    return asks_of_model(blueprint, claims, findings, witnesses=witnesses, rebuilt=rebuilt)


def _of_place(job: Job, witnesses: list[str]) -> tuple[Ask, ...]:
    """Where: only while no drawing has its place on the scene, which is nearer than anybody could point."""
    match = match_of(job)
    statements, _ = set_aside(said_where(job))
    if not statements.statements or (match is not None and match.placements and match.none_probability < 0.5):
        return ()
    try:
        return asks_where(statements, witnesses)
    except GeoinvError:  # told of by the step that locates
        return ()


def _of_scenes(job: Job) -> tuple[Ask, ...]:
    footprints = built_footprints(job.log.folder)
    used = {one.scene for one in footprints} | {
        source for one in footprints if "not_before" in one.evidence for source in one.evidence["not_before"].sources
    }
    given = [row.get("acquired") for source, row in job.case.scenes() if PurePosixPath(source).name in used]
    stays = [note.stay for note in job.facility.witnesses.values() if note.stay is not None]
    found = ask_for_scene(footprints, [PartialDate(str(when)) for when in given if when], stays)
    return () if found is None else (found,)
