"""Single steps: files in, one public function of the same name, files out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from geoinv.cli.figure_files import FigureFile, FigureLanguage, check_figure, write_figure
from geoinv.cli.main import app, say

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from geoinv.imagery.scene import Scene
    from geoinv.pages.underlays import Underlay
    from geoinv.records.drawings import Sketch, Tie

__all__ = [
    "Output",
    "align",
    "change",
    "coregister",
    "detect",
    "height",
    "locate",
    "made_by",
    "match",
    "read_sketch_file",
    "regularize",
    "room_ties",
    "segment",
    "trace",
]

Output = Annotated[Path, typer.Option("-o", "--output", help="File to write.")]
SceneFile = Annotated[Path, typer.Argument(help="A scene: GeoTIFF or anything GDAL reads, with a CRS.")]


def made_by(command: str, inputs: list[Path], **settings: Any) -> dict[str, Any]:
    """The ``geoinv`` member of a step's output: by what, from what, with which settings it was made."""
    from geoinv.case.steps import provenance
    from geoinv.files.hashes import file_sha256

    return provenance(command, {path.name: file_sha256(path) for path in inputs}, settings=settings, seed=0)


def _scene(path: Path) -> Scene:
    from geoinv.case.scenes import open_described

    return open_described(path)


def read_sketch_file(path: Path) -> Sketch:
    """A SKETCH.geojson under its file's name."""
    from geoinv.facilities.sketch_io import read_sketch
    from geoinv.files.geojson import read_json

    return read_sketch(read_json(path), name=path.name)


@app.command()
def locate(
    statements: Annotated[Path, typer.Argument(help="STATEMENTS.json")],
    output: Output,
    raster: Annotated[Path | None, typer.Option(help="Also write the posterior as GeoTIFF.")] = None,
    figure: FigureFile = None,
    lang: FigureLanguage = "en",
) -> None:
    """Fuse what witnesses said about where: best point, regions, what each statement is worth."""
    from geoinv.case.rasters import write_posterior
    from geoinv.errors import GeoinvError
    from geoinv.facilities.locate import locate as locate_facility
    from geoinv.facilities.locate import posterior
    from geoinv.facilities.locate_io import location_geojson
    from geoinv.files.atomic import write_json
    from geoinv.files.yamls import read_data
    from geoinv.pages.figures_location import location_figure
    from geoinv.pages.words import language_of
    from geoinv.records.testimony import Statements

    check_figure(figure)
    said = Statements.read(read_data(statements), file=statements.name)
    language = language_of(lang)
    try:
        found = locate_facility(said)
    except GeoinvError as error:
        raise error.at(file=statements.name) from error
    write_json(output, {**location_geojson(found), "geoinv": made_by("locate", [statements])})
    if raster:
        write_posterior(raster, posterior(said))
    if figure:
        simulated = bool((said.model_extra or {}).get("simulated"))
        write_figure(
            figure, location_figure(said, found, title=statements.stem, simulated=simulated, language=language)
        )
    for note in found.diagnostics.notes:
        say(note)


def _underlay(scene: Path | None, outlines: GeoDataFrame) -> Underlay | None:
    """The scene around some outlines, if one is given."""
    from geoinv.pages.underlays import surroundings, underlay_of

    if scene is None:
        return None
    with _scene(scene) as opened:
        return underlay_of(opened, surroundings(outlines.to_crs("EPSG:4326").geometry, margin=0.1))


def _ties(texts: list[str]) -> tuple[Tie, ...]:
    from geoinv.errors import FieldError
    from geoinv.records.drawings import Tie

    found = []
    for text in texts:
        drawn, equals, candidate = text.partition("=")
        sketch, hash_, element = drawn.rpartition("#")
        if not (equals and hash_ and candidate):
            raise FieldError(f"“{text}” is not a tie", do="write SKETCH.geojson#b3=c17", field="--tie")
        found.append(Tie(sketch=Path(sketch).name, element=element, candidate=candidate))
    return tuple(found)


def room_ties(texts: list[str]) -> tuple[Tie, ...]:
    """Ties between drawn rooms, ``DRAWING.geojson#r3=OTHER.geojson#r5``; files by name or path.

    Raises
    ------
    FieldError
        If one is written otherwise.
    """
    from geoinv.errors import FieldError
    from geoinv.records.drawings import Tie

    found = []
    for text in texts:
        one, equals, other = text.partition("=")
        (sketch, hash_, element), (second, hash_second, room) = one.rpartition("#"), other.rpartition("#")
        if not (equals and hash_ and hash_second and element and room):
            raise FieldError(f"“{text}” is not a tie", do="write DRAWING.geojson#r3=OTHER.geojson#r5", field="--tie")
        found.append(Tie(sketch=Path(sketch).name, element=element, candidate=f"{Path(second).name}#{room}"))
    return tuple(found)


