"""A document as PDF, set with typst from its blocks as data: nothing in a text is read as typst's own language."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any

import typst

from geoinv.errors import GeoinvError
from geoinv.pages.documents import Document, Figure, Section
from geoinv.pages.figures import carried_fonts

__all__ = ["document_pdf"]


def document_pdf(document: Document) -> bytes:
    """The document as PDF on A4, text selectable, without a date: the same bytes for the same document.

    Raises
    ------
    GeoinvError
        If it cannot be set.
    """
    with tempfile.TemporaryDirectory(prefix="geoinv-document-") as name:
        folder = Path(name)
        data = {**asdict(document), "sections": [_section(folder, one, at) for at, one in enumerate(document.sections)]}
        (folder / "document.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        source = files("geoinv").joinpath("pages/templates/document.typ").read_text(encoding="utf-8")
        (folder / "document.typ").write_text(source, encoding="utf-8")
        try:
            made: bytes = typst.compile(
                str(folder / "document.typ"), root=str(folder), format="pdf", font_paths=carried_fonts()
            )
        except typst.TypstError as error:
            raise GeoinvError("the document could not be set as PDF", do="write it as HTML or DOCX") from error
    return made


def _section(folder: Path, section: Section, at: int) -> dict[str, Any]:
    blocks = []
    for number, block in enumerate(section.blocks):
        told = {"kind": type(block).__name__.lower()}
        if isinstance(block, Figure):
            name = f"figure-{at}-{number}.svg"
            (folder / name).write_text(block.svg, encoding="utf-8")
            told |= {"file": name, "caption": block.caption}
            blocks.append({**told, "width": block.width})
        else:
            blocks.append({**told, **asdict(block)})
    return {"title": section.title, "level": section.level, "blocks": blocks}
