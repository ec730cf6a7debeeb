"""The first part of a dossier: the facility sheet, numbered areas, names and points, what images cannot tell."""

from __future__ import annotations

from collections.abc import Sequence

from pyproj import Geod
from shapely.geometry.base import BaseGeometry

from geoinv.api.dossier_view import View
from geoinv.api.dossier_words import said
from geoinv.facilities.vocabulary import agency_of, kind_of_facility
from geoinv.pages.documents import Block, Bullets, Section, Table, Text
from geoinv.pages.words import Language, word
from geoinv.records.evidence import Status
from geoinv.records.footprints import Footprint
from geoinv.records.places import LonLat
from geoinv.records.testimony import Statement

__all__ = ["degrees_in_words", "gazetteer", "numbered", "sheet_facts", "sheet_section"]

_GEOD = Geod(ellps="WGS84")
#: How things are known that no image shows.
_TOLD = {Status.ATTESTED, Status.CONTESTED, Status.INFERRED, Status.CONJECTURAL}


def numbered(footprints: Sequence[Footprint]) -> tuple[tuple[int, Footprint], ...]:
    """Footprints with their numbers: buildings from the largest down, then what stands around them."""
    order = {"building": 0, "tower": 1, "gate": 2, "wall": 3}
    ranked = sorted(footprints, key=lambda one: (order[one.role], -_area(one.geometry)[0], one.id))
    return tuple(enumerate(ranked, 1))


def _area(shape: BaseGeometry) -> tuple[float, float]:
    """Square metres and metres around, on the WGS 84 ellipsoid."""
    area, around = _GEOD.geometry_area_perimeter(shape)
    return abs(float(area)), float(around)


def degrees_in_words(point: LonLat) -> str:
    """A place in decimal degrees and in degrees, minutes and seconds; decimals as far as they mean anything."""

    def parts(value: float, sides: str) -> str:
        seconds = round(abs(value) * 3600)
        side = sides[value < 0]
        return f"{seconds // 3600}°{seconds // 60 % 60:02d}′{seconds % 60:02d}″{side}"

    return f"{point.lat:.5f}, {point.lon:.5f} ({parts(point.lat, 'NS')} {parts(point.lon, 'EW')})"


def sheet_facts(view: View, dates: Sequence[str], language: Language) -> list[tuple[str, str]]:
    """Label and value of each line of the sheet.

    Parameters
    ----------
    dates
        Of the images, oldest first.
    """
    facility = view.facility
    agency, kind = agency_of(facility.agency), kind_of_facility(facility.kind)
    runs = facility.agency or (agency.word(language) if agency else said("unknown", language))
    if agency is not None:
        told = "; ".join(f"{ko if language == 'ko' else en} {period}" for en, ko, period, _ in agency.names)
        runs = agency.word(language) + (f" ({told})" if told else "")
    facts = [
        (said("names", language), "; ".join((facility.name, *facility.other_names))),
        (said("agency", language), runs),
        (said("kind", language), kind.word(language) if kind else facility.kind or said("unknown", language)),
        (said("level", language), facility.level or said("unknown", language)),
        (said("place", language), facility.place or said("not shown" if not view.inside else "unknown", language)),
        (said("coordinates", language),
         degrees_in_words(view.point) if view.point else said("not shown" if not view.inside else "unknown", language)),
    ]  # fmt: skip
    if sure := _uncertainty(view, language):
        facts.append((said("uncertainty", language), sure))
    if dates:
        shown = f"{dates[0]} – {dates[-1]}" if len(dates) > 1 else dates[0]
        facts.append((said("images", language), f"{shown} ({len(dates)})"))
    facts += [(said("size", language), _size(view.footprints, language))] if view.footprints else []
    if bracket := _bracket(view.footprints, language):
        facts.append((said("bracket", language), bracket))
    return facts


def _uncertainty(view: View, language: Language) -> str:
    """How far the true place may be: regions and expected error, or what outlines of images are good for."""
    if view.location is None:
        errors = [one.confidence.geometry_m for one in view.footprints if one.confidence.geometry_m is not None]
        return said("outlines", language, metres=max(errors)) if errors else ""
    told = [f"{round(100 * one.level)} %: {_area(one.geometry)[0]:,.0f} m²" for one in view.location.regions]
    return f"± {view.location.diagnostics.expected_error_m:.0f} m; {'; '.join(told)}"


