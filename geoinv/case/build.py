"""The main job: take in what is new, then for each facility redo what changed, from drawings to pages.

The steps and what each depends on stand here; what each does stands in ``geoinv.case.making``, imported only when a
step must run, so that a build with nothing to do is over at once.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from geoinv.case.folder import Case
from geoinv.case.holding_back import held_back_from, note_ended
from geoinv.case.intake import IntakeReport, take_in
from geoinv.case.steps import StepLog, StepOutcome
from geoinv.errors import GeoinvError, ReadOnlyError
from geoinv.files.atomic import sweep_left, write_bytes
from geoinv.files.hashes import file_sha256
from geoinv.records.base import canonical_json, sha256_hex
from geoinv.records.decisions import concerns
from geoinv.records.facility import Facility

__all__ = ["EDITED", "STEPS", "VIEW", "BuildReport", "FacilityReport", "Job", "build", "stale_steps"]

#: The view for QGIS, and how the names of edited ones begin that were not given back.
VIEW, EDITED = "case.gpkg", "case-edited-"

Progress = Callable[[str], None]

#: Step → (steps whose outputs it reads, kinds of records it reads, whether it reads the scenes).
STEPS: dict[str, tuple[tuple[str, ...], tuple[str, ...], bool]] = {
    "trace": ((), ("sketch",), False),
    "locate": (("trace",), ("statement", "landmark", "dependence"), False),
    "place": (("trace", "locate"), ("statement", "landmark"), True),
    "outline": (("trace", "locate", "place"), (), True),
    "interior": (("trace", "outline"), ("statement",), False),
    "model": (("outline", "interior", "place", "trace"), (), True),
    "claims": (("trace", "outline", "interior", "model"), ("claim", "statement", "dependence", "sketch"), False),
    "ask": (
        ("trace", "locate", "outline", "interior", "model", "claims"),
        ("claim", "statement", "landmark", "dependence", "sketch"),
        True,
    ),
    "bind": (("trace", "outline", "interior"), ("statement", "incident"), False),
    "show": (
        ("trace", "locate", "place", "outline", "interior", "model", "claims", "bind"),
        ("statement", "incident", "sketch", "claim"),
        True,
    ),
    "sum": (("locate", "place", "outline", "interior", "bind"), ("statement", "incident", "sketch", "consent"), True),
}
#: Kind of decision → the steps that read it. What people set, merged or split is part of the records, so that every
#: step reads it; the last step weighs them all.
_READ_BY = {"trace": ("trace",), "place": ("place",), "outline": ("outline", "interior"),
            "judge": ("outline", "interior"), "add": ("outline",), "room": ("interior",), "grade": ("outline",),
            "bind": ("bind",), "claim": ("claims", "ask")}  # fmt: skip
_READ_BY_ALL = ("set", "merge", "split")


@dataclass(frozen=True)
class FacilityReport:
    """What a build did for one facility.

    Attributes
    ----------
    slug
        The facility's.
    steps
        What became of each step.
    held_back
        Whose accounts were not used, and why, a sentence each.
    """

    slug: str
    steps: tuple[StepOutcome, ...]
    held_back: tuple[str, ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        """Everything that could not be done, a sentence each."""
        return tuple(problem for step in self.steps for problem in step.problems)


@dataclass(frozen=True)
class BuildReport:
    """What a build did.

    Attributes
    ----------
    intake
        What was new and how it was understood.
    facilities
        Per facility.
    head
        The ledger's head, to be noted elsewhere.
    notes
        What else a person should know, a sentence each.
    """

    intake: IntakeReport
    facilities: tuple[FacilityReport, ...]
    head: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Job:
    """What a step gets: the case, the facility, its finished outputs so far, and where to say what it is doing.

    Attributes
    ----------
    inputs
        Name → SHA-256 of the files the step reads, for the record in its outputs.
    """

    case: Case
    facility: Facility
    log: StepLog
    inputs: dict[str, str] = field(default_factory=dict)

    def built(self, name: str) -> Path:
        """Path of an output of an earlier step."""
        return self.log.folder / name


def _facility_files(case: Case, slug: str) -> dict[str, str]:
    """SHA-256 of the files that were taken in for one facility and may be used, by path."""
    silent = case.silent_files(slug)
    rows = (row for row in case.store.files().values() if row.facility and row.path not in silent)
    return {row.path: row.sha256 for row in rows if case.history.facility_of(row.facility or "", row.path) == slug}


def _scene_files(case: Case) -> dict[str, str]:
    return {row.path: row.sha256 for row in case.store.files().values() if row.kind in ("scene", "sidecar")}


def _shaping(case: Case) -> dict[str, Any]:
    """The settings that may shape what is built: neither where records lie nor on which terms they are shared."""
    settings = case.settings.plain()
    settings.pop("organisations", None)
    return {**settings, "store": None}


def _step_inputs(case: Case, facility: Facility, log: StepLog, name: str) -> dict[str, Any]:
    """All that a step depends on, JSON-ready."""
    before, kinds, reads_scenes = STEPS[name]
    slug = facility.slug
    records = {kind: [sha256_hex(row.content) for row in case.each(kind, slug)] for kind in kinds}
    decisions = [
        decision.plain()
        for _, decision in case.decisions()
        if concerns(decision.body, slug) and _reads(name, decision.body.kind)
    ]
    if "consent" in kinds:
        records["consent"] += [sha256_hex(canonical_json(word.plain())) for word in case.consents()]
    return {
        "facility": sha256_hex(canonical_json(facility.plain())),
        "settings": sha256_hex(canonical_json(_shaping(case))),
        "built": {step: log.outputs(step) for step in before},
        "records": records,
        "decisions": decisions,
        "scenes": _scene_files(case) if reads_scenes else {},
    }


def stale_steps(case: Case, slug: str) -> tuple[str, ...]:
    """The steps that a build of a facility would redo now, in their order; nothing is built.

    Raises
    ------
    CaseError
        If there is no such facility.
    """
    facility, log = case.facility(slug), StepLog.load(case.models_dir(slug))
    return tuple(name for name in STEPS if not log.is_fresh(name, _step_inputs(case, facility, log, name)))


def _reads(step: str, kind: str) -> bool:
    """Whether a step reads decisions of a kind."""
    return kind in _READ_BY_ALL or step in (*_READ_BY.get(kind, ()), "sum")


def _build_facility(case: Case, facility: Facility, *, again: bool, progress: Progress) -> FacilityReport:
    folder = case.models_dir(facility.slug)
    sweep_left(folder)
    log = StepLog.load(folder)
    outcomes = []
    for name in STEPS:
        inputs = _step_inputs(case, facility, log, name)
        files = {**_facility_files(case, facility.slug), **inputs["scenes"]}
        job = Job(case, facility, log, files)

        def work(scratch: Path, name: str = name, job: Job = job) -> list[str]:
            progress(f"{facility.slug}: {name}")
            made = importlib.import_module(f"geoinv.case.making.{name}")
            problems: list[str] = made.make(job, scratch)
            return problems

        outcomes.append(log.run(name, inputs, work, again=again))
    return FacilityReport(facility.slug, tuple(outcomes), tuple(held_back_from(case, facility.slug)))


def build(
    case: Case,
    slugs: Sequence[str] = (),
    *,
    by: str | None = None,
    again: bool = False,
    progress: Progress = lambda _: None,
) -> BuildReport:
    """Take in what is new and bring ``models/`` up to date.

    Parameters
    ----------
    case
        An open case.
    slugs
        Facilities to build; all if empty.
    by
        Who signs the intake's entries.
    again
        Redo every step.
    progress
        Told what is being done, in words.

    Raises
    ------
    CaseError
        If a slug is unknown or the case cannot be written. What goes wrong with one file or facility is in the report
        instead.
    """
    intake = take_in(case, by=by or case.default_author, progress=progress)
    note_ended(case, by=by or case.default_author)
    chosen: Iterable[Facility] = (case.facility(slug) for slug in slugs) if slugs else case.facilities()
    reports = []
    for facility in chosen:
        try:
            reports.append(_build_facility(case, facility, again=again, progress=progress))
        except ReadOnlyError:
            raise
        except GeoinvError as error:
            reports.append(
                FacilityReport(facility.slug, (StepOutcome("build", redone=True, problems=(error.sentence(),)),))
            )
    notes = _view(case, again=again)
    return BuildReport(intake, tuple(reports), case.ledger.head, notes)


def _view(case: Case, *, again: bool) -> tuple[str, ...]:
    """Rewrite ``case.gpkg``, the whole case for QGIS, unless it is as the last build left it and nothing changed.

    What a person edited in it and has not given back is kept aside, and said.
    """
    facilities = case.facilities()
    logs = {one.slug: StepLog.load(case.models_dir(one.slug)) for one in facilities}
    inputs: dict[str, Any] = {slug: {step: log.outputs(step) for step in STEPS} for slug, log in logs.items()}
    inputs["/ledger"] = case.ledger_head  # no slug has a slash

    def work(scratch: Path) -> list[str]:
        if not facilities:
            return []
        views = importlib.import_module("geoinv.case.views")
        write_bytes(scratch / VIEW, views.case_view_bytes(case, beside=scratch))
        return []

    sweep_left(case.root)
    log = StepLog.load(case.root)
    kept = () if log.is_fresh("view", inputs) and not again else _kept_aside(case, log)
    log.run("view", inputs, work, again=again)
    return kept


def _kept_aside(case: Case, log: StepLog) -> tuple[str, ...]:
    """Move an edited ``case.gpkg`` out of the way unless everything in it was decided; a sentence if it was moved."""
    path = case.root / VIEW
    digest = file_sha256(path) if path.is_file() else None
    if digest is None or digest == log.outputs("view").get(VIEW):
        return ()
    try:
        if not importlib.import_module("geoinv.case.returned").read_returned(case, path).waiting:
            return ()
    except GeoinvError:  # another case's, or damaged: not ours to write over
        pass
    aside = path.with_name(f"{EDITED}{digest[:8]}.gpkg")
    path.rename(aside)
    return (f"{VIEW} was edited and not given back: it is kept as {aside.name}; see “geoinv add {aside} --dry-run”.",)
