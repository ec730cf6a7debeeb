"""Commands that only look: find, status, map, schema, doctor."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Literal

import typer

from geoinv.cli.case_commands import CaseOption
from geoinv.cli.main import app, say
from geoinv.errors import FieldError

__all__ = ["doctor", "find", "schema", "site_map", "status"]


@app.command()
def find(
    text: Annotated[str, typer.Argument(help="A name in any spelling, Hangul, an agency or a place.")],
    case: CaseOption = Path(),
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Find facilities by any spelling; ranked, with reasons and warnings of near-homonyms."""
    from geoinv.case.choosing import best_places, place_findings
    from geoinv.case.folder import Case
    from geoinv.facilities.names import find as find_facilities

    with Case.open(case) as opened:
        found = find_facilities(text, opened.facilities(), places=best_places(opened))
        found = tuple(replace(item, warnings=(*item.warnings, *place_findings(opened, item.slug))) for item in found)
    if as_json:
        typer.echo(json.dumps([asdict(item) for item in found], ensure_ascii=False, indent=1))
        return
    for item in found:
        typer.echo(f"{item.score:.2f}  {item.slug}  {item.name} — {'; '.join(item.reasons)}")
        for warning in item.warnings:
            typer.echo(f"      beware: {warning}")
    if not found:
        say("Nothing like it is in this case.")


@app.command()
def status(
    facilities: Annotated[list[str] | None, typer.Argument(help="Slugs; the whole case if none is named.")] = None,
    case: CaseOption = Path(),
) -> None:
    """What is known of each facility, how well, what would help most next, and what the disk holds."""
    from geoinv.case.folder import Case
    from geoinv.case.overview import overview

    with Case.open(case) as opened:
        for line in overview(opened, facilities or ()):
            typer.echo(line)


@app.command("map")
def site_map(
    facility: Annotated[str, typer.Argument(help="The facility's slug.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="File to write; by default FACILITY-map.FORMAT here.")
    ] = None,
    format_: Annotated[str, typer.Option("--format", help="html, png, svg, pdf, or several: png,pdf.")] = "html",
    dpi: Annotated[int, typer.Option(help="Dots per inch of a PNG.", min=36, max=1200)] = 300,
    lang: Annotated[str, typer.Option(help="en or ko.")] = "en",
    width: Annotated[float, typer.Option(help="Width on paper in millimetres, of all but html.")] = 180.0,
    by: Annotated[str, typer.Option("--by", help="What colours it: known or incidents.")] = "known",
    case: CaseOption = Path(),
) -> None:
    """The facility's map for a report, without a server."""
    from geoinv.case.folder import Case
    from geoinv.case.mapping import MAP_FORMATS, write_map

    formats = [name.strip() for name in format_.split(",")]
    for name in formats:
        if name not in MAP_FORMATS:
            raise FieldError(
                f"“{name}” is not a format of a map", do=f"choose one of {', '.join(MAP_FORMATS)}", field="--format"
            )
    if by not in ("known", "incidents"):
        raise FieldError(f"“{by}” does not colour a map", do="choose known or incidents", field="--by")
    colouring: Literal["known", "incidents"] = "known" if by == "known" else "incidents"
    with Case.open(case) as opened:
        for name in formats:
            target = output or Path(f"{facility}-map.{name}")
            target = target.with_suffix(f".{name}") if len(formats) > 1 else target
            write_map(opened, facility, target, format_=name, dpi=dpi, lang=lang, width_mm=width, by=colouring)
            typer.echo(str(target))


@app.command()
def schema(
    name: Annotated[
        str, typer.Argument(help="blueprint, claims, findings, statements, facility, incident or release.")
    ],
) -> None:
    """Print the JSON Schema of a file format."""
    from geoinv.records.schemas import SCHEMAS, json_schema

    if name not in SCHEMAS:
        raise typer.BadParameter(f"there is no schema “{name}”; choose one of {', '.join(SCHEMAS)}")
    typer.echo(json.dumps(json_schema(name), ensure_ascii=False, indent=2, sort_keys=True))


@app.command()
def doctor(case: CaseOption = Path()) -> None:
    """What is installed, what is missing, whether the case is open to others, and the one line that mends it."""
    from geoinv.cli.health import examine, examine_case

    findings = [*examine(), *examine_case(case)]
    for finding in findings:
        typer.echo(f"{'ok     ' if finding.fine else 'mend   '}  {finding.name}: {finding.detail}")
        if not finding.fine:
            typer.echo(f"         {finding.mend}")
    if not all(finding.fine or finding.optional for finding in findings):
        raise typer.Exit(1)
