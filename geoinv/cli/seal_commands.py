"""``geoinv seal``: signatures of the ledger's head and an authority's timestamps, by files, without a connection."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from geoinv.cli.case_commands import CaseOption
from geoinv.cli.main import app, say

__all__ = ["seals"]

seals = typer.Typer(no_args_is_help=True, help="Sign the ledger's head, or have its time attested; nothing is sent.")
app.add_typer(seals, name="seal")

By = Annotated[str | None, typer.Option("--by", help="Who does this (a codename).")]


@seals.command()
def key(file: Annotated[Path, typer.Argument(help="The file to make, outside the case.")]) -> None:
    """Make a signing key; prints the public key, which belongs into case.toml as the person's public_key."""
    from geoinv.case.seals import make_key

    typer.echo(f'public_key = "{make_key(file)}"')


@seals.command()
def sign(
    file: Annotated[Path, typer.Argument(help="The signing key.")], case: CaseOption = Path(), by: By = None
) -> None:
    """Sign the ledger's head."""
    from geoinv.case.folder import Case
    from geoinv.case.seals import sign_head
    from geoinv.cli.telling import tell_clock

    with Case.open(case) as opened:
        entry = sign_head(opened, file, by=by or opened.default_author)
        tell_clock(opened)
        say(f"Signed as {entry.id}. Ledger head (note it elsewhere): {entry.hash}")


@seals.command()
def request(
    file: Annotated[Path, typer.Argument(help="The request to write (.tsq).")], case: CaseOption = Path()
) -> None:
    """Write a timestamp request (RFC 3161) for the ledger's head, to be taken to an authority."""
    from geoinv.case.folder import Case
    from geoinv.case.seals import request_timestamp

    with Case.open(case) as opened:
        say(f"Written for the head {request_timestamp(opened, file)}; keep the answer with: geoinv seal receive")


@seals.command()
def receive(
    response: Annotated[Path, typer.Argument(help="The authority's answer (.tsr).")],
    roots: Annotated[Path, typer.Option(help="The authority's root certificates, PEM.")],
    case: CaseOption = Path(),
    by: By = None,
) -> None:
    """Check an authority's answer and keep it in the ledger."""
    from geoinv.case.folder import Case
    from geoinv.case.seals import read_timestamp

    with Case.open(case) as opened:
        entry = read_timestamp(opened, response, roots, by=by or opened.default_author)
        say(f"Kept as {entry.id}. Ledger head (note it elsewhere): {entry.hash}")
