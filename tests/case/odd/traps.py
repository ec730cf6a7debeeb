"""Files made to fill memory, time or disk: each must be read or refused in a sentence, in bounded time and memory.

They are made when they are asked for: some are tens of megabytes.
"""

from __future__ import annotations

import io
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import openpyxl
import pyogrio
from shapely.geometry import Point

from tests.case.odd.boxes import compound
from tests.case.odd.making import csv_of, kml, pin, png, zipped

__all__ = ["TRAPS"]

_PINS = [["witness", "latitude", "longitude"], ["w1", 5, -30]]


def _nested_kmz(depth: int) -> bytes:
    data = zipped({"doc.kml": kml(pin("deepest"))})
    for level in range(depth):
        data = zipped({"doc.kml": kml(pin(f"level {level}")), "inner.kmz": data})
    return data


def _with_rows(xml: str) -> bytes:
    """A workbook of one pin, and these rows below it as they stand."""
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in _PINS:
        book.active.append(row)
    book.save(out)
    made = io.BytesIO()
    with zipfile.ZipFile(out) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for name in source.namelist():
            part = source.read(name)
            end = b"</sheetData>"
            target.writestr(name, part.replace(end, xml.encode() + end) if name.endswith("sheet1.xml") else part)
    return made.getvalue()


def _styled(rows: int, cells: int) -> bytes:
    """A workbook of one pin, and a million rows that somebody coloured."""
    letters = "ABCDEFGHIJ"[:cells]
    return _with_rows(
        "".join(
            f'<row r="{at}" s="1" customFormat="1">' + "".join(f'<c r="{a}{at}" s="1"/>' for a in letters) + "</row>"
            for at in range(3, rows + 3)
        )
    )


def _views(listed: bool) -> bytes:
    """A GeoPackage of one layer and of views without end; ``listed`` makes the list of layers one of them."""
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x AS fid, 'a' AS name, "
    endless += "(SELECT geom FROM pins LIMIT 1) AS geom FROM c"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.gpkg")
        table = gpd.GeoDataFrame({"witness": ["w1"]}, geometry=[Point(-30, 5)], crs="EPSG:4326")
        pyogrio.write_dataframe(table, path, layer="pins")
        with sqlite3.connect(path) as made:
            for number in range(200):
                made.execute(f"CREATE VIEW v{number} AS {endless}")
                made.execute(
                    f"INSERT INTO gpkg_contents SELECT 'v{number}', data_type, 'v{number}', description, last_change, "
                    "min_x, min_y, max_x, max_y, srs_id FROM gpkg_contents WHERE table_name = 'pins'"
                )
                made.execute(
                    f"INSERT INTO gpkg_geometry_columns SELECT 'v{number}', column_name, geometry_type_name, srs_id, "
                    "z, m FROM gpkg_geometry_columns WHERE table_name = 'pins'"
                )
            if listed:
                made.execute("ALTER TABLE gpkg_contents RENAME TO stored")
                made.execute("CREATE VIEW gpkg_contents AS SELECT * FROM stored, v1")
        made.close()
        return path.read_bytes()


def _hwp(size: int) -> bytes:
    head = b"HWP Document File".ljust(36, b"\0") + b"\1\0\0\0"
    return compound({"FileHeader": head, "BodyText/Section0": zlib.compress(b"\0" * size, 9)[2:-4]})


def _svg_uses(levels: int) -> bytes:
    groups = '<g id="g0"><rect width="9" height="9" stroke="black"/></g>'
    for level in range(levels):
        groups += f'<g id="g{level + 1}">' + f'<use href="#g{level}"/>' * 10 + "</g>"
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 99 99">{groups}</svg>'.encode()


def _svg_path(data: str) -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 999 999"><path d="{data}"/></svg>'.encode()


def _yaml_list(depth: int) -> bytes:
    return b"statements:\n" + b"".join(b" " * level + b"- a:\n" for level in range(depth))


#: Name (its folder is told by its suffix) → what makes it.
TRAPS: dict[str, Callable[[], bytes]] = {
    "nested.kmz": lambda: _nested_kmz(10),
    "million-rows.xlsx": lambda: _styled(1_000_000, 0),
    "million-cells.xlsx": lambda: _styled(300_000, 10),
    "far-row.xlsx": lambda: _with_rows('<row r="99999999999999999999"><c r="A9" t="n"><v>1</v></c></row>'),
    "far-cells.xlsx": lambda: _with_rows("".join(f'<row r="{at}"><c r="ZZZ{at}"/></row>' for at in range(3, 90_000))),
    "views.gpkg": lambda: _views(listed=False),
    "listed.gpkg": lambda: _views(listed=True),
    "zeros.zip": lambda: zipped({f"{n}.csv": b"0" * 3_900_000 for n in range(200)}),
    "many.zip": lambda: zipped({f"{n}.txt": b"x" for n in range(10_001)}, compress=False),
    "zeros.docx": lambda: zipped({"word/document.xml": b"<w:p/>" * 50_000_000}),
    "paragraphs.docx": lambda: zipped(
        {"word/document.xml": b"<d xmlns:w='w'>" + b"<w:p><w:t>a</w:t></w:p>" * 300_000 + b"</d>"}, compress=False
    ),
    "zeros.hwp": lambda: _hwp(600_000_000),
    "zeros.png": lambda: png()[:16] + b"\0\1\x86\xa0\0\1\x86\xa0" + png()[24:],
    "uses.svg": lambda: _svg_uses(9),
    "tangle.svg": lambda: _svg_path(f"M{' '.join(f'{n * 7919 % 997} {n * 104729 % 991}' for n in range(50_000))}z"),
    "rings.svg": lambda: _svg_path("".join(f"M{n % 300} {n // 300} h9 v9 h-9 z " for n in range(60_000))),
    "path.svg": lambda: _svg_path("M0 0" + " L1 1" * 2_000_000),
    "placemarks.kml": lambda: kml("".join(pin(f"p{n}", f"-30.{n:06},5") for n in range(100_000))),
    "coordinates.kml": lambda: kml(
        "<Placemark><LineString><coordinates>" + "1,1 " * 3_000_000 + "</coordinates></LineString></Placemark>"
    ),
    "quotes.csv": lambda: csv_of("witness,latitude,longitude", *['"w1,5,-30'] * 100_001),
    "commas.csv": lambda: b"," * 40_000_000,
    "one-cell.csv": lambda: b"witness,latitude,longitude\n" + b"x" * 50_000_000,
    "deep.json": lambda: b"[" * 20_000_000,
    "digits.json": lambda: b'{"statements": [' + b"9" * 5_000_000 + b"]}",
    "deep.yaml": lambda: _yaml_list(4_000),
    "long.yaml": lambda: b"statements:\n" + b"- {id: a, witness: w, kind: pin, point: [1, 2]}\n" * 20_000,
    "braces.rtf": lambda: b"{\\rtf1" + b"{" * 10_000_000,
    "signs.rtf": lambda: b"{\\rtf1 " + b"\\u44032?" * 1_000_000 + b"}",
    "line.txt": lambda: b"a" * 60_000_000,
}  # fmt: skip
