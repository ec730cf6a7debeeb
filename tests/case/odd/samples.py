"""One honest file of each format, as a person brings it, with what is in it known; fictional, in the open ocean."""

from __future__ import annotations

import io
import json
import tempfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pyogrio
from numpy.typing import NDArray
from PIL import Image
from pyproj import Transformer
from shapely.geometry import LineString, Point, Polygon

from tests.case.odd.boxes import doc, hwp, rtf, xls
from tests.case.odd.heic import heic
from tests.case.odd.kept import LAZ, MESH
from tests.case.odd.making import csv_of, kml, pin, png, zipped
from tests.case.odd.said import docx, hwpx
from tests.case.odd.scenes import scene_tif

__all__ = ["INK", "SAMPLES", "SCENE_SAMPLES"]

#: Where the ink is in every drawing: left, top, right, bottom, in parts of the sheet.
INK = (0.25, 0.25, 0.75, 0.75)


def _data(**values: str) -> str:
    items = "".join(f'<Data name="{name}"><value>{value}</value></Data>' for name, value in values.items())
    return f"<ExtendedData>{items}</ExtendedData>"


_RIVER = "<Placemark><name>강</name><LineString><coordinates>-30,5 -30.01,5.02</coordinates></LineString></Placemark>"
_YARD = (
    "<Placemark><name>yard</name>" + _data(witness="w2") + "<Polygon><outerBoundaryIs><LinearRing><coordinates>"
    "-30,5 -29.99,5 -29.99,5.01 -30,5</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
)
_OVERLAY = (
    "<GroundOverlay><name>old map</name><TimeSpan><begin>2009</begin><end>2010</end></TimeSpan><Icon><href>"
    "files/map.png</href></Icon><LatLonBox><north>5.01</north><south>5</south><east>-29.99</east><west>-30</west>"
    "</LatLonBox></GroundOverlay>"
)
_BODY = (
    "<Style id='a'/><gx:Tour><name>flight</name></gx:Tour><Folder><name>survey</name><Folder><name>지형지물</name>"
    f"{_RIVER}</Folder><Folder><name>pins</name>"
    + pin("kitchen", "-30.001,5.002,12", _data(witness="w1", radius_m="150", weather="fog")
          + "<description><![CDATA[we <b>ate</b> here]]></description>")
    + f"{_YARD}</Folder></Folder>"
)  # fmt: skip


def _layer(suffix: str, driver: str, crs: str, name: str, encoding: str | None = None) -> dict[str, bytes]:
    move = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform
    points = [Point(move(-30.002, 5.003)), Point(move(-30.004, 5.005))]
    columns = {"증언자": ["w1", "w2"], "메모": ["부두 옆", "언덕 위"]}
    table = gpd.GeoDataFrame(columns, geometry=points, crs=crs)
    with tempfile.TemporaryDirectory() as folder:
        options = {"encoding": encoding} if encoding else {}
        pyogrio.write_dataframe(table, Path(folder, name + suffix), driver=driver, **options)
        return {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}


def _book(**sheets: list[list[Any]]) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(out)
    return out.getvalue()


def ink(width: int = 64, height: int = 48) -> NDArray[np.uint8]:
    """A white sheet with a grey block in its middle."""
    sheet = np.full((height, width), 255, np.uint8)
    left, top, right, bottom = INK
    sheet[round(top * height) : round(bottom * height), round(left * width) : round(right * width)] = 90
    return sheet


def _picture(form: str, width: int = 64, height: int = 48, **options: Any) -> bytes:
    out = io.BytesIO()
    Image.fromarray(ink(width, height)).convert("RGB").save(out, form, **options)
    return out.getvalue()


def _turned() -> bytes:
    """A photograph taken with the telephone on its side: its EXIF says how to turn it."""
    exif, out = Image.Exif(), io.BytesIO()
    exif[0x0112] = 6
    Image.fromarray(np.rot90(ink()).copy()).convert("RGB").save(out, "JPEG", quality=95, exif=exif)
    return out.getvalue()


_LAYER_GPKG = _layer(".gpkg", "GPKG", "EPSG:32626", "layer")
_LAYER_SHP = _layer(".shp", "ESRI Shapefile", "EPSG:32626", "shape", "CP949")
_LAYER_FGB = _layer(".fgb", "FlatGeobuf", "EPSG:4326", "flat")
_METRES = {"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "EPSG:3857"}}, "features": [
    {"type": "Feature", "properties": {"witness": "w1", "name": "here", "weather": "fog"},
     "geometry": {"type": "Point", "coordinates": [-3339584.723798, 557305.257274]}}]}  # fmt: skip
