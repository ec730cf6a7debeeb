from __future__ import annotations

import time

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon, box

from geoinv.errors import RefusalError
from geoinv.facilities.trace import trace
from geoinv.facilities.trace_lines import side_by_side
from geoinv.facilities.trace_page import find_page
from geoinv.facilities.trace_roles import label_role, role_of
from geoinv.facilities.trace_shapes import agreed, squared
from geoinv.facilities.trace_trees import Trees, load_trees
from geoinv.records.drawings import RasterDrawing, Sketch, Stroke, VectorDrawing
from geoinv.worlds.phones import Capture, captured
from geoinv.worlds.practice import practice_sheet
from geoinv.worlds.practice_hands import PracticeKind

WIDTH, HEIGHT = 1500, 1060
HOUSES = {"office": (200, 200, 520, 420), "store": (800, 250, 1200, 480), "hut": (350, 640, 620, 860)}


def hand(start: tuple[float, float], end: tuple[float, float], rng: np.random.Generator) -> NDArray[np.float64]:
    """A stroke that wavers by some pixels and stops a little short of its end or past it."""
    p, q = np.array(start, float), np.array(end, float)
    along = (q - p) / np.hypot(*(q - p))
    share = np.linspace(0, 1, 30)[:, np.newaxis]
    wave = 3 * np.sin(share * rng.uniform(3, 9) + rng.uniform(0, 6)) * np.array([-along[1], along[0]])
    return p + (q - p) * share + wave + along * rng.uniform(-5, 5)


def sides(box_: tuple[float, float, float, float]) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    x0, y0, x1, y1 = box_
    corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    return list(zip(corners, corners[1:] + corners[:1], strict=True))


def paper(seed: int = 3, *, ruled: bool = True, hatched: bool = False) -> NDArray[np.uint8]:
    """A sheet with three houses, a track and some writing, drawn by a simulated hand."""
    rng = np.random.default_rng(seed)
    sheet = np.full((HEIGHT, WIDTH, 3), (243, 240, 232), np.uint8)
    for row in range(60, HEIGHT, 42) if ruled else ():
        cv2.line(sheet, (0, row), (WIDTH, row), (196, 208, 226), 2)
    strokes = [hand(a, b, rng) for house in HOUSES.values() for a, b in sides(house)]
    strokes.append(hand((80, 560), (1420, 600), rng))
    if hatched:
        x0, y0, x1, y1 = HOUSES["store"]
        strokes += [hand((x, y1), (x + 40, y0), rng) for x in range(x0 + 18, x1 - 40, 22)]
    for stroke in strokes:
        cv2.polylines(sheet, [stroke.round().astype(np.int32)], False, (45, 50, 110), 5, cv2.LINE_AA)
    cv2.putText(sheet, "office", (290, 320), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (45, 50, 110), 2, cv2.LINE_AA)
    return sheet


ASKEW = ((120, 90), (1560, 130), (1610, 1120), (90, 1160))
TURNED = ((300, 60), (1650, 330), (1500, 1200), (90, 940))


def on_a_table(
    sheet: NDArray[np.uint8], seed: int = 5, place: tuple[tuple[int, int], ...] = ASKEW
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """The sheet photographed a little askew on a dark table, with light falling off to one side."""
    rng = np.random.default_rng(seed)
    corners = np.array(place, float)
    source = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, corners.astype(np.float32))
    size = (1720, 1260)
    mask = cv2.warpPerspective(np.ones((HEIGHT, WIDTH), np.float32), matrix, size)[..., np.newaxis]
    photo = 80 * (1 - mask) + cv2.warpPerspective(sheet, matrix, size, flags=cv2.INTER_AREA) * mask
    photo = photo * np.linspace(1.0, 0.7, size[0])[np.newaxis, :, np.newaxis] + rng.normal(0, 4, photo.shape)
    return photo.clip(0, 255).astype(np.uint8), corners


def houses_of(sketch: Sketch) -> list[Polygon]:
    assert sketch.page_size is not None
    scale = np.array([WIDTH / sketch.page_size[0], HEIGHT / sketch.page_size[1]])
    return [
        Polygon(np.array(item.geometry.exterior.coords) * scale)
        for item in sketch.elements
        if isinstance(item.geometry, Polygon) and item.certainty >= 0.5
    ]


