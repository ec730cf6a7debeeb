"""What the eyes had before them shows what was looked for where it is seen, and only there."""

from __future__ import annotations

import numpy as np
from shapely.geometry import LineString, box

from geoinv.models.claims import corroborate
from geoinv.models.claims_view import first_person
from geoinv.pages.figures_claims import claim_figure
from tests.models.claims_plans import building, opening, place, room, storey, told, tower, wall


def _green(picture):
    red, green, blue = (picture[..., band].astype(int) for band in range(3))
    return (green > red + 25) & (green > blue + 5)


def _model(height):
    walls = [wall("wall", [(10, -60), (10, 60)], height=height, thickness=0.2)]
    return place(walls=walls, towers=[tower("tower", (21, 0), height=6)])


def _seen(height):
    said = told({"kind": "sees", "subject": "wall", "object": "tower", "viewpoint": [0, 0]})
    model = _model(height)
    finding = corroborate(model, said).findings[0]
    line = finding.shapes.get("sight", finding.shapes.get("blocked"))
    assert isinstance(line, LineString)
    return model, said.claims[0], finding, first_person(model, said.claims[0], line)


def test_a_tower_over_a_low_wall_stands_in_the_middle_and_is_as_wide_as_it_is_far():
    _, _, finding, picture = _seen(2.0)
    assert finding.verdict == "consistent"
    assert picture.shape == (360, 640, 3)
    rows, columns = np.nonzero(_green(picture))
    assert abs(columns.mean() - 320) < 60
    # Two metres, 20 m off, in a picture 2 · tan 37.5° wide at one metre: 42 pixels, worked by hand; its roof juts out.
    assert 36 <= columns.max() - columns.min() + 1 <= 52


def test_behind_a_high_wall_nothing_of_it_is_green():
    _, _, finding, picture = _seen(9.0)
    assert finding.verdict == "inconsistent"
    assert not _green(picture).any()


def test_the_figure_carries_the_view_and_is_the_same_again():
    model, claim, finding, _ = _seen(2.0)
    figure = claim_figure(model, claim, finding)
    assert "data:image/png;base64," in figure
    assert "in green" in figure
    assert figure == claim_figure(model, claim, finding)
    assert "초록색" in claim_figure(model, claim, finding, language="ko")


def test_of_rival_versions_one_is_drawn_and_the_figure_says_which():
    rooms = [
        room("a", 0, 0, 3, 4),
        room("latrine", 3.2, 0, 6.2, 4).model_copy(update={"hypothesis": "A", "id": "latrine-A"}),
        room("latrine", 5.0, 0, 9.0, 4).model_copy(update={"hypothesis": "B", "id": "latrine-B", "labels": ("other",)}),
    ]
    model = place(building(box(-0.3, -0.3, 9.3, 4.3), [storey(rooms)]))
    said = told({"kind": "adjacent", "subject": "a", "object": "latrine-A"})
    figure = claim_figure(model, said.claims[0], corroborate(model, said).findings[0])
    assert ">latrine<" in figure
    assert ">other<" not in figure
    assert "Drawn is version A of the rival versions A, B." in " ".join(figure.split())


def test_where_nothing_is_seen_the_eyes_step_back_to_show_what_is_in_the_way():
    door = opening("between", (3.1, 1.5), connects=("a", "b"))
    rooms = [room("a", 0, 0, 3, 3), room("b", 3.2, 0, 6.2, 3)]
    model = place(building(box(-0.3, -0.3, 6.5, 3.3), [storey(rooms, [door])]))
    said = told({"kind": "sees", "subject": "a", "object": "b", "conditions": {"hatch": "shut"}}).claims[0]
    line = LineString([(2.7, 1.5), (4.7, 1.5)])
    near, back = (first_person(model, said, line, blocked=blocked) for blocked in (False, True))
    # A wall before one's nose is one colour; from across the room its door and the floor stand before one.
    assert len(np.unique(back.reshape(-1, 3), axis=0)) > len(np.unique(near.reshape(-1, 3), axis=0))
