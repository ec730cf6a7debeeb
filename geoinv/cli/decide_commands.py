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
    from geoinv.case.folder import Case
    from geoinv.records.decisions import DecisionBody, MergeFacilities
    from geoinv.records.drawings import Tie
    from geoinv.records.placements import Transform

__all__ = ["decisions"]

decisions = typer.Typer(no_args_is_help=True, help="Record a person's decision with name and reason; never overridden.")
app.add_typer(decisions, name="decide")

By = Annotated[str | None, typer.Option("--by", help="Who decides (a codename).")]
Reason = Annotated[str, typer.Option("--reason", help="Why.")]


def _record(case: Path, body: DecisionBody, by: str | None, reason: str, proposed: Any = None) -> None:
    from geoinv.case.decisions import decide
    from geoinv.case.folder import Case
    from geoinv.cli.telling import tell_beware, tell_clock
    from geoinv.records.decisions import BindIncident, MergeFacilities

    with Case.open(case) as opened:
        if isinstance(body, BindIncident):
            tell_beware(opened, [body.facility])
        elif isinstance(body, MergeFacilities):
            _tell_differences(opened, body)
        entry = decide(opened, body, by=by or opened.default_author, reason=reason, proposed=proposed)
        tell_clock(opened)
        disputed = [pair for pair in opened.history.disputes if pair[1].entry.id == entry.id]
    say(f"Recorded as {entry.id}; take it back with: geoinv decide undo {entry.id} --reason …")
    for earlier, _ in disputed:
        typer.echo(
            f"It stands instead of {earlier.decision.by}'s {earlier.entry.id} ({earlier.decision.reason}), which stays "
            "on record.",
            err=True,
        )


def _tell_differences(case: Case, body: MergeFacilities) -> None:
    """What the records say against facilities being one; a person who merges them should have seen it."""
    from geoinv.facilities.identity import one_facility
    from geoinv.records.measures import Answer

    known = {facility.slug: facility for facility in case.facilities()}
    for other in body.others:
        if body.facility in known and other in known:
            found = one_facility(known[body.facility], known[other])
            if found.answer is not Answer.YES:
                says = "are two facilities" if found.answer is Answer.NO else "may be two facilities"
                typer.echo(
                    f"  beware: by their records {body.facility} and {other} {says} ({'; '.join(found.reasons)}).",
                    err=True,
                )


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


def _transform(file: Path) -> Transform:
    """A placement as MATCH.json has it: the transform itself, or a file of one sketch's placement."""
    from geoinv.files.geojson import read_json
    from geoinv.records.placements import Transform

    data = read_json(file)
    return Transform.read(data.get("transform", data) if isinstance(data, dict) else data, file=file.name)


def _polygon(file: Path) -> Any:
    """The one polygon in a file, longitude and latitude."""
    from geoinv.files.geojson import read_table

    table = read_table(file).to_crs("EPSG:4326")
    if len(table) != 1 or table.geometry.iloc[0].geom_type != "Polygon":
        raise FieldError(
            "one polygon is wanted", do="save the outline alone in a file", file=file.name, field="geometry"
        )
    return table.geometry.iloc[0]