def _size(footprints: Sequence[Footprint], language: Language) -> str:
    """Areas, each called what it is: the sum of roofs; the ground inside a wall; a rectangle around everything."""
    roofs = [one for one in footprints if one.role == "building"]
    total = sum(_area(one.geometry)[0] for one in roofs)
    parts = [said("roofs", language, count=len(roofs), area=total)]
    walls = [one for one in footprints if one.role == "wall" and one.geometry.geom_type == "Polygon"]
    if walls:
        area, around = max(_area(one.geometry.convex_hull) for one in walls)
        parts.append(said("walled", language, area=area / 10_000, around=around))
    west, south, east, north = _bounds(footprints)
    across = _GEOD.inv(west, (south + north) / 2, east, (south + north) / 2)[2]
    up = _GEOD.inv((west + east) / 2, south, (west + east) / 2, north)[2]
    parts.append(said("box", language, across=across, up=up))
    return "; ".join(parts)


def _bounds(footprints: Sequence[Footprint]) -> tuple[float, float, float, float]:
    every = [one.geometry.bounds for one in footprints]
    west, south, east, north = zip(*every, strict=True)
    return min(west), min(south), max(east), max(north)


def _bracket(footprints: Sequence[Footprint], language: Language) -> str:
    """What dated images say of when buildings came and went."""
    later = sum(1 for one in footprints if one.not_before is not None)
    gone = sum(1 for one in footprints if one.not_after is not None)
    if not later and not gone:
        return ""
    return said("came and went", language, later=later, gone=gone)


def sheet_section(view: View, language: Language) -> list[Section]:
    """Numbered areas, and what images can neither confirm nor deny."""
    rows = []
    for number, one in numbered(view.footprints):
        height = one.height_m
        rows.append(
            (
                str(number),
                "; ".join(one.labels) or said("unnamed", language),
                said(one.role, language),
                f"{_area(one.geometry)[0]:,.0f}",
                f"{height.best:.1f} ({height.low:.1f}–{height.high:.1f})" if height else "",
                word(str(one.status), language),
                f"{one.not_before or '…'} – {one.not_after or '…'}" if one.not_before or one.not_after else "",
                str(_sources(one)),
            )
        )
    header = tuple(
        said(key, language) for key in ("number", "name", "use", "area", "height", "status", "built", "sources")
    )
    blocks: list[Block] = []
    if rows:
        blocks.append(Table(header, tuple(rows), (0.06, 0.22, 0.1, 0.1, 0.14, 0.16, 0.15, 0.08), (0, 3, 7)))
    sections = [Section(said("buildings", language), tuple(blocks), 2)] if blocks else []
    told = _only_told(view, language)
    sections.append(Section(said("confirm", language), (Text(said("confirm text", language)), Bullets(told)), 2))
    return sections


def _sources(one: Footprint) -> int:
    """How many sources an outline rests on: drawings, each once, and scenes."""
    drawn = {name.partition("#")[0] for name in one.drawn} | ({one.scene} if one.scene else set())
    evidence = one.evidence.get("geometry")
    return max(len(drawn), len({name.partition("#")[0] for name in evidence.sources}) if evidence else 0)


def _only_told(view: View, language: Language) -> tuple[str, ...]:
    """What rests on accounts alone."""
    items = [
        f"{number}. {'; '.join(one.labels) or said('unnamed', language)}: {word(f'{one.status} means', language)}"
        for number, one in numbered(view.footprints)
        if one.status in _TOLD
    ]
    items += [f"{'; '.join(one.labels) or one.drawn[0]}: {one.why}" for one in view.unplaced]
    return (*items, said("confirm inside", language))


def gazetteer(view: View, published: Sequence[Statement], language: Language) -> Section:
    """Every name with its period and source, and every published point with its own source."""
    facility = view.facility
    rows = [(facility.name, "", "", "")]
    rows += [(name, "", "", "") for name in facility.other_names]
    rows += [
        (one.name, one.language or "", str(one.period) if one.period else "", (one.source or "") if view.inside else "")
        for one in facility.names
    ]
    header = tuple(said(key, language) for key in ("name", "language", "period", "source"))
    blocks: list[Block] = [Table(header, tuple(rows), (0.45, 0.12, 0.18, 0.25))]
    points = [
        (one.source or one.witness, degrees_in_words(LonLat(*one.point)), one.said or "")
        for one in published
        if one.point is not None
    ]
    if points:
        labels = tuple(said(key, language) for key in ("source", "coordinates", "said"))
        blocks.append(Table(labels, tuple(points), (0.25, 0.4, 0.35)))
    return Section(said("gazetteer", language), tuple(blocks), 2)
