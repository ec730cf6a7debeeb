"""Single steps of modelling: an inside from drawings, a blueprint in many formats, a point cloud laid on a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from geoinv.cli.main import app, say
from geoinv.cli.step_commands import Output, made_by, read_sketch_file, room_ties

__all__ = ["interior", "model", "register"]


@app.command()
def interior(
    outline: Annotated[Path, typer.Argument(help="One building's outline.")],
    drawings: Annotated[list[Path], typer.Argument(help="Drawings of its inside.")],
    output: Output,
    rooms: Annotated[Path | None, typer.Option(help="Also write the rooms on the ground as GeoJSON.")] = None,
    tie: Annotated[list[str] | None, typer.Option(help="DRAWING#r3=OTHER#r5 are one room; repeat it.")] = None,
) -> None:
    """Fit rooms drawn by one witness or several into a building's outline; what excludes each other is told."""
    from geoinv.case.interior import interior as fit_interior
    from geoinv.errors import GeoinvError
    from geoinv.files.atomic import write_json
    from geoinv.files.geojson import read_table, write_table

    sketches = [read_sketch_file(path) for path in drawings]
    ties = room_ties(tie or [])
    try:
        blueprint, table = fit_interior(read_table(outline), sketches, ties=ties)
    except GeoinvError as error:
        raise error.at(file=outline.name) from error
    made = made_by("interior", [outline, *drawings], **({"tie": tie} if tie else {}))
    write_json(output, {**blueprint.plain(), "geoinv": made})
    if rooms:
        write_table(rooms, table, **table.attrs["members"], geoinv=made)
    for item in blueprint.contradictions:
        say(f"The drawings disagree on {item.what}: {'; '.join(item.versions.values())}")


@app.command()
def model(
    blueprint: Annotated[Path, typer.Argument(help="BLUEPRINT.json")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder to write into.")],
    formats: Annotated[
        str, typer.Option(help="Which of glb, cityjson, ifc, dxf, obj, usdz, stl, svg, pdf, png, gif, with commas.")
    ] = "glb,svg,pdf,png",
    lang: Annotated[str, typer.Option(help="Language of sheets and captions: en or ko.")] = "en",
    paper: Annotated[str, typer.Option(help="Of sheets: A4, A3, A2, or auto, the smaller of A4 and A3.")] = "auto",
) -> None:
    """Draw a blueprint: solids in many formats, sheets to scale, renders; what cannot be built is told."""
    from geoinv.errors import FieldError
    from geoinv.files.atomic import write_bytes
    from geoinv.files.blueprints import read_sound_parts
    from geoinv.models.formats import FORMATS, model_files
    from geoinv.models.soundness import sound

    wanted = [name.strip() for name in formats.split(",") if name.strip()]
    unknown = next((name for name in wanted if name not in FORMATS), None)
    if unknown or not wanted:
        raise FieldError(
            f"“{unknown or formats}” is not a format of a model",
            do=f"choose among {', '.join(sorted(FORMATS))}",
            field="--formats",
        )
    if lang not in ("en", "ko"):
        raise FieldError(f"“{lang}” is not a language of sheets", do="choose en or ko", field="--lang")
    read, unread = read_sound_parts(blueprint)
    for fault in (*unread, *sound(read)[1]):
        typer.echo(f"{blueprint.name}, part {fault.part}: {fault.sentence}.", err=True)
    for path, content in model_files(read, wanted, lang=lang, paper=paper).items():
        write_bytes(output / path, content)
        say(str(output / path))


@app.command()
def register(
    blueprint: Annotated[Path, typer.Argument(help="BLUEPRINT.json")],
    cloud: Annotated[Path, typer.Argument(help="A point cloud or mesh: PLY, LAS, LAZ, XYZ, GLB, OBJ, STL, DAE.")],
    output: Output,
    metres: Annotated[float | None, typer.Option(help="Length of the file's unit in metres.")] = None,
    date: Annotated[str | None, typer.Option(help="When it was taken (EDTF).")] = None,
) -> None:
    """Lay a point cloud or mesh on a model: how far each part is from it, what it proposes. Nothing is taken over."""
    from geoinv.files.atomic import write_json
    from geoinv.files.blueprints import read_blueprint
    from geoinv.files.point_clouds import read_cloud
    from geoinv.models.compared import compared
    from geoinv.models.register import register as lay
    from geoinv.models.solids import build_solids

    model = read_blueprint(blueprint)
    scene = build_solids(model)
    laid = lay(read_cloud(cloud, metres=metres, date=date), scene)
    found = compared(laid, model, scene)
    write_json(output, {**found, "geoinv": made_by("register", [blueprint, cloud], metres=metres, date=date)})
    say(f"{laid.fit.fitness:.0%} of {cloud.name} lies on the model, {laid.fit.misfit_m:.2f} m from it on average.")
    for one in found["proposals"]:
        value = one["evidence"]["interval"]
        said = f"{value['best']:g} m ({value['low']:g} to {value['high']:g}), not {one['now']:g} m"
        say(
            f"  {one['part']}: {one['property']} {said}"
            if one["differs"]
            else f"  {one['part']}: {one['property']} agrees"
        )
