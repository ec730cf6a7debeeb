"""The GLB holds every part, its evidence and its true size, and is the same every time."""

from __future__ import annotations

import io
import json
import struct

import numpy as np
import pytest
import trimesh
from shapely.geometry import box

from geoinv.models.glb import glb_bytes
from geoinv.models.solids import build_solids, part_extras
from geoinv.models.solids_style import STATUS_RGB
from geoinv.records.blueprint import Blueprint, Building
from geoinv.records.evidence import Evidence, Status
from tests.models.validators import glb_parts, gltf_issues


def parsed(data):
    magic, version, total = struct.unpack("<III", data[:12])
    size, kind = struct.unpack("<II", data[12:20])
    assert (magic, version, total, kind) == (0x46546C67, 2, len(data), 0x4E4F534A)
    return json.loads(data[20 : 20 + size]), data[28 + size :]


@pytest.fixture(scope="module")
def data(blueprint):
    return glb_bytes(build_solids(blueprint), extras={"model": "abc"})


def test_every_parts_extras_survive(blueprint, data):
    found = glb_parts(data)
    assert [found[name].pop("interior") for name in ("storey-0", "shed-0")] == [True, False]
    assert [found[name]["placed"] for name in ("wall", "storey-0", "shed-0")] == ["observed", "attested", "observed"]
    found["shed-0"]["placed"] = "conjectural"  # the storey's own, which its building's outline overrides
    wanted = {part.id: part_extras(part) for part in blueprint.parts() if part.hypothesis != "B"}
    assert found == json.loads(json.dumps(wanted))


def test_an_independent_reader_gets_the_same_solids_in_gltfs_axes(blueprint, data):
    scene = build_solids(blueprint)
    read = trimesh.load(io.BytesIO(data), file_type="glb")
    for name in scene.graph.nodes_geometry:
        matrix, geometry = read.graph[name]
        found = read.geometry[geometry].copy().apply_transform(matrix)
        true = scene.geometry[name]
        low, high = true.bounds
        assert found.bounds[0] == pytest.approx([low[0], low[2], -high[1]], abs=1e-4)
        assert found.bounds[1] == pytest.approx([high[0], high[2], -low[1]], abs=1e-4)
        found.merge_vertices()
        assert found.volume == pytest.approx(true.volume, rel=1e-4)
        assert read.graph.transforms.edge_data[(read.graph.transforms.parents[name], name)]["metadata"]["id"] == name


def test_dimensions_are_within_a_tenth_of_a_millimetre_even_two_kilometres_out():
    known = {"outline": Evidence(status=Status.OBSERVED)}
    shape = box(1987.6543, -1234.5678, 1999.9876, -1220.1234)
    plan = Blueprint(
        facility="far", frame={"lon": -150, "lat": -40}, buildings=(Building(id="b", outline=shape, evidence=known),)
    )
    document, binary = parsed(glb_bytes(build_solids(plan)))
    accessor = document["accessors"][0]
    local = np.frombuffer(binary[: accessor["count"] * 12], "<f4").reshape(-1, 3).astype(float)
    placed = local + document["nodes"][0]["translation"]
    assert placed[:, 0].min() == pytest.approx(1987.6543, abs=1e-5)
    assert -placed[:, 2].max() == pytest.approx(-1234.5678, abs=1e-5)


def test_materials_follow_status_and_are_not_metal(data):
    document, _ = parsed(data)
    for node in document["nodes"]:
        primitive = document["meshes"][node["mesh"]]["primitives"][0]
        material = document["materials"][primitive["material"]]
        assert material["name"] == node["extras"]["status"]
        assert material["pbrMetallicRoughness"]["metallicFactor"] == 0


def test_the_file_keeps_the_rules_of_its_format(data):
    document, binary = parsed(data)
    assert document["buffers"][0]["byteLength"] <= len(binary) < document["buffers"][0]["byteLength"] + 4
    size = {5126: 4, 5123: 2, 5125: 4}
    for accessor in document["accessors"]:
        view = document["bufferViews"][accessor["bufferView"]]
        width = size[accessor["componentType"]]
        length = accessor["count"] * width * (3 if accessor["type"] == "VEC3" else 1)
        assert accessor["byteOffset"] % width == 0 and accessor["byteOffset"] + length <= view["byteLength"]
    assert all(np.isfinite(node["translation"]).all() for node in document["nodes"])


def test_it_says_that_it_is_fictional_and_which_versions_it_shows(data):
    about = parsed(data)[0]["asset"]
    assert about["extras"]["fictional"] is True and about["extras"]["left_out"] == ["rival-2"]
    assert about["extras"]["model"] == "abc" and about["generator"].startswith("geoinv ")


def test_same_scene_same_bytes(blueprint, data):
    assert glb_bytes(build_solids(blueprint), extras={"model": "abc"}) == data


def test_a_blueprint_of_nothing_is_still_a_file():
    document, binary = parsed(glb_bytes(build_solids(Blueprint(facility="x", frame={"lon": 0, "lat": 0}))))
    assert "nodes" not in document["scenes"][0] and binary == b""


def test_status_colours_are_told_apart_in_grey():
    light = sorted(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in STATUS_RGB.values())
    assert min(np.diff(light)) > 15


def test_rooms_of_one_shape_share_a_mesh_and_evidence_is_written_once(data):
    document, _ = parsed(data)
    cells = {node["mesh"] for node in document["nodes"] if node["extras"]["role"] == "cell"}
    assert len(cells) == 2  # three corroborated, three attested
    shared = document["scenes"][0]["extras"]["evidence"]
    assert len(shared) == len({json.dumps(one, sort_keys=True) for one in shared})


def test_the_validator_of_the_formats_makers_is_silent_and_hears_a_broken_file(data):
    assert gltf_issues(data) == []
    for broken in (
        data[:-8],
        data.replace(b'"VEC3"', b'"VEC2"'),
        data.replace(b'"metallicFactor":0', b'"metallicFactor":9'),
    ):
        assert any(issue["severity"] == 0 for issue in gltf_issues(broken))
