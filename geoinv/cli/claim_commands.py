"""What was said, tested against what was built."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from geoinv.cli.figure_files import FigureLanguage
from geoinv.cli.main import app, say
from geoinv.cli.step_commands import Output

__all__ = ["corroborate"]


@app.command()
def corroborate(
    blueprint: Annotated[Path, typer.Argument(help="BLUEPRINT.json")],
    claims: Annotated[Path, typer.Argument(help="CLAIMS.json, or the same as YAML.")],
    output: Output,
    figure: Annotated[
        Path | None, typer.Option(help="Also draw each finding, into this folder; FILE.svg or .png of a single claim.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the draws; the same seed gives the same findings.")] = 0,
    lang: FigureLanguage = "en",
) -> None:
    """Test claims against a blueprint: verdict, how many rivals would pass as well, what would flip it."""
    from geoinv.case.steps import provenance
    from geoinv.cli.figure_files import write_figure
    from geoinv.errors import FieldError
    from geoinv.files.atomic import write_json
    from geoinv.files.blueprints import read_blueprint
    from geoinv.files.claims import read_claims
    from geoinv.files.hashes import file_sha256
    from geoinv.models.claims import corroborate as test_claims
    from geoinv.models.claims_words import contradiction_sentence, row_sentence
    from geoinv.pages.figures_claims import claim_figure
    from geoinv.pages.words import language_of

    language = language_of(lang)
    model, said = read_blueprint(blueprint), read_claims(claims)
    single = figure is not None and figure.suffix.lower() in (".svg", ".png")
    if single and len(said.claims) != 1:
        raise FieldError(
            f"there are {len(said.claims)} claims for one figure", do="name a folder instead", field="--figure"
        )
    found = test_claims(model, said, seed=seed)
    if figure is not None:
        drawn = []
        for number, (claim, finding) in enumerate(zip(said.claims, found.findings, strict=True), 1):
            path = figure if single else figure / f"finding-{number:03d}.svg"
            write_figure(path, claim_figure(model, claim, finding, language=language))
            drawn.append(finding.model_copy(update={"figure": path.name}))
        found = found.model_copy(update={"findings": tuple(drawn)})
    inputs = {path.name: file_sha256(path) for path in (blueprint, claims)}
    write_json(output, {**found.plain(), "geoinv": provenance("corroborate", inputs, seed=seed)})
    for finding in found.findings:
        say(finding.sentence[language])
    for pair in found.contradictions:
        say(contradiction_sentence(pair, language))
    say("사실별 뒷받침:" if language == "ko" else "Corroboration, fact by fact:")
    for row in found.table:
        say(f"  {row_sentence(row, language)}")