def overlap(found: list[Polygon], house: tuple[float, float, float, float]) -> float:
    truth = box(house[0], HEIGHT - house[3], house[2], HEIGHT - house[1])
    return max((shape.intersection(truth).area / shape.union(truth).area for shape in found), default=0.0)


@pytest.mark.parametrize("hatched", [False, True])
def test_a_scans_houses_are_found_and_next_to_nothing_else(hatched: bool) -> None:
    sketch = trace(RasterDrawing(paper(hatched=hatched), whole_page=True), name="scan.png")
    found = houses_of(sketch)
    # A corner that hatching cut off may stand beside its house.
    assert 3 <= len(found) <= 3 + hatched
    assert min(overlap(found, house) for house in HOUSES.values()) > 0.85
    lines = [item for item in sketch.elements if isinstance(item.geometry, LineString)]
    assert max(item.geometry.length for item in lines) > 0.8 * 2000
    assert [item.id for item in sketch.elements] == [f"t{number}" for number in range(1, len(sketch.elements) + 1)]


def test_a_photographed_sheet_is_flattened_to_its_corners() -> None:
    photo, corners = on_a_table(paper())
    sketch = trace(RasterDrawing(photo), name="photo.jpg")
    assert sketch.page is not None
    assert np.abs(np.array(sketch.page) - corners).max() < 2.5
    assert min(overlap(houses_of(sketch), house) for house in HOUSES.values()) > 0.8


def test_a_tilted_sheet_in_a_hand_shadow_drawn_with_two_pens_is_read() -> None:
    sheet = paper()
    tower = (1200.0, 700.0, 1330.0, 840.0)
    for a, b in sides(tower):
        cv2.line(sheet, np.array(a, int).tolist(), np.array(b, int).tolist(), (190, 40, 40), 4, cv2.LINE_AA)
    photo, corners = on_a_table(sheet, place=TURNED)
    shadow = cv2.ellipse(np.zeros(photo.shape[:2], np.float32), (1200, 1250), (380, 620), 20, 0, 360, 1.0, -1)
    shaded = (photo * (1 - 0.45 * cv2.GaussianBlur(shadow, (0, 0), 6))[..., np.newaxis]).astype(np.uint8)
    sketch = trace(RasterDrawing(shaded), name="photo.jpg")
    assert sketch.page is not None
    assert np.hypot(*(np.array(sketch.page) - corners).T).mean() < 0.01 * np.hypot(*(corners[2] - corners[0]))
    assert min(overlap(houses_of(sketch), thing) for thing in (*HOUSES.values(), tower)) > 0.75


def test_a_drawn_frame_is_not_taken_for_the_sheet() -> None:
    sheet = paper(ruled=False)
    cv2.rectangle(sheet, (40, 40), (WIDTH - 40, HEIGHT - 40), (45, 50, 110), 5)
    assert find_page(sheet) is None


def test_rows_of_walls_are_not_taken_for_ruled_lines() -> None:
    sheet = np.full((HEIGHT, WIDTH, 3), 240, np.uint8)
    for row in range(130, 931, 100):
        cv2.line(sheet, (100, row), (1400, row), (40, 40, 60), 5)
    for column in (100, 750, 1400):
        cv2.line(sheet, (column, 130), (column, 930), (40, 40, 60), 5)
    found = houses_of(trace(RasterDrawing(sheet, whole_page=True), name="rooms.png"))
    rooms = [(x0, y0, x0 + 650, y0 + 100) for x0 in (100, 750) for y0 in range(130, 930, 100)]
    assert min(overlap(found, room) for room in rooms) > 0.8


def test_the_same_drawing_gives_the_same_sketch() -> None:
    photo, _ = on_a_table(paper())
    assert trace(RasterDrawing(photo), name="a").plain() == trace(RasterDrawing(photo), name="a").plain()


def test_an_empty_sheet_is_refused_rather_than_guessed() -> None:
    with pytest.raises(RefusalError, match=r"blank\.png"):
        trace(RasterDrawing(np.full((400, 600, 3), 240, np.uint8)), name="blank.png")
    with pytest.raises(RefusalError, match=r"blank\.svg"):
        trace(VectorDrawing((100, 100), ()), name="blank.svg")


