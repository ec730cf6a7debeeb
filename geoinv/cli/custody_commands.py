"""``geoinv custody``: who handed which original to whom, when and how; kept in the ledger."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geoinv.cli.case_commands import CaseOption
from geoinv.cli.main import app, say
from geoinv.errors import FieldError

if TYPE_CHECKING:
    from geoinv.case.folder import Case

__all__ = ["custody"]

custody = typer.Typer(no_args_is_help=True, help="Who handed which original to whom, when and how; kept in the ledger.")
app.add_typer(custody, name="custody")

By = Annotated[str | None, typer.Option("--by", help="Who notes this (a codename).")]


def _inside(case: Case, file: Path) -> str:
    """Path below the case folder, of a file named as it lies there or as it lies from here."""
    root, whole = case.root.resolve(), file.resolve()
    return whole.relative_to(root).as_posix() if whole.is_relative_to(root) else file.as_posix()


@custody.command()
def note(
    event: Annotated[
        str, typer.Argument(help="received, handed-over, copied, returned, sealed, opened, stored or destroyed.")
    ],
    files: Annotated[list[Path], typer.Argument(help="Files of the case.")],
    person: Annotated[str | None, typer.Option(help="Codename of whom it came from or went to.")] = None,
    on: Annotated[str | None, typer.Option(help="When: 2024-05-03, 2024-05, 2024~.")] = None,
    channel: Annotated[str, typer.Option(help="How: by hand, by post, an encrypted messenger.")] = "",
    remark: Annotated[str, typer.Option("--note", help="Anything else: a seal's number, where it is stored.")] = "",
    case: CaseOption = Path(),
    by: By = None,
) -> None:
    """Put on record what happened to originals."""
    from typing import get_args

    from geoinv.case.custody import note_custody
    from geoinv.case.folder import Case
    from geoinv.cli.telling import tell_clock
    from geoinv.records.custody import Custody, CustodyEvent
    from geoinv.records.dates import PartialDate

    told = event.replace("-", " ")
    if told not in get_args(CustodyEvent):
        raise FieldError(f"“{event}” is not a custody event", do=f"choose one of {', '.join(get_args(CustodyEvent))}",
                         field="EVENT")  # fmt: skip
    when = PartialDate(on) if on else None
    with Case.open(case) as opened:
        events = [
            Custody.read(
                {"event": told, "file": _inside(opened, file), "sha256": "", "person": person, "when": when,
                 "channel": channel, "note": remark}
            )
            for file in files
        ]  # fmt: skip
        entries = note_custody(opened, events, by=by or opened.default_author)
        tell_clock(opened)
    for one, entry in zip(events, entries, strict=True):
        say(f"{one.file}: {told}, kept as {entry.id}")


@custody.command()
def history(file: Annotated[Path, typer.Argument(help="A file of the case.")], case: CaseOption = Path()) -> None:
    """A file's life: each version taken in, and what happened to it outside the case."""
    from geoinv.case.custody import history_of
    from geoinv.case.folder import Case

    with Case.open(case) as opened:
        for line in history_of(opened, _inside(opened, file)):
            typer.echo(line)


@custody.command("list")
def list_files(case: CaseOption = Path()) -> None:
    """What people gave, and of each file from whom, when and how it was received."""
    from geoinv.case.custody import origins
    from geoinv.case.folder import Case

    with Case.open(case) as opened:
        for path, told in origins(opened).items():
            typer.echo(f"{path}: {told or 'not on record who handed it over'}")


@custody.command("handed-out")
def handed_out_list(case: CaseOption = Path()) -> None:
    """Every dossier, annex and export that was made: when, for whom, by whom, with the SHA-256 of each file."""
    from geoinv.case.folder import Case
    from geoinv.case.handing import handed_out

    with Case.open(case) as opened:
        for line in handed_out(opened):
            typer.echo(line)
