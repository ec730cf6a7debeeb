"""``geoinv decide``: what a person decides, with a name and a reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geoinv.cli.case_commands import CaseOption
from geoinv.cli.main import app, say
from geoinv.errors import FieldError

if TYPE_CHECKING:
    from geoinv.records.decisions import DecisionBody
    from geoinv.records.drawings import Tie

__all__ = ["decisions"]

decisions = typer.Typer(no_args_is_help=True, help="Record a person's decision with name and reason; never overridden.")
app.add_typer(decisions, name="decide")

By = Annotated[str | None, typer.Option("--by", help="Who decides (a codename).")]
Reason = Annotated[str, typer.Option("--reason", help="Why.")]


def _record(case: Path, body: DecisionBody, by: str | None, reason: str, proposed: Any = None) -> None:
    from geoinv.case.decisions import decide
    from geoinv.case.folder import Case

    with Case.open(case) as opened:
        entry = decide(opened, body, by=by or opened.default_author, reason=reason, proposed=proposed)
    say(f"Recorded as {entry.id}; take it back with: geoinv decide undo {entry.id} --reason …")


def _tie(sketch: str, text: str) -> Tie:
    from geoinv.records.drawings import Tie

    element, found, target = text.partition("=")
    if not found or not target:
        raise FieldError(f"“{text}” is not a tie", do="write b3=c17, or b3=LON,LAT", field="--tie")
    if "," in target:
        try:
            lon, lat = (float(part) for part in target.split(","))
        except ValueError as error:
            raise FieldError(f"“{target}” is not a place", do="write b3=LON,LAT in degrees", field="--tie") from error
        return Tie(sketch=sketch, element=element, point=(lon, lat))
    return Tie(sketch=sketch, element=element, candidate=target)


def _proposed(case: Path, facility: str, sketch: str) -> Any:
    """What the software proposed for a sketch at the last build."""
    path = case / "models" / facility / "match.json"
    if not path.is_file():
        return None
    placements = json.loads(path.read_text(encoding="utf-8")).get("placements", [])
    return next((p["sketches"][sketch]["transform"] for p in placements if sketch in p.get("sketches", {})), None)


@decisions.command()
def place(
    facility: Annotated[str, typer.Argument(help="The facility's slug.")],
    sketch: Annotated[str, typer.Argument(help="The sketch's file name.")],
    reason: Reason,
    tie: Annotated[
        list[str] | None, typer.Option(help="A drawn element and what it is: b3=c17 or b3=LON,LAT. Repeat it.")
    ] = None,
    nowhere: Annotated[bool, typer.Option("--nowhere", help="The sketch shows no place here.")] = False,
    case: CaseOption = Path(),
    by: By = None,
) -> None:
    """Place a sketch by ties, or say that it shows no place here."""
    from geoinv.records.decisions import PlaceSketch

    if not tie and not nowhere:
        raise FieldError("nothing was decided", do="give at least one --tie, or --nowhere", field="--tie")
    ties = tuple(_tie(sketch, text) for text in tie or ())
    body = PlaceSketch(facility=facility, sketch=sketch, ties=ties, none=nowhere)
    _record(case, body, by, reason, _proposed(case, facility, sketch))


def _judge(case: Path, facility: str, footprint: str, by: str | None, reason: str, *, accept: bool) -> None:
    from geoinv.records.decisions import JudgeFootprint

    _record(case, JudgeFootprint(facility=facility, footprint=footprint, accept=accept), by, reason)


@decisions.command()
def accept(facility: str, footprint: str, reason: Reason, case: CaseOption = Path(), by: By = None) -> None:
    """Accept a footprint as it is."""
    _judge(case, facility, footprint, by, reason, accept=True)


@decisions.command()
def reject(facility: str, footprint: str, reason: Reason, case: CaseOption = Path(), by: By = None) -> None:
    """Reject a footprint: it stays on record, marked, and out of what is built from it."""
    _judge(case, facility, footprint, by, reason, accept=False)


@decisions.command()
def outline(
    facility: str,
    element: Annotated[str, typer.Argument(help="sketch-file#element, or a footprint's id.")],
    file: Annotated[Path, typer.Argument(help="GeoJSON with one polygon.")],
    reason: Reason,
    case: CaseOption = Path(),
    by: By = None,
) -> None:
    """Set the outline of a drawn building by hand."""
    from geoinv.files.geojson import read_table
    from geoinv.records.decisions import SetOutline

    table = read_table(file).to_crs("EPSG:4326")
    if len(table) != 1 or table.geometry.iloc[0].geom_type != "Polygon":
        raise FieldError(
            "one polygon is wanted", do="save the outline alone in a file", file=file.name, field="geometry"
        )
    _record(case, SetOutline(facility=facility, element=element, geometry=table.geometry.iloc[0]), by, reason)


@decisions.command("set")
def set_property(target: str, field: str, value: str, reason: Reason, case: CaseOption = Path(), by: By = None) -> None:
    """Set a role, a date or another property of an element, a scene or a facility."""
    from geoinv.records.decisions import SetProperty

    _record(case, SetProperty(target=target, field=field, value=value), by, reason)


@decisions.command()
def consent(
    witness: Annotated[str, typer.Argument(help="The witness's codename.")],
    audience: Annotated[str, typer.Option(help="For whom, as in case.toml.")],
    reason: Reason,
    until: Annotated[str | None, typer.Option(help="EDTF date.")] = None,
    refused: Annotated[bool, typer.Option("--refused", help="Consent is not, or no longer, given.")] = False,
    case: CaseOption = Path(),
    by: By = None,
) -> None:
    """Record a witness's consent to share with an audience, or its refusal."""
    from geoinv.records.decisions import RecordConsent

    _record(case, RecordConsent(witness=witness, audience=audience, until=until, given=not refused), by, reason)


@decisions.command()
def undo(entry: str, reason: Reason, case: CaseOption = Path(), by: By = None) -> None:
    """Take back an earlier decision; both stay in the ledger."""
    from geoinv.records.decisions import Undo

    _record(case, Undo(entry=entry), by, reason)


@decisions.command("list")
def list_decisions(case: CaseOption = Path()) -> None:
    """The decisions that stand, oldest first."""
    from geoinv.case.folder import Case

    with Case.open(case) as opened:
        for entry, decision in opened.decisions():
            body = decision.body.model_dump(mode="json", exclude_none=True, exclude={"kind", "geometry", "transform"})
            told = ", ".join(f"{key} {value}" for key, value in body.items() if value not in ([], False, ()))
            say(f"{entry.id}  {entry.at}  {decision.by}: {decision.body.kind} {told} — {decision.reason}")
