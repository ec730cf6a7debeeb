"""How reports read on a terminal: what was understood, what was not, where things are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from geoinv.cli.main import say

if TYPE_CHECKING:
    from geoinv.api.publish import ReleasePlan
    from geoinv.case.build import BuildReport
    from geoinv.case.folder import Case
    from geoinv.case.intake import IntakeReport

__all__ = ["tell_build", "tell_intake", "tell_plan"]


def tell_intake(report: IntakeReport) -> None:
    """One line a file: its kind and what it gave; what was assumed; what was not understood (on stderr)."""
    for file in report.files:
        gave = ", ".join(f"{count} {kind}{'s' if count != 1 else ''}" for kind, count in file.counts.items()) or "kept"
        say(f"  {file.path}: {gave}" + (" (a new version; the old one is kept)" if file.supersedes else ""))
        for note in file.notes:
            say(f"    note: {note}")
        for problem in file.problems:
            typer.echo(f"    not understood: {problem}", err=True)
    if not report.files:
        say("  Nothing new.")


def tell_build(report: BuildReport, case: Case) -> None:
    """What was taken in, what was redone, where the results are, and the ledger's head to be noted."""
    say("Taken in:")
    tell_intake(report.intake)
    for facility in report.facilities:
        redone = [step.name for step in facility.steps if step.redone]
        say(f"{facility.slug}: " + (f"redone: {', '.join(redone)}" if redone else "nothing had changed"))
        for problem in facility.problems:
            typer.echo(f"  {problem}", err=True)
        say(f"  see {case.models_dir(facility.slug)}/report.html")
    if not report.facilities:
        say("There is no facility yet: put a folder with what people said into facilities/.")
    say(f"Ledger head (note it elsewhere): {report.head}")


def tell_plan(plan: ReleasePlan) -> None:
    """What a release would hold back or coarsen: how many of what, and by which rule."""
    size = sum(len(content) for content in plan.files.values())
    say(f"For “{plan.audience}”: {len(plan.files)} files, {size / 1e6:.1f} MB, release {plan.name}.")
    say("Withheld or coarsened:" if plan.withheld else "Nothing is withheld.")
    for one in plan.withheld:
        say(f"  {one.count if one.count is not None else 'some':>4}  {one.what}: {one.rule}")
