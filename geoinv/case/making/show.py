"""Step “show”: what people look at: the report, the map, the figures, and footprints for QGIS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from geopandas import GeoDataFrame

from geoinv import __version__
from geoinv.case.build import Job
from geoinv.case.making.common import match_of, opened_scenes, said_where, sketches_of
from geoinv.case.reading import (
    built_bindings,
    built_blueprint,
    built_findings,
    built_footprints,
    built_location,
    built_rooms,
    built_unplaced,
)
from geoinv.case.views import geopackage_bytes
from geoinv.errors import GeoinvError
from geoinv.facilities.footprint_tables import footprints_table
from geoinv.facilities.incidents import counts
from geoinv.files.atomic import write_bytes, write_text
from geoinv.files.geojson import read_table
from geoinv.imagery.scene import Scene
from geoinv.pages.figures import before_after, site_map
from geoinv.pages.figures_change import change_figure
from geoinv.pages.figures_location import location_figure
from geoinv.pages.figures_placement import Laid, placement_figure
from geoinv.pages.map_spec import MapSpec, case_incidents, map_rooms, map_spec
from geoinv.pages.map_words import footprint_title
from geoinv.pages.maps import offline_map
from geoinv.pages.plans import sketch_figure
from geoinv.pages.reports import ReportRecords, facility_report
from geoinv.pages.shared import share_pictures
from geoinv.pages.underlays import Underlay, surroundings, underlay_of
from geoinv.pages.words import Language, language_of, word
from geoinv.records.claims import Findings
from geoinv.records.footprints import Footprint
from geoinv.records.locations import Location

__all__ = ["case_map", "make", "report_records", "underlays_around"]

#: Ground shown around the buildings, as a share of the facility's longer side.
_MARGIN = 0.6


def make(job: Job, folder: Path) -> list[str]:
    """Write ``report.html``, ``map.html``, ``figures/*.svg`` and ``footprints.gpkg``."""
    problems: list[str] = []
    built = job.log.folder
    language = language_of(next(iter(job.case.settings.languages), "en"))
    records = report_records(job)
    with opened_scenes(job, problems) as scenes:
        underlays = underlays_around(scenes, records.footprints, records.location)
        strips = _strips(job, scenes, records.footprints, language)
    per_building = {key: count.incidents for key, count in counts(records.incidents, records.bindings).items()}
    figures: dict[str, str | bytes] = dict(_figures(records, underlays, _candidates(job), per_building, language))
    figures |= strips
    for name, figure in figures.items():
        write_text(folder / "figures" / f"{name}.svg", share_pictures([str(figure)])[0])
    for sketch in records.sketches:
        if (drawn := sketch_figure(sketch)) is not None:
            write_text(folder / "figures" / "sketches" / f"{sketch.name}.svg", drawn)
    try:
        page = offline_map(
            case_map(records, underlays), underlays, language=language, cite=word("cite working", language)
        )
        write_text(folder / "map.html", page)
    except GeoinvError as error:
        problems.append(error.sentence())
    figures |= {path.stem: path.read_bytes() for path in sorted((built / "renders").glob("*.png"))}
    shown = ReportRecords(**{**records.__dict__, "figures": figures})
    write_text(folder / "report.html", facility_report(shown, version=__version__, language=language))
    layers = {"footprints": footprints_table(records.footprints), "rooms": built_rooms(built)}
    write_bytes(folder / "footprints.gpkg", geopackage_bytes(layers, beside=folder))
    return problems


def _candidates(job: Job) -> GeoDataFrame:
    """Outlines found without a drawing, or none."""
    path = job.built("candidates.geojson")
    return read_table(path) if path.is_file() else GeoDataFrame({"id": []}, geometry=[], crs="EPSG:4326")


def _strips(job: Job, scenes: Sequence[Scene], footprints: Sequence[Footprint], language: Language) -> dict[str, str]:
    """The film strip of every building that was judged on several scenes and still counts as one; or none."""
    path = job.built("changes.geojson")
    if not path.is_file():
        return {}
    judged = read_table(path)
    called = {one.id: footprint_title(one, language) for one in footprints}
    judged = judged[judged["id"].isin(called)]
    if judged.empty:
        return {}
    judged = judged.assign(title=judged["id"].map(called))
    names = [state["scene"] for state in judged["states"].iloc[0]]
    shown = [scene for name in names for scene in scenes if scene.name == name]
    if len(shown) != len(names):
        return {}
    return {"film-strip": change_figure(judged, shown, title=job.facility.name, language=language)}


def report_records(job: Job) -> ReportRecords:
    """Everything that is built of a facility."""
    built = job.log.folder
    return ReportRecords(
        facility=job.facility,
        statements=said_where(job),
        location=built_location(built),
        sketches=sketches_of(job),
        match=match_of(job),
        footprints=built_footprints(built),
        unplaced=built_unplaced(built),
        blueprint=built_blueprint(built),
        incidents=job.case.incident_records(job.facility.slug),
        bindings=built_bindings(built),
        findings=(found := built_findings(built)),
        finding_figures=_finding_figures(built, found),
        inputs=job.inputs,
    )


def _finding_figures(built: Path, found: Findings) -> dict[str, str]:
    paths = {one.claim: built / one.figure for one in found.findings if one.figure}
    return {claim: path.read_text(encoding="utf-8") for claim, path in paths.items() if path.is_file()}


def underlays_around(
    scenes: Sequence[Scene], footprints: Sequence[Footprint], location: Location | None
) -> list[Underlay]:
    """Pictures of the ground around a facility from every scene that shows it, in the scenes' order.

    Around its buildings; where none has an outline, around where it is likeliest to be.
    """
    shapes = [one.geometry for one in footprints] or ([location.region(0.5).geometry] if location else [])
    if not shapes:
        return []
    around = surroundings(shapes, margin=_MARGIN)
    return [underlay_of(scene, around) for scene in scenes if scene.bounds.contains(around.centroid)]


def case_map(records: ReportRecords, underlays: Sequence[Underlay]) -> MapSpec:
    """A built facility's map with everything known, for the case's own people."""
    location = records.location
    return map_spec(
        records.facility,
        records.footprints,
        underlays=underlays,
        rooms=map_rooms(records.blueprint, records.footprints),
        incidents=case_incidents(records.incidents, records.bindings),
        area=location.region(0.9).geometry if location is not None else None,
        area_is="region",
    )


def _latest(underlays: Sequence[Underlay]) -> Underlay | None:
    return underlays[-1] if underlays else None


def _figures(
    records: ReportRecords,
    underlays: Sequence[Underlay],
    candidates: GeoDataFrame,
    per_building: Mapping[str, int],
    language: Language,
) -> dict[str, str]:
    if not records.footprints and records.location is None:
        return {}
    found = {
        "site": site_map(
            records.facility,
            records.footprints,
            underlay=_latest(underlays),
            location=records.location,
            unplaced=records.unplaced,
            counts=per_building,
            language=language,
        )
    }
    simulated = records.facility.simulated
    if records.location is not None and records.statements.statements:
        found["where"] = location_figure(
            records.statements, records.location, title=records.facility.name, simulated=simulated, language=language
        )
    if records.match is not None and records.match.placements:
        laid = Laid(candidates, {one.name: one for one in records.sketches}, records.match, _latest(underlays))
        found["placement"] = placement_figure(laid, title=records.facility.name, simulated=simulated, language=language)
    dated = [underlay for underlay in underlays if underlay.date is not None]
    if len(dated) > 1 and records.footprints:
        found["before-after"] = before_after(
            records.facility, records.footprints, dated[0], dated[-1], language=language
        )
    return found