def test_a_drawing_with_one_line_gives_one_line() -> None:
    sheet = np.full((600, 900, 3), 240, np.uint8)
    cv2.line(sheet, (100, 300), (800, 320), (40, 40, 60), 4)
    sketch = trace(RasterDrawing(sheet, whole_page=True), name="line.png")
    assert [item.geometry.geom_type for item in sketch.elements] == ["LineString"]


def test_a_large_photograph_takes_bounded_time() -> None:
    photo, _ = on_a_table(paper())
    large = cv2.resize(photo, (4000, 2930), interpolation=cv2.INTER_LINEAR).astype(np.uint8)
    start = time.process_time()
    trace(RasterDrawing(large), name="large.jpg")
    assert time.process_time() - start < 10


def stroke(points: list[tuple[float, float]], element: str | None = None, **more: object) -> Stroke:
    return Stroke(LineString(points), False, False, 1.0, element, **more)  # type: ignore[arg-type]


def test_a_vector_drawings_ids_roles_and_labels_survive() -> None:
    house = Stroke(Polygon([(20, 20), (40, 20), (40, 35), (20, 35)]), True, True, 1.0, "b1")
    wall = Stroke(Polygon([(5, 5), (95, 5), (95, 75), (5, 75)]), True, False, 1.0, "outer", ("fence",))
    gate = [stroke([(48, 3), (52, 7)], "gate"), stroke([(48, 7), (52, 3)], "gate")]
    road = stroke([(0, 78), (100, 79)], "road_north", classes=("road",), title="dirt road")
    texts = ((30.0, 28.0, "Office", "b1"), (54.0, 4.0, "정문", None))
    sketch = trace(VectorDrawing((100, 80), (wall, house, *gate, road), texts), name="s.svg")
    got = {item.id: (item.role, item.label) for item in sketch.elements}
    assert got == {
        "outer": ("fence", None), "b1": ("building", "Office"), "gate": ("gate", "정문"), "road_north": ("road", None),
    }  # fmt: skip
    assert sketch.page_size == (100, 80)
    assert {item.certainty for item in sketch.elements} == {1.0}


def test_an_outline_drawn_in_strokes_under_one_id_is_one_shape() -> None:
    corners = [(20.0, 20.0), (60.0, 21.0), (61.0, 50.0), (20.0, 49.0)]
    strokes = tuple(
        stroke([a, (b[0] - 0.5, b[1])], "b4") for a, b in zip(corners, corners[1:] + corners[:1], strict=True)
    )
    sketch = trace(VectorDrawing((100, 80), strokes), name="s.svg")
    assert [(item.id, item.geometry.geom_type) for item in sketch.elements] == [("b4", "Polygon")]
    assert sketch.elements[0].geometry.area == pytest.approx(1170, rel=0.05)


def test_loose_strokes_close_their_gaps_and_named_lettering_is_left_out() -> None:
    corners = [(200.0, 200.0), (600.0, 210.0), (610.0, 500.0), (200.0, 490.0)]
    strokes = [
        stroke([a, (b[0] * 0.99 + a[0] * 0.01, b[1])], "line")
        for a, b in zip(corners, corners[1:] + corners[:1], strict=True)
    ]
    strokes += [stroke([(700, 100 + 30 * row), (950, 100 + 30 * row)], "line") for row in range(12)]
    strokes += [stroke([(300 + i, 300), (310 + i, 340)], "text") for i in range(0, 200, 12)]
    sketch = trace(VectorDrawing((1000, 800), tuple(strokes)), name="s.svg")
    shapes = [item for item in sketch.elements if isinstance(item.geometry, Polygon) and item.certainty >= 0.5]
    assert len(shapes) == 1
    assert shapes[0].geometry.area == pytest.approx(117_000, rel=0.06)


