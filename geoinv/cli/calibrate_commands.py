"""How often the methods err, on made worlds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from geoinv.cli.main import app, say

__all__ = ["calibrate"]


@app.command()
def calibrate(
    worlds: Annotated[int, typer.Option(min=1, help="How many made worlds are run blind.")] = 12,
    first: Annotated[int, typer.Option(help="Seed of the first; those below 1000 were used to set things.")] = 1000,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Also write every figure, as JSON.")] = None,
    page: Annotated[Path | None, typer.Option(help="Also write the page of error rates, as Markdown.")] = None,
) -> None:
    """Run made worlds blind and print simulated error rates, beside those on real data with their n."""
    from geoinv.case.steps import provenance
    from geoinv.files.atomic import write_json, write_text
    from geoinv.worlds.calibrate import calibrate as measure
    from geoinv.worlds.calibrate_text import error_rates_page

    report = measure(range(first, first + worlds), progress=lambda words: typer.echo(words, err=True))
    text = error_rates_page(report, f"geoinv calibrate --worlds {worlds} --first {first}")
    if output is not None:
        settings = {"worlds": worlds, "first": first}
        write_json(output, {**report, "geoinv": provenance("calibrate", {}, settings=settings, seed=first)})
    if page is not None:
        write_text(page, text)
    say(text)
