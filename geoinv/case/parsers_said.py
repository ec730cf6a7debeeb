"""What was said: facilities, statements, places from maps, and transcripts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from geoinv.case.exported import says_view
from geoinv.case.parsed import Context, Parsed
from geoinv.case.parsers_scenes import laid_pictures
from geoinv.errors import FieldError, InputError
from geoinv.files.kml import KmlDocument, read_kml
from geoinv.files.pins import Told, statements_from_kml
from geoinv.files.places import is_collection, places_of_collection, read_places
from geoinv.files.transcripts import read_transcript
from geoinv.files.uwazi import entities_of, published_places
from geoinv.files.yamls import read_data, read_mapping
from geoinv.records.claims import Claim
from geoinv.records.facility import Facility
from geoinv.records.testimony import Landmark, Statement, Statements

__all__ = [
    "parse_facility",
    "parse_kml_file",
    "parse_places",
    "parse_statements",
    "parse_transcript",
    "records_told",
]


def parse_facility(path: Path, context: Context) -> Parsed:
    """The facility's own record, and who is not independent of whom.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    slug = context.relative.parent.name
    facility = Facility.read({"slug": slug, **read_mapping(path)}, file=path.name)
    assumed = []
    if facility.slug != slug:
        assumed.append(f"its slug is “{facility.slug}” but its folder is “{slug}”; the folder's name is used.")
        facility = facility.model_copy(update={"slug": slug})
    records: list[tuple[str, str, Any]] = [("facility", facility.slug, facility.plain())]
    for codename, witness in facility.witnesses.items():
        heard = (witness.heard_from,) if isinstance(witness.heard_from, str) else witness.heard_from
        if heard:
            records.append(("dependence", codename, {"witnesses": [codename, *heard]}))
    return Parsed(tuple(records), tuple(assumed))


def records_told(told: Told, name: str) -> tuple[tuple[str, str, Any], ...]:
    """Statements, named so that two files' ``s1`` stay apart (``file#s1``), and landmarks, as records."""
    full = (statement.model_copy(update={"id": f"{name}#{statement.id}"}) for statement in told.statements)
    records = [("statement", statement.id.partition("#")[2], statement.plain()) for statement in full]
    return (*records, *(("landmark", key, landmark.plain()) for key, landmark in told.landmarks.items()))


def _told(told: Told, name: str, *, assumed: tuple[str, ...] = (), also: Parsed | None = None) -> Parsed:
    also = also or Parsed()
    return Parsed(
        records_told(told, name),
        (*assumed, *told.assumed),
        (*told.notes, *also.notes),
        (*told.problems, *also.problems),
        also.unpacked,
    )


def _codename(path: Path) -> str:
    """A file of places that names no witness is taken to be the witness its name says."""
    return path.stem


def parse_kml_file(path: Path, context: Context) -> Parsed:
    """Pins, areas and landmarks of a KML or KMZ, and the pictures it lays on the ground.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    document = read_kml(path)
    told = statements_from_kml(document, file=path.name, witness=_codename(path))
    return _told(told, path.name, also=laid_pictures(document, context))


def _marked(document: KmlDocument, path: Path, assumed: tuple[str, ...] = ()) -> Parsed:
    return _told(statements_from_kml(document, file=path.name, witness=_codename(path)), path.name, assumed=assumed)


def parse_places(path: Path, context: Context) -> Parsed:
    """Pins, areas and landmarks of a GPX, GeoJSON, GeoPackage, Shapefile or FlatGeobuf.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    if path.suffix.lower() == ".geojson":
        return _marked(places_of_collection(read_mapping(path), file=path.name), path)
    if says_view(path):
        what = "this is a view of a case and no testimony"
        raise InputError(what, do="give the view itself to “geoinv add”", file=path.name)
    document, assumed = read_places(path)
    return _marked(document, path, assumed)


def parse_statements(path: Path, context: Context) -> Parsed:
    """Statements in YAML or JSON; a GeoJSON or a Uwazi export under the name ``.json`` is known by its content.

    Raises
    ------
    InputError
        If the file cannot be read or is none of these.
    """
    data = read_data(path)
    if is_collection(data):
        return _marked(places_of_collection(data, file=path.name), path)
    if (rows := entities_of(data)) is not None:
        return _told(published_places(rows, file=path.name), path.name)
    if not isinstance(data, dict) or not data.keys() & {"statements", "landmarks", "claims"}:
        raise FieldError(
            "there are neither “statements” nor “landmarks” nor “claims” in it",
            do="see “geoinv schema statements”",
            file=path.name,
        )
    landmarks, misplaced = _good_landmarks(data, path.name)
    good, problems, borrowed = _good_statements(data, landmarks, context, path.name)
    said = {key: value for key, value in data.items() if key != "claims"}
    read = Statements.read({**said, "landmarks": landmarks | borrowed, "statements": good}, file=path.name)
    told = Told(read.statements, {key: mark for key, mark in read.landmarks.items() if key not in borrowed})
    records = [*records_told(told, path.name), *(("landmark", key, mark.plain()) for key, mark in borrowed.items())]
    records += [("dependence", "+".join(group), {"witnesses": list(group)}) for group in read.dependent]
    claims, unread = _good_claims(data, path.name)
    return Parsed((*records, *claims), problems=(*misplaced, *problems, *unread))


