"""Whole files of twelve rows of which one is odd, in every format of rows: the eleven others must arrive."""

from __future__ import annotations

import io
import json
import random
import tempfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import openpyxl
import pyogrio
from shapely.geometry import MultiPoint, Point
from shapely.geometry.base import BaseGeometry

from tests.case.odd.boxes import doc, hwp, rtf, xls
from tests.case.odd.making import zipped
from tests.case.odd.said import docx, hwpx

__all__ = ["ROWS", "ROW_FORMATS", "whole_file"]

ROWS = 12
#: Latitude and longitude of each row, as text; in the odd row the latitude is noise.
_Places = list[tuple[str, str]]


def _csv(places: _Places, rng: random.Random, sign: str = ",") -> bytes:
    lines = [sign.join(("witness", "latitude", "longitude"))]
    for number, (lat, lon) in enumerate(places):
        cells = [f"w{number}", lat, lon]
        if not lat.startswith("5.") and rng.random() < 0.5:  # the odd row: a mark never closed, cells lost or added
            cells = rng.choice((['"' + cells[0], *cells[1:]], cells[:1], [*cells, "more", "more"], ['"', *cells[1:]]))
        lines.append(sign.join(cells))
    end = rng.choice(("\n", "\r\n", "\r"))
    return end.join(lines).encode(rng.choice(("utf-8", "cp949", "utf-16", "utf-8-sig")), "ignore")


def _book(places: _Places, rng: random.Random) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["증언자", "위도", "경도"])
    for number, (lat, lon) in enumerate(places):
        book.active.append([f"w{number}", float(lat) if lat.startswith("5.") else lat, float(lon)])
    book.save(out)
    return out.getvalue()


def _old_book(places: _Places, rng: random.Random) -> bytes:
    rows = [[f"w{at}", float(lat) if lat.startswith("5.") else lat, float(lon)] for at, (lat, lon) in enumerate(places)]
    return xls(pins=[["witness", "latitude", "longitude"], *rows])


def _kml(places: _Places, rng: random.Random) -> bytes:
    marks = "".join(f"<Placemark><Point><coordinates>{x},{y}</coordinates></Point></Placemark>" for y, x in places)
    return f"<kml><Document>{marks}</Document></kml>".encode()


def _gpx(places: _Places, rng: random.Random) -> bytes:
    marks = "".join(f'<wpt lat="{y or 99}" lon="{x}"><name>n</name></wpt>' for y, x in places)
    return f'<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">{marks}</gpx>'.encode()


def _geojson(places: _Places, rng: random.Random) -> bytes:
    odd = (None, {"type": "Point", "coordinates": []}, {"type": "Point"}, {"type": "Blob", "coordinates": [1, 2]}, 7,
           {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]},
           {"type": "Point", "coordinates": [1e9, 2]})  # fmt: skip
    shapes = [
        {"type": "Point", "coordinates": [float(x), float(y)]} if y.startswith("5.") else rng.choice(odd)
        for y, x in places
    ]
    features = [{"type": "Feature", "properties": {"n": 1}, "geometry": shape} for shape in shapes]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def _written(suffix: str, driver: str) -> Callable[[_Places, random.Random], bytes]:
    def make(places: _Places, rng: random.Random) -> bytes:
        odd: tuple[BaseGeometry | None, ...] = (None, Point(), Point(500, 500), MultiPoint([(1, 1), (2, 2)]))
        if driver != "GPKG":
            odd = (None, Point(500, 500))
        shapes = [Point(float(x), float(y)) if y.startswith("5.") else rng.choice(odd) for y, x in places]
        names = [y if y.startswith("5.") else y.replace("\0", "") for y, _ in places]
        table = gpd.GeoDataFrame({"name": names}, geometry=shapes, crs="EPSG:4326")
        with tempfile.TemporaryDirectory() as folder:
            options = {"SPATIAL_INDEX": "NO"} if driver == "FlatGeobuf" else {}
            pyogrio.write_dataframe(table, Path(folder, f"rows{suffix}"), driver=driver, **options)
            if suffix != ".shp":
                return Path(folder, f"rows{suffix}").read_bytes()
            return zipped({path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())})

    return make


