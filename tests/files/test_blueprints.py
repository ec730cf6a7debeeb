"""A blueprint file is read whole, or part by part; what is wrong names the part."""

from __future__ import annotations

import json

import pytest

from geoinv.errors import FieldError, NewerVersionError, UnreadableFileError
from geoinv.files.blueprints import read_blueprint, read_sound_parts
from geoinv.records.blueprint import BLUEPRINT_VERSION, migrated
from tests.records.test_blueprint import a_blueprint


@pytest.fixture
def written(tmp_path):
    def write(change=lambda data: None):
        data = a_blueprint().plain()
        change(data)
        path = tmp_path / "blueprint.json"
        path.write_text(json.dumps(data), encoding="utf-8")
        return path

    return write


def a_storey(data):
    return data["buildings"][0]["storeys"][0]


def test_a_blueprint_is_read_back_and_how_it_was_made_is_left_aside(written):
    path = written(lambda data: data.update(geoinv={"version": "0.1.0"}))
    assert read_blueprint(path) == a_blueprint()
    assert read_sound_parts(path) == (a_blueprint(), ())


def test_a_newer_version_is_refused_with_a_sentence(written):
    path = written(lambda data: data.update(version=BLUEPRINT_VERSION + 1))
    for read in (read_blueprint, read_sound_parts):
        with pytest.raises(NewerVersionError, match="written by a newer geoinv .*install the newer geoinv"):
            read(path)
    with pytest.raises(FieldError, match="newer geoinv wrote this blueprint"):
        type(a_blueprint()).read({**a_blueprint().plain(), "version": BLUEPRINT_VERSION + 1})


def test_an_older_version_is_brought_to_todays(written):
    def older(data):
        data["version"] = 1
        for storey in data["buildings"][0]["storeys"]:
            del storey["stairs"], storey["fixtures"]

    assert read_blueprint(written(older)) == a_blueprint()
    assert migrated({"version": 1, "facility": "x"})["version"] == BLUEPRINT_VERSION
    with pytest.raises(FieldError, match="no version of a blueprint"):
        read_blueprint(written(lambda data: data.update(version="two")))


@pytest.mark.parametrize(
    ("change", "part", "says"),
    [
        (lambda d: a_storey(d).update(height_m=-1), "storey-1", "height_m should be greater than or equal to 0"),
        (lambda d: a_storey(d)["openings"][0].update(width_m=-1), "door-1", "width_m should be greater than 0"),
        (lambda d: a_storey(d)["rooms"][0].update(polygon={"type": "Sphere"}), "room-1", "not a GeoJSON geometry"),
        (lambda d: a_storey(d)["rooms"][0].update(evidence={}), "room-1", "no evidence for polygon"),
        (lambda d: d["site"]["gates"][0].update(colour="red"), "gate-1", "colour extra"),
        (lambda d: d["buildings"][0]["roof"].update(kind="dome"), "roof-1", "kind should be 'flat'"),
    ],
)
def test_what_is_wrong_names_the_part_and_the_rest_is_read(written, change, part, says):
    path = written(change)
    with pytest.raises(FieldError, match=f"part {part}"):
        read_blueprint(path)
    found, faults = read_sound_parts(path)
    assert [(fault.part, fault.built) for fault in faults] == [(part, False)] and says in faults[0].sentence
    gone = {part} | ({"room-1", "door-1"} if part == "storey-1" else set())
    assert {p.id for p in found.parts()} == {p.id for p in a_blueprint().parts()} - gone


def test_several_wrong_parts_are_all_named(written):
    def change(data):
        a_storey(data)["rooms"][0]["evidence"] = {}
        a_storey(data)["openings"][0]["head_m"] = "high"
        data["site"]["walls"][0]["height_m"] = 0

    found, faults = read_sound_parts(written(change))
    assert {fault.part for fault in faults} == {"room-1", "door-1", "wall-1"}
    assert len(found.parts()) == len(a_blueprint().parts()) - 3


def test_what_lies_in_no_part_is_not_overlooked(written):
    with pytest.raises(FieldError, match="frame"):
        read_sound_parts(written(lambda data: data.pop("frame")))
    with pytest.raises(FieldError, match="blueprint.json, colour"):
        read_sound_parts(written(lambda data: data.update(colour="red")))


def test_a_file_that_is_no_object_is_refused(tmp_path):
    (tmp_path / "b.json").write_text("[1, 2]")
    with pytest.raises(UnreadableFileError, match="not a blueprint"):
        read_blueprint(tmp_path / "b.json")
