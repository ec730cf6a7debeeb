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
    also: Annotated[
        list[str] | None, typer.Option(help="A further stretch of seeds, as 1080-1119; may be given again.")
    ] = None,
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
    from geoinv.files.atomic import write_json_rows, write_text
    from geoinv.worlds.calibrate import calibrate as measure
    from geoinv.worlds.calibrate_kept import KeptFolder
    from geoinv.worlds.calibrate_text import calibrate_command, error_rates_page

    kept = KeptFolder(keep) if keep is not None else None
    seeds = [*range(first, first + worlds), *(seed for words in also or () for seed in _stretch(words))]
    report = measure(seeds, whole=whole, kept=kept, progress=lambda words: typer.echo(words, err=True))
    settings = {"worlds": worlds, "first": first, "also": list(also or ()), "whole": whole}
    text = error_rates_page(report, calibrate_command(settings))
    if output is not None:
        write_json_rows(output, {**report, "geoinv": provenance("calibrate", {}, settings=settings, seed=first)})
    if page is not None:
        write_text(page, text)
    say(text)


def _stretch(words: str) -> range:
    """Seeds of a stretch, its last among them.

    Raises
    ------
    FieldError
        If the words are no stretch.
    """
    from geoinv.errors import FieldError

    first, _, last = words.partition("-")
    if not (first.isdigit() and last.isdigit() and int(first) <= int(last)):
        raise FieldError(f"“{words}” is no stretch of seeds", do="write it as 1080-1119", field="--also")
    return range(int(first), int(last) + 1)
