"""``geoinv desk``: the case in its investigators' browsers, on this machine alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from geoinv.cli.case_commands import CaseOption
from geoinv.cli.main import app
from geoinv.errors import FieldError

__all__ = ["desk"]


@app.command()
def desk(
    case: CaseOption = Path(),
    port: Annotated[
        int, typer.Option(help="Port on this machine; nothing listens outside it.", min=1, max=65535)
    ] = 8010,
    account: Annotated[
        str | None, typer.Option("--account", metavar="NAME", help="Make an account, or change one's role, and end.")
    ] = None,
    role: Annotated[
        Literal["reader", "investigator", "lead"], typer.Option(help="Of --account: looks; decides; also publishes.")
    ] = "investigator",
    link: Annotated[
        str | None, typer.Option("--link", metavar="NAME", help="Print a link that lets an account in once, and end.")
    ] = None,
) -> None:
    """Open the desk: investigators at work in the browser, signed in, on loopback; every change is a decision."""
    from geoinv.api.desk.app import serve_desk
    from geoinv.api.desk.desk import open_desk

    if account is None and link is None:
        serve_desk(case, port=port, tell=typer.echo)
        return
    opened = open_desk(case, port=port)
    name = account or link or ""
    if account is not None:
        opened.accounts.put(account, role)
    if opened.accounts.named(name) is None:
        raise FieldError(
            f"nobody is called “{name}” at this desk", do="make the account with --account", field="--link"
        )
    typer.echo(f"Open this link once, within a day: http://127.0.0.1:{port}/enter?key={opened.accounts.link(name)}")
