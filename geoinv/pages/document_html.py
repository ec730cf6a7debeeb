"""A document as one HTML file that loads nothing else; every text in it is escaped."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from geoinv.pages.carried import FONTS_HERE, with_fonts
from geoinv.pages.documents import Bullets, Document, Figure, Table, Text, painted
from geoinv.pages.underlays import data_uri

__all__ = ["document_html"]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("geoinv.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests |= {
        "text": lambda block: isinstance(block, Text),
        "bullets": lambda block: isinstance(block, Bullets),
        "table": lambda block: isinstance(block, Table),
        "figure": lambda block: isinstance(block, Figure),
    }
    return environment


def document_html(document: Document) -> str:
    """The document as HTML, readable by keyboard and screen reader, printable, with the carried fonts inside."""
    page = _environment().get_template("document.html").render(
        document=document, fonts=Markup(FONTS_HERE), picture=lambda svg: Markup(data_uri(painted(svg), "image/png"))
    )  # fmt: skip
    return with_fonts(page, bold=True)
