"""Drawings weighed together: what two witnesses both name settles which way round a plan lies."""

from __future__ import annotations

import numpy as np
import pytest
from shapely.affinity import rotate
from shapely.geometry import box

from geoinv.case.agreeing import together
from geoinv.case.placing import LaidSketch, Laying, judged
from geoinv.case.weighing import Traits
from geoinv.imagery.elastic import BentPlan
from geoinv.records.drawings import Sketch, SketchElement
from geoinv.records.placements import Transform

HUTS = [box(-20, -12, -12, -6), box(10, 4, 20, 12), box(-4, 8, 4, 14)]
NAMES = {"en": ("Kitchen", "Office", "Storehouse"), "ko": ("취사장", "사무실", "창고")}
FLAT = Traits(buildings=0, walls=0, said=0, sides=0, cover=0, stretch=0)


def _plan(shapes):
    count = len(shapes)
    return BentPlan(tuple(shapes), np.zeros((count, 2)), np.ones(count), np.ones(count), np.ones(count),
                    np.zeros((count, 0)))  # fmt: skip


def _laid(name: str, language: str, weights: tuple[float, float], turned: bool = False) -> LaidSketch:
    """A drawing with two places, the second half turned; as drawn, or by one who has them the other way round."""
    elements = tuple(
        SketchElement(id=f"b{i}", geometry=hut, role="building", label=label)
        for i, (hut, label) in enumerate(zip(HUTS, NAMES[language], strict=True))
    )
    places = [HUTS, [rotate(hut, 180, origin=(0, 0)) for hut in HUTS]]
    layings = tuple(
        Laying(Transform(matrix=((1, 0, 0), (0, 1, 0)), origin=(0, 0)), _plan(shapes), _plan([]), FLAT, weight)
        for shapes, weight in zip(places[::-1] if turned else places, weights, strict=True)
    )
    return judged(LaidSketch(Sketch(name=name, elements=elements), layings), np.zeros(2))


def _right(one: LaidSketch) -> float:
    """Probability of the places that put the kitchen in the south-west."""
    return sum(laying.probability for laying in one.layings if laying.bent.outlines[0].centroid.x < 0)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_sure_drawing_settles_which_way_round_another_lies(language):
    sure, unsure = _laid("a.svg", "en", (12.0, 4.0)), _laid("b.svg", language, (7.0, 7.0))
    assert _right(unsure) < 0.55
    both = together([sure, unsure])
    assert _right(both[1]) > 0.9
    assert both[1].layings[0].probability == max(one.probability for one in both[1].layings)


def test_the_order_of_drawings_does_not_matter():
    drawings = [_laid("a.svg", "en", (9.0, 7.0)), _laid("b.svg", "ko", (7.0, 7.5)), _laid("c.svg", "en", (8.0, 7.0))]
    forth, back = together(drawings), together(drawings[::-1])[::-1]
    for one, other in zip(forth, back, strict=True):
        assert _right(one) == pytest.approx(_right(other))


def test_one_drawing_alone_stays_as_it_is():
    (alone,) = together([_laid("a.svg", "en", (9.0, 7.0))])
    assert _right(alone) == pytest.approx(_right(_laid("a.svg", "en", (9.0, 7.0))))


def test_what_a_person_placed_helps_and_is_not_moved():
    told = _laid("a.svg", "en", (9.0, 7.0))
    told = LaidSketch(told.sketch, (told.layings[0].__class__(**{**told.layings[0].__dict__, "probability": 1.0}),),
                      none_probability=0.0, told=True)  # fmt: skip
    placed, helped = together([told, _laid("b.svg", "ko", (7.0, 7.0))])
    assert placed.layings == told.layings
    assert _right(helped) > 0.85
