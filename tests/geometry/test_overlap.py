"""What intersection over union promises: symmetric, 1 for one area, 0 for areas apart, as counting squares gives it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Polygon, box

from geoinv.geometry.overlap import iou

_CELLS = st.tuples(*[st.integers(0, 6)] * 4).map(lambda v: (min(v[0], v[2]), min(v[1], v[3]), max(v[0], v[2]) + 1,
                                                            max(v[1], v[3]) + 1))  # fmt: skip


def _squares(bounds: tuple[int, int, int, int]) -> set[tuple[int, int]]:
    x0, y0, x1, y1 = bounds
    return {(x, y) for x in range(x0, x1) for y in range(y0, y1)}


@given(_CELLS, _CELLS)
def test_it_is_what_counting_squares_gives_in_either_order(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    a, b = _squares(one), _squares(other)
    assert abs(iou(box(*one), box(*other)) - len(a & b) / len(a | b)) < 1e-12
    assert iou(box(*one), box(*other)) == iou(box(*other), box(*one))


def test_nothing_shares_nothing() -> None:
    assert iou(Polygon(), Polygon()) == 0.0
    assert iou(box(0, 0, 1, 1), Polygon()) == 0.0
    assert iou(box(0, 0, 1, 1), box(0, 0, 1, 1)) == 1.0