def _good_claims(data: Mapping[str, Any], name: str) -> tuple[list[tuple[str, str, Any]], tuple[str, ...]]:
    """Records of the claims that can be read, and a sentence for each that cannot."""
    rows = data.get("claims") or []
    if not isinstance(rows, list):
        raise FieldError("“claims” is not a list", do="write one item per claim", file=name, field="claims")
    good: dict[str, Any] = {}
    problems: list[str] = []
    for number, row in enumerate(rows, 1):
        item = f"claim {row.get('id', number) if isinstance(row, dict) else number}"
        try:
            claim = Claim.read(row, file=name, item=item)
            if claim.id in good:
                raise FieldError("its id is used before", do="give each its own id", file=name, item=item, field="id")
            good[claim.id] = claim.model_copy(update={"id": f"{name}#{claim.id}"}).plain()
        except FieldError as error:
            problems.append(error.sentence())
    return [("claim", key, value) for key, value in good.items()], tuple(problems)


def _good_landmarks(data: Mapping[str, Any], name: str) -> tuple[dict[str, Landmark], tuple[str, ...]]:
    """Landmarks that can be used by themselves, and a sentence for each that cannot."""
    given = data.get("landmarks") or {}
    if not isinstance(given, dict):
        raise FieldError("“landmarks” is not a list of named places", do="write “name: geometry”", file=name,
                         field="landmarks")  # fmt: skip
    found: dict[str, Landmark] = {}
    problems: list[str] = []
    for key, value in given.items():
        bare = isinstance(value, dict) and "geometry" not in value
        try:
            mark = Landmark.read({"name": str(key), "geometry": value} if bare else value, file=name,
                                 item=f"landmark {key}")  # fmt: skip
            west, south, east, north = mark.geometry.bounds if not mark.geometry.is_empty else (999.0,) * 4
            if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
                raise FieldError("its place is no longitude and latitude", do="write longitude first, in degrees",
                                 file=name, item=f"landmark {key}", field="geometry")  # fmt: skip
            found[str(key)] = mark
        except FieldError as error:
            problems.append(error.sentence())
    return found, tuple(problems)


def _good_statements(
    data: Mapping[str, Any], landmarks: Mapping[str, Landmark], context: Context, name: str
) -> tuple[list[Any], tuple[str, ...], dict[str, Landmark]]:
    """Statements that can be used, a sentence for each that cannot, and the landmarks they borrow from other files."""
    good, problems = [], []
    borrowed: dict[str, Landmark] = {}
    seen: set[str] = set()
    rows = data.get("statements") or []
    if not isinstance(rows, list):
        raise FieldError("“statements” is not a list", do="write one item per statement", file=name, field="statements")
    for number, row in enumerate(rows, 1):
        item = f"statement {row.get('id', number) if isinstance(row, dict) else number}"
        try:
            statement = Statement.read(row, file=name, item=item)
            if statement.id in seen:
                raise FieldError("its id is used before", do="give each its own id", file=name, item=item, field="id")
            for key in filter(None, (statement.landmark, *statement.landmarks)):
                if key not in landmarks:
                    borrowed[key] = _borrowed(key, context, name, item)
            seen.add(statement.id)
            good.append(row)
        except FieldError as error:
            problems.append(error.sentence())
    return good, tuple(problems), borrowed


def _borrowed(key: str, context: Context, name: str, item: str) -> Landmark:
    """A landmark of another file of the facility; it is copied, so that a later change there leaves this one whole."""
    found = context.landmarks().get(key)
    if found is None:
        raise FieldError(f"it names landmark “{key}”, which is not listed", do="list it under landmarks", file=name,
                         item=item)  # fmt: skip
    return found


def parse_transcript(path: Path, context: Context) -> Parsed:
    """A transcript, kept whole; a passage is quoted as ``file#p12``.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    transcript = read_transcript(path)
    told = (*transcript.notes, f"{len(transcript.passages)} paragraphs, quoted as {path.name}#p1 and so on.")
    return Parsed((("transcript", path.name, transcript.plain()),), notes=told)
