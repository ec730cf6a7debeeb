"""A decision about a traced shape never passes silently to another that bears its number after tracing anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import box, mapping

from geoinv.case.decisions import decide
from geoinv.case.folder import Case
from geoinv.case.intake import take_in
from geoinv.case.second_looks import second_looks
from geoinv.records.decisions import PlaceSketch, SetProperty, TraceElement
from geoinv.records.drawings import Tie
from tests.case.tiny import write_case

SHAPES = {"t1": box(0, 0, 10, 10), "t2": box(60, 0, 90, 20), "t3": box(10, 70, 40, 90)}


def traced(case: Case, shapes: dict[str, Any]) -> None:
    """Lay shapes down as the last build's tracing."""
    path = case.models_dir("reef") / "sketches" / "plan.svg.geojson"
    path.parent.mkdir(parents=True, exist_ok=True)
    features = [
        {"type": "Feature", "properties": {"id": name, "role": "building"}, "geometry": mapping(shape)}
        for name, shape in shapes.items()
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))


@pytest.fixture
def decided(tmp_path: Path) -> Path:
    """A case in which t2 was called a gate and tied, by somebody who saw ``SHAPES``."""
    root = write_case(tmp_path / "case")
    with Case.open(root) as case:
        take_in(case, by="ines")
        traced(case, SHAPES)
        decide(case, SetProperty(target="reef/plan.svg#t2", field="role", value="gate"), by="ines", reason="so said")
        tie = Tie(sketch="plan.svg", element="t2", point=(-31.0, -14.0))
        decide(case, PlaceSketch(facility="reef", sketch="plan.svg", ties=(tie,)), by="ines", reason="the gate")
    return root


def looks(root: Path, shapes: dict[str, Any]) -> list[str]:
    with Case.open(root) as case:
        traced(case, shapes)
        return [one for one in second_looks(case, "reef") if "traced anew" in one]


def test_where_a_shape_lay_is_kept_with_the_decision(decided: Path) -> None:
    with Case.open(decided) as case:
        assert [decision.lay for _, decision in case.decisions()] == [{"plan.svg#t2": (75.0, 10.0)}] * 2


@pytest.mark.parametrize("changed", [{}, {"t2": box(61, 0, 91, 20)}, {"t4": box(80, 80, 90, 90)}])
def test_a_shape_that_lies_where_it_lay_is_the_same(decided: Path, changed: dict[str, Any]) -> None:
    assert looks(decided, {**SHAPES, **changed}) == []


def test_a_number_that_passed_to_another_shape_is_told_with_the_number_it_has_now(decided: Path) -> None:
    told = looks(decided, {"t1": SHAPES["t1"], "t2": SHAPES["t3"], "t3": SHAPES["t2"]})
    assert len(told) == 2
    assert all(
        "plan.svg#t2 is another shape since plan.svg was traced anew (what it was is t3 now)" in one for one in told
    )


def test_a_shape_that_is_gone_is_told(decided: Path) -> None:
    told = looks(decided, {"t1": SHAPES["t1"], "t3": SHAPES["t3"]})
    assert len(told) == 2 and all("plan.svg#t2 is no shape since plan.svg was traced anew;" in one for one in told)


def test_a_shape_that_a_person_drew_anew_lies_where_it_was_put(decided: Path) -> None:
    with Case.open(decided) as case:
        body = TraceElement(facility="reef", sketch="plan.svg", element="t2", role="gate", geometry=box(40, 40, 50, 50))
        decide(case, body, by="ines", reason="drawn anew")
    assert looks(decided, {**SHAPES, "t2": box(40, 40, 50, 50)}) == []


def test_before_a_build_nothing_is_known_of_where_shapes_lie(tmp_path: Path) -> None:
    with Case.open(write_case(tmp_path / "case")) as case:
        take_in(case, by="ines")
        decide(case, PlaceSketch(facility="reef", sketch="plan.svg", none=True), by="ines", reason="not on the scene")
        (_, decision) = case.decisions()[-1]
        assert decision.lay is None and "lay" not in decision.plain()
