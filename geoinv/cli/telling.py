"""How reports read on a terminal: what was understood, what was not, where things are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import typer

from geoinv.cli.main import say

if TYPE_CHECKING:
    from pathlib import Path

    from geoinv.api.publish import ReleasePlan
    from geoinv.case.build import BuildReport
    from geoinv.case.folder import Case
    from geoinv.case.intake import FileOutcome, IntakeReport
    from geoinv.case.returned import ReturnedView
    from geoinv.case.withdraw import Withdrawal

_PLURALS = {"facility": "facilities", "sketch": "sketches"}

__all__ = [
    "explain_plan",
    "tell_beware",
    "tell_build",
    "tell_clock",
    "tell_exposed",
    "tell_intake",
    "tell_plan",
    "tell_returned",
    "tell_withdrawal",
]

#: A nation's facilities have thousands; nobody reads so many.
_MOST_WARNINGS = 40


def tell_intake(report: IntakeReport, *, kept: bool = True) -> None:
    """One line a file: what it gave; what was assumed and left out; what was not understood (on stderr); the sum.

    Of what is only looked at, not ``kept``, no list stands in the case.
    """
    from geoinv.case.misread import MISREAD, MOST_TOLD

    tell_exposed([sentence for file in report.files for sentence in file.exposed])
    for file in report.files:
        say(f"  {file.path}: {_gave(file)}")
        for assumed in file.assumed:
            say(f"    assumed: {assumed}")
        for note in file.notes:
            say(f"    note: {note}")
        if file.unseen:
            say(f"    not looked through for names: {'; '.join(file.unseen)}; look yourself.")
        for problem in file.problems[:MOST_TOLD]:
            typer.echo(f"    not understood: {problem}", err=True)
        if len(file.problems) > MOST_TOLD:
            more = f"and {len(file.problems) - MOST_TOLD:,} more"
            listed = f"; all stand in {MISREAD}" if kept else ""
            typer.echo(f"    not understood: {more}{listed}.", err=True)
    if not report.files:
        say("  Nothing new.")
        return
    to_check = sum(len(file.assumed) for file in report.files)
    say(f"  {_number(len(report.files), 'file')}; understood: {_counted(report.counts) or 'nothing'};")
    missed = _number(len(report.problems), "thing")
    say(f"  to be checked: {_number(to_check, 'assumption')}; not understood: {missed}.")
    if unseen := sum(bool(file.unseen) for file in report.files):
        say(f"  Look through {_number(unseen, 'file')} for names yourself: see “not looked through” above.")


def tell_exposed(found: Sequence[str]) -> None:
    """What looks as if it told who somebody is, and what to do about it; on stderr, since nothing goes on before it."""
    if not found:
        return
    for sentence in found:
        typer.echo(f"  {sentence}", err=True)
    typer.echo(
        "  A case holds codenames only: put codenames in their place (and the names into “geoinv identities”), or,\n"
        "  if this names nobody, run: geoinv add FILE --codenames-checked “why”",
        err=True,
    )


def tell_beware(case: Case, slugs: Iterable[str]) -> None:
    """Say with which other facilities those chosen can be mistaken; on stderr, since a mistake here can kill."""
    from geoinv.case.choosing import beware

    lines = [f"  beware, {slug}: {warning}" for slug in slugs for warning in beware(case, slug)]
    for line in lines[:_MOST_WARNINGS]:
        typer.echo(line, err=True)
    if len(lines) > _MOST_WARNINGS:
        more = _number(len(lines) - _MOST_WARNINGS, "such warning")
        typer.echo(f"  and {more} more; “geoinv find NAME” tells those of one facility.", err=True)


def tell_clock(case: Case) -> None:
    """Say so if this machine's clock is behind the ledger; after every command that writes to it."""
    behind = case.ledger.clock_behind()
    if behind:
        typer.echo(behind, err=True)


def _number(count: int, word: str) -> str:
    return f"{count} {word}{'s' if count != 1 else ''}"


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(
        f"{count} {kind if count == 1 else _PLURALS.get(kind, kind + 's')}" for kind, count in counts.items()
    )


