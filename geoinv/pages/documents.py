"""A document as blocks — headings, words, tables, pictures — written as HTML, PDF or Word from the same blocks."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from geoinv.models.sheets import sheet_png
from geoinv.pages.figures import figure_png
from geoinv.pages.words import Language

__all__ = ["Block", "Bullets", "Document", "Figure", "Section", "Table", "Text", "all_text", "painted"]


_MARKUP = re.compile(r"<[^>]*>")
_IN_MILLIMETRES = re.compile(r'<svg[^>]*\swidth="[\d.]+mm"')


@dataclass(frozen=True)
class Text:
    """A paragraph; a ``note`` is smaller, a ``warning`` stands out."""

    text: str
    tone: Literal["plain", "note", "warning"] = "plain"


@dataclass(frozen=True)
class Bullets:
    """Short sentences, one below the other."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Rows of cells under a header.

    Attributes
    ----------
    widths
        Shares of the page's width, one a column; even where empty.
    numeric
        Columns whose cells stand to the right.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...] = ()
    numeric: tuple[int, ...] = ()
    caption: str = ""


@dataclass(frozen=True)
class Figure:
    """A drawing with its caption.

    Attributes
    ----------
    svg
        A figure of ``geoinv.pages`` or a sheet of ``geoinv.models``.
    width
        Share of the page's width.
    """

    caption: str
    svg: str
    width: float = 1.0


Block = Text | Bullets | Table | Figure


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it; ``level`` 1 to 3."""

    title: str
    blocks: tuple[Block, ...]
    level: Literal[1, 2, 3] = 1


@dataclass(frozen=True)
class Document:
    """A whole document.

    Attributes
    ----------
    title, subtitle
        On its first page.
    banner
        Stands on every page: that it is fictional, for whom it is. Empty if nothing must be said.
    facts
        Label and value, under the title.
    foot
        In the footer: by what it was made.
    """

    title: str
    subtitle: str
    sections: tuple[Section, ...]
    language: Language = "en"
    banner: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    foot: str = ""


@lru_cache(maxsize=32)
def painted(svg: str) -> bytes:
    """A drawing as PNG, for formats that take no drawings.

    Raises
    ------
    GeoinvError
        If it cannot be set.
    """
    sheet = _IN_MILLIMETRES.match(svg) is not None
    return sheet_png(svg) if sheet else figure_png(svg, dpi=144)


def all_text(document: Document) -> Iterator[str]:
    """Every text a document shows, so that it can be searched for what must not leave a case."""
    yield from (document.title, document.subtitle, document.banner, document.foot)
    for label, value in document.facts:
        yield from (label, value)
    for section in document.sections:
        yield section.title
        for block in section.blocks:
            if isinstance(block, Text):
                yield block.text
            elif isinstance(block, Bullets):
                yield from block.items
            elif isinstance(block, Table):
                yield block.caption
                for row in (block.header, *block.rows):
                    yield from row
            else:
                yield block.caption
                yield html.unescape(_MARKUP.sub(" ", block.svg))  # what is written in it, as it is shown