def test_a_room_drawn_onto_its_neighbours_wall_is_closed_by_it() -> None:
    first = Stroke(Polygon([(150, 320), (240, 322), (238, 382), (150, 381)]), True, False, 2.0)
    onto = stroke([(240, 322), (330, 322), (331, 382), (239, 382)])
    again = stroke([(330, 322), (418, 323), (417, 382), (331, 382)])
    sketch = trace(VectorDrawing((800, 600), (first, onto, again)), name="row.svg")
    areas = sorted(
        item.geometry.area for item in sketch.elements if isinstance(item.geometry, Polygon) and item.certainty >= 0.5
    )
    assert areas == pytest.approx([5300, 5300, 5300], rel=0.08)
    assert all(isinstance(item.geometry, Polygon) for item in sketch.elements if item.certainty >= 0.5)


def test_the_trail_of_a_broad_pen_is_a_line_not_a_shape() -> None:
    ribbon = LineString([(100, 400), (500, 420), (900, 380)]).buffer(2)
    sketch = trace(VectorDrawing((1000, 800), (Stroke(ribbon, True, True, 0.0),)), name="s.svg")
    assert [item.geometry.geom_type for item in sketch.elements] == ["LineString"]


@pytest.mark.parametrize(
    ("words", "role"),
    [(["road_north"], "road"), (["guardTower2"], "tower"), (["정문"], "gate"), (["감방 3"], "room"), (["b1"], None),
     (["fence", "wall"], "fence"), (["north-wall"], "wall"), (["외벽"], "wall"),
     (["well"], "water"), (["wellington"], None)],
)  # fmt: skip
def test_words_name_roles(words: list[str], role: str | None) -> None:
    assert role_of(words) == role


def test_a_label_names_a_role_only_by_itself() -> None:
    assert [label_role(label) for label in ("Gate", "Cell 3", "감시탑", "Water room", "")] == [
        "gate",
        "room",
        "tower",
        None,
        None,
    ]


@settings(max_examples=40)
@given(st.floats(5, 80), st.floats(5, 80), st.floats(0, 180), st.floats(0, 0.3))
def test_squaring_keeps_area_and_middle(width: float, height: float, turn: float, waver: float) -> None:
    angle = np.radians(turn)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = np.array([[0, 0], [width, 0], [width + waver, height], [0, height - waver]])
    drawn = Polygon(corners @ rotation.T)
    made = squared(drawn)
    assert made.area == pytest.approx(drawn.area, rel=1e-6)
    assert made.centroid.distance(drawn.centroid) < 1e-6
    assert len(made.exterior.coords) == 5


@settings(max_examples=3)
@given(st.integers(0, 2**32 - 1), st.integers(16, 90), st.integers(16, 90))
def test_noise_gives_a_sketch_or_a_refusal(seed: int, width: int, height: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 255, (height, width, 3), dtype=np.uint8)
    try:
        sketch = trace(RasterDrawing(pixels), name="noise.png")
    except RefusalError:
        return
    assert all(np.isfinite(item.geometry.bounds).all() for item in sketch.elements)


