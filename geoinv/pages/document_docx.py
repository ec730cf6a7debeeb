"""A document as Word: headings, tables and captions in Word's own styles, so that lawyers can edit it."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from geoinv.pages.documents import Bullets, Document, Figure, Section, Table, Text, painted

__all__ = ["document_docx"]

_WIDTH_MM, _HEIGHT_MM = 174.0, 225.0
_MUTED, _WARN = RGBColor(0x5B, 0x66, 0x73), RGBColor(0xB3, 0x26, 0x1E)
#: Word files carry times; a document is the same whenever it is made.
_MADE = datetime(2026, 1, 1, tzinfo=UTC)
#: No XML can hold these (XML 1.0, 2.2).
_NOT_XML = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535), "�")
_FACES = {"en": "Calibri", "ko": "Malgun Gothic"}


def document_docx(document: Document) -> bytes:
    """The document as DOCX: the same bytes for the same document."""
    made = docx.Document()
    _page(made, document)
    if document.subtitle:
        _run(made.add_paragraph(), document.subtitle, size=9, color=_MUTED)
    made.add_heading(_plain(document.title), 0)
    if document.facts:
        _table(made, Table(("", ""), document.facts, (0.26, 0.74)), headed=False)
    for section in document.sections:
        _section(made, section)
    held = io.BytesIO()
    made.save(held)
    return _timeless(held.getvalue())


def _plain(text: str) -> str:
    return text.translate(_NOT_XML)


def _page(made: Any, document: Document) -> None:
    """Paper, typefaces, the banner above and the foot below every page."""
    page = made.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(18)
    page.top_margin, page.bottom_margin = Mm(22), Mm(18)
    page.header_distance = Mm(8)
    face = _FACES[document.language]
    for name in ("Normal", "Title", "Heading 1", "Heading 2", "Heading 3", "Caption", "List Bullet"):
        style = made.styles[name]
        style.font.name = face
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "Malgun Gothic")
    made.styles["Normal"].font.size = Pt(10)
    if document.banner:
        above = page.header.paragraphs[0]
        above.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _run(above, document.banner, size=8, color=_WARN, bold=True)
    _run(page.footer.paragraphs[0], document.foot + "   ", size=8, color=_MUTED)
    number = page.footer.paragraphs[0].add_run()
    number.font.size, number.font.color.rgb = Pt(8), _MUTED
    _page_number(number)
    properties = made.core_properties
    properties.title, properties.author, properties.comments = _plain(document.title), "geoinv", ""
    properties.created = properties.modified = _MADE
    properties.language = document.language


def _page_number(run: Any) -> None:
    """A field that Word fills with the page's number."""
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = text
        run._r.append(part)


def _run(
    paragraph: Any, text: str, *, size: float | None = None, color: RGBColor | None = None, bold: bool = False
) -> None:
    run = paragraph.add_run(_plain(text))
    if size is not None:
        run.font.size = Pt(size)
    if color is not None:
        run.font.color.rgb = color
    run.bold = bold or None


def _section(made: Any, section: Section) -> None:
    made.add_heading(_plain(section.title), section.level)
    for block in section.blocks:
        if isinstance(block, Text):
            size, color = (8.5, _MUTED) if block.tone == "note" else (None, _WARN if block.tone == "warning" else None)
            _run(made.add_paragraph(), block.text, size=size, color=color)
        elif isinstance(block, Bullets):
            for item in block.items:
                _run(made.add_paragraph(style="List Bullet"), item)
        elif isinstance(block, Table):
            _table(made, block)
        else:
            _figure(made, block)


def _table(made: Any, block: Table, *, headed: bool = True) -> None:
    if block.caption:
        made.add_paragraph(_plain(block.caption), style="Caption").paragraph_format.keep_with_next = True
    rows = (block.header, *block.rows) if headed else block.rows
    if not rows:
        return
    count = len(block.header)
    table = made.add_table(rows=len(rows), cols=count, style="Table Grid" if headed else None)
    table.autofit = False
    shares = block.widths if len(block.widths) == count else (1.0,) * count
    widths = [Mm(_WIDTH_MM * share / sum(shares)) for share in shares]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for number, (row, line) in enumerate(zip(rows, table.rows, strict=True)):
        _marked(line, "w:cantSplit")
        for place, (text, cell) in enumerate(zip(row, line.cells, strict=True)):
            cell.width = widths[place]
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(1)
            if place in block.numeric:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            _run(paragraph, text, size=8, bold=headed and number == 0)
    if headed:
        _marked(table.rows[0], "w:tblHeader")
    made.add_paragraph().paragraph_format.space_after = Pt(2)


def _marked(row: Any, name: str) -> None:
    """A row that is not broken over two pages (``w:cantSplit``), or is repeated on each (``w:tblHeader``)."""
    mark = OxmlElement(name)
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def _figure(made: Any, block: Figure) -> None:
    paragraph = made.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.keep_with_next = True
    shown = paragraph.add_run().add_picture(io.BytesIO(painted(block.svg)), width=Mm(_WIDTH_MM * block.width))
    if shown.height > Mm(_HEIGHT_MM):
        shown.width, shown.height = round(shown.width * Mm(_HEIGHT_MM) / shown.height), Mm(_HEIGHT_MM)
    made.add_paragraph(_plain(block.caption), style="Caption")


def _timeless(content: bytes) -> bytes:
    """The same zip with one time for all its members: what python-docx packs bears the hour it was packed."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as kept:
        for member in given.infolist():
            entry = zipfile.ZipInfo(member.filename, _MADE.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            kept.writestr(entry, given.read(member))
    return held.getvalue()
