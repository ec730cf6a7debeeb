"""Places from GPX, GeoJSON, GeoPackage, Shapefile and FlatGeobuf, as placemarks in longitude and latitude."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from geoinv.errors import FieldError, UnreadableFileError, UnsafeFileError
from geoinv.files.geojson import crs_of
from geoinv.files.geopackages import computed_tables
from geoinv.files.kml import KmlDocument, Placemark
from geoinv.files.limits import MEGABYTE, MOST_ROWS, read_bytes
from geoinv.files.xmls import local, parse_xml

__all__ = ["is_collection", "layer_tables", "places_of_collection", "read_places"]

_MOST_BYTES = 64 * MEGABYTE
#: How each format begins. Suffixes are not believed: GDAL opens a list of links to other files under any name.
_MAGIC = {".gpkg": b"SQLite format 3\0", ".fgb": b"fgb", ".shp": b"\0\0\x27\x0a"}
#: Layers of a GPX that repeat the points of its lines.
_REPEATED = {"route_points", "track_points"}
_NAME = ("name", "title", "label", "이름", "명칭", "제목")
_DESCRIPTION = ("description", "desc", "cmt", "설명")
_INTERNAL = {"geometry", "fid", "track_fid", "track_seg_id", "route_fid", "route_point_id"}


def _lower(values: Mapping[str, str], names: tuple[str, ...]) -> str:
    found = {key.casefold(): value for key, value in values.items()}
    return next((found[name] for name in names if found.get(name)), "")


def _text(value: Any) -> str:
    """A property as text; nested values as JSON would write them; empty if unknown."""
    if value is None or isinstance(value, bytes) or value is pd.NaT or value is pd.NA:
        return ""
    if isinstance(value, float):
        return "" if not math.isfinite(value) else str(int(value)) if value == int(value) else str(value)
    return str(value).strip()


def _on_earth(geometry: BaseGeometry | None) -> BaseGeometry:
    """A geometry that is there and lies on the Earth, without heights."""
    if geometry is None or geometry.is_empty:
        raise FieldError("it has no place", do="mark it on the map, or leave it out", field="geometry")
    flat = shapely.force_2d(geometry)
    west, south, east, north = flat.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise FieldError(
            f"{west:g}, {south:g} is no longitude and latitude", do="export it in WGS 84 (EPSG:4326), or with its CRS",
            field="geometry",
        )  # fmt: skip
    parts = shapely.get_parts(flat)
    return parts[0] if flat.geom_type == "MultiPoint" and len(parts) == 1 else flat


def _marks(
    rows: Iterator[tuple[Mapping[str, Any], BaseGeometry | FieldError | None, tuple[str, ...]]], file: str
) -> KmlDocument:
    """Rows of properties and geometry as placemarks, and a sentence for each that has no usable place."""
    marks: list[Placemark] = []
    problems: list[str] = []
    for number, (properties, geometry, path) in enumerate(rows, 1):
        data = {str(key): text for key, value in properties.items() if key not in _INTERNAL and (text := _text(value))}
        name, description = _lower(data, _NAME), _lower(data, _DESCRIPTION)
        item = f"feature {number}" + (f" “{name[:60]}”" if name else "")
        try:
            if isinstance(geometry, FieldError):
                raise geometry
            marks.append(Placemark(name, description, data, _on_earth(geometry), path, number))
        except FieldError as error:
            problems.append(error.at(file=file, item=item).sentence())
    return KmlDocument(tuple(marks), problems=tuple(problems))


def _moved(geometry: BaseGeometry, move: Transformer | None) -> BaseGeometry:
    if move is None:
        return geometry
    return shapely.transform(geometry, lambda xy: _columns(move.transform(xy[:, 0], xy[:, 1])))


def _columns(pair: Any) -> Any:
    return shapely.get_coordinates(shapely.points(*pair))


def _shaped(item: Mapping[str, Any], move: Transformer | None) -> BaseGeometry | FieldError | None:
    """A feature's geometry, or what is wrong with it."""
    if item.get("geometry") is None:
        return None
    try:
        return _moved(shapely.force_2d(shape(item["geometry"])), move)
    except (ShapelyError, ProjError, AttributeError, KeyError, TypeError, ValueError, IndexError, RecursionError):
        return FieldError("this is not a GeoJSON geometry", do="draw it again", field="geometry")


