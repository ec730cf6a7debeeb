"""The figure of placements: what is taken for what, how far off, the runners-up; nothing where nothing is kept."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import geopandas as gpd
import numpy as np
from shapely.affinity import translate
from shapely.geometry import box

from geoinv.geometry.frames import to_lonlat
from geoinv.pages.figures import figure_png
from geoinv.pages.figures_placement import Laid, placement_figure
from geoinv.pages.underlays import Underlay
from geoinv.records.drawings import Sketch, SketchElement
from geoinv.records.placements import Fit, Match, Pair, Placement, SketchPlacement, Transform, Unmatched
from geoinv.records.places import Frame

FRAME = Frame(lon=-140.0, lat=12.0)  # open ocean; everything here is fictional
SPOTS = ((0, 0), (40, 5), (10, 50), (55, 60), (80, 20))


def laid(none: float = 0.1, underlay: Underlay | None = None) -> Laid:
    boxes = [box(x, y, x + 14, y + 8) for x, y in SPOTS]
    table = gpd.GeoDataFrame(
        {"id": [f"c{n}" for n in range(5)], "existence": 0.9},
        geometry=[to_lonlat(FRAME, translate(shape, 2.0, 1.0)) for shape in boxes],
        crs="EPSG:4326",
    )
    elements = [SketchElement(id=f"b{n}", geometry=shape, role="building") for n, shape in enumerate(boxes)]
    elements[1] = elements[1].model_copy(update={"label": "kitchen <x>"})

    def placed(east: float) -> SketchPlacement:
        return SketchPlacement(
            transform=Transform(matrix=((1, 0, east), (0, 1, 0)), origin=(FRAME.lon, FRAME.lat)),
            pairs=tuple(Pair(sketch=(f"b{n}",), candidates=(f"c{n}",), probability=0.8) for n in range(4)),
            unmatched=(Unmatched(sketch="b4", why="no outline within reach"),),
            fit={"euclidean": Fit(r2=0.97, distortion_index=17.0)},
            residuals_m={f"b{n}": 2.2 + n for n in range(4)},
        )

    ranks = ((1, 0.7, 0.0), (2, 0.19, 30.0), (3, 0.0004, -30.0)) if none < 0.5 else ((1, 0.1, 0.0),)
    places = tuple(Placement(rank=r, probability=p, sketches={"plan.svg": placed(east)}) for r, p, east in ranks)
    sketch = Sketch(name="plan.svg", elements=tuple(elements))
    return Laid(table, {"plan.svg": sketch}, Match(none_probability=none, placements=places), underlay)


def words_of(figure: str) -> list[str]:
    return [text.text or "" for text in ET.fromstring(figure).iter("{http://www.w3.org/2000/svg}text")]


def test_each_pair_stands_with_its_probability_and_how_far_off_it_is() -> None:
    words = words_of(placement_figure(laid(), title="Tern", simulated=True))
    assert "b1 “kitchen <x>” = c1" in words and "3.2 m" in words and "FICTIONAL" in words
    assert "b4: no outline within reach" in words
    assert any("r² 0.97" in word for word in words)


def test_runners_up_stand_beside_each_other_with_their_probabilities() -> None:
    words = words_of(placement_figure(laid(), title="Tern"))
    assert "2. probability 0.190" in words and "3. probability < 0.001" in words
    assert any("none of these: 0.10" in word for word in words)


def test_an_abstaining_match_has_no_large_panel_and_says_so() -> None:
    words = words_of(placement_figure(laid(none=0.9), title="Tern"))
    assert any(word.startswith("No placement is kept") for word in words)
    assert not any("= c1" in word for word in words)
    assert "1. probability 0.100" in words


def test_the_distortion_grid_bends_with_the_pairs_and_is_left_out_where_there_are_few() -> None:
    full = laid()
    bent = placement_figure(full, title="Tern")
    best = full.match.placements[0].sketches["plan.svg"]
    few = best.model_copy(update={"pairs": best.pairs[:2]})
    match = Match(none_probability=0.3, placements=(Placement(rank=1, probability=0.7, sketches={"plan.svg": few}),))
    plain = placement_figure(Laid(full.candidates, full.sketches, match), title="Tern")
    assert bent.count("#7b3294") == plain.count("#7b3294") + 1


def test_over_a_scene_in_korean_it_can_be_set_as_a_picture() -> None:
    west, south, east, north = to_lonlat(FRAME, box(-60, -60, 160, 140)).bounds
    scene = Underlay(np.full((60, 60, 3), 90, np.uint8), (west, south, east, north), "2016-03-02", "nobody", True)
    figure = placement_figure(laid(underlay=scene), title="섬", language="ko")
    assert "어긋남" in figure and "2016-03-02" in figure and "data:image/jpeg" in figure
    assert figure_png(figure, dpi=40).startswith(b"\x89PNG")
