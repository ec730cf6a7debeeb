"""A world as a case: the folder that investigators would hand over, and its truth elsewhere."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import yaml

from geoinv.errors import InputError
from geoinv.files.atomic import write_bytes, write_json, write_text
from geoinv.records.claims import Claim
from geoinv.records.incidents import Incident
from geoinv.worlds.drawings import SimulatedDrawing
from geoinv.worlds.incidents import interviews
from geoinv.worlds.paper import scan_png, sketch_svg
from geoinv.worlds.truth import truth_of
from geoinv.worlds.witnesses import Pin
from geoinv.worlds.world import World

__all__ = ["case_text", "incidents_table", "write_case", "write_truth", "yaml_text"]

_CASE = """\
# simulated: true. Everything in this case is invented; the places are open ocean.
title = {title}
simulated = true
# Ids, salts and times are minted from this number, so that the case can be built again byte for byte.
mint_seed = 7
languages = ["en", "ko"]
time_zone = "UTC"

[[audiences]]
name = "public"
incident_place = "building"
minimum_count = 5

[[audiences]]
name = "partners"
incident_place = "room"
minimum_count = 1

[[people]]
id = "investigator"
name = "Example investigator (fictional)"
may_sign = true

[[people]]
id = "reviewer"
name = "Example reviewer (fictional)"
may_sign = true
"""
_COLUMNS = (
    *("id", "simulated", "date_edtf", "place_label", "room_label", "witness", "kind", "summary", "certainty"),
    *(
        "violation",
        "victim",
        "perpetrator",
        "involvement",
        "victim_activity",
        "source",
        "page",
        "consent",
        "embargo_until",
    ),
)


def write_case(
    worlds: Sequence[World],
    folder: Path,
    *,
    title: str = "Example: two fictional facilities",
    truth: Path | None = None,
) -> None:
    """Write worlds as one case.

    Parameters
    ----------
    worlds
        Each becomes one facility; their slugs must differ.
    folder
        The case's folder; made if it is not there. Files of the same names are replaced, nothing else is touched.
    title
        Of the case; "fictional" is added if it is not in it.
    truth
        A folder outside the case for ``<slug>.truth.json``; without one the truth is not written.

    Raises
    ------
    InputError
        If two worlds have one slug, or the truth would lie inside the case.
    ReadOnlyError
        If the folder cannot be written.
    """
    if len({world.slug for world in worlds}) != len(worlds):
        raise InputError("two worlds have the same slug", do="give each world its own slug")
    if truth is not None and truth.resolve().is_relative_to(folder.resolve()):
        raise InputError("the truth must not lie inside the case", do="choose a folder outside it", file=str(truth))
    write_text(folder / "case.toml", case_text(title))
    for world in worlds:
        _write_facility(world, folder / "facilities" / world.slug)
        for scene in world.scenes():
            write_bytes(folder / "imagery" / f"{scene.spec.name}.tif", scene.tif)
            # As providers' programs write it, not as geoinv does.
            item = json.dumps(scene.item, ensure_ascii=False, indent=1)
            write_text(folder / "imagery" / f"{scene.spec.name}.json", item + "\n")
        if truth is not None:
            write_truth(world, truth / f"{world.slug}.truth.json")


def case_text(title: str) -> str:
    """The ``case.toml`` of a fictional case; "fictional" is added to a title that does not say it."""
    shown = title if "fictional" in title.lower() else f"{title} (fictional)"
    return _CASE.format(title=json.dumps(shown, ensure_ascii=False))


def write_truth(world: World, path: Path) -> None:
    """Write a world's truth, for scoring; keep it out of the case."""
    write_json(path, truth_of(world))


def _write_facility(world: World, folder: Path) -> None:
    write_text(folder / "facility.yaml", _facility(world))
    said = world.testimony
    for witness in said.notes:
        mine = [pin for pin in said.pins if pin.witness == witness]
        if mine:
            write_text(folder / "testimony" / f"{witness}.kml", _kml(witness, mine))
    write_text(folder / "testimony" / "kobo-export.csv", _table(list(said.forms)))
    write_text(folder / "testimony" / "statements.yaml", _statements(world))
    for drawing in world.drawings:
        path = folder / "sketches" / drawing.sketch.name
        if drawing.form == "svg":
            write_text(path, sketch_svg(drawing, world.seed))
        else:
            write_bytes(path, scan_png(drawing, world.seed))
    for name, text in interviews(world.incidents).items():
        write_text(folder / "testimony" / name, text)
    write_text(folder / "incidents.csv", incidents_table(world.incidents))


