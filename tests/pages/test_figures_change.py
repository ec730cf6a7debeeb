"""The film strip: every judged building on every scene, with its date, its state and its bracket."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from geoinv.errors import RefusalError
from geoinv.imagery.scene import open_scene
from geoinv.pages.figures_change import change_figure
from geoinv.records.scenes import SceneRecord
from tests.imagery.ocean import PLAN, painted, table, write

TAG = "{http://www.w3.org/2000/svg}"


def _judged(count: int = 2):
    states = [
        [
            {"scene": "old.tif", "date": "2009-05-01", "state": "absent", "probability": 0.91},
            {"scene": "new.tif", "date": None, "state": "present", "probability": 0.97},
        ]
    ] * count
    rows = table(PLAN[:count])
    return rows.assign(states=states, not_before="2009-05-01", not_after=None)


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory):
    path: Path = write(tmp_path_factory.mktemp("strip") / "a.tif", painted(PLAN))
    old = SceneRecord.read({"name": "old.tif", "acquired": "2009-05-01", "simulated": True, "attribution": "<A> & B"})
    with open_scene(path, old) as one, open_scene(path, SceneRecord(name="new.tif")) as other:
        yield [one, other]


@pytest.mark.parametrize(("language", "said"), [("en", "absent 91%"), ("ko", "없음 91%")])
def test_each_building_is_shown_on_each_scene_with_what_was_said(scenes, language, said):
    svg = fromstring(change_figure(_judged(), scenes, title="camp", language=language))
    texts = ["".join(element.itertext()) for element in svg.iter(f"{TAG}text")]
    assert len(list(svg.iter(f"{TAG}image"))) == 4
    assert texts.count(said) == 2
    assert {"b1", "b2", "2009-05-01", "© <A> & B"} <= set(texts)


def test_a_fictional_scene_is_stamped(scenes):
    assert "FICTIONAL" in change_figure(_judged(), scenes, title="camp")
    assert "FICTIONAL" not in change_figure(_judged(), scenes[1:], title="camp")


def test_the_same_judgement_gives_the_same_bytes(scenes):
    assert change_figure(_judged(), scenes, title="camp") == change_figure(_judged(), scenes, title="camp")


def test_nothing_to_show_is_a_refusal(scenes):
    with pytest.raises(RefusalError, match="no judged outline"):
        change_figure(_judged().iloc[:0], scenes, title="camp")
