"""The map of statements: all that was said is on it, conflicts with their reason, and it is fit to be shown."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest
from shapely.geometry import Point

from geoinv.facilities.locate import locate
from geoinv.geometry.frames import xy_to_lonlat
from geoinv.pages.figures import figure_png
from geoinv.pages.figures_location import location_figure
from geoinv.pages.said_shapes import said_shape
from geoinv.pages.words import Language
from geoinv.records.places import Frame
from geoinv.records.testimony import Statements

FRAME = Frame(lon=-140.0, lat=12.0)  # open ocean; everything here is fictional


def at(east: float, north: float) -> list[float]:
    lon, lat = xy_to_lonlat(FRAME, np.array([[east, north]]))[0]
    return [float(lon), float(lat)]


MARKS = {
    "bridge": {"type": "Point", "coordinates": at(-600, 0)},
    "river": {"type": "LineString", "coordinates": [at(-900, -2000), at(-900, 2000)]},
}
SAID = Statements.read(
    {
        "landmarks": MARKS,
        "statements": [
            {"id": "a", "witness": "w1", "kind": "pin", "point": at(0, 0), "radius_m": 200},
            {"id": "b", "witness": "w2", "kind": "pin", "point": at(150, 80), "radius_m": 250},
            {"id": "c", "witness": "w3", "kind": "pin", "point": at(40_000, 9000), "radius_m": 100},
            {"id": "d", "witness": "w4", "kind": "from", "landmark": "bridge", "direction": "E", "distance_m": 600},
            {"id": "e", "witness": "w4", "kind": "walk", "landmark": "bridge", "minutes": 10},
            {"id": "f", "witness": "w5", "kind": "side", "landmark": "river", "side": "E"},
            {"id": "g", "witness": "w5", "kind": "near", "landmark": "bridge", "distance_m": 900},
            {"id": "h", "witness": "w6", "kind": "sees", "landmark": "bridge"},
            {"id": "i", "witness": "w6", "kind": "area", "place": "nowhere known"},
        ],
    }
)


@pytest.fixture(scope="module")
def figure() -> str:
    return location_figure(SAID, locate(SAID), title="Tern <Island>", simulated=True)


def test_every_statement_stands_in_it_with_its_probability(figure: str) -> None:
    root = ET.fromstring(figure)
    words = [text.text or "" for text in root.iter("{http://www.w3.org/2000/svg}text")]
    for statement in SAID.statements:
        assert any(word.startswith(f"{statement.id}: ") for word in words), statement.id
    assert "FICTIONAL" in words and "Tern <Island>" in words and "N" in words


def test_a_conflict_is_told_with_its_reason_and_a_far_pin_with_its_distance(figure: str) -> None:
    assert "km apart" in figure and "c is the more doubtful one" in figure
    assert "41.0 km" in figure or "40.9 km" in figure


def test_what_was_not_used_is_told_in_both_languages(figure: str) -> None:
    assert "there is no outline of “nowhere known”" in figure
    korean = location_figure(SAID, locate(SAID), title="섬", language="ko")
    assert "경계가 없어 쓰지 않았다" in korean and "more doubtful" not in korean and "감수" in korean


def test_it_can_be_set_as_a_picture(figure: str) -> None:
    assert figure_png(figure, dpi=40).startswith(b"\x89PNG")


def test_a_wedge_opens_as_far_as_the_word_leaves_open() -> None:
    wedge, spot = said_shape(SAID.statements[3], SAID, FRAME, 2000.0)
    assert wedge.contains(spot) and abs(spot.x) < 60 and abs(spot.y) < 5
    inside = [Point(-600 + 600 * np.sin(np.radians(turn)), 600 * np.cos(np.radians(turn))) for turn in (50, 90, 130)]
    assert all(wedge.contains(point) for point in inside)
    assert not wedge.contains(Point(-600, 600)) and not wedge.contains(Point(-1200, 0))


def test_walking_time_without_direction_is_a_ring() -> None:
    ring, _ = said_shape(SAID.statements[4], SAID, FRAME, 2000.0)
    assert not ring.contains(Point(-600, 0)) and ring.contains(Point(-600, 700))


@pytest.mark.parametrize(("language", "words"), [("en", "denied: near a landmark"), ("ko", "부정: 지형지물 가까이")])
def test_what_is_denied_is_said_to_be(language: Language, words: str) -> None:
    near = {"id": "n", "witness": "w1", "kind": "near", "landmark": "bridge", "distance_m": 200}
    denied = {"id": "d", "witness": "w2", "kind": "near", "landmark": "bridge", "distance_m": 2000, "negated": True}
    said = Statements.read({"landmarks": MARKS, "statements": [near, denied]})
    location = locate(said)
    assert words in location_figure(said, location, title="Tern", language=language)
    assert "“not near bridge (2000 m)” (w2)" in location.diagnostics.conflicts[0].why
