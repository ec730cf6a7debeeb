"""Commands that hand on what a case holds: dossier, export, annex; each leaves an entry in the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geoinv.cli.case_commands import CaseOption
from geoinv.cli.main import app, say
from geoinv.errors import FieldError

if TYPE_CHECKING:
    from geoinv.case.folder import Case
    from geoinv.case.handing import Document

__all__ = ["annex", "day_of", "dossier", "export"]

AudienceOption = Annotated[
    str | None,
    typer.Option("--audience", help="For whom, as in case.toml; without one it is internal, as every page says."),
]
OnOption = Annotated[
    str | None,
    typer.Option("--on", metavar="YYYY-MM-DD", help="The day consents that end, and embargoes, are judged by."),
]
ByOption = Annotated[str | None, typer.Option("--by", help="Who hands it out (a codename); kept in the ledger.")]
ThemeOption = Annotated[
    str | None, typer.Option("--theme", help="Only incidents of a theme: religion, gender, labour.")
]


def day_of(text: str | None, option: str) -> date | None:
    """A day typed on the command line.

    Raises
    ------
    FieldError
        If it is none.
    """
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise FieldError(f"“{text}” is no day", do="write it as 2026-03-01", field=option) from error


def _hand_out(
    case: Case,
    what: Document,
    files: Mapping[str, bytes],
    folder: Path | None,
    *,
    audience: str | None,
    facilities: Sequence[str],
    by: str | None,
) -> None:
    """Put on record what is handed out, then write it and tell where; noted first, so that nothing leaves unnoted."""
    from geoinv.case.handing import note_handed_out
    from geoinv.errors import ReadOnlyError
    from geoinv.files.atomic import write_bytes

    try:
        note_handed_out(
            case, what, files, audience=audience, facilities=facilities, by=by or case.default_author,
            through=f"geoinv {what}",
        )  # fmt: skip
    except ReadOnlyError:
        typer.echo("This case cannot be written: note elsewhere what you hand out, its ledger does not.", err=True)
    folder = folder or Path()
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        write_bytes(folder / name, content)
        typer.echo(str(folder / name))


@app.command()
def dossier(
    facility: Annotated[str, typer.Argument(help="The facility's slug.")],
    format_: Annotated[str, typer.Option("--format", help="docx, pdf, html, bundle: commas between.")] = "docx",
    audience: AudienceOption = None,
    lang: Annotated[str, typer.Option(help="en or ko.")] = "en",
    since: Annotated[
        str | None, typer.Option("--since", metavar="YYYY-MM-DD", help="Add what happened on or after this day.")
    ] = None,
    theme: ThemeOption = None,
    on: OnOption = None,
    by: ByOption = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder to write to; by default the one you are in.")
    ] = None,
    case: CaseOption = Path(),
) -> None:
    """The facility's file: sheet, maps, drawings, corroboration, incidents, legal mapping, what speaks against."""
    from geoinv.api.dossier import dossier as make
    from geoinv.case.folder import Case
    from geoinv.cli.telling import tell_beware

    formats = [name.strip() for name in format_.split(",") if name.strip()]
    with Case.open(case) as opened:
        tell_beware(opened, [facility])
        made = make(
            opened, facility, formats=formats, audience=audience, language=lang,
            since=day_of(since, "--since"), theme=theme, on=day_of(on, "--on"),
        )  # fmt: skip
        if audience is None:
            say("Internal: it holds codenames, quotations' places and exact points. Name an --audience to hand it on.")
        mark = f"{f'-{audience}' if audience else ''}{'-ko' if lang == 'ko' else ''}"
        files = {
            f"{facility}{'-copy.zip' if name == 'bundle' else f'-dossier{mark}.{name}'}": content
            for name, content in made.items()
        }
        _hand_out(opened, "dossier", files, output, audience=audience, facilities=[facility], by=by)


@app.command()
def export(
    format_: Annotated[
        str, typer.Option("--format", help="kmz, uwazi, geoparquet, gpkg, ro-crate, bagit: commas between.")
    ] = "kmz",
    audience: AudienceOption = None,
    on: OnOption = None,
    by: ByOption = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder to write to; by default the one you are in.")
    ] = None,
    case: CaseOption = Path(),
) -> None:
    """The case for other tools and archives; says what protected content it carries."""
    from geoinv.api.exports import export as make
    from geoinv.case.folder import Case

    formats = [name.strip() for name in format_.split(",") if name.strip()]
    with Case.open(case) as opened:
        made = make(opened, formats, audience=audience, on=day_of(on, "--on"))
        if audience is None:
            typer.echo("INTERNAL: no consent was applied. What leaves the case here:", err=True)
        for sentence in made.carries:
            typer.echo(f"  {sentence}", err=True)
        _hand_out(opened, "export", made.files, output, audience=audience, facilities=made.facilities, by=by)


@app.command()
def annex(
    facilities: Annotated[list[str] | None, typer.Argument(help="Slugs; all if none is named.")] = None,
    format_: Annotated[str, typer.Option("--format", help="docx, pdf, html: commas between.")] = "docx",
    audience: AudienceOption = None,
    lang: Annotated[str, typer.Option(help="en or ko.")] = "en",
    theme: ThemeOption = None,
    on: OnOption = None,
    by: ByOption = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder to write to; by default the one you are in.")
    ] = None,
    case: CaseOption = Path(),
) -> None:
    """An annex of facts about several facilities for a submission to a United Nations body."""
    from geoinv.api.annex import annex_document
    from geoinv.api.dossier import document_bytes
    from geoinv.case.folder import Case

    formats = [name.strip() for name in format_.split(",") if name.strip()]
    if not formats or not set(formats) <= {"docx", "pdf", "html"}:
        raise FieldError("an annex is written as docx, pdf or html", do="choose of these", field="--format")
    with Case.open(case) as opened:
        slugs = facilities or [one.slug for one in opened.facilities()]
        document = annex_document(opened, slugs, audience=audience, language=lang, theme=theme, on=day_of(on, "--on"))
        stem = f"annex-{audience or 'internal'}{'-ko' if lang == 'ko' else ''}"
        files = {f"{stem}.{name}": document_bytes(document, name) for name in formats}
        _hand_out(opened, "annex", files, output, audience=audience, facilities=slugs, by=by)
