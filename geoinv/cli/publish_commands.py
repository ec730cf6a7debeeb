"""Commands that make and serve what may be shown: publish, serve."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from geoinv.cli.case_commands import CaseOption
from geoinv.cli.main import app, say
from geoinv.errors import FieldError

__all__ = ["publish", "serve"]


@app.command()
def publish(
    audience: Annotated[str, typer.Option(help="For whom, as in case.toml.")] = "public",
    case: CaseOption = Path(),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what would be withheld, and by which rule.")] = False,
    explain: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", help="Write which record is withheld or coarsened by which rule; internal."),
    ] = None,
    by: Annotated[str | None, typer.Option("--by", help="Who publishes (a codename).")] = None,
    on: Annotated[
        str | None,
        typer.Option("--on", metavar="YYYY-MM-DD", help="The day consents that end, and embargoes, are judged by."),
    ] = None,
) -> None:
    """Apply consent and redaction once; write one immutable, hashed release. Its path is the last line."""
    from geoinv.api.publish import plan_release, write_release
    from geoinv.case.folder import Case
    from geoinv.cli.telling import explain_plan, tell_beware, tell_clock, tell_plan

    with Case.open(case) as opened:
        plan = plan_release(opened, audience, on=_day(on))
        tell_plan(plan)
        tell_beware(opened, plan.manifest.facilities)
        if explain is not None:
            explain_plan(plan, explain)
        if dry_run:
            return
        path = write_release(opened, plan, by=by or opened.default_author)
        say(f"Ledger head (note it elsewhere): {opened.ledger_head}")
        tell_clock(opened)
    typer.echo(str(path))


def _day(text: str | None) -> date | None:
    """A day; without one, what ends has ended."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise FieldError(f"“{text}” is no day", do="write it as 2026-03-01", field="--on") from error


@app.command()
def serve(
    release: Annotated[Path, typer.Option(help="A release, or a folder of releases.")] = Path("api/public"),
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
    root_path: Annotated[str, typer.Option(help="Path prefix, behind a proxy.")] = "",
) -> None:
    """Serve a release, read-only: there is no path from here to a case."""
    from geoinv.api.server import serve as serve_release

    serve_release(release, host=host, port=port, root_path=root_path)
