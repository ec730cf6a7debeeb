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
    whole: Annotated[
        int, typer.Option(min=0, help="How many of them are also built the whole way, scenes and all: minutes each.")
    ] = 0,
    keep: Annotated[
        Path | None, typer.Option(help="Folder in which what each world gave is kept: a run broken off goes on there.")
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Also write every figure, as JSON.")] = None,
    page: Annotated[Path | None, typer.Option(help="Also write the page of error rates, as Markdown.")] = None,
) -> None:
    """Run made worlds blind and print simulated error rates, beside those on real data with their n."""
    from geoinv.case.steps import provenance
    from geoinv.files.atomic import write_json, write_text
    from geoinv.worlds.calibrate import calibrate as measure
    from geoinv.worlds.calibrate_kept import KeptFolder
    from geoinv.worlds.calibrate_text import error_rates_page

    kept = KeptFolder(keep) if keep is not None else None
    seeds = range(first, first + worlds)
    report = measure(seeds, whole=whole, kept=kept, progress=lambda words: typer.echo(words, err=True))
    way = f" --whole {whole}" if whole else ""
    text = error_rates_page(report, f"geoinv calibrate --worlds {worlds} --first {first}{way}")
    if output is not None:
        settings = {"worlds": worlds, "first": first, "whole": whole}
        write_json(output, {**report, "geoinv": provenance("calibrate", {}, settings=settings, seed=first)})
    if page is not None:
        write_text(page, text)
    say(text)
