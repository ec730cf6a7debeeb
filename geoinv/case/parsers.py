"""From a file of each kind to records: which parser reads it."""

from __future__ import annotations

from geoinv.case.parsed import Parser
from geoinv.case.parsers_kept import (
    parse_about,
    parse_archive,
    parse_picture,
    parse_recording,
    parse_reference,
    parse_sketch,
)
from geoinv.case.parsers_said import (
    parse_facility,
    parse_kml_file,
    parse_places,
    parse_statements,
    parse_transcript,
)
from geoinv.case.parsers_scenes import parse_scene
from geoinv.case.parsers_tables import parse_incidents, parse_table

__all__ = ["PARSERS"]

#: Kind of file → what reads it; kinds that are not here are kept as they are.
PARSERS: dict[str, Parser] = {
    "about": parse_about,
    "archive": parse_archive,
    "facility": parse_facility,
    "incidents": parse_incidents,
    "picture": parse_picture,
    "pins": parse_kml_file,
    "places": parse_places,
    "recording": parse_recording,
    "reference": parse_reference,
    "scene": parse_scene,
    "sketch": parse_sketch,
    "statements": parse_statements,
    "table": parse_table,
    "transcript": parse_transcript,
}