def yaml_text(data: dict[str, Any]) -> str:
    """Data as YAML under a line that calls it fictional."""
    text: str = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, default_flow_style=None, width=120)
    return "# simulated: true. Fictional: made by a program; no person said or suffered any of this.\n" + text


def _facility(world: World) -> str:
    county = world.plan.kind == "county"
    notes = {}
    for name, note in world.testimony.notes.items():
        given = note.plain()
        given["exposure"] = given.get("exposure", [])
        notes[name] = given | {"simulated": True}
    return yaml_text(
        {
            "simulated": True,
            "slug": world.slug,
            "name": f"{world.names[0]} (fictional)",
            "other_names": list(world.names[1:]),
            "agency": "Tiral county guard office (fictional)" if county else "Tiral labour office (fictional)",
            "kind": "detention_centre" if county else "labour_training_camp",
            "level": "county" if county else "provincial",
            "place": world.place,
            "country": "none (fictional; open ocean)",
            "languages": ["en", "ko"],
            "publish_location": "exact",
            "witnesses": notes,
            "sketches": {f"sketches/{drawing.sketch.name}": _sketch_note(drawing) for drawing in world.drawings},
        }
    )


def _sketch_note(drawing: SimulatedDrawing) -> dict[str, Any]:
    sketch = drawing.sketch
    return {
        "witness": sketch.witness,
        "drawn_by": sketch.drawn_by,
        "period": str(sketch.period) if sketch.period else None,
        "scope": sketch.scope,
        **({"north": sketch.north} if sketch.north is not None else {}),
        **({"depicts": sketch.depicts} if sketch.depicts else {}),
        "seen_before": list(sketch.seen_before or ()),
    }


def _kml(witness: str, pins: list[Pin]) -> str:
    marks = "\n".join(
        f"    <Placemark><name>{escape(pin.name)}</name><description>Simulated pin (fictional).</description>"
        f'<ExtendedData><Data name="witness"><value>{witness}</value></Data>'
        f'<Data name="simulated"><value>true</value></Data>'
        f"</ExtendedData><Point><coordinates>{pin.lonlat[0]},{pin.lonlat[1]},0</coordinates></Point></Placemark>"
        for pin in pins
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">\n  <Document>\n'
        f"    <name>{witness} pins (simulated: true)</name>\n{marks}\n  </Document>\n</kml>\n"
    )


def _statements(world: World) -> str:
    said = world.testimony
    plain = said.statements.plain()
    return yaml_text(
        {
            "simulated": True,
            "landmarks": plain["landmarks"],
            "statements": plain["statements"],
            "dependent": plain["dependent"],
            "claims": [_claim(claim) for claim in said.claims],
        }
    )


def _claim(claim: Claim) -> dict[str, Any]:
    """A claim as people write one: without the circumstances that nobody gave."""
    fields = type(claim).model_fields
    usual = {name for name in fields if getattr(claim, name) == fields[name].get_default(call_default_factory=True)}
    return {name: value for name, value in claim.plain().items() if name == "negated" or name not in usual}


def _row(incident: Incident) -> dict[str, Any]:
    act, source = incident.acts[0], incident.sources[0]
    values = {
        **incident.plain(),
        "simulated": "true",
        "date_edtf": str(incident.date or ""),
        **act.plain(),
        "source": source.source,
        "page": source.page,
        "consent": ";".join(incident.consent),
    }
    return {column: values.get(column, "") or "" for column in _COLUMNS}


def incidents_table(incidents: Sequence[Incident]) -> str:
    """Incidents of one act each as the CSV that a case is handed."""
    return _table([_row(incident) for incident in incidents])


def _table(rows: list[dict[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
