"""What publishing reads of a case: its records, and what the last build wrote about each facility."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from geoinv.api.consent import Owners
from geoinv.errors import GeoinvError
from geoinv.files.geojson import read_json
from geoinv.imagery.scene import open_scene
from geoinv.pages.underlays import Underlay, surroundings, underlay_of
from geoinv.records.blueprint import Blueprint
from geoinv.records.consent import Audience, CaseSettings
from geoinv.records.decisions import RecordConsent
from geoinv.records.drawings import Sketch
from geoinv.records.facility import Facility
from geoinv.records.footprints import Footprint
from geoinv.records.incidents import Binding, Incident
from geoinv.records.scenes import SceneRecord
from geoinv.records.testimony import Statements

__all__ = ["Built", "FacilityRead", "PublishableCase", "read_built", "read_case", "underlays_of"]


class PublishableCase(Protocol):
    """What publishing asks of a case (``geoinv.case.folder.Case`` answers)."""

    root: Path
    settings: CaseSettings

    @property
    def ledger_head(self) -> str:
        """Hash of the last entry a release depends on."""

    @property
    def evidence_day(self) -> date | None:
        """Day of that entry."""

    @property
    def key(self) -> bytes:
        """The case's own key."""

    def facilities(self) -> tuple[Facility, ...]:
        """All facilities."""

    def incident_records(self, slug: str) -> tuple[Incident, ...]:
        """A facility's incidents."""

    def bindings(self, slug: str) -> tuple[Binding, ...]:
        """Where its incidents were bound to."""

    def statements(self, slug: str) -> Statements:
        """What was said about where it is."""

    def sketches(self, slug: str) -> tuple[Sketch, ...]:
        """Its drawings."""

    def scenes(self) -> tuple[tuple[str, dict[str, Any]], ...]:
        """Path below the case and record data of every scene."""

    def audience(self, name: str) -> Audience | None:
        """An audience's rules."""

    def consents(self) -> tuple[RecordConsent, ...]:
        """Consent that stands."""

    def models_dir(self, slug: str) -> Path:
        """Folder of what was built."""

    @property
    def store(self) -> Any:
        """The records; its chain tells which releases were made."""


@dataclass(frozen=True)
class Built:
    """What the last build knew of a facility; empty where it has not been built."""

    footprints: tuple[Footprint, ...] = ()
    blueprint: Blueprint | None = None
    best: tuple[float, float] | None = None


@dataclass(frozen=True)
class FacilityRead:
    """Everything publishing reads of one facility, read once.

    Attributes
    ----------
    owners
        Whose account each of its sources is.
    secrets
        Words that may stand in nothing published: codenames, file names, ids and names of people in records.
    """

    facility: Facility
    built: Built
    incidents: tuple[Incident, ...]
    bindings: tuple[Binding, ...]
    owners: Owners
    secrets: frozenset[str]


def read_case(case: PublishableCase) -> tuple[FacilityRead, ...]:
    """Every facility of a case with its records and what was built of it, by slug.

    Raises
    ------
    UnreadableFileError, FieldError
        If a file is not what a build writes.
    """
    scenes = frozenset(Owners.base(path) for path, _ in case.scenes())
    found = []
    for facility in case.facilities():
        incidents = case.incident_records(facility.slug)
        owners = _owners(case, facility, scenes)
        built = read_built(case.models_dir(facility.slug))
        secrets = _secrets(facility, incidents, owners, scenes)
        found.append(FacilityRead(facility, built, incidents, case.bindings(facility.slug), owners, secrets))
    return tuple(found)


def _owners(case: PublishableCase, facility: Facility, scenes: frozenset[str]) -> Owners:
    known: dict[str, str | None] = {Owners.base(path): note.witness for path, note in facility.sketches.items()}
    for sketch in case.sketches(facility.slug):
        known[Owners.base(sketch.name)] = sketch.witness or known.get(Owners.base(sketch.name))
    known |= {statement.id: statement.witness for statement in case.statements(facility.slug).statements}
    return Owners(known, scenes - set(known))