@app.command()
def match(
    candidates: Annotated[Path, typer.Argument(help="Building outlines on the ground.")],
    sketches: Annotated[list[Path], typer.Argument(help="Drawn plans.")],
    output: Output,
    prior: Annotated[Path | None, typer.Option(help="LOCATION.geojson")] = None,
    tie: Annotated[list[str] | None, typer.Option(help="SKETCH#b3=c17; repeat it.")] = None,
    not_this: Annotated[
        list[str] | None, typer.Option("--not", help="SKETCH#b3=c17: not that building; repeat it.")
    ] = None,
    placement: Annotated[Path | None, typer.Option(help="A MATCH.json; its first placement is kept.")] = None,
    allow_mirror: Annotated[bool, typer.Option("--allow-mirror", help="Also try mirrored drawings.")] = False,
    figure: FigureFile = None,
    scene: Annotated[Path | None, typer.Option(help="A scene to lay the figure over.")] = None,
    lang: FigureLanguage = "en",
) -> None:
    """Place drawn plans on the ground: ranked placements, correspondences, distortion, or none of these."""
    from geoinv.facilities import match_io
    from geoinv.facilities.locate_io import location_of
    from geoinv.facilities.match import match as match_sketches
    from geoinv.files.atomic import write_json
    from geoinv.files.geojson import read_json
    from geoinv.files.published import read_candidates
    from geoinv.pages.figures_placement import Laid, placement_figure
    from geoinv.pages.words import language_of

    check_figure(figure)
    language = language_of(lang)
    fixed = match_io.read_match(read_json(placement)).placements[0].sketches if placement else {}
    outlines, drawn = read_candidates(candidates), [read_sketch_file(path) for path in sketches]
    found = match_sketches(
        outlines,
        drawn,
        prior=location_of(read_json(prior), file=prior.name) if prior else None,
        ties=_ties(tie or []),
        refused=_ties(not_this or []),
        placements={name: sketch.transform for name, sketch in fixed.items()} or None,
        allow_mirror=allow_mirror,
    )
    inputs = [candidates, *sketches, *((prior,) if prior else ()), *((placement,) if placement else ())]
    made = made_by("match", inputs, tie=tie or [], refused=not_this or [], allow_mirror=allow_mirror)
    write_json(output, {**match_io.match_json(found), "geoinv": made})
    if figure:
        laid = Laid(outlines, {one.name: one for one in drawn}, found, _underlay(scene, outlines))
        title = " · ".join(path.stem for path in sketches)
        simulated = any(bool((one.model_extra or {}).get("simulated")) for one in drawn)
        write_figure(figure, placement_figure(laid, title=title, simulated=simulated, language=language))
    if found.abstains:
        say(f"None of these: the drawing fits no place here better than chance ({found.none_probability:.0%}).")


@app.command()
def detect(
    scene: SceneFile,
    output: Output,
    within: Annotated[Path | None, typer.Option(help="Only inside this area.")] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="A dask.distributed scheduler whose workers see the scene: tcp://10.0.0.1:8786.")
    ] = None,
) -> None:
    """Suggest buildings, perimeter walls, towers and tracks in a scene, each with how likely it exists.

    Broken off, it goes on where it was.
    """
    from geoinv.cli.case_commands import progress_end, progress_told
    from geoinv.files.geojson import read_table, write_table
    from geoinv.files.partial import PartialResults
    from geoinv.imagery.site_marks import suggestions

    area = read_table(within).to_crs("EPSG:4326").union_all() if within else None
    made = made_by("detect", [scene, *((within,) if within else ())])
    with PartialResults.beside(output, made) as kept, _scene(scene) as opened:
        found = suggestions(
            opened,
            within=area,
            scheduler=scheduler,
            kept=kept,
            progress=lambda done, of: progress_told(f"tile {done} of {of}"),
        )
        progress_end()
        write_table(output, found, geoinv=made)
        kept.finished()


@app.command()
def segment(
    scene: SceneFile,
    prompts: Annotated[Path, typer.Argument(help="One rough outline, box or point per building.")],
    output: Output,
    model: Annotated[Path | None, typer.Option(help="Your own model or decoder, ONNX.")] = None,
    encoder: Annotated[Path | None, typer.Option(help="The encoder that goes with a decoder, ONNX.")] = None,
) -> None:
    """Outline what stands under each prompt."""
    from geoinv.files.geojson import read_table, write_table
    from geoinv.imagery.segment import segment as segment_prompts

    if encoder and not model:
        raise typer.BadParameter("an encoder needs its decoder: give it with --model")
    back_end = None
    if model:
        from geoinv.imagery.onnx_segmenter import OnnxSegmenter

        back_end = OnnxSegmenter(model, encoder)
    with _scene(scene) as opened:
        found = segment_prompts(opened, read_table(prompts), segmenter=back_end)
    write_table(output, found, geoinv=made_by("segment", [scene, prompts, *(f for f in (model, encoder) if f)]))


