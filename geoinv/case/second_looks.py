"""What now speaks against decisions that stand: a build never overrides one, and says so where evidence disagrees."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from geoinv.case.folder import Case
from geoinv.records.dates import PartialDate
from geoinv.records.decisions import (
    Decision,
    GradeSource,
    JudgeFootprint,
    MergeFacilities,
    PlaceSketch,
    SetOutline,
    SetProperty,
)

__all__ = ["second_looks"]

#: A building that the scene bears out less than this speaks against where it was put, more than that for it: odds of
#: four to one.
_AGAINST, _FOR = 0.2, 0.8
#: Overlap below which an outline drawn by hand is of something else than the software found.
_ELSEWHERE = 0.25


def second_looks(case: Case, slug: str) -> list[str]:
    """A sentence for each decision about a facility that what is known now speaks against.

    Read from the records and from what the last build wrote: ``placed.geojson``, ``location.geojson``,
    ``footprints.geojson``.
    """
    built = _Built(case.models_dir(slug))
    told = []
    for entry, decision in case.decisions():
        for against in _against(case, slug, decision, built):
            told.append(
                f"{against}; {decision.by} decided otherwise on {entry.at[:10]} ({decision.reason}): look again, and "
                f"let it stand or take it back with “geoinv decide undo {entry.id}”."
            )
    return told


class _Built:
    """What the last build wrote of a facility, read when asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def features(self, name: str) -> list[dict[str, Any]]:
        path = self._folder / name
        if not path.is_file():
            return []
        found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["features"]
        return found

    def footprint(self, name: str) -> dict[str, Any] | None:
        """A footprint by its id or by an element drawn of it."""
        for item in self.features("footprints.geojson"):
            if name == item["properties"]["id"] or name in (item["properties"].get("drawn") or ()):
                return item
        return None

    def region(self) -> BaseGeometry | None:
        """Where the facility lies with 90 %, as witnesses say."""
        found = [item for item in self.features("location.geojson") if item["properties"].get("level") == 0.9]
        return shape(found[0]["geometry"]) if found else None


def _against(case: Case, slug: str, decision: Decision, built: _Built) -> Iterator[str]:
    body = decision.body
    if getattr(body, "facility", slug) != slug:
        return
    match body:
        case PlaceSketch():
            yield from _place(body, built)
        case JudgeFootprint():
            yield from _judge(body, built)
        case SetOutline():
            yield from _outline(body, built, decision)
        case SetProperty():
            yield from _set(body, slug, built)
        case MergeFacilities():
            yield from _merge(case, body)
        case GradeSource():
            yield from _grade(case, slug, body, built)


def _place(body: PlaceSketch, built: _Built) -> Iterator[str]:
    placed = [
        item for item in built.features("placed.geojson") if item["properties"]["id"].startswith(f"{body.sketch}#")
    ]
    if not placed:
        return
    weak = [item for item in placed if (item["properties"].get("probability") or 0.0) < _AGAINST]
    if 2 * len(weak) > len(placed):
        yield f"the scenes do not bear out {len(weak)} of the {len(placed)} buildings of {body.sketch} where it was put"
    region = built.region()
    outside = [item for item in placed if region is not None and not shape(item["geometry"]).intersects(region)]
    if len(outside) == len(placed):
        yield f"{body.sketch} was put wholly outside where the witnesses' statements place the facility (90 % region)"


def _judge(body: JudgeFootprint, built: _Built) -> Iterator[str]:
    name = body.footprint or body.element or ""
    item = built.footprint(name)
    if item is None:
        if body.accept and built.features("footprints.geojson"):
            yield f"the footprint {name} is no longer found"
        return
    known = item["properties"]
    probability = known.get("probability")
    if body.accept and probability is not None and probability < _AGAINST:
        yield f"the scenes hardly bear out the accepted footprint {name} ({probability:.0%})"
    if not body.accept and body.element is None and known.get("status") == "corroborated":
        yield f"independent sources now agree on the rejected footprint {name}"
    elif not body.accept and body.element is None and probability is not None and probability > _FOR:
        yield f"the scenes bear out the rejected footprint {name} ({probability:.0%})"


def _outline(body: SetOutline, built: _Built, decision: Decision) -> Iterator[str]:
    before = (decision.proposed or {}).get("geometry") if isinstance(decision.proposed, dict) else None
    item = built.footprint(body.element)
    if item is None and built.features("footprints.geojson"):
        yield f"nothing is found under {body.element} any more, whose outline was drawn by hand"
    elif before is not None:
        proposed, drawn = shape(before), body.geometry
        if proposed.intersection(drawn).area < _ELSEWHERE * proposed.union(drawn).area:
            yield f"the outline drawn by hand for {body.element} is of something else than the software found there"


def _set(body: SetProperty, slug: str, built: _Built) -> Iterator[str]:
    target, _, name = body.target.partition("/")
    item = built.footprint(name) if target == slug and name else None
    if item is None or body.field not in ("not_before", "not_after") or body.value is None:
        return
    other = {"not_before": "not_after", "not_after": "not_before"}[body.field]
    bound = item["properties"].get(other)
    if bound:
        set_to, seen = PartialDate(str(body.value)), PartialDate(str(bound))
        crossed = set_to.earliest > seen.latest if body.field == "not_before" else set_to.latest < seen.earliest
        if crossed:
            yield f"{name} was set to {body.field.replace('_', ' ')} {body.value}, but scenes say {bound}"


def _merge(case: Case, body: MergeFacilities) -> Iterator[str]:
    """Identity is agency, type and place: two that differ in agency or type are hardly one."""
    into = case.recorded_facility(body.facility)
    for slug in body.others:
        other = case.recorded_facility(slug)
        for field in ("agency", "kind", "place"):
            one, two = getattr(into, field, None), getattr(other, field, None)
            if one and two and one != two:
                yield f"{slug} was merged into {body.facility}, but their {field} differs ({two}, {one})"


def _grade(case: Case, slug: str, body: GradeSource, built: _Built) -> Iterator[str]:
    """A source graded reliable whose statements exclude what others said."""
    path = case.models_dir(slug) / "location.geojson"
    if body.reliability not in ("A", "B") or not path.is_file():
        return
    conflicts = json.loads(path.read_text(encoding="utf-8")).get("diagnostics", {}).get("conflicts", [])
    said = {statement.id: statement.witness for statement in case.statements(slug).statements}
    mine = [one for one in conflicts if body.source in {said.get(one[0]), said.get(one[1])}]
    if mine:
        yield f"{body.source} was graded {body.reliability}, but {len(mine)} of its statements exclude what others said"