def _value(text: str) -> Any:
    """JSON where it is JSON — a number, a list, null —, else the words as they stand; an EDTF date is no number."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return text if isinstance(value, int) and len(text) == 4 and not isinstance(value, bool) else value


@decisions.command()
def place(
    facility: Annotated[str, typer.Argument(help="The facility's slug.")],
    sketch: Annotated[str, typer.Argument(help="The sketch's file name.")],
    reason: Reason,
    tie: Annotated[
        list[str] | None, typer.Option(help="A drawn element and what it is: b3=c17 or b3=LON,LAT. Repeat it.")
    ] = None,
    placement: Annotated[
        Path | None, typer.Option(help="A file with the whole placement: a transform as in MATCH.json.")
    ] = None,
    nowhere: Annotated[bool, typer.Option("--nowhere", help="The sketch shows no place here.")] = False,
    case: CaseOption = Path(),
    by: By = None,
) -> None:
    """Place a sketch by ties or by a whole placement, or say that it shows no place here."""
    from geoinv.records.decisions import PlaceSketch

    if sum((bool(tie), placement is not None, nowhere)) != 1:
        raise FieldError(
            "one decision is wanted", do="give --tie (as many as you know), --placement, or --nowhere", field="--tie"
        )
    ties = tuple(_tie(sketch, text) for text in tie or ())
    transform = _transform(placement) if placement is not None else None
    body = PlaceSketch(facility=facility, sketch=sketch, ties=ties, transform=transform, none=nowhere)
    _record(case, body, by, reason)


Match = Annotated[
    str | None, typer.Option("--match", help="A drawn element (plan.svg#b3): judge only its match to the footprint.")
]


def _judge(
    case: Path, facility: str, footprint: str, match: str | None, by: str | None, reason: str, *, accept: bool
) -> None:
    from geoinv.records.decisions import JudgeFootprint

    body = JudgeFootprint(facility=facility, footprint=footprint, element=match, accept=accept)
    _record(case, body, by, reason)


@decisions.command()
def accept(
    facility: str, footprint: str, reason: Reason, match: Match = None, case: CaseOption = Path(), by: By = None
) -> None:
    """Accept a footprint or a room as it is, or the match of a drawn element to it."""
    _judge(case, facility, footprint, match, by, reason, accept=True)


@decisions.command()
def reject(
    facility: str, footprint: str, reason: Reason, match: Match = None, case: CaseOption = Path(), by: By = None
) -> None:
    """Reject a footprint or a room — it stays on record, and out of what is built from it —, or a match to it."""
    _judge(case, facility, footprint, match, by, reason, accept=False)


@decisions.command()
def outline(
    facility: str,
    element: Annotated[str, typer.Argument(help="sketch-file#element, or the id of a footprint or a room.")],
    file: Annotated[Path, typer.Argument(help="GeoJSON with one polygon.")],
    reason: Reason,
    case: CaseOption = Path(),
    by: By = None,
) -> None:
    """Set the outline of a building or a room by hand; a drawn one that has no place gets it."""
    from geoinv.records.decisions import SetOutline

    _record(case, SetOutline(facility=facility, element=element, geometry=_polygon(file)), by, reason)


@decisions.command()
def shape(
    facility: Annotated[str, typer.Argument(help="The facility's slug.")],
    sketch: Annotated[str, typer.Argument(help="The drawing's file name.")],
    element: Annotated[str, typer.Argument(help="The shape's id in the drawing; a new one adds a shape.")],
    reason: Reason,
    file: Annotated[Path | None, typer.Option("--file", help="GeoJSON geometry in drawing units, y up.")] = None,
    gone: Annotated[bool, typer.Option("--gone", help="Nothing is drawn there: the shape was misread.")] = False,
    role: Annotated[str | None, typer.Option(help="building, wall, room …")] = None,
    label: Annotated[str | None, typer.Option(help="What is written there.")] = None,
    case: CaseOption = Path(),
    by: By = None,
) -> None:
    """Draw, redraw or take out a shape of a drawing, where tracing read it wrongly."""
    from geoinv.files.geojson import read_json
    from geoinv.records.decisions import TraceElement

    if gone == (file is not None):
        raise FieldError("one decision is wanted", do="give --file, or --gone", field="--file")
    data = {"facility": facility, "sketch": sketch, "element": element, "role": role, "label": label}
    _record(case, TraceElement.read({**data, "geometry": read_json(file) if file else None}), by, reason)


@decisions.command()
def building(
    facility: str,
    file: Annotated[Path, typer.Argument(help="GeoJSON with one polygon.")],
    reason: Reason,
    label: Annotated[list[str] | None, typer.Option("--label", help="What it is called; again for each name.")] = None,
    role: Annotated[str, typer.Option(help="building, wall, gate or tower.")] = "building",
    case: CaseOption = Path(),
    by: By = None,
) -> None:
    """Add a building that no drawing shows and the software did not find."""
    from geoinv.case.folder import Case
    from geoinv.records.decisions import AddFootprint

    with Case.open(case) as opened:
        name = opened.ledger.mint.id(role, opened.ledger.next_number)
    data = {"facility": facility, "footprint": name, "role": role, "labels": tuple(label or ())}
    _record(case, AddFootprint.read({**data, "geometry": _polygon(file)}), by, reason)


@decisions.command()
def room(
    facility: str,
    file: Annotated[Path, typer.Argument(help="GeoJSON with one polygon: its clear floor.")],
    reason: Reason,
    label: Annotated[list[str] | None, typer.Option("--label", help="What it is called; again for each name.")] = None,
    role: Annotated[str, typer.Option(help="cell, punishment cell, interrogation, corridor, latrine …")] = "room",
    case: CaseOption = Path(),
    by: By = None,
) -> None:
    """Add a room that no drawing shows, in a building whose inside is known."""
    from geoinv.case.folder import Case
    from geoinv.records.decisions import AddRoom

    with Case.open(case) as opened:
        name = opened.ledger.mint.id("room", opened.ledger.next_number)
    data = {"facility": facility, "room": name, "role": role, "labels": tuple(label or ())}
    _record(case, AddRoom.read({**data, "geometry": _polygon(file)}), by, reason)


@decisions.command()
def bind(
    facility: str,
    incident: Annotated[str, typer.Argument(help="The incident's id.")],
    reason: Reason,
    footprint: Annotated[
        str | None, typer.Option("--building", help="A footprint's id, or a drawn building (plan.svg#b3).")
    ] = None,
    room: Annotated[str | None, typer.Option("--room", help="A room's id, or a drawn room (inside.svg#r3).")] = None,
    nowhere: Annotated[bool, typer.Option("--nowhere", help="It cannot be said in which building it was.")] = False,
    case: CaseOption = Path(),
    by: By = None,
) -> None:
    """Say in which building or room an incident was, or that it cannot be said."""
    from geoinv.records.decisions import BindIncident

    if nowhere == bool(footprint or room):
        raise FieldError("one decision is wanted", do="give --building, --room, or --nowhere", field="--building")
    _record(case, BindIncident(facility=facility, incident=incident, footprint=footprint, room=room), by, reason)


@decisions.command("set")
def set_property(
    target: Annotated[
        str,
        typer.Argument(
            help="SLUG, SLUG/plan.svg, SLUG/plan.svg#b3, SLUG/ID of a footprint, statement or incident, or "
            "imagery/scene.tif."
        ),
    ],
    field: Annotated[str, typer.Argument(help="The field: role, period, not_before, agency …")],
    value: Annotated[str, typer.Argument(help="Its value; null for unknown.")],
    reason: Reason,
    case: CaseOption = Path(),
    by: By = None,
) -> None:
    """Set a role, a date or another property of a facility, drawing, element, footprint, statement or scene."""
    from geoinv.records.decisions import SetProperty

    _record(case, SetProperty(target=target, field=field, value=_value(value)), by, reason)


@decisions.command("register")
def register_scene(
    scene: Annotated[str, typer.Argument(help="A scene of the case: imagery/b.tif.")],
    reason: Reason,
    to: Annotated[
        str | None, typer.Option(help="What stays: another scene (imagery/a.tif), or a file of outlines.")
    ] = None,
    tie: Annotated[
        list[str] | None,
        typer.Option(help="LON,LAT=LON,LAT: as the scene shows a thing, and where it is; repeat it."),
    ] = None,
    case: CaseOption = Path(),
    by: By = None,
) -> None:
    """Register a scene to another, to outlines, or by tied points; its offset and error go on its record."""
    from geoinv.case.folder import Case
    from geoinv.case.registering import registration_of

    ties = [_tied_points(text) for text in tie or []]
    with Case.open(case) as opened:
        body = registration_of(opened, scene, to=to, ties=ties)
    east, north = body.value["offset_m"]
    error = body.value.get("error_m")
    within = "nothing checks it" if error is None else f"within {error:g} m at 90 %"
    say(f"{scene} goes {east:+.1f} m east, {north:+.1f} m north ({within}): {body.value['why']}.")
    _record(case, body, by, reason)


def _tied_points(text: str) -> tuple[tuple[float, float], tuple[float, float]]:
    sides = text.split("=")
    try:
        (a, b), (c, d) = ([float(part) for part in side.split(",")] for side in sides)
    except ValueError as error:
        raise FieldError(
            f"“{text}” is no pair of places", do="write LON,LAT=LON,LAT in degrees", field="--tie"
        ) from error
    return (a, b), (c, d)


@decisions.command()
def merge(
    facility: Annotated[str, typer.Argument(help="The facility that it is.")],
    others: Annotated[list[str], typer.Argument(help="Those that were found to be the same.")],
    reason: Reason,
    case: CaseOption = Path(),
    by: By = None,
) -> None:
    """Find that several facilities are one: all that was told of the others counts as told of the first."""
    from geoinv.records.decisions import MergeFacilities

    _record(case, MergeFacilities(facility=facility, others=tuple(others)), by, reason)


@decisions.command()
def split(
    facility: Annotated[str, typer.Argument(help="What it was told of.")],
    into: Annotated[str, typer.Argument(help="Slug of the other facility.")],
    files: Annotated[list[str], typer.Argument(help="Files about the other one: testimony/w3.kml sketches/annex.svg.")],
    name: Annotated[str, typer.Option(help="The other facility's name.")],
    reason: Reason,
    case: CaseOption = Path(),
    by: By = None,
) -> None:
    """Find that what was told of one facility is of two."""
    from geoinv.records.decisions import SplitFacility

    _record(case, SplitFacility(facility=facility, into=into, name=name, sources=tuple(files)), by, reason)


@decisions.command()
def grade(
    source: Annotated[str, typer.Argument(help="A witness's codename, or a file's name.")],
    reliability: Annotated[str, typer.Argument(help="A to F (Admiralty code): A reliable … E unreliable, F unknown.")],
    reason: Reason,
    credibility: Annotated[
        int | None, typer.Option(help="1 confirmed … 5 improbable, 6 unknown.", min=1, max=6)
    ] = None,
    case: CaseOption = Path(),
    by: By = None,
) -> None:
    """Grade a source."""
    from geoinv.records.decisions import GradeSource

    data = {"source": source, "reliability": reliability.upper(), "credibility": credibility}
    _record(case, GradeSource.read(data), by, reason)


@decisions.command()
def consent(
    witness: Annotated[str, typer.Argument(help="The witness's codename.")],
    audience: Annotated[str, typer.Option(help="For whom, as in case.toml.")],
    reason: Reason,
    act: Annotated[str, typer.Option(help="collect, use or share.")] = "share",
    until: Annotated[str | None, typer.Option(help="EDTF date.")] = None,
    refused: Annotated[bool, typer.Option("--refused", help="Consent is not, or no longer, given.")] = False,
    case: CaseOption = Path(),
    by: By = None,
) -> None:
    """Record a witness's consent to an act for an audience, or its refusal."""
    from geoinv.records.decisions import RecordConsent

    data = {"witness": witness, "act": act, "audience": audience, "until": until, "given": not refused}
    _record(case, RecordConsent.read(data), by, reason)