def test_a_fold_is_not_the_sheets_edge_and_a_printed_margin_is_no_line() -> None:
    sheet = paper(ruled=False)
    cv2.line(sheet, (0, HEIGHT // 2), (WIDTH, HEIGHT // 2), (222, 219, 211), 3)
    cv2.line(sheet, (130, 0), (130, HEIGHT), (236, 170, 170), 2)
    photo, corners = on_a_table(sheet)
    sketch = trace(RasterDrawing(photo), name="folded.jpg")
    assert sketch.page is not None and np.abs(np.array(sketch.page) - corners).max() < 4
    lines = [item for item in sketch.elements if isinstance(item.geometry, LineString) and item.certainty >= 0.5]
    assert not any(np.ptp(np.array(item.geometry.coords)[:, 1]) > 1000 for item in lines)


def test_a_scan_without_a_rim_is_all_sheet() -> None:
    assert find_page(paper(ruled=True)) is None


def test_a_corner_outside_the_picture_is_still_placed() -> None:
    photo, corners = on_a_table(paper(ruled=False), place=TURNED)
    shift = np.array([0.0, 110.0])
    cut = np.ascontiguousarray(photo[int(shift[1]) :, int(shift[0]) :])
    found = find_page(cut)
    assert found is not None
    assert found[0][1] < -10
    assert np.abs(found - (corners - shift)).max() < 6


def test_writing_is_kept_as_pictures_in_the_shape_it_stands_in() -> None:
    sketch = trace(RasterDrawing(paper(ruled=False), whole_page=True), name="scan.png")
    writing = (sketch.model_extra or {})["writing"]
    named = [one for one in writing if one["within"]]
    assert named
    office = next(item for item in sketch.elements if item.id == named[0]["within"])
    assert isinstance(office.geometry, Polygon)
    assert overlap([Polygon(np.array(office.geometry.exterior.coords) * (WIDTH / 2000))], HOUSES["office"]) > 0.8
    assert named[0]["image"].startswith("data:image/png;base64,")
    assert all(item.label is None for item in sketch.elements)


def test_a_crossed_figure_of_eight_gives_only_sound_shapes() -> None:
    t = np.linspace(0, 2 * np.pi, 200)
    eight = np.column_stack([750 + 420 * np.sin(t), 520 + 260 * np.sin(2 * t)]).round().astype(np.int32)
    sheet = np.full((HEIGHT, WIDTH, 3), 240, np.uint8)
    cv2.polylines(sheet, [eight], True, (40, 40, 60), 5, cv2.LINE_AA)
    for drawing in (
        RasterDrawing(sheet, whole_page=True),
        VectorDrawing((1500, 1060), (Stroke(Polygon(eight), True, False, 4.0, "b1"),)),
    ):
        shapes = [item.geometry for item in trace(drawing, name="eight").elements]
        assert shapes
        assert all(shape.is_valid and not shape.is_empty for shape in shapes)


def test_things_that_overlap_in_part_are_not_kept_together_but_things_within_are() -> None:
    room, bed, half, other = box(0, 0, 10, 10), box(1, 1, 3, 4), box(5, -2, 15, 12), box(20, 0, 30, 10)
    assert agreed([room, bed, half, other], np.array([0.9, 0.8, 0.7, 0.6]), 0.5) == [0, 1, 3]


def test_certainties_rise_with_what_the_trees_say_and_stay_between_nought_and_one() -> None:
    for name in ("shapes", "lines"):
        trees = load_trees(name)
        assert (np.diff(trees.raw) > 0).all()
        assert (np.diff(trees.sure) >= 0).all()
        assert trees.sure.min() >= 0 and trees.sure.max() <= 1
        rows = np.random.default_rng(4).normal(size=(50, len(trees.signs)))
        assert np.allclose(Trees.read(trees.plain()).log_odds(rows), trees.log_odds(rows))


@pytest.mark.parametrize(("kind", "how", "least"), [("compound", "photo", 0.6), ("interior", "page", 0.6)])
def test_practice_sheets_not_learned_from_are_read_well(kind: PracticeKind, how: Capture, least: float) -> None:
    found = true = 0
    for seed in (2001,):
        sheet = practice_sheet(seed, kind)
        taken = captured(sheet, how, seed)
        sketch = trace(taken.drawing, name="practice")
        assert sketch.page is not None and sketch.page_size is not None
        corners = np.array(sketch.page)
        assert np.hypot(*(corners - taken.corners).T).mean() < 0.01 * np.hypot(*(taken.corners[2] - taken.corners[0]))
        scale = np.array(sheet.size) / sketch.page_size
        shapes = [
            Polygon(np.array(item.geometry.exterior.coords) * scale * (1, -1) + (0, sheet.size[1]))
            for item in sketch.elements
            if isinstance(item.geometry, Polygon) and item.certainty >= 0.5
        ]
        true += len(sheet.shapes)
        found += sum(
            max((one.intersection(shape).area / one.union(shape).area for one in shapes), default=0) >= 0.7
            for shape in sheet.shapes
        )
    assert found >= least * true


def test_lines_side_by_side_are_told_from_lone_and_crossing_ones() -> None:
    road = LineString([(0, 0), (300, 20)])
    other = LineString([(2, 40), (290, 60)])
    lone = LineString([(0, 700), (250, 900)])
    crossing = LineString([(100, -200), (150, 300)])
    tread = LineString([(0, 505), (40, 505)])
    step = LineString([(0, 510), (40, 510)])
    assert side_by_side([road, other, lone, crossing, tread, step], 1500).tolist() == [True, True, *[False] * 4]
