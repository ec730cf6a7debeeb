"""Figures written by the name of their file: SVG as it is, PNG at print size."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["FigureFile", "FigureLanguage", "check_figure", "write_figure"]

FigureFile = Annotated[Path | None, typer.Option(help="Also draw it: FILE.svg or FILE.png.")]
FigureLanguage = Annotated[str, typer.Option(help="Language of the figure's words: en or ko.")]


def check_figure(path: Path | None) -> None:
    """Stop before any work is done if a figure's file has a name that no figure can have.

    Raises
    ------
    FieldError
        If the name does not end in .svg or .png.
    """
    from geoinv.errors import FieldError

    if path is not None and path.suffix.lower() not in (".svg", ".png"):
        raise FieldError(f"“{path.name}” is neither SVG nor PNG", do="end its name in .svg or .png", field="--figure")


def write_figure(path: Path, svg: str) -> None:
    """Write a figure as SVG or PNG.

    Raises
    ------
    FieldError
        If the file's name ends otherwise.
    """
    from geoinv.files.atomic import write_bytes, write_text
    from geoinv.pages.figures import figure_png
    from geoinv.pages.shared import share_pictures

    check_figure(path)
    svg = share_pictures([svg])[0]
    if path.suffix.lower() == ".svg":
        write_text(path, svg)
    else:
        write_bytes(path, figure_png(svg))