def places_of_collection(data: Mapping[str, Any], *, file: str) -> KmlDocument:
    """Places of a parsed GeoJSON feature collection, or of one feature.

    Parameters
    ----------
    data
        As parsed; a legacy ``crs`` member naming an EPSG code is honoured.
    file
        The file's name, for messages.

    Returns
    -------
    KmlDocument
        One placemark a feature; its ``name``, ``title`` or ``label`` names it.

    Raises
    ------
    UnreadableFileError
        If it is no feature collection.
    FieldError
        If its CRS is not known.
    """
    items = [data] if data.get("type") == "Feature" else data.get("features")
    if not isinstance(items, list):
        raise UnreadableFileError("this is not a GeoJSON feature collection", do="export it as GeoJSON", file=file)
    crs = crs_of(dict(data), file)
    move = None if crs.equals(CRS.from_epsg(4326)) else Transformer.from_crs(crs, "EPSG:4326", always_xy=True)

    def rows() -> Iterator[tuple[Mapping[str, Any], BaseGeometry | FieldError | None, tuple[str, ...]]]:
        for item in items:
            if not isinstance(item, dict):
                yield {}, FieldError("this is not a feature", do="export the file again"), ()
                continue
            properties = item.get("properties")
            yield properties if isinstance(properties, dict) else {}, _shaped(item, move), ()

    return _marks(rows(), file)


def _check_kind(path: Path, suffix: str) -> bytes:
    """The file's bytes, if it is of the kind that its suffix says."""
    data = read_bytes(path, most=_MOST_BYTES)
    if suffix == ".gpx":
        if local(parse_xml(data, file=path.name, what="GPX")) != "gpx":
            raise UnreadableFileError("this is not GPX", do="export the way points as GPX", file=path.name)
    elif not data.startswith(_MAGIC.get(suffix, b"")):
        raise UnreadableFileError(
            f"this is not what {suffix} files are", do="export it again as GeoJSON or GPKG", file=path.name
        )
    return data


def _layer(source: Path | bytes, layer: str | None, file: str) -> pd.DataFrame:
    """One layer, with geometry if it has any; Korean text without a stated encoding is cp949."""
    encodings: tuple[str | None, ...] = (None,)
    if isinstance(source, Path) and not source.with_suffix(".cpg").exists():
        encodings = ("UTF-8", "CP949")
    for encoding in encodings:
        given = source if isinstance(source, Path) else io.BytesIO(source)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # GDAL's remarks; what matters is said below
                table = pyogrio.read_dataframe(
                    given, layer=layer, encoding=encoding, on_invalid="ignore", max_features=MOST_ROWS + 1
                )
                promised = int(pyogrio.read_info(given, layer=layer, encoding=encoding)["features"])
        except UnicodeDecodeError:
            continue
        except Exception as error:  # GDAL's drivers raise what they like
            raise UnreadableFileError(
                "this is not a vector file that can be read", do="export it as GeoJSON or GPKG", file=file
            ) from error
        if len(table) > MOST_ROWS:
            raise UnsafeFileError(f"this file has more than {MOST_ROWS} features", do="split it", file=file)
        if len(table) < promised:  # GDAL is silent about features it finds no more
            raise UnreadableFileError(
                f"this file is cut off: it holds {len(table)} of its {promised} features", do="copy it again", file=file
            )
        return pd.DataFrame(table) if not isinstance(table, pd.DataFrame) else table
    raise UnreadableFileError("the encoding of this file's words is not known", do="export it as GPKG", file=file)


def _lonlat(table: gpd.GeoDataFrame, file: str) -> tuple[gpd.GeoDataFrame, bool]:
    """The table in longitude and latitude, and whether that had to be assumed."""
    if table.crs is not None:
        try:
            return table.to_crs("EPSG:4326"), False
        except ProjError as error:
            raise FieldError(
                "the CRS that this file names is no place on the earth",
                do="export it with an EPSG code, such as EPSG:4326",
                file=file,
                field="crs",
            ) from error
    west, south, east, north = table.total_bounds if len(table) else (0, 0, 0, 0)
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise FieldError("the file does not say which CRS it is in", do="add its .prj, or export it with its CRS",
                         file=file, field="crs")  # fmt: skip
    return table, True