def _gave(file: FileOutcome) -> str:
    """What a file gave, in a few words."""
    if file.exposed:
        return "held back until somebody has looked at it"
    if file.same_as is not None:
        return f"the same as {file.same_as}, taken in before; nothing is taken twice"
    gave = _counted(file.counts) or ("nothing" if file.problems else "kept")
    gave += f" ({file.gist})" if file.gist else ""
    return gave + (" (a new version; the old one is kept)" if file.supersedes else "")


def tell_build(report: BuildReport, case: Case) -> None:
    """What was taken in, what was redone, where the results are, and the ledger's head to be noted."""
    say("Taken in:")
    tell_intake(report.intake)
    for facility in report.facilities:
        redone = [step.name for step in facility.steps if step.redone]
        say(f"{facility.slug}: " + (f"redone: {', '.join(redone)}" if redone else "nothing had changed"))
        for sentence in facility.held_back:
            say(f"  {sentence}")
        for problem in facility.problems:
            typer.echo(f"  {problem}", err=True)
        say(f"  see {case.models_dir(facility.slug)}/report.html")
    for note in report.notes:
        typer.echo(note, err=True)
    if not report.facilities:
        say("There is no facility yet: put a folder with what people said into facilities/.")
    say(f"Ledger head (note it elsewhere): {report.head}")


_FATES = {
    "decides": "decides",
    "known": "nothing to decide",
    "conflict": "CONFLICT",
    "refused": "no decision",
}


def tell_returned(view: ReturnedView) -> None:
    """A line for each thing that was edited in a view: what it decides, or why it decides nothing (on stderr)."""
    say(f"{view.name}, made at entry {view.made_at} of the ledger" + (", out of date:" if view.out_of_date else ":"))
    for note in view.notes:
        say(f"  note: {note}")
    for edit in view.edits:
        line = f"  {_FATES[edit.fate]}: {edit.row}: {edit.told}"
        if edit.fate in ("decides", "known"):
            say(f"{line} ({edit.why})" if edit.why else line)
        else:
            typer.echo(f"{line}: {edit.why}.", err=True)
    if not view.edits:
        say("  Nothing was edited in it.")


def tell_withdrawal(done: Withdrawal) -> None:
    """What was erased, and what is left for people to do."""
    say(f"Erased the content of {done.erased} entries; recorded as {done.entry.id}.")
    for title, names in (
        ("Deleted", done.deleted),
        ("Written anew without the witness", done.rewritten),
        ("Models deleted; build again", done.rebuild),
        ("Take down, and tell whoever has a copy", done.recall),
        ("Look through these yourself", done.look),
    ):
        if names:
            say(f"{title}:")
            for name in names:
                say(f"  {name}")
    say("Backups, locked cases, and copies that left this folder cannot be reached: erase them where they are.")
    say("If a vault says who it was: geoinv identities forget CODENAME. What is only in pixels or sound is not seen.")


def explain_plan(plan: ReleasePlan, path: Path) -> None:
    """Write a plan's reasons as a table, a row for each record and rule; it names records: not for handing on."""
    import csv
    import io

    from geoinv.files.atomic import write_text

    held = io.StringIO()
    table = csv.writer(held, lineterminator="\n")
    table.writerow(("record", "what", "rule", "how"))
    table.writerows(plan.explained)
    write_text(path, held.getvalue())
    say(f"Which record, by which rule: {path} (internal: it names records).")


def tell_plan(plan: ReleasePlan) -> None:
    """What a release would hold back or coarsen: how many of what, and by which rule."""
    size = sum(len(content) for content in plan.files.values())
    say(f"For “{plan.audience}”: {len(plan.files)} files, {size / 1e6:.1f} MB, release {plan.name}.")
    say("Withheld or coarsened:" if plan.withheld else "Nothing is withheld.")
    for one in plan.withheld:
        say(f"  {one.count if one.count is not None else 'some':>4}  {one.what}: {one.rule}")