_ENTITY = {"title": "Fictional place", "template": "t", "metadata": {
    "geolocation": [{"value": {"lat": 5.25, "lon": -30.5, "label": ""}}]}}  # fmt: skip
_EVENT = {"title": "Fictional: a search", "template": "t", "sharedId": "u1", "metadata": {
    "date": [{"value": 1242086400}], "geolocation": [{"value": {"lat": 5, "lon": -30, "label": ""}}],
    "kind": [{"value": "x", "label": "search"}]}}  # fmt: skip
_SAID = """landmarks:
  quay: {name: 부두, geometry: {type: Point, coordinates: [-30, 5]}}
statements:
  - {id: s1, witness: w1, kind: walk, landmark: quay, minutes: [8, 12], direction: N, said: 걸어서 10분,
     exposure: [imagery]}
  - {id: s2, witness: w2, kind: near, landmark: quay, distance_m: 300}
dependent: [[w1, w2]]
"""
_ABOUT = (
    "witness: w1\ndrawn_by: interviewer\nperiod: 2009~/2011\nexposure: [imagery, model]\nnorth: 10\ndepicts: 식당\n"
)
_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 48"><g id="plan"><rect id="b1" class="building" x="16" '
    'y="12" width="32" height="24" fill="none" stroke="black"/><text x="20" y="30">식당</text></g></svg>'
)
_PIN_HEAD = "증언자,위도,경도,반경,메모,날씨"
_KOBO = csv_of(
    "start;deployment/witness;_record_location_latitude;_record_location_longitude;_record_location_altitude;"
    "_record_location_precision;photo;said;_uuid;_submission_time",
    "2026-01-02T10:00:00;;5.1;-30.1;2;8.4;1690000000.jpg;by the sea;uuid-1;2026-01-02T11:00:00",
).replace(b"deployment/witness", b"witness").replace(b":00;;5.1", b":00;w1;5.1")  # fmt: skip

#: File name → its bytes; they are brought together in one folder, as a person would.
SAMPLES: dict[str, bytes] = {
    "plain.kml": kml(_BODY),
    "laid.kmz": zipped({"doc.kml": kml(_BODY + _OVERLAY), "files/map.png": png(64, 48, 77)}),
    "track.gpx": b'<?xml version="1.0"?><gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><wpt lat="5.5" '
    + 'lon="-30.5"><name>정문</name><desc>seen from the road</desc></wpt></gpx>'.encode(),
    "metres.geojson": json.dumps(_METRES).encode(),
    **_LAYER_GPKG, **_LAYER_SHP, **_LAYER_FGB,
    "kobo.csv": _KOBO,
    "1690000000.jpg": _picture("JPEG", 80, 60),
    "odk.csv": csv_of("SubmissionDate,witness,geopoint,said", "2026-01-03,w1,5.2 -30.2 0 4,on the hill"),
    "cp949.csv": f"{_PIN_HEAD}\nw1,5.3,-30.3,50,바닷가 옆,맑음\n".encode("cp949"),
    "utf16.csv": f"{_PIN_HEAD}\nw1,5.4,-30.4,60,언덕 위,흐림\n".encode("utf-16"),
    "sheet.xlsx": _book(자료=[_PIN_HEAD.split(","), ["w2", 5.6, -30.6, 70, "부두", "비"]]),
    "old.xls": xls(pins=[["witness", "latitude", "longitude", "said"], ["w2", 5.7, -30.7, "길 끝"]]),
    "published.csv": csv_of("title,witness,Geolocation_geolocation", "Fictional,w2,5.8|-30.8"),
    "said.yaml": _SAID.encode(),
    "said.json": b'{"statements": [{"id": "s9", "witness": "w1", "kind": "pin", "point": [-30.9, 5.9]}]}',
    "places.json": json.dumps({"rows": [_ENTITY]}).encode(),
    "talk.docx": docx("<w:p><w:r><w:t>문: 어디였습니까?</w:t></w:r></w:p>"
                      "<w:p><w:r><w:t>A: by the </w:t></w:r><w:r><w:t>quay.</w:t></w:r></w:p>"),
    "talk.txt": "문: 어디?\n\n답: 부두 옆이었어요.\n".encode("cp949"),
    "talk.hwpx": hwpx("어디였습니까?", "부두 옆이었어요."),
    "talk.hwp": hwp("어디였습니까?", "언덕 위였어요."),
    "talk.doc": doc("Q: where?", "답: 길 끝이었어요."),
    "talk.rtf": rtf("Q: where?", "답: 다리 옆이었어요."),
    "plan.svg": _SVG.encode(), "plan.yaml": _ABOUT.encode(),
    "scan.png": _picture("PNG"), "scan.json": json.dumps({"witness": "w2", "drawn_by": "witness"}).encode(),
    "photo.jpg": _turned(),
    "page.tif": _picture("TIFF", 96, 72),
    "phone.heic": heic(ink()),
    "print.pdf": _picture("PDF", resolution=72),
    "incidents.csv": csv_of(
        "id,date,place_label,room_label,witness,kind,summary,certainty,violation,victim,source,page,quotation,consent,weather",
        "i1,2009-05~,Kitchen,3,w1,search,Fictional: a search,high,search,v1,talk.docx,2,by the quay,public,fog"),
    "incidents-2.xlsx": _book(사건=[["사건번호", "날짜", "장소", "내용", "위도", "경도"],
                                  ["k1", "2009년 5월 12일", "식당", "허구", 5.01, -30.01]]),
    "incidents-3.json": json.dumps({"rows": [_EVENT]}).encode(),
    "box.glb": bytes(MESH.export(file_type="glb")),
    "cloud.laz": LAZ,
}  # fmt: skip

