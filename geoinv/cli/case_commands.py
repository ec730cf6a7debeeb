"""Commands over a whole case: init, add, template, build, verify."""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geoinv.cli.main import Session, app, say

if TYPE_CHECKING:
    from geoinv.case.folder import Case

__all__ = ["ByOption", "CaseOption", "progress_end", "progress_told"]

CaseOption = Annotated[Path, typer.Option("--case", help="The case's folder.", show_default="this folder")]
#: Wrong citations of new records that are told one by one.
_MOST_CITED = 40
ByOption = Annotated[str | None, typer.Option("--by", help="Who does this (a codename).")]


def progress_told(text: str) -> None:
    """One line that is written over, on a terminal only."""
    if not Session.quiet and sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[2K{text}…")
        sys.stderr.flush()


def progress_end() -> None:
    """Wipe that line."""
    if not Session.quiet and sys.stderr.isatty():
        sys.stderr.write("\r\x1b[2K")


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="The folder to make.")],
    example: Annotated[bool, typer.Option("--example", help="Make the fictional example.")] = False,
    title: Annotated[str, typer.Option(help="The case's title.")] = "Untitled case",
    inside_git: Annotated[
        bool,
        typer.Option(
            "--inside-git", help="Make it inside a Git work tree, though testimony could be committed by accident."
        ),
    ] = False,
) -> None:
    """Make an empty case, or the fictional example."""
    from geoinv.case.start import start_case

    if example:
        from geoinv.worlds.example import write_example

        write_example(folder)
    else:
        start_case(folder, title=title, inside_git=inside_git)
    say(f"Made {folder}. What people said goes into {folder}/facilities, scenes into {folder}/imagery; then:")
    say(f"  geoinv build --case {folder}")


@app.command()
def add(
    files: Annotated[list[Path], typer.Argument(help="Files or folders as received.")],
    case: CaseOption = Path(),
    facility: Annotated[str | None, typer.Option(help="Slug of the facility they are about.")] = None,
    by: ByOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be understood; change nothing.")] = False,
    reason: Annotated[
        str, typer.Option("--reason", help="Why, of what was edited in case.gpkg where a row's “reason” is empty.")
    ] = "",
    codenames_checked: Annotated[
        str,
        typer.Option(
            "--codenames-checked",
            metavar="REASON",
            help="What seems to tell who somebody is was looked at and names nobody; the reason goes into the ledger.",
        ),
    ] = "",
) -> None:
    """Take in files as received: hashed, never changed, parsed into records. Asks where it sees names.

    A case.gpkg that was edited in QGIS comes back as decisions.
    """
    from geoinv.case.codenames import check_reason
    from geoinv.case.folder import Case
    from geoinv.cli.telling import tell_beware, tell_clock

    check_reason(codenames_checked)
    with Case.open(case) as opened:
        views = [path for path in files if _is_view(path)]
        others = [path for path in files if path not in views]
        done = [_take_back(opened, path, by, reason, dry_run=dry_run) for path in views]
        if others:
            done.append(_take_in(opened, others, facility, by, codenames_checked, dry_run=dry_run))
        if facility is not None:
            tell_beware(opened, [facility])
        if dry_run:
            say("Nothing was changed.")
        else:
            tell_clock(opened)
    if not all(done):
        raise typer.Exit(1)


def _is_view(path: Path) -> bool:
    if path.suffix.lower() != ".gpkg":
        return False
    from geoinv.case.returned import is_returned_view

    return is_returned_view(path)


def _take_back(case: Case, path: Path, by: str | None, reason: str, *, dry_run: bool) -> bool:
    """Show what was edited in a view and, unless only that is wanted, record it; whether nothing is left over."""
    from geoinv.case.returned import read_returned, record_returned
    from geoinv.cli.telling import tell_returned

    view = read_returned(case, path)
    tell_returned(view)
    if not dry_run:
        for entry in record_returned(case, view, by=by or case.default_author, reason=reason):
            say(f"  recorded as {entry.id}")
    return all(edit.fate in ("decides", "known") for edit in view.edits)


def _take_in(
    case: Case, files: list[Path], facility: str | None, by: str | None, checked: str, *, dry_run: bool
) -> bool:
    """Take in files, or say what that would give; whether all of them was understood."""
    from geoinv.case.bringing import bring_in
    from geoinv.case.codenames import must_ask
    from geoinv.case.intake import preview, take_in
    from geoinv.cli.telling import tell_exposed, tell_intake

    if not dry_run and not checked and (found := must_ask(case, files, facility=facility)):
        tell_exposed(found)
        say("Nothing was taken in.")
        return False
    if dry_run:
        report = preview(case, files, facility=facility)
    else:
        brought = bring_in(case, files, facility=facility)
        author = by or case.default_author
        report = take_in(case, by=author, progress=progress_told, checked=checked, answered=brought)
        progress_end()
    tell_intake(report, kept=not dry_run)
    if not dry_run:
        _tell_sources(case, {file.path for file in report.files})
    return not (report.problems or report.held_back)