def _secrets(
    facility: Facility, incidents: Sequence[Incident], owners: Owners, scenes: frozenset[str]
) -> frozenset[str]:
    words = set(facility.witnesses) | set(facility.perpetrators) | scenes
    words |= {source for source in owners.witness_of if len(source) >= 6}
    words |= {post.holder for post in facility.posts if post.holder}
    words |= {witness for witness in owners.witness_of.values() if witness}
    for incident in incidents:
        people = (incident.witness, *(person for act in incident.acts for person in (act.victim, act.perpetrator)))
        words |= {word for word in (*people, *(source.source for source in incident.sources)) if word}
    return frozenset(word for word in words if not word.isdigit())


#: Columns of ``footprints.geojson`` that hold nested values, which a flat format writes as JSON text.
_NESTED = ("labels", "drawn", "confidence", "evidence", "warnings", "height_m")


def _footprint(item: Mapping[str, Any], name: str) -> Footprint:
    data = {key: value for key, value in dict(item.get("properties") or {}).items() if value is not None}
    for key in _NESTED:
        if isinstance(data.get(key), str) and data[key][:1] in ("[", "{"):
            data[key] = json.loads(data[key])
    best = data.get("height_m")
    if isinstance(best, int | float):
        low, high = data.get("height_low_m", best), data.get("height_high_m", best)
        data["height_m"] = {"low": low, "best": best, "high": high}
    known = {key: value for key, value in data.items() if key in Footprint.model_fields}
    return Footprint.read({**known, "geometry": item.get("geometry")}, file=name, item=f"feature {data.get('id')}")


def read_built(folder: Path) -> Built:
    """Read what a build wrote of one facility.

    Raises
    ------
    UnreadableFileError, FieldError
        If a file is not what a build writes.
    """
    footprints: tuple[Footprint, ...] = ()
    if (folder / "footprints.geojson").is_file():
        features = read_json(folder / "footprints.geojson")["features"]
        footprints = tuple(_footprint(item, "footprints.geojson") for item in features)
    blueprint = None
    if (folder / "blueprint.json").is_file():
        data = read_json(folder / "blueprint.json")
        blueprint = Blueprint.read(_without_computed(data), file="blueprint.json")
    best = None
    if (folder / "location.geojson").is_file():
        for item in read_json(folder / "location.geojson")["features"]:
            if item["properties"].get("kind") == "best":
                best = (float(item["geometry"]["coordinates"][0]), float(item["geometry"]["coordinates"][1]))
    return Built(footprints, blueprint, best)


def _without_computed(data: Any) -> Any:
    """A blueprint's file without what is computed from the rest: each part's status, and how the file was made."""
    kept = {key: value for key, value in data.items() if key != "geoinv"}

    def cleaned(value: Any) -> Any:
        if isinstance(value, dict):
            part = "evidence" in value and "id" in value
            return {key: cleaned(item) for key, item in value.items() if not (part and key == "status")}
        return [cleaned(item) for item in value] if isinstance(value, list) else value

    return cleaned(kept)


def underlays_of(case: PublishableCase, footprints: tuple[Footprint, ...]) -> tuple[Underlay, ...]:
    """Pictures of the ground around footprints from every scene that shows it, oldest first, undated last.

    A scene that cannot be opened is left out: the build has already said so.
    """
    if not footprints:
        return ()
    around = surroundings([item.geometry for item in footprints], margin=0.6)
    found = []
    with ExitStack() as stack:
        for path, data in case.scenes():
            with suppress(GeoinvError):
                scene = stack.enter_context(open_scene(case.root / path, SceneRecord.read(data, file=path)))
                if scene.bounds.contains(around.centroid):
                    acquired = scene.record.acquired
                    age = (acquired is None, acquired.earliest.isoformat() if acquired else "", path)
                    found.append((age, underlay_of(scene, around)))
    return tuple(underlay for _, underlay in sorted(found, key=lambda pair: pair[0]))