_IMD = (
    b'satId = "WV02";\nfirstLineTime = 2014-04-18T21:23:03.1Z;\nmeanSunAz = 151.2;\nmeanSunEl = 44.1;\n'
    b"meanOffNadirViewAngle = 12.0;\nmeanProductGSD = 0.52;\n"
)
_DIMAP = (
    b"<Dimap_Document><Dataset_Sources><MISSION>PHR</MISSION><IMAGING_DATE>2015-06-01</IMAGING_DATE></Dataset_Sources>"
    b"<SUN_AZIMUTH unit='deg'>140.5</SUN_AZIMUTH><SUN_ELEVATION>50.5</SUN_ELEVATION></Dimap_Document>"
)
_ISD = (
    b"<isd><IMD><IMAGE><SATID>GE01</SATID><FIRSTLINETIME>2013-03-02T02:03:04.5Z</FIRSTLINETIME><MEANSUNAZ>133.1"
    b"</MEANSUNAZ><MEANSUNEL>33.3</MEANSUNEL></IMAGE></IMD></isd>"
)
_STAC = {"type": "Feature", "bbox": [-30, 4.9, -29, 5], "properties": {
    "datetime": None, "start_datetime": "2014-01-01T00:00:00Z", "end_datetime": "2014-02-01T00:00:00Z",
    "view:sun_azimuth": 150, "view:sun_elevation": None, "gsd": 0.5,
    "providers": [{"name": "A seller (fictional)"}]}}  # fmt: skip
_CORNERS = "acquired: 2014년 5월\ncorners: {nw: [-30, 5.01], ne: [-29.99, 5.01], se: [-29.99, 5], sw: [-30, 5]}\n"
_USGS = csv_of(
    "Entity ID,Acquisition Date,NW Corner Lat dec,NW Corner Long dec,NE Corner Lat dec,NE Corner Long dec,"
    "SE Corner Lat dec,SE Corner Long dec,SW Corner Lat dec,SW Corner Long dec",
    "X,1968/05/12,6.01,-31,6.01,-30.99,6,-30.99,6,-31")  # fmt: skip

#: Scenes with what lies beside them.
SCENE_SAMPLES: dict[str, bytes] = {
    "maxar.tif": scene_tif(1), "maxar.IMD": _IMD,
    "isd.tif": scene_tif(2), "isd.XML": _ISD,
    "IMG_airbus.TIF": scene_tif(3), "DIM_airbus.XML": _DIMAP,
    "rational.tif": scene_tif(4), "rational.RPB": b'satId = "QB02";\nbandId = "P";\n',
    "stac.tif": scene_tif(5), "stac.json": json.dumps(_STAC).encode(),
    "screenshot.png": png(64, 48, 90), "screenshot.yaml": _CORNERS.encode(),
    "declassified.tif": scene_tif(6, crs=None, affine=None), "declassified.csv": _USGS,
    "world.png": png(64, 48, 96), "world.pgw": b"10\n0\n0\n-10\n500005\n551995\n", "world.yaml": b"crs: EPSG:32626\n",
}  # fmt: skip


def ring() -> Polygon:
    """The ground of the screenshot."""
    return Polygon([(-30, 5.01), (-29.99, 5.01), (-29.99, 5), (-30, 5)])


def river() -> LineString:
    """The landmark of the KML."""
    return LineString([(-30, 5), (-30.01, 5.02)])