def _tell_sources(case: Case, paths: set[str]) -> None:
    """Say which sources that new records name are not there, or do not say what is quoted of them."""
    from geoinv.case.quoting import cited_wrongly

    below = ((Path(path).parts, path) for path in sorted(paths))
    slugs = {case.history.facility_of(parts[1], path) for parts, path in below if parts[0] == "facilities"}
    for slug in sorted(slugs):
        found = cited_wrongly(case, slug, files=paths)
        for sentence in islice(found, _MOST_CITED):
            typer.echo(f"  cited wrongly: {sentence}", err=True)
        if more := sum(1 for _ in found):
            typer.echo(f"  cited wrongly: {more:,} more; all: geoinv status {slug}", err=True)


@app.command()
def template(
    kind: Annotated[str, typer.Argument(help="statements, claims, rooms, incidents, pins or consents.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="XLSX or CSV file to write.")],
) -> None:
    """Write a spreadsheet to fill in, in English and Korean; “geoinv add” reads it."""
    from geoinv.files.templates import write_template

    write_template(output, kind)
    say(f"Wrote {output}; fill it in, then: geoinv add {output} --facility SLUG")


@app.command()
def build(
    facilities: Annotated[list[str] | None, typer.Argument(help="Slugs; all if none is named.")] = None,
    case: CaseOption = Path(),
    by: ByOption = None,
    again: Annotated[bool, typer.Option("--again", help="Redo every step, changed or not.")] = False,
) -> None:
    """Take in what is new, locate, match, outline, model; write models/. Redoes only what changed."""
    from geoinv.case.build import build as build_case
    from geoinv.case.folder import Case
    from geoinv.cli.telling import tell_build, tell_clock

    with Case.open(case) as opened:
        report = build_case(opened, facilities or (), by=by, again=again, progress=progress_told)
        progress_end()
        tell_build(report, opened)
        tell_clock(opened)
    if not all(step.sound for facility in report.facilities for step in facility.steps):
        raise typer.Exit(1)


@app.command()
def withdraw(
    witness: Annotated[str, typer.Argument(help="The witness's codename.")],
    reason: Annotated[str, typer.Option("--reason", help="How consent was withdrawn; must not name the witness.")],
    case: CaseOption = Path(),
    by: ByOption = None,
) -> None:
    """Consent withdrawn: erase what rests on a witness, and say what must be rebuilt or recalled."""
    from geoinv.case.folder import Case
    from geoinv.case.withdraw import withdraw as withdraw_witness
    from geoinv.cli.telling import tell_clock, tell_withdrawal

    with Case.open(case) as opened:
        tell_withdrawal(withdraw_witness(opened, witness, by=by or opened.default_author, reason=reason))
        tell_clock(opened)


@app.command()
def backup(
    folder: Annotated[Path, typer.Argument(help="The folder to make; with --to, a file.")],
    case: CaseOption = Path(),
    by: ByOption = None,
    to: Annotated[
        list[str] | None, typer.Option("--to", help="Lock it: public key of somebody who may open it; once for each.")
    ] = None,
) -> None:
    """Copy the case as it is at one moment, while others work on it, and verify the copy."""
    from geoinv.case.folder import Case

    with Case.open(case) as opened:
        author = by or opened.default_author
        if to:
            from geoinv.case.locked import back_up_locked

            typer.echo(str(back_up_locked(opened, folder, to, by=author)))
        else:
            from geoinv.case.backup import back_up

            typer.echo(str(back_up(opened, folder, by=author)))


@app.command()
def restore(
    backup: Annotated[Path, typer.Argument(help="A folder that “geoinv backup” made.")],
    folder: Annotated[Path, typer.Argument(help="The case's folder to make.")],
) -> None:
    """Make a case from a backup, in the store that its case.toml names."""
    from geoinv.case.backup import restore as restore_case

    restore_case(backup, folder)
    say(f"Made {folder}; check it with: geoinv verify {folder}")


@app.command()
def verify(
    path: Annotated[Path, typer.Argument(help="A case or a release.")] = Path(),
    head: Annotated[str | None, typer.Option("--head", help="A ledger head noted elsewhere.")] = None,
) -> None:
    """Check the ledger, the originals, or a release; say exactly what was altered."""
    if (path / "manifest.json").is_file():
        from geoinv.api.releases import check_release

        problems = check_release(path)
    else:
        from geoinv.case.chain import chain_notes
        from geoinv.case.check import check_case
        from geoinv.case.folder import Case
        from geoinv.case.seals import check_seals

        with Case.open(path) as opened:
            problems = check_case(opened, head=head)
            wrong, notes = check_seals(opened)
            problems += wrong
            for note in [*chain_notes(opened.store), *notes]:
                say(f"note: {note}")
            say(f"Ledger head: {opened.ledger.head}")
    for problem in problems:
        typer.echo(problem, err=True)
    if problems:
        raise typer.Exit(1)
    say("Everything is as it was recorded.")
