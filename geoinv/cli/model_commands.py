"""Single steps of modelling: an inside from drawings, and a blueprint drawn in many formats."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from geoinv.cli.main import app, say
from geoinv.cli.step_commands import Output, made_by, read_sketch_file

__all__ = ["interior", "model"]


@app.command()
def interior(
    outline: Annotated[Path, typer.Argument(help="One building's outline.")],
    drawings: Annotated[list[Path], typer.Argument(help="Drawings of its inside.")],
    output: Output,
    rooms: Annotated[Path | None, typer.Option(help="Also write the rooms on the ground as GeoJSON.")] = None,
) -> None:
    """Fit rooms drawn by one witness or several into a building's outline; what excludes each other is told."""
    from geoinv.case.interior import interior as fit_interior
    from geoinv.errors import GeoinvError
    from geoinv.files.atomic import write_json
    from geoinv.files.geojson import read_table, write_table

    sketches = [read_sketch_file(path) for path in drawings]
    try:
        blueprint, table = fit_interior(read_table(outline), sketches)
    except GeoinvError as error:
        raise error.at(file=outline.name) from error
    made = made_by("interior", [outline, *drawings])
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
        str, typer.Option(help="Which of glb, cityjson, ifc, dxf, obj, usdz, stl, svg, pdf, png, with commas.")
    ] = "glb,svg,pdf,png",
    lang: Annotated[str, typer.Option(help="Language of sheets and captions: en or ko.")] = "en",
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
    for path, content in model_files(read, wanted, lang=lang).items():
        write_bytes(output / path, content)
        say(str(output / path))