@decisions.command()
def request(
    audience: Annotated[str, typer.Argument(help="A name for it: request-court-2.")],
    requester: Annotated[str, typer.Option(help="Who asked: a codename or an office.")],
    within: Annotated[str, typer.Option(help="Audience of case.toml whose consents and rules count.")],
    until: Annotated[str, typer.Option(help="When it ends (2027-01-01).")],
    reason: Reason,
    facility: Annotated[list[str] | None, typer.Option("--facility", help="A slug that was asked for.")] = None,
    incident: Annotated[list[str] | None, typer.Option("--incident", help="An incident: SLUG/ID.")] = None,
    case: CaseOption = Path(),
    by: By = None,
) -> None:
    """Grant one requester one set of records until one day; publish, export and dossier take its name."""
    from geoinv.records.decisions import OpenRequest

    told = {"audience": audience, "requester": requester, "within": within, "until": until}
    body = OpenRequest.read({**told, "facilities": tuple(facility or ()), "records": tuple(incident or ())})
    _record(case, body, by, reason)


@decisions.command()
def words(
    facility: Annotated[str, typer.Argument(help="The facility's slug.")],
    offer: Annotated[
        str | None, typer.Argument(help="The measure to accept, as listed; all are listed without it.")
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", help="Why it is meant so.")] = None,
    subject: Annotated[
        str | None, typer.Option("--subject", help="Of an area, a count, a length: what is measured, or from where.")
    ] = None,
    to: Annotated[str | None, typer.Option("--to", help="Of a distance or a walk: to where.")] = None,
    case: CaseOption = Path(),
    by: By = None,
) -> None:
    """List the measures in witnesses' words that nobody wrote down, or accept one: as a field, or as a claim."""
    from geoinv.case.folder import Case
    from geoinv.case.offers import accepted, offer_named, offers_of

    with Case.open(case) as opened:
        offers = offers_of(opened, facility)
    if offer is not None:
        chosen = offer_named(offers, offer)
        if reason is None:
            raise FieldError("a decision needs a reason", do="say why with --reason", field="--reason")
        body = accepted(chosen, facility, subject=subject, to=to)
        _record(case, body, by, reason, chosen.reading.plain())
        return
    for item in offers:
        meant = item.reading.interval
        told = f"“{meant.said}”: {meant.low:g} to {meant.high:g} {meant.unit} ({item.reading.rule})"
        claim = f"; accepted, it is a claim ({item.claim})" if item.claim else "; it is nothing by itself"
        say(f"{item.name}  {told}" + ("" if item.field else claim))
    if not offers:
        say("No measure in anybody's words waits to be accepted.")


@decisions.command()
def undo(entry: str, reason: Reason, case: CaseOption = Path(), by: By = None) -> None:
    """Take back an earlier decision; both stay in the ledger."""
    from geoinv.records.decisions import Undo

    _record(case, Undo(entry=entry), by, reason)


@decisions.command("list")
def list_decisions(case: CaseOption = Path()) -> None:
    """The decisions that stand, oldest first."""
    from geoinv.case.folder import Case
    from geoinv.case.histories import decision_told

    with Case.open(case) as opened:
        for one in opened.history.decided:
            if one.stands and one.decision.body.kind != "undo":
                say(decision_told(one))


@decisions.command()
def history(
    about: Annotated[
        str | None,
        typer.Argument(help="A facility, or a drawing, footprint, room, statement, incident, file, passage, witness …"),
    ] = None,
    case: CaseOption = Path(),
) -> None:
    """Where a thing came from, and who decided what about it: when, why, and what the software proposed then."""
    from geoinv.case.folder import Case
    from geoinv.case.histories import history_of

    with Case.open(case) as opened:
        for line in history_of(opened, about):
            say(line)