@app.command()
def regularize(
    outlines: Annotated[Path, typer.Argument(help="Raw outlines.")],
    output: Output,
    pixel: Annotated[float, typer.Option(help="Metres a pixel.", min=0.01, max=30)] = 0.3,
) -> None:
    """Give raw outlines wall-like edges: one row in, one row out."""
    from geoinv.files.geojson import read_table, write_table
    from geoinv.imagery.regularize import regularize as regularize_outlines

    found = regularize_outlines(read_table(outlines), pixel=pixel)
    write_table(output, found, geoinv=made_by("regularize", [outlines], pixel=pixel))


@app.command()
def align(
    scene: SceneFile,
    drawn: Annotated[Path, typer.Argument(help="Outlines placed roughly on the ground.")],
    output: Output,
) -> None:
    """Move placed outlines onto the scene as a whole, or refuse."""
    from geoinv.files.geojson import read_table, write_table
    from geoinv.imagery.align import align as align_outlines

    with _scene(scene) as opened:
        found = align_outlines(opened, read_table(drawn))
    members = {"aligned": found.aligned, "why": found.why, "geoinv": made_by("align", [scene, drawn])}
    write_table(output, found.outlines, **members)
    if not found.aligned:
        say(f"Not moved: {found.why}")


@app.command()
def coregister(
    scene: SceneFile,
    reference: Annotated[Path, typer.Argument(help="What stays: another scene, or outlines whose place is known.")],
    output: Output,
) -> None:
    """Say how a scene must be moved to lie on another, or on known outlines, with its error; or refuse."""
    from geoinv.case.registering import reference_in
    from geoinv.files.atomic import write_json
    from geoinv.imagery.coregister import coregister as register_scene

    with _scene(scene) as opened, reference_in(reference) as known:
        found = register_scene(opened, known)
    write_json(output, {**found.plain(), "to": reference.name, "geoinv": made_by("coregister", [scene, reference])})
    say(f"{found.why}." if found.registered else f"Not registered: {found.why}.")


@app.command()
def height(
    scene: SceneFile,
    outlines: Annotated[Path, typer.Argument(help="Footprints.")],
    output: Output,
    sun_azimuth: Annotated[float | None, typer.Option(help="Degrees from north, where the record has none.")] = None,
    sun_elevation: Annotated[float | None, typer.Option(help="Degrees, where the record has none.")] = None,
) -> None:
    """Measure heights from shadows, with intervals."""
    from geoinv.files.geojson import read_table, write_table
    from geoinv.imagery.height import height as measure_heights

    with _scene(scene) as opened:
        found = measure_heights(opened, read_table(outlines), sun_azimuth=sun_azimuth, sun_elevation=sun_elevation)
    made = made_by("height", [scene, outlines], sun_azimuth=sun_azimuth, sun_elevation=sun_elevation)
    write_table(output, found, geoinv=made)


@app.command()
def change(
    outlines: Annotated[Path, typer.Argument(help="Footprints.")],
    scenes: Annotated[list[Path], typer.Argument(help="Dated scenes, in order.")],
    output: Output,
    figure: FigureFile = None,
    lang: FigureLanguage = "en",
) -> None:
    """Say per footprint and scene whether it is present, absent, altered or unsure; bracket its construction."""
    from contextlib import ExitStack

    from geoinv.files.geojson import read_table, write_table
    from geoinv.imagery.change import change as judge_changes

    check_figure(figure)
    with ExitStack() as stack:
        opened = [stack.enter_context(_scene(path)) for path in scenes]
        found = judge_changes(read_table(outlines), opened)
        if figure:
            from geoinv.pages.figures_change import change_figure
            from geoinv.pages.words import language_of

            drawn = change_figure(found, opened, title=outlines.stem, language=language_of(lang))
            write_figure(figure, drawn)
    write_table(output, found, geoinv=made_by("change", [outlines, *scenes]))


@app.command()
def trace(
    drawing: Annotated[Path, typer.Argument(help="PNG, JPG, PDF or SVG.")],
    output: Output,
    scope: Annotated[
        Literal["site", "building"] | None,
        typer.Option(help="What it shows, where that is known: shapes of a building's inside are its rooms."),
    ] = None,
    figure: FigureFile = None,
    lang: FigureLanguage = "en",
) -> None:
    """Read the shapes and lines of a scanned or vector drawing."""
    from geoinv.facilities.sketch_io import sketch_geojson
    from geoinv.facilities.trace import trace as trace_drawing
    from geoinv.files.atomic import write_json
    from geoinv.files.drawings import read_drawing
    from geoinv.pages.figures_trace import trace_figure
    from geoinv.pages.words import language_of

    received = read_drawing(drawing)
    sketch = trace_drawing(received, name=drawing.name, scope=scope)
    write_json(output, {**sketch_geojson(sketch), "geoinv": made_by("trace", [drawing])})
    if figure:
        write_figure(figure, trace_figure(received, sketch, title=drawing.stem, language=language_of(lang)))
