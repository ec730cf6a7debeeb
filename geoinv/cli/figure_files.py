"""Figures written by the name of their file: SVG as it is, PNG at print size."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["FigureFile", "FigureLanguage", "write_figure"]

FigureFile = Annotated[Path | None, typer.Option(help="Also draw it: FILE.svg or FILE.png.")]
FigureLanguage = Annotated[str, typer.Option(help="Language of the figure's words: en or ko.")]


def write_figure(path: Path, svg: str) -> None:
    """Write a figure as SVG or PNG.

    Raises
    ------
    FieldError
        If the file's name ends otherwise.
    """
    from geoinv.errors import FieldError
    from geoinv.files.atomic import write_bytes, write_text
    from geoinv.pages.figures import figure_png
    from geoinv.pages.shared import share_pictures

    svg = share_pictures([svg])[0]
    if path.suffix.lower() == ".svg":
        write_text(path, svg)
    elif path.suffix.lower() == ".png":
        write_bytes(path, figure_png(svg))
    else:
        raise FieldError(f"“{path.name}” is neither SVG nor PNG", do="end its name in .svg or .png", field="--figure")