def _statements(places: _Places) -> list[dict[str, object]]:
    return [
        {"id": f"s{n}", "witness": "w1", "kind": "pin", "point": [float(x), float(y) if y.startswith("5.") else y]}
        for n, (y, x) in enumerate(places)
    ]


def _yaml(places: _Places, rng: random.Random) -> bytes:
    rows = "".join(
        f'  - {{id: s{n}, witness: w1, kind: pin, point: [{x}, "{y}"]}}\n' for n, (y, x) in enumerate(places)
    )
    return f"statements:\n{rows}".encode()


def _json(places: _Places, rng: random.Random) -> bytes:
    return json.dumps({"statements": _statements(places)}).encode()


def _uwazi(places: _Places, rng: random.Random) -> bytes:
    rows = [
        {"title": f"t{n}", "template": "t", "metadata": {"geolocation": [{"value": {
            "lat": float(y) if y.startswith("5.") else y, "lon": float(x)}}]}}
        for n, (y, x) in enumerate(places)
    ]  # fmt: skip
    return json.dumps({"rows": rows}).encode()


def _incidents(places: _Places, rng: random.Random) -> bytes:
    lines = [f"i{n},2009-05,Fictional,{y},{x}" for n, (y, x) in enumerate(places)]
    return "\n".join(("id,date,summary,latitude,longitude", *lines)).encode()


def _incident_list(places: _Places, rng: random.Random) -> bytes:
    rows = [
        {"id": f"i{n}", "summary": "Fictional", "point": [float(x), float(y) if y.startswith("5.") else y]}
        for n, (y, x) in enumerate(places)
    ]
    return json.dumps(rows).encode()


def _plain(text: str) -> str:
    return "".join(sign for sign in text if sign.isalnum() or sign in " .-+") or "x"


def _said(make: Callable[..., bytes]) -> Callable[[_Places, random.Random], bytes]:
    return lambda places, rng: make(*(f"passage {_plain(y)} {x}" for y, x in places))


def _word(*texts: str) -> bytes:
    return docx("".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in texts))


#: File name → what makes it, and whether its rows are passages of a transcript.
ROW_FORMATS: dict[str, tuple[Callable[[_Places, random.Random], bytes], bool]] = {
    "rows.csv": (_csv, False),
    "rows.tsv": (lambda places, rng: _csv(places, rng, "\t"), False),
    "rows.xlsx": (_book, False),
    "rows.xls": (_old_book, False),
    "rows.kml": (_kml, False),
    "rows.kmz": (lambda places, rng: zipped({"doc.kml": _kml(places, rng)}), False),
    "rows.gpx": (_gpx, False),
    "rows.geojson": (_geojson, False),
    "rows.gpkg": (_written(".gpkg", "GPKG"), False),
    "rows.fgb": (_written(".fgb", "FlatGeobuf"), False),
    "rows.shp": (_written(".shp", "ESRI Shapefile"), False),
    "rows.yaml": (_yaml, False),
    "rows.json": (_json, False),
    "uwazi.json": (_uwazi, False),
    "incidents.csv": (_incidents, False),
    "incidents.json": (_incident_list, False),
    "rows.docx": (_said(_word), True),
    "rows.hwpx": (_said(hwpx), True),
    "rows.hwp": (_said(hwp), True),
    "rows.doc": (_said(doc), True),
    "rows.rtf": (_said(rtf), True),
    "rows.txt": (_said(lambda *texts: "\n".join(texts).encode()), True),
}


def whole_file(rng: random.Random, name: str | None = None) -> tuple[str, bytes, bool]:
    """A file of twelve rows, one of them odd but a row: its name, its bytes, and whether its rows are passages.

    A Shapefile comes as a zip of its parts.
    """
    name = name or rng.choice(list(ROW_FORMATS))
    make, passages = ROW_FORMATS[name]
    bad = rng.randrange(ROWS)
    # Only signs that end no row and no element: the neighbours must stay whole.
    noise = "".join(rng.choice("abc0189.-+eE정분 °") for _ in range(rng.randint(0, 30)))
    noise = noise.removeprefix("5.")
    places = [(noise if at == bad else f"5.{at:03}", f"-30.{at:03}") for at in range(ROWS)]
    return name, make(places, rng), passages