def _layers(path: Path, data: bytes, suffix: str) -> Iterator[tuple[str, pd.DataFrame | None]]:
    """Name and rows of each layer; ``None`` of one that the file computes: it may be computed without end."""
    if suffix == ".shp":
        yield "", _layer(path, None, path.name)
        return
    if suffix == ".fgb" and len(data) < 12 + int.from_bytes(data[8:12], "little"):  # magic, then the header's size
        raise UnreadableFileError("this file is cut off in its header", do="copy it again", file=path.name)
    computed = computed_tables(data, file=path.name) if suffix == ".gpkg" else frozenset()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # GDAL's remarks
            names = [str(name) for name, _ in pyogrio.list_layers(io.BytesIO(data))]
    except Exception as error:  # GDAL's drivers raise what they like
        raise UnreadableFileError(
            "this is not a vector file that can be read", do="export it as GeoJSON or GPKG", file=path.name
        ) from error
    for name in names:
        if not (suffix == ".gpx" and name in _REPEATED):
            yield name, None if name.casefold() in computed else _layer(data, name, path.name)


def layer_tables(path: Path, *, suffix: str) -> Iterator[tuple[str, pd.DataFrame | None]]:
    """Name and rows of every layer of a GeoPackage, Shapefile or FlatGeobuf; ``None`` of what a view computes.

    Parameters
    ----------
    path
        The file.
    suffix
        Of the name that it was received under.

    Raises
    ------
    UnreadableFileError, UnsafeFileError
        As ``read_places``.
    """
    yield from _layers(path, _check_kind(path, suffix), suffix)


def read_places(path: Path) -> tuple[KmlDocument, tuple[str, ...]]:
    """Places of a GPX, GeoPackage, Shapefile or FlatGeobuf file.

    Parameters
    ----------
    path
        Known by suffix, and held to it by how the file begins, so that nothing else is opened under its name. A
        Shapefile's other parts (``.shx``, ``.dbf``, ``.prj``, ``.cpg``) lie beside it.

    Returns
    -------
    document
        Placemarks, each in the folder of its layer's name; tables without geometry are left out with a word.
    assumed
        What was taken for granted, a sentence each.

    Raises
    ------
    UnreadableFileError, UnsafeFileError, FieldError
        If the file is not what it says, is far too large, or its places are in an unknown CRS.
    """
    suffix = path.suffix.lower()
    data = _check_kind(path, suffix)
    ignored: list[str] = []
    assumed: list[str] = []
    read: list[tuple[str, gpd.GeoDataFrame]] = []
    unread: list[str] = []
    for name, table in _layers(path, data, suffix):
        if table is None:
            unread.append(name)
            continue
        if not isinstance(table, gpd.GeoDataFrame):
            ignored.append(f"{path.name}: the table “{name}” has no geometry, and its {len(table)} rows are not read.")
            continue
        placed, guessed = _lonlat(table, path.name)
        if guessed and len(table):
            assumed.append("the file names no CRS; its numbers are taken to be longitude and latitude (WGS 84).")
        read.append((name, placed))

    def rows() -> Iterator[tuple[Mapping[str, Any], BaseGeometry | FieldError | None, tuple[str, ...]]]:
        for name, table in read:
            columns = [column for column in table.columns if column != table.geometry.name]
            records = table[columns].to_dict("records")
            for values, geometry in zip(records, table.geometry, strict=True):
                yield values, geometry, ((name,) if name else ())

    document = _marks(rows(), path.name)
    problems = (*_views_told(unread, path.name), *document.problems)
    return KmlDocument(document.placemarks, ignored=tuple(ignored), problems=problems), tuple(assumed)


def _views_told(names: list[str], file: str) -> tuple[str, ...]:
    """One sentence for all the views of a file."""
    if not names:
        return ()
    others = f" and {len(names) - 1} more" if len(names) > 1 else ""
    error = FieldError("a view is computed when it is read, perhaps without end, and is not read", do="export it as a "
                       "layer", file=file, item=f"view “{names[0]}”{others}")  # fmt: skip
    return (error.sentence(),)


def is_collection(data: Any) -> bool:
    """Whether parsed JSON is a GeoJSON feature or feature collection."""
    return isinstance(data, dict) and data.get("type") in ("Feature", "FeatureCollection")
